"""An event loop whose time passes only while everybody waits, and then at once.

Sleeps, timers and time limits keep their order and their exact length, and cost no real time.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class VirtualLoop(asyncio.SelectorEventLoop):
    """Its clock begins at 0 and jumps to the next timer as soon as no task can go on.

    A wait that no timer ends is a deadlock and raises `RuntimeError`, so nothing here may wait for
    a thread, a process or the network.
    """

    def __init__(self) -> None:
        self._now = 0.0
        super().__init__(_Jump(self))

    def time(self) -> float:
        return self._now

    def pass_time(self, seconds: float) -> None:
        """Let the clock jump without giving anybody a turn: what a blocked event loop sees."""
        self._now += seconds

    @property
    def timers(self) -> int:
        """How many timers are set."""
        scheduled: list[asyncio.TimerHandle] = self._scheduled  # type: ignore[attr-defined]
        return sum(not timer.cancelled() for timer in scheduled)


class _Jump(selectors.SelectSelector):
    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("everybody waits and no timer is set")
        self._loop.pass_time(0.0 if ready else timeout or 0.0)
        return ready


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in virtual time, from its own beginning."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
