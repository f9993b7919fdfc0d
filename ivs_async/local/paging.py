"""Pages and their tokens: opaque, bound to the list they come from, and refused when forged.

A token says where a list goes on, not what it held, so nothing is repeated or lost when
resources come and go between two pages. It knows neither operations nor resources.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Iterable
from itertools import islice
from typing import Any

from .errors import ApiError

_DIGEST = 12


class Pager:
    """Cuts lists into pages.

    Args:
        key: Signs the tokens, so that those of another local IVS are refused.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def after(self, operation: str, request: dict[str, Any]) -> int | None:
        """The position after which the asked page begins, None for the first page.

        Raises:
            ApiError: The token is not one that this list gave with these filters.
        """
        token = request.get("nextToken")
        if not token:
            return None
        try:
            raw = base64.urlsafe_b64decode(token)
        except (binascii.Error, ValueError):
            raw = b""
        digest, position = raw[:_DIGEST], raw[_DIGEST:]
        expected = self._digest(operation, request, position)
        if not hmac.compare_digest(digest, expected):
            raise ApiError("ValidationException", f"{operation}.nextToken is not valid")
        return int(position)

    def page(
        self,
        operation: str,
        request: dict[str, Any],
        rest: Iterable[tuple[int, dict[str, Any]]],
        default: int,
    ) -> tuple[list[dict[str, Any]], str | None]:
        """The next page of ``rest`` and the token of the one after, None if there is none.

        Args:
            operation: The list's name.
            request: As sent: its filters are part of the token.
            rest: Positions and items behind the position that `after` gave.
            default: Items of a page when the request names no number.
        """
        size = request.get("maxResults", default)
        page = list(islice(rest, size + 1))
        if len(page) <= size:
            return [item for _, item in page], None
        position = b"%d" % page[size - 1][0]
        token = self._digest(operation, request, position) + position
        return [item for _, item in page[:size]], base64.urlsafe_b64encode(token).decode()

    def _digest(self, operation: str, request: dict[str, Any], position: bytes) -> bytes:
        filters = {k: v for k, v in request.items() if k not in {"nextToken", "maxResults"}}
        text = json.dumps([operation, filters], sort_keys=True).encode() + position
        return hmac.digest(self._key, text, hashlib.sha256)[:_DIGEST]
