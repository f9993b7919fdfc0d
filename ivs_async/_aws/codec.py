"""Between Python values and the wire: members to target and body, answers to attrs classes.

Owns what null, absent, unknown and malformed mean. Knows the rules of the protocol (restJson1),
not of any operation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from functools import cache
from itertools import groupby
from operator import itemgetter
from types import NoneType, UnionType
from typing import Any, Final, TypeVar, Union, cast, get_args, get_origin
from urllib.parse import quote

import attrs
from cattrs import Converter, transform_error
from cattrs.cols import list_structure_factory, mapping_structure_factory
from cattrs.gen import make_dict_structure_fn, override

from .errors import ParameterError, ServiceError, ThrottlingException, UnexpectedResponse
from .http import Response
from .names import camel_case
from .operation import ListOperation, Operation, Page

R = TypeVar("R")

THROTTLING_CODES: Final = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
"""Names under which AWS services refuse a call for its rate (Retry Behavior 2.1)."""

_to_json = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode
_quote = json.encoder.encode_basestring  # a JSON string, without making an encoder for it


def encode(operation: Operation[Any], members: Mapping[str, object]) -> tuple[str, bytes]:
    """Target (path and query, percent-encoded) and body of a request; None is not sent.

    Raises:
        ParameterError: A member is missing or breaks a rule of its shape.
    """
    parts = []
    target = operation.path
    query = ""
    places = operation.places
    try:
        for name in operation.required:
            if members.get(name) is None:
                raise ParameterError(f"{name} is required")
        for name, value in members.items():
            if value is None:
                continue
            place, key, check = places[name]
            encoded = check(value, name)
            if place == "body":
                parts.append(key + (_quote if encoded.__class__ is str else _to_json)(encoded))
            elif place == "path":
                target = target.replace(key, quote(encoded, safe="-_.~"))
            else:
                query = "&".join(f"{key}={quote(item, safe='-_.~')}" for item in encoded)
    except ParameterError as error:
        raise ParameterError(f"{operation.method_name}: {error}") from None
    return (
        f"{target}?{query}" if query else target,
        f"{{{','.join(parts)}}}".encode() if operation.method == "POST" else b"",
    )


def decode(operation: Operation[R], response: Response) -> R:
    """The answer of an operation.

    Raises:
        UnexpectedResponse: It is not JSON, not an object, or lacks what the API always sends.
    """
    if operation.output is None and not isinstance(operation, ListOperation):
        if response.body not in _EMPTY:
            _parse(operation, response)
        return cast(R, None)
    payload = _parse(operation, response)
    try:
        return cast(R, _structure(_fast(), operation, payload))
    except Exception:  # noqa: BLE001, S110 - whatever generated code makes of a malformed answer
        pass
    try:
        # null means absent; rare enough to be looked for only when the quick way fails
        return cast(R, _structure(_detailed(), operation, _without_nulls(payload)))
    except Exception as malformed:  # noqa: BLE001 - the same
        where = _explain(malformed)
    raise _unexpected(operation, response, where)


def decode_error(
    operation: Operation[Any],
    response: Response,
    kinds: Mapping[str, type[ServiceError]],
    secrets: Sequence[str | None],
) -> ServiceError:
    """The error in an answer, whatever form it has; never fails.

    Args:
        operation: What was called.
        response: An answer with an error status.
        kinds: The service's modelled errors by name.
        secrets: What is cut out of the service's text, which may echo the request.
    """
    headers = response.headers
    payload: dict[str, Any] = {}
    try:
        parsed = json.loads(response.body.decode())
        if isinstance(parsed, dict):
            payload = parsed
    except (ValueError, RecursionError):
        pass
    code = _error_code(headers, payload)
    message = next(
        (
            text
            for key in ("exceptionMessage", "message", "Message")
            if isinstance(text := payload.get(key), str) and text
        ),
        "",
    )
    if code:
        message = message.removeprefix(f"{code}: ")
    message = _redact(message, secrets)
    kind = kinds.get(code)
    if kind is None:
        throttled = code in THROTTLING_CODES or response.status == 429
        kind = ThrottlingException if throttled else ServiceError
    error = kind(
        message,
        code=code or str(response.status),
        status=response.status,
        request_id=request_id(headers),
        cloudfront_id=headers.get("x-amz-cf-id"),
        operation=operation.name,
    )
    error.retry_after = _retry_after(headers)
    return error


def request_id(headers: Mapping[str, str]) -> str | None:
    """The service's id of a request, from its answer's headers."""
    return headers.get("x-amzn-requestid") or headers.get("x-amz-request-id")


def _redact(message: str, secrets: Sequence[str | None]) -> str:
    """Cut out what a text repeats of secrets: whole, shortened, or escaped as in JSON."""
    for secret in secrets:
        if not secret or len(secret) < _SHORTEST_SECRET:
            continue
        for form in {secret, json.dumps(secret)[1:-1], _quote(secret)[1:-1]}:
            message = message.replace(form, _MASK)
            size = _SHORTEST_ECHO
            if len(form) <= size:
                continue
            # a shortened echo shares runs of characters with the secret
            runs = {form[start : start + size] for start in range(len(form) - size + 1)}
            shared = bytearray(len(message))
            for start in range(len(message) - size + 1):
                if message[start : start + size] in runs:
                    shared[start : start + size] = b"\1" * size
            message = "".join(
                _MASK if masked else "".join(character for character, _ in group)
                for masked, group in groupby(zip(message, shared, strict=True), key=itemgetter(1))
            )
    return message


_MASK: Final = "<secret>"
_SHORTEST_SECRET: Final = 4  # a shorter one is none, and would garble the text
_SHORTEST_ECHO: Final = 12
_EMPTY: Final = (b"", b"{}")


def _error_code(headers: Mapping[str, str], payload: Mapping[str, object]) -> str:
    """The error's bare name: `namespace#Name:uri` in a header, `__type` or `code`."""
    for raw in (headers.get("x-amzn-errortype"), payload.get("__type"), payload.get("code")):
        if isinstance(raw, str) and raw:
            return raw.split(":", 1)[0].rsplit("#", 1)[-1].strip()
    return ""


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the service asks to wait; nonsense is as good as nothing."""
    try:
        milliseconds = int(headers["x-amz-retry-after"])
        return milliseconds / 1000 if milliseconds >= 0 else None
    except (KeyError, ValueError, OverflowError):
        return None


def _parse(operation: Operation[Any], response: Response) -> dict[str, Any]:
    try:
        payload = json.loads(response.body.decode())
    except UnicodeDecodeError:
        found = "bytes that are not UTF-8"
    except RecursionError:
        found = "JSON nested too deeply"
    except ValueError:
        found = _describe(response)
    else:
        if isinstance(payload, dict):
            return payload
        found = f"JSON that is not an object but a {type(payload).__name__}"
    raise _unexpected(operation, response, f"the answer is {found}")


def _describe(response: Response) -> str:
    if not response.body:
        return "empty"
    if response.body.lstrip()[:1] == b"<":
        return f"HTML or XML of {len(response.body):,} bytes"
    return f"{len(response.body):,} bytes that are not whole JSON"


def _unexpected(operation: Operation[Any], response: Response, what: str) -> UnexpectedResponse:
    return UnexpectedResponse(
        f"{what} (status {response.status}); something between here and the service may have "
        "answered in its place",
        status=response.status,
        request_id=request_id(response.headers),
        operation=operation.name,
    )


def _structure(converter: Converter, operation: Operation[Any], payload: dict[str, Any]) -> Any:
    if isinstance(operation, ListOperation):
        items, token = attrs.astuple(converter.structure(payload, operation.answer), recurse=False)
        return Page(items, token or None)
    return converter.structure(payload, cast(type[Any], operation.output))


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value if item is not None]
    return value


def _explain(malformed: Exception) -> str:
    """Where an answer is malformed, without its values."""
    if isinstance(malformed, RecursionError):
        return "the answer is nested too deeply"
    faults = transform_error(
        malformed,
        "$",
        lambda error, _: "missing" if isinstance(error, KeyError) else "malformed",
    )
    where = ", ".join(_SNAKE.sub(lambda name: camel_case(name[0]), fault) for fault in faults[:3])
    return f"the answer is not as the API describes it: {where}"


_SNAKE: Final = re.compile(r"(?<=\.)[a-z0-9_]+")


@cache
def _fast() -> Converter:
    """Structures without collecting where a failure lies. Built on first use."""
    return _converter(detailed=False)


@cache
def _detailed() -> Converter:
    """The same rules, and a failure knows its path."""
    return _converter(detailed=True)


def _converter(*, detailed: bool) -> Converter:
    """cattrs, made strict about types and lenient about what the service may add.

    Its own hooks turn an int into a str and take a list for a structure whose members are all
    optional, so each type that answers are made of has its hook here.
    """
    converter = Converter(detailed_validation=detailed)
    converter.register_structure_hook(str, _text)
    converter.register_structure_hook(int, _integer)
    converter.register_structure_hook(datetime, _timestamp)

    def structure(cls: type[attrs.AttrsInstance]) -> _Hook:
        attrs.resolve_types(cls)
        if not detailed:
            return _straight(cls, converter)
        renamed = {
            field.name: override(rename=camel_case(field.name)) for field in attrs.fields(cls)
        }
        build = make_dict_structure_fn(
            cls,
            converter,
            _cattrs_detailed_validation=True,
            **renamed,  # type: ignore[arg-type]
        )
        return _only(dict, build)

    def union(kind: Any) -> _Hook:
        """``X | None`` and ``Enum | str | None``: unknown enum values stay plain strings."""
        part = get_args(kind)[0]
        if part is str or part is bool:
            return _exactly(part)
        if isinstance(part, type) and issubclass(part, StrEnum):
            return _open_enum(part)
        inner = converter.get_structure_hook(part)
        return lambda value, _: None if value is None else inner(value, part)

    def mapping(kind: Any) -> _Hook:
        """``dict[str, str]``, the only kind that there is, whose path only a failure needs."""
        return _only(dict, mapping_structure_factory(kind, converter)) if detailed else _texts

    converter.register_structure_hook_factory(attrs.has, structure)
    converter.register_structure_hook_factory(
        lambda kind: _origin(kind) is list,
        lambda kind: _only(list, list_structure_factory(kind, converter)),
    )
    converter.register_structure_hook_factory(lambda kind: _origin(kind) is dict, mapping)
    converter.register_structure_hook_factory(_is_union, union)
    return converter


_Hook = Callable[[Any, Any], Any]


def _straight(cls: type[attrs.AttrsInstance], converter: Converter) -> _Hook:
    """A hook for a class of answers, written out member by member.

    cattrs calls a function for each member, and frozen classes look each one up by its name to set
    it: most of what a page of a list costs. Here plain members are checked in place, the others
    by their hooks, and all are put into their slots. Such classes have no other rules.
    """
    names: dict[str, Any] = {"cls": cls, "new": object.__new__}
    check, fill = [], []
    for number, field in enumerate(attrs.fields(cls)):
        value, key = f"v{number}", camel_case(field.name)
        names |= {f"default{number}": field.default, f"set{number}": _slot(cls, field.name)}
        if field.default is attrs.NOTHING:
            check.append(f"{value} = answer[{key!r}]")
        elif isinstance(field.default, _FACTORY):
            check.append(
                f"{value} = answer[{key!r}] if {key!r} in answer else default{number}.factory()"
            )
        else:
            check.append(f"{value} = answer.get({key!r}, default{number})")
        kind, *others = get_args(field.type) if _is_union(field.type) else (field.type,)
        if kind in (str, bool) and set(others) <= {NoneType}:
            absent = f" and {value} is not None" if others else ""
            check.append(f"if {value}.__class__ is not {kind.__name__}{absent}: raise TypeError")
        elif isinstance(kind, type) and issubclass(kind, StrEnum) and NoneType in others:
            names[f"known{number}"] = _members(kind).get
            check.append(f"if {value}.__class__ is str: {value} = known{number}({value}, {value})")
            check.append(f"elif {value} is not None: raise TypeError")
        else:
            hook = converter.get_structure_hook(field.type)
            names |= {f"hook{number}": hook, f"type{number}": field.type}
            check.append(
                f"if {value} is not default{number}: {value} = hook{number}({value}, type{number})"
            )
        fill.append(f"set{number}(instance, {value})")
    body = [
        "if answer.__class__ is not dict: raise TypeError",
        *check,
        "instance = new(cls)",
        *fill,
        "return instance",
    ]
    exec("def structure(answer, _):\n " + "\n ".join(body), names)  # noqa: S102 - only our own names
    return cast(_Hook, names["structure"])


def _slot(cls: type, name: str) -> Callable[[object, object], None]:
    """What puts a value into a slot of a class."""
    return cast(Callable[[object, object], None], getattr(cls, name).__set__)


def _is_union(kind: Any) -> bool:
    return _origin(kind) in (Union, UnionType)


_FACTORY: Final[type] = type(attrs.Factory(list))


def _origin(kind: Any) -> object:
    return get_origin(kind)


def _only(kind: type, inner: _Hook) -> _Hook:
    def checked(value: Any, target: Any) -> Any:
        if value.__class__ is not kind:
            raise TypeError
        return inner(value, target)

    return checked


def _text(value: Any, _: Any) -> str:
    if value.__class__ is not str:
        raise TypeError
    return value


def _integer(value: Any, _: Any) -> int:
    if value.__class__ is float and value.is_integer():
        return int(value)
    if value.__class__ is not int:
        raise TypeError
    return value


def _timestamp(value: Any, _: Any) -> datetime:
    """ISO 8601 as the API says; seconds since 1970 and HTTP dates as other AWS services send."""
    if value.__class__ is int or value.__class__ is float:
        return datetime.fromtimestamp(value, UTC)
    if value.__class__ is not str:
        raise TypeError
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        moment = parsedate_to_datetime(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _texts(value: Any, _: Any) -> dict[str, str]:
    if value.__class__ is not dict:
        raise TypeError
    for text in value.values():
        if text.__class__ is not str:
            raise TypeError
    return cast(dict[str, str], value)


def _exactly(kind: type) -> _Hook:
    """A value of just this type, or None."""

    def structure(value: Any, _: Any) -> Any:
        if value.__class__ is kind or value is None:
            return value
        raise TypeError

    return structure


def _members(enum: type[StrEnum]) -> Mapping[str, StrEnum]:
    return {member.value: member for member in enum}


def _open_enum(enum: type[StrEnum]) -> _Hook:
    """A member, or a plain string that is none yet."""
    known = _members(enum)

    def structure(value: Any, _: Any) -> Any:
        if value.__class__ is str:
            return known.get(value, value)
        raise TypeError

    return structure
