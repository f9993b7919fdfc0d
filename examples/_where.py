"""Where the examples run: on a local IVS of their own, or with ``--aws`` on Amazon IVS.

On AWS they need nothing but credentials and a region in the usual places.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ivs_async import CreateChannelResponse, IvsSession
from ivs_async.flows import wait_until_live
from ivs_async.local import LocalIvs


@asynccontextmanager
async def somewhere() -> AsyncIterator[tuple[IvsSession, LocalIvs | None]]:
    """An open session, and the local IVS that it talks to, None on AWS."""
    if "--aws" in sys.argv:
        async with IvsSession() as ivs:
            yield ivs, None
    else:
        async with LocalIvs() as local, IvsSession(**local.session_options()) as ivs:
            yield ivs, local


async def broadcast(
    ivs: IvsSession, local: LocalIvs | None, created: CreateChannelResponse
) -> None:
    """Take a new channel live: on AWS somebody has to start an encoder."""
    arn, endpoint = created.channel.arn, created.channel.ingest_endpoint
    if local:
        local.start_stream(arn)
    else:
        print(f"Broadcast to rtmps://{endpoint}:443/app/{created.stream_key.value}")
    await wait_until_live(ivs, channel_arn=arn)


def channel_argument() -> str:
    """The channel that the command line names, for those examples that need a live one."""
    named = [argument for argument in sys.argv[1:] if argument.startswith("arn:")]
    if not named:
        raise SystemExit("With --aws this example needs a live channel: --aws CHANNEL_ARN")
    return named[0]
