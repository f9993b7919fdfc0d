"""The publisher: what becomes of messages, told in virtual time, then over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import random
import sys
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import anyio
import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivs_async import (
    AccessDeniedException,
    CallRate,
    ChannelNotBroadcasting,
    ConfigurationError,
    CredentialsError,
    IvsSession,
    NoLimit,
    ParameterError,
    RateLimiter,
    RateLimitExceeded,
    RequestNotSent,
    ResourceNotFoundException,
    ResponseNotReceived,
    ServiceError,
    ThrottlingException,
    ValidationException,
)
from ivs_async.envelope import MAX_PAYLOAD, Cue, Item, JsonValue
from ivs_async.limiter import Permit
from ivs_async.local import LocalIvs
from ivs_async.metadata import MetadataPublisher
from ivs_async.outbox import Message, Outbox, Outcome, Receipt

from .far_side import ARN, FarSide, Step, viewed
from .virtual_time import VirtualLoop, run

DELIVERED = Outcome("delivered")
THROTTLED: Step = (429, "ThrottlingException")
TAKEN: tuple[Step, ...] = ("taken",)
NOT_SENT: tuple[Step, ...] = ("not sent",)
UNAVAILABLE: Step = (503, "ServiceUnavailable")


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    """Time costs nothing here; what needs a socket asks for its own loop."""
    return "asyncio", {"loop_factory": VirtualLoop}


@pytest.fixture
def far() -> FarSide:
    return FarSide()


def now() -> float:
    return asyncio.get_running_loop().time()


def timers() -> int:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    return loop.timers


async def outcomes(receipts: list[Receipt]) -> list[str]:
    return [(await receipt).status for receipt in receipts]


class TestPacking:
    async def test_a_message_leaves_at_once_and_alone(self, far: FarSide) -> None:
        """Nothing waits for company while there are tokens."""
        async with far.publisher() as publisher:
            for number in range(3):
                assert await (await publisher.send(number)) == DELIVERED
                await asyncio.sleep(1)
        assert [time for _, time, _ in far.attempts] == pytest.approx([0, 1.02, 2.04])
        assert [len(viewed([payload])) for payload in far.payloads] == [1, 1, 1]
        assert far.shown == [0, 1, 2]

    async def test_what_comes_while_a_payload_is_under_way_goes_together(
        self, far: FarSide
    ) -> None:
        """One payload at a time, the next with all that has gathered, in order."""
        async with far.publisher() as publisher:
            for number in range(50):
                await publisher.send(number)
        assert [len(viewed([payload])) for payload in far.payloads] == [1, 49]
        assert far.shown == [*range(50)]

    async def test_messages_gather_while_there_is_no_token(self, far: FarSide) -> None:
        """What goes out is decided when the token is there, not when the wait for it begins."""
        async with far.publisher() as publisher:
            for number in range(8):
                await publisher.send(number)
                await asyncio.sleep(0.1)
            await publisher.drain()
        assert [len(viewed([payload])) for payload in far.payloads] == [1, 1, 1, 1, 1, 3]

    @pytest.mark.parametrize(
        "message", ["text", "", "é\u2028😀", 7, -0.5, True, None, {"a": [1]}, [], [1], ["k", 1, 2]]
    )
    async def test_any_json_value_arrives_as_it_was(self, far: FarSide, message: Any) -> None:
        """Strings are values too; arrays are told apart from the envelope's own."""
        async with far.publisher() as publisher:
            await publisher.send(message)
            await publisher.send(message, key="k")
        assert far.shown == [message, message]

    async def test_later_changes_to_a_message_change_nothing(self, far: FarSide) -> None:
        """It is encoded when it is sent."""
        score = {"home": 1}
        async with far.publisher() as publisher:
            await publisher.send("first")
            await publisher.send(score)
            score["home"] = 99
        assert far.shown == ["first", {"home": 1}]

    async def test_ten_thousand_messages_need_few_payloads(self, far: FarSide) -> None:
        """Once each, in order, and hardly more payloads than a packer without any envelope."""
        chance = random.Random(3)
        messages = ["x" * chance.randint(18, 198) for _ in range(10_000)]
        async with far.publisher(max_queue=100, drain_timeout=None) as publisher:
            for message in messages:
                await publisher.send(message)
        assert far.shown == messages
        assert max(len(payload.encode()) for payload in far.payloads) <= MAX_PAYLOAD
        perfect, room = 1, MAX_PAYLOAD
        for message in messages:
            room -= len(message) + 2
            if room < 0:
                perfect, room = perfect + 1, MAX_PAYLOAD - len(message) - 2
        assert len(far.payloads) <= 1.05 * perfect

    async def test_a_sender_that_never_waits_starves_nobody(self, far: FarSide) -> None:
        """Every `send` gives the others their turn, even where it has nothing to wait for."""
        turns = 0

        async def other() -> None:
            nonlocal turns
            while True:
                await asyncio.sleep(0)
                turns += 1

        async with far.publisher(max_queue=2, overflow="drop-oldest") as publisher:
            task = asyncio.create_task(other())
            for number in range(100):
                await publisher.send(number)
            task.cancel()
        assert turns >= 99


class TestPriority:
    async def test_the_highest_goes_first_until_the_last_moment(self, far: FarSide) -> None:
        """A message that comes while the token is awaited overtakes those that wait longer."""
        big = "x" * 900
        async with far.publisher() as publisher:
            for _ in range(5):
                await publisher.send(big)
            await asyncio.sleep(0.5)
            await publisher.send(big + "low", priority=-1)
            await publisher.send(big + "normal")
            await publisher.send(big + "high", priority=5)
        assert [str(message)[900:] for message in far.shown[5:]] == ["high", "normal", "low"]

    async def test_equal_ones_keep_their_order(self, far: FarSide) -> None:
        """First in, first out, within each priority."""
        async with far.publisher() as publisher:
            await publisher.send("first")
            for number in range(6):
                await publisher.send(number, priority=number % 2)
        assert far.shown == ["first", 1, 3, 5, 0, 2, 4]


class TestKeys:
    async def test_a_newer_message_replaces_one_that_is_queued(self, far: FarSide) -> None:
        """The newest takes the oldest's place, so that what changes fast is sent at all."""
        async with far.publisher() as publisher:
            receipts = [await publisher.send("first")]
            for number in range(3):
                receipts.append(await publisher.send(number, key="score"))
                receipts.append(await publisher.send(f"chat {number}"))
            assert await outcomes(receipts) == [
                *("delivered", "replaced", "delivered", "replaced"),
                *("delivered", "delivered", "delivered"),
            ]
        assert far.shown == ["first", 2, "chat 0", "chat 1", "chat 2"]
        assert viewed(far.payloads)[1].key == "score"

    async def test_another_priority_takes_another_place(self, far: FarSide) -> None:
        """The place goes with the priority."""
        async with far.publisher() as publisher:
            await publisher.send("first")
            await publisher.send("old", key="score")
            await publisher.send("chat")
            await publisher.send("new", key="score", priority=-1)
        assert far.shown == ["first", "chat", "new"]

    async def test_what_is_under_way_is_not_replaced(self, far: FarSide) -> None:
        """It has left; the newer one follows."""
        async with far.publisher() as publisher:
            receipts = [await publisher.send(number, key="score") for number in range(3)]
            assert await outcomes(receipts) == ["delivered", "replaced", "delivered"]
        assert far.shown == [0, 2]

    async def test_a_payload_that_was_refused_is_put_together_anew(self, far: FarSide) -> None:
        """Nothing of it was processed, so what came meanwhile counts."""
        far.will(THROTTLED)
        async with far.publisher() as publisher:
            old = await publisher.send("old", key="score")
            stale = await publisher.send("stale", ttl=0.1)
            await asyncio.sleep(0.05)
            chat = await publisher.send("chat")
            new = await publisher.send("new", key="score")
            urgent = await publisher.send("urgent", priority=1)
            assert await outcomes([old, stale]) == ["replaced", "expired"]
            assert await outcomes([chat, new, urgent]) == ["delivered"] * 3
        assert far.shown == ["urgent", "new", "chat"]

    async def test_a_refused_message_moves_to_the_priority_of_its_successor(
        self, far: FarSide
    ) -> None:
        """The newer one's priority is the one that was asked for last."""
        far.will(THROTTLED)
        async with far.publisher() as publisher:
            old = await publisher.send("old", key="score", priority=1)
            await asyncio.sleep(0.01)
            await publisher.send("chat")
            await publisher.send("new", key="score")
            assert (await old).status == "replaced"
        assert far.shown == ["chat", "new"]

    async def test_a_refused_payload_in_which_nothing_changes_keeps_its_bytes(
        self, far: FarSide
    ) -> None:
        """Should the service have processed it against its word, nobody sees it twice."""
        far.will(UNAVAILABLE, UNAVAILABLE, UNAVAILABLE, UNAVAILABLE)
        async with far.publisher() as publisher:
            await publisher.send("one")
            await asyncio.sleep(0.3)
            await publisher.drain()
        assert len(far.tried) == 5
        assert len({*far.tried}) == 1


class TestExpiry:
    async def test_a_message_expires_on_time_and_without_a_call(self, far: FarSide) -> None:
        """It is told as soon as it is so, and an empty queue gives its token back."""
        limiter = RateLimiter()
        async with MetadataPublisher(far.calls(limiter), ARN) as publisher:
            for _ in range(5):
                await (await publisher.send("x" * 900))
            stale = await publisher.send("stale", ttl=0.25)
            before = now()
            assert await stale == Outcome("expired")
            assert now() - before == pytest.approx(0.25)
            await asyncio.sleep(1.5)
        assert len(far.attempts) == 5

    async def test_an_event_loop_that_was_blocked_sends_nothing_stale(self, far: FarSide) -> None:
        """The deadline holds even where its timer comes late."""

        class Blocking(NoLimit):
            async def acquire(
                self, operation: str, resource: str | None = None, timeout: float | None = None
            ) -> Permit:
                loop = asyncio.get_running_loop()
                assert isinstance(loop, VirtualLoop)
                loop.pass_time(2)
                return await super().acquire(operation, resource, timeout)

        async with MetadataPublisher(far.calls(Blocking()), ARN) as publisher:
            stale = await publisher.send("stale", ttl=1)
            fresh = await publisher.send("fresh", priority=-1)
            assert await outcomes([stale, fresh]) == ["expired", "delivered"]
        assert far.shown == ["fresh"]

    async def test_a_message_that_was_refused_may_be_stale_by_then(self, far: FarSide) -> None:
        """Nothing of it was processed, so it is expired, not sent again."""
        far.will(THROTTLED)
        async with far.publisher() as publisher:
            stale = await publisher.send("stale", ttl=0.01)
            assert (await stale).status == "expired"
        assert len(far.attempts) == 1

    async def test_a_message_that_expires_in_the_queue_makes_room_for_others(
        self, far: FarSide
    ) -> None:
        """Who waits for room goes on when a deadline passes, not when a payload leaves."""
        far.round_trip = 10
        async with far.publisher(max_queue=2) as publisher:
            await publisher.send("under way")
            await asyncio.sleep(1)
            stale = await publisher.send("stale", ttl=2)
            await publisher.send("next")
            assert now() == pytest.approx(3)
            assert (await stale).status == "expired"

    async def test_a_message_may_expire_while_its_sender_waits_for_room(self, far: FarSide) -> None:
        """The time limit begins with `send`."""
        far.round_trip = 10
        async with far.publisher(max_queue=2) as publisher:
            await publisher.send("under way")
            await asyncio.sleep(1)
            await publisher.send("queued")
            stale = await publisher.send("stale", ttl=2)
            assert stale.outcome == Outcome("expired")
            assert now() == pytest.approx(3)
            assert publisher.snapshot().waiting == 0

    async def test_what_was_stopped_by_a_failure_says_so(self, far: FarSide) -> None:
        """An expired message names what stood in the way."""
        far.always = "not sent"
        async with far.publisher() as publisher:
            outcome = await (await publisher.send("x", ttl=2))
        assert outcome.status == "expired"
        assert isinstance(outcome.error, RequestNotSent)
        outcome.check()

    async def test_a_lost_payload_is_given_up_when_all_of_it_is_stale(self, far: FarSide) -> None:
        """The error says that viewers may have got it."""
        far.always = "answer lost"
        async with far.publisher() as publisher:
            outcome = await (await publisher.send("x", ttl=3))
            assert outcome.status == "expired"
            assert isinstance(outcome.error, ResponseNotReceived)
            far.always = "taken"
            assert await (await publisher.send("y")) == DELIVERED
        assert far.shown == ["x", "y"]

    async def test_a_lost_payload_is_sent_again_whole_while_any_of_it_is_fresh(
        self, far: FarSide
    ) -> None:
        """Byte for byte means with its stale messages too."""
        far.will("taken", "answer lost", "answer lost", "answer lost")
        async with far.publisher() as publisher:
            await publisher.send("first")
            brief = await publisher.send("brief", ttl=0.1)
            await publisher.send("lasting")
            assert await brief == DELIVERED
        assert far.shown == ["first", "brief", "lasting"]
        assert len({*far.tried}) == 2


class TestOffline:
    async def test_messages_are_held_until_the_channel_is_live(self, far: FarSide) -> None:
        """All of them, in order, and the wait costs few calls."""
        far.live = False
        async with far.publisher() as publisher:
            receipts = [await publisher.send(number) for number in range(100)]
            await asyncio.sleep(60)
            assert len(far.attempts) <= 20
            far.live = True
            before = now()
            assert await outcomes(receipts) == ["delivered"] * 100
            assert now() - before <= 10.5
        assert far.shown == [*range(100)]

    async def test_messages_are_dropped_with_the_reason(self, far: FarSide) -> None:
        """All that is queued, with one call; the next message is tried again."""
        far.live = False
        async with far.publisher(offline="drop") as publisher:
            receipts = [await publisher.send("x" * 100) for _ in range(100)]
            await publisher.drain()
            for receipt in receipts:
                outcome = await receipt
                assert outcome.status == "dropped"
                assert isinstance(outcome.error, ChannelNotBroadcasting)
                outcome.check()
            assert len(far.attempts) == 1
            far.live = True
            assert await (await publisher.send("live")) == DELIVERED

    async def test_messages_fail_and_the_receipt_raises(self, far: FarSide) -> None:
        """Who looks at the outcome gets the error there, and nowhere else."""
        far.live = False
        async with far.publisher(offline="raise") as publisher:
            outcome = await (await publisher.send("x"))
            assert outcome.status == "failed"
            with pytest.raises(ChannelNotBroadcasting):
                outcome.check()
            far.live = True
            assert await (await publisher.send("live")) == DELIVERED

    async def test_an_error_that_nobody_saw_is_raised_by_what_comes_next(
        self, far: FarSide
    ) -> None:
        """Whichever it is, and once."""
        far.live = False
        async with far.publisher(offline="raise") as publisher:
            await publisher.send("x")
            await asyncio.sleep(1)
            with pytest.raises(ChannelNotBroadcasting):
                await publisher.send("y")
            await publisher.send("y")
            with pytest.raises(ChannelNotBroadcasting):
                await publisher.drain()
            await publisher.drain()

    async def test_an_error_that_nobody_saw_is_raised_on_leaving(self, far: FarSide) -> None:
        """But never in place of the error that made the caller leave."""
        far.live = False
        with pytest.raises(ChannelNotBroadcasting):
            async with far.publisher(offline="raise") as publisher:
                await publisher.send("x")
        with pytest.raises(LookupError):  # noqa: PT012 - leaving is what is looked at
            async with far.publisher(offline="raise") as publisher:
                await publisher.send("x")
                raise LookupError

    async def test_looking_without_waiting_counts_as_seen(self, far: FarSide) -> None:
        """A receipt tells its outcome at any time."""
        far.live = False
        async with far.publisher(offline="raise") as publisher:
            receipt = await publisher.send("x")
            assert receipt.outcome is None
            assert repr(receipt) == "<Receipt pending>"
            await asyncio.sleep(1)
            assert repr(receipt) == "<Receipt failed>"
            assert receipt.outcome is not None

    async def test_a_payload_whose_answer_was_lost_is_held_too(self, far: FarSide) -> None:
        """It goes out first when the next stream begins."""
        far.will("answer lost")
        async with far.publisher() as publisher:
            await publisher.send("one")
            await asyncio.sleep(0.03)
            far.live = False
            await publisher.send("two")
            await asyncio.sleep(5)
            far.live = True
        assert far.tried[0] == far.tried[1] == far.tried[-2]
        assert far.shown == ["one", "two"]

    async def test_a_lost_payload_may_be_dropped_as_well(self, far: FarSide) -> None:
        """Its outcome keeps the error that leaves open what happened."""
        far.will("answer lost")
        async with far.publisher(offline="drop") as publisher:
            lost = await publisher.send("one")
            await asyncio.sleep(0.03)
            far.live = False
            queued = await publisher.send("two")
            assert isinstance((await lost).error, ResponseNotReceived)
            assert isinstance((await queued).error, ChannelNotBroadcasting)


class TestLostAnswers:
    @pytest.mark.parametrize(
        "step", ["answer lost", "request lost", "late", (500, "InternalServerException"), (302, "")]
    )
    async def test_the_same_bytes_go_again_before_anything_else(
        self, far: FarSide, step: Step
    ) -> None:
        """Whatever has come meanwhile, and however urgent it is; nobody sees anything twice."""
        far.will("taken", step, step)
        async with far.publisher() as publisher:
            await publisher.send("first")
            await publisher.send("one", key="k")
            await asyncio.sleep(0.03)
            await publisher.send("two", key="k", priority=9)
        assert far.tried[1] == far.tried[2] == far.tried[3]
        assert far.shown == ["first", "one", "two"]

    async def test_a_refusal_in_between_changes_nothing_about_that(self, far: FarSide) -> None:
        """What may have been processed stays first until its answer is known."""
        far.will("answer lost", THROTTLED, "not sent", UNAVAILABLE, *NOT_SENT * 4)
        async with far.publisher() as publisher:
            await publisher.send("one")
            await asyncio.sleep(0.03)
            await publisher.send("two", priority=1)
        assert len({*far.tried[:-1]}) == 1
        assert far.shown == ["one", "two"]

    async def test_every_tenth_answer_may_be_lost(self, far: FarSide) -> None:
        """Nothing lost, nothing doubled, nothing out of order."""
        chance = random.Random(7)
        losses: list[Step] = ["answer lost", "request lost", "late"]
        for _ in range(60):
            far.will(*TAKEN * 9, chance.choice(losses))
        messages = [f"{number} " + "x" * chance.randint(20, 200) for number in range(4000)]
        async with far.publisher(drain_timeout=None) as publisher:
            receipts = [await publisher.send(message) for message in messages]
            assert {*await outcomes(receipts)} == {"delivered"}
        assert far.shown == messages
        assert len(far.payloads) > len({*far.payloads})

    async def test_a_lost_payload_that_is_refused_for_good_may_have_arrived(
        self, far: FarSide
    ) -> None:
        """Its messages keep the error that says so; what was queued has the new one."""
        far.will("answer lost", (403, "AccessDeniedException"))
        async with far.publisher() as publisher:
            lost = await publisher.send("one")
            await asyncio.sleep(0.03)
            queued = await publisher.send("two")
            assert isinstance((await lost).error, ResponseNotReceived)
            assert isinstance((await queued).error, AccessDeniedException)

    async def test_a_lost_payload_that_is_called_invalid_fails_alone(self, far: FarSide) -> None:
        """There is nothing to part: it can only be sent as it was."""
        far.will("taken", "answer lost", (400, "ValidationException"))
        async with far.publisher() as publisher:
            await publisher.send("first")
            lost = [await publisher.send("one"), await publisher.send("two")]
            await asyncio.sleep(0.03)
            queued = await publisher.send("three")
            assert await outcomes([*lost, queued]) == ["failed", "failed", "delivered"]


class TestRaw:
    async def test_strings_go_as_they_are_one_per_call(self, far: FarSide) -> None:
        """In order of priority, at the rate of the channel."""
        async with far.publisher(raw=True) as publisher:
            for text in ("{}", "[1]", "é" * 512):
                await publisher.send(text)
            await publisher.send("urgent", priority=1)
        assert far.payloads == ["{}", "urgent", "[1]", "é" * 512]

    async def test_they_are_never_sent_again_after_a_lost_answer(
        self, far: FarSide, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Nobody could drop the second; the outcome leaves open what happened."""
        far.will("answer lost")
        async with far.publisher(raw=True) as publisher:
            outcome = await (await publisher.send("one"))
            with pytest.raises(ResponseNotReceived, match="may have been processed"):
                outcome.check()
            assert await (await publisher.send("two")) == DELIVERED
        assert far.tried == ["one", "two"]
        assert "its message fails, others wait" in caplog.text

    async def test_they_are_sent_again_where_nothing_was_processed(self, far: FarSide) -> None:
        """And what was refused counts no more than what is queued."""
        far.will(THROTTLED, *NOT_SENT * 6)
        async with far.publisher(raw=True) as publisher:
            old = await publisher.send("old", key="k")
            await asyncio.sleep(0.01)
            new = await publisher.send("new", key="k")
            assert await outcomes([old, new]) == ["replaced", "delivered"]
        assert far.payloads == ["new"]

    async def test_a_session_that_repeats_lost_answers_changes_nothing_about_that(
        self, far: FarSide
    ) -> None:
        """The publisher's rules hold, whatever the session's other calls do."""
        far.will("answer lost", "answer lost")
        session = far.session(retry_lost_answers=True, timeout=0.01)
        async with session.metadata(ARN, raw=True) as publisher:
            assert (await (await publisher.send("one"))).status == "failed"
        async with session.metadata(ARN) as publisher:
            assert await (await publisher.send("one")) == DELIVERED
        assert far.shown == ["one", "one"]

    @pytest.mark.parametrize("message", ["", "x" * 1025, "é" * 513, "\ud800", b"x", {"a": 1}, 5])
    async def test_only_strings_that_the_service_takes_are_taken(
        self, far: FarSide, message: Any
    ) -> None:
        """From 1 to 1,024 bytes, and UTF-8."""
        async with far.publisher(raw=True) as publisher:
            with pytest.raises(ParameterError, match="message"):
                await publisher.send(message)
        assert far.attempts == []


class TestRefusals:
    @pytest.mark.parametrize(
        ("step", "error"),
        [
            ((403, "AccessDeniedException"), AccessDeniedException),
            ((404, "ResourceNotFoundException"), ResourceNotFoundException),
            ((400, "SomethingNew"), ServiceError),
        ],
    )
    async def test_what_waiting_cannot_mend_fails_what_is_queued(
        self, far: FarSide, step: Step, error: type[Exception]
    ) -> None:
        """All of it, with one call; a later message is tried anew."""
        far.will("taken", step)
        async with far.publisher() as publisher:
            await publisher.send("first")
            receipts = [await publisher.send("x" * 400) for _ in range(10)]
            for receipt in receipts:
                with pytest.raises(error):
                    (await receipt).check()
            assert len(far.attempts) == 2
            assert await (await publisher.send("later")) == DELIVERED

    async def test_missing_credentials_fail_what_is_queued(self, far: FarSide) -> None:
        """Nothing was sent, and the outcome says why."""

        class Nobody:
            def fresh(self) -> None:
                return None

            async def get(self) -> None:
                raise CredentialsError("none to be had")

        ivs = far.session()
        ivs._calls.core.identities = Nobody()  # type: ignore[assignment]
        async with MetadataPublisher(ivs._calls, ARN) as publisher:
            with pytest.raises(CredentialsError):
                (await (await publisher.send("x"))).check()
        assert far.attempts == []

    async def test_no_error_at_all_leaves_a_message_hanging(self, far: FarSide) -> None:
        """Even what nobody has foreseen is an outcome."""
        far.sign = lambda *_: 1 / 0  # type: ignore[assignment,method-assign]
        async with far.publisher() as publisher:
            outcome = await (await publisher.send("x"))
        assert isinstance(outcome.error, ZeroDivisionError)

    async def test_an_invalid_message_fails_alone(self, far: FarSide) -> None:
        """Those that it was packed with are sent without it."""
        far.refuses = "poison"
        async with far.publisher() as publisher:
            await publisher.send("first")
            receipts = [
                await publisher.send(message) for message in ("one", "poison", "two", "three")
            ]
            assert await outcomes(receipts) == ["delivered", "failed", "delivered", "delivered"]
            with pytest.raises(ValidationException):
                (await receipts[1]).check()
        assert far.shown == ["first", "one", "two", "three"]

    async def test_trouble_is_waited_out(self, far: FarSide) -> None:
        """A network that is gone for minutes delays messages and costs few attempts."""
        far.always = "not sent"
        async with far.publisher() as publisher:
            receipts = [await publisher.send(number) for number in range(20)]
            await asyncio.sleep(300)
            assert len(far.attempts) <= 3 * 55
            far.always = "taken"
            assert await outcomes(receipts) == ["delivered"] * 20
        assert far.shown == [*range(20)]

    async def test_a_time_limit_of_the_session_only_pauses_the_publisher(
        self, far: FarSide
    ) -> None:
        """A wait for tokens that exceeds it is no reason to lose a message."""
        calls = far.calls(timeout=0.1)
        async with MetadataPublisher(calls, ARN) as publisher:
            receipts = [await publisher.send(f"{number}" + "x" * 900) for number in range(12)]
            await publisher.drain()
            assert await outcomes(receipts) == ["delivered"] * 12
        assert far.shown == [f"{number}" + "x" * 900 for number in range(12)]

    async def test_pauses_are_as_long_as_the_limiter_says(self, far: FarSide) -> None:
        """Where it gives a longer wait than the publisher would take."""

        class Busy(NoLimit):
            def __init__(self) -> None:
                super().__init__()
                self.asked: list[float] = []

            async def acquire(
                self, operation: str, resource: str | None = None, timeout: float | None = None
            ) -> Permit:
                self.asked.append(now())
                if now() < 6:
                    raise RateLimitExceeded("too long", wait=6)
                return await super().acquire(operation, resource, timeout)

        limiter = Busy()
        async with MetadataPublisher(far.calls(limiter), ARN) as publisher:
            assert await (await publisher.send("x")) == DELIVERED
        assert limiter.asked == [0, 6]

    async def test_pauses_begin_short_after_each_success(self, far: FarSide) -> None:
        """One lost answer in a while is no outage."""
        async with far.publisher() as publisher:
            for _ in range(20):
                far.will("answer lost")
                before = now()
                assert await (await publisher.send("x")) == DELIVERED
                assert now() - before < 0.2
                await asyncio.sleep(5)

    async def test_a_session_closed_underneath_fails_what_is_queued(self, far: FarSide) -> None:
        """Clearly and soon, whether a payload was under way or not."""
        ivs = far.session()
        async with MetadataPublisher(ivs._calls, ARN) as publisher:
            under_way = await publisher.send("one")
            await asyncio.sleep(0.005)
            queued = await publisher.send("two")
            await ivs.close()
            assert isinstance((await under_way).error, ResponseNotReceived)
            with pytest.raises(RequestNotSent, match="session is closed"):
                (await queued).check()
            with pytest.raises(RequestNotSent, match="session is closed"):
                (await (await publisher.send("three"))).check()

    async def test_nobody_enters_the_publisher_of_a_closed_session(self, far: FarSide) -> None:
        """A bot hears of it before its first message."""
        ivs = far.session()
        await ivs.close()
        with pytest.raises(RequestNotSent, match="session is closed"):
            async with ivs.metadata(ARN):
                pass
        report = await ivs.publish_many([ARN], "x")
        assert isinstance(report.undelivered[ARN].error, RequestNotSent)


class TestRoom:
    async def test_send_waits_for_room_in_turn(self, far: FarSide) -> None:
        """Back pressure: nobody overtakes, and nothing is lost."""
        async with far.publisher(max_queue=3) as publisher, asyncio.TaskGroup() as tasks:
            for number in range(40):
                tasks.create_task(publisher.send(f"{number:04}" + "x" * 400))
            await asyncio.sleep(0.01)
            assert publisher.snapshot().queued == 1
            assert publisher.snapshot().under_way == 2
            assert publisher.snapshot().waiting == 37
        assert [int(str(message)[:4]) for message in far.shown] == [*range(40)]

    async def test_a_send_that_is_cancelled_sends_nothing(self, far: FarSide) -> None:
        """It leaves the line, and those behind it move up."""
        far.round_trip = 10
        async with far.publisher(max_queue=2, drain_timeout=None) as publisher:
            await publisher.send("under way")
            await asyncio.sleep(1)
            await publisher.send("one")
            waiting = [
                asyncio.create_task(publisher.send(text, ttl=60)) for text in ("two", "three")
            ]
            await asyncio.sleep(1)
            waiting[0].cancel()
            assert await (await waiting[1]) == DELIVERED
            assert waiting[0].cancelled()
        assert timers() == 0
        assert far.shown == ["under way", "one", "three"]

    async def test_a_send_cancelled_in_the_moment_of_its_admission_sends_nothing(
        self, far: FarSide
    ) -> None:
        """The message is taken back before it can leave."""
        far.round_trip = 10
        async with far.publisher(max_queue=2) as publisher:
            await publisher.send("under way")
            await asyncio.sleep(1)
            stale = await publisher.send("stale", ttl=2)
            waiting = asyncio.create_task(publisher.send("two"))
            # less than a tick of the clock later: in the same turn of the event loop, behind it
            asyncio.get_running_loop().call_at(3 + 5e-10, waiting.cancel)
            await asyncio.wait([waiting])
            assert waiting.cancelled()
            assert now() == pytest.approx(3)
            assert (await stale).status == "expired"
        assert far.shown == ["under way"]

    async def test_who_leaves_the_line_leaves_a_newer_value_in_it(self, far: FarSide) -> None:
        """Each of them waits for itself."""
        far.round_trip = 10
        async with far.publisher(max_queue=2, drain_timeout=None) as publisher:
            await publisher.send("under way")
            await asyncio.sleep(1)
            await publisher.send("one")
            older = asyncio.create_task(publisher.send("old", key="k"))
            await asyncio.sleep(1)
            newer = asyncio.create_task(publisher.send("new", key="k"))
            await asyncio.sleep(1)
            older.cancel()
            await asyncio.wait([older])
            assert older.cancelled()
            assert await (await newer) == DELIVERED
        assert far.shown == ["under way", "one", "new"]

    async def test_who_waits_when_the_publisher_is_left_is_told(self, far: FarSide) -> None:
        """The message never was in the queue, and the error says that nothing was sent."""
        far.round_trip = 10
        async with far.publisher(max_queue=2, drain_timeout=0) as publisher:
            await publisher.send("under way")
            await asyncio.sleep(1)
            await publisher.send("one")
            waiting = asyncio.create_task(publisher.send("two", key="k", ttl=5))
            await asyncio.sleep(1)
            assert publisher.snapshot().waiting == 1
        with pytest.raises(RequestNotSent, match="left while the message waited for room"):
            await waiting
        assert timers() == 0

    async def test_a_newer_value_takes_its_place_in_a_full_queue(self, far: FarSide) -> None:
        """Replacing needs no room, as soon as one of those in the line has some."""
        far.round_trip = 10
        async with far.publisher(max_queue=2, drain_timeout=None) as publisher:
            await publisher.send("under way")
            await asyncio.sleep(1)
            queued = await publisher.send(0, key="score")
            newer = await publisher.send(1, key="score")
            assert (await queued).status == "replaced"
            waiting = [
                asyncio.create_task(publisher.send(number, key="clock")) for number in range(3)
            ]
            await asyncio.sleep(1)
            assert [task.done() for task in waiting] == [False] * 3
            receipts = [await task for task in waiting]
            assert await outcomes([newer, *receipts]) == [
                *("delivered", "replaced", "replaced", "delivered")
            ]
        assert far.shown == ["under way", 1, 2]

    async def test_a_value_in_the_line_takes_the_place_of_one_that_came_back(
        self, far: FarSide
    ) -> None:
        """A payload that was refused finds the newer value outside, and lets it in."""
        far.will("unconnected")
        async with far.publisher(max_queue=2) as publisher:
            old = await publisher.send("old", key="k")
            await asyncio.sleep(1)
            await publisher.send("chat")
            new = asyncio.create_task(publisher.send("new", key="k"))
            await asyncio.sleep(1)
            assert publisher.snapshot().waiting == 1
            assert await outcomes([old, await new]) == ["replaced", "delivered"]
        assert far.shown == ["new", "chat"]

    @pytest.mark.parametrize("priority", [0, -1])
    @pytest.mark.parametrize("step", ["unconnected", "stale"])
    async def test_nothing_is_replaced_by_what_is_never_let_in(
        self, far: FarSide, step: Step, priority: int
    ) -> None:
        """A sender may be cancelled up to the moment in which its message is queued."""
        far.will("unconnected", step)
        async with far.publisher(max_queue=1) as publisher:
            old = await publisher.send("old", key="k")
            await asyncio.sleep(1)
            new = asyncio.create_task(publisher.send("new", key="k", priority=priority))
            # less than a tick of the clock after the attempt: in the same turn, behind it
            asyncio.get_running_loop().call_at(5 + 5e-10, new.cancel)
            assert await old == DELIVERED
            assert new.cancelled()
        assert far.shown == ["old"]

    async def test_who_gives_up_waiting_behind_what_came_back_has_replaced_nothing(
        self, far: FarSide
    ) -> None:
        """Neither when it leaves the line, nor when the publisher is left."""
        far.round_trip = 10
        async with far.publisher(max_queue=1, drain_timeout=None) as publisher:
            await publisher.send("under way")
            await asyncio.sleep(1)
            first = asyncio.create_task(publisher.send("first", key="k"))
            await asyncio.sleep(1)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(1):
                    await publisher.send("second", key="k")
            assert await (await first) == DELIVERED
        assert far.shown == ["under way", "first"]

    async def test_who_is_let_in_late_replaces_nothing_newer(self) -> None:
        """What came later, and needed no room, is the newer value, whoever goes on first."""
        outbox, (old, early, late), waiting = await self.line_behind_what_is_under_way()
        outbox.under_way = 0
        assert outbox.restore([old]) == []
        assert await outbox.room(late)
        assert outbox.put(late) == [old, early]
        assert not await waiting
        assert [*outbox] == [late]
        assert outbox.waiting == outbox.expected == 0

    async def test_who_may_replace_what_has_left_waits_on(self) -> None:
        """It came back and went out again before the sender in the line could go on."""
        outbox, (old, early, _), waiting = await self.line_behind_what_is_under_way()
        outbox.under_way = 0
        assert outbox.restore([old]) == []
        outbox.take_out(old)
        outbox.under_way = 1
        await asyncio.sleep(0)
        assert outbox.waiting == 1
        outbox.under_way = 0
        outbox.move_up()
        assert (outbox.waiting, outbox.expected) == (0, 1)
        assert await waiting
        assert outbox.put(early) == []

    async def test_nobody_overtakes_who_was_let_in(self) -> None:
        """There is room, but those who were let in have yet to take theirs."""
        outbox, (_, early, late), waiting = await self.line_behind_what_is_under_way(2)
        outbox.under_way = 0
        asyncio.get_running_loop().call_soon(outbox.move_up)
        behind = asyncio.create_task(outbox.room(late))
        assert await waiting
        assert not behind.done()
        assert outbox.waiting == 1
        assert outbox.put(early) == []
        assert await behind
        assert outbox.put(late) == [early]

    async def test_who_is_let_in_goes_in_turn(self) -> None:
        """Also one that was called earlier, to replace a message whose sender then gave up."""
        outbox, (_, first, _), waiting = await self.line_behind_what_is_under_way(2)
        entered = []

        async def send(message: Message) -> None:
            assert await outbox.room(message)
            outbox.put(message)
            entered.append(message.item.text)

        behind = [
            asyncio.create_task(send(Message(Item.of(text, key), key)))
            for text, key in (("second", None), ("third", first.key))
        ]
        await asyncio.sleep(0)
        outbox.under_way = 0
        outbox.move_up()
        waiting.cancel()
        await asyncio.wait(behind)
        assert entered == [Item.of("second", None).text, Item.of("third", first.key).text]

    async def test_a_sender_that_is_never_resumed_leaves_no_trace(self) -> None:
        """Its coroutine is thrown away; those behind it move up."""
        outbox, (_, early, late), waiting = await self.line_behind_what_is_under_way()
        thrown_away = outbox.room(late)
        thrown_away.send(None)
        thrown_away.close()
        assert outbox.waiting == 1
        outbox.under_way = 0
        outbox.move_up()
        assert await waiting
        assert outbox.put(early) == []
        assert outbox.waiting == outbox.expected == 0

    async def test_of_many_values_of_one_key_only_the_newest_takes_room(self) -> None:
        """The others are replaced in one go, not one by the other."""
        outbox = Outbox(1)
        outbox.under_way = 1

        async def send(message: Message) -> list[Message] | None:
            return outbox.put(message) if await outbox.room(message) else None

        values = [Message(Item.of(number, "k"), "k") for number in range(1000)]
        tasks = [asyncio.create_task(send(value)) for value in values]
        await asyncio.sleep(0)
        outbox.under_way = 0
        outbox.move_up()
        replaced = await asyncio.gather(*tasks)
        assert replaced == [[], *[None] * 998, values[:-1]]

    async def line_behind_what_is_under_way(
        self, most: int = 1
    ) -> tuple[Outbox, list[Message], asyncio.Task[bool]]:
        """An outbox without room, and three values of one key: one has left, one waits."""
        outbox = Outbox(most)
        messages = [Message(Item.of("x", "k"), "k") for _ in range(3)]
        outbox.under_way = most
        waiting = asyncio.create_task(outbox.room(messages[1]))
        await asyncio.sleep(0)
        return outbox, messages, waiting

    async def test_what_is_under_way_keeps_its_room(self, far: FarSide) -> None:
        """However often it comes back: held messages are no more than was said."""
        far.live = False
        async with far.publisher(max_queue=10) as publisher, asyncio.TaskGroup() as tasks:
            for number in range(100):
                tasks.create_task(publisher.send(number))
            for _ in range(600):
                await asyncio.sleep(0.1)
                snapshot = publisher.snapshot()
                assert snapshot.queued + snapshot.under_way == 10
                assert snapshot.waiting == 90
            far.live = True
        assert far.shown == [*range(100)]

    async def test_room_for_one_suffices(self, far: FarSide) -> None:
        """Each is let in when the one before it has its outcome."""
        far.will(THROTTLED, "answer lost", "not sent")
        async with far.publisher(max_queue=1) as publisher:
            for number in range(10):
                await publisher.send(number)
        assert far.shown == [*range(10)]

    async def test_a_payload_that_expires_or_fails_makes_room(self, far: FarSide) -> None:
        """Whatever the outcome is, who waits goes on."""
        far.always = "not sent"
        async with far.publisher(max_queue=1) as publisher:
            stale = await publisher.send("stale", ttl=0.5)
            denied = await publisher.send("denied")
            assert (await stale).status == "expired"
            far.will((403, "AccessDeniedException"))
            far.always = "taken"
            await publisher.send("last")
            assert (await denied).status == "failed"
        assert far.shown == ["last"]

    async def test_a_stale_connection_is_no_reason_to_pause(self, far: FarSide) -> None:
        """The same bytes go at once over another."""
        far.will("stale", "stale")
        async with far.publisher() as publisher:
            await publisher.send("x")
        assert far.shown == ["x"]
        assert [time for _, time, _ in far.attempts] == [far.attempts[0][1]] * 3
        assert len({*far.tried}) == 1

    async def test_what_comes_back_is_queued_while_its_call_waits(self, far: FarSide) -> None:
        """So a newer value takes its place at once, not only when the next attempt is made."""
        far.will(UNAVAILABLE)
        async with far.publisher() as publisher:
            old = await publisher.send(1, key="score")
            await asyncio.sleep(far.round_trip + 0.01)
            state = publisher.snapshot()
            assert (state.queued, state.under_way) == (1, 0)
            new = await publisher.send(2, key="score")
            assert [old.outcome, new.outcome] == [Outcome("replaced"), None]
        assert far.shown == [2]

    async def test_what_comes_back_to_a_full_queue_may_be_dropped(self, far: FarSide) -> None:
        """Never while it is under way; then as the oldest, since the newest matter more."""
        far.will("unconnected")
        async with far.publisher(max_queue=2, overflow="drop-oldest") as publisher:
            old = await publisher.send("old")
            await asyncio.sleep(4.9)
            queued = [await publisher.send(number) for number in range(2)]
            assert old.outcome is None
            assert await outcomes([old, *queued]) == ["dropped", "delivered", "delivered"]
        assert far.shown == [0, 1]

    async def test_the_oldest_may_be_dropped_instead(self, far: FarSide) -> None:
        """`send` never waits then; what is dropped is known at once."""
        far.round_trip = 10
        async with far.publisher(max_queue=3, overflow="drop-oldest") as publisher:
            await publisher.send("first")
            await asyncio.sleep(1)
            receipts = [await publisher.send(number) for number in range(6)]
            assert [receipt.outcome for receipt in receipts[:3]] == [Outcome("dropped")] * 3
            await asyncio.sleep(10)
        assert far.shown == ["first", 3, 4, 5]

    async def test_the_least_important_are_dropped_first(self, far: FarSide) -> None:
        """Even if it is the new one."""
        far.round_trip = 10
        async with far.publisher(max_queue=2, overflow="drop-oldest") as publisher:
            await publisher.send("under way")
            await asyncio.sleep(1)
            goals = [await publisher.send(f"goal {number}", priority=1) for number in range(2)]
            chat = await publisher.send("chat", ttl=9)
            assert chat.outcome == Outcome("dropped")
            assert await outcomes(goals) == ["delivered"] * 2


class TestLeaving:
    async def test_drain_waits_for_what_is_queued(self, far: FarSide) -> None:
        """The publisher stays open."""
        async with far.publisher() as publisher:
            await publisher.drain()
            receipts = [await publisher.send(number) for number in range(10)]
            await publisher.drain()
            assert {receipt.outcome for receipt in receipts} == {DELIVERED}
            assert await (await publisher.send("later")) == DELIVERED

    async def test_drain_gives_up_after_its_time(self, far: FarSide) -> None:
        """What is left stays queued."""
        far.live = False
        async with far.publisher() as publisher:
            receipt = await publisher.send("x")
            with pytest.raises(TimeoutError, match="1 message still queued after 3 s"):
                await publisher.drain(timeout=3)
            far.live = True
            assert await receipt == DELIVERED

    async def test_cancelling_a_drain_cancels_no_delivery(self, far: FarSide) -> None:
        """Nor does cancelling the wait for a receipt; anybody may wait again."""
        async with far.publisher() as publisher:
            receipt = await publisher.send("x")
            for wait in (publisher.drain(), asyncio.wait_for(receipt, 1)):
                task = asyncio.ensure_future(wait)
                await asyncio.sleep(0)
                task.cancel()
                await asyncio.wait([task])
                assert task.cancelled()
            assert {*await asyncio.gather(receipt, receipt)} == {DELIVERED}
            assert await receipt == DELIVERED

    async def test_leaving_delivers_what_is_queued(self, far: FarSide) -> None:
        """Also when an error is the reason to leave."""
        with pytest.raises(LookupError):  # noqa: PT012 - leaving is what is looked at
            async with far.publisher() as publisher:
                for number in range(10):
                    await publisher.send(number)
                raise LookupError
        assert far.shown == [*range(10)]

    async def test_leaving_takes_no_longer_than_it_may(
        self, far: FarSide, caplog: pytest.LogCaptureFixture
    ) -> None:
        """What could not be delivered fails, with the reason, and the log says how much it was."""
        far.live = False
        async with far.publisher(drain_timeout=4) as publisher:
            receipts = [await publisher.send(number) for number in range(10)]
            before = now()
        assert now() - before == pytest.approx(4)
        for receipt in receipts:
            outcome = await receipt
            with pytest.raises(
                RequestNotSent, match=r"left before .* sent; the channel was not live"
            ):
                outcome.check()
            assert isinstance(outcome.error, RequestNotSent)
            assert isinstance(outcome.error.__cause__, ChannelNotBroadcasting)
        assert "left with 10 messages undelivered; the last" in caplog.records[-1].getMessage()
        assert "ChannelNotBroadcasting" in caplog.records[-1].getMessage()
        assert publisher.snapshot().outcomes["failed"] == 10

    async def test_what_is_under_way_when_time_is_up_may_have_been_processed(
        self, far: FarSide, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The outcome does not claim to know."""
        far.round_trip = 3
        async with far.publisher(drain_timeout=2) as publisher:
            receipt = await publisher.send("x")
        assert isinstance((await receipt).error, ResponseNotReceived)
        assert far.shown == ["x"]
        assert "left with 1 message undelivered, 1 of which may have been" in caplog.text

    async def test_leaving_tells_whatever_the_last_failure_was(self, far: FarSide) -> None:
        """It is why the time did not suffice."""
        far.always = "not sent"
        async with far.publisher(drain_timeout=2) as publisher:
            receipt = await publisher.send("x")
        with pytest.raises(
            RequestNotSent, match=r"the last failure was RequestNotSent: .*endpoint"
        ):
            (await receipt).check()

    @pytest.mark.parametrize("step", ["not sent", "unconnected", THROTTLED, UNAVAILABLE])
    async def test_leaving_does_not_doubt_what_never_left(
        self, far: FarSide, step: Step, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Not while a connection is being made, nor while a call waits for its next attempt."""
        far.always = step
        async with far.publisher(drain_timeout=0.01 + far.round_trip) as publisher:
            receipt = await publisher.send("x")
        assert len(far.attempts) == 1
        error = (await receipt).error
        assert isinstance(error, RequestNotSent)
        assert "which may have been processed" not in caplog.messages[-1]
        for told in (str(error), caplog.messages[-1]):
            assert ("; the last failure was" in told) == (step != "unconnected")
        assert ("its turn had not come" in str(error)) == (step == "unconnected")

    async def test_the_reason_to_expire_is_known_before_the_last_attempt(
        self, far: FarSide
    ) -> None:
        """It is what the latest attempt ended with."""
        far.always = THROTTLED
        async with far.publisher(drain_timeout=2) as publisher:
            outcome = await (await publisher.send("x", ttl=0.5))
        assert len(far.attempts) == 1
        assert outcome.status == "expired"
        assert isinstance(outcome.error, ThrottlingException)

    async def test_a_full_queue_that_never_had_its_turn_is_no_failure(
        self, far: FarSide, caplog: pytest.LogCaptureFixture
    ) -> None:
        """There was too little time, and nothing else is said."""
        far.round_trip = 3
        async with far.publisher(drain_timeout=2) as publisher:
            await publisher.send("x")
            await asyncio.sleep(1)
            receipt = await publisher.send("y")
        with pytest.raises(RequestNotSent, match=r"its turn had not come \(drain_timeout"):
            (await receipt).check()
        assert caplog.text.endswith("1 of which may have been processed\n")

    async def test_who_is_cancelled_leaves_at_once(self, far: FarSide) -> None:
        """And takes the publisher's task along."""
        receipts = []

        async def bot() -> None:
            async with far.publisher() as publisher:
                receipts.append(await publisher.send("one"))
                await asyncio.sleep(100)
                receipts.extend([await publisher.send("two"), await publisher.send("three")])
                await asyncio.sleep(100)

        before = asyncio.all_tasks()
        task = asyncio.create_task(bot())
        await asyncio.sleep(100.005)
        task.cancel()
        await asyncio.wait([task])
        assert now() == 100.005
        assert await outcomes(receipts) == ["delivered", "failed", "failed"]
        assert asyncio.all_tasks() == before

    @pytest.mark.parametrize("limit", [anyio.move_on_after, asyncio.timeout])
    async def test_a_time_limit_around_a_publisher_ends_it(self, far: FarSide, limit: Any) -> None:
        """However it is set; nothing is left behind."""
        before = asyncio.all_tasks()
        far.live = False
        receipts = []

        async def bot() -> None:
            async with far.publisher() as publisher:
                receipts.extend([await publisher.send(number) for number in range(3)])
                await asyncio.sleep(100)

        with contextlib.suppress(TimeoutError):
            stack = limit(5)
            if isinstance(stack, anyio.CancelScope):
                with stack:
                    await bot()
            else:
                async with stack:
                    await bot()
        assert now() == 5
        assert await outcomes(receipts) == ["failed"] * 3
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == before
        assert timers() == 0

    async def test_cancelling_the_way_out_ends_it(self, far: FarSide) -> None:
        """Everything has its outcome, even so."""
        far.live = False
        publisher = far.publisher(drain_timeout=None)
        receipts = []

        async def bot() -> None:
            async with publisher:
                receipts.append(await publisher.send("x"))

        task = asyncio.create_task(bot())
        await asyncio.sleep(5)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        assert await outcomes(receipts) == ["failed"]
        await asyncio.sleep(0)
        assert publisher._worker is not None
        assert publisher._worker.done()

    @pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks came with Python 3.12")
    async def test_tasks_may_start_eagerly(self, far: FarSide) -> None:
        """The publisher's own as well as those that send."""
        loop = asyncio.get_running_loop()
        loop.set_task_factory(asyncio.eager_task_factory)  # type: ignore[attr-defined,unused-ignore]
        async with far.publisher(max_queue=3) as publisher, asyncio.TaskGroup() as tasks:
            for number in range(20):
                tasks.create_task(publisher.send(number))
        loop.set_task_factory(None)
        assert far.shown == [*range(20)]

    async def test_nobody_waits_for_a_worker_that_is_no_more(self, far: FarSide) -> None:
        """Somebody cancels every task of the loop: the messages fail, and sending ends."""
        far.live = False
        async with far.publisher(drain_timeout=None) as publisher:
            receipt = await publisher.send("x")
            assert publisher._worker is not None
            publisher._worker.cancel()
            assert (await receipt).status == "failed"
            with pytest.raises(RequestNotSent, match="not open"):
                await publisher.send("y")

    async def test_it_is_used_once_and_inside_its_context(self, far: FarSide) -> None:
        """Before and after, nothing is taken that could not be sent."""
        publisher = far.publisher()
        for use in (publisher.send("x"), publisher.drain()):
            with pytest.raises(RequestNotSent, match="not open"):
                await use
        async with publisher:
            pass
        with pytest.raises(RequestNotSent, match="not open"):
            await publisher.send("x")
        with pytest.raises(RequestNotSent, match="used once"):
            async with publisher:
                pass

    async def test_a_send_that_is_on_its_way_when_the_publisher_is_left_is_refused(
        self, far: FarSide
    ) -> None:
        """There is no moment in which a message is taken and forgotten."""
        async with far.publisher() as publisher:
            late = asyncio.create_task(publisher.send("x"))
            await asyncio.sleep(0)
        with pytest.raises(RequestNotSent, match="not open"):
            await late


class TestRepeats:
    async def test_who_joins_late_gets_the_last_value_of_each_key(self, far: FarSide) -> None:
        """With its key and its first id; nobody who has it sees it again."""
        async with far.publisher(repeat_every=10) as publisher:
            for number in range(3):
                await (await publisher.send(number, key="score"))
            await (await publisher.send("home", key="team"))
            await (await publisher.send("chat"))
            await asyncio.sleep(25)
        assert far.shown == [0, 1, 2, "home", "chat"]
        assert viewed(far.payloads[5:]) == [
            Cue(2, "score", publisher._epoch.name, 2),
            Cue("home", "team", publisher._epoch.name, 3),
        ]
        assert len(far.payloads) == 7

    async def test_repeats_come_after_everything_else(self, far: FarSide) -> None:
        """They use what room is left, or a call that nobody else needs."""
        async with far.publisher(repeat_every=1) as publisher:
            await (await publisher.send("1:0", key="score"))
            for _ in range(20):
                await publisher.send("x" * 600)
            await publisher.drain()
        payloads = [json.loads(payload)[1:] for payload in far.payloads]
        assert len(payloads) == 21
        repeated = [items for items in payloads[1:] if ["score", "1:0", 0] in items]
        assert 2 <= len(repeated) <= 4
        assert {items.index(["score", "1:0", 0]) for items in repeated} == {1}

    async def test_repeats_that_cannot_be_sent_wait_for_another_period(
        self, far: FarSide, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Also where a call fails before it is known what to send: nothing is tried at once."""
        session = far.session()
        tried = 0

        async def fetch() -> None:
            nonlocal tried
            tried += 1
            raise CredentialsError("nobody has any")

        async with session.metadata(ARN, repeat_every=1) as publisher:
            await (await publisher.send("1:0", key="score"))
            monkeypatch.setattr(session._calls.core.identities, "fresh", lambda: None)
            monkeypatch.setattr(session._calls.core.identities, "get", fetch)
            await asyncio.sleep(10.5)
        assert 9 <= tried <= 10
        assert far.shown == ["1:0"]

    async def test_an_outdated_value_is_not_repeated(self, far: FarSide) -> None:
        """Not while a newer one is queued, and not after its time."""
        async with far.publisher(repeat_every=5) as publisher:
            await (await publisher.send("soon stale", key="a", ttl=12))
            await (await publisher.send("old", key="b"))
            far.will(*NOT_SENT * 9)
            await asyncio.sleep(4.9)
            await publisher.send("new", key="b", priority=-1)
            await asyncio.sleep(30)
        sent = [item for payload in far.payloads for item in json.loads(payload)[1:]]
        assert sum(item[1] == "old" for item in sent) == 1
        assert 1 <= sum(item[1] == "soon stale" for item in sent) <= 3
        assert sum(item[1] == "new" for item in sent) >= 4

    async def test_as_many_keys_are_repeated_as_decoders_remember(self, far: FarSide) -> None:
        """However many there are, no viewer sees one of them twice."""
        async with far.publisher(repeat_every=60) as publisher:
            for number in range(600):
                await publisher.send(number, key=f"key {number}")
            await publisher.drain()
            before = len(far.payloads)
            await asyncio.sleep(200)
        again = {cue.key for cue in viewed(far.payloads[before:])}
        assert again == {f"key {number}" for number in range(344, 600)}
        assert far.shown == [*range(600)]

    async def test_the_keys_with_the_newest_values_are_repeated(self, far: FarSide) -> None:
        """A key that changes again is one of them."""
        async with far.publisher(repeat_every=60) as publisher:
            for number in (*range(256), 0, 256):
                await publisher.send("x", key=f"key {number}")
            await publisher.drain()
            before = len(far.payloads)
            await asyncio.sleep(70)
        again = {cue.key for cue in viewed(far.payloads[before:])}
        assert again == {f"key {number}" for number in (0, *range(2, 257))}

    async def test_a_token_that_nobody_needs_any_more_is_not_spent_on_repeats(
        self, far: FarSide
    ) -> None:
        """Not before they are due."""
        async with far.publisher(repeat_every=1.5) as publisher:
            for _ in range(5):
                await (await publisher.send("x", key="k"))
            await asyncio.sleep(0.7)
            await publisher.send("stale", ttl=0.01)
            await asyncio.sleep(0.5)
            assert len(far.attempts) == 5
            await asyncio.sleep(0.5)
            assert len(far.attempts) == 6

    async def test_a_value_is_not_repeated_beside_others_while_a_newer_one_waits(
        self, far: FarSide
    ) -> None:
        """Room in a payload is no reason to show what is outdated."""
        async with far.publisher(repeat_every=1) as publisher:
            await (await publisher.send("old", key="k"))
            await asyncio.sleep(0.4)
            far.round_trip = 0.3
            await publisher.send("under way")
            await asyncio.sleep(0.1)
            await publisher.send("x" * 800)
            await publisher.send("n" * 300, key="k", priority=-1)
            await publisher.drain()
        assert ["old" in payload for payload in far.payloads] == [True, False, False, False]

    async def test_repeats_that_fail_are_not_tried_over_and_over(self, far: FarSide) -> None:
        """One call for each period, whatever the service says, and nobody gets an error for it."""
        for step in ((403, "AccessDeniedException"), (400, "ValidationException")):
            far.always = "taken"
            far.attempts.clear()
            async with far.publisher(repeat_every=10) as publisher:
                for key in ("a", "b"):
                    await (await publisher.send("x", key=key))
                far.always = step
                await asyncio.sleep(100)
                far.always = "taken"
            assert 8 <= len(far.attempts) <= 23
        far.live = True
        async with far.publisher(repeat_every=10, offline="raise") as publisher:
            await (await publisher.send("x", key="a"))
            far.live = False
            await asyncio.sleep(100)
            await publisher.drain()

    async def test_a_repeat_whose_answer_was_lost_delays_nothing(self, far: FarSide) -> None:
        """It is sent again in its time, and seen once."""
        async with far.publisher(repeat_every=10) as publisher:
            await (await publisher.send("x", key="a"))
            far.will("answer lost", "taken")
            await asyncio.sleep(30)
        assert len(far.payloads) >= 3
        assert far.shown == ["x"]

    async def test_an_invalid_message_is_told_apart_from_repeats_too(self, far: FarSide) -> None:
        """The message is sent alone; the repeats wait for another time."""
        far.refuses = "poison"
        async with far.publisher(repeat_every=1) as publisher:
            await (await publisher.send("fine", key="a"))
            await asyncio.sleep(0.99)
            far.script.extend([UNAVAILABLE, UNAVAILABLE, UNAVAILABLE])
            poison = await publisher.send("poison")
            assert (await poison).status == "failed"
            await asyncio.sleep(5)
        assert far.shown == ["fine"]


class TestManners:
    @pytest.mark.parametrize(
        ("wrong", "text"),
        [
            ({"channel_arn": ""}, "channel_arn must be 1 to 128"),
            ({"channel_arn": 5}, "channel_arn must be a str"),
            ({"max_queue": 0}, "max_queue must be at least 1"),
            ({"max_queue": 1.5}, "max_queue must be an int"),
            ({"overflow": "explode"}, "overflow must be one of 'wait', 'drop-oldest'"),
            ({"offline": None}, "offline must be one of 'hold', 'drop', 'raise'"),
            ({"repeat_every": 0}, "repeat_every must be more than 0"),
            ({"repeat_every": "often"}, "repeat_every must be a number"),
            ({"repeat_every": 5, "raw": True}, "repeat_every needs the envelope"),
            ({"raw": "x"}, "raw must be a bool, not str"),
            ({"drain_timeout": -1}, "drain_timeout must be at least 0"),
            ({"drain_timeout": float("nan")}, "drain_timeout must be at least 0"),
        ],
    )
    def test_a_setting_that_cannot_be_is_refused(
        self, far: FarSide, wrong: dict[str, Any], text: str
    ) -> None:
        """At once, before anything is sent."""
        with pytest.raises(ParameterError, match=text):
            MetadataPublisher(far.calls(), **{"channel_arn": ARN, **wrong})

    @pytest.mark.parametrize(
        ("wrong", "text"),
        [
            ({"message": float("nan")}, "message must be a JSON value: it holds NaN"),
            ({"message": {"a": [float("inf")]}}, "NaN, an infinity"),
            ({"message": {1, 2}}, "no JSON form"),
            ({"message": b"bytes"}, "no JSON form"),
            ({"message": {("a",): 1}}, "no JSON form"),
            ({"message": "\udfff"}, "lone surrogate"),
            ({"message": "x" * 1025}, "1,051 bytes with its envelope; one payload holds 1,024"),
            ({"message": "x" * 990, "key": "score"}, "1,026 bytes with its envelope and key"),
            ({"message": 1, "key": ""}, "key must be a str"),
            ({"message": 1, "key": 5}, "key must be a str"),
            ({"message": 1, "key": "\ud800"}, "key must be a JSON value"),
            ({"message": 1, "ttl": 0}, "ttl must be more than 0"),
            ({"message": 1, "ttl": float("nan")}, "ttl must be more than 0"),
            ({"message": 1, "ttl": True}, "ttl must be a number"),
            ({"message": 1, "priority": 1.5}, "priority must be an int"),
            ({"message": 1, "priority": True}, "priority must be an int"),
        ],
    )
    async def test_a_message_that_cannot_be_is_refused(
        self, far: FarSide, wrong: dict[str, Any], text: str
    ) -> None:
        """At once, by name, with the sizes, without the value."""
        async with far.publisher() as publisher:
            with pytest.raises(ParameterError, match=text) as caught:
                await publisher.send(**wrong)
            assert "xxx" not in str(caught.value)
            assert caught.value.__context__ is None
        assert far.attempts == []

    async def test_a_drain_wants_a_time(self, far: FarSide) -> None:
        """Or none."""
        async with far.publisher() as publisher:
            with pytest.raises(ParameterError, match="timeout must be at least 0"):
                await publisher.drain(timeout=-1)

    async def test_no_message_is_seen_in_a_log_a_repr_or_an_error(
        self, far: FarSide, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Metadata is secret."""
        caplog.set_level(logging.DEBUG)
        far.live = False
        far.will("not sent", "answer lost", (400, "Strange"))
        told = []
        async with far.publisher(drain_timeout=3, offline="hold") as publisher:
            receipts = [await publisher.send(f"sentinel {n}", key="sentinel") for n in range(3)]
            receipts.append(await publisher.send("sentinel"))
            told += [repr(publisher), repr(receipts), repr(publisher.snapshot())]
        told += [repr(await receipt) for receipt in receipts]
        told += [str((await receipt).error) for receipt in receipts]
        told += [repr(viewed(far.payloads)), repr(Item.of("sentinel")), caplog.text]
        assert "sentinel" not in "".join(told)

    async def test_a_trouble_is_logged_when_it_begins_and_when_it_ends(
        self, far: FarSide, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Not each time that it is met."""
        caplog.set_level(logging.INFO)
        far.live = False
        async with far.publisher() as publisher:
            await publisher.send("x")
            await asyncio.sleep(60)
            far.live = True
        texts = [record.getMessage() for record in caplog.records]
        assert len(texts) == 2
        assert "ChannelNotBroadcasting" in texts[0]
        assert "delivered again" in texts[1]

    async def test_a_snapshot_counts(self, far: FarSide) -> None:
        """For dashboards."""
        async with far.publisher() as publisher:
            await publisher.send("x")
            for number in range(5):
                await publisher.send(number, key="k")
            assert repr(publisher) == f"<MetadataPublisher {ARN} queued=1>"
            await publisher.drain()
            snapshot = publisher.snapshot()
        assert (snapshot.queued, snapshot.waiting, snapshot.payloads) == (0, 0, 2)
        assert snapshot.outcomes == {
            "delivered": 2,
            "replaced": 4,
            "expired": 0,
            "dropped": 0,
            "failed": 0,
        }


class TestManyChannels:
    ARNS = tuple(f"{ARN[:-2]}{number:02}" for number in range(40))

    async def test_every_channel_gets_it_once(self, far: FarSide) -> None:
        """Concurrently, as fast as the account's rate allows, whatever fails on the way."""
        far.will("answer lost", THROTTLED, "not sent", UNAVAILABLE)
        ivs = far.session()
        report = await ivs.publish_many(self.ARNS, {"show": "begins"})
        assert report.delivered == [*self.ARNS]
        assert report.undelivered == {}
        for arn in self.ARNS:
            payloads = [payload for channel, payload in far.arrived if channel == arn]
            assert [cue.message for cue in viewed(payloads)] == [{"show": "begins"}]
        report = await ivs.publish_many([ARN], "ends", key="show")
        assert [cue.id for cue in viewed(far.payloads[-1:])] == [1]

    async def test_the_report_says_who_did_not_get_it(self, far: FarSide) -> None:
        """A channel named twice gets it once; one that is not live fails and delays no other."""
        far.will((404, "ChannelNotBroadcasting"))
        report = await far.session().publish_many([*self.ARNS[:3], ARN, ARN], "x", raw=True)
        assert [*report.outcomes] == [*self.ARNS[:3], ARN]
        assert report.delivered == [*self.ARNS[1:3], ARN]
        assert isinstance(report.undelivered[self.ARNS[0]].error, ChannelNotBroadcasting)
        assert sorted(far.payloads) == ["x"] * 3

    async def test_no_channel_is_none_to_fail(self, far: FarSide) -> None:
        """Who has nobody to tell gets an empty report."""
        report = await far.session().publish_many([], "x")
        assert report.delivered == []
        assert report.undelivered == {}

    async def test_no_channel_is_tried_for_ever(self, far: FarSide) -> None:
        """The time limit ends it, and the report says what stood in the way."""
        far.always = "not sent"
        report = await far.session().publish_many(self.ARNS, "x", ttl=20)
        assert now() <= 20.1
        assert {outcome.status for outcome in report.outcomes.values()} == {"expired"}
        assert isinstance(report.outcomes[self.ARNS[0]].error, RequestNotSent)

    async def test_a_message_that_changes_meanwhile_stays_as_it_was(self, far: FarSide) -> None:
        """Every channel gets the same."""
        message = {"score": 1}
        task = asyncio.create_task(far.session().publish_many(self.ARNS, message))
        await asyncio.sleep(0)
        message["score"] = 2
        await task
        assert len({*far.payloads}) == 1

    async def test_cancelling_ends_all_of_it(self, far: FarSide) -> None:
        """No task is left behind."""
        before = asyncio.all_tasks()
        task = asyncio.create_task(far.session().publish_many(self.ARNS, "x"))
        await asyncio.sleep(0.005)
        task.cancel()
        await asyncio.wait([task])
        assert asyncio.all_tasks() == before
        assert far.arrived == []

    @pytest.mark.parametrize(
        ("wrong", "text"),
        [
            ({"arns": ARN}, "not one str"),
            ({"arns": 7}, "not one int"),
            ({"arns": [], "message": {1}}, "no JSON form"),
            ({"arns": [], "key": ""}, "key must be"),
            ({"arns": [], "ttl": 0}, "ttl must be"),
            ({"raw": "x"}, "raw must be a bool, not str"),
            ({"arns": [ARN, ""]}, r"arns\[1\] must be"),
            ({"arns": [ARN, 7]}, r"arns\[1\] must be a str"),
            ({"message": {1}}, "no JSON form"),
            ({"message": "x" * 1000}, "1,026 bytes"),
            ({"message": 7, "raw": True}, "must be a str, not int"),
            ({"key": ""}, "key must be"),
            ({"ttl": -1}, "ttl must be"),
        ],
    )
    async def test_what_cannot_be_is_refused_before_anything_is_sent(
        self, far: FarSide, wrong: dict[str, Any], text: str
    ) -> None:
        """A bare error, not a group of them."""
        arguments = {"arns": [ARN], "message": "x", **wrong}
        with pytest.raises(ParameterError, match=text):
            await far.session().publish_many(**arguments)
        assert far.attempts == []


STEPS: st.SearchStrategy[Step] = st.sampled_from(
    [
        *("taken", "answer lost", "request lost", "late", "not sent", "stale"),
        *(THROTTLED, UNAVAILABLE),
        *((500, "InternalServerException"), (404, "ChannelNotBroadcasting")),
    ]
)


@attrs.frozen
class Sending:
    """What a sender does next. It shares key ``a`` with the others."""

    size: int
    key: str | None
    ttl: float | None
    priority: int
    pause: float
    patience: float | None


SENDINGS = st.builds(
    Sending,
    size=st.integers(1, 400),
    key=st.sampled_from([None, None, "a", "b"]),
    ttl=st.sampled_from([None, None, 0.05, 1.0, 5.0]),
    priority=st.sampled_from([0, 0, 0, 1]),
    pause=st.sampled_from([0, 0, 0, 0.01, 0.3]),
    patience=st.sampled_from([None, None, None, 0, 0.01, 0.1]),
)


@settings(deadline=None, max_examples=100)
@given(
    sendings=st.lists(SENDINGS, max_size=60),
    steps=st.lists(STEPS, max_size=25),
    max_queue=st.sampled_from([1, 4, 1000]),
    overflow=st.sampled_from(["wait", "drop-oldest"]),
    repeat_every=st.sampled_from([None, 0.7]),
    senders=st.integers(1, 3),
)
def test_whatever_happens_every_outcome_is_true(
    sendings: list[Sending],
    steps: list[Step],
    max_queue: int,
    overflow: Any,
    repeat_every: float | None,
    senders: int,
) -> None:
    """Delivered means seen once, the rest never; order and room are kept; nothing hangs.

    Nor does the newest value of a key give way to one whose sender lost its patience.
    """
    far = FarSide()
    far.will(*steps)
    sent: dict[str, tuple[int, Sending, Receipt]] = {}
    newest: dict[str | None, Receipt] = {}

    async def sender(publisher: MetadataPublisher, which: int) -> None:
        for number, sending in enumerate(sendings):
            text = f"{which} {number} ".ljust(sending.size, "x")
            key = f"b{which}" if sending.key == "b" else sending.key
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(sending.patience):
                    receipt = await publisher.send(text, key, sending.ttl, sending.priority)
                    sent[text] = number, sending, receipt
                    newest[key] = receipt
            await asyncio.sleep(sending.pause)

    async def watch(publisher: MetadataPublisher) -> None:
        while True:
            snapshot = publisher.snapshot()
            counted = snapshot.under_way if overflow == "wait" else 0
            assert snapshot.queued + counted <= max_queue
            assert snapshot.queued + counted == max_queue or not snapshot.waiting
            await asyncio.sleep(0.01)

    async def story() -> None:
        publisher = far.publisher(
            max_queue=max_queue, overflow=overflow, repeat_every=repeat_every, drain_timeout=None
        )
        async with publisher, asyncio.TaskGroup() as watching:
            watcher = watching.create_task(watch(publisher))
            async with asyncio.TaskGroup() as tasks:
                for which in range(senders):
                    tasks.create_task(sender(publisher, which))
            await publisher.drain()
            await asyncio.sleep(2)
            watcher.cancel()
        assert publisher.snapshot().queued == publisher.snapshot().waiting == 0

    run(story())
    assert all(len(payload.encode()) <= MAX_PAYLOAD for payload in far.payloads)
    seen = Counter(str(message) for message in far.shown)
    assert not seen.keys() - sent.keys()
    for text, (_, _, receipt) in sent.items():
        outcome = receipt.outcome
        assert outcome is not None
        assert outcome.status != "failed"
        may_have_arrived = outcome.status == "expired" and isinstance(
            outcome.error, ResponseNotReceived | ServiceError
        )
        assert seen[text] == outcome.delivered or (may_have_arrived and seen[text] == 1)
    replaced = Outcome("replaced")
    assert all(newest[key].outcome != replaced for key in newest if key != "a")
    shared = [receipt for _, sending, receipt in sent.values() if sending.key == "a"]
    assert not shared or any(receipt.outcome != replaced for receipt in shared)
    for which in range(senders):
        for key in (None, "a", "b"):
            for priority in (0, 1):
                # one that was given up after a lost answer may yet arrive, at any time
                order = [
                    number
                    for text, (number, sending, receipt) in ((text, sent[text]) for text in seen)
                    if text.startswith(f"{which} ")
                    and (sending.key, sending.priority) == (key, priority)
                    and receipt.outcome == DELIVERED
                ]
                assert order == sorted(order)


class TestOverSockets:
    @pytest.fixture
    def anyio_backend(self) -> str:
        """Time is real here."""
        return "asyncio"

    @pytest.fixture
    async def local(self) -> AsyncIterator[LocalIvs]:
        async with LocalIvs(rates=None) as local:
            yield local

    @pytest.fixture
    async def ivs(self, local: LocalIvs) -> AsyncIterator[IvsSession]:
        options = local.session_options()
        async with IvsSession(**options, rate_limiter=NoLimit()) as ivs:
            yield ivs

    @pytest.fixture
    async def channel_arn(self, local: LocalIvs, ivs: IvsSession) -> str:
        created = await ivs.create_channel(name="stage")
        local.start_stream(created.channel.arn)
        return created.channel.arn

    def seen(self, local: LocalIvs, channel_arn: str) -> list[JsonValue]:
        """What a viewer of the channel saw."""
        payloads = [cue.text for cue in local.metadata(channel_arn)]
        assert all(len(payload.encode()) <= MAX_PAYLOAD for payload in payloads)
        return [cue.message for cue in viewed(payloads)]

    async def test_messages_arrive_once_and_in_order(
        self, local: LocalIvs, ivs: IvsSession, channel_arn: str
    ) -> None:
        """Although every tenth answer is lost on the way back."""
        local.fail("PutMetadata", reset=True, processed=True, every=10, times=None)
        chance = random.Random(1)
        messages = [f"{number} " + "x" * chance.randint(20, 190) for number in range(300)]
        async with ivs.metadata(channel_arn, max_queue=50, drain_timeout=None) as publisher:
            receipts = [await publisher.send(message) for message in messages]
            assert {*await outcomes(receipts)} == {"delivered"}
        assert self.seen(local, channel_arn) == messages
        assert len(local.metadata(channel_arn)) > publisher.snapshot().payloads

    async def test_a_channel_that_goes_live_gets_what_was_held(
        self, local: LocalIvs, ivs: IvsSession, channel_arn: str
    ) -> None:
        """The local IVS refuses as IVS does."""
        local.stop_stream(channel_arn)
        async with ivs.metadata(channel_arn) as publisher:
            receipts = [await publisher.send(number) for number in range(5)]
            while not local.calls("PutMetadata"):  # noqa: ASYNC110 - the server has no event
                await asyncio.sleep(0.01)
            local.start_stream(channel_arn)
            assert {*await outcomes(receipts)} == {"delivered"}
        assert self.seen(local, channel_arn) == [*range(5)]

    async def test_another_event_loop_is_refused(
        self, local: LocalIvs, ivs: IvsSession, channel_arn: str
    ) -> None:
        """Nothing of a publisher may be touched from there, and the error says what to do."""

        async def wait_for(receipt: Receipt) -> Outcome:
            return await receipt

        async with ivs.metadata(channel_arn) as publisher:
            receipt = await publisher.send("x")
            for use in (publisher.send("y"), publisher.drain(), wait_for(receipt)):
                with pytest.raises(ConfigurationError, match="another event loop"):
                    await asyncio.to_thread(asyncio.run, use)
            assert await receipt == DELIVERED
        assert self.seen(local, channel_arn) == ["x"]

    async def test_many_channels_get_one_message(self, local: LocalIvs, ivs: IvsSession) -> None:
        """More than the account's rate lets through in a second, were it counted."""
        created = [await ivs.create_channel(name=f"stage-{number}") for number in range(40)]
        arns = [each.channel.arn for each in created]
        for arn in arns[1:]:
            local.start_stream(arn)
        report = await ivs.publish_many(arns, {"doors": "open"})
        assert report.delivered == arns[1:]
        assert isinstance(report.undelivered[arns[0]].error, ChannelNotBroadcasting)
        assert [self.seen(local, arn) for arn in arns[1:]] == [[{"doors": "open"}]] * 39

    @pytest.mark.soak
    async def test_ten_thousand_messages_in_a_burst(self) -> None:
        """At eight times the real rate, every tenth answer lost: once, in order, unthrottled."""
        rates = {"PutMetadata": CallRate(per_account=155, per_resource=40)}
        chance = random.Random(2)
        messages = ["x" * chance.randint(18, 198) for _ in range(10_000)]
        async with (
            LocalIvs(rates="sliding", call_rates=rates, latency=0.005) as local,
            IvsSession(**local.session_options(), rate_limiter=RateLimiter(rates)) as ivs,
        ):
            created = await ivs.create_channel(name="stage")
            arn = created.channel.arn
            local.start_stream(arn)
            local.fail("PutMetadata", reset=True, processed=True, every=10, times=None)
            async with ivs.metadata(arn, drain_timeout=None) as publisher:
                receipts = [await publisher.send(message) for message in messages]
                assert {*await outcomes(receipts)} == {"delivered"}
            assert self.seen(local, arn) == messages
            assert {call.status for call in local.calls("PutMetadata")} == {204, 0}
        perfect, room = 1, MAX_PAYLOAD
        for message in messages:
            room -= len(message) + 2
            if room < 0:
                perfect, room = perfect + 1, MAX_PAYLOAD - len(message) - 2
        assert publisher.snapshot().payloads <= 1.15 * perfect
