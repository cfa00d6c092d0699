"""Sums over pairs of a weight x and its stored value y: what RMSE, SQNR, bias and cosine follow from.

Sums are kept in float64. Of well-scaled data, runs of RUN weights are first summed in float32, where an addition
costs half as much and there is nothing to convert; that leaves six digits at the worst, seven as a rule. Tiny and
huge data is summed in float64 throughout, since the square of a float32 may not fit one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

RUN = 256
# Largest |x| and largest |e| for which float32 holds x² and e² of all weights that matter to their sums.
SAFE = 2.0**-50, 2.0**40


@dataclass(frozen=True)
class Moments:
    """Sums over `count` finite pairs, with e = y - x. Adding two of them adds every field.

    Pairs that are not finite are counted apart: in `bad_inputs` where the weight x is not, else in `bad_outputs`;
    `nans` of them are NaN on either side, the others infinite. Of a sample of `rows`, `row_e`, `row_e2`, `row_x2` and
    `row_both` are the sums over rows of (Σe)², (Σe²)², (Σx²)² and Σe²·Σx²: how much one row differs from another,
    from which `e_error`, `e2_error` and `noise_error` follow.
    """

    count: int = 0
    x2: float = 0.0
    y2: float = 0.0
    xy: float = 0.0
    e: float = 0.0
    abs_e: float = 0.0
    e2: float = 0.0
    relative: float = 0.0
    zeros_before: int = 0
    zeros_after: int = 0
    bad_inputs: int = 0
    bad_outputs: int = 0
    nans: int = 0
    rows: int = 0
    row_e: float = 0.0
    row_e2: float = 0.0
    row_x2: float = 0.0
    row_both: float = 0.0

    @property
    def e_error(self) -> float:
        """Standard error of the mean of e, of so many rows drawn from many; NaN where fewer than two were counted."""
        return _standard_error(self.e, self.row_e, self.rows, self.count)

    @property
    def e2_error(self) -> float:
        """Standard error of the mean of e², likewise."""
        return _standard_error(self.e2, self.row_e2, self.rows, self.count)

    @property
    def noise_error(self) -> float:
        """Standard error of Σe² / Σx², likewise."""
        if self.rows < 2 or self.x2 <= 0:
            return math.nan
        noise = self.e2 / self.x2
        spread = self.row_e2 - 2 * noise * self.row_both + noise**2 * self.row_x2
        return math.sqrt(max(spread, 0.0) * self.rows / (self.rows - 1)) / self.x2

    def __add__(self, other: Moments) -> Moments:
        return Moments(*(getattr(self, name) + getattr(other, name) for name in _NAMES))

    def scaled(self, factor: float) -> Moments:
        """The sums of `factor` times as many such pairs; counts are rounded."""
        values = [getattr(self, name) * factor for name in _NAMES]
        return Moments(*(round(v) if name in _COUNTS else v for name, v in zip(_NAMES, values, strict=True)))


def _standard_error(total: float, squares: float, rows: int, count: int) -> float:
    """That of a mean over `count` weights in `rows` of one length, whose sums make `total` and `squares`."""
    if rows < 2 or count == 0:
        return math.nan
    return math.sqrt(max(squares - total**2 / rows, 0.0) * rows / (rows - 1)) / count


def total_of(parts: Iterable[Moments]) -> Moments:
    """The sum of `parts`, whose float sums are rounded once: the same to the last digit in any order."""
    rows = [[getattr(part, name) for name in _NAMES] for part in parts]
    columns = zip(*rows, strict=True) if rows else [(0,)] * len(_NAMES)
    return Moments(*(type(values[0])(math.fsum(values)) for values in columns))


class Figures:
    """What follows from `moments` alone, for results that hold them."""

    moments: Moments

    @property
    def count(self) -> int:
        """Pairs measured."""
        return self.moments.count

    @property
    def nan_count(self) -> int:
        """Weights that are NaN, or come back as NaN."""
        return self.moments.nans

    @property
    def inf_count(self) -> int:
        """Weights that are infinite, or come back infinite, and are NaN on neither side."""
        return self.moments.bad_inputs + self.moments.bad_outputs - self.moments.nans

    @property
    def rmse(self) -> float:
        """Root mean square error, in the unit of the weights."""
        return root_mean(self.moments.e2, self.count)

    @property
    def relative_rmse(self) -> float:
        """‖e‖ / ‖x‖."""
        return root_mean(self.moments.e2, self.moments.x2)

    @property
    def sqnr_db(self) -> float:
        """Signal to quantization noise, 10·log10(Σx² / Σe²) in dB; infinite where nothing was lost."""
        return decibels(self.moments.x2, self.moments.e2) if self.count else math.nan

    @property
    def mean_error(self) -> float:
        """The bias: mean of e with its sign."""
        return ratio(self.moments.e, self.count)

    @property
    def mean_abs_error(self) -> float:
        """Mean of |e|."""
        return ratio(self.moments.abs_e, self.count)

    @property
    def cosine(self) -> float:
        """Cosine of the angle between x and y; 1 where the direction is kept."""
        return ratio(self.moments.xy, math.sqrt(self.moments.x2) * math.sqrt(self.moments.y2))


def ratio(numerator: float, denominator: float) -> float:
    """Their quotient, NaN where there is nothing to divide by."""
    return numerator / denominator if denominator else math.nan


def root_mean(squares: float, count: float) -> float:
    """√(Σe² / count): an RMSE of so many weights, or of weights that sum to `count`; NaN of none."""
    return math.sqrt(ratio(squares, count))


def decibels(signal: float, noise: float) -> float:
    """10·log10(signal / noise); infinite without noise, NaN without either."""
    if math.isnan(signal) or math.isnan(noise) or (signal <= 0 and noise <= 0):
        return math.nan
    if noise <= 0:
        return math.inf
    return 10 * math.log10(signal / noise) if signal > 0 else -math.inf


_NAMES = tuple(f.name for f in fields(Moments))
_COUNTS = frozenset(f.name for f in fields(Moments) if isinstance(f.default, int))


class Scratch:
    """Buffers for pieces of up to `size` weights, allocated once, so that a long pass stays inside the cache."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.e = np.empty(size, np.float32)
        self.one = np.empty(size, np.float32)
        self.two = np.empty(size, np.float32)
        self.mask = np.empty(size, np.bool_)


def fits_float32(largest_weight: float, largest_error: float) -> bool:
    """Whether float32 can hold the powers that are summed."""
    return all(largest == 0 or SAFE[0] <= largest <= SAFE[1] for largest in (largest_weight, largest_error))


def pair_moments(x: F32, y: F32, scratch: Scratch, quick: bool) -> Moments:
    """Sums over x and y float32 (n,), all finite, with scratch.e[:n] = y - x, also finite.

    `quick` if `fits_float32`.
    """
    whole = x.size - x.size % RUN if quick else 0
    sums = Moments()
    if whole:
        sums += _in_runs(x[:whole], y[:whole], scratch)
    if whole < x.size:
        sums += _in_float64(x[whole:], y[whole:])
    return sums


def row_moments(x: F32, e: F32, quick: bool) -> Moments:
    """How rows of weights x and errors e float32 (rows, columns) differ; `quick` if `fits_float32`."""
    if not quick:
        return _of_rows(x.astype(np.float64), e.astype(np.float64))
    return _of_rows(x, e)


def _of_rows(x: NDArray[np.floating], e: NDArray[np.floating]) -> Moments:
    sums = np.matmul(e, np.ones(e.shape[1], e.dtype)).astype(np.float64)
    e2, x2 = (np.matmul(v[:, None, :], v[:, :, None]).reshape(-1).astype(np.float64) for v in (e, x))
    return Moments(
        rows=len(e),
        row_e=float(sums @ sums),
        row_e2=float(e2 @ e2),
        row_x2=float(x2 @ x2),
        row_both=float(e2 @ x2),
    )


def _in_runs(x: F32, y: F32, scratch: Scratch) -> Moments:
    """Sums of pairs whose squares float32 holds, float32 within runs; n is a multiple of RUN."""
    n = x.size
    e, one, two, mask = scratch.e[:n], scratch.one[:n], scratch.two[:n], scratch.mask[:n]
    sum_e, e2, y2, xy = _total(e), _dot(e, e), _dot(y, y), _dot(x, y)
    np.abs(e, out=one)
    abs_e = _total(one)
    np.multiply(x, x, out=two)
    x2 = _total(two)
    zeros_after = _zeros(y, mask)
    zeros_before = _zeros(x, mask)
    np.divide(one, x, out=two)
    if zeros_before:
        np.putmask(two, mask, 0)  # a zero weight has no relative error
    np.abs(two, out=two)
    relative = _total(two)
    if not np.isfinite(relative):
        relative = _relative(x, e.astype(np.float64))
    return Moments(n, x2, y2, xy, sum_e, abs_e, e2, relative, zeros_before, zeros_after)


def _total(values: F32) -> float:
    return float((values.reshape(-1, RUN) @ _ONES).sum(dtype=np.float64))


def _dot(a: F32, b: F32) -> float:
    return float(np.matmul(a.reshape(-1, 1, RUN), b.reshape(-1, RUN, 1)).sum(dtype=np.float64))


_ONES = np.ones(RUN, np.float32)


def squares(values: F32) -> float:
    """Σ v² of float32 (n,), in runs where n is made of them."""
    if values.size % RUN == 0:
        return _dot(values, values)
    wide = values.astype(np.float64)
    return float(wide @ wide)


def _zeros(values: F32, mask: NDArray[np.bool_]) -> int:
    """How many are zero; says which in `mask`."""
    np.equal(values, 0, out=mask)
    return int(np.count_nonzero(mask))


def _in_float64(x: F32, y: F32) -> Moments:
    """Sums of any finite pairs."""
    value, stored = x.astype(np.float64), y.astype(np.float64)
    error = stored - value
    return Moments(
        x.size,
        float(value @ value),
        float(stored @ stored),
        float(stored @ value),
        float(error.sum()),
        float(np.abs(error).sum()),
        float(error @ error),
        _relative(x, error),
        int(np.count_nonzero(x == 0)),
        int(np.count_nonzero(y == 0)),
    )


def _relative(x: F32, error: F64) -> float:
    """Σ |e| / |x| over the weights that are not zero."""
    nonzero = x != 0
    return float((np.abs(error[nonzero]) / np.abs(x[nonzero].astype(np.float64))).sum())
