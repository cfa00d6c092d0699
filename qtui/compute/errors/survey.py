"""What remains of a measured tensor in a survey: some numbers and a small histogram, so that thousands fit memory."""

from __future__ import annotations

import math
from collections import Counter
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
    absmax: float = math.nan
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
            stats.absmax if stats.count else math.nan,
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
    def scored_share(self) -> float:
        """The share of the measured weights that are finite before and after; 0 where nothing was measured."""
        measured = self.count + self.nan_count + self.inf_count
        return self.count / measured if measured else 0.0

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
        return ratio(8 * self.nbytes, self.count)

    @property
    def sqnr_db(self) -> float:
        """The mean noise in dB below the signal."""
        return decibels(1.0, self.noise)


def total(rows: Iterable[tuple[int, Measure]]) -> Total:
    """The sum over (weights in the tensor, its Measure)."""
    stored = [(weights, measure) for weights, measure in rows]
    missing = sum(bool(measure.problem) for _, measure in stored)
    stored = [(weights, measure) for weights, measure in stored if not measure.problem]
    noise = scored = 0.0
    for weights, measure in stored:
        share = measure.scored_share
        if not math.isnan(measure.noise):
            noise += weights * share * measure.noise
        if share:
            scored += weights * share
    errors = [measure.max_abs_error for _, measure in stored if not math.isnan(measure.max_abs_error)]
    return Total(
        len(stored),
        sum(weights for weights, _ in stored),
        sum(measure.nbytes for _, measure in stored),
        ratio(noise, scored),
        max(errors, default=math.nan),
        missing,
        tuple(Counter(measure.fallback for _, measure in stored if measure.fallback).most_common()),
        sum(measure.nan_count for _, measure in stored),
        sum(measure.inf_count for _, measure in stored),
        sum(measure.count for _, measure in stored),
    )
