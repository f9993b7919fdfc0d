"""One client doing one kind of work in a process of its own, which prints what it cost.

    python -m benchmarks.client CLIENT WORK URL CALLS TASKS [uvloop]

Runs in the environment of the peers too, so it imports nothing of the project but what it measures.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

ARN = "arn:aws:ivs:us-west-2:123456789012:channel/abcdefgh1234"
ARNS = [f"{ARN}{number}" for number in range(500)]
CUE = json.dumps({"question": "Who scores next?", "answers": ["Home", "Away"], "id": 1234567})
KEYS = ("AKIDEXAMPLE", "an-example-of-a-secret-access-key", "an-example-of-a-session-token" * 10)
WARM_UP = 100

Work = Callable[[], Awaitable[object]]


async def bare(url: str) -> tuple[dict[str, Work], Callable[[], Awaitable[object]]]:
    """aiohttp and json, without signature, types, retries or limits: the floor."""
    import aiohttp
    from yarl import URL

    http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=100))
    headers = {"Content-Type": "application/json"}
    targets = {
        name: URL(f"{url}/{name}")
        for name in ("GetChannel", "PutMetadata", "ListChannels", "BatchGetChannel")
    }

    async def post(name: str, members: dict[str, Any]) -> Any:
        body = json.dumps(members).encode()
        async with http.post(targets[name], data=body, headers=headers) as response:
            content = await response.read()
            return json.loads(content) if content else None

    async def list_all() -> None:
        token = None
        while True:
            members = {"maxResults": 100} if token is None else {"nextToken": token}
            token = (await post("ListChannels", members)).get("nextToken")
            if token is None:
                return

    async def batch() -> None:
        parts = [ARNS[start : start + 50] for start in range(0, 500, 50)]
        await asyncio.gather(*(post("BatchGetChannel", {"arns": part}) for part in parts))

    return {
        "PutMetadata": lambda: post("PutMetadata", {"channelArn": ARN, "metadata": CUE}),
        "GetChannel": lambda: post("GetChannel", {"arn": ARN}),
        "ListChannels": lambda: post("ListChannels", {"maxResults": 100}),
        "list 5,000": list_all,
        "batch of 500": batch,
    }, http.close


async def ours(url: str) -> tuple[dict[str, Work], Callable[[], Awaitable[object]]]:
    """ivs_async with default settings but for the limiter, which is off."""
    from ivs_async import Credentials, IvsSession, NoLimit

    ivs = IvsSession(
        region="us-west-2",
        credentials=Credentials(*KEYS),
        endpoint_url=url,
        rate_limiter=NoLimit(),
    )
    await ivs.__aenter__()

    async def list_all() -> None:
        async for _ in ivs.list_channels(max_results=100):
            pass

    return {
        "PutMetadata": lambda: ivs.put_metadata(channel_arn=ARN, metadata=CUE),
        "GetChannel": lambda: ivs.get_channel(arn=ARN),
        "ListChannels": lambda: anext(ivs.list_channels(max_results=100).pages()),
        "list 5,000": list_all,
        "batch of 500": lambda: ivs.batch_get_channel(arns=ARNS),
    }, ivs.close


async def aiobotocore(url: str) -> tuple[dict[str, Work], Callable[[], Awaitable[object]]]:
    """aiobotocore with as many connections."""
    from aiobotocore.config import AioConfig
    from aiobotocore.session import get_session

    context = get_session().create_client(
        "ivs",
        region_name="us-west-2",
        endpoint_url=url,
        aws_access_key_id=KEYS[0],
        aws_secret_access_key=KEYS[1],
        aws_session_token=KEYS[2],
        config=AioConfig(max_pool_connections=100),
    )
    client = await context.__aenter__()

    async def list_all() -> None:
        pages = client.get_paginator("list_channels").paginate(PaginationConfig={"PageSize": 100})
        async for page in pages:
            for _ in page["channels"]:
                pass

    async def batch() -> None:
        parts = [ARNS[start : start + 50] for start in range(0, 500, 50)]
        await asyncio.gather(*(client.batch_get_channel(arns=part) for part in parts))

    return {
        "PutMetadata": lambda: client.put_metadata(channelArn=ARN, metadata=CUE),
        "GetChannel": lambda: client.get_channel(arn=ARN),
        "ListChannels": lambda: client.list_channels(maxResults=100),
        "list 5,000": list_all,
        "batch of 500": batch,
    }, lambda: context.__aexit__(None, None, None)


def boto3(url: str) -> dict[str, Callable[[], object]]:
    """boto3, one client shared by threads, as its documentation allows."""
    import boto3 as library
    from botocore.config import Config

    client = library.client(
        "ivs",
        region_name="us-west-2",
        endpoint_url=url,
        aws_access_key_id=KEYS[0],
        aws_secret_access_key=KEYS[1],
        aws_session_token=KEYS[2],
        config=Config(max_pool_connections=100),
    )

    def list_all() -> None:
        pages = client.get_paginator("list_channels").paginate(PaginationConfig={"PageSize": 100})
        for page in pages:
            for _ in page["channels"]:
                pass

    def batch() -> None:
        for start in range(0, 500, 50):
            client.batch_get_channel(arns=ARNS[start : start + 50])

    return {
        "PutMetadata": lambda: client.put_metadata(channelArn=ARN, metadata=CUE),
        "GetChannel": lambda: client.get_channel(arn=ARN),
        "ListChannels": lambda: client.list_channels(maxResults=100),
        "list 5,000": list_all,
        "batch of 500": batch,
    }


def report(calls: int, cpu: float, wall: float) -> None:
    print(
        json.dumps(
            {
                "cpu": cpu / calls,
                "wall": wall / calls,
                "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            }
        )
    )


async def drive(client: str, work: str, url: str, calls: int, tasks: int) -> None:
    kinds = {"bare aiohttp": bare, "ivs_async": ours, "aiobotocore": aiobotocore}
    works, close = await kinds[client](url)
    call = works[work]

    async def worker(share: int) -> None:
        for _ in range(share):
            await call()

    async def run(total: int) -> None:
        workers = min(tasks, total)
        shares = [total // workers + (number < total % workers) for number in range(workers)]
        await asyncio.gather(*map(worker, shares))

    await run(min(WARM_UP, calls))
    cpu, wall = time.process_time(), time.perf_counter()
    await run(calls)
    report(calls, time.process_time() - cpu, time.perf_counter() - wall)
    await close()


def drive_threads(work: str, url: str, calls: int, threads: int) -> None:
    call = boto3(url)[work]
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda _: call(), range(min(WARM_UP, calls))))
        cpu, wall = time.process_time(), time.perf_counter()
        list(pool.map(lambda _: call(), range(calls)))
        report(calls, time.process_time() - cpu, time.perf_counter() - wall)


def main() -> None:
    client, work, url, calls, tasks, *rest = sys.argv[1:]
    if client == "boto3":
        drive_threads(work, url, int(calls), int(tasks))
        return
    story = drive(client, work, url, int(calls), int(tasks))
    if rest:
        import uvloop

        uvloop.run(story)
    else:
        asyncio.run(story)


if __name__ == "__main__":
    main()
