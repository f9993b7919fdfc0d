"""Everything that an account has in a region: all lists at once, each an async iterator.

Run it with

    python examples/list_everything.py          on a local IVS of its own
    python examples/list_everything.py --aws    on Amazon IVS; reads only
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable

from _where import somewhere

from ivs_async import IvsSession


async def furnish(ivs: IvsSession) -> None:
    """Give a new local IVS something to list."""
    async with asyncio.TaskGroup() as tasks:
        for number in range(1, 5):
            tasks.create_task(ivs.create_channel(name=f"channel-{number}"))
        tasks.create_task(ivs.create_playback_restriction_policy(name="at-home"))
        tasks.create_task(ivs.create_failover_slate_configuration(name="back-soon"))


async def count(name: str, items: AsyncIterable[object]) -> None:
    """Read a list to its end, page by page."""
    print(sum([1 async for _ in items]), name)


async def main() -> None:
    """Read all lists concurrently; the session keeps each inside its rate."""
    async with somewhere() as (ivs, local):
        if local:
            await furnish(ivs)
        lists: dict[str, AsyncIterable[object]] = {
            "channels": ivs.list_channels(max_results=2),
            "live streams": ivs.list_streams(),
            "playback key pairs": ivs.list_playback_key_pairs(),
            "playback restriction policies": ivs.list_playback_restriction_policies(),
            "recording configurations": ivs.list_recording_configurations(),
            "ad configurations": ivs.list_ad_configurations(),
            "failover slate configurations": ivs.list_failover_slate_configurations(),
        }
        async with asyncio.TaskGroup() as tasks:
            for name, items in lists.items():
                tasks.create_task(count(name, items))

        async for channel in ivs.list_channels():
            async for key in ivs.list_stream_keys(channel_arn=channel.arn):
                print(f"{channel.name}: {key.arn}")


if __name__ == "__main__":
    asyncio.run(main())
