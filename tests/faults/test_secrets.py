"""Secrets are told to nobody: sentinels in every place of a secret, then a search of all output."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import logging
import pickle
import traceback
import warnings
from collections.abc import Iterator

import pytest

from ivs_async import Credentials, IvsError
from ivs_async.playback import PlaybackSigner, generate_key_pair
from tests.faults.client import ARN, open_session
from tests.wire import FIN, HANG, RST, Connection, Step, Wire, answer, error, http, send

SECRET_KEY = "SentinelSecretAccessKey"
TOKEN = "SentinelSessionToken"
METADATA = "SentinelMetadata"
STREAM_KEY = "sk_SentinelStreamKey"
PASSPHRASE = "SentinelPassphrase"
SENTINELS = (SECRET_KEY, TOKEN, METADATA, STREAM_KEY, PASSPHRASE)


class Ear(logging.Handler):
    """Everything that any logger says, at every level."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.heard = io.StringIO()
        self.setFormatter(logging.Formatter("%(name)s %(message)s %(args)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.write(self.format(record) + repr(vars(record)) + "\n")


@pytest.fixture
def ear() -> Iterator[Ear]:
    """Listens to the root, our loggers, aiohttp's and asyncio's, all at their most talkative."""
    ear = Ear()
    names = [None, "ivs_async", "aiohttp", "aiohttp.client", "aiohttp.internal", "asyncio"]
    before = [(logging.getLogger(name), logging.getLogger(name).level) for name in names]
    for logger, _ in before:
        logger.setLevel(1)
    logging.getLogger().addHandler(ear)
    yield ear
    logging.getLogger().removeHandler(ear)
    for logger, level in before:
        logger.setLevel(level)


def everything_said_by(failure: BaseException) -> str:
    """All that an error and those chained to it would show or carry anywhere."""
    said = io.StringIO()
    said.write("".join(traceback.format_exception(failure)))
    pending: list[BaseException | None] = [failure]
    while pending:
        error = pending.pop()
        if error is None:
            continue
        said.write(f"{error!s} {error!r} {error.args!r} {vars(error)!r}\n")
        pending += [error.__cause__, error.__context__]
        if isinstance(error, IvsError):
            data = pickle.dumps(error)
            said.write(repr(data) + repr(vars(pickle.loads(data))))
    return said.getvalue()


def signatures(wire: Wire) -> set[str]:
    """The signatures that were sent."""
    return {
        request.headers["Authorization"].rpartition("Signature=")[2] for request in wire.requests
    }


async def echo(connection: Connection) -> None:
    """Refuses a request by quoting all of it, as AWS does with a signature that does not match."""
    request = connection.request
    text = f"{dict(request.headers)} {request.body.decode()} {json.loads(request.body or b'0')}"
    await connection.send(
        http(403, {"message": text}, {"x-amzn-ErrorType": "SignatureDoesNotMatch"})
    )


FAULTS = {
    "closed": FIN,
    "reset": RST,
    "silent": HANG,
    "garbage": send(b"SSH-2.0\r\n", end="fin"),
    "400": error("ValidationException", 400),
    "429": answer(429),
    "500": answer(500),
    "503": answer(503, b"<html>"),
    "redirect": answer(307, b"", {"Location": "http://127.0.0.1:9/"}),
    "HTML": answer(200, b"<html>"),
    "echo": Step(echo),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
async def test_no_failure_tells_a_secret(fault: Step, ear: Ear) -> None:
    """Logs, errors, their chains and pickles, and observers' records hold no sentinel."""
    credentials = Credentials("AKIDEXAMPLE", SECRET_KEY, TOKEN)
    records: list[object] = []
    said = io.StringIO()
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    loop.slow_callback_duration = 0.0
    async with (
        Wire(fault) as wire,
        open_session(
            wire, credentials=credentials, observer=records.append, attempt_timeout=0.1
        ) as ivs,
    ):
        for call in (
            ivs.put_metadata(channel_arn=ARN, metadata=METADATA),
            ivs.get_stream_key(arn=ARN),
            ivs.list_tags_for_resource(resource_arn=ARN),
        ):
            task = asyncio.create_task(call)
            await asyncio.sleep(0)
            said.write(repr(task))
            with pytest.raises(IvsError) as caught:
                await task
            said.write(everything_said_by(caught.value))
            said.write(repr(task))
        said.write(repr([ivs, vars(ivs), vars(ivs._calls), vars(ivs._calls.core), credentials]))
    loop.set_debug(False)
    assert records
    said.write(repr(records))
    found = said.getvalue() + ear.heard.getvalue()
    assert "PutMetadata" in found
    for secret in (*SENTINELS, *signatures(wire)):
        assert secret not in found


async def test_no_success_tells_a_secret(ear: Ear) -> None:
    """Answers that hold stream keys and passphrases show them to those alone who ask by name."""
    body = {
        "channel": {"arn": ARN, "srt": {"endpoint": "srt.example", "passphrase": PASSPHRASE}},
        "streamKey": {"arn": ARN, "value": STREAM_KEY},
    }
    credentials = Credentials("AKIDEXAMPLE", SECRET_KEY, TOKEN)
    records: list[object] = []
    async with (
        Wire(answer(200, body)) as wire,
        open_session(wire, credentials=credentials, observer=records.append) as ivs,
    ):
        created = await ivs.create_channel(name="demo")
        key = await ivs.get_stream_key(arn=ARN)
    assert created.stream_key is not None
    assert created.stream_key.value == key.stream_key.value == STREAM_KEY
    said = f"{created!r} {created!s} {key!r} {records!r} {ear.heard.getvalue()}"
    for secret in (*SENTINELS, *signatures(wire)):
        assert secret not in said


@pytest.mark.parametrize(
    "body",
    [
        {"streamKey": {"arn": ARN, "value": [STREAM_KEY]}},
        {"streamKey": STREAM_KEY},
        {"streamKey": {"arn": 1, "value": STREAM_KEY, "tags": STREAM_KEY}},
        [STREAM_KEY],
        json.dumps({"streamKey": {"value": STREAM_KEY}}).encode()[:-1],
        STREAM_KEY.encode() + b"\xff",
    ],
    ids=["nested", "text", "wrong types", "array", "cut", "invalid UTF-8"],
)
@pytest.mark.parametrize("status", [200, 400])
async def test_a_malformed_answer_is_not_quoted(body: object, status: int, ear: Ear) -> None:
    """The error says where an answer is malformed, never what stood there."""
    async with Wire(answer(status, body)) as wire, open_session(wire) as ivs:
        with pytest.raises(IvsError) as caught:
            await ivs.get_stream_key(arn=ARN)
    assert STREAM_KEY not in everything_said_by(caught.value) + ear.heard.getvalue()


async def test_an_argument_that_is_refused_is_not_quoted(ear: Ear) -> None:
    """An oversize cue is refused by its size."""
    async with Wire(answer(204)) as wire, open_session(wire) as ivs:
        with pytest.raises(IvsError) as caught:
            await ivs.put_metadata(channel_arn=ARN, metadata=METADATA * 100)
    assert METADATA not in everything_said_by(caught.value) + ear.heard.getvalue()


@pytest.mark.parametrize(
    "failure",
    [RuntimeError(f"vault says {SECRET_KEY}"), KeyError(TOKEN), ValueError(SECRET_KEY, TOKEN)],
    ids=lambda failure: type(failure).__name__,
)
async def test_a_provider_that_fails_is_not_quoted(failure: Exception, ear: Ear) -> None:
    """A provider's error may hold what it was about to return; our text does not repeat it."""

    def provider() -> Credentials:
        raise failure

    async with Wire(answer(204)) as wire, open_session(wire, credentials=provider) as ivs:
        with pytest.raises(IvsError) as caught:
            await ivs.get_channel(arn=ARN)
    said = f"{caught.value!s} {caught.value!r}" + ear.heard.getvalue()
    assert SECRET_KEY not in said
    assert TOKEN not in said


async def test_plain_http_to_another_machine_is_warned_of_once() -> None:
    """Signed requests in the clear are the caller's decision, but not an unnoticed one."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        async with open_session(Wire(), endpoint_url="http://192.0.2.1:80", timeout=0.05) as ivs:
            for _ in range(2):
                with pytest.raises(IvsError):
                    await ivs.get_channel(arn=ARN)
    assert len(heard) == 1
    assert "http" in str(heard[0].message)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
async def test_plain_http_to_this_machine_is_not_warned_of(host: str) -> None:
    """A local IVS is reached without a certificate, and without noise."""
    async with open_session(Wire(), endpoint_url=f"http://{host}:9", timeout=0.5) as ivs:
        with pytest.raises(IvsError):
            await ivs.get_channel(arn=ARN)


@pytest.mark.parametrize(
    "fault",
    [
        error("ValidationException", 400, METADATA),
        error("ChannelNotBroadcasting", 404),
        error("AccessDeniedException", 403),
        answer(200, b"<html>"),
    ],
    ids=["refused", "offline", "denied", "HTML"],
)
async def test_a_publisher_tells_no_message(fault: Step, ear: Ear) -> None:
    """Neither its state nor the end of a message that was given up holds what was to be said."""
    said = io.StringIO()
    async with Wire(fault) as wire, open_session(wire) as ivs:
        with contextlib.suppress(IvsError):
            async with ivs.metadata(ARN, offline="raise", drain_timeout=0.5) as cues:
                receipt = await cues.send({"goal": METADATA}, key=METADATA, ttl=0.3)
                said.write(f"{cues!r} {cues.snapshot()!r} {receipt!r}")
                try:
                    said.write(repr(await receipt))
                except IvsError as failure:
                    said.write(everything_said_by(failure))
                said.write(repr(cues))
    assert METADATA not in said.getvalue() + ear.heard.getvalue()


async def test_a_signer_tells_no_key_and_no_token() -> None:
    """A signer, its key pair and its errors do not show what lets viewers in."""
    pair = generate_key_pair()
    signer = PlaybackSigner(pair.private_key_pem)
    said = f"{pair!r} {pair!s} {signer!r}"
    with pytest.raises(IvsError) as caught:
        signer.token(ARN, expires_in=-1)
    said += everything_said_by(caught.value)
    with pytest.raises(IvsError) as caught:
        PlaybackSigner(pair.private_key_pem.replace("A", "B"))
    said += everything_said_by(caught.value)
    for line in pair.private_key_pem.splitlines()[1:-1]:
        assert line not in said
