"""The six operations that moto has, against moto's server: somebody else's idea of Amazon IVS."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto.server import ThreadedMotoServer

from ivs_async import Credentials, IvsSession, ResourceNotFoundException


@pytest.fixture
def moto_url() -> Iterator[str]:
    """moto's server on a free port."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")
async def test_channels_live_and_die_on_motos_server(moto_url: str) -> None:
    """Create, get, batch, list, update and delete, with answers that moto calls text/html."""
    async with IvsSession(
        region="us-west-2", credentials=Credentials("AKIDEXAMPLE", "secret"), endpoint_url=moto_url
    ) as ivs:
        created = await ivs.create_channel(name="demo", latency_mode="LOW", tags={"team": "red"})
        arn = created.channel.arn
        assert created.stream_key.channel_arn == arn
        assert (await ivs.get_channel(arn=arn)).channel.name == "demo"
        assert [arn] == [one.arn for one in (await ivs.batch_get_channel(arns=[arn])).channels]
        updated = await ivs.update_channel(arn=arn, latency_mode="NORMAL")
        assert updated.channel.latency_mode == "NORMAL"
        assert [arn] == [one.arn async for one in ivs.list_channels()]
        await ivs.delete_channel(arn=arn)
        with pytest.raises(ResourceNotFoundException):
            await ivs.get_channel(arn=arn)
