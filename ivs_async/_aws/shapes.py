"""The shapes that request values may have: their type, their bounds, their form in JSON.

A shape checks a value and returns what JSON carries. A value that breaks a rule raises
`ParameterError` with the argument's path, the rule and the value's size, never the value.
Patterns are left to the service: some of the published ones refuse what it accepts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

import attrs

from .errors import ParameterError
from .names import camel_case


class Shape(Protocol):
    """What a request value may be."""

    def encode(self, value: Any, path: str) -> Any:
        """The JSON form of a value, or `ParameterError` naming ``path`` and the broken rule."""
        ...


@attrs.frozen
class Text:
    """A string of ``least`` to ``most`` characters, or UTF-8 bytes where ``in_bytes``."""

    least: int = 0
    most: int | None = None
    in_bytes: bool = False

    def encode(self, value: Any, path: str) -> str:
        if not isinstance(value, str):
            raise _wrong_type(path, "a str", value)
        size = len(value)
        if not value.isascii():
            # not by catching the error of a strict encoding, which holds the text
            encoded = value.encode(errors="surrogatepass")
            if encoded != value.encode(errors="replace"):
                raise ParameterError(
                    f"{path} must be encodable as UTF-8; this str of {size:,} characters "
                    "holds a lone surrogate"
                )
            if self.in_bytes:
                size = len(encoded)
        if size < self.least or (self.most is not None and size > self.most):
            unit = "UTF-8 bytes" if self.in_bytes else "characters"
            raise _out_of_bounds(path, "be", self.least, self.most, unit, size)
        return value if type(value) is str else str.__str__(value)


@attrs.frozen
class Integer:
    """A whole number from ``least`` to ``most``."""

    least: int | None = None
    most: int | None = None

    def encode(self, value: Any, path: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise _wrong_type(path, "an int", value)
        if (self.least is not None and value < self.least) or (
            self.most is not None and value > self.most
        ):
            bounds = (
                f"at least {self.least:,}"
                if self.most is None
                else (f"from {self.least:,} to {self.most:,}")
            )
            raise ParameterError(f"{path} must be {bounds}; this is {value:,}")
        return int(value)


@attrs.frozen
class Boolean:
    """True or false."""

    def encode(self, value: Any, path: str) -> bool:
        if not isinstance(value, bool):
            raise _wrong_type(path, "a bool", value)
        return value


@attrs.frozen
class Timestamp:
    """A moment: a `datetime` that knows its offset, sent as ISO 8601 in UTC."""

    def encode(self, value: Any, path: str) -> str:
        if not isinstance(value, datetime):
            raise _wrong_type(path, "a datetime", value)
        if value.utcoffset() is None:
            raise ParameterError(
                f"{path} must be a datetime with a time zone; this one is naive "
                "(say datetime.now(timezone.utc), not datetime.now())"
            )
        try:
            return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
        except OverflowError:
            pass
        raise ParameterError(f"{path} must be within the years 1 to 9999 in UTC")


@attrs.frozen
class ListOf:
    """A list of ``least`` to ``most`` items of one shape."""

    item: Shape
    least: int = 0
    most: int | None = None

    def encode(self, value: Any, path: str) -> list[Any]:
        if isinstance(value, str | bytes) or not isinstance(value, Sequence):
            raise _wrong_type(path, "a list", value)
        if len(value) < self.least or (self.most is not None and len(value) > self.most):
            raise _out_of_bounds(path, "have", self.least, self.most, "items", len(value))
        encode = self.item.encode
        return [encode(item, f"{path}[{index}]") for index, item in enumerate(value)]


@attrs.frozen
class MapOf:
    """A mapping of at most ``most`` entries."""

    key: Shape
    value: Shape
    most: int | None = None

    def encode(self, value: Any, path: str) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise _wrong_type(path, "a mapping", value)
        if self.most is not None and len(value) > self.most:
            raise _out_of_bounds(path, "have", 0, self.most, "entries", len(value))
        return {
            self.key.encode(key, f"a key of {path}"): self.value.encode(
                item, f"the value of a key of {path}"
            )
            for key, item in value.items()
        }


@attrs.frozen
class Structure:
    """An instance of an attrs class whose fields were made by `member`."""

    type: type[attrs.AttrsInstance]

    def encode(self, value: Any, path: str) -> dict[str, Any]:
        if not isinstance(value, self.type):
            raise _wrong_type(path, f"a {self.type.__name__}", value)
        encoded = {}
        for field in attrs.fields(self.type):
            item = getattr(value, field.name)
            facts: Member = field.metadata[Member]
            if item is None or (item == "" and facts.required):
                if facts.required:
                    raise ParameterError(f"{path}.{field.name} is required")
                continue
            encoded[camel_case(field.name)] = facts.shape.encode(item, f"{path}.{field.name}")
        return encoded


@attrs.frozen
class Member:
    """One member of a request: its shape, whether it must be sent, where it goes.

    Args:
        shape: What the value may be.
        required: Whether a call without it is refused.
        place: ``body``, ``path`` (one percent-encoded label) or ``query`` (repeated).
        secret: Whether an error text of the service may echo it.
    """

    shape: Shape
    required: bool = False
    place: str = "body"
    secret: bool = False


def member(shape: Shape, *, default: Any = None, required: bool = False, repr: bool = True) -> Any:
    """A field of an attrs class that is sent in requests."""
    return attrs.field(
        default=default, repr=repr, metadata={Member: Member(shape, required=required)}
    )


def _wrong_type(path: str, expected: str, value: object) -> ParameterError:
    return ParameterError(f"{path} must be {expected}, not {type(value).__name__}")


def _out_of_bounds(
    path: str, verb: str, least: int, most: int | None, unit: str, size: int
) -> ParameterError:
    if most is None:
        bounds = f"at least {least:,}"
    elif least == most:
        bounds = f"exactly {most:,}"
    elif least == 0:
        bounds = f"at most {most:,}"
    else:
        bounds = f"{least:,} to {most:,}"
    return ParameterError(
        f"{path} must {verb} {bounds} {unit} long; this is {size:,}"
        if verb == "be"
        else f"{path} must have {bounds} {unit}; this has {size:,}"
    )
