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
from typing import Literal, TypeAlias, cast

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
        number: Of two under one key, the higher is the newer.
        lane: Where it waits: with its priority, in the line, or among those who were let in.
        place: Its name there.
        turn: What its sender waits for in the line.
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
    number: int = attrs.field(init=False, factory=count().__next__)
    lane: Lane | None = None
    place: int = -1
    turn: asyncio.Future[None] | None = None

    @property
    def waits(self) -> bool:
        """Whether it is in the queue, or its sender in the line for it."""
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

    def wake(self) -> None:
        """Let its sender look whether it still has to wait."""
        if self.turn is not None and not self.turn.done():
            self.turn.set_result(None)


Lane: TypeAlias = OrderedDict[int, Message]


class Outbox:
    """A queue with priorities, at most one message per key, and a line of senders before it.

    A sender who is let in has room, and puts the message into the queue when it goes on, in a later
    turn of the event loop: until then it may be cancelled, and its message must neither leave nor
    have replaced another.

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
        self._let_in: Lane = OrderedDict()
        # the one in the queue under each key, and those who wait, the newest last
        self._keys: dict[str | None, Message] = {}
        self._line_keys: dict[str | None, dict[int, Message]] = {}
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
    def expected(self) -> int:
        """Senders who were let in, and whose messages are not in the queue yet."""
        return len(self._let_in)

    @property
    def full(self) -> bool:
        """Whether all room is taken."""
        return len(self) + self.expected + self.under_way >= self._most

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
        """The message in the queue under a key."""
        return self._keys.get(key)

    async def room(self, message: Message) -> bool:
        """Wait in the line, unless there is room, or an older message to replace.

        Returns:
            Whether to `put` the message now. If not, it was taken out of the line.
        """
        if self.under(message.key) or not (self._line or self._let_in or self.full):
            return True
        self._insert(message, self._line)
        if message.key is not None:
            self._line_keys.setdefault(message.key, {})[message.number] = message
        try:
            while message.waits and not (self.under(message.key) or message is self._next):
                message.turn = asyncio.get_running_loop().create_future()
                await message.turn
        except BaseException:
            message.stop_timer()
            self.remove(message)
            raise
        admitted = message.waits
        self.take_out(message)
        return admitted

    def put(self, message: Message) -> list[Message]:
        """Put a message behind those of its priority, or in the place of the one under its key.

        It keeps that place only where the priorities are equal. Keeping it is what lets a value
        that changes faster than the queue moves be sent at all.

        Returns:
            The older ones under its key, in the queue and in the line, which are taken out.
        """
        older = self.under(message.key)
        if older is not None and older.priority == message.priority:
            lane = cast(Lane, older.lane)
            lane[older.place] = message
            message.lane, message.place, older.lane = lane, older.place, None
            self._keys[message.key] = message
        else:
            self._append(message)
            if older is not None:
                self.take_out(older)
        replaced = [] if older is None else [older]
        for mate in [*self._line_keys.get(message.key, {}).values()]:
            if mate.number < message.number:
                self.take_out(mate)
                replaced.append(mate)
        self._wake_newest(message.key)
        self.move_up()
        return replaced

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
            self._append(newer)
            self._lanes[newer.priority].move_to_end(newer.place, last=False)
            self._wake_newest(newer.key)
        return superseded

    def take_out(self, message: Message) -> None:
        """Take a message out, wherever it waits; the line stays where it is."""
        lane = message.lane
        if lane is None:
            return
        del lane[message.place]
        message.lane = None
        if lane is self._line or lane is self._let_in:
            self._quit_line(message)
            return
        if not lane:
            del self._lanes[message.priority]
        if self._keys.get(message.key) is message:
            del self._keys[message.key]

    def remove(self, message: Message) -> None:
        """Take a message out, wherever it waits, and let the line move up."""
        self.take_out(message)
        self.move_up()

    def move_up(self) -> None:
        """Let the line in, as far as there is room."""
        while self._line and not self.full:
            _, first = self._line.popitem(last=False)
            first.lane = self._let_in
            self._let_in[first.place] = first
            first.wake()
            self._wake_newest(first.key)

    def turn_away(self) -> None:
        """Send everybody home whose message is not in the queue yet."""
        for message in [*self._let_in.values(), *self._line.values()]:
            message.stop_timer()
            self.take_out(message)

    def _append(self, message: Message) -> None:
        self._insert(message, self._lanes.setdefault(message.priority, OrderedDict()))
        if message.key is not None:
            self._keys[message.key] = message

    def _insert(self, message: Message, lane: Lane) -> None:
        message.lane, message.place = lane, next(self._places)
        lane[message.place] = message

    def _quit_line(self, message: Message) -> None:
        """Forget that a sender waits, and let those go on who waited for that."""
        message.wake()
        mates = self._line_keys.get(message.key, {})
        mates.pop(message.number, None)
        if not mates:
            self._line_keys.pop(message.key, None)
        elif self.under(message.key):
            self._wake_newest(message.key)
        if following := self._next:
            following.wake()

    @property
    def _next(self) -> Message | None:
        """The message that was let in, and is not in the queue, for longest."""
        return next(iter(self._let_in.values()), None)

    def _wake_newest(self, key: str | None) -> None:
        """Let the newest value of a key go on, for which an older one in the queue makes room."""
        if mates := self._line_keys.get(key):
            next(reversed(mates.values())).wake()
