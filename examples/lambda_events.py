"""A Lambda handler for the events of IVS, whether EventBridge, SQS or SNS brings them.

Run it with

    python examples/lambda_events.py                    on a local IVS of its own
    python examples/lambda_events.py --aws GIVEN.json   on what Lambda was given on AWS
"""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ivs_async import IvsSession
from ivs_async.events import (
    RecordingEnd,
    StreamEnd,
    StreamStart,
    StreamTracker,
    UnknownEvent,
    parse_events,
)
from ivs_async.local import LocalIvs

tracker = StreamTracker()  # lives as long as the function stays warm


def handler(given: dict[str, Any], _context: object = None) -> None:
    """What Lambda calls. Events come late, twice, out of order, or never."""
    for event in parse_events(given):
        match event:
            case StreamStart(channel_name=name, time=time):
                print(f"started   {name or 'a channel'} at {time:%H:%M:%S} UTC")
            case StreamEnd(channel_name=name):
                print(f"ended     {name or 'a channel'}")
            case RecordingEnd(recording_s3_bucket_name=bucket, recording_s3_key_prefix=prefix):
                print(f"recorded  s3://{bucket}/{prefix}")
            case UnknownEvent(detail_type=kind):
                print(f"skipped   {kind}")
        state = tracker.fold(event)
        if state and state.should_ask(datetime.now(UTC)):
            print(f"ask       GetStream about {state.channel_arn}")


async def main() -> None:
    """Broadcast for a moment, and let the handler have the events in a batch, last one first."""
    async with LocalIvs() as local, IvsSession(**local.session_options()) as ivs:
        arn = (await ivs.create_channel(name="lobby")).channel.arn
        local.start_stream(arn)
        local.stop_stream(arn)
        records = [{"body": json.dumps(event)} for event in reversed(local.events())]
        handler({"Records": records})
        print(f"in all    {'live' if tracker.state(arn).live else 'not live'}")


if __name__ == "__main__":
    if "--aws" in sys.argv:
        handler(json.loads(Path(sys.argv[-1]).read_text()))
    else:
        asyncio.run(main())
