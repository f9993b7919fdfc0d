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
* **Redis.** Calls have a time limit. When one fails, this process waits until what it and others
  were granted before must be back, and goes on with its `fallback_share`. It asks for Redis several
  times a second, spends nothing without a call that failed just before, and goes back with calls
  that tell which tokens it has out. Others notice a little later that Redis is back. So a process
  that comes back closes all buckets until what was spent without Redis is back, if the outage was
  long enough for that, and if nobody had Redis meanwhile.
* **Redis's memory.** A process that finds its last call unknown closes all buckets as well, until
  what was out before is back. A process that is new, or was quiet for half a minute, cannot tell an
  emptied Redis from a fresh one. If it is the first to ask after Redis was emptied, the rates begin
  anew, until another process asks that can tell.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import logging
import math
import secrets
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Literal, Protocol, Self

import attrs

from ivs_async._aws.errors import ConfigurationError, RateLimitExceeded

try:
    from redis.asyncio import Redis
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff
except ImportError as error:
    raise ImportError(
        "the limiter on Redis needs redis-py: pip install 'ivs-async[redis]'"
    ) from error

from ivs_async.limiter import Permit, RateLimiter, check_numbers
from ivs_async.quotas import PUBLISHED, CallRate

from . import script
from .lines import Leased, OwnBucket, Return, SharedBucket, SharedCalls, SharedLine

_NEVER = math.inf
# times of Redis are in microseconds
_SECOND = 1_000_000
# seconds that tokens given back may wait for a call that asks
_FLUSH = 0.25
# seconds for which Redis remembers a process, and half of it for which the process relies on that
_MEMORY = 60.0
_FIRST_PROBE, _LAST_PROBE = 0.1, 0.25
# seconds for which a process may be busy with something else and still hand over what it got
_BUSY = 0.75
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
    each process that is cut off spends its `fallback_share`, beginning when what was spent before
    is back. The promise holds for processes that lose Redis together and find it again, whenever
    each of them does, as long as their shares add up to 1 at most. Where only ``n`` of them lose
    it, they spend at most ``n * fallback_share`` of a rate, on top of what those spend that still
    have it.

    Args:
        redis: URL of a Redis 6.2, a Valkey 7.2 or newer, such as ``redis://host:6379/0`` or
            ``rediss://`` for TLS; or a client for it, which is not closed.
        quotas: As for `RateLimiter`.
        account_id: The account whose calls are counted. It and the region name the keys in Redis.
        region: The region in which they are counted.
        share: Part of every rate that all processes may spend together.
        settle: Seconds within which an abandoned request has reached the service or never will.
        attempt_timeout: The longest `attempt_timeout` of the sessions that use the limiter. The
            tokens of a process that dies come back so many seconds, `settle`, `timeout`, a period
            and 0.75 seconds later.
        timeout: Seconds within which Redis answers or is taken for lost. It also lengthens the
            times without calls at the beginning and at the end of an outage.
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
        self._timeout = timeout
        self.hand_over = timeout + _BUSY
        # a call that fails, a pause, another one, and a pause to spare
        self._denial = 2 * (timeout + _LAST_PROBE)
        # in an outage of all, nobody is alone before this process's calls have failed for so long,
        # and nobody has called for so long
        self._long, self._gap = timeout + 0.5, timeout + 1.25
        self._lease = attempt_timeout + settle + self.hand_over
        self._raises = on_unavailable == "raise"
        self._fallback_share = fallback_share
        self._shared: dict[str, SharedCalls] = {}
        self._holder = ""
        self._closing: asyncio.Task[None] | None = None

        # the calls: their numbers, what they have to tell, when the next is due
        self._number = self._answered_number = 0
        self._answered_at = -_NEVER
        self._asked_at = -_NEVER
        self._epoch = 0
        self._most_lines = _FEWEST_LINES
        self._unanswered: list[_Message] = []
        self._repeated = False
        self._returns: list[Return] = []
        self._flying: dict[str, Leased] = {}
        # of those, what Redis was not told when it came back
        self._untold: set[str] = set()
        self._abandoned_until = -_NEVER
        self._urgent = False
        self._calling: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._wakes_at = _NEVER

        # the outage, if there is one
        self._lost_at: float | None = None
        # when the first call that failed was sent, the last one, and when that failed
        self._denied_since = self._denied_at = self._failed_at = -_NEVER
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

    @property
    def alone_until(self) -> float:
        """Time until which it may do so, unless another call fails."""
        return self._denied_at + self._denial

    def shared_bucket(
        self, rate: float | None, operation: str, *resource: str
    ) -> SharedBucket | None:
        """What is known of a bucket in Redis; None for a rate that is not limited."""
        if rate is None:
            return None
        return SharedBucket(":".join((self._prefix, operation, *resource)), rate * self._share)

    def own_bucket(self, rate: float | None) -> OwnBucket | None:
        """This process's part of a bucket, closed until what it spent before is back."""
        if rate is None:
            return None
        bucket = OwnBucket(self, rate * self._share * self._fallback_share, settle=self._settle)
        if self._lost_at is not None:
            spent = max(self._lost_at + self.hand_over, self._abandoned_until)
            bucket.closed_until = spent + bucket.period
        return bucket

    def own_name(self) -> str:
        """A name for the tokens of an attempt that this process makes on its own."""
        self._number += 1
        return f"{self._holder}:{self._number}"

    def hand_out(self, permit: Leased) -> Leased:
        """Remember an attempt that begins."""
        self._flying[permit.name] = permit
        return permit

    def take_back(self, returned: Return) -> None:
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
    ) -> SharedCalls:
        calls = SharedCalls(operation, rate, self._share, self._settle, loop, self)
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
        # the loop rings a clock's tick early, when there is nothing to ask for yet
        due = self._wakes_at
        self._stop_timer()
        self._calling = asyncio.get_running_loop().create_task(self._call_again(due))

    async def _call_again(self, due: float) -> None:
        try:
            await self._call(due)
        finally:
            self._calling = None
            self.schedule(asyncio.get_running_loop().time())

    async def _call(self, due: float = -_NEVER) -> None:
        loop = asyncio.get_running_loop()
        sent = max(loop.time(), due)
        message = self._compose(sent)
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self._run(message)
            self._hear(message, answer, sent, loop.time())
        except Exception as error:  # noqa: BLE001 - whatever the client raises, calls must go on
            if message.asks:
                self._unanswered.append(message)
            self._lose(error, sent, loop.time())

    async def _run(self, message: _Message) -> Any:
        arguments = (len(message.keys), *message.keys, message.text())
        try:
            return await self._redis.execute_command("EVALSHA", script.SHA, *arguments)
        except Exception as error:
            # the cache of scripts is empty after a flush, a restart, a failover
            if type(error).__name__ != "NoScriptError":
                raise
        return await self._redis.execute_command("EVAL", script.SCRIPT, *arguments)

    def _compose(self, now: float) -> _Message:
        knew = now if self._lost_at is None else self._denied_since
        self._number += 1
        message = _Message(
            number=self._number,
            head={
                "holder": self._holder,
                "call": self._number,
                "answered": self._answered_number if self._remembers(now) else 0,
                "epoch": self._epoch if self._remembers(knew) else 0,
                "memory": round(_MEMORY * 1000),
                "lease": _microseconds(self._lease),
                "rest": _microseconds(max(self._settle, self._denial)),
                # since the first call that failed, and since the last one did
                "away": 0 if self._lost_at is None else _microseconds(now - self._denied_since),
                "failed": 0 if self._lost_at is None else _microseconds(now - self._failed_at),
                "outage": self.falls_back and self._failed_at - self._denied_since > self._long,
                "gap": _microseconds(self._gap),
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

    def _remembers(self, at: float) -> bool:
        # Redis forgets a process that is quiet for long, and then nothing is lost
        return at - self._answered_at < _MEMORY / 2

    def _hear(self, message: _Message, answer: Any, sent: float, now: float) -> None:
        if len(answer) == 1:
            # a client that repeats commands did so, and the first answer is lost
            if self._repeated:
                raise ConnectionError("the client sends every command twice")
            self._repeated = True
            self._unanswered.append(message)
            self._urgent = True
            return
        self._repeated = False
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

    def _lose(self, error: Exception, sent: float, now: float) -> None:
        self._denied_at, self._failed_at = sent, now
        if self._lost_at is None:
            for calls in self._shared.values():
                calls.withdraw()
            self._lost_at, self._denied_since = now, max(sent, now - self._timeout)
            self._probe_pause = _FIRST_PROBE
            for calls in self._shared.values():
                calls.swap(now)
            if not self._raises:
                for permit in self._flying.values():
                    permit.hold()
        else:
            self._probe_pause = min(_LAST_PROBE, 2 * self._probe_pause)
            for calls in self._shared.values():
                calls.go_on(now)
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
    buckets: list[SharedBucket] = attrs.Factory(list)
    asks: list[tuple[SharedCalls, SharedLine, int]] = attrs.Factory(list)
    returned: int = 0
    _places: dict[str, int] = attrs.Factory(dict)
    _claims: list[tuple[int, str]] = attrs.Factory(list)
    _returns: list[tuple[int, str, int, int, int]] = attrs.Factory(list)

    @property
    def claimed(self) -> set[str]:
        """Names of the attempts that it says are under way."""
        return {name for _, name in self._claims}

    def claim(self, permit: Leased) -> None:
        """Say that an attempt is under way, which Redis may not know."""
        for bucket in permit.line.buckets:
            self._claims.append((self._place(bucket), permit.name))

    def give_back(self, returned: Return, now: float) -> None:
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

    def ask(self, calls: SharedCalls, line: SharedLine, count: int) -> None:
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

    def _index(self, bucket: SharedBucket | None) -> int:
        return 0 if bucket is None else self._place(bucket)

    def _place(self, bucket: SharedBucket) -> int:
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
