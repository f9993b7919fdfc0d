"""Every documented constraint is enforced, and each refusal names the member and not its value."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivs_async import operations, quotas
from ivs_async._aws.operation import Operation
from ivs_async.local import rules
from ivs_async.local.errors import ApiError

from .helpers import OPERATIONS, Direct
from .model import SERVICE

ARN = "arn:aws:ivs:us-west-2:123456789012:{}/abcdABCDefgh"
NAMES = {"CreateChannel": "name", "ListChannels": "filterByName"}


def shapes(operation: str) -> dict[str, Any]:
    """What the model says of an operation's members."""
    shape = SERVICE.operation_model(operation).input_shape
    return dict(shape.members)


def each_member(trait: str | None = None) -> pytest.MarkDecorator:
    """Every member of every request, those with a trait of the model if one is named."""
    return pytest.mark.parametrize(
        ("operation", "member", "shape"),
        [
            pytest.param(operation, member, shape, id=f"{operation}.{member}")
            for operation in SERVICE.operation_names
            for member, shape in shapes(operation).items()
            if trait is None or trait in shape.metadata
        ],
    )


def value_of(shape: Any, size: int) -> Any:
    """Something of a shape that breaks only the rule on its size."""
    match shape.type_name:
        case "string":
            return "a" * size
        case "integer" | "long":
            return size
        case "list":
            return [value_of(shape.member, shape.member.metadata.get("min", 1))] * size
        case "map":
            return {f"k{number}": "v" for number in range(size)}
        case "structure":
            return {}
    raise AssertionError(shape.type_name)


def refusal(operation: str, request: dict[str, Any]) -> str:
    """The text with which a request is refused."""
    with pytest.raises(ApiError) as caught:
        rules.check(OPERATIONS[operation], request)
    assert caught.value.code == "ValidationException"
    return caught.value.message


def valid(operation: str) -> dict[str, Any]:
    """The smallest request that passes."""
    nouns = {noun: kind for noun, kind in rules.KINDS.items() if operation.endswith(noun)}
    kind = nouns.get(max(nouns, key=len)) if nouns else "channel"
    known: dict[str, Any] = {
        "arn": ARN.format(kind),
        "arns": [ARN.format(kind)],
        "channelArn": ARN.format("channel"),
        "resourceArn": ARN.format("stream-key"),
        "destinationConfiguration": {"s3": {"bucketName": "bucket"}},
        "durationSeconds": 30,
        "mediaTailorPlaybackConfigurations": [{}],
        "metadata": "cue",
        "publicKeyMaterial": "pem",
        "tagKeys": [],
        "tags": {},
        "viewerId": "viewer",
        "viewerSessions": [{"channelArn": ARN.format("channel"), "viewerId": "viewer"}],
    }
    required = SERVICE.operation_model(operation).input_shape.required_members
    return {member: known[member] for member in required}


@pytest.mark.parametrize("operation", operations.ALL, ids=lambda operation: operation.name)
def test_the_smallest_request_of_each_operation_passes(operation: Operation[Any]) -> None:
    """Nothing is demanded that the model does not demand; unknown and null members are dropped."""
    request = valid(operation.name)
    checked = rules.check(operation, {**request, "unknownMember": 1, "name": None})
    assert checked == request


@pytest.mark.parametrize("operation", operations.ALL, ids=lambda operation: operation.name)
def test_each_required_member_is_required(operation: Operation[Any]) -> None:
    """A member that is missing is named in the words that the service was seen to use."""
    for member in valid(operation.name):
        for request in (
            {k: v for k, v in valid(operation.name).items() if k != member},
            valid(operation.name) | {member: None},
        ):
            assert refusal(operation.name, request) == (
                f"{operation.name}.{member} is a required attribute"
            )


@each_member()
def test_each_bound_of_the_model_is_enforced(operation: str, member: str, shape: Any) -> None:
    """One below the minimum and one above the maximum are refused."""
    for bound, step in (("min", -1), ("max", 1)):
        size = shape.metadata.get(bound)
        if size is None or (size + step < 0 and shape.type_name not in {"integer", "long"}):
            continue
        text = refusal(operation, valid(operation) | {member: value_of(shape, size + step)})
        assert f"{operation}.{member}" in text


@each_member()
def test_each_member_must_have_its_type(operation: str, member: str, shape: Any) -> None:
    """A value of every other type is refused by name."""
    right = {
        "string": str,
        "timestamp": str,
        "integer": int,
        "long": int,
        "boolean": bool,
        "list": list,
        "map": dict,
        "structure": dict,
    }[shape.type_name]
    for value in ("text", 5, 1.5, True, [1], {"k": 1}):
        if type(value) is right and shape.type_name != "timestamp":
            continue
        assert f"{operation}.{member}" in refusal(operation, valid(operation) | {member: value})


@each_member("enum")
def test_each_enum_is_closed_on_the_way_in(operation: str, member: str, shape: Any) -> None:
    """The model's values pass and no other does."""
    for value in shape.metadata["enum"]:
        rules.check(OPERATIONS[operation], valid(operation) | {member: value})
    text = refusal(operation, valid(operation) | {member: "NOPE"})
    assert all(value in text for value in shape.metadata["enum"])
    assert "NOPE" not in text


@each_member("pattern")
def test_each_pattern_is_enforced(operation: str, member: str, shape: Any) -> None:
    """Blanks, slashes and ARNs of other things are refused, and the value is not echoed."""
    for value in ("se cret", "secret;", ARN.format("secret"), "secret\n"):
        padded = value.ljust(shape.metadata.get("min", 0), "x")
        text = refusal(operation, valid(operation) | {member: padded})
        assert f"{operation}.{member}" in text
        assert "secret" not in text


@pytest.mark.parametrize(
    ("operation", "request_", "path"),
    [
        (
            "CreateRecordingConfiguration",
            {"destinationConfiguration": {"s3": {}}},
            "destinationConfiguration.s3.bucketName",
        ),
        (
            "CreateRecordingConfiguration",
            {"thumbnailConfiguration": {"storage": ["SEQUENTIAL", "NOPE"]}},
            "thumbnailConfiguration.storage[1]",
        ),
        (
            "CreateRecordingConfiguration",
            {"renditionConfiguration": {"renditions": ["UHD"]}},
            "renditionConfiguration.renditions[0]",
        ),
        (
            "CreateAdConfiguration",
            {"postRollConfiguration": {"enabled": True}},
            "postRollConfiguration.durationSeconds",
        ),
        (
            "CreateAdConfiguration",
            {"mediaTailorPlaybackConfigurations": [{"playbackConfigurationArn": "x"}]},
            "mediaTailorPlaybackConfigurations[0].playbackConfigurationArn",
        ),
        (
            "BatchStartViewerSessionRevocation",
            {"viewerSessions": [{"channelArn": ARN.format("channel")}]},
            "viewerSessions[0].viewerId",
        ),
        ("BatchGetChannel", {"arns": [ARN.format("channel"), None]}, "arns[1]"),
        ("InsertAdBreak", {"targetStartAt": "soon"}, "targetStartAt"),
        ("CreateChannel", {"multitrackInputConfiguration": {"policy": "NOPE"}}, "policy"),
        ("CreateChannel", {"tags": {"": "v"}}, "tags"),
        ("CreateChannel", {"tags": {"aws:x": "v"}}, "tags"),
        ("CreateChannel", {"tags": {"k" * 129: "v"}}, "tags"),
        ("CreateChannel", {"tags": {"k;": "v"}}, "tags"),
        ("CreateChannel", {"tags": {"k": "v" * 257}}, "tags"),
        ("CreateChannel", {"tags": {"k": 1}}, "tags"),
        ("CreateChannel", {"tags": {"k": "v!"}}, "tags"),
        ("PutMetadata", {"metadata": "\ud800"}, "metadata"),
        ("StartViewerSessionRevocation", {"viewerId": "\ud800"}, "viewerId"),
    ],
)
def test_what_lies_deeper_is_named_by_its_path(
    operation: str, request_: dict[str, Any], path: str
) -> None:
    """Members of structures, items of lists and entries of maps."""
    text = refusal(operation, valid(operation) | request_)
    assert operation in text
    assert path in text


def test_timestamps_are_understood_with_and_without_an_offset() -> None:
    """ISO 8601 in UTC if it does not say otherwise."""
    for text in ("2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", "2026-01-01T00:00:00"):
        request = valid("InsertAdBreak") | {"targetStartAt": text}
        checked = rules.check(OPERATIONS["InsertAdBreak"], request)
        assert checked["targetStartAt"].timestamp() == 1_767_225_600


def test_arns_of_all_kinds_take_tags() -> None:
    """The published pattern of resourceArn matches no ARN at all; ours matches all of them."""
    for kind in rules.KINDS.values():
        rules.check(OPERATIONS["ListTagsForResource"], {"resourceArn": ARN.format(kind)})


def test_the_operations_that_answer_without_a_body_are_those_of_the_model() -> None:
    """204 where the model says 204."""
    assert {
        name
        for name in SERVICE.operation_names
        if SERVICE.operation_model(name).http["responseCode"] == 204
    } == rules.NO_CONTENT


def test_lists_of_policies_have_the_lengths_of_the_quotas_page(ivs: Direct) -> None:
    """The model bounds neither countries nor origins; the quotas do."""
    assert rules.MOST == {
        "allowedCountries": quotas.COUNTRIES_PER_POLICY,
        "allowedOrigins": quotas.ORIGINS_PER_POLICY,
    }


TEXT = st.text(max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


# how slowly a busy machine draws JSON says nothing of the rules
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data())
def test_whatever_is_sent_passes_or_is_a_validation_exception(data: st.DataObject) -> None:
    """No request breaks the walk."""
    operation = data.draw(st.sampled_from(operations.ALL))
    members = list(shapes(operation.name)) or ["nothing"]
    request = data.draw(st.dictionaries(st.sampled_from(members), JSON, max_size=3))
    with suppress(ApiError):
        checked = rules.check(operation, valid(operation.name) | request)
        assert set(checked) <= set(members)
