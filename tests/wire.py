"""A server on a raw socket that answers as its script says, byte by byte.

Owns everything that can go wrong on a connection, and counts what arrived. It knows HTTP only as
far as telling where a request ends, and nothing of the client that it tests.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable, Iterator, Mapping
from http import HTTPStatus
from types import TracebackType
from typing import Any, Final, Literal, Self

import attrs
from multidict import CIMultiDict

Ending = Literal["keep", "fin", "rst", "hang"]


@attrs.frozen
class Arrival:
    """One request as it arrived; the body is empty where the script answered before reading it."""

    connection: int
    method: str
    target: str
    headers: CIMultiDict[str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@attrs.frozen
class Step:
    """What the server does about one request, or one new connection.

    Args:
        play: Speaks on the connection.
        early: Whether it begins as soon as the headers are there, with the body unread.
    """

    play: Callable[[Connection], Awaitable[None]]
    early: bool = False


class Connection:
    """One accepted connection.

    Attributes:
        number: Which connection of the server this is, from 1.
        request: What arrived last.
        reader: What the client sends.
        writer: What the client gets.
        ended: Whether the server is done with it.
    """

    request: Arrival

    def __init__(
        self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.number = number
        self.reader = reader
        self.writer = writer
        self.ended = False

    async def send(self, data: bytes) -> None:
        """Write and wait until it has left; a client that is gone does not matter."""
        self.writer.write(data)
        with contextlib.suppress(ConnectionError):
            await self.writer.drain()

    async def end(self, how: Ending) -> None:
        """Keep the connection, close it (FIN), reset it (RST), or say nothing until it is gone."""
        self.ended = how != "keep"
        if how == "hang":
            with contextlib.suppress(ConnectionError):
                while await self.reader.read(65536):
                    pass
        if how == "rst":
            linger = struct.pack("ii", 1, 0)
            self.writer.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, linger
            )
            self.writer.transport.abort()
        elif self.ended:
            self.writer.close()


def http(
    status: int,
    body: object = b"",
    headers: Mapping[str, str] | None = None,
    *,
    length: int | None = None,
) -> bytes:
    """The bytes of an answer

    Args:
        status: Any number.
        body: Bytes as they are, anything else as JSON.
        headers: Besides, or instead of, the usual ones.
        length: What the server claims, where that is not the truth.
    ."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Unknown"
    lines = [f"HTTP/1.1 {status} {phrase}"]
    fields = {"Content-Type": "application/json", "x-amzn-RequestId": "req-1", **(headers or {})}
    if length is not None or (status >= 200 and status not in {204, 304}):
        fields.setdefault("Content-Length", str(len(content) if length is None else length))
    lines += [f"{name}: {value}" for name, value in fields.items()]
    return "\r\n".join([*lines, "", ""]).encode() + content


def send(*chunks: bytes, end: Ending = "keep", every: float = 0.0, early: bool = False) -> Step:
    """Send the chunks, ``every`` so many seconds, then end the connection in the given way."""

    async def play(connection: Connection) -> None:
        for index, chunk in enumerate(chunks):
            if index:
                await asyncio.sleep(every)
            await connection.send(chunk)
        await connection.end(end)

    return Step(play, early)


def answer(
    status: int,
    body: object = b"",
    headers: Mapping[str, str] | None = None,
    *,
    end: Ending = "keep",
    early: bool = False,
) -> Step:
    """A whole, honest answer."""
    return send(http(status, body, headers), end=end, early=early)


def error(code: str, status: int, text: str = "as scripted", **headers: str) -> Step:
    """An error as the service words it; ``retry_after="1"`` becomes the header ``retry-after``."""
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return answer(status, {"exceptionMessage": text}, {"x-amzn-ErrorType": code, **fields})


FIN: Final = send(end="fin")
RST: Final = send(end="rst")
HANG: Final = send(end="hang")


class Wire:
    """The server: one step for each request, in the order in which requests arrive.

    The last step serves all further requests. ``accept`` holds the steps of the first connections,
    played before anything is read; a connection that is still open then is served as the others.

    Attributes:
        requests: What arrived, in order.
        connections: How many connections were accepted, TLS or not.
        port: Where it listens.
    """

    def __init__(
        self,
        *steps: Step,
        accept: tuple[Step, ...] = (),
        tls: ssl.SSLContext | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.requests: list[Arrival] = []
        self.connections = 0
        self.port = port
        self._steps = steps
        self._accept = accept
        self._tls = tls
        self._host = host
        self._played = 0
        self._arrival = asyncio.Event()
        self._tasks: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._failures: list[Exception] = []

    @property
    def url(self) -> str:
        """What a client is given as its endpoint."""
        return f"{'https' if self._tls else 'http'}://{self._host}:{self.port}"

    @property
    def bodies(self) -> list[Any]:
        """The JSON of every request that arrived."""
        return [request.json for request in self.requests]

    @property
    def tasks(self) -> set[asyncio.Task[None]]:
        """The server's own tasks, one for each connection that it still has."""
        return set(self._tasks)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._accepted, self._host, self.port, backlog=1024
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()
        if self._failures and failure is None:
            raise self._failures[0]

    async def arrived(self, count: int) -> None:
        """Wait until that many requests have arrived."""
        while len(self.requests) < count:
            self._arrival.clear()
            await self._arrival.wait()

    async def stop(self) -> None:
        """Cut every connection and refuse new ones."""
        self._server.close()
        await self.drop()
        await self._server.wait_closed()

    async def drop(self) -> None:
        """Cut every connection that is open; new ones are accepted as before."""
        for task, writer in list(self._tasks.items()):
            writer.transport.abort()
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.ensure_future(self._serve(Connection(self.connections, reader, writer)))
        self._tasks[task] = writer
        task.add_done_callback(self._tasks.pop)

    async def _serve(self, connection: Connection) -> None:
        try:
            if connection.number <= len(self._accept):
                await self._accept[connection.number - 1].play(connection)
            if self._tls and not connection.ended:
                await connection.writer.start_tls(self._tls)
            while not connection.ended:
                await self._exchange(connection)
        except (ConnectionError, ssl.SSLError, asyncio.IncompleteReadError):
            pass  # the client went away, which the test sees at its own end
        except Exception as failure:  # noqa: BLE001 # a broken script fails the test at the end
            self._failures.append(failure)
        finally:
            connection.writer.close()

    async def _exchange(self, connection: Connection) -> None:
        head = (await connection.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, *fields = head.rstrip("\r\n").split("\r\n")
        method, target, _ = line.split(" ")
        headers = CIMultiDict[str](
            (name, value.strip()) for name, _, value in (field.partition(":") for field in fields)
        )
        step = self._steps[min(self._played, len(self._steps) - 1)]
        self._played += 1
        body = b""
        if not step.early:
            body = await connection.reader.readexactly(int(headers.get("Content-Length", "0")))
        connection.request = Arrival(connection.number, method, target, headers, body)
        self.requests.append(connection.request)
        self._arrival.set()
        await step.play(connection)


@contextlib.contextmanager
def closed_port() -> Iterator[int]:
    """A port of 127.0.0.1 that refuses connections, and that a `Wire` may take over."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]
