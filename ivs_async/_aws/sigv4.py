"""Signature Version 4, by aws-requests-auth. Owns the clock, the key cache and the header set.

The library's canonical path, canonical query and key derivation are used as they are. Importing it
drags in `requests`, so this module is imported on first use, in a worker thread.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from functools import lru_cache
from types import SimpleNamespace

from aws_requests_auth.aws_auth import AWSRequestsAuth, getSignatureKey

from .seams import Identity


class Signer(AWSRequestsAuth):
    """Signs for one host, region and service; time and credentials come with each request."""

    def __init__(self, *, host: str, region: str, service: str) -> None:
        super().__init__("", "", host, region, service)
        self._scope = f"{region}/{service}/aws4_request"
        self._keys: dict[tuple[str, str], bytes] = {}

    def sign(
        self, method: str, target: str, body: bytes, credentials: Identity, now: float
    ) -> dict[str, str]:
        """Headers that sign a request: ``Authorization`` and every ``X-Amz-*`` that goes out.

        Args:
            method: HTTP verb.
            target: Path and query exactly as they will be sent.
            body: The bytes that will be sent.
            credentials: Whose signature it is.
            now: Seconds since 1970 by the service's clock.
        """
        moment, day = _stamps(int(now))
        token = credentials.session_token
        headers = {"X-Amz-Date": moment}
        signed = "host;x-amz-date"
        fields = f"host:{self.aws_host}\nx-amz-date:{moment}\n"
        if token:
            headers["X-Amz-Security-Token"] = token
            signed = "host;x-amz-date;x-amz-security-token"
            fields = f"{fields}x-amz-security-token:{token}\n"
        digest = hashlib.sha256(body).hexdigest()
        request = f"{method}\n{_canonical(target)}\n{fields}\n{signed}\n{digest}"
        scope = f"{day}/{self._scope}"
        hashed = hashlib.sha256(request.encode()).hexdigest()
        signature = hmac.digest(
            self._key(credentials.secret_access_key, day),
            f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashed}".encode(),
            "sha256",
        ).hex()
        headers["Authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={credentials.access_key_id}/{scope}, "
            f"SignedHeaders={signed}, Signature={signature}"
        )
        return headers

    def _key(self, secret: str, day: str) -> bytes:
        """The signing key of a secret and day; a few are kept, for rotation and midnight."""
        key = self._keys.get((secret, day))
        if key is None:
            if len(self._keys) >= 8:
                self._keys.clear()
            key = getSignatureKey(secret, day, self.aws_region, self.service)
            self._keys[secret, day] = key
        return key


@lru_cache(maxsize=4)
def _stamps(second: int) -> tuple[str, str]:
    """A second as ``20150830T123600Z`` and ``20150830``."""
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(second))
    return moment, moment[:8]


@lru_cache(maxsize=256)
def _canonical(target: str) -> str:
    """Canonical path and query of a target; most operations have one target for ever."""
    request = SimpleNamespace(url=f"https://host{target}")
    path = AWSRequestsAuth.get_canonical_path(request)
    return f"{path}\n{AWSRequestsAuth.get_canonical_querystring(request)}"
