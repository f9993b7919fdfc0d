"""Pages: their sizes, their tokens, and what becomes of them when resources come and go."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .helpers import PUBLIC_KEYS, Direct, direct


def pages(ivs: Direct, operation: str, member: str, **request: object) -> list[list[str]]:
    """The ARNs of a whole list, page by page."""
    found = []
    while True:
        answer = ivs(operation, **request)
        found.append([item["arn"] for item in answer[member]])
        if "nextToken" not in answer:
            return found
        request["nextToken"] = answer["nextToken"]


def test_a_page_has_a_hundred_items_unless_it_says_otherwise(ivs: Direct) -> None:
    """The default and the maximum are the documented ones."""
    arns = [ivs.channel() for _ in range(101)]
    assert pages(ivs, "ListChannels", "channels") == [arns[:100], arns[100:]]
    assert pages(ivs, "ListChannels", "channels", maxResults=60) == [arns[:60], arns[60:]]


@pytest.mark.parametrize(
    ("operation", "most"),
    [
        ("ListChannels", 100),
        ("ListStreamKeys", 50),
        ("ListStreams", 100),
        ("ListStreamSessions", 100),
        ("ListPlaybackKeyPairs", 100),
        ("ListPlaybackRestrictionPolicies", 100),
        ("ListRecordingConfigurations", 100),
        ("ListAdConfigurations", 100),
        ("ListFailoverSlateConfigurations", 100),
    ],
)
def test_page_sizes_have_documented_bounds(ivs: Direct, operation: str, most: int) -> None:
    """From 1 to 100, to 50 for stream keys."""
    arn = ivs.live_channel()
    request = {"channelArn": arn} if operation in {"ListStreamKeys", "ListStreamSessions"} else {}
    ivs(operation, maxResults=most, **request)
    for size in (0, most + 1):
        refused = ivs.refused(operation, maxResults=size, **request)
        assert refused.code == "ValidationException"
        assert f"{operation}.maxResults" in refused.message


def test_two_lists_give_one_item_by_default(ivs: Direct) -> None:
    """Restriction policies come one by one, which surprises whoever reads only a page."""
    for _ in range(3):
        ivs("CreatePlaybackRestrictionPolicy")
    answer = ivs("ListPlaybackRestrictionPolicies")
    assert len(answer["playbackRestrictionPolicies"]) == 1
    listed = pages(ivs, "ListPlaybackRestrictionPolicies", "playbackRestrictionPolicies")
    assert [len(page) for page in listed] == [1, 1, 1]


def test_the_last_page_has_no_token_even_if_it_is_full(ivs: Direct) -> None:
    """No empty page follows a list whose length is a multiple of the page."""
    for key in PUBLIC_KEYS[:2]:
        ivs("ImportPlaybackKeyPair", publicKeyMaterial=key)
    listed = pages(ivs, "ListPlaybackKeyPairs", "keyPairs", maxResults=1)
    assert [len(page) for page in listed] == [1, 1]


def test_tokens_say_nothing_and_cannot_be_forged(ivs: Direct) -> None:
    """A token that was changed, or given by another list, other filters or another IVS, is bad."""
    for _ in range(3):
        ivs.channel(name="a")
    token = ivs("ListChannels", maxResults=1)["nextToken"]
    elsewhere = direct()
    elsewhere.service.store.random.random()
    assert "channel" not in token
    ivs("ListChannels", maxResults=2, nextToken=token)
    for operation, request in (
        ("ListChannels", {"nextToken": token[:-4] + "AAAA"}),
        ("ListChannels", {"nextToken": "a"}),
        ("ListChannels", {"nextToken": token, "filterByName": "a"}),
        ("ListStreams", {"nextToken": token}),
    ):
        refused = ivs.refused(operation, **request)
        assert refused.code == "ValidationException"
        assert f"{operation}.nextToken" in refused.message


@given(data=st.data())
def test_nothing_is_repeated_or_lost_while_channels_come_and_go(data: st.DataObject) -> None:
    """What exists throughout a listing is listed exactly once."""
    ivs = direct()
    arns = [ivs.channel() for _ in range(data.draw(st.integers(0, 12)))]
    size = data.draw(st.integers(1, 4))
    doomed = set()
    seen = []
    request: dict[str, object] = {"maxResults": size}
    while True:
        answer = ivs("ListChannels", **request)
        seen += [channel["arn"] for channel in answer["channels"]]
        if "nextToken" not in answer:
            break
        request["nextToken"] = answer["nextToken"]
        grows, shrinks = data.draw(st.tuples(st.booleans(), st.booleans()))
        if grows:
            ivs.channel()
        left = [arn for arn in arns if arn not in doomed]
        if left and shrinks:
            arn = data.draw(st.sampled_from(left))
            ivs("DeleteChannel", arn=arn)
            doomed.add(arn)
    assert len(seen) == len(set(seen))
    assert set(arns) - doomed <= set(seen)
