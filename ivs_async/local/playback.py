"""Who may watch: playback key pairs, restriction policies, and revoked viewer sessions.

The store keeps the PEM of each imported key as its resource's `material`; `revoked` tells up to
which version a viewer's sessions were ended. Checking a viewer's token against them is not here.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Final

from .answers import page, summaries
from .configurations import delete_unused
from .errors import ApiError
from .paging import Pager
from .rules import invalid
from .store import Handlers, Json, Store

KEY_PAIR: Final = "playback-key"
POLICY: Final = "playback-restriction-policy"

POLICY_DEFAULTS: Final[Json] = {
    "allowedCountries": [],
    "allowedOrigins": [],
    "enableStrictOriginEnforcement": False,
    "name": "",
}

# SubjectPublicKeyInfo of an uncompressed point on P-384 (RFC 5480): 24 bytes, then x and y
_P384_HEADER: Final = bytes.fromhex("3076301006072a8648ce3d020106052b8104002203620004")
_P384_FIELD: Final = 2**384 - 2**128 - 2**96 + 2**32 - 1
_P384_B: Final = int(
    "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875a"
    "c656398d8a2ed19d2a85c8edd3ec2aef",
    16,
)


class KeyPairs:
    """ImportPlaybackKeyPair and its like."""

    def __init__(self, store: Store, pager: Pager) -> None:
        self._store = store
        self._pager = pager
        self.handlers: Handlers = {
            "ImportPlaybackKeyPair": self._import_playback_key_pair,
            "GetPlaybackKeyPair": self._get_playback_key_pair,
            "ListPlaybackKeyPairs": self._list_playback_key_pairs,
            "DeletePlaybackKeyPair": self._delete_playback_key_pair,
        }

    def _import_playback_key_pair(self, request: Json) -> Json:
        store = self._store
        pem: str = request["publicKeyMaterial"]
        der = _public_key(pem)
        fingerprint = ":".join(
            f"{byte:02x}" for byte in hashlib.md5(der, usedforsecurity=False).digest()
        )
        for pair in store.all(KEY_PAIR):
            if pair.body["fingerprint"] == fingerprint:
                raise ApiError("ConflictException", f"The key is imported already as {pair.arn}")
        pair = store.add(
            KEY_PAIR,
            {
                "name": request.get("name", ""),
                "fingerprint": fingerprint,
                "tags": request.get("tags", {}),
            },
            limit=store.limits.playback_key_pairs,
            id=store.reserved or store.uuid(),
            material=pem,
        )
        return {"keyPair": pair.body}

    def _get_playback_key_pair(self, request: Json) -> Json:
        return {"keyPair": self._store.get(KEY_PAIR, request["arn"]).body}

    def _list_playback_key_pairs(self, request: Json) -> Json:
        operation = "ListPlaybackKeyPairs"
        found = self._store.all(KEY_PAIR, self._pager.after(operation, request))
        items = summaries(found, ("arn", "name", "tags"))
        return page(self._pager, operation, "keyPairs", request, items)

    def _delete_playback_key_pair(self, request: Json) -> Json:
        self._store.remove(self._store.get(KEY_PAIR, request["arn"]))
        return {}


class Policies:
    """CreatePlaybackRestrictionPolicy and its like."""

    def __init__(self, store: Store, pager: Pager) -> None:
        self._store = store
        self._pager = pager
        self.handlers: Handlers = {
            "CreatePlaybackRestrictionPolicy": self._create_playback_restriction_policy,
            "GetPlaybackRestrictionPolicy": self._get_playback_restriction_policy,
            "ListPlaybackRestrictionPolicies": self._list_playback_restriction_policies,
            "UpdatePlaybackRestrictionPolicy": self._update_playback_restriction_policy,
            "DeletePlaybackRestrictionPolicy": self._delete_playback_restriction_policy,
        }

    def _create_playback_restriction_policy(self, request: Json) -> Json:
        policy = self._store.add(
            POLICY,
            {**POLICY_DEFAULTS, **request, "tags": request.get("tags", {})},
            limit=self._store.limits.playback_restriction_policies,
        )
        return {"playbackRestrictionPolicy": policy.body}

    def _get_playback_restriction_policy(self, request: Json) -> Json:
        return {"playbackRestrictionPolicy": self._store.get(POLICY, request["arn"]).body}

    def _list_playback_restriction_policies(self, request: Json) -> Json:
        operation = "ListPlaybackRestrictionPolicies"
        found = self._store.all(POLICY, self._pager.after(operation, request))
        items = summaries(found, ("arn", *POLICY_DEFAULTS, "tags"))
        return page(self._pager, operation, "playbackRestrictionPolicies", request, items)

    def _update_playback_restriction_policy(self, request: Json) -> Json:
        policy = self._store.get(POLICY, request["arn"])
        return {"playbackRestrictionPolicy": policy.set(**request)}

    def _delete_playback_restriction_policy(self, request: Json) -> None:
        delete_unused(self._store, POLICY, request["arn"], "playbackRestrictionPolicyArn")


class Revocations:
    """StartViewerSessionRevocation and its like."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._versions: dict[tuple[str, str], int] = {}
        self.handlers: Handlers = {
            "StartViewerSessionRevocation": self._start_viewer_session_revocation,
            "BatchStartViewerSessionRevocation": self._batch_start_viewer_session_revocation,
        }

    def _start_viewer_session_revocation(self, request: Json) -> Json:
        self._store.get("channel", request["channelArn"])
        viewer = (request["channelArn"], request["viewerId"])
        version = request.get("viewerSessionVersionsLessThanOrEqualTo", 0)
        self._versions[viewer] = max(version, self._versions.get(viewer, 0))
        return {}

    def _batch_start_viewer_session_revocation(self, request: Json) -> Json:
        errors = []
        for viewer in request["viewerSessions"]:
            try:
                self._start_viewer_session_revocation(viewer)
            except ApiError as error:
                errors.append(
                    {
                        "channelArn": viewer["channelArn"],
                        "viewerId": viewer["viewerId"],
                        "code": error.code,
                        "message": error.message,
                    }
                )
        return {"errors": errors}

    def revoked(self, channel_arn: str, viewer_id: str) -> int | None:
        """The highest version of a viewer's sessions that were ended, None if none were."""
        return self._versions.get((channel_arn, viewer_id))


def _public_key(pem: str) -> bytes:
    """The DER bytes of a public key on P-384.

    Raises:
        ApiError: The text is something else.
    """
    path = "ImportPlaybackKeyPair.publicKeyMaterial"
    lines = pem.strip().splitlines()
    framed = lines[:1] == ["-----BEGIN PUBLIC KEY-----"] and (
        lines[-1:] == ["-----END PUBLIC KEY-----"]
    )
    if not framed:
        raise invalid(path, "must be a public key in PEM")
    try:
        der = base64.b64decode("".join(line.strip() for line in lines[1:-1]), validate=True)
    except binascii.Error:
        raise invalid(path, "must be a public key in PEM") from None
    if not der.startswith(_P384_HEADER) or len(der) != len(_P384_HEADER) + 96:
        raise invalid(path, "must be an ECDSA key on the curve P-384")
    x = int.from_bytes(der[-96:-48])
    y = int.from_bytes(der[-48:])
    if (y * y - (x * x * x - 3 * x + _P384_B)) % _P384_FIELD:
        raise invalid(path, "must be a point of the curve P-384")
    return der
