"""All weights at once: strips of blocks with their scales and errors, and a heat map of a tile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtui.compute.quantizer.stored import StoredWeights
from qtui.draw.canvas import Canvas
from qtui.draw.frame import SERIES
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture
from qtui.draw.quantizer.parts import LETTERS, bars, place_of, short
from qtui.scenario.quantizer.result import QuantizerResult, Scheme, WeightGroup

F64 = NDArray[np.float64]
LEFT = 9
MARGIN = 6  # of a tile
WIDEST = 6  # cells of a weight where there are few


def blocks(result: QuantizerResult, width: int, height: int, glyphs: Glyphs) -> Picture:
    """Strips over all weights, left to right: the weights, then for each scheme its scales and its errors."""
    schemes, at = result.schemes, result.at
    room = width - LEFT - 1
    count = len(schemes[0].error)
    edges = np.linspace(0, count, room + 1).astype(np.int64)
    here = int(np.searchsorted(edges, at, side="right")) - 1
    worst = max(float(np.nanmax(np.where(np.isfinite(s.error), s.error, 0))) for s in schemes)
    tall = max(1, min(3, (height - 2 - 3 * len(schemes)) // (len(schemes) + 1)))
    canvas = Canvas(width, 2 + tall + (3 + tall) * len(schemes), glyphs)
    _strip(canvas, 0, tall, "weights", _peaks(schemes[0].magnitude, edges), None, "")
    canvas.put(LEFT + here, tall, glyphs.up, "cursor")
    canvas.put(0, tall, f"at {at}"[: LEFT - 1], "dim")
    for index, (scheme, spot) in enumerate(zip(schemes, result.spots, strict=True)):
        y = tall + 1 + (3 + tall) * index
        name = scheme.stored.label
        canvas.put(0, y, f"{LETTERS[index]} {name}", SERIES[index])
        room = width - len(name) - 4
        canvas.put(
            len(name) + 4, y, next((t for t in _readouts(scheme, spot.group, at) if len(t) <= room), ""), "dim"
        )
        _strip(canvas, y + 1, 1, "scale", _peaks(scheme.scales, edges), None, SERIES[index])
        _strip(canvas, y + 2, tall, "error", _peaks(scheme.error, edges), worst, SERIES[index])
        _borders(canvas, y + 2 + tall, scheme.stored, edges)
    return canvas.picture()


def _peaks(values: F64, edges: NDArray[np.int64]) -> F64:
    """The largest of `values` between each two edges; where there are more cells than values they repeat."""
    finite = np.where(np.isfinite(values), values, 0.0)
    starts = np.minimum(edges[:-1], len(values) - 1)
    return np.asarray(np.maximum.reduceat(finite, starts)) if len(values) > len(starts) else finite[starts]


def _strip(canvas: Canvas, y: int, rows: int, name: str, heights: F64, most: float | None, role: str) -> None:
    canvas.put(0, y + rows - 1, name, "dim")
    top = float(heights.max(initial=0)) if most is None else most
    if rows > 1:
        canvas.put(0, y, short(top, 3)[: LEFT - 1].rjust(LEFT - 1), "dim")
    scaled = np.append(heights, top)  # the common top sets the height, and is cut off again
    for i, row in enumerate(bars(scaled, rows, canvas.glyphs)):
        canvas.put(LEFT, y + i, row[:-1], role)


def _borders(canvas: Canvas, y: int, stored: StoredWeights, edges: NDArray[np.int64]) -> None:
    """A tick where each block begins, if they are not too many."""
    total = stored.rows * stored.groups_per_row
    room = len(edges) - 1
    canvas.put(LEFT, y, canvas.glyphs.horizontal * room, "axis")
    if 1 < total <= room // 2:
        for group in range(total):
            start = stored.members(group).start
            canvas.put(LEFT + int(np.searchsorted(edges, start, side="left")), y, canvas.glyphs.tick, "axis")


def _readouts(scheme: Scheme, group: WeightGroup, at: int) -> list[str]:
    """The figures of the group of weight `at`, from the longest form to the shortest."""
    scale = "no scale" if scheme.stored.scale is None else f"scale {short(float(scheme.scales[at]))}"
    which = place_of(scheme.stored, group.index) or "one block"
    size = f"{which} ({len(group.members)} weights)"
    return [f"{size}: {scale}, RMSE {short(group.rmse)}", f"{size}: {scale}", f"{which}: {scale}", scale]


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
    per_row = first.columns if first.rows > 1 else min(first.columns, 32 if across >= 32 else 16)
    shown = min(per_row, across)
    lines = max(1, height - 2)
    row, column = divmod(at, per_row)
    total = -(-len(first.x) // per_row)
    top = min(max(row - lines // 2, 0), max(total - lines, 0))
    left = min(max(column - shown // 2, 0), max(per_row - shown, 0))
    wide = min(across // shown, WIDEST)
    return TileLayout(per_row, shown, range(top, min(top + lines, total)), left, schemes + 1, len(first.x), wide)


def tile(result: QuantizerResult, width: int, height: int, glyphs: Glyphs) -> Picture:
    """Weights as shades of their magnitude, then errors on one scale for all schemes; the one looked at is marked."""
    at, schemes = result.at, result.schemes
    magnitude, place = schemes[0].magnitude, tile_layout(result, width, height)
    canvas = Canvas(width, len(place.rows) + 2, glyphs)
    cells = [[r * place.per_row + c for c in range(place.left, place.left + place.shown)] for r in place.rows]
    flat = [i for line in cells for i in line if i < len(magnitude)]
    most = _most(magnitude[flat])
    worst = max(_most(scheme.error[flat]) for scheme in schemes)
    canvas.put(MARGIN, 0, "weights"[: place.across], "strong")
    _shades(canvas, MARGIN, cells, magnitude, most, at, "", place.wide)
    for y, r in enumerate(place.rows):
        canvas.put(0, 1 + y, str(r * place.per_row).rjust(MARGIN - 1), "dim")
    for index, scheme in enumerate(schemes):
        x = MARGIN + (place.across + 1) * (index + 1)
        name = f"{LETTERS[index]} {scheme.stored.label}"
        canvas.put(x, 0, name if len(name) <= place.across else LETTERS[index], SERIES[index])
        _shades(canvas, x, cells, scheme.error, worst, at, SERIES[index], place.wide)
    darkest = glyphs.shades[-1]
    legend = f"weights: blank is 0, {darkest} from {short(most, 3)}   errors: {darkest} from {short(worst, 3)}"
    canvas.put(0, canvas.height - 1, f"{legend}   {place.per_row} a row", "dim")
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
