"""Answers that are errors, are not the API's, or come in an unusual dress."""

from __future__ import annotations

import gzip
import json
import tracemalloc
import zlib
from typing import Any

import pytest

from ivs_async import (
    AccessDeniedException,
    ChannelNotBroadcasting,
    ConflictException,
    IvsError,
    PendingVerification,
    ResourceNotFoundException,
    ServiceError,
    ServiceQuotaExceededException,
    ThrottlingException,
    UnexpectedResponse,
    ValidationException,
)
from tests.faults.client import ARN, CHANNEL, open_session
from tests.wire import Step, Wire, answer, error, http, send

BODY = json.dumps({"channel": {"arn": ARN, "name": "demo"}}).encode()
PAGE = b"<html><body><h1>Service Unavailable</h1></body></html>"

NOT_THE_API = {
    "HTML": PAGE,
    "empty": b"",
    "blank": b" \n",
    "cut": BODY[:-3],
    "null": b"null",
    "array": b"[]",
    "string": b'"channel"',
    "number": b"1",
    "deep": b"[" * 200_000 + b"]" * 200_000,
    "deep in an object": b'{"channel":' * 100_000 + b"1" + b"}" * 100_000,
    "invalid UTF-8": b'{"channel": {"arn": "\xff\xfe"}}',
    "without its structure": b'{"chanel": {}}',
    "a structure that is null": b'{"channel": null}',
    "a structure that is text": b'{"channel": "demo"}',
    "a member of the wrong type": b'{"channel": {"arn": 5}}',
    "a number too long to read": b'{"channel": {"arn": ' + b"9" * 5_000 + b"}}",
}


def each(cases: dict[str, Any], name: str) -> pytest.MarkDecorator:
    """One test for each case, by its name."""
    return pytest.mark.parametrize(name, cases.values(), ids=cases.keys())


@each(NOT_THE_API, "body")
async def test_an_answer_that_is_not_the_apis_is_one_typed_error(body: bytes) -> None:
    """Status 200 promises nothing: HTML, nothing, cut or odd JSON is never an empty success."""
    async with Wire(answer(200, body), CHANNEL) as wire, open_session(wire) as ivs:
        with pytest.raises(UnexpectedResponse) as caught:
            await ivs.get_channel(arn=ARN)
        assert caught.value.status == 200
        assert caught.value.request_id == "req-1"
        assert (await ivs.get_channel(arn=ARN)).channel.name == "demo"


@each({name: NOT_THE_API[name] for name in ("HTML", "cut", "null", "array", "deep")}, "body")
async def test_an_operation_without_an_answer_still_refuses_what_is_not_the_apis(
    body: bytes,
) -> None:
    """A captive portal's page with status 200 is not a delivered cue."""
    async with Wire(answer(200, body)) as wire, open_session(wire) as ivs:
        with pytest.raises(UnexpectedResponse, match="may have been processed"):
            await ivs.put_metadata(channel_arn=ARN, metadata="goal")
    assert len(wire.requests) == 1


@pytest.mark.parametrize("status", [200, 204])
async def test_an_operation_without_an_answer_takes_an_empty_one(status: int) -> None:
    """Emulators say 200 where the API says 204; both are success."""
    async with Wire(answer(status)) as wire, open_session(wire) as ivs:
        await ivs.delete_channel(arn=ARN)
        await ivs.put_metadata(channel_arn=ARN, metadata="goal")
    assert len(wire.requests) == 2


@each(
    {**NOT_THE_API, "not JSON": b"denied", "code that is a number": b'{"code": 7}'},
    "body",
)
@pytest.mark.parametrize("status", [400, 403])
async def test_an_error_with_an_odd_body_is_a_service_error(status: int, body: bytes) -> None:
    """The status alone is enough for a typed error."""
    async with Wire(answer(status, body)) as wire, open_session(wire) as ivs:
        with pytest.raises(ServiceError) as caught:
            await ivs.get_channel(arn=ARN)
    assert (caught.value.status, caught.value.code) == (status, str(status))
    assert len(wire.requests) == 1


@each(
    {
        "header": ({"x-amzn-ErrorType": "ConflictException"}, {}),
        "header with a URL": ({"X-Amzn-Errortype": "ConflictException:http://x/y"}, {}),
        "header with a namespace": ({"x-amzn-errortype": "aws.ivs#ConflictException"}, {}),
        "__type": ({}, {"__type": "aws.ivs#ConflictException:http://x/y"}),
        "code": ({}, {"code": "ConflictException"}),
    },
    "form",
)
@pytest.mark.parametrize("member", ["exceptionMessage", "message", "Message"])
async def test_an_error_is_known_in_every_form(
    form: tuple[dict[str, str], dict[str, str]], member: str
) -> None:
    """Name and text are found wherever AWS services put them."""
    headers, body = form
    async with (
        Wire(answer(409, {**body, member: "busy"}, headers)) as wire,
        open_session(wire) as ivs,
    ):
        with pytest.raises(ConflictException, match="busy") as caught:
            await ivs.get_channel(arn=ARN)
    assert (caught.value.message, caught.value.request_id) == ("busy", "req-1")


@each(
    {
        kind.__name__: (kind, status)
        for kind, status in [
            (AccessDeniedException, 403),
            (ChannelNotBroadcasting, 404),
            (ConflictException, 409),
            (PendingVerification, 403),
            (ResourceNotFoundException, 404),
            (ServiceQuotaExceededException, 402),
            (ValidationException, 400),
        ]
    },
    "case",
)
async def test_what_repeating_cannot_help_is_raised_at_once(
    case: tuple[type[ServiceError], int],
) -> None:
    """A refusal is the caller's answer, in one attempt."""
    kind, status = case
    async with Wire(error(kind.__name__, status)) as wire, open_session(wire) as ivs:
        with pytest.raises(kind):
            await ivs.put_metadata(channel_arn=ARN, metadata="goal")
    assert len(wire.requests) == 1


async def test_an_unknown_error_keeps_all_that_it_said() -> None:
    """A code that no model has is a plain `ServiceError` with code, text, status and ids."""
    step = answer(
        418,
        {"__type": "TeapotException", "message": "short and stout"},
        {"x-amz-cf-id": "edge-7"},
    )
    async with Wire(step) as wire, open_session(wire) as ivs:
        with pytest.raises(ServiceError) as caught:
            await ivs.get_channel(arn=ARN)
    failure = caught.value
    assert type(failure) is ServiceError
    assert (failure.code, failure.message, failure.status) == (
        "TeapotException",
        "short and stout",
        418,
    )
    assert (failure.request_id, failure.cloudfront_id) == ("req-1", "edge-7")


@pytest.mark.parametrize(
    "kind", ["text/html", "application/octet-stream", "text/plain; charset=utf-16", "", "nonsense"]
)
async def test_the_content_type_does_not_matter(kind: str) -> None:
    """JSON is JSON whatever it is labelled."""
    async with Wire(answer(200, BODY, {"Content-Type": kind})) as wire, open_session(wire) as ivs:
        assert (await ivs.get_channel(arn=ARN)).channel.name == "demo"


async def test_an_unknown_enum_value_and_member_are_let_through() -> None:
    """What the service adds tomorrow does not break a client of today."""
    body = {"channel": {"arn": ARN, "type": "HOLOGRAM", "depth": {"x": [1]}}, "more": None}
    async with Wire(answer(200, body)) as wire, open_session(wire) as ivs:
        assert (await ivs.get_channel(arn=ARN)).channel.type == "HOLOGRAM"


def squeezed(content: bytes, coding: str = "gzip") -> Step:
    return answer(200, content, {"Content-Encoding": coding})


@each(
    {
        "gzip": squeezed(gzip.compress(BODY)),
        "two gzip members": squeezed(gzip.compress(BODY[:9]) + gzip.compress(BODY[9:])),
        "deflate": squeezed(zlib.compress(BODY), "deflate"),
        "bare deflate": squeezed(zlib.compress(BODY, wbits=-zlib.MAX_WBITS), "deflate"),
        "identity": squeezed(BODY, "identity"),
        "upper case": squeezed(gzip.compress(BODY), "GZIP"),
    },
    "step",
)
async def test_compression_that_was_not_asked_for_is_undone(step: Step) -> None:
    """Some proxies compress regardless; the caller gets the answer, all of it."""
    async with Wire(step) as wire, open_session(wire) as ivs:
        assert (await ivs.get_channel(arn=ARN)).channel.name == "demo"


@each(
    {
        "not gzip": squeezed(BODY),
        "cut": squeezed(gzip.compress(BODY)[:-9]),
        "corrupt": squeezed(gzip.compress(BODY)[:12] + b"\xff" * 20),
        "corrupt second member": squeezed(gzip.compress(BODY) + gzip.compress(b" ")[:-4]),
        "junk behind": squeezed(gzip.compress(BODY) + b"junk"),
        "wrong checksum": squeezed(gzip.compress(BODY)[:-8] + b"\0" * 8),
        "unknown coding": squeezed(BODY, "shrink-ray"),
        "empty": squeezed(b""),
    },
    "step",
)
async def test_broken_compression_is_one_typed_error(step: Step) -> None:
    """Bytes that cannot be decompressed are no answer, and no crash."""
    async with Wire(step, CHANNEL) as wire, open_session(wire) as ivs:
        with pytest.raises(UnexpectedResponse):
            await ivs.get_channel(arn=ARN)
        assert (await ivs.get_channel(arn=ARN)).channel.name == "demo"


@pytest.mark.parametrize("members", [1, 100])
async def test_a_decompression_bomb_does_not_fill_the_memory(members: int) -> None:
    """Two hundred megabytes of blanks in two hundred kilobytes are refused at the cap."""
    bomb = gzip.compress(b" " * (200_000_000 // members), 9) * members
    tracemalloc.start()
    try:
        async with Wire(squeezed(bomb)) as wire, open_session(wire) as ivs:
            with pytest.raises(UnexpectedResponse, match="over 16,777,216 bytes"):
                await ivs.get_channel(arn=ARN)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 80_000_000


async def test_an_endless_answer_is_cut_at_the_cap() -> None:
    """A body without an end is given up at the cap, long before the time limit."""
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with Wire(send(head, *[chunk] * 400, end="hang")) as wire, open_session(wire) as ivs:
        with pytest.raises(UnexpectedResponse):
            await ivs.get_channel(arn=ARN)


@each(
    {
        "one of 20 KB": {"x-big": "x" * 20_000},
        "one of 200 KB": {"x-big": "x" * 200_000},
        "two hundred": {f"x-{number}": "x" for number in range(200)},
    },
    "headers",
)
async def test_headers_beyond_measure_are_a_typed_error(headers: dict[str, str]) -> None:
    """An answer whose headers are refused ends in our own error, or in the answer."""
    async with Wire(answer(200, BODY, headers), CHANNEL) as wire, open_session(wire) as ivs:
        try:
            response = await ivs.get_channel(arn=ARN)
        except IvsError:
            response = await ivs.get_channel(arn=ARN)
        assert response.channel.name == "demo"


@each({str(status): status for status in (100, 102, 103)}, "status")
async def test_an_interim_answer_is_passed_over(status: int) -> None:
    """What comes before the answer is not the answer."""
    interim = http(status, b"", {"Link": "</x>; rel=preload"})
    async with Wire(send(interim, http(200, BODY))) as wire, open_session(wire) as ivs:
        assert (await ivs.get_channel(arn=ARN)).channel.name == "demo"


async def test_a_switch_of_protocols_is_refused() -> None:
    """Status 101 was not asked for; it is an error, not a hanging connection."""
    async with (
        Wire(send(http(101, b"", {"Upgrade": "websocket"}), end="hang")) as wire,
        open_session(wire, attempt_timeout=0.3, max_attempts=1) as ivs,
    ):
        with pytest.raises(IvsError):
            await ivs.get_channel(arn=ARN)


@pytest.mark.parametrize("end", ["keep", "fin"])
async def test_a_refusal_before_the_body_was_read_is_the_answer(end: Any) -> None:
    """An early 413 is raised as such, and the next call does not suffer from it."""
    early = answer(413, {"message": "too large"}, {"Connection": "close"}, end=end, early=True)
    async with Wire(early, CHANNEL) as wire, open_session(wire) as ivs:
        with pytest.raises(ServiceError) as caught:
            await ivs.put_metadata(channel_arn=ARN, metadata="x" * 1024)
        assert caught.value.status == 413
        assert (await ivs.get_channel(arn=ARN)).channel.name == "demo"


async def test_a_body_that_ends_with_the_connection_is_whole() -> None:
    """An HTTP/1.0 answer without a length ends where the connection does."""
    step = send(b"HTTP/1.0 200 OK\r\n\r\n" + BODY, end="fin")
    async with Wire(step) as wire, open_session(wire) as ivs:
        assert (await ivs.get_channel(arn=ARN)).channel.name == "demo"


async def test_two_hundred_errors_leave_the_connections_usable() -> None:
    """An error answer is read whole, so that its connection serves the next call."""
    async with (
        Wire(error("ValidationException", 400)) as wire,
        open_session(wire, max_connections=2) as ivs,
    ):
        for _ in range(200):
            with pytest.raises(ValidationException):
                await ivs.get_channel(arn=ARN)
    assert wire.connections == 1


async def test_a_throttle_by_any_name_is_a_throttling_exception() -> None:
    """A bare 429 from a proxy and every AWS name for it are one class; the name is kept."""
    async with (
        Wire(answer(429, PAGE), error("TooManyRequestsException", 400)) as wire,
        open_session(wire, max_attempts=1) as ivs,
    ):
        for code in ("429", "TooManyRequestsException"):
            with pytest.raises(ThrottlingException) as caught:
                await ivs.get_channel(arn=ARN)
            assert caught.value.code == code
