"""Who calls, and may they: signatures, sessions that expire, and what a policy denies.

Signatures are verified with botocore's signer, which is none of ours: a request is accepted only
if botocore would have signed it so. The errors are those that AWS services give.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final

import attrs

from ivs_async.credentials import Credentials

from .errors import ApiError

if TYPE_CHECKING:
    from multidict import CIMultiDictProxy

logger = logging.getLogger("ivs_async.local")

ALGORITHM: Final = "AWS4-HMAC-SHA256"
SERVICE: Final = "ivs"
LONGEST_SKEW: Final = 300
MISMATCH: Final = (
    "The request signature we calculated does not match the signature you provided. Check your "
    "AWS Secret Access Key and signing method. Consult the service documentation for details."
)

_PART: Final = re.compile(r"\s*(Credential|SignedHeaders|Signature)=([^,\s]+)\s*")
_TIMESTAMP: Final = re.compile(r"\d{8}T\d{6}Z")


@attrs.define(eq=False)
class Grant:
    """Credentials that the local IVS accepts, and what they may not do.

    Attributes:
        credentials: The credentials. Those that expire need their session token.
        denied: Operations that they may not call, ``*`` for all.
    """

    credentials: Credentials
    denied: frozenset[str] = frozenset()


@attrs.frozen
class SignedRequest:
    """What a signature covers, as it came over the wire."""

    method: str
    target: str
    headers: CIMultiDictProxy[str] = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)


@attrs.frozen
class Key:
    """Credentials as botocore's signer reads them."""

    access_key: str
    secret_key: str = attrs.field(repr=False)
    token: None = None


@attrs.frozen(kw_only=True)
class Described:
    """A request as botocore's signer reads it, without what makes its own class slow."""

    method: str
    url: str
    headers: Any = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)
    context: dict[str, str]
    params: None = None


Signer = Callable[[SignedRequest, Iterable[str], str, Credentials], str]
"""The signature that a request should have: request, signed headers, timestamp, credentials."""


def botocore_signer(region: str) -> Signer:
    """Botocore's signer for IVS in a region. Imports botocore: call it in a worker thread."""
    from botocore.auth import SigV4Auth
    from botocore.compat import HTTPHeaders

    signers: dict[Credentials, Any] = {}

    def sign(
        request: SignedRequest, signed: Iterable[str], timestamp: str, credentials: Credentials
    ) -> str:
        signer = signers.get(credentials)
        if signer is None:
            key = Key(credentials.access_key_id, credentials.secret_access_key)
            signer = signers[credentials] = SigV4Auth(key, SERVICE, region)
        headers = HTTPHeaders()
        for name in signed:
            for value in request.headers.getall(name, ()):
                headers[name] = value
        described = Described(
            method=request.method,
            url=f"http://{request.headers.get('Host', '')}{request.target}",
            headers=headers,
            body=request.body,
            context={"timestamp": timestamp},
        )
        canonical = signer.canonical_request(described)
        return str(signer.signature(signer.string_to_sign(described, canonical), described))

    return sign


class Authority:
    """Tells whose a request is, or raises the error that AWS would send.

    Args:
        region: Which region's signatures are accepted.
        signer: Computes the signature that a request should have; None accepts every request.
        clock: Seconds since 1970.
    """

    def __init__(
        self, *, region: str, account_id: str, signer: Signer | None, clock: Callable[[], float]
    ) -> None:
        self._region = region
        self._account_id = account_id
        self.signer = signer
        self._clock = clock
        self.grants: dict[str, Grant] = {}
        self.denied: frozenset[str] = frozenset()
        self.verified = True

    def admit(self, request: SignedRequest, operation: str, now: float) -> None:
        """Let a request pass.

        Args:
            request: As it came.
            operation: What it asks for.
            now: When it came, by the service's clock.

        Raises:
            ApiError: It is not signed as it must be, or its signer may not do this.
        """
        denied = self.denied
        name = "local"
        if self.signer is not None:
            grant = self._verify(request, self.signer, now)
            denied = denied | grant.denied
            name = grant.credentials.access_key_id
        if operation in denied or "*" in denied:
            raise ApiError(
                "AccessDeniedException",
                f"User: arn:aws:iam::{self._account_id}:user/{name} is not authorized to perform: "
                f"ivs:{operation} on resource: arn:aws:ivs:{self._region}:{self._account_id}:*",
            )
        if not self.verified:
            raise ApiError("PendingVerification")

    def _verify(self, request: SignedRequest, signer: Signer, now: float) -> Grant:
        headers = request.headers
        header = headers.get("Authorization")
        if header is None:
            raise ApiError("MissingAuthenticationTokenException", "Missing Authentication Token")
        access_key_id, scope, signed, given = _parse(header)
        timestamp = _timestamp(headers)
        grant = self._grant(headers, access_key_id)
        self._check_scope(scope, timestamp)
        _check_age(timestamp, now)
        _check_signed(headers, signed, request.body)
        expected = signer(request, signed, timestamp, grant.credentials)
        if not hmac.compare_digest(expected.encode(), given.encode()):
            raise _bad_signature(MISMATCH)
        return grant

    def _grant(self, headers: Mapping[str, str], access_key_id: str) -> Grant:
        grant = self.grants.get(access_key_id)
        token = headers.get("X-Amz-Security-Token")
        if grant is None or token != grant.credentials.session_token:
            if grant is None:
                logger.warning(
                    "unknown access key id: this local IVS takes %s, or what it issued itself",
                    next(iter(self.grants)),
                )
            else:
                logger.warning("the session token is not that of the access key id")
            raise ApiError(
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
            )
        expires_at = grant.credentials.expires_at
        if expires_at is not None and expires_at.timestamp() <= self._clock():
            raise ApiError(
                "ExpiredTokenException", "The security token included in the request is expired"
            )
        return grant

    def _check_scope(self, scope: list[str], timestamp: str) -> None:
        date, region, service, end = scope
        if region != self._region:
            raise _bad_signature(
                f"Credential should be scoped to a valid region, not '{region[:30]}'."
            )
        if service != SERVICE:
            raise _bad_signature(f"Credential should be scoped to correct service: '{SERVICE}'.")
        if end != "aws4_request":
            raise _bad_signature(
                "Credential should be scoped with a valid terminator: 'aws4_request'."
            )
        if date != timestamp[:8]:
            raise _bad_signature(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date "
                f"from HTTP: '{date[:8]}' != '{timestamp[:8]}', from '{timestamp}'."
            )


def _parse(header: str) -> tuple[str, list[str], list[str], str]:
    """Access key id, scope, signed headers and signature of an Authorization header."""
    algorithm, _, rest = header.partition(" ")
    matches = [match for part in rest.split(",") if (match := _PART.fullmatch(part))]
    parts = {match[1]: match[2] for match in matches}
    missing = [
        f"Authorization header requires '{name}' parameter."
        for name in ("Credential", "Signature", "SignedHeaders")
        if name not in parts
    ]
    if algorithm != ALGORITHM:
        missing.insert(0, f"Authorization header requires the algorithm {ALGORITHM}.")
    access_key_id, *scope = parts.get("Credential", "").split("/")
    if "Credential" in parts and len(scope) != 4:
        missing.append("Credential must have exactly 5 slash-delimited elements.")
    if missing:
        raise ApiError("IncompleteSignature", " ".join(missing))
    return access_key_id, scope, parts["SignedHeaders"].split(";"), parts["Signature"]


def _timestamp(headers: Mapping[str, str]) -> str:
    timestamp = headers.get("X-Amz-Date")
    if timestamp is None and (date := headers.get("Date")) is not None:
        try:
            timestamp = parsedate_to_datetime(date).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        except ValueError:
            timestamp = date
    if timestamp is None:
        raise ApiError(
            "IncompleteSignature",
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
        )
    if not _TIMESTAMP.fullmatch(timestamp):
        raise ApiError(
            "IncompleteSignature", "Date must be in ISO-8601 'basic format', as 20260101T000000Z."
        )
    return timestamp


def _check_age(timestamp: str, now: float) -> None:
    try:
        signed = datetime.fromisoformat(timestamp).timestamp()
    except ValueError:
        raise ApiError("IncompleteSignature", "Date is not a date") from None
    if signed < now - LONGEST_SKEW:
        raise _bad_signature(
            f"Signature expired: {timestamp} is now earlier than "
            f"{_basic(now - LONGEST_SKEW)} ({_basic(now)} - 5 min.)"
        )
    if signed > now + LONGEST_SKEW:
        raise _bad_signature(
            f"Signature not yet current: {timestamp} is still later than "
            f"{_basic(now + LONGEST_SKEW)} ({_basic(now)} + 5 min.)"
        )


def _check_signed(headers: CIMultiDictProxy[str], signed: list[str], body: bytes) -> None:
    """Whether the right headers are signed, those are there, and the body's own hash is right."""
    unsigned = {
        name
        for header in headers
        if (name := header.lower()) == "host" or name.startswith("x-amz-")
    }.difference(signed)
    if unsigned:
        names = ", ".join(f"'{name}'" for name in sorted(unsigned))
        raise _bad_signature(f"{names} must be a 'SignedHeader' in the AWS Authorization.")
    if signed != sorted(signed) or not all(name in headers for name in signed):
        raise _bad_signature(MISMATCH)
    digest = headers.get("X-Amz-Content-SHA256")
    if digest is not None and digest != hashlib.sha256(body).hexdigest():
        raise _bad_signature(
            "The provided 'x-amz-content-sha256' header does not match what was computed."
        )


def _bad_signature(message: str) -> ApiError:
    return ApiError("InvalidSignatureException", message)


def _basic(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%dT%H%M%SZ")
