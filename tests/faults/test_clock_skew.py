"""A clock that is wrong: corrected from the service's own date, and from nothing else."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from email.utils import formatdate

import pytest

from ivs_async import AccessDeniedException, ServiceError
from tests.faults.client import ARN, CHANNEL, open_session
from tests.wire import Arrival, Connection, Step, Wire, error, http

HOUR = 3600.0


def signing_time(request: Arrival) -> float:
    """When a request was signed, by the clock that signed it."""
    return datetime.strptime(
        request.headers["X-Amz-Date"] + "+0000", "%Y%m%dT%H%M%SZ%z"
    ).timestamp()


class Strict:
    """A service with a clock of its own, which refuses what was signed 5 minutes off.

    Attributes:
        ahead: Seconds by which its clock is ahead of this machine's.
        code: The name of its refusal.
        headers: Further headers of the refusal.
        refused: How many requests it refused.
    """

    def __init__(
        self, ahead: float, code: str = "InvalidSignatureException", **headers: str
    ) -> None:
        self.ahead = ahead
        self.code = code
        self.headers = headers
        self.refused = 0
        self.step = Step(self._play)

    async def _play(self, connection: Connection) -> None:
        now = time.time() + self.ahead
        date = {"Date": formatdate(now, usegmt=True)}
        signed = signing_time(connection.request)
        if abs(signed - now) < 300:
            await connection.send(http(200, {"channel": {"arn": ARN}}, date))
        else:
            self.refused += 1
            body = {"message": "Signature not yet current"}
            await connection.send(
                http(403, body, {"x-amzn-ErrorType": self.code, **date, **self.headers})
            )


@pytest.mark.parametrize("ahead", [HOUR, -HOUR, 30 * 24 * HOUR], ids=["behind", "ahead", "a month"])
@pytest.mark.parametrize(
    "code",
    [
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "AuthFailure",
        "RequestTimeTooSkewed",
        "AccessDeniedException",
        "RequestExpired",
        "RequestInTheFuture",
    ],
)
async def test_a_wrong_clock_costs_one_attempt_once(ahead: float, code: str) -> None:
    """The first refusal teaches the offset; no later call of the session is refused."""
    service = Strict(ahead, code)
    async with Wire(service.step) as wire, open_session(wire) as ivs:
        for _ in range(3):
            await ivs.get_channel(arn=ARN)
    assert service.refused == 1


async def test_a_cue_is_repeated_after_a_refused_date() -> None:
    """A refused signature was not processed, so that every operation may go out again."""
    service = Strict(HOUR)
    async with Wire(service.step) as wire, open_session(wire) as ivs:
        await ivs.put_metadata(channel_arn=ARN, metadata="goal")
    assert service.refused == 1


async def test_a_clock_that_is_repaired_is_followed() -> None:
    """The machine's clock is set right while the session lives: one more refusal, no failure."""
    service = Strict(HOUR)
    async with Wire(service.step) as wire, open_session(wire) as ivs:
        await ivs.get_channel(arn=ARN)
        service.ahead = 0.0
        await ivs.get_channel(arn=ARN)
        await ivs.get_channel(arn=ARN)
    assert service.refused == 2


async def test_calls_side_by_side_are_all_repaired() -> None:
    """Each of twenty refused calls is repeated, though the first has corrected the clock."""
    service = Strict(HOUR)
    async with Wire(service.step) as wire, open_session(wire) as ivs:
        await asyncio.gather(*(ivs.get_channel(arn=ARN) for _ in range(20)))
    assert service.refused <= 20


@pytest.mark.parametrize("ahead", [0.0, 200.0, -200.0])
async def test_a_real_refusal_is_not_taken_for_a_wrong_clock(ahead: float) -> None:
    """With both clocks within four minutes the refusal is the caller's answer."""
    step = error("AccessDeniedException", 403, date=formatdate(time.time() + ahead, usegmt=True))
    async with Wire(step) as wire, open_session(wire) as ivs:
        with pytest.raises(AccessDeniedException):
            await ivs.get_channel(arn=ARN)
    assert len(wire.requests) == 1


async def test_another_refusal_is_not_taken_for_a_wrong_clock() -> None:
    """A date that is off corrects nothing unless the error is one that a wrong date causes."""
    step = error("ValidationException", 400, date=formatdate(time.time() + HOUR, usegmt=True))
    async with Wire(step, CHANNEL) as wire, open_session(wire) as ivs:
        with pytest.raises(ServiceError):
            await ivs.get_channel(arn=ARN)
        await ivs.get_channel(arn=ARN)
    assert abs(signing_time(wire.requests[1]) - time.time()) < HOUR / 2


@pytest.mark.parametrize(
    "headers",
    [
        {"age": "7", "date": formatdate(time.time() + HOUR, usegmt=True)},
        {"date": "yesterday at noon"},
        {"date": ""},
        {},
    ],
    ids=["from a cache", "no date", "empty date", "without a date"],
)
async def test_an_answer_without_a_usable_date_corrects_nothing(headers: dict[str, str]) -> None:
    """A cached answer's date, or none, says nothing about the service's clock."""
    async with (
        Wire(error("SignatureDoesNotMatch", 403, **headers)) as wire,
        open_session(wire) as ivs,
    ):
        with pytest.raises(ServiceError):
            await ivs.get_channel(arn=ARN)
    assert len(wire.requests) == 1


async def test_correction_can_be_switched_off() -> None:
    """With ``clock_skew_correction=False`` the refusal is raised."""
    service = Strict(HOUR)
    async with (
        Wire(service.step) as wire,
        open_session(wire, clock_skew_correction=False) as ivs,
    ):
        with pytest.raises(ServiceError):
            await ivs.get_channel(arn=ARN)
    assert service.refused == 1


async def test_correction_can_be_switched_off_in_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """``AWS_DISABLE_CLOCK_SKEW_CORRECTION=true`` is the switch that AWS SDKs share."""
    monkeypatch.setenv("AWS_DISABLE_CLOCK_SKEW_CORRECTION", "true")
    service = Strict(HOUR)
    async with Wire(service.step) as wire, open_session(wire) as ivs:
        with pytest.raises(ServiceError):
            await ivs.get_channel(arn=ARN)
    assert service.refused == 1


async def test_a_clock_that_stays_wrong_ends_in_the_refusal() -> None:
    """A service that refuses every date is not asked for ever."""

    async def refuse(connection: Connection) -> None:
        date = formatdate(time.time() + HOUR * len(wire.requests), usegmt=True)
        await connection.send(
            http(403, {}, {"x-amzn-ErrorType": "RequestTimeTooSkewed", "Date": date})
        )

    async with Wire(Step(refuse)) as wire, open_session(wire) as ivs:
        with pytest.raises(ServiceError):
            await ivs.get_channel(arn=ARN)
    assert len(wire.requests) == 3
