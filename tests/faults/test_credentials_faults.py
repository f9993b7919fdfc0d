"""Credentials that expire, hang, fail, come late or come to many callers at once."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from ivs_async import Credentials, CredentialsError, IvsError, ServiceError
from ivs_async.credentials import CredentialsCache
from tests.faults.client import ARN, CHANNEL, DONE, open_session
from tests.wire import Connection, Step, Wire, error, http


def numbered(number: int, lifetime: timedelta | None = timedelta(hours=1)) -> Credentials:
    """The credentials that a provider's call of that number gives."""
    expires_at = None if lifetime is None else datetime.now(UTC) + lifetime
    return Credentials(f"AKID{number}", "secret", "token", expires_at)


class Provider:
    """Counts how often it is asked, and gives numbered credentials after a gate opens."""

    def __init__(self, lifetime: timedelta | None = timedelta(hours=1)) -> None:
        self.calls = 0
        self.lifetime = lifetime
        self.gate = asyncio.Event()
        self.asked = asyncio.Event()
        self.failures = 0

    async def __call__(self) -> Credentials:
        self.calls += 1
        self.asked.set()
        await self.gate.wait()
        if self.failures:
            self.failures -= 1
            raise RuntimeError("the vault is sealed")
        return numbered(self.calls, self.lifetime)


def key_ids(wire: Wire) -> list[str]:
    """Whose signatures arrived, in order."""
    headers = [request.headers["Authorization"] for request in wire.requests]
    return [header.partition("Credential=")[2].partition("/")[0] for header in headers]


async def test_a_hundred_callers_cause_one_refresh() -> None:
    """Those who come while credentials are being fetched wait for the same fetch."""
    provider = Provider()
    async with (
        Wire(CHANNEL) as wire,
        open_session(wire, credentials=provider) as ivs,
        asyncio.TaskGroup() as group,
    ):
        for _ in range(100):
            group.create_task(ivs.get_channel(arn=ARN))
        await provider.asked.wait()
        provider.gate.set()
    assert provider.calls == 1
    assert key_ids(wire) == ["AKID1"] * 100


async def test_a_hundred_callers_of_a_synchronous_provider_cause_one_refresh() -> None:
    """The same for a plain function, which runs in a worker thread."""
    threads = []

    def provider() -> Credentials:
        threads.append(threading.current_thread())
        return numbered(len(threads))

    async with Wire(CHANNEL) as wire, open_session(wire, credentials=provider) as ivs:
        await asyncio.gather(*(ivs.get_channel(arn=ARN) for _ in range(100)))
    assert len(threads) == 1
    assert threads[0] is not threading.main_thread()


async def test_cancelling_the_first_caller_leaves_the_others_their_refresh() -> None:
    """The fetch belongs to the session: its initiator's end is not its end."""
    provider = Provider()
    async with Wire(CHANNEL) as wire, open_session(wire, credentials=provider) as ivs:
        tasks = [asyncio.create_task(ivs.get_channel(arn=ARN)) for _ in range(100)]
        await provider.asked.wait()
        tasks[0].cancel()
        with pytest.raises(asyncio.CancelledError):
            await tasks[0]
        provider.gate.set()
        await asyncio.gather(*tasks[1:])
    assert provider.calls == 1
    assert len(wire.requests) == 99


async def test_a_failed_refresh_fails_those_who_waited_and_nobody_after() -> None:
    """One failure is told to all that waited for it; the next caller asks again."""
    provider = Provider()
    provider.failures = 1
    async with Wire(CHANNEL) as wire, open_session(wire, credentials=provider) as ivs:
        tasks = [asyncio.create_task(ivs.get_channel(arn=ARN)) for _ in range(20)]
        await provider.asked.wait()
        provider.gate.set()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {CredentialsError}
        assert provider.calls == 1
        await ivs.get_channel(arn=ARN)
    assert key_ids(wire) == ["AKID2"]


async def test_credentials_that_expire_in_flight_are_replaced() -> None:
    """The service calls them expired: new ones are fetched and the call goes out again."""
    provider = Provider()
    provider.gate.set()
    expired = error("ExpiredTokenException", 403)
    async with Wire(expired, DONE) as wire, open_session(wire, credentials=provider) as ivs:
        await ivs.put_metadata(channel_arn=ARN, metadata="goal")
    assert key_ids(wire) == ["AKID1", "AKID2"]


async def test_credentials_that_expire_under_many_calls_are_replaced_once() -> None:
    """Twenty refusals of the same credentials are one reason to fetch."""
    provider = Provider()
    provider.gate.set()

    async def strict(connection: Connection) -> None:
        old = "Credential=AKID1/" in connection.request.headers["Authorization"]
        await connection.send(
            http(403, {}, {"x-amzn-ErrorType": "ExpiredTokenException"})
            if old
            else http(200, {"channel": {"arn": ARN}})
        )

    async with Wire(Step(strict)) as wire, open_session(wire, credentials=provider) as ivs:
        await asyncio.gather(*(ivs.get_channel(arn=ARN) for _ in range(20)))
    assert provider.calls == 2
    assert len(wire.requests) <= 40


async def test_expired_credentials_that_cannot_be_replaced_are_raised_at_once() -> None:
    """Fixed credentials do not get better by trying again."""
    async with Wire(error("ExpiredTokenException", 403)) as wire, open_session(wire) as ivs:
        with pytest.raises(ServiceError) as caught:
            await ivs.get_channel(arn=ARN)
    assert caught.value.code == "ExpiredTokenException"
    assert len(wire.requests) == 1


async def test_a_service_that_calls_everything_expired_is_not_asked_for_ever() -> None:
    """Replacing credentials counts as an attempt."""
    provider = Provider()
    provider.gate.set()
    async with (
        Wire(error("ExpiredTokenException", 403)) as wire,
        open_session(wire, credentials=provider) as ivs,
    ):
        with pytest.raises(ServiceError):
            await ivs.get_channel(arn=ARN)
    assert len(wire.requests) == 3


async def test_credentials_that_came_expired_are_refused_here() -> None:
    """A provider that gives expired credentials is an error of its own, before anything is sent."""
    provider = Provider(lifetime=-timedelta(seconds=1))
    provider.gate.set()
    async with Wire(CHANNEL) as wire, open_session(wire, credentials=provider) as ivs:
        with pytest.raises(CredentialsError, match="expired"):
            await ivs.get_channel(arn=ARN)
    assert wire.requests == []


@pytest.mark.parametrize("synchronous", [False, True], ids=["async", "sync"])
async def test_rotation_needs_no_restart(synchronous: bool) -> None:
    """Hour after hour new credentials are fetched, as often as needed, and no call notices."""
    now = time.time()
    calls = 0

    def plain() -> Credentials:
        nonlocal calls
        calls += 1
        return Credentials(
            f"AKID{calls}", "secret", "token", datetime.fromtimestamp(now + 3600, UTC)
        )

    async def awaited() -> Credentials:
        return plain()

    provider: Callable[[], Any] = plain if synchronous else awaited
    async with Wire(CHANNEL) as wire, open_session(wire, credentials=provider) as ivs:
        cast(CredentialsCache, ivs._calls.core.identities)._now = lambda: now
        for _ in range(4):
            await ivs.get_channel(arn=ARN)
            await ivs.get_channel(arn=ARN)
            now += 3590
    assert key_ids(wire) == [f"AKID{number}" for number in (1, 1, 2, 2, 3, 3, 4, 4)]


@pytest.mark.parametrize(
    "broken",
    [
        lambda: None,
        lambda: ("AKID", "secret"),
        lambda: dict[str, str]()["key"],
        lambda: open("/nonexistent/credentials"),  # noqa: PTH123, SIM115
        lambda: Credentials("", ""),
    ],
    ids=["none", "tuple", "KeyError", "OSError", "empty"],
)
async def test_a_broken_provider_is_a_credentials_error(broken: Callable[[], Any]) -> None:
    """Whatever it raises or returns, the caller handles one class, and nothing is sent."""
    async with Wire(CHANNEL) as wire, open_session(wire, credentials=broken) as ivs:
        with pytest.raises(CredentialsError):
            await ivs.get_channel(arn=ARN)
    assert wire.requests == []


async def test_a_provider_that_hangs_is_bounded_by_the_calls_limit() -> None:
    """``timeout`` covers the fetching of credentials."""
    provider = Provider()
    async with (
        Wire(CHANNEL) as wire,
        open_session(wire, credentials=provider, timeout=0.1) as ivs,
    ):
        with pytest.raises(IvsError):
            await ivs.get_channel(arn=ARN)
    assert wire.requests == []


async def test_a_blocking_provider_that_hangs_is_bounded_by_the_calls_limit() -> None:
    """The same when the provider blocks a thread; closing the session does not wait for it."""
    released = threading.Event()

    def provider() -> Credentials:
        released.wait()
        return numbered(1)

    try:
        async with (
            Wire(CHANNEL) as wire,
            open_session(wire, credentials=provider, timeout=0.1) as ivs,
        ):
            with pytest.raises(IvsError):
                await ivs.get_channel(arn=ARN)
        assert not released.is_set()
        assert wire.requests == []
    finally:
        released.set()


async def test_cancelling_does_not_wait_for_a_blocking_provider() -> None:
    """A cancelled call ends while its provider still blocks the thread."""
    loop, asked, released = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def provider() -> Credentials:
        loop.call_soon_threadsafe(asked.set)
        released.wait()
        return numbered(1)

    try:
        async with Wire(CHANNEL) as wire, open_session(wire, credentials=provider) as ivs:
            task = asyncio.create_task(ivs.get_channel(arn=ARN))
            await asked.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert not released.is_set()
    finally:
        released.set()


async def test_closing_ends_a_refresh() -> None:
    """A session that closes while credentials are fetched ends its calls and the fetch."""
    provider = Provider()
    async with Wire(CHANNEL) as wire:
        async with open_session(wire, credentials=provider) as ivs:
            task = asyncio.create_task(ivs.get_channel(arn=ARN))
            await provider.asked.wait()
        with pytest.raises(IvsError, match="closed"):
            await task
