"""What a codec does to a tensor: its weights stored, read back and compared, chunk by chunk.

A codec may have two methods beyond `codec.Codec`: `for_tensor(x)` gives the codec with what the whole tensor shares
(its scale), so that rows can be stored in parts; `roundtrip(x)` gives values, steps and group size without making
bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from qtui.compute.chunks import chunks
from qtui.compute.codec import Codec, Fields
from qtui.compute.errors.accumulate import ErrorAccumulator
from qtui.compute.errors.stats import ErrorStats

F32 = NDArray[np.float32]


@runtime_checkable
class FitsTensor(Protocol):
    """A codec that stores something once per tensor."""

    def for_tensor(self, x: F32) -> Codec: ...


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
    for part in chunks(rows, columns):
        piece = np.ascontiguousarray(x[part], np.float32)
        values, step, group = stored_values(fitted, piece)
        accumulator.add(piece, values, step, group, offset=part.start * columns)
        if tick is not None:
            tick(part.stop, rows)
    return accumulator.result()


def stored_values(codec: Codec, x: F32) -> tuple[F32, F32 | None, int | None]:
    """Values of x float32 (rows, columns) as stored by `codec`, steps (rows, groups) or None, columns of a group."""
    if isinstance(codec, RoundTrips):
        return codec.roundtrip(x)
    encoded = codec.encode(x)
    step, group = uniform_step(codec.fields(encoded))
    return codec.decode(encoded), step, group


def uniform_step(fields: Fields) -> tuple[F32 | None, int | None]:
    """Distance between neighbouring values, float32 (rows, groups), and the columns of a group; None for tables."""
    if fields.scale is None or fields.table is not None:
        return None, None
    return np.abs(fields.scale), fields.group_size
