"""Mapping lines: each value led to the grid point that stores it, so that what is lost and what is wasted shows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from qtui.compute.quantizer.stored import Level, StoredWeights
from qtui.draw.canvas import DOWN, UP, Canvas
from qtui.draw.frame import SERIES
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture
from qtui.draw.quantizer.parts import LETTERS, Label, ValueAxis, place, place_of, short
from qtui.scenario.quantizer.result import QuantizerResult, WeightGroup

SHOWN = 12  # values whose lines can still be told apart in 80 columns
MARGIN = 2
AIRY = 10  # rows of a scheme that leave room for the values once more
TALLEST = 17
BEYOND = 1.5  # times the largest value: how far a grid is drawn that goes on


def window(group: WeightGroup, at: int) -> range:
    """The weights to draw: those of weight `at`'s group, at most SHOWN around it."""
    members = group.members
    start = min(max(at - SHOWN // 2, members.start), max(members.stop - SHOWN, members.start))
    return range(start, min(start + SHOWN, members.stop))


class Around(NamedTuple):
    """The weights to draw of one scheme, as plain numbers, and the group that they are in."""

    stored: StoredWeights
    group: WeightGroup
    part: range
    x: list[float]
    y: list[float]
    codes: list[int]
    kept: frozenset[int]  # positions of those that are stored apart
    by_value: bool


def around(result: QuantizerResult) -> list[Around]:
    """What is drawn of each scheme."""
    drawn = []
    for scheme, spot in zip(result.schemes, result.spots, strict=True):
        stored, part = scheme.stored, window(spot.group, result.at)
        cut = slice(part.start, part.stop)
        x, y, codes = (values[cut].tolist() for values in (stored.x, stored.y, stored.codes))
        drawn.append(Around(stored, spot.group, part, x, y, codes, frozenset(stored.kept.tolist()), scheme.by_value))
    return drawn


def rows_of_schemes(schemes: int, height: int) -> list[int]:
    """Rows of each of so many schemes in a picture of about `height` rows; one more has the weights' values."""
    rows, more = divmod(max(height - 1, 3 * schemes), schemes)
    return [min(rows + (index < more), TALLEST) for index in range(schemes)]


def picture(result: QuantizerResult, width: int, height: int, glyphs: Glyphs) -> Picture:
    """Lines from the values around the weight looked at down to each scheme's grid, with codes and values below.

    The higher the picture, the longer the lines, each of which turns in a row of its own.
    """
    at, schemes = result.at, result.schemes
    drawn = around(result)
    axis = _axis(drawn, width)
    heights = rows_of_schemes(len(schemes), height)
    canvas = Canvas(width, 1 + sum(heights), glyphs)
    _values(canvas, 0, drawn[0], at, axis)
    for index, scheme in enumerate(drawn):
        _scheme(canvas, 1 + sum(heights[:index]), heights[index], index, scheme, at, axis)
    return canvas.picture()


def sentence(result: QuantizerResult) -> str:
    """What there is to see, and why."""
    groups = [spot.group for spot in result.spots]
    even = [index for index, group in enumerate(groups) if group.half_step and group.levels]
    if len(even) > 1:
        fine, coarse = (pick(even, key=lambda i: groups[i].half_step or 0.0) for pick in (min, max))
        steps = [short(2 * (groups[index].half_step or 0.0), 3) for index in (fine, coarse)]
        if steps[0] != steps[1]:
            top, step = groups[coarse].levels[-1].value, 2 * (groups[coarse].half_step or 0.0)
            why = ": closer marks, smaller errors"
            if result.schemes[fine].stats.rmse >= result.schemes[coarse].stats.rmse:
                why = ": closer marks, but no smaller errors with these numbers"
            elif top > groups[coarse].high + step:
                why = f", which reach past the numbers, to {short(top, 2)}"
            return f"{LETTERS[fine]}'s marks stand {steps[0]} apart, {LETTERS[coarse]}'s {steps[1]}{why}."
    if not any(group.levels for group in groups):
        return "Each number moves to the nearest mark; these marks stand too close together to draw."
    waste = ", ".join(
        f"{group.wasted} of {len(group.levels)} with {LETTERS[index]}"
        for index, group in enumerate(groups[:3])
        if group.levels
    )
    return f"Each number moves to the nearest mark. Marks without a line are wasted: {waste}."


def _values(canvas: Canvas, y: int, scheme: Around, at: int, axis: ValueAxis) -> None:
    labels = zip(scheme.part, scheme.x, strict=True)
    place(canvas, y, [_value_label(axis, value, i == at) for i, value in labels])


def axis_of(result: QuantizerResult, width: int) -> ValueAxis:
    """The axis that holds the values around the weight looked at and the grids near them."""
    return _axis(around(result), width)


def _axis(schemes: Sequence[Around], width: int) -> ValueAxis:
    # Weights kept apart would squeeze the rest together; they stand at the axis' end.
    drawn = [
        value for scheme in schemes for i, value in zip(scheme.part, scheme.x, strict=True) if i not in scheme.kept
    ]
    drawn = [value for value in drawn if math.isfinite(value)] or [0.0]
    reached = drawn + [level.value for scheme in schemes for level in _ends(scheme.group.levels, drawn)]
    return ValueAxis(min(reached), max(reached), MARGIN + 2, width - MARGIN - 6)


def _ends(grid: Sequence[Level], drawn: Sequence[float]) -> list[Level]:
    """The grid's ends, unless the grid reaches so far beyond the values that they would shrink to a point."""
    if not grid:
        return []
    reach = BEYOND * max(abs(v) for v in drawn)
    near = [level for level in grid if abs(level.value) <= reach]
    return [near[0], near[-1]] if near else []


def _value_label(axis: ValueAxis, value: float, here: bool) -> Label:
    return Label(axis.column(value), short(value, 3), "cursor" if here else "", 1 if here else 0)


def _scheme(canvas: Canvas, top: int, rows: int, index: int, scheme: Around, at: int, axis: ValueAxis) -> None:
    """One scheme's rows: [blank] [heading] [values] [dots] lines, grid, [codes] [stored values]."""
    role, stored = SERIES[index], scheme.stored
    columns = [(i, axis.column(x), axis.column(y)) for i, x, y in zip(scheme.part, scheme.x, scheme.y, strict=True)]
    y = top + (rows >= AIRY and index > 0)
    if rows >= 5:
        canvas.put(0, y, f"{LETTERS[index]} {stored.label}", role)
        way = _way(scheme, at, canvas.glyphs) if rows < 6 and at in scheme.part else ""
        canvas.put(len(stored.label) + 4, y, way, "strong")
        x = len(stored.label) + 4 + len(way) + 2 * bool(way)
        canvas.put(x, y, _describe(scheme, canvas.width - x, canvas.glyphs), "dim")
        y += 1
    else:
        canvas.put(0, y + 1, LETTERS[index], role)
    if rows >= AIRY and index > 0:
        _values(canvas, y, scheme, at, axis)
        y += 1
    if rows >= 4:
        for i, column, _ in columns:
            canvas.put(column, y, canvas.glyphs.bullet, "cursor" if i == at else "")
        y += 1
    last = top + rows - min(rows - 2, 3) - 1
    _lines(canvas, range(y, max(last, y) + 1), [place for place in columns if place[0] not in scheme.kept], at, role)
    _grid(canvas, max(last, y) + 1, rows, scheme, at, axis, role)


def _lines(canvas: Canvas, rows: range, columns: Sequence[tuple[int, int, int]], at: int, role: str) -> None:
    """A line for each weight, that looked at over the others.

    Those that go left turn from the left one on, those that go right from the right one, so that few cross.
    """
    moving = sorted({(x, back) for _, x, back in columns if x != back}, key=lambda ends: ends[0])
    left = [ends for ends in moving if ends[1] < ends[0]]
    right = [ends for ends in moving if ends[1] > ends[0]][::-1]
    for i, x, back in sorted(columns, key=lambda place: place[0] == at):
        side = left if back < x else right
        share = side.index((x, back)) / max(len(side) - 1, 1) if x != back else 0.0
        turn = rows.start + round(share * (len(rows) - 1)) if len(side) > 1 else rows[len(rows) // 2]
        here = i == at
        for y in rows:
            if y == turn:
                canvas.elbow(x, back, y, "strong" if here else role, heavy=here)
            else:
                canvas.wire(x if y < turn else back, y, UP | DOWN, "strong" if here else role, heavy=here)


def _grid(canvas: Canvas, y: int, rows: int, scheme: Around, at: int, axis: ValueAxis, role: str) -> None:
    """The grid's points (those in use are dots), the names of its marks, and the stored values below those."""
    canvas.put(axis.left, y, canvas.glyphs.horizontal * axis.width, "axis")
    inside = [(axis.column(value), code) for code, value in scheme.group.levels if axis.low <= value <= axis.high]
    levels = scheme.group.levels
    for beyond, x in ((levels[:1], axis.left - 1), (levels[-1:], axis.left + axis.width)):
        if any(not axis.low <= level.value <= axis.high for level in beyond):
            canvas.put(x, y, canvas.glyphs.ellipsis, "axis")
    for column in {column for column, _ in inside}:
        canvas.put(column, y, canvas.glyphs.tick, "axis")
    codes, backs = [], []
    for i, value, code in zip(scheme.part, scheme.y, scheme.codes, strict=True):
        column, here = axis.column(value), i == at
        if i in scheme.kept:
            canvas.put(column, y, canvas.glyphs.up, "warn")
            codes.append(Label(column, "kept", "warn", 2))
            continue
        canvas.put(column, y, canvas.glyphs.bullet, "cursor" if here else role)
        codes.append(Label(column, _mark_name(scheme, code), "cursor" if here else role, 3 if here else 2))
        backs.append(Label(column, short(value, 3), "cursor" if here else "", 3 if here else 2))
    codes += [Label(column, _mark_name(scheme, code), "dim") for column, code in inside]
    place(canvas, y + 1, codes)
    if rows >= 6:
        place(canvas, y + 2, backs)


def _mark_name(scheme: Around, code: int) -> str:
    """What a mark is called: its code or, for floats, the value that the code's bits stand for."""
    table = scheme.stored.table
    return short(float(table[code]), 3) if scheme.by_value and table is not None else str(code)


def _way(scheme: Around, at: int, glyphs: Glyphs) -> str:
    """What becomes of weight `at`, for pictures too low to write it below the marks."""
    here = at - scheme.part.start
    if at in scheme.kept:
        return f"{short(scheme.x[here], 3)} kept"
    steps = short(scheme.x[here], 3), _mark_name(scheme, scheme.codes[here]), short(scheme.y[here], 3)
    return f" {glyphs.right} ".join(steps)


def _describe(scheme: Around, room: int, glyphs: Glyphs) -> str:
    """The scale and what comes with it, and how much of the grid is used; the first as far as there is room."""
    group, total = scheme.group, len(scheme.group.levels)
    parts = []
    if group.scale is not None:
        parts.append(f"scale {short(group.scale, 6)}")
        parts += [f"zero point {short(group.zero_point)}"] if group.zero_point else []
        parts += [f"min {short(group.minimum)}"] if group.minimum is not None else []
        parts += ["marks times scale"] if scheme.by_value else []
    used = f"{total - group.wasted} of {total} used ({glyphs.bullet})" if total else f"{len(group.used)} codes used"
    where = place_of(scheme.stored, group.index)
    ending = [used, where] if where else [used]
    while parts and len(", ".join(parts + ending)) > room:
        parts.pop()
    return ", ".join(parts + ending)
