"""Histograms of one or several series: the first as bars, the others as outlines over it, or one panel each.

Series are told apart by the shape of their marks (solid, single line, double line, dots), so a screen without colour
reads the same. Heights are in eighths of a cell.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from qtui.draw.frame import SERIES
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span, crop, line, pad, width
from qtui.draw.ticks import axis_count, engineering, multiples, nice_step, number, power

FILL = "fill1"  # the first of several series, and marks of the others on it
OVER = ("over2", "over2", "over3", "over4", "over5", "over6")
GUTTER = 6  # cells left of the plot, for counts and the axis

# Marks of an outline: low, middle, high in its cell, and the riser between two heights.
_LINES = {
    "unicode": ("", "▁─▔│", "▁═▔║", "·•·•"),
    "ascii": ("", "_--|", "_==!", "..::"),
}


@dataclass(frozen=True)
class Series:
    """Counts (bins,) under a name."""

    name: str
    counts: Sequence[float]
    dotted: bool = False  # an expectation: drawn with dots over the others


@dataclass(frozen=True)
class Axis:
    """Equal bins from `low` to `high`, in `unit` ("steps", or nothing for plain weights)."""

    low: float
    high: float
    bins: int
    unit: str = ""

    @property
    def step(self) -> float:
        """Width of one bin."""
        return (self.high - self.low) / max(self.bins, 1)

    def edge(self, index: int) -> float:
        """Left edge of bin `index`."""
        return self.low + index * self.step

    @property
    def exponent(self) -> int:
        """The power of ten that the labels leave out."""
        return engineering(max(abs(self.low), abs(self.high)))


def bin_cells(bins: int, room: int) -> int:
    """How many cells wide a bin is drawn in `room` cells."""
    return max(1, room // max(bins, 1))


def plot_cells(cells: int) -> int:
    """Cells for bins in a picture `cells` wide."""
    return max(cells - GUTTER - 1, 1)


def bin_at(x: int, axis: Axis, cells: int) -> int | None:
    """The bin drawn in column `x` of a picture `cells` wide; None outside."""
    index = (x - GUTTER - _margin(axis, cells)) // bin_cells(axis.bins, plot_cells(cells))
    return index if 0 <= index < axis.bins else None


def _margin(axis: Axis, cells: int) -> int:
    room = plot_cells(cells)
    return max(0, (room - axis.bins * bin_cells(axis.bins, room)) // 2)


def histogram(
    series: Sequence[Series],
    axis: Axis,
    cells: int,
    rows: int,
    glyphs: Glyphs,
    *,
    log: bool = True,
    stacked: bool = False,
    cursor: int | None = None,
) -> Picture:
    """The plot of `series` in `cells` by `rows` cells: panels, the axis line with the cursor, and its labels.

    Counts grow upwards, as log10(1 + n) with `log`. `stacked` draws a panel for
    each series instead of overlaying them.
    """
    top = max((max(item.counts, default=0) for item in series), default=0)
    space = max(rows - 2, 1)
    if stacked and len(series) > 1:
        share, rest = divmod(max(space, len(series)), len(series))
        panels: list[Line] = []
        for index, item in enumerate(series):
            panel = _panel([item], axis, cells, share + (index < rest), glyphs, top, log, SERIES[index % len(SERIES)])
            name = crop(line((item.name, SERIES[index % len(SERIES)])), cells - GUTTER - 1)
            panels += [_titled(panel[0], name, cells), *panel[1:]]
    else:
        panels = list(_panel(series, axis, cells, space, glyphs, top, log, SERIES[0]))
    return (*panels[:space], *axis_rows(axis, cells, glyphs, cursor))


def _titled(row: Line, name: Line, cells: int) -> Line:
    """`row` with `name` at its right end."""
    kept = pad(row, cells - width(name) - 1)
    return line(*kept, " ", *name)


def _panel(
    series: Sequence[Series], axis: Axis, cells: int, rows: int, glyphs: Glyphs, top: float, log: bool, role: str
) -> Picture:
    room = plot_cells(cells)
    wide = bin_cells(axis.bins, room)
    margin = _margin(axis, cells)
    heights = [[_height(n, top, rows, log) for n in s.counts for _ in range(wide)][: room - margin] for s in series]
    grid: list[list[Span]] = [[(" ", "")] * room for _ in range(rows)]
    if heights:
        crossed = len(heights) > 1 and glyphs.name == "unicode"  # other marks do not fill their cells
        _bars(grid, heights[0], margin, glyphs, FILL if crossed else role)
    for index in range(len(heights) - 1, 0, -1):  # the second series lies on top: it is the one compared
        marks = _LINES[glyphs.name][3 if series[index].dotted else min(index, 3)]
        _outline(grid, heights[index], margin, marks, SERIES[index % len(SERIES)], glyphs)
    labels = _count_labels(top, rows, log)
    picture = []
    for y in range(rows):
        label = labels.get(rows - 1 - y, "")
        edge = glyphs.cross if label else glyphs.vertical
        picture.append(line((label.rjust(GUTTER - 1), "dim"), (edge, "axis"), *grid[y]))
    return tuple(picture)


def _height(count: float, top: float, rows: int, log: bool) -> int:
    """Height in eighths of a cell; a count above zero is never invisible."""
    if count <= 0 or top <= 0:
        return 0
    share = math.log10(1 + count) / math.log10(1 + top) if log else count / top
    return max(1, round(share * rows * 8))


def _bars(grid: list[list[Span]], heights: Sequence[int], margin: int, glyphs: Glyphs, role: str) -> None:
    rows = len(grid)
    for x, height in enumerate(heights):
        full, part = divmod(height, 8)
        for y in range(full):
            grid[rows - 1 - y][margin + x] = (glyphs.eighths[7], role)
        if part and full < rows:
            grid[rows - 1 - full][margin + x] = (glyphs.eighths[part - 1], role)


def _outline(
    grid: list[list[Span]], heights: Sequence[int], margin: int, marks: str, role: str, glyphs: Glyphs
) -> None:
    """A line along the tops, with risers where neighbours differ by more than a row; bars stay filled around it."""
    rows = len(grid)

    def put(x: int, y: int, mark: str) -> None:
        below, its_role = grid[y][x]
        is_filled = its_role in OVER or (below == glyphs.eighths[7] and its_role == FILL)
        grid[y][x] = (mark, OVER[SERIES.index(role)] if is_filled else role)

    before = 0
    for x, height in enumerate(heights):
        if height == 0 and before == 0:
            continue
        row, part = divmod(max(height - 1, 0), 8)
        last = max(before - 1, 0) // 8
        riser = range(min(row, last), max(row, last) + 1) if abs(row - last) > 1 else ()
        for y in riser:
            put(margin + x, rows - 1 - y, marks[3])
        if height:
            put(margin + x, rows - 1 - row, marks[0] if part < 3 else marks[1] if part < 6 else marks[2])
        before = height


def _count_labels(top: float, rows: int, log: bool) -> dict[int, str]:
    """Labels of the count axis by row from the foot: decades, or nice steps; not closer than three rows."""
    if top <= 0:
        return {}
    if log:
        values = [10.0**p for p in range(math.floor(math.log10(max(top, 1))) + 1)]
    else:
        values = multiples(0, top, nice_step(top, max(rows // 3, 1)))[1:]
    labels: dict[int, str] = {}
    for value in reversed(values):
        row = min((_height(value, top, rows, log) - 1) // 8, rows - 1)
        if row >= 0 and all(abs(row - other) >= 2 for other in labels):
            labels[row] = axis_count(value)
    return labels


def axis_rows(axis: Axis, cells: int, glyphs: Glyphs, cursor: int | None = None) -> Picture:
    """The axis line with ticks and the cursor's mark, and the labels under it."""
    room = plot_cells(cells)
    wide = bin_cells(axis.bins, room)
    margin = _margin(axis, cells)
    rule = [glyphs.horizontal] * room
    text = [" "] * (cells - GUTTER)
    scale = 10.0**axis.exponent
    low, high = axis.low / scale, axis.high / scale
    suffix = " ".join(part for part in (power(axis.exponent, glyphs), axis.unit) if part)
    limit = len(text) - (len(suffix) + 2 if suffix else 0)
    step = nice_step(high - low, max(room // 10, 4))
    span = axis.bins * wide
    taken = -1
    for value in multiples(low, high, step):
        x = margin + min(round((value - low) / (high - low) * span), room - 1)
        label = number(value, step)
        start = x - len(label) // 2
        if 0 <= x < room:
            rule[x] = glyphs.tick
        if start > taken and start >= 0 and start + len(label) <= limit:
            text[start : start + len(label)] = label
            taken = start + len(label)
    if suffix:
        text[len(text) - len(suffix) :] = suffix
    spans: list[Span | str] = [(" " * (GUTTER - 1) + glyphs.cross, "axis")]
    if cursor is None:
        spans.append(("".join(rule), "axis"))
    else:
        x = min(margin + cursor * wide + wide // 2, room - 1)
        spans += [("".join(rule[:x]), "axis"), (glyphs.up, "cursor"), ("".join(rule[x + 1 :]), "axis")]
    return (line(*spans), line(" " * GUTTER, ("".join(text), "dim")))


def legend(names: Sequence[str], glyphs: Glyphs, stacked: bool = False, dotted: bool = False) -> Line:
    """The mark of each series; with `dotted` the last one is an expectation."""
    spans: list[Span | str] = []
    for index, name in enumerate(names):
        dots = dotted and index == len(names) - 1
        solid = (index == 0 or stacked) and not dots
        mark = glyphs.eighths[7] * 2 if solid else _LINES[glyphs.name][3 if dots else min(index, 3)][1] * 2
        filled = solid and not stacked and len(names) > 1 and glyphs.name == "unicode"
        spans += [(mark, FILL if filled else SERIES[index % len(SERIES)]), f" {name}", "   "]
    return line(*spans[:-1])


def readout(
    series: Sequence[Series], axis: Axis, cursor: int, totals: Sequence[float], cells: int, glyphs: Glyphs
) -> Line:
    """The bin under the cursor in words: its range, and each series' count with its share; shorter in few `cells`."""
    scale = 10.0**axis.exponent
    low, high = axis.edge(cursor) / scale, axis.edge(cursor + 1) / scale
    step = axis.step / scale
    fine = step / 10 if step < 10 else step
    range_ = f"{number(low, fine)} to {number(high, fine)} {power(axis.exponent, glyphs)}".rstrip()
    row: Line = ()
    for opening, brief in (("off by ", False), ("", False), ("", True)):
        spans: list[Span | str] = [opening, range_, f" {axis.unit}" if axis.unit else ""]
        for index, item in enumerate(series):
            count = item.counts[cursor]
            share = _percent(100 * count / totals[index] if totals[index] else 0.0)
            text = share if brief else f"{count:,.0f} ({share})"
            spans += ["  " if brief else "   ", (item.name, SERIES[index % len(SERIES)]), f" {text}"]
        row = line(*spans)
        if width(row) <= cells:
            break
    return crop(row, cells, glyphs.ellipsis)


def _percent(share: float) -> str:
    if share == 0:
        return "0 %"
    return f"{share:.1f} %" if share >= 0.1 else "<0.1 %"
