"""What the stories about the local IVS share: a service without HTTP, a clock, and raw requests."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Final

import aiohttp
import attrs
import pytest
from yarl import URL

from ivs_async import operations
from ivs_async.local import Delays, LocalIvs, Quotas
from ivs_async.local.errors import ApiError
from ivs_async.local.service import Service

OPERATIONS: Final = {operation.name: operation for operation in operations.ALL}
REGION: Final = "us-west-2"
ACCOUNT: Final = "123456789012"
UNKNOWN: Final = f"arn:aws:ivs:{REGION}:{ACCOUNT}:channel/unknown"
MEDIA_TAILOR: Final = f"arn:aws:mediatailor:{REGION}:{ACCOUNT}:playbackConfiguration/ads"

# made with: openssl ecparam -name secp384r1 -genkey -noout | openssl ec -pubout
PUBLIC_KEYS: Final = (
    """-----BEGIN PUBLIC KEY-----
MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEQ8W0nK0WCQPY1Fkb1wGRGuXAwnB6pCJe
nSfTtPhydy2ah8xcfVAfSROFp7EACBZZlSTV10YY/ZYdZlFacn/nQHUJEgMFj5B0
kqRcxPYwrEtwHMZWTnozO1FavJUqOPub
-----END PUBLIC KEY-----
""",
    """-----BEGIN PUBLIC KEY-----
MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE/WGZnu5UfPQPs1H3L3Ff294lT5e6EoBy
KSKaDQ8jlu1mBDKaNmA5+Q+Ex6Y83u/gaqU1s9xA8v6KW0M4xVxX04MEOUEzjIt7
GBLkxO/Tqlvk+zB2EIV2My0onIqVMN0j
-----END PUBLIC KEY-----
""",
    """-----BEGIN PUBLIC KEY-----
MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEIedPZ28ZdNa3UNG9Iqh+8CTVq7EiHRff
lC1BiLWNGQme+2xlS0EJ11VR3nyCbSxC3SsnneEOJxM3TrY4sKZ6ulRND6+2C/Y/
IyypNmFoafHIdiEpU4fiq5CIP4LD5BeK
-----END PUBLIC KEY-----
""",
    """-----BEGIN PUBLIC KEY-----
MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEi1j8GL31mkVjRDGSWki8z3zcI6r1O7B/
V0cN4FsHxSZF8YD1HnQ3dqDtycU7buliGtgXqycB7XyKzULS0IyqUD5gUqdiddp1
OnNAz8gzhUMbBnpL/ORHFLxRNAG51l8M
-----END PUBLIC KEY-----
""",
)


class Clock:
    """Time that passes only when a story says so."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


@attrs.define
class Direct:
    """The service behind the wire, called without HTTP, in the API's spelling."""

    service: Service
    clock: Clock

    def __call__(self, operation: str, **request: Any) -> Any:
        """The answer's document; JSON on the way in and out, as on the wire."""
        sent = json.loads(json.dumps(request))
        answer = self.service.call(OPERATIONS[operation], sent)
        return None if answer is None else json.loads(json.dumps(answer))

    def refused(self, operation: str, **request: Any) -> ApiError:
        """The error of a call that must not succeed."""
        with pytest.raises(ApiError) as caught:
            self(operation, **request)
        return caught.value

    def channel(self, **settings: Any) -> str:
        """The ARN of a new channel."""
        arn: str = self("CreateChannel", **settings)["channel"]["arn"]
        return arn

    def live_channel(self, **settings: Any) -> str:
        """The ARN of a new channel that is live."""
        arn = self.channel(**settings)
        self.service.streams.start(arn)
        return arn

    def happened(self, arn: str | None = None) -> list[str]:
        """What the events so far are called."""
        self.service.store.advance()
        return [name_of(event) for event in self.service.events.all(arn)]


def direct(
    *,
    region: str = REGION,
    quotas: Quotas | None = None,
    delays: Delays | None = None,
) -> Direct:
    """A service of its own."""
    clock = Clock()
    service = Service(
        region=region,
        account_id=ACCOUNT,
        clock=clock,
        random=Random(7),
        limits=quotas or Quotas(),
        delays=delays or Delays(),
    )
    return Direct(service, clock)


def name_of(event: Mapping[str, Any]) -> str:
    """What an EventBridge event says happened."""
    detail = event["detail"]
    name: str = detail.get("event_name") or detail.get("limit_name") or detail["recording_status"]
    return name


async def until(condition: Callable[[], object]) -> None:
    """Wait for what happens elsewhere in the event loop."""
    for _ in range(2_000):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it never happened")


@attrs.frozen
class Answer:
    """An HTTP answer, read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def code(self) -> str | None:
        """The error's name."""
        return self.headers.get("x-amzn-ErrorType")


async def send(
    local: LocalIvs,
    path: str,
    body: object = None,
    *,
    method: str = "POST",
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """One unsigned request on a connection of its own."""
    data = io.BytesIO(body if isinstance(body, bytes) else json.dumps(body).encode())
    async with (
        aiohttp.ClientSession(auto_decompress=False) as session,
        session.request(
            method,
            URL(local.endpoint_url + path, encoded=True),
            data=None if body is None else data,
            headers=headers,
        ) as response,
    ):
        return Answer(response.status, response.headers.copy(), await response.read())
