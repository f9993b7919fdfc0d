"""What the operations take and give: frozen classes and enums, named as in the IVS API reference.

Owns the members, their bounds in requests, and which of them are secret. Knows nothing of how
they travel. In answers a member that the service left out is None; members that identify
something (`arn`, `channel_arn`, `stream_id`, `viewer_id`, a stream key's `value`) are then the
empty string, which the next call refuses by name. Enums are open: a value that is newer than this
package arrives as a plain string. Timestamps are aware datetimes.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import attrs

from ._aws.shapes import Boolean, Integer, ListOf, MapOf, Member, Structure, Text, member

ARN = Text(1, 128)
"""The ARN of the resource that a call is about, never empty."""

LINK = Text(0, 128)
"""The ARN of a resource that another one refers to; the empty string means none."""

NAME = Text(0, 128)
"""A resource's name: letters, digits, ``-`` and ``_``, not necessarily unique, possibly empty."""

TAGS = MapOf(Text(1, 128), Text(0, 256), 50)
"""Up to 50 tags, keys of 1 to 128 characters, values of up to 256."""


def redacted(value: object) -> str:
    """What a repr shows of a secret: whether there is one."""
    return "<secret>" if value else repr(value)


class ChannelLatencyMode(StrEnum):
    """Delay from broadcaster to viewer: ``LOW`` (default) suits interaction, else ``NORMAL``."""

    NORMAL = "NORMAL"
    LOW = "LOW"


class ChannelType(StrEnum):
    """What a channel accepts and how it transcodes; the service defaults to ``STANDARD``.

    ``BASIC`` passes the broadcaster's video on as it is: at most 1.5 Mbps up to 480p, 3.5 Mbps
    above. ``STANDARD`` adds renditions up to the input's quality, ``ADVANCED_SD`` up to 480p,
    ``ADVANCED_HD`` up to 720p: at most 8.5 Mbps, 15 Mbps for multitrack input. Above the limits,
    and above 1080p, a stream is disconnected.
    """

    BASIC = "BASIC"
    STANDARD = "STANDARD"
    ADVANCED_SD = "ADVANCED_SD"
    ADVANCED_HD = "ADVANCED_HD"


class ContainerFormat(StrEnum):
    """Packaging of video: ``TS`` (default, needed for ads), ``FRAGMENTED_MP4`` (for multitrack)."""

    TS = "TS"
    FRAGMENTED_MP4 = "FRAGMENTED_MP4"


class FailoverSlateConfigurationState(StrEnum):
    """``CREATING`` becomes ``CREATED`` or ``CREATE_FAILED``; ``UPDATING`` follows an update."""

    CREATING = "CREATING"
    CREATE_FAILED = "CREATE_FAILED"
    CREATED = "CREATED"
    UPDATING = "UPDATING"


class MultitrackMaximumResolution(StrEnum):
    """Largest track that may be sent in: ``SD`` (480p), ``HD`` (720p), ``FULL_HD`` (1080p)."""

    SD = "SD"
    HD = "HD"
    FULL_HD = "FULL_HD"


class MultitrackPolicy(StrEnum):
    """Whether single-track broadcasts are let in as well (``ALLOW``) or refused (``REQUIRE``)."""

    ALLOW = "ALLOW"
    REQUIRE = "REQUIRE"


class RecordingConfigurationState(StrEnum):
    """``CREATING`` becomes ``ACTIVE``, which alone can record, or ``CREATE_FAILED`` for good."""

    CREATING = "CREATING"
    CREATE_FAILED = "CREATE_FAILED"
    ACTIVE = "ACTIVE"


class RecordingMode(StrEnum):
    """Whether thumbnails are recorded: every so often (``INTERVAL``, default) or ``DISABLED``."""

    DISABLED = "DISABLED"
    INTERVAL = "INTERVAL"


class RenditionConfigurationRendition(StrEnum):
    """What to record: ``SD``, ``HD``, ``FULL_HD``, or the smallest (``LOWEST_RESOLUTION``)."""

    SD = "SD"
    HD = "HD"
    FULL_HD = "FULL_HD"
    LOWEST_RESOLUTION = "LOWEST_RESOLUTION"


class RenditionConfigurationRenditionSelection(StrEnum):
    """Renditions to record: ``ALL`` (default), ``NONE``, or the ones listed (``CUSTOM``)."""

    ALL = "ALL"
    NONE = "NONE"
    CUSTOM = "CUSTOM"


class StreamHealth(StrEnum):
    """``HEALTHY``, ``STARVING`` (less arrives than the encoder announced) or ``UNKNOWN``."""

    HEALTHY = "HEALTHY"
    STARVING = "STARVING"
    UNKNOWN = "UNKNOWN"


class StreamState(StrEnum):
    """``LIVE``. ``OFFLINE`` is seldom sent: expect `ChannelNotBroadcasting` instead."""

    LIVE = "LIVE"
    OFFLINE = "OFFLINE"


class ThumbnailConfigurationResolution(StrEnum):
    """Size of thumbnails: ``SD``, ``HD``, ``FULL_HD``, or the smallest (``LOWEST_RESOLUTION``)."""

    SD = "SD"
    HD = "HD"
    FULL_HD = "FULL_HD"
    LOWEST_RESOLUTION = "LOWEST_RESOLUTION"


class ThumbnailConfigurationStorage(StrEnum):
    """Keep each thumbnail (``SEQUENTIAL``, default), or overwrite one file (``LATEST``)."""

    SEQUENTIAL = "SEQUENTIAL"
    LATEST = "LATEST"


class TranscodePreset(StrEnum):
    """Bitrates of ``ADVANCED_*`` channels: ``HIGHER_BANDWIDTH_DELIVERY`` (default) or constrained.

    Channels of type ``BASIC`` and ``STANDARD`` have none; the service says ``""`` there.
    """

    HIGHER_BANDWIDTH_DELIVERY = "HIGHER_BANDWIDTH_DELIVERY"
    CONSTRAINED_BANDWIDTH_DELIVERY = "CONSTRAINED_BANDWIDTH_DELIVERY"


@attrs.frozen(kw_only=True)
class MediaTailorPlaybackConfiguration:
    """An AWS Elemental MediaTailor playback configuration that fills ad breaks.

    Attributes:
        playback_configuration_arn: MediaTailor's ARN, at most 128 characters. It may lie in any
            region where IVS has channels.
    """

    playback_configuration_arn: str | None = member(LINK)


@attrs.frozen(kw_only=True)
class PostRollConfiguration:
    """The ad break that follows the end of a stream. Both members must be sent.

    Attributes:
        duration_seconds: 1 to 300. Where nothing was configured the service keeps 15.
        enabled: Off where nothing was configured.
    """

    duration_seconds: int | None = member(Integer(1, 300), required=True)
    enabled: bool | None = member(Boolean(), required=True)


@attrs.frozen(kw_only=True)
class AdConfiguration:
    """Where the ads of the channels that refer to it come from.

    Attributes:
        arn: The configuration's ARN.
        name: Empty if none was given.
        media_tailor_playback_configurations: 1 to 3. The first is used unless the viewer's
            playback token names another.
        post_roll_configuration: The ad break after a stream's end.
        tags: At most 50.
    """

    arn: str = ""
    name: str | None = None
    media_tailor_playback_configurations: list[MediaTailorPlaybackConfiguration] | None = None
    post_roll_configuration: PostRollConfiguration | None = None
    tags: dict[str, str] | None = None


@attrs.frozen(kw_only=True)
class AdConfigurationSummary:
    """An ad configuration as the list gives it: all of `AdConfiguration`.

    Attributes:
        arn: The configuration's ARN.
        name: Empty if none was given.
        media_tailor_playback_configurations: 1 to 3, the default first.
        post_roll_configuration: The ad break after a stream's end.
        tags: At most 50.
    """

    arn: str = ""
    name: str | None = None
    media_tailor_playback_configurations: list[MediaTailorPlaybackConfiguration] | None = None
    post_roll_configuration: PostRollConfiguration | None = None
    tags: dict[str, str] | None = None


@attrs.frozen(kw_only=True)
class AudioConfiguration:
    """One audio track as the broadcaster's encoder announced it.

    Attributes:
        codec: As the encoder names it.
        target_bitrate: Bits per second that the encoder aims at.
        sample_rate: Samples per second.
        channels: Number of audio channels.
        track: ``Track0`` unless multitrack input is on.
    """

    codec: str | None = None
    target_bitrate: int | None = None
    sample_rate: int | None = None
    channels: int | None = None
    track: str | None = None


@attrs.frozen(kw_only=True)
class BatchError:
    """Why one ARN of a batch has no result; the call itself succeeded.

    Attributes:
        arn: The ARN as it was asked for.
        code: An error name of the API; not a closed set.
        message: The service's text.
    """

    arn: str = ""
    code: str | None = None
    message: str | None = None


@attrs.frozen(kw_only=True)
class BatchStartViewerSessionRevocationError:
    """Why one viewer of a batch was not revoked; the others were.

    Attributes:
        channel_arn: The channel as it was asked for.
        viewer_id: The viewer as it was asked for.
        code: An error name of the API; not a closed set.
        message: The service's text.
    """

    channel_arn: str = ""
    viewer_id: str = ""
    code: str | None = None
    message: str | None = None


@attrs.frozen(kw_only=True)
class BatchStartViewerSessionRevocationViewerSession:
    """One viewer to cut off from one channel.

    Attributes:
        channel_arn: The private channel.
        viewer_id: The ``aws:viewer-id`` of the viewer's playback token, 1 to 40 characters.
            Never something that identifies a person.
        viewer_session_versions_less_than_or_equal_to: Revoke sessions whose token carries this
            ``aws:viewer-session-version`` or a lower one; 0 by default. Stay below 2**31: the
            API's number is smaller than the token's, so milliseconds do not fit.
    """

    channel_arn: str = attrs.field(metadata={Member: Member(ARN, required=True)})
    viewer_id: str = attrs.field(metadata={Member: Member(Text(1, 40), required=True)})
    viewer_session_versions_less_than_or_equal_to: int | None = member(Integer(0))


@attrs.frozen(kw_only=True)
class Srt:
    """How to broadcast over SRT.

    Attributes:
        endpoint: Where to send.
        passphrase: Secret, made by the service; only of use while insecure ingest is off.
    """

    endpoint: str | None = None
    passphrase: str | None = attrs.field(default=None, repr=redacted)


@attrs.frozen(kw_only=True)
class MultitrackInputConfiguration:
    """Whether broadcasters may send several video tracks of their own making.

    Attributes:
        enabled: Off by default. On needs channel type ``STANDARD``, container format
            ``FRAGMENTED_MP4`` and both members below.
        policy: Whether single-track broadcasts are still let in.
        maximum_resolution: The largest track accepted.
    """

    enabled: bool | None = member(Boolean())
    policy: MultitrackPolicy | str | None = member(Text())
    maximum_resolution: MultitrackMaximumResolution | str | None = member(Text())


@attrs.frozen(kw_only=True)
class Channel:
    """A channel: how video comes in, how it is delivered, what hangs on it.

    Attributes:
        arn: Names region and account too.
        name: Empty if none was given; not unique.
        latency_mode: ``LOW`` unless chosen otherwise.
        type: ``STANDARD`` unless chosen otherwise.
        recording_configuration_arn: ``""`` while streams are not recorded.
        ingest_endpoint: Host for RTMPS, without scheme, port and path.
        playback_url: The playlist that players load. A private channel's needs ``?token=``.
        authorized: Whether the channel is private: playback needs a token.
        tags: At most 50.
        insecure_ingest: Whether unencrypted RTMP and SRT are let in.
        preset: ``""``, which is no member of the enum, on ``BASIC`` and ``STANDARD`` channels.
        srt: Endpoint and passphrase for SRT.
        playback_restriction_policy_arn: ``""`` while playback is unrestricted.
        multitrack_input_configuration: None where it was never set.
        container_format: ``TS`` unless chosen otherwise.
        ad_configuration_arn: ``""`` or None while there are no ads.
        failover_slate_configuration_arn: ``""`` while there is no slate.
    """

    arn: str = ""
    name: str | None = None
    latency_mode: ChannelLatencyMode | str | None = None
    type: ChannelType | str | None = None
    recording_configuration_arn: str | None = None
    ingest_endpoint: str | None = None
    playback_url: str | None = None
    authorized: bool | None = None
    tags: dict[str, str] | None = None
    insecure_ingest: bool | None = None
    preset: TranscodePreset | str | None = None
    srt: Srt | None = None
    playback_restriction_policy_arn: str | None = None
    multitrack_input_configuration: MultitrackInputConfiguration | None = None
    container_format: ContainerFormat | str | None = None
    ad_configuration_arn: str | None = None
    failover_slate_configuration_arn: str | None = None


@attrs.frozen(kw_only=True)
class ChannelSummary:
    """A channel as the list gives it: without endpoints, playback URL and multitrack settings.

    Attributes:
        arn: Names region and account too.
        name: Empty if none was given; not unique.
        latency_mode: ``LOW`` unless chosen otherwise.
        authorized: Whether the channel is private.
        recording_configuration_arn: ``""`` while streams are not recorded.
        tags: At most 50.
        insecure_ingest: Whether unencrypted RTMP and SRT are let in.
        type: ``STANDARD`` unless chosen otherwise.
        preset: ``""`` on ``BASIC`` and ``STANDARD`` channels.
        playback_restriction_policy_arn: ``""`` while playback is unrestricted.
        ad_configuration_arn: ``""`` or None while there are no ads.
        failover_slate_configuration_arn: ``""`` while there is no slate.
    """

    arn: str = ""
    name: str | None = None
    latency_mode: ChannelLatencyMode | str | None = None
    authorized: bool | None = None
    recording_configuration_arn: str | None = None
    tags: dict[str, str] | None = None
    insecure_ingest: bool | None = None
    type: ChannelType | str | None = None
    preset: TranscodePreset | str | None = None
    playback_restriction_policy_arn: str | None = None
    ad_configuration_arn: str | None = None
    failover_slate_configuration_arn: str | None = None


@attrs.frozen(kw_only=True)
class S3DestinationConfiguration:
    """The bucket that recordings go to.

    Attributes:
        bucket_name: 3 to 63 characters. The bucket must exist, in the region of the call.
    """

    bucket_name: str = member(Text(3, 63), default="", required=True)


@attrs.frozen(kw_only=True)
class DestinationConfiguration:
    """Where recordings go. Exactly one destination must be given, and S3 is the only kind.

    Attributes:
        s3: The bucket.
    """

    s3: S3DestinationConfiguration | None = member(Structure(S3DestinationConfiguration))


@attrs.frozen(kw_only=True)
class FailoverSlateConfiguration:
    """When viewers see a slate because the broadcaster's video stopped arriving.

    Attributes:
        arn: The configuration's ARN.
        name: Empty if none was given; not unique.
        activation_threshold_seconds: Interruption after which the slate appears, 3 to 5.
        min_slate_display_seconds: How long it then stays at least, 3 to 10.
        max_slate_display_seconds: How long it stays at most, 60 to 180.
        state: Changes on its own after a create or an update.
        tags: At most 50.
    """

    arn: str = ""
    name: str | None = None
    activation_threshold_seconds: int | None = None
    min_slate_display_seconds: int | None = None
    max_slate_display_seconds: int | None = None
    state: FailoverSlateConfigurationState | str | None = None
    tags: dict[str, str] | None = None


@attrs.frozen(kw_only=True)
class FailoverSlateConfigurationSummary:
    """A failover slate configuration as the list gives it: all of `FailoverSlateConfiguration`.

    Attributes:
        arn: The configuration's ARN.
        name: Empty if none was given; not unique.
        activation_threshold_seconds: Interruption after which the slate appears, 3 to 5.
        min_slate_display_seconds: How long it then stays at least, 3 to 10.
        max_slate_display_seconds: How long it stays at most, 60 to 180.
        state: Changes on its own after a create or an update.
        tags: At most 50.
    """

    arn: str = ""
    name: str | None = None
    activation_threshold_seconds: int | None = None
    min_slate_display_seconds: int | None = None
    max_slate_display_seconds: int | None = None
    state: FailoverSlateConfigurationState | str | None = None
    tags: dict[str, str] | None = None


@attrs.frozen(kw_only=True)
class VideoConfiguration:
    """One video track as the broadcaster's encoder announced it.

    Attributes:
        avc_profile: Deprecated, see `profile`; empty outside of `IngestConfiguration`.
        avc_level: Deprecated, see `level`; empty outside of `IngestConfiguration`.
        codec: As the encoder names it.
        encoder: Software or device, as it calls itself.
        target_bitrate: Bits per second that the encoder aims at.
        target_framerate: Frames per second that the encoder aims at.
        video_height: Pixels.
        video_width: Pixels.
        level: The codec's level, such as ``4.2`` for H.264.
        track: ``Track0`` unless multitrack input is on.
        profile: The codec's profile, such as ``Baseline`` for H.264.
    """

    avc_profile: str | None = None
    avc_level: str | None = None
    codec: str | None = None
    encoder: str | None = None
    target_bitrate: int | None = None
    target_framerate: int | None = None
    video_height: int | None = None
    video_width: int | None = None
    level: str | None = None
    track: str | None = None
    profile: str | None = None


@attrs.frozen(kw_only=True)
class IngestConfiguration:
    """The first track of what the broadcaster sends. Deprecated: read `IngestConfigurations`.

    Attributes:
        video: Video of ``Track0``.
        audio: Audio of ``Track0``.
    """

    video: VideoConfiguration | None = None
    audio: AudioConfiguration | None = None


@attrs.frozen(kw_only=True)
class IngestConfigurations:
    """All tracks of what the broadcaster sends.

    Attributes:
        video_configurations: One item unless multitrack input is on.
        audio_configurations: One item unless multitrack input is on.
    """

    video_configurations: list[VideoConfiguration] | None = None
    audio_configurations: list[AudioConfiguration] | None = None


@attrs.frozen(kw_only=True)
class PlaybackKeyPair:
    """The public half of a key pair that signs playback tokens; good for all private channels.

    Attributes:
        arn: The key pair's ARN.
        name: Empty if none was given; not unique.
        fingerprint: Colon-separated hexadecimal digits that tell keys apart.
        tags: At most 50.
    """

    arn: str = ""
    name: str | None = None
    fingerprint: str | None = None
    tags: dict[str, str] | None = None


@attrs.frozen(kw_only=True)
class PlaybackKeyPairSummary:
    """A playback key pair as the list gives it: without the fingerprint.

    Attributes:
        arn: The key pair's ARN.
        name: Empty if none was given; not unique.
        tags: At most 50.
    """

    arn: str = ""
    name: str | None = None
    tags: dict[str, str] | None = None


@attrs.frozen(kw_only=True)
class PlaybackRestrictionPolicy:
    """From which countries and which sites the channels that refer to it may be watched.

    Attributes:
        arn: The policy's ARN.
        allowed_countries: ISO 3166-1 alpha-2 codes; an empty list allows all.
        allowed_origins: Sites, as browsers send them in ``Origin``; an empty list allows all.
        enable_strict_origin_enforcement: Whether the origin is checked on each request of a
            player instead of only by the browser; off by default.
        name: Empty if none was given; not unique.
        tags: At most 50.
    """

    arn: str = ""
    allowed_countries: list[str] | None = None
    allowed_origins: list[str] | None = None
    enable_strict_origin_enforcement: bool | None = None
    name: str | None = None
    tags: dict[str, str] | None = None


@attrs.frozen(kw_only=True)
class PlaybackRestrictionPolicySummary:
    """A playback restriction policy as the list gives it: all of `PlaybackRestrictionPolicy`.

    Attributes:
        arn: The policy's ARN.
        allowed_countries: ISO 3166-1 alpha-2 codes; an empty list allows all.
        allowed_origins: Sites, as browsers send them in ``Origin``; an empty list allows all.
        enable_strict_origin_enforcement: Whether the origin is checked on each request of a
            player instead of only by the browser; off by default.
        name: Empty if none was given; not unique.
        tags: At most 50.
    """

    arn: str = ""
    allowed_countries: list[str] | None = None
    allowed_origins: list[str] | None = None
    enable_strict_origin_enforcement: bool | None = None
    name: str | None = None
    tags: dict[str, str] | None = None


@attrs.frozen(kw_only=True)
class ThumbnailConfiguration:
    """Whether, how often and in what size still images of a live stream are recorded.

    Attributes:
        recording_mode: ``INTERVAL`` by default.
        target_interval_seconds: 1 to 60, by default 60, only with ``INTERVAL``. On ``BASIC``
            channels and with multitrack input the encoder's key frames must be closer together
            than this for the interval to hold.
        resolution: By default, and wherever that rendition is missing, the source's own.
        storage: One or both kinds; ``SEQUENTIAL`` by default.
    """

    recording_mode: RecordingMode | str | None = member(Text())
    target_interval_seconds: int | None = member(Integer(1, 60))
    resolution: ThumbnailConfigurationResolution | str | None = member(Text())
    storage: list[ThumbnailConfigurationStorage | str] | None = member(ListOf(Text()))


@attrs.frozen(kw_only=True)
class RenditionConfiguration:
    """Which renditions of a stream are recorded.

    Attributes:
        rendition_selection: ``ALL`` by default. ``CUSTOM`` needs `renditions`, and changes
            nothing on ``BASIC`` channels.
        renditions: Read with ``CUSTOM`` only. In place of one that a stream does not have, the
            best one that it has is recorded.
    """

    rendition_selection: RenditionConfigurationRenditionSelection | str | None = member(Text())
    renditions: list[RenditionConfigurationRendition | str] | None = member(ListOf(Text()))


@attrs.frozen(kw_only=True)
class RecordingConfiguration:
    """Where and how the streams of the channels that refer to it are recorded.

    Attributes:
        arn: The configuration's ARN.
        name: Empty if none was given; not unique.
        destination_configuration: The bucket.
        state: Changes on its own after the create; nothing is recorded before ``ACTIVE``.
        tags: At most 50.
        thumbnail_configuration: Still images beside the video.
        recording_reconnect_window_seconds: A broadcaster who is back within this time continues
            the same recording, 0 (never) to 300.
        rendition_configuration: Which renditions are kept.
    """

    arn: str = ""
    name: str | None = None
    destination_configuration: DestinationConfiguration | None = None
    state: RecordingConfigurationState | str | None = None
    tags: dict[str, str] | None = None
    thumbnail_configuration: ThumbnailConfiguration | None = None
    recording_reconnect_window_seconds: int | None = None
    rendition_configuration: RenditionConfiguration | None = None


@attrs.frozen(kw_only=True)
class RecordingConfigurationSummary:
    """A recording configuration as the list gives it: without thumbnails, window and renditions.

    Attributes:
        arn: The configuration's ARN.
        name: Empty if none was given; not unique.
        destination_configuration: The bucket.
        state: Changes on its own after the create; nothing is recorded before ``ACTIVE``.
        tags: At most 50.
    """

    arn: str = ""
    name: str | None = None
    destination_configuration: DestinationConfiguration | None = None
    state: RecordingConfigurationState | str | None = None
    tags: dict[str, str] | None = None


@attrs.frozen(kw_only=True)
class Stream:
    """What is live on a channel right now.

    Attributes:
        channel_arn: The channel.
        stream_id: 26 characters, ``st-`` first; new for each stream.
        playback_url: The playlist that players load.
        start_time: When the stream began.
        state: ``LIVE``; a channel that is not live raises `ChannelNotBroadcasting` instead.
        health: Whether the video arrives as announced.
        viewer_count: Concurrent views. It rises within 15 s and falls within a minute. -1 means
            that counting took too long, not that nobody watches: ask again.
    """

    channel_arn: str = ""
    stream_id: str = ""
    playback_url: str | None = None
    start_time: datetime | None = None
    state: StreamState | str | None = None
    health: StreamHealth | str | None = None
    viewer_count: int | None = None


@attrs.frozen(kw_only=True)
class StreamEvent:
    """Something that happened to a stream: the same events as on EventBridge.

    Attributes:
        name: Such as ``Stream Start`` or ``Starvation Start``.
        type: Such as ``IVS Stream State Change``.
        event_time: When it happened.
        code: Why a session ended or a takeover failed, such as ``MultitrackInputNotAllowed`` or
            ``StreamTakeoverLimitBreached``; not a closed set.
    """

    name: str | None = None
    type: str | None = None
    event_time: datetime | None = None
    code: str | None = None


@attrs.frozen(kw_only=True)
class StreamFilters:
    """Which live streams to list.

    Attributes:
        health: Only streams in this health.
    """

    health: StreamHealth | str | None = member(Text())


@attrs.frozen(kw_only=True)
class StreamKey:
    """What lets a broadcaster into a channel. Each channel has at most one.

    Attributes:
        arn: The stream key's ARN, which is no secret.
        value: Secret, hidden in the repr: whoever has it can broadcast.
        channel_arn: The channel.
        tags: At most 50.
    """

    arn: str = ""
    value: str = attrs.field(default="", repr=redacted)
    channel_arn: str = ""
    tags: dict[str, str] | None = None


@attrs.frozen(kw_only=True)
class StreamKeySummary:
    """A stream key as the list gives it: without its value.

    Attributes:
        arn: The stream key's ARN.
        channel_arn: The channel.
        tags: At most 50.
    """

    arn: str = ""
    channel_arn: str = ""
    tags: dict[str, str] | None = None


@attrs.frozen(kw_only=True)
class StreamSession:
    """One stream from start to end, kept for 60 days even if its channel is deleted.

    Attributes:
        stream_id: 26 characters, ``st-`` first.
        start_time: When the channel went live.
        end_time: None while it is live.
        channel: As the channel was when it went live.
        ingest_configuration: Deprecated, see `ingest_configurations`; the first track only.
        ingest_configurations: What the broadcaster sent, all tracks.
        recording_configuration: How the stream was recorded.
        truncated_events: The newest 500 events, newest first.
        failover_slate_configuration: As the slate was configured when the channel went live.
    """

    stream_id: str = ""
    start_time: datetime | None = None
    end_time: datetime | None = None
    channel: Channel | None = None
    ingest_configuration: IngestConfiguration | None = None
    ingest_configurations: IngestConfigurations | None = None
    recording_configuration: RecordingConfiguration | None = None
    truncated_events: list[StreamEvent] | None = None
    failover_slate_configuration: FailoverSlateConfiguration | None = None


@attrs.frozen(kw_only=True)
class StreamSessionSummary:
    """A stream session as the list gives it.

    Attributes:
        stream_id: 26 characters, ``st-`` first.
        start_time: When the channel went live.
        end_time: None while it is live.
        has_error_event: Whether a limit was exceeded or something failed.
    """

    stream_id: str = ""
    start_time: datetime | None = None
    end_time: datetime | None = None
    has_error_event: bool | None = None


@attrs.frozen(kw_only=True)
class StreamSummary:
    """A live stream as the list gives it: without its playback URL.

    Attributes:
        channel_arn: The channel.
        stream_id: 26 characters, ``st-`` first; new for each stream.
        state: ``LIVE``.
        health: Whether the video arrives as announced.
        viewer_count: Concurrent views, with some delay. -1 means that counting took too long:
            ask again.
        start_time: When the stream began.
    """

    channel_arn: str = ""
    stream_id: str = ""
    state: StreamState | str | None = None
    health: StreamHealth | str | None = None
    viewer_count: int | None = None
    start_time: datetime | None = None


@attrs.frozen(kw_only=True)
class BatchGetChannelResponse:
    """What was found and what was not. Each ARN asked for is in one of the two lists.

    Attributes:
        channels: In the order asked.
        errors: In the order asked.
    """

    channels: list[Channel] = attrs.field(factory=list)
    errors: list[BatchError] = attrs.field(factory=list)


@attrs.frozen(kw_only=True)
class BatchGetStreamKeyResponse:
    """What was found and what was not. Each ARN asked for is in one of the two lists.

    Attributes:
        stream_keys: In the order asked, secret values included.
        errors: In the order asked.
    """

    stream_keys: list[StreamKey] = attrs.field(factory=list)
    errors: list[BatchError] = attrs.field(factory=list)


@attrs.frozen(kw_only=True)
class BatchStartViewerSessionRevocationResponse:
    """Which viewers were not revoked.

    Attributes:
        errors: In the order asked; empty if all revocations were started.
    """

    errors: list[BatchStartViewerSessionRevocationError] = attrs.field(factory=list)


@attrs.frozen(kw_only=True)
class CreateAdConfigurationResponse:
    """The new ad configuration.

    Attributes:
        ad_configuration: Ready to be referred to by channels.
    """

    ad_configuration: AdConfiguration


@attrs.frozen(kw_only=True)
class CreateChannelResponse:
    """The new channel and the stream key that came with it.

    Attributes:
        channel: Not live yet.
        stream_key: The channel's only one, with its secret value.
    """

    channel: Channel
    stream_key: StreamKey


@attrs.frozen(kw_only=True)
class CreateFailoverSlateConfigurationResponse:
    """The new failover slate configuration.

    Attributes:
        failover_slate_configuration: Usually still ``CREATING``.
    """

    failover_slate_configuration: FailoverSlateConfiguration


@attrs.frozen(kw_only=True)
class CreatePlaybackRestrictionPolicyResponse:
    """The new playback restriction policy.

    Attributes:
        playback_restriction_policy: Ready to be referred to by channels.
    """

    playback_restriction_policy: PlaybackRestrictionPolicy


@attrs.frozen(kw_only=True)
class CreateRecordingConfigurationResponse:
    """The new recording configuration.

    Attributes:
        recording_configuration: Usually still ``CREATING``.
    """

    recording_configuration: RecordingConfiguration


@attrs.frozen(kw_only=True)
class CreateStreamKeyResponse:
    """The new stream key.

    Attributes:
        stream_key: With its secret value.
    """

    stream_key: StreamKey


@attrs.frozen(kw_only=True)
class GetAdConfigurationResponse:
    """The ad configuration asked for.

    Attributes:
        ad_configuration: As it is now.
    """

    ad_configuration: AdConfiguration


@attrs.frozen(kw_only=True)
class GetChannelResponse:
    """The channel asked for.

    Attributes:
        channel: As it is now, without its stream key.
    """

    channel: Channel


@attrs.frozen(kw_only=True)
class GetFailoverSlateConfigurationResponse:
    """The failover slate configuration asked for.

    Attributes:
        failover_slate_configuration: As it is now.
    """

    failover_slate_configuration: FailoverSlateConfiguration


@attrs.frozen(kw_only=True)
class GetPlaybackKeyPairResponse:
    """The playback key pair asked for.

    Attributes:
        key_pair: Its public half's data; the service never has the private key.
    """

    key_pair: PlaybackKeyPair


@attrs.frozen(kw_only=True)
class GetPlaybackRestrictionPolicyResponse:
    """The playback restriction policy asked for.

    Attributes:
        playback_restriction_policy: As it is now.
    """

    playback_restriction_policy: PlaybackRestrictionPolicy


@attrs.frozen(kw_only=True)
class GetRecordingConfigurationResponse:
    """The recording configuration asked for.

    Attributes:
        recording_configuration: As it is now.
    """

    recording_configuration: RecordingConfiguration


@attrs.frozen(kw_only=True)
class GetStreamKeyResponse:
    """The stream key asked for.

    Attributes:
        stream_key: With its secret value.
    """

    stream_key: StreamKey


@attrs.frozen(kw_only=True)
class GetStreamResponse:
    """The channel's live stream.

    Attributes:
        stream: As it is now.
    """

    stream: Stream


@attrs.frozen(kw_only=True)
class GetStreamSessionResponse:
    """The stream session asked for.

    Attributes:
        stream_session: Live or past.
    """

    stream_session: StreamSession


@attrs.frozen(kw_only=True)
class ImportPlaybackKeyPairResponse:
    """The imported playback key pair.

    Attributes:
        key_pair: With the fingerprint of the public key.
    """

    key_pair: PlaybackKeyPair


@attrs.frozen(kw_only=True)
class InsertAdBreakResponse:
    """The ad break that was put into the playlist.

    Attributes:
        ad_break_id: 12 characters; the caller's own if one was given.
        target_start_at: When viewers should begin to see ads.
    """

    ad_break_id: str | None = None
    target_start_at: datetime | None = None


@attrs.frozen(kw_only=True)
class ListTagsForResourceResponse:
    """The tags of a resource.

    Attributes:
        tags: All of them, at most 50.
    """

    tags: dict[str, str] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class UpdateAdConfigurationResponse:
    """The ad configuration after the update.

    Attributes:
        ad_configuration: All of it, changed or not.
    """

    ad_configuration: AdConfiguration


@attrs.frozen(kw_only=True)
class UpdateChannelResponse:
    """The channel after the update.

    Attributes:
        channel: All of it, changed or not.
    """

    channel: Channel


@attrs.frozen(kw_only=True)
class UpdateFailoverSlateConfigurationResponse:
    """The failover slate configuration after the update.

    Attributes:
        failover_slate_configuration: All of it; may still be ``UPDATING``.
    """

    failover_slate_configuration: FailoverSlateConfiguration


@attrs.frozen(kw_only=True)
class UpdatePlaybackRestrictionPolicyResponse:
    """The playback restriction policy after the update.

    Attributes:
        playback_restriction_policy: All of it, changed or not.
    """

    playback_restriction_policy: PlaybackRestrictionPolicy
