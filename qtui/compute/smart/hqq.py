"""HQQ: zero points found by optimisation, without any data.

Source: Badri and Shaji, "Half-Quadratic Quantization of Large Machine Learning Models" (2023), and the solver of
hqq 0.2.8 (`hqq/core/optimize.py`).
"""

from __future__ import annotations

import numpy as np

from qtui.compute.smart.rounding import F64, Chosen, Options, half, in_groups

NORM = 0.7  # p of the error's l_p norm: below 1, so that a few large errors are forgiven
BETA = 10.0
MAX_INVERSE_SCALE = 2e4
ITERATIONS = 20


def hqq(weights: F64, options: Options) -> Chosen:
    """Alternates between shrinking the errors, all but a few large ones, and fitting the zero points to the rest.

    Weights float64 (rows, columns). Scales stay those of the range; zero points are floats, stored as fp16 like the
    scales.
    """
    groups, top = in_groups(weights, options.group), options.top
    low, high = groups.min(axis=2, keepdims=True), groups.max(axis=2, keepdims=True)
    inverse = np.minimum(top / np.maximum(high - low, 1e-12), MAX_INVERSE_SCALE)
    zero = -low * inverse
    best, best_error = zero, np.inf
    for _ in range(ITERATIONS):
        codes = np.clip(np.rint(groups * inverse + zero), 0, top)
        stored = (codes - zero) / inverse
        error = float(np.abs(groups - stored).mean())
        if error >= best_error:
            break
        best, best_error = zero, error
        zero = (codes - (groups - _shrink(groups - stored)) * inverse).mean(axis=2, keepdims=True)
    scale, zero = half(1 / inverse), half(best)
    codes = np.clip(np.rint(groups / np.where(scale > 0, scale, 1) + zero), 0, top)
    return Chosen(codes.astype(np.uint8).reshape(weights.shape), scale[:, :, 0], zero[:, :, 0])


def _shrink(error: F64) -> F64:
    """The part of each error to forgive: sign(e)·max(|e| - |e|^(p-1) / β, 0), the l_p norm's proximal step."""
    size = np.abs(error)
    with np.errstate(divide="ignore"):
        return np.sign(error) * np.maximum(size - size ** (NORM - 1) / BETA, 0)
