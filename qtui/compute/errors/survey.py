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
    were measured and are finite before and after. `problem` says why the format can't store the tensor, and then
    every figure is NaN. `quantiles` of |e| go with SHARES. `fallback` names the type that was measured in the
    format's place, as llama-quantize takes it where rows are no whole blocks.
    """

    format: str
    bits_per_weight: float
    nbytes: int
    moments: Moments = Moments()
    max_abs_error: float = math.nan
    max_index: int = -1
    quantiles: tuple[float, ...] = (math.nan,) * len(SHARES)
    histogram: Histogram | None = None
    weighted: Weighted | None = None
    problem: str = ""
    fallback: str = ""

    @classmethod
    def of(cls, measured: FormatStats, shape: tuple[int, ...], asked: str = "") -> Measure:
        """The figures of `measured` for a tensor of `shape`; `asked` is the format that it stands in for."""
        fmt = measured.format
        cost = (asked or fmt.name, fmt.bits_for(shape), fmt.nbytes(shape))
        fallback = fmt.name if asked and asked != fmt.name else ""
        stats = measured.stats
        if stats is None:
            return cls(*cost, problem=measured.problem, fallback=fallback)
        quantiles = tuple(stats.quantile(share) for share in SHARES)
        return cls(
            *cost,
            stats.moments,
            stats.max_abs_error if stats.count else math.nan,
            stats.max_index,
            quantiles,
            stats.histogram(BINS),
            measured.weighted,
            fallback=fallback,
        )

    @property
    def damage(self) -> str:
        """What is not finite among the weights, or among what is stored; nothing where all are."""
        m = self.moments
        bad = m.bad_inputs + m.bad_outputs
        if not bad:
            return ""
        kinds = [f"{n:,} {kind}" for n, kind in ((self.nan_count, "NaN"), (self.inf_count, "infinite")) if n]
        before = f", {m.bad_outputs:,} of them finite before" if m.bad_outputs else ""
        return f"{' and '.join(kinds)} of {bad + m.count:,} weights{before}"

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
    of large numbers: the layers that follow normalise their scale away. NaN where no weight could be scored.
    `missing` tensors can't be stored; `fallbacks` has the types that stand in for the format, and for how many
    tensors. Of the weights measured, `scored` are finite before and after, `nan_count` and `inf_count` are not.
    """

    tensors: int
    count: int
    nbytes: int
    noise: float
    max_abs_error: float
    missing: int
    fallbacks: tuple[tuple[str, int], ...] = ()
    nan_count: int = 0
    inf_count: int = 0
    scored: int = 0

    @property
    def bits_per_weight(self) -> float:
        """Bits stored for a weight, scales and padding included."""
        return ratio(8 * self.nbytes, self.count)

    @property
    def sqnr_db(self) -> float:
        """The mean noise in dB below the signal."""
        return decibels(1.0, self.noise)


def total(rows: Iterable[tuple[int, Measure]]) -> Total:
    """The sum over (weights in the tensor, its Measure): one pass, since a survey asks for thousands."""
    tensors = count = nbytes = missing = nans = bad = scored = 0
    noise = weighed = 0.0
    largest = math.nan
    fallbacks: dict[str, int] = {}
    for weights, measure in rows:
        if measure.problem:
            missing += 1
            continue
        moments = measure.moments
        not_finite = moments.bad_inputs + moments.bad_outputs
        tensors += 1
        count += weights
        nbytes += measure.nbytes
        scored += moments.count
        if not_finite:
            bad += not_finite
            nans += moments.nans
        if moments.count:
            part = weights * moments.count / (moments.count + not_finite)  # of the weights that are finite
            weighed += part
            largest = measure.max_abs_error if math.isnan(largest) else max(largest, measure.max_abs_error)
            share = measure.noise
            if not math.isnan(share):
                noise += part * share
        if measure.fallback:
            fallbacks[measure.fallback] = fallbacks.get(measure.fallback, 0) + 1
    stand_ins = tuple(sorted(fallbacks.items(), key=lambda item: -item[1]))
    return Total(tensors, count, nbytes, ratio(noise, weighed), largest, missing, stand_ins, nans, bad - nans, scored)
