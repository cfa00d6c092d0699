"""The range of weights that the codes of each group span: everything, the middle part, or what errs least."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qtui.compute.arrays import extreme
from qtui.compute.ints.rules import Grid, choose_grid, codes_on, values_on
from qtui.compute.ints.scales import ScaleStore
from qtui.compute.ints.scheme import IntScheme

F32 = NDArray[np.float32]

# Ranges tried for clip=mse, as shares of the whole: two levels of a normal distribution want about a fifth of it.
SHRINKS = np.arange(100, 9, -2).astype(np.float32) / np.float32(100)
# The histogram of clip=kl, and the steps in which its end is tried.
BINS, BIN_STEP, LEAST_SHARE = 512, 8, 1e-7
# A group longer than this (a whole tensor, say) is searched on evenly spaced samples of it.
SEARCHED = 1 << 19


def group_ranges(weights: F32, scheme: IntScheme, store: ScaleStore) -> tuple[F32, F32]:
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
    if scheme.clip == "kl":
        reach = least_entropy(np.abs(_sample(weights)), scheme.code_max + 1)
        return -reach, reach
    kept = float(scheme.clip) / 100
    sample = _sample(weights)
    if scheme.mode in ("sym", "symnc"):
        high = np.quantile(np.abs(sample), kept, axis=2).astype(np.float32)
        return -high, high
    ends = np.quantile(sample, [(1 - kept) / 2, (1 + kept) / 2], axis=2).astype(np.float32)
    return ends[0], ends[1]


def _sample(weights: F32) -> F32:
    return weights[:, :, :: -(-weights.shape[2] // SEARCHED)]


def _least_error(weights: F32, low: F32, high: F32, scheme: IntScheme, store: ScaleStore) -> tuple[F32, F32]:
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


def least_entropy(sizes: F32, levels: int) -> F32:
    """The magnitude float32 (rows, groups) to clip at, of magnitudes `sizes` (rows, groups, size).

    There the histogram of BINS bins, with what is beyond in the last, differs least in relative entropy from itself
    in `levels` steps. Source: Migacz, "8-bit Inference with TensorRT" (2017), here with 512 bins instead of 2048; no
    bin of a step has a probability below LEAST_SHARE, so that a lone outlier can be let go.
    """
    rows, groups, size = sizes.shape
    flat = sizes.reshape(rows * groups, size)
    top = flat.max(axis=1, initial=0).astype(np.float64)
    bins = np.minimum(flat / np.where(top > 0, top, 1)[:, None] * BINS, BINS - 1).astype(np.int64)
    bins += BINS * np.arange(len(flat))[:, None]
    counts = np.bincount(bins.reshape(-1), minlength=BINS * len(flat)).reshape(len(flat), BINS).astype(np.float64)
    best, share = np.full(len(flat), np.inf), np.ones(len(flat))
    for kept in range(max(levels, BIN_STEP), BINS + 1, BIN_STEP):
        entropy = _relative_entropy(counts, kept, levels)
        better = entropy < best
        best, share = np.where(better, entropy, best), np.where(better, kept / BINS, share)
    ends: F32 = (top * share).reshape(rows, groups).astype(np.float32)
    return ends


def _relative_entropy(counts: NDArray[np.float64], kept: int, levels: int) -> NDArray[np.float64]:
    """Of histograms `counts` (n, BINS) clipped to `kept` bins, against themselves in `levels` steps: nats (n,)."""
    inside = counts[:, :kept]
    clipped = inside.copy()
    clipped[:, -1] += counts[:, kept:].sum(axis=1)
    occurs = clipped > 0
    starts = np.arange(levels) * kept // levels
    shares = np.add.reduceat(inside, starts, axis=1) / np.maximum(np.add.reduceat(occurs, starts, axis=1), 1)
    stepped = np.where(occurs, np.repeat(shares, np.diff(starts, append=kept), axis=1), 0)
    with np.errstate(all="ignore"):
        p = clipped / clipped.sum(axis=1, keepdims=True)
        q = np.maximum(stepped / stepped.sum(axis=1, keepdims=True), LEAST_SHARE)
        q /= np.where(occurs, q, 0).sum(axis=1, keepdims=True)
        entropy: NDArray[np.float64] = np.where(occurs, p * np.log(p / q), 0).sum(axis=1)
    return entropy
