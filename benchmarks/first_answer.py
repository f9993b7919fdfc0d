"""Says when it has its first answer: ``python -m benchmarks.first_answer CLIENT URL``."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable

from . import client as clients

Client = tuple[dict[str, clients.Work], Callable[[], Awaitable[object]]]


async def once(kind: Callable[[str], Awaitable[Client]]) -> None:
    works, close = await kind(sys.argv[2])
    await works["GetChannel"]()
    print("answered", flush=True)
    await close()


if __name__ == "__main__":
    if sys.argv[1] == "boto3":
        clients.boto3(sys.argv[2])["GetChannel"]()
        print("answered", flush=True)
    else:
        kinds = {
            "bare aiohttp": clients.bare,
            "ivs_async": clients.ours,
            "aiobotocore": clients.aiobotocore,
        }
        asyncio.run(once(kinds[sys.argv[1]]))
