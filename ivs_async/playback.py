"""Viewer tokens for private channels: the key pair, the claims and their rules, the URL.

Owns what the documentation demands of a token and refuses to sign anything else. Knows nothing of
sessions and sends nothing: importing the public key is `IvsSession.import_playback_key_pair`, and
`flows.rotate_key_pair` does a whole change of keys. Needs the extra ``playback``.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, Self
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import attrs
from anyio import to_thread

from ._aws.errors import ConfigurationError, ParameterError
from ._aws.shapes import Boolean, Integer, ListOf, MapOf, Text
from .models import redacted

# at its first use anyio would load it, on the event loop
import_module("anyio._backends._asyncio")

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

MAX_TOKEN_BYTES: Final = 2_048
"""The service's 2 KB, taken as KiB."""

MAX_TRACKED_SECONDS: Final = 600
"""How far ahead a token with a viewer id or for a single use may expire."""

MAX_PLAIN_SECONDS: Final = 43_200
"""The largest plain number taken for seconds: one minute in milliseconds is above it."""

MAX_STRICT_ORIGINS: Final = 5
MAX_PLAYER_PARAMS_BYTES: Final = 1_000

_CHANNEL_ARN = re.compile(r"arn:aws[a-z-]*:ivs:[a-z0-9-]+:[0-9]+:channel/[A-Za-z0-9-]+")
_ORIGIN = re.compile(
    r"\*|[A-Za-z][A-Za-z0-9+.-]*://(?:\*?[A-Za-z0-9._-]+|\*|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?"
)
_TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_RESOLUTIONS = ("SD", "HD", "FULL_HD")
_REPORTING_MODES = ("CLIENT", "SERVER")


@attrs.frozen
class KeyPair:
    """An ECDSA key pair on the curve P-384, as PEM texts.

    Attributes:
        private_key_pem: PKCS #8, not encrypted. A secret: `PlaybackSigner` takes it, nothing else
            needs it.
        public_key_pem: SubjectPublicKeyInfo, as `IvsSession.import_playback_key_pair` takes it in
            ``public_key_material``.
    """

    private_key_pem: str = attrs.field(repr=redacted)
    public_key_pem: str


def generate_key_pair() -> KeyPair:
    """Make a new key pair.

    Takes about half a millisecond, and the first time also the import of ``cryptography`` (about
    0.2 s): on an event loop, say ``await anyio.to_thread.run_sync(generate_key_pair)``.

    Raises:
        ConfigurationError: The extra ``playback`` is not installed.
    """
    _demand_extra()
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = ec.generate_private_key(ec.SECP384R1())
    private_key_pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return KeyPair(private_key_pem, _public_key_pem(key))


class PlaybackSigner:
    """Signs viewer tokens with one private key, as often as you like.

    On an event loop make it with `load`. The constructor does the same work in place: it imports
    ``cryptography`` the first time (about 0.2 s), reads the file if it is given one, and parses
    the key (about half a millisecond; more for an encrypted one).

    Args:
        private_key_pem: The private key as PEM text, or a `pathlib.Path` of a file that holds it.
        password: Opens an encrypted key.
        clock: Gives the time in Unix seconds.

    Raises:
        ParameterError: The text is no PEM private key, the password does not fit, or the key is
            not ECDSA on P-384, the only kind that the service verifies.
        ConfigurationError: The extra ``playback`` is not installed.
        OSError: The file cannot be read.
    """

    __slots__ = ("_clock", "_encode", "_key")

    def __init__(
        self,
        private_key_pem: str | bytes | Path,
        *,
        password: str | bytes | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        _demand_extra()
        import jwt

        self._key = _load(private_key_pem, password)
        self._encode = jwt.encode
        self._clock = clock

    @classmethod
    async def load(
        cls,
        private_key_pem: str | bytes | Path,
        *,
        password: str | bytes | None = None,
        clock: Callable[[], float] = time.time,
    ) -> Self:
        """Make a signer without holding up the event loop: as the constructor, in a thread."""
        make = partial(cls, private_key_pem, password=password, clock=clock)
        return await to_thread.run_sync(make, abandon_on_cancel=True)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    @property
    def public_key_pem(self) -> str:
        """The public key, as `IvsSession.import_playback_key_pair` takes it."""
        return _public_key_pem(self._key)

    def token(
        self,
        channel_arn: str,
        *,
        expires_in: float | timedelta = 300,
        viewer_id: str | None = None,
        viewer_session_version: int | None = None,
        single_use_uuid: UUID | str | None = None,
        access_control_allow_origin: str | Sequence[str] = (),
        strict_origin_enforcement: bool = False,
        maximum_resolution: Literal["SD", "HD", "FULL_HD"] | None = None,
        ads_opt_out: bool = False,
        ads_player_params: Mapping[str, str] | None = None,
        ads_playback_config_name: str | None = None,
        ads_reporting_mode: Literal["CLIENT", "SERVER"] | None = None,
    ) -> str:
        """Sign a token that lets one viewer start playback of a private channel.

        Takes about half a millisecond, nearly all of it the ECDSA itself, so it may be called on
        the event loop. A token is a secret until it has expired: whoever has it can watch.

        Args:
            channel_arn: The channel that may be watched.
            expires_in: Seconds, or a `timedelta`, from now (rounded down to a whole second) in
                which playback may be started; a session that has begun goes on. At most 600 s
                together with ``viewer_id`` or ``single_use_uuid``. A plain number above 43,200
                (12 hours) is taken for milliseconds and refused; a `timedelta` may be longer.
            viewer_id: 1 to 40 characters of yours by which the session can be revoked later
                (`IvsSession.start_viewer_session_revocation`). Nothing personal: it is no secret.
            viewer_session_version: A signed 64-bit integer, 0 by default: a revocation ends all
                versions up to one. Unix seconds do well; in milliseconds they exceed the 32 bits
                of the revocation call. Only together with ``viewer_id``.
            single_use_uuid: A UUID of this token alone: it dies with its first use.
            access_control_allow_origin: The web origins that may play, such as
                ``https://example.com`` or ``https://*.example.com``; all by default. Only
                browsers obey it, unless it is enforced strictly.
            strict_origin_enforcement: Have the service refuse every playlist and segment to other
                origins. At most 5 origins then, and every player has to send its origin.
            maximum_resolution: Leave out the renditions above it.
            ads_opt_out: Whether this viewer sees no inserted ads.
            ads_player_params: Goes to MediaTailor as ``player_params``; keys and values together
                at most 1,000 bytes of UTF-8.
            ads_playback_config_name: The MediaTailor configuration to use, by default the first
                of the channel's ad configuration.
            ads_reporting_mode: Who reports the ads: ``SERVER``, the default, or ``CLIENT``.

        Returns:
            The token, at most 2,048 bytes of ASCII; see `playback_url`.

        Raises:
            ParameterError: An argument breaks one of these rules, or the token would be too long.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/private-channels-generate-tokens.html
        """
        tracked = [
            name
            for name, value in (("viewer_id", viewer_id), ("single_use_uuid", single_use_uuid))
            if value is not None
        ]
        claims: dict[str, object] = {
            "aws:channel-arn": _channel_arn(channel_arn),
            "exp": math.floor(self._clock() + _seconds(expires_in, tracked)),
        }
        if viewer_id is not None:
            claims["aws:viewer-id"] = Text(1, 40).encode(viewer_id, "viewer_id")
        if viewer_session_version is not None:
            if viewer_id is None:
                raise ParameterError("viewer_session_version has no effect without viewer_id")
            claims["aws:viewer-session-version"] = Integer(-(2**63), 2**63 - 1).encode(
                viewer_session_version, "viewer_session_version"
            )
        if single_use_uuid is not None:
            claims["aws:single-use-uuid"] = _uuid(single_use_uuid)
        strict = Boolean().encode(strict_origin_enforcement, "strict_origin_enforcement")
        origins = _origins(access_control_allow_origin, strict)
        if origins:
            claims["aws:access-control-allow-origin"] = ",".join(origins)
        if strict:
            claims["aws:strict-origin-enforcement"] = True
        if maximum_resolution is not None:
            claims["aws:maximum-resolution"] = _one_of(
                _RESOLUTIONS, maximum_resolution, "maximum_resolution"
            )
        if Boolean().encode(ads_opt_out, "ads_opt_out"):
            claims["aws:ads-opt-out"] = True
        if ads_player_params is not None:
            claims["aws:ads-player-params"] = _player_params(ads_player_params)
        if ads_playback_config_name is not None:
            claims["aws:ads-playback-config-name"] = Text(1).encode(
                ads_playback_config_name, "ads_playback_config_name"
            )
        if ads_reporting_mode is not None:
            claims["aws:ads-reporting-mode"] = _one_of(
                _REPORTING_MODES, ads_reporting_mode, "ads_reporting_mode"
            )
        token = self._encode(claims, self._key, algorithm="ES384")
        if len(token) > MAX_TOKEN_BYTES:
            raise ParameterError(
                f"a token must be at most {MAX_TOKEN_BYTES:,} bytes long; this one would be "
                f"{len(token):,}: give fewer origins or shorter ads_player_params"
            )
        return token

    @staticmethod
    def playback_url(playback_url: str | None, token: str) -> str:
        """Put a token on a channel's playback URL, where players send it from.

        Args:
            playback_url: `Channel.playback_url`, which is None only where an answer lacks it; that
                is refused. A query that it already has is kept.
            token: From `token`. The URL returned is as secret as the token.

        Raises:
            ParameterError: The URL is not an HTTP one, or carries a token already.
        """
        url = Text(1).encode(playback_url, "playback_url")
        try:
            parts = urlsplit(url)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise ParameterError(
                "playback_url must be an http or https URL, as Channel.playback_url is; "
                f"this str of {len(url):,} characters is none"
            )
        if any(name == "token" for name, _ in parse_qsl(parts.query, keep_blank_values=True)):
            raise ParameterError(
                "playback_url carries a token already; give the channel's own playback_url"
            )
        if not _TOKEN.fullmatch(Text(1).encode(token, "token")):
            raise ParameterError(
                f"token must be one that a signer made; this str of {len(token):,} characters "
                "is no JSON Web Token"
            )
        query = f"token={token}"
        return parts._replace(query=f"{parts.query}&{query}" if parts.query else query).geturl()


def _demand_extra() -> None:
    try:
        import cryptography.hazmat  # noqa: F401
        import jwt  # noqa: F401
    except ImportError as error:
        raise ConfigurationError(
            "viewer tokens need PyJWT and cryptography: pip install 'ivs-async[playback]'"
        ) from error


def _load(pem: str | bytes | Path, password: str | bytes | None) -> EllipticCurvePrivateKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    if isinstance(pem, Path):
        pem = pem.read_bytes()
    elif isinstance(pem, str):
        pem = pem.encode(errors="replace")
    if isinstance(password, str):
        password = password.encode()
    if b"-----BEGIN" not in pem:
        raise ParameterError(
            f"private_key_pem must be PEM text (-----BEGIN ...); these {len(pem):,} bytes are "
            "not. For a file, give a pathlib.Path"
        )
    if b"PRIVATE KEY-----" not in pem:
        raise ParameterError(
            "private_key_pem holds no private key; a public one is imported with "
            "import_playback_key_pair, the private one signs"
        )
    try:
        key = load_pem_private_key(pem, password)
    except TypeError:
        raise ParameterError(
            "private_key_pem is encrypted: give its password"
            if password is None
            else "private_key_pem is not encrypted: give no password"
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise ParameterError(
            f"private_key_pem, {len(pem):,} bytes, cannot be read as a private key"
            + (": it is damaged, or the password is wrong" if password else ": it is damaged")
        ) from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp384r1":
        kind = key.curve.name if isinstance(key, ec.EllipticCurvePrivateKey) else "no ECDSA key"
        raise ParameterError(
            f"private_key_pem must be an ECDSA key on P-384 (secp384r1); this is {kind}. "
            "generate_key_pair() makes one"
        )
    return key


def _public_key_pem(key: EllipticCurvePrivateKey) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _channel_arn(arn: str) -> str:
    text = Text(1, 128).encode(arn, "channel_arn")
    if not _CHANNEL_ARN.fullmatch(text):
        raise ParameterError(
            "channel_arn must be a channel's ARN (arn:aws:ivs:<region>:<account>:channel/<id>); "
            f"this str of {len(text):,} characters is not"
        )
    return text


def _seconds(expires_in: float | timedelta, tracked: list[str]) -> float:
    if isinstance(expires_in, timedelta):
        seconds = expires_in.total_seconds()
    elif isinstance(expires_in, bool) or not isinstance(expires_in, int | float):
        raise ParameterError(
            f"expires_in must be seconds or a timedelta, not {type(expires_in).__name__}"
        )
    elif expires_in > MAX_PLAIN_SECONDS:
        raise ParameterError(
            f"expires_in must be at most {MAX_PLAIN_SECONDS:,} s as a plain number; "
            f"{expires_in:,} looks like milliseconds, or like a moment instead of a duration. "
            "Give a timedelta if it is meant so"
        )
    else:
        seconds = float(expires_in)
    if not seconds >= 1:
        raise ParameterError(f"expires_in must be at least 1 s; this is {seconds:,} s")
    if tracked and seconds > MAX_TRACKED_SECONDS:
        raise ParameterError(
            f"expires_in must be at most {MAX_TRACKED_SECONDS} s together with "
            f"{' and '.join(tracked)}; this is {seconds:,} s"
        )
    return seconds


def _uuid(value: UUID | str) -> str:
    if isinstance(value, UUID):
        return str(value)
    try:
        return str(UUID(Text().encode(value, "single_use_uuid")))
    except ParameterError:
        raise
    except ValueError:
        raise ParameterError(
            f"single_use_uuid must be a UUID; this str of {len(value):,} characters is not"
        ) from None


def _origins(value: str | Sequence[str], strict: bool) -> list[str]:
    name = "access_control_allow_origin"
    origins = ListOf(Text(1)).encode([value] if isinstance(value, str) else value, name)
    for index, origin in enumerate(origins):
        if not _ORIGIN.fullmatch(origin):
            raise ParameterError(
                f"{name}[{index}] must be an origin, scheme://host or scheme://host:port, "
                "without a path, a trailing slash or a comma; "
                f"this str of {len(origin):,} characters is not"
            )
    if strict and not origins:
        raise ParameterError(
            "strict_origin_enforcement needs access_control_allow_origin to say which origins"
        )
    if strict and len(origins) > MAX_STRICT_ORIGINS:
        raise ParameterError(
            f"access_control_allow_origin must have at most {MAX_STRICT_ORIGINS} origins "
            f"together with strict_origin_enforcement; this has {len(origins):,}"
        )
    return origins


def _player_params(params: Mapping[str, str]) -> dict[str, str]:
    encoded = MapOf(Text(1), Text()).encode(params, "ads_player_params")
    size = sum(len(key.encode()) + len(value.encode()) for key, value in encoded.items())
    if size > MAX_PLAYER_PARAMS_BYTES:
        raise ParameterError(
            f"ads_player_params must have at most {MAX_PLAYER_PARAMS_BYTES:,} bytes in its keys "
            f"and values together; this has {size:,}"
        )
    return encoded


def _one_of(allowed: tuple[str, ...], value: str, path: str) -> str:
    text = Text().encode(value, path)
    if text not in allowed:
        raise ParameterError(
            f"{path} must be one of {', '.join(allowed)}; this str of {len(text):,} characters "
            "is none of them"
        )
    return text
