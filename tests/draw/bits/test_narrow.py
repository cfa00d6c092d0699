"""The views in windows of any size: a resize may pass through one column on its way."""

import pytest

from qtui.compute.floats.table import number_formats
from qtui.draw.bits.words import SENTENCE, drawing, picture_rows, view_of
from qtui.draw.glyphs import UNICODE
from qtui.draw.picture import Picture, text, width
from qtui.scenario.bits.plots import with_plot
from qtui.scenario.bits.scenario import VIEWS, BitsScenario
from qtui.scenario.bits.solve import solve


def drawn(scenario: BitsScenario, columns: int, rows: int, cursor: int | None = 0) -> Picture:
    """A view as a window of that size shows it, with its sentence."""
    result = solve(scenario)
    plot = view_of(result.view).plot_columns(result, columns, picture_rows(rows))
    return drawing(with_plot(result, plot), columns, rows, UNICODE, cursor)


@pytest.mark.parametrize("name", ["float64", "bfloat16", "float4_e2m1fn", "int8", "nf4"])
@pytest.mark.parametrize("value", ["0.1", "-3", "inf"])
def test_any_size_is_drawn(name: str, value: str) -> None:
    for columns in (*range(1, 48, 3), 80, 400):
        for rows in (1, 5, 24, 60):
            picture = drawn(BitsScenario(value, name), columns, rows)
            assert columns < 40 or all(width(row) <= columns for row in picture)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("columns", [40, 60, 80, 120, 160])
def test_a_view_fits_its_window(view: str, columns: int) -> None:
    for rows in (6, 12, 18, 34, 42):
        picture = drawn(BitsScenario("0.1", "float8_e4m3fn", view=view), columns, rows)
        assert all(width(row) <= columns for row in picture)
        assert len(picture) <= rows or rows < 12, (view, columns, rows)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("value", ["1.5", "0.1", "-300", "0", "1e-40", "nan", "1/3"])
@pytest.mark.parametrize("name", ["float32", "float8_e4m3fn", "int8", "nf4", "float:e=3,m=2"])
def test_a_sentence_for_every_view_in_two_rows(view: str, value: str, name: str) -> None:
    result = solve(BitsScenario(value, name, view=view))
    sentence = view_of(view).sentence(with_plot(result, 40))
    assert 30 < len(sentence) < SENTENCE * 72 and sentence.endswith(".") and "{" not in sentence


def test_a_low_window_says_what_it_leaves_out() -> None:
    low = text(drawn(BitsScenario("0.1"), 60, 12)).splitlines()
    assert len(low) == 12 and low[9] == "a taller window adds 4 groups"
    assert [row.split()[0] for row in low[5:9]] == ["exponent", "mantissa", "between", "gap"]
    high = text(drawn(BitsScenario("0.1"), 80, 60))
    assert "taller" not in high and "previous" in high and "lowest" in high
    design = text(drawn(BitsScenario("0.1", view="design"), 60, 12))
    assert "more rows need a taller window" in design


@pytest.mark.parametrize("columns", [60, 66, 72])
def test_a_narrow_window_does_without_columns_and_cuts_none(columns: int) -> None:
    for view, heading in (("all", "off by"), ("formats", "largest")):
        table = text(drawn(BitsScenario("0.1", view=view, all=True), columns, 60))
        assert UNICODE.ellipsis not in table and heading in table
        assert all(fmt.name in table for fmt in number_formats())
    for name in ("float32", "float:e=3,m=4,special=fn"):
        assert UNICODE.ellipsis not in text(drawn(BitsScenario("0.1", name, view="design"), columns, 60)[:18])


@pytest.mark.parametrize("name", ["float32", "bfloat16", "float16", "float8_e5m2", "float64"])
def test_rows_stay_where_they_are_whatever_the_class(name: str) -> None:
    """So that a flipped bit changes characters, and moves no row."""
    labels = set()
    for value in ("0.1", "1", "-2.5", "0", "-0", "1e-300", "inf", "-inf", "nan", "0x1"):
        picture = drawn(BitsScenario(value, name), 90, 34)
        labels.add(tuple(row[0][0] for row in picture if row and row[0][1] == "label"))
    assert len(labels) == 1, labels
