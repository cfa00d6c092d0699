"""Errors measured in steps, the distance between two neighbouring values of a uniform grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtui.compute.errors.keys import KeyCounter, KeyCounts
from qtui.compute.errors.moments import root_mean, squares

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

# A weight inside its grid misses by half a step at most, and rounding a scale to 16 bits can add 1/16 (127 codes
# times 2^-11); whatever misses by more was clipped.
CLIPPED = 9 / 16


@dataclass(frozen=True)
class StepErrors:
    """`count` weights have a finite step above zero; `square` sums their (e/step)², `largest` is the greatest.

    `counts` are the keys of e/step, `sizes` the keys of the steps themselves, once per weight. `clipped` weights lay
    outside their grid: they miss by more than 9/16 of a step.
    """

    count: int
    square: float
    largest: float
    clipped: int
    counts: KeyCounts
    sizes: KeyCounts

    def merge(self, other: StepErrors) -> StepErrors:
        """Statistics of both parts together."""
        return StepErrors(
            self.count + other.count,
            self.square + other.square,
            max(self.largest, other.largest),
            self.clipped + other.clipped,
            self.counts.merge(other.counts),
            self.sizes.merge(other.sizes),
        )

    @property
    def rms(self) -> float:
        """Root mean square of e/step; 1/sqrt(12) = 0.289 for weights that fall evenly within their steps."""
        return root_mean(self.square, self.count)

    def ideal_counts(self, edges: F64) -> F64:
        """Counts (bins,) expected between `edges` (bins + 1,) if each weight fell evenly within ± half its step.

        Steps are known within 0.4 %, half the width of their keys.
        """
        size = self.sizes.middles()[:, None]
        reached = np.clip(edges[None, :], -size / 2, size / 2) / size
        expected: F64 = self.sizes.counts.astype(np.float64) @ np.diff(reached, axis=1)
        return expected


class StepAccumulator:
    """Collects StepErrors part after part."""

    def __init__(self) -> None:
        self._count = 0
        self._square = 0.0
        self._largest = 0.0
        self._clipped = 0
        self._counts = KeyCounter()
        self._sizes = KeyCounter()

    def add(self, e: F32, steps: F32, group: int, bad: NDArray[np.bool_] | None) -> None:
        """Errors `e` (rows, columns), `steps` (rows, groups) for `group` columns each, `bad` (n,) to leave out."""
        rows, columns = e.shape
        usable = (steps > 0) & np.isfinite(steps)
        if bad is None and columns % group == 0 and usable.all():
            inverse = np.reciprocal(steps)
            in_steps = (e.reshape(rows, -1, group) * inverse[:, :, None]).reshape(-1)
            self._sizes.add(np.ascontiguousarray(steps).reshape(-1), weight=group)
        else:
            own_step = np.repeat(steps, group, axis=1)[:, :columns].reshape(-1)
            kept = np.repeat(usable, group, axis=1)[:, :columns].reshape(-1)
            kept = kept if bad is None else kept & ~bad
            in_steps = np.divide(e.reshape(-1)[kept], own_step[kept], dtype=np.float32)
            self._sizes.add(own_step[kept])
        if in_steps.size == 0:
            return
        self._count += in_steps.size
        self._square += squares(in_steps)
        self._counts.add(in_steps)
        np.abs(in_steps, out=in_steps)
        self._largest = max(self._largest, float(in_steps.max()))
        self._clipped += int(np.count_nonzero(in_steps > CLIPPED))

    def result(self) -> StepErrors:
        """Statistics of everything added so far."""
        return StepErrors(
            self._count, self._square, self._largest, self._clipped, self._counts.result(), self._sizes.result()
        )
