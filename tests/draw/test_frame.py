"""The frame that every pane's picture has."""

import pytest

from qtui.draw.frame import GAP, beside, group, sentence, size_of, split, stack, title
from qtui.draw.glyphs import ASCII, UNICODE
from qtui.draw.picture import line, text, width


def test_a_title_fills_its_row() -> None:
    assert text([title("Ledger", 20, UNICODE)]) == "── Ledger " + "─" * 10
    assert text([title("Ledger", 20, ASCII)]) == "-- Ledger " + "-" * 10
    assert all(width(title("Ledger of bits", cells, UNICODE)) == cells for cells in range(1, 60))


def test_a_sentence_is_wrapped_and_bounded() -> None:
    rows = sentence("Dots are codes in use; marks without a dot cost bits and store nothing.", 40)
    assert [width(row) <= 40 for row in rows] == [True, True]
    assert len(sentence("word " * 200, 40)) == 2
    assert sentence("", 40) == ()


def test_groups_that_do_not_fit_are_left_out_whole() -> None:
    one, two = (line("a"), line("b")), (line("c"), line("d"), line("e"))
    assert text(stack(one, two)) == "a\nb\n\nc\nd\ne"
    assert stack(one, two, height=5) == one
    assert stack((), one) == one
    assert group("empty", (), 20, UNICODE) == ()


@pytest.mark.parametrize("cells", [60, 80, 120, 160, 240])
def test_columns_fill_the_width(cells: int) -> None:
    columns = split(cells)
    assert columns.left + columns.right + (GAP if columns.right else 0) == cells
    if columns.right:
        assert width(beside([line("x")], [line("y" * columns.right)], columns)[0]) == cells


def test_a_larger_window_never_has_a_smaller_layout() -> None:
    order = ["small", "medium", "large"]
    sizes = [order.index(size_of(w, h)) for w, h in ((60, 18), (80, 24), (120, 40), (160, 48), (240, 60))]
    assert sizes == sorted(sizes)
