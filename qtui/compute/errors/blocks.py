"""Errors block by block: which blocks are the worst, and how signal-to-noise is spread over the blocks."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
        return float(np.sqrt(self.squared_error / self.size))

    @property
    def sqnr_db(self) -> float:
        with np.errstate(divide="ignore", invalid="ignore"):
            return float(10 * np.log10(np.float64(self.energy) / self.squared_error))


@dataclass(frozen=True)
class BlockErrors:
    """Block statistics of a tensor: the `worst` by squared error, worst first, and `db_counts` int64 (DB_BINS,).

    `exact` blocks have no error at all; they are not in db_counts.
    """

    block_size: int
    worst: tuple[Block, ...]
    db_counts: NDArray[np.int64]
    exact: int = 0

    @classmethod
    def empty(cls, block_size: int) -> BlockErrors:
        return cls(block_size, (), np.zeros(DB_BINS, np.int64))

    def merge(self, other: BlockErrors) -> BlockErrors:
        """Statistics of both. Raises ValueError when the block sizes differ."""
        if self.block_size != other.block_size:
            raise ValueError(f"blocks of {self.block_size} can't be merged with blocks of {other.block_size}")
        worst = heapq.nsmallest(WORST, (*self.worst, *other.worst), key=_worst_first)
        return BlockErrors(self.block_size, tuple(worst), self.db_counts + other.db_counts, self.exact + other.exact)

    def db_edges(self) -> F64:
        """Edges (DB_BINS + 1,) of the bins of db_counts, in dB."""
        return np.arange(LOWEST_DB, LOWEST_DB + DB_BINS + 1, dtype=np.float64)


def _worst_first(block: Block) -> tuple[float, int]:
    return -block.squared_error, block.start


def block_errors(squared_error: F64, energy: F64, starts: NDArray[np.int64], sizes: NDArray[np.int64]) -> BlockErrors:
    """Statistics of blocks given as arrays (blocks,): Σe², Σx², first flat index, number of weights."""
    size = int(sizes.max(initial=0))
    top = (
        np.argsort(-squared_error, kind="stable")[:WORST] if squared_error.size <= WORST else _largest(squared_error)
    )
    worst = [Block(float(squared_error[i]), int(starts[i]), int(sizes[i]), float(energy[i])) for i in top]
    wrong = squared_error > 0
    with np.errstate(divide="ignore"):
        db = 10 * np.log10(energy[wrong] / squared_error[wrong])
    bins = np.clip(np.floor(db) - LOWEST_DB, 0, DB_BINS - 1).astype(np.intp)
    counts = np.bincount(bins, minlength=DB_BINS).astype(np.int64)
    kept = tuple(block for block in sorted(worst, key=_worst_first) if block.squared_error > 0)
    return BlockErrors(size, kept, counts, int(wrong.size - np.count_nonzero(wrong)))


def _largest(squared_error: F64) -> NDArray[np.intp]:
    """Indices of the WORST largest, ties to the earlier block so that merging in any order agrees."""
    border = np.partition(squared_error, -WORST)[-WORST]
    above = np.flatnonzero(squared_error > border)
    equal = np.flatnonzero(squared_error == border)[: WORST - above.size]
    return np.concatenate([above, equal])
