"""A heat map of a tile of weights, and of what each scheme gets wrong in it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtui.draw.canvas import Canvas
from qtui.draw.frame import SERIES
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture
from qtui.draw.quantizer.parts import LETTERS, short
from qtui.scenario.quantizer.result import QuantizerResult

F64 = NDArray[np.float64]
MARGIN = 6  # columns left of the tiles, for the numbers of rows
WIDEST = 6  # cells of a weight where there are few


def picture(result: QuantizerResult, width: int, height: int, glyphs: Glyphs) -> Picture:
    """Weights as shades of their magnitude, then errors on one scale for all schemes; the one looked at is marked."""
    at, schemes = result.at, result.schemes
    magnitude, layout = schemes[0].magnitude, tile_layout(result, width, height)
    canvas = Canvas(width, len(layout.rows) + 2, glyphs)
    cells = [[r * layout.per_row + c for c in range(layout.left, layout.left + layout.shown)] for r in layout.rows]
    most = schemes[0].extremes.magnitude_99
    worst = max(scheme.extremes.error_99 for scheme in schemes)
    canvas.put(MARGIN, 0, "weights"[: layout.across], "strong")
    _shades(canvas, MARGIN, cells, magnitude, most, at, "label", layout.wide)
    for y, r in enumerate(layout.rows):
        canvas.put(0, 1 + y, str(r * layout.per_row).rjust(MARGIN - 1), "dim")
    for index, scheme in enumerate(schemes):
        x = MARGIN + (layout.across + 1) * (index + 1)
        name = f"{LETTERS[index]} {scheme.stored.label}"
        canvas.put(x, 0, name if len(name) <= layout.across else LETTERS[index], SERIES[index])
        _shades(canvas, x, cells, scheme.error, worst, at, SERIES[index], layout.wide)
        for y in range(len(layout.rows)):  # without colours the parts would run together
            canvas.put(x - 1, 1 + y, glyphs.vertical, "axis")
    darkest = glyphs.shades[-1]
    legend = f"weights: blank is 0, {darkest} from {short(most, 3)}   " if most else "weights: all 0   "
    legend += f"errors: {darkest} from {short(worst, 3)}" if worst else "errors: none"
    canvas.put(0, canvas.height - 1, f"{legend}   {layout.per_row} a row", "dim")
    return canvas.picture()


def sentence(result: QuantizerResult) -> str:
    """What there is to see, and why."""
    if all(scheme.stats.rmse == 0 for scheme in result.schemes):
        return "Every number comes back as it was: the maps of errors are blank."
    worst = [
        f"{LETTERS[index]} at weight {scheme.extremes.largest_error:,}, "
        f"{short(float(scheme.error[scheme.extremes.largest_error]), 2)} off"
        for index, scheme in enumerate(result.schemes[:3])
    ]
    return f"More ink is more. The largest errors are {'; '.join(worst)}."


@dataclass(frozen=True)
class TileLayout:
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
        index = self.rows[y - 1] * self.per_row + self.left + column // self.wide
        return index if index < self.count else None


def tile_layout(result: QuantizerResult, width: int, height: int) -> TileLayout:
    """The layout of a tile that shows the weight looked at."""
    first, at, schemes = result.schemes[0].stored, result.at, len(result.schemes)
    across = max(4, (width - MARGIN) // (schemes + 1) - 1)
    per_row = first.columns if first.rows > 1 else min(first.columns, max(min(across // 8, 4), 2) * 8)
    shown = min(per_row, across)
    lines = max(1, height - 2)
    row, column = divmod(at, per_row)
    total = -(-len(first.x) // per_row)
    top = min(max(row - lines // 2, 0), max(total - lines, 0))
    left = min(max(column - shown // 2, 0), max(per_row - shown, 0))
    wide = min(across // shown, WIDEST)
    return TileLayout(per_row, shown, range(top, min(top + lines, total)), left, schemes + 1, len(first.x), wide)


def _shades(
    canvas: Canvas, x: int, cells: Sequence[Sequence[int]], values: F64, most: float, at: int, role: str, wide: int
) -> None:
    shades = " " + canvas.glyphs.shades
    for y, line in enumerate(cells):
        for offset, i in enumerate(line):
            if i >= len(values):
                continue
            share = 1.0 if not math.isfinite(values[i]) else values[i] / most if most > 0 else 0.0
            shade = shades[min(int(share * len(shades)), len(shades) - 1)]
            left = x + offset * wide
            canvas.put(left, 1 + y, shade * wide, "cursor" if i == at else role)
            if i == at and wide > 1:  # turned over, the darkest would be blank: 0
                canvas.put(left + 1, 1 + y, shade * (wide - 2), role)
                canvas.put(left, 1 + y, "[", "cursor")
                canvas.put(left + wide - 1, 1 + y, "]", "cursor")
