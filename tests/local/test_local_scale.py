"""It is fast enough to be in the way of nobody: to start, to list, to answer."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest
from anyio import to_thread

from ivs_async import IvsSession, NoLimit, ServiceQuotaExceededException
from ivs_async.local import LocalIvs

from .test_local_auth import signed

IMPORT = "import time; began = time.process_time(); import aiohttp.web\n"
START = """
import asyncio
from ivs_async.local import LocalIvs

async def main():
    async with LocalIvs() as local:
        reader, writer = await asyncio.open_connection("127.0.0.1", local.port)
        writer.write(b"POST /ListChannels HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 0\\r\\n\\r\\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 403")
        writer.close()

asyncio.run(main())
"""


async def test_five_thousand_channels_are_listed_without_loss_or_repetition() -> None:
    """The account's whole quota, through our own session, in pages of a hundred."""
    names = [f"channel-{number}" for number in range(5_000)]
    data = {"channels": [{"name": name} for name in names]}
    async with (
        LocalIvs(rates=None, data=data) as local,
        IvsSession(**local.session_options(), rate_limiter=NoLimit()) as ivs,
    ):
        pages = [page async for page in ivs.list_channels().pages()]
        with pytest.raises(ServiceQuotaExceededException):
            await ivs.create_channel()
    listed = [channel.name for page in pages for channel in page.items]
    assert listed == names
    assert len(pages) == 50


@pytest.mark.soak
def test_it_answers_within_half_a_second_of_work_more_than_importing_aiohttp() -> None:
    """Measured as processor time, which other work on the machine does not change."""

    def cost(code: str) -> float:
        program = f"{IMPORT}{code}\nprint(time.process_time() - began)"
        command = [sys.executable, "-c", program]
        return min(
            float(subprocess.run(command, capture_output=True, check=True).stdout) for _ in range(5)
        )

    assert cost(START) - cost("") < 0.5


def hammer(port: int, request: bytes, calls: int) -> None:
    """Repeat one request on one connection, from a process of its own."""
    program = f"""
import socket
connection = socket.create_connection(("127.0.0.1", {port}))
answers = connection.makefile("rb")
for _ in range({calls}):
    connection.sendall({request!r})
    assert b" 200 " in answers.readline()
    length = 0
    while (line := answers.readline()) != b"\\r\\n":
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    answers.read(length)
"""
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.soak
async def test_one_core_serves_two_thousand_signed_calls_in_a_second() -> None:
    """GetChannel with its signature verified, by the processor time that the server spends."""
    calls = 2_000
    async with LocalIvs(rates=None) as local:
        (arn,) = local.load({"channels": [{}]})["channels"]
        body = json.dumps({"arn": arn}).encode()
        headers = await to_thread.run_sync(lambda: signed(local, body=body))
        lines = [f"{name}: {value}\r\n" for name, value in headers.items()]
        request = (
            f"POST /GetChannel HTTP/1.1\r\nHost: 127.0.0.1:{local.port}\r\n"
            f"Content-Length: {len(body)}\r\n{''.join(lines)}\r\n"
        ).encode() + body
        best = float("inf")
        for _ in range(5):
            began = time.process_time()
            await to_thread.run_sync(hammer, local.port, request, calls)
            best = min(best, time.process_time() - began)
    assert calls / best >= 2_000, f"{calls / best:,.0f} calls per second of processor time"
