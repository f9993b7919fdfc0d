"""What is sent and what is read, against botocore's serializer and parser, for generated values.

The places where the two differ are the tests at the end: each says who is right, and why.
"""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ivs_async import (
    Credentials,
    IvsSession,
    NoLimit,
    ParameterError,
    UnexpectedResponse,
    models,
    operations,
)
from ivs_async._aws.codec import decode, encode
from ivs_async._aws.http import Response
from ivs_async._aws.operation import ListOperation, Operation

from . import oracle
from .wire import Wire, answer

CHANNEL: Final = "arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgh"

every_common_operation = pytest.mark.parametrize("operation", oracle.COMMON, ids=lambda op: op.name)

patiently = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def read(operation: Operation[Any], body: bytes) -> Any:
    """What the package makes of an answer."""
    return decode(operation, Response(200, {}, body))


@every_common_operation
@settings(patiently, max_examples=12)
@given(data=st.data())
def test_a_request_is_what_botocore_sends(operation: Operation[Any], data: st.DataObject) -> None:
    """Method and target byte by byte, content type, and the body as JSON."""
    shape = oracle.model(operation).input_shape
    arguments = data.draw(oracle.arguments(shape))
    target, body = encode(operation, oracle.members(shape, arguments))
    headers = {"Content-Type": "application/json"} if body else {}
    ours = oracle.Sent.of(operation.method, target, headers, body)
    assert ours == oracle.sent_by_botocore(operation, arguments)


@every_common_operation
@settings(patiently, max_examples=12)
@given(data=st.data())
def test_an_answer_is_what_botocore_reads(operation: Operation[Any], data: st.DataObject) -> None:
    """Members that are absent, null or unknown, enum values of tomorrow, offsets and fractions."""
    shape = oracle.model(operation).output_shape
    body = json.dumps(data.draw(oracle.answers(shape)) if shape else {}).encode()
    if operation.output is None and not isinstance(operation, ListOperation):
        assert read(operation, body) is None
        return
    expected = oracle.expected(operation, oracle.parsed_by_botocore(operation, body))
    if expected is None:
        with pytest.raises(UnexpectedResponse, match="missing"):
            read(operation, body)
    else:
        assert read(operation, body) == expected


@settings(patiently, max_examples=3, phases=[Phase.generate])
@given(data=st.data())
def test_the_session_puts_on_the_wire_what_botocore_would(data: st.DataObject) -> None:
    """Every method, from its keywords to the bytes that arrive at a server."""
    asked = [
        (operation, data.draw(oracle.arguments(oracle.model(operation).input_shape)))
        for operation in oracle.COMMON
    ]

    async def story() -> list[oracle.Sent]:
        answers = [answer(200, oracle.least_answer(operation)) for operation, _ in asked]
        async with (
            Wire(*answers) as wire,
            IvsSession(
                region="us-west-2",
                endpoint_url=wire.url,
                credentials=Credentials("AKID", "secret"),
                rate_limiter=NoLimit(),
            ) as ivs,
        ):
            for operation, arguments in asked:
                shape = oracle.model(operation).input_shape
                method = getattr(ivs, operation.method_name)
                called = method(**oracle.members(shape, arguments))
                await (called.collect() if isinstance(operation, ListOperation) else called)
        return [
            oracle.Sent.of(arrived.method, arrived.target, arrived.headers, arrived.body)
            for arrived in wire.requests
        ]

    assert asyncio.run(story()) == [oracle.sent_by_botocore(*call) for call in asked]


# Where the two differ.


def test_no_tag_keys_leave_no_question_mark() -> None:
    """Of `tag_keys=[]` botocore leaves a bare ?, which signers read differently."""
    target, _ = encode(operations.UNTAG_RESOURCE, {"resource_arn": "a", "tag_keys": []})
    assert target == "/tags/a"


def test_years_have_four_digits() -> None:
    """botocore writes the year 999 as three, which is not ISO 8601."""
    _, body = encode(
        operations.INSERT_AD_BREAK,
        {
            "channel_arn": CHANNEL,
            "duration_seconds": 30,
            "target_start_at": datetime(999, 1, 1, tzinfo=UTC),
        },
    )
    assert json.loads(body)["targetStartAt"] == "0999-01-01T00:00:00Z"


def test_nulls_in_lists_and_maps_are_left_out() -> None:
    """botocore keeps them, so that `channel["arn"]` fails on None; here types tell the truth."""
    body = b'{"channels": [null, {"arn": "a", "tags": {"k": null, "l": "v"}}]}'
    parsed = oracle.parsed_by_botocore(operations.BATCH_GET_CHANNEL, body)
    assert parsed["channels"] == [None, {"arn": "a", "tags": {"k": None, "l": "v"}}]
    [channel] = read(operations.BATCH_GET_CHANNEL, body).channels
    assert channel == models.Channel(arn="a", tags={"l": "v"})


def test_a_time_without_offset_is_utc() -> None:
    """botocore gives a naive datetime, which cannot be compared with any other one."""
    body = b'{"stream": {"startTime": "2026-01-02T03:04:05"}}'
    assert (
        oracle.parsed_by_botocore(operations.GET_STREAM, body)["stream"]["startTime"].tzinfo is None
    )
    stream = read(operations.GET_STREAM, body).stream
    assert stream.start_time == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>busy</html>", b'{"channel": {"arn": "a', b"{}", b'{"channel": null}'],
    ids=["empty", "html", "cut", "without channel", "null channel"],
)
def test_what_is_no_answer_is_an_error(body: bytes) -> None:
    """botocore makes an empty success of each."""
    assert oracle.parsed_by_botocore(operations.GET_CHANNEL, body) == {}
    with pytest.raises(UnexpectedResponse):
        read(operations.GET_CHANNEL, body)


@pytest.mark.parametrize("body", [b"[]", b"null", b'"x"', b"\xff"])
def test_what_is_no_object_is_the_same_error(body: bytes) -> None:
    """botocore lets out whatever its own code stumbles over."""
    with pytest.raises((AttributeError, TypeError, UnicodeDecodeError)):
        oracle.parsed_by_botocore(operations.GET_CHANNEL, body)
    with pytest.raises(UnexpectedResponse):
        read(operations.GET_CHANNEL, body)


@pytest.mark.parametrize(
    "channel",
    ['{"name": 5}', '{"authorized": "true"}', '{"tags": []}', '{"srt": "x"}'],
)
def test_a_value_of_the_wrong_type_is_an_error(channel: str) -> None:
    """botocore passes scalars through unseen and stumbles over the rest."""
    body = f'{{"channel": {channel}}}'.encode()
    with pytest.raises(UnexpectedResponse, match="malformed"):
        read(operations.GET_CHANNEL, body)


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        (operations.BATCH_GET_CHANNEL, {"arns": ["a"] * 51}),
        (operations.LIST_CHANNELS, {"maxResults": 101}),
        (operations.CREATE_CHANNEL, {"name": "a" * 129}),
        (operations.CREATE_CHANNEL, {"tags": {str(n): "" for n in range(51)}}),
        (operations.PUT_METADATA, {"channelArn": CHANNEL, "metadata": "é" * 513}),
        (operations.DELETE_RECORDING_CONFIGURATION, {"arn": ""}),
    ],
)
def test_what_the_service_would_refuse_is_not_sent(
    operation: Operation[Any], arguments: dict[str, Any]
) -> None:
    """botocore knows only lower bounds, and of those not that an ARN must not be empty."""
    assert oracle.sent_by_botocore(operation, arguments).payload == arguments
    with pytest.raises(ParameterError):
        encode(operation, oracle.members(oracle.model(operation).input_shape, arguments))
