"""One client that meets faults: reads jobs from stdin, a JSON line each, and answers in kind.

    python -m benchmarks.fault_client CLIENT

Runs in the environment of the peers too, so it imports nothing of the project but what it measures.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

ARN = "arn:aws:ivs:us-west-2:123456789012:channel/abcdEFGH1234"
KEYS = ("AKIDEXAMPLE", "an-example-of-a-secret-access-key", "an-example-of-a-session-token")

Call = Callable[..., Awaitable[str | None]]
Calls = dict[str, Call]
Opened = Callable[[str, int], contextlib.AbstractAsyncContextManager[Calls]]


def ours() -> tuple[Opened, tuple[type[Exception], ...]]:
    """ivs_async: three attempts, a second for each."""
    from ivs_async import Credentials, IvsError, IvsSession, NoLimit

    @contextlib.asynccontextmanager
    async def opened(url: str, attempts: int) -> AsyncIterator[Calls]:
        async with IvsSession(
            region="us-west-2",
            credentials=Credentials(*KEYS),
            endpoint_url=url,
            rate_limiter=NoLimit(),
            attempt_timeout=1.0,
            max_attempts=attempts,
        ) as ivs:

            async def get(arn: str = ARN) -> str | None:
                return (await ivs.get_channel(arn=arn)).channel.arn

            async def put() -> None:
                await ivs.put_metadata(channel_arn=ARN, metadata="goal")

            async def create() -> str | None:
                return (await ivs.create_channel(name="demo")).channel.arn

            async def untag() -> None:
                await ivs.untag_resource(resource_arn=ARN, tag_keys=["a"])

            yield {"get": get, "put": put, "create": create, "untag": untag}

    return opened, (IvsError,)


def aiobotocore() -> tuple[Opened, tuple[type[Exception], ...]]:
    """aiobotocore in its standard retry mode: three attempts, a second of silence for each."""
    from aiobotocore.config import AioConfig
    from aiobotocore.session import get_session
    from botocore.exceptions import BotoCoreError, ClientError

    session = get_session()

    @contextlib.asynccontextmanager
    async def opened(url: str, attempts: int) -> AsyncIterator[Calls]:
        async with session.create_client(
            "ivs",
            region_name="us-west-2",
            endpoint_url=url,
            aws_access_key_id=KEYS[0],
            aws_secret_access_key=KEYS[1],
            aws_session_token=KEYS[2],
            config=AioConfig(
                connect_timeout=1,
                read_timeout=1,
                retries={"mode": "standard", "total_max_attempts": attempts},
            ),
        ) as ivs:

            async def get(arn: str = ARN) -> str | None:
                found: str | None = (await ivs.get_channel(arn=arn)).get("channel", {}).get("arn")
                return found

            async def put() -> None:
                await ivs.put_metadata(channelArn=ARN, metadata="goal")

            async def create() -> str | None:
                made: str | None = (await ivs.create_channel(name="demo"))["channel"]["arn"]
                return made

            async def untag() -> None:
                await ivs.untag_resource(resourceArn=ARN, tagKeys=["a"])

            yield {"get": get, "put": put, "create": create, "untag": untag}

    return opened, (BotoCoreError, ClientError)


async def outcome(call: Awaitable[str | None], typed: tuple[type[Exception], ...]) -> Any:
    """What a caller gets: an answer, or an error and what can be told from it."""
    began = time.perf_counter()
    result: dict[str, Any] = {}
    try:
        result["answer"] = await call
    except Exception as error:  # noqa: BLE001 - which one it is, is the question
        told = (getattr(error, "response", None) or {}).get("Error", {})
        result |= {
            "error": type(error).__name__,
            "typed": isinstance(error, typed),
            "code": getattr(error, "code", told.get("Code", "")),
            "text": str(error),
        }
    result["seconds"] = round(time.perf_counter() - began, 2)
    return result


async def one(calls: Calls, typed: tuple[type[Exception], ...], name: str) -> Any:
    return await outcome(calls[name](), typed)


async def second(calls: Calls, typed: tuple[type[Exception], ...], name: str) -> Any:
    """A call after another has been answered and a moment has passed."""
    await outcome(calls[name](), typed)
    await asyncio.sleep(0.1)
    return await outcome(calls[name](), typed)


async def in_a_row(calls: Calls, typed: tuple[type[Exception], ...], name: str) -> Any:
    """Two hundred calls, one after the other: how many failed."""
    began = time.perf_counter()
    results = [await outcome(calls[name](), typed) for _ in range(200)]
    failed = sum("error" in result for result in results)
    return {"failed": failed, "seconds": round(time.perf_counter() - began, 2)}


async def cancelled(calls: Calls, _: tuple[type[Exception], ...], name: str) -> Any:
    """Five hundred calls, most of them cancelled: how many got another call's answer."""
    chance = random.Random(3)
    wrong = 0

    async def call(number: int) -> None:
        nonlocal wrong
        task = asyncio.ensure_future(calls[name](f"{ARN}{number}"))
        await asyncio.sleep(chance.random() * 0.01)
        if chance.random() < 0.7:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            wrong += await task != f"{ARN}{number}"

    for start in range(0, 500, 20):
        await asyncio.gather(*(call(number) for number in range(start, start + 20)))
    return {"wrong": wrong}


ACTIONS = {"one": one, "second": second, "in a row": in_a_row, "cancelled": cancelled}


async def main() -> None:
    opened, typed = {"ivs_async": ours, "aiobotocore": aiobotocore}[sys.argv[1]]()
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        job = json.loads(line)
        async with opened(job["url"], job["attempts"]) as calls:
            result = await ACTIONS[job["action"]](calls, typed, job["call"])
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
