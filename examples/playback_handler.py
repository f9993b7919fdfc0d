"""A web handler that hands out playback URLs of a private channel: one viewer, one use, one minute.

Run it with

    python examples/playback_handler.py                               on a local IVS of its own
    python examples/playback_handler.py --aws CHANNEL_ARN KEY.pem     on Amazon IVS

and try

    curl localhost:8080/watch -H 'X-Member: member-7'
"""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

from _where import somewhere
from aiohttp import web

from ivs_async import Channel
from ivs_async.playback import PlaybackSigner, generate_key_pair

ARGUMENTS = web.AppKey("arguments", argparse.Namespace)
CHANNEL = web.AppKey("channel", Channel)
SIGNER = web.AppKey("signer", PlaybackSigner)


async def watch(request: web.Request) -> web.Response:
    """Where this member can watch. Your own login goes in place of the header."""
    member = request.headers.get("X-Member")
    if not member:
        raise web.HTTPUnauthorized
    channel, signer = request.app[CHANNEL], request.app[SIGNER]
    token = signer.token(channel.arn, expires_in=60, viewer_id=member, single_use_uuid=uuid4())
    url = signer.playback_url(channel.playback_url, token)
    return web.json_response({"url": url}, headers={"Cache-Control": "no-store"})


async def load_signer(app: web.Application) -> AsyncIterator[None]:
    """The key is loaded once; signing needs no call of the API."""
    async with somewhere() as (ivs, local):
        if local:
            pair = generate_key_pair()
            await ivs.import_playback_key_pair(public_key_material=pair.public_key_pem)
            app[SIGNER] = await PlaybackSigner.load(pair.private_key_pem)
            app[CHANNEL] = (await ivs.create_channel(name="members", authorized=True)).channel
        else:
            app[SIGNER] = await PlaybackSigner.load(app[ARGUMENTS].key)
            app[CHANNEL] = (await ivs.get_channel(arn=app[ARGUMENTS].channel_arn)).channel
    yield


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--aws", action="store_true", help="on Amazon IVS")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("channel_arn", nargs="?", help="a private channel")
    parser.add_argument("key", nargs="?", type=Path, help="a file with an imported private key")
    app = web.Application()
    app[ARGUMENTS] = parser.parse_args()
    app.cleanup_ctx.append(load_signer)
    app.router.add_get("/watch", watch)
    web.run_app(app, host="127.0.0.1", port=app[ARGUMENTS].port)
