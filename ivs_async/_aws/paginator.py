"""A list as an async iterator: lazily, page by page, holding nothing between pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from typing import TYPE_CHECKING, Generic, TypeVar

from .errors import ParameterError, UnexpectedResponse
from .operation import ListOperation, Page

if TYPE_CHECKING:
    from .pipeline import Pipeline

T = TypeVar("T")


class Paginator(Generic[T]):
    """The items of a list: ``async for item in ...``, `pages`, or `collect`.

    Nothing is sent until the first item is asked for, and nothing is held between pages, so a loop
    may be left at any time. Each iteration starts anew. To resume later, keep a page's
    ``next_token`` and pass it to the list method.
    """

    def __init__(
        self,
        calls: Pipeline,
        operation: ListOperation[T],
        members: Mapping[str, object],
        prefetch: int,
    ) -> None:
        if prefetch not in (0, 1) or isinstance(prefetch, bool):
            raise ParameterError(
                f"{operation.method_name}: prefetch must be 0 or 1 pages; this is {prefetch!r}"
            )
        self._calls = calls
        self._operation = operation
        self._members = members
        self._prefetch = prefetch

    async def __aiter__(self) -> AsyncIterator[T]:
        """The items, one by one, over all pages."""
        async for page in self.pages():
            for item in page.items:
                yield item

    def pages(self) -> AsyncIterator[Page[T]]:
        """The pages, empty ones included.

        Raises:
            UnexpectedResponse: The service gave a token for the second time.
        """
        return _Pages(self._calls, self._operation, self._members, self._prefetch)

    async def collect(self, limit: int | None = None) -> list[T]:
        """Everything in one list, or the first ``limit`` items."""
        if limit is not None and limit < 0:
            raise ParameterError(
                f"{self._operation.method_name}: limit must be at least 0; this is {limit}"
            )
        items: list[T] = []
        if limit == 0:
            return items
        async for page in self.pages():
            items += page.items
            if limit is not None and len(items) >= limit:
                return items[:limit]
        return items

    if not TYPE_CHECKING:  # pragma: no branch

        def __await__(self):
            # a habit from other SDKs; hidden from type checkers, which refuse it by themselves
            raise TypeError(
                f"{self._operation.method_name}() is not awaited: use `async for`, `.pages()`, or "
                "`await ....collect()`"
            )

    def __repr__(self) -> str:
        return f"<Paginator {self._operation.name}>"


class _Pages(Generic[T]):
    """Fetches each page when it is asked for, or one ahead."""

    def __init__(
        self,
        calls: Pipeline,
        operation: ListOperation[T],
        members: Mapping[str, object],
        prefetch: int,
    ) -> None:
        self._calls = calls
        self._operation = operation
        self._members = members
        self._prefetch = prefetch
        self._token = members.get("next_token")
        self._done = False
        self._ahead: asyncio.Task[Page[T]] | None = None
        # Brent's cycle detection: one remembered token finds a loop of any length
        self._remembered: object = None
        self._steps = 0
        self._lap = 1

    def __aiter__(self) -> AsyncIterator[Page[T]]:
        return self

    async def __anext__(self) -> Page[T]:
        if self._done:
            raise StopAsyncIteration
        if self._token is not None and self._token == self._remembered:
            raise UnexpectedResponse(
                "the service gave the same page token twice, so the list would never end",
                status=200,
                operation=self._operation.name,
            )
        ahead, self._ahead = self._ahead, None
        page = await (ahead or self._fetch())
        if self._steps == self._lap or self._remembered is None:
            self._remembered, self._steps, self._lap = self._token, 0, self._lap * 2
        self._steps += 1
        self._token = page.next_token
        self._done = page.next_token is None
        if self._prefetch and not self._done and self._token != self._remembered:
            self._ahead = asyncio.get_running_loop().create_task(self._fetch())
            self._ahead.add_done_callback(_retrieve)
        return page

    def __del__(self) -> None:
        if self._ahead is not None:
            self._ahead.cancel()

    def _fetch(self) -> Coroutine[object, object, Page[T]]:
        # a coroutine that does not hold this object, so that leaving a loop early ends the task
        return self._calls.call(
            self._operation, None, **{**self._members, "next_token": self._token}
        )


def _retrieve(task: asyncio.Task[Page[T]]) -> None:
    """Whoever left the loop early does not want the read-ahead's error."""
    if not task.cancelled():
        task.exception()
