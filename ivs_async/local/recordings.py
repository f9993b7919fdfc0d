"""Recordings of streams: when they begin and end, and the events that say so.

Nothing is recorded. A stream that comes back within its configuration's reconnect window goes on
in the same recording, under the documented conditions.
"""

from __future__ import annotations

from typing import Final

import attrs

from .errors import LocalError
from .events import RECORDING_STATE, EventLog
from .sessions import Session
from .store import Json, Store, moment

MOST_MERGED: Final = 20
LONGEST_MERGE: Final = 48 * 3_600


@attrs.define(eq=False, kw_only=True)
class Recording:
    """One recording, of one stream or several merged."""

    id: str
    bucket: str
    prefix: str
    started: float
    window: float
    streams: list[Session]
    recorded: float = 0.0
    over: bool = False


class Recordings:
    """Begins and ends recordings with the streams of their channels."""

    def __init__(self, store: Store, events: EventLog) -> None:
        self._store = store
        self._events = events
        self._open: dict[str, Recording] = {}

    def begin(self, session: Session) -> None:
        """A stream is live: record it if its channel says so and its bucket can be written."""
        settings = session.recording
        if settings is None:
            return
        store = self._store
        last = self._open.get(session.arn)
        if last is not None:
            if _mergeable(last, session):
                last.streams.append(session)
                return
            self._finish(last, "Recording End")
        now = store.clock()
        at = moment(now)
        channel_id = session.arn.rpartition("/")[2]
        recording = Recording(
            id=store.id(16),
            bucket=settings["destinationConfiguration"]["s3"]["bucketName"],
            prefix=(
                f"ivs/v1/{store.account_id}/{channel_id}/{at.year}/{at.month}/{at.day}/"
                f"{at.hour}/{at.minute}/{store.id()}"
            ),
            started=now,
            window=settings["recordingReconnectWindowSeconds"],
            streams=[session],
        )
        usable = settings["state"] == "ACTIVE" and (
            store.buckets.get(recording.bucket, store.region) == store.region
        )
        if not usable:
            recording.prefix = ""
            self._emit(recording, "Recording Start Failure", "ValidationException")
            return
        self._open[session.arn] = recording
        self._emit(recording, "Recording Start")

    def end(self, session: Session) -> None:
        """A stream is over: so is its recording, unless the next stream comes in time."""
        recording = self._open.get(session.arn)
        if recording is None or recording.streams[-1] is not session:
            return
        began = max(session.started, recording.started)
        recording.recorded += self._store.clock() - began

        def finish() -> None:
            if recording.streams[-1] is session and not recording.over:
                self._finish(recording, "Recording End")

        self._store.later(recording.window, finish)

    def fail(self, channel_arn: str, reason: str) -> None:
        """Writing the recording of a live stream fails."""
        recording = self._open.get(channel_arn)
        if recording is None:
            raise LocalError(f"{channel_arn} is not being recorded")
        self._finish(recording, "Recording End Failure", reason)

    def _finish(self, recording: Recording, status: str, reason: str = "") -> None:
        recording.over = True
        del self._open[recording.streams[-1].arn]
        self._emit(recording, status, reason)

    def _emit(self, recording: Recording, status: str, reason: str = "") -> None:
        detail: Json = {
            "recording_status": status,
            "recording_status_reason": reason,
            "recording_s3_bucket_name": recording.bucket,
            "recording_s3_key_prefix": recording.prefix,
            "recording_duration_ms": round(recording.recorded * 1_000),
            "recording_session_id": recording.id,
        }
        if status == "Recording End":
            detail["recording_session_stream_ids"] = [s.stream_id for s in recording.streams]
        recording.streams[-1].emit(self._events, detail, RECORDING_STATE)


def _mergeable(recording: Recording, session: Session) -> bool:
    first = recording.streams[0]
    old, new = _media(first), _media(session)
    return (
        recording.window > 0
        and len(recording.streams) < MOST_MERGED
        and session.started - recording.started < LONGEST_MERGE
        and old[:-1] == new[:-1]
        and abs(new[-1] - old[-1]) <= old[-1] / 2
    )


def _media(session: Session) -> tuple[object, object, object, object, object, int]:
    video = session.ingest["videoConfigurations"][0]
    audio = session.ingest["audioConfigurations"][0]
    return (
        video["videoWidth"],
        video["videoHeight"],
        video["targetFramerate"],
        video["codec"],
        audio["codec"],
        video["targetBitrate"],
    )
