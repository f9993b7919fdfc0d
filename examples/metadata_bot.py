"""A bot that tells viewers the score: it sends whenever it likes, the publisher does the rest.

Run it with

    python examples/metadata_bot.py                    on a local IVS of its own
    python examples/metadata_bot.py --aws CHANNEL_ARN  into a live channel of Amazon IVS
"""

from __future__ import annotations

import asyncio
from collections import Counter

from _where import channel_argument, somewhere

from ivs_async import CueDecoder


async def main() -> None:
    """Send a burst: goals must all arrive, of the viewer counts only the newest matters."""
    async with somewhere() as (ivs, local):
        if local:
            created = await ivs.create_channel(name="match")
            channel_arn = created.channel.arn
            local.start_stream(channel_arn)
        else:
            channel_arn = channel_argument()

        async with ivs.metadata(channel_arn) as cues:
            receipts = []
            for minute in range(1, 91):
                receipts.append(await cues.send({"minute": minute}, key="clock"))
                if minute % 10 == 0:
                    receipts.append(await cues.send({"goal": minute}, priority=1))
            outcomes = Counter([(await receipt).status for receipt in receipts])
        for status, count in outcomes.items():
            print(f"{count} messages {status}")

        if local:
            payloads = local.metadata(channel_arn)
            decoder = CueDecoder()  # players have the same in JavaScript
            seen = [cue.message for payload in payloads for cue in decoder.decode(payload.text)]
            print(f"{len(payloads)} calls; what a viewer saw of them:", *seen, sep="\n  ")


if __name__ == "__main__":
    asyncio.run(main())
