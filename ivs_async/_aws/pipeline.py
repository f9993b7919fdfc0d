"""The one story of a call, read top to bottom.

Encode; for each attempt: identity, limiter, sign, send, decode or raise; retry. Knows the seams to
its neighbours and the table's facts, no operation and no service by name.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import math
import random
import time
import uuid
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import attrs

from .codec import decode, decode_error, encode, request_id
from .errors import (
    CallError,
    ConfigurationError,
    CredentialsError,
    ParameterError,
    RateLimitExceeded,
    RequestNotSent,
    ResponseNotReceived,
    ServiceError,
    ThrottlingException,
    UnexpectedResponse,
)
from .http import (
    AUTHORIZATION,
    CONTENT_TYPE,
    INVOCATION_ID,
    REQUEST_ATTEMPT,
    Request,
    Response,
)
from .operation import Batch, ListOperation, Operation
from .paginator import Paginator
from .retry import (
    EXPIRED_CODES,
    ClockSkew,
    Failure,
    RetryQuota,
    backoff,
    classify,
    cost,
)
from .seams import Identities, Identity, Late, Limiter, Permit
from .shapes import ListOf
from .transport import Exchange, StaleConnection, Transport

if TYPE_CHECKING:
    from .sigv4 import Signer

R = TypeVar("R")
T = TypeVar("T")

MAX_STALE = 5

_log = logging.getLogger("ivs_async")


@attrs.frozen
class AttemptRecord:
    """What an observer gets after each attempt. Holds no secret.

    Attributes:
        operation: Name of the API operation.
        attempt: 1 for the first.
        status: HTTP status, None where no answer came.
        request_id: The service's id of the request.
        duration: Seconds from sending to the end of the answer.
        waited: Seconds that the limiter held the attempt.
        error: Class name of what the attempt ended with, None for success.
        retry_in: Seconds until the next attempt, None if there is none.
    """

    operation: str
    attempt: int
    status: int | None
    request_id: str | None
    duration: float
    waited: float
    error: str | None
    retry_in: float | None


@attrs.frozen(kw_only=True)
class Options:
    """What a caller may set per call.

    Attributes:
        timeout: Seconds for a whole call, None for no limit.
        attempt_timeout: Seconds for one attempt.
        connect_timeout: Seconds for one connection.
        max_attempts: The first included.
        retry_lost_answers: Repeat even where a lost answer may have done its work.
    """

    timeout: float | None
    attempt_timeout: float
    connect_timeout: float
    max_attempts: int | None
    retry_lost_answers: bool

    def __attrs_post_init__(self) -> None:
        for name in ("timeout", "attempt_timeout", "connect_timeout"):
            value = getattr(self, name)
            if value is None and name == "timeout":
                continue
            if not isinstance(value, int | float) or not 0 < value < math.inf:
                raise ConfigurationError(
                    f"{name} must be a number of seconds above 0; this is {value!r}"
                )
        lost: object = self.retry_lost_answers
        if not isinstance(lost, bool):
            raise ConfigurationError(
                f"retry_lost_answers must be True or False, not {type(lost).__name__}"
            )
        attempts: object = self.max_attempts
        if attempts is not None and (not isinstance(attempts, int) or attempts < 1):
            raise ConfigurationError(
                f"max_attempts must be a whole number from 1; this is {attempts!r}"
            )


class Kept(Enum):
    """The type of `KEPT`."""

    KEPT = "kept as it is"


KEPT: Final = Kept.KEPT
"""An option that a view takes over."""


@attrs.frozen(kw_only=True)
class Wire:
    """What a session needs to send, made when it is opened.

    Attributes:
        transport: Connections to the endpoint.
        signer: For its host and region.
        max_attempts: Where the caller sets none.
        correct_skew: Whether a refused date corrects the clock.
    """

    transport: Transport
    signer: Signer
    max_attempts: int
    correct_skew: bool

    def sign(
        self,
        method: str,
        target: str,
        body: bytes,
        *,
        identity: Identity,
        now: float,
        invocation: str,
        attempt: str,
    ) -> Request:
        """A request ready to be sent."""
        headers = self.signer.sign(method, target, body, identity, now)
        headers[INVOCATION_ID] = invocation
        headers[REQUEST_ATTEMPT] = attempt
        if body:
            headers[CONTENT_TYPE] = "application/json"
        return Request(method, target, headers, body)


class Core:
    """What all views of one session share: connections, limiter, quota, clock, running calls."""

    def __init__(
        self,
        *,
        connect: Callable[[], Awaitable[Wire]],
        identities: Identities,
        limiter: Limiter,
        errors: Mapping[str, type[ServiceError]],
        observer: Callable[[AttemptRecord], object] | None,
    ) -> None:
        self.connect = connect
        self.identities = identities
        self.limiter = limiter
        self.errors = errors
        self.observer = observer
        self.quota = RetryQuota()
        self.skew = ClockSkew()
        self.wire: Wire | None = None
        self.closed = False
        self.has_answered = False
        self.running: set[asyncio.Task[Any]] = set()
        self.interrupted: set[asyncio.Task[Any]] = set()
        self.background: set[asyncio.Task[Any]] = set()
        # an id per call, as a UUID whose last group counts: unique, and cheap to make
        self.invocations = str(uuid.uuid4())[:24]
        self.numbers = itertools.count(random.getrandbits(40))
        self.jitter = random.random
        self.sleep = asyncio.sleep
        self.clock = time.time
        self.monotonic = time.monotonic
        self._loop: asyncio.AbstractEventLoop | None = None
        self._opening: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None

    def enter(self, operation: str) -> asyncio.Task[Any]:
        """Register the running task, so that `close` can end its call."""
        task = asyncio.current_task()
        if task is None:
            raise ConfigurationError(
                f"{operation}: a session must be awaited inside an asyncio task"
            )
        loop = task.get_loop()
        if loop is not self._loop:
            if self._loop is not None:
                raise ConfigurationError(
                    f"{operation}: this session belongs to another event loop; open one session "
                    "in each loop"
                )
            self._loop = loop
        if self.closed:
            raise _not_sent("the session is closed; open a new one", operation)
        self.running.add(task)
        return task

    async def open(self) -> Wire:
        """Read the configuration and make the connections ready, once for all that wait."""
        if self.closed:
            raise _not_sent("the session is closed; make a new one", "")
        while self.wire is None:
            if self._opening is None:
                self._opening = self.spawn(self._open())
                self._opening.add_done_callback(self._opened)
            await asyncio.shield(self._opening)
        return self.wire

    async def _open(self) -> None:
        self.wire = await self.connect()

    def _opened(self, _: asyncio.Task[None]) -> None:
        self._opening = None

    def spawn(self, work: Any) -> asyncio.Task[Any]:
        """Run something in a task of the session's, ended by `close`."""
        task = asyncio.get_running_loop().create_task(work)
        self.background.add(task)
        task.add_done_callback(self.background.discard)
        return task

    @property
    def watched(self) -> bool:
        """Whether anybody wants to know of attempts."""
        return self.observer is not None or _log.isEnabledFor(logging.DEBUG)

    def observe(
        self,
        operation: Operation[Any],
        attempt: int,
        response: Response | None,
        duration: float,
        permit: Permit,
        error: CallError | None = None,
        retry_in: float | None = None,
    ) -> None:
        """Tell the observer and the log of an attempt."""
        record = AttemptRecord(
            operation=operation.name,
            attempt=attempt,
            status=response.status if response else None,
            request_id=request_id(response.headers) if response else None,
            duration=duration,
            waited=permit.waited,
            error=type(error).__name__ if error else None,
            retry_in=retry_in,
        )
        _log.debug("%s", record)
        if self.observer is not None:
            try:
                self.observer(record)
            except Exception:  # noqa: BLE001 - a caller's code, whatever it raises
                _log.exception("the observer failed; the call goes on")

    async def close(self) -> None:
        """End every call with an error of ours, then the connections. May be called again."""
        if self._closing is None:
            self.closed = True
            for task in [*self.running]:
                self.interrupted.add(task)
                task.cancel()
            for task in [*self.background]:
                task.cancel()
            self._closing = asyncio.get_running_loop().create_task(self._close())
        # whoever closes may be cancelled; what was opened is closed nevertheless
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        # a cancelled call unwinds without waiting for anything, so a few turns of the loop suffice
        for _ in range(10):
            if not self.running and not self.background:
                break
            await asyncio.sleep(0)
        await self.identities.close()
        if self.wire is not None:
            await self.wire.transport.close()


class Pipeline:
    """Calls over one `Core` with one set of `Options`."""

    def __init__(self, core: Core, options: Options) -> None:
        self.core = core
        self.options = options

    def with_options(self, changes: Mapping[str, Any]) -> Pipeline:
        """The same core with other options."""
        return Pipeline(self.core, attrs.evolve(self.options, **changes))

    async def call(  # noqa: PLR0912, PLR0915 - one story, read top to bottom
        self, operation: Operation[R], late: Late | None = None, /, **members: object
    ) -> R:
        """One API call, with all that it takes.

        Args:
            operation: What is called.
            late: Gives further members for each attempt.
            members: By their Python names; None is not sent.

        Raises:
            IvsError: As the tree says; what `late` raises comes through unchanged.
        """
        core, options = self.core, self.options
        request = None if late else encode(operation, members)
        resource = str(members[operation.resource]) if operation.resource else None
        task = core.enter(operation.name)
        cancelling = task.cancelling()
        deadline = None if options.timeout is None else core.monotonic() + options.timeout
        invocation = f"{core.invocations}{next(core.numbers) & 0xFFFFFFFFFFFF:012x}"
        exchange: Exchange | None = None
        error: CallError | None = None
        attempt = 1
        replaced = spent = taken = 0
        lost: CallError | None = None
        try:
            wire = core.wire or await core.open()
            attempts = options.max_attempts or wire.max_attempts
            while True:
                try:
                    identity = core.identities.fresh() or await self._identity(deadline)
                    permit = await core.limiter.acquire(
                        operation.name, resource, self._left(deadline)
                    )
                except RateLimitExceeded:
                    if error is None:
                        raise
                    raise _gravest(operation, error, lost) from None
                except CredentialsError:
                    if lost is None:
                        raise
                    raise _gravest(operation, lost, lost) from None
                exchange = None
                response = None
                given = members
                offset = core.skew.offset
                sent = core.clock()
                try:
                    if late:
                        given = {**members, **late.members()}
                        request = encode(operation, given)
                    exchange = Exchange(
                        wire.sign(
                            operation.method,
                            *request,  # type: ignore[misc]
                            identity=identity,
                            now=sent + offset,
                            invocation=invocation,
                            attempt=f"attempt={attempt}; max={attempts}",
                        )
                    )
                    response = await wire.transport.send(
                        exchange, self._attempt_timeout(deadline), options.connect_timeout
                    )
                except BaseException as failure:
                    (permit.unanswered if exchange and exchange.written else permit.unused)()
                    if not isinstance(failure, CallError):
                        raise
                    error = failure
                else:
                    error = None
                    if response.status >= 300:
                        error = self._refusal(operation, response, given, exchange, identity)
                    if isinstance(error, ThrottlingException):
                        permit.throttled(error.message)
                    else:
                        permit.answered()
                received = core.clock()
                if error is None:
                    try:
                        result = decode(operation, response)  # type: ignore[arg-type]
                    except UnexpectedResponse as failure:
                        error = failure
                    else:
                        core.has_answered = True
                        core.quota.give(spent or 1)
                        if core.watched:
                            core.observe(operation, attempt, response, received - sent, permit)
                        return result

                error.operation, error.attempts = operation.name, attempt
                if isinstance(error, StaleConnection) and replaced < MAX_STALE:
                    replaced += 1
                    continue
                consequence = classify(error)
                if (
                    wire.correct_skew
                    and response is not None
                    and core.skew.learn(error, _skew(response, sent, received), offset)
                ) or (
                    isinstance(error, ServiceError)
                    and error.code in EXPIRED_CODES
                    and core.identities.reject(identity)
                ):
                    consequence = Failure.NOTHING_HAPPENED
                if lost and isinstance(error, ServiceError) and error.code == operation.done_if:
                    core.quota.give(spent)
                    return cast(R, None)
                if consequence is Failure.ANSWER_LOST or isinstance(error, UnexpectedResponse):
                    lost = error
                may_repeat = (
                    consequence is Failure.NOTHING_HAPPENED
                    or operation.repeatable
                    or options.retry_lost_answers
                )
                delay = (
                    self._delay(error, attempt, deadline)
                    if may_repeat and consequence is not Failure.FINAL and attempt < attempts
                    else None
                )
                if core.watched:
                    core.observe(
                        operation, attempt, response, received - sent, permit, error, delay
                    )
                if delay is None:
                    raise _gravest(operation, error, lost)
                if late and consequence is Failure.NOTHING_HAPPENED:
                    late.unsent(error)
                spent = cost(error)
                taken += spent
                exchange = None  # it was answered, or `lost` remembers it
                await core.sleep(delay)
                attempt += 1
        except asyncio.CancelledError:
            core.quota.give(taken)
            was_sent = lost is not None or (exchange is not None and exchange.written)
            if late and not was_sent:
                late.unsent(None)
            if task not in core.interrupted or task.uncancel() > cancelling:
                raise
        finally:
            core.running.discard(task)
            core.interrupted.discard(task)
            error = lost = None  # the frame of a raised error must not hold the error
        if was_sent:
            raise ResponseNotReceived(
                "the session was closed before the answer came", operation=operation.name
            )
        raise _not_sent("the session was closed before the request was sent", operation.name)

    async def call_batch(self, operation: Operation[R], /, **members: object) -> R:
        """A call with any number of items, cut as the table says and made in parallel.

        Answers are merged in the order in which the items were asked for. The first failure of a
        part ends the others and is raised bare.
        """
        batch = cast(Batch, operation.batch)
        member = operation.members[batch.member]
        items = members[batch.member]
        whole = attrs.evolve(cast(ListOf, member.shape), most=None)
        try:
            whole.encode(items, batch.member)
        except ParameterError as error:
            raise ParameterError(f"{operation.method_name}: {error}") from None
        asked = cast(Sequence[object], items)
        parts = [
            {**members, batch.member: asked[start : start + batch.size]}
            for start in range(0, len(asked), batch.size)
        ]
        if len(parts) == 1:
            return _merge(batch, asked, [await self.call(operation, None, **parts[0])])
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self.call(operation, None, **part)) for part in parts]
        except BaseExceptionGroup as failures:
            failure = failures.exceptions[0]
        else:
            return _merge(batch, asked, [task.result() for task in tasks])
        raise failure

    def paginate(
        self, operation: ListOperation[T], prefetch: int = 0, /, **members: object
    ) -> Paginator[T]:
        """The pages of a list, fetched as they are asked for.

        Raises:
            ParameterError: At once, if an argument breaks a rule.
        """
        encode(operation, members)
        return Paginator(self, operation, members, prefetch)

    async def _identity(self, deadline: float | None) -> Identity:
        try:
            async with asyncio.timeout(self._left(deadline)):
                return await self.core.identities.get()
        except TimeoutError:
            pass
        raise CredentialsError(
            f"no credentials came within the call's time limit of {self.options.timeout:g} s; "
            "nothing was sent"
        )

    def _left(self, deadline: float | None) -> float | None:
        return None if deadline is None else max(0.0, deadline - self.core.monotonic())

    def _attempt_timeout(self, deadline: float | None) -> float:
        limit = self.options.attempt_timeout
        # aiohttp takes 0 for no limit
        return limit if deadline is None else max(0.001, min(limit, self._left(deadline) or 0.0))

    def _refusal(
        self,
        operation: Operation[Any],
        response: Response,
        members: Mapping[str, object],
        exchange: Exchange,
        identity: Identity,
    ) -> CallError:
        """The error in an answer that is no success."""
        if response.status < 400:
            return UnexpectedResponse(
                f"the answer is a redirect (status {response.status}), which is never followed: "
                "it would carry credentials to another address",
                status=response.status,
                request_id=request_id(response.headers),
            )
        signature = exchange.request.headers[AUTHORIZATION].rpartition("=")[2]
        secrets = [identity.secret_access_key, identity.session_token, signature]
        secrets += [str(members.get(name) or "") for name in operation.secret]
        return decode_error(operation, response, self.core.errors, secrets)

    def _delay(self, error: CallError, attempt: int, deadline: float | None) -> float | None:
        """Seconds until the next attempt, its quota taken; None without time or quota for it."""
        core = self.core
        delay = backoff(error, attempt, core.jitter())
        if core.has_answered and attempt == 1 and type(error) is ResponseNotReceived:
            delay = 0.0  # most likely a kept connection that the service had just closed
        left = self._left(deadline)
        if (left is not None and delay >= left) or not core.quota.take(cost(error)):
            return None
        return delay


def _gravest(operation: Operation[Any], error: CallError, lost: CallError | None) -> CallError:
    """What a call ends with: its last error, unless that hides that an earlier attempt was sent."""
    if lost is not None:
        if isinstance(error, RequestNotSent):
            lost.attempts = error.attempts
            error = lost
        if not operation.repeatable:
            error.advice = "it may have been processed: " + (
                f"{operation.check_with} tells" if operation.check_with else "no call can tell"
            )
    return error


def _not_sent(message: str, operation: str) -> RequestNotSent:
    error = RequestNotSent(message, operation=operation)
    error.permanent = True
    return error


def _skew(response: Response, sent: float, received: float) -> float | None:
    """The answer's date less the middle of the attempt; None where that says nothing."""
    if "Age" in response.headers or received - sent > 900.0:
        return None
    try:
        date = parsedate_to_datetime(response.headers["Date"]).timestamp()
    except (KeyError, ValueError, OverflowError):
        return None
    return date - (sent + received) / 2


def _merge(batch: Batch, asked: Sequence[object], answers: Sequence[R]) -> R:
    def identity(item: object) -> tuple[object, ...]:
        if isinstance(item, str):
            return (item,)
        return tuple(getattr(item, name) for name in batch.identity)

    # an item that was asked for twice has two places
    places: dict[tuple[object, ...], deque[int]] = {}
    for index, item in enumerate(asked):
        places.setdefault(identity(item), deque()).append(index)

    def in_order(items: Iterable[object]) -> list[object]:
        free = {key: deque(indices) for key, indices in places.items()}
        ranked = [
            (free[key].popleft() if free.get(key) else len(asked), item)
            for item in items
            for key in (identity(item),)
        ]
        return [item for _, item in sorted(ranked, key=lambda pair: pair[0])]

    return type(answers[0])(
        **{
            name: in_order(item for answer in answers for item in getattr(answer, name))
            for name in batch.answers
        }
    )
