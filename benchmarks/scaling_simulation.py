"""What many bots of one account reach together, and how long a message waits.

Everything happens in virtual time on the limiter's own script in a real Redis, which must be
installed; only the script's clock is replaced.

    python -m benchmarks.scaling_simulation
"""

from __future__ import annotations

import asyncio
import random
import tempfile
from contextlib import ExitStack
from pathlib import Path

import attrs

from ivs_async.limiter import Permit
from ivs_async.quotas import PUBLISHED
from ivs_async.redis import RedisRateLimiter
from tests.limiter_suite import busiest_window
from tests.redis_far_side import FarRedis
from tests.redis_server import RedisServer
from tests.virtual_time import run

ACCOUNT = PUBLISHED["PutMetadata"].per_account or 0
CHANNEL = PUBLISHED["PutMetadata"].per_resource or 0
ROUND_TRIP = 0.02
TO_REDIS = 0.001


@attrs.frozen
class Bots:
    """Who shares an account.

    Attributes:
        processes: How many bots there are.
        tasks: How many calls each makes at a time.
        channels: How many channels there are, dealt out over all tasks.
    """

    processes: int
    tasks: int
    channels: int


class Account:
    """The processes' limiters, and what reaches the service."""

    def __init__(self, server: RedisServer, processes: int) -> None:
        self.connections = ExitStack()
        name = f"{random.getrandbits(40)}"
        self.ways = [
            FarRedis(self.connections.enter_context(server.socket), round_trip=TO_REDIS)
            for _ in range(processes)
        ]
        self.limiters = [
            RedisRateLimiter(way, account_id=name, region="simulation") for way in self.ways
        ]
        self.chance = random.Random(1)
        self.arrivals: list[float] = []
        self.trips: list[float] = []
        self.grants = [0] * processes

    async def put_metadata(self, process: int, channel: int) -> None:
        """One call, from waiting for its tokens to its answer."""
        permit: Permit = await self.limiters[process].acquire("PutMetadata", f"channel/{channel}")
        self.grants[process] += 1
        trip = self.chance.uniform(0.5, 1.5) * ROUND_TRIP
        way = self.chance.random() * trip
        await asyncio.sleep(way)
        self.arrivals.append(asyncio.get_running_loop().time())
        await asyncio.sleep(trip - way)
        self.trips.append(trip)
        permit.answered()

    async def close(self) -> None:
        for limiter in self.limiters:
            await limiter.close()
        self.connections.close()


@attrs.frozen
class Outcome:
    """What a flood reached.

    Attributes:
        busiest: Calls in the busiest window of a second at the service.
        of_ideal: Part of ``rate / (1 + mean round trip)``.
        worst_share: The worst process's part of a fair one.
        calls_per_grant: Script calls for each permit.
    """

    busiest: int
    of_ideal: float
    worst_share: float
    calls_per_grant: float


async def flood(server: RedisServer, bots: Bots, seconds: float) -> Outcome:
    """Let every task call as fast as it may."""
    account = Account(server, bots.processes)

    async def task(process: int, number: int) -> None:
        while True:
            await account.put_metadata(process, number % bots.channels)

    tasks = [
        asyncio.create_task(task(process, process * bots.tasks + number))
        for process in range(bots.processes)
        for number in range(bots.tasks)
    ]
    await asyncio.sleep(seconds)
    for each in tasks:
        each.cancel()
    await asyncio.wait(tasks)
    calls = sum(way.calls for way in account.ways)
    await account.close()
    grants = sum(account.grants)
    rate = min(ACCOUNT, bots.channels * CHANNEL)
    mean = sum(account.trips) / len(account.trips)
    return Outcome(
        busiest=busiest_window(account.arrivals, 1 - 1e-6),
        # the first second spends a whole rate at once
        of_ideal=(grants - rate) / (rate * (seconds - 1) / (1 + mean)),
        worst_share=min(account.grants) * bots.processes / grants,
        calls_per_grant=calls / grants,
    )


def main() -> None:
    """Print the tables of the documentation."""
    with (
        tempfile.TemporaryDirectory() as directory,
        RedisServer("redis-server", Path(directory)) as server,
    ):
        for processes in (1, 2, 4, 10, 30):
            print(processes, run(flood(server, Bots(processes, 100 // processes, 100), 20)))


if __name__ == "__main__":
    main()
