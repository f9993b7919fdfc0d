"""What is to be sent to a channel, in the order in which it is to leave.

Owns the queue of a publisher: priorities, keys, places, and the line of senders who wait for room.
It refuses to know why a message leaves the queue and what a payload is.
"""

from __future__ import annotations

import asyncio
import math
from collections import OrderedDict
from collections.abc import Generator, Iterator, Sequence
from itertools import count
from typing import Literal, TypeAlias

import attrs

from ._aws.errors import ConfigurationError
from .envelope import Item

Status: TypeAlias = Literal["delivered", "replaced", "expired", "dropped", "failed"]


@attrs.frozen
class Outcome:
    """What became of a message.

    Attributes:
        status: ``delivered``: the service took it. ``replaced``: a newer one with its key took its
            place. ``expired``: its ``ttl`` ran out. ``dropped``: the publisher was told to drop it,
            for want of room or because the channel was not live. ``failed``: see `error`.
        error: What stood in the way, if anything did. After a lost answer (`ResponseNotReceived`,
            `UnexpectedResponse`, a status of 500, 502 or 504) viewers may have got it all the same.
    """

    status: Status
    error: Exception | None = None

    @property
    def delivered(self) -> bool:
        """Whether the service took it."""
        return self.status == "delivered"

    def check(self) -> None:
        """Raise the error of a message that failed; every other outcome is as was asked for."""
        if self.status == "failed" and self.error is not None:
            raise self.error.with_traceback(None)


class Receipt:
    """Await it for the `Outcome` of a message: any number of times, in any number of tasks.

    Cancelling the wait cancels no delivery, and a receipt that nobody awaits says nothing. Awaiting
    it in another event loop than its publisher's raises `ConfigurationError`.

    Attributes:
        seen: Whether anybody has looked at the outcome.
    """

    __slots__ = ("_future", "seen")

    def __init__(self, future: asyncio.Future[Outcome]) -> None:
        self._future = future
        self.seen = False

    def __await__(self) -> Generator[object, None, Outcome]:
        if self._future.get_loop() is not asyncio.get_running_loop():
            raise ConfigurationError(
                "this receipt belongs to another event loop; await it in that of its publisher"
            )
        outcome = yield from asyncio.shield(self._future).__await__()
        self.seen = True
        return outcome

    @property
    def outcome(self) -> Outcome | None:
        """The outcome without waiting for it; None while there is none."""
        if not self._future.done():
            return None
        self.seen = True
        return self._future.result()

    def __repr__(self) -> str:
        return f"<Receipt {self._future.result().status if self._future.done() else 'pending'}>"


@attrs.define(eq=False, repr=False)
class Message:
    """One message on its way.

    Attributes:
        item: As it stands in a payload.
        key: Under which newer messages replace it.
        priority: The highest leaves first.
        deadline: Time of the event loop from which it is not worth sending.
        alone: Whether it shares no payload.
        id: Its number in the envelope, once it was packed.
        sent_at: When it was last delivered.
        admission: True once the message is in the queue or done with, False if it never will be;
            None where its sender does not wait for room.
    """

    item: Item
    key: str | None = None
    priority: int = 0
    deadline: float = math.inf
    future: asyncio.Future[Outcome] = attrs.field(
        factory=lambda: asyncio.get_running_loop().create_future()
    )
    receipt: Receipt = attrs.field(
        init=False, default=attrs.Factory(lambda self: Receipt(self.future), takes_self=True)
    )
    alone: bool = False
    id: int = -1
    sent_at: float = 0.0
    timer: asyncio.TimerHandle | None = None
    admission: asyncio.Future[bool] | None = None
    lane: Lane | None = None
    place: int = -1

    @property
    def waits(self) -> bool:
        """Whether it is in the queue, or in the line for it."""
        return self.lane is not None

    def settle(self, outcome: Outcome) -> None:
        """Give it its outcome."""
        self.stop_timer()
        self.future.set_result(outcome)

    def stop_timer(self) -> None:
        """Let nothing happen at its deadline."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def admit(self, admitted: bool = True) -> None:
        """Let its sender go on, if it waits."""
        if self.admission is not None and not self.admission.done():
            self.admission.set_result(admitted)


Lane: TypeAlias = OrderedDict[int, Message]


class Outbox:
    """A queue with priorities, at most one message per key, and a line of senders before it.

    Args:
        most: Messages for which there is room.

    Attributes:
        under_way: How many of the messages that were taken out may come back (`restore`). While
            they do not have their outcomes the line does not get their room.
    """

    def __init__(self, most: int) -> None:
        self.under_way = 0
        self._most = most
        self._lanes: dict[int, Lane] = {}
        self._line: Lane = OrderedDict()
        self._keys: dict[str, Message] = {}
        self._places = count()

    def __len__(self) -> int:
        return sum(map(len, self._lanes.values()))

    def __iter__(self) -> Iterator[Message]:
        """The messages in the queue, in the order in which they are to leave."""
        for priority in sorted(self._lanes, reverse=True):
            yield from self._lanes[priority].values()

    @property
    def waiting(self) -> int:
        """Senders in the line."""
        return len(self._line)

    @property
    def full(self) -> bool:
        """Whether a message would have to wait, as it must while there is a line."""
        return len(self) + self.under_way >= self._most

    @property
    def overfull(self) -> bool:
        """Whether more messages wait than there is room, whatever is under way."""
        return len(self) > self._most

    def head(self) -> Message | None:
        """The message that is to leave first."""
        return next(iter(self._lanes[max(self._lanes)].values())) if self._lanes else None

    def least(self) -> Message:
        """The oldest of the lowest priority."""
        return next(iter(self._lanes[min(self._lanes)].values()))

    def under(self, key: str | None) -> Message | None:
        """The message that waits under a key."""
        return None if key is None else self._keys.get(key)

    def append(self, message: Message) -> None:
        """Put a message behind those of its priority."""
        self._insert(message, self._lanes.setdefault(message.priority, OrderedDict()))

    def line_up(self, message: Message) -> None:
        """Let a message wait for room, behind those that do."""
        self._insert(message, self._line)
        message.admission = asyncio.get_running_loop().create_future()

    def supersede(self, older: Message, newer: Message) -> None:
        """Let a message take the place of one with the same key.

        In the queue it keeps the place only where the priorities are equal. Keeping it is what
        lets a value that changes faster than the queue moves be sent at all.
        """
        lane = older.lane
        if lane is not None and (lane is self._line or older.priority == newer.priority):
            lane[older.place] = newer
            newer.lane, newer.place, older.lane = lane, older.place, None
            self._keys[str(newer.key)] = newer
            if lane is self._line:
                newer.admission = asyncio.get_running_loop().create_future()
                older.admit()
        else:
            self.append(newer)
            self.remove(older)

    def restore(self, messages: Sequence[Message]) -> list[Message]:
        """Put messages back to where they were taken from.

        Returns:
            Those that a newer one under their key supersedes, which took their place.
        """
        superseded = []
        for message in reversed(messages):
            newer = self.under(message.key)
            if newer is None:
                newer = message
            else:
                superseded.append(message)
                if newer.priority != message.priority:
                    continue
                self.take_out(newer)
            lane = self._lanes.setdefault(newer.priority, OrderedDict())
            self._insert(newer, lane)
            lane.move_to_end(newer.place, last=False)
        return superseded

    def take_out(self, message: Message) -> None:
        """Take a message out, wherever it waits; the line stays where it is."""
        lane = message.lane
        if lane is None:
            return
        del lane[message.place]
        message.lane = None
        message.admit()
        if not lane and lane is not self._line:
            del self._lanes[message.priority]
        if message.key is not None and self._keys[message.key] is message:
            del self._keys[message.key]

    def remove(self, message: Message) -> None:
        """Take a message out, wherever it waits, and let the line move up."""
        self.take_out(message)
        self.move_up()

    def move_up(self) -> None:
        """Let the line in, as far as there is room.

        Those who are let in go on in a later turn of the event loop. Until then they may still be
        cancelled, so nothing may leave in the turn in which it was let in.
        """
        while self._line and not self.full:
            first = next(iter(self._line.values()))
            self.take_out(first)
            self.append(first)

    def turn_away(self) -> None:
        """Send everybody in the line home."""
        for message in [*self._line.values()]:
            message.stop_timer()
            message.admit(False)
            self.take_out(message)

    def _insert(self, message: Message, lane: Lane) -> None:
        message.lane, message.place = lane, next(self._places)
        lane[message.place] = message
        if message.key is not None:
            self._keys[message.key] = message
