"""An aiohttp web app that awaits the session in its handlers.

Run it with

    python examples/web_app.py                     on a local IVS of its own
    python examples/web_app.py --aws --port 8080   on Amazon IVS

and try

    curl -X POST localhost:8080/channels/lobby
    curl localhost:8080/channels
    curl -X POST localhost:8080/channels/lobby/cues -d '{"goal": "Home"}'
"""

from __future__ import annotations

import argparse
import math
from collections.abc import AsyncIterator, Awaitable, Callable

from _where import somewhere
from aiohttp import web

from ivs_async import IvsSession, RateLimitExceeded, ServiceError

IVS = web.AppKey("ivs", IvsSession)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def open_ivs(app: web.Application) -> AsyncIterator[None]:
    """One session for the life of the app; a visitor waits two seconds at most."""
    async with somewhere() as (ivs, local):
        app[IVS] = ivs.with_options(timeout=2)
        if local:
            created = await ivs.create_channel(name="lobby")
            local.start_stream(created.channel.arn)
        yield


@web.middleware
async def tell_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The service's errors become answers; so does a wait that would have taken too long."""
    try:
        return await handler(request)
    except RateLimitExceeded as error:
        return web.json_response(
            {"error": "busy"}, status=503, headers={"Retry-After": str(math.ceil(error.wait))}
        )
    except ServiceError as error:
        return web.json_response({"error": error.code, "message": str(error)}, status=error.status)


async def list_channels(request: web.Request) -> web.Response:
    """Names of all channels, and which of them are live."""
    ivs = request.app[IVS]
    live = {stream.channel_arn async for stream in ivs.list_streams()}
    channels = [
        {"name": channel.name, "live": channel.arn in live} async for channel in ivs.list_channels()
    ]
    return web.json_response(channels)


async def create_channel(request: web.Request) -> web.Response:
    """A new channel, and where its viewers find it."""
    created = await request.app[IVS].create_channel(name=request.match_info["name"])
    return web.json_response({"playback_url": created.channel.playback_url}, status=201)


async def put_cue(request: web.Request) -> web.Response:
    """Show the request's body to everybody who watches."""
    ivs = request.app[IVS]
    async for channel in ivs.list_channels(filter_by_name=request.match_info["name"]):
        await ivs.put_metadata(channel_arn=channel.arn, metadata=await request.text())
        return web.Response(status=204)
    raise web.HTTPNotFound


def create_app() -> web.Application:
    """The app with its routes."""
    app = web.Application(middlewares=[tell_errors])
    app.cleanup_ctx.append(open_ivs)
    app.router.add_get("/channels", list_channels)
    app.router.add_post("/channels/{name}", create_channel)
    app.router.add_post("/channels/{name}/cues", put_cue)
    return app


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--aws", action="store_true", help="on Amazon IVS")
    parser.add_argument("--port", type=int, default=8080)
    web.run_app(create_app(), host="127.0.0.1", port=parser.parse_args().port)
