"""A local Amazon IVS: every operation, in memory, for any AWS SDK.

    async with LocalIvs() as local:
        async with IvsSession(**local.session_options()) as ivs:
            created = await ivs.create_channel(name="demo")
            local.start_stream(created.channel.arn)

Or ``python -m ivs_async.local`` for programs in other languages. Nothing of this package is
imported by ``import ivs_async``.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import wraps
from random import Random
from threading import RLock
from typing import (
    TYPE_CHECKING,
    Any,
    Concatenate,
    Final,
    ParamSpec,
    Self,
    TypedDict,
    TypeVar,
)

import anyio.to_thread
import attrs
from aiohttp import web

from ivs_async import operations
from ivs_async._aws.names import camel_case, snake_case
from ivs_async.credentials import Credentials
from ivs_async.quotas import PUBLISHED, CallRate

from .auth import Authority, Grant, botocore_signer
from .control import Control
from .errors import ApiError, LocalError, StreamRefused
from .faults import Fault, Faults
from .feeds import Reader
from .rates import Discipline, Rates
from .seed import load
from .server import Call, Front, Latency
from .service import Service
from .store import Delays, Json, Quotas
from .streams import NO_CAPACITY, Cue, Streams
from .viewers import PlaybackRefused

if TYPE_CHECKING:
    from types import TracebackType

    from ivs_async.models import IngestConfigurations

__all__ = [
    "Call",
    "Cue",
    "Delays",
    "Fault",
    "LocalError",
    "LocalIvs",
    "PlaybackRefused",
    "Quotas",
    "Reader",
    "SessionOptions",
    "StreamRefused",
]

OPERATIONS: Final = {
    spelling: operation.name
    for operation in operations.ALL
    for spelling in (operation.name, snake_case(operation.name))
}
DEFAULT_CREDENTIALS: Final = Credentials("AKIDLOCALIVS", "local-ivs-secret-access-key")

# what is still being answered when the local IVS closes gets so many seconds
SHUTDOWN: Final = 0.5


P = ParamSpec("P")
R = TypeVar("R")


def _locked(
    method: Callable[Concatenate[LocalIvs, P], R],
) -> Callable[Concatenate[LocalIvs, P], R]:
    """Let a method be called from any thread."""

    @wraps(method)
    def call(self: LocalIvs, /, *arguments: P.args, **named: P.kwargs) -> R:
        with self._lock:
            return method(self, *arguments, **named)

    return call


class SessionOptions(TypedDict):
    """What an `IvsSession` needs to talk to a local IVS."""

    region: str
    credentials: Credentials
    endpoint_url: str


class LocalIvs:
    """A local Amazon IVS on a port of this machine.

    Use it with ``async with``, or `start` and `close`. All state is in memory.
    Its other methods may be called from any thread; they change at once what the next call sees.

    Args:
        host: Address to listen on.
        port: Port to listen on, 0 for any free one.
        region: Region that it plays.
        account_id: Account that it plays.
        credentials: What callers sign with. More can be had by `issue_credentials`.
        verify_signatures: Whether requests must be signed, as on AWS. Costs an import of botocore.
        rates: How call rates are counted: ``sliding`` (any second, the strictest), ``calendar``
            (full seconds of the clock) or ``bucket`` (a token bucket); None does not count.
        call_rates: Calls per second by operation, None for the published ones. Operations that are
            left out are not counted.
        quotas: How much of everything there may be, the published quotas by default.
        delays: How long things take that IVS does in the background, nothing by default.
        latency: Seconds that each call is on its way, half of it before the service has it: a
            number, or a pair between which it varies.
        clock: Seconds since 1970, for tests that own the time. Must not go back.
        seed: Makes ids the same in each run.
        data: What exists from the start; see `load`.

    Raises:
        LocalError: An argument cannot be used, or something in ``data`` cannot be created.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        region: str = "us-west-2",
        account_id: str = "123456789012",
        credentials: Credentials = DEFAULT_CREDENTIALS,
        verify_signatures: bool = True,
        rates: Discipline | None = "sliding",
        call_rates: Mapping[str, CallRate] | None = None,
        quotas: Quotas | None = None,
        delays: Delays | None = None,
        latency: Latency = 0.0,
        clock: Callable[[], float] | None = None,
        seed: int | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        if not re.fullmatch("[a-z0-9-]+", region) or not re.fullmatch("[0-9]{12}", account_id):
            raise LocalError(
                "region must be small letters, digits and hyphens, and account_id twelve digits: "
                "they are part of every ARN"
            )
        self.host = host
        self.region = region
        self.account_id = account_id
        self.credentials = credentials
        self._lock = RLock()
        self._port = port
        self._verify = verify_signatures
        self._clock = clock or _steady_clock()
        self._seed = seed
        self._data = data or {}
        self._quotas = quotas or Quotas()
        self._delays = delays or Delays()
        counted = PUBLISHED if call_rates is None else call_rates
        self._rates = Rates(
            {_operation(name): rate for name, rate in counted.items()}, rates, account_id
        )
        self._faults = Faults()
        self._authority = Authority(
            region=region, account_id=account_id, signer=None, clock=self._clock
        )
        self._service = self._fresh()
        self._front = Front(
            service=self._service,
            authority=self._authority,
            rates=self._rates,
            faults=self._faults,
            latency=latency,
            control=Control(self).handle,
            lock=self._lock,
        )
        self._runner: web.ServerRunner | None = None
        self._timers: set[asyncio.TimerHandle] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._restore()

    async def start(self) -> None:
        """Listen.

        Raises:
            OSError: The address cannot be listened on.
        """
        if self._verify:
            self._authority.signer = await anyio.to_thread.run_sync(botocore_signer, self.region)
        self._loop = asyncio.get_running_loop()
        server = web.Server(self._front.handle, access_log=None)
        runner = web.ServerRunner(server, shutdown_timeout=SHUTDOWN)
        await runner.setup()
        try:
            await web.TCPSite(runner, self.host, self._port).start()
        except BaseException:
            await runner.cleanup()
            raise
        self._runner = runner
        self._port = runner.addresses[0][1]

    async def close(self) -> None:
        """Stop listening, and end whoever follows cues or events.

        What happened can still be read. Answers that are under way get half a second.
        """
        self._service.close()
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        if self._runner is not None:
            runner, self._runner = self._runner, None
            await runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    @property
    def port(self) -> int:
        """The port that it listens on.

        Raises:
            LocalError: Any free one was asked for, and it has not started yet. So do all that tell
                the port: `endpoint_url`, `session_options` and `environment`.
        """
        if not self._port:
            raise LocalError(
                "the local IVS has no port before it has started: use it with "
                "'async with LocalIvs() as local', await its start(), or name a port"
            )
        return self._port

    @property
    def endpoint_url(self) -> str:
        """What an AWS SDK takes as its endpoint URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def latency(self) -> Latency:
        """Seconds that each call is on its way, or a pair between which it varies."""
        return self._front.latency

    @latency.setter
    def latency(self, latency: Latency) -> None:
        self._front.latency = latency

    def session_options(self) -> SessionOptions:
        """What makes an `IvsSession` talk to it: ``IvsSession(**local.session_options())``."""
        return {
            "region": self.region,
            "credentials": self.credentials,
            "endpoint_url": self.endpoint_url,
        }

    def environment(self) -> dict[str, str]:
        """The environment variables that make AWS SDKs talk to it."""
        variables = {
            "AWS_ENDPOINT_URL_IVS": self.endpoint_url,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ACCESS_KEY_ID": self.credentials.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.credentials.secret_access_key,
        }
        if self.credentials.session_token is not None:
            variables["AWS_SESSION_TOKEN"] = self.credentials.session_token
        return variables

    @_locked
    def start_stream(
        self,
        channel_arn: str,
        *,
        ingest: IngestConfigurations | Mapping[str, Any] | None = None,
        viewers: int = 0,
        starving: bool = False,
        failure: str | None = None,
        priority: int | None = None,
        stream_key: str | None = None,
    ) -> str:
        """A broadcaster connects, and the channel goes live after ``Delays.stream_start``.

        Args:
            channel_arn: The channel. It needs a stream key.
            ingest: What the encoder sends: `IngestConfigurations`, or the same as the API writes
                it (``{"videoConfigurations": [{"videoHeight": 720, ...}]}``). What is left out
                is as a 480p encoder sends it. More than the channel takes is refused.
            viewers: How many watch from the start.
            starving: Whether the encoder's data dries up at once.
            failure: Makes the stream fail at its start, for this reason.
            priority: Of the broadcaster. On a live channel, a takeover: it succeeds if the
                priority is above that of the broadcaster before and the pictures are alike.
            stream_key: The key's value, to have it checked.

        Returns:
            The stream's id.

        Raises:
            StreamRefused: The broadcaster was not let in, or thrown out at once.
        """
        tracks = ingest if ingest is None or isinstance(ingest, Mapping) else _wire(ingest)
        return self._streams.start(
            channel_arn,
            ingest=tracks,
            viewers=viewers,
            starving=starving,
            failure=failure,
            priority=priority,
            stream_key=stream_key,
        )

    @_locked
    def stop_stream(self, channel_arn: str) -> None:
        """The broadcaster disconnects. Nothing happens on a channel that is not live."""
        self._streams.stop(channel_arn)

    @_locked
    def fail_stream(self, channel_arn: str, reason: str = NO_CAPACITY) -> None:
        """IVS gives a live stream up for this reason, with a Stream Failure event.

        Raises:
            StreamRefused: The channel is not live.
        """
        self._streams.fail(channel_arn, reason)

    @_locked
    def starve_stream(self, channel_arn: str) -> None:
        """The encoder's data dries up. The stream ends after ``Delays.starvation`` of that.

        Raises:
            StreamRefused: The channel is not live.
        """
        self._streams.starve(channel_arn)

    @_locked
    def recover_stream(self, channel_arn: str) -> None:
        """The encoder's data comes again.

        Raises:
            StreamRefused: The channel is not live.
        """
        self._streams.recover(channel_arn)

    @_locked
    def set_viewers(self, channel_arn: str, viewers: int) -> None:
        """So many viewers watch; -1 is what IVS answers when counting them timed out.

        Raises:
            StreamRefused: The channel is not live.
        """
        self._streams.watch(channel_arn, viewers)

    @_locked
    def fail_recording(self, channel_arn: str, reason: str = "InternalServerException") -> None:
        """Writing the recording of a live stream fails, with a Recording End Failure event.

        Raises:
            LocalError: The channel is not being recorded.
        """
        self._service.store.advance()
        self._service.recordings.fail(channel_arn, reason)

    @_locked
    def set_bucket(self, name: str, region: str) -> None:
        """Say in which region an S3 bucket is. Unknown ones are where the local IVS is."""
        self._service.store.buckets[name] = region

    @_locked
    def metadata(self, channel_arn: str) -> list[Cue]:
        """The last 10,000 cues of a channel, the oldest first, over all its streams."""
        return self._service.streams.cues(channel_arn)

    @_locked
    def cues(self, channel_arn: str) -> Reader[Cue]:
        """The cues of a channel from now on: ``async for cue in local.cues(arn)``.

        As in a player, what came before is not repeated. Ends at `reset` and `close`.
        """
        return self._service.streams.follow(channel_arn)

    @_locked
    def events(self, channel_arn: str | None = None) -> list[Json]:
        """The last 10,000 EventBridge events, the oldest first, whole with their envelope.

        Args:
            channel_arn: Only those of this channel.
        """
        self._service.store.advance()
        return self._service.events.all(channel_arn)

    @_locked
    def follow_events(self) -> Reader[Json]:
        """The EventBridge events from now on. Ends at `reset` and `close`."""
        return self._service.events.follow()

    def calls(self, operation: str | None = None) -> list[Call]:
        """The last 100,000 calls that reached the service, the oldest first.

        Args:
            operation: Only those of this operation, ``PutMetadata`` or ``put_metadata``.

        Raises:
            LocalError: There is no such operation.
        """
        calls = list(self._front.calls)
        if operation is None or (name := _operation(operation, "*")) == "*":
            return calls
        return [call for call in calls if call.operation == name]

    @_locked
    def fail(
        self,
        operation: str = "*",
        error: str | None = None,
        *,
        channel_arn: str | None = None,
        status: int | None = None,
        message: str = "",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        delay: float = 0.0,
        reset: bool = False,
        cut: bool = False,
        html: bool = False,
        skew: float = 0.0,
        processed: bool = False,
        skip: int = 0,
        every: int = 1,
        times: int | None = 1,
    ) -> Fault:
        """Let calls fail: by default the next one of an operation, as it says.

        Args:
            operation: Which operation, ``PutMetadata`` or ``put_metadata``; ``*`` for any.
            error: Error code to answer with, such as ``ServiceUnavailable``.
            channel_arn: Only calls that name this channel.
            status: HTTP status to answer with; without ``error``, an answer without a code.
            message: Text of the error.
            headers: Headers that the answer has besides its own.
            body: Bytes to answer with, whatever they are.
            delay: Seconds before anything else happens.
            reset: Reset the connection in place of an answer.
            cut: Break the connection halfway through the answer's body, or in place of an answer
                that has none.
            html: Answer with an HTML page, as an edge in front of the service does (503).
            skew: Judge the signature by a clock that is so many seconds ahead, and say so in Date.
            processed: Do what is asked before failing: the answer is lost, not the call.
            skip: Let so many calls pass first.
            every: Fail one call in so many.
            times: Fail so many calls, None for all.

        Returns:
            The fault, which counts what it hits and can be cleared.

        Raises:
            LocalError: There is no such operation, a number is out of its bounds, or nothing says
                how the calls fail.
        """
        return self._faults.add(
            Fault(
                operation=_operation(operation, "*"),
                channel_arn=channel_arn,
                error=error,
                status=status,
                message=message,
                headers=headers or {},
                body=body,
                delay=delay,
                reset=reset,
                cut=cut,
                html=html,
                skew=skew,
                processed=processed,
                skip=skip,
                every=every,
                times=times,
            )
        )

    @_locked
    def clear_faults(self) -> None:
        """Let no call fail any more."""
        self._faults.clear()

    @_locked
    def issue_credentials(
        self, *, expires_in: float = 3_600.0, denied: Iterable[str] = ()
    ) -> Credentials:
        """Temporary credentials with a session token, accepted beside the others.

        Args:
            expires_in: Seconds after which they get ExpiredTokenException.
            denied: Operations for which they get AccessDeniedException, ``*`` for all.

        Raises:
            LocalError: There is no such operation.
        """
        refused = frozenset(_operation(name, "*") for name in denied)
        issued = Credentials(
            f"ASIA{secrets.token_hex(8).upper()}",
            secrets.token_urlsafe(30),
            secrets.token_urlsafe(60),
            datetime.fromtimestamp(self._clock() + expires_in, UTC),
        )
        self._authority.grants[issued.access_key_id] = Grant(issued, refused)
        return issued

    @_locked
    def expire_credentials(self, access_key_id: str) -> None:
        """Let credentials get ExpiredTokenException from now on.

        Raises:
            LocalError: There are no such credentials.
        """
        grant = self._authority.grants.get(access_key_id)
        if grant is None:
            raise LocalError("no credentials have this access key id")
        grant.credentials = attrs.evolve(
            grant.credentials, expires_at=datetime.fromtimestamp(self._clock(), UTC)
        )

    @_locked
    def deny(self, *operations: str) -> None:
        """Let everybody get AccessDeniedException for these operations, and for no others.

        Args:
            operations: As ``PutMetadata`` or ``put_metadata``, ``*`` for all.

        Raises:
            LocalError: There is no such operation.
        """
        self._authority.denied = frozenset(_operation(name, "*") for name in operations)

    @_locked
    def set_account_verified(self, verified: bool) -> None:
        """Whether the account is verified; calls of one that is not get PendingVerification."""
        self._authority.verified = verified

    @_locked
    def public_keys(self) -> list[str]:
        """The PEMs of the playback key pairs that are imported, the oldest first."""
        return [pair.material for pair in self._service.store.all("playback-key")]

    @_locked
    def revoked_version(self, channel_arn: str, viewer_id: str) -> int | None:
        """Up to which version a viewer's sessions were revoked, None if they were not."""
        return self._service.revocations.revoked(channel_arn, viewer_id)

    @_locked
    def authorize_playback(
        self, token: str, *, channel_arn: str | None = None, origin: str | None = None
    ) -> Json:
        """A player opens a private channel with a viewer's token: check it as the edge does.

        By the documented rules: size and form, signature by any imported key, expiry, origin,
        single use (this is the use), and revocation. Needs ``cryptography``, which the first call
        imports.

        Args:
            token: As in the playback URL's query, or the playback URL with it.
            channel_arn: The channel whose playback URL it is; by default that of the URL, or the
                token's own.
            origin: The web origin that the player names; None for one that names none.

        Returns:
            The token's claims.

        Raises:
            PlaybackRefused: The player is not let in; its ``reason`` tells what the edge does not.
        """
        return self._service.door.authorize(token, channel_arn, origin)

    @_locked
    def load(self, data: Mapping[str, Any]) -> dict[str, list[str]]:
        """Create what a document describes, by the rules of the API but not its call rates.

        Args:
            data: Lists named ``channels``, ``recordingConfigurations``, ``adConfigurations``,
                ``failoverSlateConfigurations``, ``playbackRestrictionPolicies`` and ``keyPairs``
                of what the Create operations take, in the API's spelling. An item may have an
                ``id``, the last part of its ARN; a channel may be ``live`` and have ``viewers``.

        Returns:
            The ARNs of what was created, under the same names.

        Raises:
            LocalError: Something in it cannot be created; what came before is there.
        """
        return load(self._service, data)

    @_locked
    def describe(self, arn: str) -> Json:
        """What the API tells of a resource of any kind, in the API's spelling.

        Raises:
            LocalError: There is none under this ARN.
        """
        try:
            return self._service.store.find(arn).body
        except ApiError as error:
            raise LocalError(error.message) from None

    @_locked
    def reset(self) -> None:
        """Forget everything that happened, and begin again as constructed."""
        self._service.close()
        self._service = self._front.service = self._fresh()
        self._restore()

    @property
    def _streams(self) -> Streams:
        self._service.store.advance()
        return self._service.streams

    def _fresh(self) -> Service:
        service = Service(
            region=self.region,
            account_id=self.account_id,
            clock=self._clock,
            random=Random(self._seed),
            limits=self._quotas,
            delays=self._delays,
        )
        service.store.on_schedule = self._schedule
        return service

    def _restore(self) -> None:
        self._faults.clear()
        self._rates.reset()
        self._front.calls.clear()
        self._authority.grants = {self.credentials.access_key_id: Grant(self.credentials)}
        self._authority.denied = frozenset()
        self._authority.verified = True
        load(self._service, self._data)

    def _schedule(self, delay: float) -> None:
        """Look after what is due even if nobody calls; the margin covers the clocks' grain."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._set_timer, delay + 0.005, self._service)

    def _set_timer(self, delay: float, service: Service) -> None:
        def fire() -> None:
            self._timers.discard(timer)
            with self._lock:
                service.store.advance()

        timer = asyncio.get_running_loop().call_later(delay, fire)
        self._timers.add(timer)


def _operation(name: str, *others: str) -> str:
    """The API's name of an operation in either spelling, or one of the others."""
    if not isinstance(name, str):
        raise LocalError(f"an operation is named by a str, not by a {type(name).__name__}")
    if name in others:
        return name
    if name not in OPERATIONS:
        near = get_close_matches(name, OPERATIONS, 1)
        hint = f"did you mean {near[0]}?" if near else "names are as PutMetadata or put_metadata"
        raise LocalError(f"there is no operation {name[:80]}; {hint}")
    return OPERATIONS[name]


def _steady_clock() -> Callable[[], float]:
    """The time of day, read once; it never goes back."""
    offset = time.time() - time.monotonic()
    return lambda: time.monotonic() + offset


def _wire(value: object) -> Any:
    """What the API writes for an attrs instance, without what is not set."""
    if isinstance(value, list):
        return [_wire(item) for item in value]
    if not attrs.has(type(value)):
        return value
    members = attrs.asdict(value, recurse=False)  # type: ignore[arg-type]
    return {camel_case(name): _wire(item) for name, item in members.items() if item is not None}
