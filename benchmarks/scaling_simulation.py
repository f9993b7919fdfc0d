"""What many bots of one account reach together, and how long a message waits.

Everything happens in virtual time on the limiter's own script in a real Redis, which must be
installed; only the script's clock is replaced.

    python -m benchmarks.scaling_simulation
"""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

import attrs

from ivs_async.limiter import RateLimiter
from ivs_async.outbox import Receipt
from ivs_async.quotas import PUBLISHED
from ivs_async.redis import RedisRateLimiter
from tests.far_side import ARN, FarSide
from tests.limiter_suite import busiest_window
from tests.redis_far_side import FarRedis
from tests.redis_server import RedisServer
from tests.virtual_time import run

ACCOUNT = PUBLISHED["PutMetadata"].per_account or 0
CHANNEL = PUBLISHED["PutMetadata"].per_resource or 0
ROUND_TRIP = 0.02
TO_REDIS = 0.001

LOADS = (0.5, 0.9, 1.0, 1.5)
CHANNELS = 1_000
SECONDS = 60


class Account:
    """One account, a limiter for each process, and what reaches the service.

    Attributes:
        arrivals: When calls reached it.
        spent: From when to when each call's tokens were out.
        waits: Seconds that they waited for their tokens.
        grants: How many each process made.
    """

    def __init__(self, limiters: Sequence[RateLimiter]) -> None:
        self.limiters = limiters
        self.chance = random.Random(1)
        self.arrivals: list[float] = []
        self.spent: list[tuple[float, float]] = []
        self.waits: list[float] = []
        self.grants = [0] * len(limiters)

    async def put_metadata(self, process: int, channel: int) -> None:
        """One call, from waiting for its tokens to its answer."""
        permit = await self.limiters[process].acquire("PutMetadata", f"channel/{channel}")
        granted = asyncio.get_running_loop().time()
        self.grants[process] += 1
        self.waits.append(permit.waited)
        trip = self.chance.uniform(0.5, 1.5) * ROUND_TRIP
        way = self.chance.random() * trip
        await asyncio.sleep(way)
        self.arrivals.append(asyncio.get_running_loop().time())
        await asyncio.sleep(trip - way)
        self.spent.append((granted, granted + trip + 1))
        permit.answered()


class Shared(Account):
    """The same with processes that share an account through Redis."""

    def __init__(self, server: RedisServer, processes: int) -> None:
        self._connections = ExitStack()
        self._ways = [
            FarRedis(self._connections.enter_context(server.socket), round_trip=TO_REDIS)
            for _ in range(processes)
        ]
        name = f"{random.getrandbits(60)}"
        self._shared = [
            RedisRateLimiter(way, account_id=name, region="simulation") for way in self._ways
        ]
        super().__init__(self._shared)

    @property
    def calls(self) -> int:
        """Of the script."""
        return sum(way.calls for way in self._ways)

    async def close(self) -> None:
        for limiter in self._shared:
            await limiter.close()
        self._connections.close()


@attrs.frozen
class Bots:
    """Who floods.

    Attributes:
        processes: How many bots there are.
        tasks: How many calls each makes at a time.
        channels: How many channels there are, dealt out over all tasks.
    """

    processes: int
    tasks: int
    channels: int


@attrs.frozen
class Outcome:
    """What a flood reached.

    Attributes:
        busiest: Calls in the busiest window of a second at the service.
        of_ideal: Part of the time in which the tokens were out, after the first two seconds. Calls
            per second are the same part of ``rate / (1 + mean round trip)``.
        worst_share: The worst process's part of a fair one.
        calls_per_grant: Script calls for each permit.
        calls_per_second: Script calls of all processes.
    """

    busiest: int
    of_ideal: float
    worst_share: float
    calls_per_grant: float
    calls_per_second: float


async def end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def flood(server: RedisServer, bots: Bots, seconds: float) -> Outcome:
    """Let every task call as fast as it may, beginning at some time within the first second."""
    account = Shared(server, bots.processes)

    async def task(process: int, number: int) -> None:
        await asyncio.sleep(account.chance.random())
        while True:
            await account.put_metadata(process, number % bots.channels)

    tasks = [
        asyncio.create_task(task(process, process * bots.tasks + number))
        for process in range(bots.processes)
        for number in range(bots.tasks)
    ]
    await asyncio.sleep(seconds)
    await end(tasks)
    calls = account.calls
    await account.close()
    grants = sum(account.grants)
    rate = min(ACCOUNT, bots.channels * CHANNEL)
    whole = seconds - 1.5  # what is on its way in the end does not count
    used = sum(max(0.0, min(back, whole) - max(out, 2.0)) for out, back in account.spent)
    return Outcome(
        busiest=busiest_window(account.arrivals, 1 - 1e-6),
        of_ideal=used / (rate * (whole - 2)),
        worst_share=min(account.grants) * bots.processes / grants,
        calls_per_grant=calls / grants,
        calls_per_second=calls / seconds,
    )


async def traffic(account: Account, load: float, seconds: float) -> tuple[list[float], int]:
    """Messages at random times for random channels, each channel the business of one process.

    Returns:
        The waits, sorted, and how many messages waited in the end.
    """
    clock = asyncio.get_running_loop()
    messages = random.Random(2)
    tasks = []
    while clock.time() < seconds:
        await asyncio.sleep(messages.expovariate(load * ACCOUNT))
        channel = messages.randrange(CHANNELS)
        call = account.put_metadata(channel % len(account.limiters), channel)
        tasks.append(asyncio.create_task(call))
    left = sum(not task.done() for task in tasks)
    await end(tasks)
    return sorted(account.waits), left


def waiting(server: RedisServer, processes: int, load: float) -> list[str]:
    """A row of the table of waits."""

    async def alone() -> tuple[list[float], int]:
        return await traffic(Account([RateLimiter()]), load, SECONDS)

    async def together() -> tuple[list[float], int]:
        account = Shared(server, processes)
        try:
            return await traffic(account, load, SECONDS)
        finally:
            await account.close()

    waits, left = run(together() if processes > 1 else alone())
    return [*(f"{wait * 1000:,.0f} ms" for wait in quantiles(waits)), f"{left:,}"]


def quantiles(waits: list[float]) -> list[float]:
    """The median, what 95 and 99% stay within, the longest."""
    return [waits[int(part * (len(waits) - 1))] for part in (0.5, 0.95, 0.99, 1)]


async def publishers(load: float, seconds: float) -> tuple[list[float], int]:
    """The same messages, 60 bytes each, by a publisher for each channel.

    Returns:
        Seconds from each message to its answer, sorted, and the payloads that it took.
    """
    clock = asyncio.get_running_loop()
    messages = random.Random(2)
    far = FarSide(round_trip=ROUND_TRIP)
    waits: list[float] = []

    async def settle(receipt: Receipt, since: float) -> None:
        outcome = await receipt
        assert outcome.delivered
        waits.append(clock.time() - since)

    async with far.session() as ivs, AsyncExitStack() as stack, asyncio.TaskGroup() as tasks:
        channels = [
            await stack.enter_async_context(ivs.metadata(f"{ARN}{number}"))
            for number in range(CHANNELS)
        ]
        while clock.time() < seconds:
            await asyncio.sleep(messages.expovariate(load * ACCOUNT))
            channel = channels[messages.randrange(CHANNELS)]
            receipt = await channel.send({"text": "x" * 49})
            tasks.create_task(settle(receipt, clock.time()))
    return sorted(waits), len(far.arrived)


def main() -> None:
    """Print the tables of the documentation."""
    with (
        tempfile.TemporaryDirectory() as directory,
        RedisServer("redis-server", Path(directory)) as server,
    ):
        print("| bots | of ideal rate | worst bot | script calls per call | per second |")
        print("|---|---|---|---|---|")
        for processes in (1, 2, 4, 10, 25, 50):
            bots = Bots(processes, tasks=-(-200 // processes), channels=CHANNELS)
            outcome = run(flood(server, bots, 30))
            assert outcome.busiest <= ACCOUNT
            print(
                f"| {processes} | {outcome.of_ideal:.1%} | {outcome.worst_share:.0%} | "
                f"{outcome.calls_per_grant:.2f} | {outcome.calls_per_second:.0f} |",
                flush=True,
            )
        print("\n| load | bots | half wait at most | 95% | 99% | all | waiting in the end |")
        print("|---|---|---|---|---|---|---|")
        for load in LOADS:
            for processes in (1, 10):
                cells = waiting(server, processes, load)
                print(f"| {load:.0%} | {processes} | {' | '.join(cells)} |", flush=True)
        print(
            "\n| messages, of 155/s | half take at most | 95% | 99% | all | messages per payload |"
        )
        print("|---|---|---|---|---|---|")
        for load in (*LOADS, 3.0, 10.0):
            taken, payloads = run(publishers(load, SECONDS))
            times = " | ".join(f"{each * 1000:,.0f} ms" for each in quantiles(taken))
            print(f"| {load:.0%} | {times} | {len(taken) / payloads:.1f} |", flush=True)


if __name__ == "__main__":
    main()
