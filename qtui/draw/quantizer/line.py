"""Number lines: a movable bar over the grid of each scheme, and the value that would be stored."""

from __future__ import annotations

from qtui.draw.canvas import Canvas
from qtui.draw.frame import SERIES
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture
from qtui.draw.quantizer.parts import LETTERS, Label, ValueAxis, apart, percent, place, short
from qtui.scenario.quantizer.result import QuantizerResult, Scheme, Spot

NUMBERED = 4  # rows of a number line whose values are named


def picture(result: QuantizerResult, width: int, height: int, glyphs: Glyphs) -> Picture:
    """The bar over each scheme's grid (that of the group looked at), and the nearest stored value."""
    schemes, probe = result.schemes, result.scenario.probe
    axis = ValueAxis(*result.reach, 2, width - 4)
    scheme_rows = min(max((height - 2) // len(schemes), 2), 6)
    last = min(scheme_rows, NUMBERED if scheme_rows >= NUMBERED else 2)  # without the rows between two
    canvas = Canvas(width, 2 + scheme_rows * (len(schemes) - 1) + last, glyphs)
    bar = axis.column(probe)
    place(canvas, 0, [Label(bar, short(probe), "cursor", 1), *_ends(axis)])
    canvas.put(axis.left, 1, glyphs.horizontal * axis.width, "axis")
    canvas.put(bar, 1, glyphs.down, "cursor")
    for index, (scheme, spot) in enumerate(zip(schemes, result.spots, strict=True)):
        _line(canvas, 2 + scheme_rows * index, scheme_rows, index, scheme, spot, probe, axis)
    return canvas.picture()


def sentence(result: QuantizerResult) -> str:
    """What there is to see, and why."""
    parts = [
        f"{LETTERS[index]} keeps {apart(spot.nearest.value, result.scenario.probe)}"
        + (f", {percent(spot.nearest_error)} off" if spot.nearest_error is not None else "")
        for index, spot in enumerate(result.spots[:3])
        if spot.nearest is not None
    ]
    probe = short(result.scenario.probe)
    if not parts:
        return f"{probe} has no place of its own: this format mixes weights before it rounds them."
    lines = [spot.group.levels for spot in result.spots[:3] if spot.group.levels]
    if lines and all(not marks[0].value <= result.scenario.probe <= marks[-1].value for marks in lines):
        return f"{probe} lies beyond the marks and is clipped: {'; '.join(parts)}."
    return f"Only marks can be stored. Of {probe} {'; '.join(parts)}."


def _ends(axis: ValueAxis) -> list[Label]:
    zero = [Label(axis.column(0.0), "0", "dim")] if axis.low < 0 < axis.high else []
    return [
        Label(axis.left, short(axis.low, 2), "dim"),
        Label(axis.left + axis.width - 1, short(axis.high, 2), "dim"),
        *zero,
    ]


def _line(
    canvas: Canvas, top: int, rows: int, index: int, scheme: Scheme, spot: Spot, probe: float, axis: ValueAxis
) -> None:
    """One scheme: its line with the grid's points, their values where there is room, and what it would store."""
    role, glyphs, name = SERIES[index], canvas.glyphs, scheme.stored.label
    bar, y = axis.column(probe), top + (rows >= NUMBERED)
    if rows >= NUMBERED:
        canvas.put(bar, top, glyphs.vertical, "cursor")
    canvas.put(0, y, LETTERS[index], role)
    canvas.put(axis.left, y, glyphs.horizontal * axis.width, "axis")
    inside = [level.value for level in spot.group.levels if axis.low <= level.value <= axis.high]
    for value in inside:
        canvas.put(axis.column(value), y, glyphs.tick, "axis")
    canvas.put(bar, y, glyphs.vertical, "cursor")
    nearest = spot.nearest
    if nearest is None:
        mixed = f"{name}: its weights are mixed before they are rounded, so there is no grid to show"
        canvas.put(2, y + 1, mixed, "dim")
        return
    if axis.low <= nearest.value <= axis.high:
        canvas.put(axis.column(nearest.value), y, glyphs.bullet, role)
    if rows >= NUMBERED:
        named = [Label(axis.column(value), short(value, 2), "dim") for value in inside]
        place(canvas, y + 1, [Label(axis.column(nearest.value), short(nearest.value, 3), role, 1), *named])
        y += 1
    off = "" if spot.nearest_error is None else f", {percent(spot.nearest_error)} off"
    code = "" if scheme.by_value else f" (code {nearest.code})"
    text = f"{name}: {short(probe)} is stored as {apart(nearest.value, probe)}{code}{off}"
    if len(text) > canvas.width - 2:
        text = f"{name}: {short(probe)} becomes {apart(nearest.value, probe)}{off}"
    if not spot.group.levels:
        full = f"{text}; its values lie too close together to show"
        text = full if len(full) <= canvas.width - 2 else text
    canvas.put(2, y + 1, text, role)
