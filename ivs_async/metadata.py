"""Timed metadata without counting calls or bytes: what goes to a channel, and what became of it.

Owns when a payload is put together, what is in it and what a failure means for its messages. Leaves
the order of the queue to the outbox, the form of a payload to the envelope, and pacing, signing and
safe retries to the pipeline.

One payload of a publisher is under way at a time, since the service promises no order otherwise. So
a channel gets 5 payloads per second, or one per round trip where that is fewer.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
import random
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal, Protocol, Self, TypeAlias, cast, get_args

import attrs

from . import operations
from ._aws.errors import (
    CallError,
    ConfigurationError,
    ParameterError,
    RateLimitExceeded,
    RequestNotSent,
    ResponseNotReceived,
    ServiceError,
    UnexpectedResponse,
)
from ._aws.operation import Operation
from ._aws.retry import Failure, classify
from ._aws.seams import Late
from ._aws.shapes import ListOf
from .envelope import MAX_REPEATED, Epoch, Item, JsonValue, Packer, encode_json
from .outbox import Message, Outbox, Outcome, Receipt, Status

Overflow: TypeAlias = Literal["wait", "drop-oldest"]
Offline: TypeAlias = Literal["hold", "drop", "raise"]

FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 10.0
"""Seconds between calls while the channel is not live or the service cannot be reached."""

_PUT_METADATA: Final = operations.PUT_METADATA
_ARN: Final = _PUT_METADATA.members["channel_arn"].shape
_TEXT: Final = _PUT_METADATA.members["metadata"].shape

_LONGEST: Final = 10**9

_log = logging.getLogger(__name__)


class Core(Protocol):
    """What a publisher knows of the session."""

    closed: bool


class Calls(Protocol):
    """The pipeline, as far as a publisher knows it."""

    @property
    def core(self) -> Core:
        """What all calls of the session share."""
        ...

    async def call(
        self,
        operation: Operation[None],
        late: Late,
        /,
        *,
        channel_arn: str,
    ) -> None:
        """One call. ``late`` gives the payload of each attempt."""
        ...


@attrs.frozen(kw_only=True)
class PublisherSnapshot:
    """How a publisher is doing.

    Attributes:
        queued: Messages in its queue, or just let in.
        under_way: Messages that left it and do not have their outcomes yet.
        waiting: Calls of `send` that wait for room.
        payloads: Payloads that the service took.
        outcomes: How many messages had which outcome.
    """

    queued: int
    under_way: int
    waiting: int
    payloads: int
    outcomes: Mapping[Status, int]


@attrs.frozen
class PublishReport:
    """Who got a message that was published to many channels.

    Attributes:
        outcomes: By channel ARN, in the order in which the channels were named.
    """

    outcomes: Mapping[str, Outcome]

    @property
    def delivered(self) -> list[str]:
        """The channels that got it."""
        return [arn for arn, outcome in self.outcomes.items() if outcome.delivered]

    @property
    def undelivered(self) -> dict[str, Outcome]:
        """The others, and why."""
        return {arn: outcome for arn, outcome in self.outcomes.items() if not outcome.delivered}


@attrs.define(eq=False, repr=False)
class _Flight:
    """A payload that is under way, or whose answer was lost.

    Attributes:
        text: What is sent.
        messages: The new ones in it, in order.
        repeats: Those in it that were delivered before.
        lost: How its answer was lost; then it may have been processed.
    """

    text: str
    messages: list[Message]
    repeats: list[Message]
    lost: Exception | None = None


class _NothingToSend(Exception):
    """Everything expired, or was replaced, while the tokens were awaited."""


class MetadataPublisher:
    """Sends any number of messages to one channel, in order, packed where the rate is too low.

    Made by `IvsSession.metadata`; used once, with ``async with``, which delivers what is queued
    before it ends. A message leaves at once while there are tokens; else it waits, and as many as
    fit into 1,024 bytes go together, in an envelope that players open with `CueDecoder` or
    ``static/ivs-cues.js``. A payload whose answer was lost is sent again, byte for byte, before
    anything else; decoders drop what they have seen.

    While the service is unreachable, unavailable or does not answer, messages wait, and calls are
    made after pauses that grow to 10 seconds. Where waiting changes nothing (no permission, no such
    channel, no credentials, a closed session), what is queued fails with the error, and later
    messages are tried anew. A message that the service calls invalid is sent apart from those it
    was packed with, and fails alone.

    Args:
        calls: The pipeline.
        channel_arn: Where to.
        max_queue: Messages for which there is room.
        overflow: What `send` does when there is none. ``wait``, in turn: messages occupy their room
            until they have their outcomes, in the queue and under way. ``drop-oldest``, the oldest
            of the lowest priority in the queue, which may be the new one; the payload under way is
            not counted, and if it comes back it is dropped as far as the queue is full.
        offline: What to do while the channel is not live. ``hold`` messages, and try again after
            the same pauses; ``drop`` all that is queued; or let it fail and ``raise``: the outcomes
            are `ChannelNotBroadcasting`, and if nobody looks at one of them, the next `send` or
            `drain`, or leaving the context, raises it.
        repeat_every: Seconds after which the last value of each key is sent again, for viewers who
            joined late, when there is nothing else to send or room beside it. Decoders show it only
            to those who have nothing as new under its key. The 256 keys with the newest values are
            repeated. None, the default, repeats nothing.
        raw: Send strings as they are, each in a call of its own, without an envelope. They are
            never sent again after a lost answer, since nothing could tell two from one.
        drain_timeout: Seconds that leaving the context waits for what is queued; None for no limit.
            What is left fails with `RequestNotSent`, and a warning is logged.
        epoch: Whose ids the messages get; by default the publisher is a sender of its own.

    Raises:
        ParameterError: At once, for an argument that breaks a rule.
        RequestNotSent: On entering: the session is closed, or the publisher was entered before.
        ConfigurationError: It, or one of its receipts, is used in another event loop than the one
            in which it was entered.
    """

    def __init__(
        self,
        calls: Calls,
        channel_arn: str,
        *,
        max_queue: int = 1000,
        overflow: Overflow = "wait",
        offline: Offline = "hold",
        repeat_every: float | None = None,
        raw: bool = False,
        drain_timeout: float | None = 10.0,
        epoch: Epoch | None = None,
    ) -> None:
        _ARN.encode(channel_arn, "channel_arn")
        _check_int("max_queue", max_queue)
        if max_queue < 1:
            raise ParameterError(f"max_queue must be at least 1; this is {max_queue:,}")
        _check_policy("overflow", overflow, get_args(Overflow))
        _check_policy("offline", offline, get_args(Offline))
        _check_seconds("repeat_every", repeat_every)
        _check_seconds("drain_timeout", drain_timeout, or_zero=True)
        _check_bool("raw", raw)
        if raw and repeat_every is not None:
            raise ParameterError(
                "repeat_every needs the envelope, by which decoders drop repeats; raw=True has none"
            )
        self.channel_arn = channel_arn
        self._calls = calls
        self._overflow = overflow
        self._offline = offline
        self._repeat_every = repeat_every
        self._raw = raw
        self._drain_timeout = drain_timeout
        self._epoch = Epoch() if epoch is None else epoch
        self._outbox = Outbox(max_queue)
        self._flight: _Flight | None = None
        self._earlier: _Flight | None = None
        self._latest: OrderedDict[str, Message] = OrderedDict()
        self._pauses = 0
        # what stands in the way, and what the log was told of it
        self._trouble: Exception | None = None
        self._reported: type[Exception] | None = None
        self._unseen: tuple[Exception, list[Receipt]] | None = None
        self._outcomes: Counter[Status] = Counter()
        self._payloads = 0
        self._wake = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None
        self._leaving = False

    async def __aenter__(self) -> Self:
        if self._worker is not None:
            raise RequestNotSent("a publisher is used once; make another one")
        if self._calls.core.closed:
            raise RequestNotSent(
                "the session is closed; open a new one", operation=_PUT_METADATA.name
            )
        self._worker = asyncio.get_running_loop().create_task(self._work())
        # nobody may wait for a worker that somebody else has cancelled
        self._worker.add_done_callback(self._close)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._leave()
        try:
            # who was cancelled has no time left
            if kind is None or issubclass(kind, Exception):
                await self._settled(self._drain_timeout)
        finally:
            worker = cast(asyncio.Task[None], self._worker)
            worker.cancel()
            # its call knows whether the payload has left; it unwinds without waiting for anything
            await asyncio.wait([worker])
        if kind is None:
            self._raise_unseen()

    async def send(
        self,
        message: JsonValue,
        key: str | None = None,
        ttl: float | None = None,
        priority: int = 0,
    ) -> Receipt:
        """Queue a message.

        It is encoded at once, so that later changes to it change nothing.

        Args:
            message: Anything that has a form in JSON, of at most 1,000 UTF-8 bytes with its key.
                With ``raw=True`` a str of 1 to 1,024 bytes.
            key: Replaces the message that is still queued under the same key, and takes its place
                where their priorities are equal: for scores, clocks, counts. It goes to the players
                with the message.
            ttl: Seconds after which the message is not worth sending or repeating.
            priority: The highest goes first; of equal ones the oldest.

        Returns:
            A receipt, as soon as the message is queued. A `send` that is cancelled while it waits
            for room sends nothing.

        Raises:
            ParameterError: At once: no JSON (NaN, lone surrogates, other objects), too long, or an
                argument that breaks a rule.
            RequestNotSent: The publisher is not open, or was left while this waited for room.
            ChannelNotBroadcasting: With ``offline="raise"``, earlier messages failed and nobody
                looked at their receipts.
        """
        self._check_open()
        item = _item(message, key, self._raw)
        _check_seconds("ttl", ttl)
        _check_int("priority", priority)
        self._raise_unseen()
        loop = asyncio.get_running_loop()
        deadline = math.inf if ttl is None else loop.time() + ttl
        # a sender that never has to wait must not keep everybody else from their turn
        await asyncio.sleep(0)
        self._check_open()
        accepted = Message(item, key, priority, deadline)
        if ttl is not None:
            accepted.timer = loop.call_at(deadline, self._expire, accepted)
        if self._overflow == "wait" and not await self._outbox.room(accepted):
            if not accepted.future.done():
                raise RequestNotSent(
                    "the publisher was left while the message waited for room in its queue",
                    operation=_PUT_METADATA.name,
                )
            return accepted.receipt
        for older in self._outbox.put(accepted):
            self._settle(older, Outcome("replaced"))
        self._drop_overflow()
        self._wake.set()
        return accepted.receipt

    async def drain(self, timeout: float | None = None) -> None:
        """Wait until all messages that are queued now have their outcomes.

        While messages are held for a channel that is not live, that takes until it is.

        Args:
            timeout: Seconds to wait; None for no limit.

        Raises:
            TimeoutError: Some have none yet; they stay queued.
            RequestNotSent: The publisher is not open.
            ChannelNotBroadcasting: As with `send`.
        """
        self._check_open()
        _check_seconds("timeout", timeout, or_zero=True)
        left = await self._settled(timeout)
        if left:
            raise TimeoutError(f"{_count(left)} still queued after {timeout:g} s")
        self._raise_unseen()

    def snapshot(self) -> PublisherSnapshot:
        """How much is queued, and what became of the rest."""
        return PublisherSnapshot(
            queued=len(self._outbox) + self._outbox.expected,
            under_way=self._outbox.under_way,
            waiting=self._outbox.waiting,
            payloads=self._payloads,
            outcomes={status: self._outcomes[status] for status in get_args(Status)},
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.channel_arn} queued={len(self._outbox)}>"

    async def _work(self) -> None:
        late = Late(self._payload, self._unsent)
        while True:
            await self._something_to_send()
            pause = 0.0
            try:
                await self._calls.call(_PUT_METADATA, late, channel_arn=self.channel_arn)
            except _NothingToSend:
                pass
            except Exception as error:  # noqa: BLE001 - whatever it is, no message may hang
                pause = self._failed(error.with_traceback(None))
            else:
                self._delivered()
            self._outbox.move_up()
            # also without a pause: what follows from an outcome goes along with what is queued
            await asyncio.sleep(pause)

    async def _something_to_send(self) -> None:
        loop = asyncio.get_running_loop()
        while not self._outbox.head() and not self._flight:
            due = self._next_repeat()
            if due <= loop.time():
                return
            self._wake.clear()
            timer = loop.call_at(due, self._wake.set) if due < math.inf else None
            try:
                await self._wake.wait()
            finally:
                if timer:
                    timer.cancel()

    def _payload(self) -> Mapping[str, object]:
        """What goes out now, asked for when the tokens of an attempt are in hand."""
        flight = self._flight
        if flight and not flight.lost:
            # the connection of the attempt before this one was stale
            self._put_back(flight)
        elif flight and all(message.deadline <= _now() for message in flight.messages):
            self._end(flight, "expired", flight.lost)
        if self._flight is None:
            self._flight = self._pack()
        return {"metadata": self._flight.text}

    def _pack(self) -> _Flight:
        now = _now()
        packer = None if self._raw else Packer(self._epoch.name, self._epoch.next_id)
        chosen: list[Message] = []
        while (message := self._outbox.head()) is not None:
            if message.deadline <= now:
                self._outbox.take_out(message)
                self._settle(message, Outcome("expired", self._trouble))
                continue
            if chosen and (packer is None or message.alone or chosen[0].alone):
                break
            if packer and not packer.add(message.item):
                break
            self._outbox.take_out(message)
            chosen.append(message)
        self._outbox.under_way = len(chosen)
        self._outbox.move_up()
        repeats: list[Message] = []
        if packer and not (chosen and chosen[0].alone):
            newer = {message.key for message in chosen}
            repeats = [
                message
                for message in self._due(now, beside=bool(chosen))
                if message.key not in newer and packer.add_repeat(message.item, message.id)
            ]
        if not chosen and not repeats:
            raise _NothingToSend
        earlier, self._earlier = self._earlier, None
        if earlier and (earlier.messages, earlier.repeats) == (chosen, repeats):
            # the same bytes again: no harm even if they were processed against all promises
            return earlier
        if packer is None:
            return _Flight(chosen[0].item.text, chosen, repeats)
        for message in chosen:
            message.id = self._epoch.take()
        return _Flight(packer.text, chosen, repeats)

    def _delivered(self) -> None:
        self._pauses = 0
        self._trouble = None
        if self._reported:
            _log.info("%s: messages are delivered again", self.channel_arn)
            self._reported = None
        self._payloads += 1
        flight = cast(_Flight, self._flight)
        self._end(flight, "delivered")
        if self._repeat_every is not None:
            self._remember(flight.messages)

    def _failed(self, error: Exception) -> float:
        """Do what a failed call asks for; the seconds to pause before the next."""
        flight = self._flight
        code = error.code if isinstance(error, ServiceError) else ""
        failure = _classify(error)
        if code == "ChannelNotBroadcasting" and self._offline != "hold":
            self._report(error, "what is queued is not sent")
            if self._offline == "drop":
                self._end_all("dropped", error)
            else:
                self._unseen = error, [message.receipt for message in self._pending()]
                self._end_all("failed", error)
            return 0.0
        if code == "ValidationException" and flight:
            self._part(flight, error)
            return 0.0
        if failure is Failure.FINAL and code != "ChannelNotBroadcasting":
            self._report(error, "what is queued fails")
            self._end_all("failed", error)
            return 0.0
        if flight and failure is Failure.ANSWER_LOST and self._raw:
            self._report(error, "its message fails, others wait")
            self._end(flight, "failed", error)
        else:
            self._report(error, "messages wait")
            if flight and failure is Failure.ANSWER_LOST:
                flight.lost = error
            else:
                self._unsent()
        pause = min(FIRST_PAUSE * 2.0**self._pauses, LONGEST_PAUSE) * random.uniform(0.5, 1.0)
        self._pauses = min(self._pauses + 1, 30)
        return max(pause, error.wait) if isinstance(error, RateLimitExceeded) else pause

    def _part(self, flight: _Flight, error: Exception) -> None:
        """Find out which message of a refused payload is invalid: each is sent alone."""
        if flight.lost or len(flight.messages) + len(flight.repeats) == 1:
            self._report(error, "a message fails")
            self._end(flight, "failed", flight.lost or error)
            return
        for message in flight.messages:
            message.alone = True
        self._put_back(flight)
        self._postpone(flight.repeats)

    def _unsent(self, error: Exception | None = None) -> None:
        """Nothing of the last attempt was processed."""
        if error is not None:
            self._trouble = error.with_traceback(None)
        if self._flight and not self._flight.lost:
            self._put_back(self._flight)
            self._outbox.move_up()

    def _put_back(self, flight: _Flight) -> None:
        """Queue messages again of which nothing was processed."""
        self._flight = None
        self._outbox.under_way = 0
        self._earlier = flight
        now = _now()
        for message in flight.messages:
            if message.deadline <= now:
                self._settle(message, Outcome("expired", self._trouble))
        fresh = [message for message in flight.messages if message.deadline > now]
        for message in self._outbox.restore(fresh):
            self._settle(message, Outcome("replaced"))
        self._drop_overflow()

    def _drop_overflow(self) -> None:
        while self._outbox.overfull:
            self._settle(self._outbox.least(), Outcome("dropped"))

    def _end(self, flight: _Flight, status: Status, error: Exception | None = None) -> None:
        """Give the messages of a payload their outcome."""
        self._flight = None
        self._outbox.under_way = 0
        for message in flight.messages:
            self._settle(message, Outcome(status, error))
        self._postpone(flight.messages)
        self._postpone(flight.repeats)

    def _end_all(self, status: Status, error: Exception) -> None:
        """Give everything that is queued or under way its outcome."""
        if flight := self._flight:
            self._end(flight, status, flight.lost or error)
        for message in [*self._outbox]:
            self._settle(message, Outcome(status, error))
        # a call that fails before it has a payload would be made again at once for them
        self._postpone(self._due(_now(), beside=False))

    def _settle(self, message: Message, outcome: Outcome) -> None:
        if message.waits:
            self._outbox.remove(message)
        message.settle(outcome)
        self._outcomes[outcome.status] += 1

    def _expire(self, message: Message) -> None:
        if message.waits:
            self._settle(message, Outcome("expired", self._trouble))

    def _remember(self, delivered: Sequence[Message]) -> None:
        """Keep the newest values to repeat them."""
        for message in delivered:
            if message.key is not None:
                self._latest[message.key] = message
                self._latest.move_to_end(message.key)
        while len(self._latest) > MAX_REPEATED:
            self._latest.popitem(last=False)

    def _postpone(self, messages: Sequence[Message]) -> None:
        """Count the time until they are repeated from now."""
        now = _now()
        for message in messages:
            message.sent_at = now

    def _repeats(self, now: float) -> Iterator[tuple[float, Message]]:
        """What is to be repeated, and when."""
        if self._repeat_every is not None and not self._leaving:
            for message in self._latest.values():
                # those of stale values stay: which keys are remembered is a promise to decoders
                if message.deadline > now and not self._outbox.under(message.key):
                    yield message.sent_at + self._repeat_every, message

    def _due(self, now: float, *, beside: bool) -> list[Message]:
        """What to repeat in a payload, in which it may stand beside new messages.

        What is due within half a period comes along, so that keys gather in few payloads.
        """
        repeats = [*self._repeats(now)]
        if not beside and not any(due <= now for due, _ in repeats):
            return []
        return [message for due, message in repeats if due <= now + (self._repeat_every or 0) / 2]

    def _next_repeat(self) -> float:
        return min((due for due, _ in self._repeats(_now())), default=math.inf)

    def _pending(self) -> list[Message]:
        return [*(self._flight.messages if self._flight else ()), *self._outbox]

    async def _settled(self, timeout: float | None) -> int:
        """Wait for the outcomes of what is pending now; how many are missing then."""
        futures = [message.future for message in self._pending()]
        if futures:
            await asyncio.wait(futures, timeout=timeout)
        return sum(not future.done() for future in futures)

    def _leave(self) -> None:
        self._leaving = True
        self._outbox.turn_away()

    def _close(self, _: asyncio.Task[None]) -> None:
        """Give what is left its outcome, when the worker has ended."""
        self._leave()
        left = len(self._pending())
        unknown = 0
        if flight := self._flight:
            unknown = len(flight.messages)
            lost = flight.lost or ResponseNotReceived(
                "the publisher was left before the answer came, so the message may have been "
                "processed",
                operation=_PUT_METADATA.name,
            )
            self._end(flight, "failed", lost)
        if left:
            error = RequestNotSent(
                "the publisher was left before the message could be sent"
                f"; {_reason(self._trouble)}",
                operation=_PUT_METADATA.name,
            )
            error.__cause__ = self._trouble
            self._end_all("failed", error)
            _log.warning(
                "%s: the publisher was left with %s undelivered%s%s",
                self.channel_arn,
                _count(left),
                f", {unknown:,} of which may have been processed" if unknown else "",
                f"; the last failure was {self._trouble}" if self._trouble else "",
            )

    def _report(self, error: Exception, what: str) -> None:
        """Log a trouble when it begins, not each time that it is met."""
        if type(error) is not self._reported:
            _log.warning("%s: %s; %s", self.channel_arn, error, what)
        self._trouble, self._reported = error, type(error)

    def _check_open(self) -> None:
        if self._worker is None or self._leaving:
            raise RequestNotSent(
                "the publisher is not open: send inside its `async with`",
                operation=_PUT_METADATA.name,
            )
        if self._worker.get_loop() is not asyncio.get_running_loop():
            raise ConfigurationError(
                "this publisher belongs to another event loop; open one session and one publisher "
                "in each loop"
            )

    def _raise_unseen(self) -> None:
        unseen, self._unseen = self._unseen, None
        if unseen:
            error, receipts = unseen
            if receipts and not any(receipt.seen for receipt in receipts):
                raise error.with_traceback(None)


async def publish_many(
    calls: Calls,
    epoch: Epoch,
    arns: Iterable[str],
    message: JsonValue,
    *,
    key: str | None = None,
    ttl: float | None = 60.0,
    raw: bool = False,
) -> PublishReport:
    """Send one message to many channels at once.

    Each channel gets it once, as early as the rates allow, and a channel that fails delays no
    other: what `MetadataPublisher` does about failures is done here for each. A channel that is not
    live fails with `ChannelNotBroadcasting`.

    Args:
        calls: The pipeline.
        epoch: Of the session; all its messages to many channels come from one sender.
        arns: The channels, possibly none; one that is named twice gets the message once.
        message: As for `MetadataPublisher.send`.
        key: The same.
        ttl: Seconds after which no channel is tried any more; None tries for ever.
        raw: Send a string as it is.

    Returns:
        The outcome of each channel.

    Raises:
        ParameterError: At once, before anything is sent.
    """
    if isinstance(arns, str) or not isinstance(arns, Iterable):
        raise ParameterError(f"arns must be channel ARNs, not one {type(arns).__name__}")
    channels = dict.fromkeys(ListOf(_ARN).encode([*arns], "arns"))
    _check_bool("raw", raw)
    _item(message, key, raw)
    _check_seconds("ttl", ttl)
    # nobody may change it while the channels take their turns
    message = json.loads(encode_json(message))
    number = epoch.take()

    async def publish(arn: str) -> Outcome:
        publisher = MetadataPublisher(
            calls, arn, offline="raise", raw=raw, epoch=Epoch(epoch.name, number)
        )
        try:
            async with publisher:
                return await (await publisher.send(message, key, ttl))
        except RequestNotSent as error:
            return Outcome("failed", error)

    async with asyncio.TaskGroup() as group:
        tasks = {arn: group.create_task(publish(arn)) for arn in channels}
    return PublishReport({arn: task.result() for arn, task in tasks.items()})


def _now() -> float:
    return asyncio.get_running_loop().time()


def _count(messages: int) -> str:
    return f"{messages:,} message{'' if messages == 1 else 's'}"


def _reason(trouble: Exception | None) -> str:
    if trouble is None:
        return "its turn had not come (drain_timeout is how long leaving waits for that)"
    if isinstance(trouble, ServiceError) and trouble.code == "ChannelNotBroadcasting":
        return "the channel was not live"
    return f"the last failure was {type(trouble).__name__}: {trouble}"


def _classify(error: Exception) -> Failure:
    match error:
        case RateLimitExceeded():
            return Failure.NOTHING_HAPPENED
        case UnexpectedResponse():
            return Failure.ANSWER_LOST
        case CallError():
            return classify(error)
    return Failure.FINAL


def _item(message: JsonValue, key: object, raw: bool) -> Item:
    if key is not None and (not isinstance(key, str) or not key):
        raise ParameterError("key must be a str that is not empty, or None")
    if not raw:
        return Item.of(message, key)
    text = _TEXT.encode(message, "message (a str, since raw=True)")
    return Item(text, len(text.encode()))


def _check_policy(name: str, value: object, choices: Sequence[str]) -> None:
    if value not in choices:
        raise ParameterError(f"{name} must be one of {', '.join(map(repr, choices))}")


def _check_bool(name: str, value: object) -> None:
    if not isinstance(value, bool):
        raise ParameterError(f"{name} must be a bool, not {type(value).__name__}")


def _check_int(name: str, value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ParameterError(f"{name} must be an int, not {type(value).__name__}")


def _check_seconds(name: str, value: object, *, or_zero: bool = False) -> None:
    if value is None:
        return
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise ParameterError(f"{name} must be a number of seconds, not {type(value).__name__}")
    if not (0 < value <= _LONGEST or (or_zero and value == 0)):
        rule = "at least 0" if or_zero else "more than 0"
        raise ParameterError(f"{name} must be {rule}, and at most {_LONGEST:,} seconds")
