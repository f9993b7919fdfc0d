"""What takes several calls: waiting for a state, changing keys, finding or making a channel.

Each flow is a short function over the public methods of an `IvsSession`, so that it is paced and
repeated as any call is. It owns the safe order of the calls, and what is told when one of them
fails: nothing is undone behind the caller's back.

    IvsError
    └── FlowError             a step failed after something was changed
        ├── FlowTimeout       the state did not come within the time limit  (also a TimeoutError)
        └── CreateFailed      the state can no longer come
"""

from __future__ import annotations

import logging
import random
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, TypedDict, TypeVar, Unpack

import anyio
import attrs
from anyio import to_thread

from ._aws.errors import (
    CallError,
    IvsError,
    ParameterError,
    RateLimitExceeded,
    UnexpectedResponse,
)
from ._aws.retry import Failure, classify
from .errors import (
    ChannelNotBroadcasting,
    ConflictException,
    ResourceNotFoundException,
    ServiceQuotaExceededException,
)
from .models import (
    Channel,
    ChannelLatencyMode,
    ChannelType,
    ContainerFormat,
    FailoverSlateConfiguration,
    FailoverSlateConfigurationState,
    MultitrackInputConfiguration,
    PlaybackKeyPair,
    RecordingConfiguration,
    RecordingConfigurationState,
    Stream,
    StreamKey,
    StreamState,
    TranscodePreset,
)
from .playback import KeyPair, generate_key_pair

if TYPE_CHECKING:
    from .session import IvsSession

__all__ = [
    "ChannelSettings",
    "CreateFailed",
    "FlowError",
    "FlowTimeout",
    "delete_channel_when_offline",
    "ensure_channel",
    "rotate_key_pair",
    "rotate_stream_key",
    "wait_until_failover_slate_created",
    "wait_until_live",
    "wait_until_offline",
    "wait_until_recording_active",
]

_log: Final = logging.getLogger(__name__)

R = TypeVar("R")


class FlowError(IvsError):
    """A flow stopped between its steps. The text says where, what stands now, and how to go on.

    ``__cause__`` is the error of the step, where there was one.

    Attributes:
        step: What failed: the name of an API operation, or of an argument that was called.
    """

    def __init__(self, message: str, *, step: str) -> None:
        super().__init__(message)
        self.step = step

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), str(self), self.step)


class FlowTimeout(FlowError, TimeoutError):
    """What a flow waited for did not come within its time limit. Waiting again is safe."""


class CreateFailed(FlowError):
    """The resource is in the state ``CREATE_FAILED``, which it never leaves."""


def _rebuild(kind: type[FlowError], message: str, step: str) -> FlowError:
    return kind(message, step=step)


async def wait_until_live(
    ivs: IvsSession, *, channel_arn: str, timeout: float | None = 300.0, interval: float = 5.0
) -> Stream:
    """Wait until a channel is live.

    Asks `GetStream` at once and then every ``interval`` seconds, give or take a quarter, so that
    many waiters spread out; all of them share its 5 calls per second. What passes by itself (a
    throttle, a 5xx, a lost answer or connection) is waited out; other errors are raised as they
    are, such as `ResourceNotFoundException` for a channel that does not exist. Changes nothing.

    Args:
        ivs: An open session.
        channel_arn: The channel.
        timeout: Seconds to wait, exactly; None for ever.
        interval: Seconds between two questions.

    Returns:
        The stream.

    Raises:
        FlowTimeout: It did not go live in time.
    """

    async def check() -> Stream | _NotYet:
        try:
            answer = await ivs.get_stream(channel_arn=channel_arn)
        except ChannelNotBroadcasting:
            return _NotYet("the channel is not live")
        if answer.stream.state == StreamState.OFFLINE:
            return _NotYet("the channel is not live")
        return answer.stream

    return await _poll(check, "wait_until_live", "GetStream", timeout, interval)


async def wait_until_offline(
    ivs: IvsSession, *, channel_arn: str, timeout: float | None = 300.0, interval: float = 5.0
) -> None:
    """Wait until a channel is not live.

    A moment later it may be live again: encoders reconnect. To be sure that it stays offline,
    delete the stream key first, or see `delete_channel_when_offline`.

    Asks and fails as `wait_until_live` does.
    """

    async def check() -> bool | _NotYet:
        try:
            answer = await ivs.get_stream(channel_arn=channel_arn)
        except ChannelNotBroadcasting:
            return True
        return answer.stream.state == StreamState.OFFLINE or _NotYet("the channel is live")

    await _poll(check, "wait_until_offline", "GetStream", timeout, interval)


async def wait_until_recording_active(
    ivs: IvsSession, *, arn: str, timeout: float | None = 120.0, interval: float = 2.0
) -> RecordingConfiguration:
    """Wait until a new recording configuration can be given to channels.

    Asks `GetRecordingConfiguration`, which all callers may call 3 times per second, and otherwise
    waits as `wait_until_live` does. Creation takes up to about 20 seconds.

    Args:
        ivs: An open session.
        arn: The recording configuration.
        timeout: Seconds to wait, exactly; None for ever.
        interval: Seconds between two questions, give or take a quarter.

    Raises:
        CreateFailed: It will never be ``ACTIVE``. Mostly its bucket is in another region, or does
            not exist. Delete the configuration and create another.
        FlowTimeout: It was still ``CREATING``; wait again.
    """

    async def check() -> RecordingConfiguration | _NotYet:
        answer = await ivs.get_recording_configuration(arn=arn)
        configuration = answer.recording_configuration
        if configuration.state == RecordingConfigurationState.CREATE_FAILED:
            raise CreateFailed(
                f"the recording configuration {arn} is CREATE_FAILED and will never be ACTIVE: "
                "mostly its bucket is in another region or does not exist. Delete it "
                "(delete_recording_configuration) and create another",
                step="GetRecordingConfiguration",
            )
        if configuration.state == RecordingConfigurationState.ACTIVE:
            return configuration
        return _NotYet(f"its state is {configuration.state}")

    return await _poll(
        check, "wait_until_recording_active", "GetRecordingConfiguration", timeout, interval
    )


async def wait_until_failover_slate_created(
    ivs: IvsSession, *, arn: str, timeout: float | None = 120.0, interval: float = 2.0
) -> FailoverSlateConfiguration:
    """Wait until a failover slate configuration has been created, or its update been done.

    Asks `GetFailoverSlateConfiguration` and otherwise waits as `wait_until_recording_active` does.

    Raises:
        CreateFailed: It will never be ``CREATED``. Delete the configuration and create another.
        FlowTimeout: It was still ``CREATING`` or ``UPDATING``; wait again.
    """

    async def check() -> FailoverSlateConfiguration | _NotYet:
        answer = await ivs.get_failover_slate_configuration(arn=arn)
        configuration = answer.failover_slate_configuration
        if configuration.state == FailoverSlateConfigurationState.CREATE_FAILED:
            raise CreateFailed(
                f"the failover slate configuration {arn} is CREATE_FAILED and will never be "
                "CREATED. Delete it (delete_failover_slate_configuration) and create another",
                step="GetFailoverSlateConfiguration",
            )
        if configuration.state == FailoverSlateConfigurationState.CREATED:
            return configuration
        return _NotYet(f"its state is {configuration.state}")

    return await _poll(
        check,
        "wait_until_failover_slate_created",
        "GetFailoverSlateConfiguration",
        timeout,
        interval,
    )


async def rotate_stream_key(
    ivs: IvsSession, *, channel_arn: str, tags: Mapping[str, str] | None = None
) -> StreamKey:
    """Replace the stream key of a channel, and disconnect whoever broadcasts with the old one.

    The order is: delete the old key, stop the stream, create the new key. A channel has room for
    one key, so the old one goes before the new one comes; and it goes before the stream is
    stopped, since encoders reconnect at once as long as their key is good. In between the channel
    has no key.

    A failure on the way leaves the rest undone; calling again goes on from wherever it stopped,
    since each step finds out what is left to do. If the answer with the new key is lost, the key
    is looked up. Of two rotations at the same time the later one's key survives.

    Args:
        ivs: An open session.
        channel_arn: The channel.
        tags: Of the new key; by default those of the old one, if this call still found it.

    Returns:
        The new key with its secret value.

    Raises:
        FlowError: It stopped at ``DeleteStreamKey`` (the old key still works), ``StopStream`` (the
            old key is gone, its broadcaster may be connected, there is no key) or
            ``CreateStreamKey`` (there is no key, or a new one whose value did not arrive). Call
            again. Errors of the first call, a list, are raised as they are.
    """
    flow = "rotate_stream_key"
    again = f"call {flow} again, which goes on from here"
    for old in await ivs.list_stream_keys(channel_arn=channel_arn).collect():
        with _step(flow, "DeleteStreamKey", f"the old key may still work; {again}"):
            await _delete_stream_key(ivs, old.arn)
        tags = old.tags if tags is None else tags
    with _step(
        flow,
        "StopStream",
        "the old key is gone but its broadcaster may still be connected, and the channel has no "
        f"key; {again}",
    ):
        await _stop_for_good(ivs, channel_arn)
    with _step(flow, "CreateStreamKey", f"the channel has no key, or an unseen new one; {again}"):
        try:
            created = await ivs.create_stream_key(channel_arn=channel_arn, tags=tags)
        except IvsError as error:
            taken = isinstance(error, ServiceQuotaExceededException)
            if not taken and not _perhaps_processed(error):
                raise
            for key in await ivs.list_stream_keys(channel_arn=channel_arn).collect():
                return (await ivs.get_stream_key(arn=key.arn)).stream_key
            raise
    return created.stream_key


async def delete_channel_when_offline(
    ivs: IvsSession,
    *,
    channel_arn: str,
    stop: bool = False,
    timeout: float | None = 300.0,
    interval: float = 5.0,
) -> None:
    """Delete a channel as soon as it is not live.

    The service refuses to delete a live channel, and a stopped stream stays live for a moment. So
    this asks for the deletion again and again, at the pace of `wait_until_live`, until it is done.
    A channel that is not there, or no longer, counts as deleted: calling again is always safe.

    Args:
        ivs: An open session.
        channel_arn: The channel.
        stop: End a live stream instead of waiting for its end: its key is deleted first, so that
            the encoder cannot come back, and it is stopped.
        timeout: Seconds to wait, exactly; None for ever.
        interval: Seconds between two attempts, give or take a quarter.

    Raises:
        FlowTimeout: The channel was still live. With ``stop`` its stream key is gone already.
        FlowError: It stopped at ``DeleteStreamKey`` or, with the key gone, at ``DeleteChannel``.
            Call again. Without ``stop`` errors are raised as they are: nothing was changed.
    """
    flow = "delete_channel_when_offline"
    again = f"call {flow} again"

    async def check() -> bool | _NotYet:
        try:
            await ivs.delete_channel(arn=channel_arn)
        except ResourceNotFoundException:
            return True
        except ConflictException:
            if stop:
                await _stop_for_good(ivs, channel_arn)
            return _NotYet("the channel is live")
        return True

    if not stop:
        await _poll(check, flow, "DeleteChannel", timeout, interval)
        return
    with suppress(ResourceNotFoundException):
        for key in await ivs.list_stream_keys(channel_arn=channel_arn).collect():
            with _step(flow, "DeleteStreamKey", f"the channel is as it was; {again}"):
                await _delete_stream_key(ivs, key.arn)
        with _step(flow, "DeleteChannel", f"the channel is there, without a stream key; {again}"):
            await _poll(check, flow, "DeleteChannel", timeout, interval)


class ChannelSettings(TypedDict, total=False):
    """What `IvsSession.create_channel` takes besides the name."""

    latency_mode: ChannelLatencyMode | str
    type: ChannelType | str
    authorized: bool
    recording_configuration_arn: str
    insecure_ingest: bool
    preset: TranscodePreset | str
    playback_restriction_policy_arn: str
    multitrack_input_configuration: MultitrackInputConfiguration
    container_format: ContainerFormat | str
    ad_configuration_arn: str
    failover_slate_configuration_arn: str
    tags: Mapping[str, str]


async def ensure_channel(
    ivs: IvsSession, *, name: str, **settings: Unpack[ChannelSettings]
) -> Channel:
    """Find the channel of a name, or create it. Safe to repeat.

    Names need not be unique and the service has no way of creating a channel only if there is
    none, so two callers at the same moment may create one each. Nothing is ever deleted for that:
    of several channels of the name the one with the lowest ARN is everybody's, also for a caller
    whose own one lost, and a warning is logged with the ARNs of the others. Only in the moment of
    the race itself can a caller have been given another one; each later call gives the same.

    Args:
        ivs: An open session.
        name: 1 to 128 letters, digits, ``-`` and ``_``.
        settings: As for `IvsSession.create_channel`, for a channel that is created. One that is
            found stays as it is.

    Returns:
        The channel. Its stream key comes from `list_stream_keys` and `get_stream_key`.

    Raises:
        FlowError: The answer to ``CreateChannel`` was lost and the channel cannot be seen (yet).
            Call again, which looks first. Other errors are raised as they are.
    """
    if name == "":
        raise ParameterError("name must be at least 1 character long, to find the channel by it")
    arns = await _channels_named(ivs, name)
    if arns:
        return (await ivs.get_channel(arn=arns[0])).channel
    made: Channel | None = None
    try:
        made = (await ivs.create_channel(name=name, **settings)).channel
    except IvsError as error:
        if not _perhaps_processed(error):
            raise
        arns = await _channels_named(ivs, name)
        if not arns:
            raise FlowError(
                f"ensure_channel stopped at CreateChannel: {error}. The channel may yet appear; "
                "call ensure_channel again, which looks for it first",
                step="CreateChannel",
            ) from error
    else:
        arns = sorted({made.arn, *await _channels_named(ivs, name)})
    if made is not None and made.arn == arns[0]:
        return made
    return (await ivs.get_channel(arn=arns[0])).channel


async def rotate_key_pair(
    ivs: IvsSession,
    *,
    old_arn: str | None,
    switch: Callable[[KeyPair], Awaitable[object]],
    grace: float = 600.0,
    name: str | None = None,
    tags: Mapping[str, str] | None = None,
) -> PlaybackKeyPair:
    """Replace a playback key pair without a viewer noticing.

    Makes a new key pair, imports its public half, lets ``switch`` hand the private half to
    whatever signs, waits until the tokens of the old key have expired, and deletes the old key.
    In between both keys are good. The region has room for 3, so one must be free.

    Cancelled, it leaves both keys in place: with ``switch`` done, delete the old one to go on.

    Args:
        ivs: An open session.
        old_arn: The key pair to delete; None to delete none, as for the first key of all.
        switch: Awaited with the new pair. It stores the private key and gives it to every signer
            (`PlaybackSigner.load`); all of them must sign with it once it returns.
        grace: Seconds from then to the deletion: at least the longest ``expires_in`` that was
            signed with the old key.
        name: Of the new key pair; need not be unique.
        tags: Of the new key pair.

    Returns:
        The new key pair as the service knows it.

    Raises:
        FlowError: It stopped at ``ImportPlaybackKeyPair`` with its answer lost (a pair may be
            there whose private half is gone; delete it), at ``switch`` (both keys are good) or at
            ``DeletePlaybackKeyPair`` (all is done but the deletion). Errors before the import are
            raised as they are, `ServiceQuotaExceededException` among them.
        ConfigurationError: The extra ``playback`` is not installed.
    """
    if not grace >= 0:
        raise ParameterError(f"grace must be at least 0 s; this is {grace:,} s")
    flow = "rotate_key_pair"
    pair = await to_thread.run_sync(generate_key_pair, abandon_on_cancel=True)
    try:
        imported = await ivs.import_playback_key_pair(
            public_key_material=pair.public_key_pem, name=name, tags=tags
        )
    except IvsError as error:
        if not _perhaps_processed(error):
            raise
        raise FlowError(
            f"{flow} stopped at ImportPlaybackKeyPair: {error}. The new key may be there, and "
            "nothing signs with it: look with list_playback_key_pairs, delete it, and call "
            f"{flow} again",
            step="ImportPlaybackKeyPair",
        ) from error
    new = imported.key_pair
    try:
        await switch(pair)
    except Exception as error:
        raise FlowError(
            f"{flow} stopped at switch, which raised {type(error).__name__}. Both keys are good. "
            f"If anything signs with the new one, {new.arn}, let the rest follow and delete the "
            f"old one; if nothing does, delete the new one and call {flow} again",
            step="switch",
        ) from error
    if old_arn is not None:
        await anyio.sleep(grace)
        left = f"the new key, {new.arn}, is in use, and only deleting {old_arn} is left to do"
        with _step(flow, "DeletePlaybackKeyPair", left), suppress(ResourceNotFoundException):
            await ivs.delete_playback_key_pair(arn=old_arn)
    return new


@attrs.frozen
class _NotYet:
    state: str


async def _poll(
    check: Callable[[], Awaitable[R | _NotYet]],
    flow: str,
    step: str,
    timeout: float | None,
    interval: float,
) -> R:
    """Ask until the answer is another than `_NotYet`; what passes by itself is waited out."""
    if not interval > 0:
        raise ParameterError(f"interval must be more than 0 s; this is {interval:,} s")
    state = "no answer has come"
    last: IvsError | None = None
    with anyio.move_on_after(timeout):
        while True:
            try:
                found = await check()
            except (CallError, RateLimitExceeded) as error:
                if isinstance(error, CallError) and classify(error) is Failure.FINAL:
                    raise
                state, last = str(error), error
            else:
                if not isinstance(found, _NotYet):
                    return found
                state, last = found.state, None
            await anyio.sleep(interval * random.uniform(0.75, 1.25))
    raise FlowTimeout(
        f"{flow} waited {timeout:,} s: at last {state}. Waiting again is safe", step=step
    ) from last


@contextmanager
def _step(flow: str, step: str, advice: str) -> Iterator[None]:
    """Tell where a flow stopped and how to go on, if the call in it fails."""
    try:
        yield
    except FlowError:
        raise
    except IvsError as error:
        raise FlowError(f"{flow} stopped at {step}: {error}. Now {advice}", step=step) from error


def _perhaps_processed(error: IvsError) -> bool:
    """Whether a call that failed so may nevertheless have done its work."""
    return isinstance(error, UnexpectedResponse) or (
        isinstance(error, CallError) and classify(error) is Failure.ANSWER_LOST
    )


async def _delete_stream_key(ivs: IvsSession, arn: str) -> None:
    with suppress(ResourceNotFoundException):
        await ivs.delete_stream_key(arn=arn)


async def _stop_for_good(ivs: IvsSession, channel_arn: str) -> None:
    """Stop a stream whose key is gone: no other can have begun, so repeating does no harm."""
    with suppress(ChannelNotBroadcasting):
        await ivs.with_options(retry_lost_answers=True).stop_stream(channel_arn=channel_arn)


async def _channels_named(ivs: IvsSession, name: str) -> list[str]:
    """The ARNs of the channels of a name, lowest first."""
    arns = sorted(
        [
            channel.arn
            async for channel in ivs.list_channels(filter_by_name=name)
            if channel.name == name
        ]
    )
    if len(arns) > 1:
        _log.warning(
            "%d channels are named %r; %s is used, not %s",
            len(arns),
            name,
            arns[0],
            ", ".join(arns[1:]),
        )
    return arns
