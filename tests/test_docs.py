"""The documentation tells the truth: its Python runs, its commands and its links exist.

The blocks of a page run in order and share their names, on a local IVS that the environment
points to. Each may take for granted ``ivs``, an open session, ``arn``, a channel that is live,
``local``, whatever an earlier block called so, and ``redis_url``, that of an empty Redis. A block
after ``<!-- not run: reason -->`` is only compiled, and so is one with ``redis_url`` where no Redis
is. A block with tests in it is given to pytest.
"""

from __future__ import annotations

import ast
import inspect
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import attrs
import pytest
from anyio import to_thread

from ivs_async import IvsSession
from ivs_async.local import LocalIvs

from .redis_server import RedisServer

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
FENCE = re.compile(
    r"(?:<!-- not run: (?P<reason>[^\n]+?) -->\n+)?"
    r"^```(?P<language>\w+)[^\n]*\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
LINK = re.compile(r"\]\(([^)\s]+)\)")
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@attrs.frozen
class Block:
    """One fenced block: its code stands at the line that it has in its page."""

    language: str
    code: str
    runs: bool


def blocks(page: Path, *languages: str) -> list[Block]:
    """The blocks of a page in some languages, in order."""
    text = page.read_text()
    return [
        Block(
            language=found["language"],
            code="\n" * text.count("\n", 0, found.start("code")) + found["code"],
            runs=found["reason"] is None,
        )
        for found in FENCE.finditer(text)
        if found["language"] in languages
    ]


def has_tests(code: str) -> bool:
    """Whether a block is a test module."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return any(
        isinstance(node, functions) and node.name.startswith("test_")
        for node in ast.parse(code).body
    )


def run_tests(code: str, folder: Path) -> None:
    """Let pytest run a block, as a reader would who saved it."""
    module = folder / "test_block.py"
    module.write_text(code)
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-c", str(ROOT / "pyproject.toml"), str(module)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


async def run_block(code: str, names: dict[str, Any], page: Path) -> None:
    """Run a block with ``await`` on this event loop, and one without where it may start its own."""
    program = compile(code, str(page), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    if program.co_flags & inspect.CO_COROUTINE:
        await eval(program, names)
    else:
        await to_thread.run_sync(exec, program, names)


@pytest.fixture
def redis(page: Path, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The ``redis_url`` of a page that has one, if it can be had."""
    if "redis_url" not in page.read_text() or shutil.which("redis-server") is None:
        yield {}
        return
    with RedisServer("redis-server", tmp_path) as server:
        yield {"redis_url": server.url}


@each_page
async def test_the_python_of_a_page_runs(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, redis: dict[str, str]
) -> None:
    """Each block runs as printed; what its page promises in an ``assert`` holds."""
    monkeypatch.chdir(tmp_path)
    # pages open many sessions, each with a limiter of its own, on what is one account
    async with LocalIvs(rates=None) as local, IvsSession(**local.session_options()) as ivs:
        for name, value in local.environment().items():
            monkeypatch.setenv(name, value)
        created = await ivs.create_channel(name="demo")
        local.start_stream(created.channel.arn)
        given = {"ivs": ivs, "local": local, "arn": created.channel.arn, **redis}
        names: dict[str, Any] = {"__name__": "__main__"}
        for block in blocks(page, "python"):
            if not block.runs or ("redis_url" in block.code and not redis):
                compile(block.code, str(page), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
            elif has_tests(block.code):
                await to_thread.run_sync(run_tests, block.code, tmp_path)
            else:
                names |= given
                await run_block(block.code, names, page)


@each_page
def test_the_commands_of_a_page_exist(page: Path) -> None:
    """Targets of make, extras of the package, modules and scripts are there under their names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    commands = "\n".join(block.code for block in blocks(page, "sh", "shell", "bash", "console"))
    assert set(re.findall(r"\bmake ([a-z-]+)", commands)) <= set(targets)
    for extras in re.findall(r"ivs-async\[([\w,]+)\]", commands):
        assert set(extras.split(",")) <= set(project["optional-dependencies"])
    for module in re.findall(r"python -m (ivs_async[\w.]*|benchmarks[\w.]*)", commands):
        assert find_spec(module), module
    for script in re.findall(r"\b((?:examples|benchmarks)/\w+\.py)", commands):
        assert (ROOT / script).exists(), script


@each_page
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    """Files are there, and so are the headings that a link points to."""
    for link in links(page):
        target, _, heading = link.partition("#")
        if ":" in target:
            continue
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), link
        if heading:
            assert heading in headings(file), link


def test_the_guide_leads_to_every_page() -> None:
    """No page of the documentation is left that nobody would find."""
    guide = ROOT / "docs" / "index.md"
    linked = {(guide.parent / link.partition("#")[0]).resolve() for link in links(guide)}
    assert set(guide.parent.glob("*.md")) - {guide} <= linked


def links(page: Path) -> list[str]:
    """Where a page's links point to."""
    return LINK.findall(page.read_text())


def headings(page: Path) -> set[str]:
    """The anchors that a rendered page has."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-") for title in titles}
