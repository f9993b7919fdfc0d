"""Loading what should exist from the start: a JSON object of lists, one for each kind of resource.

Items are what the Create operations take, with an optional ``id`` (the last part of the ARN), so
that files can refer to each other's resources and programs to known ones. A channel may say
``live`` and whatever ``start-stream`` takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ivs_async import operations
from ivs_async._aws.operation import Operation

from .errors import ApiError, LocalError
from .service import Service
from .store import Json

KINDS: Final[Mapping[str, tuple[Operation[Any], str]]] = {
    "recordingConfigurations": (
        operations.CREATE_RECORDING_CONFIGURATION,
        "recordingConfiguration",
    ),
    "adConfigurations": (operations.CREATE_AD_CONFIGURATION, "adConfiguration"),
    "failoverSlateConfigurations": (
        operations.CREATE_FAILOVER_SLATE_CONFIGURATION,
        "failoverSlateConfiguration",
    ),
    "playbackRestrictionPolicies": (
        operations.CREATE_PLAYBACK_RESTRICTION_POLICY,
        "playbackRestrictionPolicy",
    ),
    "keyPairs": (operations.IMPORT_PLAYBACK_KEY_PAIR, "keyPair"),
    "channels": (operations.CREATE_CHANNEL, "channel"),
}
"""Lists in the order in which they are loaded: channels refer to the others."""


def load(service: Service, data: Mapping[str, Any]) -> dict[str, list[str]]:
    """Create what a document describes; tells the ARNs.

    Raises:
        LocalError: The document has another form, or a rule of the API refuses an item of it.
    """
    unknown = data.keys() - KINDS.keys()
    if unknown:
        raise LocalError(
            f"{', '.join(sorted(unknown))}: no such list; there are {', '.join(KINDS)}"
        )
    arns: dict[str, list[str]] = {}
    for name, (operation, member) in KINDS.items():
        for index, item in enumerate(data.get(name, ())):
            try:
                arn = _load_one(service, operation, member, dict(item))
                arns.setdefault(name, []).append(arn)
            except (ApiError, LocalError, TypeError, ValueError) as error:
                text = error.message if isinstance(error, ApiError) else error
                raise LocalError(f"{name}[{index}]: {text}") from error
    return arns


def _load_one(service: Service, operation: Operation[Any], member: str, item: Json) -> str:
    service.store.reserved = item.pop("id", None)
    live = item.pop("live", False)
    stream = {name: item.pop(name) for name in ("viewers", "ingest", "priority") if name in item}
    try:
        answer = service.call(operation, item)
    finally:
        service.store.reserved = None
    arn: str = (answer or {})[member]["arn"]
    if live:
        service.streams.start(arn, **stream)
    return arn
