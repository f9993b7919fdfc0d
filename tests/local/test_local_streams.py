"""Streams live and die as on IVS, and say so in events."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ivs_async.local import Delays, Quotas, StreamRefused

from .helpers import MEDIA_TAILOR, UNKNOWN, Direct, direct

BUCKET = {"s3": {"bucketName": "recordings"}}
FULL_HD = {"videoConfigurations": [{"videoWidth": 1920, "videoHeight": 1080}]}


def ads(ivs: Direct) -> str:
    """The ARN of an ad configuration."""
    settings = [{"playbackConfigurationArn": MEDIA_TAILOR}]
    created = ivs("CreateAdConfiguration", mediaTailorPlaybackConfigurations=settings)
    arn: str = created["adConfiguration"]["arn"]
    return arn


def recording(ivs: Direct, **settings: Any) -> str:
    """The ARN of a recording configuration."""
    created = ivs("CreateRecordingConfiguration", destinationConfiguration=BUCKET, **settings)
    arn: str = created["recordingConfiguration"]["arn"]
    return arn


def test_a_stream_is_live_from_start_to_stop(ivs: Direct) -> None:
    """GetStream and ListStreams show it in between, and the events frame it."""
    arn = ivs.channel(name="demo")
    assert ivs.refused("GetStream", channelArn=arn).code == "ChannelNotBroadcasting"
    stream_id = ivs.service.streams.start(arn, viewers=3)
    assert re.fullmatch(r"st-[A-Za-z0-9]{23}", stream_id)
    stream = ivs("GetStream", channelArn=arn)["stream"]
    assert (stream["streamId"], stream["state"], stream["health"]) == (stream_id, "LIVE", "HEALTHY")
    assert stream["viewerCount"] == 3
    assert [listed["streamId"] for listed in ivs("ListStreams")["streams"]] == [stream_id]
    assert ivs("StopStream", channelArn=arn) == {}
    assert ivs("ListStreams")["streams"] == []
    assert ivs.refused("StopStream", channelArn=arn).code == "ChannelNotBroadcasting"
    assert ivs.happened(arn) == ["Session Created", "Stream Start", "Session Ended", "Stream End"]


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("GetStream", {}),
        ("StopStream", {}),
        ("PutMetadata", {"metadata": "cue"}),
        ("InsertAdBreak", {"durationSeconds": 30}),
        ("GetStreamSession", {}),
        ("ListStreamSessions", {}),
    ],
)
def test_no_channel_is_not_the_same_as_no_stream(
    ivs: Direct, operation: str, members: dict[str, Any]
) -> None:
    """Both are 404, under different names."""
    refused = ivs.refused(operation, channelArn=UNKNOWN, **members)
    assert (refused.code, refused.status) == ("ResourceNotFoundException", 404)


def test_a_channel_that_is_not_live_is_named_as_ivs_names_it(ivs: Direct) -> None:
    """The text is the one that was seen from the service."""
    arn = ivs.channel()
    refused = ivs.refused("PutMetadata", channelArn=arn, metadata="cue")
    assert (refused.code, refused.status) == ("ChannelNotBroadcasting", 404)
    assert refused.message == f"ChannelNotBroadcasting: Channel: {arn} is not currently online"


def test_a_stream_takes_time_to_start_and_to_end() -> None:
    """Between Session Created and Stream Start nothing can be stopped; a tail follows the end."""
    ivs = direct(delays=Delays(stream_start=4, stream_end=3))
    arn = ivs.channel()
    ivs.service.streams.start(arn)
    assert ivs.refused("GetStream", channelArn=arn).code == "ChannelNotBroadcasting"
    unavailable = ivs.refused("StopStream", channelArn=arn)
    assert (unavailable.code, unavailable.status) == ("StreamUnavailable", 503)
    ivs.clock.advance(4)
    assert ivs("GetStream", channelArn=arn)["stream"]["state"] == "LIVE"
    ivs("StopStream", channelArn=arn)
    assert ivs.refused("StopStream", channelArn=arn).code == "StreamUnavailable"
    assert ivs.refused("DeleteChannel", arn=arn).code == "ConflictException"
    assert ivs("GetStream", channelArn=arn)["stream"]["state"] == "LIVE"
    assert ivs.happened(arn)[-1] == "Session Ended"
    ivs.clock.advance(3)
    assert ivs.refused("GetStream", channelArn=arn).code == "ChannelNotBroadcasting"
    assert ivs.happened(arn)[-1] == "Stream End"
    ivs("DeleteChannel", arn=arn)


def test_a_broadcaster_that_leaves_before_the_start_never_goes_live() -> None:
    """The session ends, and no stream starts later."""
    ivs = direct(delays=Delays(stream_start=4))
    arn = ivs.channel()
    ivs.service.streams.start(arn)
    ivs.service.streams.stop(arn)
    ivs.service.streams.stop(arn)
    ivs.clock.advance(10)
    assert ivs.happened(arn) == ["Session Created", "Session Ended"]


def test_a_session_keeps_what_was_when_it_began(ivs: Direct) -> None:
    """Channel, encoder and configurations are those of the start, whatever is changed later."""
    configuration = recording(ivs)
    slate = ivs("CreateFailoverSlateConfiguration", name="slate")["failoverSlateConfiguration"]
    arn = ivs.channel(
        name="before",
        recordingConfigurationArn=configuration,
        failoverSlateConfigurationArn=slate["arn"],
    )
    stream_id = ivs.service.streams.start(arn, ingest=FULL_HD)
    ivs("TagResource", resourceArn=arn, tags={"a": "b"})
    ivs("StopStream", channelArn=arn)
    ivs("UpdateChannel", arn=arn, name="after")
    session = ivs("GetStreamSession", channelArn=arn, streamId=stream_id)["streamSession"]
    assert session["channel"]["name"] == "before"
    assert session["channel"]["tags"] == {}
    assert session["recordingConfiguration"]["arn"] == configuration
    assert session["failoverSlateConfiguration"]["name"] == "slate"
    video = session["ingestConfigurations"]["videoConfigurations"][0]
    assert (video["videoWidth"], video["track"]) == (1920, "Track0")
    assert session["ingestConfiguration"]["video"] == video


def test_the_session_without_an_id_is_the_latest(ivs: Direct) -> None:
    """GetStreamSession takes a stream id, or none for the last session."""
    arn = ivs.channel()
    first = ivs.service.streams.start(arn)
    ivs("StopStream", channelArn=arn)
    second = ivs.service.streams.start(arn)
    assert ivs("GetStreamSession", channelArn=arn)["streamSession"]["streamId"] == second
    found = ivs("GetStreamSession", channelArn=arn, streamId=first)["streamSession"]
    assert found["streamId"] == first
    missing = ivs.refused("GetStreamSession", channelArn=arn, streamId="st-" + "x" * 23)
    assert missing.code == "ResourceNotFoundException"
    sessions = ivs("ListStreamSessions", channelArn=arn)["streamSessions"]
    assert [session["streamId"] for session in sessions] == [second, first]
    assert "endTime" not in sessions[0]
    assert sessions[1]["endTime"]


def test_sessions_outlive_their_channel_for_sixty_days(ivs: Direct) -> None:
    """Session data stays readable after the channel is deleted, and is gone in the end."""
    arn = ivs.live_channel()
    ivs("StopStream", channelArn=arn)
    ivs("DeleteChannel", arn=arn)
    assert len(ivs("ListStreamSessions", channelArn=arn)["streamSessions"]) == 1
    ivs.clock.advance(60 * 86_400 + 1)
    gone = ivs.refused("ListStreamSessions", channelArn=arn)
    assert gone.code == "ResourceNotFoundException"


def test_the_events_of_a_session_are_listed_newest_first(ivs: Direct) -> None:
    """truncatedEvents has name, type, time and code, at most 500 of them."""
    arn = ivs.channel()
    ivs.service.streams.start(arn, priority=5)
    with pytest.raises(StreamRefused):
        ivs.service.streams.start(arn, priority=5)
    events = ivs("GetStreamSession", channelArn=arn)["streamSession"]["truncatedEvents"]
    assert [event["name"] for event in events] == [
        "Stream Takeover Failure",
        "Stream Start",
        "Session Created",
    ]
    assert events[0]["code"] == "StreamTakeoverInvalidPriority"
    assert events[0]["type"] == "IVS Stream State Change"
    for _ in range(300):
        ivs.service.streams.starve(arn)
        ivs.service.streams.recover(arn)
    events = ivs("GetStreamSession", channelArn=arn)["streamSession"]["truncatedEvents"]
    assert len(events) == 500


def test_a_starving_stream_recovers_or_is_ended(ivs: Direct) -> None:
    """Health says STARVING, the list can be filtered by it, and after 30 seconds it is over."""
    arn = ivs.live_channel()
    streams = ivs.service.streams
    streams.starve(arn)
    streams.starve(arn)
    assert ivs("GetStream", channelArn=arn)["stream"]["health"] == "STARVING"
    assert len(ivs("ListStreams", filterBy={"health": "STARVING"})["streams"]) == 1
    assert ivs("ListStreams", filterBy={"health": "HEALTHY"})["streams"] == []
    ivs.clock.advance(20)
    streams.recover(arn)
    streams.recover(arn)
    streams.starve(arn)
    ivs.clock.advance(20)
    assert ivs("GetStream", channelArn=arn)["stream"]["health"] == "STARVING"
    ivs.clock.advance(10)
    assert ivs.refused("GetStream", channelArn=arn).code == "ChannelNotBroadcasting"
    assert ivs.happened(arn)[2:] == [
        "Starvation Start",
        "Starvation End",
        "Starvation Start",
        "Session Ended",
        "Stream End",
    ]


def test_a_stream_can_starve_from_the_start(ivs: Direct) -> None:
    """A broadcaster that connects and sends nothing."""
    arn = ivs.channel()
    ivs.service.streams.start(arn, starving=True)
    assert ivs("GetStream", channelArn=arn)["stream"]["health"] == "STARVING"


def test_a_failure_ends_the_stream_and_marks_the_session(ivs: Direct) -> None:
    """A Stream Failure event with its reason, and hasErrorEvent."""
    arn = ivs.live_channel()
    ivs.service.streams.fail(arn, "no capacity")
    assert ivs.happened(arn)[2:] == ["Stream Failure", "Session Ended", "Stream End"]
    failure = ivs.service.events.all(arn)[2]
    assert failure["detail"]["reason"] == "no capacity"
    (session,) = ivs("ListStreamSessions", channelArn=arn)["streamSessions"]
    assert session["hasErrorEvent"] is True


def test_a_stream_can_fail_at_its_start(ivs: Direct) -> None:
    """It is created, fails and ends without ever being live."""
    arn = ivs.channel()
    with pytest.raises(StreamRefused) as refused:
        ivs.service.streams.start(arn, failure="no capacity")
    assert refused.value.reason == "Stream Failure"
    assert refused.value.stream_id
    assert ivs.happened(arn) == ["Session Created", "Stream Failure", "Session Ended"]


def test_a_higher_priority_takes_a_stream_over(ivs: Direct) -> None:
    """The stream goes on under its id; equal priorities and other pictures are rejected."""
    arn = ivs.channel()
    streams = ivs.service.streams
    stream_id = streams.start(arn, priority=1)
    assert streams.start(arn, priority=2) == stream_id
    refusals: tuple[tuple[dict[str, Any], str], ...] = (
        ({"priority": 2}, "StreamTakeoverInvalidPriority"),
        ({"priority": 2_147_483_648}, "StreamTakeoverInvalidPriority"),
        ({"priority": 3, "ingest": FULL_HD}, "StreamTakeoverMediaMismatch"),
    )
    for members, code in refusals:
        with pytest.raises(StreamRefused) as refused:
            streams.start(arn, **members)
        assert refused.value.reason == code
        assert ivs.service.events.all(arn)[-1]["detail"]["code"] == code
    with pytest.raises(StreamRefused, match="live already"):
        streams.start(arn)
    assert ivs.happened(arn).count("Stream Takeover") == 1


def test_takeovers_run_out() -> None:
    """A stream can be taken over so many times."""
    ivs = direct(quotas=Quotas(takeovers=1))
    arn = ivs.channel()
    ivs.service.streams.start(arn)
    ivs.service.streams.start(arn, priority=1)
    with pytest.raises(StreamRefused) as refused:
        ivs.service.streams.start(arn, priority=2)
    assert refused.value.reason == "StreamTakeoverLimitBreached"


MULTITRACK = {"enabled": True, "policy": "REQUIRE", "maximumResolution": "HD"}
MP4 = {"containerFormat": "FRAGMENTED_MP4", "multitrackInputConfiguration": MULTITRACK}
TWO_TRACKS = {"videoConfigurations": [{}, {"videoWidth": 640, "videoHeight": 360}]}


@pytest.mark.parametrize(
    ("settings", "video", "reason"),
    [
        ({}, {"targetBitrate": 8_500_001}, "Ingest Bitrate"),
        ({"type": "BASIC"}, {"targetBitrate": 1_500_001}, "Ingest Bitrate"),
        (
            {"type": "BASIC"},
            {"targetBitrate": 3_500_001, "videoHeight": 720, "videoWidth": 1280},
            "Ingest Bitrate",
        ),
        ({}, {"videoWidth": 1921, "videoHeight": 100}, "Ingest Resolution"),
        ({}, {"videoWidth": 1920, "videoHeight": 1081}, "Ingest Resolution"),
        (MP4, {}, "MultitrackInputRequired"),
    ],
)
def test_an_encoder_beyond_the_channels_limits_is_thrown_out(
    ivs: Direct, settings: dict[str, Any], video: dict[str, int], reason: str
) -> None:
    """The session is created, the breach is reported, and the session ends."""
    arn = ivs.channel(**settings)
    with pytest.raises(StreamRefused) as refused:
        ivs.service.streams.start(arn, ingest={"videoConfigurations": [video]})
    assert refused.value.reason == reason
    assert ivs.happened(arn)[-1] == "Session Ended"
    (session,) = ivs("ListStreamSessions", channelArn=arn)["streamSessions"]
    assert session["hasErrorEvent"] is True


def test_multitrack_input_needs_a_multitrack_channel(ivs: Direct) -> None:
    """Several tracks go to a channel that allows them and to no other."""
    with pytest.raises(StreamRefused) as refused:
        ivs.service.streams.start(ivs.channel(), ingest=TWO_TRACKS)
    assert refused.value.reason == "MultitrackInputNotAllowed"
    arn = ivs.channel(**MP4)
    ivs.service.streams.start(arn, ingest=TWO_TRACKS)
    with_limits = {"videoConfigurations": [{"targetBitrate": 9_000_000}] * 2}
    other = ivs.channel(**MP4)
    with pytest.raises(StreamRefused) as refused:
        ivs.service.streams.start(other, ingest=with_limits)
    assert refused.value.reason == "Ingest Bitrate"


def test_encoders_have_no_settings_that_the_api_does_not_know(ivs: Direct) -> None:
    """A misspelt setting is an error that names it."""
    with pytest.raises(Exception, match=r"videoConfigurations\[0\]\.width"):
        ivs.service.streams.start(ivs.channel(), ingest={"videoConfigurations": [{"width": 1920}]})


def test_concurrent_streams_and_viewers_have_quotas() -> None:
    """A stream too many is rejected, a viewer too many is reported; neither names a channel."""
    ivs = direct(quotas=Quotas(streams=1, viewers=10))
    arn = ivs.live_channel()
    with pytest.raises(StreamRefused) as refused:
        ivs.service.streams.start(ivs.channel())
    assert refused.value.reason == "Concurrent Broadcasts"
    for viewers in (10, 11, 12):
        ivs.service.streams.watch(arn, viewers)
    breaches = [event for event in ivs.service.events.all() if not event["resources"]]
    assert [event["detail"] for event in breaches] == [
        {
            "limit_name": "Concurrent Broadcasts",
            "limit_value": 1,
            "exceeded_by": 1,
            "limit_unit": "active streams",
        },
        {
            "limit_name": "Concurrent Viewers",
            "limit_value": 10,
            "exceeded_by": 1,
            "limit_unit": "viewers",
        },
    ]


def test_a_count_of_viewers_can_time_out(ivs: Direct) -> None:
    """-1 is what IVS answers then."""
    arn = ivs.live_channel()
    ivs.service.streams.watch(arn, -1)
    assert ivs("GetStream", channelArn=arn)["stream"]["viewerCount"] == -1


def test_only_the_channels_stream_key_lets_a_broadcaster_in(ivs: Direct) -> None:
    """Without a key, or with another's, nobody streams; nor to a channel that does not exist."""
    created = ivs("CreateChannel")
    arn, key = created["channel"]["arn"], created["streamKey"]
    with pytest.raises(StreamRefused, match="not the stream key"):
        ivs.service.streams.start(arn, stream_key="sk_wrong")
    ivs.service.streams.start(arn, stream_key=key["value"])
    ivs("StopStream", channelArn=arn)
    ivs("DeleteStreamKey", arn=key["arn"])
    with pytest.raises(StreamRefused, match="no stream key"):
        ivs.service.streams.start(arn)
    with pytest.raises(StreamRefused, match="does not exist"):
        ivs.service.streams.start(UNKNOWN)


@pytest.mark.parametrize("action", ["starve", "recover"])
def test_what_needs_a_live_stream_says_so(ivs: Direct, action: str) -> None:
    """An operator's action on a channel that is off is an error, not a silence."""
    with pytest.raises(StreamRefused, match="not live"):
        getattr(ivs.service.streams, action)(ivs.channel())


def test_an_ad_break_runs_before_the_next_one_begins(ivs: Direct) -> None:
    """A break is announced for a moment ahead, and none can be inserted until it is over."""
    arn = ivs.live_channel(adConfigurationArn=ads(ivs))
    inserted = ivs("InsertAdBreak", channelArn=arn, durationSeconds=20)
    assert re.fullmatch(r"[A-Za-z0-9]{12}", inserted["adBreakId"])
    event = ivs.service.events.all(arn)[-1]
    assert event["detail-type"] == "IVS Ad Break State Change"
    assert event["detail"]["ad_break_id"] == inserted["adBreakId"]
    assert event["detail"]["duration_seconds"] == 20
    assert event["detail"]["target_start_time"] == inserted["targetStartAt"]
    early = ivs.refused("InsertAdBreak", channelArn=arn, durationSeconds=20)
    assert early.code == "ConflictException"
    ivs.clock.advance(31)
    named = ivs("InsertAdBreak", channelArn=arn, durationSeconds=1, adBreakId="a" * 12)
    assert named["adBreakId"] == "a" * 12
    ivs.clock.advance(31)
    again = ivs.refused("InsertAdBreak", channelArn=arn, durationSeconds=1, adBreakId="a" * 12)
    assert again.code == "ConflictException"


def test_an_ad_break_can_be_set_for_a_time(ivs: Direct) -> None:
    """targetStartAt is kept, unless it has passed."""
    arn = ivs.live_channel(adConfigurationArn=ads(ivs))
    past = ivs.refused(
        "InsertAdBreak",
        channelArn=arn,
        durationSeconds=5,
        targetStartAt="2020-01-01T00:00:00Z",
    )
    assert past.code == "ValidationException"
    assert "targetStartAt" in past.message
    at = "2099-01-01T00:00:00Z"
    inserted = ivs("InsertAdBreak", channelArn=arn, durationSeconds=5, targetStartAt=at)
    assert inserted["targetStartAt"] == at


def test_ad_breaks_need_an_ad_configuration(ivs: Direct) -> None:
    """A channel without one has nowhere to take ads from."""
    refused = ivs.refused("InsertAdBreak", channelArn=ivs.live_channel(), durationSeconds=5)
    assert refused.code == "ValidationException"


def test_a_recorded_stream_reports_its_recording(ivs: Direct) -> None:
    """Recording Start and Recording End tell bucket, prefix, session and duration."""
    arn = ivs.channel(recordingConfigurationArn=recording(ivs))
    stream_id = ivs.service.streams.start(arn)
    ivs.clock.advance(90)
    ivs("StopStream", channelArn=arn)
    started, ended = (
        event["detail"]
        for event in ivs.service.events.all(arn)
        if event["detail-type"] == "IVS Recording State Change"
    )
    assert started["recording_status"] == "Recording Start"
    assert started["recording_duration_ms"] == 0
    channel_id = arn.rpartition("/")[2]
    assert re.fullmatch(
        rf"ivs/v1/\d+/{channel_id}/2027/1/15/8/0/[A-Za-z0-9]{{12}}",
        started["recording_s3_key_prefix"],
    )
    assert ended["recording_status"] == "Recording End"
    assert ended["recording_duration_ms"] == 90_000
    assert ended["recording_s3_bucket_name"] == "recordings"
    assert ended["recording_session_id"] == started["recording_session_id"]
    assert ended["recording_session_stream_ids"] == [stream_id]


def test_a_stream_that_comes_back_in_time_goes_on_in_its_recording(ivs: Direct) -> None:
    """Within the reconnect window two streams are one recording; after it, or otherwise, two."""
    settings = {"recordingReconnectWindowSeconds": 60}
    arn = ivs.channel(recordingConfigurationArn=recording(ivs, **settings))

    def broadcast(pause: float, **ingest: Any) -> str:
        stream_id = ivs.service.streams.start(arn, ingest=ingest)
        ivs.clock.advance(10)
        ivs.service.streams.stop(arn)
        ivs.clock.advance(pause)
        ivs.service.store.advance()
        return stream_id

    first, second = broadcast(30), broadcast(61)
    third = broadcast(30)
    other_picture = broadcast(61, **FULL_HD)
    ended = [
        event["detail"]
        for event in ivs.service.events.all(arn)
        if event["detail"].get("recording_status") == "Recording End"
    ]
    assert [detail["recording_session_stream_ids"] for detail in ended] == [
        [first, second],
        [third],
        [other_picture],
    ]
    assert ended[0]["recording_duration_ms"] == 20_000


def test_a_recording_that_cannot_start_leaves_the_stream_alone(ivs: Direct) -> None:
    """A bucket that went elsewhere: Recording Start Failure, and the stream is live."""
    arn = ivs.channel(recordingConfigurationArn=recording(ivs))
    ivs.service.store.buckets["recordings"] = "eu-west-1"
    ivs.service.streams.start(arn)
    assert ivs.happened(arn)[-1] == "Recording Start Failure"
    assert ivs.service.events.all(arn)[-1]["detail"]["recording_s3_key_prefix"] == ""
    ivs("StopStream", channelArn=arn)
    assert "Recording End" not in ivs.happened(arn)


def test_a_recording_can_fail_while_the_stream_goes_on(ivs: Direct) -> None:
    """Recording End Failure with its reason, once."""
    arn = ivs.channel(recordingConfigurationArn=recording(ivs))
    ivs.service.streams.start(arn)
    ivs.service.recordings.fail(arn, "InternalServerException")
    ivs("StopStream", channelArn=arn)
    assert ivs.happened(arn)[2:] == [
        "Recording Start",
        "Recording End Failure",
        "Session Ended",
        "Stream End",
    ]
    with pytest.raises(Exception, match="not being recorded"):
        ivs.service.recordings.fail(arn, "InternalServerException")


def test_events_come_in_the_envelope_of_eventbridge(ivs: Direct) -> None:
    """What a rule, a Lambda function or a queue would get."""
    arn = ivs.live_channel(name="demo")
    created, started = ivs.service.events.all(arn)
    assert set(created) == {
        "version",
        "id",
        "detail-type",
        "source",
        "account",
        "time",
        "region",
        "resources",
        "detail",
    }
    assert (created["version"], created["source"]) == ("0", "aws.ivs")
    assert created["resources"] == [arn]
    assert started["detail"]["channel_name"] == "demo"
    assert started["id"] != created["id"]
    assert started["time"] == "2027-01-15T08:00:00Z"


def test_cues_are_kept_with_their_stream(ivs: Direct) -> None:
    """PutMetadata answers with nothing, and the cue is there with its place in the stream."""
    arn = ivs.live_channel()
    ivs.clock.advance(12.5)
    assert ivs("PutMetadata", channelArn=arn, metadata="größe") is None
    (cue,) = ivs.service.streams.cues(arn)
    assert (cue.text, cue.offset) == ("größe", 12.5)
    assert "größe" not in repr(cue)


@pytest.mark.parametrize("text", ["x" * 1_025, "ü" * 513])
def test_metadata_beyond_a_kilobyte_is_refused_in_the_services_words(
    ivs: Direct, text: str
) -> None:
    """1,024 bytes of UTF-8 pass and one more does not."""
    arn = ivs.live_channel()
    refused = ivs.refused("PutMetadata", channelArn=arn, metadata=text)
    assert refused.code == "ValidationException"
    assert refused.message == "Metadata size exceeds payload limit"
    ivs("PutMetadata", channelArn=arn, metadata=text[:512])


async def test_a_feed_gives_what_comes_after_it_was_opened(ivs: Direct) -> None:
    """Like a player, it repeats nothing from before; it ends when the service closes."""
    arn = ivs.live_channel()
    ivs("PutMetadata", channelArn=arn, metadata="before")
    reader = ivs.service.streams.follow(arn)
    for text in ("one", "two"):
        ivs("PutMetadata", channelArn=arn, metadata=text)
    assert [(await anext(reader)).text for _ in range(2)] == ["one", "two"]
    ivs.service.close()
    assert [cue async for cue in reader] == []
