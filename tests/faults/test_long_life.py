"""Weeks of service in a minute: many calls, many sessions, many faults, and nothing that grows."""

from __future__ import annotations

import asyncio
import gc
import os
import random
from pathlib import Path

import pytest

from ivs_async import IvsError, IvsSession
from tests.faults.client import ARN, CHANNEL, DONE, open_session
from tests.wire import FIN, RST, Connection, Step, Wire, answer, error, http, send

MEGABYTE = 1 << 20

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


linux = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="asks Linux about itself")


class Life:
    """Calls without end on a server that fails a quarter of them, in every way it can."""

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


@linux
@pytest.mark.parametrize(
    "calls", [1_000, pytest.param(20_000, marks=pytest.mark.soak)], ids=["short", "long"]
)
async def test_memory_and_descriptors_stay_flat(calls: int) -> None:
    """Under two megabytes after any number of calls, and no descriptor but the connections'."""
    memory, files = await grown(calls, warm_up=2_000)
    assert memory < 2 * MEGABYTE
    assert files <= 2 * 8


@linux
async def test_a_hundred_sessions_come_and_go() -> None:
    """Each closes what it opened: descriptors and tasks are as before, and nothing warns."""
    async with Wire(CHANNEL) as wire:

        async def one() -> None:
            async with open_session(wire) as ivs:
                await ivs.get_channel(arn=ARN)
            await wire.drop()

        await one()
        gc.collect()
        files, tasks = descriptors(), asyncio.all_tasks()
        for _ in range(100):
            await one()
        await asyncio.sleep(0)
        gc.collect()
        assert descriptors() == files
        assert asyncio.all_tasks() - wire.tasks <= tasks


async def test_a_session_that_was_never_used_closes() -> None:
    """Opening and closing without a call needs no server."""
    async with Wire() as wire, open_session(wire):
        pass
    assert wire.connections == 0


async def test_closing_twice_is_harmless() -> None:
    """So that an ``async with`` and a shutdown hook may both close."""
    async with Wire(CHANNEL) as wire, open_session(wire) as ivs:
        await ivs.get_channel(arn=ARN)
        await ivs.close()
        await ivs.close()
