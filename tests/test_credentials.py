"""Credentials: kept fresh in virtual time, found in the places where botocore finds them."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import json
import logging
import os
import pickle
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio
import botocore.credentials
import botocore.session
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivs_async._aws.errors import ConfigurationError, CredentialsError, ParameterError
from ivs_async.credentials import (
    Credentials,
    CredentialsCache,
    CredentialsProvider,
    DefaultChain,
    RefreshPolicy,
)

from .virtual_time import VirtualLoop, run

KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SECRET = "sesame+open/wJalrXUtnFEMI"
TOKEN = "sesame-token"
KEY = Credentials(KEY_ID, SECRET, TOKEN)
HOUR = 3600.0


def moment(seconds: float) -> datetime:
    """A time as a provider gives it."""
    return datetime.fromtimestamp(seconds, UTC)


# the credentials themselves


def test_what_files_add_is_dropped() -> None:
    """White space around a text is no part of a key; a token that is empty is none."""
    key = Credentials(f" {KEY_ID}\n", f"{SECRET}\r\n", f"\t{TOKEN} ")
    assert key == KEY
    assert (key.access_key_id, key.secret_access_key, key.session_token) == (KEY_ID, SECRET, TOKEN)
    assert Credentials(KEY_ID, SECRET, " ").session_token is None
    assert pickle.loads(pickle.dumps(key)) == key


@given(st.text("QXZ", min_size=1), st.text("JKV", min_size=1), st.booleans())
def test_the_repr_shows_four_characters_at_most(key_id: str, secret: str, expires: bool) -> None:
    """And these only of an id that is long enough to keep the rest."""
    until = moment(0) if expires else None
    shown = f"{Credentials(key_id, secret, secret, until)!r} {Credentials(key_id, secret)}"
    assert secret not in shown
    assert (key_id[-4:] in shown) is (len(key_id) >= 16)
    assert not set("QXZ") & set(shown.replace(key_id[-4:], ""))
    assert ("1970" in shown) is expires


@pytest.mark.parametrize(
    ("arguments", "rule"),
    [
        ((" ", SECRET), "access_key_id must not be empty"),
        ((KEY_ID, ""), "secret_access_key must not be empty"),
        ((None, SECRET), "access_key_id must be a str, not NoneType"),
        ((KEY_ID, b"sesame"), "secret_access_key must be a str, not bytes"),
        ((KEY_ID, SECRET, 5), "session_token must be a str, not int"),
        ((f"{KEY_ID}\nX-Header: 1", SECRET), "access_key_id must be printable ASCII"),
        ((KEY_ID, "sesame open"), "secret_access_key must be printable ASCII"),
        ((KEY_ID, SECRET, "sesäme"), "session_token must be printable ASCII"),
        ((KEY_ID, SECRET, None, datetime(2026, 1, 1)), "expires_at .* naive"),  # noqa: DTZ001
        ((KEY_ID, SECRET, None, 1234.5), "expires_at must be a datetime, not float"),
    ],
)
def test_what_cannot_sign_is_refused(arguments: Sequence[Any], rule: str) -> None:
    """By name and rule; the value is a secret."""
    with pytest.raises(ParameterError, match=rule) as refused:
        Credentials(*arguments)
    assert "ses" not in str(refused.value).replace("session_token", "")


# the cache, in virtual time


def seconds() -> float:
    """The clock of the running event loop, which begins at 0."""
    return asyncio.get_running_loop().time()


class Source:
    """A provider that counts its runs and gives a numbered key after a while, if it does."""

    def __init__(self, lifetime: float | None = HOUR, delay: float = 0) -> None:
        self.lifetime = lifetime
        self.delay = delay
        self.error: BaseException | None = None
        self.runs = 0

    async def __call__(self) -> Credentials:
        self.runs += 1
        number = self.runs
        await asyncio.sleep(self.delay)
        if self.error is not None:
            raise self.error
        until = None if self.lifetime is None else moment(seconds() + self.lifetime)
        return Credentials(f"KEY{number}", SECRET, TOKEN, until)


def cache_of(source: Credentials | CredentialsProvider, **policy: float) -> CredentialsCache:
    """A cache that takes the event loop's clock for the time of day."""
    return CredentialsCache(source, now=seconds, policy=RefreshPolicy(**policy))


async def key_id(cache: CredentialsCache) -> str:
    """Whose signature the next attempt would have."""
    return (cache.fresh() or await cache.get()).access_key_id


class TestRefresh:
    """When the source is asked, who waits, and what they get."""

    @pytest.fixture
    def anyio_backend(self) -> tuple[str, dict[str, object]]:
        """Everything here happens in virtual time."""
        return "asyncio", {"loop_factory": VirtualLoop}

    async def test_fixed_credentials_are_fresh_from_the_beginning(self) -> None:
        """No task, no waiting, for ever if they have no end."""
        cache = cache_of(KEY)
        assert cache.fresh() is KEY
        await asyncio.sleep(1000 * HOUR)
        assert cache.fresh() is await cache.get() is KEY

    async def test_fixed_credentials_serve_until_they_expire(self) -> None:
        """Nobody can renew them, so they are used to the end, and then the error says when."""
        key = Credentials(KEY_ID, SECRET, TOKEN, moment(HOUR))
        cache = cache_of(key)
        await asyncio.sleep(HOUR - 1)
        assert cache.fresh() is key
        await asyncio.sleep(1)
        assert cache.fresh() is None
        with pytest.raises(CredentialsError, match="expired at 1970-01-01T01:00:00"):
            await cache.get()

    async def test_a_source_without_an_end_is_asked_once(self) -> None:
        """Until the service calls its credentials expired."""
        source = Source(lifetime=None)
        cache = cache_of(source)
        assert cache.fresh() is None
        assert await key_id(cache) == "KEY1"
        await asyncio.sleep(1000 * HOUR)
        assert await key_id(cache) == "KEY1"

    async def test_a_quarter_of_an_hour_before_the_end_nobody_waits(self) -> None:
        """One task renews them in the background, the old ones serve until it is done."""
        source = Source(delay=30)
        cache = cache_of(source)
        await cache.get()
        await asyncio.sleep(45 * 60 - 1)
        assert (await key_id(cache), source.runs) == ("KEY1", 1)
        await asyncio.sleep(1)
        before = seconds()
        assert [await key_id(cache) for _ in range(50)] == ["KEY1"] * 50
        assert seconds() == before
        await asyncio.sleep(31)
        assert (await key_id(cache), source.runs) == ("KEY2", 2)

    async def test_ten_minutes_before_the_end_all_wait_for_one_refresh(self) -> None:
        """A session that was idle takes new credentials before it goes on."""
        source = Source(delay=3)
        cache = cache_of(source)
        await cache.get()
        await asyncio.sleep(51 * 60)
        keys = await asyncio.gather(*(key_id(cache) for _ in range(50)))
        assert (set(keys), source.runs) == ({"KEY2"}, 2)

    async def test_nobody_waits_long_while_the_old_ones_last(self) -> None:
        """A source that hangs costs its callers one short wait, not their calls."""
        source = Source()
        cache = cache_of(source)
        await cache.get()
        await asyncio.sleep(51 * 60)
        source.delay = 1000
        before = seconds()
        keys = await asyncio.gather(*(key_id(cache) for _ in range(50)))
        assert (set(keys), seconds() - before) == ({"KEY1"}, 5)
        assert [await key_id(cache) for _ in range(50)] == ["KEY1"] * 50
        assert (seconds() - before, source.runs) == (5, 2)

    async def test_a_source_that_hangs_is_given_up(self, caplog: pytest.LogCaptureFixture) -> None:
        """After a minute it is asked again; the old credentials serve meanwhile, to their end."""
        source = Source()
        cache = cache_of(source)
        await cache.get()
        source.delay = 10 * HOUR
        while seconds() < HOUR:
            assert await key_id(cache) == "KEY1"
            await asyncio.sleep(1)
        assert source.runs <= 2 + 15 * 60 / 70
        with pytest.raises(CredentialsError, match="did not answer within 60 s"):
            await cache.get()
        assert "serve on" in caplog.text
        source.delay = 0
        assert (await key_id(cache)).startswith("KEY")

    async def test_a_source_that_fails_stops_no_call_while_the_old_ones_last(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        """It is left alone for ten seconds, logged each time, and raised after the end."""
        source = Source()
        cache = cache_of(source)
        await cache.get()
        source.error = RuntimeError(SECRET)
        while seconds() < HOUR:
            assert await key_id(cache) == "KEY1"
            await asyncio.sleep(0.5)
        assert 80 <= source.runs <= 92
        with pytest.raises(CredentialsError, match=r"provider failed: RuntimeError$"):
            await cache.get()
        assert len(caplog.messages) == source.runs - 2
        assert {record.name for record in caplog.records} == {"ivs_async.credentials"}
        assert SECRET not in caplog.text
        source.error = None
        assert await key_id(cache) == f"KEY{source.runs}"

    async def test_a_failure_is_told_to_each_who_waited(self) -> None:
        """Each has an error of its own with the same cause, whose traceback does not grow."""
        source = Source(delay=1)
        source.error = KeyError(SECRET)
        cache = cache_of(source)
        outcomes = await asyncio.gather(*(cache.get() for _ in range(50)), return_exceptions=True)
        assert source.runs == 1
        assert {type(outcome) for outcome in outcomes} == {CredentialsError}
        assert len({id(outcome) for outcome in outcomes}) == 50
        causes = {outcome.__cause__ for outcome in outcomes if isinstance(outcome, Exception)}
        assert causes == {source.error}
        assert len(traceback.extract_tb(source.error.__traceback__)) <= 3
        assert SECRET not in str(outcomes[0])
        source.error = None
        assert (await key_id(cache), source.runs) == ("KEY2", 2)

    async def test_a_caller_that_is_cancelled_disturbs_nobody(self) -> None:
        """Not even the first one, and it ends at once."""
        source = Source(delay=1)
        cache = cache_of(source)
        callers = [asyncio.create_task(cache.get()) for _ in range(100)]
        await asyncio.sleep(0.5)
        callers[0].cancel()
        with pytest.raises(asyncio.CancelledError):
            await callers[0]
        assert seconds() == 0.5
        keys = await asyncio.gather(*callers[1:])
        assert ({key.access_key_id for key in keys}, source.runs) == ({"KEY1"}, 1)

    async def test_a_source_that_hangs_leaves_the_cache_usable(self) -> None:
        """Callers leave at their own time limits; who comes later finds the same refresh."""
        source = Source(delay=20)
        cache = cache_of(source)
        for limit in (1, 2):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(limit):
                    await cache.get()
        assert seconds() == 3
        assert (await key_id(cache), seconds(), source.runs) == ("KEY1", 20, 1)

    async def test_a_refresh_goes_on_after_its_last_caller_has_left(self) -> None:
        """A source that is slower than its callers' patience gets done nevertheless."""
        source = Source(delay=20)
        cache = cache_of(source)
        with anyio.move_on_after(1):
            await cache.get()
        await asyncio.sleep(30)
        assert cache.fresh() is not None

    @pytest.mark.parametrize("lifetime", [0.5, 5, 60, 15 * 60])
    async def test_short_lived_credentials_are_not_renewed_at_every_call(
        self, lifetime: float
    ) -> None:
        """The windows shrink with the time that the credentials have left."""
        source = Source(lifetime)
        cache = cache_of(source)
        for _ in range(400):
            await key_id(cache)
            await asyncio.sleep(lifetime / 40)
        assert 10 <= source.runs <= 15

    async def test_the_windows_of_long_lived_credentials_do_not_grow(self) -> None:
        """After half a day they are renewed a quarter of an hour before the end, not earlier."""
        source = Source(12 * HOUR)
        cache = cache_of(source)
        await cache.get()
        await asyncio.sleep(12 * HOUR - 15 * 60 - 1)
        assert cache.fresh() is not None
        await asyncio.sleep(2)
        assert cache.fresh() is None

    async def test_rejected_credentials_are_forgotten(self) -> None:
        """The service knows better than their date; what was already replaced is no news."""
        source = Source(delay=1)
        cache = cache_of(source)
        old = await cache.get()
        assert cache.reject(old)
        assert cache.fresh() is None
        assert cache.reject(old)
        new = await cache.get()
        assert (new.access_key_id, source.runs) == ("KEY2", 2)
        assert cache.reject(old)
        assert cache.fresh() is new

    async def test_a_source_with_nothing_new_is_not_worth_another_attempt(self) -> None:
        """The second time the same credentials are rejected, but the source is asked again."""
        answers = [KEY, Credentials(KEY_ID, SECRET, TOKEN), Credentials("NEW", SECRET)]
        given_so_far = iter(answers)

        async def source() -> Credentials:
            return next(given_so_far)

        cache = cache_of(source)
        assert cache.reject(await cache.get())
        assert not cache.reject(await cache.get())
        new = await cache.get()
        assert new.access_key_id == "NEW"
        assert cache.reject(new)

    async def test_fixed_credentials_that_are_rejected_are_all_there_is(self) -> None:
        """Nothing else can be had, so they stay."""
        cache = cache_of(KEY)
        assert not cache.reject(KEY)
        assert cache.fresh() is KEY

    async def test_credentials_rejected_during_a_refresh_are_used_no_more(self) -> None:
        """Callers who could have gone on with the old ones wait for the new ones."""
        source = Source()
        cache = cache_of(source)
        old = await cache.get()
        await asyncio.sleep(51 * 60)
        source.delay = 30
        caller = asyncio.create_task(cache.get())
        await asyncio.sleep(1)
        assert cache.reject(old)
        assert (await caller).access_key_id == "KEY2"

    @pytest.mark.parametrize(
        ("answer", "text"),
        [
            (None, "must return ivs_async.Credentials, not NoneType"),
            ({"AccessKeyId": KEY_ID}, "must return ivs_async.Credentials, not dict"),
            (
                Credentials(KEY_ID, SECRET, TOKEN, moment(-60)),
                "expired at 1969-12-31T23:59:00.*clock it is 1970",
            ),
        ],
    )
    async def test_what_a_source_gives_is_checked(self, answer: Any, text: str) -> None:
        """The error says what came, and which clock says that it is too old."""

        async def source() -> Any:
            return answer

        with pytest.raises(CredentialsError, match=text):
            await cache_of(source).get()

    @pytest.mark.parametrize(
        ("error", "text"),
        [
            (CredentialsError("the vault is sealed"), "^the vault is sealed$"),
            (ParameterError("a rule"), "provider failed: ParameterError: a rule$"),
            (TimeoutError(SECRET), "provider failed: TimeoutError$"),
            (asyncio.CancelledError(), "provider failed: CancelledError$"),
        ],
    )
    async def test_what_a_source_raises_is_one_kind_of_error(
        self, error: BaseException, text: str
    ) -> None:
        """With its text if it is an error of ours; a stranger's may hold a secret."""
        source = Source()
        source.error = error
        with pytest.raises(CredentialsError, match=text):
            await cache_of(source).get()

    async def test_closing_ends_the_refresh_and_its_callers(self) -> None:
        """At once, and the cache stays closed."""
        others = asyncio.all_tasks()
        source = Source(delay=1000)
        cache = cache_of(source)
        callers = [asyncio.create_task(cache.get()) for _ in range(10)]
        await asyncio.sleep(1)
        await cache.close()
        outcomes = await asyncio.gather(*callers, return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {CredentialsError}
        assert seconds() == 1
        assert asyncio.all_tasks() == others
        await cache.close()
        with pytest.raises(CredentialsError, match="closed"):
            await cache.get()
        assert source.runs == 1

    async def test_closing_forgets(self) -> None:
        """A closed session holds no secret."""
        for cache in (cache_of(KEY), cache_of(Source())):
            await cache.get()
            await cache.close()
            assert cache.fresh() is None

    async def test_closing_does_not_wait_for_a_source_that_will_not_end(self) -> None:
        """A provider that suppresses its cancellation is left behind."""

        async def stubborn() -> Credentials:
            try:
                await asyncio.sleep(1000)
            except asyncio.CancelledError:
                await asyncio.sleep(30)
            return KEY

        cache = cache_of(stubborn)
        caller = asyncio.create_task(cache.get())
        await asyncio.sleep(1)
        await cache.close()
        assert seconds() == 6
        caller.cancel()
        await asyncio.wait((caller,))
        await asyncio.sleep(30)

    @pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks came with Python 3.12")
    async def test_eager_tasks_make_no_difference(self) -> None:
        """A refresh may be done before the line that starts it is."""
        loop = asyncio.get_running_loop()
        loop.set_task_factory(asyncio.eager_task_factory)  # type: ignore[attr-defined,unused-ignore]
        answers: list[Credentials] = []

        async def source() -> Credentials:
            answers.append(Credentials(KEY_ID, SECRET, None, moment(seconds() + HOUR)))
            return answers[-1]

        cache = cache_of(source)
        assert await cache.get() is answers[0]
        await asyncio.sleep(46 * 60)
        assert await cache.get() is answers[1] is cache.fresh()


@given(
    lifetime=st.floats(1, 20 * HOUR),
    pauses=st.lists(st.floats(0, 2 * HOUR), min_size=1, max_size=30),
    delay=st.floats(0, 100),
    failing=st.sets(st.integers(2, 20)),
)
@settings(max_examples=100, deadline=None)
def test_no_caller_gets_expired_credentials(
    lifetime: float, pauses: list[float], delay: float, failing: set[int]
) -> None:
    """Whenever callers come and however the source behaves: good credentials or an error."""

    async def story() -> None:
        source = Source(lifetime, delay)
        cache = cache_of(source)
        for pause in pauses:
            source.error = OSError() if source.runs + 1 in failing else None
            runs = source.runs
            try:
                key = cache.fresh() or await cache.get()
            except CredentialsError:
                assert source.error is not None or delay >= min(60, lifetime)
            else:
                assert key.expires_at is not None
                assert key.expires_at.timestamp() > seconds()
            assert source.runs <= runs + 1
            await asyncio.sleep(pause)
        await cache.close()

    run(story())


# providers of every kind, in real time


async def given_later() -> Credentials:
    """An asynchronous provider."""
    await asyncio.sleep(0)
    return KEY


class Vault:
    """An object that is called."""

    async def __call__(self) -> Credentials:
        return await given_later()


def in_another_thread() -> Credentials:
    """A provider that may block, which the event loop's thread may not."""
    assert threading.current_thread() is not threading.main_thread()
    time.sleep(0.001)
    return KEY


def promised() -> Awaitable[Credentials]:
    """A plain function that returns something to be awaited."""
    return given_later()


@pytest.mark.parametrize(
    "provider",
    [
        given_later,
        functools.partial(given_later),
        Vault(),
        in_another_thread,
        functools.partial(in_another_thread),
        promised,
        lambda: given_later(),  # noqa: PLW0108  a function that is no coroutine function
    ],
    ids=["async", "async partial", "object", "sync", "sync partial", "promise", "lambda"],
)
async def test_a_provider_is_any_callable(provider: CredentialsProvider) -> None:
    """Asynchronous ones run in the loop, others in a thread; what can be awaited is awaited."""
    cache = CredentialsCache(provider)
    assert await cache.get() is cache.fresh() is KEY


async def test_a_provider_in_a_thread_sees_its_callers_context() -> None:
    """Context variables lead there, as they do to other worker threads."""
    name: contextvars.ContextVar[str] = contextvars.ContextVar("name")
    name.set("CONTEXT")
    cache = CredentialsCache(lambda: Credentials(name.get(), SECRET))
    assert (await cache.get()).access_key_id == "CONTEXT"


async def test_what_a_blocking_provider_raises_is_an_error() -> None:
    """Even what the machinery of coroutines would take for something else."""

    def provider() -> Credentials:
        raise StopIteration(SECRET)

    with pytest.raises(CredentialsError) as failed:
        await CredentialsCache(provider).get()
    assert SECRET not in str(failed.value)


@pytest.mark.parametrize("source", [KEY_ID, (KEY_ID, SECRET), 5, {}])
def test_what_is_neither_credentials_nor_provider_is_refused(source: Any) -> None:
    """At once, without a word of it."""
    with pytest.raises(ParameterError, match="credentials must be") as refused:
        CredentialsCache(source)
    assert KEY_ID not in str(refused.value)


async def _set(event: threading.Event) -> None:
    """Wait for another thread without blocking this one."""
    while not event.is_set():  # noqa: ASYNC110  the thread knows no loop
        await asyncio.sleep(0.001)


async def test_a_blocking_provider_that_hangs_is_left_behind() -> None:
    """Closing does not wait for its thread, whose late answer nobody misses."""
    asked, release, answered = threading.Event(), threading.Event(), threading.Event()

    def provider() -> Awaitable[Credentials]:
        asked.set()
        release.wait()
        answered.set()
        return given_later()

    cache = CredentialsCache(provider)
    caller = asyncio.create_task(cache.get())
    await _set(asked)
    await cache.close()
    with pytest.raises(CredentialsError, match="closed"):
        await caller
    release.set()
    await _set(answered)
    await asyncio.sleep(0.01)


async def test_a_late_answer_of_the_wrong_kind_is_dropped_as_well() -> None:
    """A thread that was given up may deliver anything."""
    asked, release = threading.Event(), threading.Event()

    def provider() -> Credentials:
        asked.set()
        release.wait()
        return KEY

    cache = CredentialsCache(provider, policy=RefreshPolicy(limit=0.05))
    with pytest.raises(CredentialsError, match=r"within 0\.05 s"):
        await cache.get()
    release.set()
    await asyncio.sleep(0.01)
    assert cache.fresh() is None


def test_a_provider_that_hangs_keeps_no_process_alive() -> None:
    """The program ends when it is done, and the loop may end before its threads."""
    code = (
        "import asyncio, time\n"
        "from ivs_async.credentials import CredentialsCache\n"
        "async def main():\n"
        "    cache = CredentialsCache(lambda: time.sleep(1000))\n"
        "    try:\n"
        "        await asyncio.wait_for(cache.get(), 0.05)\n"
        "    except TimeoutError:\n"
        "        print('left')\n"
        "asyncio.run(main())\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert (ended.stdout, ended.stderr) == ("left\n", "")


def test_an_answer_after_the_end_of_the_loop_goes_nowhere() -> None:
    """Without a traceback from the thread."""
    asked, release = threading.Event(), threading.Event()

    def provider() -> Credentials:
        asked.set()
        release.wait()
        return KEY

    async def story() -> None:
        task = asyncio.create_task(CredentialsCache(provider).get())
        await _set(asked)
        task.cancel()

    asyncio.run(story())
    release.set()
    for thread in threading.enumerate():
        if thread.name == "ivs_async: credentials":
            thread.join()


def test_a_cache_belongs_to_one_event_loop() -> None:
    """Use from another is an error that says so, not a deadlock."""
    cache = CredentialsCache(given_later)
    assert asyncio.run(cache.get()) is KEY
    with pytest.raises(ConfigurationError, match="event loop"):
        asyncio.run(cache.get())


def test_a_refresh_is_ended_by_its_own_event_loop() -> None:
    """Closing from another loop, while a refresh is going on, is refused."""
    cache = CredentialsCache(Source(delay=100))

    async def begin() -> None:
        with anyio.move_on_after(0.01):
            await cache.get()

    with asyncio.Runner() as runner:
        runner.run(begin())
        with pytest.raises(ConfigurationError, match="event loop"):
            _in_new_thread(lambda: asyncio.run(cache.close()))


def _in_new_thread(function: Callable[[], None]) -> None:
    """Run a function where no event loop is, and raise here what it raises."""
    errors: list[ConfigurationError] = []

    def work() -> None:
        try:
            function()
        except ConfigurationError as error:
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    for error in errors:
        raise error


# the default chain, in the environment of the process, which is where botocore looks


class Aws(ThreadingHTTPServer):
    """Plays the token service, a container's endpoint and the instance metadata service."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), AwsHandler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.requests: list[str] = []
        self.key = {
            "AccessKeyId": KEY_ID,
            "SecretAccessKey": SECRET,
            "Token": TOKEN,
            "Expiration": (datetime.now(UTC) + timedelta(hours=6)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }


class AwsHandler(BaseHTTPRequestHandler):
    server: Aws  # pyright: ignore[reportIncompatibleVariableOverride]  nobody else starts it

    def answer(self) -> None:
        """One answer for everybody who asks at one of the three places."""
        self.server.requests.append(
            f"{self.command} {self.path} {self.headers.get('Authorization', '')}"
        )
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        key = self.server.key
        if self.command == "POST":
            body = (
                '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
                "<AssumeRoleResult><Credentials>"
                f"<AccessKeyId>{key['AccessKeyId']}</AccessKeyId>"
                f"<SecretAccessKey>{key['SecretAccessKey']}</SecretAccessKey>"
                f"<SessionToken>{key['Token']}</SessionToken>"
                f"<Expiration>{key['Expiration']}</Expiration>"
                "</Credentials></AssumeRoleResult></AssumeRoleResponse>"
            )
        elif self.path.endswith("/token"):
            body = "metadata-token"
        elif self.path.endswith("/security-credentials/"):
            body = "role"
        else:
            body = json.dumps(key)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    do_GET = do_PUT = do_POST = answer  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def aws() -> Iterator[Aws]:
    """The three services on a port of this machine."""
    with Aws() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Machine:
    """A machine on which nobody has left credentials yet."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.config = folder / "config"
        self.keys = folder / "credentials"
        self.set = patch.setenv
        for name in os.environ:
            if name.startswith(("AWS_", "BOTO")):
                patch.delenv(name)
        self.set("HOME", str(folder))
        self.set("AWS_CONFIG_FILE", str(self.config))
        self.set("AWS_SHARED_CREDENTIALS_FILE", str(self.keys))
        self.set("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """An empty machine."""
    return Machine(tmp_path, monkeypatch)


async def test_the_environment_is_looked_at_first(machine: Machine) -> None:
    """Three variables, and a fourth for the end; botocore agrees."""
    machine.set("AWS_ACCESS_KEY_ID", f" {KEY_ID}")
    machine.set("AWS_SECRET_ACCESS_KEY", SECRET)
    assert await CredentialsCache().get() == Credentials(KEY_ID, SECRET)
    machine.set("AWS_SESSION_TOKEN", TOKEN)
    machine.set("AWS_CREDENTIAL_EXPIRATION", "2999-01-01T00:00:00Z")
    key = await CredentialsCache().get()
    assert key == Credentials(KEY_ID, SECRET, TOKEN, datetime(2999, 1, 1, tzinfo=UTC))
    theirs = botocore.session.Session().get_credentials()
    assert isinstance(theirs, botocore.credentials.RefreshableCredentials)
    assert theirs._expiry_time == key.expires_at


@pytest.mark.parametrize(
    ("variables", "text"),
    [
        ({"AWS_ACCESS_KEY_ID": KEY_ID}, "AWS_SECRET_ACCESS_KEY is not"),
        ({"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": " "}, "AWS_SECRET_ACCESS_KEY is"),
        (
            {"AWS_ACCESS_KEY_ID": "ses ame", "AWS_SECRET_ACCESS_KEY": SECRET},
            "in the environment: access_key_id must be printable",
        ),
        (
            {"AWS_CREDENTIAL_EXPIRATION": "tomorrow"},
            "AWS_CREDENTIAL_EXPIRATION must be an ISO 8601",
        ),
        ({"AWS_CREDENTIAL_EXPIRATION": "2999-01-01T00:00:00"}, "expires_at .* naive"),
        ({"AWS_CREDENTIAL_EXPIRATION": "2001-01-01T00:00:00Z"}, "expired at 2001-01-01"),
    ],
)
async def test_an_environment_that_is_half_set_is_an_error(
    variables: dict[str, str], text: str
) -> None:
    """Not a reason to sign with somebody else's key."""
    whole = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET}
    environ = variables if "AWS_ACCESS_KEY_ID" in variables else {**whole, **variables}
    with pytest.raises(CredentialsError, match=text) as failed:
        await CredentialsCache(environ=environ).get()
    assert "ame" not in str(failed.value).replace("named", "")


def test_the_environment_needs_no_botocore() -> None:
    """A function in the cloud starts without it."""
    code = (
        "import asyncio, sys; from ivs_async.credentials import CredentialsCache;"
        "environ = {'AWS_ACCESS_KEY_ID': 'key', 'AWS_SECRET_ACCESS_KEY': 'secret'};"
        "asyncio.run(CredentialsCache(environ=environ).get());"
        "print([name for name in sys.modules if 'botocore' in name])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


names = st.sampled_from(["default", "dev", "none"])
pairs = st.fixed_dictionaries(
    {},
    optional={
        "aws_access_key_id": st.sampled_from(["A", "B", "C"]),
        "aws_secret_access_key": st.sampled_from(["a", "b", "c"]),
        "aws_session_token": st.sampled_from(["x", "y"]),
        "credential_process": st.just("/nonexistent/process"),
    },
)


@given(
    variables=pairs,
    keys=st.dictionaries(names, pairs),
    config=st.dictionaries(names, pairs),
    named=st.none() | names,
    profile=st.none() | names,
)
@settings(max_examples=30, deadline=None)
def test_keys_are_those_that_botocore_finds(
    variables: dict[str, str],
    keys: dict[str, dict[str, str]],
    config: dict[str, dict[str, str]],
    named: str | None,
    profile: str | None,
) -> None:
    """Environment and files in every mixture, with and without a profile: the same key or none."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        machine = Machine(Path(folder), patch)
        for name, value in variables.items():
            machine.set(name.upper(), value)
        # the session refuses a profile that does not exist before it looks for credentials
        if named in {**keys, **config}:
            machine.set("AWS_PROFILE", named or "")
        for file, prefix, sections in (
            (machine.keys, "", keys),
            (machine.config, "profile ", config),
        ):
            lines = []
            for name, values in sections.items():
                lines.append(f"[{prefix}{name}]")
                lines += [f"{key} = {value}" for key, value in values.items()]
            file.write_text("\n".join(lines))
        try:
            found = botocore.session.Session(profile=profile).get_credentials()
            theirs = found and found.get_frozen_credentials()
        except Exception:  # noqa: BLE001  whatever it is, it found none
            theirs = None
        try:
            ours = asyncio.run(CredentialsCache(profile=profile).get())
        except CredentialsError:
            assert theirs is None
        else:
            assert theirs is not None
            assert ours == Credentials(theirs.access_key, theirs.secret_key, theirs.token)


async def test_a_profile_given_in_code_leaves_the_environment_out(machine: Machine) -> None:
    """As with botocore: who names a profile means that profile."""
    machine.set("AWS_ACCESS_KEY_ID", "ENVIRONMENT")
    machine.set("AWS_SECRET_ACCESS_KEY", "open")
    machine.keys.write_text(f"[dev]\naws_access_key_id={KEY_ID}\naws_secret_access_key={SECRET}")
    machine.set("AWS_PROFILE", "dev")
    assert (await CredentialsCache().get()).access_key_id == "ENVIRONMENT"
    assert (await CredentialsCache(profile="dev").get()).access_key_id == KEY_ID


async def test_another_environment_has_other_files(machine: Machine, tmp_path: Path) -> None:
    """The names of profile and files come from the mapping that was given."""
    other = tmp_path / "other"
    other.write_text(f"[prod]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET}")
    environ = {
        "AWS_CONFIG_FILE": "/nonexistent",
        "AWS_SHARED_CREDENTIALS_FILE": str(other),
        "AWS_DEFAULT_PROFILE": "prod",
    }
    assert await CredentialsCache(environ=environ).get() == Credentials(KEY_ID, SECRET)
    environ["AWS_PROFILE"] = "dev"
    with pytest.raises(CredentialsError, match=r"botocore could not .*profile .dev."):
        await CredentialsCache(environ=environ).get()


async def test_keys_that_were_replaced_on_disk_are_found(machine: Machine) -> None:
    """After the service has rejected the old ones, without a restart."""
    machine.keys.write_text("[default]\naws_access_key_id = OLD\naws_secret_access_key = old")
    cache = CredentialsCache()
    old = await cache.get()
    machine.keys.write_text("[default]\naws_access_key_id = NEW\naws_secret_access_key = new")
    assert cache.reject(old)
    assert (await cache.get()).access_key_id == "NEW"


async def test_a_process_may_bring_credentials(machine: Machine, tmp_path: Path) -> None:
    """It runs once for many callers, and in a worker thread."""
    answer = {"Version": 1, "AccessKeyId": KEY_ID, "SecretAccessKey": SECRET}
    answer["Expiration"] = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    script = tmp_path / "process.py"
    script.write_text(
        f"open({str(tmp_path / 'runs')!r}, 'a').write('x')\nprint({json.dumps(answer)!r})\n"
    )
    machine.config.write_text(f"[default]\ncredential_process = {sys.executable} -S {script}")
    cache = CredentialsCache()
    keys = await asyncio.gather(*(cache.get() for _ in range(20)))
    assert {key.access_key_id for key in keys} == {KEY_ID}
    assert keys[0].expires_at == datetime.fromisoformat(str(answer["Expiration"]))
    assert (tmp_path / "runs").read_text() == "x"


async def test_a_container_may_bring_credentials(machine: Machine, aws: Aws) -> None:
    """With the end that the container's endpoint says."""
    machine.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{aws.url}/container")
    key = await CredentialsCache().get()
    expires_at = datetime.fromisoformat(aws.key["Expiration"])
    assert key == Credentials(KEY_ID, SECRET, TOKEN, expires_at)


async def test_an_instance_may_bring_credentials(machine: Machine, aws: Aws) -> None:
    """Through the metadata service, with its session token."""
    machine.set("AWS_EC2_METADATA_DISABLED", "false")
    machine.set("AWS_EC2_METADATA_SERVICE_ENDPOINT", aws.url)
    key = await CredentialsCache().get()
    assert key.expires_at == datetime.fromisoformat(aws.key["Expiration"])
    assert aws.requests[0].startswith("PUT /latest/api/token")


@pytest.mark.parametrize("source", ["argument", "AWS_REGION", "profile"])
async def test_a_role_is_assumed_in_the_region_of_the_session(
    machine: Machine, aws: Aws, caplog: pytest.LogCaptureFixture, source: str
) -> None:
    """And no log at any level has the answer, although botocore would write it down."""
    machine.keys.write_text("[base]\naws_access_key_id = BASE\naws_secret_access_key = sesame")
    machine.config.write_text(
        "[default]\nrole_arn = arn:aws:iam::123456789012:role/demo\nsource_profile = base\n"
        f"region = {'eu-central-1' if source == 'profile' else 'us-east-1'}"
    )
    machine.set("AWS_ENDPOINT_URL_STS", aws.url)
    if source == "AWS_REGION":
        machine.set("AWS_REGION", "eu-central-1")
    cache = CredentialsCache(region="eu-central-1" if source == "argument" else None)
    with caplog.at_level(logging.DEBUG):
        key = await cache.get()
    assert key == Credentials(KEY_ID, SECRET, TOKEN, datetime.fromisoformat(aws.key["Expiration"]))
    assert "/eu-central-1/sts/" in aws.requests[0]
    assert "new credentials" in caplog.text
    assert "sesame" not in caplog.text
    signature = aws.requests[0].rpartition("Signature=")[2]
    assert len(signature) == 64
    assert signature not in caplog.text


async def test_botocore_speaks_to_others_as_before(
    machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    """Only what it says in our threads is left out, and only what is for debugging."""
    machine.keys.write_text(
        f"[default]\naws_access_key_id={KEY_ID}\naws_secret_access_key={SECRET}"
    )
    with caplog.at_level(logging.DEBUG):
        await CredentialsCache().get()
        assert "Found credentials in shared credentials file" in caplog.text
        assert "Looking for credentials via" not in caplog.text
        botocore.session.Session().get_credentials()
        assert "Looking for credentials via" in caplog.text


async def test_an_end_that_botocore_keeps_to_itself_is_a_short_lease(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Credentials that can be renewed are asked for again in time."""
    found = botocore.credentials.RefreshableCredentials(
        KEY_ID, SECRET, TOKEN, None, refresh_using=dict, method="test"
    )
    monkeypatch.setattr(botocore.session.Session, "get_credentials", lambda _: found)
    before = datetime.now(UTC)
    key = await DefaultChain()()
    assert key.expires_at is not None
    assert before <= key.expires_at - timedelta(minutes=5) <= datetime.now(UTC)


@pytest.mark.parametrize("metadata", ["disabled", "refuses"])
@pytest.mark.parametrize("profile", [None, "dev"])
async def test_where_there_are_none_the_error_is_a_guide(
    machine: Machine, metadata: str, profile: str | None
) -> None:
    """It lists where was looked, and what to do."""
    if metadata == "refuses":
        machine.set("AWS_EC2_METADATA_DISABLED", "false")
        with Aws() as closed:
            machine.set("AWS_EC2_METADATA_SERVICE_ENDPOINT", closed.url)
    machine.config.write_text("[profile dev]")
    with pytest.raises(CredentialsError) as failed:
        await CredentialsCache(profile=profile).get()
    text = str(failed.value)
    for place in (
        "left out" if profile else "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        f"{profile or 'default'!r} in {machine.config} and {machine.keys}",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "instance metadata (disabled)" if metadata == "disabled" else "no answer or no role",
        "aws configure",
        "IvsSession(credentials=...)",
    ):
        assert place in text
