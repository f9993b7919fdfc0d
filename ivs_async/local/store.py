"""What exists: resources by ARN, the clock they live by, and what is due to happen to them.

Owns identity (ARNs, ids that look like those of IVS), order of creation, quotas on numbers of
resources, and things that happen later. It knows no operation and no rule of one resource.
"""

from __future__ import annotations

import heapq
import string
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any, Final

import attrs

from ivs_async import quotas

from .errors import ApiError

Json = dict[str, Any]
"""A JSON object as it goes over the wire."""

Handlers = dict[str, Callable[[Json], Json | None]]
"""What answers each operation; None is an answer without a body."""

_ALPHANUMERIC: Final = string.ascii_letters + string.digits


@attrs.frozen(kw_only=True)
class Quotas:
    """How much of everything the account may have. The defaults are those that AWS publishes.

    Attributes:
        channels: Channels.
        stream_keys: Stream keys of one channel.
        streams: Channels live at the same time.
        viewers: Viewers of all channels together.
        takeovers: Takeovers of one stream.
        playback_key_pairs: Playback key pairs.
        playback_restriction_policies: Playback restriction policies.
        recording_configurations: Recording configurations.
        ad_configurations: Ad configurations.
        failover_slate_configurations: Failover slate configurations.
        tags: Tags of one resource.
    """

    channels: int = quotas.CHANNELS
    stream_keys: int = quotas.STREAM_KEYS_PER_CHANNEL
    streams: int = quotas.CONCURRENT_STREAMS
    viewers: int = quotas.CONCURRENT_VIEWS
    takeovers: int = quotas.STREAM_TAKEOVERS
    playback_key_pairs: int = quotas.PLAYBACK_KEY_PAIRS
    playback_restriction_policies: int = quotas.PLAYBACK_RESTRICTION_POLICIES
    recording_configurations: int = quotas.RECORDING_CONFIGURATIONS
    ad_configurations: int = quotas.AD_CONFIGURATIONS
    failover_slate_configurations: int = quotas.FAILOVER_SLATE_CONFIGURATIONS
    tags: int = quotas.TAGS_PER_RESOURCE


@attrs.frozen(kw_only=True)
class Delays:
    """How many seconds things take that IVS does in the background. All at once by default.

    Attributes:
        recording_configuration: From CREATING to ACTIVE or CREATE_FAILED; up to 20 on IVS.
        failover_slate_configuration: From CREATING or UPDATING to CREATED.
        stream_start: From Session Created to Stream Start, when a stream becomes live.
        stream_end: From Session Ended to Stream End, while a stream is live still.
        starvation: How long a starving stream lasts before the ingest server ends it.
    """

    recording_configuration: float = 0.0
    failover_slate_configuration: float = 0.0
    stream_start: float = 0.0
    stream_end: float = 0.0
    starvation: float = 30.0


@attrs.define(eq=False, kw_only=True)
class Resource:
    """One resource.

    Attributes:
        arn: Its ARN.
        kind: What its ARN calls it, such as ``channel``.
        position: Its place in the order of creation.
        body: What the API tells of it. Holds secrets of some kinds.
        material: What the API does not tell of it, such as the PEM of a public key.
    """

    arn: str
    kind: str
    position: int
    body: Json = attrs.field(repr=False)
    material: str = attrs.field(default="", repr=False)

    @property
    def id(self) -> str:
        """The last part of the ARN."""
        return self.arn.rpartition("/")[2]

    def set(self, **members: Any) -> Json:
        """Change members of the body. Whoever holds the body from before keeps it as it was."""
        self.body = {**self.body, **members}
        return self.body


class Store:
    """The resources of one account in one region.

    Args:
        region: Where it is.
        account_id: Whose it is.
        clock: Seconds since 1970. Must not go back.
        random: The source of ids and secrets.
        limits: How much of everything there may be.
        delays: How long things take.
    """

    def __init__(
        self,
        *,
        region: str,
        account_id: str,
        clock: Callable[[], float],
        random: Random,
        limits: Quotas,
        delays: Delays,
    ) -> None:
        self.region = region
        self.account_id = account_id
        self.clock = clock
        self.random = random
        self.limits = limits
        self.delays = delays
        self.prefix = f"{random.getrandbits(48):012x}"
        self.buckets: dict[str, str] = {}
        self.reserved: str | None = None
        self.on_schedule: Callable[[float], None] | None = None
        self._resources: dict[str, dict[str, Resource]] = {}
        self._positions = 0
        self._due: list[tuple[float, int, Callable[[], object]]] = []

    def position(self) -> int:
        """The next place in the order of creation."""
        self._positions += 1
        return self._positions

    def id(self, length: int = 12) -> str:
        """A fresh id of letters and digits."""
        return "".join(self.random.choices(_ALPHANUMERIC, k=length))

    def resource_id(self) -> str:
        """The id of the next resource: the reserved one, or a fresh one."""
        reserved, self.reserved = self.reserved, None
        return reserved or self.id()

    def uuid(self) -> str:
        """A fresh UUID."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def arn(self, kind: str, id: str) -> str:
        """The ARN of a resource of this account."""
        return f"arn:aws:ivs:{self.region}:{self.account_id}:{kind}/{id}"

    def add(
        self, kind: str, body: Json, *, limit: int, id: str | None = None, material: str = ""
    ) -> Resource:
        """Put a resource in; its ``arn`` becomes the first member of its body.

        Raises:
            ApiError: There are ``limit`` of its kind already.
        """
        resources = self._resources.setdefault(kind, {})
        if len(resources) >= limit:
            raise ApiError(
                "ServiceQuotaExceededException",
                f"The quota of {limit} for {kind} resources of account {self.account_id} "
                f"in {self.region} is reached",
            )
        arn = self.arn(kind, id or self.resource_id())
        resource = Resource(
            arn=arn,
            kind=kind,
            position=self.position(),
            body={"arn": arn, **body},
            material=material,
        )
        resources[arn] = resource
        return resource

    def get(self, kind: str, arn: str) -> Resource:
        """A resource.

        Raises:
            ApiError: There is none of this kind under this ARN.
        """
        resource = self._resources.get(kind, {}).get(arn)
        if resource is None:
            raise ApiError("ResourceNotFoundException", f"Resource: {arn} does not exist")
        return resource

    def find(self, arn: str) -> Resource:
        """A resource of any kind, as `get`."""
        return self.get(arn.rpartition(":")[2].partition("/")[0], arn)

    def remove(self, resource: Resource) -> None:
        """Take a resource out."""
        del self._resources[resource.kind][resource.arn]

    def all(self, kind: str, after: int | None = None) -> Iterator[Resource]:
        """The resources of a kind in the order of their creation, those behind a position."""
        resources = self._resources.get(kind, {}).values()
        if after is None:
            return iter(resources)
        return (resource for resource in resources if resource.position > after)

    def later(self, delay: float, action: Callable[[], object]) -> None:
        """Let something happen after some seconds; with no delay, at once."""
        if delay <= 0:
            action()
            return
        heapq.heappush(self._due, (self.clock() + delay, self.position(), action))
        if self.on_schedule is not None:
            self.on_schedule(delay)

    def advance(self) -> None:
        """Let happen what is due by now, in order."""
        while self._due and self._due[0][0] <= self.clock():
            heapq.heappop(self._due)[2]()


def moment(seconds: float) -> datetime:
    """Seconds since 1970 as a time."""
    return datetime.fromtimestamp(seconds, UTC)


def iso(seconds: float) -> str:
    """Seconds since 1970 as the API writes a time: ISO 8601 in UTC, to the second."""
    return moment(seconds).strftime("%Y-%m-%dT%H:%M:%SZ")
