"""Histograms as text: heights, axes, cursor, several series, without colour and in ASCII."""

from __future__ import annotations

import pytest

from qtui.draw.glyphs import ASCII, UNICODE, Glyphs
from qtui.draw.histogram import Axis, Series, bin_at, histogram, legend, plot_cells, readout
from qtui.draw.picture import text, width
from qtui.draw.ticks import axis_count, engineering, multiples, nice_step, number, significant

AXIS = Axis(-0.004, 0.004, 8)
BELL = Series("Q4_0", (1, 10, 100, 1000, 1000, 100, 10, 1))
NARROW = Series("Q8_0", (0, 0, 0, 1111, 1111, 0, 0, 0))


def test_log_counts_draw_decades_one_apart() -> None:
    shown = text(histogram([BELL], AXIS, 31, 14, UNICODE))
    rows = shown.splitlines()
    assert rows[0].startswith("   1k┼") and rows[4].startswith("  100┼") and rows[7].startswith("   10┼")
    assert rows[11].count("█") == 24  # every bin with a count is seen


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
@pytest.mark.parametrize("cells,rows", [(20, 5), (80, 16), (200, 40)])
@pytest.mark.parametrize("stacked", [False, True])
def test_takes_exactly_the_room_it_is_given(glyphs: Glyphs, cells: int, rows: int, stacked: bool) -> None:
    picture = histogram([BELL, NARROW], AXIS, cells, rows, glyphs, stacked=stacked, cursor=3)
    assert len(picture) <= rows and len(picture) >= rows - 2
    assert all(width(row) <= cells for row in picture)
    if glyphs is ASCII:
        assert text(picture).isascii()


def test_linear_heights_are_in_proportion() -> None:
    picture = text(histogram([Series("a", (4, 2, 1, 0))], Axis(0, 4, 4), 11, 10, UNICODE, log=False)).splitlines()
    columns = ["".join(row.ljust(11)[6 + x] for row in picture[:8]) for x in range(4)]
    assert [sum(1 for c in column if c == "█") for column in columns] == [8, 4, 2, 0]


def test_series_differ_without_colour() -> None:
    shown = text(histogram([BELL, NARROW, NARROW], AXIS, 60, 12, UNICODE))
    assert "█" in shown and "│" in shown.replace("     │", "")
    marks = text((legend(["a", "b", "c", "d"], UNICODE),)).split()
    assert len({marks[i] for i in range(0, 8, 2)}) == 4


def test_an_outline_leaves_the_bars_that_it_crosses_filled() -> None:
    spans = [span for row in histogram([BELL, NARROW], AXIS, 60, 12, UNICODE) for span in row]
    crossing = {role for mark, role in spans if "│" in mark and role != "axis"}
    assert crossing == {"series2", "over2"}  # above the bars, and over them


def test_cursor_marks_its_bin_and_the_mouse_finds_it_again() -> None:
    for cells in (30, 79, 120):
        axis = Axis(-1, 1, 2 * (plot_cells(cells) // 2))
        series = [Series("a", [1] * axis.bins)]
        for cursor in (0, axis.bins // 2, axis.bins - 1):
            rule = text(histogram(series, axis, cells, 6, UNICODE, cursor=cursor)).splitlines()[-2]
            assert bin_at(rule.index("▲"), axis, cells) == cursor
        assert bin_at(0, axis, cells) is None


def test_readout_gives_range_counts_and_shares() -> None:
    line = text((readout([BELL, NARROW], AXIS, 3, (2222, 2222), 80, ASCII),))
    assert line == "off by -1.0 to 0.0 x10^-3   Q4_0 1,000 (45.0 %)   Q8_0 1,111 (50.0 %)"
    short = text((readout([BELL, NARROW], AXIS, 3, (2222, 2222), 50, UNICODE),))
    assert short == "-1.0 to 0.0 ×10⁻³  Q4_0 45.0 %  Q8_0 50.0 %"


def test_nothing_to_draw_is_drawn() -> None:
    assert len(histogram([Series("a", (0, 0))], Axis(-1, 1, 2), 40, 8, UNICODE)) == 8


def test_numbers_on_axes() -> None:
    assert [axis_count(n) for n in (0, 950, 1200, 34_000, 999_999, 5_600_000, 10**9)] == [
        "0", "950", "1.2k", "34k", "1M", "5.6M", "1G",
    ]  # fmt: skip
    assert nice_step(10, 5) == 2 and nice_step(0.9, 3) == pytest.approx(0.5) and nice_step(0, 3) == 1
    assert multiples(-5, 5, 5) == [-5, 0, 5]
    assert engineering(0.004) == -3 and engineering(40) == 0 and engineering(2e-7) == -9
    assert number(-0.0, 1) == "0" and number(0.5, 0.25) == "0.5" and number(-2, 1) == "-2"
    assert (
        significant(0.0123456) == "0.01235"
        and significant(1.5e-7, 2) == "1.5e-7"
        and significant(12345678) == ("1.235e7")
    )
