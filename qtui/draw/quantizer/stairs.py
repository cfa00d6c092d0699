"""The staircase: what comes out against what goes in, with the weights on it and the error below."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qtui.compute.quantizer.grid import staircase
from qtui.compute.quantizer.stored import StoredWeights
from qtui.draw.canvas import DOWN, LEFT, RIGHT, UP, Canvas
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture, beside
from qtui.draw.quantizer.parts import LETTERS, SERIES, Axis, bar_row, short

F64 = NDArray[np.float64]


def stairs(
    schemes: Sequence[StoredWeights], at: int, reach: tuple[float, float], width: int, height: int, glyphs: Glyphs
) -> Picture:
    """A panel for each scheme, two abreast, for the grid of weight `at`'s group."""
    across = 1 if len(schemes) == 1 or width < 60 else 2
    down = -(-len(schemes) // across)
    wide, high = (width - across + 1) // across, max(height // down, 7)
    panels = [_panel(each, index, at, reach, wide, high, glyphs) for index, each in enumerate(schemes)]
    rows: list[Picture] = []
    for start in range(0, len(panels), across):
        pair = panels[start : start + across]
        rows.append(beside(pair[0], pair[1], wide) if len(pair) > 1 else pair[0])
    return tuple(row for picture in rows for row in picture)


def _panel(
    each: StoredWeights, index: int, at: int, reach: tuple[float, float], width: int, height: int, glyphs: Glyphs
) -> Picture:
    """Heading, the stairs, the error of each input as a strip, and the ends of the axis."""
    canvas = Canvas(width, height, glyphs)
    plot = height - 3
    across = Axis(*reach, 0, width)
    inputs = np.linspace(*reach, width)
    group = each.group_of(at)
    outputs = staircase(each, group, inputs)
    name = f"{LETTERS[index]} {each.label}"
    canvas.put(0, 0, name, SERIES[index])
    canvas.put(len(name) + 2, 0, f"block {group + 1}" if each.rows * each.groups_per_row > 1 else "", "dim")

    def row(value: float) -> int:
        low, high = reach
        share = (value - low) / (high - low)
        return 1 + round((1 - min(max(share, 0.0), 1.0)) * (plot - 1))

    for column, value in enumerate(inputs):
        canvas.put(column, row(float(value)), glyphs.dot, "axis")
    if np.all(np.isfinite(outputs)):
        _steps(canvas, [row(float(v)) for v in outputs], SERIES[index])
    for i in _weights(each, group, at):
        if np.isfinite(each.x[i]) and np.isfinite(each.y[i]):
            canvas.put(
                across.column(float(each.x[i])), row(float(each.y[i])), glyphs.bullet, "cursor" if i == at else ""
            )
    _error_strip(canvas, height - 2, np.abs(outputs - inputs))
    low, high = (short(end, 2) for end in reach)
    canvas.put(0, height - 1, low, "dim")
    canvas.put(width - len(high) - 1, height - 1, high, "dim")
    errors = np.abs(outputs - inputs)
    said = "what goes in"
    if np.all(np.isfinite(errors)):
        said = f"largest error {short(float(errors.max()), 2)}"
        fits = len(low) + len(high) + len(said + _half_step(each, group)) + 3 <= width
        said += _half_step(each, group) if fits else ""
    canvas.put(max((width - len(said)) // 2, len(low) + 1), height - 1, said, "dim")
    return canvas.picture()


def _half_step(each: StoredWeights, group: int) -> str:
    """Half of a uniform grid's step: no weight inside the grid errs by more."""
    if each.scale is None or each.table is not None:
        return ""
    return f", half a step {short(abs(float(each.scale[min(group, len(each.scale) - 1)])) / 2, 2)}"


def _weights(each: StoredWeights, group: int, at: int) -> list[int]:
    """The group's weights (not more than 64), the cursor's last so that it lies on top."""
    members = [i for i in each.members(group) if i != at][:64]
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


def _error_strip(canvas: Canvas, y: int, errors: F64) -> None:
    """How far off each input is, as heights of a cell."""
    finite = np.where(np.isfinite(errors), errors, 0.0)
    canvas.put(0, y, bar_row(finite, canvas.glyphs), "dim")
