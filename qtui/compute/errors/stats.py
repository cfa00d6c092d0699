"""The statistics of the errors a format makes: a frozen result that merges with the result of another part."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qtui.compute.errors.blocks import Block, BlockErrors
from qtui.compute.errors.keys import Histogram, KeyCounts
from qtui.compute.errors.moments import Figures, Moments, ratio
from qtui.compute.errors.steps import StepErrors

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class ErrorStats(Figures):
    """Errors e = y - x of stored values y against weights x. Made by `error_stats`, or by an ErrorAccumulator.

    Pairs where x or y is NaN or infinite are left out of every figure and counted in `bad_inputs` (x) and
    `bad_outputs` (y, where x is finite). Lengths in the unit of the weights; figures that do not exist are NaN. Of
    `bounded` weights stored in codebooks, `beyond` were clipped; for uniform grids that is in `steps`.
    """

    moments: Moments
    absmax: float
    max_abs_error: float
    max_index: int
    counts: KeyCounts
    steps: StepErrors | None
    blocks: BlockErrors | None
    beyond: int = 0
    bounded: int = 0

    def merge(self, other: ErrorStats) -> ErrorStats:
        """Statistics of both parts together."""
        first, second = sorted((self, other), key=lambda part: (-part.max_abs_error, part.max_index))
        return replace(
            self,
            moments=self.moments + other.moments,
            absmax=max(self.absmax, other.absmax),
            max_abs_error=first.max_abs_error,
            max_index=first.max_index if first.max_index >= 0 else second.max_index,
            counts=self.counts.merge(other.counts),
            steps=self.steps.merge(other.steps) if self.steps and other.steps else self.steps or other.steps,
            blocks=self.blocks.merge(other.blocks) if self.blocks and other.blocks else self.blocks or other.blocks,
            beyond=self.beyond + other.beyond,
            bounded=self.bounded + other.bounded,
        )

    @property
    def bad_inputs(self) -> int:
        """Weights that are NaN or infinite."""
        return self.moments.bad_inputs

    @property
    def bad_outputs(self) -> int:
        """Finite weights that come back NaN or infinite."""
        return self.moments.bad_outputs

    @property
    def mse(self) -> float:
        """Mean square error, in the squared unit of the weights."""
        return ratio(self.moments.e2, self.count)

    @property
    def mean_rel_error(self) -> float:
        """Mean of |e| / |x| over the weights that are not zero."""
        return ratio(self.moments.relative, self.count - self.moments.zeros_before)

    @property
    def rel_left_out(self) -> int:
        """Weights that are zero, so have no relative error."""
        return self.moments.zeros_before

    @property
    def zeros_before(self) -> int:
        """Weights that are zero."""
        return self.moments.zeros_before

    @property
    def zeros_after(self) -> int:
        """Stored values that are zero."""
        return self.moments.zeros_after

    @property
    def clipped_share(self) -> float:
        """Share of weights outside the values of their block; NaN for formats without blocks."""
        if self.steps:
            return ratio(self.steps.clipped, self.steps.count)
        return ratio(self.beyond, self.bounded)

    @property
    def worst_blocks(self) -> tuple[Block, ...]:
        """Blocks with the largest squared error, worst first."""
        return self.blocks.worst if self.blocks else ()

    def quantile(self, share: float) -> float:
        """|e| that `share` (0 to 1) of the weights do not exceed, within 0.8 % or 2^-133, whichever is more."""
        return self.counts.quantile(share, self.max_abs_error)

    def histogram(self, bins: int = 128, limit: float | None = None) -> Histogram:
        """Signed exact counts of e over at most `bins` (up to 512) equal bins from -limit to limit.

        `limit` defaults to the largest |e|. Give two formats the same limit to compare them.
        """
        return self.counts.histogram(bins, limit)

    def ideal(self, edges: F64) -> F64 | None:
        """Counts (bins,) expected between `edges` if every weight fell evenly within ± half its own step.

        None for a format without a uniform step.
        """
        return self.steps.ideal_counts(edges) if self.steps else None
