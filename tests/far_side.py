"""The far side of the connections: a network and a service that go by a script, in virtual time.

Owns what becomes of each attempt to put metadata: when it arrives, whether it is processed, whether
its answer comes back. Everything on the near side (pipeline, limiter, publisher) is the real thing.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Iterable
from typing import Any, Literal

from multidict import CIMultiDict

from ivs_async import Credentials, IvsSession, RequestNotSent, RequestTimeout, ResponseNotReceived
from ivs_async._aws.http import Response
from ivs_async._aws.pipeline import Wire
from ivs_async._aws.seams import Limiter
from ivs_async._aws.transport import Exchange, StaleConnection
from ivs_async.envelope import Cue, CueDecoder, JsonValue
from ivs_async.metadata import Calls, MetadataPublisher

ARN = "arn:aws:ivs:us-west-2:123456789012:channel/abcdEFGH1234"

Step = (
    Literal["taken", "answer lost", "request lost", "late", "not sent", "unconnected", "stale"]
    | tuple[int, str]
)
"""What becomes of an attempt.

``taken``: processed and answered. ``answer lost``: processed, and the connection breaks.
``request lost``: never arrives, and no answer comes in time. ``late``: the same for the sender, but
it arrives within the time that an abandoned request is given. ``not sent``: no connection.
``unconnected``: the same, which takes 5 seconds to find out. ``stale``: the connection is unfit,
which is found out before anything is written. A status and a code: refused so, with nothing
processed.
"""


class FarSide:
    """Takes the place of the connections of a session.

    Attributes:
        script: What becomes of the next attempts; after them, of all, it is ``always``.
        always: ``taken`` from the start.
        live: Whether the channels are.
        attempts: Channel, time and payload of everything that was tried.
        arrived: Channel and payload of everything that was processed, in order.
        refuses: Payloads that hold this text are invalid.
    """

    def __init__(self, *, round_trip: float = 0.02) -> None:
        self.round_trip = round_trip
        self.script: deque[Step] = deque()
        self.always: Step = "taken"
        self.live = True
        self.attempts: list[tuple[str, float, str]] = []
        self.arrived: list[tuple[str, str]] = []
        self.refuses: str | None = None

    def session(self, limiter: Limiter | None = None, **options: Any) -> IvsSession:
        """A session whose calls end here."""
        ivs = IvsSession(
            region="us-west-2",
            credentials=Credentials("AKIDEXAMPLE", "secret"),
            rate_limiter=limiter,
            **options,
        )
        ivs._calls.core.jitter = lambda: 1.0
        ivs._calls.core.wire = Wire(
            transport=self,  # type: ignore[arg-type]
            signer=self,  # type: ignore[arg-type]
            max_attempts=3,
            correct_skew=True,
        )
        return ivs

    def calls(self, limiter: Limiter | None = None, **options: Any) -> Calls:
        """The pipeline of such a session."""
        return self.session(limiter, **options)._calls

    def publisher(self, channel_arn: str = ARN, **options: Any) -> MetadataPublisher:
        """A publisher of such a session."""
        return self.session().metadata(channel_arn, **options)

    def will(self, *steps: Step) -> None:
        """Add to the script."""
        self.script.extend(steps)

    @property
    def payloads(self) -> list[str]:
        """What was processed, whatever its channel."""
        return [payload for _, payload in self.arrived]

    @property
    def tried(self) -> list[str]:
        """The payloads of all attempts."""
        return [payload for _, _, payload in self.attempts]

    @property
    def shown(self) -> list[JsonValue]:
        """What a viewer sees who saw it all."""
        return [cue.message for cue in viewed(self.payloads)]

    def sign(self, *_: object) -> dict[str, str]:
        """Headers of a request that nobody verifies."""
        return {"Authorization": "Signature=none"}

    async def send(self, exchange: Exchange, timeout: float, connect_timeout: float) -> Response:
        """One attempt, as the script has it."""
        request = json.loads(exchange.request.body)
        channel, payload = request["channelArn"], request["metadata"]
        loop = asyncio.get_running_loop()
        self.attempts.append((channel, loop.time(), payload))
        step = self.script.popleft() if self.script else self.always
        if step == "unconnected":
            await asyncio.sleep(5)
        if step in ("not sent", "unconnected"):
            raise RequestNotSent("no connection to the endpoint")
        if step == "stale":
            raise StaleConnection("the connection is unfit")
        exchange.written = True
        if step == "late":
            loop.call_later(0.9, self.arrived.append, (channel, payload))
        if step in ("late", "request lost"):
            await asyncio.sleep(0.5)
            raise RequestTimeout("no answer within 0.5 s")
        await asyncio.sleep(self.round_trip / 2)
        if step == "taken" and not self.live:
            step = (404, "ChannelNotBroadcasting")
        elif step == "taken" and self.refuses and self.refuses in payload:
            step = (400, "ValidationException")
        elif step in ("taken", "answer lost"):
            self.arrived.append((channel, payload))
        await asyncio.sleep(self.round_trip / 2)
        if step == "answer lost":
            raise ResponseNotReceived("the connection was closed")
        if isinstance(step, tuple):
            status, code = step
            body = json.dumps({"exceptionMessage": f"no, because of {code}"}).encode()
            return Response(status, CIMultiDict({"x-amzn-ErrorType": code}), body)
        return Response(204, {}, b"")

    async def close(self) -> None:
        """Nothing is open."""


def viewed(payloads: Iterable[str]) -> list[Cue]:
    """The cues that a viewer sees who gets these payloads."""
    decoder = CueDecoder()
    return [cue for payload in payloads for cue in decoder.decode(payload)]
