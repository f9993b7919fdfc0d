"""Asyncio-native client for Amazon IVS: typed, paced, signed.

    async with IvsSession(region="us-west-2") as ivs:
        created = await ivs.create_channel(name="demo")
        async for channel in ivs.list_channels():
            ...

Names are loaded when they are first used. Modules of their own: `ivs_async.local` (a local IVS),
`ivs_async.events`, `ivs_async.flows`, `ivs_async.playback` and `ivs_async.redis` (both extras).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ._aws.operation import (
        Page,
    )
    from ._aws.paginator import (
        Paginator,
    )
    from ._aws.pipeline import (
        AttemptRecord,
    )
    from .config import (
        ConfigurationWarning,
    )
    from .credentials import (
        Credentials,
        CredentialsProvider,
    )
    from .envelope import (
        Cue,
        CueDecoder,
    )
    from .errors import (
        AccessDeniedException,
        CallError,
        ChannelNotBroadcasting,
        ConfigurationError,
        ConflictException,
        CredentialsError,
        InternalServerException,
        IvsError,
        ParameterError,
        PendingVerification,
        RateLimitExceeded,
        RequestNotSent,
        RequestTimeout,
        ResourceNotFoundException,
        ResponseNotReceived,
        ServiceError,
        ServiceQuotaExceededException,
        ServiceUnavailable,
        StreamUnavailable,
        ThrottlingException,
        UnexpectedResponse,
        ValidationException,
    )
    from .limiter import (
        BucketSnapshot,
        NoLimit,
        RateLimiter,
    )
    from .metadata import (
        MetadataPublisher,
        PublisherSnapshot,
        PublishReport,
    )
    from .models import (
        AdConfiguration,
        AdConfigurationSummary,
        AudioConfiguration,
        BatchError,
        BatchGetChannelResponse,
        BatchGetStreamKeyResponse,
        BatchStartViewerSessionRevocationError,
        BatchStartViewerSessionRevocationResponse,
        BatchStartViewerSessionRevocationViewerSession,
        Channel,
        ChannelLatencyMode,
        ChannelSummary,
        ChannelType,
        ContainerFormat,
        CreateAdConfigurationResponse,
        CreateChannelResponse,
        CreateFailoverSlateConfigurationResponse,
        CreatePlaybackRestrictionPolicyResponse,
        CreateRecordingConfigurationResponse,
        CreateStreamKeyResponse,
        DestinationConfiguration,
        FailoverSlateConfiguration,
        FailoverSlateConfigurationState,
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
        IngestConfiguration,
        IngestConfigurations,
        InsertAdBreakResponse,
        ListTagsForResourceResponse,
        MediaTailorPlaybackConfiguration,
        MultitrackInputConfiguration,
        MultitrackMaximumResolution,
        MultitrackPolicy,
        PlaybackKeyPair,
        PlaybackKeyPairSummary,
        PlaybackRestrictionPolicy,
        PlaybackRestrictionPolicySummary,
        PostRollConfiguration,
        RecordingConfiguration,
        RecordingConfigurationState,
        RecordingConfigurationSummary,
        RecordingMode,
        RenditionConfiguration,
        RenditionConfigurationRendition,
        RenditionConfigurationRenditionSelection,
        S3DestinationConfiguration,
        Srt,
        Stream,
        StreamEvent,
        StreamFilters,
        StreamHealth,
        StreamKey,
        StreamKeySummary,
        StreamSession,
        StreamSessionSummary,
        StreamState,
        StreamSummary,
        ThumbnailConfiguration,
        ThumbnailConfigurationResolution,
        ThumbnailConfigurationStorage,
        TranscodePreset,
        UpdateAdConfigurationResponse,
        UpdateChannelResponse,
        UpdateFailoverSlateConfigurationResponse,
        UpdatePlaybackRestrictionPolicyResponse,
        VideoConfiguration,
    )
    from .outbox import (
        Outcome,
        Receipt,
    )
    from .quotas import (
        PUBLISHED,
        CallRate,
    )
    from .session import (
        IvsSession,
    )

__version__ = "0.1.0"

__all__ = [  # noqa: RUF022 - plain order
    "AccessDeniedException",
    "AdConfiguration",
    "AdConfigurationSummary",
    "AttemptRecord",
    "AudioConfiguration",
    "BatchError",
    "BatchGetChannelResponse",
    "BatchGetStreamKeyResponse",
    "BatchStartViewerSessionRevocationError",
    "BatchStartViewerSessionRevocationResponse",
    "BatchStartViewerSessionRevocationViewerSession",
    "BucketSnapshot",
    "CallError",
    "CallRate",
    "Channel",
    "ChannelLatencyMode",
    "ChannelNotBroadcasting",
    "ChannelSummary",
    "ChannelType",
    "ConfigurationError",
    "ConfigurationWarning",
    "ConflictException",
    "ContainerFormat",
    "CreateAdConfigurationResponse",
    "CreateChannelResponse",
    "CreateFailoverSlateConfigurationResponse",
    "CreatePlaybackRestrictionPolicyResponse",
    "CreateRecordingConfigurationResponse",
    "CreateStreamKeyResponse",
    "Credentials",
    "CredentialsError",
    "CredentialsProvider",
    "Cue",
    "CueDecoder",
    "DestinationConfiguration",
    "FailoverSlateConfiguration",
    "FailoverSlateConfigurationState",
    "FailoverSlateConfigurationSummary",
    "GetAdConfigurationResponse",
    "GetChannelResponse",
    "GetFailoverSlateConfigurationResponse",
    "GetPlaybackKeyPairResponse",
    "GetPlaybackRestrictionPolicyResponse",
    "GetRecordingConfigurationResponse",
    "GetStreamKeyResponse",
    "GetStreamResponse",
    "GetStreamSessionResponse",
    "ImportPlaybackKeyPairResponse",
    "IngestConfiguration",
    "IngestConfigurations",
    "InsertAdBreakResponse",
    "InternalServerException",
    "IvsError",
    "IvsSession",
    "ListTagsForResourceResponse",
    "MediaTailorPlaybackConfiguration",
    "MetadataPublisher",
    "MultitrackInputConfiguration",
    "MultitrackMaximumResolution",
    "MultitrackPolicy",
    "NoLimit",
    "Outcome",
    "PUBLISHED",
    "Page",
    "Paginator",
    "ParameterError",
    "PendingVerification",
    "PlaybackKeyPair",
    "PlaybackKeyPairSummary",
    "PlaybackRestrictionPolicy",
    "PlaybackRestrictionPolicySummary",
    "PostRollConfiguration",
    "PublishReport",
    "PublisherSnapshot",
    "RateLimitExceeded",
    "RateLimiter",
    "Receipt",
    "RecordingConfiguration",
    "RecordingConfigurationState",
    "RecordingConfigurationSummary",
    "RecordingMode",
    "RenditionConfiguration",
    "RenditionConfigurationRendition",
    "RenditionConfigurationRenditionSelection",
    "RequestNotSent",
    "RequestTimeout",
    "ResourceNotFoundException",
    "ResponseNotReceived",
    "S3DestinationConfiguration",
    "ServiceError",
    "ServiceQuotaExceededException",
    "ServiceUnavailable",
    "Srt",
    "Stream",
    "StreamEvent",
    "StreamFilters",
    "StreamHealth",
    "StreamKey",
    "StreamKeySummary",
    "StreamSession",
    "StreamSessionSummary",
    "StreamState",
    "StreamSummary",
    "StreamUnavailable",
    "ThrottlingException",
    "ThumbnailConfiguration",
    "ThumbnailConfigurationResolution",
    "ThumbnailConfigurationStorage",
    "TranscodePreset",
    "UnexpectedResponse",
    "UpdateAdConfigurationResponse",
    "UpdateChannelResponse",
    "UpdateFailoverSlateConfigurationResponse",
    "UpdatePlaybackRestrictionPolicyResponse",
    "ValidationException",
    "VideoConfiguration",
]

_HOMES: Final = (
    "_aws.operation",
    "_aws.paginator",
    "_aws.pipeline",
    "config",
    "credentials",
    "envelope",
    "errors",
    "limiter",
    "metadata",
    "models",
    "outbox",
    "quotas",
    "session",
)


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    modules = (import_module(f".{home}", __name__) for home in _HOMES)
    value = next(vars(module)[name] for module in modules if name in vars(module))
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*globals(), *__all__]
