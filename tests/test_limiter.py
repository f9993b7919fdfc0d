"""The limiter of one process: the shared suite, and what only it promises."""

from __future__ import annotations

import asyncio
import gc
import math
import tracemalloc
from collections.abc import Callable, Sequence
from typing import Any

import anyio
import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.limiter_simulation import (
    DISCIPLINES,
    ROUND_TRIPS,
    Discipline,
    PlainTokenBuckets,
    Traffic,
    simulate,
)
from ivs_async._aws.errors import ConfigurationError, RateLimitExceeded
from ivs_async.limiter import BucketSnapshot, NoLimit, Permit, RateLimiter, TokenBucket
from ivs_async.quotas import CallRate

from .limiter_suite import (
    GOAL,
    POLL,
    SCORE,
    LimiterSuite,
    MakeLimiter,
    busiest_window,
    now,
    put_metadata,
    spend,
    take,
)
from .virtual_time import VirtualLoop, run


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    """Everything here happens in virtual time."""
    return "asyncio", {"loop_factory": VirtualLoop}


class TestRateLimiter(LimiterSuite):
    """The shared suite."""

    @pytest.fixture
    def make(self) -> MakeLimiter:
        return RateLimiter


def loop() -> VirtualLoop:
    running = asyncio.get_running_loop()
    assert isinstance(running, VirtualLoop)
    return running


async def turns(number: int = 3) -> None:
    """Let everybody go on who can, without any time passing."""
    for _ in range(number):
        await asyncio.sleep(0)


def account(limiter: RateLimiter) -> BucketSnapshot:
    """The first row, which is the account's."""
    return limiter.snapshot()[0]


# The promise


@attrs.frozen
class Call:
    """What happens to one call, in seconds."""

    channel: str
    begins: float
    trip: float
    way: float
    end: str
    gives_up: float | None


# fractions that floats hold exactly, so that things do happen at the same moment
def seconds(most: float) -> st.SearchStrategy[float]:
    return st.integers(0, int(most * 32)).map(lambda number: number / 32)


calls = st.builds(
    Call,
    channel=st.sampled_from([GOAL, POLL, SCORE]),
    begins=seconds(2),
    trip=seconds(0.5),
    way=st.sampled_from([0.0, 0.5, 1.0]),
    end=st.sampled_from(["answered", "answered", "unanswered", "unused", "throttled", "named"]),
    gives_up=st.none() | seconds(2),
)
call_rates = st.builds(
    CallRate,
    per_account=st.sampled_from([None, 0.5, 1, 2, 3, 7.9]),
    per_resource=st.sampled_from([None, 0.7, 1, 2, 3]),
)


@attrs.frozen
class Seen:
    """What the service saw, what an onlooker saw, and what was left when all had gone."""

    arrivals: dict[str, list[float]]
    idle: list[BucketSnapshot]
    rows: Sequence[BucketSnapshot]
    timers: int


async def play(rate: CallRate, share: float, settle: float, script: list[Call]) -> Seen:
    """Let the calls of a script happen; the network settles in the last moment."""
    limiter = RateLimiter({"PutMetadata": rate}, share=share, settle=settle)
    arrivals: dict[str, list[float]] = {GOAL: [], POLL: [], SCORE: []}
    idle: list[BucketSnapshot] = []

    async def make(call: Call) -> None:
        await anyio.sleep(call.begins)
        acquiring = asyncio.create_task(limiter.acquire("PutMetadata", call.channel, None))
        limits = [] if call.gives_up is None else [call.gives_up]
        timers = [loop().call_later(limit, acquiring.cancel) for limit in limits]
        await asyncio.wait([acquiring])
        for timer in timers:
            timer.cancel()
        if acquiring.cancelled():
            return
        permit = acquiring.result()
        sent = now()
        await anyio.sleep(call.trip)
        if call.end == "unused":
            permit.unused()
            return
        late = settle if call.end == "unanswered" else 0
        arrivals[call.channel].append(sent + call.way * (now() + late - sent))
        if call.end == "answered":
            permit.answered()
        elif call.end == "unanswered":
            permit.unanswered()
        else:
            permit.throttled(call.channel if call.end == "named" else "Rate exceeded")

    async def look_on() -> None:
        while True:
            # between the moments at which something happens
            await anyio.sleep(1 / 8 + 1e-5)
            rows = limiter.snapshot()
            shared = [row for row in rows if row.resource is None]
            if any(row.free == 0 for row in shared):
                continue
            own = [row for row in rows if row.resource is not None]
            idle.extend(
                row for row in (own if rate.per_resource else shared) if row.free and row.waiting
            )

    looking_on = asyncio.create_task(look_on())
    await asyncio.wait([asyncio.create_task(make(call)) for call in script])
    looking_on.cancel()
    await asyncio.wait([looking_on])
    timers = loop().timers
    await anyio.sleep(100)
    return Seen(arrivals, idle, limiter.snapshot(), timers)


@settings(deadline=None, max_examples=100)
@given(
    rate=call_rates,
    share=st.sampled_from([1.0, 0.5, 0.3]),
    settle=st.sampled_from([0.0, 0.25, 1.0]),
    script=st.lists(calls, min_size=1, max_size=25),
)
def test_whatever_callers_do_the_promise_holds(
    rate: CallRate, share: float, settle: float, script: list[Call]
) -> None:
    """No window at the service holds more than the rate, no token lies idle, none is lost."""
    seen = run(play(rate, share, settle, script))

    everything = [at for each in seen.arrivals.values() for at in each]
    for most, counted in (
        (rate.per_account, [everything]),
        (rate.per_resource, [*seen.arrivals.values()]),
    ):
        if most is not None:
            bucket = TokenBucket(most * share)
            assert max(busiest_window(each, bucket.period) for each in counted) <= bucket.tokens
    assert not seen.idle
    assert seen.timers == 0
    assert all(row.free == row.tokens and not row.waiting for row in seen.rows)
    assert not [row for row in seen.rows if row.resource is not None]


@pytest.mark.parametrize("discipline", DISCIPLINES.values(), ids=DISCIPLINES)
@pytest.mark.parametrize("round_trip", ROUND_TRIPS)
@pytest.mark.parametrize(
    "traffic",
    [
        Traffic("flood, 1 channel", 1, 60.0),
        Traffic("flood, 40 channels", 40, 5.0),
        Traffic("bursts, 1 channel", 1, 60.0, burst=15, rest=5.0),
    ],
    ids=lambda traffic: traffic.name,
)
async def test_no_discipline_throttles_us_and_no_token_is_wasted(
    discipline: Callable[[float], Discipline], round_trip: float, traffic: Traffic
) -> None:
    """The simulation of the documentation, cut short."""
    outcome = await simulate(RateLimiter(), discipline, traffic, round_trip)
    assert outcome.throttled == 0
    assert outcome.reached > 0.995 or traffic.burst


async def test_a_plain_token_bucket_is_throttled() -> None:
    """The simulation can tell the difference."""
    bursts = Traffic("bursts", 1, 60.0, burst=15, rest=5.0)
    outcome = await simulate(PlainTokenBuckets(), DISCIPLINES["sliding second"], bursts, 0.01)
    assert outcome.throttled > outcome.calls / 5


async def test_a_hundred_floods_delay_a_quiet_channel_by_less_than_a_second() -> None:
    """At the published rates, and with whatever the floods have queued."""
    limiter = RateLimiter()

    async def flood(channel: str) -> None:
        while True:
            permit = await limiter.acquire("PutMetadata", channel, None)
            await anyio.sleep(0.02)
            permit.answered()

    floods = [asyncio.create_task(flood(f"channel/{n % 100}")) for n in range(2_000)]
    for _ in range(10):
        await anyio.sleep(1.1)
        (permit,) = await take(limiter, 1)
        assert permit.waited < 1
        permit.answered()
    for task in floods:
        task.cancel()
    await asyncio.wait(floods)


# Waiting


@pytest.mark.parametrize("cancel_at", range(0, 10, 2))
@pytest.mark.parametrize("free_at", [3, 5])
async def test_a_wait_can_be_cancelled_at_every_step(cancel_at: int, free_at: int) -> None:
    """Whatever the loop was about to do next, the tokens are there afterwards."""
    limiter = RateLimiter(put_metadata(per_account=1, per_resource=1))
    (permit,) = await take(limiter, 1)
    waiting = asyncio.create_task(take(limiter, 1))
    for step in range(10):
        if step == free_at:
            permit.unused()
        if step == cancel_at:
            waiting.cancel()
        if step % 2:
            await turns(1)
    await asyncio.wait([waiting])
    if not waiting.cancelled():
        waiting.result()[0].unused()
    assert [row.free for row in limiter.snapshot()] == [1]
    assert loop().timers == 0


async def test_those_who_wait_cost_one_timer_for_each_bucket() -> None:
    """Nothing polls: a timer is set for the next token, while somebody waits for it."""
    limiter = RateLimiter(put_metadata(per_account=4, per_resource=1))
    await spend(limiter, 1, GOAL)
    await spend(limiter, 1, POLL)
    assert loop().timers == 0
    waiting = [
        asyncio.create_task(spend(limiter, 1, channel)) for channel in [GOAL, POLL] for _ in "12345"
    ]
    await turns()
    assert loop().timers == 2
    for task in waiting[:5]:
        task.cancel()
    await turns()
    assert loop().timers == 1
    for task in waiting:
        task.cancel()
    await turns()
    assert loop().timers == 0


async def test_no_timer_is_set_while_only_an_answer_can_help() -> None:
    """With every token in flight there is no time at which to look again."""
    limiter = RateLimiter(put_metadata(per_account=1))
    (permit,) = await take(limiter, 1)
    waiting = asyncio.create_task(take(limiter, 1))
    await turns()
    assert loop().timers == 0
    permit.answered()
    assert loop().timers == 1
    (permit,) = await waiting
    permit.unused()


async def test_a_late_caller_does_not_overtake_when_the_loop_was_blocked() -> None:
    """Tokens have come back by the clock, but those who waited for them come first."""
    limiter = RateLimiter(put_metadata(per_account=1))
    await spend(limiter, 1)
    order: list[str] = []

    async def call(name: str, channel: str) -> None:
        await spend(limiter, 1, channel)
        order.append(name)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(call("first", GOAL))
        await turns()
        loop().pass_time(1.5)
        tasks.create_task(call("second", POLL))
    assert order == ["first", "second"]


async def test_a_wait_whose_token_comes_with_its_time_limit_is_served() -> None:
    """A limit of exactly the expected wait can be met."""
    limiter = RateLimiter(put_metadata(per_account=1, per_resource=1))
    await spend(limiter, 1)
    (permit,) = await take(limiter, 1, timeout=1.0)
    assert permit.waited == 1
    permit.answered()


async def test_a_wait_that_is_over_sets_its_time_limit_aside() -> None:
    """No timer stays behind, however the wait ended."""
    limiter = RateLimiter(put_metadata(per_account=1))
    await spend(limiter, 1)
    await spend(limiter, 1)
    assert loop().timers == 0
    waiting = asyncio.create_task(take(limiter, 1, timeout=5))
    await turns()
    assert loop().timers == 2
    waiting.cancel()
    await turns()
    assert loop().timers == 0


async def test_a_time_limit_and_a_cancellation_at_once() -> None:
    """The cancellation wins, and the next in line is not held up."""
    limiter = RateLimiter(put_metadata(per_account=1))
    (permit,) = await take(limiter, 1)
    waiting = asyncio.create_task(take(limiter, 1, timeout=1.5))
    await turns()
    loop().call_later(1.5, waiting.cancel)
    await asyncio.wait([waiting])
    assert waiting.cancelled()
    permit.unused()
    assert account(limiter).waiting == 0
    await spend(limiter, 1)


# The expected wait


async def test_the_other_channels_turns_count_in_the_expected_wait() -> None:
    """With ten channels in line for one call a second, a call on another waits ten seconds."""
    limiter = RateLimiter(put_metadata(per_account=1))
    await spend(limiter, 1, "channel/first")
    waiting = [
        asyncio.create_task(spend(limiter, 1, f"channel/{number % 10}")) for number in range(50)
    ]
    await turns()
    with pytest.raises(RateLimitExceeded) as refused:
        await limiter.acquire("PutMetadata", GOAL, 1)
    assert refused.value.wait == pytest.approx(11)
    with pytest.raises(RateLimitExceeded) as refused:
        await limiter.acquire("PutMetadata", "channel/0", 1)
    assert refused.value.wait == pytest.approx(51)
    for task in waiting:
        task.cancel()
    await turns()
    assert account(limiter).waiting == 0


@settings(deadline=None, max_examples=100)
@given(
    ahead=st.lists(st.sampled_from([GOAL, POLL, SCORE]), max_size=15),
    per_account=st.integers(1, 4),
    per_resource=st.none() | st.integers(1, 4),
    pause=seconds(1),
)
def test_the_expected_wait_is_the_wait(
    ahead: list[str], per_account: int, per_resource: int | None, pause: float
) -> None:
    """With answers that take no time it comes true, or nearly: who has the next turn is open."""

    async def story() -> tuple[float, float]:
        limiter = RateLimiter(put_metadata(per_account, per_resource))
        async with asyncio.TaskGroup() as tasks:
            for channel in ahead:
                tasks.create_task(spend(limiter, 1, channel))
            await anyio.sleep(pause)
            try:
                await limiter.acquire("PutMetadata", GOAL, -1.0)
            except RateLimitExceeded as refused:
                expected = refused.wait
            else:
                return 0, 0
            (permit,) = await take(limiter, 1)
            permit.answered()
            return expected, permit.waited

    expected, waited = run(story())
    assert expected - waited <= 1
    assert waited - expected <= 2


# Throttles


def test_throttles_of_one_burst_halve_a_bucket_once() -> None:
    """Attempts that were under way when it closed say nothing new."""
    bucket = TokenBucket(8)
    for _ in range(8):
        bucket.take()
    for at in (0.1, 0.2, 0.3):
        bucket.throttled(at, taken_at=0.0)
        bucket.answered(at)
    assert bucket.size == 4
    assert bucket.closed_until == 1.3


def test_a_throttle_after_the_bucket_opened_halves_it_again() -> None:
    """Half was still too much."""
    bucket = TokenBucket(8)
    bucket.throttled(0.0, taken_at=-0.1)
    assert bucket.free(1.0) == 4
    bucket.throttled(1.5, taken_at=1.4)
    assert bucket.free(2.4) == 0
    assert bucket.free(2.5) == 2


def test_a_bucket_of_one_token_keeps_it() -> None:
    """It closes for a period all the same."""
    bucket = TokenBucket(1)
    bucket.throttled(0.0, taken_at=-0.1)
    assert bucket.free(0.9) == 0
    assert bucket.free(1.0) == 1


def test_a_bucket_gains_a_token_with_each_clean_period() -> None:
    """Until it has all of them, and not one more."""
    bucket = TokenBucket(5)
    bucket.throttled(0.0, taken_at=-0.1)
    assert [bucket.free(at) for at in (0.5, 1.0, 1.9, 2.0, 3.5, 4.0, 60.0)] == [0, 2, 2, 3, 4, 5, 5]


def test_tokens_that_are_out_when_a_bucket_is_halved_do_not_come_back() -> None:
    """Two of four places are gone, so two of four tokens that return find none."""
    bucket = TokenBucket(4)
    for _ in range(4):
        bucket.take()
    bucket.throttled(0.0, taken_at=-0.1)
    for _ in range(4):
        bucket.answered(0.5)
    assert bucket.free(1.0) == 0
    assert bucket.expected(0, 1.0) == 1.5
    assert bucket.free(1.5) == 2


async def test_who_waits_hears_of_each_gained_token() -> None:
    """A bucket that recovers wakes its waiters without the end of any attempt."""
    limiter = RateLimiter(put_metadata(per_account=4))
    permits = await take(limiter, 1)
    permits[0].throttled("Rate exceeded")
    permits = await take(limiter, 4)
    assert [permit.waited for permit in permits] == [1, 0, 1, 1]


async def test_a_throttled_channel_gives_up_its_turn() -> None:
    """It stands in line for the account's tokens no more, and others are served."""
    limiter = RateLimiter(put_metadata(per_account=3, per_resource=2))
    goal, poll, score = [(await take(limiter, 1, each))[0] for each in (GOAL, POLL, SCORE)]
    waiting = [asyncio.create_task(take(limiter, 1, channel)) for channel in (GOAL, POLL)]
    await turns()
    goal.throttled(f"exceeded call rate: 2 for resource: {GOAL}")
    poll.unused()
    score.unused()
    await turns()
    assert [task.done() for task in waiting] == [False, True]
    await asyncio.wait(waiting)
    assert now() == 1


@pytest.mark.parametrize(
    ("rate", "message"),
    [
        (CallRate(per_account=4), GOAL),
        (CallRate(per_resource=4), "Rate exceeded"),
    ],
)
async def test_a_throttle_closes_the_bucket_that_there_is(rate: CallRate, message: str) -> None:
    """With one rate switched off, what the text names may have no bucket."""
    limiter = RateLimiter({"PutMetadata": rate})
    (permit,) = await take(limiter, 1)
    permit.throttled(message)
    (permit,) = await take(limiter, 1)
    assert permit.waited == 1
    permit.answered()


# What it is made of


async def test_a_permit_ends_once() -> None:
    """A second end changes nothing, whichever it is."""
    limiter = RateLimiter(put_metadata(per_account=1))
    (permit,) = await take(limiter, 1)
    permit.answered()
    permit.unused()
    permit.throttled("Rate exceeded")
    assert account(limiter).free == 0
    assert account(limiter).closed_for == 0


@pytest.mark.parametrize(
    ("rate", "tokens", "period"),
    [
        (155, 155, 1),
        (5, 5, 1),
        (2.5, 2, 1),
        (1, 1, 1),
        (0.5, 1, 2),
        (1 / 3, 1, 3),
        (100 * 0.29, 29, 1),
    ],
)
def test_a_rate_is_whole_tokens_and_a_period(rate: float, tokens: int, period: float) -> None:
    """At least one token, and never a period shorter than a second."""
    bucket = TokenBucket(rate)
    assert bucket.tokens == tokens
    assert bucket.period == pytest.approx(period)


@given(
    rate=st.integers(1, 200),
    parts=st.lists(st.integers(1, 20), min_size=1, max_size=10),
)
def test_shares_that_add_up_to_one_stay_within_the_rate(rate: int, parts: list[int]) -> None:
    """Processes that divide an account send no more than it has, while each has a whole call."""
    shares = [rate * part / sum(parts) for part in parts]
    tokens = [TokenBucket(share).tokens for share in shares if share >= 1]
    assert sum(tokens) <= rate


async def test_channels_that_rest_are_forgotten() -> None:
    """What they took in memory is free again at the next call a period later."""
    limiter = RateLimiter(put_metadata(per_account=1e6, per_resource=5))
    await spend(limiter, 1)
    gc.collect()
    tracemalloc.start()
    for number in range(20_000):
        permit = await limiter.acquire("PutMetadata", f"channel/{number}", None)
        permit.answered()
    await anyio.sleep(1)
    await spend(limiter, 1)
    left, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert left < 1_000_000
    assert len(limiter.snapshot()) == 2


async def test_channels_in_use_are_not_forgotten() -> None:
    """Neither in flight, nor waited for, nor stepping back after a throttle."""
    limiter = RateLimiter(put_metadata(per_resource=2))
    (flying,) = await take(limiter, 1, GOAL)
    (refused,) = await take(limiter, 1, POLL)
    refused.throttled(POLL)
    await anyio.sleep(1.5)
    await spend(limiter, 1, SCORE)
    assert {row.resource: row.size for row in limiter.snapshot()} == {GOAL: 2, POLL: 1, SCORE: 2}
    flying.unused()


def test_a_limiter_belongs_to_one_event_loop() -> None:
    """Its waiters could not be woken from another."""
    limiter = RateLimiter()
    run(spend(limiter, 1))
    with pytest.raises(ConfigurationError, match="another event loop"):
        run(spend(limiter, 1))


async def test_a_snapshot_tells_what_each_bucket_does() -> None:
    """For dashboards: plain numbers, the account's row first, then channels in use."""
    limiter = RateLimiter(put_metadata(per_account=9, per_resource=2))
    assert limiter.snapshot() == ()
    (permit,) = await take(limiter, 1)
    await spend(limiter, 1)
    waiting = asyncio.create_task(spend(limiter, 1))
    await anyio.sleep(0.25)
    row = BucketSnapshot(
        operation="PutMetadata",
        resource=None,
        rate=9,
        period=1,
        tokens=9,
        size=9,
        free=7,
        in_flight=1,
        waiting=1,
        expected_wait=0,
        closed_for=0,
    )
    own = attrs.evolve(
        row, resource=GOAL, rate=2, tokens=2, size=2, free=0, in_flight=1, expected_wait=1
    )
    assert limiter.snapshot() == (row, own)
    permit.throttled(f"exceeded call rate: 2 for resource: {GOAL}")
    (_, own) = limiter.snapshot()
    assert (own.size, own.closed_for) == (1, 1)
    await waiting


async def test_a_snapshot_of_calls_that_name_no_resource() -> None:
    """The account's row tells what one more call would wait."""
    limiter = RateLimiter({"GetChannel": CallRate(per_account=1)})
    (permit,) = [await limiter.acquire("GetChannel", None, None)]
    waiting = [asyncio.create_task(limiter.acquire("GetChannel", None, None)) for _ in range(3)]
    await turns()
    assert (account(limiter).waiting, account(limiter).expected_wait) == (3, 4)
    for task in waiting:
        task.cancel()
    await turns()
    permit.unused()


async def test_no_limit_paces_nothing() -> None:
    """Not even what has a published rate."""
    limiter = NoLimit()
    permits = [await limiter.acquire("PutMetadata", GOAL, 0) for _ in range(1_000)]
    for end in (Permit.answered, Permit.unanswered, Permit.unused):
        end(permits.pop())
    permits.pop().throttled("Rate exceeded")
    assert now() == 0
    assert not permits[0].waited


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"share": 0}, "share"),
        ({"share": 1.5}, "share"),
        ({"share": math.nan}, "share"),
        ({"settle": -1}, "settle"),
        ({"settle": math.inf}, "settle"),
        ({"share": "half"}, "share must be a number, not str"),
        ({"settle": True}, "settle must be a number, not bool"),
        ({"quotas": 5}, "quotas must be a mapping of operation names to CallRate, not int"),
        ({"quotas": {"GetChannel": 5}}, "GetChannel"),
        ({"quotas": {"GetChannel": None}}, r"CallRate\(\) leaves"),
    ],
)
def test_arguments_that_cannot_be_used_are_refused(arguments: dict[str, Any], text: str) -> None:
    """At once, and by name."""
    with pytest.raises(ConfigurationError, match=text):
        RateLimiter(**arguments)
