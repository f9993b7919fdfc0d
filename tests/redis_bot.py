"""A bot that puts metadata as fast as its limiter lets it, for the soak tests.

    python -m tests.redis_bot '{"redis": "redis://...", "endpoint_url": "http://...", ...}'

It says ``ready``, begins when it is told so on its standard input, and tells in the end how many
calls it made, how long they took, which errors they met, and for how long it was held up at most.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections import Counter
from typing import Any

from ivs_async import PUBLISHED, AttemptRecord, Credentials, IvsError, IvsSession
from ivs_async.redis import RedisRateLimiter


async def main(plan: dict[str, Any]) -> None:
    """Flood the channels of a plan for so many seconds."""
    trips: list[float] = []
    errors: Counter[str] = Counter()
    made = 0
    held_up = 0.0

    def observe(record: AttemptRecord) -> None:
        trips.append(record.duration)
        if record.error:
            errors[record.error] += 1

    async with (
        RedisRateLimiter(
            plan["redis"],
            {"PutMetadata": PUBLISHED["PutMetadata"]},
            account_id="123456789012",
            region="us-west-2",
            **plan["limiter"],
        ) as limiter,
        IvsSession(
            region="us-west-2",
            endpoint_url=plan["endpoint_url"],
            credentials=Credentials(*plan["credentials"]),
            rate_limiter=limiter,
            observer=observe,
        ) as ivs,
    ):
        tell("ready")
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
        end = time.monotonic() + plan["seconds"]

        async def flood(channel: str) -> None:
            nonlocal made
            await asyncio.sleep(random.random())
            while (left := end - time.monotonic()) > 0:
                try:
                    async with asyncio.timeout(
                        random.uniform(0.0, 2.0) if random.random() < plan["gives_up"] else left + 5
                    ):
                        await ivs.put_metadata(channel_arn=channel, metadata="goal")
                    made += 1
                except TimeoutError:
                    errors["cancelled"] += 1
                except IvsError:
                    pass

        async def watch() -> None:
            nonlocal held_up
            while True:
                began = time.monotonic()
                await asyncio.sleep(0.01)
                held_up = max(held_up, time.monotonic() - began - 0.01)

        watching = asyncio.create_task(watch())
        async with asyncio.TaskGroup() as tasks:
            for channel in plan["channels"]:
                tasks.create_task(flood(channel))
        watching.cancel()
    tell(json.dumps({"made": made, "trips": trips, "errors": errors, "held_up": held_up}))


def tell(line: str) -> None:
    """What the parent process reads."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    plan = json.loads(sys.argv[1])
    if plan["clock_jumps"]:
        real, jumps_at = time.time, time.monotonic() + plan["seconds"] / 2
        time.time = lambda: real() + plan["clock_jumps"] * (time.monotonic() > jumps_at)
    asyncio.run(main(plan))
