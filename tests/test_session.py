"""The session: opened, shared, viewed, closed; bad input refused before anything is sent."""

from __future__ import annotations

import asyncio
import logging
import ssl
import threading
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import aiohttp
import attrs
import pytest

from ivs_async import (
    AttemptRecord,
    ConfigurationError,
    Credentials,
    CredentialsError,
    IvsSession,
    NoLimit,
    ParameterError,
    RateLimiter,
    RateLimitExceeded,
    RequestNotSent,
    RequestTimeout,
    ResponseNotReceived,
    ServiceUnavailable,
    ValidationException,
)
from ivs_async.limiter import Permit
from ivs_async.models import (
    BatchStartViewerSessionRevocationViewerSession as Revocation,
)
from tests.faults.client import ARN, CHANNEL, CREDENTIALS, DONE, Pauses, open_session
from tests.wire import HANG, Connection, Step, Wire, answer, error


async def arrived(wire: Wire, count: int) -> None:
    """Wait until so many requests have reached the server."""
    while len(wire.requests) < count:  # noqa: ASYNC110 - the server is another's, and has no event
        await asyncio.sleep(0.005)


async def test_calls_run_concurrently_over_one_session() -> None:
    """A task group of calls is the normal case."""
    together = asyncio.Barrier(20)

    async def play(connection: Connection) -> None:
        await together.wait()
        await CHANNEL.play(connection)

    async with Wire(Step(play)) as wire, open_session(wire) as ivs:
        answers = await asyncio.gather(*(ivs.get_channel(arn=ARN) for _ in range(20)))

    assert {ARN} == {found.channel.arn for found in answers}


async def test_a_session_opens_on_its_first_call_too() -> None:
    """`async with` is a convenience; `close` is enough, and may be called twice."""
    async with Wire(CHANNEL) as wire:
        ivs = open_session(wire)
        assert "not open" in repr(ivs)
        await asyncio.gather(*(ivs.get_channel(arn=ARN) for _ in range(3)))
        assert f"<IvsSession us-west-2 at {wire.url}>" == repr(ivs)
        await ivs.close()
        await ivs.close()


async def test_region_and_endpoint_tell_what_was_resolved() -> None:
    """The region early, where an argument gives it; the endpoint once the session is open."""
    async with Wire(CHANNEL) as wire:
        ivs = open_session(wire)
        assert ivs.region == "us-west-2"
        assert ivs.endpoint_url == wire.url
        async with ivs:
            assert ("us-west-2", wire.url) == (ivs.region, ivs.endpoint_url)


async def test_a_failed_opening_may_be_tried_again(tmp_path: Any, monkeypatch: Any) -> None:
    """A configuration file mended meanwhile is read anew."""
    config = tmp_path / "config"
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    async with Wire(CHANNEL) as wire:
        ivs = open_session(wire, region=None)
        with pytest.raises(ConfigurationError, match="not open"):
            _ = ivs.region
        with pytest.raises(ConfigurationError, match="missing region"):
            await ivs.get_channel(arn=ARN)
        config.write_text("[default]\nregion = eu-west-1\n")
        await ivs.get_channel(arn=ARN)
        assert ivs.region == "eu-west-1"
        await ivs.close()


async def test_a_closed_session_says_so() -> None:
    """Use after close is an error of its own, and nothing is sent."""
    async with Wire(CHANNEL) as wire:
        async with open_session(wire) as ivs:
            pass
        with pytest.raises(RequestNotSent, match="the session is closed"):
            await ivs.get_channel(arn=ARN)
        assert [] == wire.requests


def test_the_endpoint_is_known_before_opening_wherever_it_stands(
    tmp_path: Any, monkeypatch: Any
) -> None:
    """By an argument, which needs no region, by the region's rules, or by a config file."""
    config = tmp_path / "config"
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    assert IvsSession(endpoint_url="https://Example.com/").endpoint_url == "https://example.com"
    dual = IvsSession(region="us-west-2", use_dualstack_endpoint=True)
    assert dual.endpoint_url == "https://ivs.us-west-2.api.aws"
    config.write_text("[default]\nendpoint_url = https://file.example\n")
    assert IvsSession(region="us-west-2").endpoint_url == "https://file.example"
    with pytest.raises(ConfigurationError, match="missing region"):
        _ = IvsSession().endpoint_url


async def test_a_closed_session_is_not_entered_again() -> None:
    """Nothing would work in it."""
    async with Wire(CHANNEL) as wire:
        async with open_session(wire) as ivs:
            pass
        with pytest.raises(RequestNotSent, match="the session is closed"):
            await ivs.__aenter__()


async def test_closing_ends_running_calls_with_what_may_have_happened() -> None:
    """A call whose request had left may have been processed; one that waited was not."""
    async with Wire(HANG) as wire:
        limiter = RateLimiter()
        ivs = open_session(wire, rate_limiter=limiter)
        calls = [asyncio.ensure_future(ivs.get_channel(arn=ARN)) for _ in range(8)]
        await arrived(wire, 5)
        await ivs.close()
        outcomes = await asyncio.gather(*calls, return_exceptions=True)

    assert [ResponseNotReceived] * 5 + [RequestNotSent] * 3 == [type(one) for one in outcomes]


async def test_closing_does_not_swallow_a_callers_own_cancellation() -> None:
    """Who cancels a task sees it cancelled, whatever else happens to it."""
    async with Wire(HANG) as wire:
        ivs = open_session(wire)
        call = asyncio.ensure_future(ivs.get_channel(arn=ARN))
        await arrived(wire, 1)
        call.cancel()
        await ivs.close()
        with pytest.raises(asyncio.CancelledError):
            await call


async def test_closing_between_attempts_tells_that_nothing_happened() -> None:
    """The attempt before was refused, so its answer is not lost."""
    async with Wire(error("ThrottlingException", 429)) as wire:
        ivs = open_session(wire)
        waiting = asyncio.Event()

        async def pause(_: float) -> None:
            waiting.set()
            await asyncio.sleep(60)

        ivs._calls.core.sleep = pause  # type: ignore[assignment]
        call = asyncio.ensure_future(ivs.put_metadata(channel_arn=ARN, metadata="goal"))
        await waiting.wait()
        await ivs.close()
        with pytest.raises(RequestNotSent):
            await call


async def test_another_event_loop_is_refused() -> None:
    """Connections, limiter and credentials belong to one loop."""
    async with Wire(CHANNEL) as wire, open_session(wire) as ivs:
        await ivs.get_channel(arn=ARN)
        caught: list[BaseException] = []

        def elsewhere() -> None:
            try:
                asyncio.run(ivs.get_channel(arn=ARN))
            except ConfigurationError as failure:
                caught.append(failure)

        thread = threading.Thread(target=elsewhere)
        thread.start()
        await asyncio.to_thread(thread.join)

        assert "belongs to another event loop" in str(caught[0])
        await ivs.get_channel(arn=ARN)


def test_a_call_outside_of_any_task_is_refused() -> None:
    """Driven by hand, without asyncio, there is nothing to cancel."""
    loop = asyncio.new_event_loop()
    ivs = IvsSession(region="us-west-2", credentials=CREDENTIALS)
    refused: list[str] = []

    def drive() -> None:
        coroutine = ivs.get_channel(arn=ARN)
        try:
            coroutine.send(None)
        except ConfigurationError as failure:
            refused.append(str(failure))
        loop.stop()

    loop.call_soon(drive)
    loop.run_forever()
    loop.close()

    assert ["GetChannel: a session must be awaited inside an asyncio task"] == refused


async def test_a_borrowed_http_session_is_used_and_left_open() -> None:
    """Its owner closes it."""
    async with Wire(CHANNEL) as wire, aiohttp.ClientSession() as http:
        async with open_session(wire, http_session=http) as ivs:
            await ivs.get_channel(arn=ARN)
        assert not http.closed


async def test_a_borrowed_http_session_that_is_closed_is_named() -> None:
    """Not retried: nothing will open it again."""
    async with Wire(CHANNEL) as wire:
        async with aiohttp.ClientSession() as http:
            pass
        async with open_session(wire, http_session=http) as ivs:
            with pytest.raises(RequestNotSent, match="the HTTP session refused the request") as it:
                await ivs.get_channel(arn=ARN)
    assert it.value.attempts == 1


BAD_CALLS: list[tuple[Callable[[IvsSession], Awaitable[object]], str]] = [
    (lambda ivs: ivs.get_channel(arn=""), "get_channel: arn must be 1 to 128 characters"),
    (
        lambda ivs: ivs.put_metadata(channel_arn=ARN, metadata=""),
        "put_metadata: metadata must be 1 to 1,024 UTF-8 bytes long; this is 0",
    ),
    (
        lambda ivs: ivs.put_metadata(channel_arn=ARN, metadata="x" * 1025),
        "put_metadata: metadata must be 1 to 1,024 UTF-8 bytes long; this is 1,025",
    ),
    (
        lambda ivs: ivs.tag_resource(resource_arn=ARN, tags=dict.fromkeys(map(str, range(51)), "")),
        "tag_resource: tags must have at most 50 entries; this has 51",
    ),
    (
        lambda ivs: ivs.insert_ad_break(
            channel_arn=ARN,
            duration_seconds=30,
            target_start_at=datetime(2026, 1, 1),  # noqa: DTZ001
        ),
        "insert_ad_break: target_start_at must be a datetime with a time zone",
    ),
    (
        lambda ivs: ivs.create_channel(authorized=1),  # type: ignore[arg-type]
        "create_channel: authorized must be a bool, not int",
    ),
    (
        lambda ivs: ivs.batch_get_channel(arns=[]),
        "batch_get_channel: arns must have at least 1 items",
    ),
    (
        lambda ivs: ivs.batch_get_channel(arns=[ARN] * 70 + [""]),
        r"batch_get_channel: arns\[70\] must be 1 to 128 characters",
    ),
]


@pytest.mark.parametrize(("call", "complaint"), BAD_CALLS)
async def test_bad_input_is_refused_at_once_and_the_session_stays_usable(
    call: Callable[[IvsSession], Awaitable[object]], complaint: str
) -> None:
    """A specific error that is also a ValueError; nothing is sent."""
    async with Wire(CHANNEL) as wire, open_session(wire) as ivs:
        with pytest.raises(ParameterError, match=complaint) as caught:
            await call(ivs)
        assert isinstance(caught.value, ValueError)
        assert [] == wire.requests
        await ivs.get_channel(arn=ARN)


async def test_a_list_refuses_bad_input_before_it_is_iterated() -> None:
    """Where the mistake is made, not where the loop begins."""
    ivs = IvsSession(region="us-west-2", credentials=CREDENTIALS)
    with pytest.raises(ParameterError, match="max_results must be from 1 to 100; this is 101"):
        ivs.list_channels(max_results=101)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"region": "us west 2"}, "region"),
        ({"endpoint_url": "127.0.0.1"}, "endpoint_url"),
        ({"timeout": 0}, "timeout must be a number of seconds above 0; this is 0"),
        ({"timeout": "5"}, "timeout must be a number of seconds above 0; this is '5'"),
        ({"attempt_timeout": None}, "attempt_timeout must be a number of seconds"),
        ({"connect_timeout": float("inf")}, "connect_timeout must be a number of seconds"),
        ({"max_attempts": 0}, "max_attempts"),
        ({"retry_lost_answers": "no"}, "retry_lost_answers must be True or False, not str"),
        ({"rate_limiter": 5}, "rate_limiter must be a limiter, not int"),
        ({"observer": 5}, "observer must be a function that is not async, not int"),
        ({"observer": asyncio.sleep}, "observer must be a function that is not async"),
        ({"http_session": 5}, "http_session must be an aiohttp.ClientSession, not int"),
        ({"proxy": "proxy:3128"}, "proxy must be a URL of scheme http or https"),
        ({"max_connections": 0}, "max_connections must be a whole number from 1; this is 0"),
        ({"ssl": False}, "ssl must be an ssl.SSLContext, not bool"),
        ({"user_agent": "a\r\nb"}, "user_agent must be printable text of one line"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_by_the_constructor(
    options: dict[str, Any], complaint: str
) -> None:
    """Before a loop runs, before anything is sent."""
    with pytest.raises(ConfigurationError, match=complaint):
        IvsSession(**{"region": "us-west-2", "credentials": CREDENTIALS, **options})


async def test_trust_of_ones_own_is_used() -> None:
    """An `ssl.SSLContext` in place of the default store."""
    trust = ssl.create_default_context()
    async with Wire(CHANNEL) as wire, open_session(wire, ssl=trust) as ivs:
        await ivs.get_channel(arn=ARN)


async def test_a_bundle_that_cannot_be_read_is_named(monkeypatch: Any, tmp_path: Any) -> None:
    """On opening, since it stands in the environment."""
    bundle = tmp_path / "bundle.pem"
    bundle.write_text("no certificate")
    monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))
    ivs = IvsSession(region="us-west-2", credentials=CREDENTIALS)
    with pytest.raises(ConfigurationError, match=r"bundle\.pem cannot be read"):
        await ivs.get_channel(arn=ARN)
    await ivs.close()


async def test_a_bundle_is_not_read_for_an_endpoint_without_tls(
    monkeypatch: Any, tmp_path: Any
) -> None:
    """A local IVS opens fast, whatever the environment says of certificates."""
    monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "missing.pem"))
    async with Wire(CHANNEL) as wire, open_session(wire) as ivs:
        await ivs.get_channel(arn=ARN)


async def test_the_user_agent_names_us_and_what_the_caller_adds() -> None:
    """For those who read the service's logs."""
    async with Wire(CHANNEL) as wire, open_session(wire, user_agent="my-bot/1.0") as ivs:
        await ivs.get_channel(arn=ARN)
    sent = wire.requests[0].headers["User-Agent"]

    assert sent.startswith("ivs-async/")
    assert sent.endswith(" my-bot/1.0")


async def test_attempts_are_numbered_on_the_wire() -> None:
    """One invocation id for a call, `attempt=n; max=m` for each attempt, as AWS's SDKs send."""
    down = error("ServiceUnavailable", 503)
    async with Wire(down, down, CHANNEL) as wire, open_session(wire) as ivs:
        await ivs.get_channel(arn=ARN)
    headers = [request.headers for request in wire.requests]

    assert [f"attempt={n}; max=3" for n in (1, 2, 3)] == [one["amz-sdk-request"] for one in headers]
    assert len({one["amz-sdk-invocation-id"] for one in headers}) == 1


async def test_a_view_has_its_own_options_and_shares_the_rest() -> None:
    """Connections, limiter and quota are the session's, and closing a view closes nothing."""
    down = error("ServiceUnavailable", 503)
    async with Wire(down, CHANNEL) as wire, open_session(wire) as ivs:
        async with ivs.with_options(max_attempts=1, timeout=None) as once:
            with pytest.raises(ServiceUnavailable) as caught:
                await once.get_channel(arn=ARN)
            assert caught.value.attempts == 1
        assert once._calls.core is ivs._calls.core
        assert once._calls.options.attempt_timeout == ivs._calls.options.attempt_timeout
        await ivs.get_channel(arn=ARN)
        assert wire.connections == 1
        with pytest.raises(ConfigurationError, match="max_attempts must be a whole number"):
            ivs.with_options(max_attempts=0)


async def test_the_observer_sees_each_attempt() -> None:
    """Operation, number, status, request id, error and what comes next."""
    seen: list[AttemptRecord] = []
    async with (
        Wire(error("ServiceUnavailable", 503), CHANNEL) as wire,
        open_session(wire, observer=seen.append) as ivs,
    ):
        await ivs.get_channel(arn=ARN)
    first, second = seen

    assert ("GetChannel", 1, 503, "req-1", "ServiceUnavailable") == (
        first.operation,
        first.attempt,
        first.status,
        first.request_id,
        first.error,
    )
    assert first.retry_in == 0.05
    assert (2, 200, None, None) == (second.attempt, second.status, second.error, second.retry_in)
    assert second.duration > 0
    assert second.waited == 0


async def test_an_observer_that_fails_disturbs_no_call(caplog: Any) -> None:
    """It is logged."""

    def observer(_: AttemptRecord) -> None:
        raise RuntimeError("metrics are down")

    async with Wire(CHANNEL) as wire, open_session(wire, observer=observer) as ivs:
        await ivs.get_channel(arn=ARN)

    assert "the observer failed" in caplog.text


async def test_attempts_are_logged_at_debug_level_only(caplog: Any) -> None:
    """Quiet by default."""
    async with Wire(CHANNEL) as wire, open_session(wire) as ivs:
        with caplog.at_level(logging.INFO, "ivs_async"):
            await ivs.get_channel(arn=ARN)
        assert caplog.text == ""
        with caplog.at_level(logging.DEBUG, "ivs_async"):
            await ivs.get_channel(arn=ARN)
        assert "GetChannel" in caplog.text


async def test_a_call_that_would_wait_beyond_its_time_limit_is_refused_at_once() -> None:
    """With the wait that it would have taken; nothing is sent."""
    async with Wire(DONE) as wire, open_session(wire, rate_limiter=RateLimiter()) as ivs:
        for _ in range(5):
            await ivs.put_metadata(channel_arn=ARN, metadata="x")
        with pytest.raises(RateLimitExceeded) as caught:
            await ivs.with_options(timeout=0.2).put_metadata(channel_arn=ARN, metadata="x")
        assert 0.2 < caught.value.wait <= 1.0
        assert len(wire.requests) == 5


@attrs.define
class Refusing(NoLimit):
    """A limiter that has one permit."""

    left: int = 1

    async def acquire(
        self, operation: str, resource: str | None = None, timeout: float | None = None
    ) -> Permit:
        if not self.left:
            raise RateLimitExceeded("too long a wait", wait=9.0)
        self.left -= 1
        return await super().acquire(operation, resource, timeout)


async def test_a_retry_that_the_limiter_refuses_leaves_the_first_error_standing() -> None:
    """What the service said is what the caller should know."""
    down = error("ServiceUnavailable", 503)
    async with Wire(down) as wire, open_session(wire, rate_limiter=Refusing()) as ivs:
        with pytest.raises(ServiceUnavailable):
            await ivs.get_channel(arn=ARN)
    assert len(wire.requests) == 1


async def test_the_time_limit_of_a_call_cuts_its_attempts_short() -> None:
    """An attempt gets what is left of the call's time, and no retry begins after its end."""
    async with Wire(HANG) as wire, open_session(wire, timeout=0.2) as ivs:
        with pytest.raises(RequestTimeout, match=r"no answer within 0\.\d+ s"):
            await ivs.get_channel(arn=ARN)
    assert len(wire.requests) == 1


async def test_a_backoff_beyond_the_time_limit_is_not_begun() -> None:
    """The error is raised while the caller can still do something."""
    pauses = Pauses()
    down = answer(429, {})
    async with Wire(down) as wire, open_session(wire, timeout=0.5, pauses=pauses) as ivs:
        with pytest.raises(Exception, match="429"):
            await ivs.get_channel(arn=ARN)
    assert [] == pauses.taken


async def test_credentials_that_take_too_long_end_the_call_and_not_the_session() -> None:
    """The source goes on; who has more time gets them."""
    ready = asyncio.Event()

    async def provider() -> Credentials:
        await ready.wait()
        return CREDENTIALS

    async with Wire(CHANNEL) as wire, open_session(wire, credentials=provider) as ivs:
        with pytest.raises(CredentialsError, match=r"time limit of 0\.05 s"):
            await ivs.with_options(timeout=0.05).get_channel(arn=ARN)
        ready.set()
        await ivs.get_channel(arn=ARN)


def batch_answer(connection: Connection) -> Step:
    """Answers in reverse, with an error for every tenth ARN."""
    arns = connection.request.json["arns"]
    found = [arn for arn in arns if not arn.endswith("0")]
    return answer(
        200,
        {
            "channels": [{"arn": arn} for arn in reversed(found)],
            "errors": [
                {"arn": arn, "code": "ResourceNotFoundException", "message": "none"}
                for arn in reversed(arns)
                if arn not in found
            ],
        },
    )


async def serve_batch(connection: Connection) -> None:
    await batch_answer(connection).play(connection)


@pytest.mark.parametrize("count", [1, 49, 50, 51, 175])
async def test_a_batch_of_any_size_is_cut_and_merged_in_the_order_asked(count: int) -> None:
    """Calls of 50, answers and per-item errors each in order."""
    arns = [f"{ARN}{number}" for number in range(1, count + 1)]
    async with Wire(Step(serve_batch)) as wire, open_session(wire) as ivs:
        found = await ivs.batch_get_channel(arns=arns)

    assert -(-count // 50) == len(wire.requests)
    assert [arn for arn in arns if not arn.endswith("0")] == [one.arn for one in found.channels]
    assert [arn for arn in arns if arn.endswith("0")] == [one.arn for one in found.errors]


async def test_an_arn_that_is_asked_for_twice_has_two_places() -> None:
    """Order is order, also where the service answers in another one."""
    async with (
        (
            Wire(
                answer(200, {"channels": [{"arn": "b"}, {"arn": "a"}, {"arn": "a"}, {"arn": "x"}]})
            )
        ) as wire,
        open_session(wire) as ivs,
    ):
        found = await ivs.batch_get_channel(arns=["a", "b", "a"])

    assert ["a", "b", "a", "x"] == [one.arn for one in found.channels]


async def test_revocations_are_cut_by_twenty_and_keep_their_errors() -> None:
    """Identified by channel and viewer."""

    async def play(connection: Connection) -> None:
        sessions = connection.request.json["viewerSessions"]
        errors = [
            {"channelArn": ARN, "viewerId": one["viewerId"], "code": "x"} for one in sessions[::-7]
        ]
        await answer(200, {"errors": errors}).play(connection)

    sessions = [Revocation(channel_arn=ARN, viewer_id=f"viewer-{n}") for n in range(45)]
    async with Wire(Step(play)) as wire, open_session(wire) as ivs:
        revoked = await ivs.batch_start_viewer_session_revocation(viewer_sessions=sessions)

    assert [5, 20, 20] == sorted(len(body["viewerSessions"]) for body in wire.bodies)
    numbers = [int((one.viewer_id or "").removeprefix("viewer-")) for one in revoked.errors]
    assert numbers == sorted(numbers)
    assert len(numbers) == 7


async def test_the_first_failure_of_a_batch_is_raised_bare_and_ends_the_rest() -> None:
    """No exception group of one, no part that goes on unseen."""

    async def play(connection: Connection) -> None:
        if len(connection.request.json["arns"]) < 50:
            await error("ValidationException", 400).play(connection)
        else:
            await HANG.play(connection)

    async with Wire(Step(play)) as wire, open_session(wire) as ivs:
        with pytest.raises(ValidationException):
            await ivs.batch_get_channel(arns=[ARN] * 120)
        assert set() == ivs._calls.core.running


async def test_a_redirect_is_never_followed() -> None:
    """Its target would get the credentials."""
    async with Wire(CHANNEL) as other, Wire(answer(307, headers={"Location": other.url})) as wire:
        async with open_session(wire) as ivs:
            with pytest.raises(Exception, match="redirect"):
                await ivs.get_channel(arn=ARN)
        assert [] == other.requests
