"""Blocks side by side: how large their weights are, which scale each has, and how far each errs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qtui.compute.quantizer.stored import StoredWeights
from qtui.draw.canvas import Canvas
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture
from qtui.draw.quantizer.parts import LETTERS, SERIES, bars, place_of, short

F64 = NDArray[np.float64]
LEFT = 9


def blocks(schemes: Sequence[StoredWeights], at: int, width: int, height: int, glyphs: Glyphs) -> Picture:
    """Strips over all weights, left to right: the weights, then for each scheme its scales and its errors."""
    count = len(schemes[0].x)
    room = width - LEFT - 1
    edges = np.linspace(0, count, room + 1).astype(np.int64)
    here = int(np.searchsorted(edges, at, side="right")) - 1
    errors = [np.abs(each.y.astype(np.float64) - each.x) for each in schemes]
    worst = max((float(np.nanmax(np.where(np.isfinite(e), e, 0))) for e in errors), default=0.0)
    tall = max(1, min(3, (height - 2 - 3 * len(schemes)) // (len(schemes) + 1)))
    canvas = Canvas(width, 2 + tall + (3 + tall) * len(schemes), glyphs)
    _strip(canvas, 0, tall, "weights", _peaks(np.abs(schemes[0].x).astype(np.float64), edges), None, "")
    canvas.put(LEFT + here, tall, glyphs.up, "cursor")
    canvas.put(0, tall, f"at {at}"[: LEFT - 1], "dim")
    for index, (each, error) in enumerate(zip(schemes, errors, strict=True)):
        y = tall + 1 + (3 + tall) * index
        canvas.put(0, y, f"{LETTERS[index]} {each.label}", SERIES[index])
        room = width - len(each.label) - 4
        canvas.put(len(each.label) + 4, y, next((t for t in _readouts(each, at, error) if len(t) <= room), ""), "dim")
        _strip(canvas, y + 1, 1, "scale", _peaks(scales(each), edges), None, SERIES[index])
        _strip(canvas, y + 2, tall, "error", _peaks(error, edges), worst, SERIES[index])
        _borders(canvas, y + 2 + tall, each, edges)
    return canvas.picture()


def scales(each: StoredWeights) -> F64:
    """The magnitude of the scale that applies to each weight, float64 (n,); ones where the format has none."""
    if each.scale is None:
        return np.ones(len(each.x))
    if len(each.scale) == 1:
        return np.full(len(each.x), abs(each.scale[0]))
    groups = np.array([each.group_of(0)]) if len(each.x) == 1 else _groups(each)
    result: F64 = np.abs(each.scale)[np.minimum(groups, len(each.scale) - 1)]
    return result


def _groups(each: StoredWeights) -> NDArray[np.int64]:
    rows, columns = np.divmod(np.arange(len(each.x)), each.columns)
    result: NDArray[np.int64] = rows * each.groups_per_row + columns // each.group
    return result


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


def _borders(canvas: Canvas, y: int, each: StoredWeights, edges: NDArray[np.int64]) -> None:
    """A tick where each block begins, if they are not too many."""
    total = each.rows * each.groups_per_row
    room = len(edges) - 1
    canvas.put(LEFT, y, canvas.glyphs.horizontal * room, "axis")
    if 1 < total <= room // 2:
        for group in range(total):
            start = each.members(group).start
            canvas.put(LEFT + int(np.searchsorted(edges, start, side="left")), y, canvas.glyphs.tick, "axis")


def _readouts(each: StoredWeights, at: int, error: F64) -> list[str]:
    """What there is to say of the group of weight `at`, from long to short."""
    group = each.group_of(at)
    members = each.members(group)
    part = slice(members.start, members.stop)
    rmse = float(np.sqrt(np.mean(error[part] ** 2)))
    scale = "no scale" if each.scale is None else f"scale {short(float(scales(each)[at]))}"
    which = place_of(each, group) or "one block"
    size = f"{which} ({len(members)} weights)"
    return [f"{size}: {scale}, RMSE {short(rmse)}", f"{size}: {scale}", f"{which}: {scale}", scale]
