"""Errors block by block: which blocks are the worst, and how signal-to-noise is spread over the blocks."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtui.compute.errors.moments import decibels, root_mean

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

WORST = 12
# Bins of one dB each, from LOWEST_DB; the ends collect what lies beyond, and blocks without any error.
LOWEST_DB = -20
DB_BINS = 180


@dataclass(frozen=True, order=True)
class Block:
    """One block: `squared_error` summed over its weights, `start` its first weight (flat index), `energy` = Σx²."""

    squared_error: float
    start: int
    size: int
    energy: float

    @property
    def rmse(self) -> float:
        """Root mean square error of the block, in the unit of the weights."""
        return root_mean(self.squared_error, self.size)

    @property
    def sqnr_db(self) -> float:
        """10·log10(energy / squared error), in dB."""
        return decibels(self.energy, self.squared_error)


@dataclass(frozen=True)
class BlockErrors:
    """Block statistics of a tensor: the `worst` by squared error, worst first, and `db_counts` int64 (DB_BINS,).

    `exact` blocks have no error at all; they are not in db_counts.
    """

    block_size: int
    worst: tuple[Block, ...]
    db_counts: NDArray[np.int64]
    exact: int = 0

    def merge(self, other: BlockErrors) -> BlockErrors:
        """Statistics of both. Raises ValueError when the block sizes differ."""
        if self.block_size != other.block_size:
            raise ValueError(f"blocks of {self.block_size} can't be merged with blocks of {other.block_size}")
        worst = heapq.nsmallest(WORST, (*self.worst, *other.worst), key=_worst_first)
        return BlockErrors(self.block_size, tuple(worst), self.db_counts + other.db_counts, self.exact + other.exact)


def _worst_first(block: Block) -> tuple[float, int]:
    return -block.squared_error, block.start


class BlockAccumulator:
    """Collects BlockErrors part after part; a block that is not among the worst costs no Python object."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._worst: list[Block] = []
        self._db_counts = np.zeros(DB_BINS, np.int64)
        self._exact = 0

    def add(self, e: F32, x: F32, start: int, quick: bool) -> None:
        """Errors e of weights x, float32 (rows, columns), the first at flat index `start`; blocks are cut from rows.

        `quick` says that float32 can hold the squares (see `moments.fits_float32`).
        """
        if not quick:
            e, x = e.astype(np.float64), x.astype(np.float64)
        errors, energy = self._squares(e), self._squares(x)
        sqnr = energy / errors
        if not errors.all():
            sqnr = sqnr[errors > 0]
            self._exact += errors.size - sqnr.size
        db = np.maximum(10 * np.log10(sqnr, where=sqnr > 0, out=np.full(sqnr.shape, -np.inf)), LOWEST_DB)
        bins = np.minimum(np.floor(db) - LOWEST_DB, DB_BINS - 1).astype(np.intp)
        self._db_counts += np.bincount(bins, minlength=DB_BINS)
        self._rank(errors, energy, e.shape[1], start)

    def _squares(self, values: NDArray[np.floating]) -> F64:
        """Sums of squares of the blocks of (rows, columns), in order."""
        columns = values.shape[1]
        if columns % self.size == 0:
            squares = (values * values).reshape(-1, self.size)
            return (squares @ np.ones(self.size, values.dtype)).astype(np.float64)
        sums = np.add.reduceat(values.astype(np.float64) ** 2, np.arange(0, columns, self.size), axis=1)
        return sums.reshape(-1)

    def _rank(self, errors: F64, energy: F64, columns: int, start: int) -> None:
        """Put blocks that are among the worst into the list."""
        border = self._worst[-1].squared_error if len(self._worst) == WORST else 0.0
        if not errors.max() >= border or not errors.any():
            return
        if errors.size > WORST:
            border = max(border, float(np.partition(errors, -WORST)[-WORST]))
        per_row = -(-columns // self.size)
        # Of equals the first count, and more than WORST of them need not be compared.
        above, equal = np.flatnonzero(errors > border), np.flatnonzero(errors == border)[:WORST]
        for i in (*above.tolist(), *equal.tolist()):
            left = i % per_row * self.size
            first = start + i // per_row * columns + left
            if errors[i] > 0:
                size = min(self.size, columns - left)
                self._worst.append(Block(float(errors[i]), first, size, float(energy[i])))
        self._worst = heapq.nsmallest(WORST, self._worst, key=_worst_first)

    def result(self) -> BlockErrors:
        """Statistics of everything added so far."""
        return BlockErrors(self.size, tuple(self._worst), self._db_counts.copy(), self._exact)
