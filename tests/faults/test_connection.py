"""Connections that are refused, closed, reset, silent, slow, stale or full of something else."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import ssl
from collections import Counter
from typing import Any

import aiohttp
import pytest
from aiohttp.client_proto import ResponseHandler
from aiohttp.http import StreamWriter

from ivs_async import RequestNotSent, RequestTimeout, ResponseNotReceived, UnexpectedResponse
from ivs_async._aws.http import Request
from ivs_async._aws.operation import Operation
from ivs_async._aws.transport import Exchange, _Body
from ivs_async.operations import LIST_TAGS_FOR_RESOURCE, PUT_METADATA, UNTAG_RESOURCE
from tests.faults.client import ARN, CHANNEL, DONE, Pauses, call, open_session
from tests.wire import FIN, HANG, RST, Ending, Step, Wire, answer, closed_port, http, send

WHOLE = http(200, {"channel": {"arn": ARN, "name": "demo"}})
HEAD = WHOLE.index(b"\r\n\r\n") + 4
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    b'10\r\n{"channel": {"ar\r\n'
)

LOST: dict[str, Step] = {
    "closed": FIN,
    "reset": RST,
    "closed in the status line": send(WHOLE[:7], end="fin"),
    "reset in the status line": send(WHOLE[:7], end="rst"),
    "closed in the headers": send(WHOLE[:40], end="fin"),
    "reset in the headers": send(WHOLE[:40], end="rst"),
    "closed after the headers": send(WHOLE[:HEAD], end="fin"),
    "reset after the headers": send(WHOLE[:HEAD], end="rst"),
    "closed in the body": send(WHOLE[:-5], end="fin"),
    "reset in the body": send(WHOLE[:-5], end="rst"),
    "closed between chunks": send(CHUNKED, end="fin"),
    "reset between chunks": send(CHUNKED, end="rst"),
    "closed in a chunk": send(CHUNKED[:-6], end="fin"),
    "closed before the body was read": send(end="fin", early=True),
    "reset before the body was read": send(end="rst", early=True),
    "closed after an interim answer": send(http(100), end="fin"),
}
SILENT: dict[str, Step] = {
    "silent": HANG,
    "silent in the status line": send(WHOLE[:7], end="hang"),
    "silent in the headers": send(WHOLE[:40], end="hang"),
    "silent in the body": send(WHOLE[:-5], end="hang"),
    "silent between chunks": send(CHUNKED, end="hang"),
    "silent after an interim answer": send(http(100), end="hang"),
    "dripping": send(*(bytes([byte]) for byte in WHOLE), every=0.05),
}
GARBAGE: dict[str, Step] = {
    "binary": send(bytes(range(128, 256)) * 4, end="fin"),
    "another protocol": send(b"SSH-2.0-OpenSSH_9.6\r\n", end="fin"),
    "a status that is no number": send(b"HTTP/1.1 okay\r\n\r\n", end="fin"),
    "two lengths": send(
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", end="fin"
    ),
    "a negative length": send(b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}", end="fin"),
    "a chunk size that is no number": send(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", end="fin"
    ),
}


def each(faults: dict[str, Step]) -> pytest.MarkDecorator:
    """One test for each fault, by its name."""
    return pytest.mark.parametrize("fault", faults.values(), ids=faults.keys())


@each(LOST | GARBAGE)
async def test_a_repeatable_call_survives_two_lost_answers(fault: Step) -> None:
    """Whatever happened to the first two answers, the third attempt is the caller's answer."""
    async with Wire(fault, fault, CHANNEL) as wire, open_session(wire) as ivs:
        response = await ivs.get_channel(arn=ARN)
    assert response.channel.arn == ARN
    assert wire.connections == 3


@each(LOST | GARBAGE)
async def test_a_repeatable_call_says_when_all_answers_were_lost(fault: Step) -> None:
    """After the last attempt the caller learns that no answer came, and how often it was tried."""
    async with Wire(fault) as wire, open_session(wire) as ivs:
        with pytest.raises((ResponseNotReceived, UnexpectedResponse)) as caught:
            await ivs.get_channel(arn=ARN)
    assert caught.value.attempts == wire.connections == 3


@each(LOST | GARBAGE)
async def test_a_cue_whose_answer_was_lost_is_not_sent_again(fault: Step) -> None:
    """PutMetadata reaches the service once, and the error says that it may have been processed."""
    async with Wire(fault, DONE) as wire, open_session(wire) as ivs:
        with pytest.raises(
            (ResponseNotReceived, UnexpectedResponse), match="may have been processed"
        ):
            await ivs.put_metadata(channel_arn=ARN, metadata="goal")
    assert wire.connections == 1


@each(SILENT)
async def test_a_repeatable_call_outlives_a_silent_server(fault: Step) -> None:
    """The attempt's time limit covers the whole answer, the last byte included."""
    async with Wire(fault, CHANNEL) as wire, open_session(wire, attempt_timeout=0.4) as ivs:
        response = await ivs.get_channel(arn=ARN)
    assert response.channel.arn == ARN
    assert len(wire.requests) == 2


@each(SILENT)
async def test_a_cue_to_a_silent_server_times_out_once(fault: Step) -> None:
    """The attempt's time limit ends the wait, and the cue is not sent a second time."""
    async with Wire(fault, DONE) as wire, open_session(wire, attempt_timeout=0.2) as ivs:
        with pytest.raises(RequestTimeout, match="may have been processed"):
            await ivs.put_metadata(channel_arn=ARN, metadata="goal")
    assert len(wire.requests) == 1


async def test_the_time_limit_of_the_call_bounds_all_attempts() -> None:
    """With ``timeout`` shorter than three attempts, the call ends when it is up."""
    async with Wire(HANG) as wire, open_session(wire, attempt_timeout=9.0, timeout=0.2) as ivs:
        with pytest.raises(RequestTimeout):
            await ivs.get_channel(arn=ARN)
    assert len(wire.requests) == 1


@pytest.mark.parametrize("fault", [FIN, RST], ids=["closed", "reset"])
async def test_a_connection_that_ends_when_accepted_is_replaced(fault: Step) -> None:
    """A repeatable call goes on to the next connection; nothing is asked of the caller."""
    async with Wire(CHANNEL, accept=(fault, fault)) as wire, open_session(wire) as ivs:
        assert (await ivs.get_channel(arn=ARN)).channel.arn == ARN
    assert len(wire.requests) == 1


@pytest.mark.parametrize(
    "operation", [PUT_METADATA, LIST_TAGS_FOR_RESOURCE, UNTAG_RESOURCE], ids=lambda each: each.name
)
async def test_a_refused_connection_is_tried_again_for_any_call(operation: Operation[Any]) -> None:
    """Nothing was sent, so even a cue is tried three times and then known not to have left."""
    with closed_port() as port:
        async with open_session(Wire(DONE, port=port)) as ivs:
            with pytest.raises(RequestNotSent, match=f"127.0.0.1:{port}") as caught:
                await call(ivs, operation)
    assert caught.value.attempts == 3


async def test_a_connection_refused_then_accepted_carries_the_call() -> None:
    """A server that comes up while the client waits to try again gets the request once."""
    with closed_port() as port:
        wire = Wire(DONE, port=port)
        async with contextlib.AsyncExitStack() as stack:
            pauses = Pauses(lambda: stack.enter_async_context(wire))
            ivs = await stack.enter_async_context(open_session(wire, pauses=pauses))
            await ivs.put_metadata(channel_arn=ARN, metadata="goal")
    assert len(wire.requests) == 1


async def test_a_server_that_closes_after_each_answer_costs_no_call() -> None:
    """Two hundred calls in a row on connections that go stale at once: none fails, none waits."""
    pauses = Pauses()
    async with Wire(send(WHOLE, end="fin")) as wire, open_session(wire, pauses=pauses) as ivs:
        for _ in range(200):
            await ivs.get_channel(arn=ARN)
    assert not any(pauses.taken)


async def test_calls_side_by_side_survive_a_server_that_closes_after_each_answer() -> None:
    """The same with ten at a time, whose connections go stale under each other."""
    async with Wire(send(WHOLE, end="fin")) as wire, open_session(wire) as ivs:
        for _ in range(20):
            await asyncio.gather(*(ivs.get_channel(arn=ARN) for _ in range(10)))


async def test_no_cue_is_doubled_on_stale_connections() -> None:
    """Each cue arrives once, or its caller hears that it may have; none arrives twice."""
    unsure = set()
    async with Wire(answer(204, end="fin")) as wire, open_session(wire) as ivs:
        for number in range(200):
            try:
                await ivs.put_metadata(channel_arn=ARN, metadata=f"cue {number}")
            except ResponseNotReceived:
                unsure.add(f"cue {number}")
    arrived = Counter(body["metadata"] for body in wire.bodies)
    assert set(arrived.values()) == {1}
    assert {f"cue {number}" for number in range(200)} - set(arrived) <= unsure


async def test_a_connection_closed_while_idle_is_not_used() -> None:
    """A cue after a quiet spell, during which the server hung up, goes out on a new connection."""
    pauses = Pauses()
    async with Wire(DONE) as wire, open_session(wire, pauses=pauses) as ivs:
        await ivs.put_metadata(channel_arn=ARN, metadata="one")
        await wire.drop()
        await asyncio.sleep(0.01)
        await ivs.put_metadata(channel_arn=ARN, metadata="two")
    assert [body["metadata"] for body in wire.bodies] == ["one", "two"]
    assert pauses.taken == []


@pytest.mark.parametrize(
    "junk",
    [
        http(200, {"channel": {"arn": "of nobody"}}),
        http(408, b"", {"Connection": "close"}),
        b"\r\n\r\n",
        b"\x00" * 64,
    ],
    ids=["a second answer", "a time-out notice", "blank lines", "binary"],
)
@pytest.mark.parametrize("end", ["keep", "fin"])
async def test_what_follows_an_answer_reaches_no_other_call(junk: bytes, end: Ending) -> None:
    """Bytes that nobody asked for are never taken for the answer of the next call."""
    async with (
        Wire(send(WHOLE, junk, every=0.01, end=end), CHANNEL) as wire,
        open_session(wire) as ivs,
    ):
        assert (await ivs.get_channel(arn=ARN)).channel.arn == ARN
        await asyncio.sleep(0.03)
        assert (await ivs.get_channel(arn=ARN)).channel.arn == ARN


async def test_what_follows_an_answer_in_its_packet_reaches_no_other_call() -> None:
    """The same when the surplus arrives together with the answer."""
    surplus = http(200, {"channel": {"arn": "of nobody"}})
    async with Wire(send(WHOLE + surplus), CHANNEL) as wire, open_session(wire) as ivs:
        assert (await ivs.get_channel(arn=ARN)).channel.arn == ARN
        assert (await ivs.get_channel(arn=ARN)).channel.arn == ARN


async def test_nothing_is_written_to_a_connection_with_surplus_bytes() -> None:
    """Where aiohttp writes before it looks at what is there, the request stays unsent."""
    loop = asyncio.get_running_loop()
    soiled = ResponseHandler(loop)
    soiled.force_close()
    exchange = Exchange(Request("POST", "/PutMetadata", {}, b"{}"))
    with pytest.raises(aiohttp.ClientConnectionResetError):
        await _Body(exchange).write_with_length(StreamWriter(soiled, loop), 2)
    assert exchange.stale
    assert not exchange.written


@pytest.mark.filterwarnings("ignore::ivs_async.config.ConfigurationWarning")
async def test_a_host_that_moves_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the old address refuses, the name is looked up again for the next attempt."""
    address = "127.0.0.1"

    def resolve(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        where = address if host == "ivs.example" else host
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (where, port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    async with (
        Wire(CHANNEL) as old,
        Wire(CHANNEL, host="127.0.0.2", port=old.port) as new,
        open_session(old, endpoint_url=f"http://ivs.example:{old.port}") as ivs,
    ):
        await ivs.get_channel(arn=ARN)
        await old.stop()
        address = "127.0.0.2"
        await ivs.get_channel(arn=ARN)
    assert (len(old.requests), len(new.requests)) == (1, 1)


@pytest.mark.filterwarnings("ignore::ivs_async.config.ConfigurationWarning")
async def test_a_name_that_does_not_resolve_was_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A failed look-up is tried again, and then known to have sent nothing."""
    looked_up = []

    def resolve(host: str, *_: Any, **__: Any) -> list[Any]:
        looked_up.append(host)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    async with open_session(Wire(), endpoint_url="http://ivs.example:80") as ivs:
        with pytest.raises(RequestNotSent, match=r"ivs\.example"):
            await ivs.put_metadata(channel_arn=ARN, metadata="goal")
    assert looked_up == ["ivs.example"] * 3


class Failing(aiohttp.TCPConnector):
    """Fails to connect, as the system or a library may, as often as it has failures left."""

    def __init__(self, *failures: Exception) -> None:
        super().__init__()
        self.failures = list(failures)

    async def connect(self, *arguments: Any, **options: Any) -> Any:
        if self.failures:
            raise self.failures.pop()
        return await super().connect(*arguments, **options)


@pytest.mark.parametrize(
    "failure",
    [
        BrokenPipeError(errno.EPIPE, "Broken pipe"),
        ConnectionResetError("Cannot write to closing transport"),
        OSError(errno.EMFILE, "Too many open files"),
        TimeoutError(),
        ssl.SSLError(1, "record layer failure"),
        aiohttp.ClientOSError(errno.ENETUNREACH, "Network is unreachable"),
        aiohttp.ClientPayloadError("Response payload is not completed"),
        aiohttp.ConnectionTimeoutError("Connection timeout to host"),
        aiohttp.ServerDisconnectedError(),
        aiohttp.ServerTimeoutError("Timeout"),
    ],
    ids=lambda failure: type(failure).__name__,
)
async def test_whatever_connecting_fails_with_is_tried_again(failure: Exception) -> None:
    """Nothing was sent, so that a cue survives two such failures, and after three says so."""
    connector = Failing(failure, failure)
    async with (
        Wire(DONE) as wire,
        aiohttp.ClientSession(connector=connector) as http_session,
        open_session(wire, http_session=http_session) as ivs,
    ):
        await ivs.put_metadata(channel_arn=ARN, metadata="goal")
        connector.failures += [failure] * 3
        with pytest.raises(RequestNotSent) as caught:
            await ivs.put_metadata(channel_arn=ARN, metadata="goal")
    assert caught.value.attempts == 3
    assert len(wire.requests) == 1


@pytest.mark.parametrize(
    "failure",
    [RuntimeError("Connector is closed."), aiohttp.InvalidURL("x"), ValueError("no such scheme")],
    ids=lambda failure: type(failure).__name__,
)
async def test_what_no_repetition_helps_is_raised_at_once(failure: Exception) -> None:
    """A borrowed session that cannot be used says so in one attempt."""
    async with (
        Wire(DONE) as wire,
        aiohttp.ClientSession(connector=Failing(failure)) as http_session,
        open_session(wire, http_session=http_session) as ivs,
    ):
        with pytest.raises(RequestNotSent) as caught:
            await ivs.put_metadata(channel_arn=ARN, metadata="goal")
    assert caught.value.attempts == 1


async def test_a_borrowed_session_that_is_closed_is_an_error_of_ours() -> None:
    """Whoever lends the connections may take them away."""
    async with (
        Wire(DONE) as wire,
        aiohttp.ClientSession() as http_session,
        open_session(wire, http_session=http_session) as ivs,
    ):
        await http_session.close()
        with pytest.raises(RequestNotSent, match="Session is closed"):
            await ivs.put_metadata(channel_arn=ARN, metadata="goal")
    assert wire.connections == 0
