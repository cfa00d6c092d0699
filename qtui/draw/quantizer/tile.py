"""A heat map of a tile of weights, and of the error that each scheme makes there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtui.compute.quantizer.stored import StoredWeights
from qtui.draw.canvas import Canvas
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture
from qtui.draw.quantizer.parts import LETTERS, SERIES, short

F64 = NDArray[np.float64]
MARGIN = 6
WIDEST = 6  # cells of a weight where there are few


@dataclass(frozen=True)
class Layout:
    """Where a tile's weights are: rows of `per_row`, of which `rows` and `shown` columns from `left` on are drawn.

    Each weight is `wide` cells wide.
    """

    per_row: int
    shown: int
    rows: range
    left: int
    tiles: int
    count: int
    wide: int = 1

    @property
    def across(self) -> int:
        """Cells of one tile."""
        return self.shown * self.wide

    def weight_at(self, x: int, y: int) -> int | None:
        """The weight drawn in cell (x, y), in whichever tile."""
        tile, column = divmod(x - MARGIN, self.across + 1)
        if x < MARGIN or tile >= self.tiles or column >= self.across or not 1 <= y <= len(self.rows):
            return None
        found = self.rows[y - 1] * self.per_row + self.left + column // self.wide
        return found if found < self.count else None


def layout(schemes: Sequence[StoredWeights], at: int, width: int, height: int) -> Layout:
    """The layout of a tile that shows weight `at`."""
    first = schemes[0]
    across = max(4, (width - MARGIN) // (len(schemes) + 1) - 1)
    per_row = first.columns if first.rows > 1 else min(first.columns, 32 if across >= 32 else 16)
    shown = min(per_row, across)
    lines = max(1, height - 2)
    row, column = divmod(at, per_row)
    total = -(-len(first.x) // per_row)
    top = min(max(row - lines // 2, 0), max(total - lines, 0))
    left = min(max(column - shown // 2, 0), max(per_row - shown, 0))
    wide = min(across // shown, WIDEST)
    return Layout(per_row, shown, range(top, min(top + lines, total)), left, len(schemes) + 1, len(first.x), wide)


def tile(schemes: Sequence[StoredWeights], at: int, width: int, height: int, glyphs: Glyphs) -> Picture:
    """Weights as shades of their magnitude, then errors on one scale for all schemes; weight `at` is marked."""
    first, place = schemes[0], layout(schemes, at, width, height)
    canvas = Canvas(width, len(place.rows) + 2, glyphs)
    cells = [[r * place.per_row + c for c in range(place.left, place.left + place.shown)] for r in place.rows]
    errors = [np.abs(each.y.astype(np.float64) - each.x) for each in schemes]
    flat = [i for line in cells for i in line if i < len(first.x)]
    most = _most(np.abs(first.x).astype(np.float64)[flat])
    worst = max(_most(error[flat]) for error in errors)
    canvas.put(MARGIN, 0, "weights"[: place.across], "strong")
    _shades(canvas, MARGIN, cells, np.abs(first.x).astype(np.float64), most, at, "", place.wide)
    for y, r in enumerate(place.rows):
        canvas.put(0, 1 + y, str(r * place.per_row).rjust(MARGIN - 1), "dim")
    for index, error in enumerate(errors):
        x = MARGIN + (place.across + 1) * (index + 1)
        name = f"{LETTERS[index]} {schemes[index].label}"
        canvas.put(x, 0, name if len(name) <= place.across else LETTERS[index], SERIES[index])
        _shades(canvas, x, cells, error, worst, at, SERIES[index], place.wide)
    darkest = glyphs.shades[-1]
    said = f"weights: blank is 0, {darkest} from {short(most, 3)}   errors: {darkest} from {short(worst, 3)}"
    canvas.put(0, canvas.height - 1, f"{said}   {place.per_row} a row", "dim")
    return canvas.picture()


def _most(values: F64) -> float:
    """The magnitude that is drawn darkest: nearly the largest, so that one outlier does not blank the rest."""
    finite = values[np.isfinite(values)]
    return float(np.quantile(finite, 0.99)) if len(finite) else 0.0


def _shades(
    canvas: Canvas, x: int, cells: Sequence[Sequence[int]], values: F64, most: float, at: int, role: str, wide: int
) -> None:
    shades = " " + canvas.glyphs.shades
    for y, line in enumerate(cells):
        for offset, i in enumerate(line):
            if i >= len(values):
                continue
            share = 1.0 if not np.isfinite(values[i]) else values[i] / most if most > 0 else 0.0
            shade = shades[min(int(share * len(shades)), len(shades) - 1)]
            canvas.put(x + offset * wide, 1 + y, shade * wide, "cursor" if i == at else role)
