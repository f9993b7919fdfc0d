"""A request and a response as values. Their reprs are safe to log: no header, query or body."""

from __future__ import annotations

from collections.abc import Mapping

import attrs


@attrs.frozen
class Request:
    """One signed HTTP request, exactly as it goes on the wire.

    Attributes:
        method: HTTP verb.
        target: Path and query, percent-encoded, as sent and as signed.
        headers: Everything but ``Host`` and ``Content-Length``.
        body: The bytes to send, empty for none.
    """

    method: str
    target: str = attrs.field(repr=False)
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)


@attrs.frozen
class Response:
    """One HTTP answer, its body whole, decompressed and undecoded.

    Attributes:
        status: HTTP status.
        headers: Case-insensitive.
        body: At most the transport's cap.
    """

    status: int
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)
