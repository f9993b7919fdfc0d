"""How often a service throttles a flood, and what rate the flood reaches: ours and a plain bucket.

Everything happens in virtual time, so a minute of flood takes a moment. The service counts calls
where they arrive, in one of three ways, for each channel and for the account.

    python -m benchmarks.limiter_simulation
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable
from typing import Protocol

import attrs

from ivs_async.limiter import Permit, RateLimiter
from ivs_async.quotas import PUBLISHED
from tests.virtual_time import run

ACCOUNT = PUBLISHED["PutMetadata"].per_account or 0
CHANNEL = PUBLISHED["PutMetadata"].per_resource or 0


class Discipline(Protocol):
    """How a service counts the calls of one rate."""

    def admits(self, now: float) -> bool: ...
    def count(self) -> None: ...


class CalendarSecond:
    """So many calls between one full second and the next."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.second = -1
        self.counted = 0

    def admits(self, now: float) -> bool:
        if int(now) != self.second:
            self.second, self.counted = int(now), 0
        return self.counted < self.rate

    def count(self) -> None:
        self.counted += 1


class SlidingSecond:
    """So many calls in the second that ends now."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.now = 0.0
        self.counted: deque[float] = deque()

    def admits(self, now: float) -> bool:
        self.now = now
        while self.counted and self.counted[0] <= now - 1:
            self.counted.popleft()
        return len(self.counted) < self.rate

    def count(self) -> None:
        self.counted.append(self.now)


class RefillingBucket:
    """A token bucket that holds a second's calls."""

    def __init__(self, rate: float) -> None:
        self.rate = self.tokens = rate
        self.at = 0.0

    def admits(self, now: float) -> bool:
        self.tokens = min(self.rate, self.tokens + (now - self.at) * self.rate)
        self.at = now
        return self.tokens >= 1

    def count(self) -> None:
        self.tokens -= 1


DISCIPLINES: dict[str, Callable[[float], Discipline]] = {
    "calendar second": CalendarSecond,
    "sliding second": SlidingSecond,
    "token bucket": RefillingBucket,
}


class Service:
    """Admits a call if its channel's rate and its account's do; counts those that it admits."""

    def __init__(self, discipline: Callable[[float], Discipline], channels: int) -> None:
        self.account = discipline(ACCOUNT)
        self.channels = [discipline(CHANNEL) for _ in range(channels)]

    def admits(self, channel: int, now: float) -> bool:
        rates = (self.channels[channel], self.account)
        admitted = all(rate.admits(now) for rate in rates)
        if admitted:
            for rate in rates:
                rate.count()
        return admitted


class Limiter(Protocol):
    """What the callers ask for leave."""

    async def acquire(
        self, operation: str, resource: str | None, timeout: float | None, /
    ) -> Permit: ...


class PlainTokenBuckets:
    """What people write: ``rate`` tokens and ``rate`` more each second, spent as calls leave."""

    def __init__(self) -> None:
        self.buckets: dict[str | None, RefillingBucket] = {None: RefillingBucket(ACCOUNT)}

    async def acquire(
        self, _operation: str, resource: str | None, _timeout: float | None
    ) -> Permit:
        for name, rate in ((resource, CHANNEL), (None, ACCOUNT)):
            bucket = self.buckets.setdefault(name, RefillingBucket(rate))
            bucket.admits(asyncio.get_running_loop().time())
            bucket.count()
            await asyncio.sleep(max(0.0, -bucket.tokens / bucket.rate))
        return Permit()


@attrs.frozen
class Traffic:
    """What the callers want.

    Attributes:
        name: As the table calls it.
        channels: How many channels have calls to make.
        seconds: How long it goes on.
        burst: Calls that a channel makes at once, then rests for `rest` seconds; 0 for a flood,
            in which every channel has more calls waiting than it may make, all the time.
        rest: Seconds between bursts.
    """

    name: str
    channels: int
    seconds: float
    burst: int = 0
    rest: float = 0.0


TRAFFIC = (
    Traffic("flood, 1 channel", 1, 600.0),
    Traffic("flood, 40 channels", 40, 60.0),
    Traffic("bursts, 1 channel", 1, 600.0, burst=15, rest=5.0),
)
ROUND_TRIPS = (0.01, 0.06)


@attrs.frozen
class Outcome:
    """What became of it.

    Attributes:
        calls: How many reached the service.
        throttled: How many of them it refused.
        reached: Part of ``rate / (1 + mean round trip)`` that the callers reached: the time in
            which tokens were out, of all the time that they had. Counting calls gives the same, but
            for a token's last round, which the end of the simulation cuts.
    """

    calls: int
    throttled: int
    reached: float


async def simulate(
    limiter: Limiter,
    discipline: Callable[[float], Discipline],
    traffic: Traffic,
    round_trip: float,
    seed: int = 1,
) -> Outcome:
    """Let callers call for some seconds, and count what the service says.

    Round trips lie anywhere from half to one and a half of the mean, and the service counts a call
    anywhere within its own.
    """
    chance = random.Random(seed)
    service = Service(discipline, traffic.channels)
    time = asyncio.get_running_loop().time
    calls = refused = 0
    busy = 0.0

    async def call(channel: int) -> None:
        nonlocal calls, refused, busy
        permit = await limiter.acquire("PutMetadata", f"channel/{channel}", None)
        trip = chance.uniform(0.5, 1.5) * round_trip
        way = chance.random() * trip
        busy += min(trip + 1, traffic.seconds - time())
        await asyncio.sleep(way)
        calls += 1
        admitted = service.admits(channel, time())
        refused += not admitted
        await asyncio.sleep(trip - way)
        if admitted:
            permit.answered()
        else:
            permit.throttled("Rate exceeded")

    async def flood(channel: int) -> None:
        while True:
            await call(channel)

    async def bursts(channel: int) -> None:
        while True:
            await asyncio.gather(*(call(channel) for _ in range(traffic.burst)))
            await asyncio.sleep(traffic.rest)

    callers = [
        asyncio.create_task(bursts(channel) if traffic.burst else flood(channel))
        for channel in range(traffic.channels)
        for _ in range(1 if traffic.burst else int(2 * CHANNEL))
    ]
    await asyncio.sleep(traffic.seconds)
    for caller in callers:
        caller.cancel()
    await asyncio.wait(callers)
    rate = min(ACCOUNT, traffic.channels * CHANNEL)
    return Outcome(calls, refused, busy / (rate * traffic.seconds))


def main() -> None:
    """Print the table of the documentation."""
    print(
        "| service counts | round trip | callers | throttled | of ideal rate | plain: throttled |"
    )
    print("|---|---|---|---|---|---|")
    for name, discipline in DISCIPLINES.items():
        for round_trip in ROUND_TRIPS:
            for traffic in TRAFFIC:
                ours, plain = (
                    run(simulate(limiter, discipline, traffic, round_trip))
                    for limiter in (RateLimiter(), PlainTokenBuckets())
                )
                reached = "" if traffic.burst else f"{ours.reached:.1%}"
                print(
                    f"| {name} | {round_trip * 1000:.0f} ms | {traffic.name} | "
                    f"{ours.throttled} of {ours.calls:,} | {reached} | "
                    f"{plain.throttled / plain.calls:.1%} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
