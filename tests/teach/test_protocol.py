"""What comes over a line: read, cleaned, or refused."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtui.draw.safe import cell_count, safe
from qtui.teach.messages import OF_LEADER, OF_ROOM, OF_STUDENTS, Join, Place
from qtui.teach.protocol import LONGEST, NAME, ProtocolError, clean_name, decode, encode

ALL = OF_STUDENTS + OF_LEADER + OF_ROOM


@given(st.text(max_size=200))
def test_a_name_is_short_and_only_shows(text: str) -> None:
    name = clean_name(text)
    assert name and cell_count(name) <= NAME
    assert safe(name) == name and name == name.strip()
    assert not any(unicodedata.category(character)[0] == "C" for character in name)
    assert clean_name(name) == name


@pytest.mark.parametrize(
    "text, name",
    [
        ("  Ann   Lee ", "Ann Lee"),
        ("\x1b[2J\x1b]0;x\x07", "[2J]0;x"),
        ("a\u202eb\u200bc", "abc"),
        ("\n\t", "student"),
        ("日本語日本語日本語日本語", "日本語日本語日本"),
        ("e\u0301" + "\u0301" * 50, "é\u0301\u0301\u0301"),
    ],
)
def test_names(text: str, name: str) -> None:
    assert clean_name(text) == name


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"{" * 10_000,
        b"[" * 100_000,
        b'{"v": 2, "is": "join"}',
        b'{"v": 1, "is": "exec"}',
        b'{"v": 1, "is": "join", "name": 5}',
        b'{"v": 1, "is": "join", "token": "../x"}',
        b'{"v": 1, "is": "answer", "poll": 1.5}',
        b'{"v": 1, "is": "answer", "poll": true}',
        b'{"v": 1, "is": "answer", "poll": ' + b"9" * 400 + b"}",
        b'{"v": 1, "is": "place", "scenario": {"a": {"b": 1}}}',
        b'{"v": 1, "is": "place", "scenario": {"a": [[1]]}}',
        b'{"v": 1, "is": "place", "scenario": []}',
        b'{"v": 1, "is": "roster", "rows": [5]}',
        json.dumps({"v": 1, "is": "place", "scenario": {f"k{i}": 1 for i in range(100)}}).encode(),
        json.dumps({"v": 1, "is": "place", "scenario": {"a": "x" * 3000}}).encode(),
        encode(Join("x")) + b" " * LONGEST,
    ],
)
def test_what_is_no_message_is_refused(line: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode(line, ALL)


def test_another_kind_than_is_awaited_is_refused() -> None:
    with pytest.raises(ProtocolError, match="unknown kind"):
        decode(encode(Join("x")), OF_LEADER)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(ALL), st.data())
def test_any_values_make_a_message_or_a_refusal(kind: Any, data: st.DataObject) -> None:
    names = list(kind.__dataclass_fields__)
    values = {name: data.draw(JSON) for name in names}
    try:
        message = decode(json.dumps({"v": 1, "is": kind.WORD, **values}).encode(), ALL)
    except ProtocolError:
        return
    assert isinstance(message, kind)
    encode(message)


def test_a_scenario_travels_as_it_is() -> None:
    place = Place({"pane": "bits", "value": "\x1b", "many": ["a", "b"], "wide": None}, False)
    assert decode(encode(place), OF_STUDENTS) == place
