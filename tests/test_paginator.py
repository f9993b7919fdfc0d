"""Lists: lazy, page by page, ended at any time without a trace."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from collections.abc import Mapping
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivs_async import errors, operations
from ivs_async._aws.operation import Page
from ivs_async._aws.paginator import Paginator
from ivs_async.models import ChannelSummary


@attrs.define
class Service:
    """Stands in for the pipeline: pages by token, counting what is asked for."""

    pages: Mapping[str | None, tuple[list[str], str | None]]
    asked: list[str | None] = attrs.field(factory=list)
    fails_at: str | None = "never"
    gate: asyncio.Event | None = None

    async def call(self, operation: Any, late: Any, /, **members: Any) -> Page[ChannelSummary]:
        token = members["next_token"]
        self.asked.append(token)
        if self.gate is not None and token is not None:
            await self.gate.wait()
        await asyncio.sleep(0)
        if token == self.fails_at:
            raise errors.ServiceUnavailable(status=503)
        names, following = self.pages[token]
        return Page([ChannelSummary(arn=name) for name in names], following)

    def list(self, prefetch: int = 0, **members: object) -> Paginator[ChannelSummary]:
        calls: Any = self
        return Paginator(calls, operations.LIST_CHANNELS, members, prefetch)


def three_pages() -> Service:
    return Service({None: (["a", "b"], "1"), "1": ([], "2"), "2": (["c"], None)})


both_ways = pytest.mark.parametrize("prefetch", [0, 1])


@both_ways
async def test_items_come_in_order_over_all_pages_empty_ones_included(prefetch: int) -> None:
    """An empty page with a token is not the end."""
    service = three_pages()

    assert ["a", "b", "c"] == [channel.arn async for channel in service.list(prefetch)]
    assert [None, "1", "2"] == service.asked


async def test_nothing_is_sent_before_the_first_item_is_asked_for() -> None:
    """Naming a list costs nothing."""
    service = three_pages()
    listing = service.list()
    pages = listing.pages()

    assert [] == service.asked
    assert 2 == len((await anext(pages)).items)
    assert [None] == service.asked
    assert repr(listing) == "<Paginator ListChannels>"


async def test_a_page_knows_where_the_next_begins_and_a_list_resumes_there() -> None:
    """Its token passed as `next_token` goes on where it was left."""
    service = three_pages()
    page = await anext(service.list().pages())

    assert page.next_token == "1"
    assert ["c"] == [channel.arn async for channel in service.list(next_token=page.next_token)]


async def test_each_iteration_starts_anew() -> None:
    """A paginator is a description of a list, not a position in it."""
    listing = three_pages().list()

    assert 3 == len(await listing.collect())
    assert 3 == len(await listing.collect())


@pytest.mark.parametrize(("limit", "asked"), [(0, 0), (1, 1), (2, 1), (3, 3), (9, 3)])
async def test_collecting_with_a_limit_stops_asking_when_it_has_enough(
    limit: int, asked: int
) -> None:
    """No page is fetched for items that nobody wants."""
    service = three_pages()

    assert min(limit, 3) == len(await service.list().collect(limit))
    assert asked == len(service.asked)


async def test_awaiting_a_list_says_what_to_do_instead() -> None:
    """It is what the other SDKs' lists are for."""
    listing: Any = three_pages().list()
    with pytest.raises(TypeError, match=r"list_channels\(\) is not awaited: use `async for`"):
        await listing


async def test_nonsense_is_refused_at_once() -> None:
    """A negative limit, and more read-ahead than there is."""
    with pytest.raises(errors.ParameterError, match="limit must be at least 0; this is -1"):
        await three_pages().list().collect(-1)
    for prefetch in (2, -1, True):
        with pytest.raises(errors.ParameterError, match="prefetch must be 0 or 1"):
            three_pages().list(prefetch)


@both_ways
@given(before=st.integers(0, 20), circle=st.integers(1, 20))
def test_a_list_that_goes_in_a_circle_ends_in_an_error(
    prefetch: int, before: int, circle: int
) -> None:
    """Whatever the length of the circle, with one remembered token."""
    tokens: list[str | None] = [None, *map(str, range(before + circle))]
    pages = {
        token: ([f"item-{token}"], following)
        for token, following in zip(tokens, [*tokens[1:], tokens[before + 1]], strict=True)
    }

    async def story() -> int:
        service = Service(pages)
        with pytest.raises(errors.UnexpectedResponse, match="the same page token twice"):
            await service.list(prefetch).collect()
        return len(service.asked)

    assert asyncio.run(story()) <= 4 * (before + circle) + 4


@both_ways
async def test_after_a_failure_the_same_iterator_tries_the_same_page_again(prefetch: int) -> None:
    """What was already delivered is neither lost nor repeated."""
    service = three_pages()
    service.fails_at = "1"
    pages = service.list(prefetch).pages()
    await anext(pages)

    with pytest.raises(errors.ServiceUnavailable):
        await anext(pages)
    service.fails_at = "never"

    assert ["2", None] == [page.next_token async for page in pages]
    with pytest.raises(StopAsyncIteration):
        await anext(pages)


class Endless(Service):
    """Ten thousand pages, each made when it is asked for."""

    async def call(self, operation: Any, late: Any, /, **members: Any) -> Page[ChannelSummary]:
        number = int(members["next_token"] or 0)
        items = [ChannelSummary(arn=f"{number}-{item}") for item in range(10)]
        return Page(items, str(number + 1) if number < 9_999 else None)


@both_ways
async def test_memory_stays_flat_over_ten_thousand_pages(prefetch: int) -> None:
    """A list that is worked through holds a page or two, however long it is."""
    listing = Endless({}).list(prefetch)
    items = before = 0
    tracemalloc.start()
    async for _ in listing:
        items += 1
        if items == 1_000:
            tracemalloc.reset_peak()
            before, _ = tracemalloc.get_traced_memory()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert items == 100_000
    assert peak - before < 50_000


async def test_reading_ahead_fetches_the_next_page_while_this_one_is_worked_on() -> None:
    """One page ahead, never two."""
    service = three_pages()
    pages = service.list(prefetch=1).pages()

    await anext(pages)
    await asyncio.sleep(0.01)
    assert [None, "1"] == service.asked


async def test_leaving_a_loop_early_ends_the_read_ahead() -> None:
    """No task is left behind, and its fate disturbs nobody."""
    service = three_pages()
    service.gate = asyncio.Event()
    before = asyncio.all_tasks()
    async for _ in service.list(prefetch=1).pages():
        await asyncio.sleep(0)
        break
    gc.collect()
    await asyncio.sleep(0.01)

    assert before == asyncio.all_tasks()


async def test_a_read_ahead_that_nobody_wants_may_fail_in_silence() -> None:
    """Its error belongs to the caller who asks for the page, and nobody does."""
    service = three_pages()
    service.fails_at = "1"
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    async for _ in service.list(prefetch=1):
        await asyncio.sleep(0.01)
        break
    gc.collect()
    await asyncio.sleep(0.01)

    assert [] == complaints
