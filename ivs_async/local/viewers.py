"""The door of private channels: whether a viewer's token would let a player in.

Owns the documented rules for tokens and which single-use ones were used. Written from the rules
alone: it shares nothing with the module that signs, so each is a check on the other.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any, Final, cast
from urllib.parse import parse_qs
from uuid import UUID

from .errors import ApiError, LocalError
from .playback import KEY_PAIR, Revocations
from .store import Json, Store

MAX_BYTES: Final = 2_048
MAX_TRACKED: Final = 600
MAX_STRICT_ORIGINS: Final = 5
MAX_PARAMS_BYTES: Final = 1_000


class PlaybackRefused(LocalError):
    """The edge would answer 403 ``invalid_playback_auth_token``, without saying why.

    Attributes:
        reason: What is wrong: ``form``, ``signature``, ``channel``, ``expired``, ``origin``,
            ``used``, ``revoked``, or the name of a claim that breaks its rule.
    """

    def __init__(self, message: str, *, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class Door:
    """Lets viewers in.

    Args:
        store: Where channels and imported keys are.
        revocations: Whose sessions were ended.
    """

    def __init__(self, store: Store, revocations: Revocations) -> None:
        self._store = store
        self._revocations = revocations
        self._used: dict[str, int] = {}

    def authorize(self, token: str, channel_arn: str | None, origin: str | None) -> Json:
        """The claims of a token that lets a player in, which uses up a single-use one."""
        now = self._store.clock()
        wanted = {channel_arn} - {None}
        if "://" in token:
            token, arn = self._opened(token)
            wanted.add(arn)
        claims = self._verified(token)
        for claim, rule in _RULES.items():
            if claim in claims and not rule(claims[claim]):
                raise PlaybackRefused(f"the claim {claim} breaks its rule", reason=claim)
        self._check_channel(claims.get("aws:channel-arn"), wanted)
        self._check_time(claims, now)
        _check_origin(claims, origin)
        self._check_revocation(claims)
        self._use(claims, now)
        return claims

    def _opened(self, playback_url: str) -> tuple[str, str]:
        """The token of a playback URL and the channel."""
        address, _, query = playback_url.partition("?")
        tokens = parse_qs(query).get("token", [])
        if len(tokens) != 1:
            raise PlaybackRefused("the playback URL carries no ?token=, or several", reason="form")
        for channel in self._store.all("channel"):
            if channel.body["playbackUrl"] == address:
                return tokens[0], channel.arn
        raise PlaybackRefused("this is the playback URL of no channel", reason="channel")

    def _verified(self, token: str) -> Json:
        if len(token) > MAX_BYTES:
            raise PlaybackRefused(
                f"a token has at most {MAX_BYTES:,} bytes; this has {len(token):,}", reason="form"
            )
        try:
            header, payload, signature = token.split(".")
            head, claims, raw = json.loads(_base64(header)), _base64(payload), _base64(signature)
            found = json.loads(claims)
        except (ValueError, RecursionError):
            raise PlaybackRefused("this is no JSON Web Token", reason="form") from None
        if head != {"alg": "ES384", "typ": "JWT"} or not isinstance(found, dict):
            raise PlaybackRefused(
                "a token's header is alg ES384 and typ JWT, and its payload an object",
                reason="form",
            )
        signed = f"{header}.{payload}".encode()
        keys = [pair.material for pair in self._store.all(KEY_PAIR)]
        if len(raw) != 96 or not any(_signs(key, raw, signed) for key in keys):
            raise PlaybackRefused(
                f"none of the {len(keys)} imported keys made this signature", reason="signature"
            )
        return found

    def _check_channel(self, arn: object, wanted: set[str | None]) -> None:
        try:
            self._store.get("channel", arn if isinstance(arn, str) else "")
        except ApiError:
            raise PlaybackRefused("the token names no channel", reason="channel") from None
        if wanted - {arn}:
            raise PlaybackRefused("the token is for another channel", reason="channel")

    def _check_time(self, claims: Json, now: float) -> None:
        expires = claims.get("exp", 0)
        if expires <= now:
            raise PlaybackRefused("the token has expired, or never had an exp", reason="expired")
        tracked = {"aws:viewer-id", "aws:single-use-uuid"}.intersection(claims)
        if tracked and expires > now + MAX_TRACKED:
            raise PlaybackRefused(
                f"exp is at most {MAX_TRACKED} s ahead with {' and '.join(sorted(tracked))}",
                reason="exp",
            )

    def _check_revocation(self, claims: Json) -> None:
        viewer = claims.get("aws:viewer-id")
        if viewer is None:
            return
        revoked = self._revocations.revoked(claims["aws:channel-arn"], viewer)
        if revoked is not None and int(claims.get("aws:viewer-session-version", 0)) <= revoked:
            raise PlaybackRefused("the viewer's session was revoked", reason="revoked")

    def _use(self, claims: Json, now: float) -> None:
        self._used = {uuid: expires for uuid, expires in self._used.items() if expires > now}
        uuid = claims.get("aws:single-use-uuid")
        if uuid is None:
            return
        if uuid in self._used:
            raise PlaybackRefused("the token was for a single use, and was used", reason="used")
        self._used[uuid] = claims["exp"]


def _base64(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _signs(pem: str, raw: bytes, signed: bytes) -> bool:
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric import ec, utils
        from cryptography.hazmat.primitives.hashes import SHA384
        from cryptography.hazmat.primitives.serialization import load_pem_public_key
    except ImportError as error:
        raise LocalError(
            "checking viewer tokens needs cryptography: pip install 'ivs-async[playback]'"
        ) from error
    key = cast(ec.EllipticCurvePublicKey, load_pem_public_key(pem.encode()))
    signature = utils.encode_dss_signature(int.from_bytes(raw[:48]), int.from_bytes(raw[48:]))
    try:
        key.verify(signature, signed, ec.ECDSA(SHA384()))
    except InvalidSignature:
        return False
    return True


def _check_origin(claims: Json, origin: str | None) -> None:
    """Browsers always say where they play; others may be silent unless it is enforced."""
    strict = claims.get("aws:strict-origin-enforcement", False)
    allowed = claims.get("aws:access-control-allow-origin", "*").split(",")
    if strict and len(allowed) > MAX_STRICT_ORIGINS:
        raise PlaybackRefused(
            f"at most {MAX_STRICT_ORIGINS} origins can be enforced strictly",
            reason="aws:access-control-allow-origin",
        )
    if origin is None and not strict:
        return
    if not any(_matches(entry.strip(), origin or "") for entry in allowed):
        raise PlaybackRefused("the token is not for this origin", reason="origin")


def _matches(allowed: str, origin: str) -> bool:
    """Whether an origin is the allowed one; a star at the start of the host stands for any."""
    pattern = re.escape(allowed).replace(r"://\*", r"://[^/:]*")
    return allowed == "*" or re.fullmatch(pattern, origin, re.IGNORECASE) is not None


def _is_int64(value: Any) -> bool:
    """Whether it is one, also in quotes, as the documentation's sample has it."""
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,19}", value):
        value = int(value)
    return type(value) is int and -(2**63) <= value < 2**63


def _is_uuid(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(UUID(value))
    except ValueError:
        return False


def _is_params(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and all(isinstance(item, str) for item in value.values())
        and sum(len(text.encode()) for pair in value.items() for text in pair) <= MAX_PARAMS_BYTES
    )


_RULES: Final[dict[str, Callable[[Any], bool]]] = {
    "exp": lambda value: type(value) is int,
    "aws:access-control-allow-origin": lambda value: isinstance(value, str),
    "aws:strict-origin-enforcement": lambda value: isinstance(value, bool),
    "aws:single-use-uuid": _is_uuid,
    "aws:viewer-id": lambda value: isinstance(value, str) and 1 <= len(value) <= 40,
    "aws:viewer-session-version": _is_int64,
    "aws:maximum-resolution": lambda value: value in ("SD", "HD", "FULL_HD"),
    "aws:ads-opt-out": lambda value: isinstance(value, bool),
    "aws:ads-player-params": _is_params,
    "aws:ads-playback-config-name": lambda value: isinstance(value, str),
    "aws:ads-reporting-mode": lambda value: value in ("CLIENT", "SERVER"),
}
