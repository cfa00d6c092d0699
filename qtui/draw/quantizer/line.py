"""Stacked number lines with one movable bar: what each scheme would store in its place."""

from __future__ import annotations

from collections.abc import Sequence

from qtui.compute.quantizer.grid import levels, nearest
from qtui.compute.quantizer.stored import StoredWeights
from qtui.draw.canvas import Canvas
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture
from qtui.draw.quantizer.parts import LETTERS, SERIES, Axis, Label, percent, place, short


def number_lines(
    schemes: Sequence[StoredWeights],
    at: int,
    probe: float,
    reach: tuple[float, float],
    width: int,
    height: int,
    glyphs: Glyphs,
) -> Picture:
    """The bar at `probe` over each scheme's grid (that of weight `at`'s group), and the nearest stored value."""
    axis = Axis(*reach, 2, width - 4)
    each_rows = 4 if height >= 3 + 4 * len(schemes) else 3
    canvas = Canvas(width, 3 + each_rows * len(schemes), glyphs)
    bar = axis.column(probe)
    place(canvas, 0, [Label(bar, short(probe), "cursor", 1), *_ends(axis)])
    canvas.put(axis.left, 1, glyphs.horizontal * axis.width, "axis")
    canvas.put(bar, 1, glyphs.down, "cursor")
    for index, each in enumerate(schemes):
        _line(canvas, 2 + each_rows * index, index, each, at, probe, axis)
    canvas.put(0, canvas.height - 1, "left and right move the bar, Shift by more, Home and End to the ends", "dim")
    return canvas.picture()


def _ends(axis: Axis) -> list[Label]:
    zero = [Label(axis.column(0.0), "0", "dim")] if axis.low < 0 < axis.high else []
    return [
        Label(axis.left, short(axis.low, 2), "dim"),
        Label(axis.left + axis.width - 1, short(axis.high, 2), "dim"),
        *zero,
    ]


def _line(canvas: Canvas, y: int, index: int, each: StoredWeights, at: int, probe: float, axis: Axis) -> None:
    """One scheme: its line with the grid's points, and what it would store."""
    role, glyphs = SERIES[index], canvas.glyphs
    group = each.group_of(at)
    grid = levels(each, group)
    found = nearest(each, group, probe)
    bar = axis.column(probe)
    canvas.put(0, y, LETTERS[index], role)
    canvas.put(axis.left, y, glyphs.horizontal * axis.width, "axis")
    for level in grid:
        if axis.low <= level.value <= axis.high:
            canvas.put(axis.column(level.value), y, glyphs.tick, "axis")
    canvas.put(bar, y, glyphs.vertical, "cursor")
    if found is None:
        canvas.put(
            2,
            y + 1,
            f"{each.label}: its weights are mixed before they are rounded, so there is no grid to show",
            "dim",
        )
        return
    off = f", {percent(abs(found.value - probe) / abs(probe))} off" if probe else ""
    text = f"{each.label}: {short(probe)} is stored as {short(found.value)} (code {found.code}){off}"
    if axis.low <= found.value <= axis.high:
        canvas.put(axis.column(found.value), y, glyphs.bullet, role)
    if not grid:
        text += "; its values lie too close together to show"
    canvas.put(2, y + 1, text, role)
