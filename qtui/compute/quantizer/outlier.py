"""What outliers do to their neighbours, and the ways out: smaller blocks, or a side table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtui.compute.data import with_outlier
from qtui.compute.errors import error_stats
from qtui.compute.formats import get_format
from qtui.compute.quantizer.stored import F32, I64, StoredWeights, largest, store
from qtui.compute.quantizer.sweep import with_block


@dataclass(frozen=True)
class Zeros:
    """Of `count` weights, `lost` come back as zero and were none."""

    lost: int
    count: int


@dataclass(frozen=True)
class OutlierTreatment:
    """One way to treat the outlier: the largest `scale`, and what becomes of the weights beside the outliers.

    `near` are those that share a block with an outlier, `far` the rest; `others` is the mean relative error of both
    and `rmse` their RMSE, `everything` the mean relative error with the outliers, `bits` the bits per weight.
    """

    name: str
    spec: str
    scale: float
    near: Zeros
    far: Zeros
    others: float
    rmse: float
    everything: float
    bits: float

    @property
    def collapsed(self) -> int:
        """Weights beside the outliers that fall on zero."""
        return self.near.lost + self.far.lost


@dataclass(frozen=True)
class Rescue:
    """`cases` in the order of the story; `at` are the outliers' positions in `x` (n,).

    `made_up` says that the outlier stands in for a weight of the middle, since there was none.

    `others` counts the weights beside the outliers, `scale_factor` how many times larger they make the largest scale
    (None without one), `more_lost` how many more of the weights beside them fall on zero for that, `side_table_bits`
    what keeping them apart costs per weight (None where one is beyond the float16 that they are kept in).
    """

    cases: tuple[OutlierTreatment, ...]
    x: F32
    at: I64
    made_up: bool
    others: int
    scale_factor: float | None
    more_lost: int
    side_table_bits: float | None


def rescue(spec: str, x: F32, outliers: int) -> Rescue:
    """Treat `x` float32 (n,) with the format `spec`, its `outliers` largest weights being the outliers.

    Where there are none, one of ten times the largest weight takes the place of the middle weight, so that it shares
    its block with others. Without outliers, those that were there are 0: blocks stay where they are.
    """
    made_up, plain = outliers == 0, x
    if made_up:
        beyond = min(10 * (float(np.abs(x).max()) or 1), float(np.finfo(np.float32).max))
        x = with_outlier(x, beyond, append=False)
        at = np.array([len(x) // 2])
    else:
        at = largest(x.reshape(1, -1), outliers)
        plain = x.copy()
        plain[at] = 0
    with_it = _case("as it is", spec, x, at)
    without = _case("without", spec, plain, at) if len(at) < len(x) else None
    cases = [with_it] if without is None else [without, with_it]
    block = block_for(len(x), at)
    small = with_block(spec, block)
    if small is not None and small != spec:
        cases.append(_case(f"blocks of {block}", small, x, at))
    extra = None
    if np.abs(x[at]).max() <= np.finfo(np.float16).max:
        apart = _case("kept apart", spec, x, at, keep=len(at))
        extra = apart.bits - with_it.bits
        cases.append(apart)
    factor = with_it.scale / without.scale if without is not None and without.scale > 0 else None
    lost = max(with_it.collapsed - without.collapsed, 0) if without is not None else 0
    return Rescue(tuple(cases), x, at, made_up, len(x) - len(at), factor, lost, extra)


def block_for(count: int, at: I64) -> int:
    """A block size that cuts `count` weights into several: 32, or less for a short list.

    Twice as much where one of the weights `at` int64 (k,) would be alone in its block and so coarsen no other.
    """
    block = 32 if count > 64 else 8 if count > 16 else 2
    alone = at[(at == count - 1) & (at % block == 0)]
    return 2 * block if len(alone) else block


def _case(name: str, spec: str, x: F32, at: I64, keep: int = 0) -> OutlierTreatment:
    stored = store(get_format(spec), x.reshape(1, -1), keep=keep, pad=True)
    beside = np.ones(len(x), bool)
    beside[at] = False
    block = np.arange(len(x)) // stored.group
    near = np.isin(block, block[at])
    lost = (stored.x != 0) & (stored.y == 0)
    errors = error_stats(stored.x[beside], stored.y[beside])
    return OutlierTreatment(
        name,
        spec,
        largest_scale(stored),
        _zeros(lost[beside & near]),
        _zeros(lost[beside & ~near]),
        errors.mean_rel_error,
        errors.rmse,
        error_stats(stored.x, stored.y).mean_rel_error,
        stored.bits_per_weight,
    )


def _zeros(lost: NDArray[np.bool_]) -> Zeros:
    return Zeros(int(np.count_nonzero(lost)), len(lost))


def largest_scale(stored: StoredWeights) -> float:
    """The largest magnitude among the scales; nan where the format has none."""
    return float(np.abs(stored.scale).max()) if stored.scale is not None and len(stored.scale) else float("nan")
