"""The envelope: what fits, in how few payloads, and what a viewer sees whatever reaches him."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivs_async import ParameterError
from ivs_async.envelope import (
    MAX_EPOCHS,
    MAX_ID,
    MAX_IDS,
    MAX_ITEM,
    MAX_KEYS,
    MAX_PAYLOAD,
    MAX_REPEATED,
    Cue,
    CueDecoder,
    Epoch,
    Item,
    JsonValue,
    Packer,
)

JSON: st.SearchStrategy[JsonValue] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=5,
)
KEYS = st.none() | st.text(min_size=1, max_size=8)


def pack(items: Iterable[Item], epoch: str = "epoch", first: int = 0) -> list[str]:
    """The payloads of a sender that has nothing to repeat."""
    payloads = []
    packer = Packer(epoch, first)
    for number, item in enumerate(items, first):
        if not packer.add(item):
            payloads.append(packer.text)
            packer = Packer(epoch, number)
            assert packer.add(item)
    return [*payloads, packer.text]


class TestForm:
    def test_it_is_what_the_documentation_shows(self) -> None:
        """The example in the module's docstring, byte for byte."""
        packer = Packer("aB3_x", 42)
        assert packer.add(Item.of({"goal": "home"}))
        assert packer.add(Item.of("2:1", "score"))
        assert packer.add(Item.of([7, 8]))
        assert packer.add_repeat(Item.of(915, "viewers"), 17)
        assert packer.text == (
            '["~1aB3_x42",{"goal":"home"},["score","2:1"],[[7,8]],["viewers",915,17]]'
        )

    def test_a_payload_of_repeats_begins_with_the_id_of_the_first(self) -> None:
        """So a repeat alone needs no more room than the message did."""
        packer = Packer("aB3_x", 42)
        assert packer.add_repeat(Item.of(915, "viewers"), 17)
        assert packer.add_repeat(Item.of("2:1", "score"), 43)
        assert packer.text == '["~1aB3_x17",["viewers",915],["score","2:1",43]]'

    def test_the_largest_message_fits_with_the_largest_id_and_again(self) -> None:
        """1,000 bytes are a promise that does not depend on how much was sent before."""
        item = Item.of("x" * (MAX_ITEM - 8), "k")
        assert item.size == MAX_ITEM
        packer = Packer("aB3_x", MAX_ID)
        assert packer.add(item)
        assert len(packer.text.encode()) == MAX_PAYLOAD
        packer = Packer("aB3_x", 5)
        assert packer.add_repeat(item, MAX_ID)
        assert len(packer.text.encode()) == MAX_PAYLOAD
        with pytest.raises(ParameterError, match="1,025 bytes with its envelope and key"):
            Item.of("x" * (MAX_ITEM - 7), "k")

    def test_bytes_are_counted_not_characters(self) -> None:
        """And none are spent on escapes or blanks."""
        assert Item.of("é").size == 4
        assert Item.of({"a": ["😀", 1]}).size == len('{"a":["😀",1]}'.encode())

    @pytest.mark.parametrize("message", [float("nan"), b"x", {1}, {("a",): 1}, "\ud800"])
    def test_what_has_no_form_in_json_is_refused(self, message: Any) -> None:
        """Wherever it hides, and with nothing of it in the error."""
        for value in (message, [message]):
            with pytest.raises(ParameterError, match="message must be a JSON value") as caught:
                Item.of(value)
            assert caught.value.__context__ is None

    def test_what_is_nested_too_deeply_is_refused(self) -> None:
        """As an error of ours."""
        deep: list[JsonValue] = []
        for _ in range(100_000):
            deep = [deep]
        with pytest.raises(ParameterError, match="too deeply"):
            Item.of(deep)
        circle: list[JsonValue] = []
        circle.append(circle)
        with pytest.raises(ParameterError, match="itself"):
            Item.of(circle)

    def test_epochs_differ_and_are_short(self) -> None:
        """Five characters of the URL-safe alphabet."""
        epoch = Epoch()
        assert [epoch.take(), epoch.take(), epoch.next_id] == [0, 1, 2]
        names = {Epoch().name for _ in range(2000)}
        assert len(names) == 2000
        assert {len(name) for name in names} == {5}
        assert all(CueDecoder().decode(f'["~1{name}0",1]')[0].epoch == name for name in names)

    def test_a_repr_shows_no_message(self) -> None:
        """Metadata is secret."""
        cue = CueDecoder().decode(pack([Item.of("sentinel", "sentinel")])[0])[0]
        assert "sentinel" not in repr((cue, Item.of("sentinel")))
        assert not cue.foreign


class TestPacker:
    @given(st.lists(st.integers(1, MAX_ITEM), min_size=1, max_size=60), st.integers(0, 10**9))
    def test_no_packer_that_keeps_the_order_needs_fewer_payloads(
        self, sizes: list[int], first: int
    ) -> None:
        """Compared with the best of all ways to cut the sequence."""
        items = [Item("1" * size, size) for size in sizes]

        @cache
        def fewest(start: int) -> int:
            if start == len(sizes):
                return 0
            best = len(sizes)
            size = len(f'["~1epoch{first + start}"') + 1
            for end in range(start, len(sizes)):
                size += 1 + sizes[end]
                if size > MAX_PAYLOAD:
                    break
                best = min(best, 1 + fewest(end + 1))
            return best

        payloads = pack(items, first=first)
        assert len(payloads) == fewest(0)
        assert max(map(len, payloads)) <= MAX_PAYLOAD

    @given(st.lists(st.tuples(JSON, KEYS), max_size=12), st.integers(0, MAX_ID - 100))
    def test_what_is_packed_is_decoded(
        self, messages: list[tuple[JsonValue, str | None]], first: int
    ) -> None:
        """Every value with its key, in order, with consecutive ids."""
        payloads = pack([Item.of(*message) for message in messages], first=first)
        decoder = CueDecoder()
        cues = [cue for payload in payloads for cue in decoder.decode(payload)]
        assert [(cue.message, cue.key) for cue in cues] == messages
        assert [cue.id for cue in cues] == [*range(first, first + len(messages))]
        assert all(len(payload.encode()) <= MAX_PAYLOAD for payload in payloads)
        assert [cue for payload in payloads for cue in decoder.decode(payload)] == []

    @given(st.lists(st.integers(1, 900), max_size=30), st.integers(0, 900))
    def test_a_repeat_is_added_only_if_it_fits(self, sizes: list[int], size: int) -> None:
        """The size that is counted is the size that is written."""
        packer = Packer("epoch", 100)
        for each in sizes:
            packer.add(Item("1" * each, each))
        before = packer.text
        added = packer.add_repeat(Item.of("x" * size, "key"), 7)
        assert added == (packer.text != before)
        assert len(packer.text) <= MAX_PAYLOAD


class TestDecoder:
    def test_a_repeated_payload_is_dropped(self) -> None:
        """Once seen is seen."""
        decoder = CueDecoder()
        assert [cue.message for cue in decoder.decode('["~1aB3_x0","a","b"]')] == ["a", "b"]
        assert decoder.decode('["~1aB3_x0","a","b"]') == []

    def test_after_a_reset_everything_is_new(self) -> None:
        """A viewer who seeks back sees again what he saw."""
        decoder = CueDecoder()
        decoder.decode('["~1aB3_x9","a"]')
        decoder.reset()
        assert [cue.message for cue in decoder.decode('["~1aB3_x0",["k","b"],"c"]')] == ["b", "c"]

    def test_senders_do_not_disturb_each_other(self) -> None:
        """The same ids and keys mean nothing across epochs."""
        decoder = CueDecoder()
        for epoch in ("aaaaa", "bbbbb"):
            cues = decoder.decode(f'["~1{epoch}0",["k",1]]')
            assert cues == [Cue(1, "k", epoch, 0)]

    def test_a_sender_that_goes_on_is_not_forgotten_for_others(self) -> None:
        """Who has been silent for longest goes first."""
        decoder = CueDecoder()
        decoder.decode('["~1aB3_x0",["k","again"]]')
        for number in range(3 * MAX_EPOCHS):
            decoder.decode(f'["~1{number:05}0","once"]')
            assert decoder.decode('["~1aB3_x0",["k","again"]]') == []
        assert len(decoder.decode('["~1000000","once"]')) == 1

    def test_a_late_joiner_sees_a_repeat_and_others_do_not(self) -> None:
        """Even where its id is long out of the window."""
        early, late = CueDecoder(), CueDecoder()
        early.decode('["~1aB3_x3",["k","old"]]')
        for decoder in (early, late):
            decoder.decode('["~1aB3_x99999","now"]')
        repeat = '["~1aB3_x3",["k","old"]]'
        assert early.decode(repeat) == []
        assert late.decode(repeat) == [Cue("old", "k", "aB3_x", 3)]
        assert late.decode(repeat) == []

    def test_a_repeat_that_is_older_than_what_was_seen_is_dropped(self) -> None:
        """Under its key only the newest counts."""
        decoder = CueDecoder()
        decoder.decode('["~1aB3_x7",["k","new"]]')
        assert decoder.decode('["~1aB3_x8","other",["k","old",5]]') == [
            Cue("other", None, "aB3_x", 8)
        ]
        assert decoder.decode('["~1aB3_x6",["k","less old"]]') == []

    def test_a_message_that_was_skipped_is_made_good_by_its_repeat(self) -> None:
        """And then counts as seen."""
        decoder = CueDecoder()
        decoder.decode('["~1aB3_x0",["k","a"]]')
        assert len(decoder.decode('["~1aB3_x2","x",["k","b",1]]')) == 2
        assert decoder.decode('["~1aB3_x1",["k","b"]]') == []

    def test_what_comes_late_is_shown_if_it_is_new(self) -> None:
        """Within the window of ids."""
        decoder = CueDecoder()
        decoder.decode(f'["~1aB3_x{MAX_IDS + 10}","new"]')
        assert len(decoder.decode('["~1aB3_x11","late"]')) == 1
        assert decoder.decode('["~1aB3_x10","too late"]') == []
        assert decoder.decode('["~1aB3_x11","late"]') == []
        decoder.decode(f'["~1aB3_x{MAX_IDS + 11}","newer"]')
        assert decoder.decode('["~1aB3_x11","late"]') == []
        assert len(decoder._heard["aB3_x"]._ids) == 2

    @pytest.mark.parametrize(
        "text",
        [
            *("", "text", "null", "{}", "[]", '["a"]', '{"type":"overlay"}', "1,2", "\ud800"),
            *('["~1aB3_x0"', '["~1aB3_x0",]', '["~1aB3_x0",NaN]', '["~1aB3_x0",Infinity]'),
            *('["~2aB3_x0","later version"]', '["~1aB3_x","no id"]', '["~1aB3_x1234567890123"]'),
            *('["~1aB3_x0x"]', '["~1aB3_x٣"]', '["~1aB3_x0\\n","x"]', '["~1aBé_x0","x"]'),
            *(' ["~1aB3_x0","x"]', '["~1aB3_x0","x"] x', '["~1aB3_x0","\ud800' + "x" * 1024 + '"]'),
            '["~1aB3_x0",' + "[" * 900,
            '["~1aB3_x0","' + "x" * (MAX_PAYLOAD - 14) + '"]',
        ],
    )
    def test_a_foreign_text_is_one_cue(self, text: str) -> None:
        """As it came, each time that it comes."""
        decoder = CueDecoder()
        assert decoder.decode(text) == [Cue(text)] == decoder.decode(text)
        assert decoder.decode(text)[0].foreign

    @pytest.mark.parametrize(
        ("items", "messages"),
        [
            ("", []),
            ("[]", []),
            ('[1,2],"x"', ["x"]),
            ('["k",1,2,3],"x"', ["x"]),
            ('["k",1,-1]', []),
            ('["k",1,true]', []),
            ('["k",1,"2"]', []),
            ('["k",1,0.5]', []),
            ('["k",1,1e400]', []),
            ('["k",1,1000000000000]', []),
            ("[1,1,1]", []),
            ('["k",1,2.0]', [1]),
            ('["",1]', [1]),
            ("[null]", [None]),
        ],
    )
    def test_what_is_malformed_is_left_out(self, items: str, messages: list[JsonValue]) -> None:
        """The rest of the payload counts."""
        text = f'["~1aB3_x3",{items}]' if items else '["~1aB3_x3"]'
        assert [cue.message for cue in CueDecoder().decode(text)] == messages

    def test_its_memory_is_bounded(self) -> None:
        """By senders, by ids and by keys."""
        decoder = CueDecoder()
        for epoch in range(10_000, 10_000 + 2 * MAX_EPOCHS):
            decoder.decode(f'["~1{epoch}0","x"]')
        assert len(decoder._heard) == MAX_EPOCHS
        for number in range(3 * MAX_IDS):
            decoder.decode(f'["~1aB3_x{number}",["key {number}",1]]')
        heard = decoder._heard["aB3_x"]
        assert len(heard._ids) == MAX_IDS
        assert len(heard._newest) == MAX_KEYS
        assert len(decoder._heard) == MAX_EPOCHS

    @given(st.text() | st.text('["~1aBx0,]{}:e.- ', max_size=40).map('["~1aB3_x0'.__add__))
    def test_no_text_makes_it_raise(self, text: str) -> None:
        """Whoever wrote it."""
        decoder = CueDecoder()
        for cue in decoder.decode(text) + decoder.decode(text):
            assert cue.foreign == (cue.id is None)


@attrs.frozen
class Sent:
    """A payload that left, and what reached a viewer of it."""

    text: str
    reaches: bool


@st.composite
def broadcasts(draw: st.DrawFn) -> tuple[list[tuple[int, str | None]], list[Sent]]:
    """Messages of a sender as it sends them: payloads, lost answers, repeats, late arrivals.

    A payload may be sent again at once, any number of times, and one of its copies may arrive after
    later payloads; repeats may stand in any payload. Each copy may or may not reach the viewer.
    """
    messages: list[tuple[int, str | None]] = []
    latest: dict[str, int] = {}
    sent: list[Sent] = []
    late: list[Sent] = []
    for _ in range(draw(st.integers(0, 8))):
        packer = Packer("aB3_x", len(messages))
        keys = draw(st.lists(st.sampled_from([None, None, "a", "b", "c"]), max_size=5))
        repeated = draw(st.lists(st.sampled_from([*latest, None]), max_size=2, unique=True))
        for key in keys:
            packer.add(Item.of(len(messages), key))
            messages.append((len(messages), key))
        for again in repeated:
            if again is not None and again not in keys:
                packer.add_repeat(Item.of(latest[again], again), latest[again])
        latest.update({key: number for number, key in messages if key is not None})
        copies = draw(st.lists(st.booleans(), min_size=1, max_size=3))
        sent += [Sent(packer.text, reaches) for reaches in copies]
        sent += late
        late = [Sent(packer.text, True)] if draw(st.booleans()) and len(copies) > 1 else []
    return messages, sent


@settings(deadline=None)
@given(broadcasts())
def test_a_viewer_sees_each_message_once_in_order_and_nothing_outdated(
    broadcast: tuple[list[tuple[int, str | None]], list[Sent]],
) -> None:
    """Whatever is lost on its way to him, whatever comes twice, whatever is repeated."""
    messages, sent = broadcast
    reached = [each.text for each in sent if each.reaches]
    decoder = CueDecoder()
    seen = [cue for text in reached for cue in decoder.decode(text)]
    ids = [cue.id for cue in seen]
    assert len(ids) == len({*ids})
    assert all((cue.message, cue.key) == messages[cue.id or 0] for cue in seen)
    arrived = {number for text in reached for number in numbers(text)}
    for key in ("a", "b", "c"):
        under = [cue.id or 0 for cue in seen if cue.key == key]
        assert under == sorted(under)
        assert under[-1:] == sorted(each for each in arrived if messages[each][1] == key)[-1:]
    assert {each for each in arrived if messages[each][1] is None} == {
        cue.id for cue in seen if cue.key is None
    }


def numbers(text: str) -> list[int]:
    """What stands in a payload whose messages are their own ids."""
    return [item[1] if isinstance(item, list) else item for item in json.loads(text)[1:]]


def test_a_key_that_is_repeated_is_never_forgotten() -> None:
    """The decoder's memory for keys outlasts the sender's, in the worst order there is."""
    decoder = CueDecoder()

    def seen(key: str, number: int) -> bool:
        return not decoder.decode(f'["~1aB3_x{number}",["{key}",1]]')

    kept, *others = [(f"key {number}", number) for number in reversed(range(MAX_REPEATED))]
    for key, number in reversed([kept, *others]):
        assert not seen(key, number)
    # a repeat of all, then as many new keys as may come before the sender forgets this one
    for key, number in (kept, *others):
        assert seen(key, number)
    for number in range(MAX_REPEATED, 2 * MAX_REPEATED - 1):
        assert not seen(f"key {number}", number + 10 * MAX_IDS)
    assert seen(*kept)
