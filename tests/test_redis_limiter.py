"""The limiter on Redis: the shared suite, and what only many processes can show.

Most stories happen in virtual time. The server is real and executes the real script all the same;
only its clock is ours. Each limiter in a story stands for a process.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import random
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, ClassVar, Literal, cast, get_args

import anyio
import attrs
import pytest
import redis as blocking
from anyio import to_thread
from hypothesis import given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis, RedisCluster

from benchmarks.scaling_simulation import Bots, flood
from ivs_async import Credentials, IvsSession
from ivs_async._aws.errors import ConfigurationError, RateLimitExceeded
from ivs_async.quotas import CallRate
from ivs_async.redis import RateLimiterUnavailable, RedisRateLimiter

from .limiter_suite import (
    GOAL,
    POLL,
    SCORE,
    SLACK,
    LimiterSuite,
    MakeLimiter,
    busiest_window,
    now,
    put_metadata,
    spend,
    take,
)
from .redis_far_side import FarRedis, Fate
from .redis_server import EVERY_SERVER, RedisServer, binary, free_port, redis_server
from .virtual_time import VirtualLoop, run

__all__ = ["redis_server"]

# attempt_timeout, settle, the time to be handed over in, a period
LEASE = 13.0
accounts = itertools.count(1)


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    """Time passes at once."""
    return "asyncio", {"loop_factory": VirtualLoop}


class Account:
    """One account on one server, and the processes that share it."""

    def __init__(self, server: RedisServer, round_trip: float = 0.001) -> None:
        self.name = str(next(accounts))
        self.server = server
        self.round_trip = round_trip
        self.connections = ExitStack()

    def far(self) -> FarRedis:
        """A new way to the server."""
        connection = self.connections.enter_context(self.server.socket)
        return FarRedis(connection, round_trip=self.round_trip)

    def process(self, quotas: Mapping[str, CallRate], **options: Any) -> RedisRateLimiter:
        """A new process's limiter."""
        options = {"account_id": self.name, "region": "test", **options}
        return RedisRateLimiter(self.far(), quotas, **options)

    def stored(self) -> list[str]:
        """What Redis holds of the account."""
        found = self.far().execute("KEYS", f"*:{self.name}:test*")
        return sorted(key.decode() for key in found)


@pytest.fixture
def account(redis_server: RedisServer) -> Iterator[Account]:
    """An account of the test's own."""
    account = Account(redis_server)
    with account.connections:
        yield account


def way(limiter: RedisRateLimiter) -> FarRedis:
    """The way from a process to the server."""
    return cast(FarRedis, limiter._redis)


async def until(condition: Callable[[], bool], every: float = 0.05) -> None:
    """Wait until something is so, for ten seconds at most."""
    for _ in range(int(10 / every)):
        if condition():
            return
        await anyio.sleep(every)
    raise AssertionError("it never came to be")


def loop() -> VirtualLoop:
    running = asyncio.get_running_loop()
    assert isinstance(running, VirtualLoop)
    return running


@pytest.mark.parametrize("round_trip", [0.0, 0.004], ids=["at hand", "4 ms away"])
class TestRedisRateLimiter(LimiterSuite):
    """The shared suite."""

    @pytest.fixture
    def make(self, account: Account, round_trip: float) -> MakeLimiter:
        account.round_trip = round_trip
        return account.process


# The promise, over all processes


@attrs.frozen
class Call:
    """What happens to one call of a process, in seconds."""

    process: int
    channel: str
    begins: float
    trip: float
    way: float
    end: str
    gives_up: float | None


def seconds(most: float) -> st.SearchStrategy[float]:
    return st.integers(0, int(most * 32)).map(lambda number: number / 32)


calls = st.builds(
    Call,
    process=st.integers(0, 2),
    channel=st.sampled_from([GOAL, POLL]),
    begins=seconds(3),
    trip=seconds(0.5),
    way=st.sampled_from([0.0, 0.5, 1.0]),
    end=st.sampled_from(["answered", "answered", "unanswered", "unused", "throttled", "named"]),
    gives_up=st.none() | seconds(2),
)
accidents = st.lists(
    st.tuples(
        st.integers(0, 2),
        seconds(4),
        st.sampled_from(["refused", "answer lost", "late", "lost", "twice", "scripts", "killed"]),
    ),
    max_size=4,
)


@attrs.frozen
class Seen:
    """What the service saw, and what was left when all had gone."""

    arrivals: dict[str, list[float]]
    alone: int
    free: int


async def play(
    account: Account, rate: CallRate, script: list[Call], faults: list[tuple[int, float, str]]
) -> Seen:
    """Let the calls of a script happen, and accidents on the way to Redis."""
    limiters = [account.process({"PutMetadata": rate}, settle=0.25) for _ in range(3)]
    arrivals: dict[str, list[float]] = {GOAL: [], POLL: []}
    running: dict[int, list[asyncio.Task[None]]] = {0: [], 1: [], 2: []}
    alone = 0

    async def make(call: Call) -> None:
        nonlocal alone
        await anyio.sleep(call.begins)
        limiter = limiters[call.process]
        try:
            async with asyncio.timeout(call.gives_up):
                permit = await limiter.acquire("PutMetadata", call.channel, None)
        except TimeoutError:
            return
        alone += not limiter.connected
        sent = now()
        if call.end == "unused":
            permit.unused()
            return
        late = 0.25 if call.end == "unanswered" else 0.0
        arrivals[call.channel].append(sent + call.way * (call.trip + late))
        await anyio.sleep(call.trip)
        if call.end == "answered":
            permit.answered()
        elif call.end == "unanswered":
            permit.unanswered()
        else:
            permit.throttled(call.channel if call.end == "named" else "Rate exceeded")

    async def happen(process: int, at: float, what: str) -> None:
        await anyio.sleep(at)
        if what == "scripts":
            account.far().execute("SCRIPT", "FLUSH")
        elif what == "killed":
            way(limiters[process]).always = "lost"
            for task in running[process]:
                task.cancel()
        else:
            way(limiters[process]).fates.append(cast(Fate, what))

    everything = [asyncio.create_task(happen(*fault)) for fault in faults]
    for call in script:
        task = asyncio.create_task(make(call))
        running[call.process].append(task)
        everything.append(task)
    await asyncio.wait(everything)
    await anyio.sleep(LEASE + 20)
    survivor = account.process({"PutMetadata": rate}, settle=0.25)
    began, free = now(), 0
    while True:
        permit = await survivor.acquire("PutMetadata", GOAL, None)
        permit.unused() if now() - began > 0.5 else permit.answered()
        if now() - began > 0.5:
            break
        free += 1
    await survivor.close()
    return Seen(arrivals, alone, free)


@settings(deadline=None, max_examples=60)
@given(
    rate=st.builds(
        CallRate,
        per_account=st.sampled_from([None, 1, 3, 7]),
        per_resource=st.sampled_from([2, 3]),
    ),
    script=st.lists(calls, min_size=1, max_size=25),
    faults=accidents,
)
def test_whatever_happens_the_promise_holds(
    redis_server: RedisServer, rate: CallRate, script: list[Call], faults: list[Any]
) -> None:
    """No window holds more than the rate over all processes, and no token is lost for ever."""
    account = Account(redis_server)
    with account.connections:
        seen = run(play(account, rate, script, faults))
    per_resource, per_account = int(rate.per_resource or 0), rate.per_account
    # a process that was cut off for a second spends a token of its own share
    for each in seen.arrivals.values():
        assert busiest_window(each, 1 - 1e-6) <= per_resource + seen.alone
    if per_account:
        everything = [at for each in seen.arrivals.values() for at in each]
        assert busiest_window(everything, 1 - 1e-6) <= per_account + seen.alone
    assert seen.free == min(per_resource, per_account or per_resource)


def test_a_flood_from_four_processes_spends_the_whole_rate(redis_server: RedisServer) -> None:
    """Nothing above the rate, next to nothing below it, equal parts, few calls of the script."""
    outcome = run(flood(redis_server, Bots(processes=4, tasks=25, channels=100), seconds=4))
    assert outcome.busiest <= 155
    assert outcome.of_ideal > 0.94
    assert outcome.worst_share > 0.8
    assert outcome.calls_per_grant < 2


def test_processes_that_flood_one_channel_have_equal_parts(redis_server: RedisServer) -> None:
    """Five tokens a second for eight processes: whoever was served longest ago is next."""
    outcome = run(flood(redis_server, Bots(processes=8, tasks=3, channels=1), seconds=16))
    assert outcome.busiest <= 5
    assert outcome.of_ideal > 0.94
    assert outcome.worst_share > 0.8


async def test_a_quiet_process_is_served_among_floods(account: Account) -> None:
    """With the next tokens that come back, although others have three periods' calls waiting."""
    quotas = put_metadata(per_account=50)
    floods = [account.process(quotas) for _ in range(3)]
    quiet = account.process(quotas)

    async def calls(limiter: RedisRateLimiter) -> None:
        while True:
            await spend(limiter, 1)

    tasks = [asyncio.create_task(calls(limiter)) for limiter in floods for _ in range(60)]
    await anyio.sleep(2)
    for _ in range(5):
        (permit,) = await take(quiet, 1)
        assert permit.waited < 1.1
        permit.answered()
        await anyio.sleep(0.5)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def test_what_a_quiet_process_does_not_want_is_spent_by_others(account: Account) -> None:
    """A part is an offer: one call that waits reserves one token, not half of the rate."""
    quotas = put_metadata(per_account=20)
    one, other = account.process(quotas), account.process(quotas)
    spent = 0

    async def calls() -> None:
        nonlocal spent
        while True:
            await spend(one, 1)
            spent += 1

    tasks = [asyncio.create_task(calls()) for _ in range(40)]
    for _ in range(10):
        await anyio.sleep(0.3)
        await spend(other, 1)
    assert spent + 10 >= 20 * 3
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def test_a_token_goes_to_another_process_when_it_is_back(account: Account) -> None:
    """A period after its answer to the millisecond, although nobody polls for it."""
    quotas = put_metadata(per_account=1)
    one, other = account.process(quotas), account.process(quotas)
    (permit,) = await take(one, 1)
    waiting = asyncio.create_task(take(other, 1))
    await anyio.sleep(0.4)
    permit.answered()
    answered = now()
    (permit,) = await waiting
    assert 1 <= now() - answered < 1.01
    assert way(other).calls < 12
    permit.answered()


async def test_a_throttle_that_one_process_sees_slows_all(account: Account) -> None:
    """The bucket closes for everybody, and has half its tokens afterwards."""
    quotas = put_metadata(per_account=8)
    one, other = account.process(quotas), account.process(quotas)
    await spend(other, 1)
    (permit,) = await take(one, 1)
    permit.throttled("Rate exceeded")
    closed = now()
    await anyio.sleep(0.01)
    permits = await take(other, 4)
    assert 1 <= now() - closed < 1.1
    (row,) = other.snapshot()
    assert row.size == 4
    permits += await take(one, 1)
    assert 2 <= now() - closed < 2.1
    for permit in permits:
        permit.answered()


async def test_throttles_of_one_burst_halve_a_bucket_once(account: Account) -> None:
    """Whoever sees them: attempts that were under way when it closed say nothing new."""
    quotas = put_metadata(per_account=8)
    processes = [account.process(quotas) for _ in range(2)]
    permits = [*await take(processes[0], 3), *await take(processes[1], 3)]
    for permit in permits:
        permit.throttled("Rate exceeded")
        await anyio.sleep(0.01)
    await anyio.sleep(1.0)
    await spend(processes[0], 1)
    assert processes[0].snapshot()[0].size == 4
    await anyio.sleep(6)
    assert len(await take(processes[0], 8)) == 8
    assert processes[0].snapshot()[0].size == 8


async def test_a_bucket_steps_back_for_as_long_as_it_takes(account: Account) -> None:
    """Redis remembers it until the last token is gained, whoever calls in the meantime."""
    limiter = account.process(put_metadata(per_account=40))
    (permit,) = await take(limiter, 1)
    permit.throttled("Rate exceeded")
    await spend(limiter, 1)
    await anyio.sleep(0.5)
    (state,) = [key for key in account.stored() if key.endswith("PutMetadata:state")]
    assert account.far().execute("PTTL", state) > 15_000


# What it costs


async def test_a_call_costs_two_calls_of_the_script_at_most(account: Account) -> None:
    """One that asks, and one that gives back when no other came in a quarter of a second."""
    limiter = account.process(put_metadata(per_account=50, per_resource=5))
    await spend(limiter, 1)
    assert way(limiter).calls <= 2  # EVAL after EVALSHA, where the server does not know the script
    before = way(limiter).calls
    await anyio.sleep(1)
    assert way(limiter).calls == before + 1
    for _ in range(10):
        await spend(limiter, 1)
        await anyio.sleep(0.21)
    assert way(limiter).calls <= before + 1 + 10


async def test_calls_made_together_are_asked_for_together(account: Account) -> None:
    """Forty calls on ten channels, one script call for each eight channels or more."""
    limiter = account.process(put_metadata(per_account=155, per_resource=5))
    channels = [f"channel/{number}" for number in range(10)]
    async with asyncio.TaskGroup() as tasks:
        for channel in channels * 4:
            tasks.create_task(spend(limiter, 1, channel))
    assert way(limiter).calls <= 4
    await limiter.close()


async def test_nothing_runs_when_nothing_is_to_be_done(account: Account) -> None:
    """No timer, no task and no call; and no channel is remembered for longer than it matters."""
    limiter = account.process(put_metadata(per_account=155, per_resource=5))
    tasks = asyncio.all_tasks()
    for number in range(20):
        await spend(limiter, 1, f"channel/{number}")
    await anyio.sleep(1.5)
    before = way(limiter).calls
    assert loop().timers == 0
    assert asyncio.all_tasks() == tasks
    await anyio.sleep(5)
    assert way(limiter).calls == before
    await spend(limiter, 1)
    assert len(limiter.snapshot()) == 2


async def test_a_snapshot_tells_what_this_process_knows(account: Account) -> None:
    """Its own calls, and the buckets as Redis last told."""
    quotas = put_metadata(per_account=4, per_resource=2)
    limiter, other = account.process(quotas), account.process(quotas)
    await take(other, 1, POLL)
    permits = await take(limiter, 2)
    waiting = asyncio.create_task(take(limiter, 1))
    await anyio.sleep(0.1)
    shared, own = limiter.snapshot()
    assert (shared.tokens, shared.in_flight, shared.waiting) == (4, 2, 1)
    assert (own.resource, own.free, own.in_flight, own.waiting) == (GOAL, 0, 2, 1)
    assert 0.8 < own.expected_wait <= 1.1
    waiting.cancel()
    for permit in permits:
        permit.answered()
    await anyio.sleep(0.6)
    assert limiter.snapshot()[0].free >= 1


# What can be lost


async def test_an_answer_that_is_lost_costs_no_token(account: Account) -> None:
    """What it granted is given back by the next call that arrives."""
    limiter = account.process(put_metadata(per_account=3))
    await spend(limiter, 1)
    await anyio.sleep(1.5)
    way(limiter).fates.append("answer lost")
    began = now()
    permits = [*await asyncio.gather(*(limiter.acquire("PutMetadata") for _ in range(3)))]
    assert now() - began < 0.5
    for permit in permits:
        permit.answered()


@pytest.mark.parametrize("fate", ["late", "twice"])
async def test_a_call_that_is_executed_out_of_turn_does_nothing(
    account: Account, fate: Fate
) -> None:
    """Neither a repeated one nor one that arrives after its successor takes a token away."""
    limiter = account.process(put_metadata(per_account=3))
    way(limiter).fates.append(fate)
    await spend(limiter, 1)
    await anyio.sleep(way(limiter).late_by + 1.5)
    began = now()
    permits = await take(limiter, 3)
    assert now() - began < 0.5
    for permit in permits:
        permit.answered()


async def test_what_is_given_back_twice_comes_back_once(account: Account) -> None:
    """The answer to a call that gave tokens back is lost, so the next call says it again."""
    limiter = account.process(put_metadata(per_account=2))
    permits = await take(limiter, 2)
    for permit in permits:
        permit.answered()
    answered = now()
    way(limiter).fates.append("answer lost")
    permits = await take(limiter, 2)
    assert 1 <= now() - answered < 1.3
    for permit in permits:
        permit.answered()


async def test_the_tokens_of_a_process_that_died_come_back(account: Account) -> None:
    """When its leases run out, and not a moment later."""
    quotas = put_metadata(per_account=2)
    dead, living = account.process(quotas), account.process(quotas)
    await take(dead, 2)
    began = now()
    way(dead).always = "lost"
    (permit,) = await take(living, 1)
    assert LEASE - 0.1 <= now() - began < LEASE + 0.5
    permit.answered()


async def test_a_process_that_died_waiting_keeps_nothing_for_itself(account: Account) -> None:
    """Others wait for its turn for a moment only."""
    quotas = put_metadata(per_account=10)
    dead, living = account.process(quotas), account.process(quotas)
    await spend(living, 10)
    waiting = [asyncio.create_task(take(dead, 1)) for _ in range(9)]
    await anyio.sleep(0.1)
    way(dead).always = "lost"
    for task in waiting:
        task.cancel()
    began = now()
    await spend(living, 10)
    assert now() - began < 2
    await asyncio.wait(waiting)


async def test_a_grant_that_nobody_waits_for_any_more_goes_back(account: Account) -> None:
    """A token is granted a little before its time; its call may be cancelled in between."""
    quotas = put_metadata(per_account=1)
    one, other = account.process(quotas), account.process(quotas)
    await spend(one, 1)
    answered = now()
    waiting = asyncio.create_task(take(one, 1))
    await anyio.sleep(0.985)
    assert not waiting.done()
    waiting.cancel()
    await spend(other, 1)
    assert now() - answered < 2


async def test_a_wait_for_what_others_spent_is_refused_when_redis_has_told(
    account: Account,
) -> None:
    """This process could not know, but it hears with its first answer; calls with time go on."""
    quotas = put_metadata(per_account=2)
    one, other = account.process(quotas), account.process(quotas)
    await spend(one, 2)
    began = now()
    patient = asyncio.create_task(take(other, 1, GOAL, 1.5))
    hasty = asyncio.create_task(take(other, 1, GOAL, 0.5))
    with pytest.raises(RateLimitExceeded, match=r"0\.50 s are left") as refused:
        await hasty
    assert now() - began < 0.1
    assert 0.9 < refused.value.wait < 1.1
    (permit,) = await patient
    permit.answered()


async def test_a_permit_ends_once(account: Account) -> None:
    """A second end changes nothing, whichever it is."""
    limiter = account.process(put_metadata(per_account=1))
    (permit,) = await take(limiter, 1)
    permit.answered()
    permit.unused()
    permit.throttled("Rate exceeded")
    (row,) = limiter.snapshot()
    assert (row.in_flight, row.closed_for) == (0, 0)
    await spend(limiter, 1)
    assert now() >= 1


async def test_a_process_that_slept_does_not_use_an_old_grant(account: Account) -> None:
    """Its lease may run out before the attempt has ended, so it asks for another."""
    limiter = account.process(put_metadata(per_account=1))
    await spend(limiter, 1)
    waiting = asyncio.create_task(take(limiter, 1))
    await anyio.sleep(0.985)
    assert not waiting.done()
    loop().pass_time(60)
    woken = now()
    calls = way(limiter).calls
    (permit,) = await waiting
    assert now() - woken < 0.1
    assert way(limiter).calls > calls
    permit.answered()


async def test_closing_gives_back_what_is_not_used(account: Account) -> None:
    """Other processes need not wait for leases to run out."""
    quotas = put_metadata(per_account=2)
    other = account.process(quotas)
    async with account.process(quotas) as limiter:
        permits = await take(limiter, 2)
        waiting = asyncio.create_task(take(limiter, 1))
        for permit in permits:
            permit.answered()
        await anyio.sleep(0.985)
    answered = now() - 0.985
    with pytest.raises(ConfigurationError, match="closed while"):
        await waiting
    with pytest.raises(ConfigurationError, match="is closed"):
        await limiter.acquire("PutMetadata")
    await limiter.close()
    await spend(other, 2)
    assert now() - answered < 1.2
    await anyio.sleep(1)
    assert loop().timers == 0


async def test_closing_while_a_call_is_under_way(account: Account) -> None:
    """What it is granted goes back as well."""
    account.round_trip = 0.1
    limiter = account.process(put_metadata(per_account=1))
    waiting = asyncio.create_task(take(limiter, 1))
    await anyio.sleep(0.08)
    await limiter.close()
    with pytest.raises(ConfigurationError):
        await waiting
    other = account.process(put_metadata(per_account=1))
    (permit,) = await take(other, 1)
    assert permit.waited < 0.3
    permit.answered()


async def test_closing_and_cancelling_at_once(account: Account) -> None:
    """The cancellation wins."""
    limiter = account.process(put_metadata(per_account=1))
    waiting = asyncio.create_task(take(limiter, 1))
    closing = asyncio.create_task(limiter.close())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting, closing])
    assert waiting.cancelled()


async def test_a_close_that_is_cancelled_goes_on(account: Account) -> None:
    """Whoever closes may lose patience; the tokens go back all the same."""
    account.round_trip = 0.1
    quotas = put_metadata(per_account=1)
    limiter, other = account.process(quotas), account.process(quotas)
    (permit,) = await take(limiter, 1)
    permit.unused()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await limiter.close()
    await anyio.sleep(0.2)
    (permit,) = await take(other, 1)
    assert permit.waited < 0.3
    permit.answered()


async def test_a_limiter_that_was_never_used_closes(account: Account) -> None:
    """Without asking Redis for anything."""
    limiter = account.process(put_metadata(per_account=1))
    await limiter.close()
    assert way(limiter).calls == 0


# Redis's memory


@pytest.mark.parametrize("settle", [0.0, 1.0])
async def test_a_redis_that_lost_its_memory_keeps_everything_closed(
    account: Account, settle: float
) -> None:
    """Until what was out before must be back, and what others spent until they noticed."""
    quotas = put_metadata(per_account=3)
    one, other = (account.process(quotas, settle=settle) for _ in range(2))
    await spend(one, 2)
    await spend(other, 1)
    account.far().execute("FLUSHALL")
    lost = now()
    await spend(other, 1)
    assert 2 <= now() - lost < 2.1
    await spend(one, 2)
    assert now() - lost < 2.2


async def test_a_first_process_does_not_wait(account: Account) -> None:
    """Nothing was lost where nothing was."""
    limiter = account.process(put_metadata(per_account=3))
    (permit,) = await take(limiter, 1)
    assert permit.waited < 0.1
    permit.answered()


async def test_a_process_that_was_quiet_for_long_does_not_miss_its_keys(account: Account) -> None:
    """Redis forgets a process after a minute, and that is no loss."""
    limiter = account.process(put_metadata(per_account=3))
    await spend(limiter, 3)
    await anyio.sleep(61)
    account.far().execute("FLUSHALL")
    (permit,) = await take(limiter, 1)
    assert permit.waited < 0.1
    permit.answered()


async def test_a_quiet_process_that_asks_first_is_put_right_by_a_busy_one(
    account: Account,
) -> None:
    """It could not know that Redis was emptied; the other closes everything."""
    quotas = put_metadata(per_account=8)
    quiet, busy = account.process(quotas), account.process(quotas)
    await spend(quiet, 1)
    await anyio.sleep(31)
    await spend(busy, 7)
    account.far().execute("DEL", *account.stored())
    emptied = now()
    permits = await take(quiet, 2)
    assert now() - emptied < 0.1
    permits += await take(busy, 1)
    assert 2 - SLACK <= now() - emptied < 2.2
    for permit in permits:
        permit.answered()


async def test_a_failover_that_lost_the_last_writes_is_noticed(account: Account) -> None:
    """The new server knows an older call of this process than it has answered."""
    limiter = account.process(put_metadata(per_account=3))
    await spend(limiter, 3)
    (holder,) = [key for key in account.stored() if ":holder:" in key]
    account.far().execute("SET", holder, "0")
    began = now()
    (permit,) = await take(limiter, 1)
    assert 2 <= now() - began < 2.1
    permit.answered()


# An outage of all


Failure = Literal["stands", "refused", "lost", "answer lost", "emptied"]


async def fail(
    account: Account, limiters: Iterable[RedisRateLimiter], how: Failure, lasts: float
) -> None:
    """Let nobody have Redis for a while."""
    for each in limiters:
        if how == "stands":
            way(each).stands_until = now() + lasts
        else:
            way(each).always = "refused" if how == "emptied" else how
    await anyio.sleep(lasts)
    if how == "emptied":
        account.far().execute("DEL", *account.stored())
    for each in limiters:
        way(each).always = "well"


@attrs.frozen
class Outage:
    """What happens to some processes that share an account.

    Attributes:
        trips: Seconds to Redis and back, for each process.
        tasks: How many calls each makes at a time, and the longest pause between two of a task.
        how: What fails.
        begins: When, after all have begun.
        lasts: For how long.
    """

    trips: list[float]
    tasks: list[tuple[int, float]]
    how: Failure
    begins: float
    lasts: float


outages = st.integers(2, 5).flatmap(
    lambda processes: st.builds(
        Outage,
        trips=st.lists(
            st.sampled_from([0.001, 0.01, 0.03]), min_size=processes, max_size=processes
        ),
        tasks=st.lists(
            st.tuples(st.sampled_from([1, 4, 12]), st.sampled_from([0.0, 0.1, 0.3])),
            min_size=processes,
            max_size=processes,
        ),
        how=st.sampled_from(get_args(Failure)),
        begins=st.floats(0, 1.5),
        lasts=st.floats(0.1, 5),
    )
)


async def live_through(
    account: Account, rate: CallRate, outage: Outage, chance: random.Random
) -> dict[str, list[float]]:
    """Let processes flood two channels before, during and after an outage."""
    limiters = []
    for trip in outage.trips:
        account.round_trip = trip
        limiters.append(
            account.process({"PutMetadata": rate}, fallback_share=1 / len(outage.trips))
        )
    arrivals: dict[str, list[float]] = {GOAL: [], POLL: []}

    async def calls(limiter: RedisRateLimiter, pause: float) -> None:
        while True:
            await anyio.sleep(chance.uniform(0, pause))
            channel = chance.choice([GOAL, POLL])
            (permit,) = await take(limiter, 1, channel)
            trip = chance.uniform(0, 0.1)
            way = chance.uniform(0, trip)
            await anyio.sleep(way)
            arrivals[channel].append(now())
            await anyio.sleep(trip - way)
            permit.answered()

    tasks = [
        asyncio.create_task(calls(limiter, pause))
        for limiter, (count, pause) in zip(limiters, outage.tasks, strict=True)
        for _ in range(count)
    ]
    await anyio.sleep(outage.begins)
    await fail(account, limiters, outage.how, outage.lasts)
    await anyio.sleep(4)
    assert all(limiter.connected for limiter in limiters)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    for limiter in limiters:
        await limiter.close()
    return arrivals


@settings(deadline=None, max_examples=30)
@given(
    tokens=st.sampled_from([(None, 1), (1, None), (4, 1), (4, 2), (7, 3)]),
    outage=outages,
    chance=st.randoms(use_true_random=False),
)
def test_an_outage_that_all_live_through_overfills_no_window(
    redis_server: RedisServer,
    tokens: tuple[int | None, int | None],
    outage: Outage,
    chance: random.Random,
) -> None:
    """Whenever each of them notices that Redis is away, and that it is back."""
    processes = len(outage.trips)
    per_account, per_resource = (part and part * processes for part in tokens)
    rate = CallRate(per_account=per_account, per_resource=per_resource)
    account = Account(redis_server)
    with account.connections:
        arrivals = run(live_through(account, rate, outage, chance))
    for each in arrivals.values():
        assert not per_resource or busiest_window(each, 1 - 1e-6) <= per_resource
    everything = [at for each in arrivals.values() for at in each]
    assert not per_account or busiest_window(everything, 1 - 1e-6) <= per_account


def is_away(limiter: RedisRateLimiter) -> bool:
    """Whether a process goes on without Redis, asked anew each time."""
    return not limiter.connected


async def two(account: Account) -> tuple[RedisRateLimiter, RedisRateLimiter]:
    """Processes that share eight calls a second, and may spend four each on their own."""
    quotas = put_metadata(per_account=8)
    one, other = (account.process(quotas, fallback_share=0.5) for _ in range(2))
    await spend(one, 1)
    await spend(other, 1)
    await anyio.sleep(1)
    return one, other


async def alone(*limiters: RedisRateLimiter, how: Fate = "refused") -> None:
    """Let them lose Redis, and begin to spend their shares."""
    for each in limiters:
        way(each).always = how
    await asyncio.gather(*(spend(each, 1) for each in limiters))
    assert all(is_away(each) for each in limiters)


@pytest.mark.parametrize("how", ["refused", "answer lost"])
async def test_whoever_is_back_first_takes_nothing_before_the_others_are(
    account: Account, how: Fate
) -> None:
    """All that they spent on their own is back by then."""
    one, other = await two(account)
    await alone(one, other, how=how)
    await anyio.sleep(1)
    way(one).always = "well"
    waiting = asyncio.create_task(take(one, 7))
    await until(lambda: one.connected, every=0.01)
    back = now()
    await spend(other, 4)
    await anyio.sleep(0.1)
    assert is_away(other)
    way(other).always = "well"
    theirs = asyncio.create_task(take(other, 1))
    permits = await waiting
    assert 2 - SLACK <= now() - back < 2.4
    permits += await theirs
    assert not is_away(other)
    assert 2 - SLACK <= now() - back
    for permit in permits:
        permit.answered()


async def test_a_process_that_fell_quiet_asks_before_it_spends(account: Account) -> None:
    """It stopped asking for Redis, and does not know that it is back for long."""
    one, other = await two(account)
    await alone(one, other)
    await anyio.sleep(1)
    held = await take(other, 1)
    await anyio.sleep(30)
    way(one).always = way(other).always = "well"
    permits = await take(one, 7)
    assert is_away(other)
    (permit,) = await take(other, 1)
    assert not is_away(other)
    for each in (*held, *permits, permit):
        each.answered()


async def test_a_process_that_fell_quiet_goes_on_alone_if_it_must(account: Account) -> None:
    """As soon as Redis is known to be away still."""
    one, _ = await two(account)
    await alone(one)
    await anyio.sleep(30)
    way(one).always = "lost"
    (permit,) = await take(one, 1)
    assert 0.25 <= permit.waited < 0.3
    assert is_away(one)
    permit.answered()
    calls = way(one).calls
    permits = await take(one, 3)
    assert [permit.waited for permit in permits] == [0, 0, 0]
    assert way(one).calls == calls
    await anyio.sleep(1)
    assert way(one).calls - calls <= 2
    for permit in permits:
        permit.answered()


async def test_a_process_that_is_back_late_closes_nothing_again(account: Account) -> None:
    """Others were back before it, and closed the buckets when the outage was over."""
    one, other = await two(account)
    await alone(one, other)
    way(one).always = way(other).always = "well"
    await spend(one, 1)
    assert is_away(other)
    await anyio.sleep(60)
    for each in (other, one):
        (permit,) = await take(each, 1)
        assert permit.waited < 0.1
        assert not is_away(each)
        permit.answered()


async def test_a_stale_connection_of_a_quiet_process_is_only_a_delay(account: Account) -> None:
    """Redis has forgotten it by then, which is no loss."""
    one, _ = await two(account)
    await anyio.sleep(120)
    account.far().execute("DEL", *account.stored())
    way(one).fates.append("refused")
    (permit,) = await take(one, 1)
    assert permit.waited < 0.2
    assert not is_away(one)
    permit.answered()


def test_a_clock_that_ticks_slowly_stops_nobody(redis_server: RedisServer) -> None:
    """The loop rings up to a tick early, when its own time is still before that of the timer."""

    class SlowClock(VirtualLoop):
        TICK = 1 / 64

        def __init__(self) -> None:
            super().__init__()
            self._clock_resolution = self.TICK

        def time(self) -> float:
            return super().time() // self.TICK * self.TICK

    async def calls(limiter: RedisRateLimiter, made: list[float]) -> None:
        while True:
            (permit,) = await take(limiter, 1)
            made.append(now())
            permit.answered()

    async def story(account: Account) -> None:
        limiter = account.process(put_metadata(per_account=8))
        made: list[float] = []
        tasks = [asyncio.create_task(calls(limiter, made)) for _ in range(12)]
        await anyio.sleep(20)
        assert len(made) > 140
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await limiter.close()

    account = Account(redis_server)
    with account.connections, asyncio.Runner(loop_factory=SlowClock) as runner:
        runner.run(story(account))


async def test_an_outage_of_one_closes_nothing_for_the_others(account: Account) -> None:
    """They had Redis all the time, so only the one was alone."""
    one, other = await two(account)

    async def calls() -> None:
        while True:
            (permit,) = await take(other, 1)
            assert permit.waited < 0.5
            permit.unused()
            await anyio.sleep(1)

    busy = asyncio.create_task(calls())
    await alone(one)
    await anyio.sleep(1)
    way(one).always = "well"
    (permit,) = await take(one, 1)
    await until(lambda: one.connected)
    permits = await take(one, 3)
    assert all(permit.waited < 0.5 for permit in permits)
    await anyio.sleep(1)
    assert not busy.done()
    busy.cancel()
    for each in (permit, *permits):
        each.answered()


async def test_a_client_that_sends_every_command_twice_is_no_way_to_redis(
    account: Account,
) -> None:
    """The second answer says nothing, so nothing would ever be granted."""
    limiter = account.process(put_metadata(per_account=8), fallback_share=0.5)
    way(limiter).always = "twice"
    (permit,) = await take(limiter, 1)
    assert is_away(limiter)
    assert way(limiter).calls < 20
    permit.answered()
    way(limiter).always = "well"
    await anyio.sleep(0.5)
    await spend(limiter, 1)
    assert not is_away(limiter)


# Without Redis


async def test_a_process_without_redis_falls_back_to_its_share(
    account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    """When what all spent before is back; it says so once, and returns."""
    caplog.set_level(logging.INFO, "ivs_async")
    limiter = account.process(put_metadata(per_account=20), fallback_share=0.25)
    await spend(limiter, 20)
    way(limiter).always = "refused"
    lost = now()
    arrivals: list[float] = []

    async def calls() -> None:
        while True:
            (permit,) = await take(limiter, 1)
            arrivals.append(now())
            permit.answered()

    tasks = [asyncio.create_task(calls()) for _ in range(10)]
    await anyio.sleep(10)
    assert not limiter.connected
    assert arrivals[0] - lost >= 2 - SLACK
    assert busiest_window(arrivals) == 5
    assert 40 <= len(arrivals) <= 50
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "0.25 of each rate" in caplog.text
    way(limiter).always = "well"
    await anyio.sleep(5)
    assert not is_away(limiter)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert busiest_window(arrivals) <= 20
    assert len([at for at in arrivals if at > lost + 11]) > 30
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def test_a_rate_of_each_resource_alone_falls_back_too(account: Account) -> None:
    """Each channel has its part of its own rate, and there is no rate of the account to part."""
    limiter = account.process(put_metadata(per_resource=4), fallback_share=0.5)
    await spend(limiter, 4)
    way(limiter).always = "refused"
    lost = now()
    await spend(limiter, 2)
    assert now() - lost >= 1 - SLACK
    await spend(limiter, 2)
    assert now() - lost >= 2 - SLACK
    assert not limiter.connected
    way(limiter).always = "well"
    await anyio.sleep(2)
    await spend(limiter, 4)
    assert limiter.connected


async def test_what_was_abandoned_before_redis_was_lost_may_still_arrive(account: Account) -> None:
    """So the process waits for as long as it may, before it spends anything on its own."""
    limiter = account.process(put_metadata(per_account=5), fallback_share=1.0)
    abandoned = await take(limiter, 5)
    way(limiter).always = "refused"
    for permit in abandoned:
        permit.unanswered()
    lost = now()
    await spend(limiter, 5)
    assert now() - lost >= 2 - SLACK


async def test_what_begins_while_redis_comes_back_is_told_to_it(account: Account) -> None:
    """The call that finds Redis again cannot know of it, so the next one tells."""
    account.round_trip = 0.004
    limiter = account.process(put_metadata(per_account=5), fallback_share=1.0)
    way(limiter).always = "refused"
    await spend(limiter, 1)
    await anyio.sleep(10)
    way(limiter).always = "well"
    (permit,) = await take(limiter, 1)
    permit.answered()
    await until(lambda: limiter._calling is not None, every=0.001)
    arrivals: list[float] = []

    async def slow() -> None:
        (permit,) = await take(limiter, 1)
        arrivals.append(now())
        await anyio.sleep(0.5)
        permit.answered()

    await asyncio.gather(*(slow() for _ in range(10)))
    assert limiter.connected
    assert busiest_window(arrivals, 1 - SLACK) == 5


async def test_attempts_that_outlive_an_outage_are_counted_once(account: Account) -> None:
    """Where nothing is spent without Redis, they hold nothing else."""
    quotas = put_metadata(per_account=5, per_resource=3)
    limiter = account.process(quotas, on_unavailable="raise")
    (permit,) = await take(limiter, 1, GOAL)
    for _ in range(3):
        way(limiter).always = "refused"
        with pytest.raises(RateLimiterUnavailable):
            await take(limiter, 1, POLL)
        assert [row.in_flight for row in limiter.snapshot()] == [1, 1]
        way(limiter).always = "well"
        await anyio.sleep(2)
        await spend(limiter, 1, POLL)
        await anyio.sleep(2)
    permit.answered()
    await anyio.sleep(3)
    await spend(limiter, 1, POLL)
    assert [row.in_flight for row in limiter.snapshot()] == [0, 0]


async def test_what_is_under_way_when_redis_is_lost_counts_as_spent(account: Account) -> None:
    """Slow attempts arrive when the process has begun to spend its share already."""
    limiter = account.process(put_metadata(per_account=4), fallback_share=0.5)
    slow = await take(limiter, 4)
    way(limiter).always = "refused"
    waiting = asyncio.create_task(take(limiter, 1))
    await anyio.sleep(3)
    assert not limiter.connected
    assert not waiting.done()
    for permit in slow:
        permit.answered()
    answered = now()
    (permit,) = await waiting
    assert 1 - SLACK <= now() - answered < 1.1
    permit.answered()


async def test_a_redis_that_is_away_is_asked_ever_less_often(account: Account) -> None:
    """At first soon again, then twice a second, and not at all while nobody wants anything."""
    limiter = account.process(put_metadata(per_account=1), fallback_share=0.01)
    way(limiter).always = "lost"
    waiting = asyncio.create_task(take(limiter, 1))
    await anyio.sleep(60)
    assert 110 < way(limiter).calls < 125
    waiting.cancel()
    await anyio.sleep(60)
    calls = way(limiter).calls
    await anyio.sleep(600)
    assert way(limiter).calls == calls
    await limiter.close()


async def test_a_short_outage_is_only_a_delay(
    account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    """Redis is back before the process has spent anything on its own, and nobody is warned."""
    limiter = account.process(put_metadata(per_account=5), fallback_share=1)
    way(limiter).fates.append("refused")
    (permit,) = await take(limiter, 1)
    assert limiter.connected
    assert permit.waited < 0.2
    assert not caplog.records
    permit.answered()


async def test_redis_learns_what_a_process_spent_on_its_own(account: Account) -> None:
    """Attempts that are in flight still count when all the others are back."""
    quotas = put_metadata(per_account=10)
    limiter = account.process(quotas, fallback_share=0.5)
    way(limiter).always = "refused"
    permits = await take(limiter, 5)
    assert now() >= 2
    for permit in permits[:3]:
        permit.answered()
    way(limiter).always = "well"
    await until(lambda: limiter.connected)
    back = now()
    other = account.process(quotas)
    free = await take(other, 8)
    assert now() - back < 2.1
    more = asyncio.create_task(take(other, 2))
    await anyio.sleep(3)
    assert not more.done()
    for permit in permits[3:]:
        permit.unused()
    free += await more
    for permit in free:
        permit.answered()


async def test_a_throttle_is_remembered_over_an_outage(account: Account) -> None:
    """Seen while the process was alone, it closes its own bucket and then everybody's."""
    limiter = account.process(put_metadata(per_account=8), fallback_share=0.5)
    way(limiter).always = "refused"
    (permit,) = await take(limiter, 1)
    permit.throttled("Rate exceeded")
    closed = now()
    (permit,) = await take(limiter, 1)
    assert now() - closed >= 1
    permit.throttled("Rate exceeded")
    way(limiter).always = "well"
    permits = await take(limiter, 2)
    assert limiter.connected
    assert limiter.snapshot()[0].size < 8
    for permit in permits:
        permit.answered()


async def test_whoever_prefers_errors_gets_errors(account: Account) -> None:
    """At once, with the time at which Redis is asked again; and none once it is back."""
    limiter = account.process(put_metadata(per_account=2), on_unavailable="raise")
    await spend(limiter, 2)
    waiting = asyncio.create_task(take(limiter, 1))
    await anyio.sleep(0.01)
    way(limiter).always = "refused"
    with pytest.raises(RateLimiterUnavailable, match="nothing was sent") as refused:
        await waiting
    assert 0 < refused.value.wait <= 0.1
    calls = way(limiter).calls
    with pytest.raises(RateLimiterUnavailable):
        await take(limiter, 1)
    assert way(limiter).calls == calls
    await anyio.sleep(5)
    with pytest.raises(RateLimiterUnavailable):
        await take(limiter, 1)
    await anyio.sleep(5)
    way(limiter).always = "well"
    (permit,) = await take(limiter, 1)
    assert permit.waited < 0.1
    permit.answered()


async def test_an_attempt_may_outlast_an_outage(account: Account) -> None:
    """Its token was Redis's and goes back to Redis, however long that takes."""
    limiter = account.process(put_metadata(per_account=1), fallback_share=0.01)
    (permit,) = await take(limiter, 1)
    way(limiter).always = "refused"
    waiting = asyncio.create_task(take(limiter, 1))
    await anyio.sleep(3)
    permit.answered()
    await anyio.sleep(3)
    way(limiter).always = "well"
    (permit,) = await waiting
    assert now() < 8.2
    permit.answered()


async def test_grants_that_wait_for_their_time_are_given_back_in_an_outage(
    account: Account,
) -> None:
    """From then on only the process's own share counts."""
    limiter = account.process(put_metadata(per_account=2), fallback_share=1)
    first, second = await take(limiter, 2)
    first.answered()
    answered = now()
    waiting = asyncio.create_task(take(limiter, 1))
    await anyio.sleep(0.985)
    way(limiter).fates.extend(["refused", "refused", "refused"])
    second.unused()
    (permit,) = await waiting
    assert now() - answered >= 1
    assert limiter.connected
    permit.answered()


# Arguments


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"account_id": ""}, "account_id"),
        ({"region": "{us}"}, "region"),
        ({"attempt_timeout": 0}, "attempt_timeout"),
        ({"timeout": float("inf")}, "timeout"),
        ({"fallback_share": 0}, "fallback_share"),
        ({"fallback_share": 2}, "fallback_share"),
        ({"on_unavailable": "ignore"}, "on_unavailable"),
        ({"share": 0}, "share"),
        ({"redis": "http://localhost"}, "redis must be a URL"),
        ({"redis": "redis://bot:sec/ret@localhost"}, "percent-encode"),
        ({"redis": None}, "an asyncio client"),
        ({"redis": blocking.Redis()}, "an asyncio client"),
        ({"account_id": 123456789012}, "account_id must be a str, not int"),
        ({"timeout": "1"}, "timeout must be a number, not str"),
        ({"fallback_share": None}, "fallback_share must be a number"),
    ],
)
def test_arguments_that_cannot_be_used_are_refused(arguments: dict[str, Any], text: str) -> None:
    """At once, and by name."""
    given: dict[str, Any] = {"redis": "redis://localhost", "account_id": "1", "region": "test"}
    with pytest.raises(ConfigurationError, match=text):
        RedisRateLimiter(**{**given, **arguments})


def test_a_limiter_belongs_to_one_event_loop(account: Account) -> None:
    """Its waiters could not be woken from another."""
    limiter = account.process(put_metadata(per_account=2))
    run(spend(limiter, 1))
    with pytest.raises(ConfigurationError, match="another event loop"):
        run(spend(limiter, 1))


def test_without_its_extra_it_says_what_to_install() -> None:
    """Whoever lacks redis-py is told the extra."""
    code = "import sys; sys.modules['redis.asyncio'] = None; import ivs_async.redis"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "pip install 'ivs-async[redis]'" in run.stderr


# Real time, and the client that people use


@pytest.fixture(params=EVERY_SERVER)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RedisServer]:
    """A server of the test's own."""
    with RedisServer(binary(request.param), tmp_path) as server:
        yield server


class TestRealTime:
    """Nothing is replaced: redis-py, sockets, the server's clock."""

    QUOTAS: ClassVar = put_metadata(per_account=50, per_resource=5)

    @pytest.fixture
    def anyio_backend(self) -> str:
        return "asyncio"

    @pytest.fixture
    async def limiter(self, server: RedisServer) -> AsyncIterator[RedisRateLimiter]:
        """Five seconds are enough for Redis even on a machine with other work."""
        async with RedisRateLimiter(
            server.url, self.QUOTAS, account_id="1", region="test", settle=0.0, timeout=5.0
        ) as limiter:
            yield limiter

    async def test_every_key_is_in_one_slot_and_has_an_end(
        self, server: RedisServer, limiter: RedisRateLimiter
    ) -> None:
        """Nothing of a limiter stays in Redis, whether it was closed or killed."""
        await spend(limiter, 4)
        waiting = [asyncio.create_task(spend(limiter, 1)) for _ in range(3)]
        (permit,) = await take(limiter, 1, POLL)
        permit.throttled("Rate exceeded")
        await asyncio.wait(waiting)
        async with Redis.from_url(server.url) as redis:
            keys: list[bytes] = await redis.execute_command("KEYS", "*")  # type: ignore[no-untyped-call]
            assert len(keys) >= 6
            assert {key.partition(b"}")[0] for key in keys} == {b"{ivs-async:1:test"}
            for key in keys:
                assert 0 < await redis.pttl(key) <= 60_000, key

    async def test_the_script_may_be_flushed(
        self, server: RedisServer, limiter: RedisRateLimiter
    ) -> None:
        """It is sent again, and nothing is lost."""
        await spend(limiter, 1)
        server.command("SCRIPT FLUSH")
        await spend(limiter, 1)
        assert limiter.connected

    async def test_a_user_needs_no_more_than_the_documentation_says(
        self, server: RedisServer
    ) -> None:
        """The line for the access list is enough for whatever the script does."""
        page = Path(__file__).parent.parent / "docs" / "scaling.md"
        (line,) = re.findall(r"^ACL SETUSER bots .*", page.read_text(), re.MULTILINE)
        assert server.command(line).startswith(b"+OK")
        url = server.url.replace("redis://", "redis://bots:secret@")
        async with RedisRateLimiter(
            url, self.QUOTAS, account_id="1", region="test", settle=0.0, timeout=5.0
        ) as limiter:
            await spend(limiter, 5)
            waiting = [asyncio.create_task(spend(limiter, 1)) for _ in range(3)]
            (permit,) = await take(limiter, 1, POLL)
            permit.throttled("Rate exceeded")
            await asyncio.wait(waiting)
            server.command("SCRIPT FLUSH")
            await spend(limiter, 1)
            assert limiter.connected

    async def test_a_server_may_be_killed_and_started_again(
        self, server: RedisServer, limiter: RedisRateLimiter
    ) -> None:
        """Its memory is gone, so a period passes before it grants anything."""
        await spend(limiter, 5)
        server.kill()
        waiting = asyncio.create_task(spend(limiter, 1))
        await until(lambda: not limiter.connected)
        await to_thread.run_sync(server.start)
        started = now()
        await waiting
        await until(lambda: limiter.connected)
        assert now() - started >= 1 - SLACK

    async def test_a_session_in_another_region_refuses_it(self) -> None:
        """It would spend rates that nobody counts; that Redis is not there does not matter."""
        limiter = RedisRateLimiter("redis://127.0.0.1:1", account_id="1", region="eu-west-1")
        ivs = IvsSession(
            region="us-west-2", credentials=Credentials("AKID", "secret"), rate_limiter=limiter
        )
        with pytest.raises(ConfigurationError, match=r"in eu-west-1, .* calls in us-west-2"):
            await ivs.list_streams().collect()
        await ivs.close()
        await limiter.close()

    async def test_a_server_may_pause(self, server: RedisServer) -> None:
        """A command that takes too long is given up; the connection is never used again."""
        limiter = RedisRateLimiter(
            server.url, self.QUOTAS, account_id="1", region="test", timeout=0.2
        )
        await spend(limiter, 1)
        server.pause()
        waiting = asyncio.create_task(spend(limiter, 1))
        await until(lambda: not limiter.connected)
        server.resume()
        await waiting
        await until(lambda: limiter.connected)
        await spend(limiter, 3)
        await limiter.close()

    async def test_a_read_only_server_is_none(
        self, server: RedisServer, limiter: RedisRateLimiter
    ) -> None:
        """A replica refuses to write; the limiter is back when it is a master again."""
        server.command(f"REPLICAOF 127.0.0.1 {server.port}")
        waiting = asyncio.create_task(spend(limiter, 1))
        await until(lambda: not limiter.connected)
        server.command("REPLICAOF NO ONE")
        await waiting
        await until(lambda: limiter.connected)

    async def test_a_cluster_will_do(self, tmp_path: Path) -> None:
        """All keys of an account and region are in one slot."""
        options = ("--cluster-enabled", "yes", "--cluster-port", str(free_port()))
        with RedisServer(binary("redis-server"), tmp_path, *options) as server:
            server.command("CLUSTER ADDSLOTSRANGE 0 16383")
            await until(lambda: b"cluster_state:ok" in server.command("CLUSTER INFO"))
            async with RedisCluster.from_url(server.url) as cluster:
                limiter = RedisRateLimiter(
                    cluster, self.QUOTAS, account_id="1", region="test", timeout=5.0
                )
                for channel in (GOAL, POLL, SCORE):
                    await spend(limiter, 2, channel)
                assert limiter.connected
                await limiter.close()

    async def test_a_client_that_is_lent_is_not_closed(self, server: RedisServer) -> None:
        """Whoever made it may go on with it."""
        async with Redis.from_url(server.url) as redis:
            assert await redis.ping()
            async with RedisRateLimiter(
                redis, self.QUOTAS, account_id="1", region="test", timeout=5.0
            ) as limiter:
                await spend(limiter, 1)
            assert await redis.ping()
