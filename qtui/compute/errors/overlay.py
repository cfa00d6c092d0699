"""Error histograms of several formats brought to one axis, so that they can be drawn over each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qtui.compute.errors import ErrorStats
from qtui.compute.errors.keys import MAX_BINS_PER_SIDE

COMMON = 0.999  # share of the errors that linear counts make room for; log counts show them all
MOST_ZOOM = 12


@dataclass(frozen=True)
class Overlay:
    """Counts of several formats in the same `bins` equal bins between `low` and `high`.

    `names` and `counts` go together; `outside` is how many errors of each lie beyond the ends. `missing` are formats
    without a uniform step, where steps were asked for. `ideal` is what even rounding would give the first format.
    """

    low: float
    high: float
    bins: int
    names: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    totals: tuple[int, ...]
    outside: tuple[int, ...]
    missing: tuple[str, ...] = ()
    ideal: tuple[float, ...] | None = None


def overlay(
    stats: Sequence[tuple[str, ErrorStats]], room: int, *, steps: bool = False, log: bool = True, zoom: int = 0
) -> Overlay:
    """Signed counts of each format in at most `room` bins of a power-of-two width, symmetric around zero.

    `steps` counts errors in steps. The range holds all errors with `log`, else the common ones; each `zoom`
    halves it.
    """
    kept = [(name, each) for name, each in stats if not steps or each.steps is not None]
    missing = tuple(name for name, each in stats if steps and each.steps is None)
    limit = max((_reach(each, steps, log) for _, each in kept), default=0.0)
    if not (limit > 0 and math.isfinite(limit)):
        limit = 1.0
    limit *= (1 + 1e-9) * 0.5 ** min(max(zoom, 0), MOST_ZOOM)  # an error on the last edge is inside
    per_side = min(max(room // 2, 1), MAX_BINS_PER_SIDE)
    width = math.ldexp(1.0, max(math.ceil(math.log2(limit / per_side) - 1e-12), -133))
    limit = width * per_side
    counts, outside = [], []
    for _, each in kept:
        shape = each.step_histogram(2 * per_side, limit) if steps else each.histogram(2 * per_side, limit)
        assert shape is not None
        counts.append(tuple(int(n) for n in shape.counts))
        outside.append(shape.below + shape.above)
    ideal = None
    if kept and kept[0][1].steps is not None:
        edges = np.linspace(-limit, limit, 2 * per_side + 1)
        expected = np.diff(np.clip(edges, -0.5, 0.5)) * kept[0][1].steps.count if steps else kept[0][1].ideal(edges)
        ideal = None if expected is None else tuple(float(n) for n in expected)
    totals = tuple(sum(row) + rest for row, rest in zip(counts, outside, strict=True))
    names = tuple(name for name, _ in kept)
    return Overlay(-limit, limit, 2 * per_side, names, tuple(counts), totals, tuple(outside), missing, ideal)


def _reach(stats: ErrorStats, steps: bool, log: bool) -> float:
    if steps:
        assert stats.steps is not None
        found = stats.steps
        return found.largest if log else found.counts.quantile(COMMON, found.largest)
    return stats.max_abs_error if log else stats.quantile(COMMON)
