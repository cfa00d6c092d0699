"""Heat maps and frontiers as text."""

from __future__ import annotations

import math

import pytest

from qtui.draw.errors.heat import heat_map, scale, shade
from qtui.draw.glyphs import ASCII, UNICODE, Glyphs
from qtui.draw.picture import text, width
from qtui.draw.plan.frontier import frontier_plot


def test_more_ink_is_more_lost() -> None:
    assert [shade(db, UNICODE)[0] for db in (5, 15, 25, 35, 45, math.inf)] == ["█", "▓", "▒", "░", " ", " "]
    assert shade(math.nan, UNICODE)[0] == "·" and shade(-math.inf, ASCII)[0] == "#"
    assert text((scale(ASCII),)).isascii()


def test_whole_decibels_where_they_fit_else_shades() -> None:
    table = ((21.4, 8.0, math.nan), (45.0, -math.inf, math.inf))
    wide = text(heat_map(("attn_q", "ffn"), (0, 1, 2), table, 40, UNICODE, (0, 1))).splitlines()
    assert wide == ["          0  1  2", "attn_q   21  8  -", "ffn      45NaN 99"]
    narrow = text(heat_map(("attn_q", "ffn"), (0, 1, 2), table, 14, UNICODE)).splitlines()
    assert narrow[1:] == ["attn_q  ▒█·", "ffn      █"]
    cut = heat_map(("attn_q",), tuple(range(60)), ((20.0,) * 60,), 30, UNICODE)
    assert "38 further layers" in text(cut) and max(map(width, cut)) <= 40


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
@pytest.mark.parametrize("cells,rows", [(30, 6), (80, 16), (160, 50)])
def test_the_frontier_takes_the_room_it_is_given(glyphs: Glyphs, cells: int, rows: int) -> None:
    curve = [(2.0, 12.0), (3.0, 20.0), (4.5, 26.0), (8.0, 45.0)]
    points = [("Q4_K_M", 4.6, 24.0), ("Q8_0", 8.0, math.inf), ("odd", 3.0, math.nan)]
    picture = frontier_plot(curve, points, (4.5, 26.0), "GiB", cells, rows, glyphs)
    assert len(picture) == rows and max(map(width, picture)) <= cells
    shown = text(picture)
    assert "Q4_K_M" in shown and "GiB" in shown and ("◆" in shown or glyphs is ASCII)
    if glyphs is ASCII:
        assert shown.isascii()


def test_one_point_is_enough() -> None:
    assert "◆" in text(frontier_plot([(1.0, 5.0)], [], (1.0, 5.0), "MiB", 40, 8, UNICODE))
