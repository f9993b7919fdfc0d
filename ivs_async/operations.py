"""The table of the API: one `Operation` each, one `ListOperation` for each list.

Everything an operation is stands here once: members and their bounds, answer, whether a lost
answer may be repeated, how a batch is cut, which member names the rate-limited resource. The
session's methods name an entry; the pipeline reads it; a test compares all of it with botocore.
"""

from __future__ import annotations

from typing import Any, Final

from ._aws.operation import Batch, ListOperation, Operation
from ._aws.shapes import Boolean, Integer, ListOf, Member, Structure, Text, Timestamp
from .models import (
    ARN,
    LINK,
    NAME,
    TAGS,
    AdConfigurationSummary,
    BatchGetChannelResponse,
    BatchGetStreamKeyResponse,
    BatchStartViewerSessionRevocationResponse,
    BatchStartViewerSessionRevocationViewerSession,
    ChannelSummary,
    CreateAdConfigurationResponse,
    CreateChannelResponse,
    CreateFailoverSlateConfigurationResponse,
    CreatePlaybackRestrictionPolicyResponse,
    CreateRecordingConfigurationResponse,
    CreateStreamKeyResponse,
    DestinationConfiguration,
    FailoverSlateConfigurationSummary,
    GetAdConfigurationResponse,
    GetChannelResponse,
    GetFailoverSlateConfigurationResponse,
    GetPlaybackKeyPairResponse,
    GetPlaybackRestrictionPolicyResponse,
    GetRecordingConfigurationResponse,
    GetStreamKeyResponse,
    GetStreamResponse,
    GetStreamSessionResponse,
    ImportPlaybackKeyPairResponse,
    InsertAdBreakResponse,
    ListTagsForResourceResponse,
    MediaTailorPlaybackConfiguration,
    MultitrackInputConfiguration,
    PlaybackKeyPairSummary,
    PlaybackRestrictionPolicySummary,
    PostRollConfiguration,
    RecordingConfigurationSummary,
    RenditionConfiguration,
    StreamFilters,
    StreamKeySummary,
    StreamSessionSummary,
    StreamSummary,
    ThumbnailConfiguration,
    UpdateAdConfigurationResponse,
    UpdateChannelResponse,
    UpdateFailoverSlateConfigurationResponse,
    UpdatePlaybackRestrictionPolicyResponse,
)

TOKEN = Text(0, 1024)

CREATE_CHANNEL: Final[Operation[CreateChannelResponse]] = Operation(
    name="CreateChannel",
    output=CreateChannelResponse,
    members={
        "name": Member(NAME),
        "latency_mode": Member(Text()),
        "type": Member(Text()),
        "authorized": Member(Boolean()),
        "recording_configuration_arn": Member(LINK),
        "tags": Member(TAGS),
        "insecure_ingest": Member(Boolean()),
        "preset": Member(Text()),
        "playback_restriction_policy_arn": Member(LINK),
        "multitrack_input_configuration": Member(Structure(MultitrackInputConfiguration)),
        "container_format": Member(Text()),
        "ad_configuration_arn": Member(LINK),
        "failover_slate_configuration_arn": Member(LINK),
    },
    check_with="list_channels",
)
GET_CHANNEL: Final[Operation[GetChannelResponse]] = Operation(
    name="GetChannel",
    output=GetChannelResponse,
    members={
        "arn": Member(ARN, required=True),
    },
    repeatable=True,
)
BATCH_GET_CHANNEL: Final[Operation[BatchGetChannelResponse]] = Operation(
    name="BatchGetChannel",
    output=BatchGetChannelResponse,
    members={
        "arns": Member(ListOf(ARN, 1, 50), required=True),
    },
    repeatable=True,
    batch=Batch(member="arns", size=50, identity=("arn",), answers=("channels", "errors")),
)
LIST_CHANNELS: Final = ListOperation(
    name="ListChannels",
    item=ChannelSummary,
    items="channels",
    members={
        "filter_by_name": Member(NAME),
        "filter_by_recording_configuration_arn": Member(LINK),
        "filter_by_playback_restriction_policy_arn": Member(LINK),
        "filter_by_ad_configuration_arn": Member(LINK),
        "filter_by_failover_slate_configuration_arn": Member(LINK),
        "next_token": Member(TOKEN),
        "max_results": Member(Integer(1, 100)),
    },
)
UPDATE_CHANNEL: Final[Operation[UpdateChannelResponse]] = Operation(
    name="UpdateChannel",
    output=UpdateChannelResponse,
    members={
        "arn": Member(ARN, required=True),
        "name": Member(NAME),
        "latency_mode": Member(Text()),
        "type": Member(Text()),
        "authorized": Member(Boolean()),
        "recording_configuration_arn": Member(LINK),
        "insecure_ingest": Member(Boolean()),
        "preset": Member(Text()),
        "playback_restriction_policy_arn": Member(LINK),
        "multitrack_input_configuration": Member(Structure(MultitrackInputConfiguration)),
        "container_format": Member(Text()),
        "ad_configuration_arn": Member(LINK),
        "failover_slate_configuration_arn": Member(LINK),
    },
    repeatable=True,
)
DELETE_CHANNEL: Final[Operation[None]] = Operation(
    name="DeleteChannel",
    members={
        "arn": Member(ARN, required=True),
    },
    repeatable=True,
    done_if="ResourceNotFoundException",
)
CREATE_STREAM_KEY: Final[Operation[CreateStreamKeyResponse]] = Operation(
    name="CreateStreamKey",
    output=CreateStreamKeyResponse,
    members={
        "channel_arn": Member(ARN, required=True),
        "tags": Member(TAGS),
    },
    check_with="list_stream_keys",
)
GET_STREAM_KEY: Final[Operation[GetStreamKeyResponse]] = Operation(
    name="GetStreamKey",
    output=GetStreamKeyResponse,
    members={
        "arn": Member(ARN, required=True),
    },
    repeatable=True,
)
BATCH_GET_STREAM_KEY: Final[Operation[BatchGetStreamKeyResponse]] = Operation(
    name="BatchGetStreamKey",
    output=BatchGetStreamKeyResponse,
    members={
        "arns": Member(ListOf(ARN, 1, 50), required=True),
    },
    repeatable=True,
    batch=Batch(member="arns", size=50, identity=("arn",), answers=("stream_keys", "errors")),
)
LIST_STREAM_KEYS: Final = ListOperation(
    name="ListStreamKeys",
    item=StreamKeySummary,
    items="streamKeys",
    members={
        "channel_arn": Member(ARN, required=True),
        "next_token": Member(TOKEN),
        "max_results": Member(Integer(1, 50)),
    },
)
DELETE_STREAM_KEY: Final[Operation[None]] = Operation(
    name="DeleteStreamKey",
    members={
        "arn": Member(ARN, required=True),
    },
    repeatable=True,
    done_if="ResourceNotFoundException",
)
GET_STREAM: Final[Operation[GetStreamResponse]] = Operation(
    name="GetStream",
    output=GetStreamResponse,
    members={
        "channel_arn": Member(ARN, required=True),
    },
    repeatable=True,
)
LIST_STREAMS: Final = ListOperation(
    name="ListStreams",
    item=StreamSummary,
    items="streams",
    members={
        "filter_by": Member(Structure(StreamFilters)),
        "next_token": Member(TOKEN),
        "max_results": Member(Integer(1, 100)),
    },
)
GET_STREAM_SESSION: Final[Operation[GetStreamSessionResponse]] = Operation(
    name="GetStreamSession",
    output=GetStreamSessionResponse,
    members={
        "channel_arn": Member(ARN, required=True),
        "stream_id": Member(Text(26, 26)),
    },
    repeatable=True,
)
LIST_STREAM_SESSIONS: Final = ListOperation(
    name="ListStreamSessions",
    item=StreamSessionSummary,
    items="streamSessions",
    members={
        "channel_arn": Member(ARN, required=True),
        "next_token": Member(TOKEN),
        "max_results": Member(Integer(1, 100)),
    },
)
STOP_STREAM: Final[Operation[None]] = Operation(
    name="StopStream",
    members={
        "channel_arn": Member(ARN, required=True),
    },
    check_with="get_stream",
)
PUT_METADATA: Final[Operation[None]] = Operation(
    name="PutMetadata",
    members={
        "channel_arn": Member(ARN, required=True),
        "metadata": Member(Text(1, 1024, in_bytes=True), required=True, secret=True),
    },
    resource="channel_arn",
)
INSERT_AD_BREAK: Final[Operation[InsertAdBreakResponse]] = Operation(
    name="InsertAdBreak",
    output=InsertAdBreakResponse,
    members={
        "channel_arn": Member(ARN, required=True),
        "duration_seconds": Member(Integer(1, 300), required=True),
        "ad_break_id": Member(Text(12, 12)),
        "target_start_at": Member(Timestamp()),
    },
    check_with="get_stream_session",
)
IMPORT_PLAYBACK_KEY_PAIR: Final[Operation[ImportPlaybackKeyPairResponse]] = Operation(
    name="ImportPlaybackKeyPair",
    output=ImportPlaybackKeyPairResponse,
    members={
        "public_key_material": Member(Text(), required=True),
        "name": Member(NAME),
        "tags": Member(TAGS),
    },
    check_with="list_playback_key_pairs",
)
GET_PLAYBACK_KEY_PAIR: Final[Operation[GetPlaybackKeyPairResponse]] = Operation(
    name="GetPlaybackKeyPair",
    output=GetPlaybackKeyPairResponse,
    members={
        "arn": Member(ARN, required=True),
    },
    repeatable=True,
)
LIST_PLAYBACK_KEY_PAIRS: Final = ListOperation(
    name="ListPlaybackKeyPairs",
    item=PlaybackKeyPairSummary,
    items="keyPairs",
    members={
        "next_token": Member(TOKEN),
        "max_results": Member(Integer(1, 100)),
    },
)
DELETE_PLAYBACK_KEY_PAIR: Final[Operation[None]] = Operation(
    name="DeletePlaybackKeyPair",
    members={
        "arn": Member(ARN, required=True),
    },
    repeatable=True,
    done_if="ResourceNotFoundException",
)
START_VIEWER_SESSION_REVOCATION: Final[Operation[None]] = Operation(
    name="StartViewerSessionRevocation",
    members={
        "channel_arn": Member(ARN, required=True),
        "viewer_id": Member(Text(1, 40), required=True),
        "viewer_session_versions_less_than_or_equal_to": Member(Integer(0)),
    },
    repeatable=True,
)
BATCH_START_VIEWER_SESSION_REVOCATION: Final[
    Operation[BatchStartViewerSessionRevocationResponse]
] = Operation(
    name="BatchStartViewerSessionRevocation",
    output=BatchStartViewerSessionRevocationResponse,
    members={
        "viewer_sessions": Member(
            ListOf(Structure(BatchStartViewerSessionRevocationViewerSession), 1, 20), required=True
        ),
    },
    repeatable=True,
    batch=Batch(
        member="viewer_sessions",
        size=20,
        identity=("channel_arn", "viewer_id"),
        answers=("errors",),
    ),
)
CREATE_PLAYBACK_RESTRICTION_POLICY: Final[Operation[CreatePlaybackRestrictionPolicyResponse]] = (
    Operation(
        name="CreatePlaybackRestrictionPolicy",
        output=CreatePlaybackRestrictionPolicyResponse,
        members={
            "allowed_countries": Member(ListOf(Text(2, 2))),
            "allowed_origins": Member(ListOf(Text(0, 128))),
            "enable_strict_origin_enforcement": Member(Boolean()),
            "name": Member(NAME),
            "tags": Member(TAGS),
        },
        check_with="list_playback_restriction_policies",
    )
)
GET_PLAYBACK_RESTRICTION_POLICY: Final[Operation[GetPlaybackRestrictionPolicyResponse]] = Operation(
    name="GetPlaybackRestrictionPolicy",
    output=GetPlaybackRestrictionPolicyResponse,
    members={
        "arn": Member(ARN, required=True),
    },
    repeatable=True,
)
LIST_PLAYBACK_RESTRICTION_POLICIES: Final = ListOperation(
    name="ListPlaybackRestrictionPolicies",
    item=PlaybackRestrictionPolicySummary,
    items="playbackRestrictionPolicies",
    members={
        "next_token": Member(TOKEN),
        "max_results": Member(Integer(1, 100)),
    },
)
UPDATE_PLAYBACK_RESTRICTION_POLICY: Final[Operation[UpdatePlaybackRestrictionPolicyResponse]] = (
    Operation(
        name="UpdatePlaybackRestrictionPolicy",
        output=UpdatePlaybackRestrictionPolicyResponse,
        members={
            "arn": Member(ARN, required=True),
            "allowed_countries": Member(ListOf(Text(2, 2))),
            "allowed_origins": Member(ListOf(Text(0, 128))),
            "enable_strict_origin_enforcement": Member(Boolean()),
            "name": Member(NAME),
        },
        repeatable=True,
    )
)
DELETE_PLAYBACK_RESTRICTION_POLICY: Final[Operation[None]] = Operation(
    name="DeletePlaybackRestrictionPolicy",
    members={
        "arn": Member(ARN, required=True),
    },
    repeatable=True,
    done_if="ResourceNotFoundException",
)
CREATE_RECORDING_CONFIGURATION: Final[Operation[CreateRecordingConfigurationResponse]] = Operation(
    name="CreateRecordingConfiguration",
    output=CreateRecordingConfigurationResponse,
    members={
        "name": Member(NAME),
        "destination_configuration": Member(Structure(DestinationConfiguration), required=True),
        "tags": Member(TAGS),
        "thumbnail_configuration": Member(Structure(ThumbnailConfiguration)),
        "recording_reconnect_window_seconds": Member(Integer(0, 300)),
        "rendition_configuration": Member(Structure(RenditionConfiguration)),
    },
    check_with="list_recording_configurations",
)
GET_RECORDING_CONFIGURATION: Final[Operation[GetRecordingConfigurationResponse]] = Operation(
    name="GetRecordingConfiguration",
    output=GetRecordingConfigurationResponse,
    members={
        "arn": Member(ARN, required=True),
    },
    repeatable=True,
)
LIST_RECORDING_CONFIGURATIONS: Final = ListOperation(
    name="ListRecordingConfigurations",
    item=RecordingConfigurationSummary,
    items="recordingConfigurations",
    members={
        "next_token": Member(TOKEN),
        "max_results": Member(Integer(1, 100)),
    },
)
DELETE_RECORDING_CONFIGURATION: Final[Operation[None]] = Operation(
    name="DeleteRecordingConfiguration",
    members={
        "arn": Member(ARN, required=True),
    },
    repeatable=True,
    done_if="ResourceNotFoundException",
)
CREATE_AD_CONFIGURATION: Final[Operation[CreateAdConfigurationResponse]] = Operation(
    name="CreateAdConfiguration",
    output=CreateAdConfigurationResponse,
    members={
        "name": Member(NAME),
        "media_tailor_playback_configurations": Member(
            ListOf(Structure(MediaTailorPlaybackConfiguration), 1, 3), required=True
        ),
        "post_roll_configuration": Member(Structure(PostRollConfiguration)),
        "tags": Member(TAGS),
    },
    check_with="list_ad_configurations",
)
GET_AD_CONFIGURATION: Final[Operation[GetAdConfigurationResponse]] = Operation(
    name="GetAdConfiguration",
    output=GetAdConfigurationResponse,
    members={
        "arn": Member(ARN, required=True),
    },
    repeatable=True,
)
LIST_AD_CONFIGURATIONS: Final = ListOperation(
    name="ListAdConfigurations",
    item=AdConfigurationSummary,
    items="adConfigurations",
    members={
        "next_token": Member(TOKEN),
        "max_results": Member(Integer(1, 100)),
    },
)
UPDATE_AD_CONFIGURATION: Final[Operation[UpdateAdConfigurationResponse]] = Operation(
    name="UpdateAdConfiguration",
    output=UpdateAdConfigurationResponse,
    members={
        "arn": Member(ARN, required=True),
        "name": Member(NAME),
        "media_tailor_playback_configurations": Member(
            ListOf(Structure(MediaTailorPlaybackConfiguration), 1, 3)
        ),
        "post_roll_configuration": Member(Structure(PostRollConfiguration)),
    },
    repeatable=True,
)
DELETE_AD_CONFIGURATION: Final[Operation[None]] = Operation(
    name="DeleteAdConfiguration",
    members={
        "arn": Member(ARN, required=True),
    },
    repeatable=True,
    done_if="ResourceNotFoundException",
)
CREATE_FAILOVER_SLATE_CONFIGURATION: Final[Operation[CreateFailoverSlateConfigurationResponse]] = (
    Operation(
        name="CreateFailoverSlateConfiguration",
        output=CreateFailoverSlateConfigurationResponse,
        members={
            "name": Member(NAME),
            "activation_threshold_seconds": Member(Integer(3, 5)),
            "min_slate_display_seconds": Member(Integer(3, 10)),
            "max_slate_display_seconds": Member(Integer(60, 180)),
            "tags": Member(TAGS),
        },
        check_with="list_failover_slate_configurations",
    )
)
GET_FAILOVER_SLATE_CONFIGURATION: Final[Operation[GetFailoverSlateConfigurationResponse]] = (
    Operation(
        name="GetFailoverSlateConfiguration",
        output=GetFailoverSlateConfigurationResponse,
        members={
            "arn": Member(ARN, required=True),
        },
        repeatable=True,
    )
)
LIST_FAILOVER_SLATE_CONFIGURATIONS: Final = ListOperation(
    name="ListFailoverSlateConfigurations",
    item=FailoverSlateConfigurationSummary,
    items="failoverSlateConfigurations",
    members={
        "next_token": Member(TOKEN),
        "max_results": Member(Integer(1, 100)),
    },
)
UPDATE_FAILOVER_SLATE_CONFIGURATION: Final[Operation[UpdateFailoverSlateConfigurationResponse]] = (
    Operation(
        name="UpdateFailoverSlateConfiguration",
        output=UpdateFailoverSlateConfigurationResponse,
        members={
            "arn": Member(ARN, required=True),
            "name": Member(NAME),
            "activation_threshold_seconds": Member(Integer(3, 5)),
            "min_slate_display_seconds": Member(Integer(3, 10)),
            "max_slate_display_seconds": Member(Integer(60, 180)),
        },
        repeatable=True,
    )
)
DELETE_FAILOVER_SLATE_CONFIGURATION: Final[Operation[None]] = Operation(
    name="DeleteFailoverSlateConfiguration",
    members={
        "arn": Member(ARN, required=True),
    },
    repeatable=True,
    done_if="ResourceNotFoundException",
)
LIST_TAGS_FOR_RESOURCE: Final[Operation[ListTagsForResourceResponse]] = Operation(
    name="ListTagsForResource",
    output=ListTagsForResourceResponse,
    method="GET",
    path="/tags/{resource_arn}",
    members={
        "resource_arn": Member(ARN, required=True, place="path"),
    },
    repeatable=True,
)
TAG_RESOURCE: Final[Operation[None]] = Operation(
    name="TagResource",
    path="/tags/{resource_arn}",
    members={
        "resource_arn": Member(ARN, required=True, place="path"),
        "tags": Member(TAGS, required=True),
    },
    repeatable=True,
)
UNTAG_RESOURCE: Final[Operation[None]] = Operation(
    name="UntagResource",
    method="DELETE",
    path="/tags/{resource_arn}",
    members={
        "resource_arn": Member(ARN, required=True, place="path"),
        "tag_keys": Member(ListOf(Text(1, 128), 0, 50), required=True, place="query"),
    },
    repeatable=True,
)

ALL: Final[tuple[Operation[Any], ...]] = (
    CREATE_CHANNEL,
    GET_CHANNEL,
    BATCH_GET_CHANNEL,
    LIST_CHANNELS,
    UPDATE_CHANNEL,
    DELETE_CHANNEL,
    CREATE_STREAM_KEY,
    GET_STREAM_KEY,
    BATCH_GET_STREAM_KEY,
    LIST_STREAM_KEYS,
    DELETE_STREAM_KEY,
    GET_STREAM,
    LIST_STREAMS,
    GET_STREAM_SESSION,
    LIST_STREAM_SESSIONS,
    STOP_STREAM,
    PUT_METADATA,
    INSERT_AD_BREAK,
    IMPORT_PLAYBACK_KEY_PAIR,
    GET_PLAYBACK_KEY_PAIR,
    LIST_PLAYBACK_KEY_PAIRS,
    DELETE_PLAYBACK_KEY_PAIR,
    START_VIEWER_SESSION_REVOCATION,
    BATCH_START_VIEWER_SESSION_REVOCATION,
    CREATE_PLAYBACK_RESTRICTION_POLICY,
    GET_PLAYBACK_RESTRICTION_POLICY,
    LIST_PLAYBACK_RESTRICTION_POLICIES,
    UPDATE_PLAYBACK_RESTRICTION_POLICY,
    DELETE_PLAYBACK_RESTRICTION_POLICY,
    CREATE_RECORDING_CONFIGURATION,
    GET_RECORDING_CONFIGURATION,
    LIST_RECORDING_CONFIGURATIONS,
    DELETE_RECORDING_CONFIGURATION,
    CREATE_AD_CONFIGURATION,
    GET_AD_CONFIGURATION,
    LIST_AD_CONFIGURATIONS,
    UPDATE_AD_CONFIGURATION,
    DELETE_AD_CONFIGURATION,
    CREATE_FAILOVER_SLATE_CONFIGURATION,
    GET_FAILOVER_SLATE_CONFIGURATION,
    LIST_FAILOVER_SLATE_CONFIGURATIONS,
    UPDATE_FAILOVER_SLATE_CONFIGURATION,
    DELETE_FAILOVER_SLATE_CONFIGURATION,
    LIST_TAGS_FOR_RESOURCE,
    TAG_RESOURCE,
    UNTAG_RESOURCE,
)
"""Every operation, in the order of this module."""
