"""Arrays cut for work: long ones into chunks that fit a core's cache, rows into the blocks that share a scale.

The chunks keep scratch memory from growing with the input; the blocks are what the integer, microscaling, codebook
and smart codecs have in common.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qtui.compute.codec import F32, Encoded

CHUNK = 1 << 16
"""Values per chunk: 256 KiB of float32, so that a handful of scratch arrays stay in a core's second-level cache."""


def chunks(total: int, unit: int = 1, target: int = CHUNK) -> Iterator[slice]:
    """Slices that cover `total` items of `unit` values in order, each slice of about `target` values.

    A slice holds at least one item, however long.
    """
    step = max(1, target // max(1, unit))
    if total > step:
        keep_freed_scratch()
    for start in range(0, total, step):
        yield slice(start, min(start + step, total))


@cache
def keep_freed_scratch() -> None:
    """Make glibc's malloc keep the scratch memory of one chunk for the next; only the first call does anything.

    Arrays above 128 KiB are mapped afresh, page by page, until a larger one has been freed (mallopt(3), "dynamic mmap
    threshold"). An array that is never touched is enough, and a first encoding is several times as fast.
    """
    np.empty(1 << 24, np.uint8)


def as_matrix(x: ArrayLike, name: str) -> F32:
    """x as contiguous float32 (rows, columns). Raises ValueError, in the name of a format, for any other shape."""
    array = np.asarray(x)
    if array.ndim != 2:
        raise ValueError(f"{name} needs a shape (rows, columns), not {array.shape}")
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(array, np.float32)


def in_blocks(x: NDArray[Any], size: int) -> NDArray[Any]:
    """x (rows, columns) as (rows, blocks, size); a last block that is not full ends in zeros."""
    rows, columns = x.shape
    blocks = -(-columns // size)
    if columns % size:
        x = np.pad(x, ((0, 0), (0, blocks * size - columns)))
    return x.reshape(rows, blocks, size)


def joined(blocks: NDArray[Any]) -> NDArray[Any]:
    """(rows, blocks, size) as (rows, blocks * size)."""
    return blocks.reshape(blocks.shape[0], blocks.shape[1] * blocks.shape[2])


def finite(weights: F32) -> F32:
    """`weights`, of any shape, with 0 for what is NaN or infinite."""
    good = np.isfinite(weights)
    return weights if good.all() else np.where(good, weights, np.float32(0))


def extreme(op: np.ufunc, blocks: F32) -> F32:
    """`op` (np.maximum or np.minimum) over the last axis of (rows, blocks, size), size above 0."""
    rows, count, size = blocks.shape
    if size & (size - 1) or size > 1024:
        result: F32 = op.reduce(blocks, axis=2)
        return result
    return _fold(op, blocks.reshape(rows * count, size)).reshape(rows, count)


def _fold(op: np.ufunc, blocks: F32) -> F32:
    """`op` over each block of float32 (n, 2^k), as float32 (n,): neighbours in pairs, then pairs of pairs.

    For operations whose order does not matter: five times as fast as `op.reduce` along so short an axis.
    """
    flat = np.ascontiguousarray(blocks).reshape(-1)
    for _ in range(blocks.shape[1].bit_length() - 1):
        flat = op(flat[0::2], flat[1::2])
    return flat


def finite_absmax(blocks: F32) -> F32:
    """Largest finite |x| of each block (rows, blocks, size), as float32 (rows, blocks)."""
    return extreme(np.maximum, np.abs(finite(blocks)))


def quantile(values: NDArray[np.float64], share: float) -> float:
    """Linear interpolation at share · (n - 1) of the sorted `values` (n,), n > 0; NaN where one of them is NaN.

    The same as `np.quantile`, which imports numpy's masked arrays for it.
    """
    place = share * (len(values) - 1)
    below, above = int(place), min(int(place) + 1, len(values) - 1)
    low, high, last = np.partition(values, (below, above, len(values) - 1))[[below, above, -1]].tolist()
    if last != last:  # NaN is sorted last
        return float("nan")
    part = place - below
    return float(low + (high - low) * part if part < 0.5 else high - (high - low) * (1 - part))


def read_in_parts(encoded: Encoded, read: Callable[[Encoded], NDArray[Any]], together: int = CHUNK) -> F32:
    """Values float32 (rows, columns), which `read` finds in a few rows at a time: about `together` weights."""
    values = np.empty((len(encoded.data), encoded.columns), np.float32)
    with np.errstate(all="ignore"):
        for part in chunks(len(values), encoded.columns, together):
            values[part] = read(replace(encoded, data=encoded.data[part]))
    return values


def check_bytes(encoded: Encoded, row_bytes: int, name: str) -> NDArray[np.uint8]:
    """The rows of `encoded`, contiguous. Raises ValueError where they are not uint8 (rows, row_bytes)."""
    data = np.ascontiguousarray(encoded.data)
    if data.dtype != np.uint8 or data.shape[1:] != (row_bytes,):
        raise ValueError(
            f"{name} needs uint8 bytes of shape (rows, {row_bytes}) for {encoded.columns} columns, "
            f"not {data.dtype} {data.shape}"
        )
    return data
