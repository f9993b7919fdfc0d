"""The fixtures work in every kind of test, and cost nothing where they are not used."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

STORY = """
async def test_a_cue_is_seen(ivs_session, live_channel, local_ivs):
    await ivs_session.put_metadata(channel_arn=live_channel.arn, metadata="goal")
    assert local_ivs.metadata(live_channel.arn)[-1].text == "goal"
"""

OPTIONS = """
import pytest

@pytest.mark.local_ivs(region="eu-west-1", seed=1)
async def test_options(ivs_session, live_channel, local_ivs):
    reader = local_ivs.cues(live_channel.arn)
    await ivs_session.put_metadata(channel_arn=live_channel.arn, metadata="goal")
    cue = await anext(reader)
    assert cue.text == "goal"
    assert live_channel.arn.split(":")[3] == local_ivs.region == ivs_session.region == "eu-west-1"
    assert live_channel.playback_url.endswith(".m3u8")
"""

SYNC = """
import urllib.request

def test_sync(local_ivs, live_channel):
    with urllib.request.urlopen(f"{local_ivs.endpoint_url}/_local/events") as response:
        assert live_channel.arn in response.read().decode()
"""

LOOPS = """
import asyncio
import pytest

loops = []

@pytest.mark.asyncio(loop_scope="module")
async def test_one(ivs_session, live_channel):
    loops.append(asyncio.get_running_loop())
    await ivs_session.put_metadata(channel_arn=live_channel.arn, metadata="goal")

@pytest.mark.asyncio(loop_scope="module")
async def test_two(ivs_session):
    assert asyncio.get_running_loop() is loops[0]
    assert await ivs_session.list_channels().collect() == []
"""


ASYNCIO = "pytest_asyncio.plugin"

BOTH = """
import pytest

@pytest.fixture
def anyio_backend():
    return "asyncio"

@pytest.mark.anyio
async def test_with_anyio(ivs_session, live_channel, local_ivs):
    await ivs_session.put_metadata(channel_arn=live_channel.arn, metadata="goal")

@pytest.mark.asyncio
async def test_with_pytest_asyncio(ivs_session, live_channel, local_ivs):
    await ivs_session.put_metadata(channel_arn=live_channel.arn, metadata="goal")
"""

MARKED = """
import pytest

@pytest.mark.{}
async def test_marked(ivs_session):
    pass
"""

BACKEND = """
import pytest

@pytest.fixture
def anyio_backend():
    return "asyncio"
"""


def run(pytester: pytest.Pytester, *plugins: str, **files: str) -> pytest.RunResult:
    """Run tests with these plugins and no others, in a process where every warning is an error."""
    pytester.makepyfile(**files)
    named = [option for plugin in (*plugins, "ivs_async") for option in ("-p", plugin)]
    settings = ["-o", "asyncio_default_fixture_loop_scope=function"] if ASYNCIO in plugins else []
    return pytester.runpytest_subprocess(
        "--disable-plugin-autoload", "-W", "error", "-p", "no:cacheprovider", *named, *settings
    )


def test_anyio_alone_is_enough(pytester: pytest.Pytester) -> None:
    """pytest-asyncio need not be there; a sync test has the local IVS, but no session."""
    pytester.makeini("[pytest]\nanyio_mode = auto")
    result = run(
        pytester,
        "anyio",
        conftest=BACKEND,
        test_story=STORY,
        test_options=OPTIONS,
        test_sync=SYNC,
        test_wrong="def test_wrong(ivs_session): pass",
    )
    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(["*ivs_session needs an async test*mark it @pytest.mark.asyncio*"])


def test_pytest_asyncio_alone_is_enough(pytester: pytest.Pytester) -> None:
    """In its auto mode, the five lines of docs/local.md included."""
    page = (Path(__file__).parents[2] / "docs" / "local.md").read_text()
    blocks = [part.partition("```")[0] for part in page.split("```python\n")[1:]]
    documented = next(block for block in blocks if "def test_" in block)
    assert len([line for line in documented.splitlines() if line.strip()]) <= 5
    pytester.makeini("[pytest]\nasyncio_mode = auto")
    result = run(
        pytester, ASYNCIO, test_story=STORY, test_options=OPTIONS, test_documented=documented
    )
    result.assert_outcomes(passed=3)


def test_both_plugins_get_along(pytester: pytest.Pytester) -> None:
    """Each test has its session in its own loop, and loops that outlive a test are followed."""
    result = run(pytester, "anyio", ASYNCIO, test_both=BOTH, test_loops=LOOPS)
    result.assert_outcomes(passed=4)


@pytest.mark.parametrize(
    ("setting", "marker"), [("asyncio_mode = auto", "anyio"), ("anyio_mode = auto", "asyncio")]
)
def test_a_test_that_both_plugins_claim_is_told_so(
    pytester: pytest.Pytester, setting: str, marker: str
) -> None:
    """The one would run the test and the other open its session, each in a loop of its own."""
    pytester.makeini(f"[pytest]\n{setting}")
    result = run(pytester, "anyio", ASYNCIO, conftest=BACKEND, test_it=MARKED.format(marker))
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*pytest-asyncio runs this test, and anyio's plugin would*"])
