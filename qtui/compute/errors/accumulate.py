"""Error statistics chunk by chunk: what is measured does not depend on how the data was cut.

A pass reads each pair once and works in buffers that stay in the processor's cache, so its speed is that of the
arithmetic and its memory does not grow with the tensor.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qtui.compute.errors.blocks import BlockAccumulator
from qtui.compute.errors.keys import CHUNK, KeyCounter
from qtui.compute.errors.moments import Moments, Scratch, fits_float32, pair_moments, row_moments, total_of
from qtui.compute.errors.stats import ErrorStats
from qtui.compute.errors.steps import StepAccumulator

F32 = NDArray[np.float32]


class ErrorAccumulator:
    """Measures y against x, part after part; `result` may be asked for at any time."""

    def __init__(self, block: int | None = 32, *, sample: bool = False) -> None:
        """`block` is the length of the blocks, along the last axis, that are ranked; None ranks none.

        Of a `sample` of rows, how much these differ is measured, too.
        """
        self._sample = sample
        self._scratch: Scratch | None = None
        self._moments = Moments()
        self._merged: list[Moments] = []
        self._absmax = 0.0
        self._max_error = 0.0
        self._max_index = -1
        self._counter = KeyCounter()
        self._steps: StepAccumulator | None = None
        self._blocks = None if block is None else BlockAccumulator(block)
        self._beyond = self._bounded = 0

    def add(
        self, x: ArrayLike, y: ArrayLike, step: ArrayLike | None = None, group: int | None = None, offset: int = 0
    ) -> None:
        """Measure y against x, arrays of one shape, taken as float32; the last axis is a row.

        `step` is the distance between neighbouring stored values: one number, or (rows, groups), each for `group`
        consecutive weights of its row (by default the row's equal parts). `offset` is the flat index of the first
        weight in its tensor. Raises ValueError when the shapes disagree.
        """
        xs, ys = _as_rows(x), _as_rows(y)
        if xs.shape != ys.shape:
            raise ValueError(f"weights {np.shape(x)} and stored values {np.shape(y)} differ in shape")
        if xs.size == 0:
            return
        steps, group = _step_rows(step, group, xs.shape)
        if group > CHUNK and xs.shape[1] % group == 0:
            xs, ys = xs.reshape(-1, group), ys.reshape(-1, group)
            steps = None if steps is None else steps.reshape(-1, 1)
        align = math.lcm(self._blocks.size if self._blocks else 1, group if steps is not None else 1)
        with np.errstate(all="ignore"):
            for rows, columns in _pieces(xs.shape, align):
                piece = None if steps is None else steps[rows, columns.start // group : -(-columns.stop // group)]
                start = offset + rows.start * xs.shape[1] + columns.start
                self._add_piece(xs[rows, columns], ys[rows, columns], piece, group, start)

    def count_clipped(self, beyond: int, bounded: int) -> None:
        """Of `bounded` weights added, `beyond` lay outside what their block of a codebook can hold."""
        self._beyond += beyond
        self._bounded += bounded

    def merge(self, other: ErrorStats, share: float = 1.0) -> None:
        """Add the statistics of another tensor, but for its steps, blocks and indices, which belong to it alone.

        `share` of its weights were measured: sums and counts are those of all of them then, as far as the sample
        tells; extremes stay those of the sample. The result is the same to the last digit in whichever order tensors
        are merged.
        """
        self._merged.append(other.moments if share == 1 else other.moments.scaled(1 / share))
        self._absmax = max(self._absmax, other.absmax)
        self._max_error = max(self._max_error, other.max_abs_error)
        self._counter.merge_counts(other.counts, 1 / share)
        self.count_clipped(round(other.beyond / share), round(other.bounded / share))

    def result(self) -> ErrorStats:
        """Statistics of everything added so far."""
        return ErrorStats(
            total_of((self._moments, *self._merged)) if self._merged else self._moments,
            self._absmax,
            self._max_error,
            self._max_index,
            self._counter.result(),
            self._steps.result() if self._steps else None,
            self._blocks.result() if self._blocks else None,
            self._beyond,
            self._bounded,
        )

    def _add_piece(self, x: F32, y: F32, steps: F32 | None, group: int, start: int) -> None:
        """A piece of whole rows, or of one row, from flat index `start`; `steps` (rows, groups)."""
        rows, columns = x.shape
        x, y = np.ascontiguousarray(x).reshape(-1), np.ascontiguousarray(y).reshape(-1)
        if self._scratch is None or x.size > self._scratch.size:
            self._scratch = Scratch(max(x.size, CHUNK))
        e = self._scratch.e[: x.size]
        np.subtract(y, x, out=e)
        high, low = float(e.max()), float(e.min())
        bad: NDArray[np.bool_] | None = None
        if not (math.isfinite(high) and math.isfinite(low)):
            bad = ~np.isfinite(e)
            x, y = self._without_bad_pairs(x, y, e, bad)
            high, low = float(e.max()), float(e.min())
        self._note_largest(e, high, low, start)
        absmax = max(float(x.max()), -float(x.min()))
        self._absmax = max(self._absmax, absmax)
        quick = fits_float32(absmax, max(high, -low))
        self._moments += pair_moments(x, y, self._scratch, quick)
        if self._sample:
            self._moments += row_moments(x.reshape(rows, columns), e.reshape(rows, columns), quick)
        self._counter.add(e)
        if steps is not None:
            self._steps = self._steps or StepAccumulator()
            self._steps.add(e.reshape(rows, columns), steps, group, bad)
        if self._blocks is not None:
            self._blocks.add(e.reshape(rows, columns), x.reshape(rows, columns), start, quick)

    def _note_largest(self, e: F32, high: float, low: float, start: int) -> None:
        """Remember the largest |e|, the first of equals, of errors between `low` and `high`."""
        largest = max(high, -low)
        if largest < self._max_error or (largest == self._max_error and 0 <= self._max_index < start):
            return
        places = [int(e.argmax())] if high == largest else []
        places += [int(e.argmin())] if -low == largest else []
        index = start + min(places)
        if largest > self._max_error or self._max_index < 0:
            self._max_error, self._max_index = largest, index
        else:
            self._max_index = min(self._max_index, index)

    def _without_bad_pairs(self, x: F32, y: F32, e: F32, bad: NDArray[np.bool_]) -> tuple[F32, F32]:
        """Copies of x and y with the pairs that have no finite error made 0 and 0, and taken out of every count."""
        bad_inputs = int(np.count_nonzero(~np.isfinite(x)))
        left_out = int(np.count_nonzero(bad))
        nans = int(np.count_nonzero(np.isnan(x) | np.isnan(y)))
        e[bad] = 0
        self._counter.discount_zeros(left_out)
        self._moments += Moments(
            count=-left_out,
            zeros_before=-left_out,
            zeros_after=-left_out,
            bad_inputs=bad_inputs,
            bad_outputs=left_out - bad_inputs,
            nans=nans,
        )
        return np.where(bad, np.float32(0), x), np.where(bad, np.float32(0), y)


def error_stats(
    x: ArrayLike,
    y: ArrayLike,
    step: ArrayLike | None = None,
    group: int | None = None,
    block: int | None = 32,
) -> ErrorStats:
    """Statistics of y against x, float32 arrays of one shape; blocks of `block` along the last axis.

    `step` and `group`: see ErrorAccumulator.add. Raises ValueError when the shapes disagree.
    """
    accumulator = ErrorAccumulator(block)
    accumulator.add(x, y, step, group)
    return accumulator.result()


def _as_rows(values: ArrayLike) -> F32:
    """`values` as float32 (rows, columns)."""
    array = np.asarray(values, np.float32)
    return array.reshape(-1, array.shape[-1]) if array.ndim > 1 and array.size else array.reshape(1, -1)


def _step_rows(step: ArrayLike | None, group: int | None, shape: tuple[int, ...]) -> tuple[F32 | None, int]:
    """Steps as float32 (rows, groups), and the weights in a group."""
    rows, columns = shape
    if step is None:
        return None, 1
    steps = np.asarray(step, np.float32)
    if steps.ndim < 2:
        steps = steps.reshape(1, -1)
    group = group or columns // max(steps.shape[1], 1)
    if steps.shape[0] not in (1, rows) or group < 1 or steps.shape[1] != -(-columns // group):
        raise ValueError(f"steps {np.shape(step)} do not fit rows of {shape} in groups of {group}")
    return np.broadcast_to(steps, (rows, steps.shape[1])), group


def _pieces(shape: tuple[int, ...], align: int) -> Iterator[tuple[slice, slice]]:
    """Row and column slices of pieces of about CHUNK weights; those within a row start at multiples of `align`."""
    rows, columns = shape
    if columns <= CHUNK:
        height = CHUNK // columns
        for top in range(0, rows, height):
            yield slice(top, min(top + height, rows)), slice(0, columns)
        return
    width = max(CHUNK // align, 1) * align
    for row in range(rows):
        for left in range(0, columns, width):
            yield slice(row, row + 1), slice(left, min(left + width, columns))
