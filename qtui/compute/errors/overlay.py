"""Error histograms of several formats brought to one axis, in bins so narrow that any plot's are sums of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtui.compute.errors import ErrorStats
from qtui.compute.errors.keys import MAX_BINS_PER_SIDE, SMALLEST_WIDTH, KeyCounts

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

COMMON = 0.999  # share of the errors that linear counts make room for; log counts show them all
MOST_ZOOM = 12
# A plot of p ≤ 256 bins on a side, the least power of two wide with which they reach the limit, spans less than
# twice the limit: so many narrow bins hold all of it.
SIDES = 2 * MAX_BINS_PER_SIDE


def bin_width(limit: float, per_side: int) -> float:
    """The least power of two with which `per_side` bins reach `limit`, within a rounding error."""
    return math.ldexp(1.0, max(math.ceil(math.log2(limit / per_side) - 1e-12), SMALLEST_WIDTH))


@dataclass(frozen=True)
class FineBins:
    """Counts int64 (2 · SIDES,) in bins `width` wide (a power of two), zero in the middle, of values up to `limit`.

    Sums of 2^k neighbours, counted from zero, are exact for k ≥ 1, and up to the limit for k = 0.
    """

    limit: float
    width: float
    counts: I64

    @classmethod
    def of(cls, keys: KeyCounts, limit: float) -> FineBins:
        """The bins of `keys`; a limit that is not finite and above zero is taken as 1."""
        limit = limit if 0 < limit < math.inf else 1.0
        width = bin_width(limit, MAX_BINS_PER_SIDE)
        return cls(limit, width, keys.in_bins(width, SIDES).counts)


@dataclass(frozen=True)
class Overlay:
    """Counts of several formats in the same bins, as in `FineBins`, for a plot that reaches `limit` or a little more.

    `names` and `counts` go together; `totals` are all errors of each, those beyond the bins included. `missing` are
    formats without a uniform step, where steps were asked for. `ideal` float64 (2 · SIDES,) is what rounding evenly
    within half a step would give the first format, None where that was not asked for or there is no step.
    """

    limit: float
    width: float
    names: tuple[str, ...]
    counts: tuple[I64, ...]
    totals: tuple[int, ...]
    missing: tuple[str, ...] = ()
    ideal: F64 | None = None


def overlay(
    stats: Sequence[tuple[str, ErrorStats]],
    *,
    steps: bool = False,
    log: bool = True,
    zoom: int = 0,
    even: bool = False,
) -> Overlay:
    """Signed counts of each format, symmetric around zero.

    `steps` counts errors in steps. The range holds all errors with `log`, else the common ones; each `zoom`
    halves it. `even` asks for the first format's `ideal`.
    """
    kept = [(name, measured) for name, measured in stats if not steps or measured.steps is not None]
    missing = tuple(name for name, measured in stats if steps and measured.steps is None)
    limit = max((_reach(measured, steps, log) for _, measured in kept), default=0.0)
    if not (limit > 0 and math.isfinite(limit)):
        limit = 1.0
    limit *= (1 + 1e-9) * 0.5 ** min(max(zoom, 0), MOST_ZOOM)  # an error on the last edge is inside
    width = bin_width(limit, MAX_BINS_PER_SIDE)
    shapes = [_keys(measured, steps).in_bins(width, SIDES) for _, measured in kept]
    ideal = None
    if even and kept and kept[0][1].steps is not None:
        edges = np.arange(-SIDES, SIDES + 1, dtype=np.float64) * width
        count = kept[0][1].steps.count
        ideal = np.diff(np.clip(edges, -0.5, 0.5)) * count if steps else kept[0][1].ideal(edges)
    return Overlay(
        limit,
        width,
        tuple(name for name, _ in kept),
        tuple(shape.counts for shape in shapes),
        tuple(shape.total for shape in shapes),
        missing,
        ideal,
    )


def _keys(stats: ErrorStats, steps: bool) -> KeyCounts:
    if not steps:
        return stats.counts
    assert stats.steps is not None
    return stats.steps.counts


def _reach(stats: ErrorStats, steps: bool, log: bool) -> float:
    if steps:
        assert stats.steps is not None
        return stats.steps.largest if log else stats.steps.counts.quantile(COMMON, stats.steps.largest)
    return stats.max_abs_error if log else stats.quantile(COMMON)
