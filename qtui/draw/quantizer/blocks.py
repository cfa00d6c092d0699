"""All weights at once: strips of blocks with their scales and errors, and a heat map of a tile."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtui.compute.quantizer.stored import StoredWeights
from qtui.draw.canvas import Canvas
from qtui.draw.frame import SERIES
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture
from qtui.draw.quantizer.parts import LETTERS, Label, bars, place, place_of, short
from qtui.scenario.quantizer.result import QuantizerResult, Scheme, Strips, WeightGroup

F64 = NDArray[np.float64]
LEFT = 9
TALLEST = 10  # rows of a strip
MARGIN = 6  # of a tile
WIDEST = 6  # cells of a weight where there are few


def blocks(result: QuantizerResult, width: int, height: int, glyphs: Glyphs) -> Picture:
    """Strips over all weights, left to right: the weights, then for each scheme its scales and its errors.

    The strips that `result` has sampled have `strip_width(width)` columns.
    """
    assert result.sampled is not None
    schemes, at, strips = result.schemes, result.at, result.sampled.strips
    worst = max(max(errors) for errors in strips.errors)
    tall = max(1, min(TALLEST, (height - 2 - 3 * len(schemes)) // (len(schemes) + 1)))
    canvas = Canvas(width, 2 + tall + (3 + tall) * len(schemes), glyphs)
    _strip(canvas, 0, tall, "weight", strips.weights, None, "label")
    _positions(canvas, tall, strips, at, len(schemes[0].error))
    for index, (scheme, spot) in enumerate(zip(schemes, result.spots, strict=True)):
        y = tall + 2 + (3 + tall) * index
        name = scheme.stored.label
        canvas.put(0, y, f"{LETTERS[index]} {name}", SERIES[index])
        room = width - len(name) - 4
        canvas.put(
            len(name) + 4, y, next((t for t in _readouts(scheme, spot.group, at) if len(t) <= room), ""), "dim"
        )
        _strip(canvas, y + 1, 1, "scale", strips.scales[index], None, SERIES[index])
        _strip(canvas, y + 2, tall, "error", strips.errors[index], worst, SERIES[index])
        if y + 2 + tall < canvas.height:
            _borders(canvas, y + 2 + tall, scheme.stored, strips)
    return canvas.picture()


def strip_width(width: int) -> int:
    """Columns of a strip in a picture of `width` columns."""
    return max(width - LEFT - 1, 1)


def _positions(canvas: Canvas, y: int, strips: Strips, at: int, count: int) -> None:
    """Under the weights: which are the first and the last, and the one that is looked at."""
    glyphs, room = canvas.glyphs, len(strips.starts)
    canvas.put(LEFT, y, glyphs.horizontal * room, "axis")
    canvas.put(LEFT + strips.here, y, glyphs.up, "cursor")
    here = Label(LEFT + strips.here, f"weight {at:,}", "cursor", 1)
    last = f"{count - 1:,}"
    place(canvas, y + 1, [here, Label(LEFT, "0", "dim"), Label(LEFT + room - len(last) // 2 - 1, last, "dim")])


def _strip(
    canvas: Canvas, y: int, rows: int, name: str, heights: Sequence[float], most: float | None, role: str
) -> None:
    canvas.put(0, y + rows - 1, name, "dim")
    top = max(heights, default=0.0) if most is None else most
    if rows > 1:
        canvas.put(0, y, short(top, 3)[: LEFT - 1].rjust(LEFT - 1), "dim")
    scaled = [*heights, top]  # the common top sets the height, and is cut off again
    for i, row in enumerate(bars(scaled, rows, canvas.glyphs)):
        canvas.put(LEFT, y + i, row[:-1], role)


def _borders(canvas: Canvas, y: int, stored: StoredWeights, strips: Strips) -> None:
    """A tick where each block begins, if they are not too many."""
    total = stored.rows * stored.groups_per_row
    room = len(strips.starts)
    canvas.put(LEFT, y, canvas.glyphs.horizontal * room, "axis")
    if 1 < total <= room // 2:
        for group in range(total):
            start = stored.members(group).start
            canvas.put(LEFT + bisect_left(strips.starts, start), y, canvas.glyphs.tick, "axis")


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
    per_row = first.columns if first.rows > 1 else min(first.columns, max(min(across // 8, 4), 2) * 8)
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
