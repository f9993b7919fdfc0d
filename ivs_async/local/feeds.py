"""One writer, any number of readers: what cues and events are followed through.

A reader sees everything that is published after it was opened and nothing from before. Readers
that were dropped without being closed are forgotten.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Generic, Self, TypeVar
from weakref import WeakSet

T = TypeVar("T")


class Reader(Generic[T]):
    """An endless asynchronous iterator over what is published from now on.

    It ends when the local IVS closes. Leave it with ``aclose()``, ``async with`` or by dropping it.
    """

    def __init__(self) -> None:
        self._items: deque[T] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._closed = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        while True:
            # made before looking, so that a put from another thread in between still wakes it
            waiter = self._waiter = asyncio.get_running_loop().create_future()
            if self._items:
                return self._items.popleft()
            if self._closed:
                raise StopAsyncIteration
            await waiter

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """End the iteration, for whoever waits in it as well. What came before is still given."""
        self.close()

    def close(self) -> None:
        """As `aclose`."""
        self._closed = True
        self._wake()

    def put(self, item: T) -> None:
        """Give the reader an item. Callable from any thread."""
        if not self._closed:
            self._items.append(item)
            self._wake()

    def _wake(self) -> None:
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            loop = waiter.get_loop()
            if not loop.is_closed():
                loop.call_soon_threadsafe(_resolve, waiter)


class Feed(Generic[T]):
    """Hands each published item to every open `Reader`."""

    def __init__(self) -> None:
        self._readers: WeakSet[Reader[T]] = WeakSet()

    def open(self) -> Reader[T]:
        """A reader of everything published from now on."""
        reader: Reader[T] = Reader()
        self._readers.add(reader)
        return reader

    def publish(self, item: T) -> None:
        """Give an item to all readers."""
        for reader in list(self._readers):
            reader.put(item)

    def close(self) -> None:
        """End all readers."""
        for reader in list(self._readers):
            reader.close()


def _resolve(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
