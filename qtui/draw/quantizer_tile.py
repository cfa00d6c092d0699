"""A heat map of a tile of weights, and of the error that each scheme makes there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qtui.compute.playground import Stored
from qtui.draw.canvas import Canvas
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture
from qtui.draw.quantizer_parts import LETTERS, SERIES, short

F64 = NDArray[np.float64]
MARGIN = 6


def tile(schemes: Sequence[Stored], at: int, width: int, height: int, glyphs: Glyphs) -> Picture:
    """Weights as shades of their magnitude, then errors on one scale for all schemes; weight `at` is marked."""
    first = schemes[0]
    across = max(4, (width - MARGIN) // (len(schemes) + 1) - 1)
    per_row = first.columns if first.rows > 1 else min(first.columns, 32 if across >= 32 else 16)
    shown = min(per_row, across)
    lines = max(1, height - 2)
    row, column = divmod(at, per_row)
    total = -(-len(first.x) // per_row)
    top = min(max(row - lines // 2, 0), max(total - lines, 0))
    left = min(max(column - shown // 2, 0), max(per_row - shown, 0))
    canvas = Canvas(width, min(lines, total) + 2, glyphs)
    rows = range(top, min(top + lines, total))
    cells = [[r * per_row + c for c in range(left, left + shown)] for r in rows]
    errors = [np.abs(each.y.astype(np.float64) - each.x) for each in schemes]
    flat = [i for line in cells for i in line if i < len(first.x)]
    most = _most(np.abs(first.x).astype(np.float64)[flat])
    worst = max(_most(error[flat]) for error in errors)
    canvas.put(MARGIN, 0, "weights"[:shown], "strong")
    _shades(canvas, MARGIN, cells, np.abs(first.x).astype(np.float64), most, at, "")
    for y, r in enumerate(rows):
        canvas.put(0, 1 + y, str(r * per_row).rjust(MARGIN - 1), "dim")
    for index, error in enumerate(errors):
        x = MARGIN + (shown + 1) * (index + 1)
        canvas.put(x, 0, f"{LETTERS[index]} {schemes[index].label}"[:shown], SERIES[index])
        _shades(canvas, x, cells, error, worst, at, SERIES[index])
    scale = "".join(glyphs.shades)
    said = f"weights: blank is 0, {scale[-1]} is {short(most, 3)}   errors: {scale[-1]} is {short(worst, 3)}"
    canvas.put(0, canvas.height - 1, f"{said}   row of {per_row}", "dim")
    return canvas.picture()


def _most(values: F64) -> float:
    """The magnitude that is drawn darkest: nearly the largest, so that one outlier does not blank the rest."""
    finite = values[np.isfinite(values)]
    return float(np.quantile(finite, 0.99)) if len(finite) else 0.0


def _shades(
    canvas: Canvas, x: int, cells: Sequence[Sequence[int]], values: F64, most: float, at: int, role: str
) -> None:
    shades = " " + canvas.glyphs.shades
    for y, line in enumerate(cells):
        for offset, i in enumerate(line):
            if i >= len(values):
                continue
            share = 1.0 if not np.isfinite(values[i]) else values[i] / most if most > 0 else 0.0
            shade = shades[min(int(share * len(shades)), len(shades) - 1)]
            canvas.put(x + offset, 1 + y, shade, "cursor" if i == at else role)
