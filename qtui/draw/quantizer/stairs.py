"""The staircase: what comes out against what goes in, with the weights on it and the error below."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from qtui.draw.canvas import DOWN, LEFT, RIGHT, UP, Canvas
from qtui.draw.frame import SERIES
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture, beside
from qtui.draw.quantizer.parts import LETTERS, ValueAxis, bar_row, short
from qtui.scenario.quantizer.result import QuantizerResult, WeightGroup


def stairs(result: QuantizerResult, width: int, height: int, glyphs: Glyphs) -> Picture:
    """A panel for each scheme, two abreast, for the grid of the group looked at.

    The staircases of `result` have `panel_width(...)` columns.
    """
    across = _abreast(len(result.schemes), width)
    down = -(-len(result.schemes) // across)
    wide, high = panel_width(len(result.schemes), width), max(height // down, 7)
    panels = [_panel(result, index, wide, high, glyphs) for index in range(len(result.schemes))]
    rows: list[Picture] = []
    for start in range(0, len(panels), across):
        pair = panels[start : start + across]
        rows.append(beside(pair[0], pair[1], wide) if len(pair) > 1 else pair[0])
    return tuple(row for picture in rows for row in picture)


def panel_width(schemes: int, width: int) -> int:
    """Columns of a staircase where all are drawn in `width`."""
    across = _abreast(schemes, width)
    return (width - across + 1) // across


def _abreast(schemes: int, width: int) -> int:
    return 1 if schemes == 1 or width < 60 else 2


def _panel(result: QuantizerResult, index: int, width: int, height: int, glyphs: Glyphs) -> Picture:
    """Heading, the stairs, the error of each input as a strip, and the ends of the axis."""
    stored, group = result.schemes[index].stored, result.spots[index].group
    reach, at, outputs = result.reach, result.at, result.stairs[index].outputs
    canvas = Canvas(width, height, glyphs)
    plot = height - 3
    across = ValueAxis(*reach, 0, width)
    name = f"{LETTERS[index]} {stored.label}"
    canvas.put(0, 0, name, SERIES[index])
    canvas.put(len(name) + 2, 0, f"block {group.index + 1}" if stored.rows * stored.groups_per_row > 1 else "", "dim")

    def row(value: float) -> int:
        low, high = reach
        share = (value - low) / (high - low)
        return 1 + round((1 - min(max(share, 0.0), 1.0)) * (plot - 1))

    for column, value in enumerate(result.stairs[index].inputs):
        canvas.put(column, row(value), glyphs.dot, "axis")
    if all(map(math.isfinite, outputs)):
        _steps(canvas, [row(value) for value in outputs], SERIES[index])
    for i in _weights(group, at):
        x, y = float(stored.x[i]), float(stored.y[i])
        if math.isfinite(x) and math.isfinite(y):
            canvas.put(across.column(x), row(y), glyphs.bullet, "cursor" if i == at else "")
    errors = result.stairs[index].errors
    canvas.put(0, height - 2, bar_row(np.array([e if math.isfinite(e) else 0.0 for e in errors]), glyphs), "dim")
    low, high = (short(end, 2) for end in reach)
    canvas.put(0, height - 1, low, "dim")
    canvas.put(width - len(high) - 1, height - 1, high, "dim")
    below = "what goes in"
    if all(map(math.isfinite, errors)):
        below = f"largest error {short(max(errors), 2)}"
        # Half of an even grid's step: no weight inside the grid errs by more.
        half = "" if group.half_step is None else f", half a step {short(group.half_step, 2)}"
        below += half if len(low) + len(high) + len(below + half) + 3 <= width else ""
    canvas.put(max((width - len(below)) // 2, len(low) + 1), height - 1, below, "dim")
    return canvas.picture()


def _weights(group: WeightGroup, at: int) -> list[int]:
    """The group's weights (not more than 64), the cursor's last so that it lies on top."""
    members = [i for i in group.members if i != at][:64]
    return [*members, at]


def _steps(canvas: Canvas, rows: Sequence[int], role: str) -> None:
    """A line through `rows`, one for each column, rising and falling straight."""
    for column, y in enumerate(rows):
        before = rows[column - 1] if column else y
        if before == y:
            canvas.wire(column, y, LEFT | RIGHT, role)
            continue
        towards, back = (UP, DOWN) if y < before else (DOWN, UP)
        canvas.wire(column, before, LEFT | towards, role)
        for between in range(min(before, y) + 1, max(before, y)):
            canvas.wire(column, between, UP | DOWN, role)
        canvas.wire(column, y, RIGHT | back, role)
