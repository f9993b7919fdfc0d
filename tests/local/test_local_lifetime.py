"""A local IVS is started, used from where one likes, reset and closed."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest
from anyio import to_thread
from anyio.from_thread import start_blocking_portal

from ivs_async import IvsSession, NoLimit, models
from ivs_async.credentials import Credentials
from ivs_async.local import Delays, LocalError, LocalIvs, Quotas, Reader

from .helpers import PUBLIC_KEYS, Clock, name_of, send, until


async def test_our_own_session_talks_to_it() -> None:
    """The three lines of the documentation."""
    async with LocalIvs() as local, IvsSession(**local.session_options()) as ivs:
        created = await ivs.create_channel(name="demo")
        stream_id = local.start_stream(created.channel.arn)
        await ivs.put_metadata(channel_arn=created.channel.arn, metadata="cue")
        stream = await ivs.get_stream(channel_arn=created.channel.arn)
    assert stream.stream.stream_id == stream_id
    assert [cue.text for cue in local.metadata(created.channel.arn)] == ["cue"]


async def test_it_tells_other_sdks_where_it_is() -> None:
    """The environment variables that every AWS SDK reads."""
    token = Credentials("AKIDOTHER", "secret", "token")
    async with LocalIvs(region="eu-west-1", credentials=token) as local:
        assert local.environment() == {
            "AWS_ENDPOINT_URL_IVS": f"http://127.0.0.1:{local.port}",
            "AWS_REGION": "eu-west-1",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_ACCESS_KEY_ID": "AKIDOTHER",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_SESSION_TOKEN": "token",
        }
        options = local.session_options()
        async with IvsSession(**options) as ivs:
            assert await ivs.list_channels().collect() == []
    assert "AWS_SESSION_TOKEN" not in LocalIvs(port=4599).environment()


def test_without_a_port_there_is_nothing_to_connect_to() -> None:
    """Whoever forgot to start it is told so, and not sent to port 0; a named port is known."""
    local = LocalIvs()
    for ask in (
        lambda: local.port,
        lambda: local.endpoint_url,
        local.session_options,
        local.environment,
    ):
        with pytest.raises(LocalError, match="before it has started: use it with 'async with"):
            ask()
    assert LocalIvs(port=4599).endpoint_url == "http://127.0.0.1:4599"


async def test_it_listens_on_ipv6_too() -> None:
    """The endpoint URL has brackets then."""
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    try:
        async with LocalIvs(host="::1") as local:
            assert local.endpoint_url == f"http://[::1]:{local.port}"
            async with IvsSession(**local.session_options()) as ivs:
                await ivs.create_channel()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")


async def test_a_port_that_is_taken_is_an_error_at_once() -> None:
    """And nothing is left running."""
    async with LocalIvs() as local:
        second = LocalIvs(port=local.port, verify_signatures=False)
        with pytest.raises(OSError, match="address already in use"):
            await second.start()
        await second.close()


async def test_closing_does_not_wait_for_slow_answers() -> None:
    """Whatever is being answered gets a moment, and closing twice is closing once."""
    local = LocalIvs(verify_signatures=False, latency=60.0)
    await local.start()
    call = asyncio.ensure_future(send(local, "/ListChannels", {}))
    await asyncio.sleep(0.05)
    async with asyncio.timeout(10):
        await local.close()
        with pytest.raises(Exception, match=r"disconnected|reset|closed"):
            await call
    await local.close()


async def test_a_reset_begins_again_as_constructed() -> None:
    """Resources, streams, events, calls, faults, policies and counts are gone; data is back."""
    data = {"channels": [{"id": "mine", "name": "mine"}]}
    async with LocalIvs(verify_signatures=False, data=data, clock=Clock()) as local:
        for _ in range(5):
            await send(local, "/CreateChannel", {})
        assert (await send(local, "/CreateChannel", {})).status == 429
        reader = local.follow_events()
        local.fail(status=500, times=None)
        local.deny("*")
        local.set_account_verified(False)
        issued = local.issue_credentials()
        local.reset()
        assert [event async for event in reader] == []
        assert (await send(local, "/CreateChannel", {})).status == 200
        listed = (await send(local, "/ListChannels", {})).document["channels"]
        assert [channel["name"] for channel in listed] == ["mine", ""]
        with pytest.raises(Exception, match="no credentials"):
            local.expire_credentials(issued.access_key_id)


async def test_a_seed_makes_every_id_the_same() -> None:
    """Two runs, or a run and its repetition after a reset, cannot be told apart."""

    async def story(local: LocalIvs) -> list[Any]:
        created = (await send(local, "/CreateChannel", {})).document
        local.start_stream(created["channel"]["arn"])
        return [created, local.events()]

    async with LocalIvs(verify_signatures=False, seed=1, clock=Clock()) as local:
        first = await story(local)
        local.reset()
        assert await story(local) == first
    async with LocalIvs(verify_signatures=False, seed=2, clock=Clock()) as local:
        assert await story(local) != first


async def test_quotas_and_delays_are_what_one_says() -> None:
    """What is due happens without anybody asking for it."""
    async with LocalIvs(
        verify_signatures=False, quotas=Quotas(channels=1), delays=Delays(stream_start=0.02)
    ) as local:
        arn = (await send(local, "/CreateChannel", {})).document["channel"]["arn"]
        assert (await send(local, "/CreateChannel", {})).code == "ServiceQuotaExceededException"
        async with local.follow_events() as events:
            local.start_stream(arn)
            assert [name_of(await anext(events)) for _ in range(2)] == [
                "Session Created",
                "Stream Start",
            ]


async def test_what_is_due_after_the_end_never_happens() -> None:
    """Timers are cleared away with the loop they belong to."""
    local = LocalIvs(verify_signatures=False, delays=Delays(stream_start=60))
    async with local:
        (arn,) = local.load({"channels": [{"live": True}]})["channels"]
        await until(lambda: local._timers)
    assert not local._timers
    assert [name_of(event) for event in local.events(arn)] == ["Session Created"]


async def test_an_encoder_is_described_by_the_models_of_the_package() -> None:
    """What GetStreamSession gives can be given to start_stream."""
    async with (
        LocalIvs(rates=None) as local,
        IvsSession(**local.session_options(), rate_limiter=NoLimit()) as ivs,
    ):
        arn = (await ivs.create_channel()).channel.arn
        video = models.VideoConfiguration(video_width=1280, video_height=720, encoder="mine")
        local.start_stream(arn, ingest=models.IngestConfigurations(video_configurations=[video]))
        session = (await ivs.get_stream_session(channel_arn=arn)).stream_session
        assert session.ingest_configurations is not None
        local.stop_stream(arn)
        local.start_stream(arn, ingest=session.ingest_configurations)
        again = (await ivs.get_stream_session(channel_arn=arn)).stream_session
    assert again.ingest_configurations == session.ingest_configurations
    tracks = session.ingest_configurations.video_configurations
    assert tracks is not None
    assert [track.encoder for track in tracks] == ["mine"]


def test_its_methods_can_be_called_from_any_thread() -> None:
    """A sync test runs it in a thread of its own and drives it from here."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(LocalIvs(verify_signatures=False)) as local,
    ):
        (arn,) = local.load({"channels": [{}]})["channels"]
        local.start_stream(arn)
        assert portal.call(send, local, "/GetStream", {"channelArn": arn}).status == 200
        local.stop_stream(arn)
        assert len(local.events(arn)) == 4


async def test_a_reader_hears_of_what_another_thread_puts_in() -> None:
    """The event loop that waits is woken from outside."""
    reader: Reader[int] = Reader()
    waiting = asyncio.ensure_future(anext(reader))
    await asyncio.sleep(0)
    await to_thread.run_sync(reader.put, 1)
    assert await waiting == 1
    async with reader:
        await to_thread.run_sync(reader.put, 2)
    reader.put(3)
    assert [item async for item in reader] == [2]


def test_a_reader_whose_loop_is_gone_is_left_alone() -> None:
    """Nobody is there to be woken."""
    reader: Reader[int] = Reader()

    async def wait() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await anext(reader)

    asyncio.run(wait())
    reader.put(1)
    reader.close()
    assert list(reader._items) == [1]


async def test_public_keys_and_revocations_can_be_looked_up() -> None:
    """What whoever checks a viewer's token has to know."""
    async with LocalIvs(verify_signatures=False) as local:
        loaded = local.load({"keyPairs": [{"publicKeyMaterial": PUBLIC_KEYS[0]}], "channels": [{}]})
        (arn,) = loaded["channels"]
        await send(
            local, "/StartViewerSessionRevocation", {"channelArn": arn, "viewerId": "viewer"}
        )
        assert local.public_keys() == [PUBLIC_KEYS[0]]
        assert local.revoked_version(arn, "viewer") == 0
        assert local.revoked_version(arn, "other") is None


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"rates": "leaky"}, "sliding, calendar, bucket"),
        ({"region": "EU West"}, "region must be"),
        ({"account_id": "123"}, "account_id twelve digits"),
        ({"data": {"chanels": []}}, "no such list"),
    ],
)
def test_what_cannot_be_served_is_refused_at_once(wrong: dict[str, Any], text: str) -> None:
    """By the constructor, with what would do."""
    with pytest.raises(LocalError, match=text):
        LocalIvs(**wrong)
