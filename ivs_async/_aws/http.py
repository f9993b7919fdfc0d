"""A request and a response as values. Their reprs are safe to log: no header, query or body.

Named tuples, since one of each is made for every attempt and nothing is cheaper to make.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from multidict import istr

# names of headers as aiohttp keeps them, so that it need not fold their case for every request
ACCEPT: Final = istr("Accept")
ACCEPT_ENCODING: Final = istr("Accept-Encoding")
AUTHORIZATION: Final = istr("Authorization")
CONTENT_ENCODING: Final = istr("Content-Encoding")
CONTENT_TYPE: Final = istr("Content-Type")
HOST: Final = istr("Host")
INVOCATION_ID: Final = istr("amz-sdk-invocation-id")
REQUEST_ATTEMPT: Final = istr("amz-sdk-request")
USER_AGENT: Final = istr("User-Agent")
X_AMZ_DATE: Final = istr("X-Amz-Date")
X_AMZ_SECURITY_TOKEN: Final = istr("X-Amz-Security-Token")


class Request(NamedTuple):
    """One signed HTTP request, exactly as it goes on the wire.

    Attributes:
        method: HTTP verb.
        target: Path and query, percent-encoded, as sent and as signed.
        headers: Everything but ``Content-Length``.
        body: The bytes to send, empty for none.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.target.partition('?')[0]}, {len(self.body):,} bytes>"


class Response(NamedTuple):
    """One HTTP answer, its body whole, decompressed and undecoded.

    Attributes:
        status: HTTP status.
        headers: Case-insensitive.
        body: At most the transport's cap.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"<Response {self.status}, {len(self.body):,} bytes>"
