"""What the weights of one tensor look like: moments, exact histogram, and the outliers with their positions."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qtui.compute.errors import Histogram, RowErrorMeter, RowErrors
from qtui.compute.errors.keys import KeyCounter, KeyCounts

F32 = NDArray[np.float32]

OUTLIERS = 12


@dataclass(frozen=True, order=True)
class Outlier:
    """A weight far from zero, and its flat index in the tensor."""

    magnitude: float
    index: int
    value: float


@dataclass(frozen=True)
class ValueStats:
    """Figures of `count` finite weights; NaN and infinities are counted in `bad` alone.

    `outliers` are the weights furthest from zero, the furthest first. `by_row` holds the errors of int8
    with one scale for a row, which grow with the outliers.
    """

    count: int
    bad: int
    zeros: int
    low: float
    high: float
    mean: float
    sigma: float
    kurtosis: float
    counts: KeyCounts
    outliers: tuple[Outlier, ...]
    by_row: RowErrors

    @property
    def absmax(self) -> float:
        """The largest magnitude; NaN without a finite weight."""
        return max(abs(self.low), abs(self.high)) if self.count else math.nan

    @property
    def absmax_sigmas(self) -> float:
        """The largest weight in standard deviations."""
        return self.absmax / self.sigma if self.sigma else math.nan

    def histogram(self, bins: int, limit: float | None = None) -> Histogram:
        """Signed exact counts; see KeyCounts.histogram."""
        return self.counts.histogram(bins, limit)


class ValueMeter:
    """Takes weights chunk by chunk; what two of them have taken can be put together."""

    def __init__(self) -> None:
        self._count = self._bad = self._zeros = 0
        self._sums = np.zeros(4)
        self._low, self._high = math.inf, -math.inf
        self._counter = KeyCounter()
        self._outliers: list[Outlier] = []
        self._by_row = RowErrorMeter()

    def add(self, x: F32, offset: int = 0) -> None:
        """Take x float32, contiguous, its last axis a row; `offset` is the flat index of its first weight."""
        self._by_row.add(x.reshape(-1, x.shape[-1]) if x.ndim > 1 and x.size else x.reshape(1, -1))
        flat = x.reshape(-1)
        finite = np.isfinite(flat)
        if not finite.all():
            self._bad += int(flat.size - np.count_nonzero(finite))
            positions = np.flatnonzero(finite)
            flat = np.ascontiguousarray(flat[positions])
        else:
            positions = None
        if flat.size == 0:
            return
        self._count += flat.size
        self._zeros += int(flat.size - np.count_nonzero(flat))
        self._low, self._high = min(self._low, float(flat.min())), max(self._high, float(flat.max()))
        wide = flat.astype(np.float64)
        square = wide * wide
        self._sums += wide.sum(), square.sum(), square @ wide, square @ square
        self._counter.add(flat)
        self._take_outliers(flat, positions, offset)

    def _take_outliers(self, flat: F32, positions: NDArray[np.intp] | None, offset: int) -> None:
        size = np.abs(flat)
        least = self._outliers[-1].magnitude if len(self._outliers) == OUTLIERS else 0.0
        if float(size.max()) <= least:
            return
        top = np.argpartition(size, -OUTLIERS)[-OUTLIERS:] if size.size > OUTLIERS else np.arange(size.size)
        for at in top.tolist():
            index = offset + (at if positions is None else int(positions[at]))
            self._outliers.append(Outlier(float(size[at]), index, float(flat[at])))
        self._rank()

    def _rank(self) -> None:
        self._outliers.sort(key=lambda outlier: (-outlier.magnitude, outlier.index))
        del self._outliers[OUTLIERS:]

    def renumber(self, index_of: Callable[[int], int]) -> None:
        """Give every outlier the index that `index_of` makes of its own."""
        self._outliers = [replace(outlier, index=index_of(outlier.index)) for outlier in self._outliers]

    def merge(self, other: ValueMeter) -> None:
        """Take what `other` has taken."""
        self._count += other._count
        self._bad += other._bad
        self._zeros += other._zeros
        self._sums += other._sums
        self._low, self._high = min(self._low, other._low), max(self._high, other._high)
        self._counter.merge(other._counter)
        self._by_row.merge(other._by_row.result())
        self._outliers += other._outliers
        self._rank()

    def result(self) -> ValueStats:
        """The figures of everything added so far."""
        n = self._count
        if n == 0:
            return ValueStats(0, self._bad, 0, *(math.nan,) * 5, self._counter.result(), (), self._by_row.result())
        s1, s2, s3, s4 = (float(value) / n for value in self._sums)
        variance = max(s2 - s1 * s1, 0.0)
        fourth = s4 - 4 * s1 * s3 + 6 * s1 * s1 * s2 - 3 * s1**4
        kurtosis = fourth / variance**2 if variance > 0 and variance**2 > 0 else math.nan
        return ValueStats(
            n,
            self._bad,
            self._zeros,
            self._low,
            self._high,
            s1,
            math.sqrt(variance),
            kurtosis,
            self._counter.result(),
            tuple(outlier for outlier in self._outliers if outlier.magnitude > 0),
            self._by_row.result(),
        )
