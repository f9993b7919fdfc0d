"""The event loop is never blocked: no file, no import, no look-up, no sleep on its thread."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent, indent

import pytest

# Blockbuster, which watches the whole suite, does not see what C code and the import system do. An
# audit hook does, and ends with its process alone. asyncio's own lazy import is made beforehand.
AUDITED = """
import asyncio, concurrent.futures.thread, os, sys, threading
from ivs_async import ConfigurationError, Credentials, CredentialsError, IvsError, IvsSession
from ivs_async import NoLimit, RateLimiter
from tests.faults.client import ARN, CHANNEL, CREDENTIALS, DONE, open_session
from tests.wire import FIN, Wire, answer, error

WATCHED = {
    "glob.glob", "import", "open", "os.listdir", "os.scandir", "os.system", "shutil.copyfile",
    "socket.getaddrinfo", "socket.gethostbyname", "sqlite3.connect", "subprocess.Popen",
    "time.sleep", "urllib.Request",
}

def hook(event, arguments):
    if event not in WATCHED or threading.current_thread() is not threading.main_thread():
        return
    if asyncio._get_running_loop() is None:
        return
    frame = sys._getframe(1)
    while frame is not None:
        if f"{os.sep}ivs_async{os.sep}" in frame.f_code.co_filename:
            print(event, arguments[0], "in", frame.f_code.co_qualname)
            return
        frame = frame.f_back

async def main():
    async with Wire(CHANNEL) as wire:
        sys.addaudithook(hook)
"""


def audited(body: str, tmp_path: Path, **environment: str) -> str:
    """What blocked the loop while ``body`` ran, in a process of its own."""
    script = f"{AUDITED}{indent(dedent(body), ' ' * 8)}\nasyncio.run(main())\n"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        check=False,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        env={
            "HOME": str(tmp_path),
            "PATH": "/usr/bin:/bin",
            "AWS_EC2_METADATA_DISABLED": "true",
            **environment,
        },
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_blocks_is_noticed(tmp_path: Path) -> None:
    """The hook hears of a file that the package opens on the loop, lest it hear of nothing."""
    (tmp_path / "config").write_text("[default]\n")
    body = """
        from ivs_async.config import SharedConfig
        SharedConfig.read(*[os.path.expanduser("~/config")] * 2)
    """
    assert "open" in audited(body, tmp_path)


def test_a_session_blocks_nothing_from_beginning_to_end(tmp_path: Path) -> None:
    """Opening, first calls, lists, errors, pacing, publishing and closing."""
    body = """
        async with open_session(wire, rate_limiter=RateLimiter()) as ivs:
            await asyncio.gather(*(ivs.get_channel(arn=ARN) for _ in range(7)))
            for call in (
                ivs.list_channels().collect(),
                ivs.list_tags_for_resource(resource_arn=ARN),
                ivs.put_metadata(channel_arn=ARN, metadata=""),
            ):
                try:
                    await call
                except IvsError:
                    pass
        async with Wire(FIN, answer(500), error("ThrottlingException", 429), CHANNEL) as odd:
            async with open_session(odd, max_attempts=5) as ivs:
                await ivs.get_channel(arn=ARN)
    """
    assert audited(body, tmp_path) == ""


@pytest.mark.parametrize("kind", ["def", "async def"])
def test_a_provider_blocks_nothing(kind: str, tmp_path: Path) -> None:
    """A plain function is free to block, since it has a thread to itself."""
    pause = "await asyncio.sleep(0)" if kind == "async def" else "__import__('time').sleep(0.01)"
    body = f"""
        {kind} provider():
            {pause}
            return CREDENTIALS
        async with open_session(wire, credentials=provider) as ivs:
            await ivs.get_channel(arn=ARN)
    """
    assert audited(body, tmp_path) == ""


@pytest.mark.parametrize(
    "profile",
    [
        "aws_access_key_id = AKID\naws_secret_access_key = secret\n",
        "credential_process = cat {home}/process.json\n",
    ],
    ids=["static", "process"],
)
def test_shared_files_and_processes_block_nothing(profile: str, tmp_path: Path) -> None:
    """Configuration and the whole credential chain of botocore are read in threads."""
    (tmp_path / "process.json").write_text(
        '{"Version": 1, "AccessKeyId": "AKID", "SecretAccessKey": "secret"}'
    )
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text(
        "[profile demo]\nregion = us-west-2\n" + profile.format(home=tmp_path)
    )
    body = """
        async with open_session(wire, credentials=None, region=None, profile="demo") as ivs:
            await ivs.get_channel(arn=ARN)
        assert "AKID/" in wire.requests[0].headers["Authorization"]
    """
    assert audited(body, tmp_path) == ""


def test_a_machine_without_credentials_blocks_nothing(tmp_path: Path) -> None:
    """The whole chain is searched in vain, on a thread."""
    body = """
        async with open_session(wire, credentials=None) as ivs:
            try:
                await ivs.get_channel(arn=ARN)
            except CredentialsError:
                pass
    """
    assert audited(body, tmp_path) == ""


def test_a_bundle_of_certificates_blocks_nothing(tmp_path: Path) -> None:
    """``AWS_CA_BUNDLE`` is read and parsed on a thread."""
    (tmp_path / "bundle.pem").write_text("")
    body = """
        try:
            async with open_session(wire, endpoint_url="https://127.0.0.1:9") as ivs:
                await ivs.get_channel(arn=ARN)
        except ConfigurationError:
            pass
    """
    assert audited(body, tmp_path, AWS_CA_BUNDLE=str(tmp_path / "bundle.pem")) == ""
