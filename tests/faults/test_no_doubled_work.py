"""Work is done once: a server that counts, and failures that hide whether it was done."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ivs_async import (
    Credentials,
    IvsError,
    RateLimiter,
    RateLimitExceeded,
    ResourceNotFoundException,
    ResponseNotReceived,
    ServiceError,
)
from ivs_async._aws.operation import Operation
from ivs_async.operations import (
    ALL,
    DELETE_CHANNEL,
    DELETE_STREAM_KEY,
    LIST_TAGS_FOR_RESOURCE,
    UNTAG_RESOURCE,
)
from ivs_async.quotas import CallRate
from tests.faults.client import (
    ARN,
    CHANNEL,
    CREDENTIALS,
    DONE,
    UNREPEATABLE,
    Pauses,
    call,
    open_session,
)
from tests.wire import FIN, HANG, RST, Step, Wire, answer, error, http, send

WHOLE = http(200, {"channel": {}})
AMBIGUOUS = {
    "closed": FIN,
    "reset": RST,
    "silent": HANG,
    "cut headers": send(WHOLE[:30], end="fin"),
    "cut body": send(WHOLE[:-2], end="fin"),
    "silent in the body": send(WHOLE[:-2], end="hang"),
    "garbage": send(b"\x16\x03\x01 not HTTP\r\n\r\n", end="fin"),
    "HTML": answer(200, b"<html>"),
    "redirect": answer(307, b"", {"Location": "/elsewhere"}),
    "500": answer(500),
    "InternalServerException": error("InternalServerException", 500),
    "502": answer(502, b"<html>"),
    "504": answer(504, b"<html>"),
}


def each(faults: dict[str, Step]) -> pytest.MarkDecorator:
    """One test for each fault, by its name."""
    return pytest.mark.parametrize("fault", faults.values(), ids=faults.keys())


def each_operation(operations: list[Operation[Any]]) -> pytest.MarkDecorator:
    """One test for each operation, by its name."""
    return pytest.mark.parametrize("operation", operations, ids=lambda each: each.name)


def test_what_makes_something_is_never_taken_for_repeatable() -> None:
    """The table marks no Create, Import, Insert or Put as harmless to repeat."""
    makers = {op.name for op in ALL if op.name.startswith(("Create", "Import", "Insert", "Put"))}
    assert makers <= {operation.name for operation in UNREPEATABLE}


@each(AMBIGUOUS)
@each_operation(UNREPEATABLE)
async def test_an_ambiguous_failure_is_raised_and_not_repeated(
    operation: Operation[Any], fault: Step
) -> None:
    """The request arrives once, and the error says so and names the call to check with."""
    async with Wire(fault, DONE) as wire, open_session(wire, attempt_timeout=0.3) as ivs:
        with pytest.raises(IvsError, match="may have been processed") as caught:
            await call(ivs, operation)
        assert len(wire.requests) == 1
    if operation.check_with:
        assert operation.check_with in str(caught.value)
        assert hasattr(ivs, operation.check_with)


@each(AMBIGUOUS)
async def test_an_ambiguous_failure_on_a_used_connection_is_not_repeated(fault: Step) -> None:
    """A connection that has served before may break after the request was processed, too."""
    async with Wire(DONE, fault, DONE) as wire, open_session(wire, attempt_timeout=0.3) as ivs:
        await ivs.put_metadata(channel_arn=ARN, metadata="one")
        with pytest.raises(IvsError, match="may have been processed"):
            await ivs.put_metadata(channel_arn=ARN, metadata="two")
        assert [body["metadata"] for body in wire.bodies] == ["one", "two"]


@each({name: AMBIGUOUS[name] for name in ("closed", "reset", "silent", "500", "502", "504")})
async def test_a_caller_may_ask_for_the_repetition(fault: Step) -> None:
    """``retry_lost_answers=True`` puts delivery above doubling."""
    options: dict[str, Any] = {"attempt_timeout": 0.3, "retry_lost_answers": True}
    async with Wire(fault, DONE) as wire, open_session(wire, **options) as ivs:
        await ivs.put_metadata(channel_arn=ARN, metadata="goal")
    assert [body["metadata"] for body in wire.bodies] == ["goal", "goal"]


async def test_a_view_may_ask_for_the_repetition_of_its_calls_alone() -> None:
    """``with_options`` leaves the session's own calls as they were."""
    async with Wire(FIN, DONE, FIN, DONE) as wire, open_session(wire) as ivs:
        await ivs.with_options(retry_lost_answers=True).put_metadata(channel_arn=ARN, metadata="a")
        with pytest.raises(ResponseNotReceived):
            await ivs.put_metadata(channel_arn=ARN, metadata="b")
    assert [body["metadata"] for body in wire.bodies] == ["a", "a", "b"]


@pytest.mark.parametrize("fault", [FIN, RST], ids=["closed", "reset"])
@pytest.mark.parametrize("used", [False, True], ids=["new connection", "used connection"])
@each_operation([UNTAG_RESOURCE, LIST_TAGS_FOR_RESOURCE])
async def test_nothing_is_repeated_below_the_count_of_attempts(
    operation: Operation[Any], used: bool, fault: Step
) -> None:
    """A lost DELETE or GET is one attempt: with ``max_attempts=1`` it arrives once."""
    before = [CHANNEL] if used else []
    async with Wire(*before, fault, DONE) as wire, open_session(wire, max_attempts=1) as ivs:
        if used:
            await ivs.get_channel(arn=ARN)
        with pytest.raises(ResponseNotReceived):
            await call(ivs, operation)
    assert len(wire.requests) == len(before) + 1


@each_operation([DELETE_CHANNEL, DELETE_STREAM_KEY])
async def test_a_deletion_whose_answer_was_lost_is_done_when_nothing_is_left(
    operation: Operation[Any],
) -> None:
    """The repeated deletion finds nothing to delete, which is what was wanted."""
    gone = error("ResourceNotFoundException", 404)
    async with Wire(FIN, gone) as wire, open_session(wire) as ivs:
        await call(ivs, operation)
    assert len(wire.requests) == 2


@pytest.mark.parametrize("fault", [answer(503), answer(429)], ids=["503", "429"])
async def test_a_deletion_of_what_was_never_there_is_an_error(fault: Step) -> None:
    """A first attempt that was refused deleted nothing, so the second one's 404 is real."""
    gone = error("ResourceNotFoundException", 404)
    async with Wire(fault, gone) as wire, open_session(wire) as ivs:
        with pytest.raises(ResourceNotFoundException):
            await ivs.delete_channel(arn=ARN)


async def test_a_later_refusal_does_not_hide_a_lost_answer() -> None:
    """The service is overloaded at the second attempt; the first may have been processed."""
    async with Wire(FIN, answer(503)) as wire, open_session(wire, retry_lost_answers=True) as ivs:
        with pytest.raises(ServiceError, match="may have been processed") as caught:
            await ivs.create_channel(name="demo")
    assert caught.value.attempts == len(wire.requests) == 3


async def test_a_later_failure_to_connect_does_not_hide_a_lost_answer() -> None:
    """The service is gone at the second attempt: not `RequestNotSent`, since the first was sent."""
    wire = Wire(FIN)
    pauses = Pauses(wire.stop)
    async with wire, open_session(wire, retry_lost_answers=True, pauses=pauses) as ivs:
        with pytest.raises(ResponseNotReceived, match="may have been processed") as caught:
            await ivs.create_channel(name="demo")
    assert caught.value.attempts == 3
    assert len(wire.requests) == 1


async def test_credentials_that_fail_later_do_not_hide_a_lost_answer() -> None:
    """No credentials for the second attempt: "nothing was sent" would not be the truth."""
    fetched: list[Credentials] = []

    async def provider() -> Credentials:
        if fetched:
            raise LookupError
        fetched.append(CREDENTIALS)
        return CREDENTIALS

    async with Wire(FIN) as wire:
        options: dict[str, Any] = {"credentials": provider, "retry_lost_answers": True}
        async with open_session(wire, **options) as ivs:

            async def forget() -> None:
                ivs._calls.core.identities.reject(CREDENTIALS)

            ivs._calls.core.sleep = Pauses(forget)  # type: ignore[assignment]
            with pytest.raises(ResponseNotReceived, match="may have been processed"):
                await ivs.create_channel(name="demo")
    assert len(wire.requests) == 1


async def test_a_limiter_that_gives_up_later_does_not_hide_a_lost_answer() -> None:
    """The rate leaves no time for the second attempt: the first one's failure is what is raised."""
    limiter = RateLimiter({"CreateChannel": CallRate(per_account=0.1)})
    async with Wire(FIN) as wire:
        options: dict[str, Any] = {"rate_limiter": limiter, "retry_lost_answers": True}
        async with open_session(wire, timeout=5.0, **options) as ivs:
            with pytest.raises(ResponseNotReceived, match="may have been processed"):
                await ivs.create_channel(name="demo")
            with pytest.raises(RateLimitExceeded):
                await ivs.create_channel(name="demo")
    assert len(wire.requests) == 1


async def test_closing_does_not_hide_a_lost_answer() -> None:
    """A session that closes before the second attempt has sent the first."""
    wire = Wire(FIN)
    async with wire, open_session(wire, retry_lost_answers=True) as ivs:
        closing: list[asyncio.Task[None]] = []

        async def close() -> None:
            closing.append(asyncio.create_task(ivs.close()))
            await asyncio.Event().wait()

        ivs._calls.core.sleep = Pauses(close)  # type: ignore[assignment]
        with pytest.raises(ResponseNotReceived, match="closed"):
            await ivs.create_channel(name="demo")
        await closing[0]
