"""Events: a class for each, found in any envelope, and a tracker that claims what it knows."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import event as note
from hypothesis import given
from hypothesis import strategies as st

from ivs_async import events
from ivs_async._aws.errors import ParameterError
from ivs_async.events import (
    ChannelState,
    Event,
    LimitBreach,
    StreamTracker,
    UnknownEvent,
    parse_event,
    parse_events,
)
from ivs_async.models import Stream, StreamSummary

ARN = "arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgh"
OTHER = "arn:aws:ivs:us-west-2:123456789012:channel/hgfeDCBAdcba"
STREAM = "st-1AbCdEfGhIjKlMnOpQrStUv"
START = datetime(2026, 2, 5, 1, 3, 8, tzinfo=UTC)

STATE = "IVS Stream State Change"
HEALTH = "IVS Stream Health Change"
LIMIT = "IVS Limit Breach"
RECORDING = "IVS Recording State Change"
AD_BREAK = "IVS Ad Break State Change"

CHANNEL = {"channel_name": "studio", "stream_id": STREAM}
RECORDED = {
    **CHANNEL,
    "recording_status_reason": "",
    "recording_s3_bucket_name": "recordings",
    "recording_s3_key_prefix": "ivs/v1/123456789012/abcdABCDefgh/2026/2/5/1/3/xYz",
    "recording_duration_ms": 0,
    "recording_session_id": "rec1",
}

DOCUMENTED: list[tuple[str, dict[str, Any], str]] = [
    (STATE, {"event_name": "Session Created", **CHANNEL}, "SessionCreated"),
    (STATE, {"event_name": "Session Ended", **CHANNEL}, "SessionEnded"),
    (
        STATE,
        {"event_name": "Session Ended", "code": "MultitrackInputNotAllowed", **CHANNEL},
        "SessionEnded",
    ),
    (STATE, {"event_name": "Stream Start", **CHANNEL}, "StreamStart"),
    (STATE, {"event_name": "Stream End", **CHANNEL}, "StreamEnd"),
    (STATE, {"event_name": "Stream Failure", "reason": "No room.", **CHANNEL}, "StreamFailure"),
    (STATE, {"event_name": "Stream Takeover", **CHANNEL}, "StreamTakeover"),
    (
        STATE,
        {
            "event_name": "Stream Takeover Failure",
            "code": "StreamTakeoverInvalidPriority",
            **CHANNEL,
        },
        "StreamTakeoverFailure",
    ),
    (HEALTH, {"event_name": "Starvation Start", **CHANNEL}, "StarvationStart"),
    (HEALTH, {"event_name": "Starvation End", **CHANNEL}, "StarvationEnd"),
    (
        LIMIT,
        {
            "limit_name": "Ingest Bitrate",
            "limit_value": 8_500_000,
            "exceeded_by": 3,
            "limit_unit": "bits per second",
            **CHANNEL,
        },
        "IngestBitrateBreach",
    ),
    (
        LIMIT,
        {
            "limit_name": "Ingest Resolution",
            "limit_value": 1920,
            "exceeded_by": 640,
            "limit_unit": "pixels per edge",
            **CHANNEL,
        },
        "IngestResolutionBreach",
    ),
    (
        LIMIT,
        {
            "limit_name": "Concurrent Broadcasts",
            "limit_value": 100,
            "exceeded_by": 1,
            "limit_unit": "active streams",
        },
        "ConcurrentBroadcastsBreach",
    ),
    (
        LIMIT,
        {
            "limit_name": "Concurrent Viewers",
            "limit_value": 15_000,
            "exceeded_by": 11,
            "limit_unit": "viewers",
        },
        "ConcurrentViewersBreach",
    ),
    (RECORDING, {"recording_status": "Recording Start", **RECORDED}, "RecordingStart"),
    (
        RECORDING,
        {
            **RECORDED,
            "recording_status": "Recording End",
            "recording_duration_ms": 99_370_264,
            "recording_session_stream_ids": ["st-1zyxwvutsrqponmlkjihgfe", STREAM],
        },
        "RecordingEnd",
    ),
    (
        RECORDING,
        {
            **RECORDED,
            "recording_status": "Recording Start Failure",
            "recording_status_reason": "ValidationException",
            "recording_s3_key_prefix": "",
        },
        "RecordingStartFailure",
    ),
    (
        RECORDING,
        {
            **RECORDED,
            "recording_status": "Recording End Failure",
            "recording_status_reason": "InternalServerException",
        },
        "RecordingEndFailure",
    ),
    (
        AD_BREAK,
        {
            "event_name": "Ad Break Inserted",
            "ad_break_id": "hSi2o1WIVgij",
            "duration_seconds": 20,
            "target_start_time": "2026-02-05T01:03:18Z",
            **CHANNEL,
        },
        "AdBreakInserted",
    ),
]


def envelope(detail_type: str, detail: Any, **changes: Any) -> dict[str, Any]:
    event = {
        "version": "0",
        "id": "d2f07e23-86ba-04b4-e636-5fd2c70b5278",
        "detail-type": detail_type,
        "source": "aws.ivs",
        "account": "123456789012",
        "time": "2026-02-05T01:03:08Z",
        "region": "us-west-2",
        "resources": [ARN],
        "detail": detail,
        **changes,
    }
    return {name: value for name, value in event.items() if value is not ...}


STARTED = envelope(STATE, {"event_name": "Stream Start", **CHANNEL})


def stream_event(name: str, at: datetime, stream_id: str = STREAM, arn: str = ARN) -> Event:
    kinds = {"Starvation": HEALTH, "Recording": RECORDING, "Ad Break": AD_BREAK}
    kind = next((kinds[word] for word in kinds if name.startswith(word)), STATE)
    member = "recording_status" if kind == RECORDING else "event_name"
    time = at.replace(microsecond=0).isoformat().replace("+00:00", "Z")
    return parse_event(
        envelope(kind, {member: name, "stream_id": stream_id}, time=time, resources=[arn])
    )


@pytest.mark.parametrize(
    ("detail_type", "detail", "kind"), DOCUMENTED, ids=[kind for _, _, kind in DOCUMENTED]
)
def test_every_documented_event_has_its_class_with_every_member(
    detail_type: str, detail: dict[str, Any], kind: str
) -> None:
    """The name comes from whichever of three members this kind has; the others are fields."""
    event = parse_event(envelope(detail_type, detail))
    assert type(event) is getattr(events, kind)
    assert event.name in detail.values()
    assert (event.detail_type, event.time, event.region) == (detail_type, START, "us-west-2")
    for name, value in detail.items():
        if name not in {"event_name", "limit_name", "recording_status"}:
            forms = [value, tuple(value) if isinstance(value, list) else value]
            if name == "target_start_time":
                forms = [START + timedelta(seconds=10)]
            assert getattr(event, name) in forms


def test_there_is_no_class_without_a_documented_event() -> None:
    """Every leaf of the tree of classes stands for one event."""
    leaves = {
        kind.__name__
        for kind in vars(events).values()
        if isinstance(kind, type)
        and issubclass(kind, Event)
        and kind is not UnknownEvent
        and not kind.__subclasses__()
    }
    assert leaves == {kind for _, _, kind in DOCUMENTED}


def test_an_event_names_its_channel() -> None:
    """From the resources, where real samples hold a stray blank; account-wide ones name none."""
    assert parse_event({**STARTED, "resources": [ARN + " "]}).channel_arn == ARN
    assert parse_event({**STARTED, "resources": []}).channel_arn is None
    assert parse_event({**STARTED, "resources": ["arn:aws:ivs:no-channel"]}).channel_arn is None


def test_an_event_is_a_value() -> None:
    """Two deliveries are equal and hash alike, and nobody changes them."""
    first, second = parse_event(STARTED), parse_event(json.dumps(STARTED))
    assert first == second
    assert len({first, second}) == 1
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        first.id = "x"  # type: ignore[misc]


def test_a_match_statement_takes_events_apart() -> None:
    """One class for each event is for this."""
    match parse_event(STARTED):
        case events.StreamStart(channel_arn=arn, stream_id=stream_id):
            assert (arn, stream_id) == (ARN, STREAM)
        case other:
            pytest.fail(repr(other))


@pytest.mark.parametrize(
    ("event", "name"),
    [
        (envelope(STATE, {"event_name": "Stream Paused", **CHANNEL}), "Stream Paused"),
        (envelope(LIMIT, {"event_name": "Stream Start", **CHANNEL}), ""),
        (envelope(STATE, {"event_name": 7}), ""),
        (envelope("IVS Stage Update", {"event_name": "Participant Published"}), "Participant P"),
        (envelope("AWS API Call via CloudTrail", {"eventName": "StopStream"}), ""),
        (envelope("Object Created", {}, source="aws.s3", resources=["arn:aws:s3:::b"]), ""),
    ],
    ids=["new name", "wrong member", "no text", "real-time", "CloudTrail", "another service"],
)
def test_an_unknown_event_keeps_everything(event: dict[str, Any], name: str) -> None:
    """New kinds arrive before new releases of this package do."""
    parsed = parse_event(event)
    assert isinstance(parsed, UnknownEvent)
    assert parsed.name.startswith(name)
    assert parsed.detail == event["detail"]
    assert parsed.raw == event


def test_unknown_members_are_kept_and_absent_ones_have_their_defaults() -> None:
    """Neither breaks a handler; a null is an absent member."""
    event = envelope(
        LIMIT,
        {"limit_name": "Ingest Bitrate", "limit_value": None, "brand_new": [1]},
        id=..., account=..., region=..., resources=..., brand_new_too=True,
    )  # fmt: skip
    parsed = parse_event(event)
    assert isinstance(parsed, LimitBreach)
    assert (parsed.limit_value, parsed.limit_unit, parsed.id) == (None, "", "")
    assert parsed.raw["detail"]["brand_new"] == [1]
    assert parsed.raw["brand_new_too"] is True


def test_a_time_without_a_zone_is_utc() -> None:
    """EventBridge writes Z; a hand-written test event may not."""
    assert parse_event({**STARTED, "time": "2026-02-05T01:03:08"}).time == START
    assert parse_event({**STARTED, "time": "2026-02-05T02:03:08+01:00"}).time == START


TEXT = json.dumps(STARTED)
NOTIFICATION = {"Type": "Notification", "MessageId": "1", "Message": TEXT}
SQS = {"messageId": "1", "body": TEXT, "eventSource": "aws:sqs"}
SQS_OF_SNS = {"messageId": "1", "body": json.dumps(NOTIFICATION), "eventSource": "aws:sqs"}
SNS = {"EventSource": "aws:sns", "Sns": NOTIFICATION}


@pytest.mark.parametrize(
    "source",
    [
        STARTED,
        TEXT,
        TEXT.encode(),
        SQS,
        SQS_OF_SNS,
        SNS,
        NOTIFICATION,
        json.dumps(NOTIFICATION),
        {"Records": [SQS]},
        {"Records": [SQS_OF_SNS]},
        {"Records": [SNS]},
        json.dumps({"Records": [SNS]}),
    ],
    ids=[
        "EventBridge or Lambda",
        "text",
        "bytes",
        "SQS record",
        "SQS record of SNS",
        "SNS record",
        "SNS notification",
        "SQS body of SNS",
        "Lambda from SQS",
        "Lambda from SQS of SNS",
        "Lambda from SNS",
        "Lambda as text",
    ],
)
def test_an_event_is_found_in_its_envelope(source: Any) -> None:
    """The same event comes out of each."""
    assert parse_event(source) == parse_event(STARTED)
    assert parse_events(source) == [parse_event(STARTED)]


def test_a_batch_is_read_in_its_order() -> None:
    """Envelopes may be mixed; an empty batch holds nothing."""
    ended = envelope(STATE, {"event_name": "Stream End", **CHANNEL})
    batch = {"Records": [SQS, {"body": json.dumps([ended, STARTED])}, SNS]}
    assert [event.name for event in parse_events(batch)] == [
        "Stream Start",
        "Stream End",
        "Stream Start",
        "Stream Start",
    ]
    assert parse_events({"Records": []}) == []
    assert parse_events([STARTED, ended])[1].name == "Stream End"


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        (None, "source must be an event, not NoneType"),
        (7, "source must be an event, not int"),
        ("", "source must be JSON; these 0 characters are not"),
        (b"\xff\xfe\xfd", "source must be JSON; these 3 bytes are not"),
        ("[" * 100_000, "these 100,000 characters are not"),
        ("null", "source must be an event, not NoneType"),
        ({}, "neither detail-type nor"),
        ({"Records": [SQS, {"body": "oops"}]}, r"source.Records\[1\].body must be JSON"),
        ({"Type": "SubscriptionConfirmation", "Message": "You have"}, "source.Message must be"),
        ([[[[[[[[[[STARTED]]]]]]]]]], "is wrapped more than 8 times"),
        ({"Records": [SQS, SNS]}, "holds 2 events, not one; see parse_events"),
        ([], "holds 0 events"),
        ({**STARTED, "detail-type": None}, "source.detail-type must be a string, not NoneType"),
        ({**STARTED, "detail": []}, "source.detail must be an object, not list"),
        (envelope(STATE, ...), "source.detail must be an object, not NoneType"),
        ({**STARTED, "time": "yesterday"}, "source.time must be an ISO 8601 timestamp; this str"),
        (envelope(STATE, {}, time=...), "source.time must be a string, not NoneType"),
        ({**STARTED, "id": 7}, "source.id must be a string, not int"),
        ({**STARTED, "resources": ARN}, "source.resources must be a list, not str"),
        ({**STARTED, "resources": [1]}, r"source.resources\[0\] must be a string"),
        (
            envelope(STATE, {"event_name": "Stream Start", "stream_id": 7}),
            "source.detail.stream_id must be a string, not int",
        ),
        (
            envelope(LIMIT, {"limit_name": "Ingest Bitrate", "limit_value": True}),
            "source.detail.limit_value must be a number, not bool",
        ),
        (
            {"Records": [{"body": {**STARTED, "account": []}}]},
            r"source.Records\[0\].body.account must be a string, not list",
        ),
    ],
)
def test_malformed_input_is_one_clear_error(source: Any, rule: str) -> None:
    """The place, what belongs there, and what is there instead."""
    with pytest.raises(ParameterError, match=rule):
        parse_event(source)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["Records", "body", "Sns", "Message", "detail-type", "detail", "time"]),
            inner | st.just(TEXT) | st.sampled_from([STATE, LIMIT, STARTED["time"]]),
            max_size=4,
        )
    ),
)


@given(json_values, st.booleans())
def test_no_input_raises_anything_else(source: Any, as_text: bool) -> None:
    """Whatever arrives is events or one kind of error."""
    try:
        parsed = parse_events(json.dumps(source) if as_text else source)
    except ParameterError:
        return
    assert all(isinstance(event, Event) for event in parsed)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def told(*news: tuple[str, float] | tuple[str, float, str]) -> ChannelState:
    """The state after some events, which came in this order."""
    tracker = StreamTracker()
    for name, seconds, *stream_id in news:
        tracker.fold(stream_event(name, at(seconds), *stream_id))
    return tracker.state(ARN)


def test_a_channel_never_heard_of_is_unknown_and_to_be_asked_about() -> None:
    """No claim, and no memory spent on it."""
    tracker = StreamTracker()
    state = tracker.state(ARN)
    assert state == ChannelState(channel_arn=ARN)
    assert (state.live, state.recording) == (None, None)
    assert state.should_ask(START)
    assert len(tracker) == 0


def test_a_stream_is_live_from_its_start_to_its_end() -> None:
    """In order, with everything delivered."""
    assert told(("Session Created", 0)).live is None
    started = told(("Session Created", 0), ("Stream Start", 5))
    assert (started.live, started.as_of, started.stream_id) == (True, at(5), STREAM)
    ended = told(("Session Created", 0), ("Stream Start", 5), ("Stream End", 60))
    assert (ended.live, ended.as_of, ended.stream_id) == (False, at(60), STREAM)


def test_an_end_that_overtakes_its_start_stays_the_end() -> None:
    """A stream session never goes live again, so a late start changes nothing."""
    assert told(("Stream End", 60), ("Stream Start", 5), ("Session Created", 0)).live is False


def test_a_late_end_of_an_earlier_stream_does_not_end_the_present_one() -> None:
    """The ends are told apart by their stream sessions."""
    state = told(
        ("Stream Start", 5, "st-a"), ("Stream Start", 90, "st-b"), ("Stream End", 60, "st-a")
    )
    assert (state.live, state.stream_id, state.as_of) == (True, "st-b", at(90))


def test_between_the_encoders_leaving_and_the_end_nothing_is_claimed() -> None:
    """The last of the video may still be on its way to viewers."""
    state = told(("Stream Start", 5), ("Session Ended", 60))
    assert (state.live, state.as_of) == (None, at(60))
    assert state.ask_after == at(120)
    assert told(("Stream Start", 5), ("Session Ended", 60), ("Stream End", 63)).live is False


def test_a_running_stream_shows_in_whatever_is_said_of_it() -> None:
    """Starvation, takeovers and ad breaks happen to live streams only."""
    for name in ("Starvation Start", "Starvation End", "Stream Takeover", "Ad Break Inserted"):
        state = told(("Stream Start", 5), (name, 400))
        assert (state.live, state.as_of) == (True, at(400)), name
    assert told(("Ad Break Inserted", 400)).live is True
    assert told(("Starvation Start", 400)).live is None


def test_a_failure_is_no_live_stream() -> None:
    """Processing never began."""
    assert told(("Session Created", 0), ("Stream Failure", 1)).live is False


def test_two_streams_in_one_second_are_left_to_the_api() -> None:
    """Times are whole seconds, so which of the two came first cannot be told."""
    state = told(("Stream End", 60, "st-a"), ("Stream Start", 60, "st-b"))
    assert (state.live, state.stream_id, state.ask_after) == (None, None, at(120))
    both = told(("Stream End", 60, "st-a"), ("Stream Failure", 60, "st-b"))
    assert (both.live, both.stream_id) == (False, None)
    unclear = told(("Stream End", 60, "st-a"), ("Session Ended", 60, "st-b"))
    assert (unclear.live, unclear.stream_id, unclear.ask_after) == (None, None, at(120))


def test_a_recording_has_its_own_claim() -> None:
    """It runs from its start to its end, and a failure is no recording."""
    assert told(("Recording Start", 6)).recording is True
    ended = told(("Recording End", 70), ("Recording Start", 6))
    assert (ended.recording, ended.recording_as_of) == (False, at(70))
    assert told(("Recording Start Failure", 6)).recording is False
    assert told(("Recording Start", 6), ("Recording End Failure", 6)).recording is None


def test_the_end_of_a_recording_makes_a_live_claim_doubtful() -> None:
    """The stream must have ended although its end never came."""
    state = told(("Stream Start", 5), ("Recording End", 70))
    assert (state.live, state.as_of) == (None, at(70))


def test_events_about_no_stream_change_nothing() -> None:
    """Account-wide limits, unknown kinds, and what says nothing of liveness."""
    tracker = StreamTracker()
    assert tracker.fold(parse_event(envelope(LIMIT, {"limit_name": "Concurrent Viewers"}))) is None
    assert tracker.fold(parse_event(envelope("IVS Stage Update", CHANNEL))) is None
    assert tracker.fold(parse_event(envelope(STATE, {"event_name": "Stream Start"}))) is None
    tracker.fold(stream_event("Stream Start", at(5)))
    state = tracker.fold(stream_event("Stream Takeover Failure", at(9)))
    assert state == tracker.state(ARN)
    assert state is not None
    assert state.as_of == at(5)


def test_an_answer_of_the_api_settles_the_state() -> None:
    """Live or not, as of the moment of asking; older events no longer matter."""
    tracker = StreamTracker()
    tracker.fold(stream_event("Session Created", at(0)))
    stream = Stream(channel_arn=ARN, stream_id=STREAM, state="LIVE")
    state = tracker.observe(ARN, stream, at=at(30.5))
    assert (state.live, state.as_of, state.stream_id) == (True, at(30), STREAM)
    assert tracker.observe(ARN, None, at=at(90)).live is False
    state = tracker.observe(ARN, None, at=at(80))
    assert (state.live, state.as_of, state.stream_id) == (False, at(90), None)
    tracker.fold(stream_event("Starvation End", at(85)))
    assert tracker.state(ARN).live is False
    offline = StreamSummary(channel_arn=ARN, stream_id=STREAM, state="OFFLINE")
    assert tracker.observe(ARN, offline, at=at(120)).as_of == at(120)
    with pytest.raises(ParameterError, match="at must be a datetime with a time zone"):
        tracker.observe(ARN, None, at=datetime(2026, 2, 5))  # noqa: DTZ001


def test_due_names_whom_to_ask_about_longest_overdue_first() -> None:
    """Live ones after a while, unclear ones sooner, offline ones never."""
    tracker = StreamTracker(trust_live_for=timedelta(minutes=5), settle=timedelta(seconds=40))
    tracker.fold(stream_event("Stream Start", at(0)))
    tracker.fold(stream_event("Session Created", at(200), "st-b", OTHER))
    tracker.fold(stream_event("Stream End", at(0), "st-c", ARN + "c"))
    assert tracker.due(at(239)) == []
    assert [state.channel_arn for state in tracker.due(at(240))] == [OTHER]
    assert [state.channel_arn for state in tracker.due(at(300))] == [OTHER, ARN]
    assert [state.live for state in tracker] == [True, None, False]
    tracker.observe(OTHER, None, at=at(301))
    assert [state.channel_arn for state in tracker.due(at(10_000))] == [ARN]


def test_memory_is_bounded_and_what_is_forgotten_is_unknown() -> None:
    """The channel that was silent longest goes first, and of a channel the oldest session."""
    tracker = StreamTracker(max_channels=2)
    tracker.fold(stream_event("Stream Start", at(0), arn=ARN))
    tracker.fold(stream_event("Stream Start", at(1), arn=OTHER))
    tracker.fold(stream_event("Starvation Start", at(2), arn=ARN))
    tracker.fold(stream_event("Stream Start", at(3), arn=ARN + "c"))
    assert {state.channel_arn for state in tracker} == {ARN, ARN + "c"}
    assert tracker.state(OTHER).live is None
    for number in range(50):
        tracker.fold(stream_event("Stream Start", at(10 + number), f"st-{number}"))
    assert len(tracker._channels[ARN].sessions) == StreamTracker.sessions_per_channel
    assert tracker.state(ARN).stream_id == "st-49"
    with pytest.raises(ParameterError, match="max_channels must be at least 1; this is 0"):
        StreamTracker(max_channels=0)


@attrs.frozen
class Truth:
    """What really happened on a channel, in milliseconds, and what was emitted about it."""

    live: list[tuple[int, int, str]]
    recorded: list[tuple[int, int, str]]
    emitted: list[Event]

    def answer(self, time: int) -> Stream | None:
        for start, end, stream_id in self.live:
            if start <= time < end:
                return Stream(channel_arn=ARN, stream_id=stream_id, state="LIVE")
        return None

    def allows(self, state: ChannelState) -> bool:
        """Whether each claim is true in some moment of the second for which it is made."""
        return _allowed(self.live, state.live, state.as_of, state.stream_id) and _allowed(
            self.recorded, state.recording, state.recording_as_of, None
        )


def _allowed(
    spans: list[tuple[int, int, str]],
    claim: bool | None,
    as_of: datetime | None,
    stream_id: str | None,
) -> bool:
    if claim is None or as_of is None:
        return True
    time = int((as_of - START).total_seconds()) * 1000
    if claim:
        return any(
            start < time + 1000 and end > time and stream_id in {None, its_id}
            for start, end, its_id in spans
        )
    return not any(start <= time and end >= time + 1000 for start, end, _ in spans)


@st.composite
def truths(draw: Callable[[st.SearchStrategy[Any]], Any], least: int = 1) -> Truth:
    """Up to five stream sessions of one channel, one after the other, the last perhaps live."""
    truth = Truth([], [], [])
    gone = over = 0

    def later(time: int, most: int = 40_000) -> int:
        return time + int(draw(st.integers(least, most)))

    def emit(name: str, time: int, stream_id: str) -> None:
        truth.emitted.append(stream_event(name, at(time / 1000), stream_id))

    for number in range(draw(st.integers(1, 5))):
        stream_id = f"st-{number}"
        created = later(gone)
        emit("Session Created", created, stream_id)
        fate = draw(st.sampled_from(["whole", "whole", "whole", "running", "failed", "nothing"]))
        if fate == "nothing":
            gone = later(created)
            emit("Session Ended", gone, stream_id)
            continue
        start = later(max(created, over))
        if fate == "failed":
            over, gone = start, later(start)
            emit("Stream Failure", over, stream_id)
            emit("Session Ended", gone, stream_id)
            continue
        gone, over = later(start, 4_000_000), later(start, 4_000_000)
        if fate == "running":
            gone = over = start + 10**9
        truth.live.append((start, over, stream_id))
        emit("Stream Start", start, stream_id)
        for name in ("Starvation Start", "Starvation End", "Stream Takeover", "Ad Break Inserted"):
            if draw(st.booleans()):
                emit(name, draw(st.integers(start, min(over - 1, start + 900_000))), stream_id)
        recording = draw(st.sampled_from(["", "End", "End Failure", "Start Failure"]))
        if recording == "Start Failure":
            emit("Recording Start Failure", start, stream_id)
        elif recording:
            truth.recorded.append((start, over, stream_id))
            emit("Recording Start", start, stream_id)
        if fate == "running":
            break
        if recording.startswith("End"):
            emit(f"Recording {recording}", over, stream_id)
        emit("Session Ended", gone, stream_id)
        emit("Stream End", over, stream_id)
    return truth


@given(truths(), st.data())
def test_no_claim_is_ever_false(truth: Truth, data: st.DataObject) -> None:
    """Any events, lost, repeated and shuffled, with answers of the API anywhere in between."""
    tracker = StreamTracker()
    deliveries: list[Event | int] = data.draw(
        st.lists(st.sampled_from(truth.emitted) | st.integers(0, 9_000_000))
    )
    for delivery in deliveries:
        if isinstance(delivery, int):
            tracker.observe(ARN, truth.answer(delivery), at=at(delivery / 1000))
        else:
            tracker.fold(delivery)
        assert truth.allows(tracker.state(ARN))
    note(f"live: {tracker.state(ARN).live}")


@given(truths(), st.data())
def test_the_order_of_arrival_does_not_matter(truth: Truth, data: st.DataObject) -> None:
    """The same events in another order, some of them twice, make the same state."""
    arrived = data.draw(st.lists(st.sampled_from(truth.emitted), min_size=1))
    shuffled = data.draw(st.permutations(arrived + arrived[:3]))
    states = []
    for order in (arrived, shuffled):
        tracker = StreamTracker()
        for event in order:
            tracker.fold(event)
        states.append(tracker.state(ARN))
    assert states[0] == states[1]


@given(truths(least=2_000), st.data())
def test_with_all_events_in_the_state_is_the_last_one(truth: Truth, data: st.DataObject) -> None:
    """However they were shuffled, once nothing is missing everything is known."""
    tracker = StreamTracker()
    order: list[Event] = data.draw(st.permutations(truth.emitted))
    for event in order:
        tracker.fold(event)
    state = tracker.state(ARN)
    second = max(event.time for event in truth.emitted)
    last = [
        event
        for event in truth.emitted
        if isinstance(event, events.ChannelEvent) and event.time == second
    ]
    # a session's own events say nothing of its stream, so what another's say then is unclear
    clear = {each.stream_id for each in last if not each.name.startswith("Session ")}
    if clear == {each.stream_id for each in last}:
        now = int((second - START).total_seconds()) * 1000 + 999
        assert state.live is (truth.answer(now) is not None)
