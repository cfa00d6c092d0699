"""What remains of a measured tensor in a survey: some numbers and a small histogram, so that thousands fit memory."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from qtui.compute.errors import Histogram
from qtui.compute.errors.meter import FormatStats, Weighted
from qtui.compute.errors.moments import Figures, Moments, decibels, ratio

BINS = 64
SHARES = (0.5, 0.95, 0.99, 0.999)


@dataclass(frozen=True)
class Measure(Figures):
    """One tensor in one format. Figures that do not exist are NaN; lengths are in the unit of the weights.

    `bits_per_weight` and `nbytes` are those of the whole tensor, the other figures those of the `count` weights that
    were measured. `problem` says why the format can't store the tensor, and then every figure is NaN. `quantiles` of
    |e| go with SHARES.
    """

    format: str
    bits_per_weight: float
    nbytes: int
    moments: Moments = Moments()
    absmax: float = math.nan
    max_abs_error: float = math.nan
    max_index: int = -1
    quantiles: tuple[float, ...] = (math.nan,) * len(SHARES)
    histogram: Histogram | None = None
    weighted: Weighted | None = None
    problem: str = ""

    @classmethod
    def of(cls, errors: FormatStats, shape: tuple[int, ...]) -> Measure:
        """The figures of `errors` for a tensor of `shape`."""
        fmt = errors.format
        cost = (fmt.name, fmt.bits_for(shape), fmt.nbytes(shape))
        stats = errors.stats
        if stats is None:
            return cls(*cost, problem=errors.problem)
        quantiles = tuple(stats.quantile(share) for share in SHARES)
        return cls(
            *cost,
            stats.moments,
            stats.absmax if stats.count else math.nan,
            stats.max_abs_error if stats.count else math.nan,
            stats.max_index,
            quantiles,
            stats.histogram(BINS),
            errors.weighted,
        )

    @property
    def noise(self) -> float:
        """Σe² / Σx², each weight by its importance where that is known: what a plan minimises."""
        if self.weighted is not None and self.weighted.energy > 0:
            return self.weighted.error / self.weighted.energy
        return ratio(self.moments.e2, self.moments.x2)


@dataclass(frozen=True)
class Total:
    """Several tensors in one format together, each by its number of weights.

    `noise` is the mean over weights of Σe² / Σx² of their tensor, so a tensor of small numbers counts as much as one
    of large numbers: the layers that follow normalise their scale away.
    """

    tensors: int
    count: int
    nbytes: int
    noise: float
    max_abs_error: float
    missing: int

    @property
    def bits_per_weight(self) -> float:
        return ratio(8 * self.nbytes, self.count)

    @property
    def sqnr_db(self) -> float:
        """The mean noise in dB below the signal."""
        return decibels(1.0, self.noise)


def total(rows: Iterable[tuple[int, Measure]]) -> Total:
    """The sum over (weights in the tensor, its Measure); tensors that the format can't store are `missing`."""
    tensors = count = nbytes = missing = 0
    noise, worst = 0.0, math.nan
    for weights, measure in rows:
        if measure.problem:
            missing += 1
            continue
        tensors += 1
        nbytes += measure.nbytes
        count += weights
        worst = max(measure.max_abs_error, worst) if worst == worst else measure.max_abs_error
        if not math.isnan(measure.noise):
            noise += weights * measure.noise
    return Total(tensors, count, nbytes, ratio(noise, count), worst, missing)
