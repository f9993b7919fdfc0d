"""The published call rates and sizes of Amazon IVS, as data with their source.

Figures are those of the service-quotas page of the IVS low-latency user guide, which AWS names as
the authority, and of the API model 2020-07-14 where the page is silent. Quotas hold for one account
in one region. This module refuses to know how a rate is kept (`limiter`) or enforced (`local`).

https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/service-quotas.html
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

from ._aws.errors import ConfigurationError


def _check_rate(_: object, field: attrs.Attribute[float | None], rate: float | None) -> None:
    if rate is None:
        return
    if isinstance(rate, bool) or not isinstance(rate, int | float):
        raise ConfigurationError(
            f"CallRate.{field.name} must be a number of calls per second, not {type(rate).__name__}"
        )
    if not 0 < rate < math.inf:
        raise ConfigurationError(
            f"CallRate.{field.name} must be above 0 and finite; this is {rate} "
            "(None leaves calls unpaced)"
        )


@attrs.frozen(kw_only=True)
class CallRate:
    """How many calls of one operation the service accepts per second.

    A rate below 1 means one call in 1 / rate seconds. ``CallRate()`` leaves an operation unpaced.

    Attributes:
        per_account: Calls per second of the whole account in the region; None for no such limit.
        per_resource: Calls per second for each resource (the channel, for PutMetadata); None for no
            such limit.

    Raises:
        ConfigurationError: A rate is not a number above 0.
    """

    per_account: float | None = attrs.field(default=None, validator=_check_rate)
    per_resource: float | None = attrs.field(default=None, validator=_check_rate)


_TEN: Final = CallRate(per_account=10)
_FIVE: Final = CallRate(per_account=5)
_THREE: Final = CallRate(per_account=3)

PUBLISHED: Final[Mapping[str, CallRate]] = MappingProxyType(
    {
        "BatchGetChannel": _FIVE,
        "CreateChannel": _FIVE,
        "DeleteChannel": _FIVE,
        "GetChannel": _FIVE,
        "ListChannels": _FIVE,
        "UpdateChannel": _FIVE,
        "BatchGetStreamKey": _FIVE,
        "CreateStreamKey": _FIVE,
        "DeleteStreamKey": _FIVE,
        "GetStreamKey": _FIVE,
        "ListStreamKeys": _FIVE,
        "GetStream": _FIVE,
        "GetStreamSession": _FIVE,
        "ListStreamSessions": _FIVE,
        "ListStreams": _FIVE,
        "StopStream": _FIVE,
        # the only operation that is counted for each resource as well
        "PutMetadata": CallRate(per_account=155, per_resource=5),
        # the page's general rule makes it a rate of the account; it does not say so in the row
        "InsertAdBreak": CallRate(per_account=1),
        "DeletePlaybackKeyPair": _THREE,
        "GetPlaybackKeyPair": _THREE,
        "ImportPlaybackKeyPair": _THREE,
        "ListPlaybackKeyPairs": _THREE,
        "BatchStartViewerSessionRevocation": CallRate(per_account=2),
        "StartViewerSessionRevocation": _TEN,
        "CreatePlaybackRestrictionPolicy": _FIVE,
        "DeletePlaybackRestrictionPolicy": _FIVE,
        "GetPlaybackRestrictionPolicy": _FIVE,
        "ListPlaybackRestrictionPolicies": _FIVE,
        "UpdatePlaybackRestrictionPolicy": _FIVE,
        "CreateRecordingConfiguration": _THREE,
        "DeleteRecordingConfiguration": _THREE,
        "GetRecordingConfiguration": _THREE,
        "ListRecordingConfigurations": _THREE,
        "CreateAdConfiguration": _THREE,
        "DeleteAdConfiguration": _THREE,
        "GetAdConfiguration": _THREE,
        "ListAdConfigurations": _THREE,
        # newer than the page, which has no row for it: the rate of the other ad configuration calls
        "UpdateAdConfiguration": _THREE,
        # newer than the page as well: the rate that ad and recording configurations have
        "CreateFailoverSlateConfiguration": _THREE,
        "DeleteFailoverSlateConfiguration": _THREE,
        "GetFailoverSlateConfiguration": _THREE,
        "ListFailoverSlateConfigurations": _THREE,
        "UpdateFailoverSlateConfiguration": _THREE,
        "ListTagsForResource": _TEN,
        "TagResource": _TEN,
        "UntagResource": _TEN,
    }
)
"""Published call rates by operation. No account can have them raised.

A plain mapping: ``{**PUBLISHED, "GetChannel": CallRate(per_account=2)}`` is another set of rates.
"""

# Resources of one account in one region. Those with a quota code can be raised on request.
CHANNELS: Final = 5_000  # L-C01DFF58
STREAM_KEYS_PER_CHANNEL: Final = 1
CONCURRENT_STREAMS: Final = 100  # L-FD1EB8A7
CONCURRENT_VIEWS: Final = 15_000  # L-77A18D5D, over all channels
STREAM_TAKEOVERS: Final = 100  # L-41152BE7, per stream
PLAYBACK_KEY_PAIRS: Final = 3
PLAYBACK_RESTRICTION_POLICIES: Final = 3
RECORDING_CONFIGURATIONS: Final = 20  # L-90ABAB37
AD_CONFIGURATIONS: Final = 20
# newer than the page: the quota of ad and recording configurations
FAILOVER_SLATE_CONFIGURATIONS: Final = 20

# Sizes.
# the page says 1 KB and not of what; AWS's own demos allow 1,024 bytes of UTF-8
METADATA_BYTES: Final = 1_024
PLAYBACK_TOKEN_BYTES: Final = 2_048  # the page says 2 KB for the whole token
BATCH_ARNS: Final = 50  # model: BatchGetChannel, BatchGetStreamKey
BATCH_VIEWER_SESSIONS: Final = 20  # model: BatchStartViewerSessionRevocation
TAGS_PER_RESOURCE: Final = 50  # model, as are the next two
TAG_KEY_CHARACTERS: Final = 128
TAG_VALUE_CHARACTERS: Final = 256
COUNTRIES_PER_POLICY: Final = 200
ORIGINS_PER_POLICY: Final = 5
# the page says 256, the model 128; the model describes what the API parses
ORIGIN_CHARACTERS: Final = 128
EVENTS_PER_STREAM_SESSION: Final = 500  # model: truncatedEvents, newest first
STREAM_SESSION_DAYS: Final = 60  # user guide, troubleshooting: readable that long, channel or not
