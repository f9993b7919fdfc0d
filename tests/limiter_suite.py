"""What every limiter does, whatever it keeps its tokens in: one suite for all of them.

A limiter's own tests subclass `LimiterSuite` and give it a ``make`` fixture. The stories take
their times from the event loop, so they run in virtual time as well as in real time; they bound
times from below by the promise, and from above only as far as a story would otherwise mean nothing.
"""

from __future__ import annotations

import asyncio
import random
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Protocol

import anyio
import pytest

from ivs_async._aws.errors import RateLimitExceeded
from ivs_async._aws.seams import Limiter, Permit
from ivs_async.quotas import CallRate

ARN = "arn:aws:ivs:us-west-2:123456789012:channel/"
GOAL, SCORE, POLL = (f"{ARN}{name}" for name in ("GoalGoalGoal", "ScoreScoreSc", "PollPollPoll"))

# clocks of two machines, or of a loop and a server, tell a second a little differently
SLACK = 0.01
# long enough for a call to stand in line, wherever the line is kept
A_MOMENT = 0.1


class MakeLimiter(Protocol):
    """How a limiter of the kind under test is made."""

    def __call__(
        self, quotas: Mapping[str, CallRate], *, share: float = 1.0, settle: float = 1.0
    ) -> Limiter: ...


def put_metadata(
    per_account: float | None = None, per_resource: float | None = None
) -> dict[str, CallRate]:
    """Quotas of PutMetadata alone."""
    return {"PutMetadata": CallRate(per_account=per_account, per_resource=per_resource)}


def busiest_window(arrivals: Iterable[float], period: float = 1.0) -> int:
    """The largest number of arrivals in any window of one period, its end not in it."""
    ordered = sorted(arrivals)
    return max(
        (bisect_left(ordered, at + period - 1e-9) - index for index, at in enumerate(ordered)),
        default=0,
    )


def now() -> float:
    return asyncio.get_running_loop().time()


async def take(
    limiter: Limiter, number: int, resource: str | None = GOAL, timeout: float | None = None
) -> list[Permit]:
    """Some permits of PutMetadata, one after the other."""
    return [await limiter.acquire("PutMetadata", resource, timeout) for _ in range(number)]


async def spend(limiter: Limiter, number: int, resource: str | None = GOAL) -> None:
    """Some attempts that are answered in no time."""
    for permit in await take(limiter, number, resource):
        permit.answered()


class LimiterSuite:
    """Stories about one limiter in one event loop."""

    @pytest.fixture
    def make(self) -> MakeLimiter:
        raise NotImplementedError

    async def test_a_burst_of_the_rate_leaves_at_once(self, make: MakeLimiter) -> None:
        """Nobody waits for tokens that are there."""
        limiter = make(put_metadata(per_account=9, per_resource=5))
        began = now()
        for permit in await take(limiter, 5):
            assert permit.waited < A_MOMENT
            permit.answered()
        assert now() - began < 1

    async def test_a_token_comes_back_a_period_after_the_answer(self, make: MakeLimiter) -> None:
        """Not after the attempt began: the service may count it as late as it answers."""
        limiter = make(put_metadata(per_resource=2))
        first, second = await take(limiter, 2)
        await anyio.sleep(0.3)
        first.answered()
        answered = now()
        (third,) = await take(limiter, 1)
        assert 1 - SLACK <= now() - answered < 2
        assert third.waited >= 1 - SLACK
        second.answered()
        third.answered()

    async def test_a_token_comes_back_later_when_no_answer_came(self, make: MakeLimiter) -> None:
        """An abandoned request may still be on its way for as long as the network settles."""
        limiter = make(put_metadata(per_resource=1), settle=0.5)
        (permit,) = await take(limiter, 1)
        permit.unanswered()
        ended = now()
        (permit,) = await take(limiter, 1)
        assert 1.5 - SLACK <= now() - ended < 2.5
        permit.answered()

    async def test_a_token_comes_back_at_once_when_nothing_was_written(
        self, make: MakeLimiter
    ) -> None:
        """What never left cannot be counted."""
        limiter = make(put_metadata(per_account=1, per_resource=1))
        began = now()
        for _ in range(3):
            (permit,) = await take(limiter, 1)
            permit.unused()
        assert now() - began < 1

    async def test_calls_on_a_channel_leave_in_their_order(self, make: MakeLimiter) -> None:
        """Cues of one stream overtake each other nowhere."""
        limiter = make(put_metadata(per_account=9, per_resource=3))
        order: list[int] = []

        async def call(number: int) -> None:
            await spend(limiter, 1)
            order.append(number)

        async with asyncio.TaskGroup() as tasks:
            for number in range(8):
                tasks.create_task(call(number))
        assert order == list(range(8))

    async def test_a_flooding_channel_delays_no_other(self, make: MakeLimiter) -> None:
        """A channel with one call to make has its turn before the flood's next but one."""
        limiter = make(put_metadata(per_account=4, per_resource=4))
        order: list[str] = []

        async def call(channel: str) -> None:
            await spend(limiter, 1, channel)
            order.append(channel)

        async with asyncio.TaskGroup() as tasks:
            for _ in range(11):
                tasks.create_task(call(GOAL))
            await anyio.sleep(A_MOMENT)
            assert order == [GOAL] * 4
            tasks.create_task(call(POLL))
        assert order.index(POLL) <= 5

    async def test_a_channel_without_tokens_holds_up_no_other(self, make: MakeLimiter) -> None:
        """Who waits for a token of a channel holds none of the account's."""
        limiter = make(put_metadata(per_account=3, per_resource=2))
        began = now()
        await spend(limiter, 2)
        waiting = [asyncio.create_task(spend(limiter, 1)) for _ in range(5)]
        await anyio.sleep(A_MOMENT)
        await spend(limiter, 1, POLL)
        assert now() - began < 1
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting)

    async def test_channels_that_wait_take_turns(self, make: MakeLimiter) -> None:
        """The account's tokens go round, however the calls came in."""
        limiter = make(put_metadata(per_account=6))
        await spend(limiter, 6)
        order: list[str] = []

        async def call(channel: str) -> None:
            await spend(limiter, 1, channel)
            order.append(channel)

        async with asyncio.TaskGroup() as tasks:
            for channel in [GOAL] * 4 + [SCORE] * 4 + [POLL] * 4:
                tasks.create_task(call(channel))
        assert Counter(order[:6]) == {GOAL: 2, SCORE: 2, POLL: 2}

    async def test_a_cancelled_wait_leaves_no_trace(self, make: MakeLimiter) -> None:
        """Those behind it move up, and every token is there afterwards."""
        limiter = make(put_metadata(per_account=2, per_resource=2))
        await spend(limiter, 2)
        answered = now()
        first, second, third = (asyncio.create_task(take(limiter, 1)) for _ in range(3))
        await anyio.sleep(A_MOMENT)
        assert first.cancel()
        assert second.cancel()
        (permit,) = await third
        assert now() - answered < 2
        assert first.cancelled()
        assert second.cancelled()
        permit.answered()
        await anyio.sleep(1 + A_MOMENT)
        began = now()
        await spend(limiter, 2)
        assert now() - began < 1

    async def test_a_permit_that_comes_with_a_cancellation_goes_back(
        self, make: MakeLimiter
    ) -> None:
        """Granted and cancelled in the same turn of the loop: the next in line has it."""
        limiter = make(put_metadata(per_account=1, per_resource=1))
        (permit,) = await take(limiter, 1)
        task = asyncio.create_task(take(limiter, 1))
        await anyio.sleep(A_MOMENT)
        permit.unused()
        task.cancel()
        began = now()
        await asyncio.wait([task])
        assert task.cancelled()
        await spend(limiter, 1)
        assert now() - began < 1

    async def test_a_wait_that_cannot_end_in_time_is_refused_at_once(
        self, make: MakeLimiter
    ) -> None:
        """Nothing is sent, nothing is spent, and the caller hears how long it would have been."""
        limiter = make(put_metadata(per_account=9, per_resource=2))
        await spend(limiter, 2)
        began = now()
        with pytest.raises(RateLimitExceeded, match=r"PutMetadata .*2 per second") as refused:
            await limiter.acquire("PutMetadata", GOAL, 0.3)
        assert now() - began < 0.3
        assert 0.3 < refused.value.wait <= 1 + SLACK
        await spend(limiter, 1)
        assert 1 - A_MOMENT <= now() - began < 2

    async def test_the_queue_counts_in_the_expected_wait(self, make: MakeLimiter) -> None:
        """Five calls ahead at two a second are two more periods."""
        limiter = make(put_metadata(per_resource=2))
        await spend(limiter, 2)
        waiting = [asyncio.create_task(spend(limiter, 1)) for _ in range(5)]
        await anyio.sleep(A_MOMENT)
        with pytest.raises(RateLimitExceeded) as refused:
            await limiter.acquire("PutMetadata", GOAL, 2)
        assert 2.5 < refused.value.wait < 3.5
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting)

    async def test_a_time_limit_that_passes_while_waiting_ends_the_wait(
        self, make: MakeLimiter
    ) -> None:
        """An attempt that takes longer than expected keeps its token, and who waits is told."""
        limiter = make(put_metadata(per_resource=1))
        (slow,) = await take(limiter, 1)
        began = now()
        with pytest.raises(RateLimitExceeded) as refused:
            await limiter.acquire("PutMetadata", GOAL, 1.2)
        assert 1.2 - SLACK <= now() - began < 2
        assert refused.value.wait > 1.2
        slow.unused()
        await spend(limiter, 1)
        assert now() - began < 2.2

    async def test_a_call_in_time_is_not_refused(self, make: MakeLimiter) -> None:
        """A time limit beyond the expected wait changes nothing."""
        limiter = make(put_metadata(per_resource=1))
        await spend(limiter, 1)
        (permit,) = await take(limiter, 1, timeout=3)
        assert 1 - SLACK <= permit.waited < 2
        permit.answered()

    async def test_an_operation_without_a_rate_is_not_paced(self, make: MakeLimiter) -> None:
        """Neither one that is not named nor one whose rates are switched off."""
        limiter = make({"GetChannel": CallRate()})
        began = now()
        for operation in ["GetChannel", "ListChannels"] * 50:
            permit = await limiter.acquire(operation, None, 0.5)
            permit.answered()
        assert now() - began < 1

    async def test_operations_do_not_share_their_tokens(self, make: MakeLimiter) -> None:
        """Each operation has a rate of its own."""
        limiter = make(
            {"GetChannel": CallRate(per_account=1), "GetStream": CallRate(per_account=1)}
        )
        began = now()
        for operation in ("GetChannel", "GetStream"):
            permit = await limiter.acquire(operation, None, None)
            permit.answered()
        assert now() - began < 1

    async def test_a_throttle_that_names_the_channel_closes_the_channel(
        self, make: MakeLimiter
    ) -> None:
        """It opens after a period with half its tokens, and gains one with each clean period."""
        limiter = make(put_metadata(per_account=50, per_resource=4))
        (permit,) = await take(limiter, 1)
        permit.throttled(f"Operation: ivs:PutMetadata exceeded call rate: 4 for resource: {GOAL}")
        closed = now()
        await spend(limiter, 4, POLL)
        assert now() - closed < 1
        permits = await take(limiter, 2)
        assert 1 - SLACK <= now() - closed < 2
        permits += await take(limiter, 1)
        assert 2 - SLACK <= now() - closed < 3
        for permit in permits:
            permit.answered()

    async def test_a_throttle_that_names_no_channel_closes_the_account(
        self, make: MakeLimiter
    ) -> None:
        """Somebody else spends from the account, so every channel steps back."""
        limiter = make(put_metadata(per_account=4, per_resource=2))
        (permit,) = await take(limiter, 1)
        permit.throttled("Rate exceeded")
        closed = now()
        permits = await take(limiter, 2, POLL)
        assert 1 - SLACK <= now() - closed < 2
        permits += await take(limiter, 1, GOAL)
        assert 2 - SLACK <= now() - closed < 3
        for permit in permits:
            permit.answered()

    async def test_a_share_of_a_rate_is_its_whole_calls(self, make: MakeLimiter) -> None:
        """Half of five is two, so that two halves never make more than five."""
        limiter = make(put_metadata(per_account=5), share=0.5)
        await spend(limiter, 2)
        answered = now()
        await spend(limiter, 1)
        assert 1 - SLACK <= now() - answered < 2

    async def test_a_share_of_one_call_is_one_call_in_more_seconds(self, make: MakeLimiter) -> None:
        """Half of one per second is one in two seconds."""
        limiter = make({"InsertAdBreak": CallRate(per_account=1)}, share=0.5)
        permit = await limiter.acquire("InsertAdBreak", None, None)
        permit.answered()
        answered = now()
        permit = await limiter.acquire("InsertAdBreak", None, None)
        assert 2 - SLACK <= now() - answered < 3
        permit.answered()

    @pytest.mark.parametrize("seed", range(3))
    async def test_no_window_holds_more_than_the_rate(self, make: MakeLimiter, seed: int) -> None:
        """Callers that come, fail, give up and are refused as they like: the service sees order."""
        chance = random.Random(seed)
        rates = CallRate(per_account=9, per_resource=4)
        limiter = make({"PutMetadata": rates}, settle=0.2)
        arrivals: dict[str, list[float]] = {GOAL: [], POLL: [], SCORE: []}

        async def call(channel: str) -> None:
            await anyio.sleep(chance.uniform(0, 2))
            permit = await limiter.acquire("PutMetadata", channel, None)
            trip = chance.uniform(0, 0.2)
            way = chance.random()
            sent = now()
            try:
                await anyio.sleep(trip)
            finally:
                fate = chance.random()
                if fate < 0.1:
                    permit.unused()
                elif fate < 0.3:
                    permit.unanswered()
                    arrivals[channel].append(now() + way * 0.2)
                else:
                    permit.answered()
                    arrivals[channel].append(sent + way * (now() - sent))

        calls = [asyncio.create_task(call(chance.choice([*arrivals]))) for _ in range(40)]
        await anyio.sleep(0.5)
        for task in chance.sample(calls, 8):
            await anyio.sleep(chance.uniform(0, 0.2))
            task.cancel()
        await asyncio.wait(calls)
        assert max(busiest_window(each, 1 - SLACK) for each in arrivals.values()) <= 4
        assert busiest_window([at for each in arrivals.values() for at in each], 1 - SLACK) <= 9
