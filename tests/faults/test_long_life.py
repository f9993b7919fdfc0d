"""Weeks of service in a minute: many calls, many sessions, many faults, and nothing that grows."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path

import pytest

from tests.faults.client import ARN, CHANNEL, open_session
from tests.faults.life import descriptors, grown
from tests.wire import Wire

MEGABYTE = 1 << 20

linux = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="asks Linux about itself")


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
