"""A channel is created, taken live, found in a list, and fed with timed metadata.

Run it with

    python examples/quickstart.py          on a local IVS of its own
    python examples/quickstart.py --aws    on Amazon IVS, where you start the encoder
"""

from __future__ import annotations

import asyncio
import json

from _where import broadcast, somewhere

from ivs_async.flows import delete_channel_when_offline

CUES = [
    {"question": "Who scores next?", "answers": ["Home", "Away"]},
    {"goal": "Home", "minute": 12},
    {"score": [1, 0]},
]


async def main() -> None:
    """Tell the story from the first call to the last."""
    async with somewhere() as (ivs, local):
        created = await ivs.create_channel(name="quickstart", latency_mode="LOW")
        channel = created.channel
        print(f"created  {channel.arn}")
        print(f"         to be watched at {channel.playback_url}")

        await broadcast(ivs, local, created)
        async for stream in ivs.list_streams():
            print(f"live     {stream.channel_arn} since {stream.start_time:%H:%M:%S} UTC")

        viewer = local.cues(channel.arn) if local else None
        for cue in CUES:
            await ivs.put_metadata(channel_arn=channel.arn, metadata=json.dumps(cue))
            print(f"sent     {cue}")
            if viewer:
                print(f"seen     {(await anext(viewer)).text}")

        await delete_channel_when_offline(ivs, channel_arn=channel.arn, stop=True, interval=1)
        print("deleted  nothing is left of it")


if __name__ == "__main__":
    asyncio.run(main())
