"""The decoder for players, run by node: it shows what the reference shows, whatever it is given."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import IO, Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivs_async.envelope import MAX_EPOCHS, MAX_IDS, MAX_KEYS, CueDecoder, Item, Packer

NODE = shutil.which("node")
STATIC = Path(str(files("ivs_async"))) / "static"

pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed")

DRIVER = """
const { CueDecoder } = require(process.argv[1]);
let decoder = new CueDecoder();
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const shown = JSON.parse(line).map((text) => {
    if (text !== null) return decoder.decode(text);
    decoder.reset();
    return [];
  });
  decoder = new CueDecoder();
  process.stdout.write(JSON.stringify(shown) + "\\n");
});
"""


class Player:
    """A process of node that decodes texts, each list with a decoder of its own."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [cast(str, NODE), "-e", DRIVER, "--", str(STATIC / "ivs-cues.js")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def show(self, texts: list[str | None]) -> list[list[dict[str, Any]]]:
        """What each text shows; None is a reset."""
        stdin, stdout = cast(IO[str], self._process.stdin), cast(IO[str], self._process.stdout)
        stdin.write(json.dumps(texts) + "\n")
        stdin.flush()
        return cast(list[list[dict[str, Any]]], json.loads(stdout.readline()))

    def close(self) -> None:
        self._process.communicate(timeout=10)


@pytest.fixture(scope="module")
def player() -> Iterator[Player]:
    player = Player()
    yield player
    player.close()


def reference(texts: list[str | None]) -> list[list[dict[str, Any]]]:
    """What the decoder in Python shows."""
    decoder = CueDecoder()
    shown = []
    for text in texts:
        cues = []
        if text is None:
            decoder.reset()
        else:
            cues = decoder.decode(text)
        shown.append(
            [
                {"message": cue.message, "key": cue.key, "epoch": cue.epoch, "id": cue.id}
                for cue in cues
            ]
        )
    return shown


def node(code: str, *, module: bool = False) -> str:
    """What a script prints that finds the files beside it."""
    kind = ["--input-type=module"] if module else []
    run = subprocess.run(
        [cast(str, NODE), *kind, "-e", code],
        cwd=STATIC,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


SHOW = (
    """console.log(JSON.stringify(new CueDecoder().decode('["~1aB3_x0","hello"]')[0].message));"""
)


def test_it_is_a_module() -> None:
    """For bundlers and for pages that import."""
    code = 'import { CueDecoder } from "./ivs-cues.mjs";' + SHOW
    assert node(code, module=True) == '"hello"'


def test_it_is_a_script() -> None:
    """A page includes it and has one global name more, without anything that only node has."""
    code = """
    const vm = require("vm"), fs = require("fs");
    const page = vm.createContext({ TextEncoder, console });
    const before = Object.keys(page).length;
    vm.runInContext(fs.readFileSync("ivs-cues.js", "utf8"), page);
    if (Object.keys(page).length !== before + 1) throw new Error(Object.keys(page));
    vm.runInContext(`{ const { CueDecoder } = IvsCues; %s }`, page);
    """
    assert node(code % SHOW.replace("\\", "\\\\")) == '"hello"'


def test_it_can_be_required() -> None:
    """For servers and tests on node."""
    assert node('const { CueDecoder } = require("./ivs-cues.js");' + SHOW) == '"hello"'


def test_what_is_no_text_shows_nothing() -> None:
    """A player that gives something else makes it throw nothing."""
    code = """
    const { CueDecoder } = require("./ivs-cues.js");
    const decoder = new CueDecoder();
    const values = [undefined, null, 5, {}, [], Symbol("x"), () => 1, new Uint8Array(3)];
    console.log(values.flatMap((value) => decoder.decode(value)).length);
    """
    assert node(code) == "0"


def test_its_memory_is_bounded() -> None:
    """As the reference's is."""
    code = """
    const { CueDecoder } = require("./ivs-cues.js");
    const decoder = new CueDecoder();
    for (let i = 10000; i < 10500; i++) decoder.decode(`["~1${i}0","x"]`);
    for (let i = 0; i < 5000; i++) decoder.decode(`["~1aB3_x${i}",["key ${i}",1]]`);
    const heard = decoder._heard.get("aB3_x");
    console.log([decoder._heard.size, heard._ids.size, heard._newest.size].join());
    """
    assert node(code) == f"{MAX_EPOCHS},{MAX_IDS},{MAX_KEYS}"


def test_a_payload_that_is_full_to_the_byte_is_decoded(player: Player) -> None:
    """UTF-8 is what is counted, and one byte more is no payload."""
    texts: list[str | None] = []
    for letter in ("x", "é", "€", "😀"):
        size = len(letter.encode())
        packer = Packer("aB3_x", 0)
        assert packer.add(Item.of(letter * ((1000 - 2) // size)))
        text = packer.text[:-1]
        fill = 1024 - len(text.encode()) - 1
        full = f'{text},"{"y" * (fill - 3)}"]'
        assert len(full.encode()) == 1024
        texts += [full, None, full.replace("y", "yy", 1), None]
    shown = player.show(texts)
    assert shown == reference(texts)
    assert [len(cues) for cues in shown[::4]] == [2, 2, 2, 2]
    assert [cues[0]["epoch"] for cues in shown[2::4]] == [None] * 4


@pytest.mark.parametrize(
    "text",
    [
        *("", "text", "null", "{}", "[]", '["a"]', '["~1aB3_x0"', '["~1aB3_x0",]'),
        *('["~1aB3_x0",NaN]', '["~1aB3_x0",-Infinity]', '["~2aB3_x0","x"]', '["~1aB3_x0x","x"]'),
        *('["~1aB3_x0\\n","x"]', '["~1aB3_x٣","x"]', ' ["~1aB3_x0","x"]', '["~1aB3_x0","x"] x'),
        *('["~1aB3_x0","\\ud800"]', '["~1aB3_x0","\\u0000"]', '["~1aB3_x0","\x00"]'),
        *('["~1aB3_x0",["k",1,-1],"x"]', '["~1aB3_x0",["k",1,true],"x"]', '["~1aB3_x0",[],"x"]'),
        *('["~1aB3_x0",["k",1,2.0],"x"]', '["~1aB3_x0",["k",1,1e3],"x"]', '["~1aB3_x0",[1,2],"x"]'),
        *('["~1aB3_x0",["k",1,1e400]]', '["~1aB3_x0",["k",1,0.5]]', '["~1aB3_x0",["k",1,1e12]]'),
        *('["~1aB3_x0",["__proto__",1],["__proto__",2,0]]', '["~1aB3_x0",{"__proto__":{"a":1}}]'),
        *('["~1aB3_x999999999999","x","y"]', '["~1aB3_x1000000000000","x"]', '["~1aB3_x007","x"]'),
        '["~1aB3_x0",' + "[" * 200 + "]" * 200 + "]",
        '["~1aB3_x0",' + "[" * 900,
    ],
)
def test_strange_texts_show_what_the_reference_shows(player: Player, text: str) -> None:
    """The first time, the second time, and after a reset."""
    texts = [text, text, None, text]
    assert player.show(texts) == reference(texts)


ITEMS = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 2000) | st.text("ab\u2028é😀", max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab", max_size=2), inner),
    max_leaves=6,
)
PAYLOADS = st.builds(
    lambda epoch, first, items: json.dumps(
        [f"~1{epoch}{first}", *items], ensure_ascii=False, separators=(",", ":")
    ),
    st.sampled_from(["aaaaa", "bbbbb", "-_-_-"]),
    st.integers(0, 30) | st.integers(0, 3000),
    st.lists(
        ITEMS
        | st.tuples(st.sampled_from("abc"), ITEMS)
        | st.tuples(st.sampled_from("abc"), ITEMS, st.integers(0, 3000)),
        max_size=6,
    ),
)
TEXTS = PAYLOADS | st.text(max_size=20) | st.text('["~1abcde0,]{}:.- ', max_size=30)


@settings(deadline=None)
@given(st.lists(st.none() | TEXTS, max_size=30))
def test_any_texts_show_what_the_reference_shows(player: Player, texts: list[str | None]) -> None:
    """In any order, however often, whoever wrote them."""
    assert player.show(texts) == reference(texts)
