"""AWQ-style scaling: columns that meet large inputs are stored larger, so that they are rounded more finely.

Source: Lin et al., "AWQ: Activation-aware Weight Quantization for LLM Compression and Acceleration" (2023), section
3.2, without its search for clipped ranges.
"""

from __future__ import annotations

import numpy as np

from qtui.compute.smart.calibration import synthetic_inputs
from qtui.compute.smart.method import F32, Floats, Options, Outcome, grid_costs, nearest

POWERS = np.arange(20) / 20


def awq(weights: F32, options: Options) -> Outcome:
    """Tries 20 strengths of scaling on synthetic inputs and keeps the one whose outputs err least."""
    inputs = synthetic_inputs(weights.shape[1], options.samples, options.seed)
    values, power = scale_columns(weights.astype(np.float64), inputs, options)
    note = (
        f"columns scaled by the mean size of their synthetic inputs to the power {power:.2f}; "
        "the layer before takes the inverse, so nothing more is stored"
    )
    return Outcome(values.astype(np.float32), grid_costs(weights.shape, options), note)


def scale_columns(weights: Floats, inputs: Floats, options: Options) -> tuple[Floats, float]:
    """Stored weights (rows, columns) for `inputs` (samples, columns), and the power that was best."""
    loudness = np.maximum(np.abs(inputs).mean(axis=0), 1e-8)
    moment = inputs.T @ inputs
    best, best_error, best_power = weights, np.inf, 0.0
    for power in POWERS:
        scale = loudness**power
        scale /= np.sqrt(scale.max() * scale.min())
        stored = nearest(weights * scale, options) / scale
        wrong = weights - stored
        error = float(np.einsum("ri,ij,rj->", wrong, moment, wrong, optimize=True))
        if error < best_error:
            best, best_error, best_power = stored, error, float(power)
    return best, best_power
