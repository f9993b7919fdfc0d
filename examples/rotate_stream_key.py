"""A stream key has leaked: whoever broadcasts with it is cut off, and the channel gets a new one.

Run it with

    python examples/rotate_stream_key.py                    on a local IVS of its own
    python examples/rotate_stream_key.py --aws CHANNEL_ARN  on Amazon IVS
"""

from __future__ import annotations

import asyncio

from _where import channel_argument, somewhere

from ivs_async.flows import rotate_stream_key


async def main() -> None:
    """Rotate the key of one channel."""
    async with somewhere() as (ivs, local):
        if local:
            created = await ivs.create_channel(name="leaky")
            channel_arn = created.channel.arn
            local.start_stream(channel_arn)
            print(f"before  {created.stream_key.arn}")
        else:
            channel_arn = channel_argument()
        key = await rotate_stream_key(ivs, channel_arn=channel_arn)
        print(f"after   {key.arn}")
        print(f"        whose value no repr shows: {key}")


if __name__ == "__main__":
    asyncio.run(main())
