"""Keeps every caller inside the service's call rates, in one process.

Owns when an attempt may leave and when what it spent comes back. It refuses to know what a call is:
an operation's name, the resource that it concerns and how the attempt ended are all it is told.

The promise
-----------
**In no window of one period do more attempts of a bucket reach the service than the bucket has
tokens**, wherever the window begins. So nothing that counts calls can throttle them: neither
calendar seconds, nor sliding ones, nor a token bucket of the same size.

Each attempt spends a token, which comes back

* one period after the attempt was **answered**;
* one period and ``settle`` after it ended **without an answer** although something was written
  (cancelled, timed out, connection lost), because the request may still be on its way;
* at once if nothing was written.

Proof. Take two attempts that spend the same token, one after the other. Let the first reach the
service at ``a`` and end at ``e``. If it was answered, ``a <= e``, since the service had it before
it answered, and the second leaves at ``e + period`` or later. If it was not, the network is trusted
with ``a <= e + settle``, and the second leaves at ``e + settle + period`` or later. If nothing was
written, the first never arrives. As the second arrives after it leaves, it does so at
``a + period`` or later: a window of one period (its beginning in it, its end not) holds at most one
arrival for each token.

A token bucket at the service, of ``rate`` tokens and ``rate`` more per period, never runs dry
either: ``x`` periods are covered by ``floor(x) + 1`` windows, which hold at most ``rate * (x + 1)``
arrivals, and that many tokens it has had.

A plain token bucket at the client, with ``rate`` tokens and ``rate`` more per second, keeps no such
promise: in its first second it sends twice the rate. The price of the promise is that a token's
round takes one period and one round trip, so the sustained rate is
``rate / (1 + mean round trip)``; a burst of ``rate`` calls still leaves at once.

The proof leans on two things: that the service's second is as long as ours, to within the time that
an answer takes back; and that nobody else spends from the account. When somebody does, a throttle
arrives, and the bucket that it names steps back (`TokenBucket.throttled`).

The order
---------
Calls on one resource (a channel) are served first come, first served. The account's bucket serves
the resources that wait in turn, one call each, so a resource with many waiting calls delays no
other by more than its turn. A call takes the token of its resource and of its account in one step,
and so holds neither while it waits for the other.
"""

from __future__ import annotations

import asyncio
import math
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from heapq import heappop, heappush

import attrs

from ._aws.errors import ConfigurationError, IvsError, RateLimitExceeded
from .quotas import PUBLISHED, CallRate

_SECOND = 1.0
_NEVER = math.inf


class TokenBucket:
    """The tokens of one call rate. The module's docstring proves what it promises.

    It knows neither clock nor event loop: callers say what time it is, in seconds that never
    decrease.

    A rate of 1 or more gives ``floor(rate)`` tokens and a period of one second; a rate below 1
    gives one token and a period of ``1 / rate`` seconds. What a rate has above a whole number is
    not spent: to spend it, some seconds would have to hold more calls than the rate allows.

    Args:
        rate: Calls per second, above 0.
        settle: Seconds within which a request that was abandoned has reached the service or never
            will.

    Attributes:
        rate: As given.
        tokens: How many tokens the rate has.
        period: Seconds after which a token comes back.
        size: How many tokens there are now: fewer than ``tokens`` for a while after a throttle.
        in_flight: Attempts that have not ended.
        closed_until: Time before which no token is to be had, after a throttle.
    """

    __slots__ = (
        "_grows_at",
        "_returning",
        "_settle",
        "_throttled_at",
        "closed_until",
        "in_flight",
        "period",
        "rate",
        "size",
        "tokens",
    )

    def __init__(self, rate: float, *, settle: float = 1.0) -> None:
        self.rate = rate
        # a share such as 100 * 0.29 falls short of its whole number by a rounding error
        self.tokens = max(1, math.floor(rate + 1e-9))
        self.period = max(_SECOND, 1 / rate)
        self.size = self.tokens
        self.in_flight = 0
        self.closed_until = self._throttled_at = -_NEVER
        self._settle = settle
        self._grows_at = _NEVER
        # when tokens come back, as a heap
        self._returning: list[float] = []

    def free(self, now: float) -> int:
        """How many tokens can be taken now."""
        returning = self._returning
        while returning and returning[0] <= now:
            heappop(returning)
        if self.size < self.tokens:
            self._grow(now)
        # after a throttle more tokens may be out than the bucket has places for
        out = self.in_flight + len(returning)
        return 0 if now < self.closed_until or out > self.size else self.size - out

    def idle(self, now: float) -> bool:
        """Whether the bucket is as good as new."""
        return self.free(now) == self.tokens

    def take(self) -> None:
        """Spend a token for an attempt that begins; `free` has said that there is one."""
        self.in_flight += 1

    def unused(self, now: float) -> None:
        """Take the token back at once: nothing of the attempt was written."""
        self.in_flight -= 1
        heappush(self._returning, now)

    def answered(self, now: float) -> None:
        """Take the token back in a period: the attempt was answered now."""
        self.in_flight -= 1
        heappush(self._returning, now + self.period)

    def unanswered(self, now: float) -> None:
        """Take the token back in a period and ``settle``: the attempt ended without an answer."""
        self.in_flight -= 1
        heappush(self._returning, now + self._settle + self.period)

    def throttled(self, now: float, taken_at: float) -> None:
        """Step back: the service refused an attempt for this rate, so somebody else spends it too.

        The bucket closes for a period, then has half its tokens, at least one, and gains one for
        each period without a throttle. Attempts that were under way when it closed and are refused
        as well keep it closed, but do not halve it again.

        Args:
            now: When the answer came.
            taken_at: When the attempt took its token.
        """
        if taken_at > self._throttled_at:
            self._grow(now)
            self.size = max(1, self.size // 2)
        self._throttled_at = now
        self.closed_until = now + self.period
        self._grows_at = self.closed_until + self.period

    def next_change(self, now: float) -> float:
        """When a token may next be free; infinite while only the end of an attempt can tell."""
        if now < self.closed_until:
            return self.closed_until
        at = self._returning[0] if self._returning else _NEVER
        return min(at, self._grows_at) if self.size < self.tokens else at

    def expected(self, ahead: int, now: float) -> float:
        """When a call with ``ahead`` calls before it would have its token.

        Nobody knows when an attempt in flight will end. It is taken as answered now, and those
        before this call as answered when they leave, so the true time is rather later, by a round
        trip for each period of waiting.
        """
        self.free(now)
        out = sorted([*self._returning, *[now + self.period] * self.in_flight])
        places = ([now] * (self.size - len(out)) + out)[-self.size :]
        rounds, place = divmod(ahead, self.size)
        return max(places[place], self.closed_until) + rounds * self.period

    def _grow(self, now: float) -> None:
        while self.size < self.tokens and self._grows_at <= now:
            self.size += 1
            self._grows_at += self.period


class Permit:
    """Leave to make one attempt. This one cost nothing; one that did is a subclass's.

    Whoever holds it calls exactly one of `answered`, `unanswered`, `unused` and `throttled`. All
    are synchronous and raise nothing; a second call does nothing.

    Attributes:
        waited: Seconds that the call waited for it.
    """

    __slots__ = ("waited",)

    def __init__(self, waited: float = 0.0) -> None:
        self.waited = waited

    def answered(self) -> None:
        """The service answered, whatever it said."""

    def unanswered(self) -> None:
        """Something was written and no answer came: the request may still be on its way."""

    def unused(self) -> None:
        """Nothing was written."""

    def throttled(self, message: str, /) -> None:
        """The service refused the attempt for its rate.

        Args:
            message: The service's text. If it names the call's resource, that one's rate was
                exceeded; otherwise the account's.
        """


UNPACED = Permit()
"""The permit of a call that has no rate."""


@attrs.frozen(kw_only=True)
class BucketSnapshot:
    """One bucket as it is at this moment.

    Attributes:
        operation: Name of the API operation.
        resource: ARN of the channel whose calls it counts; None for the account's bucket.
        rate: Calls per second, the share applied.
        period: Seconds after which a token comes back.
        tokens: Tokens that the rate gives.
        size: Tokens there are now; fewer than ``tokens`` for a while after a throttle.
        free: Tokens that a call could take now.
        in_flight: Attempts that have not ended.
        waiting: Calls that wait; those of all resources in the account's row.
        expected_wait: Seconds that a call made now would wait: for a channel's row one more call on
            it, for the account's row a call on a channel with none waiting. Attempts in flight are
            taken as answered now.
        closed_for: Seconds until the bucket opens again after a throttle, 0 if it is open.
    """

    operation: str
    resource: str | None
    rate: float
    period: float
    tokens: int
    size: int
    free: int
    in_flight: int
    waiting: int
    expected_wait: float
    closed_for: float


class RateLimiter:
    """Paces the calls of one account in one region, within one process and one event loop.

    Each `IvsSession` makes one of its own by default. Sessions that share an account and region
    must be given the same object, since the service counts their calls together; processes that do
    so need a ``share`` each, or the Redis limiter.

    Args:
        quotas: Rates by operation name, by default the published ones. Operations that it lacks,
            and those with ``CallRate()``, are not paced.
        share: The part of every rate that this limiter may spend, above 0 and at most 1. A part of
            a rate has the whole number of calls in it per second, or one call per
            ``1 / (rate * share)`` seconds if there is none; so limiters whose shares add up to 1
            never exceed a second's rate together, as long as each part holds a whole call.
        settle: Seconds within which an abandoned request has reached the service or never will.

    Raises:
        ConfigurationError: An argument cannot be used; or, when it is awaited, the limiter belongs
            to another event loop.
    """

    _for_each_loop = "with a share of the rates each"

    def __init__(
        self,
        quotas: Mapping[str, CallRate] = PUBLISHED,
        *,
        share: float = 1.0,
        settle: float = 1.0,
    ) -> None:
        if not isinstance(quotas, Mapping):
            raise ConfigurationError(
                f"quotas must be a mapping of operation names to CallRate, not "
                f"{type(quotas).__name__}"
            )
        check_numbers(share=share, settle=settle)
        for name, rate in quotas.items():
            if not isinstance(rate, CallRate):
                raise ConfigurationError(
                    f"quotas[{name!r}] must be a CallRate, not {type(rate).__name__} "
                    "(CallRate() leaves the operation unpaced)"
                )
        if not 0 < share <= 1:
            raise ConfigurationError(f"share must be above 0 and at most 1; this is {share}")
        if not 0 <= settle < math.inf:
            raise ConfigurationError(f"settle must be 0 or more seconds; this is {settle}")
        self._quotas = {name: rate for name, rate in quotas.items() if rate != CallRate()}
        self._share = share
        self._settle = settle
        self._loop: asyncio.AbstractEventLoop | None = None
        self._operations: dict[str, Calls] = {}

    async def acquire(
        self, operation: str, resource: str | None = None, timeout: float | None = None
    ) -> Permit:
        """Wait until an attempt may leave, and spend its tokens.

        A cancelled wait leaves no trace, not even if its turn had just come.

        Args:
            operation: Name of the API operation, such as ``PutMetadata``.
            resource: ARN of what the call concerns, None where the service counts no resource.
            timeout: Seconds that may pass; None waits as long as it takes.

        Raises:
            RateLimitExceeded: The expected wait exceeds ``timeout``, which is said at once; or
                ``timeout`` passed, because attempts took longer than expected or the service
                refused some.
        """
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._bind(loop)
        calls = self._operations.get(operation) or self._begin(operation, loop)
        if calls is None:
            return UNPACED
        now = loop.time()
        line = calls.line(resource, now)
        return calls.take_free(line, now) or await self._wait(calls, line, now, timeout)

    def snapshot(self) -> tuple[BucketSnapshot, ...]:
        """The buckets that are in use, for dashboards. To be called in the limiter's event loop.

        A channel's bucket is in use until a period after its last call; the account's bucket of an
        operation from its first call on.
        """
        now = self._loop.time() if self._loop else 0.0
        return tuple(row for calls in self._operations.values() for row in calls.snapshot(now))

    def _bind(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._loop is not None:
            raise ConfigurationError(
                "this limiter belongs to another event loop; make one for each loop, "
                f"{self._for_each_loop}, or use one loop"
            )
        self._loop = loop

    def _begin(self, operation: str, loop: asyncio.AbstractEventLoop) -> Calls | None:
        rate = self._quotas.get(operation)
        if rate is None:
            return None
        calls = self._operations[operation] = self._new_calls(operation, rate, loop)
        return calls

    def _new_calls(self, operation: str, rate: CallRate, loop: asyncio.AbstractEventLoop) -> Calls:
        return Calls(operation, rate, self._share, self._settle, loop)

    async def _wait(self, calls: Calls, line: Line, since: float, timeout: float | None) -> Permit:
        deadline: asyncio.TimerHandle | None = None
        waiter: Waiter = calls.loop.create_future()
        if timeout is not None:
            wait = calls.expected_wait(line, len(line.waiters), since)
            if wait > timeout:
                raise calls.exceeded(wait, timeout)
            deadline = calls.loop.call_at(since + timeout, calls.expire, line, waiter)
        calls.join(line, waiter, since, timeout)
        try:
            granted = await waiter
        except BaseException:
            calls.leave(line, waiter)
            raise
        finally:
            if deadline is not None:
                deadline.cancel()
        if isinstance(granted, IvsError):
            raise granted
        return granted


def check_numbers(**arguments: object) -> None:
    """Refuse arguments that are no numbers, whatever their annotations say."""
    for name, value in arguments.items():
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise ConfigurationError(f"{name} must be a number, not {type(value).__name__}")


class NoLimit:
    """Paces nothing: for tests, or where something else keeps the rates."""

    async def acquire(
        self,
        operation: str,  # noqa: ARG002 - what a limiter is told
        resource: str | None = None,  # noqa: ARG002
        timeout: float | None = None,  # noqa: ARG002
    ) -> Permit:
        """Leave at once, for every call."""
        return UNPACED


Waiter = asyncio.Future[Permit | IvsError]
"""A waiting call's permit, or why it gets none."""


class _Sleeper(ABC):
    """Who may have to wait for a bucket's tokens, with at most one timer."""

    __slots__ = ("_timer", "_wakes_at", "bucket", "loop")

    def __init__(self, bucket: TokenBucket | None, loop: asyncio.AbstractEventLoop) -> None:
        self.bucket = bucket
        self.loop = loop
        self._timer: asyncio.TimerHandle | None = None
        self._wakes_at = _NEVER

    def has_token(self, now: float) -> bool:
        return self.bucket is None or self.bucket.free(now) > 0

    def sleep(self, now: float) -> None:
        """See that `wake` is called when a token may be free."""
        at = self.bucket.next_change(now) if self.bucket else _NEVER
        if at < self._wakes_at:
            self.stop_sleeping()
            self._wakes_at = at
            self._timer = self.loop.call_at(at, self._ring)

    def stop_sleeping(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._wakes_at = _NEVER

    def _ring(self) -> None:
        # the loop rings a clock's tick early, when the token would not be there yet
        now = max(self.loop.time(), self._wakes_at)
        self.stop_sleeping()
        self.wake(now)

    @abstractmethod
    def wake(self, now: float) -> None: ...


class Line(_Sleeper):
    """The calls on one resource, first come, first served.

    Attributes:
        waiters: Since when each call waits, and how many seconds it may.
    """

    __slots__ = ("operation", "resource", "waiters")

    def __init__(self, operation: Calls, resource: str | None, bucket: TokenBucket | None) -> None:
        super().__init__(bucket, operation.loop)
        self.operation = operation
        self.resource = resource
        self.waiters: OrderedDict[Waiter, tuple[float, float | None]] = OrderedDict()

    @property
    def wants(self) -> int:
        """Calls for which there are no tokens yet."""
        return len(self.waiters)

    def idle(self, now: float) -> bool:
        """Whether the line is as good as new."""
        return not self.waiters and (self.bucket is None or self.bucket.idle(now))

    def wake(self, now: float) -> None:
        """A token of the resource may be free."""
        self.operation.update(self, now)


class Calls(_Sleeper):
    """The calls of one operation: the account's bucket, and the lines that wait for it in turn."""

    __slots__ = ("_depths", "_lines", "_rate", "_share", "_sweep_at", "_turns", "name", "settle")

    def __init__(
        self,
        name: str,
        rate: CallRate,
        share: float,
        settle: float,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.name = name
        self._rate = rate
        self._share = share
        self.settle = settle
        super().__init__(self._new_bucket(rate.per_account), loop)
        self._lines: dict[str | None, Line] = {}
        # lines that could go if the account could, in the order of their turns
        self._turns: OrderedDict[Line, None] = OrderedDict()
        # how many lines have more than 0, 1, 2... calls waiting
        self._depths: list[int] = []
        self._sweep_at = -_NEVER

    def _new_bucket(self, rate: float | None) -> TokenBucket | None:
        return None if rate is None else TokenBucket(rate * self._share, settle=self.settle)

    def line(self, resource: str | None, now: float) -> Line:
        """The line of a resource. Once in a while, those that are as good as new are dropped."""
        if now >= self._sweep_at:
            self._sweep_at = now + _SECOND
            self._lines = {name: line for name, line in self._lines.items() if not line.idle(now)}
        line = self._lines.get(resource)
        if line is None:
            line = self._lines[resource] = self._new_line(resource)
        return line

    def _new_line(self, resource: str | None) -> Line:
        return Line(self, resource, self._new_bucket(self._rate.per_resource))

    def take_free(self, line: Line, now: float) -> Permit | None:
        """Both tokens, if they are free and nobody waits for either."""
        if line.waiters or self._turns:
            return None
        if line.bucket is not None and not line.bucket.free(now):
            return None
        if self.bucket is not None and not self.bucket.free(now):
            return None
        return self._take(line, now, 0.0)

    def join(self, line: Line, waiter: Waiter, now: float, timeout: float | None) -> None:
        """Let a call wait at the end of its line."""
        self._count(len(line.waiters), 1)
        line.waiters[waiter] = now, timeout
        self.update(line, now)

    def leave(self, line: Line, waiter: Waiter) -> None:
        """Forget a call that no longer waits, or whose permit nobody is there to take."""
        if waiter in line.waiters:
            del line.waiters[waiter]
            self._count(len(line.waiters), -1)
            self.update(line, self.loop.time())
        elif not waiter.cancelled() and isinstance(granted := waiter.result(), Permit):
            granted.unused()

    def expire(self, line: Line, waiter: Waiter) -> None:
        """End the wait of a call whose time limit has passed, unless its turn comes just now."""
        now = self.loop.time()
        self.update(line, now)
        if not waiter.done():
            since, timeout = line.waiters[waiter]
            wait = now - since + self.expected_wait(line, 0, now)
            self.refuse(line, waiter, self.exceeded(wait, timeout or 0.0))

    def refuse(self, line: Line, waiter: Waiter, error: IvsError) -> None:
        """End the wait of a call that gets no tokens."""
        waiter.set_result(error)
        self.leave(line, waiter)

    def update(self, line: Line, now: float) -> None:
        """Bring a line to where it belongs, and let those go whose turn it is."""
        self._place(line, now)
        while self._turns and self.has_token(now):
            first, _ = self._turns.popitem(last=False)
            self._serve(first, now)
            self._place(first, now)
        if self._turns:
            self.sleep(now)
        else:
            self.stop_sleeping()

    def wake(self, now: float) -> None:
        """A token of the account may be free."""
        self.update(next(iter(self._turns)), now)

    def _place(self, line: Line, now: float) -> None:
        if line.wants <= 0:
            self._turns.pop(line, None)
            line.stop_sleeping()
        elif line.has_token(now):
            self._turns.setdefault(line)
            line.stop_sleeping()
        else:
            self._turns.pop(line, None)
            line.sleep(now)

    def _serve(self, line: Line, now: float) -> None:
        first = self.first(line)
        if first is not None:
            waiter, since = first
            waiter.set_result(self._take(line, now, now - since))

    def first(self, line: Line) -> tuple[Waiter, float] | None:
        """Take the first call that still waits out of its line, with the time it came."""
        while line.waiters:
            waiter, (since, _) = line.waiters.popitem(last=False)
            self._count(len(line.waiters), -1)
            # a call that was cancelled in this turn of the loop has not left its line yet
            if not waiter.done():
                return waiter, since
        return None

    def _take(self, line: Line, now: float, waited: float) -> Permit:
        if line.bucket is not None:
            line.bucket.take()
        if self.bucket is not None:
            self.bucket.take()
        return _Paid(line, now, waited)

    def _count(self, depth: int, change: int) -> None:
        if depth == len(self._depths):
            self._depths.append(0)
        self._depths[depth] += change
        if not self._depths[-1]:
            self._depths.pop()

    def end(self, line: Line, give_back: Callable[[TokenBucket, float], None]) -> None:
        """Give an attempt's tokens back in the way of its end."""
        now = self.loop.time()
        if line.bucket is not None:
            give_back(line.bucket, now)
        if self.bucket is not None:
            give_back(self.bucket, now)
        if line.waiters or self._turns:
            self.update(line, now)

    def throttle(self, line: Line, message: str, taken_at: float) -> None:
        """Close the bucket that a throttle names, before the attempt's tokens are given back."""
        self.blamed(line, message).throttled(self.loop.time(), taken_at)

    def blamed(self, line: Line, message: str) -> TokenBucket:
        """The bucket that a throttle names: the resource's, or else the account's."""
        named = line.resource is not None and line.resource in message
        buckets = (line.bucket, self.bucket) if named else (self.bucket, line.bucket)
        return next(filter(None, buckets))

    def expected_wait(self, line: Line | None, ahead: int, now: float) -> float:
        """Seconds that a call with so many before it in its line would wait.

        The lines that are ready go before its first turn, and between any two of its turns every
        line has one.
        """
        at = now
        if line is not None and line.bucket is not None:
            at = line.bucket.expected(ahead, now)
        if self.bucket is not None:
            turns = sum(self._depths[:ahead]) if ahead else len(self._turns)
            at = max(at, self.bucket.expected(turns, now))
        return at - now

    def exceeded(self, wait: float, timeout: float) -> RateLimitExceeded:
        """The error of a call that cannot have its tokens in time."""
        per_account, per_resource = self._rate.per_account, self._rate.per_resource
        rates = [
            f"{rate * self._share:g} per second for {whose}"
            for rate, whose in ((per_resource, "each resource"), (per_account, "the account"))
            if rate is not None
        ]
        return RateLimitExceeded(
            f"{self.name} would wait {wait:.2f} s for its call rate ({' and '.join(rates)}), and "
            f"{timeout:.2f} s are left; nothing was sent. Call it less often, or allow more time",
            wait=wait,
        )

    def snapshot(self, now: float) -> Iterator[BucketSnapshot]:
        """The account's bucket, then those of the resources that are in use."""
        if self.bucket is not None:
            line = self._lines.get(None)
            wait = self.expected_wait(line, len(line.waiters) if line else 0, now)
            yield self._row(self.bucket, None, sum(self._depths), wait, now)
        for line in self._lines.values():
            if line.bucket is not None and not line.idle(now):
                waiting = len(line.waiters)
                wait = self.expected_wait(line, waiting, now)
                yield self._row(line.bucket, line.resource, waiting, wait, now)

    def _row(
        self, bucket: TokenBucket, resource: str | None, waiting: int, wait: float, now: float
    ) -> BucketSnapshot:
        return BucketSnapshot(
            operation=self.name,
            resource=resource,
            rate=bucket.rate,
            period=bucket.period,
            tokens=bucket.tokens,
            size=bucket.size,
            free=bucket.free(now),
            in_flight=bucket.in_flight,
            waiting=waiting,
            expected_wait=wait,
            closed_for=max(0.0, bucket.closed_until - now),
        )


class _Paid(Permit):
    """Leave that cost a token of the resource, of the account, or of both."""

    __slots__ = ("_line", "_taken_at")

    def __init__(self, line: Line, now: float, waited: float) -> None:
        self.waited = waited
        self._line: Line | None = line
        self._taken_at = now

    def answered(self) -> None:
        self._end(TokenBucket.answered)

    def unanswered(self) -> None:
        self._end(TokenBucket.unanswered)

    def unused(self) -> None:
        self._end(TokenBucket.unused)

    def throttled(self, message: str, /) -> None:
        if self._line is not None:
            self._line.operation.throttle(self._line, message, self._taken_at)
            self._end(TokenBucket.answered)

    def _end(self, give_back: Callable[[TokenBucket, float], None]) -> None:
        line = self._line
        if line is not None:
            self._line = None
            line.operation.end(line, give_back)
