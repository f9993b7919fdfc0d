"""Every client before the same faults, and what its caller gets: ``python -m benchmarks.faults``.

The server is that of the tests, each step of it scripted; each client runs in a process and an
environment of its own. Prints the table of the documentation.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import ssl
import sys
import time
from collections.abc import Callable
from datetime import datetime
from email.utils import formatdate
from statistics import median
from typing import Any

import attrs
import trustme

from tests.faults.client import open_session
from tests.faults.life import grown
from tests.wire import FIN, HANG, RST, Connection, Step, Wire, answer, error, http, send

from .fault_client import ARN

PEERS = os.environ.get("IVS_ASYNC_PEERS")
CLIENTS = {
    "ivs_async": ([sys.executable, "-m", "benchmarks.fault_client", "ivs_async"], {}),
    "aiobotocore": ([f"{PEERS}/bin/python", "-m", "benchmarks.fault_client", "aiobotocore"], {}),
    "aiobotocore, retries of 2026": (
        [f"{PEERS}/bin/python", "-m", "benchmarks.fault_client", "aiobotocore"],
        {"AWS_NEW_RETRIES_2026": "true"},
    ),
}

BODY = json.dumps({"channel": {"arn": ARN, "name": "demo"}}).encode()
WHOLE = http(200, BODY)
CHANNEL = send(WHOLE)
HEAD = WHOLE.index(b"\r\n\r\n") + 4
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n" + BODY[:16] + b"\r\n"
SURPLUS = http(200, {"channel": {"arn": "of nobody"}})

Judge = Callable[[dict[str, Any], Wire], bool]


def answered(result: dict[str, Any], wire: Wire) -> bool:
    return result.get("answer") == ARN and len(wire.requests) <= 3


def refused(result: dict[str, Any], _: Wire) -> bool:
    """An error of the client's own kind."""
    return bool(result.get("typed"))


def refused_with(code: str) -> Judge:
    """That error, and no second request."""
    return lambda result, wire: (
        refused(result, wire) and result["code"] == code and len(wire.requests) == 1
    )


def told(text: str) -> Judge:
    """An error that passes on what the service said."""
    return lambda result, wire: refused(result, wire) and text in result["text"]


def once(result: dict[str, Any], wire: Wire) -> bool:
    """An error, and the work was not asked for a second time."""
    return refused(result, wire) and len(wire.requests) == 1


def unfailing(result: dict[str, Any], _: Wire) -> bool:
    return bool(result["failed"] == 0)


def unmixed(result: dict[str, Any], _: Wire) -> bool:
    return bool(result["wrong"] == 0)


@attrs.frozen
class Case:
    """One fault.

    Attributes:
        name: The row of the table.
        steps: What the server does.
        due: What the caller should get.
        judge: Whether the caller got it.
        call: Which call is made.
        action: How it is made.
        attempts: How many attempts the client may make.
        tls: Whether it speaks TLS, with a certificate that nobody trusts.
    """

    name: str
    steps: tuple[Step, ...]
    due: str = "the answer"
    judge: Judge = answered
    call: str = "get"
    action: str = "one"
    attempts: int = 3
    tls: bool = False


async def _strict_clock(connection: Connection) -> None:
    """A service whose clock is an hour ahead, and which says so."""
    now = time.time() + 3600
    date = {"Date": formatdate(now, usegmt=True)}
    signed = datetime.strptime(
        connection.request.headers["X-Amz-Date"] + "+0000", "%Y%m%dT%H%M%SZ%z"
    )
    if abs(signed.timestamp() - now) < 300:
        await connection.send(http(200, BODY, date))
    else:
        refusal = {"x-amzn-ErrorType": "InvalidSignatureException", **date}
        await connection.send(http(403, {"message": "Signature not yet current"}, refusal))


async def _echo(connection: Connection) -> None:
    await asyncio.sleep(0.003)
    await connection.send(http(200, {"channel": {"arn": connection.request.json["arn"]}}))


def _twice(name: str, fault: Step) -> Case:
    return Case(f"{name}, twice", (fault, fault, CHANNEL))


def _bad(name: str, body: bytes, status: int = 200) -> Case:
    return Case(f"{status} with {name}", (answer(status, body),), "a typed error", refused)


def matrix(elsewhere: Wire) -> list[Case]:
    """The first table. ``elsewhere`` is where redirects point to."""

    def unfollowed(result: dict[str, Any], wire: Wire) -> bool:
        heard, elsewhere.connections = elsewhere.connections, 0
        return refused(result, wire) and not heard

    packed = {"Content-Encoding": "gzip"}
    return [
        _twice("Connection closed before the answer", FIN),
        _twice("Connection reset before the answer", RST),
        _twice("Status line cut", send(WHOLE[:7], end="fin")),
        _twice("Headers cut", send(WHOLE[:40], end="fin")),
        _twice("Body cut", send(WHOLE[:-5], end="fin")),
        _twice("Chunked body cut", send(CHUNKED, end="fin")),
        _twice("Garbage", send(b"\x00\x01\x02garbage\r\n\r\n", end="fin")),
        Case("No answer", (HANG, CHANNEL)),
        Case("One byte every 50 ms", (send(*(bytes([b]) for b in WHOLE), every=0.05), CHANNEL)),
        *(_twice(f"Status {status}", answer(status)) for status in (500, 502, 503, 504)),
        _twice("ThrottlingException", error("ThrottlingException", 429)),
        _twice("RequestTimeout", error("RequestTimeout", 408)),
        _twice("StreamUnavailable", error("StreamUnavailable", 503)),
        Case(
            "ResourceNotFoundException",
            (error("ResourceNotFoundException", 404), CHANNEL),
            "that error, at once",
            refused_with("ResourceNotFoundException"),
        ),
        Case("Content type text/html", (answer(200, BODY, {"Content-Type": "text/html"}),)),
        Case(
            "A header of 20 KB",
            (answer(200, BODY, {"x-big": "x" * 20_000}),),
            "an answer or a typed error",
            lambda result, wire: answered(result, wire) or refused(result, wire),
        ),
        Case("Interim answer 100", (send(http(100), WHOLE),)),
        Case("Interim answer 103", (send(http(103, b"", {"Link": "</x>"}), WHOLE),)),
        Case("Unknown enum value", (answer(200, {"channel": {"arn": ARN, "type": "NEW"}}),)),
        Case(
            "Expired credentials",
            (error("ExpiredTokenException", 403),),
            "that error, at once",
            refused_with("ExpiredTokenException"),
        ),
        Case(
            "413 before the body is read",
            (
                answer(
                    413, {"message": "too large"}, {"Connection": "close"}, end="fin", early=True
                ),
            ),
            "a typed error",
            refused,
        ),
        Case(
            "Server closes after each answer",
            (send(WHOLE, end="fin"),),
            "200 answers",
            unfailing,
            action="in a row",
        ),
        Case("Second answer in the packet", (send(WHOLE + SURPLUS), CHANNEL), action="second"),
        Case(
            "70% of 500 calls cancelled",
            (Step(_echo),),
            "each its own answer",
            unmixed,
            action="cancelled",
        ),
        _twice("429 without a code", answer(429)),
        Case(
            "Text in exceptionMessage",
            (error("ValidationException", 400, "name is too long"),),
            "an error with the text",
            told("name is too long"),
        ),
        _bad("cut JSON", BODY[:-3]),
        _bad("HTML", b"<html></html>"),
        _bad("nothing", b""),
        _bad("null", b"null"),
        _bad("an array", b"[]"),
        _bad("an array", b"[]", 400),
        _bad("invalid UTF-8", b'{"message": "\xff"}', 400),
        Case("gzip that was not asked for", (answer(200, gzip.compress(BODY), packed),)),
        Case(
            "Corrupt gzip",
            (answer(200, gzip.compress(BODY)[:-9], packed),),
            "a typed error",
            refused,
        ),
        _bad("200,000 brackets", b"[" * 200_000),
        Case("Clock an hour off", (Step(_strict_clock),)),
        *(
            Case(
                f"Redirect {status} to another server",
                (answer(status, b"", {"Location": f"{elsewhere.url}/x"}),),
                "an error; the other hears nothing",
                unfollowed,
            )
            for status in (301, 302, 307, 308)
        ),
    ]


def beyond() -> list[Case]:
    """What the matrix did not ask."""
    soon = 0.03
    return [
        Case("Silence within the body", (send(WHOLE[:-5], end="hang"), CHANNEL)),
        Case(
            "HTTP/1.0, body up to the end of the connection",
            (send(b"HTTP/1.0 200 OK\r\n\r\n" + BODY, end="fin"),),
        ),
        Case(
            "200 headers",
            (answer(200, BODY, {f"x-{number}": "x" for number in range(200)}),),
            "an answer or a typed error",
            lambda result, wire: answered(result, wire) or refused(result, wire),
        ),
        Case(
            "Second answer on the idle connection",
            (send(WHOLE, SURPLUS, every=soon), CHANNEL),
            action="second",
        ),
        Case(
            "408 notice on the idle connection",
            (send(WHOLE, http(408), every=soon), CHANNEL),
            action="second",
        ),
        *(
            Case(
                f"{what} lost: {how}", (step, CHANNEL), "an error; asked for once", once, call=call
            )
            for what, call in (
                ("CreateChannel's answer", "create"),
                ("PutMetadata's answer", "put"),
            )
            for how, step in (
                ("closed", FIN),
                ("reset", RST),
                ("silence", HANG),
                ("504", answer(504)),
            )
        ),
        Case(
            "DELETE lost, one attempt allowed",
            (FIN, answer(200, b"{}")),
            "an error; asked for once",
            once,
            call="untag",
            attempts=1,
        ),
        _bad("invalid UTF-8", BODY[:-2] + b"\xff" + BODY[-2:]),
        _bad("a member of the wrong type", b'{"channel": [1]}'),
        Case(
            "gzip of two members",
            (
                answer(
                    200,
                    gzip.compress(BODY[:9]) + gzip.compress(BODY[9:]),
                    {"Content-Encoding": "gzip"},
                ),
            ),
        ),
        Case(
            "Certificate that nobody trusts",
            (CHANNEL,),
            "a typed error after one connection",
            lambda result, wire: refused(result, wire) and wire.connections == 1,
            tls=True,
        ),
    ]


class Client:
    """A process that meets faults."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.command, self.environment = CLIENTS[name]

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            *self.command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, **self.environment},
        )

    async def meet(self, case: Case, context: ssl.SSLContext) -> tuple[bool, str]:
        """Whether the caller got what was due, and what the caller got."""
        assert self.process.stdin
        assert self.process.stdout
        async with Wire(*case.steps, tls=context if case.tls else None) as wire:
            job = {
                "url": wire.url,
                "action": case.action,
                "call": case.call,
                "attempts": case.attempts,
            }
            self.process.stdin.write(json.dumps(job).encode() + b"\n")
            line = await self.process.stdout.readline()
            result = json.loads(line) if line else {"error": "the process died"}
        return case.judge(result, wire), describe(case, result, wire)

    async def stop(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        await self.process.wait()


def describe(case: Case, result: dict[str, Any], wire: Wire) -> str:
    """What a caller got, in a few words."""
    if "failed" in result:
        return f"{result['failed']} of 200 failed, {result['seconds']} s"
    if "wrong" in result:
        return f"{result['wrong']} wrong answers"
    if "error" in result:
        got = result["error"]
    elif result["answer"] == ARN:
        got = "the answer"
    elif case.call in ("put", "untag"):
        got = "success"
    elif result["answer"] is None:
        got = "success, empty"
    else:
        got = "the answer of another"
    count, what = (wire.connections, "connection") if case.tls else (len(wire.requests), "request")
    return f"{got}, {result['seconds']} s, {count} {what}{'s' * (count != 1)}"


async def compare(cases: list[Case], clients: list[Client], title: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    passed = dict.fromkeys((client.name for client in clients), 0)
    print(f"\n{title}\n")
    print("| Fault | Due | " + " | ".join(passed) + " |")
    print("|---|---|" + "---|" * len(passed))
    for case in cases:
        cells = []
        for client in clients:
            good, got = await client.meet(case, context)
            passed[client.name] += good
            cells.append(got if good else f"**no**: {got}")
        print(f"| {case.name} | {case.due} | " + " | ".join(cells) + " |", flush=True)
    scores = [f"**{score} of {len(cases)}**" for score in passed.values()]
    print("| **As due** | | " + " | ".join(scores) + " |")


async def figures() -> None:
    """What cannot be compared, as the peers promise nothing of the kind."""
    began = time.perf_counter()
    memory, files = await grown(20_000, warm_up=2_000)
    took = time.perf_counter() - began
    delays = []
    async with Wire(HANG) as wire, open_session(wire, max_connections=1_000) as ivs:
        tasks = [asyncio.create_task(ivs.get_channel(arn=ARN)) for _ in range(1_000)]
        await wire.arrived(1_000)
        for task in tasks:
            asked = time.perf_counter()
            task.cancel()
            await asyncio.wait([task])
            delays.append(time.perf_counter() - asked)
    print("\nFigures of ivs_async\n")
    print("| | |\n|---|---|")
    print(f"| 22,000 calls, a fifth of them failing, 8 at a time | {took:.0f} s |")
    print(f"| Memory gained over the last 20,000 of them | {memory / 1024:.0f} KB |")
    print(f"| Descriptors gained | {files} |")
    print(
        f"| Cancelling a call that waits for its answer, median of 1,000 | {ms(median(delays))} |"
    )
    print(f"| The slowest of them | {ms(max(delays))} |")


def ms(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"


async def main() -> None:
    clients = [Client(name) for name in CLIENTS if PEERS or name == "ivs_async"]
    if not PEERS:
        print("IVS_ASYNC_PEERS names no environment with aiobotocore, so it is not measured")
    for client in clients:
        await client.start()
    async with Wire(CHANNEL) as elsewhere:
        await compare(matrix(elsewhere), clients, "The matrix")
    await compare(beyond(), clients, "Beyond it")
    await figures()
    for client in clients:
        await client.stop()


if __name__ == "__main__":
    asyncio.run(main())
