"""The search behind IQ1: the best way to split a group's sorted weights into minus one, zero and plus one.

Every pair of boundaries is tried, with all levels moved up or down by an eighth; the pair that explains most wins.
Source: the loops over `i1` and `i2` in `quantize_row_iq1_s_impl` and `quantize_row_iq1_m_impl` of `ggml-quants.c`
(IQ1_M's as ggml has it since 0.25, which adds up in another order than before). Groups lie as columns.

C keeps a candidate that is better than the best before it, as far as float32 can tell. Here all scores are worked out
at once, and C's loop is followed only for the highest ones, down to a gap: whatever it took before these, the first
of them replaces, and no other replaces them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtui.compute.arrays import chunks
from qtui.compute.codec import F32

DELTA = np.float32(0.125)
"""How far the levels -1, 0, 1 are moved up or down."""

_UP = np.array([-0.875, 0.125, 1.125], np.float32)
_DOWN = -_UP[::-1]
_NEAR = np.float32(1 - 2.0**-12)  # scores above this part of the highest are compared
_CLOSE = np.float32(1 - 2.0**-20)  # a gap: scores and C's comparison are wrong by ten half units of 2^-24 in all
_SMALL, _LARGE = np.float32(1e-26), np.float32(1e30)  # within these no product underflows or overflows

At = int | slice | tuple[NDArray[np.intp], NDArray[np.intp]]
"""Which boundaries: one, a range of them, or one for each of some columns."""


@dataclass(frozen=True)
class SplitChoice:
    """Weights below boundary `first` of the sorted ones are -1, those from `second` on are 1; intp (n,) both.

    `shift` intp (n,) is the number of the shifts, -1 where no split was found; `scale` float32 (n,) may be negative.
    """

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    shift: NDArray[np.intp]
    scale: F32


class Splits(ABC):
    """All splits of n groups of `size` sorted weights, each with `shifts` ways to move the levels."""

    shifts: int
    size: int
    count: int

    @abstractmethod
    def explained(self, first: At, second: At) -> list[tuple[F32, F32]]:
        """For each shift the sums of w * x * q and of w * q^2 at pairs of boundaries, float32 of their shape.

        They are added in C's order of operations.
        """


class SplitsOfOne(Splits):
    """IQ1_S: one shift for the whole group, up or down; x, w float32 (size, n), sorted by x."""

    shifts = 2

    def __init__(self, x: F32, w: F32) -> None:
        self.size, self.count = x.shape
        self._x, self._w = _running(w * x), _running(w)
        self._tables = []
        for low, _, high in (_UP, _DOWN):
            self._tables.append((
                self._x * low, (self._x[-1] - self._x) * high,
                self._w * low * low, (self._w[-1] - self._w) * high * high,
            ))  # fmt: skip

    def explained(self, first: At, second: At) -> list[tuple[F32, F32]]:
        """See `Splits`."""
        middle_x = (self._x[second] - self._x[first]) * DELTA
        middle_w = (self._w[second] - self._w[first]) * (DELTA * DELTA)
        sums = []
        for (low_x, high_x, low_w, high_w), middle in zip(self._tables, (middle_x, -middle_x), strict=True):
            sums.append((low_x[first] + middle + high_x[second], low_w[first] + middle_w + high_w[second]))
        return sums


class SplitsOfTwo(Splits):
    """IQ1_M: a shift for each half of the group: both up, up and down, down and up, both down.

    x, w float32 (size, n), sorted by x; `late` bool (size, n) says which belong to the second half.
    """

    shifts = 4

    def __init__(self, x: F32, w: F32, late: NDArray[np.bool_]) -> None:
        self.size, self.count = x.shape
        wx, nothing = w * x, np.float32(0)
        self._halves = []
        for other in (late, ~late):
            run_x, run_w = _running(np.where(other, nothing, wx)), _running(np.where(other, nothing, w))
            ways = []
            for low, middle, high in (_UP, _DOWN):
                rise, more = low * low - middle * middle, middle * middle - high * high
                ways.append((run_x[-1] * high, run_w[-1] * high * high + run_w * rise, run_w * more))
            self._halves.append((run_x, ways))

    def explained(self, first: At, second: At) -> list[tuple[F32, F32]]:
        """See `Splits`."""
        halves = []
        for run_x, ways in self._halves:
            both = run_x[first] + run_x[second]
            columns = first[1] if isinstance(first, tuple) else slice(None)
            halves.append([(total[columns] - both, low[first] + high[second]) for total, low, high in ways])
        return [(one[0] + two[0], one[1] + two[1]) for one in halves[0] for two in halves[1]]


def _running(columns: F32) -> F32:
    """Sums of the first 0, 1, ... elements, float32 (size + 1, n)."""
    sums = np.zeros((len(columns) + 1, columns.shape[1]), np.float32)
    np.add.accumulate(columns, axis=0, out=sums[1:])
    return sums


def best_split(splits: Splits) -> SplitChoice:
    """The split that C's loop over first, second and shift ends with."""
    winner, scale = np.full(splits.count, -1), np.zeros(splits.count, np.float32)
    candidate, column, unsure = _contenders(splits)
    sure = ~unsure[column]
    _follow(splits, candidate[sure], column[sure], winner, scale)
    rest, everything = np.flatnonzero(unsure), np.arange(_pairs(splits.size) * splits.shifts)
    for part in chunks(len(rest), len(everything)):
        _follow(splits, np.tile(everything, len(rest[part])), np.repeat(rest[part], len(everything)), winner, scale)
    first, second = np.triu_indices(splits.size + 1)
    pair, shift = np.divmod(np.maximum(winner, 0), splits.shifts)
    return SplitChoice(first[pair], second[pair], np.where(winner < 0, -1, shift), scale)


def _pairs(size: int) -> int:
    return (size + 1) * (size + 2) // 2


def _contenders(splits: Splits) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]:
    """The candidates, numbered in C's order, above a gap below their column's highest score, sorted by column.

    The gap is wider than what C's comparison can be wrong by. Also the columns, bool (n,), where none was found among
    the highest scores, or where so large or small numbers take part that a comparison may be off by more.
    """
    scores = _scores(splits)
    highest = np.maximum.reduce(scores, axis=0)
    candidate, column = np.divmod(np.flatnonzero(scores >= highest * _NEAR), splits.count)
    score = scores[candidate, column]
    order = np.lexsort((-score, column))
    candidate, column, score = candidate[order], column[order], score[order]
    first = np.diff(column, prepend=-1) != 0
    following = np.where(np.append(first[1:], True), (highest * _NEAR)[column], np.append(score[1:], 0))
    gaps = following < score * _CLOSE
    gaps_above: NDArray[np.intp] = np.cumsum(gaps) - gaps
    above: NDArray[np.bool_] = gaps_above == np.maximum.accumulate(np.where(first, gaps_above, 0))
    candidate, column, gaps = candidate[above], column[above], gaps[above]
    qx, q2 = _sums(splits, candidate, column)
    sound = np.ones(len(column), np.bool_)
    for value in (qx * qx, q2, score[above]):
        sound &= (value > _SMALL) & (value < _LARGE)
    unsure = np.bincount(column[gaps], minlength=splits.count) == 0
    unsure[column[~sound]] = True
    order = np.lexsort((candidate, column))
    return candidate[order], column[order], unsure


def _scores(splits: Splits) -> F32:
    """qx^2 / q2 of all candidates float32 (candidates, n), -1 where q2 is not above 0."""
    scores = np.empty((_pairs(splits.size), splits.shifts, splits.count), np.float32)
    start = 0
    for first in range(splits.size + 1):
        rows = scores[start : start + splits.size + 1 - first]
        for shift, (qx, q2) in enumerate(splits.explained(first, slice(first, None))):
            qx *= qx
            np.divide(qx, q2, out=rows[:, shift])
            if not q2.min(initial=1) > 0:
                rows[:, shift][~(q2 > 0)] = -1
        start += len(rows)
    return scores.reshape(-1, splits.count)


def _sums(splits: Splits, candidate: NDArray[np.intp], column: NDArray[np.intp]) -> tuple[F32, F32]:
    """The sums of w * x * q and w * q^2, float32 (k,), of k candidates."""
    first, second = np.triu_indices(splits.size + 1)
    pair, shift = np.divmod(candidate, splits.shifts)
    sums = splits.explained((first[pair], column), (second[pair], column))
    qx, q2 = (np.stack(terms)[shift, np.arange(len(pair))] for terms in zip(*sums, strict=True))
    return qx, q2


def _follow(
    splits: Splits, candidate: NDArray[np.intp], column: NDArray[np.intp], winner: NDArray[np.intp], scale: F32
) -> None:
    """C's loop over the given candidates, sorted by column, which fills in `winner` and `scale` (n,)."""
    qx, q2 = _sums(splits, candidate, column)
    start = np.flatnonzero(np.diff(column, prepend=-1))
    counts = np.diff(start, append=len(column))
    best = np.full(splits.count, -np.finfo(np.float32).max)
    for rank in range(counts.max(initial=0)):
        at = start[counts > rank] + rank
        at = at[(q2[at] > 0) & (qx[at] * qx[at] > best[column[at]] * q2[at])]
        scale[column[at]] = qx[at] / q2[at]
        best[column[at]] = scale[column[at]] * qx[at]
        winner[column[at]] = candidate[at]
