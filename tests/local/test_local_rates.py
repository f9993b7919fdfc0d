"""Call rates are counted in each of the three ways, and throttles look like those of IVS."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivs_async.local import LocalIvs
from ivs_async.local.errors import ApiError
from ivs_async.local.rates import IDLE_WINDOWS_KEPT, WINDOWS, Discipline, Rates
from ivs_async.quotas import PUBLISHED, CallRate

from .helpers import UNKNOWN, Clock, send

ACCOUNT = "123456789012"
DISCIPLINES: tuple[Discipline, ...] = ("sliding", "calendar", "bucket")
RATES = {"GetChannel": CallRate(per_account=5)}


def admitted(
    rates: Rates, now: float, resource: str | None = None, name: str = "GetChannel"
) -> bool:
    """Whether a call at a moment is let through."""
    try:
        rates.admit(name, resource, now)
    except ApiError:
        return False
    return True


@pytest.mark.parametrize(
    ("discipline", "passed"),
    [
        # five at 0.9; the window slides past them after 1.9
        ("sliding", [5, 0, 5]),
        # the full second begins anew at 1.0
        ("calendar", [5, 5, 0]),
        # a fifth of a second gives one token
        ("bucket", [5, 1, 4]),
    ],
)
def test_each_discipline_counts_in_its_own_way(discipline: Discipline, passed: list[int]) -> None:
    """Bursts of ten at 0.9, 1.1 and 1.9 seconds show the difference."""
    rates = Rates(RATES, discipline, ACCOUNT)
    assert [
        sum(admitted(rates, now) for _ in range(10)) for now in (1_000.9, 1_001.1, 1_001.9)
    ] == passed


@given(st.lists(st.integers(0, 512), max_size=60), st.sampled_from([0.4, 1, 3, 5]))
def test_no_sliding_second_holds_more_than_the_rate(gaps: list[int], rate: float) -> None:
    """Whatever the arrivals, the strictest discipline keeps its word."""
    rates = Rates({"GetChannel": CallRate(per_account=rate)}, "sliding", ACCOUNT)
    now, passed = 0.0, []
    for gap in gaps:
        now += gap / 1_024
        if admitted(rates, now):
            passed.append(now)
    size, period = max(1, int(rate)), max(1, int(rate)) / rate
    for first, beyond in zip(passed, passed[size:], strict=False):
        assert beyond - first >= period


@pytest.mark.parametrize("discipline", DISCIPLINES)
def test_refused_calls_are_not_counted(discipline: Discipline) -> None:
    """Hammering does not push the next free moment away."""
    rates = Rates(RATES, discipline, ACCOUNT)
    for step in range(100):
        admitted(rates, 1_000 + step / 100)
    assert admitted(rates, 1_001.5)


@pytest.mark.parametrize("discipline", DISCIPLINES)
def test_a_rate_below_one_is_one_call_in_its_period(discipline: Discipline) -> None:
    """Half a call per second is one call in two."""
    rates = Rates({"GetChannel": CallRate(per_account=0.5)}, discipline, ACCOUNT)
    passed = [now for now in range(1_000, 1_010) if admitted(rates, now)]
    assert passed == [1_000, 1_002, 1_004, 1_006, 1_008]


def test_put_metadata_is_counted_by_channel_and_by_account() -> None:
    """Five for each channel, 155 for all; the text names which it was."""
    rates = Rates(PUBLISHED, "sliding", ACCOUNT)
    texts = []
    for number in range(40):
        for _ in range(6):
            try:
                rates.admit("PutMetadata", f"arn-{number}", 0.0)
            except ApiError as error:
                texts.append(error.message)
    assert len(texts) == 40 * 6 - 155
    assert texts[0] == "Operation: ivs:PutMetadata exceeded call rate: 5 for resource: arn-0"
    assert texts[-1] == (
        f"Operation: ivs:PutMetadata exceeded call rate: 155 for resource: {ACCOUNT}"
    )


def test_a_throttled_channel_costs_the_account_nothing() -> None:
    """What one channel is refused is left to the others."""
    rates = Rates(PUBLISHED, "sliding", ACCOUNT)
    for _ in range(1_000):
        admitted(rates, 0.0, "loud", "PutMetadata")
    quiet = [admitted(rates, 0.0, f"quiet-{n}", "PutMetadata") for n in range(150)]
    assert all(quiet)
    assert not admitted(rates, 0.0, "one more", "PutMetadata")


def test_no_discipline_and_no_rate_let_everything_through() -> None:
    """Switched off, or an operation without a rate."""
    off = Rates(PUBLISHED, None, ACCOUNT)
    assert all(admitted(off, 0.0) for _ in range(100))
    unlisted = Rates({"GetChannel": CallRate()}, "sliding", ACCOUNT)
    assert all(admitted(unlisted, 0.0, "x", name) for name in ("GetChannel", "Other"))


@pytest.mark.parametrize("discipline", DISCIPLINES)
def test_channels_that_are_quiet_again_are_forgotten(discipline: Discipline) -> None:
    """Memory is bounded by the channels of the last second; those that are busy are kept."""
    rates = Rates(PUBLISHED, discipline, ACCOUNT)
    for number in range(2 * IDLE_WINDOWS_KEPT):
        admitted(rates, number / 10, f"channel-{number}", "PutMetadata")
    assert len(rates._windows) <= IDLE_WINDOWS_KEPT + 1


async def test_a_throttle_has_the_status_and_the_text_of_ivs() -> None:
    """429, ThrottlingException, and the rate in the text."""
    clock = Clock()
    async with LocalIvs(verify_signatures=False, clock=clock) as local:
        for _ in range(5):
            assert (await send(local, "/GetChannel", {"arn": UNKNOWN})).status == 404
        answer = await send(local, "/GetChannel", {"arn": UNKNOWN})
        assert (answer.status, answer.code) == (429, "ThrottlingException")
        assert answer.document["exceptionMessage"] == (
            "Operation: ivs:GetChannel exceeded call rate: 5 for resource: 123456789012"
        )
        clock.advance(1)
        assert (await send(local, "/GetChannel", {"arn": UNKNOWN})).status == 404


async def test_calls_are_counted_before_they_are_understood() -> None:
    """Requests that break a rule spend the rate as well, malformed ones included."""
    async with LocalIvs(verify_signatures=False, clock=Clock()) as local:
        for _ in range(5):
            await send(local, "/PutMetadata", {"channelArn": UNKNOWN})
        assert (await send(local, "/PutMetadata", {"channelArn": UNKNOWN})).status == 429
        for _ in range(5):
            await send(local, "/GetChannel", b"{")
        assert (await send(local, "/GetChannel", b"{")).status == 429


def test_each_discipline_has_a_window() -> None:
    """What the constructor takes is what there is."""
    assert set(WINDOWS) == set(DISCIPLINES)
