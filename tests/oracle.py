"""botocore as the oracle: its model of IVS, its serializer, its parser, and values from the model.

Says what IVS is by means that are not ours. Of the package it knows only the classes into which
it puts the model's values, so that both sides can be given the same thing and compared.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import Any, Final, TypeAlias

import attrs
import botocore
from botocore.awsrequest import create_request_object, prepare_request_dict
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from hypothesis import strategies as st

from ivs_async import models, operations
from ivs_async._aws.names import snake_case
from ivs_async._aws.operation import ListOperation, Operation, Page

Shape: TypeAlias = Any
"""A shape of the model; botocore ships no types."""

COMPLETE_SINCE: Final = (1, 44, 5)
"""The botocore whose model the table was compared with in full. Older ones may lack parts."""

IS_COMPLETE: Final = tuple(map(int, botocore.__version__.split(".")[:3])) >= COMPLETE_SINCE

SERVICE: Final[Any] = ServiceModel(Loader().load_service_model("ivs", "service-2"), "ivs")

TABLE: Final = {operation.name: operation for operation in operations.ALL}

COMMON: Final = [TABLE[name] for name in SERVICE.operation_names if name in TABLE]
"""Operations that both sides know."""

_ARN: Final = "arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgh"
_ENDPOINT: Final = "https://ivs.us-west-2.amazonaws.com"
_SERIALIZER: Final[Any] = create_serializer("rest-json")
_PARSER: Final[Any] = create_parser("rest-json")


def model(operation: Operation[Any]) -> Any:
    """What botocore knows of an operation."""
    return SERVICE.operation_model(operation.name)


def body_members(shape: Shape) -> dict[str, Shape]:
    """The members of a structure that travel in the body of an answer."""
    if shape is None:
        return {}
    return {
        name: member
        for name, member in shape.members.items()
        if member.serialization.get("location") is None
    }


@attrs.frozen
class Sent:
    """What a client puts on the wire, as far as the operation decides it."""

    method: str
    target: str
    content_type: str | None
    payload: Any

    @classmethod
    def of(cls, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Sent:
        """From a request; the body is compared as JSON, whose blanks and escapes are free."""
        return cls(method, target, headers.get("Content-Type"), json.loads(body) if body else None)


def sent_by_botocore(operation: Operation[Any], arguments: Mapping[str, Any]) -> Sent:
    """The request that botocore's serializer makes, after its own validation of the arguments.

    Where there is a query but nothing in it, botocore ends the target with a question mark.
    """
    request = _SERIALIZER.serialize_to_request(arguments, model(operation))
    prepare_request_dict(request, _ENDPOINT)
    prepared = create_request_object(request).prepare()
    target = prepared.url.removeprefix(_ENDPOINT).removesuffix("?")
    body: Any = prepared.body or b""
    return Sent.of(prepared.method, target, prepared.headers, body)


def parsed_by_botocore(operation: Operation[Any], body: bytes) -> dict[str, Any]:
    """The answer that botocore's parser makes of a body, without its metadata."""
    raw = {"status_code": 200, "headers": {}, "body": body}
    parsed: dict[str, Any] = _PARSER.parse(raw, model(operation).output_shape)
    del parsed["ResponseMetadata"]
    return parsed


@cache
def arguments(shape: Shape, *, required: bool = True) -> st.SearchStrategy[Any]:
    """What a caller may give for a shape of the model, in the API's spelling.

    Narrower than the model where the package is: required strings are not empty, and metadata
    has at most 1,024 bytes.
    """
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    match shape.type_name:
        case "structure":
            return st.fixed_dictionaries(
                {name: arguments(shape.members[name]) for name in shape.required_members},
                optional={
                    name: arguments(member, required=False)
                    for name, member in shape.members.items()
                    if name not in shape.required_members
                },
            )
        case "list":
            item = arguments(shape.member)
            return st.lists(item, min_size=least or 0, max_size=most)
        case "map":
            value = arguments(shape.value, required=False)
            return st.dictionaries(arguments(shape.key), value, max_size=most)
        case "boolean":
            return st.booleans()
        case "integer" | "long":
            return st.integers(least, most)
        case "timestamp":
            return _moments()
    if enum := shape.metadata.get("enum"):
        return st.sampled_from(enum) | _text(0, 20)
    if shape.name == "StreamMetadata":
        return _text(1, 256) | st.text(st.characters(max_codepoint=127), min_size=1, max_size=1024)
    text = _text(max(least or 0, int(required)), most)
    return st.just(_ARN) | text if shape.name.endswith("Arn") else text


def members(shape: Shape, value: Any) -> Any:
    """Arguments of the model as the package's methods take them: snake case, classes, enums."""
    match shape.type_name:
        case "structure":
            return {
                snake_case(name): _argument(shape.members[name], item)
                for name, item in value.items()
            }
        case _:
            return _argument(shape, value)


@cache
def answers(shape: Shape) -> st.SearchStrategy[Any]:
    """JSON that the service might answer with: members absent, null, unknown, enums of tomorrow."""
    match shape.type_name:
        case "structure":
            known = st.fixed_dictionaries(
                {},
                optional={
                    name: st.none() | answers(member)
                    for name, member in body_members(shape).items()
                },
            )
            return st.builds(lambda known, unknown: {**unknown, **known}, known, _unknown())
        case "list":
            return st.lists(st.none() | answers(shape.member), max_size=3)
        case "map":
            return st.dictionaries(_text(1, 10), st.none() | _text(0, 10), max_size=3)
        case "boolean":
            return st.booleans()
        case "integer" | "long":
            return st.integers(-(2**63), 2**63 - 1)
        case "timestamp":
            return st.builds(_written, _moments(), st.sampled_from(["seconds", "milliseconds"]))
    if enum := shape.metadata.get("enum"):
        return st.sampled_from(enum) | _text(0, 10)
    return _text(0, 40)


def least_answer(operation: Operation[Any]) -> bytes:
    """A body with what the package insists on, and no more."""
    parts = body_members(model(operation).output_shape).items()
    empty: dict[str, object] = {"structure": {}, "list": []}
    return json.dumps(
        {name: empty[part.type_name] for name, part in parts if part.type_name in empty}
    ).encode()


def expected(operation: Operation[Any], parsed: Mapping[str, Any]) -> Any:
    """What the package should make of an answer that botocore has parsed.

    None stands for an answer without its main part, which the package refuses.
    """
    shape = model(operation).output_shape
    if isinstance(operation, ListOperation):
        if operation.items not in parsed:
            return None
        items = _answer(shape.members[operation.items], parsed[operation.items])
        return Page(items, parsed.get("nextToken") or None)
    kind = getattr(models, shape.name)
    main = {field.name for field in attrs.fields(kind) if field.default is attrs.NOTHING}
    if not main <= {snake_case(name) for name in parsed}:
        return None
    return _answer(shape, parsed)


def _argument(shape: Shape, value: Any) -> Any:
    match shape.type_name:
        case "structure":
            return getattr(models, shape.name)(**members(shape, value))
        case "list":
            return [_argument(shape.member, item) for item in value]
    if value in shape.metadata.get("enum", ()):
        return getattr(models, shape.name)(value)
    return value


def _answer(shape: Shape, value: Any) -> Any:
    """botocore's plain value as the package's classes, without the nulls that botocore keeps."""
    match shape.type_name:
        case "structure":
            return getattr(models, shape.name)(
                **{
                    snake_case(key): _answer(shape.members[key], item)
                    for key, item in value.items()
                }
            )
        case "list":
            return [_answer(shape.member, item) for item in value if item is not None]
        case "map":
            return {key: item for key, item in value.items() if item is not None}
    return value


@cache
def _text(least: int, most: int | None) -> st.SearchStrategy[str]:
    means_something = st.sampled_from('/:;?#&=+%~ ."\\<\n\x00\u2028\xe9\U0001f600')
    anything = st.characters(exclude_categories=["Cs"])
    return st.text(means_something | anything, min_size=least, max_size=most)


@cache
def _moments() -> st.SearchStrategy[datetime]:
    zones = [UTC, timezone(timedelta(hours=-8)), timezone(timedelta(hours=5, minutes=30))]
    first, last = datetime(1970, 1, 2), datetime(2199, 12, 31)  # noqa: DTZ001 # made aware below
    return st.datetimes(first, last, timezones=st.sampled_from(zones))


def _written(moment: datetime, precision: str) -> str:
    text = moment.isoformat(timespec=precision)
    return text.replace("+00:00", "Z")


@cache
def _unknown() -> st.SearchStrategy[dict[str, Any]]:
    value = st.none() | st.booleans() | st.integers() | _text(0, 5)
    return st.dictionaries(
        st.sampled_from(["futureMember", "__type"]),
        st.recursive(value, lambda inner: st.lists(inner, max_size=2), max_leaves=3),
    )
