"""One stream session: what is known of it from its first byte on, and its own list of events."""

from __future__ import annotations

from collections import deque
from typing import Final, Literal

import attrs

from ivs_async import quotas

from .events import STREAM_STATE, EventLog
from .store import Json, iso


@attrs.define(eq=False, kw_only=True)
class Session:
    """A stream session, from Session Created on.

    Attributes:
        channel: The channel's settings when it began.
        stream_id: Its id.
        position: Its place in the order of creation.
        started: When it began, in seconds since 1970.
        ingest: What the encoder sends.
        priority: Of the broadcaster; a takeover needs a higher one.
        slate: The failover slate configuration when it began.
        recording: The recording configuration when it began.
        state: ``starting`` before viewers get video, ``ending`` while they get the last of it.
        ended: When the broadcaster left.
        health: HEALTHY or STARVING.
        starving_since: Since when data is missing.
        viewers: Who watches; -1 for a count that timed out.
        takeovers: How often another broadcaster took over.
        has_error: Whether there was a quota breach or a failure.
        events: Its events, newest first.
        ad_break_ends: When the last ad break is over.
        ad_breaks: Ids of its ad breaks.
    """

    channel: Json = attrs.field(repr=False)
    stream_id: str
    position: int
    started: float
    ingest: Json = attrs.field(repr=False)
    priority: int = 0
    slate: Json | None = None
    recording: Json | None = None
    state: Literal["starting", "live", "ending", "ended"] = "starting"
    ended: float | None = None
    health: str = "HEALTHY"
    starving_since: float | None = None
    viewers: int = 0
    takeovers: int = 0
    has_error: bool = False
    events: deque[Json] = attrs.field(
        factory=lambda: deque(maxlen=quotas.EVENTS_PER_STREAM_SESSION), repr=False
    )
    ad_break_ends: float = 0.0
    ad_breaks: set[str] = attrs.field(factory=set, repr=False)

    @property
    def arn(self) -> str:
        """The channel's ARN."""
        arn: str = self.channel["arn"]
        return arn

    @property
    def live(self) -> bool:
        """Whether viewers get video."""
        return self.state in {"live", "ending"}

    def emit(self, log: EventLog, detail: Json, detail_type: str = STREAM_STATE) -> None:
        """Emit an event of this session, and note it in the session's own list."""
        event = log.emit(
            detail_type,
            [self.arn],
            {"channel_name": self.channel["name"], "stream_id": self.stream_id, **detail},
        )
        name = next(detail[member] for member in NAMED_BY if member in detail)
        noted = {"name": name, "type": detail_type, "eventTime": event["time"]}
        if "code" in detail:
            noted["code"] = detail["code"]
        self.events.appendleft(noted)

    def summary(self) -> Json:
        """What ListStreams tells of it."""
        return {
            "channelArn": self.arn,
            "streamId": self.stream_id,
            "state": "LIVE",
            "health": self.health,
            "viewerCount": self.viewers,
            "startTime": iso(self.started),
        }

    def session_summary(self) -> Json:
        """What ListStreamSessions tells of it."""
        return {**self._times(), "hasErrorEvent": self.has_error}

    def details(self) -> Json:
        """What GetStreamSession tells of it."""
        details = {
            **self._times(),
            "channel": self.channel,
            "ingestConfiguration": {
                "video": self.ingest["videoConfigurations"][0],
                "audio": self.ingest["audioConfigurations"][0],
            },
            "ingestConfigurations": self.ingest,
            "truncatedEvents": list(self.events),
        }
        if self.recording is not None:
            details["recordingConfiguration"] = self.recording
        if self.slate is not None:
            details["failoverSlateConfiguration"] = self.slate
        return details

    def _times(self) -> Json:
        times = {"streamId": self.stream_id, "startTime": iso(self.started)}
        if self.state == "ended" and self.ended is not None:
            times["endTime"] = iso(self.ended)
        return times


NAMED_BY: Final = ("event_name", "limit_name", "recording_status")
"""Members of an event's detail that name what happened: each detail-type has its own."""
