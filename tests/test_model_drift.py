"""The table, the classes and the errors against botocore's newest model of IVS, part by part.

With an older botocore the package may know more than the model, never less. The deliberate
differences stand first; any other one fails the test that names it.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, get_type_hints

import attrs
import pytest

from ivs_async import errors, models
from ivs_async._aws.errors import IvsError, ServiceError
from ivs_async._aws.names import camel_case, snake_case
from ivs_async._aws.operation import ListOperation, Operation
from ivs_async._aws.paginator import Paginator
from ivs_async._aws.shapes import (
    Boolean,
    Integer,
    ListOf,
    MapOf,
    Member,
    Shape,
    Structure,
    Text,
    Timestamp,
)
from ivs_async.session import IvsSession

from . import oracle

OTHER_BOUNDS: Final[Mapping[str, Shape]] = {
    # the quota of 1 KB, which the model does not state; counted as the service's demos count it
    "StreamMetadata": Text(1, 1024, in_bytes=True),
    # the model lets these be empty even where they say which resource is meant
    "AdConfigurationArn": Text(1, 128),
    "FailoverSlateConfigurationArn": Text(1, 128),
    "RecordingConfigurationArn": Text(1, 128),
}
"""Shapes of the model whose bounds in requests are ours."""

EMPTY_IF_ABSENT: Final = {
    # identity, so that an answer's ARN can be passed on without asking whether it is there
    "arn": "",
    "channelArn": "",
    "streamId": "",
    "viewerId": "",
    "StreamKey.value": "",
    "S3DestinationConfiguration.bucketName": "",
    # what a batch answers with, and all tags of a resource
    "BatchGetChannelResponse.channels": [],
    "BatchGetChannelResponse.errors": [],
    "BatchGetStreamKeyResponse.streamKeys": [],
    "BatchGetStreamKeyResponse.errors": [],
    "BatchStartViewerSessionRevocationResponse.errors": [],
    "ListTagsForResourceResponse.tags": {},
}
"""Members of answers, of any class or of one, that are never None."""

ONLY_SENT: Final = {"BatchStartViewerSessionRevocationViewerSession"}
"""Classes that never stand in an answer: what they require has no default."""

every_common_operation = pytest.mark.parametrize("operation", oracle.COMMON, ids=lambda op: op.name)


def shapes_of(kind: str) -> dict[str, oracle.Shape]:
    """All shapes of the model that have a type, by name."""
    shapes = {name: oracle.SERVICE.shape_for(name) for name in oracle.SERVICE.shape_names}
    return {name: shape for name, shape in shapes.items() if shape.type_name == kind}


def agree(ours: set[str], theirs: set[str]) -> bool:
    """Whether nothing is missing here, and nothing invented as far as this botocore can tell."""
    missing, surplus = theirs - ours, ours - theirs
    assert not missing, f"the model has, the package lacks: {sorted(missing)}"
    assert not (surplus and oracle.IS_COMPLETE), f"the model does not know: {sorted(surplus)}"
    return True


ENUMS: Final = {name: shape for name, shape in shapes_of("string").items() if shape.enum}
EXCEPTIONS: Final = {
    name: shape for name, shape in shapes_of("structure").items() if shape.metadata.get("exception")
}
CLASSES: Final = {
    name: kind
    for name, kind in vars(models).items()
    if isinstance(kind, type) and kind.__module__ == models.__name__
}
STRUCTURES: Final = {name: kind for name, kind in CLASSES.items() if attrs.has(kind)}


def request_shape(shape: oracle.Shape) -> Shape:
    """What the package should hold a request value to."""
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if shape.name in OTHER_BOUNDS:
        return OTHER_BOUNDS[shape.name]
    match shape.type_name:
        case "structure":
            return Structure(STRUCTURES[shape.name])
        case "list":
            return ListOf(request_shape(shape.member), least or 0, most)
        case "map":
            return MapOf(request_shape(shape.key), request_shape(shape.value), most)
        case "integer" | "long":
            return Integer(least, most)
        case "boolean":
            return Boolean()
        case "timestamp":
            return Timestamp()
    return Text(least or 0, most)


def annotation(shape: oracle.Shape, *, sequence: Any = list, mapping: Any = dict) -> Any:
    """The Python type of a value of the model."""
    match shape.type_name:
        case "structure":
            return STRUCTURES[shape.name]
        case "list":
            return sequence[annotation(shape.member)]
        case "map":
            return mapping[str, str]
        case "integer" | "long":
            return int
        case "boolean":
            return bool
        case "timestamp":
            return datetime
    return CLASSES[shape.name] | str if shape.name in ENUMS else str


def test_deliberate_differences_are_still_differences() -> None:
    """What the model has come to say itself is struck off the lists above."""
    for name, bounds in OTHER_BOUNDS.items():
        if name in oracle.SERVICE.shape_names:
            metadata = oracle.SERVICE.shape_for(name).metadata
            assert bounds != Text(metadata.get("min", 0), metadata.get("max")), name
    for name in EMPTY_IF_ABSENT:
        kind, _, member = name.rpartition(".")
        owners = [STRUCTURES[kind]] if kind else STRUCTURES.values()
        assert any(snake_case(member) in attrs.fields_dict(owner) for owner in owners), name


def test_the_table_holds_every_operation_of_the_model() -> None:
    """An operation that botocore has and the table lacks fails here by name."""
    assert agree(set(oracle.TABLE), set(oracle.SERVICE.operation_names))
    assert len(oracle.TABLE) == 46


@every_common_operation
def test_verb_and_path_are_the_models(operation: Operation[Any]) -> None:
    """Path members stand in the path under their Python names."""
    http = oracle.model(operation).http
    path = re.sub(r"{(\w+)}", lambda name: f"{{{camel_case(name[1])}}}", operation.path)
    assert (operation.method, path) == (http["method"], http["requestUri"])


@every_common_operation
def test_members_are_the_models(operation: Operation[Any]) -> None:
    """Names, which of them are required, where they travel, and which are secret."""
    shape = oracle.model(operation).input_shape
    ours = {camel_case(name): member for name, member in operation.members.items()}
    assert agree(set(ours), set(shape.members))
    places = {"uri": "path", "querystring": "query", None: "body"}
    for name, theirs in shape.members.items():
        member = ours[name]
        assert member.required == (name in shape.required_members), name
        assert member.place == places[theirs.serialization.get("location")], name
        assert member.secret == bool(theirs.metadata.get("sensitive")), name


@every_common_operation
def test_members_have_the_models_shapes_and_bounds(operation: Operation[Any]) -> None:
    """Lengths, ranges and sizes, but for the deliberate differences."""
    for name, theirs in oracle.model(operation).input_shape.members.items():
        ours = operation.members[snake_case(name)].shape
        assert ours == request_shape(theirs), name


@every_common_operation
def test_the_answer_is_the_models(operation: Operation[Any]) -> None:
    """The class of the answer, None for an empty one, item and member of a list."""
    shape = oracle.model(operation).output_shape
    body = oracle.body_members(shape)
    if isinstance(operation, ListOperation):
        assert set(body) == {operation.items, "nextToken"}
        assert body[operation.items].member.name == operation.item.__name__
        assert operation.output is None
    elif body:
        assert operation.output is STRUCTURES[shape.name]
    else:
        assert operation.output is None


@every_common_operation
def test_only_lists_are_paginated(operation: Operation[Any]) -> None:
    """Whatever takes and gives a token is a list, also where botocore has no paginator for it."""
    takes_token = "nextToken" in oracle.model(operation).input_shape.members
    assert isinstance(operation, ListOperation) == takes_token


@every_common_operation
def test_batches_are_cut_at_the_models_size(operation: Operation[Any]) -> None:
    """A batch is as large as the list that the service accepts."""
    if not operation.name.startswith("Batch"):
        assert operation.batch is None
        return
    batch = operation.batch
    assert batch is not None
    shape = oracle.model(operation)
    items = shape.input_shape.members[camel_case(batch.member)]
    assert batch.size == items.metadata["max"]
    assert {camel_case(name) for name in batch.answers} == set(
        oracle.body_members(shape.output_shape)
    )
    for name in batch.answers:
        item = shape.output_shape.members[camel_case(name)].member
        assert {camel_case(part) for part in batch.identity} <= set(item.members)


@every_common_operation
def test_the_method_takes_the_members_and_gives_the_answer(operation: Operation[Any]) -> None:
    """Keyword-only, required ones without a default, with the types that an editor shows."""
    method = getattr(IvsSession, operation.method_name)
    hints = get_type_hints(method)
    parameters = dict(inspect.signature(method).parameters)
    del parameters["self"]
    assert {p.kind for p in parameters.values()} == {inspect.Parameter.KEYWORD_ONLY}
    if isinstance(operation, ListOperation):
        assert parameters.pop("prefetch").default == 0
        assert hints["return"] == Paginator[operation.item]  # type: ignore[name-defined]
        assert not inspect.iscoroutinefunction(method)
    else:
        assert hints["return"] == (operation.output or type(None))
        assert inspect.iscoroutinefunction(method)
    assert set(parameters) == set(operation.members)
    for name, theirs in oracle.model(operation).input_shape.members.items():
        member = snake_case(name)
        required = operation.members[member].required
        expected = annotation(theirs, sequence=Sequence, mapping=Mapping)
        assert hints[member] == (expected if required else expected | None), name
        assert parameters[member].default is (inspect.Parameter.empty if required else None), name


@every_common_operation
def test_the_docstring_promises_only_errors_that_can_come(operation: Operation[Any]) -> None:
    """Below Raises stand errors that the model gives to the operation, and the package's own."""
    doc = inspect.getdoc(getattr(IvsSession, operation.method_name)) or ""
    promised = set(re.findall(r"^    (\w+): ", doc.partition("Raises:\n")[2], re.MULTILINE))
    modelled = {shape.name for shape in oracle.model(operation).error_shapes}
    surplus = promised - modelled - {"RateLimitExceeded", "ResponseNotReceived"}
    assert not (surplus and oracle.IS_COMPLETE), surplus
    assert doc.splitlines()[-1].endswith(f"/LowLatencyAPIReference/API_{operation.name}.html")


def test_every_structure_is_the_models() -> None:
    """Each class of the package is a shape of the model, by its name."""
    reachable = {
        name
        for name, shape in shapes_of("structure").items()
        if name not in EXCEPTIONS
        and not name.endswith("Request")
        and oracle.body_members(shape)
        and "nextToken" not in shape.members
    }
    assert agree(set(STRUCTURES), reachable)


@pytest.mark.parametrize("name", sorted(set(STRUCTURES) & set(shapes_of("structure"))))
def test_the_members_of_a_structure_are_the_models(name: str) -> None:
    """Names, types, and what an absent one reads as."""
    kind = attrs.resolve_types(STRUCTURES[name])
    fields = {camel_case(field.name): field for field in attrs.fields(kind)}
    shape = oracle.SERVICE.shape_for(name)
    theirs = oracle.body_members(shape)
    assert agree(set(fields), set(theirs))
    is_answer = name.endswith("Response")
    for member, part in theirs.items():
        field, expected = fields[member], annotation(part)
        if (name in ONLY_SENT and member in shape.required_members) or (
            is_answer
            and part.type_name == "structure"
            and f"{name}.{member}" not in EMPTY_IF_ABSENT
        ):
            assert field.default is attrs.NOTHING, member
        elif (key := f"{name}.{member}") in EMPTY_IF_ABSENT or (key := member) in EMPTY_IF_ABSENT:
            default = field.default
            empty = default.factory() if isinstance(default, attrs.Factory) else default  # type: ignore[arg-type]
            assert empty == EMPTY_IF_ABSENT[key], member
        else:
            assert field.default is None, member
            expected = expected | None
        assert field.type == expected, member


@every_common_operation
def test_what_is_sent_inside_a_structure_is_checked(operation: Operation[Any]) -> None:
    """Each member of each structure in a request has the model's shape and is required as there."""

    def check(shape: oracle.Shape) -> None:
        if shape.type_name == "list":
            check(shape.member)
        if shape.type_name != "structure":
            return
        fields = attrs.fields_dict(STRUCTURES[shape.name])
        for name, part in shape.members.items():
            expected = Member(request_shape(part), required=name in shape.required_members)
            assert fields[snake_case(name)].metadata[Member] == expected, f"{shape.name}.{name}"
            check(part)

    for member in oracle.model(operation).input_shape.members.values():
        check(member)


def test_secrets_are_the_models() -> None:
    """The repr of a class hides what the model calls sensitive, and only that."""
    for name, shape in shapes_of("structure").items():
        for member, part in oracle.body_members(shape).items():
            if name in STRUCTURES and part.type_name == "string" and name not in ONLY_SENT:
                shown = "sentinel" in repr(STRUCTURES[name](**{snake_case(member): "sentinel"}))
                assert shown == (not part.metadata.get("sensitive")), f"{name}.{member}"


def test_enums_are_the_models() -> None:
    """Each closed set of the model is an enum of the same name with the same values."""
    ours = {name: kind for name, kind in CLASSES.items() if issubclass(kind, StrEnum)}
    assert agree(set(ours), set(ENUMS))
    for name, shape in ENUMS.items():
        assert agree({str(value) for value in ours[name]}, set(shape.enum)), name
        assert all(member.name == member.value for member in ours[name])


def test_errors_are_the_models() -> None:
    """One class for each modelled error, named letter for letter."""
    ours = {
        name
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, ServiceError) and kind is not ServiceError
    }
    assert agree(ours, set(EXCEPTIONS))
    assert all(issubclass(getattr(errors, name), IvsError) for name in EXCEPTIONS)


@every_common_operation
def test_what_repeats_safely_is_not_what_the_model_calls_readonly(
    operation: Operation[Any],
) -> None:
    """Reading is repeatable, creating never; between them the table decides, not the model."""
    name = operation.name
    if name.startswith(("Get", "BatchGet", "List")):
        assert operation.repeatable
    if name.startswith(("Create", "Import", "Insert", "Put")):
        assert not operation.repeatable
    if name.startswith("Delete"):
        assert operation.repeatable
        assert operation.done_if == "ResourceNotFoundException"
    if operation.check_with:
        assert not operation.repeatable
        assert callable(getattr(IvsSession, operation.check_with))
