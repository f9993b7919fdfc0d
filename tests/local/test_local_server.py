"""HTTP in and out: routes, frames, latency, and failures on demand."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from ivs_async.local import LocalError, LocalIvs
from ivs_async.local.errors import STATUS
from ivs_async.quotas import CallRate

from .helpers import OPERATIONS, UNKNOWN, Clock, send, until
from .model import ERRORS, faults


async def create(local: LocalIvs) -> str:
    """The ARN of a new channel."""
    answer = await send(local, "/CreateChannel", {})
    arn: str = answer.document["channel"]["arn"]
    return arn


async def test_an_answer_carries_what_the_edge_of_aws_adds(local: LocalIvs) -> None:
    """JSON, a request id, an id of CloudFront, and the time."""
    answer = await send(local, "/CreateChannel", {"name": "größe"})
    assert answer.status == 400
    answer = await send(local, "/CreateChannel", {"tags": {"k": "größe"}})
    assert answer.headers["Content-Type"] == "application/json"
    assert re.fullmatch(
        r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", answer.headers["x-amzn-requestid"]
    )
    assert len(answer.headers["x-amz-cf-id"]) == 56
    assert answer.headers["Date"].endswith("GMT")
    assert "größe".encode() in answer.body


async def test_errors_carry_their_name_in_a_header_and_their_text_in_two_members(
    local: LocalIvs,
) -> None:
    """exceptionMessage is the model's, message is what most SDKs read."""
    answer = await send(local, "/GetChannel", {"arn": UNKNOWN})
    assert (answer.status, answer.code) == (404, "ResourceNotFoundException")
    text = f"Resource: {UNKNOWN} does not exist"
    assert answer.document == {"exceptionMessage": text, "message": text}
    assert faults("GetChannel", answer.status, answer.headers, answer.body) == []


async def test_batches_carry_the_headers_that_the_model_gives_them(local: LocalIvs) -> None:
    """The seven security headers are on batches and errors, and nowhere else."""
    batch = await send(local, "/BatchGetChannel", {"arns": [UNKNOWN]})
    assert batch.headers["X-Frame-Options"] == "DENY"
    plain = await send(local, "/ListChannels", {})
    assert "X-Frame-Options" not in plain.headers


async def test_statuses_are_those_of_the_model(local: LocalIvs) -> None:
    """204 without a body for metadata and most deletions, 200 with an empty object for others."""
    arn = await create(local)
    local.start_stream(arn)
    sent = await send(local, "/PutMetadata", {"channelArn": arn, "metadata": "cue"})
    assert (sent.status, sent.body) == (204, b"")
    assert "Content-Type" not in sent.headers
    stopped = await send(local, "/StopStream", {"channelArn": arn})
    assert (stopped.status, stopped.document) == (200, {})


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/NoSuchOperation"),
        ("GET", "/GetChannel"),
        ("PUT", "/tags/x"),
        ("POST", "/"),
        ("POST", "/getchannel"),
    ],
)
async def test_what_is_no_operation_is_unknown(local: LocalIvs, method: str, path: str) -> None:
    """Other paths and other verbs are UnknownOperationException."""
    answer = await send(local, path, method=method)
    assert (answer.status, answer.code) == (404, "UnknownOperationException")


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b"null", b"\xff", b'"x"', b"[" * 100_000, b'{"a":' + b"9" * 5_000 + b"}"]
)
async def test_a_body_that_is_no_json_object_is_malformed(local: LocalIvs, body: bytes) -> None:
    """Nothing of it reaches an operation."""
    answer = await send(local, "/CreateChannel", body)
    assert (answer.status, answer.code) == (400, "MalformedHttpRequestException")
    assert local.events() == []


async def test_a_body_that_is_too_large_is_refused(local: LocalIvs) -> None:
    """More than a megabyte is nothing that the API takes."""
    answer = await send(local, "/CreateChannel", b" " * (1_024**2 + 1))
    assert (answer.status, answer.code) == (413, "RequestEntityTooLargeException")


async def test_an_empty_body_is_an_empty_request(local: LocalIvs) -> None:
    """Operations without required members need no body."""
    answer = await send(local, "/ListChannels")
    assert answer.document == {"channels": []}


async def test_the_tag_arn_is_one_label_of_the_path(local: LocalIvs) -> None:
    """Percent-encoded or not, and tag keys are repeated in the query."""
    arn = await create(local)
    encoded = "/tags/" + arn.replace(":", "%3A").replace("/", "%2F")
    await send(local, encoded, {"tags": {"a b": "1", "ü": "2", "c": "3"}})
    answer = await send(local, f"{encoded}?tagKeys=a%20b&tagKeys=%C3%BC", method="DELETE")
    assert (answer.status, answer.document) == (200, {})
    for path in (encoded, f"/tags/{arn}"):
        assert (await send(local, path, method="GET")).document == {"tags": {"c": "3"}}


async def test_a_mistake_of_the_local_ivs_itself_is_a_500_and_is_logged(
    local: LocalIvs, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never silence: a caller sees InternalServerException and the log has the traceback."""

    def broken(request: dict[str, Any]) -> dict[str, Any]:
        raise KeyError("oops")

    monkeypatch.setitem(local._service._handlers, "GetChannel", broken)
    answer = await send(local, "/GetChannel", {"arn": UNKNOWN})
    assert (answer.status, answer.code) == (500, "InternalServerException")
    assert "GetChannel failed in the local IVS itself" in caplog.text


async def test_each_call_is_logged_in_one_line_and_remembered(
    local: LocalIvs, caplog: pytest.LogCaptureFixture
) -> None:
    """Operation, status, code and request id; no members, which may be secret."""
    arn = await create(local)
    caplog.set_level(logging.INFO, "ivs_async.local")
    answer = await send(local, "/PutMetadata", {"channelArn": arn, "metadata": "sentinel"})
    request_id = answer.headers["x-amzn-requestid"]
    (line,) = caplog.messages
    assert re.fullmatch(rf"PutMetadata 404 ChannelNotBroadcasting [\d.]+ ms {request_id}", line)
    (call,) = local.calls("PutMetadata")
    assert (call.operation, call.status, call.code) == (
        "PutMetadata",
        404,
        "ChannelNotBroadcasting",
    )
    assert (call.resource, call.request_id) == (arn, request_id)
    assert [call.operation for call in local.calls()] == ["CreateChannel", "PutMetadata"]


async def test_half_of_the_latency_passes_before_the_service_has_the_call() -> None:
    """A call that is on its way has not happened yet."""
    async with LocalIvs(verify_signatures=False, rates=None, latency=(0.4, 0.4)) as local:
        call = asyncio.ensure_future(send(local, "/CreateChannel", {}))
        await asyncio.sleep(0.05)
        assert local.calls() == []
        await until(local.calls)
        assert not call.done()
        await call
        local.latency = 0.0
        await send(local, "/CreateChannel", {})
        assert local.latency == 0.0


async def test_a_client_that_goes_away_in_the_middle_is_no_event(
    local: LocalIvs, caplog: pytest.LogCaptureFixture
) -> None:
    """Half a request, and the connection ends: nothing happens and nothing is logged."""
    _, writer = await asyncio.open_connection("127.0.0.1", local.port)
    writer.write(b"POST /CreateChannel HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.transport.abort()
    await asyncio.sleep(0.05)
    assert local.calls() == []
    assert caplog.records == []


async def test_the_next_call_fails_with_an_error_and_the_one_after_does_not(
    local: LocalIvs,
) -> None:
    """By default a fault strikes once, and the call has no effect."""
    fault = local.fail("CreateChannel", "ServiceUnavailable", message="busy")
    answer = await send(local, "/CreateChannel", {})
    assert (answer.status, answer.code) == (503, "ServiceUnavailable")
    assert answer.document["exceptionMessage"] == "busy"
    assert fault.hit == 1
    assert (await send(local, "/ListChannels", {})).document == {"channels": []}
    assert (await send(local, "/CreateChannel", {})).status == 200


async def test_an_answer_can_be_lost_after_the_call_took_effect(local: LocalIvs) -> None:
    """The channel is there although the caller was told 500."""
    local.fail("CreateChannel", "InternalServerException", processed=True)
    answer = await send(local, "/CreateChannel", {})
    assert (answer.status, answer.code) == (500, "InternalServerException")
    assert len((await send(local, "/ListChannels", {})).document["channels"]) == 1


@pytest.mark.parametrize("processed", [True, False])
async def test_a_connection_can_be_reset(local: LocalIvs, processed: bool) -> None:
    """In place of an answer, before or after the call took effect."""
    local.fail("CreateChannel", reset=True, processed=processed)
    with pytest.raises(aiohttp.ClientError):
        await send(local, "/CreateChannel", {})
    (call,) = local.calls("CreateChannel")
    assert call.status == 0
    listed = (await send(local, "/ListChannels", {})).document["channels"]
    assert len(listed) == int(processed)


async def test_an_answer_can_be_cut(local: LocalIvs) -> None:
    """The body ends halfway and the connection with it."""
    local.fail("CreateChannel", cut=True)
    with pytest.raises(aiohttp.ClientPayloadError):
        await send(local, "/CreateChannel", {})
    assert len((await send(local, "/ListChannels", {})).document["channels"]) == 1


async def test_an_answer_without_a_body_is_cut_as_a_whole(local: LocalIvs) -> None:
    """There is nothing of which half could arrive."""
    arn = (await send(local, "/CreateChannel", {})).document["channel"]["arn"]
    local.fail("DeleteChannel", cut=True)
    with pytest.raises(aiohttp.ClientError):
        await send(local, "/DeleteChannel", {"arn": arn})
    assert (await send(local, "/ListChannels", {})).document["channels"] == []


async def test_an_edge_can_answer_in_html(local: LocalIvs) -> None:
    """A page with 503, or another status, and none of the API's headers for errors."""
    local.fail(html=True)
    local.fail(html=True, status=504)
    for status in (503, 504):
        answer = await send(local, "/ListChannels", {})
        assert answer.status == status
        assert answer.code is None
        assert answer.headers["Content-Type"] == "text/html"
        assert answer.body.startswith(b"<!DOCTYPE html>")


async def test_a_status_can_come_without_a_code_and_with_headers(local: LocalIvs) -> None:
    """A bare 429, as a proxy sends it."""
    local.fail("ListChannels", status=429, headers={"x-amz-retry-after": "1500"})
    answer = await send(local, "/ListChannels", {})
    assert (answer.status, answer.body, answer.code) == (429, b"", None)
    assert answer.headers["x-amz-retry-after"] == "1500"


async def test_an_answer_can_be_any_bytes(local: LocalIvs) -> None:
    """Success with nonsense in it."""
    local.fail("ListChannels", body=b'{"channels":')
    answer = await send(local, "/ListChannels", {})
    assert (answer.status, answer.body) == (200, b'{"channels":')


async def test_a_call_can_be_slow(local: LocalIvs) -> None:
    """The delay comes before the call takes effect, and then the answer is a good one."""
    local.fail("CreateChannel", delay=0.2)
    call = asyncio.ensure_future(send(local, "/CreateChannel", {}))
    await asyncio.sleep(0.05)
    assert local.calls("CreateChannel") == []
    assert (await call).status == 200


async def test_the_services_clock_can_be_off_for_a_call() -> None:
    """Date tells another time, and signatures are judged by it."""
    async with LocalIvs(verify_signatures=False, rates=None, clock=Clock()) as local:
        local.fail(skew=3_600)
        ahead = await send(local, "/ListChannels", {})
        right = await send(local, "/ListChannels", {})
        assert ahead.headers["Date"] == "Fri, 15 Jan 2027 09:00:00 GMT"
        assert right.headers["Date"] == "Fri, 15 Jan 2027 08:00:00 GMT"


async def test_faults_choose_their_calls(local: LocalIvs) -> None:
    """By operation, by channel, after some calls, one in so many, so often."""
    arn = await create(local)

    async def statuses(path: str, calls: int, **members: str) -> list[int]:
        return [(await send(local, path, members)).status for _ in range(calls)]

    local.fail("ListChannels", status=500, skip=1, every=2, times=2)
    assert await statuses("/ListRecordingConfigurations", 3) == [200, 200, 200]
    assert await statuses("/ListChannels", 8) == [200, 200, 500, 200, 500, 200, 200, 200]
    always = local.fail("GetStream", status=500, channel_arn=arn, times=None)
    assert await statuses("/GetStream", 2, channelArn=UNKNOWN) == [404, 404]
    assert await statuses("/GetStream", 3, channelArn=arn) == [500, 500, 500]
    always.clear()
    assert await statuses("/GetStream", 1, channelArn=arn) == [404]
    local.fail(status=500, times=None)
    local.clear_faults()
    assert await statuses("/ListChannels", 1) == [200]
    assert (always.seen, always.hit) == (3, 3)


def test_the_documentation_tells_of_every_operation_and_every_error() -> None:
    """How faithful each one is, and one way to each error."""
    page = (Path(__file__).parents[2] / "docs" / "local.md").read_text()
    operations, errors = page.split("### Operation by operation")[1], page.split("## How each")[1]
    rows = [line.split("|")[1] for line in operations.splitlines() if line.startswith("|")]
    told = {name.strip() for row in rows for name in row.split(",")}
    assert set(OPERATIONS) <= told
    ways = {
        name.strip(" `")
        for line in errors.partition("## How faithful")[0].splitlines()
        if line.startswith("| `")
        for name in line.split("|")[1].split(",")
    }
    assert set(ERRORS) <= ways <= set(STATUS)


@pytest.mark.parametrize(
    "wrong",
    [
        {"every": 0, "cut": True},
        {"skip": -1, "cut": True},
        {"delay": -1},
        {"times": 0, "cut": True},
        {"operation": "GetChanel", "cut": True},
        {"operation": "GetChannel"},
        {"processed": True, "message": "busy"},
    ],
)
def test_a_fault_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    """At once, and not by failing nothing."""
    with pytest.raises(LocalError):
        LocalIvs().fail(**wrong)


async def test_operations_go_by_either_of_their_names(local: LocalIvs) -> None:
    """The API's or the method's, wherever one is named; of a misspelt one the nearest is told."""
    local.fail("list_channels", "ServiceUnavailable")
    assert (await send(local, "/ListChannels", {})).status == 503
    local.deny("list_channels")
    assert (await send(local, "/ListChannels", {})).status == 403
    for name in ("list_channels", "ListChannels", "*", None):
        assert [call.status for call in local.calls(name)] == [503, 403]
    for name, near in (("ListChanels", "ListChannels"), ("list_chanels", "list_channels")):
        with pytest.raises(LocalError, match=rf"no operation {name}; did you mean {near}\?"):
            local.calls(name)
    with pytest.raises(LocalError, match="names are as PutMetadata or put_metadata"):
        local.calls("x")
    with pytest.raises(LocalError, match="did you mean get_stream"):
        LocalIvs(call_rates={"get_streem": CallRate(per_account=1)})
    async with LocalIvs(
        verify_signatures=False, call_rates={"list_channels": CallRate(per_account=1)}
    ) as slow:
        assert [(await send(slow, "/ListChannels", {})).status for _ in range(2)] == [200, 429]


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
async def test_every_operation_fails_on_demand(local: LocalIvs, operation: str) -> None:
    """Any operation, any code: also one that it does not model, and one that nobody knows."""
    path = OPERATIONS[operation].path.replace("{resource_arn}", UNKNOWN.replace("/", "%2F"))
    method = OPERATIONS[operation].method
    for code, status in (
        ("ThrottlingException", 429),
        ("TooManyRequestsException", 429),
        ("New", 400),
    ):
        local.fail(operation, code)
        answer = await send(local, path, {} if method == "POST" else None, method=method)
        assert (answer.status, answer.code) == (status, code)
        assert json.loads(answer.body).keys() == {"exceptionMessage", "message"}
