"""Text for a terminal: what is spelled out, and how many cells it takes."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from qtui.draw.glyphs import UNICODE, plain
from qtui.draw.inspect import metadata_table, shortened, shortened_name, tensor_table, totals
from qtui.draw.picture import beside, columns, crop, line, pad, width
from qtui.draw.safe import cell_count, cut, cut_front, padded, safe, wrapped


class Tensor(NamedTuple):
    name: str
    dtype: str
    shape: tuple[int, ...]
    nbytes: int


ODD = st.sampled_from("a \x1b\x07\x9b\u202e\u200d\ufe0f\udc9b\n漢é́한🦙👍🏽│▇")
NAMES = st.text(ODD, max_size=40) | st.text(max_size=20)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ─ 漢字 é é 🦙", "plain ─ 漢字 é é 🦙"),
        ("\x1b[31m\x07\x00\t\r\n\x7f", "\\x1b[31m\\x07\\x00\\t\\r\\n\\x7f"),
        ("\x85\x9b31m\x9d", "\\x85\\x9b31m\\x9d"),
        ("\u202eabc\u2066\u200b\ufeff\xad", "\\u202eabc\\u2066\\u200b\\ufeff\\xad"),
        ("\udc9b\ud800", "\\udc9b\\ud800"),
        ("\ue000\u0378\U000e0041\u2028", "\\ue000\\u0378\\U000e0041\\u2028"),
        ("\u0301a" + "\u0301" * 9, "\\u0301a" + "\u0301" * 3 + "\\u0301" * 6),
        ("a\xa0b\u3000c", "a\xa0b\u3000c"),
    ],
)
def test_what_is_spelled_out(text: str, shown: str) -> None:
    assert safe(text) == shown == safe(shown)


def test_code_points() -> None:
    for code in (*range(0x3100), *range(0x3100, 0x110000, 97), *range(0xFE00, 0x10000), *range(0xE0000, 0xE0200)):
        shown = safe("a" + chr(code))
        assert shown.isascii() or shown[1:] == chr(code)
        if unicodedata.category(chr(code)) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
            assert shown.isascii() and shown.isprintable()


@given(NAMES, st.integers(1, 30))
def test_widths(name: str, room: int) -> None:
    shown = safe(name)
    assert cell_count(cut(shown, room)) <= room and shown.startswith(cut(shown, room))
    assert cell_count(cut_front(shown, room)) <= room and shown.endswith(cut_front(shown, room))
    assert cell_count(padded(shown, 300)) == 300
    assert all(cell_count(row) <= max(room, 2) for row in wrapped(name, max(room, 2)))
    assert cell_count(shortened(name, room, UNICODE)) <= room
    assert cell_count(shortened_name(f"blk.3.{name}.weight", room + 12, UNICODE)) <= room + 12


@given(NAMES)
def test_a_terminal_counts_alike(name: str) -> None:
    shown = safe(name)
    # Symbols that have become wide with Unicode 16 are wide in newer tables only.
    assert cell_count(shown) == cell_len(shown) or any(unicodedata.category(c) in ("So", "No") for c in shown)


@given(st.lists(NAMES, min_size=1, max_size=5), st.integers(20, 60))
def test_rows_of_pictures_stay_aligned(names: list[str], room: int) -> None:
    table = columns([[name, "|", "end"] for name in names], "lll")
    assert len({width(row) for row in table}) == 1
    for name in names:
        row = line(name, (name, "strong"))
        assert width(crop(row, room, "…")) <= room and width(pad(row, room)) == room
        assert width(beside([row], [line("|")], room)[0]) == room + 2
    tensors = [Tensor(f"blk.{i}.{name}", "F32", (4, 4), 64) for i, name in enumerate(names)]
    drawn = tensor_table([(tensor.name, tensor, 1) for tensor in tensors], 64 * len(names), room + 40, UNICODE)
    drawn += metadata_table({name: name for name in names}, room, UNICODE, lines=2)
    drawn += totals([("name", name) for name in names], room, UNICODE)
    for row in drawn:
        assert width(row) <= room + 40 and all(safe(part) == part for part, _ in row)


@pytest.mark.parametrize("room", [1, 0, -3])
def test_no_room_at_all_is_one_cell(room: int) -> None:
    assert wrapped("ab c", room) == ["a", "b", "c"]
    assert wrapped("a漢", room)[0] == "a"


def test_a_power_of_ten_stays_one_without_unicode() -> None:
    for text, shown in (("−3.4 × 10³⁸", "-3.4 x 1e38"), ("10⁻³", "1e-3"), ("✓ or ✗", "y or x"), ("e²", "e2")):
        assert plain(text) == shown and len(shown) == len(text)
