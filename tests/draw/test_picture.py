"""Pictures: joining, cropping and lining up rows of spans."""

from hypothesis import given
from hypothesis import strategies as st

from qtui.draw.picture import beside, columns, crop, crop_at_word, line, pad, text, width

rows = st.lists(st.tuples(st.text("ab ", max_size=5), st.sampled_from(["", "dim"])), max_size=4).map(
    lambda spans: line(*spans)
)


def test_line_joins_neighbours_and_drops_nothing_but_empties() -> None:
    assert line("a", ("b", ""), ("", "dim"), ("c", "dim")) == (("ab", ""), ("c", "dim"))


@given(rows, st.integers(0, 12))
def test_pad_gives_the_width_asked_for(row: tuple[tuple[str, str], ...], cells: int) -> None:
    assert width(pad(row, cells)) == cells


@given(rows, st.integers(1, 12))
def test_crop_marks_what_it_cut(row: tuple[tuple[str, str], ...], cells: int) -> None:
    cut = crop(row, cells, "…")
    assert width(cut) <= cells
    assert cut == row if width(row) <= cells else text([cut])[-1:] == "…"


@given(rows, st.integers(1, 12))
def test_a_crop_at_a_word_keeps_whole_words(row: tuple[tuple[str, str], ...], cells: int) -> None:
    kept = crop_at_word(row, cells, "…")
    assert width(kept) <= cells and (kept == row) == (width(row) <= cells)
    assert text([crop_at_word(line("stored as float16"), 14, "…")]) == "stored as …"


def test_columns_line_up_and_leave_no_trailing_space() -> None:
    table = columns([[("name", "strong"), "bits"], ["Q4_0", "4.5"], ["F16", "16"]], "lr")
    assert text(table) == "name  bits\nQ4_0   4.5\nF16     16"
    assert all(not row[-1][0].endswith(" ") for row in columns([["a", "long"], ["b", "x"]], "ll"))


def test_beside_pads_the_left_picture() -> None:
    assert text(beside((line("a"), line("bb")), (line("x"),), 3)) == "a   x\nbb"


def test_columns_on_their_decimal_points() -> None:
    rows = [["RMSE"], ["0.00258"], ["1.7"], ["12"], ["-"], ["1.7e-4"]]
    expected = ["    RMSE", " 0.00258", " 1.7", "12", "       -", "  1.7e-4"]
    assert text(columns(rows, ".")).splitlines() == expected
