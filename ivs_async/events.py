"""EventBridge events of Amazon IVS, typed, and what they tell of each channel.

Owns the forms of the events, the envelopes in which they arrive, and the folding of them into
states. Does no I/O: where they come from and whom to ask is the caller's business.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import attrs

from ._aws.errors import ParameterError
from .models import Stream, StreamState, StreamSummary

_READ = "read"
_MOST_WRAPPERS = 8


def _text(value: object, path: str) -> str:
    if not isinstance(value, str):
        raise ParameterError(f"{path} must be a string, not {type(value).__name__}")
    return value


def _number(value: object, path: str) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ParameterError(f"{path} must be a number, not {type(value).__name__}")
    return value


def _time(value: object, path: str) -> datetime:
    text = _text(value, path)
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise ParameterError(
            f"{path} must be an ISO 8601 timestamp; this string of {len(text):,} characters is not"
        ) from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _texts(value: object, path: str) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise ParameterError(f"{path} must be a list, not {type(value).__name__}")
    return tuple(_text(item, f"{path}[{index}]") for index, item in enumerate(value))


def _member(read: Callable[[object, str], object], default: object = "") -> Any:
    """A field that is read from the member of ``detail`` of the same name."""
    return attrs.field(default=default, metadata={_READ: read})


@attrs.frozen(kw_only=True)
class Event:
    """What all events have. Delivery is best effort: late, repeated, out of order, or never.

    Attributes:
        detail_type: The kind of event, such as ``IVS Stream State Change``.
        name: The event itself, such as ``Stream Start``; empty if there is no name.
        time: When it happened, which may be hours ago. Whole seconds on the real service.
        id: The same in each delivery of one event.
        account: AWS account.
        region: AWS region.
        resources: ARNs that the event is about.
        raw: The event as it arrived, with members that this package does not know.
    """

    detail_type: str
    name: str
    time: datetime
    id: str = ""
    account: str = ""
    region: str = ""
    resources: tuple[str, ...] = ()
    raw: Mapping[str, Any] = attrs.field(factory=dict, repr=False, hash=False)

    @property
    def channel_arn(self) -> str | None:
        """The channel that the event is about; None if it names none."""
        return next((arn for arn in self.resources if ":channel/" in arn), None)


@attrs.frozen(kw_only=True)
class UnknownEvent(Event):
    """An event of a kind or name that this package does not know.

    Attributes:
        detail: All that the event says.
    """

    detail: Mapping[str, Any] = attrs.field(factory=dict, repr=False, hash=False)


@attrs.frozen(kw_only=True)
class ChannelEvent(Event):
    """An event of one channel's stream.

    Attributes:
        channel_name: Empty for a channel without a name.
        stream_id: The stream session. Each time a channel goes live it has a new one.
    """

    channel_name: str = _member(_text)
    stream_id: str = _member(_text)


@attrs.frozen(kw_only=True)
class StreamStateChange(ChannelEvent):
    """The detail-type ``IVS Stream State Change``."""


@attrs.frozen(kw_only=True)
class SessionCreated(StreamStateChange):
    """An encoder connected with the channel's key; nothing can be watched yet."""


@attrs.frozen(kw_only=True)
class SessionEnded(StreamStateChange):
    """The encoder is gone. May come before `StreamEnd`, and does not always come.

    Attributes:
        code: Why, for multitrack streams; see `StreamEvent.code`.
    """

    code: str | None = _member(_text, None)


@attrs.frozen(kw_only=True)
class StreamStart(StreamStateChange):
    """The stream can be watched."""


@attrs.frozen(kw_only=True)
class StreamEnd(StreamStateChange):
    """There is nothing more to watch."""


@attrs.frozen(kw_only=True)
class StreamFailure(StreamStateChange):
    """The stream is not processed, for want of capacity.

    Attributes:
        reason: What the service says of it.
    """

    reason: str = _member(_text)


@attrs.frozen(kw_only=True)
class StreamTakeover(StreamStateChange):
    """Another encoder took over the running stream."""


@attrs.frozen(kw_only=True)
class StreamTakeoverFailure(StreamStateChange):
    """Another encoder was not let take over the running stream.

    Attributes:
        code: Why, such as ``StreamTakeoverInvalidPriority``.
    """

    code: str | None = _member(_text, None)


@attrs.frozen(kw_only=True)
class StreamHealthChange(ChannelEvent):
    """The detail-type ``IVS Stream Health Change``."""


@attrs.frozen(kw_only=True)
class StarvationStart(StreamHealthChange):
    """No data comes from the encoder."""


@attrs.frozen(kw_only=True)
class StarvationEnd(StreamHealthChange):
    """Data comes from the encoder again."""


@attrs.frozen(kw_only=True)
class LimitBreach(ChannelEvent):
    """The detail-type ``IVS Limit Breach``. The two Concurrent ones name no channel.

    Attributes:
        limit_value: The limit, in `limit_unit`.
        exceeded_by: By how much it was exceeded, in `limit_unit`.
        limit_unit: Such as ``bits per second``, ``total pixels`` or ``viewers``.
    """

    limit_value: float | None = _member(_number, None)
    exceeded_by: float | None = _member(_number, None)
    limit_unit: str = _member(_text)


@attrs.frozen(kw_only=True)
class IngestBitrateBreach(LimitBreach):
    """A stream comes with more bits per second than its channel type allows."""


@attrs.frozen(kw_only=True)
class IngestResolutionBreach(LimitBreach):
    """A stream comes with more pixels, in all or along an edge, than its channel type allows."""


@attrs.frozen(kw_only=True)
class ConcurrentBroadcastsBreach(LimitBreach):
    """More channels are live than the account may have."""


@attrs.frozen(kw_only=True)
class ConcurrentViewersBreach(LimitBreach):
    """More viewers watch than the account may have."""


@attrs.frozen(kw_only=True)
class RecordingStateChange(ChannelEvent):
    """The detail-type ``IVS Recording State Change``.

    Attributes:
        recording_status_reason: The failure, such as ``ValidationException``; else empty.
        recording_s3_bucket_name: Where the recording goes.
        recording_s3_key_prefix: The prefix of all its objects; empty if it never started.
        recording_duration_ms: Milliseconds recorded, known at the end.
        recording_session_id: The recording, which may span several stream sessions.
        recording_session_stream_ids: Those sessions, told at the end.
    """

    recording_status_reason: str = _member(_text)
    recording_s3_bucket_name: str = _member(_text)
    recording_s3_key_prefix: str = _member(_text)
    recording_duration_ms: int | None = _member(_number, None)
    recording_session_id: str = _member(_text)
    recording_session_stream_ids: tuple[str, ...] = _member(_texts, ())


@attrs.frozen(kw_only=True)
class RecordingStart(RecordingStateChange):
    """The recording has begun; its files appear a little later."""


@attrs.frozen(kw_only=True)
class RecordingEnd(RecordingStateChange):
    """The recording is complete. Only now should its files be read."""


@attrs.frozen(kw_only=True)
class RecordingStartFailure(RecordingStateChange):
    """The stream is not recorded."""


@attrs.frozen(kw_only=True)
class RecordingEndFailure(RecordingStateChange):
    """The recording ended in an error; some of its files may be there."""


@attrs.frozen(kw_only=True)
class AdBreakStateChange(ChannelEvent):
    """The detail-type ``IVS Ad Break State Change``.

    Attributes:
        ad_break_id: As `InsertAdBreakResponse.ad_break_id` gave it.
        duration_seconds: As asked for.
        target_start_time: When the break is expected to begin.
    """

    ad_break_id: str = _member(_text)
    duration_seconds: int | None = _member(_number, None)
    target_start_time: datetime | None = _member(_time, None)  # noqa: RUF009


@attrs.frozen(kw_only=True)
class AdBreakInserted(AdBreakStateChange):
    """An ad break was put into a live stream."""


_KINDS: Final[dict[str, tuple[str, dict[str, type[Event]]]]] = {
    "IVS Stream State Change": (
        "event_name",
        {
            "Session Created": SessionCreated,
            "Session Ended": SessionEnded,
            "Stream Start": StreamStart,
            "Stream End": StreamEnd,
            "Stream Failure": StreamFailure,
            "Stream Takeover": StreamTakeover,
            "Stream Takeover Failure": StreamTakeoverFailure,
        },
    ),
    "IVS Stream Health Change": (
        "event_name",
        {"Starvation Start": StarvationStart, "Starvation End": StarvationEnd},
    ),
    "IVS Limit Breach": (
        "limit_name",
        {
            "Ingest Bitrate": IngestBitrateBreach,
            "Ingest Resolution": IngestResolutionBreach,
            "Concurrent Broadcasts": ConcurrentBroadcastsBreach,
            "Concurrent Viewers": ConcurrentViewersBreach,
        },
    ),
    "IVS Recording State Change": (
        "recording_status",
        {
            "Recording Start": RecordingStart,
            "Recording End": RecordingEnd,
            "Recording Start Failure": RecordingStartFailure,
            "Recording End Failure": RecordingEndFailure,
        },
    ),
    "IVS Ad Break State Change": ("event_name", {"Ad Break Inserted": AdBreakInserted}),
}
"""For each detail-type the member of ``detail`` that tells its events apart, and their classes."""


def parse_event(source: Mapping[str, Any] | str | bytes) -> Event:
    """Read one event, bare or in its envelope.

    Args:
        source: The event as EventBridge or Lambda give it, or as JSON; one record of a Lambda
            batch from SQS or SNS; the body of an SQS message; an SNS notification.

    Returns:
        One of this module's classes; an `UnknownEvent` for kinds and names it does not know, such
        as those of IVS real-time. Which sources to trust is for the rule's pattern to say: the
        kind is read from ``detail-type`` alone.

    Raises:
        ParameterError: Not one event: other JSON, none, several (`parse_events` gives them all),
            or a member of the wrong type. The text names the place.
    """
    events = parse_events(source)
    if len(events) != 1:
        raise ParameterError(f"source holds {len(events):,} events, not one; see parse_events")
    return events[0]


def parse_events(source: Mapping[str, Any] | list[Any] | str | bytes) -> list[Event]:
    """Read all events of an envelope, in its order.

    Args:
        source: As for `parse_event`, or a whole Lambda batch (``{"Records": [...]}``), or a list
            of any of these.

    Raises:
        ParameterError: As for `parse_event`, for the first record that cannot be read. To report
            the failures of a batch one by one, call `parse_event` with each record.
    """
    return [_parse(event, path) for event, path in _unwrap(source, "source", 0)]


def _unwrap(value: object, path: str, depth: int) -> Iterator[tuple[Mapping[str, Any], str]]:
    if depth > _MOST_WRAPPERS:
        raise ParameterError(f"{path} is wrapped more than {_MOST_WRAPPERS} times")
    if isinstance(value, str | bytes):
        text = value
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            unit = "characters" if isinstance(text, str) else "bytes"
            raise ParameterError(
                f"{path} must be JSON; these {len(text):,} {unit} are not"
            ) from None
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unwrap(item, f"{path}[{index}]", depth + 1)
        return
    if not isinstance(value, Mapping):
        raise ParameterError(f"{path} must be an event, not {type(value).__name__}")
    if "detail-type" in value:
        yield value, path
        return
    for wrapper in ("Records", "body", "Sns", "Message"):
        if wrapper in value:
            yield from _unwrap(value[wrapper], f"{path}.{wrapper}", depth + 1)
            return
    raise ParameterError(
        f"{path} is no event: it has neither detail-type nor a known envelope's Records, body, "
        f"Sns or Message, but {len(value):,} other members"
    )


def _parse(event: Mapping[str, Any], path: str) -> Event:
    detail_type = _text(event["detail-type"], f"{path}.detail-type")
    detail = event.get("detail")
    if not isinstance(detail, Mapping):
        raise ParameterError(f"{path}.detail must be an object, not {type(detail).__name__}")
    discriminator, kinds = _KINDS.get(detail_type, ("event_name", {}))
    name = detail.get(discriminator)
    kind = kinds.get(name, UnknownEvent) if isinstance(name, str) else UnknownEvent
    members = {
        field.name: field.metadata[_READ](detail[field.name], f"{path}.detail.{field.name}")
        for field in attrs.fields(kind)
        if _READ in field.metadata and detail.get(field.name) is not None
    }
    if kind is UnknownEvent:
        members["detail"] = detail
    return kind(
        detail_type=detail_type,
        name=name if isinstance(name, str) else "",
        time=_time(event.get("time"), f"{path}.time"),
        id=_text(event.get("id", ""), f"{path}.id"),
        account=_text(event.get("account", ""), f"{path}.account"),
        region=_text(event.get("region", ""), f"{path}.region"),
        resources=tuple(
            arn.strip() for arn in _texts(event.get("resources", ()), f"{path}.resources")
        ),
        raw=event,
        **members,
    )


@attrs.frozen(kw_only=True)
class ChannelState:
    """What is known of a channel. Each claim is about a moment, and None claims nothing.

    Attributes:
        channel_arn: The channel.
        live: Whether it could be watched at `as_of`. None where the evidence does not tell: an
            encoder has connected and nothing could be watched yet, the encoder is gone and the
            last of the video may still be on its way, or two tidings of one second disagree.
        as_of: The second of the newest evidence for `live`; None without any.
        stream_id: The stream session that `live` is about, where there is one.
        recording: Whether it was being recorded at `recording_as_of`; None if nothing is known.
        recording_as_of: The second of the newest evidence for `recording`.
        ask_after: From when on `live` should no longer be relied upon; None: until further news.
    """

    channel_arn: str
    live: bool | None = None
    as_of: datetime | None = None
    stream_id: str | None = None
    recording: bool | None = None
    recording_as_of: datetime | None = None
    ask_after: datetime | None = None

    def should_ask(self, now: datetime) -> bool:
        """Whether to ask the API, and to tell the tracker the answer (`StreamTracker.observe`)."""
        return self.as_of is None or (self.ask_after is not None and now >= self.ask_after)


@attrs.define
class _Session:
    """The newest evidence of each kind about one stream session, in whatever order it came."""

    seen: datetime | None = None
    live: datetime | None = None
    closing: datetime | None = None
    stopped: datetime | None = None

    def note(self, fact: str, time: datetime) -> None:
        known: datetime | None = getattr(self, fact)
        if known is None or time > known:
            setattr(self, fact, time)

    def claim(self) -> tuple[datetime, bool | None]:
        if self.stopped is not None:
            return self.stopped, False
        times = [time for time in (self.seen, self.live, self.closing) if time is not None]
        return max(times), True if self.live and not self.closing else None


_FACTS: Final[dict[type[Event], str]] = {
    SessionCreated: "seen",
    StreamTakeover: "seen",
    StarvationStart: "seen",
    StarvationEnd: "seen",
    RecordingStart: "seen",
    RecordingStartFailure: "seen",
    StreamStart: "live",
    AdBreakInserted: "live",
    SessionEnded: "closing",
    RecordingEnd: "closing",
    RecordingEndFailure: "closing",
    StreamEnd: "stopped",
    StreamFailure: "stopped",
}
_RECORDING: Final[dict[type[Event], bool]] = {
    RecordingStart: True,
    RecordingEnd: False,
    RecordingStartFailure: False,
    RecordingEndFailure: False,
}


@attrs.define
class _Channel:
    state: ChannelState
    sessions: dict[str, _Session] = attrs.field(factory=dict)
    offline: datetime | None = None


class StreamTracker:
    """Folds events into the state of each channel, however late, repeated or shuffled they come.

    A state depends on what has arrived, not on its order. It is right about the moment for which
    it speaks (`ChannelState.as_of`) even if other events are lost, given that what the service
    sends is true, that a stream session never goes live again once it has ended, and that a
    channel has one live stream at a time. Once all events of a channel are in, the state is its
    last one. Since any event may be missing, `due` names the channels whose state has grown old:
    ask `GetStream` and `observe` the answer. A channel known to be offline is never due, so that
    an account full of idle ones costs no calls; a lost start is found by observing `ListStreams`
    now and then.

    It does no I/O, reads no clock and belongs to one thread. Memory is bounded: the last
    ``max_channels`` channels that there was news of, and the last 8 stream sessions of each, about
    2 kB a channel. What is forgotten is unknown, not wrong.

    Args:
        max_channels: Channels to remember.
        trust_live_for: How long a channel is taken to stay live without news.
        settle: How long to wait for the event that resolves an unclear state. IVS itself waits
            30 s for an encoder to come back.
    """

    sessions_per_channel: Final = 8

    def __init__(
        self,
        *,
        max_channels: int = 10_000,
        trust_live_for: timedelta = timedelta(minutes=10),
        settle: timedelta = timedelta(minutes=1),
    ) -> None:
        if max_channels < 1:
            raise ParameterError(f"max_channels must be at least 1; this is {max_channels:,}")
        self._max_channels = max_channels
        self._trust_live_for = trust_live_for
        self._settle = settle
        self._channels: OrderedDict[str, _Channel] = OrderedDict()

    def __len__(self) -> int:
        return len(self._channels)

    def __iter__(self) -> Iterator[ChannelState]:
        return iter([channel.state for channel in self._channels.values()])

    def state(self, channel_arn: str) -> ChannelState:
        """What is known of a channel, which may be nothing."""
        channel = self._channels.get(channel_arn)
        return channel.state if channel else ChannelState(channel_arn=channel_arn)

    def due(self, now: datetime) -> list[ChannelState]:
        """The channels to ask the API about, those first whose state has been old for longest."""
        states = [state for state in self if state.should_ask(now)]
        oldest = datetime.min.replace(tzinfo=UTC)
        return sorted(states, key=lambda state: state.ask_after or oldest)

    def fold(self, event: Event) -> ChannelState | None:
        """Take in an event, whenever and however often it comes.

        Returns:
            The state of its channel; None if it is about no channel's stream.
        """
        if not isinstance(event, ChannelEvent) or event.channel_arn is None or not event.stream_id:
            return None
        fact = _FACTS.get(type(event))
        if fact is None:
            return self.state(event.channel_arn)
        channel = self._channel(event.channel_arn)
        time = event.time.replace(microsecond=0)
        channel.sessions.setdefault(event.stream_id, _Session()).note(fact, time)
        if type(event) in _RECORDING:
            _record(channel, time, _RECORDING[type(event)])
        return self._claim(channel)

    def observe(
        self, channel_arn: str, stream: Stream | StreamSummary | None, *, at: datetime
    ) -> ChannelState:
        """Take in an answer of the API.

        Args:
            channel_arn: The channel that was asked about.
            stream: What `get_stream` or `list_streams` gave; None for `ChannelNotBroadcasting`.
            at: When it was asked, with its time zone, by a clock that is right to a second.

        Raises:
            ParameterError: ``at`` has no time zone.
        """
        if at.utcoffset() is None:
            raise ParameterError("at must be a datetime with a time zone; this one is naive")
        time = at.replace(microsecond=0)
        channel = self._channel(channel_arn)
        if stream is not None and stream.state != StreamState.OFFLINE:
            channel.sessions.setdefault(stream.stream_id, _Session()).note("live", time)
        elif channel.offline is None or time > channel.offline:
            channel.offline = time
        return self._claim(channel)

    def _channel(self, arn: str) -> _Channel:
        channel = self._channels.get(arn)
        if channel is None:
            channel = self._channels[arn] = _Channel(ChannelState(channel_arn=arn))
            if len(self._channels) > self._max_channels:
                self._channels.popitem(last=False)
        self._channels.move_to_end(arn)
        return channel

    def _claim(self, channel: _Channel) -> ChannelState:
        claims: dict[str | None, tuple[datetime, bool | None]] = {
            stream_id: session.claim() for stream_id, session in channel.sessions.items()
        }
        if len(channel.sessions) > self.sessions_per_channel:
            oldest = min(channel.sessions, key=lambda stream_id: (claims[stream_id][0], stream_id))
            del channel.sessions[oldest], claims[oldest]
        if channel.offline is not None:
            claims[None] = channel.offline, False
        as_of = max(time for time, _ in claims.values())
        newest = {stream_id: live for stream_id, (time, live) in claims.items() if time == as_of}
        live: bool | None = None
        stream_id: str | None = None
        if len(newest) == 1:
            [(stream_id, live)] = newest.items()
        elif not any(claim is not False for claim in newest.values()):
            live = False
        patience = {True: self._trust_live_for, None: self._settle, False: None}[live]
        channel.state = attrs.evolve(
            channel.state,
            live=live,
            as_of=as_of,
            stream_id=stream_id,
            ask_after=as_of + patience if patience is not None else None,
        )
        return channel.state


def _record(channel: _Channel, time: datetime, recording: bool) -> None:
    state = channel.state
    if state.recording_as_of is None or time > state.recording_as_of:
        claim: bool | None = recording
    elif time == state.recording_as_of and recording is not state.recording:
        claim = None
    else:
        return
    channel.state = attrs.evolve(state, recording=claim, recording_as_of=time)
