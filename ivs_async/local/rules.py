"""What a request must look like, as data, and the one walk that holds a request against it.

Required members, types and bounds come from the shared operation table; patterns, enums and the
few other constraints of the API stand here. Rules that need to look at a resource live with it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any, Final

import attrs

from ivs_async import models, quotas
from ivs_async._aws.names import camel_case
from ivs_async._aws.operation import Operation
from ivs_async._aws.shapes import (
    Boolean,
    Integer,
    ListOf,
    MapOf,
    Member,
    Shape,
    Structure,
    Text,
    Timestamp,
)

from .errors import ApiError

KINDS: Final = {
    "Channel": "channel",
    "StreamKey": "stream-key",
    "PlaybackKeyPair": "playback-key",
    "PlaybackRestrictionPolicy": "playback-restriction-policy",
    "RecordingConfiguration": "recording-configuration",
    "AdConfiguration": "ad-configuration",
    "FailoverSlateConfiguration": "failover-slate-configuration",
}
"""What the API calls a resource, and what its ARNs call it."""

NO_CONTENT: Final = frozenset(
    {
        "DeleteAdConfiguration",
        "DeleteChannel",
        "DeleteFailoverSlateConfiguration",
        "DeletePlaybackRestrictionPolicy",
        "DeleteRecordingConfiguration",
        "DeleteStreamKey",
        "PutMetadata",
    }
)
"""Operations that answer 204. The others that give nothing answer 200 with an empty object."""

PAGE_SIZE: Final = {"ListStreamKeys": 1, "ListPlaybackRestrictionPolicies": 1}
"""Items of a page when the request names no number, where that is not 100."""


def _arn(kind: str) -> str:
    return rf"arn:aws:ivs:[a-z0-9-]+:[0-9]+:{kind}/[a-zA-Z0-9-]+"


def _link(kind: str) -> str:
    return f"(?:{_arn(kind)})?"


_ANY_ARN: Final = _arn(f"(?:{'|'.join(KINDS.values())})")
_NAME: Final = "[a-zA-Z0-9-_]*"

PATTERNS: Final = {
    "name": _NAME,
    "filterByName": _NAME,
    "channelArn": _arn("channel"),
    # the published pattern of this member matches no ARN at all
    "resourceArn": _ANY_ARN,
    "recordingConfigurationArn": _link("recording-configuration"),
    "playbackRestrictionPolicyArn": _link("playback-restriction-policy"),
    "adConfigurationArn": _link("ad-configuration"),
    "failoverSlateConfigurationArn": _link("failover-slate-configuration"),
    "filterByRecordingConfigurationArn": _link("recording-configuration"),
    "filterByPlaybackRestrictionPolicyArn": _link("playback-restriction-policy"),
    "filterByAdConfigurationArn": _link("ad-configuration"),
    "filterByFailoverSlateConfigurationArn": _link("failover-slate-configuration"),
    "playbackConfigurationArn": (
        "arn:aws:mediatailor:[a-z0-9-]+:[0-9]+:playbackConfiguration/[a-zA-Z0-9-]+"
    ),
    "nextToken": "[a-zA-Z0-9+/=_-]*",
    "streamId": "st-[a-zA-Z0-9]+",
    "adBreakId": "[a-zA-Z0-9]+",
    "bucketName": "[a-z0-9-.]+",
    # what an Origin header may say, and a host that begins with a wildcard
    "allowedOrigins": r"null|\*|[a-zA-Z][a-zA-Z0-9+.-]*://(?:\*\.)?[^\s/?#@*]+",
}
"""Patterns by member. ``arn`` and ``arns`` are those of the resource that the operation names."""

ENUMS: Final[Mapping[str, type[StrEnum]]] = {
    "latencyMode": models.ChannelLatencyMode,
    "type": models.ChannelType,
    "preset": models.TranscodePreset,
    "containerFormat": models.ContainerFormat,
    "policy": models.MultitrackPolicy,
    "maximumResolution": models.MultitrackMaximumResolution,
    "recordingMode": models.RecordingMode,
    "resolution": models.ThumbnailConfigurationResolution,
    "storage": models.ThumbnailConfigurationStorage,
    "renditionSelection": models.RenditionConfigurationRenditionSelection,
    "renditions": models.RenditionConfigurationRendition,
    "health": models.StreamHealth,
}
"""Enums by member."""

EMPTY_ALLOWED: Final = frozenset({"preset"})
"""Members with an enum that take the empty string as well: it is what the service answers."""

MOST: Final = {
    "allowedCountries": quotas.COUNTRIES_PER_POLICY,
    "allowedOrigins": quotas.ORIGINS_PER_POLICY,
}
"""List lengths that the quotas page bounds and the model does not."""

TEXTS: Final = {
    "PutMetadata.metadata": "Metadata size exceeds payload limit",
}
"""What the service was seen to say of a member that is too long."""

_ASSIGNED: Final = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ "
    "BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM "
    "DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS "
    "GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN "
    "KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ "
    "MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM "
    "PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV "
    "SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI "
    "VN VU WF WS YE YT ZA ZM ZW"
)
COUNTRIES: Final = frozenset(_ASSIGNED.split())
"""The officially assigned codes of ISO 3166-1 alpha-2."""

Check = Callable[[Any, str], Any]


def check(operation: Operation[Any], request: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a request that the operation knows, each held against its rules.

    Raises:
        ApiError: ``ValidationException`` naming the member and the rule, never the value.
    """
    checked = {}
    for name, rule, required in _rules(operation):
        path = f"{operation.name}.{name}"
        value = _present(request.get(name), path, required=required)
        if value is not None:
            checked[name] = rule(value, path)
    return checked


def invalid(path: str, rule: str) -> ApiError:
    """The error that names a member and the rule it breaks."""
    return ApiError("ValidationException", f"{path} {rule}")


@cache
def _rules(operation: Operation[Any]) -> list[tuple[str, Check, bool]]:
    return [
        (wire := camel_case(name), _check(member.shape, wire, operation.name), member.required)
        for name, member in operation.members.items()
    ]


def _present(value: Any, path: str, *, required: bool) -> Any:
    if value is None and required:
        raise invalid(path, "is a required attribute")
    return value


def _check(shape: Shape, name: str, operation: str) -> Check:
    match shape:
        case Text():
            return _text(shape, name, operation)
        case Integer():
            return _integer(shape)
        case Boolean():
            return _boolean
        case Timestamp():
            return _timestamp
        case ListOf():
            return _list(shape, name, operation)
        case MapOf():
            return _tags(shape)
        case Structure():
            return _structure(shape, operation)
    raise AssertionError(f"no rule for the shape {shape!r} of {operation}.{name}")


def _text(shape: Text, name: str, operation: str) -> Check:
    pattern = re.compile(_pattern(name, operation) or "(?s:.*)")
    values = ENUMS.get(name)
    allowed = frozenset(values or ()) | ({""} if name in EMPTY_ALLOWED else frozenset())
    if name == "allowedCountries":
        allowed = COUNTRIES

    def rule(value: Any, path: str) -> str:
        if not isinstance(value, str):
            raise invalid(path, "must be a string")
        size = len(value)
        if not value.isascii():
            try:
                encoded = value.encode()
            except UnicodeEncodeError:
                raise invalid(path, "must be Unicode without lone surrogates") from None
            if shape.in_bytes:
                size = len(encoded)
        if shape.most is not None and size > shape.most:
            if path in TEXTS:
                raise ApiError("ValidationException", TEXTS[path])
            raise invalid(path, f"must be at most {shape.most} characters long")
        if size < shape.least:
            raise invalid(path, f"must be at least {shape.least} characters long")
        if not pattern.fullmatch(value):
            raise invalid(path, f"must match the pattern {pattern.pattern}")
        if allowed and value not in allowed:
            if values is None:
                raise invalid(path, "must be an officially assigned ISO 3166-1 alpha-2 code")
            raise invalid(path, f"must be one of {', '.join(values)}")
        return value

    return rule


def _pattern(name: str, operation: str) -> str | None:
    if name in {"arn", "arns"}:
        noun = re.sub("^(BatchGet|Get|Update|Delete)", "", operation)
        return _arn(KINDS[noun])
    return PATTERNS.get(name)


def _integer(shape: Integer) -> Check:
    def rule(value: Any, path: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise invalid(path, "must be an integer")
        if shape.least is not None and value < shape.least:
            raise invalid(path, f"must be at least {shape.least}")
        if shape.most is not None and value > shape.most:
            raise invalid(path, f"must be at most {shape.most}")
        return value

    return rule


def _boolean(value: Any, path: str) -> bool:
    if not isinstance(value, bool):
        raise invalid(path, "must be a boolean")
    return value


def _timestamp(value: Any, path: str) -> datetime:
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            pass
        else:
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    raise invalid(path, "must be a timestamp in ISO 8601")


def _list(shape: ListOf, name: str, operation: str) -> Check:
    item = _check(shape.item, name, operation)
    most = MOST.get(name, shape.most)

    def rule(value: Any, path: str) -> list[Any]:
        if not isinstance(value, list):
            raise invalid(path, "must be a list")
        if len(value) < shape.least:
            raise invalid(path, f"must have at least {shape.least} items")
        if most is not None and len(value) > most:
            raise invalid(path, f"must have at most {most} items")
        checked = []
        for index, each in enumerate(value):
            where = f"{path}[{index}]"
            checked.append(item(_present(each, where, required=True), where))
        return checked

    return rule


def _structure(shape: Structure, operation: str) -> Check:
    members = [
        (wire := camel_case(field.name), _check(facts.shape, wire, operation), facts.required)
        for field in attrs.fields(shape.type)
        if (facts := _facts(field)) is not None
    ]

    def rule(value: Any, path: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise invalid(path, "must be an object")
        return {
            name: inner(item, f"{path}.{name}")
            for name, inner, required in members
            if (item := _present(value.get(name), f"{path}.{name}", required=required)) is not None
        }

    return rule


def _facts(field: attrs.Attribute[Any]) -> Member | None:
    facts = field.metadata.get(Member)
    return facts if isinstance(facts, Member) else None


def _tags(shape: MapOf) -> Check:
    def rule(value: Any, path: str) -> dict[str, str]:
        if not isinstance(value, dict):
            raise invalid(path, "must be a map")
        if shape.most is not None and len(value) > shape.most:
            raise invalid(path, f"must have at most {shape.most} entries")
        for key, text in value.items():
            tag_key(key, f"a key of {path}")
            if not isinstance(text, str):
                raise invalid(f"a value of {path}", "must be a string")
            if len(text) > quotas.TAG_VALUE_CHARACTERS:
                raise invalid(
                    f"a value of {path}",
                    f"must be at most {quotas.TAG_VALUE_CHARACTERS} characters long",
                )
            _tag_characters(text, f"a value of {path}")
        return dict(value)

    return rule


def tag_key(key: str, path: str) -> str:
    """A tag's key, held against its rules."""
    if not 1 <= len(key) <= quotas.TAG_KEY_CHARACTERS:
        raise invalid(path, f"must be 1 to {quotas.TAG_KEY_CHARACTERS} characters long")
    if key.lower().startswith("aws:"):
        raise invalid(path, "must not begin with aws:, which is reserved")
    _tag_characters(key, path)
    return key


def _tag_characters(text: str, path: str) -> None:
    if not text.isalnum() and any(
        character not in "_.:/=+-@" and unicodedata.category(character)[0] not in "LZN"
        for character in text
    ):
        raise invalid(path, "must be letters, digits, spaces and _ . : / = + - @")
