"""Many calls on a server that fails every fifth of them, and what they leave behind."""

from __future__ import annotations

import asyncio
import gc
import os
import random
from pathlib import Path

from ivs_async import IvsError, IvsSession
from tests.faults.client import ARN, CHANNEL, DONE, open_session
from tests.wire import FIN, RST, Connection, Step, Wire, answer, error, http, send

MIXED = (
    *[CHANNEL] * 40,
    FIN,
    RST,
    answer(500),
    answer(503, b"<html>"),
    error("ThrottlingException", 429),
    error("ValidationException", 400),
    answer(200, b"<html>"),
    answer(200, {"channel": {"arn": ARN}}, end="fin"),
    send(http(200, {"channel": {}})[:60], end="fin"),
    send(b"garbage\r\n\r\n", end="fin"),
    answer(307, b"", {"Location": "http://127.0.0.1:9/"}),
    answer(200, {"channel": {"arn": ARN}}, {"Set-Cookie": "a=b", "x-padding": "x" * 4_000}),
)


def descriptors() -> int:
    """How many files and sockets this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def resident() -> int:
    """Bytes of memory that this process has."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Life:
    """Calls without end on a server that fails a fifth of them, in every way it can."""

    def __init__(self) -> None:
        self.chance = random.Random(7)
        self.wire = Wire(Step(self._play))

    async def _play(self, connection: Connection) -> None:
        self.wire.requests.clear()
        fault = self.chance.choice(MIXED)
        if fault is CHANNEL and connection.request.target == "/PutMetadata":
            fault = DONE
        await fault.play(connection)

    async def live(self, ivs: IvsSession, calls: int) -> None:
        """That many calls, eight at a time, some of them cancelled."""
        for _ in range(calls // 8):
            tasks = [
                asyncio.create_task(
                    ivs.put_metadata(channel_arn=f"{ARN}{number}", metadata="x" * 1_000)
                    if number % 4 == 0
                    else ivs.get_channel(arn=ARN)
                )
                for number in range(8)
            ]
            if self.chance.random() < 0.2:
                await asyncio.sleep(0)
                tasks[0].cancel()
            for outcome in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(outcome, BaseException):
                    assert isinstance(outcome, IvsError | asyncio.CancelledError)


async def grown(calls: int, warm_up: int) -> tuple[int, int]:
    """Bytes and descriptors gained over a number of calls, after a warm-up."""
    life = Life()
    async with (
        life.wire as wire,
        open_session(wire, max_connections=8, observer=lambda record: None) as ivs,
    ):
        await life.live(ivs, warm_up)
        gc.collect()
        memory, files = resident(), descriptors()
        await life.live(ivs, calls)
        gc.collect()
        return resident() - memory, descriptors() - files
