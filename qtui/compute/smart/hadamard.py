"""Hadamard rotation: every weight becomes a mixture of many, so that no outlier sets the scale alone.

Source: Ashkboos et al., "QuaRot: Outlier-Free 4-Bit Inference in Rotated LLMs" (2024), with the random signs of
Chee et al., "QuIP" (2023).
"""

from __future__ import annotations

import numpy as np

from qtui.compute.smart.rounding import F64, Chosen, Options, in_groups, nearest


def hadamard(weights: F64, options: Options) -> Chosen:
    """Flips signs at random, mixes runs of columns with a Hadamard matrix, and rounds to nearest.

    Weights float64 (rows, columns).
    """
    return nearest(turned(weights, options), options)


def turned(values: F64, options: Options) -> F64:
    """`values` (rows, columns) rotated as weights are: inputs that are turned, too, give the same outputs."""
    return _mixed(values * _signs(values.shape[1], options.seed), options)


def turned_back(values: F64, options: Options) -> F64:
    """Weights (rows, columns) of the rotated `values`."""
    return _mixed(values, options) * _signs(values.shape[1], options.seed)


def _signs(columns: int, seed: int) -> F64:
    return np.random.default_rng(seed).choice([-1.0, 1.0], columns)


def _mixed(values: F64, options: Options) -> F64:
    columns = values.shape[1]
    width = min(options.rotate, columns & -columns)  # the largest power of two that divides the columns
    return transform(in_groups(values, width)).reshape(values.shape) if columns else values


def transform(values: F64) -> F64:
    """The orthonormal Hadamard transform of the last axis of float64 (..., 2^k), its own inverse.

    It takes k rounds of sums and differences instead of a matrix product.
    """
    size = values.shape[-1]
    shape, half = values.shape, 1
    while half < size:
        pairs = values.reshape(-1, size // (2 * half), 2, half)
        first, second = pairs[:, :, 0], pairs[:, :, 1]
        values = np.stack([first + second, first - second], axis=2)
        half *= 2
    result: F64 = values.reshape(shape) / np.sqrt(size)
    return result
