"""``python -m ivs_async.local`` serves programs in any language."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ivs_async import IvsSession
from ivs_async.credentials import Credentials
from ivs_async.local import DEFAULT_CREDENTIALS
from ivs_async.local.__main__ import main


def _heed_ctrl_c() -> None:
    # a shell starts what runs in the background with the signal ignored, and children inherit that
    signal.signal(signal.SIGINT, signal.default_int_handler)


@asynccontextmanager
async def serving(
    *arguments: str,
) -> AsyncIterator[tuple[asyncio.subprocess.Process, dict[str, str]]]:
    """A server in a process of its own, and what it says to export."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ivs_async.local", "--port", "0", *arguments),
        stdout=PIPE,
        stderr=PIPE,
        preexec_fn=_heed_ctrl_c,
    )
    assert process.stdout is not None
    exports = {}
    try:
        for _ in range(5):
            line = (await process.stdout.readline()).decode()
            assert line.startswith("export "), await process.communicate()
            name, _, value = line.removeprefix("export ").strip().partition("=")
            exports[name] = value
        yield process, exports
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_it_prints_what_to_export_and_stops_cleanly_on_ctrl_c(tmp_path: Path) -> None:
    """A program that takes its settings from the environment finds what a file described."""
    data = tmp_path / "data.json"
    data.write_text(json.dumps({"channels": [{"id": "mine", "name": "mine", "live": True}]}))
    arguments = ("--data", str(data), "--region", "eu-west-1", "--account-id", "210987654321")
    async with serving(*arguments) as (process, exports):
        async with IvsSession(
            region=exports["AWS_REGION"],
            endpoint_url=exports["AWS_ENDPOINT_URL_IVS"],
            credentials=Credentials(exports["AWS_ACCESS_KEY_ID"], exports["AWS_SECRET_ACCESS_KEY"]),
        ) as ivs:
            (channel,) = await ivs.list_channels().collect()
            await ivs.put_metadata(channel_arn=channel.arn, metadata="sentinel")
        assert channel.arn == "arn:aws:ivs:eu-west-1:210987654321:channel/mine"
        process.send_signal(signal.SIGINT)
        _, log = await process.communicate()
    assert process.returncode == 0
    lines = log.decode().splitlines()
    assert [line.split()[2:5] for line in lines] == [
        ["ListChannels", "200", "OK"],
        ["PutMetadata", "204", "OK"],
    ]
    assert "sentinel" not in log.decode()


async def test_it_can_be_lenient_and_quiet() -> None:
    """No signatures, no rates, some latency, no log; it stops on SIGTERM as well."""
    options = ("--no-signatures", "--rates", "off", "--latency", "0", "0.001", "--quiet")
    async with serving(*options) as (process, exports):
        async with IvsSession(
            region="us-west-2",
            endpoint_url=exports["AWS_ENDPOINT_URL_IVS"],
            credentials=Credentials("AKIDANY", "any"),
        ) as ivs:
            await ivs.create_channel()
        process.send_signal(signal.SIGTERM)
        _, log = await process.communicate()
    assert (process.returncode, log) == (0, b"")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("[]", "holds no JSON object"),
        ("{", "Expecting"),
        ('{"chanels": []}', "no such list"),
    ],
)
def test_a_file_that_cannot_be_loaded_is_named(
    content: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line and exit status 2."""
    data = tmp_path / "data.json"
    data.write_text(content)
    assert main(["--data", str(data)]) == 2
    assert text in capsys.readouterr().err


def test_an_option_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """argparse says how it is used."""
    with pytest.raises(SystemExit) as stopped:
        main(["--rates", "whatever"])
    assert stopped.value.code == 2
    assert "invalid choice" in capsys.readouterr().err


def test_help_tells_the_keys(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever sets up a client by hand finds there what it has to sign with."""
    with pytest.raises(SystemExit):
        main(["--help"])
    told = capsys.readouterr().out
    assert DEFAULT_CREDENTIALS.access_key_id in told
    assert DEFAULT_CREDENTIALS.secret_access_key in told
