"""Mapping lines: each value led to the grid point that stores it, so that what is lost and what is wasted shows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from qtui.compute.quantizer.stored import Level, StoredWeights
from qtui.draw.canvas import Canvas
from qtui.draw.frame import SERIES
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture
from qtui.draw.quantizer.parts import LETTERS, Label, ValueAxis, place, place_of, short
from qtui.scenario.quantizer.result import QuantizerResult, WeightGroup

SHOWN = 12  # values whose lines can still be told apart in 80 columns
MARGIN = 2


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


def around(result: QuantizerResult) -> list[Around]:
    """What is drawn of each scheme."""
    drawn = []
    for scheme, spot in zip(result.schemes, result.spots, strict=True):
        stored, part = scheme.stored, window(spot.group, result.at)
        cut = slice(part.start, part.stop)
        x, y, codes = (values[cut].tolist() for values in (stored.x, stored.y, stored.codes))
        drawn.append(Around(stored, spot.group, part, x, y, codes, frozenset(stored.kept.tolist())))
    return drawn


def mapping(result: QuantizerResult, width: int, height: int, glyphs: Glyphs) -> Picture:
    """Lines from the values around the weight looked at down to each scheme's grid, with codes and values below."""
    at, schemes = result.at, result.schemes
    drawn = around(result)
    axis = _axis(drawn, width)
    rows = min(max((height - 1) // max(len(schemes), 1), 3), 6)
    canvas = Canvas(width, 1 + rows * len(schemes), glyphs)
    if drawn:
        first = drawn[0]
        labels = zip(first.part, first.x, strict=True)
        place(canvas, 0, [_value_label(axis, value, i == at) for i, value in labels])
    for index, one in enumerate(drawn):
        _scheme(canvas, 1 + rows * index, rows, index, one, at, axis)
    return canvas.picture()


def axis_of(result: QuantizerResult, width: int) -> ValueAxis:
    """The axis that holds the values around the weight looked at and the grids near them."""
    return _axis(around(result), width)


def _axis(schemes: Sequence[Around], width: int) -> ValueAxis:
    # Weights kept apart would squeeze the rest together; they stand at the axis' end.
    drawn = [value for one in schemes for i, value in zip(one.part, one.x, strict=True) if i not in one.kept]
    drawn = [value for value in drawn if math.isfinite(value)] or [0.0]
    reached = drawn + [level.value for one in schemes for level in _ends(one.group.levels, drawn)]
    return ValueAxis(min(reached), max(reached), MARGIN + 2, width - MARGIN - 6)


def _ends(grid: Sequence[Level], drawn: Sequence[float]) -> list[Level]:
    """The grid's ends, unless the grid reaches so far beyond the values that they would shrink to a point."""
    if not grid:
        return []
    reach = 4 * max(abs(v) for v in drawn)
    near = [level for level in grid if abs(level.value) <= reach]
    return [near[0], near[-1]] if near else []


def _value_label(axis: ValueAxis, value: float, here: bool) -> Label:
    return Label(axis.column(value), short(value, 3), "cursor" if here else "", 1 if here else 0)


def _scheme(canvas: Canvas, top: int, rows: int, index: int, one: Around, at: int, axis: ValueAxis) -> None:
    """One scheme's rows: [heading] [dots] lines, grid, [codes] [stored values]."""
    role, stored = SERIES[index], one.stored
    columns = [(i, axis.column(x), axis.column(y)) for i, x, y in zip(one.part, one.x, one.y, strict=True)]
    y = top
    if rows >= 5:
        canvas.put(0, y, f"{LETTERS[index]} {stored.label}", role)
        canvas.put(len(stored.label) + 4, y, _describe(stored, one.group), "dim")
        y += 1
    else:
        canvas.put(0, y + 1, LETTERS[index], role)
    if rows >= 4:
        for i, column, _ in columns:
            canvas.put(column, y, canvas.glyphs.bullet, "cursor" if i == at else "")
        y += 1
    for i, column, back in sorted(columns, key=lambda place: place[0] == at):
        if i not in one.kept:
            canvas.elbow(column, back, y, "strong" if i == at else role)
    _grid(canvas, y + 1, rows, one, at, axis, role)


def _grid(canvas: Canvas, y: int, rows: int, one: Around, at: int, axis: ValueAxis, role: str) -> None:
    """The grid's points (those in use are dots), the codes below them, and the stored values below those."""
    canvas.put(axis.left, y, canvas.glyphs.horizontal * axis.width, "axis")
    inside = [(axis.column(value), code) for code, value in one.group.levels if axis.low <= value <= axis.high]
    for column in {column for column, _ in inside}:
        canvas.put(column, y, canvas.glyphs.tick, "axis")
    codes, backs = [], []
    for i, value, code in zip(one.part, one.y, one.codes, strict=True):
        column, here = axis.column(value), i == at
        if i in one.kept:
            canvas.put(column, y, canvas.glyphs.up, "warn")
            codes.append(Label(column, "kept", "warn", 2))
            continue
        canvas.put(column, y, canvas.glyphs.bullet, "cursor" if here else role)
        codes.append(Label(column, str(code), "cursor" if here else role, 3 if here else 2))
        backs.append(Label(column, short(value, 3), "cursor" if here else "", 3 if here else 2))
    codes += [Label(column, str(code), "dim") for column, code in inside]
    place(canvas, y + 1, codes)
    if rows >= 6:
        place(canvas, y + 2, backs)


def _describe(stored: StoredWeights, group: WeightGroup) -> str:
    parts = []
    if group.scale is not None:
        parts.append(f"scale {short(group.scale, 6)}")
    if group.zero_point:
        parts.append(f"zero point {short(group.zero_point)}")
    if group.minimum is not None:
        parts.append(f"min {short(group.minimum)}")
    used, total = len(group.used), len(group.levels)
    parts.append(f"{used} of {total} codes used" if total else f"{used} codes used")
    where = place_of(stored, group.index)
    if where:
        parts.append(where)
    return ", ".join(parts)
