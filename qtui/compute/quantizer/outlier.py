"""What outliers do to their neighbours, and the ways out: smaller blocks, or a side table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qtui.compute.errors import error_stats
from qtui.compute.formats import get_format
from qtui.compute.quantizer.stored import F32, I64, StoredWeights, largest, store
from qtui.compute.quantizer.sweep import with_block


@dataclass(frozen=True)
class Case:
    """One treatment: the largest `scale`, how many weights beside the outliers `collapsed` to zero, the mean
    relative error and the RMSE of those others, the mean relative error of all, and the bits per weight."""

    name: str
    spec: str
    scale: float
    collapsed: int
    others: float
    rmse: float
    everything: float
    bits: float


@dataclass(frozen=True)
class Rescue:
    """`cases` in the order of the story; `at` are the outliers' positions in `x` (n,), `made_up` if one was added.

    `others` counts the weights beside the outliers, `scale_factor` how many times larger they make the largest scale
    (None without one), `side_table_bits` what keeping them apart costs per weight.
    """

    cases: tuple[Case, ...]
    x: F32
    at: I64
    made_up: bool
    others: int
    scale_factor: float | None
    side_table_bits: float


def rescue(spec: str, x: F32, outliers: int) -> Rescue:
    """Treat `x` float32 (n,) with the format `spec`, its `outliers` largest weights being the outliers.

    Where there are none, one of ten times the largest weight is appended.
    """
    made_up = outliers == 0
    if made_up:
        beyond = min(10 * (float(np.abs(x).max()) or 1), float(np.finfo(np.float32).max))
        x = np.append(x, np.float32(beyond))
    at = largest(x.reshape(1, -1), max(1, outliers))
    none = np.zeros(0, np.int64)
    without = _case("without", spec, np.delete(x, at), none) if len(at) < len(x) else None
    with_it = _case("as it is", spec, x, at)
    cases = [with_it] if without is None else [without, with_it]
    small = with_block(spec, block_for(len(x)))
    if small is not None and small != spec:
        cases.append(_case(f"blocks of {block_for(len(x))}", small, x, at))
    apart = _case("kept apart", spec, x, at, keep=len(at))
    factor = with_it.scale / without.scale if without is not None and without.scale > 0 else None
    return Rescue((*cases, apart), x, at, made_up, len(x) - len(at), factor, apart.bits - with_it.bits)


def block_for(count: int) -> int:
    """A block size that cuts `count` weights into several: 32, or less for a short list."""
    return 32 if count > 64 else 8 if count > 16 else 2


def _case(name: str, spec: str, x: F32, at: I64, keep: int = 0) -> Case:
    stored = store(get_format(spec), x.reshape(1, -1), keep=keep, pad=True)
    before, after = np.delete(stored.x, at), np.delete(stored.y, at)
    beside = error_stats(before, after)
    return Case(
        name,
        spec,
        largest_scale(stored),
        int(np.count_nonzero((before != 0) & (after == 0))),
        beside.mean_rel_error,
        beside.rmse,
        error_stats(stored.x, stored.y).mean_rel_error,
        stored.bits_per_weight,
    )


def largest_scale(stored: StoredWeights) -> float:
    """The largest magnitude among the scales; nan where the format has none."""
    return float(np.abs(stored.scale).max()) if stored.scale is not None and len(stored.scale) else float("nan")
