"""Measures what several formats do to one tensor, a few rows at a time: encode, decode, compare, keep sums.

The values are read once and shared by all formats; nothing that is kept grows with the tensor.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtui.compute.chunks import keep_freed_scratch
from qtui.compute.codec import F32
from qtui.compute.errors import ErrorAccumulator, ErrorStats
from qtui.compute.errors.measure import FitsTensor, GathersRows, RoundTrips, beyond_table, uniform_step
from qtui.compute.formats import Format

MOST_TOGETHER = 1 << 20  # weights, where a format asks for rows at a time


@dataclass(frozen=True)
class Weighted:
    """Σ w·e² and Σ w·x² under an importance w per column, and the same two sums unweighted."""

    error: float = 0.0
    energy: float = 0.0

    def __add__(self, other: Weighted) -> Weighted:
        return Weighted(self.error + other.error, self.energy + other.energy)


@dataclass(frozen=True)
class Found:
    """What one format did to the rows so far; `problem` says why it can't store them, and then `stats` is None."""

    format: Format
    stats: ErrorStats | None
    problem: str = ""
    weighted: Weighted | None = None

    def merge(self, other: Found) -> Found:
        """Both together; what the format can't store adds nothing."""
        if self.stats is None or other.stats is None:
            return other if self.stats is None else self
        weights = self.weighted + other.weighted if self.weighted and other.weighted else None
        return Found(self.format, self.stats.merge(other.stats), "", weights)


def rows_together(formats: Sequence[Format], columns: int) -> int:
    """Rows that should be measured at a time, or a multiple of them, for formats whose scales span rows.

    Where that would be absurdly many it is 1, and scales at the ends of parts are those of the part.
    """
    wanted = [codec.rows_together(columns) for codec in (f.codec for f in formats) if isinstance(codec, GathersRows)]
    rows = math.lcm(*wanted)
    return rows if rows * columns <= MOST_TOGETHER else 1


class Meter:
    """Measures `formats` on rows of one tensor.

    `importance` float32 (columns,) is given to the encoders and weighs the errors in `Weighted`. `steps` measures
    errors in steps too, where a format has them. A format with one scale for the whole tensor finds it in
    `fit` float32 (rows, columns), which should hold the whole tensor or at least its extremes.
    """

    def __init__(
        self,
        formats: Sequence[Format],
        *,
        importance: F32 | None = None,
        steps: bool = False,
        fit: F32 | None = None,
        block: int | None = 32,
    ) -> None:
        keep_freed_scratch()
        self._importance = importance
        self._steps = steps
        self._formats = tuple(formats)
        codecs = [fmt.codec for fmt in formats]
        self._codecs = [c.for_tensor(fit) if fit is not None and isinstance(c, FitsTensor) else c for c in codecs]
        self._sums = [ErrorAccumulator(block) for _ in formats]
        self._weighted = [Weighted() for _ in formats]
        self._problems = [""] * len(formats)

    def add(self, x: F32, index: int, offset: int = 0) -> None:
        """Measure format number `index` on rows x float32 (rows, columns), the first at flat index `offset`."""
        if self._problems[index]:
            return
        fmt = self._formats[index]
        if fmt.whole_blocks and x.shape[1] % fmt.block_size:
            self._problems[index] = f"rows of {x.shape[1]} weights are no whole blocks of {fmt.block_size}"
            return
        try:
            y, step, group = self._stored(x, index)
        except ValueError as error:
            self._problems[index] = " ".join(str(error).split())
            return
        self._sums[index].add(x, y, step if self._steps else None, group, offset)
        if self._importance is not None:
            self._weighted[index] += weighted_sums(x, y, self._importance)

    def _stored(self, x: F32, index: int) -> tuple[F32, F32 | None, int | None]:
        """Values as stored, and where they are wanted the steps of each group of weights."""
        codec = self._codecs[index]
        with np.errstate(all="ignore"):
            if isinstance(codec, RoundTrips):
                return codec.roundtrip(x)
            encoded = codec.encode(x, self._importance)
            values = codec.decode(encoded)
            # A float's grid is uniform within one octave only: a step of it says nothing about a tensor.
            if not self._steps or self._formats[index].is_plain:
                return values, None, None
            fields = codec.fields(encoded)
            if fields.table is not None:
                self._sums[index].count_clipped(beyond_table(x, fields), x.size)
            return values, *uniform_step(fields)

    def results(self) -> tuple[Found, ...]:
        """What was found for each format."""
        return tuple(
            Found(
                fmt,
                None if problem else sums.result(),
                problem,
                weighted if self._importance is not None and not problem else None,
            )
            for fmt, sums, problem, weighted in zip(
                self._formats, self._sums, self._problems, self._weighted, strict=True
            )
        )


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
