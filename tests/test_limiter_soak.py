"""The limiter against a local IVS with strict windows, over real sockets, for real seconds."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from statistics import mean
from typing import get_args

import pytest

from ivs_async import PUBLISHED, AttemptRecord, IvsSession, RateLimiter
from ivs_async.local import LocalIvs, Quotas
from ivs_async.local.rates import Discipline

pytestmark = pytest.mark.soak

SECONDS = 20.0
ACCOUNT_RATE = 155
RATES = {"PutMetadata": PUBLISHED["PutMetadata"]}


class Watch:
    """Counts attempts, their time on the way and their throttles."""

    def __init__(self) -> None:
        self.trips: list[float] = []
        self.throttles = 0

    def __call__(self, record: AttemptRecord) -> None:
        if record.operation == "PutMetadata":
            self.trips.append(record.duration)
            self.throttles += record.error == "ThrottlingException"


async def live_channels(local: LocalIvs, ivs: IvsSession, count: int) -> list[str]:
    """So many channels, live; made without waiting for the rates of making them."""
    created = await asyncio.gather(
        *(ivs.create_channel(name=f"channel-{number}") for number in range(count))
    )
    arns = [one.channel.arn for one in created]
    for arn in arns:
        local.start_stream(arn)
    return arns


def limiter() -> RateLimiter:
    """PutMetadata alone is paced, so that the preparations take no time."""
    return RateLimiter(RATES)


# one after the other: floods that share an event loop measure how long they wait for each other
@pytest.mark.parametrize("discipline", get_args(Discipline))
async def test_forty_flooding_channels_are_never_throttled_and_share_the_rate(
    discipline: Discipline,
) -> None:
    """0 throttles, 97% of what the promise allows, shares within 10% of each other."""
    watch = Watch()
    async with (
        LocalIvs(rates=discipline, call_rates=RATES, verify_signatures=False) as local,
        IvsSession(
            **local.session_options(), rate_limiter=limiter(), observer=watch, max_attempts=1
        ) as ivs,
    ):
        arns = await live_channels(local, ivs, 40)
        sent: Counter[str] = Counter()
        end = time.monotonic() + SECONDS

        async def flood(arn: str) -> None:
            while time.monotonic() < end:
                await ivs.put_metadata(channel_arn=arn, metadata="x")
                sent[arn] += time.monotonic() < end

        async with asyncio.TaskGroup() as tasks:
            # the first second's burst is for who comes first, so the channels come in turn
            for _ in range(12):
                for arn in arns:
                    tasks.create_task(flood(arn))

    trip = mean(watch.trips)
    # the first second's burst and what was on its way at the end are one rate each at most
    ideal = ACCOUNT_RATE / (1 + trip)
    achieved = sum(sent.values()) / SECONDS
    print(  # noqa: T201 - what was measured
        f"{discipline}: {achieved:.1f} per second of {ideal:.1f} ({achieved / ideal:.1%}), round "
        f"trip {trip * 1000:.1f} ms, {min(sent.values())} to {max(sent.values())} each"
    )
    assert watch.throttles == 0
    assert achieved >= 0.97 * ideal
    assert max(sent.values()) <= 1.1 * min(sent.values())


async def test_a_quiet_channel_waits_less_than_a_second_beside_a_hundred_floods() -> None:
    """Channels take turns at the account's bucket, however much each has waiting."""
    waits: list[float] = []
    async with (
        LocalIvs(call_rates=RATES, verify_signatures=False, quotas=Quotas(streams=101)) as local,
        IvsSession(**local.session_options(), rate_limiter=limiter()) as ivs,
    ):
        quiet, *loud = await live_channels(local, ivs, 101)
        end = time.monotonic() + SECONDS / 2

        async def flood(arn: str) -> None:
            while time.monotonic() < end:
                await ivs.put_metadata(channel_arn=arn, metadata="x")

        async with asyncio.TaskGroup() as tasks:
            for arn in loud:
                for _ in range(3):
                    tasks.create_task(flood(arn))
            while time.monotonic() < end:
                await asyncio.sleep(0.5)
                began = time.monotonic()
                await ivs.put_metadata(channel_arn=quiet, metadata="x")
                waits.append(time.monotonic() - began)

    print(f"a quiet channel waited {max(waits):.3f} s at most, in {len(waits)} calls")  # noqa: T201
    assert max(waits) < 1.0
