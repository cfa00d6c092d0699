"""SmoothQuant: columns that meet large inputs are stored larger, so that the inputs can be rounded, too.

Source: Xiao et al., "SmoothQuant: Accurate and Efficient Post-Training Quantization for Large Language Models"
(2022), equation 4. AWQ scales for the sake of the weights; here they take over what makes inputs hard to round.
"""

from __future__ import annotations

import numpy as np

from qtui.compute.smart.calibration import largest_inputs
from qtui.compute.smart.rounding import F64, Options, half, slabs

SMALLEST = 1e-5  # of a column's largest input or weight


def smoothing(weights: F64, options: Options) -> F64:
    """What the columns of weights (rows, columns) are multiplied by, and inputs divided by (columns,).

    s = max|X|^alpha / max|W|^(1 - alpha) for each column, on synthetic inputs X; then around 1, which changes nothing
    but keeps scales within fp16.
    """
    columns = weights.shape[1]
    parts = [largest_inputs(cut.stop - cut.start, options.seed) for cut in slabs(columns, options.group)]
    inputs = np.maximum(np.concatenate(parts) if parts else np.ones(0), SMALLEST)
    largest = np.maximum(np.abs(weights).max(axis=0, initial=0.0), SMALLEST)
    factors = inputs**options.alpha / largest ** (1 - options.alpha)
    return half(factors / np.sqrt(factors.max() * factors.min())) if columns else factors
