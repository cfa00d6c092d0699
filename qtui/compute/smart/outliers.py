"""Outliers kept aside: the largest weights go to a side table as they are, and the rest get a finer grid.

Source: Dettmers et al., "SpQR" (2023), and Kim et al., "SqueezeLLM: Dense-and-Sparse Quantization" (2023), which
choose by sensitivity; here the magnitude decides.
"""

from __future__ import annotations

import numpy as np

from qtui.compute.smart.method import F32, Cost, Options, Outcome, grid_costs, half, nearest


def outliers_aside(weights: F32, options: Options) -> Outcome:
    """The share `kept` of largest weights, each as a position and an fp16; everything else rounded to nearest."""
    if not 0 <= options.kept <= 0.5:
        raise ValueError(f"the share of weights to keep aside is from 0 to 0.5, not {options.kept}")
    count = int(np.ceil(options.kept * weights.size))
    chosen = np.zeros(weights.size, np.bool_)
    if count:
        chosen[np.argpartition(np.abs(weights).reshape(-1), -count)[-count:]] = True
    aside = chosen.reshape(weights.shape)
    rest = nearest(np.where(aside, 0.0, weights.astype(np.float64)), options)
    values = np.where(aside, half(weights), rest).astype(np.float32)
    position = 2 if weights.shape[1] <= 1 << 16 else 4
    starts = 4 * (weights.shape[0] + 1)
    ledger = (
        *grid_costs(weights.shape, options),
        Cost("side table: values", 2 * count),
        Cost("side table: columns", position * count),
        Cost("side table: where rows start", starts),
    )
    return Outcome(values, ledger, f"the {count} largest weights kept as fp16 with their positions")
