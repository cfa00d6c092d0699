"""Hadamard rotation: every weight becomes a mixture of many, so that no outlier sets the scale alone.

Source: Ashkboos et al., "QuaRot: Outlier-Free 4-Bit Inference in Rotated LLMs" (2024), with the random signs of
Chee et al., "QuIP" (2023).
"""

from __future__ import annotations

import numpy as np

from qtui.compute.smart.method import F32, Cost, Floats, Options, Outcome, grid_costs, in_groups, nearest


def hadamard(weights: F32, options: Options) -> Outcome:
    """Flips signs at random, mixes runs of columns with a Hadamard matrix, rounds to nearest, and turns back."""
    columns = weights.shape[1]
    if options.rotated < 2 or options.rotated & (options.rotated - 1):
        raise ValueError(f"a Hadamard rotation mixes 2, 4, 8, ... columns, not {options.rotated}")
    width = min(options.rotated, columns & -columns)  # the largest power of two that divides the columns
    signs = np.random.default_rng(options.seed).choice([-1.0, 1.0], columns)
    mixed = transform(in_groups(weights.astype(np.float64) * signs, width)).reshape(weights.shape)
    stored = nearest(mixed, options)
    values = transform(in_groups(stored, width)).reshape(weights.shape) * signs
    note = f"rounded after mixing every {width} columns by a Hadamard matrix with random signs, then turned back"
    ledger = (*grid_costs(weights.shape, options), Cost("seed of the signs", 4))
    return Outcome(values.astype(np.float32), ledger, note)


def transform(values: Floats) -> Floats:
    """The orthonormal Hadamard transform of the last axis (2^k long), its own inverse: k rounds of sums and
    differences instead of a matrix product."""
    size = values.shape[-1]
    shape, half = values.shape, 1
    while half < size:
        pairs = values.reshape(-1, size // (2 * half), 2, half)
        first, second = pairs[:, :, 0], pairs[:, :, 1]
        values = np.stack([first + second, first - second], axis=2)
        half *= 2
    return values.reshape(shape) / np.sqrt(size)
