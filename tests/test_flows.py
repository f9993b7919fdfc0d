"""Flows: what they promise, and what stands when a step fails, on a local IVS with faults in it."""

from __future__ import annotations

import asyncio
import logging
import pickle
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar, cast

import anyio
import pytest

from ivs_async import (
    AccessDeniedException,
    ChannelNotBroadcasting,
    GetStreamResponse,
    IvsSession,
    NoLimit,
    ParameterError,
    RateLimitExceeded,
    ResourceNotFoundException,
    ServiceError,
    ServiceQuotaExceededException,
    Stream,
)
from ivs_async.flows import (
    CreateFailed,
    FlowError,
    FlowTimeout,
    delete_channel_when_offline,
    ensure_channel,
    rotate_key_pair,
    rotate_stream_key,
    wait_until_failover_slate_created,
    wait_until_live,
    wait_until_offline,
    wait_until_recording_active,
)
from ivs_async.local import Delays, LocalIvs
from ivs_async.models import DestinationConfiguration, S3DestinationConfiguration
from ivs_async.playback import KeyPair, PlaybackSigner
from tests import virtual_time

R = TypeVar("R")

SOON = 0.005
UNUSED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # loading the machine's certificates takes longer
MISSING = "arn:aws:ivs:us-west-2:123456789012:channel/missingABCDE"

FAULTS: dict[str, dict[str, Any]] = {
    "refused": {"error": "AccessDeniedException", "status": 403},
    "throttled": {"error": "ThrottlingException", "status": 429},
    "failed": {"error": "InternalServerException", "status": 500},
    "failed, yet done": {"error": "InternalServerException", "status": 500, "processed": True},
    "lost on the way there": {"reset": True},
    "lost on the way back": {"reset": True, "processed": True},
    "an edge's page": {"html": True},
}
each_fault = pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)


@asynccontextmanager
async def place(**options: Any) -> AsyncIterator[tuple[IvsSession, LocalIvs]]:
    """A local IVS that counts no calls, and a session that tries each of them once."""
    options = {"rates": None, "verify_signatures": False, **options}
    async with (
        LocalIvs(**options) as local,
        IvsSession(
            **local.session_options(), rate_limiter=NoLimit(), max_attempts=1, ssl=UNUSED
        ) as ivs,
    ):
        yield ivs, local


async def outcome(flow: Awaitable[R]) -> R | BaseException:
    """What a flow returned or raised."""
    [ended] = await asyncio.gather(flow, return_exceptions=True)
    return ended


async def keys_of(ivs: IvsSession, channel_arn: str) -> list[str]:
    return [key.arn for key in await ivs.list_stream_keys(channel_arn=channel_arn).collect()]


async def is_live(ivs: IvsSession, channel_arn: str) -> bool:
    try:
        await ivs.get_stream(channel_arn=channel_arn)
    except ChannelNotBroadcasting:
        return False
    return True


async def test_waiting_ends_when_the_channel_goes_live_and_when_it_goes_offline() -> None:
    """The stream comes back from the one wait, nothing from the other."""
    async with place(delays=Delays(stream_start=0.05, stream_end=0.05)) as (ivs, local):
        arn = (await ivs.create_channel(name="a")).channel.arn
        stream_id = local.start_stream(arn)
        stream = await wait_until_live(ivs, channel_arn=arn, interval=SOON)
        assert (stream.stream_id, stream.state) == (stream_id, "LIVE")
        await ivs.stop_stream(channel_arn=arn)
        await wait_until_offline(ivs, channel_arn=arn, interval=SOON)
        assert not await is_live(ivs, arn)


async def test_a_wait_has_a_time_limit_and_says_what_it_saw_last() -> None:
    """The error is a TimeoutError too, and survives being pickled."""
    async with place() as (ivs, local):
        arn = (await ivs.create_channel(name="a")).channel.arn
        with pytest.raises(FlowTimeout, match=r"waited 0\.05 s: at last the channel is not live"):
            await wait_until_live(ivs, channel_arn=arn, timeout=0.05, interval=SOON)
        local.start_stream(arn)
        with pytest.raises(TimeoutError, match="at last the channel is live") as caught:
            await wait_until_offline(ivs, channel_arn=arn, timeout=0.05, interval=SOON)
        again = pickle.loads(pickle.dumps(caught.value))
        assert isinstance(again, FlowTimeout)
        assert (str(again), again.step) == (str(caught.value), "GetStream")


@each_fault
async def test_a_wait_outlasts_what_passes_by_itself(fault: dict[str, Any]) -> None:
    """Throttles, failures and lost answers are waited out; a refusal is raised as it is."""
    async with place() as (ivs, local):
        arn = (await ivs.create_channel(name="a")).channel.arn
        local.start_stream(arn)
        local.fail("GetStream", **fault, times=2)
        if fault.get("status") == 403:
            with pytest.raises(AccessDeniedException):
                await wait_until_live(ivs, channel_arn=arn, interval=SOON)
        else:
            await wait_until_live(ivs, channel_arn=arn, interval=SOON)
            assert len(local.calls("GetStream")) == 3


async def test_a_wait_that_never_gets_an_answer_tells_the_last_error() -> None:
    """The failure is in the text and is the cause."""
    async with place() as (ivs, local):
        local.fail("GetStream", "InternalServerException", status=500, times=None)
        with pytest.raises(FlowTimeout, match="at last GetStream: InternalServerExc") as caught:
            await wait_until_live(ivs, channel_arn=MISSING, timeout=0.05, interval=SOON)
        assert type(caught.value.__cause__).__name__ == "InternalServerException"
        local.clear_faults()
        local.latency = 5.0
        with pytest.raises(FlowTimeout, match="at last no answer has come"):
            await wait_until_live(ivs, channel_arn=MISSING, timeout=0.05, interval=SOON)
        local.latency = 0.0
        with pytest.raises(ResourceNotFoundException):
            await wait_until_live(ivs, channel_arn=MISSING, interval=SOON)


async def test_a_wait_can_be_cancelled() -> None:
    """Cancellation comes out as it went in."""
    async with place() as (ivs, _):
        arn = (await ivs.create_channel(name="a")).channel.arn
        waiter = asyncio.create_task(wait_until_live(ivs, channel_arn=arn, timeout=None))
        await asyncio.sleep(SOON)
        waiter.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiter


class Recited:
    """Stands in for a session in virtual time: notes when it is asked, and answers from a list."""

    def __init__(self, *answers: Stream | Exception) -> None:
        self.asked: list[float] = []
        self._answers = list(answers)

    async def get_stream(self, *, channel_arn: str) -> GetStreamResponse:
        self.asked.append(anyio.current_time())
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return GetStreamResponse(stream=answer)


def waited(recited: Recited, wait: Callable[..., Any], **options: Any) -> object:
    return virtual_time.run(wait(cast(IvsSession, recited), channel_arn=MISSING, **options))


def test_waits_are_paced_with_jitter_and_end_on_time() -> None:
    """The first question comes at once, the others after the interval give or take a quarter."""
    recited = Recited(Stream(state="OFFLINE"))
    with pytest.raises(FlowTimeout, match=r"waited 300\.0 s"):
        waited(recited, wait_until_live)
    pauses = [late - early for early, late in zip(recited.asked, recited.asked[1:], strict=False)]
    assert recited.asked[0] == 0
    assert recited.asked[-1] <= 300
    assert all(3.75 <= pause <= 6.25 for pause in pauses)
    assert len(set(pauses)) > 10
    assert 48 <= len(recited.asked) <= 80


def test_a_stream_that_is_said_to_be_offline_is_offline() -> None:
    """The API has the state, although it prefers to answer with an error."""
    assert (
        waited(Recited(Stream(state="LIVE"), Stream(state="OFFLINE")), wait_until_offline) is None
    )
    live = waited(Recited(Stream(state="OFFLINE"), Stream(state="LIVE")), wait_until_live)
    assert cast(Stream, live).state == "LIVE"


def test_a_full_limiter_is_waited_out() -> None:
    """A session with a time limit of its own refuses what its limiter would hold up too long."""
    busy = RateLimitExceeded("GetStream would wait 9 s", wait=9.0)
    assert waited(Recited(busy, busy, Stream(state="LIVE")), wait_until_live)


@pytest.mark.parametrize("interval", [0, -1, float("nan")])
def test_an_interval_that_is_no_pause_is_refused(interval: float) -> None:
    """It would be a busy loop."""
    with pytest.raises(ParameterError, match="interval must be more than 0 s"):
        waited(Recited(Stream()), wait_until_live, interval=interval)


async def create_recording(ivs: IvsSession, bucket: str) -> str:
    answer = await ivs.create_recording_configuration(
        destination_configuration=DestinationConfiguration(
            s3=S3DestinationConfiguration(bucket_name=bucket)
        )
    )
    return answer.recording_configuration.arn


async def test_a_recording_configuration_is_waited_for() -> None:
    """ACTIVE is what a channel needs."""
    async with place(delays=Delays(recording_configuration=0.05)) as (ivs, _):
        arn = await create_recording(ivs, "recordings")
        found = await wait_until_recording_active(ivs, arn=arn, interval=SOON)
        assert (found.arn, found.state) == (arn, "ACTIVE")


async def test_a_recording_configuration_that_failed_says_so_at_once() -> None:
    """Waiting longer would be in vain: us-east-1 takes a bucket of another region, and fails."""
    async with place(region="us-east-1") as (ivs, local):
        local.set_bucket("elsewhere", "eu-west-1")
        arn = await create_recording(ivs, "elsewhere")
        with pytest.raises(CreateFailed, match="is CREATE_FAILED and will never be ACTIVE"):
            await wait_until_recording_active(ivs, arn=arn, interval=SOON)


async def test_a_recording_configuration_that_takes_too_long_tells_its_state() -> None:
    """It may yet become active."""
    async with place(delays=Delays(recording_configuration=60)) as (ivs, _):
        arn = await create_recording(ivs, "recordings")
        with pytest.raises(FlowTimeout, match="at last its state is CREATING"):
            await wait_until_recording_active(ivs, arn=arn, timeout=0.05, interval=SOON)


async def test_a_failover_slate_is_waited_for() -> None:
    """After its creation and after an update alike."""
    async with place(delays=Delays(failover_slate_configuration=0.05)) as (ivs, _):
        made = await ivs.create_failover_slate_configuration(name="slate")
        arn = made.failover_slate_configuration.arn
        found = await wait_until_failover_slate_created(ivs, arn=arn, interval=SOON)
        assert (found.arn, found.state) == (arn, "CREATED")
        await ivs.update_failover_slate_configuration(arn=arn, name="other")
        found = await wait_until_failover_slate_created(ivs, arn=arn, interval=SOON)
        assert (found.name, found.state) == ("other", "CREATED")


async def test_a_failover_slate_that_failed_says_so() -> None:
    """As with recordings."""
    failed = b'{"failoverSlateConfiguration": {"arn": "a", "state": "CREATE_FAILED"}}'
    async with place() as (ivs, local):
        local.fail("GetFailoverSlateConfiguration", status=200, body=failed)
        with pytest.raises(CreateFailed, match="will never be CREATED"):
            await wait_until_failover_slate_created(ivs, arn="a")


async def test_rotating_replaces_the_key_and_ends_the_stream() -> None:
    """Key first, then the stream, so that no encoder comes back; tags move to the new key."""
    async with place() as (ivs, local):
        created = await ivs.create_channel(name="a")
        arn, old = created.channel.arn, created.stream_key
        await ivs.tag_resource(resource_arn=old.arn, tags={"team": "studio"})
        local.start_stream(arn)
        new = await rotate_stream_key(ivs, channel_arn=arn)
        assert new.value
        assert new.value != old.value
        assert new.tags == {"team": "studio"}
        assert await keys_of(ivs, arn) == [new.arn]
        assert not await is_live(ivs, arn)
        changes = [call.operation for call in local.calls() if call.operation[:3] in "DelStoCre"]
        assert changes[1:] == ["DeleteStreamKey", "StopStream", "CreateStreamKey"]
        assert (await rotate_stream_key(ivs, channel_arn=arn, tags={})).tags in (None, {})


@each_fault
@pytest.mark.parametrize("step", ["DeleteStreamKey", "StopStream", "CreateStreamKey"])
async def test_a_rotation_that_stopped_goes_on_when_called_again(
    step: str, fault: dict[str, Any]
) -> None:
    """Whatever fails at whichever step: the next call ends in the promised state."""
    async with place() as (ivs, local):
        created = await ivs.create_channel(name="a")
        arn, old = created.channel.arn, created.stream_key
        local.start_stream(arn)
        local.fail(step, **fault)
        stopped = await outcome(rotate_stream_key(ivs, channel_arn=arn))
        if isinstance(stopped, BaseException):
            assert isinstance(stopped, FlowError)
            assert stopped.step == step
            assert f"rotate_stream_key stopped at {step}: " in str(stopped)
            assert "call rotate_stream_key again" in str(stopped)
            assert stopped.__cause__ is not None
            assert old.value not in str(stopped)
            new = await rotate_stream_key(ivs, channel_arn=arn)
        else:
            new = stopped
        assert await keys_of(ivs, arn) == [new.arn]
        assert new.arn != old.arn
        assert new == (await ivs.get_stream_key(arn=new.arn)).stream_key
        assert not await is_live(ivs, arn)


async def test_a_new_key_whose_answer_was_lost_is_looked_up() -> None:
    """No second call is needed for that."""
    async with place() as (ivs, local):
        arn = (await ivs.create_channel(name="a")).channel.arn
        local.fail("CreateStreamKey", reset=True, processed=True)
        new = await rotate_stream_key(ivs, channel_arn=arn)
        assert new == (await ivs.get_stream_key(arn=new.arn)).stream_key


async def test_rotations_at_the_same_time_leave_one_key() -> None:
    """All of them return; one more call is sure of its key."""
    async with place(latency=(0.0, 0.01)) as (ivs, _):
        arn = (await ivs.create_channel(name="a")).channel.arn
        rotations = [rotate_stream_key(ivs, channel_arn=arn) for _ in range(5)]
        ended = await asyncio.gather(*rotations, return_exceptions=True)
        assert all(hasattr(end, "value") or isinstance(end, FlowError) for end in ended)
        assert len(await keys_of(ivs, arn)) <= 1
        new = await rotate_stream_key(ivs, channel_arn=arn)
        assert await keys_of(ivs, arn) == [new.arn]


async def test_rotating_on_a_channel_that_is_not_there_changes_nothing() -> None:
    """The first call's error is raised as it is."""
    async with place() as (ivs, _):
        with pytest.raises(ResourceNotFoundException):
            await rotate_stream_key(ivs, channel_arn=MISSING)


async def test_a_channel_is_deleted_once_its_stream_has_ended() -> None:
    """It is not stopped for that."""
    async with place() as (ivs, local):
        arn = (await ivs.create_channel(name="a")).channel.arn
        local.start_stream(arn)
        with pytest.raises(FlowTimeout, match="at last the channel is live"):
            await delete_channel_when_offline(ivs, channel_arn=arn, timeout=0.05, interval=SOON)
        assert await is_live(ivs, arn)
        assert len(await keys_of(ivs, arn)) == 1
        local.stop_stream(arn)
        await delete_channel_when_offline(ivs, channel_arn=arn)
        assert not await ivs.list_channels().collect()
        await delete_channel_when_offline(ivs, channel_arn=arn)


async def test_a_live_channel_can_be_stopped_and_deleted() -> None:
    """The end of the stream takes a moment, which is waited for."""
    async with place(delays=Delays(stream_end=0.05)) as (ivs, local):
        arn = (await ivs.create_channel(name="a")).channel.arn
        local.start_stream(arn)
        await delete_channel_when_offline(ivs, channel_arn=arn, stop=True, interval=SOON)
        assert not await ivs.list_channels().collect()
        await delete_channel_when_offline(ivs, channel_arn=arn, stop=True)


async def test_a_stream_that_cannot_be_stopped_is_told_of_in_time() -> None:
    """Its key is gone by then, so that it ends with its encoder."""
    async with place() as (ivs, local):
        arn = (await ivs.create_channel(name="a")).channel.arn
        local.start_stream(arn)
        local.fail("StopStream", "StreamUnavailable", status=503, times=None)
        with pytest.raises(FlowTimeout, match="at last StopStream: StreamUnavailable"):
            await delete_channel_when_offline(
                ivs, channel_arn=arn, stop=True, timeout=0.05, interval=SOON
            )
        assert await keys_of(ivs, arn) == []


@each_fault
@pytest.mark.parametrize("step", ["DeleteStreamKey", "StopStream", "DeleteChannel"])
async def test_a_deletion_that_stopped_goes_on_when_called_again(
    step: str, fault: dict[str, Any]
) -> None:
    """What passes by itself is waited out; else the text says what stands, and to call again."""
    async with place(delays=Delays(stream_end=0.02)) as (ivs, local):
        arn = (await ivs.create_channel(name="a")).channel.arn
        local.start_stream(arn)
        local.fail(step, **fault)
        deletion = delete_channel_when_offline(ivs, channel_arn=arn, stop=True, interval=SOON)
        stopped = await outcome(deletion)
        if stopped is not None:
            assert isinstance(stopped, FlowError)
            assert stopped.step == step.replace("StopStream", "DeleteChannel")
            assert "call delete_channel_when_offline again" in str(stopped)
            await delete_channel_when_offline(ivs, channel_arn=arn, stop=True, interval=SOON)
        assert not await ivs.list_channels().collect()


async def test_a_channel_is_created_once_and_then_found() -> None:
    """Settings are for the creation; what is found stays as it is."""
    async with place() as (ivs, local):
        made = await ensure_channel(ivs, name="lobby", latency_mode="NORMAL", tags={"a": "b"})
        assert (made.name, made.latency_mode, made.tags) == ("lobby", "NORMAL", {"a": "b"})
        found = await ensure_channel(ivs, name="lobby", latency_mode="LOW")
        assert found == made
        assert len(local.calls("CreateChannel")) == 1
        with pytest.raises(ParameterError, match="name must be at least 1 character long"):
            await ensure_channel(ivs, name="")


async def test_of_several_channels_of_a_name_the_lowest_arn_is_taken(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Always the same one, with a warning that names the others."""
    async with place() as (ivs, _):
        arns = [(await ivs.create_channel(name="lobby")).channel.arn for _ in range(4)]
        await ivs.create_channel(name="lobby-2")
        with caplog.at_level(logging.WARNING, "ivs_async.flows"):
            assert (await ensure_channel(ivs, name="lobby")).arn == min(arns)
        assert "4 channels are named 'lobby'" in caplog.text


async def test_callers_at_the_same_time_settle_on_one_channel() -> None:
    """Each may have created one, but afterwards all find the same."""
    async with place(latency=(0.0, 0.02)) as (ivs, _):
        await asyncio.gather(*(ensure_channel(ivs, name="lobby") for _ in range(6)))
        arns = [channel.arn async for channel in ivs.list_channels(filter_by_name="lobby")]
        later = await asyncio.gather(*(ensure_channel(ivs, name="lobby") for _ in range(6)))
        assert {channel.arn for channel in later} == {min(arns)}


async def test_whoever_lost_the_race_gets_the_channel_that_won(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A rival's channel with a lower ARN appears while this caller creates its own."""
    async with place() as (ivs, local):
        create_channel = ivs.create_channel

        async def outrun(**settings: Any) -> Any:
            for _ in range(20):
                await create_channel(**settings)
            return await create_channel(**settings)

        monkeypatch.setattr(ivs, "create_channel", outrun)
        won = await ensure_channel(ivs, name="lobby")
        arns = [channel.arn async for channel in ivs.list_channels()]
        assert won.arn == min(arns)
        assert len(arns) == 21
        assert len(local.calls("DeleteChannel")) == 0


@each_fault
async def test_a_creation_that_failed_is_settled_by_calling_again(fault: dict[str, Any]) -> None:
    """One channel in the end, never two: a lost answer is looked for before anything is made."""
    async with place() as (ivs, local):
        local.fail("CreateChannel", **fault)
        stopped = await outcome(ensure_channel(ivs, name="lobby"))
        if isinstance(stopped, FlowError):
            assert stopped.step == "CreateChannel"
            assert "call ensure_channel again" in str(stopped)
        elif isinstance(stopped, BaseException):
            assert isinstance(stopped, ServiceError)
            assert not await ivs.list_channels().collect()
        channel = await ensure_channel(ivs, name="lobby")
        assert [channel.arn] == [c.arn async for c in ivs.list_channels()]


class Signers:
    """What a service does with its new key."""

    def __init__(self) -> None:
        self.signer: PlaybackSigner | None = None

    async def switch(self, pair: KeyPair) -> None:
        self.signer = await PlaybackSigner.load(pair.private_key_pem)


async def test_a_key_pair_is_replaced_with_both_good_in_between() -> None:
    """Imported, switched to, and only then is the old one deleted."""
    async with place() as (ivs, local):
        signers = Signers()
        first = await rotate_key_pair(ivs, old_arn=None, switch=signers.switch, name="first")
        before = signers.signer
        second = await rotate_key_pair(
            ivs, old_arn=first.arn, switch=signers.switch, grace=SOON, tags={"a": "b"}
        )
        assert first.name == "first"
        assert second.tags == {"a": "b"}
        assert [pair.arn async for pair in ivs.list_playback_key_pairs()] == [second.arn]
        assert signers.signer is not None
        assert signers.signer is not before
        assert local.public_keys() == [signers.signer.public_key_pem]


async def test_a_switch_that_failed_leaves_both_keys_good() -> None:
    """Whether anything signs with the new one already, only the caller can know."""

    async def fail(pair: KeyPair) -> None:
        raise OSError(pair.private_key_pem)

    async with place() as (ivs, local):
        first = await rotate_key_pair(ivs, old_arn=None, switch=Signers().switch)
        with pytest.raises(FlowError, match="stopped at switch, which raised OSError") as caught:
            await rotate_key_pair(ivs, old_arn=first.arn, switch=fail)
        assert caught.value.step == "switch"
        assert "PRIVATE" not in str(caught.value)
        assert len(local.public_keys()) == 2


@each_fault
@pytest.mark.parametrize("step", ["ImportPlaybackKeyPair", "DeletePlaybackKeyPair"])
async def test_a_key_rotation_that_stopped_says_what_is_left(
    step: str, fault: dict[str, Any]
) -> None:
    """The old key is there until the new one is in use."""
    async with place() as (ivs, local):
        signers = Signers()
        first = await rotate_key_pair(ivs, old_arn=None, switch=signers.switch)
        before = signers.signer
        local.fail(step, **fault)
        rotation = rotate_key_pair(ivs, old_arn=first.arn, switch=signers.switch, grace=0)
        stopped = await outcome(rotation)
        arns = [pair.arn async for pair in ivs.list_playback_key_pairs()]
        if step == "ImportPlaybackKeyPair":
            assert signers.signer is before
            assert first.arn in arns
            assert isinstance(stopped, ServiceError | FlowError)
            if isinstance(stopped, FlowError):
                assert "look with list_playback_key_pairs" in str(stopped)
            else:
                assert arns == [first.arn]
        else:
            assert isinstance(stopped, FlowError)
            assert f"only deleting {first.arn} is left to do" in str(stopped)
            assert signers.signer is not before
            assert stopped.step == step


async def test_a_key_rotation_needs_room_for_one_more_key() -> None:
    """The refusal comes before anything was changed."""
    async with place() as (ivs, local):
        for _ in range(3):
            await rotate_key_pair(ivs, old_arn=None, switch=Signers().switch)
        with pytest.raises(ServiceQuotaExceededException):
            await rotate_key_pair(ivs, old_arn=None, switch=Signers().switch)
        assert len(local.public_keys()) == 3
        with pytest.raises(ParameterError, match="grace must be at least 0 s; this is -1 s"):
            await rotate_key_pair(ivs, old_arn=None, switch=Signers().switch, grace=-1)
