"""Many bots on one account for real seconds: processes, a Redis, a local IVS that counts."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from pathlib import Path
from statistics import mean
from typing import Any

import attrs
import pytest
from anyio import to_thread

from ivs_async import PUBLISHED, IvsSession, RateLimiter
from ivs_async.local import LocalIvs
from ivs_async.local.rates import Discipline

from .limiter_suite import busiest_window
from .redis_server import RedisServer, binary

pytestmark = pytest.mark.soak

KEYS = "{ivs-async:123456789012:us-west-2}"
RATES = {"PutMetadata": PUBLISHED["PutMetadata"]}
RATE = 155
CHANNELS = 40
PROCESSES = 4
TASKS = 25
SECONDS = 20.0
# of the beginning, in which the bots come in one after the other
SETTLING = 2.0
# when something happens, and until when the tokens of a dead bot are out
AT = 4.0
# attempt_timeout, settle, the time to be handed over in, a period
LEASE = 3.0 + 1 + 1 + 1
# all but one bot's part
CUT_OFF = 1 - 1 / PROCESSES
# seconds for which a bot may be held up without harm
BUSY = 0.5


class Counted(LocalIvs):
    """A local IVS that remembers when its PutMetadata calls arrived."""

    def __init__(self, **options: Any) -> None:
        super().__init__(call_rates=RATES, verify_signatures=False, **options)
        self.arrivals: list[float] = []
        admit = self._rates.admit

        def count(operation: str, resource: str | None, now: float) -> None:
            if operation == "PutMetadata":
                self.arrivals.append(time.monotonic())
            admit(operation, resource, now)

        self._rates.admit = count  # type: ignore[method-assign]

    def between(self, start: float, end: float) -> list[float]:
        """The arrivals from one time to another."""
        return [at for at in self.arrivals if start <= at < end]


@pytest.fixture
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RedisServer]:
    """A server of the test's own, Redis unless the test names another."""
    with RedisServer(binary(getattr(request, "param", "redis-server")), tmp_path) as server:
        yield server


@attrs.frozen
class Bot:
    """A process and what becomes of it."""

    process: Process

    async def ready(self) -> None:
        assert self.process.stdout
        assert await self.process.stdout.readline() == b"ready\n"

    def go(self) -> None:
        assert self.process.stdin
        self.process.stdin.write(b"go\n")

    async def report(self) -> dict[str, Any]:
        """What it tells in the end; nothing if it was killed."""
        output, _ = await self.process.communicate()
        report: dict[str, Any] = json.loads(output) if output else {}
        return report


@attrs.frozen
class Flood:
    """What came of a flood.

    Attributes:
        began: When it was let loose.
        made: Calls of each bot that came to its end.
        trips: Seconds that attempts took.
        errors: Of all bots, by name.
        held_up: Seconds for which a bot's event loop was held up at most.
        script_calls: Of the limiter's script, as the server counted them.
    """

    began: float
    made: list[int]
    trips: list[float]
    errors: dict[str, int]
    held_up: float
    script_calls: int

    @property
    def throttles(self) -> int:
        """Refused calls."""
        return self.errors.get("ThrottlingException", 0)


async def channels(local: LocalIvs) -> list[str]:
    """Live channels."""
    async with IvsSession(**local.session_options(), rate_limiter=RateLimiter(RATES)) as ivs:
        created = await asyncio.gather(
            *(ivs.create_channel(name=f"channel-{number}") for number in range(CHANNELS))
        )
    arns = [each.channel.arn for each in created]
    for arn in arns:
        local.start_stream(arn)
    return arns


async def start(
    local: LocalIvs, server: RedisServer, *, seconds: float = SECONDS, **changes: Any
) -> list[Bot]:
    """The bots, ready to go. Neighbours flood the same channels."""
    arns = await channels(local)
    credentials = local.credentials
    plan = {
        "redis": server.url,
        "endpoint_url": local.endpoint_url,
        "credentials": [credentials.access_key_id, credentials.secret_access_key],
        "seconds": seconds,
        "limiter": {"fallback_share": 1 / PROCESSES, "attempt_timeout": 3.0},
        "gives_up": 0.0,
        "clock_jumps": [],
        **changes,
    }
    bots = []
    for number in range(PROCESSES):
        own = [arns[(number * TASKS + task) % CHANNELS] for task in range(TASKS)]
        jumps = plan["clock_jumps"][number : number + 1]
        bots.append(
            Bot(
                await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "tests.redis_bot"),
                    json.dumps({**plan, "channels": own, "clock_jumps": sum(jumps)}),
                    stdin=PIPE,
                    stdout=PIPE,
                )
            )
        )
    for bot in bots:
        await bot.ready()
    return bots


async def flood(
    bots: list[Bot],
    server: RedisServer,
    meanwhile: Callable[[], Coroutine[Any, Any, None]] | None = None,
) -> Flood:
    """Let the bots loose, and let things happen meanwhile."""
    before = script_calls(server)
    began = time.monotonic()
    for bot in bots:
        bot.go()
    happening = asyncio.create_task(meanwhile()) if meanwhile else None
    reports = await asyncio.gather(*(bot.report() for bot in bots))
    if happening:
        await happening
    errors: dict[str, int] = {}
    for report in reports:
        for name, number in report.get("errors", {}).items():
            errors[name] = errors.get(name, 0) + number
    return Flood(
        began=began,
        made=[report["made"] for report in reports if report],
        trips=[trip for report in reports for trip in report.get("trips", [])],
        errors=errors,
        held_up=max(report["held_up"] for report in reports if report),
        script_calls=script_calls(server) - before,
    )


def script_calls(server: RedisServer) -> int:
    """As the server counted them since it was started."""
    lines = server.command("INFO commandstats").decode().splitlines()
    counts = [line.partition("calls=")[2].partition(",")[0] for line in lines if "_eval" in line]
    return sum(map(int, counts))


def tell(capsys: pytest.CaptureFixture[str], what: str) -> None:
    """Say what was measured, whether the test passes or fails."""
    with capsys.disabled():
        print(f"\n{what}; load {os.getloadavg()[0]:.1f}")  # noqa: T201


@pytest.mark.parametrize(
    ("server", "discipline"),
    [
        ("redis-server", "sliding"),
        ("redis-server", "calendar"),
        ("redis-server", "bucket"),
        ("valkey-server", "sliding"),
        ("redis-server-6.2", "sliding"),
    ],
    indirect=["server"],
)
async def test_four_bots_flood_and_nobody_is_throttled(
    discipline: Discipline, server: RedisServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole rate, in equal parts, at less than two calls of the script for each."""
    async with Counted(rates=discipline, latency=(0.01, 0.05)) as local:
        bots = await start(local, server)
        seen = await flood(bots, server)
    arrivals = local.between(seen.began + SETTLING, seen.began + SECONDS)
    ideal = RATE / (1 + mean(seen.trips))
    reached = len(arrivals) / (SECONDS - SETTLING) / ideal
    worst = min(seen.made) / mean(seen.made)
    cost = seen.script_calls / sum(seen.made)
    tell(
        capsys,
        f"{discipline}: {seen.throttles} throttles, {reached:.1%} of {ideal:.1f}/s (round trip "
        f"{mean(seen.trips) * 1000:.0f} ms), worst process {worst:.1%} of its part, {cost:.2f} "
        f"script calls per call, busiest second {busiest_window(local.arrivals)}, {seen.errors}",
    )
    assert seen.throttles == 0
    assert busiest_window(local.arrivals) <= RATE
    assert reached >= 0.94
    assert worst >= 0.8
    assert cost <= 2


@attrs.frozen
class Fault:
    """What happens in the middle of a flood.

    Attributes:
        happens: What is done, some seconds after the beginning.
        over: Seconds after which everything must be as before.
        changes: To what the bots do.
        killed: How many bots do not live to the end.
        parts: Of the rate, what bots that were held up may spend beside those that have Redis.
    """

    happens: Callable[[list[Bot], RedisServer], Awaitable[None]]
    over: float = AT
    changes: dict[str, Any] = attrs.Factory(dict)
    killed: int = 0
    parts: float = 0.0


async def flush_scripts(bots: list[Bot], server: RedisServer) -> None:
    for _ in range(10):
        server.command("SCRIPT FLUSH")
        await asyncio.sleep(0.5)


async def hold_up(bot: Bot) -> None:
    """So that bots do not notice everything at the same time."""
    bot.process.send_signal(signal.SIGSTOP)
    await asyncio.sleep(0.2)
    bot.process.send_signal(signal.SIGCONT)


async def pause(bots: list[Bot], server: RedisServer) -> None:
    server.pause()
    await hold_up(bots[0])
    await asyncio.sleep(2.8)
    server.resume()


async def restart(bots: list[Bot], server: RedisServer) -> None:
    server.kill()
    await hold_up(bots[0])
    await asyncio.sleep(2.8)
    await to_thread.run_sync(server.start)


async def restart_at_once(bots: list[Bot], server: RedisServer) -> None:
    server.kill()
    await to_thread.run_sync(server.start)


async def kill_a_bot(bots: list[Bot], server: RedisServer) -> None:
    bots[0].process.kill()


FAULTS = {
    "scripts are flushed, clocks jump, a third of the calls is cancelled": Fault(
        flush_scripts, changes={"clock_jumps": [5.0, -5.0], "gives_up": 0.3}
    ),
    "Redis pauses for 3 s": Fault(pause, over=AT + 3 + 3, parts=CUT_OFF),
    "Redis is killed and back after 3 s": Fault(restart, over=AT + 3 + 4, parts=CUT_OFF),
    "Redis is killed and back at once": Fault(restart_at_once, over=AT + 5, parts=CUT_OFF),
    "a bot is killed": Fault(kill_a_bot, over=AT + LEASE + 1, killed=1),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
async def test_whatever_happens_no_window_is_overfull_and_no_capacity_is_lost(
    fault: Fault, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody is throttled, the whole rate is there when it is over, and nothing is left in Redis.

    That holds as long as no bot is held up for longer than it may. Where one is in an outage, as on
    a machine that gave its processors to somebody else, no more than its part and those of others
    comes on top; and after a throttle the bucket steps back for longer than the test lasts.
    """
    with RedisServer(binary("redis-server"), tmp_path) as server:
        async with Counted(latency=(0.01, 0.05)) as local:
            bots = await start(local, server, **fault.changes)

            async def happen() -> None:
                await asyncio.sleep(AT)
                await fault.happens(bots, server)

            seen = await flood(bots, server, happen)
        forgotten = time.monotonic() + LEASE + 1
        while left := {key for key in server.stored() if "PutMetadata" in key}:
            if time.monotonic() > forgotten:
                break
            await asyncio.sleep(0.1)
    end = seen.began + SECONDS
    during = len(local.between(seen.began + AT, seen.began + fault.over))
    afterwards = len(local.between(seen.began + fault.over, end))
    # all tokens may come back together, so a window's ends may cut a round
    trip = mean(seen.trips)
    ideal = RATE / (1 + trip) * (SECONDS - fault.over)
    tell(
        capsys,
        f"{seen.throttles} throttles, {during} calls in the {fault.over - AT:.0f} s until it was "
        f"over, then {afterwards / ideal:.1%} of the ideal, busiest second "
        f"{busiest_window(local.arrivals)}, a bot held up for {seen.held_up:.2f} s, {seen.errors}",
    )
    parts = 0.0 if seen.held_up < BUSY else fault.parts
    assert len(seen.made) == PROCESSES - fault.killed
    whole = [at for at in local.arrivals if not AT <= at - seen.began < fault.over]
    assert busiest_window(whole) <= RATE
    assert busiest_window(local.arrivals) <= RATE * (1 + parts)
    assert parts or seen.throttles == 0
    assert seen.throttles or afterwards >= 0.94 * (ideal - RATE)
    assert left <= ({f"{KEYS}:PutMetadata:state"} if seen.throttles else set())
