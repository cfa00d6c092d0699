"""What int8 with a scale per row would lose, in one pass over the weights: a cheap measure of outliers.

Every weight is read once, without codes, bytes or stored values on the way; `ErrorStats` tells far more, of any
format. The codes are those of the format "int8:row,rule=torchao,narrow".
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qtui.compute.arrays import finite
from qtui.compute.errors.keys import Histogram
from qtui.compute.errors.moments import Figures, Moments

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

TOP = np.float32(127)
BINS = 256
# Bins per step: a little under 256, so that an error of just half a step falls into the last bin.
FINENESS = np.float32(255.99)
PIECE = 1 << 18  # weights at a time: more would leave the cache, fewer cost more calls
LEAST_SCALE = np.float32(2.0**-126)


@dataclass(frozen=True)
class RowErrors(Figures):
    """Errors of int8 rows; weights that are not finite count as zeros, and in `moments.bad_inputs`.

    Of `moments` only the count and the sums of e, e² and x² are known. `bins` int64 (256,) counts errors in steps
    from -1/2 to 1/2, none unless the meter was asked to.
    """

    moments: Moments
    max_abs_error: float
    bins: NDArray[np.int64]

    def merge(self, other: RowErrors) -> RowErrors:
        """Both together."""
        return RowErrors(
            self.moments + other.moments,
            max(self.max_abs_error, other.max_abs_error),
            self.bins + other.bins,
        )

    def histogram(self) -> Histogram:
        """Counts of errors in steps."""
        return Histogram((np.arange(BINS + 1, dtype=np.float64) - BINS / 2) / float(FINENESS), self.bins)


def int8_row_errors(x: F32) -> RowErrors:
    """Errors of x float32 (rows, columns), which may be a mapped file. Raises ValueError for other shapes.

    Weights that are not finite count as zeros, and so do rows with no weight of 127 · 2^-126 or more.
    """
    if x.ndim != 2:
        raise ValueError(f"rows of weights (rows, columns) are needed, not {x.shape}")
    meter = RowErrorMeter(histogram=True)
    meter.add(x)
    return meter.result()


class RowErrorMeter:
    """Measures rows, a part of the tensor after the other; a `histogram` takes as long again as all else."""

    def __init__(self, histogram: bool = False) -> None:
        self._histogram = histogram
        self._errors = RowErrors(Moments(), 0.0, np.zeros(BINS, np.int64))
        self._work: _Buffers | None = None

    def add(self, x: F32) -> None:
        """Take x float32 (rows, columns); see `int8_row_errors`."""
        rows, columns = x.shape
        if x.size == 0:
            return
        height = min(max(PIECE // columns, 1), rows)
        if self._work is None or self._work.size < height * columns:
            self._errors = self.result()
            self._work = _Buffers(height * columns)
        with np.errstate(all="ignore"):
            for top in range(0, rows, height):
                piece = _piece(np.asarray(x[top : top + height], np.float32), self._work, self._histogram)
                self._errors = self._errors.merge(piece)

    def merge(self, other: RowErrors) -> None:
        """Take what another has measured."""
        self._errors = self._errors.merge(other)

    def result(self) -> RowErrors:
        """Everything so far."""
        if self._work is None:
            return self._errors
        return replace(self._errors, bins=self._errors.bins + self._work.counts())

    def __getstate__(self) -> dict[str, object]:
        return {**vars(self), "_errors": self.result(), "_work": None}  # scratch does not travel


class _Buffers:
    """Scratch for pieces of up to `size` weights."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.error = np.empty(size, np.float32)
        self.codes = np.empty(size, np.float32)
        self.bins = np.empty(size, np.uint8)
        self._keys = np.empty(size // 2, np.intp)
        self._pairs = np.zeros(BINS * BINS, np.int64)
        self._lone = np.zeros(BINS, np.int64)

    def count(self, error: F32) -> None:
        """Count errors in steps, float32 (rows, columns), which are overwritten.

        Two neighbouring bins at a time, as one number: bincount's work is by the number, not by their range.
        """
        np.multiply(error, FINENESS, out=error)
        np.add(error, np.float32(BINS / 2), out=error)
        bins = self.bins[: error.size]
        np.copyto(bins, error.reshape(-1), casting="unsafe")
        keys = self._keys[: bins.size // 2]
        np.copyto(keys, bins[: 2 * keys.size].view(np.uint16))
        self._pairs += np.bincount(keys, minlength=BINS * BINS)
        if bins.size % 2:
            self._lone[bins[-1]] += 1

    def counts(self) -> NDArray[np.int64]:
        """Counts int64 (256,) of everything counted so far."""
        pairs = self._pairs.reshape(BINS, BINS)
        counts: NDArray[np.int64] = pairs.sum(axis=0) + pairs.sum(axis=1) + self._lone
        return counts


def _piece(x: F32, work: _Buffers, histogram: bool) -> RowErrors:
    """Errors of a few rows, but for their bins, which `work` counts where a `histogram` is wanted."""
    high, low = x.max(axis=1), x.min(axis=1)
    bad = 0
    if not (np.isfinite(high).all() and np.isfinite(low).all()):
        bad = int(np.count_nonzero(~np.isfinite(x)))
        x = finite(x)
        high, low = x.max(axis=1), x.min(axis=1)
    scale = np.maximum(high, -low) / TOP
    inverse = np.where(scale >= LEAST_SCALE, np.reciprocal(scale), np.float32(0))
    error, codes = work.error[: x.size].reshape(x.shape), work.codes[: x.size].reshape(x.shape)
    np.multiply(x, inverse[:, None], out=error)
    energy = _squares(error)
    np.rint(error, out=codes)
    np.subtract(codes, error, out=error)  # in steps
    steps = scale.astype(np.float64)
    largest = np.maximum(error.max(axis=1), -error.min(axis=1))
    squares = float(_squares(error) @ np.square(steps))
    total = float((error @ np.ones(x.shape[1], np.float32)) @ steps)
    if histogram:
        work.count(error)
    energies = float(energy @ np.square(steps))
    moments = Moments(count=x.size, x2=energies, e=total, e2=squares, bad_inputs=bad)
    return RowErrors(moments, float((largest * scale).max()), np.zeros(BINS, np.int64))


def _squares(values: F32) -> F64:
    """Σ v² of each row, float64 (rows,)."""
    result: F64 = np.matmul(values[:, None, :], values[:, :, None])[:, 0, 0].astype(np.float64)
    return result
