"""The EventBridge events that IVS would emit, kept and followed.

Owns the envelope. What happens and what an event tells of it is known where it happens.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from .feeds import Feed, Reader
from .store import Json, Store, iso

EVENTS_KEPT: Final = 10_000

STREAM_STATE: Final = "IVS Stream State Change"
STREAM_HEALTH: Final = "IVS Stream Health Change"
LIMIT_BREACH: Final = "IVS Limit Breach"
RECORDING_STATE: Final = "IVS Recording State Change"
AD_BREAK_STATE: Final = "IVS Ad Break State Change"


class EventLog:
    """What was emitted, oldest first, and whoever follows it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._events: deque[Json] = deque(maxlen=EVENTS_KEPT)
        self._feed: Feed[Json] = Feed()

    def emit(self, detail_type: str, resources: list[str], detail: Json) -> Json:
        """Emit an event and give it back, envelope and all."""
        event: Json = {
            "version": "0",
            "id": self._store.uuid(),
            "detail-type": detail_type,
            "source": "aws.ivs",
            "account": self._store.account_id,
            "time": iso(self._store.clock()),
            "region": self._store.region,
            "resources": resources,
            "detail": detail,
        }
        self._events.append(event)
        self._feed.publish(event)
        return event

    def all(self, channel_arn: str | None = None) -> list[Json]:
        """The events so far, of one channel if one is named."""
        return [
            event
            for event in self._events
            if channel_arn is None or channel_arn in event["resources"]
        ]

    def follow(self) -> Reader[Json]:
        """The events from now on."""
        return self._feed.open()

    def close(self) -> None:
        """End whoever follows."""
        self._feed.close()
