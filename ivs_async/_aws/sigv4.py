"""Signature Version 4, by aws-requests-auth. Owns the clock, the header set and what is kept.

The library's canonical path, canonical query and key derivation are used as they are. Importing it
drags in `requests`, so this module is imported on first use, in a worker thread.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import attrs
from aws_requests_auth.aws_auth import AWSRequestsAuth, getSignatureKey
from multidict import CIMultiDict

from .http import AUTHORIZATION, HOST, X_AMZ_DATE, X_AMZ_SECURITY_TOKEN
from .seams import Identity

_MOST = 256


@attrs.frozen(eq=False, repr=False)
class _Begun:
    """What the requests of one second to one target have in common.

    Attributes:
        request: Has hashed the canonical request up to the body's digest.
        signature: Has the key, and the string to sign up to the canonical request's digest.
        authorization: The header up to the signature.
        headers: All others, as aiohttp keeps them: to copy them is cheaper than to make them.
    """

    request: Any
    signature: hmac.HMAC
    authorization: str
    headers: CIMultiDict[str]


class Signer(AWSRequestsAuth):
    """Signs for one host, region and service; time and credentials come with each request.

    Args:
        host: The ``Host`` header.
        region: Where the service is.
        service: Its name in signatures.
        headers: More that every request has; they are not signed.
    """

    def __init__(
        self, *, host: str, region: str, service: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__("", "", host, region, service)
        self._constant = CIMultiDict({HOST: host, **(headers or {})})
        self._scope = f"{region}/{service}/aws4_request"
        self._keys: dict[tuple[str, str], bytes] = {}
        self._second = 0
        self._credentials: Identity | None = None
        self._begun: dict[tuple[str, str], _Begun] = {}

    def sign(
        self, method: str, target: str, body: bytes, credentials: Identity, now: float
    ) -> CIMultiDict[str]:
        """The headers that every request has, and those that sign this one.

        These are ``Authorization`` and every ``X-Amz-*`` that goes out.

        Args:
            method: HTTP verb.
            target: Path and query exactly as they will be sent.
            body: The bytes that will be sent.
            credentials: Whose signature it is.
            now: Seconds since 1970 by the service's clock.
        """
        second = int(now)
        if (
            second != self._second
            or credentials is not self._credentials
            or len(self._begun) >= _MOST
        ):
            self._second, self._credentials = second, credentials
            self._begun.clear()
        begun = self._begun.get((method, target))
        if begun is None:
            begun = self._begun[method, target] = self._begin(method, target, credentials, second)
        request = begun.request.copy()
        request.update(hashlib.sha256(body).hexdigest().encode())
        signature = begun.signature.copy()
        signature.update(request.hexdigest().encode())
        headers = begun.headers.copy()
        headers[AUTHORIZATION] = begun.authorization + signature.hexdigest()
        return headers

    def _begin(self, method: str, target: str, credentials: Identity, second: int) -> _Begun:
        moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(second))
        token = credentials.session_token
        headers = self._constant.copy()
        headers[X_AMZ_DATE] = moment
        signed = "host;x-amz-date"
        fields = f"host:{self.aws_host}\nx-amz-date:{moment}\n"
        if token:
            headers[X_AMZ_SECURITY_TOKEN] = token
            signed = "host;x-amz-date;x-amz-security-token"
            fields = f"{fields}x-amz-security-token:{token}\n"
        request = f"{method}\n{_canonical(target)}\n{fields}\n{signed}\n"
        scope = f"{moment[:8]}/{self._scope}"
        return _Begun(
            request=hashlib.sha256(request.encode()),
            signature=hmac.new(
                self._key(credentials.secret_access_key, moment[:8]),
                f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n".encode(),
                "sha256",
            ),
            authorization=f"AWS4-HMAC-SHA256 Credential={credentials.access_key_id}/{scope}, "
            f"SignedHeaders={signed}, Signature=",
            headers=headers,
        )

    def _key(self, secret: str, day: str) -> bytes:
        """The signing key of a secret and day; a few are kept, for rotation and midnight."""
        key = self._keys.get((secret, day))
        if key is None:
            if len(self._keys) >= 8:
                self._keys.clear()
            key = getSignatureKey(secret, day, self.aws_region, self.service)
            self._keys[secret, day] = key
        return key


@lru_cache(maxsize=_MOST)
def _canonical(target: str) -> str:
    """Canonical path and query of a target; most operations have one target for ever."""
    request = SimpleNamespace(url=f"https://host{target}")
    path = AWSRequestsAuth.get_canonical_path(request)
    return f"{path}\n{AWSRequestsAuth.get_canonical_querystring(request)}"
