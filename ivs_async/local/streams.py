"""Streams: their sessions, what broadcasters and operators do to them, cues and ad breaks.

Owns what happens on a channel between the first byte of an encoder and the last, and says in
EventBridge events what IVS would say. A channel's settings are `channels`; a recording's are
`configurations`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import attrs

from ivs_async import quotas

from .answers import page
from .errors import ApiError, LocalError, StreamRefused
from .events import AD_BREAK_STATE, LIMIT_BREACH, STREAM_HEALTH, EventLog
from .feeds import Feed, Reader
from .paging import Pager
from .recordings import Recordings
from .rules import invalid
from .sessions import Session
from .store import Handlers, Json, Resource, Store, iso, moment

CUES_KEPT: Final = 10_000
HIGHEST_PRIORITY: Final = 2_147_483_647
AD_BREAK_LEAD: Final = 10.0
NO_CHANNEL: Final = "no such channel"
NO_CAPACITY: Final = "Transcode capacity exceeded. Please try again."

# what an encoder sends unless something else is said: within the limits of every channel type
VIDEO: Final[Json] = {
    "avcProfile": "Main",
    "avcLevel": "3.1",
    "codec": "avc1.4D401F",
    "encoder": "local encoder",
    "targetBitrate": 1_400_000,
    "targetFramerate": 30,
    "videoHeight": 480,
    "videoWidth": 852,
    "level": "3.1",
    "track": "Track0",
    "profile": "Main",
}
AUDIO: Final[Json] = {
    "codec": "mp4a.40.2",
    "targetBitrate": 160_000,
    "sampleRate": 48_000,
    "channels": 2,
    "track": "Track0",
}

RESOLUTIONS: Final = {"SD": (864, 480), "HD": (1_280, 720), "FULL_HD": (1_920, 1_080)}
"""The largest pictures that are taken in; the long side must not exceed the first figure."""


@attrs.frozen(kw_only=True)
class Cue:
    """One piece of timed metadata as a player of the channel sees it.

    Attributes:
        channel_arn: The channel.
        stream_id: Its stream.
        text: The metadata, whole.
        at: When it was put in.
        offset: Seconds from the start of the stream.
    """

    channel_arn: str
    stream_id: str
    text: str = attrs.field(repr=False)
    at: datetime
    offset: float


class Streams:
    """GetStream and its like, and what a broadcaster does."""

    def __init__(
        self, store: Store, pager: Pager, events: EventLog, recordings: Recordings
    ) -> None:
        self._store = store
        self._pager = pager
        self._events = events
        self._recordings = recordings
        self._sessions: dict[str, list[Session]] = {}
        self._cues: dict[str, deque[Cue]] = {}
        self._feeds: dict[str, Feed[Cue]] = {}
        self.handlers: Handlers = {
            "GetStream": self._get_stream,
            "ListStreams": self._list_streams,
            "GetStreamSession": self._get_stream_session,
            "ListStreamSessions": self._list_stream_sessions,
            "StopStream": self._stop_stream,
            "PutMetadata": self._put_metadata,
            "InsertAdBreak": self._insert_ad_break,
        }

    def _get_stream(self, request: Json) -> Json:
        session = self._broadcasting(request["channelArn"])
        return {"stream": {**session.summary(), "playbackUrl": session.channel["playbackUrl"]}}

    def _list_streams(self, request: Json) -> Json:
        health = request.get("filterBy", {}).get("health")
        live = (
            session
            for sessions in self._sessions.values()
            if (session := sessions[-1]).live and health in {None, session.health}
        )
        return self._page("ListStreams", "streams", request, live, Session.summary)

    def _get_stream_session(self, request: Json) -> Json:
        sessions = self._recorded(request["channelArn"])
        stream_id = request.get("streamId")
        for session in reversed(sessions):
            if stream_id in {None, session.stream_id}:
                return {"streamSession": session.details()}
        raise ApiError(
            "ResourceNotFoundException",
            f"Stream session: {stream_id or 'any'} of channel {request['channelArn']} "
            "does not exist",
        )

    def _list_stream_sessions(self, request: Json) -> Json:
        sessions = self._recorded(request["channelArn"])
        return self._page(
            "ListStreamSessions", "streamSessions", request, sessions, Session.session_summary
        )

    def _stop_stream(self, request: Json) -> Json:
        self._store.get("channel", request["channelArn"])
        session = self.current(request["channelArn"])
        if session is None:
            raise not_broadcasting(request["channelArn"])
        if session.state != "live":
            raise ApiError("StreamUnavailable")
        self._end(session)
        return {}

    def _put_metadata(self, request: Json) -> None:
        session = self._broadcasting(request["channelArn"])
        now = self._store.clock()
        cue = Cue(
            channel_arn=session.arn,
            stream_id=session.stream_id,
            text=request["metadata"],
            at=moment(now),
            offset=now - session.started,
        )
        self._cues.setdefault(session.arn, deque(maxlen=CUES_KEPT)).append(cue)
        if feed := self._feeds.get(session.arn):
            feed.publish(cue)

    def _insert_ad_break(self, request: Json) -> Json:
        session = self._broadcasting(request["channelArn"])
        now = self._store.clock()
        if not session.channel["adConfigurationArn"]:
            raise invalid(
                "InsertAdBreak.channelArn", "must name a channel with an ad configuration"
            )
        if now < session.ad_break_ends:
            raise ApiError("ConflictException", f"An ad break of {session.arn} is in progress")
        break_id = request.get("adBreakId") or self._store.id()
        if break_id in session.ad_breaks:
            raise ApiError("ConflictException", f"Ad break: {break_id} exists already")
        target = request.get("targetStartAt")
        start = now + AD_BREAK_LEAD if target is None else target.timestamp()
        if start < now:
            raise invalid("InsertAdBreak.targetStartAt", "must not be in the past")
        session.ad_break_ends = start + request["durationSeconds"]
        session.ad_breaks.add(break_id)
        session.emit(
            self._events,
            {
                "event_name": "Ad Break Inserted",
                "ad_break_id": break_id,
                "duration_seconds": request["durationSeconds"],
                "target_start_time": iso(start),
            },
            AD_BREAK_STATE,
        )
        return {"adBreakId": break_id, "targetStartAt": iso(start)}

    def start(
        self,
        channel_arn: str,
        *,
        ingest: Mapping[str, Any] | None = None,
        viewers: int = 0,
        starving: bool = False,
        failure: str | None = None,
        priority: int | None = None,
        stream_key: str | None = None,
    ) -> str:
        """A broadcaster connects. See `LocalIvs.start_stream`."""
        store = self._store
        channel = self._channel(channel_arn)
        self._check_key(channel_arn, stream_key)
        tracks = _ingest(ingest or {})
        running = self.current(channel_arn)
        if running is not None:
            return self._take_over(running, tracks, priority)
        live = sum(1 for sessions in self._sessions.values() if sessions[-1].state != "ended")
        if live >= store.limits.streams:
            limit = store.limits.streams
            detail = _breach("Concurrent Broadcasts", limit, live + 1, "active streams")
            self._events.emit(LIMIT_BREACH, [], detail)
            raise StreamRefused(
                f"{live} channels are live, which is the quota", reason="Concurrent Broadcasts"
            )
        session = self._create(channel, tracks, priority or 0)
        self._refuse_bad_ingest(session)
        if failure is not None:
            self._fail(session, failure)
            raise StreamRefused(
                "the stream failed at its start, as asked for",
                reason="Stream Failure",
                stream_id=session.stream_id,
            )
        store.later(store.delays.stream_start, lambda: self._go_live(session, viewers, starving))
        return session.stream_id

    def stop(self, channel_arn: str) -> None:
        """The broadcaster disconnects."""
        session = self.current(channel_arn)
        if session is not None and session.state != "ending":
            self._end(session)

    def fail(self, channel_arn: str, reason: str) -> None:
        """IVS gives the stream up."""
        self._fail(self._running(channel_arn), reason)

    def starve(self, channel_arn: str) -> None:
        """The broadcaster's data dries up."""
        session = self._running(channel_arn)
        if session.health == "STARVING":
            return
        session.health = "STARVING"
        since = session.starving_since = self._store.clock()
        session.emit(self._events, {"event_name": "Starvation Start"}, STREAM_HEALTH)

        def give_up() -> None:
            if session.state == "live" and session.starving_since == since:
                self._end(session)

        self._store.later(self._store.delays.starvation, give_up)

    def recover(self, channel_arn: str) -> None:
        """The broadcaster's data comes again."""
        session = self._running(channel_arn)
        if session.health == "STARVING":
            session.health, session.starving_since = "HEALTHY", None
            session.emit(self._events, {"event_name": "Starvation End"}, STREAM_HEALTH)

    def watch(self, channel_arn: str, viewers: int) -> None:
        """So many viewers watch; -1 for a count that timed out."""
        session = self._running(channel_arn)
        limit = self._store.limits.viewers
        before = self._viewers()
        session.viewers = viewers
        if before <= limit < (total := self._viewers()):
            detail = _breach("Concurrent Viewers", limit, total, "viewers")
            self._events.emit(LIMIT_BREACH, [], detail)

    def current(self, channel_arn: str) -> Session | None:
        """The session that has not ended, if there is one."""
        sessions = self._sessions.get(channel_arn)
        return sessions[-1] if sessions and sessions[-1].state != "ended" else None

    def cues(self, channel_arn: str) -> list[Cue]:
        """The cues of a channel, oldest first."""
        return list(self._cues.get(channel_arn, ()))

    def follow(self, channel_arn: str) -> Reader[Cue]:
        """The cues of a channel from now on."""
        return self._feeds.setdefault(channel_arn, Feed()).open()

    def close(self) -> None:
        """End whoever follows."""
        for feed in self._feeds.values():
            feed.close()

    def _check_key(self, channel_arn: str, stream_key: str | None) -> None:
        keys = [
            key.body["value"]
            for key in self._store.all("stream-key")
            if key.body["channelArn"] == channel_arn
        ]
        if not keys:
            raise StreamRefused(
                f"{channel_arn} has no stream key; create one first", reason="no stream key"
            )
        if stream_key is not None and stream_key not in keys:
            raise StreamRefused(
                f"that is not the stream key of {channel_arn}", reason="wrong stream key"
            )

    def _create(self, channel: Resource, tracks: Json, priority: int) -> Session:
        store = self._store
        slate = channel.body["failoverSlateConfigurationArn"]
        recording = channel.body["recordingConfigurationArn"]
        session = Session(
            channel=channel.body,
            stream_id=f"st-{store.id(23)}",
            position=store.position(),
            started=store.clock(),
            ingest=tracks,
            priority=priority,
            slate=store.get("failover-slate-configuration", slate).body if slate else None,
            recording=store.get("recording-configuration", recording).body if recording else None,
        )
        self._sessions.setdefault(channel.arn, []).append(session)
        session.emit(self._events, {"event_name": "Session Created"})
        return session

    def _refuse_bad_ingest(self, session: Session) -> None:
        """End a session at once whose encoder sends what the channel does not take."""
        refusal = self._multitrack_refusal(session)
        if refusal is None and (breach := _breached(session)) is not None:
            name, limit, value, unit = breach
            session.has_error = True
            session.emit(self._events, _breach(name, limit, value, unit), LIMIT_BREACH)
            self._end(session)
            refusal = name
        if refusal is not None:
            raise StreamRefused(
                f"the encoder's settings do not fit the channel: {refusal}",
                reason=refusal,
                stream_id=session.stream_id,
            )

    def _multitrack_refusal(self, session: Session) -> str | None:
        settings = session.channel["multitrackInputConfiguration"]
        many = len(session.ingest["videoConfigurations"]) > 1
        code = None
        if many and not settings["enabled"]:
            code = "MultitrackInputNotAllowed"
        elif not many and settings["enabled"] and settings["policy"] == "REQUIRE":
            code = "MultitrackInputRequired"
        if code is not None:
            session.has_error = True
            self._end(session, code)
        return code

    def _take_over(self, session: Session, tracks: Json, priority: int | None) -> str:
        if priority is None:
            raise StreamRefused(
                f"{session.arn} is live already; stop its stream, or take it over with a priority",
                reason="already live",
                stream_id=session.stream_id,
            )
        code = None
        if _media(tracks) != _media(session.ingest):
            code = "StreamTakeoverMediaMismatch"
        elif not session.priority < priority <= HIGHEST_PRIORITY:
            code = "StreamTakeoverInvalidPriority"
        elif session.takeovers >= self._store.limits.takeovers:
            code = "StreamTakeoverLimitBreached"
        if code is not None:
            session.emit(self._events, {"event_name": "Stream Takeover Failure", "code": code})
            raise StreamRefused(
                f"the takeover was rejected: {code}", reason=code, stream_id=session.stream_id
            )
        session.takeovers += 1
        session.priority = priority
        session.ingest = tracks
        session.emit(self._events, {"event_name": "Stream Takeover"})
        return session.stream_id

    def _go_live(self, session: Session, viewers: int, starving: bool) -> None:
        if session.state != "starting":
            return
        session.state = "live"
        session.emit(self._events, {"event_name": "Stream Start"})
        self._recordings.begin(session)
        if viewers:
            self.watch(session.arn, viewers)
        if starving:
            self.starve(session.arn)

    def _fail(self, session: Session, reason: str) -> None:
        session.has_error = True
        session.emit(self._events, {"event_name": "Stream Failure", "reason": reason})
        self._end(session)

    def _end(self, session: Session, code: str | None = None) -> None:
        was_live = session.state == "live"
        session.state = "ending" if was_live else "ended"
        session.ended = self._store.clock()
        detail = {"event_name": "Session Ended"}
        session.emit(self._events, detail if code is None else {**detail, "code": code})
        if was_live:
            self._store.later(self._store.delays.stream_end, lambda: self._went_off(session))

    def _went_off(self, session: Session) -> None:
        session.state = "ended"
        session.viewers = 0
        session.emit(self._events, {"event_name": "Stream End"})
        self._recordings.end(session)

    def _broadcasting(self, channel_arn: str) -> Session:
        self._store.get("channel", channel_arn)
        session = self.current(channel_arn)
        if session is None or not session.live:
            raise not_broadcasting(channel_arn)
        return session

    def _channel(self, channel_arn: str) -> Resource:
        try:
            return self._store.get("channel", channel_arn)
        except ApiError as error:
            raise StreamRefused(error.message, reason=NO_CHANNEL) from None

    def _running(self, channel_arn: str) -> Session:
        self._channel(channel_arn)
        session = self.current(channel_arn)
        if session is None or session.state != "live":
            raise StreamRefused(f"{channel_arn} is not live", reason="not live")
        return session

    def _recorded(self, channel_arn: str) -> list[Session]:
        """The sessions of a channel that IVS still remembers, which it does when it is gone."""
        oldest = self._store.clock() - quotas.STREAM_SESSION_DAYS * 86_400
        sessions = [s for s in self._sessions.get(channel_arn, ()) if s.started >= oldest]
        if not sessions:
            self._store.get("channel", channel_arn)
        return sessions

    def _viewers(self) -> int:
        return sum(max(0, sessions[-1].viewers) for sessions in self._sessions.values())

    def _page(
        self,
        operation: str,
        member: str,
        request: Json,
        sessions: Iterable[Session],
        summary: Callable[[Session], Json],
    ) -> Json:
        """A page of sessions, the newest first."""
        after = self._pager.after(operation, request)
        newest_first = sorted(
            (s for s in sessions if after is None or s.position < after),
            key=lambda session: -session.position,
        )
        return page(
            self._pager,
            operation,
            member,
            request,
            ((session.position, summary(session)) for session in newest_first),
        )


def not_broadcasting(channel_arn: str) -> ApiError:
    """The error for a channel that is not live, in the words that IVS was seen to use."""
    return ApiError(
        "ChannelNotBroadcasting",
        f"ChannelNotBroadcasting: Channel: {channel_arn} is not currently online",
    )


def _breach(name: str, limit: int, value: int, unit: str) -> Json:
    return {
        "limit_name": name,
        "limit_value": limit,
        "exceeded_by": value - limit,
        "limit_unit": unit,
    }


def _ingest(given: Mapping[str, Any]) -> Json:
    """Encoder settings, whole: what is not said is as in `VIDEO` and `AUDIO`."""
    tracks: Json = {}
    for member, default in (("videoConfigurations", VIDEO), ("audioConfigurations", AUDIO)):
        tracks[member] = []
        for number, track in enumerate(given.get(member) or [{}]):
            for name, value in track.items():
                if type(value) is not type(default.get(name)):
                    raise LocalError(f"{member}[{number}].{name} is not a setting of an encoder")
            tracks[member].append({**default, "track": f"Track{number}", **track})
    return tracks


def _media(tracks: Json) -> list[tuple[Any, ...]]:
    """What must not change when another encoder takes a stream over."""
    return [
        (video["codec"], video["videoWidth"], video["videoHeight"])
        for video in tracks["videoConfigurations"]
    ]


def _breached(session: Session) -> tuple[str, int, int, str] | None:
    """The limit of its channel type that an encoder exceeds: name, limit, value and unit."""
    videos = session.ingest["videoConfigurations"]
    pixels = max(video["videoWidth"] * video["videoHeight"] for video in videos)
    edge = max(max(video["videoWidth"], video["videoHeight"]) for video in videos)
    multitrack = session.channel["multitrackInputConfiguration"]
    most_edge, short_edge = RESOLUTIONS[
        multitrack["maximumResolution"] if multitrack["enabled"] else "FULL_HD"
    ]
    most_pixels = most_edge * short_edge
    if pixels > most_pixels:
        return "Ingest Resolution", most_pixels, pixels, "total pixels"
    if edge > most_edge:
        return "Ingest Resolution", most_edge, edge, "pixels per edge"
    bitrate = sum(video["targetBitrate"] for video in videos)
    if multitrack["enabled"]:
        most_bitrate = 15_000_000
    elif session.channel["type"] != "BASIC":
        most_bitrate = 8_500_000
    else:
        most_bitrate = 1_500_000 if videos[0]["videoHeight"] <= 480 else 3_500_000
    if bitrate > most_bitrate:
        return "Ingest Bitrate", most_bitrate, bitrate, "bits per second"
    return None
