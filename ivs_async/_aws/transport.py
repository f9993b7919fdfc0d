"""One HTTP exchange over aiohttp, and its failures in our words.

The only module that imports aiohttp's client. It repeats nothing, follows nothing, decompresses
within a cap, and knows of each failed exchange whether anything was written.
"""

from __future__ import annotations

import ssl
import zlib
from functools import lru_cache
from typing import Final

import aiohttp
from aiohttp.abc import AbstractStreamWriter
from aiohttp.client_proto import ResponseHandler
from aiohttp.http import StreamWriter
from aiohttp.payload import BytesPayload
from yarl import URL

from .errors import (
    CallError,
    RequestNotSent,
    RequestTimeout,
    ResponseNotReceived,
    UnexpectedResponse,
)
from .http import CONTENT_ENCODING, CONTENT_TYPE, Request, Response

AIOHTTP_VERSION: Final = aiohttp.__version__
CLIENT_SESSION: Final = aiohttp.ClientSession
MAX_BODY: Final = 16 * 1024 * 1024
"""Bytes of an answer, decompressed; the API's largest page has a few hundred thousand."""


class Exchange:
    """One request on its way.

    Attributes:
        request: What is sent.
        written: Whether any of it may have reached the service.
        stale: Whether a pooled connection was found unfit before anything was written.
    """

    __slots__ = ("request", "stale", "written")

    def __init__(self, request: Request) -> None:
        self.request = request
        self.written = False
        self.stale = False


class StaleConnection(RequestNotSent):
    """A pooled connection was found unfit before anything was written; try another."""


class Transport:
    """Connections to one endpoint. To be made inside a running event loop.

    Args:
        base_url: Scheme and authority, normalised.
        http_session: Borrowed: its connections are used and it is never closed.
        max_connections: Bound of an own session's pool.
        proxy: URL of an HTTP proxy.
        ssl_context: In place of the default trust store.
    """

    def __init__(
        self,
        base_url: str,
        *,
        http_session: aiohttp.ClientSession | None,
        max_connections: int,
        proxy: str | None,
        ssl_context: ssl.SSLContext | None,
    ) -> None:
        self._base_url = base_url
        self._proxy = proxy
        self._ssl: ssl.SSLContext | bool = ssl_context or True
        self._owned = http_session is None
        self._http = http_session or aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=max_connections),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        self._url = lru_cache(maxsize=256)(lambda target: URL(base_url + target, encoded=True))

    async def send(self, exchange: Exchange, timeout: float, connect_timeout: float) -> Response:
        """Send a request once and read its answer whole.

        Args:
            exchange: Tells afterwards, however this ends, whether anything was written.
            timeout: Seconds for everything, the body included.
            connect_timeout: Seconds for TCP and TLS.

        Raises:
            RequestNotSent: Nothing was written.
            ResponseNotReceived: Something was, and no whole answer came.
            UnexpectedResponse: The answer exceeds the cap or cannot be decompressed.
        """
        request = exchange.request
        try:
            async with self._http.request(
                request.method,
                self._url(request.target),
                data=_Body(exchange),
                headers=request.headers,
                allow_redirects=False,
                auto_decompress=False,
                middlewares=() if request.body else _NO_SILENT_REPEAT,
                proxy=self._proxy,
                raise_for_status=False,
                skip_auto_headers=None if request.body else _BODY_HEADERS,
                ssl=self._ssl,
                timeout=_limits(timeout, connect_timeout),
            ) as answer:
                if not exchange.written:
                    answer.close()
                    raise StaleConnection("an answer was there before the request was sent")
                body = await _read(answer)
                return Response(answer.status, answer.headers, body)
        except CallError:
            raise
        except (aiohttp.ClientError, OSError, RuntimeError, ValueError) as error:
            failure = _translate(error, exchange, timeout, self._base_url)
        if isinstance(failure, RequestNotSent):
            self._forget_addresses()
        # outside the handler: aiohttp's errors carry the signed headers, so none is chained
        raise failure

    def _forget_addresses(self) -> None:
        """Look the endpoint's name up again for the next connection: it may have moved."""
        connector = self._http.connector
        if isinstance(connector, aiohttp.TCPConnector):
            connector.clear_dns_cache()

    async def close(self) -> None:
        """Close the connections, unless they are borrowed."""
        if self._owned:
            await self._http.close()


class _Body(BytesPayload):
    """The bytes to send, or none, noting when they are handed to a connection.

    aiohttp gives an idle connection's surplus bytes to the next request as its answer, so nothing
    is written to a connection that holds any.
    """

    def __init__(self, exchange: Exchange) -> None:
        super().__init__(exchange.request.body, content_type="application/json")
        self._exchange = exchange

    async def write_with_length(
        self,
        writer: AbstractStreamWriter,
        content_length: int | None,  # noqa: ARG002 - always that of the body
    ) -> None:
        exchange = self._exchange
        try:
            if isinstance(writer, StreamWriter) and _is_soiled(writer.protocol):
                raise aiohttp.ClientConnectionResetError("The connection holds surplus bytes")
            exchange.written = True
            await writer.write(exchange.request.body)
        except aiohttp.ClientConnectionResetError:
            # raised on a closing transport; headers and body leave in one write, so none has left
            exchange.written = False
            exchange.stale = True
            raise


def _is_soiled(protocol: object) -> bool:
    """Whether a connection has received something since its last answer, or has failed."""
    return isinstance(protocol, ResponseHandler) and protocol.should_close


async def _no_silent_repeat(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Hide lost connections from aiohttp, which repeats GET and DELETE on its own."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        lost = _ConnectionLost(_reason(error))
    raise lost


class _ConnectionLost(aiohttp.ClientError):
    """A connection ended, as an error that aiohttp does not act on."""


_BODY_HEADERS: Final = (CONTENT_TYPE,)
_NO_SILENT_REPEAT: Final = (_no_silent_repeat,)
# none for POST, which aiohttp never repeats; a borrowed session's own are set aside as well


@lru_cache(maxsize=64)
def _limits(timeout: float, connect_timeout: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=timeout, sock_connect=connect_timeout)


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    """The body, whole, decompressed, at most `MAX_BODY`."""
    content = answer.content
    chunks = []
    size = 0
    while chunk := await content.readany():
        size += len(chunk)
        if size > MAX_BODY:
            answer.close()
            raise _refused(answer, f"the answer is over {MAX_BODY:,} bytes")
        chunks.append(chunk)
    body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
    encoding = answer.headers.get(CONTENT_ENCODING, "identity").strip().lower()
    if encoding == "identity" or not body:
        return body
    try:
        return _decompress(body, encoding)
    except (zlib.error, EOFError, LookupError):
        failure = f"the answer cannot be decompressed ({encoding[:32]!r}, {len(body):,} bytes)"
    except OverflowError:
        failure = f"the answer is over {MAX_BODY:,} bytes when decompressed"
    raise _refused(answer, failure)


def _decompress(body: bytes, encoding: str) -> bytes:
    """Undo a gzip or deflate that was not asked for, all members of it."""
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise LookupError(encoding)
    window = zlib.MAX_WBITS | 32  # gzip or zlib, told apart by the header
    if encoding == "deflate" and body[0] & 0x0F != 8:
        window = -zlib.MAX_WBITS  # raw deflate, which some servers send under that name
    parts = []
    size = 0
    while body:
        member = zlib.decompressobj(window)
        part = member.decompress(body, MAX_BODY - size + 1)
        size += len(part)
        if size > MAX_BODY:
            raise OverflowError
        if not member.eof:
            raise EOFError
        parts.append(part)
        body = member.unused_data.lstrip(b"\0")
    return b"".join(parts)


def _refused(answer: aiohttp.ClientResponse, what: str) -> UnexpectedResponse:
    return UnexpectedResponse(
        what, status=answer.status, request_id=answer.headers.get("x-amzn-requestid")
    )


def _translate(error: Exception, exchange: Exchange, timeout: float, where: str) -> CallError:
    """The one table from aiohttp's errors, and the system's, to ours."""
    reason = _reason(error)
    if exchange.written:
        if isinstance(error, TimeoutError):
            return RequestTimeout(f"no answer within {timeout:g} s")
        return ResponseNotReceived(f"the connection ended without a whole answer: {reason}")
    match error:
        case _ if exchange.stale:
            return StaleConnection(f"the connection was closed: {reason}")
        case aiohttp.ClientConnectorCertificateError():
            failure = RequestNotSent(f"TLS with {where} failed: {reason}")
            failure.permanent = True
            return failure
        case aiohttp.ClientConnectorSSLError():
            return RequestNotSent(f"TLS with {where} failed: {reason}")
        case aiohttp.ClientConnectorError() | aiohttp.ClientHttpProxyError():
            return RequestNotSent(f"no connection to {where}: {reason}")
        case RuntimeError() | aiohttp.InvalidURL() | ValueError():
            failure = RequestNotSent(f"the HTTP session refused the request: {reason}")
            failure.permanent = True
            return failure
        case TimeoutError():
            return RequestNotSent(f"no connection to {where} within the time limit")
        case _:
            return RequestNotSent(f"the connection ended before the request was sent: {reason}")


def _reason(error: BaseException) -> str:
    """What went wrong, from the parts of an error that never hold a header or a body."""
    if isinstance(error, _ConnectionLost):
        return str(error)
    if isinstance(error, aiohttp.ClientConnectorError):
        error = error.os_error
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    if isinstance(error, RuntimeError):
        return str(error)
    text = getattr(error, "strerror", None)
    return f"{text} ({type(error).__name__})" if isinstance(text, str) else type(error).__name__
