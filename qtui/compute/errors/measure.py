"""What a codec does to a tensor: its weights stored, read back and compared, chunk by chunk.

A codec may have two methods beyond `codec.Codec`: `for_tensor(x)` gives the codec with what the whole tensor shares
(its scale), so that rows can be stored in parts, `rows_together(columns)` rows or a multiple of them at a time;
`roundtrip(x)` gives values, steps and group size without making bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from qtui.compute.blocks import in_blocks
from qtui.compute.chunks import chunks
from qtui.compute.codec import Codec, Fields
from qtui.compute.errors.accumulate import ErrorAccumulator
from qtui.compute.errors.stats import ErrorStats
from qtui.compute.errors.steps import CLIPPED

F32 = NDArray[np.float32]


@runtime_checkable
class FitsTensor(Protocol):
    """A codec that stores something once per tensor."""

    def for_tensor(self, x: F32) -> Codec: ...


@runtime_checkable
class GathersRows(Protocol):
    """A codec whose bytes depend on where a part of the tensor begins."""

    def rows_together(self, columns: int) -> int: ...


@runtime_checkable
class RoundTrips(Protocol):
    """A codec that knows its values without making the bytes."""

    def roundtrip(self, x: F32) -> tuple[F32, F32 | None, int | None]:
        """Values like x, steps float32 (rows, groups) where the grid is uniform, columns of a group."""
        ...


def measure(
    codec: Codec, x: F32, block: int | None = 32, tick: Callable[[int, int], None] | None = None
) -> ErrorStats:
    """Errors of `codec` on x float32 (rows, columns), which may be a mapped file: it is read chunk by chunk.

    `block` is the length of the ranked blocks; `tick(rows_done, rows)` is called after each chunk and may raise.
    Raises what `encode` raises.
    """
    fitted = codec.for_tensor(x) if isinstance(codec, FitsTensor) else codec
    accumulator = ErrorAccumulator(block)
    rows, columns = x.shape
    together = fitted.rows_together(columns) if isinstance(fitted, GathersRows) else 1
    for group_rows in chunks(-(-rows // together), columns * together):
        part = slice(group_rows.start * together, min(group_rows.stop * together, rows))
        piece = np.ascontiguousarray(x[part], np.float32)
        if isinstance(fitted, RoundTrips):
            values, step, group = fitted.roundtrip(piece)
        else:
            encoded = fitted.encode(piece)
            values, fields = fitted.decode(encoded), fitted.fields(encoded)
            step, group = uniform_step(fields)
            if fields.table is not None:
                accumulator.count_clipped(beyond_table(piece, fields), piece.size)
        accumulator.add(piece, values, step, group, offset=part.start * columns)
        if tick is not None:
            tick(part.stop, rows)
    return accumulator.result()


def uniform_step(fields: Fields) -> tuple[F32 | None, int | None]:
    """Distance between neighbouring values, float32 (rows, groups), and the columns of a group; None for tables."""
    if fields.scale is None or fields.table is not None:
        return None, None
    return np.abs(fields.scale), fields.group_size


def beyond_table(x: F32, fields: Fields) -> int:
    """How many of x float32 (rows, columns) lie outside their block's table.

    Outside is what misses the last value by more than 9/16 of the gap before it, as for uniform steps.
    """
    assert fields.table is not None
    if fields.scale is None or x.size == 0:
        return 0
    values = np.unique(fields.table[np.isfinite(fields.table)])
    low = values[0] - CLIPPED * (values[1] - values[0])
    high = values[-1] + CLIPPED * (values[-1] - values[-2])
    with np.errstate(all="ignore"):
        scaled = in_blocks(x, fields.group_size)
        ends = fields.scale[:, :, None] * np.array([low, high], np.float32)
        lower, upper = ends.min(axis=2, keepdims=True), ends.max(axis=2, keepdims=True)
        return int(np.count_nonzero((scaled < lower) | (scaled > upper)))
