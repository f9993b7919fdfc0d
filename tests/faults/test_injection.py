"""What strangers say stays what it is: never a header, a path or a second request."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivs_async import Credentials, IvsError
from tests.faults.client import ARN, DONE, open_session
from tests.wire import Wire, answer

TEXTS = [
    "a\r\nX-Evil: 1",
    "a\r\n\r\nPOST /DeleteChannel HTTP/1.1\r\n\r\n",
    "../../DeleteChannel",
    "a?b=c#d;e&f",
    "%2e%2e%2f%0d%0a",
    "a b+c",
    "\x00\x7f\x85\u2028\ufeff",
    "é😀",
    '"},"authorized":false,"x":{"',
]
texts = st.sampled_from(TEXTS) | st.text(
    st.characters(exclude_categories=["Cs"]), min_size=1, max_size=128
)


@settings(max_examples=60, deadline=None)
@given(texts)
async def test_text_in_a_path_is_one_label_of_it(text: str) -> None:
    """A resource's ARN can say anything and addresses nothing else."""
    async with Wire(answer(200, {"tags": {}})) as wire, open_session(wire) as ivs:
        await ivs.list_tags_for_resource(resource_arn=text)
    (request,) = wire.requests
    assert request.target.count("/") == 2
    assert unquote(request.target.removeprefix("/tags/")) == text
    assert "X-Evil" not in request.headers


@settings(max_examples=60, deadline=None)
@given(st.lists(texts, min_size=1, max_size=3))
async def test_text_in_a_query_is_one_value_of_it(keys: list[str]) -> None:
    """Tag keys come in as strange as they were given."""
    async with Wire(answer(200, {})) as wire, open_session(wire) as ivs:
        await ivs.untag_resource(resource_arn=ARN, tag_keys=keys)
    (request,) = wire.requests
    query = request.target.partition("?")[2]
    assert parse_qs(query, strict_parsing=True, separator="&") == {"tagKeys": keys}


@settings(max_examples=60, deadline=None)
@given(texts)
async def test_text_in_a_body_is_one_string_of_it(text: str) -> None:
    """A cue that looks like JSON is a string."""
    async with Wire(DONE) as wire, open_session(wire) as ivs:
        await ivs.put_metadata(channel_arn=ARN, metadata=text)
    assert wire.bodies == [{"channelArn": ARN, "metadata": text}]


@pytest.mark.parametrize("member", range(3), ids=["key id", "secret", "token"])
@pytest.mark.parametrize("text", ["a\r\nX-Evil: 1", "a\nb", "é", "\x00"], ids=repr)
async def test_credentials_are_no_headers(text: str, member: int) -> None:
    """What cannot stand in a header is refused in our words, and nothing is sent."""
    key_id, secret, token = (text if place == member else "harmless" for place in range(3))
    async with Wire(DONE) as wire:
        with pytest.raises(IvsError) as caught:
            async with open_session(
                wire, credentials=lambda: Credentials(key_id, secret, token)
            ) as ivs:
                await ivs.get_channel(arn=ARN)
    assert wire.requests == []
    assert text not in str(caught.value)


@pytest.mark.parametrize(
    "option",
    [
        {"user_agent": "a\r\nX-Evil: 1"},
        {"region": "us-west-2\r\nX-Evil: 1"},
        {"region": "evil.example/"},
        {"endpoint_url": "http://127.0.0.1:9\r\nX-Evil: 1"},
        {"endpoint_url": "http://user:hunter2@127.0.0.1:9"},
        {"endpoint_url": "http://127.0.0.1:9/path"},
        {"endpoint_url": "file:///etc/passwd"},
    ],
    ids=repr,
)
async def test_settings_are_no_headers(option: dict[str, Any]) -> None:
    """Settings that would change a request's shape are refused before there is one."""
    async with Wire(DONE) as wire:
        with pytest.raises(IvsError) as caught:
            async with open_session(wire, **option) as ivs:
                await ivs.get_channel(arn=ARN)
    assert wire.requests == []
    assert "hunter2" not in str(caught.value)
