"""Arbitrary answers: whatever arrives, only errors of ours come out."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict

from ivs_async import IvsError, ServiceError, UnexpectedResponse
from ivs_async._aws.codec import decode, decode_error
from ivs_async._aws.http import Response
from ivs_async._aws.names import camel_case
from ivs_async._aws.operation import ListOperation, Operation
from ivs_async.errors import BY_CODE
from ivs_async.operations import ALL
from tests.faults.client import ARN, CHANNEL, open_session
from tests.wire import Wire, http, send

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)
operations = st.sampled_from(ALL)
names = st.sampled_from(
    ["x-amzn-errortype", "x-amzn-requestid", "x-amz-cf-id", "x-amz-retry-after", "date", "age"]
)
headers = st.lists(st.tuples(names, st.text(max_size=12) | st.sampled_from(sorted(BY_CODE)))).map(
    CIMultiDict[str]
)


def _members(operation: Operation[Any]) -> list[str]:
    """Members that an operation's answer may have, and those of what lies in it."""
    if isinstance(operation, ListOperation):
        inner = [camel_case(field.name) for field in attrs.fields(operation.item)]
        return [operation.items, "nextToken", *inner]
    if operation.output is None:
        return ["message"]
    return [camel_case(field.name) for field in attrs.fields(operation.output)]


@st.composite
def answers(draw: st.DrawFn) -> tuple[Operation[Any], bytes]:
    """An operation, and an answer that is bytes of any kind or almost one of its own."""
    operation = draw(operations)
    own = st.sampled_from(_members(operation))
    almost = st.recursive(
        values | st.just(ARN) | st.just("2026-01-01T00:00:00Z"),
        lambda inner: (
            st.dictionaries(own | st.text(max_size=3), inner) | st.lists(inner, max_size=2)
        ),
        max_leaves=8,
    )
    body = draw(
        st.binary(max_size=64)
        | values.map(json.dumps).map(str.encode)
        | st.dictionaries(own, almost).map(json.dumps).map(str.encode)
    )
    return operation, body


@given(answers(), headers)
def test_any_bytes_are_an_answer_or_our_error(
    asked: tuple[Operation[Any], bytes], headers: CIMultiDict[str]
) -> None:
    """The decoder lets no error of another library out."""
    operation, body = asked
    with contextlib.suppress(UnexpectedResponse):
        decode(operation, Response(200, headers, body))


error_names = st.sampled_from(["__type", "code", "message", "Message", "exceptionMessage", "x"])


@given(
    operations,
    st.integers(300, 999),
    headers,
    st.binary(max_size=64)
    | values.map(json.dumps).map(str.encode)
    | st.dictionaries(error_names, values).map(json.dumps).map(str.encode),
    st.lists(st.text(max_size=3), max_size=3),
)
def test_any_bytes_are_a_service_error(
    operation: Operation[Any],
    status: int,
    headers: CIMultiDict[str],
    body: bytes,
    secrets: list[str],
) -> None:
    """The error parser makes a `ServiceError` with a text of anything."""
    error = decode_error(operation, Response(status, headers, body), BY_CODE, secrets)
    assert isinstance(error, ServiceError)
    assert isinstance(error.code, str)
    assert isinstance(error.message, str)
    assert error.code
    assert str(error)


fragments = st.sampled_from(
    [
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.0 200\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: //x\r\n",
        b"HTTP/2 200\r\n",
        b"Content-Length: 2\r\n",
        b"Content-Length: 99999999999999999999\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Content-Encoding: gzip\r\n",
        b"Content-Encoding: br\r\n",
        b"Content-Type: text/html; charset=\xff\r\n",
        b"Set-Cookie: a=b; Domain=\x00\r\n",
        b"Connection: upgrade\r\nUpgrade: h2c\r\n",
        b"Date: Thu, 99 Foo 20000 99:99:99 +9999\r\n",
        b": nameless\r\n",
        b" folded\r\n",
        b"\r\n",
        b"{}",
        b"2\r\n{}\r\n0\r\n\r\n",
        b"ffffffffffffffff\r\n",
        b"-1\r\n",
        http(200, {"channel": {"arn": ARN}}),
        http(403, {"code": "RequestTimeTooSkewed"}, {"Date": "Thu, 01 Jan 1970 00:00:00 GMT"}),
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(fragments | st.binary(max_size=16), max_size=6), st.sampled_from(["fin", "rst"]))
async def test_any_bytes_on_the_wire_are_an_answer_or_our_error(
    chunks: list[bytes], end: Any
) -> None:
    """Whatever a server says before it hangs up, the call ends as promised; so does the next."""
    nonsense = send(b"".join(chunks), end=end)
    async with Wire(nonsense, CHANNEL) as wire, open_session(wire) as ivs:
        with contextlib.suppress(IvsError):
            await ivs.with_options(max_attempts=1).get_channel(arn=ARN)
        assert (await ivs.get_channel(arn=ARN)).channel.arn == ARN
