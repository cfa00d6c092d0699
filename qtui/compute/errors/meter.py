"""What formats do to a tensor: rows are stored, read back and compared, a few at a time.

`Meter` measures several formats on values that are read once; `measure` one codec on a whole array. Nothing that is
kept grows with the tensor. A codec may have methods beyond `codec.Codec`: see `FitsTensor`, `GathersRows` and
`RoundTrips`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from qtui.compute.arrays import chunks, in_blocks, keep_freed_scratch
from qtui.compute.codec import F32, Codec, Fields
from qtui.compute.errors.accumulate import ErrorAccumulator
from qtui.compute.errors.stats import ErrorStats
from qtui.compute.errors.steps import CLIPPED
from qtui.compute.formats import Format

MOST_TOGETHER = 1 << 20  # weights, where a format asks for rows at a time


@runtime_checkable
class FitsTensor(Protocol):
    """A codec that stores something once per tensor."""

    def for_tensor(self, x: F32) -> Codec:
        """This codec with what the tensor x float32 (rows, columns) shares (its scale), for storing it in parts."""
        ...


@runtime_checkable
class GathersRows(Protocol):
    """A codec whose bytes depend on where a part of the tensor begins."""

    def rows_together(self, columns: int) -> int:
        """Rows that must be stored at a time, or a multiple of them."""
        ...


@runtime_checkable
class RoundTrips(Protocol):
    """A codec that knows its values without making the bytes."""

    def roundtrip(self, x: F32) -> tuple[F32, F32 | None, int | None]:
        """Values like x, steps float32 (rows, groups) where the grid is uniform, columns of a group."""
        ...


@dataclass(frozen=True)
class Weighted:
    """Σ w·e² (`error`) and Σ w·x² (`energy`) of weights x with errors e, w the importance of each column."""

    error: float = 0.0
    energy: float = 0.0

    def __add__(self, other: Weighted) -> Weighted:
        return Weighted(self.error + other.error, self.energy + other.energy)


@dataclass(frozen=True)
class FormatStats:
    """What one format did to the rows so far; `problem` says why it can't store them, and then `stats` is None."""

    format: Format
    stats: ErrorStats | None
    problem: str = ""
    weighted: Weighted | None = None

    def merge(self, other: FormatStats) -> FormatStats:
        """Both together; what the format can't store adds nothing."""
        if self.stats is None or other.stats is None:
            return other if self.stats is None else self
        weights = self.weighted + other.weighted if self.weighted and other.weighted else None
        return FormatStats(self.format, self.stats.merge(other.stats), "", weights)


def rows_together(formats: Sequence[Format], columns: int) -> int:
    """Rows that should be measured at a time, or a multiple of them, for formats whose scales span rows.

    Above MOST_TOGETHER weights it is 1, and scales at the ends of parts are those of the part.
    """
    wanted = [codec.rows_together(columns) for codec in (f.codec for f in formats) if isinstance(codec, GathersRows)]
    rows = math.lcm(*wanted)
    return rows if rows * columns <= MOST_TOGETHER else 1


class Meter:
    """Measures `formats` on rows of one tensor.

    `importance` float32 (columns,) is given to the encoders and weighs the errors in `Weighted`. `steps` measures
    errors in steps too, where a format has them. A format that stores something once for the whole
    tensor, such as its scale, finds that in `fit` float32 (rows, columns): the tensor, or an even sample of its rows
    with those that hold its extremes. The rows are a `sample` where more are not measured.
    """

    def __init__(
        self,
        formats: Sequence[Format],
        *,
        importance: F32 | None = None,
        steps: bool = False,
        fit: F32 | None = None,
        block: int | None = 32,
        sample: bool = False,
    ) -> None:
        keep_freed_scratch()
        self._importance = importance
        self._steps = steps
        self._formats = tuple(formats)
        codecs = [fmt.codec for fmt in formats]
        self._codecs = [
            codec.for_tensor(fit)
            if fit is not None and fmt.tensor_bytes_extra and isinstance(codec, FitsTensor)
            else codec
            for fmt, codec in zip(self._formats, codecs, strict=True)
        ]
        self._sums = [ErrorAccumulator(block, sample=sample) for _ in formats]
        self._weighted = [Weighted() for _ in formats]
        self._problems = [""] * len(formats)

    def refuse(self, index: int, problem: str) -> None:
        """Measure format number `index` no further: `problem` says why it can't be."""
        self._problems[index] = problem

    def add(self, x: F32, index: int, offset: int = 0) -> None:
        """Measure format number `index` on rows x float32 (rows, columns), the first at flat index `offset`."""
        if self._problems[index]:
            return
        fmt = self._formats[index]
        if fmt.whole_blocks and x.shape[1] % fmt.block_size:
            self._problems[index] = (
                f"rows of {x.shape[1]} weight{'s' * (x.shape[1] != 1)} are no whole blocks of {fmt.block_size}"
            )
            return
        y, step, group = self._stored(x, index)
        self._sums[index].add(x, y, step if self._steps else None, group, offset)
        if self._importance is not None:
            self._weighted[index] += weighted_sums(x, y, self._importance)

    def _stored(self, x: F32, index: int) -> tuple[F32, F32 | None, int | None]:
        """Values as stored, and where they are wanted the steps of each group of weights."""
        # A float's grid is uniform within one octave only: a step of it says nothing about a tensor.
        steps = self._steps and not self._formats[index].is_plain
        with np.errstate(all="ignore"):
            return _roundtrip(self._codecs[index], x, self._importance, self._sums[index] if steps else None)

    def results(self) -> tuple[FormatStats, ...]:
        """What was found for each format."""
        return tuple(
            FormatStats(
                fmt,
                None if problem else sums.result(),
                problem,
                weighted if self._importance is not None and not problem else None,
            )
            for fmt, sums, problem, weighted in zip(
                self._formats, self._sums, self._problems, self._weighted, strict=True
            )
        )


def measure(codec: Codec, x: F32, block: int | None = 32) -> ErrorStats:
    """Errors of `codec` on x float32 (rows, columns), which may be a mapped file: it is read chunk by chunk.

    `block` is the length of the ranked blocks. Raises what `encode` raises.
    """
    fitted = codec.for_tensor(x) if isinstance(codec, FitsTensor) else codec
    accumulator = ErrorAccumulator(block)
    rows, columns = x.shape
    together = fitted.rows_together(columns) if isinstance(fitted, GathersRows) else 1
    for group_rows in chunks(-(-rows // together), columns * together):
        part = slice(group_rows.start * together, min(group_rows.stop * together, rows))
        piece = np.ascontiguousarray(x[part], np.float32)
        values, step, group = _roundtrip(fitted, piece, None, accumulator)
        accumulator.add(piece, values, step, group, offset=part.start * columns)
    return accumulator.result()


def _roundtrip(
    codec: Codec, x: F32, importance: F32 | None, clipped: ErrorAccumulator | None
) -> tuple[F32, F32 | None, int | None]:
    """`x` (rows, columns) stored and read back: values, steps (rows, groups), columns of a group.

    With `clipped`, which counts what a table can't hold, steps are looked for where the codec makes bytes.
    """
    if isinstance(codec, RoundTrips):
        return codec.roundtrip(x)
    encoded = codec.encode(x, importance)
    values = codec.decode(encoded)
    if clipped is None:
        return values, None, None
    fields = codec.fields(encoded)
    if fields.table is not None:
        clipped.count_clipped(beyond_table(x, fields), x.size)
    return values, *uniform_step(fields)


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


def weighted_sums(x: F32, y: F32, importance: F32) -> Weighted:
    """Sums over x and y float32 (rows, columns); pairs that are not finite count nothing."""
    weights = importance.astype(np.float64)
    with np.errstate(all="ignore"):
        error = _columns(y.astype(np.float64) - x)
        energy = _columns(np.where(np.isfinite(y), x, np.nan).astype(np.float64))
    return Weighted(float(error @ weights), float(energy @ weights))


def _columns(values: NDArray[np.float64]) -> NDArray[np.float64]:
    squares = np.square(values)
    sums: NDArray[np.float64] = np.where(np.isfinite(squares), squares, 0.0).sum(axis=0)
    return sums
