"""Cancellation, everywhere and at any moment: at once, without a trace, and reaching no other."""

from __future__ import annotations

import asyncio
import random
import sys
from typing import Any

import anyio
import pytest

from ivs_async import IvsError, IvsSession, RateLimiter
from ivs_async.quotas import CallRate
from tests.faults.client import ARN, CHANNEL, CREDENTIALS, DONE, open_session
from tests.faults.stepping import cancel_everywhere, stepped
from tests.wire import FIN, HANG, Connection, Step, Wire, answer, error, http, send

WHOLE = http(200, {"channel": {"arn": ARN, "name": "demo"}})

both = pytest.mark.parametrize("late", [False, True], ids=["waiting", "as it came"])


async def settled(wire: Wire, before: set[asyncio.Task[Any]]) -> None:
    """No task is left but the server's and those that were there before."""
    for _ in range(20):
        await asyncio.sleep(0)
    assert asyncio.all_tasks() - wire.tasks <= before


async def traceless(ivs: IvsSession, wire: Wire, before: set[asyncio.Task[Any]]) -> None:
    """Nothing of a cancelled call is left: no task, no call, no connection in use, no quota."""
    await settled(wire, before)
    core = ivs._calls.core
    assert not core.running
    assert not core.interrupted
    assert core.quota.available == 500
    if core.wire is not None:
        connector = core.wire.transport._http.connector
        assert connector is not None
        assert not connector._acquired
        assert not any(connector._waiters.values())


@both
@pytest.mark.parametrize(
    "steps",
    [
        (CHANNEL,),
        (send(WHOLE[:20], WHOLE[20:-5], WHOLE[-5:], every=0.001),),
        (error("ServiceUnavailable", 503), FIN, CHANNEL),
        (answer(200, {"channel": {"arn": ARN}}, end="fin"),),
    ],
    ids=["answered", "in pieces", "after retries", "and closed"],
)
@pytest.mark.parametrize("used", [False, True], ids=["new connection", "used connection"])
async def test_a_call_can_be_cancelled_wherever_it_waits(
    steps: tuple[Step, ...], used: bool, late: bool
) -> None:
    """At each suspension of a call, cancelling it leaves nothing, and the next call succeeds."""

    async def play(connection: Connection) -> None:
        attempt = int(connection.request.headers["amz-sdk-request"][len("attempt=")])
        await steps[min(attempt, len(steps)) - 1].play(connection)

    async with Wire(Step(play)) as wire, open_session(wire, max_connections=1) as ivs:
        await ivs.get_channel(arn=ARN)
        before = asyncio.all_tasks() - wire.tasks

        def replenish() -> None:
            # a call that succeeds at its third attempt earns back one of its two retries
            ivs._calls.core.quota.give(500)

        async def one() -> None:
            replenish()
            if not used:
                await wire.drop()
            await ivs.get_channel(arn=ARN)

        async def check() -> None:
            await traceless(ivs, wire, before)
            assert (await ivs.get_channel(arn=ARN)).channel.arn == ARN

        await cancel_everywhere(one, check, late=late, least=1)


@both
async def test_opening_can_be_cancelled_wherever_it_waits(late: bool) -> None:
    """The first call of a session, which reads configuration and credentials, is no exception."""
    async with Wire(CHANNEL) as wire:
        before = asyncio.all_tasks()

        async def one() -> None:
            async with open_session(wire, credentials=lambda: CREDENTIALS) as ivs:
                await ivs.get_channel(arn=ARN)

        await cancel_everywhere(one, lambda: settled(wire, before), late=late, least=3)


@both
async def test_a_list_can_be_cancelled_wherever_it_waits(late: bool) -> None:
    """Paging, with and without a page read ahead, leaves no task behind."""
    page = {"channels": [{"arn": ARN}] * 2}

    async def play(connection: Connection) -> None:
        token = connection.request.json.get("nextToken", "0")
        more = {"nextToken": str(int(token) + 1)} if int(token) < 3 else {}
        await connection.send(http(200, {**page, **more}))

    async with Wire(Step(play)) as wire, open_session(wire, max_connections=1) as ivs:
        await ivs.list_channels().collect()
        before = asyncio.all_tasks() - wire.tasks

        async def one() -> None:
            assert len(await ivs.list_channels().collect()) == 8

        await cancel_everywhere(one, lambda: traceless(ivs, wire, before), late=late, least=4)


@both
async def test_a_cancelled_call_gives_its_tokens_back(late: bool) -> None:
    """Wherever it is cancelled, no attempt stays in flight in the limiter's books."""
    limiter = RateLimiter({"PutMetadata": CallRate(per_account=1_000, per_resource=1_000)})
    async with Wire(DONE) as wire, open_session(wire, rate_limiter=limiter) as ivs:
        await ivs.put_metadata(channel_arn=ARN, metadata="goal")

        async def one() -> None:
            await wire.drop()
            await ivs.put_metadata(channel_arn=ARN, metadata="goal")

        async def check() -> None:
            buckets = limiter.snapshot()
            assert len(buckets) == 2
            assert not any(bucket.in_flight or bucket.waiting for bucket in buckets)

        await cancel_everywhere(one, check, late=late, least=2)


@both
async def test_a_cancelled_wait_for_tokens_takes_none(late: bool) -> None:
    """Who stops waiting, even just as a token comes, leaves it to the next."""
    limiter = RateLimiter({"PutMetadata": CallRate(per_resource=1)}, settle=0.0)
    async with Wire(DONE) as wire, open_session(wire, rate_limiter=limiter) as ivs:
        await ivs.put_metadata(channel_arn=ARN, metadata="one")
        with pytest.raises(asyncio.CancelledError):
            await asyncio.create_task(
                stepped(1, ivs.put_metadata(channel_arn=ARN, metadata="two"), late=late)
            )
        # a channel whose token is free again is no longer listed
        books = [(row.free, row.in_flight, row.waiting) for row in limiter.snapshot()]
        assert books == ([] if late else [(0, 0, 0)])
    assert len(wire.requests) == 1


async def test_cancelling_reaches_no_other_call() -> None:
    """A thousand calls, cancelled at random: every answer that comes is that of its own request."""
    chance = random.Random(5)

    async def echo(connection: Connection) -> None:
        await asyncio.sleep(chance.random() * 0.004)
        arn = connection.request.json["arn"]
        whole = http(200, {"channel": {"arn": arn, "name": "demo"}})
        cut = chance.randrange(len(whole))
        await connection.send(whole[:cut])
        await asyncio.sleep(chance.random() * 0.002)
        await connection.send(whole[cut:])

    async with Wire(Step(echo)) as wire, open_session(wire, max_connections=4) as ivs:
        before = asyncio.all_tasks() - wire.tasks
        answered = cancelled = 0

        async def one(number: int) -> None:
            nonlocal answered, cancelled
            arn = f"{ARN}{number}"
            task = asyncio.create_task(ivs.get_channel(arn=arn))
            await asyncio.sleep(chance.random() * 0.008)
            if chance.random() < 0.7:
                task.cancel()
            try:
                assert (await task).channel.arn == arn
                answered += 1
            except asyncio.CancelledError:
                cancelled += 1

        for start in range(0, 1_000, 20):
            await asyncio.gather(*(one(number) for number in range(start, start + 20)))
        assert answered + cancelled == 1_000
        assert answered > 100
        assert cancelled > 100
        await traceless(ivs, wire, before | wire.tasks)


async def test_a_thousand_cancelled_waiters_leave_the_pool_usable() -> None:
    """Callers that gave up waiting for one of two connections do not block those who come after."""
    async with (
        Wire(HANG, HANG, CHANNEL) as wire,
        open_session(wire, max_connections=2, attempt_timeout=30.0) as ivs,
    ):
        tasks = [asyncio.create_task(ivs.get_channel(arn=ARN)) for _ in range(1_000)]
        await wire.arrived(2)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(ivs.get_channel(arn=ARN) for _ in range(10)))
    assert len(wire.requests) == 12


async def test_a_time_limit_leaves_the_next_call_alone() -> None:
    """The time-out of one call does not end the one after it, in the same task."""
    async with (
        Wire(HANG, CHANNEL) as wire,
        open_session(wire, attempt_timeout=0.05, max_attempts=1) as ivs,
    ):
        with pytest.raises(TimeoutError):
            await ivs.get_channel(arn=ARN)
        quick = ivs.with_options(attempt_timeout=10.0)
        assert (await quick.get_channel(arn=ARN)).channel.arn == ARN


async def test_an_idle_connection_outlives_the_time_limit_of_its_last_call() -> None:
    """A limit that was armed for one call does not go off under the next on its connection."""
    async with (
        Wire(CHANNEL, send(WHOLE[:30], WHOLE[30:], every=0.2)) as wire,
        open_session(wire, attempt_timeout=0.3, max_attempts=1) as ivs,
    ):
        await ivs.get_channel(arn=ARN)
        await asyncio.sleep(0.25)
        assert (await ivs.get_channel(arn=ARN)).channel.arn == ARN
    assert wire.connections == 1


async def test_a_cancel_scope_ends_a_call() -> None:
    """anyio's ``move_on_after`` sees its own cancellation and nothing else."""
    async with Wire(HANG) as wire, open_session(wire) as ivs:
        with anyio.move_on_after(0.05) as scope:
            await ivs.get_channel(arn=ARN)
        assert scope.cancelled_caught
        with pytest.raises(TimeoutError), anyio.fail_after(0.05):
            await ivs.get_channel(arn=ARN)


async def test_a_cancelled_scope_closes_the_session_all_the_same() -> None:
    """anyio cancels again whatever awaits in a cancelled scope, the closing included."""
    async with Wire(HANG) as wire:
        before = asyncio.all_tasks()
        ivs = open_session(wire)
        with anyio.CancelScope() as scope:
            async with ivs:
                asyncio.get_running_loop().call_soon(scope.cancel)
                await ivs.get_channel(arn=ARN)
        await settled(wire, before)
        assert ivs._calls.core.wire is not None
        assert ivs._calls.core.wire.transport._http.closed


async def test_an_asyncio_timeout_ends_a_call() -> None:
    """``asyncio.timeout`` becomes its own ``TimeoutError``, not one of ours."""
    async with Wire(HANG) as wire, open_session(wire) as ivs:
        with pytest.raises(TimeoutError) as caught:
            async with asyncio.timeout(0.05):
                await ivs.get_channel(arn=ARN)
        assert not isinstance(caught.value, IvsError)


async def test_a_failing_sibling_ends_the_calls_of_a_task_group() -> None:
    """The group's error is the sibling's alone; the calls end in silence."""
    async with Wire(HANG) as wire, open_session(wire) as ivs:

        async def fail() -> None:
            await wire.arrived(3)
            raise LookupError

        with pytest.raises(ExceptionGroup) as caught:  # noqa: PT012 - the group is what raises
            async with asyncio.TaskGroup() as group:
                for _ in range(3):
                    group.create_task(ivs.get_channel(arn=ARN))
                group.create_task(fail())
        assert [type(failure) for failure in caught.value.exceptions] == [LookupError]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks came with Python 3.12")
async def test_eager_tasks_are_tasks_as_well() -> None:
    """With ``asyncio.eager_task_factory`` calls begin at once and end as usual."""
    loop = asyncio.get_running_loop()
    async with Wire(CHANNEL) as wire, open_session(wire) as ivs:
        loop.set_task_factory(asyncio.eager_task_factory)  # type: ignore[attr-defined,unused-ignore]
        try:
            tasks = [loop.create_task(ivs.get_channel(arn=ARN)) for _ in range(10)]
            tasks[3].cancel()
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            loop.set_task_factory(None)
    assert [type(outcome).__name__ for outcome in outcomes].count("CancelledError") == 1


async def test_a_cancellation_is_not_taken_for_the_sessions_own() -> None:
    """A call that its caller cancels while the session closes ends cancelled, not in our error."""
    async with Wire(HANG) as wire:
        async with open_session(wire) as ivs:
            task = asyncio.create_task(ivs.get_channel(arn=ARN))
            await wire.arrived(1)
            task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


@pytest.mark.parametrize("answering", [HANG, CHANNEL], ids=["in flight", "being answered"])
async def test_closing_amid_fifty_calls_ends_each(answering: Step) -> None:
    """Each call ends in its answer or in a typed error; nothing is left running."""
    async with Wire(answering) as wire:
        before = asyncio.all_tasks()
        async with open_session(wire, max_connections=10) as ivs:
            tasks = [asyncio.create_task(ivs.get_channel(arn=ARN)) for _ in range(50)]
            await wire.arrived(10)
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        for outcome in outcomes:
            assert not isinstance(outcome, BaseException) or isinstance(outcome, IvsError)
        assert asyncio.all_tasks() - wire.tasks <= before


async def test_closing_does_not_wait_for_a_limiter_that_will_not_end() -> None:
    """A limiter of the caller's that is slow to be cancelled holds up its own call alone."""
    entered = asyncio.Event()

    class Slow:
        async def acquire(self, *_: object) -> Any:
            try:
                entered.set()
                await asyncio.Event().wait()
            finally:
                with anyio.CancelScope(shield=True):
                    await released.wait()

    released = asyncio.Event()
    async with Wire(CHANNEL) as wire, open_session(wire, rate_limiter=Slow()) as ivs:
        task = asyncio.create_task(ivs.get_channel(arn=ARN))
        await entered.wait()
        await ivs.close()
        assert not task.done()
        released.set()
        with pytest.raises(IvsError, match="closed"):
            await task


async def test_a_closed_session_says_so() -> None:
    """A call on it is refused by name, before anything else."""
    async with Wire(CHANNEL) as wire:
        async with open_session(wire) as ivs:
            pass
        with pytest.raises(IvsError, match="closed"):
            await ivs.get_channel(arn=ARN)
    assert wire.connections == 0


def test_a_session_in_a_second_loop_is_refused() -> None:
    """Connections belong to a loop; a call from another one is a clear error, not a hang."""

    async def first() -> tuple[IvsSession, Any]:
        wire = await Wire(CHANNEL).__aenter__()
        ivs = await open_session(wire).__aenter__()
        await ivs.get_channel(arn=ARN)
        return ivs, wire

    async def other(ivs: IvsSession) -> None:
        with pytest.raises(IvsError, match="loop"):
            await ivs.get_channel(arn=ARN)

    with asyncio.Runner() as one, asyncio.Runner() as two:
        ivs, wire = one.run(first())
        two.run(other(ivs))
        one.run(ivs.__aexit__(None, None, None))
        one.run(wire.__aexit__(None, None, None))
