"""Cancellation at every point where a coroutine can be cancelled, one after the other."""

from __future__ import annotations

import asyncio
import types
from collections.abc import Awaitable, Callable, Coroutine, Generator
from functools import partial
from typing import Any, TypeVar

R = TypeVar("R")


class Finished(Exception):
    """The coroutine came to its end before the point was reached."""


@types.coroutine
def cancelled_at(
    point: int, coroutine: Coroutine[Any, Any, R], *, late: bool = False
) -> Generator[Any, Any, R]:
    """Run a coroutine in the current task and cancel it at its suspension number ``point``.

    Args:
        point: 1 for the first time that it waits.
        coroutine: What is run, by this task, as ``await`` would.
        late: Whether the cancellation comes just after what it waits for has happened, and just
            before it learns so; this is where results get lost.
    """
    task = asyncio.current_task()
    assert task is not None
    proceed: Callable[[], Any] = partial(coroutine.send, None)
    suspensions = 0
    while True:
        try:
            waiting = proceed()
        except StopIteration as stop:
            if suspensions < point:
                raise Finished from None
            return stop.value  # type: ignore[no-any-return]
        suspensions += 1
        if suspensions == point:
            if late and waiting is not None:
                # callbacks run in order, so this one comes before the task's own
                waiting.add_done_callback(lambda _: task.cancel())
            else:
                task.cancel()
        try:
            yield waiting
        except BaseException as failure:  # noqa: BLE001 - passed on, as await does
            proceed = partial(coroutine.throw, failure)
        else:
            proceed = partial(coroutine.send, None)


async def cancel_everywhere(
    make: Callable[[], Coroutine[Any, Any, object]],
    check: Callable[[], Awaitable[object]],
    *,
    late: bool,
    least: int,
) -> None:
    """Cancel a fresh run of ``make()`` at its first suspension, its second, and so on to its end.

    Args:
        make: Gives the coroutine of one run.
        check: Awaited after each cancelled run.
        late: As of `cancelled_at`.
        least: How many suspensions there must be, lest the test test nothing.
    """
    for point in range(1, 1_000):
        task = asyncio.create_task(stepped(point, make(), late=late))
        try:
            await task
        except asyncio.CancelledError:
            assert task.cancelled()
        except Finished:
            assert point > least
            return
        else:
            raise AssertionError(f"the cancellation at point {point} was swallowed")
        await check()


async def stepped(point: int, coroutine: Coroutine[Any, Any, R], *, late: bool) -> R:
    """`cancelled_at`, as a coroutine for a task of its own."""
    return await cancelled_at(point, coroutine, late=late)
