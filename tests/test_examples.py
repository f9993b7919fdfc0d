"""Every example runs as its first lines say, and tells the story that it promises."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from ivs_async import IvsSession
from ivs_async.local import LocalIvs, PlaybackRefused
from ivs_async.playback import generate_key_pair

EXAMPLES = Path(__file__).parent.parent / "examples"
SCRIPTS = sorted(path.name for path in EXAMPLES.glob("[!_]*.py"))


def bare_environment() -> dict[str, str]:
    """The environment of somebody who never heard of AWS, nor measures what the tests cover."""
    strange = ("AWS_", "COVERAGE_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(strange)}
    return kept | {"PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "error"}


@asynccontextmanager
async def started(
    script: str, *arguments: str, environment: dict[str, str] | None = None
) -> AsyncIterator[Process]:
    """An example that runs, ended at the latest when the test ends."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *(str(EXAMPLES / script), *arguments),
        env=bare_environment() | (environment or {}),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def story(process: Process) -> str:
    """What an example prints until it ends well."""
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    assert not err
    return out.decode()


async def line_with(process: Process, text: str) -> str:
    """The next line of an example that holds a text."""
    assert process.stdout
    async for line in process.stdout:
        if text in line.decode():
            return line.decode()
    raise AssertionError((await process.communicate())[1].decode())


async def test_the_quickstart_takes_a_channel_from_its_creation_to_its_viewers() -> None:
    """Created, live, listed, fed, seen, cleaned up, and never the key."""
    async with started("quickstart.py") as process:
        told = await story(process)
    arn = re.search(r"created +(arn:aws:ivs:\S+:channel/\w+)", told)
    assert arn
    assert re.search(rf"live +{arn[1]} since", told)
    assert told.count("sent  ") == told.count("seen  ") == 3
    assert "sk_" not in told
    assert "deleted  " in told


async def test_the_quickstart_runs_on_whatever_the_environment_points_to() -> None:
    """With ``--aws`` nothing but the environment decides; a person takes the channel live."""
    async with (
        LocalIvs() as local,
        IvsSession(**local.session_options()) as ivs,
        started("quickstart.py", "--aws", environment=local.environment()) as process,
    ):
        assert "rtmps://" in await line_with(process, "Broadcast to")
        (channel,) = await ivs.list_channels().collect()
        local.start_stream(channel.arn)
        assert "deleted  " in await story(process)
        assert not await ivs.list_channels().collect()


async def test_listing_everything_counts_each_kind() -> None:
    """All lists are read at once, over several pages where there are some."""
    async with started("list_everything.py") as process:
        told = await story(process)
    assert "4 channels" in told
    assert "0 live streams" in told
    assert "1 playback restriction policies" in told
    assert len(re.findall(r"channel-\d: arn:aws:ivs:\S+:stream-key/", told)) == 4


async def test_rotating_gives_another_key_and_shows_neither() -> None:
    """The key's ARN changes; its value stays out of sight."""
    async with started("rotate_stream_key.py") as process:
        told = await story(process)
    before, after = re.findall(r"(?:before|after) +(\S+stream-key/\w+)", told)
    assert before != after
    assert "sk_" not in told


async def test_the_bot_delivers_every_goal_and_the_newest_clock() -> None:
    """Messages under a key make room for newer ones; the others all arrive."""
    async with started("metadata_bot.py") as process:
        told = await story(process)
    counts = {status: int(count) for count, status in re.findall(r"(\d+) messages (\w+)", told)}
    assert sum(counts.values()) == 99
    seen = told.partition("a viewer saw")[2]
    assert re.findall(r"'goal': (\d+)", seen) == [str(minute) for minute in range(10, 91, 10)]
    assert re.findall(r"'minute': (\d+)", seen)[-1] == "90"
    assert seen.count("\n  ") == counts["delivered"] < 99


async def test_the_web_app_serves_while_it_calls() -> None:
    """Handlers await the session; the service's refusal is the app's answer."""
    async with started("web_app.py", "--port", "0") as process:
        line = await line_with(process, "Running on")
        url = line.split()[3]
        async with aiohttp.ClientSession(url) as browser:
            async with browser.post("/channels/arena") as answer:
                assert answer.status == 201
                assert (await answer.json())["playback_url"].startswith("https://")
            async with browser.get("/channels") as answer:
                assert await answer.json() == [
                    {"name": "lobby", "live": True},
                    {"name": "arena", "live": False},
                ]
            cue = json.dumps({"goal": "Home"})
            async with browser.post("/channels/lobby/cues", data=cue) as answer:
                assert answer.status == 204
            async with browser.post("/channels/arena/cues", data=cue) as answer:
                assert answer.status == 404
                assert (await answer.json())["error"] == "ChannelNotBroadcasting"
            async with browser.post("/channels/nowhere/cues", data=cue) as answer:
                assert answer.status == 404
        process.send_signal(signal.SIGINT)
        await story(process)


async def test_the_playback_handler_lets_each_member_in_once(tmp_path: Path) -> None:
    """The URL plays for the one who asked, and for nobody whom it is passed on to."""
    pair = generate_key_pair()
    (tmp_path / "key.pem").write_text(pair.private_key_pem)
    async with LocalIvs() as local, IvsSession(**local.session_options()) as ivs:
        await ivs.import_playback_key_pair(public_key_material=pair.public_key_pem)
        arn = (await ivs.create_channel(name="members", authorized=True)).channel.arn
        arguments = ("--port", "0", "--aws", arn, str(tmp_path / "key.pem"))
        async with started(
            "playback_handler.py", *arguments, environment=local.environment()
        ) as process:
            line = await line_with(process, "Running on")
            async with aiohttp.ClientSession(line.split()[3]) as browser:
                async with browser.get("/watch") as answer:
                    assert answer.status == 401
                async with browser.get("/watch", headers={"X-Member": "member-7"}) as answer:
                    url = (await answer.json())["url"]
            process.send_signal(signal.SIGINT)
            await story(process)
        token = url.rpartition("?token=")[2]
        assert local.authorize_playback(token, channel_arn=arn)["aws:viewer-id"] == "member-7"
        with pytest.raises(PlaybackRefused, match="was used"):
            local.authorize_playback(token)


async def test_the_playback_handler_brings_its_own_channel() -> None:
    """Without arguments it plays on a local IVS."""
    async with started("playback_handler.py", "--port", "0") as process:
        url = (await line_with(process, "Running on")).split()[3]
        async with (
            aiohttp.ClientSession(url, headers={"X-Member": "member-7"}) as browser,
            browser.get("/watch") as answer,
        ):
            assert "?token=" in (await answer.json())["url"]
        process.send_signal(signal.SIGINT)
        await story(process)


async def test_the_lambda_handler_makes_sense_of_events_in_any_order(tmp_path: Path) -> None:
    """A batch with the last event first, and a single event of a kind that is not known."""
    async with started("lambda_events.py") as process:
        told = await story(process)
    assert told.index("ended     lobby") < told.index("started   lobby")
    assert "in all    not live" in told
    given = {"detail-type": "IVS Stage Update", "time": "2026-02-05T01:03:08Z", "detail": {}}
    (tmp_path / "given.json").write_text(json.dumps(given))
    async with started("lambda_events.py", "--aws", str(tmp_path / "given.json")) as process:
        assert await story(process) == "skipped   IVS Stage Update\n"


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_example_says_how_it_is_run_and_is_tested(script: str) -> None:
    """The first lines hold both commands, and a test of this module starts the script."""
    text = (EXAMPLES / script).read_text()
    assert f"    python examples/{script} " in text
    assert f"    python examples/{script} --aws" in text
    assert f'started("{script}"' in Path(__file__).read_text()
