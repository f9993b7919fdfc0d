"""What limiter, publisher and import cost by themselves: a line of JSON."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from statistics import median

from ivs_async import Credentials, IvsSession, MetadataPublisher, RateLimiter
from ivs_async._aws.operation import Operation
from ivs_async._aws.seams import Late

ARN = "arn:aws:ivs:us-west-2:123456789012:channel/abcdefgh"
ROUNDS = 9
CALLS = 20_000


async def limiter() -> float:
    """Microseconds of CPU for both tokens of a call that need not wait, taken and given back."""
    costs = []
    for _ in range(ROUNDS):
        limits = RateLimiter()
        began = time.process_time()
        for number in range(100):
            (await limits.acquire("PutMetadata", f"{ARN}{number}", None)).unused()
        for _ in range(CALLS):
            (await limits.acquire("PutMetadata", f"{ARN}1", None)).unused()
        costs.append((time.process_time() - began) / (CALLS + 100) * 1e6)
    return median(costs)


class Taker:
    """Takes every payload at once, so that only the publisher's own work is measured."""

    def __init__(self) -> None:
        ivs = IvsSession(region="us-west-2", credentials=Credentials("AKIDEXAMPLE", "secret"))
        self.core = ivs.metadata(f"{ARN}1234")._calls.core  # noqa: SLF001 - nothing is sent

    async def call(
        self,
        operation: Operation[None],  # noqa: ARG002 - the seam's
        late: Late,
        /,
        **members: object,  # noqa: ARG002 - the same
    ) -> None:
        late.members()
        await asyncio.sleep(0)


async def publisher() -> float:
    """Microseconds of CPU for a message of 40 bytes, from `send` to its outcome."""
    costs = []
    for _ in range(ROUNDS):
        began = time.process_time()
        async with MetadataPublisher(Taker(), f"{ARN}1234") as sender:
            for number in range(5_000):
                await sender.send({"score": [number, 0], "team": "home side"})
        costs.append((time.process_time() - began) / 5_000 * 1e6)
    return median(costs)


def importing(statement: str) -> float:
    """Milliseconds of CPU for a statement in a fresh process, above an empty one's."""
    program = (
        "import resource\n"
        "def spent():\n"
        "    usage = resource.getrusage(resource.RUSAGE_SELF)\n"
        "    return usage.ru_utime + usage.ru_stime\n"
        f"began = spent()\n{statement}\nprint((spent() - began) * 1000)"
    )
    runs = [
        float(
            subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout
        )
        for _ in range(ROUNDS)
    ]
    return median(runs)


if __name__ == "__main__":
    aiohttp = importing("import aiohttp")
    print(
        json.dumps(
            {
                "limiter, a call that need not wait (us)": asyncio.run(limiter()),
                "publisher, a message (us)": asyncio.run(publisher()),
                "import aiohttp (ms)": aiohttp,
                "import ivs_async (ms)": importing("import ivs_async"),
                "from ivs_async import IvsSession (ms)": importing(
                    "from ivs_async import IvsSession"
                ),
            }
        )
    )
