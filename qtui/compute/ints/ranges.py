"""The range of weights that the codes of each group span: everything, the middle part, or what errs least."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qtui.compute.arrays import extreme
from qtui.compute.ints.rules import Grid, choose_grid, codes_on, values_on
from qtui.compute.ints.scales import Store
from qtui.compute.ints.scheme import IntScheme

F32 = NDArray[np.float32]

# Ranges tried for clip=mse, as shares of the whole: two levels of a normal distribution want about a fifth of it.
SHRINKS = np.arange(100, 9, -2).astype(np.float32) / np.float32(100)
# A group longer than this (a whole tensor, say) is searched on evenly spaced samples of it.
SEARCHED = 1 << 19


def group_ranges(weights: F32, scheme: IntScheme, store: Store) -> tuple[F32, F32]:
    """Least and greatest weight that codes reach, float32 (rows, groups), of finite weights (rows, groups, size).

    For `signs_only` schemes the range is plus and minus the mean magnitude, their scale of least squared error.
    """
    rows, groups, size = weights.shape
    if size == 0:
        return np.zeros((rows, groups), np.float32), np.zeros((rows, groups), np.float32)
    if scheme.signs_only:
        mean = np.abs(weights).mean(axis=2, dtype=np.float64).astype(np.float32)
        return -mean, mean
    if scheme.clip in ("absmax", "mse"):
        low, high = extreme(np.minimum, weights), extreme(np.maximum, weights)
        return (low, high) if scheme.clip == "absmax" else _least_error(_sample(weights), low, high, scheme, store)
    kept = float(scheme.clip) / 100
    sample = _sample(weights)
    if scheme.mode in ("sym", "symnc"):
        high = np.quantile(np.abs(sample), kept, axis=2).astype(np.float32)
        return -high, high
    ends = np.quantile(sample, [(1 - kept) / 2, (1 + kept) / 2], axis=2).astype(np.float32)
    return ends[0], ends[1]


def _sample(weights: F32) -> F32:
    return weights[:, :, :: -(-weights.shape[2] // SEARCHED)]


def _least_error(weights: F32, low: F32, high: F32, scheme: IntScheme, store: Store) -> tuple[F32, F32]:
    """Of low .. high shrunk towards 0 in steps of 2 %, what gives each group the least squared error."""
    best = np.full(low.shape, np.inf)
    share = np.ones(low.shape, np.float32)
    for shrink in SHRINKS:
        grid = choose_grid(low * shrink, high * shrink, scheme, store)
        error = squared_error(weights, grid, scheme)
        better = error < best
        best = np.where(better, error, best)
        share = np.where(better, shrink, share)
    return low * share, high * share


def squared_error(weights: F32, grid: Grid, scheme: IntScheme) -> NDArray[np.float64]:
    """Squared error float64 (rows, groups) of weights (rows, groups, size) stored on `grid`."""
    error = values_on(grid, codes_on(grid, weights, scheme))
    error -= weights
    total: NDArray[np.float64] = np.einsum("rgs,rgs->rg", error, error).astype(np.float64)
    return total
