"""The sum of many tensors' statistics, taken in any order and the same to the last digit in the end."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from qtui.compute.errors import ErrorStats
from qtui.compute.errors.keys import KEYS, KeyCounts
from qtui.compute.errors.moments import Moments


class StatsSum:
    """Adds ErrorStats up in place: merging them pairwise would build a table of 65,536 counts each time.

    Steps and blocks, which belong to one tensor, are left out.
    """

    def __init__(self) -> None:
        self._moments: dict[str, Moments] = {}
        self._absmax = self._max_error = 0.0
        self._beyond = self._bounded = 0
        self._counts: np.ndarray[tuple[int], np.dtype[np.int64]] | None = None

    def add(self, name: str, stats: ErrorStats) -> None:
        """Add the statistics of the tensor called `name`."""
        self._moments[name] = stats.moments
        self._absmax = max(self._absmax, stats.absmax)
        self._max_error = max(self._max_error, stats.max_abs_error)
        self._beyond += stats.beyond
        self._bounded += stats.bounded
        if self._counts is None:
            self._counts = np.zeros(KEYS, np.int64)
        self._counts[stats.counts.keys] += stats.counts.counts

    def result(self, order: Iterable[str]) -> ErrorStats | None:
        """The sum, its float sums taken in the `order` of names; None where nothing was added."""
        if self._counts is None:
            return None
        keys = np.flatnonzero(self._counts)
        counts = KeyCounts(keys.astype(np.uint16), self._counts[keys])
        moments = sum((self._moments[name] for name in order if name in self._moments), Moments())
        return ErrorStats(
            moments,
            self._absmax,
            self._max_error,
            -1,
            counts,
            steps=None,
            blocks=None,
            beyond=self._beyond,
            bounded=self._bounded,
        )
