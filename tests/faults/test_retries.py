"""What is repeated, how often, after how long, and out of which quota."""

from __future__ import annotations

from typing import Any

import pytest

from ivs_async import ServiceError, ThrottlingException
from tests.faults.client import ARN, CHANNEL, DONE, Pauses, open_session
from tests.wire import Step, Wire, answer, error

NOTHING_HAPPENED = {
    "bare 429": answer(429),
    "HTML 429": answer(429, b"<html>"),
    "bare 503": answer(503),
    "HTML 503": answer(503, b"<html>"),
    "ThrottlingException": error("ThrottlingException", 429),
    "ThrottlingException 400": error("ThrottlingException", 400),
    "TooManyRequestsException": error("TooManyRequestsException", 429),
    "SlowDown": error("SlowDown", 503),
    "ServiceUnavailable": error("ServiceUnavailable", 503),
    "StreamUnavailable": error("StreamUnavailable", 503),
    "RequestTimeoutException": error("RequestTimeoutException", 408),
    "RequestTimeout": error("RequestTimeout", 400),
}
ANSWER_LOST = {
    "bare 500": answer(500),
    "InternalServerException": error("InternalServerException", 500),
    "bare 502": answer(502),
    "HTML 502": answer(502, b"<html>"),
    "bare 504": answer(504),
}


def each(faults: dict[str, Step]) -> pytest.MarkDecorator:
    """One test for each fault, by its name."""
    return pytest.mark.parametrize("fault", faults.values(), ids=faults.keys())


@each(NOTHING_HAPPENED | ANSWER_LOST)
async def test_a_repeatable_call_succeeds_after_two_failures(fault: Step) -> None:
    """Three attempts, the third is the caller's answer."""
    async with Wire(fault, fault, CHANNEL) as wire, open_session(wire) as ivs:
        assert (await ivs.get_channel(arn=ARN)).channel.arn == ARN
    assert len(wire.requests) == 3


@each(NOTHING_HAPPENED)
async def test_what_was_not_processed_is_repeated_for_every_call(fault: Step) -> None:
    """A refusal for load says that nothing happened, so that even a cue may go out again."""
    async with Wire(fault, fault, DONE) as wire, open_session(wire) as ivs:
        await ivs.put_metadata(channel_arn=ARN, metadata="goal")
    assert len(wire.requests) == 3


@each(ANSWER_LOST)
async def test_an_answer_that_may_hide_a_success_is_not_repeated_for_a_cue(fault: Step) -> None:
    """500, 502 and 504 may stand for lost answers: raised, with what to think of them."""
    async with Wire(fault, DONE) as wire, open_session(wire) as ivs:
        with pytest.raises(ServiceError, match="may have been processed"):
            await ivs.put_metadata(channel_arn=ARN, metadata="goal")
    assert len(wire.requests) == 1


@each(NOTHING_HAPPENED | ANSWER_LOST)
async def test_the_last_failure_is_raised_with_the_number_of_attempts(fault: Step) -> None:
    """Three attempts are the default; the error is the last attempt's and knows the count."""
    async with Wire(fault) as wire, open_session(wire) as ivs:
        with pytest.raises(ServiceError) as caught:
            await ivs.get_channel(arn=ARN)
    assert caught.value.attempts == len(wire.requests) == 3


@pytest.mark.parametrize("attempts", [1, 2, 5])
async def test_the_number_of_attempts_is_the_callers(attempts: int) -> None:
    """``max_attempts`` counts the first."""
    async with Wire(answer(503)) as wire, open_session(wire, max_attempts=attempts) as ivs:
        with pytest.raises(ServiceError):
            await ivs.get_channel(arn=ARN)
    assert len(wire.requests) == attempts


@pytest.mark.parametrize(
    ("fault", "waited"),
    [
        (answer(500), [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2]),
        (answer(429), [1.0, 2.0, 4.0, 8.0, 16.0, 20.0, 20.0]),
    ],
    ids=["errors", "throttles"],
)
async def test_errors_and_throttles_wait_on_their_own_scales(
    fault: Step, waited: list[float]
) -> None:
    """At full jitter: 50 ms doubling for errors, 1 s doubling for throttles, at most 20 s."""
    pauses = Pauses()
    options: dict[str, Any] = {"max_attempts": 8, "timeout": None, "pauses": pauses}
    async with Wire(fault) as wire, open_session(wire, **options) as ivs:
        with pytest.raises(ServiceError):
            await ivs.get_channel(arn=ARN)
    assert pauses.taken == waited


async def test_a_pause_beyond_the_time_limit_is_not_begun() -> None:
    """A retry that the call's limit leaves no time for is given up: the failure is raised now."""
    pauses = Pauses()
    async with Wire(answer(429)) as wire, open_session(wire, timeout=0.5, pauses=pauses) as ivs:
        with pytest.raises(ThrottlingException):
            await ivs.get_channel(arn=ARN)
    assert len(wire.requests) == 1
    assert pauses.taken == []


@pytest.mark.parametrize(
    ("asked", "waited"),
    [
        ("1500", 1.5),
        ("20", 0.05),
        ("600000", 5.05),
        ("-5", 0.05),
        ("soon", 0.05),
        ("9" * 400, 0.05),
        ("9" * 5_000, 0.05),
    ],
    ids=["longer", "shorter", "far too long", "negative", "no number", "absurd", "beyond reading"],
)
async def test_the_services_wish_is_honoured_within_bounds(asked: str, waited: float) -> None:
    """``x-amz-retry-after`` in milliseconds, never less than ours nor 5 s more; nonsense: ours."""
    pauses = Pauses()
    async with (
        Wire(error("ServiceUnavailable", 503, x_amz_retry_after=asked), CHANNEL) as wire,
        open_session(wire, pauses=pauses) as ivs,
    ):
        await ivs.get_channel(arn=ARN)
    assert pauses.taken == [waited]


async def test_a_wish_does_not_make_a_refusal_repeatable() -> None:
    """``x-amz-retry-after`` on a 400 changes nothing."""
    async with (
        Wire(error("ValidationException", 400, x_amz_retry_after="1")) as wire,
        open_session(wire) as ivs,
    ):
        with pytest.raises(ServiceError):
            await ivs.get_channel(arn=ARN)
    assert len(wire.requests) == 1


async def test_each_attempt_is_signed_anew_and_numbered() -> None:
    """One invocation id joins the attempts of a call; each has its own number and signature."""
    async with Wire(answer(503), answer(503), CHANNEL) as wire, open_session(wire) as ivs:
        seconds = iter(range(1_700_000_000, 1_800_000_000, 60))
        ivs._calls.core.clock = lambda: float(next(seconds))
        await ivs.get_channel(arn=ARN)
        await ivs.get_channel(arn=ARN)
    headers = [request.headers for request in wire.requests]
    assert len({header["Authorization"] for header in headers}) == 4
    assert [header["amz-sdk-request"] for header in headers] == [
        "attempt=1; max=3",
        "attempt=2; max=3",
        "attempt=3; max=3",
        "attempt=1; max=3",
    ]
    first, second, third, other = (header["amz-sdk-invocation-id"] for header in headers)
    assert first == second == third != other


async def test_an_outage_uses_up_the_quota_and_then_stops_the_retries() -> None:
    """After 35 retries of 14 from 500 a dead service gets one attempt for each call."""
    async with Wire(answer(503)) as wire, open_session(wire) as ivs:
        for _ in range(30):
            with pytest.raises(ServiceError):
                await ivs.get_channel(arn=ARN)
    assert len(wire.requests) == 30 + 500 // 14


async def test_calls_that_succeed_earn_the_quota_back() -> None:
    """Retries do not end for good: a success returns what its retry took, or one token."""
    async with (
        Wire(*[answer(503)] * 65, *[CHANNEL] * 9, answer(503), CHANNEL) as wire,
        open_session(wire) as ivs,
    ):
        for _ in range(30):
            with pytest.raises(ServiceError):
                await ivs.get_channel(arn=ARN)
        assert ivs._calls.core.quota.available == 500 % 14
        for _ in range(9):
            await ivs.get_channel(arn=ARN)
        assert ivs._calls.core.quota.available == 500 % 14 + 9 > 14
        await ivs.get_channel(arn=ARN)
        assert ivs._calls.core.quota.available == 500 % 14 + 9


async def test_sessions_do_not_share_their_quota() -> None:
    """One session's outage takes no retries from another."""
    async with (
        Wire(*[answer(503)] * 65, answer(503), CHANNEL) as wire,
        open_session(wire) as hit,
        open_session(wire) as other,
    ):
        for _ in range(30):
            with pytest.raises(ServiceError):
                await hit.get_channel(arn=ARN)
        await other.get_channel(arn=ARN)


async def test_throttles_take_less_from_the_quota() -> None:
    """A throttled retry costs 5, so that 500 tokens last for a hundred of them."""
    async with Wire(answer(429)) as wire, open_session(wire) as ivs:
        for _ in range(60):
            with pytest.raises(ThrottlingException):
                await ivs.get_channel(arn=ARN)
    assert len(wire.requests) == 60 + 500 // 5
