"""The values that a format has: number lines with a movable bar, the grid under a histogram, the use of each code."""

from __future__ import annotations

import numpy as np

from qtui.compute.quantizer.grid import CodeUse
from qtui.draw.canvas import Canvas
from qtui.draw.frame import SERIES
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture
from qtui.draw.quantizer.parts import LETTERS, Label, ValueAxis, bar_row, bars, percent, place, short
from qtui.scenario.quantizer.result import QuantizerResult, Scheme, Spot, WeightGroup

ROWS = 4  # of each scheme: name, grid, how often each code is used, its codes


def grids(result: QuantizerResult, width: int, height: int, glyphs: Glyphs) -> Picture:
    """A histogram of the values, then each scheme's grid for the group looked at and its use of codes overall."""
    schemes, reach = result.schemes, result.reach
    weights = schemes[0].stored.x
    x = weights[np.isfinite(weights)].astype(np.float64)
    tall = min(max(height - 1 - ROWS * len(schemes), 2), 14)
    canvas = Canvas(width, tall + 1 + ROWS * len(schemes), glyphs)
    axis = ValueAxis(*reach, 2, width - 4)
    counts, _ = np.histogram(x, bins=axis.width, range=reach)
    for y, row in enumerate(bars(counts.astype(np.float64), tall, glyphs)):
        canvas.put(axis.left, y, row, "")
    low, high = (short(end, 2) for end in reach)
    canvas.put(axis.left, tall, glyphs.horizontal * axis.width, "axis")
    canvas.put(axis.left, tall, low + " ", "dim")
    canvas.put(axis.left + axis.width - len(high) - 1, tall, " " + high, "dim")
    if reach[0] < 0 < reach[1]:
        canvas.put(axis.column(0.0), tall, "0", "dim")
    for index, (scheme, spot) in enumerate(zip(schemes, result.spots, strict=True)):
        _scheme(canvas, tall + 1 + ROWS * index, index, scheme, spot.group, axis)
    return canvas.picture()


def _scheme(canvas: Canvas, y: int, index: int, scheme: Scheme, group: WeightGroup, axis: ValueAxis) -> None:
    glyphs, role = canvas.glyphs, SERIES[index]
    stored, grid, used = scheme.stored, group.levels, group.used
    name = f"{LETTERS[index]} {stored.label}"
    canvas.put(0, y, name, role)
    several = stored.rows * stored.groups_per_row > 1
    where = f" of block {group.index + 1}" if several else ""
    canvas.put(len(name) + 2, y, f"grid{where}: {_grid_use(len(grid), len(used))}", "dim")
    canvas.put(axis.left, y + 1, (glyphs.horizontal if grid else glyphs.shades[0]) * axis.width, "axis")
    # Points in use are drawn last: in a fine grid many fall on one column.
    for level in sorted(grid, key=lambda item: item.code in used):
        if axis.low <= level.value <= axis.high:
            taken = level.code in used
            canvas.put(
                axis.column(level.value), y + 1, glyphs.bullet if taken else glyphs.tick, role if taken else "axis"
            )
    _code_use(canvas, y + 2, scheme.use, several, role)


def _grid_use(total: int, used: int) -> str:
    if not total:
        return f"too fine to show, {used} of its codes used"
    return f"{used} of {total} codes used, {total - used} wasted"


def _code_use(canvas: Canvas, y: int, use: CodeUse | None, several: bool, role: str) -> None:
    """One bar for each code that there is, from the lowest to the highest, and the ends below."""
    if use is None:
        return
    counts = use.counts.astype(np.float64)
    room = canvas.width - 30
    per = -(-len(counts) // room)
    joined = np.add.reduceat(counts, np.arange(0, len(counts), per))
    cells = max(1, min(3, room // len(joined)))
    canvas.put(2, y, "use of each code ", "dim")
    canvas.put(19, y, "".join(bar * cells for bar in bar_row(joined, canvas.glyphs)), role)
    canvas.put(19 + cells * len(joined), y, f" {use.used} of {len(counts)} in all" if several else "", "dim")
    first, last = str(int(use.codes[0])), str(int(use.codes[-1]))
    canvas.put(19, y + 1, first, "dim")
    canvas.put(max(19 + cells * len(joined) - len(last), 20 + len(first)), y + 1, last, "dim")


def number_lines(result: QuantizerResult, width: int, height: int, glyphs: Glyphs) -> Picture:
    """The bar over each scheme's grid (that of the group looked at), and the nearest stored value."""
    schemes, probe = result.schemes, result.scenario.probe
    axis = ValueAxis(*result.reach, 2, width - 4)
    scheme_rows = 4 if height >= 3 + 4 * len(schemes) else 3
    canvas = Canvas(width, 3 + scheme_rows * len(schemes), glyphs)
    bar = axis.column(probe)
    place(canvas, 0, [Label(bar, short(probe), "cursor", 1), *_ends(axis)])
    canvas.put(axis.left, 1, glyphs.horizontal * axis.width, "axis")
    canvas.put(bar, 1, glyphs.down, "cursor")
    for index, (scheme, spot) in enumerate(zip(schemes, result.spots, strict=True)):
        _line(canvas, 2 + scheme_rows * index, index, scheme.stored.label, spot, probe, axis)
    canvas.put(0, canvas.height - 1, "left and right move the bar, Shift by more, Home and End to the ends", "dim")
    return canvas.picture()


def _ends(axis: ValueAxis) -> list[Label]:
    zero = [Label(axis.column(0.0), "0", "dim")] if axis.low < 0 < axis.high else []
    return [
        Label(axis.left, short(axis.low, 2), "dim"),
        Label(axis.left + axis.width - 1, short(axis.high, 2), "dim"),
        *zero,
    ]


def _line(canvas: Canvas, y: int, index: int, name: str, spot: Spot, probe: float, axis: ValueAxis) -> None:
    """One scheme: its line with the grid's points, and what it would store."""
    role, glyphs = SERIES[index], canvas.glyphs
    bar = axis.column(probe)
    canvas.put(0, y, LETTERS[index], role)
    canvas.put(axis.left, y, glyphs.horizontal * axis.width, "axis")
    for level in spot.group.levels:
        if axis.low <= level.value <= axis.high:
            canvas.put(axis.column(level.value), y, glyphs.tick, "axis")
    canvas.put(bar, y, glyphs.vertical, "cursor")
    nearest = spot.nearest
    if nearest is None:
        mixed = f"{name}: its weights are mixed before they are rounded, so there is no grid to show"
        canvas.put(2, y + 1, mixed, "dim")
        return
    off = "" if spot.nearest_error is None else f", {percent(spot.nearest_error)} off"
    text = f"{name}: {short(probe)} is stored as {short(nearest.value)} (code {nearest.code}){off}"
    if axis.low <= nearest.value <= axis.high:
        canvas.put(axis.column(nearest.value), y, glyphs.bullet, role)
    if not spot.group.levels:
        text += "; its values lie too close together to show"
    canvas.put(2, y + 1, text, role)
