"""Mapping lines: each value led to the grid point that stores it, so that what is lost and what is wasted shows."""

from __future__ import annotations

import math
from collections.abc import Sequence

from qtui.compute.playground import Stored
from qtui.compute.playground_grid import Level, levels
from qtui.draw.canvas import Canvas
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture
from qtui.draw.quantizer_parts import LETTERS, SERIES, Axis, Label, place, place_of, short

SHOWN = 12  # values whose lines can still be told apart in 80 columns
MARGIN = 2


def window(stored: Stored, at: int) -> range:
    """The weights to draw: those of weight `at`'s group, at most SHOWN around it."""
    members = stored.members(stored.group_of(at))
    start = min(max(at - SHOWN // 2, members.start), max(members.stop - SHOWN, members.start))
    return range(start, min(start + SHOWN, members.stop))


def mapping(schemes: Sequence[Stored], at: int, width: int, height: int, glyphs: Glyphs) -> Picture:
    """Lines from the values around weight `at` down to each scheme's grid, with codes and stored values below."""
    grids = [levels(each, each.group_of(at)) for each in schemes]
    windows = [window(each, at) for each in schemes]
    axis = axis_of(schemes, at, width)
    rows = min(max((height - 1) // max(len(schemes), 1), 3), 6)
    canvas = Canvas(width, 1 + rows * len(schemes), glyphs)
    first = windows[0] if windows else range(0)
    place(canvas, 0, [_value_label(axis, float(schemes[0].x[i]), i == at) for i in first])
    for index, (each, grid, part) in enumerate(zip(schemes, grids, windows, strict=True)):
        _scheme(canvas, 1 + rows * index, rows, index, each, grid, part, at, axis)
    return canvas.picture()


def axis_of(schemes: Sequence[Stored], at: int, width: int) -> Axis:
    """The axis that holds the values around weight `at` and the grids near them."""
    windows = [window(each, at) for each in schemes]
    shown = [(each, i) for each, part in zip(schemes, windows, strict=True) for i in part]
    # Weights kept apart would squeeze the rest together; they stand at the axis' end.
    drawn = [float(each.x[i]) for each, i in shown if i not in each.kept]
    drawn = [value for value in drawn if math.isfinite(value)] or [0.0]
    grids = [levels(each, each.group_of(at)) for each in schemes]
    reached = drawn + [level.value for grid in grids for level in _ends(grid, drawn)]
    return Axis(min(reached), max(reached), MARGIN + 2, width - MARGIN - 6)


def _ends(grid: Sequence[Level], drawn: Sequence[float]) -> list[Level]:
    """The grid's ends, unless the grid reaches so far beyond the values that they would shrink to a point."""
    if not grid:
        return []
    reach = 4 * max(abs(v) for v in drawn)
    near = [level for level in grid if abs(level.value) <= reach]
    return [near[0], near[-1]] if near else []


def _value_label(axis: Axis, value: float, here: bool) -> Label:
    return Label(axis.column(value), short(value, 3), "cursor" if here else "", 1 if here else 0)


def _scheme(
    canvas: Canvas,
    top: int,
    rows: int,
    index: int,
    each: Stored,
    grid: Sequence[Level],
    part: range,
    at: int,
    axis: Axis,
) -> None:
    """One scheme's rows: [heading] [dots] lines, grid, [codes] [stored values]."""
    role = SERIES[index]
    y = top
    if rows >= 5:
        used = len({int(each.codes[i]) for i in each.members(each.group_of(at))})
        canvas.put(0, y, f"{LETTERS[index]} {each.label}", role)
        canvas.put(len(each.label) + 4, y, _describe(each, at, used, len(grid)), "dim")
        y += 1
    else:
        canvas.put(0, y + 1, LETTERS[index], role)
    if rows >= 4:
        for i in part:
            canvas.put(axis.column(float(each.x[i])), y, canvas.glyphs.bullet, "cursor" if i == at else "")
        y += 1
    for i in sorted(part, key=lambda i: i == at):
        if i not in each.kept:
            canvas.elbow(
                axis.column(float(each.x[i])), axis.column(float(each.y[i])), y, "strong" if i == at else role
            )
    _grid(canvas, y + 1, rows, each, grid, part, at, axis, role)


def _grid(
    canvas: Canvas,
    y: int,
    rows: int,
    each: Stored,
    grid: Sequence[Level],
    part: range,
    at: int,
    axis: Axis,
    role: str,
) -> None:
    """The grid's points (those in use are dots), the codes below them, and the stored values below those."""
    canvas.put(axis.left, y, canvas.glyphs.horizontal * axis.width, "axis")
    inside = [level for level in grid if axis.low <= level.value <= axis.high]
    for level in inside:
        canvas.put(axis.column(level.value), y, canvas.glyphs.tick, "axis")
    codes, backs = [], []
    for i in part:
        column, here = axis.column(float(each.y[i])), i == at
        if i in each.kept:
            canvas.put(column, y, canvas.glyphs.up, "warn")
            codes.append(Label(column, "kept", "warn", 2))
            continue
        canvas.put(column, y, canvas.glyphs.bullet, "cursor" if here else role)
        codes.append(Label(column, str(each.codes[i]), "cursor" if here else role, 3 if here else 2))
        backs.append(Label(column, short(float(each.y[i]), 3), "cursor" if here else "", 3 if here else 2))
    codes += [Label(axis.column(level.value), str(level.code), "dim") for level in inside]
    place(canvas, y + 1, codes)
    if rows >= 6:
        place(canvas, y + 2, backs)


def _describe(each: Stored, at: int, used: int, total: int) -> str:
    group = each.group_of(at)
    parts = []
    if each.scale is not None:
        parts.append(f"scale {short(float(each.scale[min(group, len(each.scale) - 1)]), 6)}")
    if each.zero_point is not None and each.zero_point[min(group, len(each.zero_point) - 1)]:
        parts.append(f"zero point {short(float(each.zero_point[min(group, len(each.zero_point) - 1)]))}")
    if each.minimum is not None:
        parts.append(f"min {short(float(each.minimum[min(group, len(each.minimum) - 1)]))}")
    parts.append(f"{used} of {total} codes used" if total else f"{used} codes used")
    where = place_of(each, group)
    if where:
        parts.append(where)
    return ", ".join(parts)
