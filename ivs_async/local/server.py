"""HTTP in and out: routes, the order in which a call is judged, and answers as IVS frames them.

A call meets latency, faults, signature, rate and service in this order. What happens under
``/_local/`` is `control`'s.
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import random
import socket
import struct
import uuid
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from email.utils import formatdate
from threading import RLock
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

import attrs
from aiohttp import web

from ivs_async import operations
from ivs_async._aws.operation import Operation

from .auth import Authority, SignedRequest
from .errors import ApiError
from .faults import Fault, Faults
from .rates import Rates
from .rules import NO_CONTENT
from .service import Service
from .store import Json

logger = logging.getLogger("ivs_async.local")

CALLS_KEPT: Final = 100_000
CONTROL_PREFIX: Final = "/_local/"

EDGE_PAGE: Final = (
    "<!DOCTYPE html><html><head><title>ERROR: The request could not be satisfied</title></head>"
    "<body><h1>{status} ERROR</h1><p>The request could not be satisfied.</p></body></html>"
)

SECURITY_HEADERS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "x-amzn-ErrorType,x-amzn-requestid,Date",
    "Cache-Control": "no-cache, no-store, must-revalidate",
    "Content-Security-Policy": "default-src 'self'",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""What the model says that errors and the answers of batches carry."""

Latency = float | tuple[float, float]
"""Seconds that a call takes on its way: fixed, or anything between two figures."""


@attrs.frozen(kw_only=True)
class Call:
    """One call that reached the service.

    Attributes:
        operation: What was asked for.
        resource: The channel that it names, if it names one.
        status: HTTP status of the answer; 0 if the connection was reset instead.
        code: Error code of the answer, empty for a success.
        request_id: As in the answer.
        received_at: When the service got it, in seconds since 1970.
    """

    operation: str
    resource: str | None
    status: int
    code: str
    request_id: str
    received_at: float


@attrs.frozen
class Reply:
    """An answer before it is framed."""

    status: int
    body: bytes = b""
    code: str = ""
    headers: Mapping[str, str] = attrs.field(factory=dict)


class Front:
    """Takes requests in and gives answers out.

    Args:
        service: What answers.
        authority: Who may call.
        rates: How often.
        faults: What fails on demand.
        latency: How long a call is on its way, half of it before the service has it.
        control: Answers what lies under ``/_local/``.
        lock: Held while something is changed, so that other threads may.
    """

    def __init__(
        self,
        *,
        service: Service,
        authority: Authority,
        rates: Rates,
        faults: Faults,
        latency: Latency,
        control: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]],
        lock: RLock,
    ) -> None:
        self.service = service
        self.latency = latency
        self.calls: deque[Call] = deque(maxlen=CALLS_KEPT)
        self._authority = authority
        self._rates = rates
        self._faults = faults
        self._control = control
        self._lock = lock
        self._date = (0, "")

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one HTTP request."""
        target = request.raw_path
        if target.startswith(CONTROL_PREFIX):
            return await self._control(request)
        request_id = str(uuid.UUID(int=random.getrandbits(128), version=4))
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            error = ApiError("RequestEntityTooLargeException", "The request is too large")
            return self._frame(_error(error), request_id, self.service.store.clock())
        except ConnectionError:
            # the client went away in the middle of its request; nobody hears the answer
            return web.Response(status=400)
        operation, members = _route(request.method, target)
        if operation is None:
            error = ApiError("UnknownOperationException", "There is no such operation")
            return self._frame(_error(error), request_id, self.service.store.clock())
        members, malformed = _members(members, body)
        resource = _resource(members)
        lag = self._lag()
        if lag:
            await asyncio.sleep(lag / 2)
        with self._lock:
            fault = self._faults.next(operation.name, resource)
        if fault is not None and fault.delay:
            await asyncio.sleep(fault.delay)
        now = received_at = self.service.store.clock()
        if fault is not None:
            now += fault.skew
        reply = None if fault is None else _failed(fault)
        if fault is None or reply is None or fault.processed:
            signed = SignedRequest(request.method, target, request.headers, body)
            with self._lock:
                judged = self._judge(operation, members, resource, signed, malformed, now)
            reply = reply or judged
        self.calls.append(
            Call(
                operation=operation.name,
                resource=resource,
                status=0 if fault is not None and fault.reset else reply.status,
                code=reply.code,
                request_id=request_id,
                received_at=received_at,
            )
        )
        if logger.isEnabledFor(logging.INFO):
            logger.info(
                "%s %d %s %.1f ms %s",
                operation.name,
                reply.status,
                reply.code or "OK",
                (self.service.store.clock() - received_at) * 1_000,
                request_id,
            )
        if lag:
            await asyncio.sleep(lag / 2)
        if fault is None:
            return self._frame(reply, request_id, now)
        return await self._break(request, reply, fault, request_id, now)

    def _judge(
        self,
        operation: Operation[Any],
        members: Json,
        resource: str | None,
        signed: SignedRequest,
        malformed: ApiError | None,
        now: float,
    ) -> Reply:
        try:
            self._authority.admit(signed, operation.name, now)
            counted = resource if operation.resource else None
            self._rates.admit(operation.name, counted, self.service.store.clock())
            if malformed is not None:
                raise malformed
            answer = self.service.call(operation, members)
        except ApiError as error:
            return _error(error)
        except Exception:
            logger.exception("%s failed in the local IVS itself", operation.name)
            return _error(ApiError("InternalServerException"))
        if operation.name in NO_CONTENT:
            return Reply(204)
        headers = SECURITY_HEADERS if operation.name.startswith("Batch") else {}
        return Reply(200, _dump(answer or {}), headers=headers)

    def _frame(self, reply: Reply, request_id: str, now: float) -> web.Response:
        headers = {
            "Date": self._http_date(now),
            "x-amzn-requestid": request_id,
            "x-amz-cf-id": base64.urlsafe_b64encode(random.randbytes(41)).decode(),
            "Content-Type": "application/json",
            **reply.headers,
        }
        if reply.status == 204:
            del headers["Content-Type"]
        return web.Response(status=reply.status, body=reply.body, headers=headers)

    async def _break(
        self, request: web.BaseRequest, reply: Reply, fault: Fault, request_id: str, now: float
    ) -> web.StreamResponse:
        response = self._frame(reply, request_id, now)
        response.headers.update(fault.headers)
        transport = request.transport
        if transport is None or not (fault.reset or fault.cut):
            return response
        if fault.reset or not reply.body:
            _reset(transport)
            return response
        cut = web.StreamResponse(status=reply.status, headers=response.headers)
        cut.content_length = len(reply.body)
        await cut.prepare(request)
        await cut.write(reply.body[: len(reply.body) // 2])
        transport.close()
        return cut

    def _lag(self) -> float:
        latency = self.latency
        return random.uniform(*latency) if isinstance(latency, tuple) else latency

    def _http_date(self, now: float) -> str:
        if self._date[0] != int(now):
            self._date = (int(now), formatdate(now, usegmt=True))
        return self._date[1]


_PLAIN: Final = {operation.path: operation for operation in operations.ALL}
_TAGS: Final = {
    operation.method: operation for operation in operations.ALL if "{" in operation.path
}
_TAGS_PREFIX: Final = "/tags/"


def _route(method: str, target: str) -> tuple[Operation[Any] | None, Json]:
    """The operation that a request asks for, and its members outside the body."""
    path, _, query = target.partition("?")
    if path.startswith(_TAGS_PREFIX):
        members: Json = {"resourceArn": unquote(path[len(_TAGS_PREFIX) :])}
        if method == "DELETE":
            members["tagKeys"] = [
                value
                for name, value in parse_qsl(query, keep_blank_values=True)
                if name == "tagKeys"
            ]
        return _TAGS.get(method), members
    operation = _PLAIN.get(path)
    if operation is None or operation.method != method:
        return None, {}
    return operation, {}


def _members(members: Json, body: bytes) -> tuple[Json, ApiError | None]:
    """All members of a request, or the error that says why its body cannot be read."""
    if not body:
        return members, None
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return members, ApiError("MalformedHttpRequestException", "The body is not JSON")
    if not isinstance(document, dict):
        return members, ApiError("MalformedHttpRequestException", "The body is not a JSON object")
    return {**document, **members}, None


def _resource(members: Json) -> str | None:
    arn = members.get("channelArn")
    return arn if isinstance(arn, str) and len(arn) <= 128 else None


def _failed(fault: Fault) -> Reply | None:
    """What a fault puts in the place of the call's answer, None where it only spoils that."""
    if not (fault.reset or fault.answers):
        return None
    status = fault.status or 200
    if fault.html:
        page = EDGE_PAGE.format(status=status).encode()
        return Reply(status, page, headers={"Content-Type": "text/html"})
    if fault.body is not None:
        return Reply(status, fault.body)
    if fault.error is None:
        return Reply(status)
    return _error(ApiError(fault.error, fault.message, status=status))


def _error(error: ApiError) -> Reply:
    body = {"exceptionMessage": error.message, "message": error.message}
    headers = {**SECURITY_HEADERS, "x-amzn-ErrorType": error.code}
    return Reply(error.status, _dump(body), error.code, headers)


def _dump(document: Json) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _reset(transport: asyncio.Transport) -> None:
    """Close a connection so that the other side sees a reset and not an end."""
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
