"""The envelope of timed metadata: how messages share a payload, and how players tell them apart.

Owns the form of a payload, its packer and its decoder. It refuses to know when a payload is sent
and whether it arrived: nothing here waits, reads a clock or does I/O.

The form, version 1
-------------------
A payload is a JSON array of at most 1,024 bytes of UTF-8, written without white space and without
ASCII escapes::

    ["~1aB3_x42",{"goal":"home"},["score","2:1"],[[7,8]],["viewers",915,17]]

First stands the header, one string: ``~1`` (mark and version), the sender's epoch (5 characters of
the URL-safe base64 alphabet, random), and the id of the first message in decimal (at most 12
digits). Each further element is a message. Those that do not state their id have consecutive ones.

=================  ============================================================================
``m``              a message that is not an array
``[m]``            a message that may be one
``[key, m]``       a message with a key: under its key only the newest counts
``[key, m, id]``   the same, sent again with the id that it had the first time; takes no new id
=================  ============================================================================

A payload in which nothing is new begins with the first repeat, whose id the header carries, so that
whatever could be sent once can be repeated. The envelope costs 11 bytes and the digits of the id,
and a comma for each message; a key costs its JSON and 3 bytes more.
"""

from __future__ import annotations

import json
import re
import secrets
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias, TypeGuard, TypeVar

import attrs

from ._aws.errors import ParameterError

JsonValue: TypeAlias = (
    bool | int | float | str | Sequence["JsonValue"] | Mapping[str, "JsonValue"] | None
)
"""What JSON can carry; a tuple arrives as a list."""

MAX_PAYLOAD: Final = 1024
"""UTF-8 bytes that one PutMetadata call takes."""

MAX_ITEM: Final = 1000
"""UTF-8 bytes of one message with its key: what an envelope leaves, however long its ids grow."""

MAX_ID: Final = 10**12 - 1
MAX_EPOCHS: Final = 64
"""Senders that a decoder remembers, the most recent ones."""

MAX_IDS: Final = 1024
"""Newest ids of a sender among which a decoder knows what it has seen; two payloads at least."""

MAX_KEYS: Final = 512
"""Keys of a sender that a decoder remembers, the most recent ones; twice `MAX_REPEATED`."""

MAX_REPEATED: Final = 256
"""Keys whose last value a sender repeats, the most recent ones.

A key that is still repeated is never forgotten by a decoder that has seen it: since it last came,
only keys that were repeated then (at most 256) and keys with newer values (fewer than 256, or it
would not be repeated any more) can have come after it.
"""

_MARK: Final = '["~1'
_HEADER: Final = re.compile(r"~1([A-Za-z0-9_-]{5})([0-9]{1,12})")

K = TypeVar("K")
V = TypeVar("V")


def encode_json(value: JsonValue, path: str = "message") -> str:
    """Compact JSON of a value, encodable as UTF-8.

    Raises:
        ParameterError: The value has no such form. The text says why without showing it.
    """
    reason = None
    text = ""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except TypeError:
        reason = "something in it has no JSON form (json.dumps refuses it)"
    except ValueError:
        reason = "it holds NaN, an infinity, a number too long to write, or itself"
    except RecursionError:
        reason = "it is nested too deeply"
    if reason is None and not _is_utf8(text):
        reason = "it holds a lone surrogate, which UTF-8 cannot carry"
    if reason is not None:
        raise ParameterError(f"{path} must be a JSON value: {reason}")
    return text


def _is_utf8(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


@attrs.frozen
class Item:
    """A message as it stands in a payload.

    Attributes:
        text: Its JSON, with its key if it has one.
        size: UTF-8 bytes of the text.
    """

    text: str = attrs.field(repr=False)
    size: int

    @classmethod
    def of(cls, message: JsonValue, key: str | None = None) -> Item:
        """Encode a message once, so that later changes to it change nothing.

        Raises:
            ParameterError: The message or the key has no JSON form, or both together do not fit
                into a payload.
        """
        text = encode_json(message)
        if key is not None:
            text = f"[{encode_json(key, 'key')},{text}]"
        elif text.startswith("["):
            text = f"[{text}]"
        item = cls(text, len(text.encode()))
        if item.size > MAX_ITEM:
            raise ParameterError(
                f"message needs {item.size + MAX_PAYLOAD - MAX_ITEM:,} bytes with its envelope"
                f"{'' if key is None else ' and key'}; one payload holds {MAX_PAYLOAD:,}"
            )
        return item

    def repeated(self, id: int) -> Item:
        """The same message, which has a key, with the id that it had the first time."""
        number = f",{id}]"
        return Item(self.text[:-1] + number, self.size - 1 + len(number))


class Epoch:
    """What tells one sender's messages from all others': a random name, and ids that only grow.

    Attributes:
        name: 30 random bits. Among the 64 senders that a decoder remembers, two share one with a
            probability of 2 in a million.
        next_id: The id of the next message.
    """

    __slots__ = ("name", "next_id")

    def __init__(self, name: str | None = None, next_id: int = 0) -> None:
        self.name = secrets.token_urlsafe(4)[:5] if name is None else name
        self.next_id = next_id

    def take(self) -> int:
        """The next id, which is then used up."""
        self.next_id += 1
        return self.next_id - 1


class Packer:
    """Fills one payload in the order in which messages are offered.

    Messages are added until one does not fit, and that one begins the next payload. No packer that
    keeps the order needs fewer payloads. Proof: let another packer end its first k payloads after
    message b(k), this one after a(k); a(k) >= b(k) holds for k = 0. If it holds for k, the other's
    next payload reaches from b(k) + 1 to b(k + 1), and the messages from a(k) + 1 to b(k + 1) are
    its end. They fit into one payload: leaving out a message saves at least 2 bytes, and the header
    grows by at most one digit for it. This packer stops no earlier than where they end, so
    a(k + 1) >= b(k + 1): it is never behind. ∎

    Args:
        epoch: Name of the sender's epoch.
        first: The id of the first message.
    """

    __slots__ = ("_epoch", "_first", "_items", "_size")

    def __init__(self, epoch: str, first: int) -> None:
        self._epoch = epoch
        self._first = first
        self._items: list[str] = []
        self._size = len(self._header()) + 1

    def add(self, item: Item) -> bool:
        """Add a new message with the next id; False, with nothing added, if it does not fit."""
        size = self._size + 1 + item.size
        if size > MAX_PAYLOAD:
            return False
        self._size = size
        self._items.append(item.text)
        return True

    def add_repeat(self, item: Item, id: int) -> bool:
        """Add a message that was sent before, after all new ones; False if it does not fit."""
        if self._items:
            return self.add(item.repeated(id))
        self._first = id
        self._size = len(self._header()) + 1
        return self.add(item)

    @property
    def text(self) -> str:
        """The payload."""
        return ",".join((self._header(), *self._items)) + "]"

    def _header(self) -> str:
        return f'{_MARK}{self._epoch}{self._first}"'


@attrs.frozen
class Cue:
    """One message out of a payload.

    Attributes:
        message: What the sender sent; the whole text of a foreign cue.
        key: Its key, if the sender gave it one: this message takes the place of what came under the
            same key before.
        epoch: Which sender it is from, None for a foreign cue.
        id: Its number among the sender's messages, None for a foreign cue.
    """

    message: JsonValue = attrs.field(repr=False)
    key: str | None = attrs.field(default=None, repr=False)
    epoch: str | None = None
    id: int | None = None

    @property
    def foreign(self) -> bool:
        """Whether the cue has no envelope: sent with ``raw=True``, or by other software."""
        return self.epoch is None


class CueDecoder:
    """Turns the texts of timed metadata cues back into messages, each shown once.

    The reference for players; ``static/ivs-cues.js`` is the same in JavaScript. Feed it every cue
    in the order of playback. It drops what it has seen (a sender repeats a payload whose answer was
    lost, and the last value of each key for those who join late), and under each key what is older
    than the newest that it has seen. It raises nothing, whatever the text, and its memory is
    bounded: 64 senders, 1,024 ids and 512 keys each.
    """

    def __init__(self) -> None:
        self._heard: OrderedDict[str, _Heard] = OrderedDict()

    def decode(self, text: str) -> list[Cue]:
        """The messages of one cue that are new, in the order in which they were sent.

        Args:
            text: The cue's text as the player or the local IVS gives it.

        Returns:
            What is to be shown, possibly nothing. A text that has no envelope, or one of a later
            version, is one foreign cue, each time it comes.
        """
        parsed = _parse(text)
        if parsed is None:
            return [Cue(text)]
        epoch, first, items = parsed
        heard = self._heard.setdefault(epoch, _Heard())
        _bound(self._heard, epoch, MAX_EPOCHS)
        return [
            Cue(message, key, epoch, number)
            for number, key, message in _messages(first, items)
            if heard.is_new(number, key)
        ]

    def reset(self) -> None:
        """Forget everything: after a seek or at the start of a replay all cues are new again."""
        self._heard.clear()


class _Heard:
    """What a decoder remembers of one sender."""

    __slots__ = ("_highest", "_ids", "_newest")

    def __init__(self) -> None:
        self._highest = -1
        self._ids: set[int] = set()
        self._newest: OrderedDict[str, int] = OrderedDict()

    def is_new(self, id: int, key: str | None) -> bool:
        """Whether a message is to be shown; then it counts as seen."""
        forgotten = self._highest - MAX_IDS
        new = id not in self._ids
        if key is None:
            new = new and id > forgotten
        else:
            newest = self._newest.get(key, -1)
            new = new and id > newest
            self._newest[key] = max(id, newest)
            _bound(self._newest, key, MAX_KEYS)
        if new and id > forgotten:
            self._ids.add(id)
            self._advance(id)
        return new

    def _advance(self, id: int) -> None:
        if id - self._highest >= MAX_IDS:
            self._ids = {id}
        else:
            self._ids.difference_update(range(self._highest - MAX_IDS + 1, id - MAX_IDS + 1))
        self._highest = max(id, self._highest)


def _parse(text: str) -> tuple[str, int, list[JsonValue]] | None:
    """Epoch, first id and items of a payload; None for what is none."""
    if not text.startswith(_MARK) or len(text.encode(errors="surrogatepass")) > MAX_PAYLOAD:
        return None
    try:
        values = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    header = _HEADER.fullmatch(values[0])
    return None if header is None else (header[1], int(header[2]), values[1:])


def _messages(first: int, items: list[JsonValue]) -> Iterator[tuple[int, str | None, JsonValue]]:
    """Id, key and message of each item; none of what is malformed."""
    following = first
    for item in items:
        match item:
            case [key, message, number]:
                if isinstance(key, str) and _is_id(number):
                    yield int(number), key, message
                continue
            case [str(key), message]:
                yield following, key, message
            case [message]:
                yield following, None, message
            case list():
                pass
            case message:
                yield following, None, message
        following += 1


def _refuse(name: str) -> None:
    raise ValueError(name)


def _is_id(value: JsonValue) -> TypeGuard[float]:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and 0 <= value <= MAX_ID
        and value == int(value)
    )


def _bound(memory: OrderedDict[K, V], key: K, most: int) -> None:
    """Call ``key`` the most recent one, and forget the least recent one beyond ``most``."""
    memory.move_to_end(key)
    if len(memory) > most:
        memory.popitem(last=False)
