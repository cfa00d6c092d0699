"""The two rounding rules: from a group's range to its grid, and from weights to codes on it.

The essay's rule is that of its JavaScript: float64, and Math.round, which takes halves up. torchao's is that of
`torchao/quantization/quant_primitives.py` (`choose_qparams_affine`, `quantize_affine`): float32, a multiplication by
the reciprocal of the scale, and halves to even. Codes are made with the scale as it is stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qtui.compute.ints.scales import ScaleStore
from qtui.compute.ints.scheme import IntScheme

F32 = NDArray[np.float32]
Floats = NDArray[np.floating[Any]]

# torchao never lets a scale be smaller than the least normal float32.
LEAST_SCALE = np.float32(2.0**-126)
# See `_essay_codes`: float32 quotients below NEAR are within 2^-23 of themselves, less than UNSURE.
NEAR, UNSURE, FEW = 1000.0, 2.0**-12, 256


@dataclass(frozen=True)
class Grid:
    """Where the codes of groups lie: value = scale * (code - zero) + minimum, each float32 (rows, groups)."""

    scale: F32
    zero: F32
    minimum: F32 | None = None


def choose_grid(low: F32, high: F32, scheme: IntScheme, store: ScaleStore) -> Grid:
    """The grid of groups whose weights lie in low .. high, float32 (rows, groups); for `signs_only`, low = -high."""
    if scheme.signs_only:
        return Grid(store.rounded(high), np.zeros_like(high))
    if scheme.rule == "torchao":
        return _torchao_grid(low, high, scheme, store)
    return _essay_grid(low.astype(np.float64), high.astype(np.float64), scheme, store)


def _essay_grid(low: Floats, high: Floats, scheme: IntScheme, store: ScaleStore) -> Grid:
    """Symmetric: scale = max|v| / max code. Asymmetric: the range's ends land on the lowest and highest codes.

    A range of one point, or so far from 0 that its zero point overflows, is widened to reach 0.
    """
    if scheme.mode == "sym":
        symmetric = store.rounded(np.maximum(-low, high) / scheme.code_max)
        return Grid(symmetric, np.zeros_like(symmetric))
    span = scheme.code_max - scheme.code_min
    limit = 2.0 ** (8 * scheme.zero_bytes - 1) - 1
    scale = store.rounded((high - low) / span).astype(np.float64)
    zero = scheme.code_min - round_half_up(low / scale)
    unfit = ~(np.abs(zero) <= limit)
    if unfit.any():
        low, high = np.where(unfit, np.minimum(low, 0), low), np.where(unfit, np.maximum(high, 0), high)
        scale = store.rounded((high - low) / span).astype(np.float64)
        zero = np.where(scale > 0, scheme.code_min - round_half_up(low / np.where(scale > 0, scale, 1)), 0)
        zero = np.clip(zero, -limit, limit)
    return Grid(scale.astype(np.float32), zero.astype(np.float32))


def _torchao_grid(low: F32, high: F32, scheme: IntScheme, store: ScaleStore) -> Grid:
    """MappingType SYMMETRIC, SYMMETRIC_NO_CLIPPING_ERR and ASYMMETRIC, and the float zero point of tinygemm."""
    least, most = np.float32(scheme.code_min), np.float32(scheme.code_max)
    if scheme.mode == "tinygemm":
        scale = store.rounded(np.maximum((high - low) / (most - least), LEAST_SCALE))
        middle = np.float32(1 << (scheme.bits - 1))
        return Grid(scale, np.full_like(scale, middle), store.rounded_zero(low + scale * middle))
    low, high = np.minimum(low, 0), np.maximum(high, 0)
    if scheme.mode == "asym":
        scale = store.rounded(np.maximum((high - low) / (most - least), LEAST_SCALE))
        return Grid(scale, np.clip(least - np.rint(low / scale), least, most))
    if scheme.mode == "symnc":
        needed = np.maximum(low / least, high / most)
    else:
        needed = np.maximum(-low, high) / ((most - least) / np.float32(2))
    scale = store.rounded(np.maximum(needed, LEAST_SCALE))
    return Grid(scale, np.zeros_like(scale))


def codes_on(grid: Grid, weights: F32, scheme: IntScheme) -> Floats:
    """Codes, as whole floats, of weights float32 (rows, groups, size); no NaN among them, infinities at the ends."""
    scale, zero = grid.scale[:, :, None], grid.zero[:, :, None]
    if scheme.signs_only:
        return np.where(weights >= 0, np.float32(1), np.float32(-1))
    if scheme.rule == "essay":
        codes = _essay_codes(weights, scale, zero)
        lowest = -scheme.code_max if scheme.mode == "sym" else scheme.code_min
        return np.clip(codes, np.float32(lowest), np.float32(scheme.code_max), out=codes)
    if grid.minimum is not None:
        start = grid.minimum[:, :, None] - scale * zero
        codes = np.rint((weights - start) / scale)
    else:
        codes = weights * np.reciprocal(scale)
        np.rint(codes, out=codes)
        if zero.any():
            codes += zero
    return np.clip(codes, np.float32(scheme.code_min), np.float32(scheme.code_max), out=codes)


def _essay_codes(weights: F32, scale: F32, zero: F32) -> F32:
    """Math.round(weight / scale + zero) of float64, as float32; scales of 0 count as 1.

    Worked out in float32 first: there the quotient is off by less than UNSURE where it is below NEAR, so only codes
    that close to a half need float64.
    """
    usable = np.where(scale > 0, scale, np.float32(1))
    exact = weights.size <= FEW or bool((np.abs(zero) > NEAR).any())
    codes = weights * np.reciprocal(usable)
    if not exact:
        exact = not max(float(codes.max()), -float(codes.min())) <= NEAR
    if exact:
        return round_half_up(weights / usable.astype(np.float64) + zero).astype(np.float32)
    if zero.any():
        codes += zero
    whole = np.rint(codes)
    codes -= whole
    np.abs(codes, out=codes)
    unsure = np.flatnonzero(codes > 0.5 - UNSURE)
    if unsure.size:
        group = unsure // weights.shape[2]
        quotient = weights.reshape(-1)[unsure] / usable.reshape(-1)[group].astype(np.float64)
        whole.reshape(-1)[unsure] = round_half_up(quotient + zero.reshape(-1)[group])
    return whole


def values_on(grid: Grid, codes: Floats | NDArray[np.integer[Any]]) -> F32:
    """Values float32 (rows, groups, size) of codes."""
    if grid.zero.any():
        values = np.subtract(codes, grid.zero[:, :, None], dtype=np.float32, casting="same_kind")
        values *= grid.scale[:, :, None]
    else:
        values = np.multiply(codes, grid.scale[:, :, None], dtype=np.float32, casting="same_kind")
    if grid.minimum is not None:
        values += grid.minimum[:, :, None]
    return values


def round_half_up(values: Floats) -> Floats:
    """JavaScript's Math.round: the nearest whole number, halves up, without the trap of adding a half first."""
    below = np.floor(values)
    below += (values - below) >= 0.5
    return below
