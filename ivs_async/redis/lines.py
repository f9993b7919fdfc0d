"""The calls of a process that wait for tokens from Redis.

Owns what this process knows of the buckets there, what it was granted for a time soon to come, and
what is under way. While there is no Redis the calls wait for buckets of the process's own, as in
`limiter`. What is said to Redis, and when, is the limiter's business.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Final, Protocol, cast

import attrs

from ivs_async._aws.errors import IvsError
from ivs_async.limiter import Calls, Line, Permit, TokenBucket
from ivs_async.quotas import CallRate

_NEVER: Final = math.inf


class Source(Protocol):
    """The limiter, as far as its calls know it.

    Attributes:
        hand_over: Seconds after its time for which a token may still be handed to a call.
    """

    hand_over: float

    @property
    def falls_back(self) -> bool:
        """Whether this process serves its calls from a share of its own."""
        ...

    def shared_bucket(
        self, rate: float | None, operation: str, *resource: str
    ) -> SharedBucket | None:
        """What is known of a bucket in Redis; None for a rate that is not limited."""
        ...

    @property
    def alone_until(self) -> float:
        """Time until which it may do so, unless another call fails."""
        ...

    def own_bucket(self, rate: float | None) -> OwnBucket | None:
        """This process's part of a bucket."""
        ...

    def own_name(self) -> str:
        """A name for the tokens of an attempt that this process makes on its own."""
        ...

    def hand_out(self, permit: Leased) -> Leased:
        """Remember an attempt that begins."""
        ...

    def take_back(self, returned: Return) -> None:
        """Remember what the next call of the script gives back."""
        ...

    def probe(self, now: float) -> None:
        """Look whether Redis is back, if it is away and the time for that has come."""
        ...

    def schedule(self, now: float) -> None:
        """See that the script is called when there is a reason for it."""
        ...


class SharedBucket(TokenBucket):
    """What this process knows of a bucket in Redis, from the last answer that spoke of it.

    Attributes:
        key: Of its tokens; that of its state begins in the same way.
        ask_at: Before this time Redis need not be asked for a token.
    """

    __slots__ = ("_first", "_last", "ask_at", "key")

    def __init__(self, key: str, rate: float) -> None:
        super().__init__(rate)
        self.key = key
        self.forget()

    def forget(self) -> None:
        """Know nothing any more."""
        self.size = self.tokens
        self.ask_at = self.closed_until = self._first = self._last = -_NEVER

    def learn(
        self, now: float, size: int, again: float, first: float, last: float, closed: float
    ) -> None:
        """Take in an answer that arrived now.

        Args:
            now: When it came.
            size: How many tokens there are.
            again: Seconds after which to ask again; 0 if nothing stands in the way.
            first: Seconds until the next token is free.
            last: Seconds until all are.
            closed: Seconds until the bucket opens.
        """
        self.size = size
        self.ask_at = now + again
        self._first, self._last = now + first, now + last
        self.closed_until = now + closed

    def free(self, now: float) -> int:
        """How many are free as far as is known; at least one if it is worth asking."""
        if now < self.ask_at:
            return 0
        if now >= self._last:
            return self.size
        back = (now - self._first) / (self._last - self._first) if now > self._first else 0.0
        return max(1, math.floor(back * self.size))

    def idle(self, now: float) -> bool:
        """As in `TokenBucket`."""
        return not self.in_flight and now >= max(self._last, self.closed_until)

    def end(self) -> None:
        """An attempt of this process has ended."""
        self.in_flight -= 1

    def throttled(self, now: float, taken_at: float) -> None:  # noqa: ARG002 - Redis knows
        """As in `TokenBucket`; the next answer tells the size."""
        self.closed_until = max(self.closed_until, now + self.period)

    def next_change(self, now: float) -> float:  # noqa: ARG002 - it does not depend on it
        """When to ask again."""
        return self.ask_at

    def expected(self, ahead: int, now: float) -> float:
        """As in `TokenBucket`, with the tokens coming back evenly from the first to the last."""
        rounds, place = divmod(ahead, self.size)
        at = max(now, self._first, self.closed_until)
        if self._last > at:
            at += (self._last - at) * place / max(1, self.size - 1)
        return at + rounds * self.period


class OwnBucket(TokenBucket):
    """A process's own part of a bucket, to be spent while it is sure that Redis is away."""

    __slots__ = ("_limiter",)

    def __init__(self, limiter: Source, rate: float, *, settle: float) -> None:
        super().__init__(rate, settle=settle)
        self._limiter = limiter

    def free(self, now: float) -> int:
        """As in `TokenBucket`; none if no call has failed lately."""
        free = super().free(now)
        return free if now < self._limiter.alone_until else 0


class SharedLine(Line):
    """The calls on one resource, and what Redis granted to them for a time soon to come.

    Attributes:
        shared: What is known of the resource's bucket in Redis.
        buckets: Of the account's and the resource's, those that there are.
        grants: Tokens that wait for their time, by their name.
    """

    __slots__ = ("buckets", "grants", "shared")

    def __init__(
        self, calls: SharedCalls, resource: str | None, shared: SharedBucket | None
    ) -> None:
        super().__init__(calls, resource, shared)
        self.shared = shared
        self.buckets = tuple(each for each in (calls.shared, shared) if each is not None)
        self.grants: dict[str, asyncio.TimerHandle] = {}

    @property
    def wants(self) -> int:
        """Calls for which nothing was granted yet."""
        return len(self.waiters) - len(self.grants)

    def idle(self, now: float) -> bool:
        """Whether the line is as good as new."""
        return (
            not self.grants and (self.shared is None or self.shared.idle(now)) and super().idle(now)
        )


class SharedCalls(Calls):
    """The calls of one operation: they wait here, and their tokens come from Redis.

    While there is no Redis, tokens come from buckets of this process's own, as in `Calls`.

    Attributes:
        shared: What is known of the account's bucket in Redis.
    """

    __slots__ = ("_limiter", "shared")

    def __init__(
        self,
        name: str,
        rate: CallRate,
        share: float,
        settle: float,
        loop: asyncio.AbstractEventLoop,
        limiter: Source,
    ) -> None:
        self._limiter = limiter
        self.shared = limiter.shared_bucket(rate.per_account, name)
        super().__init__(name, rate, share, settle, loop)
        self.bucket = self._serving(self.shared, rate.per_account)

    @property
    def waits(self) -> bool:
        """Whether any call does."""
        return bool(self._depths)

    def asks(self, now: float) -> bool:
        """Whether there is a line to ask for."""
        return bool(self._turns) and self.has_token(now)

    def demand(self, now: float, most: int) -> Iterator[tuple[SharedLine, int]]:
        """The lines to ask for, in their turn, and how many tokens each wants."""
        if self.asks(now):
            for line in islice(cast("Iterable[SharedLine]", self._turns), most):
                yield line, min(line.wants, *(bucket.tokens for bucket in line.buckets))

    def grant(self, line: SharedLine, name: str, at: float, earliest: float) -> None:
        """Keep what Redis granted until its time.

        Args:
            line: For which it was asked.
            name: Of the tokens.
            at: When they may be used.
            earliest: When that is if the call took no time.
        """
        line.grants[name] = self.loop.call_at(at, self._hand_over, line, name, earliest)
        if line in self._turns:
            self._turns.move_to_end(line)

    def heard(self, line: SharedLine, now: float, asked_before: float) -> None:
        """Take in that Redis has answered for a line.

        Calls that came after the last but this time are told if they wait for too long.
        """
        self.update(line, now)
        late = []
        for place, (waiter, (since, timeout)) in enumerate(reversed(line.waiters.items()), 1):
            if since <= asked_before:
                break
            ahead = len(line.waiters) - place
            if timeout is not None and ahead >= len(line.grants) and not waiter.done():
                wait = now - since + self.expected_wait(line, ahead, now)
                if wait > timeout:
                    late.append((waiter, self.exceeded(wait, timeout)))
        for waiter, error in late:
            self.refuse(line, waiter, error)

    def withdraw(self) -> None:
        """Give back what was granted and not used yet."""
        now = self.loop.time()
        for line in self._all():
            for timer in line.grants.values():
                timer.cancel()
            names = [*line.grants]
            line.grants.clear()
            for name in names:
                self.take_back(line, Return(name, line.buckets, now, rest=None))

    def swap(self, now: float) -> None:
        """Take tokens from where the limiter says from now on."""
        self._turns.clear()
        self.stop_sleeping()
        if self.shared is not None:
            self.shared.forget()
        self.bucket = self._serving(self.shared, self._rate.per_account)
        for line in self._all():
            line.stop_sleeping()
            if line.shared is not None:
                line.shared.forget()
            line.bucket = self._serving(line.shared, self._rate.per_resource)
        self.go_on(now)

    def go_on(self, now: float) -> None:
        """Let those go that may: there are other buckets, or Redis is surely away for longer."""
        for line in self._all():
            if line.waiters:
                self.update(line, now)

    def refuse_all(self, error: Callable[[], IvsError]) -> None:
        """End the wait of every call."""
        for line in self._all():
            for waiter in [*line.waiters]:
                if not waiter.done():
                    self.refuse(line, waiter, error())

    def take_free(self, line: Line, now: float) -> Permit | None:
        """Nothing is free without asking, unless this process is on its own."""
        self._limiter.probe(now)
        return super().take_free(line, now) if self._limiter.falls_back else None

    def update(self, line: Line, now: float) -> None:
        """Bring a line to where it belongs, and see that Redis is asked for those that may ask."""
        if self._limiter.falls_back:
            super().update(line, now)
        else:
            self._place(line, now)
            if self._turns and not self.has_token(now):
                self.sleep(now)
            else:
                self.stop_sleeping()
        self._limiter.schedule(now)

    def expected_wait(self, line: Line | None, ahead: int, now: float) -> float:
        """As in `Calls`; calls that have their grant are not ahead of others any more."""
        granted = len(line.grants) if isinstance(line, SharedLine) else 0
        return super().expected_wait(line, max(0, ahead - granted), now)

    def step_back(self, line: SharedLine, message: str, taken_at: float) -> SharedBucket | None:
        """Close the bucket that a throttle names, and tell which one it is in Redis."""
        blamed = self.blamed(line, message)
        blamed.throttled(self.loop.time(), taken_at)
        return line.shared if blamed is line.bucket else self.shared

    def take_back(self, line: SharedLine, returned: Return) -> None:
        """Give tokens back, and let others have them."""
        if returned.rest is None:
            for bucket in returned.buckets:
                bucket.ask_at = returned.ended
        self._limiter.take_back(returned)
        if line.waiters or self._turns:
            self.update(line, returned.ended)

    def _all(self) -> list[SharedLine]:
        return cast("list[SharedLine]", [*self._lines.values()])

    def _serving(self, shared: SharedBucket | None, rate: float | None) -> TokenBucket | None:
        return self._new_bucket(rate) if self._limiter.falls_back else shared

    def _new_bucket(self, rate: float | None) -> TokenBucket | None:
        return self._limiter.own_bucket(rate)

    def _new_line(self, resource: str | None) -> Line:
        rate = self._rate.per_resource
        line = SharedLine(
            self, resource, self._limiter.shared_bucket(rate, self.name, resource or "")
        )
        line.bucket = self._serving(line.shared, rate)
        return line

    def _take(self, line: Line, now: float, waited: float) -> Permit:
        own = self.own_buckets(line)
        for bucket in own:
            bucket.take()
        return self._begin(cast("SharedLine", line), self._limiter.own_name(), own, now, waited)

    def own_buckets(self, line: Line) -> list[TokenBucket]:
        """The buckets that a line's attempts spend from while this process is on its own."""
        return [bucket for bucket in (line.bucket, self.bucket) if bucket is not None]

    def _hand_over(self, line: SharedLine, name: str, earliest: float) -> None:
        now = self.loop.time()
        del line.grants[name]
        # a process that slept would begin with a lease that may run out before the attempt ends
        first = self.first(line) if now - earliest < self._limiter.hand_over else None
        if first is None:
            self.take_back(line, Return(name, line.buckets, now, rest=None))
        else:
            waiter, since = first
            waiter.set_result(self._begin(line, name, [], now, now - since))

    def _begin(
        self, line: SharedLine, name: str, own: list[TokenBucket], now: float, waited: float
    ) -> Permit:
        for bucket in line.buckets:
            bucket.take()
        return self._limiter.hand_out(Leased(self, line, name, own, now, waited))


class Leased(Permit):
    """Leave that cost tokens which all processes share.

    Attributes:
        name: Of the tokens in Redis.
        line: For which they were taken.
    """

    __slots__ = ("_calls", "_ended", "_own", "_taken_at", "line", "name")

    def __init__(
        self,
        calls: SharedCalls,
        line: SharedLine,
        name: str,
        own: list[TokenBucket],
        now: float,
        waited: float,
    ) -> None:
        super().__init__(waited)
        self.name = name
        self.line = line
        self._calls = calls
        self._own = own
        self._taken_at = now
        self._ended = False

    def hold(self) -> None:
        """Keep this process from spending on its own what Redis gave for this attempt."""
        self._own = self._calls.own_buckets(self.line)
        for bucket in self._own:
            bucket.take()

    def answered(self) -> None:
        """An answer came."""
        self._end(TokenBucket.answered, 0.0)

    def unanswered(self) -> None:
        """The request may still be on its way."""
        self._end(TokenBucket.unanswered, self._calls.settle)

    def unused(self) -> None:
        """Nothing was written."""
        self._end(TokenBucket.unused, None)

    def throttled(self, message: str, /) -> None:
        """The answer was a throttle, with this text."""
        if not self._ended:
            blamed = self._calls.step_back(self.line, message, self._taken_at)
            self._end(TokenBucket.answered, 0.0, blamed)

    def _end(
        self,
        give_back: Callable[[TokenBucket, float], None],
        rest: float | None,
        blamed: SharedBucket | None = None,
    ) -> None:
        if self._ended:
            return
        self._ended = True
        now = self._calls.loop.time()
        for bucket in self._own:
            give_back(bucket, now)
        for shared in self.line.buckets:
            shared.end()
        returned = Return(self.name, self.line.buckets, now, rest, blamed)
        self._calls.take_back(self.line, returned)


@attrs.frozen
class Return:
    """Tokens of an attempt that has ended, for the next call.

    Attributes:
        name: Of the tokens.
        buckets: To which they belong.
        ended: When the attempt did.
        rest: Seconds beyond a period after which they are back; None for at once.
        blamed: Of the buckets, the one for which the attempt was throttled.
    """

    name: str
    buckets: tuple[SharedBucket, ...]
    ended: float
    rest: float | None
    blamed: SharedBucket | None = None

    @property
    def period(self) -> float:
        """The longest of its buckets'."""
        return max(bucket.period for bucket in self.buckets)
