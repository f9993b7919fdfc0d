"""The limiter that many processes share, on Redis or Valkey.

Owns where the tokens of an account are while several processes spend them: what is asked of Redis,
what its script answers, and what happens while there is no Redis. Lines, turns and time limits are
those of `limiter`, and so is the promise, which holds here over all processes together. Needs the
extra ``redis``.

How it works
------------
Redis keeps a sorted set for each bucket: the tokens that are out, each with the time at which it is
back. A token in flight is a **lease**: if its holder never gives it back, it comes back by itself
when an attempt made with it must be over and forgotten (the attempt's time limit, ``settle`` and a
period). A token that was given back has the time that the promise demands.

Each process makes one call at a time of one script, which is atomic: it returns what has ended, and
asks for as many tokens as calls wait. **A token is granted a little before it is back**, with the
time at which it may be used: so nobody polls for it, and its time is met exactly. What a process
gives back can wait for its next call, since nobody else could use it for a period.

All times are the server's. A process tells only how long ago something happened, which no jump of
its clock changes, and counts from the arrival of an answer, which is later than the answer.

Redis also knows which processes wait, for how many tokens each, and what each had lately. The next
tokens belong to the one that had least. So everybody who wants it has an equal part of a bucket,
and what one does not want is shared by the others.

What can be lost
----------------
* **An answer.** Each call has a number, and the script executes none that is not newer than the
  last, so a call that arrives twice or late does nothing. Tokens are named by their call, so the
  next call gives back what a lost answer may have granted.
* **A process.** Its leases run out.
* **Redis.** Calls have a time limit. When one fails, this process lets a period pass, or more until
  what it abandoned before is back, and goes on with its `fallback_share`. It asks for Redis at
  growing intervals of at most a second, and goes back to it with calls that tell which tokens it
  has out.
* **Redis's memory.** A process that finds its last call unknown makes a new beginning: all buckets
  stay closed for a period and ``settle``, until what was out before is back. A process that is new
  cannot tell an emptied Redis from a fresh one. If it is the first to ask after Redis was emptied,
  the rates begin anew, and for a period up to twice as many attempts may leave.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import logging
import math
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final, Literal, Protocol, Self, cast

import attrs

from . import redis_script
from ._aws.errors import ConfigurationError, IvsError, RateLimitExceeded

try:
    from redis.asyncio import Redis
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff
except ImportError as error:
    raise ImportError(
        "the limiter on Redis needs redis-py: pip install 'ivs-async[redis]'"
    ) from error

from .limiter import Calls, Line, Permit, RateLimiter, TokenBucket, check_numbers
from .quotas import PUBLISHED, CallRate

_NEVER = math.inf
# times of Redis are in microseconds
_SECOND = 1_000_000
# how late after its time a token may still be handed to a call, and what a lease has for it
_HAND_OVER = 1.0
# seconds that tokens given back may wait for a call that asks
_FLUSH = 0.25
# seconds for which Redis remembers a process, and half of it for which the process relies on that
_MEMORY = 60.0
_FIRST_PROBE, _LAST_PROBE = 0.1, 1.0
# seconds of an outage after which it is worth a warning
_OUTAGE = 1.0
# lines for which one call asks: few can be served while the account's tokens are scarce
_FEWEST_LINES, _MOST_LINES = 8, 64

# a newer redis-py reads its own version from files for each connection, to tell it to the server
_QUIET: Final[dict[str, Any]] = (
    {"driver_info": None} if "driver_info" in inspect.signature(Redis).parameters else {}
)

_log = logging.getLogger("ivs_async")


class Client(Protocol):
    """An asyncio client of Redis or Valkey: redis-py's or valkey-py's, or their cluster clients."""

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Send a command, and wait for its answer."""
        ...


class RateLimiterUnavailable(RateLimitExceeded):
    """Redis cannot be used, and the limiter was told to raise then; nothing was sent.

    Attributes:
        wait: Seconds until Redis is tried again.
    """


class RedisRateLimiter(RateLimiter):
    """Paces the calls of one account in one region over any number of processes and hosts.

    A drop-in for `RateLimiter`. Each process makes its own, with the same arguments, and gives it
    to its sessions; it belongs to one event loop. Use it with ``async with``, or call `close` at
    the end: what it holds is free for the others then, and otherwise when its leases run out.

    A Redis that is slow, down or read-only makes no call fail, unless you ask for that. Meanwhile
    each process that is cut off spends its `fallback_share`, beginning a period later, or when what
    it abandoned before is back. So ``n`` of them spend at most ``n * fallback_share`` of a rate, on
    top of what those spend that still have Redis.

    Args:
        redis: URL of a Redis 6.2, a Valkey 7.2 or newer, such as ``redis://host:6379/0`` or
            ``rediss://`` for TLS; or a client for it, which is not closed.
        quotas: As for `RateLimiter`.
        account_id: The account whose calls are counted. It and the region name the keys in Redis.
        region: The region in which they are counted.
        share: Part of every rate that all processes may spend together.
        settle: Seconds within which an abandoned request has reached the service or never will.
        attempt_timeout: The longest `attempt_timeout` of the sessions that use the limiter. The
            tokens of a process that dies come back so many seconds, `settle`, a period and a second
            later.
        timeout: Seconds within which Redis answers or is taken for lost.
        on_unavailable: What happens without Redis: ``"fall back"`` to a share of this process's
            own, or ``"raise"`` `RateLimiterUnavailable`.
        fallback_share: Part of every rate that this process may spend alone; 1 / number of
            processes is the largest that is safe, and only where such a part of a rate has a whole
            call: of a smaller one each process has a call in more than a second, and those of many
            processes can meet in one.

    Raises:
        ConfigurationError: An argument cannot be used; or, when it is awaited, the limiter is
            closed or belongs to another event loop.
    """

    _for_each_loop = "with the same arguments"

    def __init__(
        self,
        redis: str | Client,
        quotas: Mapping[str, CallRate] = PUBLISHED,
        *,
        account_id: str,
        region: str,
        share: float = 1.0,
        settle: float = 1.0,
        attempt_timeout: float = 10.0,
        timeout: float = 0.25,
        on_unavailable: Literal["fall back", "raise"] = "fall back",
        fallback_share: float = 0.1,
    ) -> None:
        super().__init__(quotas, share=share, settle=settle)
        texts: dict[str, object] = {"account_id": account_id, "region": region}
        for name, text in texts.items():
            if not isinstance(text, str):
                raise ConfigurationError(f"{name} must be a str, not {type(text).__name__}")
            if not text or not text.isprintable() or set(text) & set(" {}"):
                raise ConfigurationError(
                    f"{name} must be a name without spaces and braces, and not empty, since it is "
                    "part of keys"
                )
        limits = {"attempt_timeout": attempt_timeout, "timeout": timeout}
        check_numbers(**limits, fallback_share=fallback_share)
        for name, limit in limits.items():
            if not 0 < limit < math.inf:
                raise ConfigurationError(
                    f"{name} must be a number of seconds above 0; this is {limit}"
                )
        if not 0 < fallback_share <= 1:
            raise ConfigurationError(
                f"fallback_share must be above 0 and at most 1; this is {fallback_share}"
            )
        if on_unavailable not in ("fall back", "raise"):
            raise ConfigurationError(
                f"on_unavailable must be 'fall back' or 'raise'; this is {on_unavailable!r}"
            )
        self._redis, self._close_redis = _connect(redis, timeout)
        self.region = region
        self._prefix = f"{{ivs-async:{account_id}:{region}}}"
        self._lease = attempt_timeout + settle + _HAND_OVER
        self._timeout = timeout
        self._raises = on_unavailable == "raise"
        self._fallback_share = fallback_share
        self._shared: dict[str, _SharedCalls] = {}
        self._holder = ""
        self._closing: asyncio.Task[None] | None = None

        # the calls: their numbers, what they have to tell, when the next is due
        self._number = self._answered_number = 0
        self._answered_at = -_NEVER
        self._asked_at = -_NEVER
        self._epoch = 0
        self._most_lines = _FEWEST_LINES
        self._unanswered: list[_Message] = []
        self._returns: list[_Return] = []
        self._flying: dict[str, _Leased] = {}
        # of those, what Redis was not told when it came back
        self._untold: set[str] = set()
        self._abandoned_until = -_NEVER
        self._urgent = False
        self._calling: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._wakes_at = _NEVER

        # the outage, if there is one
        self._lost_at: float | None = None
        self._why = ""
        self._warned = False
        self._probe_at = -_NEVER
        self._probe_pause = _FIRST_PROBE

    @property
    def connected(self) -> bool:
        """Whether tokens come from Redis: False once a call to it failed, until one succeeds.

        It is not asked for the sake of this, so it is True before the first call.
        """
        return self._lost_at is None

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
            RateLimitExceeded: The expected wait exceeds ``timeout``, which is said as soon as Redis
                has told; or ``timeout`` passed. `RateLimiterUnavailable`, if that was asked for and
                Redis is away.
        """
        if self._closing is not None:
            raise ConfigurationError("this limiter is closed; make a new one")
        return await super().acquire(operation, resource, timeout)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Give all tokens back that no attempt uses. Calls that wait are refused.

        Takes at most two time limits of Redis. May be called again.
        """
        if self._closing is None:
            self._closing = asyncio.get_running_loop().create_task(self._close())
        # whoever closes may be cancelled; the tokens go back nevertheless
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        self._stop_timer()
        for calls in self._shared.values():
            calls.refuse_all(
                lambda: ConfigurationError("the limiter was closed while this call waited")
            )
        if self._calling is not None:
            await asyncio.wait([self._calling])
        for calls in self._shared.values():
            calls.withdraw()
        if self._returns or self._unanswered:
            await self._call()
        if self._close_redis is not None:
            await self._close_redis()

    # What the queues ask

    @property
    def falls_back(self) -> bool:
        """Whether this process serves its calls from a share of its own."""
        return self._lost_at is not None and not self._raises

    def shared_bucket(
        self, rate: float | None, operation: str, *resource: str
    ) -> _SharedBucket | None:
        """What is known of a bucket in Redis; None for a rate that is not limited."""
        if rate is None:
            return None
        return _SharedBucket(":".join((self._prefix, operation, *resource)), rate * self._share)

    def own_bucket(self, rate: float | None) -> TokenBucket | None:
        """This process's part of a bucket, closed until what it spent before is back."""
        if rate is None:
            return None
        bucket = TokenBucket(rate * self._share * self._fallback_share, settle=self._settle)
        if self._lost_at is not None:
            bucket.closed_until = max(self._lost_at, self._abandoned_until) + bucket.period
        return bucket

    def own_name(self) -> str:
        """A name for the tokens of an attempt that this process makes on its own."""
        self._number += 1
        return f"{self._holder}:{self._number}"

    def hand_out(self, permit: _Leased) -> _Leased:
        """Remember an attempt that begins."""
        self._flying[permit.name] = permit
        return permit

    def take_back(self, returned: _Return) -> None:
        """Remember what the next call gives back."""
        self._flying.pop(returned.name, None)
        self._returns.append(returned)
        if returned.rest:
            self._abandoned_until = max(self._abandoned_until, returned.ended + returned.rest)
        if returned.rest is None or returned.blamed is not None:
            self._urgent = True
        self.schedule(returned.ended)

    def probe(self, now: float) -> None:
        """Look whether Redis is back, if it is away and the time for that has come.

        Raises:
            RateLimiterUnavailable: It is away, its time has not come, and that is to be raised.
        """
        if self._lost_at is None:
            return
        if self._raises and self._calling is None and now < self._probe_at:
            raise self._unavailable(now)
        self._wake(max(now, self._probe_at))

    def schedule(self, now: float) -> None:
        """See that the next call is made when there is a reason for it."""
        if self._lost_at is not None:
            if self._returns or any(calls.waits for calls in self._shared.values()):
                self._wake(max(now, self._probe_at))
        elif self._urgent or any(calls.asks(now) for calls in self._shared.values()):
            self._wake(now)
        elif self._returns:
            self._wake(max(now, self._returns[0].ended + _FLUSH))

    # Calls to Redis

    def _bind(self, loop: asyncio.AbstractEventLoop) -> None:
        super()._bind(loop)
        # not before: a process may fork after it has made its limiter
        self._holder = secrets.token_hex(5)

    def _new_calls(
        self, operation: str, rate: CallRate, loop: asyncio.AbstractEventLoop
    ) -> _SharedCalls:
        calls = _SharedCalls(operation, rate, self._share, self._settle, loop, self)
        self._shared[operation] = calls
        return calls

    def _wake(self, at: float) -> None:
        if self._calling is None and self._closing is None and at < self._wakes_at:
            self._stop_timer()
            self._wakes_at = at
            self._timer = asyncio.get_running_loop().call_at(at, self._ring)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._wakes_at = _NEVER

    def _ring(self) -> None:
        self._stop_timer()
        self._calling = asyncio.get_running_loop().create_task(self._call_again())

    async def _call_again(self) -> None:
        try:
            await self._call()
        finally:
            self._calling = None
        self.schedule(asyncio.get_running_loop().time())

    async def _call(self) -> None:
        loop = asyncio.get_running_loop()
        sent = loop.time()
        message = self._compose(sent)
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self._run(message)
            self._hear(message, answer, sent, loop.time())
        except Exception as error:  # noqa: BLE001 - whatever the client raises, calls must go on
            if message.asks:
                self._unanswered.append(message)
            self._lose(error, loop.time())

    async def _run(self, message: _Message) -> Any:
        arguments = (len(message.keys), *message.keys, message.text())
        try:
            return await self._redis.execute_command("EVALSHA", redis_script.SHA, *arguments)
        except Exception as error:
            # the cache of scripts is empty after a flush, a restart, a failover
            if type(error).__name__ != "NoScriptError":
                raise
        return await self._redis.execute_command("EVAL", redis_script.SCRIPT, *arguments)

    def _compose(self, now: float) -> _Message:
        # Redis forgets a process that is quiet for long, and then nothing is lost
        relies = now - self._answered_at < _MEMORY / 2
        self._number += 1
        message = _Message(
            number=self._number,
            head={
                "holder": self._holder,
                "call": self._number,
                "answered": self._answered_number if relies else 0,
                "epoch": self._epoch if relies or self._lost_at is not None else 0,
                "memory": round(_MEMORY * 1000),
                "lease": _microseconds(self._lease),
                "settle": _microseconds(self._settle),
            },
            keys=[f"{self._prefix}:holder:{self._holder}", f"{self._prefix}:epoch"],
        )
        for lost in self._unanswered:
            message.void(lost, self._holder)
        self._returns = [
            each for each in self._returns if now < each.ended + each.period + self._lease
        ]
        for returned in self._returns:
            message.give_back(returned, now)
        message.returned = len(self._returns)
        self._urgent = False
        unknown = self._untold if self._lost_at is None else self._flying.keys()
        for permit in [self._flying[name] for name in unknown if name in self._flying]:
            message.claim(permit)
        if self._lost_at is None and self._closing is None:
            for calls in self._shared.values():
                for line, count in calls.demand(now, self._most_lines):
                    message.ask(calls, line, count)
        return message

    def _hear(self, message: _Message, answer: Any, sent: float, now: float) -> None:
        if len(answer) == 1:
            # a client that repeats commands did so, and the first answer is lost
            self._unanswered.append(message)
            self._urgent = True
            return
        (self._epoch, pace), grants, buckets = answer
        self._answered_number, self._answered_at = message.number, now
        self._unanswered.clear()
        self._untold.clear()
        del self._returns[: message.returned]
        if self._lost_at is not None:
            # what began while the call travelled
            self._untold = self._flying.keys() - message.claimed
            self._return(now)
            return
        for index, size, *times in _grouped(buckets, 6):
            bucket = message.buckets[index - 1]
            bucket.learn(now, size, *(time / _SECOND for time in times))
            # those that are to be asked for at about the same time are asked for in one call
            grid = pace / 2 / _SECOND
            bucket.ask_at = max(now, math.floor(bucket.ask_at / grid) * grid)
        counts = [0] * len(message.asks)
        for index, start in _grouped(grants, 2):
            counts[index - 1] += 1
            calls, line, _ = message.asks[index - 1]
            name = f"{self._holder}:{message.number}:{index}:{counts[index - 1]}"
            calls.grant(line, name, now + start / _SECOND, sent + start / _SECOND)
        served = sum(map(bool, counts))
        self._most_lines = max(_FEWEST_LINES, min(_MOST_LINES, 2 * served))
        asked_before, self._asked_at = self._asked_at, sent
        for calls, line, _ in message.asks:
            calls.heard(line, now, asked_before)

    def _lose(self, error: Exception, now: float) -> None:
        if self._lost_at is None:
            for calls in self._shared.values():
                calls.withdraw()
            self._lost_at = now
            self._probe_pause = _FIRST_PROBE
            for calls in self._shared.values():
                calls.swap(now)
            if not self._raises:
                for permit in self._flying.values():
                    permit.hold()
        else:
            self._probe_pause = min(_LAST_PROBE, 2 * self._probe_pause)
        self._why = f"{type(error).__name__}: {error}".removesuffix(": ")
        self._probe_at = now + self._probe_pause
        if now - self._lost_at >= _OUTAGE and not self._warned:
            self._warned = True
            _log.warning(
                "the limiter's Redis cannot be used (%s); until it can, %s",
                self._why,
                "calls are refused"
                if self._raises
                else f"this process spends {self._fallback_share:g} of each rate on its own",
            )
        if self._raises:
            for calls in self._shared.values():
                calls.refuse_all(lambda: self._unavailable(now))

    def _return(self, now: float) -> None:
        self._lost_at = None
        if self._warned:
            self._warned = False
            _log.info("the limiter's Redis can be used again")
        for calls in self._shared.values():
            calls.swap(now)

    def _unavailable(self, now: float) -> RateLimiterUnavailable:
        wait = max(0.0, self._probe_at - now)
        return RateLimiterUnavailable(
            f"the limiter's Redis cannot be used ({self._why}), and on_unavailable is 'raise'; "
            f"nothing was sent. It is asked again in {wait:.2f} s",
            wait=wait,
        )


class _SharedBucket(TokenBucket):
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


class _SharedLine(Line):
    """The calls on one resource, and what Redis granted to them for a time soon to come.

    Attributes:
        shared: What is known of the resource's bucket in Redis.
        buckets: Of the account's and the resource's, those that there are.
        grants: Tokens that wait for their time, by their name.
    """

    __slots__ = ("buckets", "grants", "shared")

    def __init__(
        self, calls: _SharedCalls, resource: str | None, shared: _SharedBucket | None
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


class _SharedCalls(Calls):
    """The calls of one operation: they wait here, and their tokens come from Redis.

    While there is no Redis, tokens come from buckets of this process's own, as in `Calls`.

    Attributes:
        shared: What is known of the account's bucket in Redis.
        settle: As for the limiter.
    """

    __slots__ = ("_limiter", "settle", "shared")

    def __init__(
        self,
        name: str,
        rate: CallRate,
        share: float,
        settle: float,
        loop: asyncio.AbstractEventLoop,
        limiter: RedisRateLimiter,
    ) -> None:
        self._limiter = limiter
        self.settle = settle
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

    def demand(self, now: float, most: int) -> Iterator[tuple[_SharedLine, int]]:
        """The lines to ask for, in their turn, and how many tokens each wants."""
        if self.asks(now):
            for line in islice(cast("Iterable[_SharedLine]", self._turns), most):
                yield line, min(line.wants, *(bucket.tokens for bucket in line.buckets))

    def grant(self, line: _SharedLine, name: str, at: float, earliest: float) -> None:
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

    def heard(self, line: _SharedLine, now: float, asked_before: float) -> None:
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
                self.take_back(line, _Return(name, line.buckets, now, rest=None))

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
        for line in self._all():
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
        granted = len(line.grants) if isinstance(line, _SharedLine) else 0
        return super().expected_wait(line, max(0, ahead - granted), now)

    def step_back(self, line: _SharedLine, message: str, taken_at: float) -> _SharedBucket | None:
        """Close the bucket that a throttle names, and tell which one it is in Redis."""
        blamed = self.blamed(line, message)
        blamed.throttled(self.loop.time(), taken_at)
        return line.shared if blamed is line.bucket else self.shared

    def take_back(self, line: _SharedLine, returned: _Return) -> None:
        """Give tokens back, and let others have them."""
        if returned.rest is None:
            for bucket in returned.buckets:
                bucket.ask_at = returned.ended
        self._limiter.take_back(returned)
        if line.waiters or self._turns:
            self.update(line, returned.ended)

    def _all(self) -> list[_SharedLine]:
        return cast("list[_SharedLine]", [*self._lines.values()])

    def _serving(self, shared: _SharedBucket | None, rate: float | None) -> TokenBucket | None:
        return self._new_bucket(rate) if self._limiter.falls_back else shared

    def _new_bucket(self, rate: float | None) -> TokenBucket | None:
        return self._limiter.own_bucket(rate)

    def _new_line(self, resource: str | None) -> Line:
        rate = self._rate.per_resource
        line = _SharedLine(
            self, resource, self._limiter.shared_bucket(rate, self.name, resource or "")
        )
        line.bucket = self._serving(line.shared, rate)
        return line

    def _take(self, line: Line, now: float, waited: float) -> Permit:
        own = self.own_buckets(line)
        for bucket in own:
            bucket.take()
        return self._begin(cast("_SharedLine", line), self._limiter.own_name(), own, now, waited)

    def own_buckets(self, line: Line) -> list[TokenBucket]:
        """The buckets that a line's attempts spend from while this process is on its own."""
        return [bucket for bucket in (line.bucket, self.bucket) if bucket is not None]

    def _hand_over(self, line: _SharedLine, name: str, earliest: float) -> None:
        now = self.loop.time()
        del line.grants[name]
        # a process that slept would begin with a lease that may run out before the attempt ends
        first = self.first(line) if now - earliest < _HAND_OVER else None
        if first is None:
            self.take_back(line, _Return(name, line.buckets, now, rest=None))
        else:
            waiter, since = first
            waiter.set_result(self._begin(line, name, [], now, now - since))

    def _begin(
        self, line: _SharedLine, name: str, own: list[TokenBucket], now: float, waited: float
    ) -> Permit:
        for bucket in line.buckets:
            bucket.take()
        return self._limiter.hand_out(_Leased(self, line, name, own, now, waited))


class _Leased(Permit):
    """Leave that cost tokens which all processes share.

    Attributes:
        name: Of the tokens in Redis.
        line: For which they were taken.
    """

    __slots__ = ("_calls", "_ended", "_own", "_taken_at", "line", "name")

    def __init__(
        self,
        calls: _SharedCalls,
        line: _SharedLine,
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
        self._end(TokenBucket.answered, 0.0)

    def unanswered(self) -> None:
        self._end(TokenBucket.unanswered, self._calls.settle)

    def unused(self) -> None:
        self._end(TokenBucket.unused, None)

    def throttled(self, message: str, /) -> None:
        if not self._ended:
            blamed = self._calls.step_back(self.line, message, self._taken_at)
            self._end(TokenBucket.answered, 0.0, blamed)

    def _end(
        self,
        give_back: Callable[[TokenBucket, float], None],
        rest: float | None,
        blamed: _SharedBucket | None = None,
    ) -> None:
        if self._ended:
            return
        self._ended = True
        now = self._calls.loop.time()
        for bucket in self._own:
            give_back(bucket, now)
        for shared in self.line.buckets:
            shared.end()
        returned = _Return(self.name, self.line.buckets, now, rest, blamed)
        self._calls.take_back(self.line, returned)


@attrs.frozen
class _Return:
    """Tokens of an attempt that has ended, for the next call.

    Attributes:
        name: Of the tokens.
        buckets: To which they belong.
        ended: When the attempt did.
        rest: Seconds beyond a period after which they are back; None for at once.
        blamed: Of the buckets, the one for which the attempt was throttled.
    """

    name: str
    buckets: tuple[_SharedBucket, ...]
    ended: float
    rest: float | None
    blamed: _SharedBucket | None = None

    @property
    def period(self) -> float:
        """The longest of its buckets'."""
        return max(bucket.period for bucket in self.buckets)


@attrs.define
class _Message:
    """One call of the script, while it is put together.

    Attributes:
        number: Of the call.
        head: What concerns all buckets.
        keys: The keys that it uses: the process's own, the epoch, the buckets.
        buckets: In the order of their keys.
        asks: The lines that it asks for, with how many tokens each wants.
        returned: How many of the limiter's returns it carries.
    """

    number: int
    head: dict[str, object]
    keys: list[str]
    buckets: list[_SharedBucket] = attrs.Factory(list)
    asks: list[tuple[_SharedCalls, _SharedLine, int]] = attrs.Factory(list)
    returned: int = 0
    _places: dict[str, int] = attrs.Factory(dict)
    _claims: list[tuple[int, str]] = attrs.Factory(list)
    _returns: list[tuple[int, str, int, int, int]] = attrs.Factory(list)

    @property
    def claimed(self) -> set[str]:
        """Names of the attempts that it says are under way."""
        return {name for _, name in self._claims}

    def claim(self, permit: _Leased) -> None:
        """Say that an attempt is under way, which Redis may not know."""
        for bucket in permit.line.buckets:
            self._claims.append((self._place(bucket), permit.name))

    def give_back(self, returned: _Return, now: float) -> None:
        """Say that an attempt has ended."""
        age = math.floor((now - returned.ended) * _SECOND)
        for bucket in returned.buckets:
            rest = -1 if returned.rest is None else _microseconds(bucket.period + returned.rest)
            refused = int(bucket is returned.blamed)
            self._returns.append((self._place(bucket), returned.name, age, rest, refused))

    def void(self, lost: _Message, holder: str) -> None:
        """Give back whatever another call was granted."""
        for index, (_, line, count) in enumerate(lost.asks, 1):
            for number in range(1, count + 1):
                name = f"{holder}:{lost.number}:{index}:{number}"
                for bucket in line.buckets:
                    self._returns.append((self._place(bucket), name, 0, -1, 0))

    def ask(self, calls: _SharedCalls, line: _SharedLine, count: int) -> None:
        """Ask for tokens."""
        for bucket in line.buckets:
            self._place(bucket)
        self.asks.append((calls, line, count))

    def text(self) -> str:
        """What the script reads."""
        asks = [
            (self._index(calls.shared), self._index(line.shared), count)
            for calls, line, count in self.asks
        ]
        buckets = [(bucket.tokens, _microseconds(bucket.period)) for bucket in self.buckets]
        return json.dumps(
            {
                **self.head,
                "buckets": buckets,
                "claims": self._claims,
                "returns": self._returns,
                "asks": asks,
            },
            separators=(",", ":"),
        )

    def _index(self, bucket: _SharedBucket | None) -> int:
        return 0 if bucket is None else self._place(bucket)

    def _place(self, bucket: _SharedBucket) -> int:
        place = self._places.get(bucket.key)
        if place is None:
            place = self._places[bucket.key] = len(self.buckets) + 1
            self.buckets.append(bucket)
            self.keys += (bucket.key, f"{bucket.key}:state")
        return place


def _connect(redis: str | Client, timeout: float) -> tuple[Client, Callable[[], Any] | None]:
    """A client, and how it is closed if it is the limiter's own. Sends nothing yet."""
    if not isinstance(redis, str):
        given: object = redis
        if not inspect.iscoroutinefunction(getattr(given, "execute_command", None)):
            raise ConfigurationError(
                "redis must be a URL or an asyncio client, such as redis.asyncio.Redis, not "
                f"{type(given).__module__}.{type(given).__name__}"
            )
        return redis, None
    with contextlib.suppress(ValueError):
        client = Redis.from_url(
            redis,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            # the limiter makes a call that failed again, and knows what it may say then
            retry=Retry(NoBackoff(), 0),
            protocol=2,
            **_QUIET,
        )
        return client, client.aclose
    # urllib's error repeats parts of the URL, which may be of the password
    raise ConfigurationError(
        "redis must be a URL such as redis://user:password@host:6379/0, or rediss:// for TLS; in "
        "user and password, percent-encode what is special in URLs (/ as %2F, # as %23)"
    )


def _microseconds(seconds: float) -> int:
    return math.ceil(seconds * _SECOND)


def _grouped(numbers: list[int], size: int) -> Iterator[tuple[int, ...]]:
    return zip(*[iter(numbers)] * size, strict=True)
