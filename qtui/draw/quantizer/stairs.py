"""The staircase: what comes out against what goes in, with the weights on it and the error below."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from qtui.draw.canvas import DOWN, LEFT, RIGHT, UP, Canvas
from qtui.draw.frame import SERIES
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, beside
from qtui.draw.quantizer.parts import LETTERS, Label, ValueAxis, bars, place, short
from qtui.scenario.quantizer.result import QuantizerResult, Staircase, WeightGroup

GUTTER = 7  # columns left of a staircase, for the values that come out
BELOW = 2  # rows of the axis and its title
NARROW = 26  # columns below which a panel is of no use
HIGH = 14  # rows of a panel that leave two to the errors


def picture(result: QuantizerResult, width: int, height: int, glyphs: Glyphs) -> Picture:
    """A panel for each scheme, up to three abreast, for the grid of the group looked at.

    The staircases that `result` has sampled have `panel_width(...)` columns less GUTTER.
    """
    count = len(result.schemes)
    across = _abreast(count, width)
    down = -(-count // across)
    wide, high = panel_width(count, width), max(height // down, 7)
    panels = [_panel(result, index, wide, high, glyphs) for index in range(count)]
    rows: list[Line] = []
    for start in range(0, count, across):
        abreast = panels[start]
        for order, panel in enumerate(panels[start + 1 : start + across], 1):
            abreast = beside(abreast, panel, order * (wide + 1) - 1)
        rows += abreast
    return tuple(rows)


def sentence(result: QuantizerResult) -> str:
    """What there is to see, and why."""
    halves = [
        f"{LETTERS[index]} {short(spot.group.half_step, 3)}"
        for index, spot in enumerate(result.spots[:3])
        if spot.group.half_step
    ]
    if not halves:
        return "All that enters on one flat step comes out the same; short steps lose little, long ones much."
    return f"All that enters on one step comes out the same, inside the grid within half a step: {', '.join(halves)}."


def panel_width(schemes: int, width: int) -> int:
    """Columns of a panel where all are drawn in `width`."""
    across = _abreast(schemes, width)
    return (width - across + 1) // across


def _abreast(schemes: int, width: int) -> int:
    most = max(width // NARROW, 1)
    return min(schemes, most, 2 if schemes == 4 and most < 4 else 3)


def _panel(result: QuantizerResult, index: int, width: int, height: int, glyphs: Glyphs) -> Picture:
    """Heading, the stairs with their axes, and the error of each input as a strip."""
    assert result.sampled is not None
    stored, group = result.schemes[index].stored, result.spots[index].group
    reach, at, shown = result.reach, result.at, result.sampled.stairs[index]
    canvas = Canvas(width, height, glyphs)
    strip = 2 if height >= HIGH else 1
    plot = height - 1 - strip - BELOW
    across = ValueAxis(*reach, GUTTER, len(shown.inputs))
    name = f"{LETTERS[index]} {stored.label}"
    canvas.put(0, 0, name, SERIES[index])
    block = f"block {group.index + 1}" if stored.rows * stored.groups_per_row > 1 else ""
    largest = "" if shown.largest is None else f"largest error {short(shown.largest, 2)}"
    room, corner = width - len(name) - 3, ""
    legend = f"{glyphs.bullet} weights  {glyphs.dot} no loss"
    for part in (legend if len(legend) <= room else f"{glyphs.bullet} weights", largest, block):
        if part and len(part) <= room:
            canvas.put(width - 1 - room, 0, part, "dim")
            room -= len(part) + 2
        elif part == largest:
            corner = part  # above the stairs, which rise to the right

    def row(value: float) -> int:
        low, high = reach
        share = (value - low) / (high - low)
        return 1 + round((1 - min(max(share, 0.0), 1.0)) * (plot - 1))

    _upright(canvas, 1, plot, reach, row)
    for column, value in enumerate(shown.inputs):
        canvas.put(GUTTER + column, row(value), glyphs.dot, "axis")
    if all(map(math.isfinite, shown.outputs)):
        _steps(canvas, [row(value) for value in shown.outputs], SERIES[index])
    for i in _weights(group, at):
        x, y = float(stored.x[i]), float(stored.y[i])
        if math.isfinite(x) and math.isfinite(y):
            canvas.put(across.column(x), row(y), glyphs.bullet, "cursor" if i == at else "")
    place(canvas, 1, [Label(GUTTER + 1 + len(corner) // 2, corner, "dim")])
    _errors(canvas, 1 + plot, strip, shown)
    _across(canvas, 1 + plot + strip, across, reach)
    return canvas.picture()


def _upright(canvas: Canvas, top: int, rows: int, reach: tuple[float, float], row: Callable[[float], int]) -> None:
    """The axis of what comes out: its ends, and 0 between them."""
    for y in range(top, top + rows):
        canvas.put(GUTTER - 1, y, canvas.glyphs.vertical, "axis")
    low, high = reach
    for value in (high, low, *((0.0,) if low < 0 < high else ())):
        y = row(value)
        if canvas.is_blank(0, GUTTER - 1, y):
            canvas.put(0, y, short(value, 2).rjust(GUTTER - 2), "dim")
            canvas.put(GUTTER - 1, y, canvas.glyphs.cross, "axis")
    if rows >= 5 and canvas.is_blank(0, GUTTER - 1, top + 1):
        canvas.put(0, top + 1, "out".rjust(GUTTER - 2), "dim")


def _errors(canvas: Canvas, y: int, rows: int, shown: Staircase) -> None:
    canvas.put(0, y + rows - 1, "error".rjust(GUTTER - 2), "dim")
    heights = [error if math.isfinite(error) else 0.0 for error in shown.errors]
    for offset, text in enumerate(bars(heights, rows, canvas.glyphs)):
        canvas.put(GUTTER, y + offset, text, "dim")


def _across(canvas: Canvas, y: int, axis: ValueAxis, reach: tuple[float, float]) -> None:
    """The axis of what goes in, its title between the labels."""
    low, high = reach
    canvas.put(GUTTER - 1, y, canvas.glyphs.cross + canvas.glyphs.horizontal * axis.width, "axis")
    ends = [Label(axis.left, short(low, 2), "dim", 1), Label(axis.left + axis.width - 1, short(high, 2), "dim", 1)]
    if low < 0 < high:
        ends.append(Label(axis.column(0.0), "0", "dim", 1))
    for label in ends:
        canvas.put(label.column, y, canvas.glyphs.tick, "axis")
    gap = ends[-1].column - axis.left if len(ends) > 2 else axis.width
    place(canvas, y + 1, [*ends, Label(axis.left + gap // 2 + 1, "what goes in", "dim")])


def _weights(group: WeightGroup, at: int) -> list[int]:
    """The group's weights (not more than 64), the cursor's last so that it lies on top."""
    members = [i for i in group.members if i != at][:64]
    return [*members, at]


def _steps(canvas: Canvas, rows: Sequence[int], role: str) -> None:
    """A line through `rows`, one for each column, rising and falling straight."""
    for offset, y in enumerate(rows):
        column = GUTTER + offset
        before = rows[offset - 1] if offset else y
        if before == y:
            canvas.wire(column, y, LEFT | RIGHT, role)
            continue
        towards, back = (UP, DOWN) if y < before else (DOWN, UP)
        canvas.wire(column, before, LEFT | towards, role)
        for between in range(min(before, y) + 1, max(before, y)):
            canvas.wire(column, between, UP | DOWN, role)
        canvas.wire(column, y, RIGHT | back, role)
