"""The session: every operation of the API as a typed method.

Each method names its entry in the table of operations and passes its members on. How a call is
encoded, paced, signed, sent, repeated and decoded is the pipeline's business.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from ssl import SSLContext
from typing import TYPE_CHECKING, Self

from . import config, errors, operations
from ._aws.paginator import Paginator
from ._aws.pipeline import KEPT, AttemptRecord, Core, Kept, Options, Pipeline
from ._aws.seams import Limiter
from .connect import Http, connect
from .credentials import Credentials, CredentialsCache, CredentialsProvider
from .envelope import Epoch, JsonValue
from .errors import ConfigurationError
from .limiter import RateLimiter
from .metadata import MetadataPublisher, Offline, Overflow, PublishReport, publish_many
from .models import (
    AdConfigurationSummary,
    BatchGetChannelResponse,
    BatchGetStreamKeyResponse,
    BatchStartViewerSessionRevocationResponse,
    BatchStartViewerSessionRevocationViewerSession,
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
    TranscodePreset,
    UpdateAdConfigurationResponse,
    UpdateChannelResponse,
    UpdateFailoverSlateConfigurationResponse,
    UpdatePlaybackRestrictionPolicyResponse,
)

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from ._aws.pipeline import Wire

_NOT_OPEN = (
    "the session is not open, and its region stands in a shared config file if anywhere: use "
    "async with, or make a call first"
)


class IvsSession:
    """All operations of Amazon IVS, sent concurrently and inside its call rates.

    ``async with IvsSession() as ivs`` finds region and credentials where AWS users keep them. One
    session serves any number of tasks of one event loop; make one and share it. Without
    ``async with`` it opens on the first call, and ``await session.close()`` ends it: calls that are
    running then end with `RequestNotSent` or `ResponseNotReceived`.

    Args:
        region: Such as ``us-west-2``. Else ``AWS_REGION``, ``AWS_DEFAULT_REGION``, the profile.
        credentials: `Credentials`, or a callable, sync or async, that returns them and is asked
            again before they expire. Else the environment, then botocore's whole chain.
        profile: Name in the shared config files. Else ``AWS_PROFILE``.
        endpoint_url: Where to send in place of the region's endpoint. Else
            ``AWS_ENDPOINT_URL_IVS``, ``AWS_ENDPOINT_URL``, the profile.
        use_fips_endpoint: Else ``AWS_USE_FIPS_ENDPOINT``, the profile.
        use_dualstack_endpoint: Else ``AWS_USE_DUALSTACK_ENDPOINT``, the profile.
        ignore_configured_endpoint_urls: Take no endpoint from environment or profile.
        max_attempts: Of a call, the first included. Else ``AWS_MAX_ATTEMPTS``, the profile, 3.
        timeout: Seconds for a whole call, the limiter's wait and retries included. None, the
            default, lets scripts queue.
        attempt_timeout: Seconds for one attempt, from connecting to the end of the answer.
        connect_timeout: Seconds for TCP and TLS.
        retry_lost_answers: Repeat every operation whose answer was lost, although the lost
            attempt may have been processed: a second channel, a cue shown twice.
        max_connections: Bound of the session's own connection pool.
        rate_limiter: Sessions that share an account and region are given the same one. By default
            a `RateLimiter` of its own with the published rates; `NoLimit` switches pacing off.
        proxy: URL of an HTTP proxy. Else ``HTTPS_PROXY`` and ``NO_PROXY``.
        ssl: Trust settings in place of the default store. Else ``AWS_CA_BUNDLE``, the profile.
        observer: Called with an `AttemptRecord` after each attempt, for metrics and tracing. Must
            not block; what it raises is logged.
        user_agent: Appended to the ``User-Agent`` header.
        clock_skew_correction: Sign by the service's clock where this machine's is off.
        http_session: Borrowed: its connections are used, and it is never closed.

    Raises:
        ConfigurationError: At once, for an argument or environment variable that cannot be used;
            on opening, for what the shared config files say or lack.
    """

    def __init__(
        self,
        *,
        region: str | None = None,
        credentials: Credentials | CredentialsProvider | None = None,
        profile: str | None = None,
        endpoint_url: str | None = None,
        use_fips_endpoint: bool | None = None,
        use_dualstack_endpoint: bool | None = None,
        ignore_configured_endpoint_urls: bool | None = None,
        max_attempts: int | None = None,
        timeout: float | None = None,
        attempt_timeout: float = 10.0,
        connect_timeout: float = 3.1,
        retry_lost_answers: bool = False,
        max_connections: int = 100,
        rate_limiter: Limiter | None = None,
        proxy: str | None = None,
        ssl: SSLContext | None = None,
        observer: Callable[[AttemptRecord], object] | None = None,
        user_agent: str | None = None,
        clock_skew_correction: bool = True,
        http_session: ClientSession | None = None,
    ) -> None:
        self._arguments = config.Options(
            region=region,
            profile=profile,
            endpoint_url=endpoint_url,
            use_fips_endpoint=use_fips_endpoint,
            use_dualstack_endpoint=use_dualstack_endpoint,
            ignore_configured_endpoint_urls=ignore_configured_endpoint_urls,
            max_attempts=max_attempts,
            clock_skew_correction=clock_skew_correction,
        )
        self._http = Http(
            session=http_session,
            max_connections=max_connections,
            proxy=proxy,
            ssl=ssl,
            user_agent=user_agent,
        )
        _check_callable("rate_limiter", getattr(rate_limiter, "acquire", rate_limiter), "a limiter")
        _check_callable("observer", observer, "a function that is not async")
        self._settings: config.Settings | None = None
        self._is_view = False
        self._epoch = Epoch()
        self._calls = Pipeline(
            Core(
                connect=self._connect,
                identities=CredentialsCache(credentials, profile=profile, region=region),
                limiter=RateLimiter() if rate_limiter is None else rate_limiter,
                errors=errors.BY_CODE,
                observer=observer,
            ),
            Options(
                timeout=timeout,
                attempt_timeout=attempt_timeout,
                connect_timeout=connect_timeout,
                max_attempts=max_attempts,
                retry_lost_answers=retry_lost_answers,
            ),
        )

    async def __aenter__(self) -> Self:
        try:
            await self._calls.core.open()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """End the session; running calls end with an error. Closing a view does nothing."""
        if not self._is_view:
            await self._calls.core.close()

    @property
    def region(self) -> str:
        """The region that requests are signed for.

        Raises:
            ConfigurationError: It stands in a shared config file, which is read on opening.
        """
        region = (
            self._settings.region
            if self._settings
            else config.region_name(self._arguments.region, self._arguments.environ)
        )
        if region is None:
            raise ConfigurationError(_NOT_OPEN)
        return region

    @property
    def endpoint_url(self) -> str:
        """Where requests go.

        Before the session is open it is worked out anew each time, and unless an argument says it,
        shared config files are read for it.

        Raises:
            ConfigurationError: As on opening.
        """
        endpoint = self._settings.endpoint if self._settings else self._arguments.endpoint()
        return endpoint.url

    def metadata(
        self,
        channel_arn: str,
        *,
        max_queue: int = 1000,
        overflow: Overflow = "wait",
        offline: Offline = "hold",
        repeat_every: float | None = None,
        raw: bool = False,
        drain_timeout: float | None = 10.0,
    ) -> MetadataPublisher:
        """A publisher of timed metadata for one channel: queues, packs, replaces, delivers.

        ``async with ivs.metadata(arn) as publisher``, then ``await publisher.send(message)`` any
        number of times. The arguments are those of `MetadataPublisher`.

        Raises:
            ParameterError: At once, for an argument that breaks a rule.
        """
        return MetadataPublisher(
            self._publishing,
            channel_arn,
            max_queue=max_queue,
            overflow=overflow,
            offline=offline,
            repeat_every=repeat_every,
            raw=raw,
            drain_timeout=drain_timeout,
        )

    @property
    def _publishing(self) -> Pipeline:
        # a publisher keeps its place in the line for tokens, and repeats lost answers itself
        return self._calls.with_options({"timeout": None, "retry_lost_answers": False})

    async def publish_many(
        self,
        arns: Iterable[str],
        message: JsonValue,
        *,
        key: str | None = None,
        ttl: float | None = 60.0,
        raw: bool = False,
    ) -> PublishReport:
        """Send one message to many channels at once, fairly and within the rates.

        A channel that fails delays no other; one that is not live fails with
        `ChannelNotBroadcasting`.

        Args:
            arns: The channels; one that is named twice gets the message once.
            message: A str or any value of JSON, as for `MetadataPublisher.send`.
            key: Under which decoders keep the newest message.
            ttl: Seconds after which no channel is tried any more; None tries for ever.
            raw: Send a str as it is, without an envelope, never again after a lost answer.

        Returns:
            The outcome of each channel.

        Raises:
            ParameterError: At once, before anything is sent.
        """
        return await publish_many(
            self._publishing, self._epoch, arns, message, key=key, ttl=ttl, raw=raw
        )

    def with_options(
        self,
        *,
        timeout: float | Kept | None = KEPT,
        attempt_timeout: float | Kept = KEPT,
        connect_timeout: float | Kept = KEPT,
        max_attempts: int | Kept = KEPT,
        retry_lost_answers: bool | Kept = KEPT,
    ) -> Self:
        """A view with other settings, for a call or many: ``ivs.with_options(timeout=1)``.

        It shares connections, limiter and retry quota, costs next to nothing, and ends with the
        session that it was made from.
        """
        given = {
            "timeout": timeout,
            "attempt_timeout": attempt_timeout,
            "connect_timeout": connect_timeout,
            "max_attempts": max_attempts,
            "retry_lost_answers": retry_lost_answers,
        }
        changes = {name: value for name, value in given.items() if value is not KEPT}
        view = copy.copy(self)
        vars(view).update(_calls=self._calls.with_options(changes), _is_view=True)
        return view

    def __repr__(self) -> str:
        settings = self._settings
        where = f"{settings.region} at {settings.endpoint.url}" if settings else "not open"
        return f"<{type(self).__name__} {where}>"

    async def _connect(self) -> Wire:
        self._settings = settings = await self._arguments.load()
        counted = getattr(self._calls.core.limiter, "region", None)
        if counted not in (None, settings.region):
            raise ConfigurationError(
                f"the rate limiter counts the calls in {counted}, and this session makes calls in "
                f"{settings.region}: each region has rates, and needs a limiter, of its own"
            )
        return await connect(settings, self._http)

    async def create_channel(
        self,
        *,
        name: str | None = None,
        latency_mode: ChannelLatencyMode | str | None = None,
        type: ChannelType | str | None = None,
        authorized: bool | None = None,
        recording_configuration_arn: str | None = None,
        insecure_ingest: bool | None = None,
        preset: TranscodePreset | str | None = None,
        playback_restriction_policy_arn: str | None = None,
        multitrack_input_configuration: MultitrackInputConfiguration | None = None,
        container_format: ContainerFormat | str | None = None,
        ad_configuration_arn: str | None = None,
        failover_slate_configuration_arn: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> CreateChannelResponse:
        """Create a channel together with its one stream key.

        The answer holds the key's secret value. The call is not repeated after a lost answer
        (unless with `retry_lost_answers`), since each repeat could make another channel: look for
        it with `list_channels` after a `ResponseNotReceived`.

        Args:
            name: At most 128 letters, digits, ``-`` and ``_``; need not be unique.
            latency_mode: ``LOW`` by default.
            type: ``STANDARD`` by default. A stream above the type's limits is disconnected.
            authorized: True makes the channel private: playback needs a signed token. False by
                default.
            recording_configuration_arn: Records each stream; must be ``ACTIVE``. Off by default.
            insecure_ingest: True lets unencrypted RTMP and SRT in. False by default.
            preset: For ``ADVANCED_*`` types only, by default ``HIGHER_BANDWIDTH_DELIVERY``.
            playback_restriction_policy_arn: Restricts countries and sites. Off by default.
            multitrack_input_configuration: Off by default. Enabled it needs type ``STANDARD`` and
                `container_format` ``FRAGMENTED_MP4``.
            container_format: ``TS`` by default, and required with ads.
            ad_configuration_arn: Where ads come from. Off by default.
            failover_slate_configuration_arn: What viewers see when the video stops. Off by default.
            tags: At most 50; keys of 1 to 128 characters, values of up to 256.

        Raises:
            ResourceNotFoundException: One of the linked ARNs does not exist.
            ServiceQuotaExceededException: The region is full (5,000 channels unless raised).
            PendingVerification: AWS is still verifying the account.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_CreateChannel.html
        """
        return await self._calls.call(
            operations.CREATE_CHANNEL,
            name=name,
            latency_mode=latency_mode,
            type=type,
            authorized=authorized,
            recording_configuration_arn=recording_configuration_arn,
            insecure_ingest=insecure_ingest,
            preset=preset,
            playback_restriction_policy_arn=playback_restriction_policy_arn,
            multitrack_input_configuration=multitrack_input_configuration,
            container_format=container_format,
            ad_configuration_arn=ad_configuration_arn,
            failover_slate_configuration_arn=failover_slate_configuration_arn,
            tags=tags,
        )

    async def get_channel(self, *, arn: str) -> GetChannelResponse:
        """Get a channel's settings and endpoints, without its stream key.

        Args:
            arn: The channel.

        Raises:
            ResourceNotFoundException: There is no such channel.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_GetChannel.html
        """
        return await self._calls.call(operations.GET_CHANNEL, arn=arn)

    async def batch_get_channel(self, *, arns: Sequence[str]) -> BatchGetChannelResponse:
        """Get any number of channels.

        More than 50 ARNs are cut into calls of 50, sent in parallel within the call rate, and their
        answers merged in the order asked. A channel that is missing raises nothing: it is one of
        the answer's `errors`.

        Args:
            arns: At least one channel.

        Raises:
            ServiceUnavailable: After the usual attempts.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_BatchGetChannel.html
        """
        return await self._calls.call_batch(operations.BATCH_GET_CHANNEL, arns=arns)

    def list_channels(
        self,
        *,
        filter_by_name: str | None = None,
        filter_by_recording_configuration_arn: str | None = None,
        filter_by_playback_restriction_policy_arn: str | None = None,
        filter_by_ad_configuration_arn: str | None = None,
        filter_by_failover_slate_configuration_arn: str | None = None,
        next_token: str | None = None,
        max_results: int | None = None,
        prefetch: int = 0,
    ) -> Paginator[ChannelSummary]:
        """List the region's channels, lazily, page by page.

        At most one filter may be given.

        Args:
            filter_by_name: Channels of exactly this name.
            filter_by_recording_configuration_arn: Channels that record with this configuration.
            filter_by_playback_restriction_policy_arn: Channels under this policy.
            filter_by_ad_configuration_arn: Channels with this ad configuration.
            filter_by_failover_slate_configuration_arn: Channels with this slate.
            next_token: Where to begin: the `next_token` of an earlier page.
            max_results: Items per page, 1 to 100; 100 by default.
            prefetch: Pages fetched ahead while the caller works on the current one, 0 or 1.

        Raises:
            ConflictException: Two filters were given.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_ListChannels.html
        """
        return self._calls.paginate(
            operations.LIST_CHANNELS,
            prefetch,
            filter_by_name=filter_by_name,
            filter_by_recording_configuration_arn=filter_by_recording_configuration_arn,
            filter_by_playback_restriction_policy_arn=filter_by_playback_restriction_policy_arn,
            filter_by_ad_configuration_arn=filter_by_ad_configuration_arn,
            filter_by_failover_slate_configuration_arn=filter_by_failover_slate_configuration_arn,
            next_token=next_token,
            max_results=max_results,
        )

    async def update_channel(
        self,
        *,
        arn: str,
        name: str | None = None,
        latency_mode: ChannelLatencyMode | str | None = None,
        type: ChannelType | str | None = None,
        authorized: bool | None = None,
        recording_configuration_arn: str | None = None,
        insecure_ingest: bool | None = None,
        preset: TranscodePreset | str | None = None,
        playback_restriction_policy_arn: str | None = None,
        multitrack_input_configuration: MultitrackInputConfiguration | None = None,
        container_format: ContainerFormat | str | None = None,
        ad_configuration_arn: str | None = None,
        failover_slate_configuration_arn: str | None = None,
    ) -> UpdateChannelResponse:
        """Change a channel that is not live; what is left out stays as it is.

        Args:
            arn: The channel.
            name: At most 128 letters, digits, ``-`` and ``_``.
            latency_mode: ``NORMAL`` or ``LOW``.
            type: A stream above the type's limits is disconnected.
            authorized: Whether playback needs a signed token.
            recording_configuration_arn: ``""`` stops recording.
            insecure_ingest: Whether unencrypted RTMP and SRT are let in.
            preset: For ``ADVANCED_*`` types only.
            playback_restriction_policy_arn: ``""`` lifts the restriction.
            multitrack_input_configuration: Enabled it needs type ``STANDARD`` and
                `container_format` ``FRAGMENTED_MP4``.
            container_format: ``TS`` is required with ads.
            ad_configuration_arn: ``""`` detaches it.
            failover_slate_configuration_arn: ``""`` detaches it.

        Raises:
            ConflictException: The channel is live, or is being changed by another call.
            ResourceNotFoundException: The channel or one of the linked ARNs does not exist.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_UpdateChannel.html
        """
        return await self._calls.call(
            operations.UPDATE_CHANNEL,
            arn=arn,
            name=name,
            latency_mode=latency_mode,
            type=type,
            authorized=authorized,
            recording_configuration_arn=recording_configuration_arn,
            insecure_ingest=insecure_ingest,
            preset=preset,
            playback_restriction_policy_arn=playback_restriction_policy_arn,
            multitrack_input_configuration=multitrack_input_configuration,
            container_format=container_format,
            ad_configuration_arn=ad_configuration_arn,
            failover_slate_configuration_arn=failover_slate_configuration_arn,
        )

    async def delete_channel(self, *, arn: str) -> None:
        """Delete a channel and its stream key. Its recorded sessions stay readable for 60 days.

        After `stop_stream` a channel counts as live until its Stream End event has come, which
        takes a moment. A repeat after a lost answer that finds the channel gone counts as success.

        Args:
            arn: The channel.

        Raises:
            ConflictException: The channel is live.
            ResourceNotFoundException: There is no such channel.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_DeleteChannel.html
        """
        await self._calls.call(operations.DELETE_CHANNEL, arn=arn)

    async def create_stream_key(
        self, *, channel_arn: str, tags: Mapping[str, str] | None = None
    ) -> CreateStreamKeyResponse:
        """Create the stream key of a channel that has none.

        `create_channel` makes one already, so this is for replacing it: delete the old key first.
        The answer holds the secret value. The call is not repeated after a lost answer; look with
        `list_stream_keys`.

        Args:
            channel_arn: The channel.
            tags: At most 50; keys of 1 to 128 characters, values of up to 256.

        Raises:
            ServiceQuotaExceededException: The channel has its one key.
            ResourceNotFoundException: There is no such channel.
            PendingVerification: AWS is still verifying the account.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_CreateStreamKey.html
        """
        return await self._calls.call(
            operations.CREATE_STREAM_KEY, channel_arn=channel_arn, tags=tags
        )

    async def get_stream_key(self, *, arn: str) -> GetStreamKeyResponse:
        """Get a stream key with its secret value.

        Args:
            arn: The stream key, not its channel; `list_stream_keys` tells it.

        Raises:
            ResourceNotFoundException: There is no such stream key.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_GetStreamKey.html
        """
        return await self._calls.call(operations.GET_STREAM_KEY, arn=arn)

    async def batch_get_stream_key(self, *, arns: Sequence[str]) -> BatchGetStreamKeyResponse:
        """Get any number of stream keys with their secret values.

        More than 50 ARNs are cut into calls of 50, sent in parallel within the call rate, and their
        answers merged in the order asked. A key that is missing raises nothing: it is one of the
        answer's `errors`.

        Args:
            arns: At least one stream key.

        Raises:
            ServiceUnavailable: After the usual attempts.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_BatchGetStreamKey.html
        """
        return await self._calls.call_batch(operations.BATCH_GET_STREAM_KEY, arns=arns)

    def list_stream_keys(
        self,
        *,
        channel_arn: str,
        next_token: str | None = None,
        max_results: int | None = None,
        prefetch: int = 0,
    ) -> Paginator[StreamKeySummary]:
        """List a channel's stream keys, without their values.

        Args:
            channel_arn: The channel.
            next_token: Where to begin: the `next_token` of an earlier page.
            max_results: Items per page, 1 to 50; only 1 by default, as a channel has one key.
            prefetch: Pages fetched ahead while the caller works on the current one, 0 or 1.

        Raises:
            ResourceNotFoundException: There is no such channel.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_ListStreamKeys.html
        """
        return self._calls.paginate(
            operations.LIST_STREAM_KEYS,
            prefetch,
            channel_arn=channel_arn,
            next_token=next_token,
            max_results=max_results,
        )

    async def delete_stream_key(self, *, arn: str) -> None:
        """Delete a stream key, so that nobody can start a stream with it any more.

        It does not end a live stream; `stop_stream` does. A repeat after a lost answer that finds
        the key gone counts as success.

        Args:
            arn: The stream key.

        Raises:
            ResourceNotFoundException: There is no such stream key.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_DeleteStreamKey.html
        """
        await self._calls.call(operations.DELETE_STREAM_KEY, arn=arn)

    async def get_stream(self, *, channel_arn: str) -> GetStreamResponse:
        """Get what is live on a channel, with health and viewer count.

        Being off the air is an error here, not a state. A `viewer_count` of -1 means that counting
        took too long: ask again.

        Args:
            channel_arn: The channel.

        Raises:
            ChannelNotBroadcasting: The channel exists and is not live.
            ResourceNotFoundException: There is no such channel.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_GetStream.html
        """
        return await self._calls.call(operations.GET_STREAM, channel_arn=channel_arn)

    def list_streams(
        self,
        *,
        filter_by: StreamFilters | None = None,
        next_token: str | None = None,
        max_results: int | None = None,
        prefetch: int = 0,
    ) -> Paginator[StreamSummary]:
        """List the region's live streams, lazily, page by page.

        Args:
            filter_by: Only streams in one health.
            next_token: Where to begin: the `next_token` of an earlier page.
            max_results: Items per page, 1 to 100; 100 by default.
            prefetch: Pages fetched ahead while the caller works on the current one, 0 or 1.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_ListStreams.html
        """
        return self._calls.paginate(
            operations.LIST_STREAMS,
            prefetch,
            filter_by=filter_by,
            next_token=next_token,
            max_results=max_results,
        )

    async def get_stream_session(
        self, *, channel_arn: str, stream_id: str | None = None
    ) -> GetStreamSessionResponse:
        """Get one stream of a channel, live or past: what was sent in, what happened to it.

        Sessions are kept for 60 days, those of deleted channels too.

        Args:
            channel_arn: The channel.
            stream_id: 26 characters; the newest session by default.

        Raises:
            ResourceNotFoundException: There is no such channel or session.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_GetStreamSession.html
        """
        return await self._calls.call(
            operations.GET_STREAM_SESSION, channel_arn=channel_arn, stream_id=stream_id
        )

    def list_stream_sessions(
        self,
        *,
        channel_arn: str,
        next_token: str | None = None,
        max_results: int | None = None,
        prefetch: int = 0,
    ) -> Paginator[StreamSessionSummary]:
        """List a channel's streams of the last 60 days, the live one included.

        Args:
            channel_arn: The channel.
            next_token: Where to begin: the `next_token` of an earlier page.
            max_results: Items per page, 1 to 100; 100 by default.
            prefetch: Pages fetched ahead while the caller works on the current one, 0 or 1.

        Raises:
            ResourceNotFoundException: There is no such channel.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_ListStreamSessions.html
        """
        return self._calls.paginate(
            operations.LIST_STREAM_SESSIONS,
            prefetch,
            channel_arn=channel_arn,
            next_token=next_token,
            max_results=max_results,
        )

    async def stop_stream(self, *, channel_arn: str) -> None:
        """Disconnect the broadcaster of a channel.

        Most encoders reconnect at once and begin a new stream: to stop for good, delete the stream
        key first. The channel stays live a moment longer, until its Stream End event. For the sake
        of a stream that began anew, the call is not repeated after a lost answer; look with
        `get_stream`.

        Args:
            channel_arn: The channel.

        Raises:
            ChannelNotBroadcasting: The channel is not live.
            StreamUnavailable: The stream cannot be stopped now; after the usual attempts.
            ResourceNotFoundException: There is no such channel.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_StopStream.html
        """
        await self._calls.call(operations.STOP_STREAM, channel_arn=channel_arn)

    async def put_metadata(self, *, channel_arn: str, metadata: str) -> None:
        """Insert a timed cue into what a channel is sending, for players to show at that moment.

        Returning means that the service took it, not that a player has it: all viewers get the cue
        at the same point of the stream, those who join later never. It also stays in recordings.
        Calls are held to 5 per second for a channel and 155 for the account, and a cue whose answer
        was lost is not sent again, since viewers would see it twice. `metadata()` gives a publisher
        that queues, packs and repeats.

        Args:
            channel_arn: A live channel.
            metadata: 1 to 1,024 bytes of UTF-8. Secret: it is in no log and no error text.

        Raises:
            ChannelNotBroadcasting: The channel is not live.
            RateLimitExceeded: The wait for the call rate exceeds the time limit; nothing was sent.
            ResponseNotReceived: The cue may have been inserted.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_PutMetadata.html
        """
        await self._calls.call(operations.PUT_METADATA, channel_arn=channel_arn, metadata=metadata)

    async def insert_ad_break(
        self,
        *,
        channel_arn: str,
        duration_seconds: int,
        ad_break_id: str | None = None,
        target_start_at: datetime | None = None,
    ) -> InsertAdBreakResponse:
        """Start an ad break in a live channel that has an ad configuration.

        Viewers see the stream itself where no ad can be had, so watch MediaTailor's metrics too. At
        most one call per second, and not repeated after a lost answer.

        Args:
            channel_arn: A live channel.
            duration_seconds: 1 to 300.
            ad_break_id: 12 letters and digits of the caller's choice; made by the service by
                default.
            target_start_at: When the break should begin, with a time zone; by default as soon as
                possible.

        Raises:
            ChannelNotBroadcasting: The channel is not live.
            ConflictException: An ad break is still running.
            ResourceNotFoundException: There is no such channel.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_InsertAdBreak.html
        """
        return await self._calls.call(
            operations.INSERT_AD_BREAK,
            channel_arn=channel_arn,
            duration_seconds=duration_seconds,
            ad_break_id=ad_break_id,
            target_start_at=target_start_at,
        )

    async def import_playback_key_pair(
        self,
        *,
        public_key_material: str,
        name: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> ImportPlaybackKeyPairResponse:
        """Import a public key, with which the service verifies tokens for private channels.

        One key pair serves all channels of the region. Its private half signs the tokens and never
        leaves the caller. To rotate, import the new key, sign with it, then delete the old one. Not
        repeated after a lost answer; look with `list_playback_key_pairs`.

        Args:
            public_key_material: PEM of an ECDSA key on the curve P-384.
            name: At most 128 letters, digits, ``-`` and ``_``; need not be unique.
            tags: At most 50; keys of 1 to 128 characters, values of up to 256.

        Raises:
            ServiceQuotaExceededException: The region has its 3 key pairs.
            ConflictException: The key is there already.
            PendingVerification: AWS is still verifying the account.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_ImportPlaybackKeyPair.html
        """
        return await self._calls.call(
            operations.IMPORT_PLAYBACK_KEY_PAIR,
            public_key_material=public_key_material,
            name=name,
            tags=tags,
        )

    async def get_playback_key_pair(self, *, arn: str) -> GetPlaybackKeyPairResponse:
        """Get a playback key pair's name, tags and fingerprint.

        Args:
            arn: The key pair.

        Raises:
            ResourceNotFoundException: There is no such key pair.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_GetPlaybackKeyPair.html
        """
        return await self._calls.call(operations.GET_PLAYBACK_KEY_PAIR, arn=arn)

    def list_playback_key_pairs(
        self, *, next_token: str | None = None, max_results: int | None = None, prefetch: int = 0
    ) -> Paginator[PlaybackKeyPairSummary]:
        """List the region's playback key pairs, without fingerprints.

        Args:
            next_token: Where to begin: the `next_token` of an earlier page.
            max_results: Items per page, 1 to 100; by default 100 or the account's quota, if
                smaller.
            prefetch: Pages fetched ahead while the caller works on the current one, 0 or 1.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_ListPlaybackKeyPairs.html
        """
        return self._calls.paginate(
            operations.LIST_PLAYBACK_KEY_PAIRS,
            prefetch,
            next_token=next_token,
            max_results=max_results,
        )

    async def delete_playback_key_pair(self, *, arn: str) -> None:
        """Delete a playback key pair: its tokens start no further playback.

        Viewers who are watching go on. A repeat after a lost answer that finds the key pair gone
        counts as success.

        Args:
            arn: The key pair.

        Raises:
            ResourceNotFoundException: There is no such key pair.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_DeletePlaybackKeyPair.html
        """
        await self._calls.call(operations.DELETE_PLAYBACK_KEY_PAIR, arn=arn)

    async def start_viewer_session_revocation(
        self,
        *,
        channel_arn: str,
        viewer_id: str,
        viewer_session_versions_less_than_or_equal_to: int | None = None,
    ) -> None:
        """Begin to cut a viewer off from a private channel.

        Only viewers whose token carried an ``aws:viewer-id`` can be revoked, and only sessions up
        to a version: give new tokens of the same viewer a higher one.

        Args:
            channel_arn: The private channel.
            viewer_id: 1 to 40 characters, as in the token; nothing that identifies a person.
            viewer_session_versions_less_than_or_equal_to: Highest version to revoke, from 0, the
                default. The token's number may be larger than this one: stay below 2**31.

        Raises:
            ResourceNotFoundException: There is no such channel.
            PendingVerification: AWS is still verifying the account.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_StartViewerSessionRevocation.html
        """
        await self._calls.call(
            operations.START_VIEWER_SESSION_REVOCATION,
            channel_arn=channel_arn,
            viewer_id=viewer_id,
            viewer_session_versions_less_than_or_equal_to=viewer_session_versions_less_than_or_equal_to,
        )

    async def batch_start_viewer_session_revocation(
        self, *, viewer_sessions: Sequence[BatchStartViewerSessionRevocationViewerSession]
    ) -> BatchStartViewerSessionRevocationResponse:
        """Begin to cut any number of viewers off from their private channels.

        More than 20 viewers are cut into calls of 20, sent in parallel within the call rate of 2
        per second, and their errors merged in the order asked. A viewer who cannot be revoked
        raises nothing: see the answer's `errors`.

        Args:
            viewer_sessions: At least one pair of channel and viewer.

        Raises:
            PendingVerification: AWS is still verifying the account.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_BatchStartViewerSessionRevocation.html
        """
        return await self._calls.call_batch(
            operations.BATCH_START_VIEWER_SESSION_REVOCATION, viewer_sessions=viewer_sessions
        )

    async def create_playback_restriction_policy(
        self,
        *,
        allowed_countries: Sequence[str] | None = None,
        allowed_origins: Sequence[str] | None = None,
        enable_strict_origin_enforcement: bool | None = None,
        name: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> CreatePlaybackRestrictionPolicyResponse:
        """Create a policy that restricts playback to countries and sites, for channels to refer to.

        Not repeated after a lost answer; look with `list_playback_restriction_policies`.

        Args:
            allowed_countries: ISO 3166-1 alpha-2 codes, at most 200; all by default.
            allowed_origins: Sites as in ``Origin``, at most 5 of up to 128 characters; all by
                default.
            enable_strict_origin_enforcement: Whether each request is checked for its origin. False
                by default.
            name: At most 128 letters, digits, ``-`` and ``_``; need not be unique.
            tags: At most 50; keys of 1 to 128 characters, values of up to 256.

        Raises:
            ServiceQuotaExceededException: The region has its 3 policies.
            PendingVerification: AWS is still verifying the account.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_CreatePlaybackRestrictionPolicy.html
        """
        return await self._calls.call(
            operations.CREATE_PLAYBACK_RESTRICTION_POLICY,
            allowed_countries=allowed_countries,
            allowed_origins=allowed_origins,
            enable_strict_origin_enforcement=enable_strict_origin_enforcement,
            name=name,
            tags=tags,
        )

    async def get_playback_restriction_policy(
        self, *, arn: str
    ) -> GetPlaybackRestrictionPolicyResponse:
        """Get a playback restriction policy.

        Args:
            arn: The policy.

        Raises:
            ResourceNotFoundException: There is no such policy.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_GetPlaybackRestrictionPolicy.html
        """
        return await self._calls.call(operations.GET_PLAYBACK_RESTRICTION_POLICY, arn=arn)

    def list_playback_restriction_policies(
        self, *, next_token: str | None = None, max_results: int | None = None, prefetch: int = 0
    ) -> Paginator[PlaybackRestrictionPolicySummary]:
        """List the region's playback restriction policies.

        Args:
            next_token: Where to begin: the `next_token` of an earlier page.
            max_results: Items per page, 1 to 100; only 1 by default.
            prefetch: Pages fetched ahead while the caller works on the current one, 0 or 1.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_ListPlaybackRestrictionPolicies.html
        """
        return self._calls.paginate(
            operations.LIST_PLAYBACK_RESTRICTION_POLICIES,
            prefetch,
            next_token=next_token,
            max_results=max_results,
        )

    async def update_playback_restriction_policy(
        self,
        *,
        arn: str,
        allowed_countries: Sequence[str] | None = None,
        allowed_origins: Sequence[str] | None = None,
        enable_strict_origin_enforcement: bool | None = None,
        name: str | None = None,
    ) -> UpdatePlaybackRestrictionPolicyResponse:
        """Change a playback restriction policy; what is left out stays as it is.

        Args:
            arn: The policy.
            allowed_countries: Replaces the list; an empty one allows all.
            allowed_origins: Replaces the list; an empty one allows all.
            enable_strict_origin_enforcement: Whether each request is checked for its origin.
            name: At most 128 letters, digits, ``-`` and ``_``.

        Raises:
            ConflictException: The change contradicts the present state.
            ResourceNotFoundException: There is no such policy.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_UpdatePlaybackRestrictionPolicy.html
        """
        return await self._calls.call(
            operations.UPDATE_PLAYBACK_RESTRICTION_POLICY,
            arn=arn,
            allowed_countries=allowed_countries,
            allowed_origins=allowed_origins,
            enable_strict_origin_enforcement=enable_strict_origin_enforcement,
            name=name,
        )

    async def delete_playback_restriction_policy(self, *, arn: str) -> None:
        """Delete a playback restriction policy that no channel refers to.

        A repeat after a lost answer that finds the policy gone counts as success.

        Args:
            arn: The policy.

        Raises:
            ConflictException: It is in use; detach channels with `update_channel` and ``""``.
            ResourceNotFoundException: There is no such policy.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_DeletePlaybackRestrictionPolicy.html
        """
        await self._calls.call(operations.DELETE_PLAYBACK_RESTRICTION_POLICY, arn=arn)

    async def create_recording_configuration(
        self,
        *,
        destination_configuration: DestinationConfiguration,
        name: str | None = None,
        thumbnail_configuration: ThumbnailConfiguration | None = None,
        recording_reconnect_window_seconds: int | None = None,
        rendition_configuration: RenditionConfiguration | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> CreateRecordingConfigurationResponse:
        """Create a recording configuration; channels then refer to it.

        The answer is usually ``CREATING``. It becomes ``ACTIVE``, or ``CREATE_FAILED`` for good:
        poll `get_recording_configuration` before giving it to a channel. Not repeated after a lost
        answer; look with `list_recording_configurations`.

        Args:
            destination_configuration: A bucket that exists in the session's region. One elsewhere
                is refused, or in us-east-1 accepted and then ``CREATE_FAILED``.
            name: At most 128 letters, digits, ``-`` and ``_``; need not be unique.
            thumbnail_configuration: By default one thumbnail in 60 s, all of them kept.
            recording_reconnect_window_seconds: 0 to 300; a broadcaster who is back within it
                continues the recording. 0 by default.
            rendition_configuration: All renditions by default.
            tags: At most 50; keys of 1 to 128 characters, values of up to 256.

        Raises:
            ServiceQuotaExceededException: The region is full (20 configurations unless raised).
            ConflictException: The request contradicts the present state.
            PendingVerification: AWS is still verifying the account.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_CreateRecordingConfiguration.html
        """
        return await self._calls.call(
            operations.CREATE_RECORDING_CONFIGURATION,
            destination_configuration=destination_configuration,
            name=name,
            thumbnail_configuration=thumbnail_configuration,
            recording_reconnect_window_seconds=recording_reconnect_window_seconds,
            rendition_configuration=rendition_configuration,
            tags=tags,
        )

    async def get_recording_configuration(self, *, arn: str) -> GetRecordingConfigurationResponse:
        """Get a recording configuration, and with it whether it is ready.

        Args:
            arn: The recording configuration.

        Raises:
            ResourceNotFoundException: There is no such configuration.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_GetRecordingConfiguration.html
        """
        return await self._calls.call(operations.GET_RECORDING_CONFIGURATION, arn=arn)

    def list_recording_configurations(
        self, *, next_token: str | None = None, max_results: int | None = None, prefetch: int = 0
    ) -> Paginator[RecordingConfigurationSummary]:
        """List the region's recording configurations.

        Args:
            next_token: Where to begin: the `next_token` of an earlier page.
            max_results: Items per page, 1 to 100; by default 100 or the account's quota, if
                smaller.
            prefetch: Pages fetched ahead while the caller works on the current one, 0 or 1.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_ListRecordingConfigurations.html
        """
        return self._calls.paginate(
            operations.LIST_RECORDING_CONFIGURATIONS,
            prefetch,
            next_token=next_token,
            max_results=max_results,
        )

    async def delete_recording_configuration(self, *, arn: str) -> None:
        """Delete a recording configuration that no channel refers to.

        What was recorded stays in its bucket. A repeat after a lost answer that finds the
        configuration gone counts as success.

        Args:
            arn: The recording configuration.

        Raises:
            ConflictException: A channel refers to it; detach it with `update_channel` and ``""``.
            ResourceNotFoundException: There is no such configuration.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_DeleteRecordingConfiguration.html
        """
        await self._calls.call(operations.DELETE_RECORDING_CONFIGURATION, arn=arn)

    async def create_ad_configuration(
        self,
        *,
        media_tailor_playback_configurations: Sequence[MediaTailorPlaybackConfiguration],
        name: str | None = None,
        post_roll_configuration: PostRollConfiguration | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> CreateAdConfigurationResponse:
        """Create an ad configuration; channels then refer to it.

        Not repeated after a lost answer; look with `list_ad_configurations`.

        Args:
            media_tailor_playback_configurations: 1 to 3. The first is used unless the viewer's
                playback token names another.
            name: At most 128 letters, digits, ``-`` and ``_``; need not be unique.
            post_roll_configuration: Both members are required. Off by default.
            tags: At most 50; keys of 1 to 128 characters, values of up to 256.

        Raises:
            ResourceNotFoundException: There is no such MediaTailor configuration.
            ServiceQuotaExceededException: The region has its 20 configurations.
            ConflictException: The request contradicts the present state.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_CreateAdConfiguration.html
        """
        return await self._calls.call(
            operations.CREATE_AD_CONFIGURATION,
            media_tailor_playback_configurations=media_tailor_playback_configurations,
            name=name,
            post_roll_configuration=post_roll_configuration,
            tags=tags,
        )

    async def get_ad_configuration(self, *, arn: str) -> GetAdConfigurationResponse:
        """Get an ad configuration.

        Args:
            arn: The ad configuration.

        Raises:
            ResourceNotFoundException: There is no such configuration.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_GetAdConfiguration.html
        """
        return await self._calls.call(operations.GET_AD_CONFIGURATION, arn=arn)

    def list_ad_configurations(
        self, *, next_token: str | None = None, max_results: int | None = None, prefetch: int = 0
    ) -> Paginator[AdConfigurationSummary]:
        """List the region's ad configurations.

        Args:
            next_token: Where to begin: the `next_token` of an earlier page.
            max_results: Items per page, 1 to 100; by default 100 or the account's quota, if
                smaller.
            prefetch: Pages fetched ahead while the caller works on the current one, 0 or 1.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_ListAdConfigurations.html
        """
        return self._calls.paginate(
            operations.LIST_AD_CONFIGURATIONS,
            prefetch,
            next_token=next_token,
            max_results=max_results,
        )

    async def update_ad_configuration(
        self,
        *,
        arn: str,
        name: str | None = None,
        media_tailor_playback_configurations: Sequence[MediaTailorPlaybackConfiguration]
        | None = None,
        post_roll_configuration: PostRollConfiguration | None = None,
    ) -> UpdateAdConfigurationResponse:
        """Change an ad configuration; what is left out stays as it is.

        Args:
            arn: The ad configuration.
            name: At most 128 letters, digits, ``-`` and ``_``.
            media_tailor_playback_configurations: Replaces the list; 1 to 3, the default first.
            post_roll_configuration: Both members are required.

        Raises:
            ConflictException: The change contradicts the present state.
            ResourceNotFoundException: It, or a MediaTailor configuration, does not exist.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_UpdateAdConfiguration.html
        """
        return await self._calls.call(
            operations.UPDATE_AD_CONFIGURATION,
            arn=arn,
            name=name,
            media_tailor_playback_configurations=media_tailor_playback_configurations,
            post_roll_configuration=post_roll_configuration,
        )

    async def delete_ad_configuration(self, *, arn: str) -> None:
        """Delete an ad configuration that no channel refers to.

        A repeat after a lost answer that finds the configuration gone counts as success.

        Args:
            arn: The ad configuration.

        Raises:
            ConflictException: It is in use; detach channels with `update_channel` and ``""``.
            ResourceNotFoundException: There is no such configuration.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_DeleteAdConfiguration.html
        """
        await self._calls.call(operations.DELETE_AD_CONFIGURATION, arn=arn)

    async def create_failover_slate_configuration(
        self,
        *,
        name: str | None = None,
        activation_threshold_seconds: int | None = None,
        min_slate_display_seconds: int | None = None,
        max_slate_display_seconds: int | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> CreateFailoverSlateConfigurationResponse:
        """Create a failover slate configuration; channels then refer to it.

        The answer is usually ``CREATING``; it becomes ``CREATED`` or ``CREATE_FAILED``. Not
        repeated after a lost answer; look with `list_failover_slate_configurations`.

        Args:
            name: At most 128 letters, digits, ``-`` and ``_``; need not be unique.
            activation_threshold_seconds: Interruption after which the slate appears, 3 to 5; 3 by
                default.
            min_slate_display_seconds: How long it then stays at least, 3 to 10; 3 by default.
            max_slate_display_seconds: How long it stays at most, 60 to 180; 60 by default.
            tags: At most 50; keys of 1 to 128 characters, values of up to 256.

        Raises:
            ServiceQuotaExceededException: The region is full.
            ConflictException: The request contradicts the present state.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_CreateFailoverSlateConfiguration.html
        """
        return await self._calls.call(
            operations.CREATE_FAILOVER_SLATE_CONFIGURATION,
            name=name,
            activation_threshold_seconds=activation_threshold_seconds,
            min_slate_display_seconds=min_slate_display_seconds,
            max_slate_display_seconds=max_slate_display_seconds,
            tags=tags,
        )

    async def get_failover_slate_configuration(
        self, *, arn: str
    ) -> GetFailoverSlateConfigurationResponse:
        """Get a failover slate configuration, and with it whether it is ready.

        Args:
            arn: The failover slate configuration.

        Raises:
            ResourceNotFoundException: There is no such configuration.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_GetFailoverSlateConfiguration.html
        """
        return await self._calls.call(operations.GET_FAILOVER_SLATE_CONFIGURATION, arn=arn)

    def list_failover_slate_configurations(
        self, *, next_token: str | None = None, max_results: int | None = None, prefetch: int = 0
    ) -> Paginator[FailoverSlateConfigurationSummary]:
        """List the region's failover slate configurations.

        Args:
            next_token: Where to begin: the `next_token` of an earlier page.
            max_results: Items per page, 1 to 100; by default 100 or the account's quota, if
                smaller.
            prefetch: Pages fetched ahead while the caller works on the current one, 0 or 1.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_ListFailoverSlateConfigurations.html
        """
        return self._calls.paginate(
            operations.LIST_FAILOVER_SLATE_CONFIGURATIONS,
            prefetch,
            next_token=next_token,
            max_results=max_results,
        )

    async def update_failover_slate_configuration(
        self,
        *,
        arn: str,
        name: str | None = None,
        activation_threshold_seconds: int | None = None,
        min_slate_display_seconds: int | None = None,
        max_slate_display_seconds: int | None = None,
    ) -> UpdateFailoverSlateConfigurationResponse:
        """Change a failover slate configuration; what is left out stays as it is.

        The answer may still be ``UPDATING``. An attempt that is repeated after a lost answer may
        meet that state and raise `ConflictException`, although the change is being made.

        Args:
            arn: The failover slate configuration.
            name: At most 128 letters, digits, ``-`` and ``_``.
            activation_threshold_seconds: Interruption after which the slate appears, 3 to 5.
            min_slate_display_seconds: How long it then stays at least, 3 to 10.
            max_slate_display_seconds: How long it stays at most, 60 to 180.

        Raises:
            ConflictException: The change contradicts the present state.
            ResourceNotFoundException: There is no such configuration.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_UpdateFailoverSlateConfiguration.html
        """
        return await self._calls.call(
            operations.UPDATE_FAILOVER_SLATE_CONFIGURATION,
            arn=arn,
            name=name,
            activation_threshold_seconds=activation_threshold_seconds,
            min_slate_display_seconds=min_slate_display_seconds,
            max_slate_display_seconds=max_slate_display_seconds,
        )

    async def delete_failover_slate_configuration(self, *, arn: str) -> None:
        """Delete a failover slate configuration that no channel refers to.

        A repeat after a lost answer that finds the configuration gone counts as success.

        Args:
            arn: The failover slate configuration.

        Raises:
            ConflictException: It is in use; detach channels with `update_channel` and ``""``.
            ResourceNotFoundException: There is no such configuration.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_DeleteFailoverSlateConfiguration.html
        """
        await self._calls.call(operations.DELETE_FAILOVER_SLATE_CONFIGURATION, arn=arn)

    async def list_tags_for_resource(self, *, resource_arn: str) -> ListTagsForResourceResponse:
        """Get all tags of a resource, in one answer.

        Args:
            resource_arn: A channel, stream key, key pair, policy or configuration; as it is, not
                percent-encoded.

        Raises:
            ResourceNotFoundException: There is no such resource.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_ListTagsForResource.html
        """
        return await self._calls.call(operations.LIST_TAGS_FOR_RESOURCE, resource_arn=resource_arn)

    async def tag_resource(self, *, resource_arn: str, tags: Mapping[str, str]) -> None:
        """Add tags to a resource, overwriting those of the same keys and leaving the others.

        Args:
            resource_arn: A channel, stream key, key pair, policy or configuration; as it is, not
                percent-encoded.
            tags: Keys of 1 to 128 characters, values of up to 256; at most 50 on the resource.

        Raises:
            ResourceNotFoundException: There is no such resource.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_TagResource.html
        """
        await self._calls.call(operations.TAG_RESOURCE, resource_arn=resource_arn, tags=tags)

    async def untag_resource(self, *, resource_arn: str, tag_keys: Sequence[str]) -> None:
        """Remove tags from a resource. Keys that it does not have are no error.

        Args:
            resource_arn: A channel, stream key, key pair, policy or configuration; as it is, not
                percent-encoded.
            tag_keys: At most 50 keys.

        Raises:
            ResourceNotFoundException: There is no such resource.

        https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/API_UntagResource.html
        """
        await self._calls.call(
            operations.UNTAG_RESOURCE, resource_arn=resource_arn, tag_keys=tag_keys
        )


def _check_callable(name: str, value: object, what: str) -> None:
    """Refuse at once what would fail at the first call only."""
    is_async_observer = name == "observer" and inspect.iscoroutinefunction(value)
    if value is not None and (not callable(value) or is_async_observer):
        raise ConfigurationError(f"{name} must be {what}, not {type(value).__name__}")
