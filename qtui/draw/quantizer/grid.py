"""The grid under the histogram of the values, and how often each code is used: wasted codes stand out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qtui.compute.quantizer.grid import levels, usage
from qtui.compute.quantizer.stored import StoredWeights
from qtui.draw.canvas import Canvas
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture
from qtui.draw.quantizer.parts import LETTERS, SERIES, Axis, bar_row, bars, short

ROWS = 4  # of each scheme: name, grid, how often each code is used, its codes


def grids(
    schemes: Sequence[StoredWeights], at: int, reach: tuple[float, float], width: int, height: int, glyphs: Glyphs
) -> Picture:
    """A histogram of the values, then each scheme's grid for weight `at`'s group and its use of codes overall."""
    x = schemes[0].x[np.isfinite(schemes[0].x)].astype(np.float64)
    tall = min(max(height - 1 - ROWS * len(schemes), 2), 14)
    canvas = Canvas(width, tall + 1 + ROWS * len(schemes), glyphs)
    axis = Axis(*reach, 2, width - 4)
    counts, _ = np.histogram(x, bins=axis.width, range=reach)
    for y, row in enumerate(bars(counts.astype(np.float64), tall, glyphs)):
        canvas.put(axis.left, y, row, "")
    low, high = (short(end, 2) for end in reach)
    canvas.put(axis.left, tall, glyphs.horizontal * axis.width, "axis")
    canvas.put(axis.left, tall, low + " ", "dim")
    canvas.put(axis.left + axis.width - len(high) - 1, tall, " " + high, "dim")
    if reach[0] < 0 < reach[1]:
        canvas.put(axis.column(0.0), tall, "0", "dim")
    for index, each in enumerate(schemes):
        _scheme(canvas, tall + 1 + ROWS * index, index, each, at, axis)
    return canvas.picture()


def _scheme(canvas: Canvas, y: int, index: int, each: StoredWeights, at: int, axis: Axis) -> None:
    glyphs, role = canvas.glyphs, SERIES[index]
    group = each.group_of(at)
    grid = levels(each, group)
    used = {int(each.codes[i]) for i in each.members(group)}
    name = f"{LETTERS[index]} {each.label}"
    canvas.put(0, y, name, role)
    where = "" if each.rows * each.groups_per_row == 1 else f" of block {group + 1}"
    canvas.put(len(name) + 2, y, f"grid{where}: {_said(each, len(grid), len(used))}", "dim")
    canvas.put(axis.left, y + 1, (glyphs.horizontal if grid else glyphs.shades[0]) * axis.width, "axis")
    # Points in use are drawn last: in a fine grid many fall on one column.
    for level in sorted(grid, key=lambda item: item.code in used):
        if axis.low <= level.value <= axis.high:
            taken = level.code in used
            canvas.put(
                axis.column(level.value), y + 1, glyphs.bullet if taken else glyphs.tick, role if taken else "axis"
            )
    _use(canvas, y + 2, each, role)


def _said(each: StoredWeights, total: int, used: int) -> str:
    if not total:
        return f"too fine to show, {used} of its codes used"
    return f"{used} of {total} codes used, {total - used} wasted"


def _use(canvas: Canvas, y: int, each: StoredWeights, role: str) -> None:
    """One bar for each code that there is, from the lowest to the highest, and the ends below."""
    found = usage(each)
    if found is None:
        return
    order = np.arange(len(found.counts))
    if each.table is not None:
        order = np.argsort(each.table, kind="stable")
        order = order[np.isfinite(each.table[order])]
    counts = found.counts[order].astype(np.float64)
    room = canvas.width - 30
    per = -(-len(counts) // room)
    joined = np.add.reduceat(counts, np.arange(0, len(counts), per))
    cells = max(1, min(3, room // len(joined)))
    canvas.put(2, y, "use of each code ", "dim")
    canvas.put(19, y, "".join(bar * cells for bar in bar_row(joined, canvas.glyphs)), role)
    said = f" {found.used} of {len(counts)} in all" if each.rows * each.groups_per_row > 1 else ""
    canvas.put(19 + cells * len(joined), y, said, "dim")
    first, last = str(found.first + int(order[0])), str(found.first + int(order[-1]))
    canvas.put(19, y + 1, first, "dim")
    canvas.put(max(19 + cells * len(joined) - len(last), 20 + len(first)), y + 1, last, "dim")
