"""Extremes, sums and roundings over many blocks at once, as C's loops over one block give them.

The blocks lie side by side as columns: arrays are (size, n), element i of all n blocks in row i. Then every step of
a C loop is one numpy operation on a long row, and a sum down the columns takes the elements in C's order.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qtui.compute.codec import F32

_ROUNDER = np.float32(12582912.0)  # 1.5 * 2^23: adding it leaves no room for a fraction


def as_columns(x: F32, size: int) -> F32:
    """Weights float32 of any shape, cut into groups of `size` along their rows, as columns (size, groups): a copy."""
    return x.reshape(-1, size).T.copy()


def per_block(values: F32, groups: int) -> F32:
    """One number a group, float32 (n * groups,), as columns (groups, n), a block in each."""
    return np.ascontiguousarray(values.reshape(-1, groups).T)


def sum_in_order(columns: F32) -> F32:
    """Sum down each column, float32 (n,), rounded after every addition, first element first."""
    if columns.shape[1] == 1:  # numpy would add a lone column pairwise
        total: F32 = np.add.accumulate(columns, axis=0)[-1]
        return total
    result: F32 = np.add.reduce(columns, axis=0)
    return result


def absmax(columns: F32) -> F32:
    """Largest |x| of each column, float32 (n,)."""
    result: F32 = np.maximum.reduce(np.abs(columns), axis=0)
    return result


def absmax_of_rows(blocks: F32) -> F32:
    """Largest |x| of each row of float32 (n, 32), as float32 (n,).

    Halves of the rows, brought together by copies of 64 and 32 bytes, are compared until four neighbours are left.
    """
    count = len(blocks)
    flat = np.abs(blocks)
    for half in ("V64", "V32"):
        halves = np.ascontiguousarray(flat.view(half).reshape(count, 2).T)
        flat = np.maximum(*halves.view(np.float32).reshape(2, count, -1))
    flat = flat.reshape(-1)
    for _ in range(3):
        flat = np.maximum(flat[0::2], flat[1::2])
    return flat


def signed_absmax(columns: F32) -> F32:
    """The element of largest magnitude of each column, float32 (n,): its sign kept, the first of equals, never -0.

    NaNs are passed over.
    """
    high, low = np.maximum.reduce(columns, axis=0), np.minimum.reduce(columns, axis=0)
    if np.isnan(high).any():
        return signed_absmax(np.where(np.isnan(columns), np.float32(0), columns))
    extreme: F32 = high + 0  # -0 + 0 is +0
    np.copyto(extreme, low, where=high < -low)
    tied = np.flatnonzero((high == -low) & (high > 0))
    if tied.size:
        extreme[tied] = columns[np.abs(columns[:, tied]).argmax(axis=0), tied]
    return extreme


def first_minimum(columns: F32) -> F32:
    """Least element of each column, float32 (n,); of several zeros the first, so that its sign is C's."""
    least: F32 = np.minimum.reduce(columns, axis=0)
    zero = np.flatnonzero(least == 0)
    if zero.size:
        least[zero] = columns[(columns[:, zero] == 0).argmax(axis=0), zero]
    return least


def inverse(scale: F32) -> F32:
    """1 / scale, and 0 where the scale is 0, float32 of the same shape."""
    reciprocal: F32 = np.divide(np.float32(1), scale)
    reciprocal[scale == 0] = 0
    return reciprocal


def round_half_away(doubled: F32) -> NDArray[np.int16]:
    """C's `roundf` of half of each number, int16 of the same shape; results have at most 14 bits.

    In whole numbers: with t = twice the value, cut off towards zero, it is (t + 1) / 2 rounded down, or t / 2 where
    t is negative.
    """
    rounded = doubled.astype(np.int16)
    rounded += rounded >> np.int16(15)
    rounded += np.int16(1)
    rounded >>= np.int16(1)
    return rounded


def nearest_int(values: F32) -> NDArray[np.int32]:
    """`nearest_int` of ggml-quants.c, int32 of the same shape: halves to even by adding 1.5 * 2^23; a NaN gives 0."""
    bits = (values + _ROUNDER).view(np.int32)
    bits &= 0x7FFFFF
    bits -= 0x400000
    return bits
