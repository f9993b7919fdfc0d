"""What a call costs above bare aiohttp, in many short rounds of both by turns, in one process.

On a machine that others use as well, two rounds of a few milliseconds are more alike than two
processes: this is the measure to change code by.

    python -m benchmarks.pairs
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from statistics import quantiles

from . import client as clients
from .static_server import static_server

ROUNDS = 250
CALLS = 96
TASKS = 32
WORKS = ("PutMetadata", "GetChannel", "ListChannels")


async def cost(call: Callable[[], Awaitable[object]]) -> float:
    """Seconds of CPU for a round of calls."""

    async def task() -> None:
        for _ in range(CALLS // TASKS):
            await call()

    began = time.process_time()
    await asyncio.gather(*(task() for _ in range(TASKS)))
    return time.process_time() - began


async def main(url: str) -> None:
    """Print a row for each kind of work."""
    bare, close_bare = await clients.bare(url)
    ours, close_ours = await clients.ours(url)
    print("| | median | half of the pairs |\n|---|---|---|")
    for work in WORKS:
        for _ in range(5):
            await cost(bare[work])
            await cost(ours[work])
        ratios = []
        for _ in range(ROUNDS):
            floor = await cost(bare[work])
            ratios.append(await cost(ours[work]) / floor)
        low, middle, high = quantiles(ratios, n=4)
        print(f"| {work} | {middle:.2f} | {low:.2f} to {high:.2f} |", flush=True)
    await close_ours()
    await close_bare()


if __name__ == "__main__":
    with static_server() as address:
        asyncio.run(main(address))
