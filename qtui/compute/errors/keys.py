"""Counts of float32 values by their leading bits: one pass gives exact histograms, quantiles and zero counts.

The key of a value is the upper half of its float32 pattern: sign, exponent and 7 mantissa bits, so an octave has 128
bins. Keys need no range chosen beforehand, counts of two chunks simply add, and every histogram whose bins have a
power-of-two width of at least 1/128 of the octave they lie in is a sum of whole keys: its counts are exact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
I64 = NDArray[np.int64]

KEYS = 1 << 16
SIGN = 1 << 15
CHUNK = 1 << 16
FEW = 1 << 12
# Bins on one side of zero: with more, a bin of the top octave would be narrower than a key.
MAX_BINS_PER_SIDE = 256
INFINITE = 0x7F80  # key of +inf; above it are the NaNs
SMALLEST_WIDTH = -133  # log2 of the width of a subnormal key


def _edges(keys: NDArray[Any]) -> NDArray[np.float64]:
    """Magnitudes (n,) at which `keys` (n,) of one sign begin; SIGN is where the last one ends."""
    with np.errstate(invalid="ignore"):
        edges = (keys.astype(np.uint32) << 16).view(np.float32).astype(np.float64)
    edges[keys == INFINITE] = 2.0**128  # where the largest finite key ends
    edges[keys == SIGN] = np.inf
    return edges


@dataclass(frozen=True)
class Histogram:
    """Counts (bins,) between edges (bins + 1,). Values outside the edges are counted in `below` and `above`.

    A bin holds magnitudes from its inner edge (included) to its outer edge (excluded), on both sides of zero;
    zeros of either sign (and negative numbers above -2**-133, whose key -0 shares) are in the first bin above zero.
    """

    edges: NDArray[np.float64]
    counts: I64
    below: int = 0
    above: int = 0

    @property
    def total(self) -> int:
        """Values counted, those beyond the bins included."""
        return int(self.counts.sum()) + self.below + self.above


@dataclass(frozen=True)
class KeyCounts:
    """How many values have each key: `keys` uint16 (k,), ascending, and their `counts` int64 (k,), none zero."""

    keys: NDArray[np.uint16]
    counts: I64

    @classmethod
    def of(cls, values: F32) -> KeyCounts:
        """Counts of `values` float32, any shape. NaN and infinities keep keys of their own."""
        counter = KeyCounter()
        flat = np.ascontiguousarray(values, np.float32).reshape(-1)
        for start in range(0, flat.size, CHUNK):
            counter.add(flat[start : start + CHUNK])
        return counter.result()

    def merge(self, other: KeyCounts) -> KeyCounts:
        """Counts of both."""
        dense = np.zeros(KEYS, np.int64)
        dense[self.keys] = self.counts
        dense[other.keys] += other.counts
        return _compressed(dense)

    @property
    def total(self) -> int:
        """Values counted, NaN and infinities included."""
        return int(self.counts.sum())

    def middles(self) -> NDArray[np.float64]:
        """The middle (k,) of each key, with its sign."""
        magnitude = self.keys & (SIGN - 1)
        middle = (_edges(magnitude) + _edges(magnitude + 1)) / 2
        result: NDArray[np.float64] = np.where(self.keys >= SIGN, -middle, middle)
        return result

    def quantile(self, share: float, largest: float = math.inf) -> float:
        """The magnitude that `share` (0 to 1) of the values do not exceed, by linear interpolation inside its key.

        A key is 1/128 of an octave wide, or 2^-133 where magnitudes are below 2^-126 (1.2e-38), which bounds the
        error; below 2^-133 it is 0. `largest` is the largest magnitude, where known. NaN when there are no values.
        """
        total = self.total
        if total == 0:
            return math.nan
        # Only the keys that occur: there are thousands of them, where a table of all has 32,768.
        order = np.argsort(self.keys & (SIGN - 1), kind="stable")
        magnitudes = (self.keys & (SIGN - 1))[order]
        upto = np.cumsum(self.counts[order])
        rank = share * total
        key = int(magnitudes[min(int(np.searchsorted(upto, rank)), magnitudes.size - 1)])
        first, last = np.searchsorted(magnitudes, (key, key + 1))
        below = int(upto[first - 1]) if first else 0
        inside = (rank - below) / max(int(upto[last - 1]) - below, 1)
        low, high = (float(edge) for edge in _edges(np.array([key, key + 1])))
        if key == 0:
            return 0.0
        return min(low + inside * (min(high, largest) - low), largest)

    def histogram(self, bins: int = 128, limit: float | None = None) -> Histogram:
        """Signed counts over at most `bins` equal bins, a power of two wide, that span -limit to limit.

        `bins` is at most 512; `limit` defaults to the largest magnitude counted, and may be smaller (zoom) or larger
        (a range shared with others). Infinities and NaN fall outside.
        """
        per_side = min(max(bins // 2, 1), MAX_BINS_PER_SIDE)
        if limit is None or not 0 < limit < math.inf:
            magnitudes = self.keys & (SIGN - 1)
            largest = int(magnitudes[magnitudes < INFINITE].max(initial=0))
            limit = float(_edges(np.array([largest + 1]))[0]) if largest else 1.0
        exponent = max(math.ceil(math.log2(limit / per_side)), SMALLEST_WIDTH)
        width = math.ldexp(1.0, exponent)
        sides = min(max(math.ceil(limit / width), 1), per_side)
        return self.in_bins(width, sides)

    def in_bins(self, width: float, sides: int) -> Histogram:
        """Signed counts in `sides` bins of `width`, a power of two, on each side of zero.

        They are exact where a bin is at least as wide as the keys in it; elsewhere a key counts in its first bin.
        """
        finite = self.keys & (SIGN - 1) < INFINITE
        keys, counts = self.keys[finite], self.counts[finite]
        bin_of = np.minimum(np.floor(_edges(keys & (SIGN - 1)) / width), sides).astype(np.int64)
        index = np.where(keys > SIGN, sides - 1 - bin_of, sides + bin_of)  # the key SIGN is -0's
        inside = (index >= 0) & (index < 2 * sides)
        binned = np.zeros(2 * sides, np.int64)
        np.add.at(binned, index[inside], counts[inside])
        specials = self.keys[~finite] >= SIGN, self.counts[~finite]
        below = int(counts[index < 0].sum() + specials[1][specials[0]].sum())
        above = int(counts[index >= 2 * sides].sum() + specials[1][~specials[0]].sum())
        return Histogram(np.arange(-sides, sides + 1, dtype=np.float64) * width, binned, below, above)


class KeyCounter:
    """Counts keys chunk by chunk in a dense table; `result` packs it."""

    def __init__(self) -> None:
        self._dense = np.zeros(KEYS, np.int64)
        self._keys = np.empty(0, np.uint32)

    def add(self, values: F32, weight: int = 1) -> None:
        """Count contiguous `values` float32 (n,), each `weight` times; n near 65536 is the cheapest."""
        if self._keys.size < values.size:
            self._keys = np.empty(values.size, np.uint32)
        keys = np.right_shift(values.view(np.uint32), 16, out=self._keys[: values.size]).view(np.int32)
        if values.size <= FEW:  # a table of all keys would cost more than the values
            np.add.at(self._dense, keys, weight)
            return
        by_key = np.bincount(keys)
        self._dense[: by_key.size] += by_key if weight == 1 else by_key * weight

    def merge(self, other: KeyCounter) -> None:
        """Count what `other` has counted, too."""
        self._dense += other._dense

    def merge_counts(self, other: KeyCounts, times: float = 1.0) -> None:
        """Count what is in `other`, too, each value so many `times`; counts are rounded."""
        counts = other.counts if times == 1 else np.rint(other.counts * times).astype(np.int64)
        self._dense[other.keys] += counts

    def __getstate__(self) -> dict[str, Any]:
        return {"_dense": self._dense, "_keys": np.empty(0, np.uint32)}  # scratch does not travel

    def discount_zeros(self, count: int) -> None:
        """Take back `count` values that were, or are about to be, added as zero."""
        self._dense[0] -= count

    def result(self) -> KeyCounts:
        """Counts of everything added so far."""
        return _compressed(self._dense)


def _compressed(dense: I64) -> KeyCounts:
    keys = np.flatnonzero(dense)
    return KeyCounts(keys.astype(np.uint16), dense[keys])
