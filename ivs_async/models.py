"""What the operations take and give: frozen classes and enums, named as in the IVS API reference."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import attrs

from ._aws.shapes import Boolean, Integer, ListOf, MapOf, Structure, Text, member

ARN = Text(1, 128)
LINK = Text(0, 128)
NAME = Text(0, 128)
TAGS = MapOf(Text(1, 128), Text(0, 256), 50)


def redacted(value: object) -> str:
    """What a repr shows of a secret: whether there is one."""
    return "<secret>" if value else repr(value)


class ChannelLatencyMode(StrEnum):
    """TODO"""

    NORMAL = "NORMAL"
    LOW = "LOW"


class ChannelType(StrEnum):
    """TODO"""

    BASIC = "BASIC"
    STANDARD = "STANDARD"
    ADVANCED_SD = "ADVANCED_SD"
    ADVANCED_HD = "ADVANCED_HD"


class ContainerFormat(StrEnum):
    """TODO"""

    TS = "TS"
    FRAGMENTED_MP4 = "FRAGMENTED_MP4"


class FailoverSlateConfigurationState(StrEnum):
    """TODO"""

    CREATING = "CREATING"
    CREATE_FAILED = "CREATE_FAILED"
    CREATED = "CREATED"
    UPDATING = "UPDATING"


class MultitrackMaximumResolution(StrEnum):
    """TODO"""

    SD = "SD"
    HD = "HD"
    FULL_HD = "FULL_HD"


class MultitrackPolicy(StrEnum):
    """TODO"""

    ALLOW = "ALLOW"
    REQUIRE = "REQUIRE"


class RecordingConfigurationState(StrEnum):
    """TODO"""

    CREATING = "CREATING"
    CREATE_FAILED = "CREATE_FAILED"
    ACTIVE = "ACTIVE"


class RecordingMode(StrEnum):
    """TODO"""

    DISABLED = "DISABLED"
    INTERVAL = "INTERVAL"


class RenditionConfigurationRendition(StrEnum):
    """TODO"""

    SD = "SD"
    HD = "HD"
    FULL_HD = "FULL_HD"
    LOWEST_RESOLUTION = "LOWEST_RESOLUTION"


class RenditionConfigurationRenditionSelection(StrEnum):
    """TODO"""

    ALL = "ALL"
    NONE = "NONE"
    CUSTOM = "CUSTOM"


class StreamHealth(StrEnum):
    """TODO"""

    HEALTHY = "HEALTHY"
    STARVING = "STARVING"
    UNKNOWN = "UNKNOWN"


class StreamState(StrEnum):
    """TODO"""

    LIVE = "LIVE"
    OFFLINE = "OFFLINE"


class ThumbnailConfigurationResolution(StrEnum):
    """TODO"""

    SD = "SD"
    HD = "HD"
    FULL_HD = "FULL_HD"
    LOWEST_RESOLUTION = "LOWEST_RESOLUTION"


class ThumbnailConfigurationStorage(StrEnum):
    """TODO"""

    SEQUENTIAL = "SEQUENTIAL"
    LATEST = "LATEST"


class TranscodePreset(StrEnum):
    """TODO"""

    HIGHER_BANDWIDTH_DELIVERY = "HIGHER_BANDWIDTH_DELIVERY"
    CONSTRAINED_BANDWIDTH_DELIVERY = "CONSTRAINED_BANDWIDTH_DELIVERY"


@attrs.frozen(kw_only=True)
class MediaTailorPlaybackConfiguration:
    """TODO Object specifying a configuration for integration with an AWS Elemental MediaTailor (EMT).

    Attributes:
        playback_configuration_arn: ARN of the customer-created EMT PlaybackConfiguration
            resource in the same region and account.
    """

    playback_configuration_arn: str | None = member(LINK)


@attrs.frozen(kw_only=True)
class PostRollConfiguration:
    """TODO Configuration for the post-roll ad break to use for this ad configuration.

    Attributes:
        duration_seconds: Duration of the post-roll ad break, in seconds.
        enabled: Whether the post-roll ad configuration is enabled.
    """

    duration_seconds: int | None = member(Integer(1, 300), required=True)
    enabled: bool | None = member(Boolean(), required=True)


@attrs.frozen(kw_only=True)
class AdConfiguration:
    """TODO Object specifying a configuration for a server-side advertising insertion (which can be triggered with the operation).

    Attributes:
        arn: Ad configuration ARN.
        name: Ad configuration name. Defaults to “”.
        media_tailor_playback_configurations: List of integration configurations with
            MediaTailor resources. The first item in the list is the default playback
            configuration used for the ad configuration. To select a different configuration per
            viewing session, see Generate and Sign IVS Playback Tokens.
        post_roll_configuration: Configuration for the post-roll ad break to use for this ad
            configuration.
        tags: Tags attached to the resource. Array of 1-50 maps, each of the form string:string
            (key:value). See Best practices and strategies in Tagging Amazon Web Services
            Resources and Tag Editor for details, including restrictions that apply to tags and
            "Tag naming limits and requirements"; Amazon IVS has no service-specific constraints
            beyond what is documented there.
    """

    arn: str = ""
    name: str | None = None
    media_tailor_playback_configurations: list[MediaTailorPlaybackConfiguration] | None = None
    post_roll_configuration: PostRollConfiguration | None = None
    tags: dict[str, str] | None = None


@attrs.frozen(kw_only=True)
class AdConfigurationSummary:
    """TODO Summary information about an ad configuration.

    Attributes:
        arn: Ad configuration ARN.
        name: Ad configuration name. Defaults to “”.
        media_tailor_playback_configurations: List of integration configurations with
            MediaTailor resources. The first item in the list is the default playback
            configuration used for the ad configuration. To select a different configuration per
            viewing session, see Generate and Sign IVS Playback Tokens.
        post_roll_configuration: Configuration for the post-roll ad break to use for this ad
            configuration.
        tags: Tags attached to the resource. Array of 1-50 maps, each of the form string:string
            (key:value). See Best practices and strategies in Tagging Amazon Web Services
            Resources and Tag Editor for details, including restrictions that apply to tags and
            "Tag naming limits and requirements"; Amazon IVS has no service-specific constraints
            beyond what is documented there.
    """

    arn: str = ""
    name: str | None = None
    media_tailor_playback_configurations: list[MediaTailorPlaybackConfiguration] | None = None
    post_roll_configuration: PostRollConfiguration | None = None
    tags: dict[str, str] | None = None


@attrs.frozen(kw_only=True)
class AudioConfiguration:
    """TODO Object specifying a stream’s audio configuration, as set up by the broadcaster (usually in an encoder). This is part of the IngestConfigurations object and the deprecated IngestConfiguration object. It is used for monitoring stream health.

    Attributes:
        codec: Codec used for the audio encoding.
        target_bitrate: The expected ingest bitrate (bits per second). This is configured in the
            encoder.
        sample_rate: Number of audio samples recorded per second.
        channels: Number of audio channels.
        track: Name of the audio track (if the stream has an audio track). If multitrack is not
            enabled, this is Track0 (the sole track).
    """

    codec: str | None = None
    target_bitrate: int | None = None
    sample_rate: int | None = None
    channels: int | None = None
    track: str | None = None


@attrs.frozen(kw_only=True)
class BatchError:
    """TODO Error related to a specific channel, specified by its ARN.

    Attributes:
        arn: ARN of an IVS resource; e.g., channel.
        code: Error code.
        message: Error message, determined by the application.
    """

    arn: str = ""
    code: str | None = None
    message: str | None = None


@attrs.frozen(kw_only=True)
class BatchStartViewerSessionRevocationError:
    """TODO Error for a request in the batch for BatchStartViewerSessionRevocation. Each error is related to a specific channel-ARN and viewer-ID pair.

    Attributes:
        channel_arn: Channel ARN.
        viewer_id: The ID of the viewer session to revoke.
        code: Error code.
        message: Error message, determined by the application.
    """

    channel_arn: str = ""
    viewer_id: str | None = None
    code: str | None = None
    message: str | None = None


@attrs.frozen(kw_only=True)
class BatchStartViewerSessionRevocationViewerSession:
    """TODO A viewer session to revoke in the call to BatchStartViewerSessionRevocation.

    Attributes:
        channel_arn: The ARN of the channel associated with the viewer session to revoke.
        viewer_id: The ID of the viewer associated with the viewer session to revoke. Do not use
            this field for personally identifying, confidential, or sensitive information.
        viewer_session_versions_less_than_or_equal_to: An optional filter on which versions of
            the viewer session to revoke. All versions less than or equal to the specified
            version will be revoked. Default: 0.
    """

    channel_arn: str = member(ARN, default=attrs.NOTHING, required=True)
    viewer_id: str = member(Text(1, 40), default=attrs.NOTHING, required=True)
    viewer_session_versions_less_than_or_equal_to: int | None = member(Integer(0))


@attrs.frozen(kw_only=True)
class Srt:
    """TODO Specifies information needed to stream using the SRT protocol.

    Attributes:
        endpoint: The endpoint to be used when streaming with IVS using the SRT protocol.
        passphrase: Auto-generated passphrase to enable encryption. This field is applicable
            only if the end user has not enabled the insecureIngest option for the channel.
    """

    endpoint: str | None = None
    passphrase: str | None = attrs.field(default=None, repr=redacted)


@attrs.frozen(kw_only=True)
class MultitrackInputConfiguration:
    """TODO A complex type that specifies multitrack input configuration.

    Attributes:
        enabled: Indicates whether multitrack input is enabled. Can be set to true only if
            channel type is STANDARD. Setting enabled to true with any other channel type will
            cause an exception. If true, then policy, maximumResolution, and containerFormat are
            required, and containerFormat must be set to FRAGMENTED_MP4. Default: false.
        policy: Indicates whether multitrack input is allowed or required. Required if enabled
            is true.
        maximum_resolution: Maximum resolution for multitrack input. Required if enabled is
            true.
    """

    enabled: bool | None = member(Boolean())
    policy: MultitrackPolicy | str | None = member(Text())
    maximum_resolution: MultitrackMaximumResolution | str | None = member(Text())


@attrs.frozen(kw_only=True)
class Channel:
    """TODO Object specifying a channel.

    Attributes:
        arn: Channel ARN.
        name: Channel name.
        latency_mode: Channel latency mode. Use NORMAL to broadcast and deliver live video up to
            Full HD. Use LOW for near-real-time interaction with viewers. Default: LOW.
        type: Channel type, which determines the allowable resolution and bitrate. If you exceed
            the allowable input resolution or bitrate, the stream probably will disconnect
            immediately. Default: STANDARD. For details, see Channel Types.
        recording_configuration_arn: Recording-configuration ARN. A valid ARN value here both
            specifies the ARN and enables recording. Default: "" (empty string, recording is
            disabled).
        ingest_endpoint: Channel ingest endpoint, part of the definition of an ingest server,
            used when you set up streaming software.
        playback_url: Channel playback URL.
        authorized: Whether the channel is private (enabled for playback authorization).
            Default: false.
        tags: Tags attached to the resource. Array of 1-50 maps, each of the form string:string
            (key:value). See Best practices and strategies in Tagging Amazon Web Services
            Resources and Tag Editor for details, including restrictions that apply to tags and
            "Tag naming limits and requirements"; Amazon IVS has no service-specific constraints
            beyond what is documented there.
        insecure_ingest: Whether the channel allows insecure RTMP ingest. Default: false.
        preset: Optional transcode preset for the channel. This is selectable only for
            ADVANCED_HD and ADVANCED_SD channel types. For those channel types, the default
            preset is HIGHER_BANDWIDTH_DELIVERY. For other channel types (BASIC and STANDARD),
            preset is the empty string ("").
        srt: Specifies the endpoint and optional passphrase for streaming with the SRT protocol.
        playback_restriction_policy_arn: Playback-restriction-policy ARN. A valid ARN value here
            both specifies the ARN and enables playback restriction. Default: "" (empty string,
            no playback restriction policy is applied).
        multitrack_input_configuration: Object specifying multitrack input configuration.
            Default: no multitrack input configuration is specified.
        container_format: Indicates which content-packaging format is used (MPEG-TS or fMP4). If
            multitrackInputConfiguration is specified and enabled is true, then containerFormat
            is required and must be set to FRAGMENTED_MP4. Otherwise, containerFormat may be set
            to TS or FRAGMENTED_MP4. Default: TS.
        ad_configuration_arn: ARN of the ad configuration associated with the channel.
        failover_slate_configuration_arn: Failover-slate-configuration ARN. A valid ARN value
            here both specifies the ARN and enables failover slate. Default: "" (empty string,
            no failover slate configuration is applied).
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
    """TODO Summary information about a channel.

    Attributes:
        arn: Channel ARN.
        name: Channel name.
        latency_mode: Channel latency mode. Use NORMAL to broadcast and deliver live video up to
            Full HD. Use LOW for near-real-time interaction with viewers. Default: LOW.
        authorized: Whether the channel is private (enabled for playback authorization).
            Default: false.
        recording_configuration_arn: Recording-configuration ARN. A valid ARN value here both
            specifies the ARN and enables recording. Default: "" (empty string, recording is
            disabled).
        tags: Tags attached to the resource. Array of 1-50 maps, each of the form string:string
            (key:value). See Best practices and strategies in Tagging Amazon Web Services
            Resources and Tag Editor for details, including restrictions that apply to tags and
            "Tag naming limits and requirements"; Amazon IVS has no service-specific constraints
            beyond what is documented there.
        insecure_ingest: Whether the channel allows insecure RTMP ingest. Default: false.
        type: Channel type, which determines the allowable resolution and bitrate. If you exceed
            the allowable input resolution or bitrate, the stream probably will disconnect
            immediately. Default: STANDARD. For details, see Channel Types.
        preset: Optional transcode preset for the channel. This is selectable only for
            ADVANCED_HD and ADVANCED_SD channel types. For those channel types, the default
            preset is HIGHER_BANDWIDTH_DELIVERY. For other channel types (BASIC and STANDARD),
            preset is the empty string ("").
        playback_restriction_policy_arn: Playback-restriction-policy ARN. A valid ARN value here
            both specifies the ARN and enables playback restriction. Default: "" (empty string,
            no playback restriction policy is applied).
        ad_configuration_arn: ARN of the ad configuration associated with the channel.
        failover_slate_configuration_arn: Failover-slate-configuration ARN. A valid ARN value
            here both specifies the ARN and enables failover slate. Default: "" (empty string,
            no failover slate configuration is applied).
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
    """TODO A complex type that describes an S3 location where recorded videos will be stored.

    Attributes:
        bucket_name: Location (S3 bucket name) where recorded videos will be stored.
    """

    bucket_name: str = member(Text(3, 63), default="", required=True)


@attrs.frozen(kw_only=True)
class DestinationConfiguration:
    """TODO A complex type that describes a location where recorded videos will be stored. Each member represents a type of destination configuration. For recording, you define one and only one type of destination configuration.

    Attributes:
        s3: An S3 destination configuration where recorded videos will be stored.
    """

    s3: S3DestinationConfiguration | None = member(Structure(S3DestinationConfiguration))


@attrs.frozen(kw_only=True)
class FailoverSlateConfiguration:
    """TODO Object specifying a failover slate configuration.

    Attributes:
        arn: Failover-slate-configuration ARN.
        name: Failover-slate-configuration name.
        activation_threshold_seconds: Number of seconds of ingest interruption before the
            failover slate activates. Default: 3.
        min_slate_display_seconds: Minimum number of seconds that the failover slate displays
            after activation. Default: 3.
        max_slate_display_seconds: Maximum number of seconds that the failover slate displays.
            Default: 60.
        state: Current state of the failover slate configuration.
        tags: Tags attached to the resource. Array of 1-50 maps, each of the form string:string
            (key:value). See Best practices and strategies in Tagging Amazon Web Services
            Resources and Tag Editor for details, including restrictions that apply to tags and
            "Tag naming limits and requirements"; Amazon IVS has no service-specific constraints
            beyond what is documented there.
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
    """TODO Summary information about a failover slate configuration.

    Attributes:
        arn: Failover-slate-configuration ARN.
        name: Failover-slate-configuration name.
        activation_threshold_seconds: Number of seconds of ingest interruption before the
            failover slate activates. Default: 3.
        min_slate_display_seconds: Minimum number of seconds that the failover slate displays
            after activation. Default: 3.
        max_slate_display_seconds: Maximum number of seconds that the failover slate displays.
            Default: 60.
        state: Current state of the failover slate configuration.
        tags: Tags attached to the resource. Array of 1-50 maps, each of the form string:string
            (key:value). See Best practices and strategies in Tagging Amazon Web Services
            Resources and Tag Editor for details, including restrictions that apply to tags and
            "Tag naming limits and requirements"; Amazon IVS has no service-specific constraints
            beyond what is documented there.
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
    """TODO Object specifying a stream’s video configuration, as set up by the broadcaster (usually in an encoder). This is part of the IngestConfigurations object and the deprecated IngestConfiguration object. It is used for monitoring stream health.

    Attributes:
        avc_profile: (Deprecated) Indicates to the decoder the requirements for decoding the
            stream. For definitions of the valid values, see the H.264 specification. This is
            populated only when VideoConfiguration is part of the deprecated
            IngestConfiguration; otherwise, this is an empty string.
        avc_level: (Deprecated) Indicates the degree of required decoder performance for a
            profile. Normally this is set automatically by the encoder. For details, see the
            H.264 specification. This is populated only when VideoConfiguration is part of the
            deprecated IngestConfiguration; otherwise, this is an empty string.
        codec: Codec used for the video encoding.
        encoder: Software or hardware used to encode the video.
        target_bitrate: The expected ingest bitrate (bits per second). This is configured in the
            encoder.
        target_framerate: The expected ingest framerate. This is configured in the encoder.
        video_height: Video-resolution height in pixels.
        video_width: Video-resolution width in pixels.
        level: Indicates the degree of required decoder performance for a profile. Normally this
            is set automatically by the encoder. When an AVC codec is used, this field has the
            same value as avcLevel.
        track: Name of the video track. If multitrack is not enabled, this is Track0 (the sole
            track).
        profile: Indicates to the decoder the requirements for decoding the stream. When an AVC
            codec is used, this field has the same value as avcProfile.
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
    """TODO Object specifying the ingest configuration set up by the broadcaster, usually in an encoder. Note: IngestConfiguration is deprecated in favor of IngestConfigurations but retained to ensure backward compatibility. If multitrack is not enabled, IngestConfiguration and IngestConfigurations contain the same data, namely information about Track0 (the sole track). If multitrack is enabled, IngestConfiguration contains data for only the first track (Track0) and IngestConfigurations contains data for all tracks.

    Attributes:
        video: Encoder settings for video.
        audio: Encoder settings for audio.
    """

    video: VideoConfiguration | None = None
    audio: AudioConfiguration | None = None


@attrs.frozen(kw_only=True)
class IngestConfigurations:
    """TODO Object specifying the ingest configuration set up by the broadcaster, usually in an encoder. Note: Use IngestConfigurations instead of IngestConfiguration (which is deprecated). If multitrack is not enabled, IngestConfiguration and IngestConfigurations contain the same data, namely information about Track0 (the sole track). If multitrack is enabled, IngestConfiguration contains data for only the first track (Track0) and IngestConfigurations contains data for all tracks.

    Attributes:
        video_configurations: Encoder settings for video
        audio_configurations: Encoder settings for audio.
    """

    video_configurations: list[VideoConfiguration] | None = None
    audio_configurations: list[AudioConfiguration] | None = None


@attrs.frozen(kw_only=True)
class PlaybackKeyPair:
    """TODO A key pair used to sign and validate a playback authorization token.

    Attributes:
        arn: Key-pair ARN.
        name: Playback-key-pair name. The value does not need to be unique.
        fingerprint: Key-pair identifier.
        tags: Tags attached to the resource. Array of 1-50 maps, each of the form string:string
            (key:value). See Best practices and strategies in Tagging Amazon Web Services
            Resources and Tag Editor for details, including restrictions that apply to tags and
            "Tag naming limits and requirements"; Amazon IVS has no service-specific constraints
            beyond what is documented there.
    """

    arn: str = ""
    name: str | None = None
    fingerprint: str | None = None
    tags: dict[str, str] | None = None


@attrs.frozen(kw_only=True)
class PlaybackKeyPairSummary:
    """TODO Summary information about a playback key pair.

    Attributes:
        arn: Key-pair ARN.
        name: Playback-key-pair name. The value does not need to be unique.
        tags: Tags attached to the resource. Array of 1-50 maps, each of the form string:string
            (key:value). See Best practices and strategies in Tagging Amazon Web Services
            Resources and Tag Editor for details, including restrictions that apply to tags and
            "Tag naming limits and requirements"; Amazon IVS has no service-specific constraints
            beyond what is documented there.
    """

    arn: str = ""
    name: str | None = None
    tags: dict[str, str] | None = None


@attrs.frozen(kw_only=True)
class PlaybackRestrictionPolicy:
    """TODO An object representing a policy to constrain playback by country and/or origin sites.

    Attributes:
        arn: Playback-restriction-policy ARN
        allowed_countries: A list of country codes that control geoblocking restriction. Allowed
            values are the officially assigned ISO 3166-1 alpha-2 codes. Default: All countries
            (an empty array).
        allowed_origins: A list of origin sites that control CORS restriction. Allowed values
            are the same as valid values of the Origin header defined at
            https://developer.mozilla.org/en-US/docs/Web/HTTP/Headers/Origin. Default: All
            origins (an empty array).
        enable_strict_origin_enforcement: Whether channel playback is constrained by origin
            site. Default: false.
        name: Playback-restriction-policy name. The value does not need to be unique.
        tags: Tags attached to the resource. Array of 1-50 maps, each of the form string:string
            (key:value). See Best practices and strategies in Tagging Amazon Web Services
            Resources and Tag Editor for details, including restrictions that apply to tags and
            "Tag naming limits and requirements"; Amazon IVS has no service-specific constraints
            beyond what is documented there.
    """

    arn: str = ""
    allowed_countries: list[str] | None = None
    allowed_origins: list[str] | None = None
    enable_strict_origin_enforcement: bool | None = None
    name: str | None = None
    tags: dict[str, str] | None = None


@attrs.frozen(kw_only=True)
class PlaybackRestrictionPolicySummary:
    """TODO Summary information about a PlaybackRestrictionPolicy.

    Attributes:
        arn: Playback-restriction-policy ARN
        allowed_countries: A list of country codes that control geoblocking restriction. Allowed
            values are the officially assigned ISO 3166-1 alpha-2 codes. Default: All countries
            (an empty array).
        allowed_origins: A list of origin sites that control CORS restriction. Allowed values
            are the same as valid values of the Origin header defined at
            https://developer.mozilla.org/en-US/docs/Web/HTTP/Headers/Origin. Default: All
            origins (an empty array).
        enable_strict_origin_enforcement: Whether channel playback is constrained by origin
            site. Default: false.
        name: Playback-restriction-policy name. The value does not need to be unique.
        tags: Tags attached to the resource. Array of 1-50 maps, each of the form string:string
            (key:value). See Best practices and strategies in Tagging Amazon Web Services
            Resources and Tag Editor for details, including restrictions that apply to tags and
            "Tag naming limits and requirements"; Amazon IVS has no service-specific constraints
            beyond what is documented there.
    """

    arn: str = ""
    allowed_countries: list[str] | None = None
    allowed_origins: list[str] | None = None
    enable_strict_origin_enforcement: bool | None = None
    name: str | None = None
    tags: dict[str, str] | None = None


@attrs.frozen(kw_only=True)
class ThumbnailConfiguration:
    """TODO An object representing a configuration of thumbnails for recorded video.

    Attributes:
        recording_mode: Thumbnail recording mode. Default: INTERVAL.
        target_interval_seconds: The targeted thumbnail-generation interval in seconds. This is
            configurable (and required) only if recordingMode is INTERVAL. Default: 60.
            Important: For the BASIC channel type, or the STANDARD channel type with multitrack
            input, setting a value for targetIntervalSeconds does not guarantee that thumbnails
            are generated at the specified interval. For thumbnails to be generated at the
            targetIntervalSeconds interval, the IDR/Keyframe value for the input video must be
            less than the targetIntervalSeconds value. See Amazon IVS Streaming Configuration
            for information on setting IDR/Keyframe to the recommended value in video-encoder
            settings.
        resolution: Indicates the desired resolution of recorded thumbnails. Thumbnails are
            recorded at the selected resolution if the corresponding rendition is available
            during the stream; otherwise, they are recorded at source resolution. For more
            information about resolution values and their corresponding height and width
            dimensions, see Auto-Record to Amazon S3. Default: Null (source resolution is
            returned).
        storage: Indicates the format in which thumbnails are recorded. SEQUENTIAL records all
            generated thumbnails in a serial manner, to the media/thumbnails directory. LATEST
            saves the latest thumbnail in media/latest_thumbnail/thumb.jpg and overwrites it at
            the interval specified by targetIntervalSeconds. You can enable both SEQUENTIAL and
            LATEST. Default: SEQUENTIAL.
    """

    recording_mode: RecordingMode | str | None = member(Text())
    target_interval_seconds: int | None = member(Integer(1, 60))
    resolution: ThumbnailConfigurationResolution | str | None = member(Text())
    storage: list[ThumbnailConfigurationStorage | str] | None = member(ListOf(Text()))


@attrs.frozen(kw_only=True)
class RenditionConfiguration:
    """TODO Object that describes which renditions should be recorded for a stream.

    Attributes:
        rendition_selection: Indicates which set of renditions are recorded for a stream. For
            BASIC channels, the CUSTOM value has no effect. If CUSTOM is specified, a set of
            renditions must be specified in the renditions field. Default: ALL.
        renditions: Indicates which renditions are recorded for a stream, if renditionSelection
            is CUSTOM; otherwise, this field is irrelevant. The selected renditions are recorded
            if they are available during the stream. If a selected rendition is unavailable, the
            best available rendition is recorded. For details on the resolution dimensions of
            each rendition, see Auto-Record to Amazon S3.
    """

    rendition_selection: RenditionConfigurationRenditionSelection | str | None = member(Text())
    renditions: list[RenditionConfigurationRendition | str] | None = member(ListOf(Text()))


@attrs.frozen(kw_only=True)
class RecordingConfiguration:
    """TODO An object representing a configuration to record a channel stream.

    Attributes:
        arn: Recording-configuration ARN.
        name: Recording-configuration name. The value does not need to be unique.
        destination_configuration: A complex type that contains information about where recorded
            video will be stored.
        state: Indicates the current state of the recording configuration. When the state is
            ACTIVE, the configuration is ready for recording a channel stream.
        tags: Tags attached to the resource. Array of 1-50 maps, each of the form string:string
            (key:value). See Best practices and strategies in Tagging Amazon Web Services
            Resources and Tag Editor for details, including restrictions that apply to tags and
            "Tag naming limits and requirements"; Amazon IVS has no service-specific constraints
            beyond what is documented there.
        thumbnail_configuration: A complex type that allows you to enable/disable the recording
            of thumbnails for a live session and modify the interval at which thumbnails are
            generated for the live session.
        recording_reconnect_window_seconds: If a broadcast disconnects and then reconnects
            within the specified interval, the multiple streams will be considered a single
            broadcast and merged together. Default: 0.
        rendition_configuration: Object that describes which renditions should be recorded for a
            stream.
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
    """TODO Summary information about a RecordingConfiguration.

    Attributes:
        arn: Recording-configuration ARN.
        name: Recording-configuration name. The value does not need to be unique.
        destination_configuration: A complex type that contains information about where recorded
            video will be stored.
        state: Indicates the current state of the recording configuration. When the state is
            ACTIVE, the configuration is ready for recording a channel stream.
        tags: Tags attached to the resource. Array of 1-50 maps, each of the form string:string
            (key:value). See Best practices and strategies in Tagging Amazon Web Services
            Resources and Tag Editor for details, including restrictions that apply to tags and
            "Tag naming limits and requirements"; Amazon IVS has no service-specific constraints
            beyond what is documented there.
    """

    arn: str = ""
    name: str | None = None
    destination_configuration: DestinationConfiguration | None = None
    state: RecordingConfigurationState | str | None = None
    tags: dict[str, str] | None = None


@attrs.frozen(kw_only=True)
class Stream:
    """TODO Specifies a live video stream that has been ingested and distributed.

    Attributes:
        channel_arn: Channel ARN for the stream.
        stream_id: Unique identifier for a live or previously live stream in the specified
            channel.
        playback_url: URL of the master playlist, required by the video player to play the HLS
            stream.
        start_time: Time of the stream’s start. This is an ISO 8601 timestamp; note that this is
            returned as a string.
        state: The stream’s state. Do not rely on the OFFLINE state, as the API may not return
            it; instead, a "NotBroadcasting" error will indicate that the stream is not live.
        health: The stream’s health.
        viewer_count: A count of concurrent views of the stream. Typically, a new view appears
            in viewerCount within 15 seconds of when video playback starts and a view is removed
            from viewerCount within 1 minute of when video playback ends. A value of -1
            indicates that the request timed out; in this case, retry.
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
    """TODO Object specifying a stream’s events. For a list of events, see Using Amazon EventBridge with Amazon IVS.

    Attributes:
        name: Name that identifies the stream event within a type.
        type: Logical group for certain events.
        event_time: Time when the event occurred. This is an ISO 8601 timestamp; note that this
            is returned as a string.
        code: Provides additional details about the stream event. There are several values; the
            long descriptions are provided in the IVS console but not delivered through the IVS
            API or EventBridge. Multitrack-related codes are used only for certain Session Ended
            events. MultitrackInputNotAllowed — The broadcast client attempted to connect with
            multitrack input, but multitrack input was not enabled on the channel. Check your
            broadcast software settings or set MultitrackInputConfiguration.Policy to ALLOW or
            REQUIRE. MultitrackInputRequired — The broadcast client attempted to connect with
            single-track video, but multitrack input is required on this channel. Enable
            multitrack video in your broadcast software or configure the channel’s
            MultitrackInputConfiguration.Policy to ALLOW. InvalidGetClientConfigurationStreamKey
            — The broadcast client attempted to connect with an invalid, expired, or corrupt
            stream key. GetClientConfigurationStreamKeyRequired — The broadcast client attempted
            to stream multitrack video without providing an authenticated stream key from
            GetClientConfiguration. InvalidMultitrackInputTrackCount — The multitrack input
            stream contained an invalid number of tracks.
            InvalidMultitrackInputVideoTrackMediaProperties — The multitrack input stream
            contained one or more tracks with an invalid codec, resolution, bitrate, or
            framerate. StreamTakeoverMediaMismatch — The broadcast client attempted to take over
            with different media properties (e.g., codec, resolution, or video track type) from
            the original stream. StreamTakeoverInvalidPriority — The broadcast client attempted
            a takeover with either a priority integer value equal to or lower than the original
            stream's value or a value outside the allowed range of 1 to 2,147,483,647.
            StreamTakeoverLimitBreached — The broadcast client reached the maximum allowed
            takeover attempts for this stream.
    """

    name: str | None = None
    type: str | None = None
    event_time: datetime | None = None
    code: str | None = None


@attrs.frozen(kw_only=True)
class StreamFilters:
    """TODO Object specifying the stream attribute on which to filter.

    Attributes:
        health: The stream’s health.
    """

    health: StreamHealth | str | None = member(Text())


@attrs.frozen(kw_only=True)
class StreamKey:
    """TODO Object specifying a stream key.

    Attributes:
        arn: Stream-key ARN.
        value: Stream-key value.
        channel_arn: Channel ARN for the stream.
        tags: Tags attached to the resource. Array of 1-50 maps, each of the form string:string
            (key:value). See Best practices and strategies in Tagging Amazon Web Services
            Resources and Tag Editor for details, including restrictions that apply to tags and
            "Tag naming limits and requirements"; Amazon IVS has no service-specific constraints
            beyond what is documented there.
    """

    arn: str = ""
    value: str = attrs.field(default="", repr=redacted)
    channel_arn: str = ""
    tags: dict[str, str] | None = None


@attrs.frozen(kw_only=True)
class StreamKeySummary:
    """TODO Summary information about a stream key.

    Attributes:
        arn: Stream-key ARN.
        channel_arn: Channel ARN for the stream.
        tags: Tags attached to the resource. Array of 1-50 maps, each of the form string:string
            (key:value). See Best practices and strategies in Tagging Amazon Web Services
            Resources and Tag Editor for details, including restrictions that apply to tags and
            "Tag naming limits and requirements"; Amazon IVS has no service-specific constraints
            beyond what is documented there.
    """

    arn: str = ""
    channel_arn: str = ""
    tags: dict[str, str] | None = None


@attrs.frozen(kw_only=True)
class StreamSession:
    """TODO Object that captures the Amazon IVS configuration that the customer provisioned, the ingest configurations that the broadcaster used, and the most recent Amazon IVS stream events it encountered.

    Attributes:
        stream_id: Unique identifier for a live or previously live stream in the specified
            channel.
        start_time: Time when the channel went live. This is an ISO 8601 timestamp; note that
            this is returned as a string.
        end_time: Time when the channel went offline. This is an ISO 8601 timestamp; note that
            this is returned as a string. For live streams, this is NULL.
        channel: The properties of the channel at the time of going live.
        ingest_configuration: The properties of the incoming RTMP stream. Note:
            ingestConfiguration is deprecated in favor of ingestConfigurations but retained to
            ensure backward compatibility. If multitrack is not enabled, ingestConfiguration and
            ingestConfigurations contain the same data, namely information about Track0 (the
            sole track). If multitrack is enabled, ingestConfiguration contains data for only
            the first track (Track0) and ingestConfigurations contains data for all tracks.
        ingest_configurations: The properties of the incoming RTMP stream. If multitrack is
            enabled, ingestConfigurations contains data for all tracks; otherwise, it contains
            data only for Track0 (the sole track).
        recording_configuration: The properties of recording the live stream.
        truncated_events: List of Amazon IVS events that the stream encountered. The list is
            sorted by most recent events and contains up to 500 events. For Amazon IVS events,
            see Using Amazon EventBridge with Amazon IVS.
        failover_slate_configuration: The properties of the failover slate configuration at the
            time of going live.
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
    """TODO Summary information about a stream session.

    Attributes:
        stream_id: Unique identifier for a live or previously live stream in the specified
            channel.
        start_time: Time when the channel went live. This is an ISO 8601 timestamp; note that
            this is returned as a string.
        end_time: Time when the channel went offline. This is an ISO 8601 timestamp; note that
            this is returned as a string. For live streams, this is NULL.
        has_error_event: If true, this stream encountered a quota breach or failure.
    """

    stream_id: str = ""
    start_time: datetime | None = None
    end_time: datetime | None = None
    has_error_event: bool | None = None


@attrs.frozen(kw_only=True)
class StreamSummary:
    """TODO Summary information about a stream.

    Attributes:
        channel_arn: Channel ARN for the stream.
        stream_id: Unique identifier for a live or previously live stream in the specified
            channel.
        state: The stream’s state. Do not rely on the OFFLINE state, as the API may not return
            it; instead, a "NotBroadcasting" error will indicate that the stream is not live.
        health: The stream’s health.
        viewer_count: A count of concurrent views of the stream. Typically, a new view appears
            in viewerCount within 15 seconds of when video playback starts and a view is removed
            from viewerCount within 1 minute of when video playback ends. A value of -1
            indicates that the request timed out; in this case, retry.
        start_time: Time of the stream’s start. This is an ISO 8601 timestamp; note that this is
            returned as a string.
    """

    channel_arn: str = ""
    stream_id: str = ""
    state: StreamState | str | None = None
    health: StreamHealth | str | None = None
    viewer_count: int | None = None
    start_time: datetime | None = None


@attrs.frozen(kw_only=True)
class BatchGetChannelResponse:
    """TODO

    Attributes:
        channels:
        errors: Each error object is related to a specific ARN in the request.
    """

    channels: list[Channel] = attrs.field(factory=list)
    errors: list[BatchError] = attrs.field(factory=list)


@attrs.frozen(kw_only=True)
class BatchGetStreamKeyResponse:
    """TODO

    Attributes:
        stream_keys:
        errors:
    """

    stream_keys: list[StreamKey] = attrs.field(factory=list)
    errors: list[BatchError] = attrs.field(factory=list)


@attrs.frozen(kw_only=True)
class BatchStartViewerSessionRevocationResponse:
    """TODO

    Attributes:
        errors: Each error object is related to a specific channelArn and viewerId pair in the
            request.
    """

    errors: list[BatchStartViewerSessionRevocationError] = attrs.field(factory=list)


@attrs.frozen(kw_only=True)
class CreateAdConfigurationResponse:
    """TODO

    Attributes:
        ad_configuration:
    """

    ad_configuration: AdConfiguration


@attrs.frozen(kw_only=True)
class CreateChannelResponse:
    """TODO

    Attributes:
        channel:
        stream_key:
    """

    channel: Channel
    stream_key: StreamKey = attrs.field(factory=StreamKey)


@attrs.frozen(kw_only=True)
class CreateFailoverSlateConfigurationResponse:
    """TODO

    Attributes:
        failover_slate_configuration: The failover slate configuration that was created.
    """

    failover_slate_configuration: FailoverSlateConfiguration


@attrs.frozen(kw_only=True)
class CreatePlaybackRestrictionPolicyResponse:
    """TODO

    Attributes:
        playback_restriction_policy:
    """

    playback_restriction_policy: PlaybackRestrictionPolicy


@attrs.frozen(kw_only=True)
class CreateRecordingConfigurationResponse:
    """TODO

    Attributes:
        recording_configuration:
    """

    recording_configuration: RecordingConfiguration


@attrs.frozen(kw_only=True)
class CreateStreamKeyResponse:
    """TODO

    Attributes:
        stream_key: Stream key used to authenticate an RTMPS stream for ingestion.
    """

    stream_key: StreamKey


@attrs.frozen(kw_only=True)
class GetAdConfigurationResponse:
    """TODO

    Attributes:
        ad_configuration:
    """

    ad_configuration: AdConfiguration


@attrs.frozen(kw_only=True)
class GetChannelResponse:
    """TODO

    Attributes:
        channel:
    """

    channel: Channel


@attrs.frozen(kw_only=True)
class GetFailoverSlateConfigurationResponse:
    """TODO

    Attributes:
        failover_slate_configuration: The failover slate configuration that was retrieved.
    """

    failover_slate_configuration: FailoverSlateConfiguration


@attrs.frozen(kw_only=True)
class GetPlaybackKeyPairResponse:
    """TODO

    Attributes:
        key_pair:
    """

    key_pair: PlaybackKeyPair


@attrs.frozen(kw_only=True)
class GetPlaybackRestrictionPolicyResponse:
    """TODO

    Attributes:
        playback_restriction_policy:
    """

    playback_restriction_policy: PlaybackRestrictionPolicy


@attrs.frozen(kw_only=True)
class GetRecordingConfigurationResponse:
    """TODO

    Attributes:
        recording_configuration:
    """

    recording_configuration: RecordingConfiguration


@attrs.frozen(kw_only=True)
class GetStreamKeyResponse:
    """TODO

    Attributes:
        stream_key:
    """

    stream_key: StreamKey


@attrs.frozen(kw_only=True)
class GetStreamResponse:
    """TODO

    Attributes:
        stream:
    """

    stream: Stream


@attrs.frozen(kw_only=True)
class GetStreamSessionResponse:
    """TODO

    Attributes:
        stream_session: List of stream details.
    """

    stream_session: StreamSession


@attrs.frozen(kw_only=True)
class ImportPlaybackKeyPairResponse:
    """TODO

    Attributes:
        key_pair:
    """

    key_pair: PlaybackKeyPair


@attrs.frozen(kw_only=True)
class InsertAdBreakResponse:
    """TODO

    Attributes:
        ad_break_id: Unique identifier for the ad break that was inserted into the playlist.
        target_start_at: Target start time for the inserted ad break.
    """

    ad_break_id: str | None = None
    target_start_at: datetime | None = None


@attrs.frozen(kw_only=True)
class ListTagsForResourceResponse:
    """TODO

    Attributes:
        tags: Tags attached to the resource. Array of maps, each of the form string:string
            (key:value).
    """

    tags: dict[str, str] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class UpdateAdConfigurationResponse:
    """TODO

    Attributes:
        ad_configuration: Object specifying the updated ad configuration.
    """

    ad_configuration: AdConfiguration


@attrs.frozen(kw_only=True)
class UpdateChannelResponse:
    """TODO

    Attributes:
        channel: Object specifying the updated channel.
    """

    channel: Channel


@attrs.frozen(kw_only=True)
class UpdateFailoverSlateConfigurationResponse:
    """TODO

    Attributes:
        failover_slate_configuration: Object specifying the updated failover slate
            configuration.
    """

    failover_slate_configuration: FailoverSlateConfiguration


@attrs.frozen(kw_only=True)
class UpdatePlaybackRestrictionPolicyResponse:
    """TODO

    Attributes:
        playback_restriction_policy: Object specifying the updated policy.
    """

    playback_restriction_policy: PlaybackRestrictionPolicy
