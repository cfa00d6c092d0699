"""Sums over pairs of a weight x and its stored value y: what RMSE, SQNR, bias, cosine and kurtosis follow from."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Moments:
    """Sums over `count` finite pairs, with e = y - x. Adding two of them adds every field."""

    count: int = 0
    x: float = 0.0
    x2: float = 0.0
    x3: float = 0.0
    x4: float = 0.0
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

    def __add__(self, other: Moments) -> Moments:
        return Moments(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


class Scratch:
    """Buffers of one chunk, allocated once, so that a pass over a large tensor stays inside the cache."""

    def __init__(self, size: int) -> None:
        self.e = np.empty(size, np.float32)
        self.error = np.empty(size, np.float64)
        self.value = np.empty(size, np.float64)
        self.square = np.empty(size, np.float64)
        self.mask = np.empty(size, np.bool_)


def pair_moments(x: F32, y: F32, scratch: Scratch) -> Moments:
    """Sums over x and y float32 (n,), all finite, n at most the scratch's size.

    Expects scratch.e = y - x. Leaves |e| in scratch.error and x² in scratch.square, both float64, for who comes next.
    """
    n = x.size
    error, value, square, mask = scratch.error[:n], scratch.value[:n], scratch.square[:n], scratch.mask[:n]
    np.copyto(value, x)
    np.copyto(square, y)
    y2, xy = float(square @ square), float(square @ value)
    np.equal(y, 0, out=mask)
    zeros_after = int(np.count_nonzero(mask))
    np.copyto(error, scratch.e[:n])
    e, e2 = float(error.sum()), float(error @ error)
    np.abs(error, out=error)
    sum_x = float(value.sum())
    np.multiply(value, value, out=square)
    x2, x3, x4 = float(square.sum()), float(square @ value), float(square @ square)
    np.equal(x, 0, out=mask)
    zeros_before = int(np.count_nonzero(mask))
    np.abs(value, out=value)
    if zeros_before:
        np.putmask(value, mask, np.inf)  # a zero weight has no relative error: |e| / inf adds nothing
    np.divide(error, value, out=value)
    return Moments(
        n, sum_x, x2, x3, x4, y2, xy, e, float(error.sum()), e2, float(value.sum()), zeros_before, zeros_after
    )
