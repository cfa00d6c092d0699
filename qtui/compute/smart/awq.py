"""AWQ-style scaling: columns that meet large inputs are stored larger, so that they are rounded more finely.

Source: Lin et al., "AWQ: Activation-aware Weight Quantization for LLM Compression and Acceleration" (2023), section
3.2, without its search for clipped ranges.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from qtui.compute.smart.calibration import second_moment
from qtui.compute.smart.rounding import F64, Chosen, Options, half, nearest, slabs, values_of

POWERS = np.arange(20) / 20
TRIED_ROWS = 256  # as many rows, evenly spaced, decide how strongly to scale


def awq(weights: F64, options: Options, power: int | None = None) -> Chosen:
    """Tries 20 strengths of scaling on synthetic inputs and keeps the one whose outputs err least.

    Weights float64 (rows, columns). `power` is the number of a strength that was found on other rows. A model folds the
    inverse of the scaling into the layer before.
    """
    if power is None:
        power = best_power(weights[:: -(-max(len(weights), 1) // TRIED_ROWS)], options)
    stretch = stretched(weights.shape[1], power, options)
    return replace(nearest(weights * stretch, options), stretch=stretch, power=power)


def best_power(weights: F64, options: Options) -> int:
    """The number of the strength with which weights (rows, columns) err least."""
    errors = []
    for power in range(len(POWERS)):
        stretch = stretched(weights.shape[1], power, options)
        wrong = weights - values_of(nearest(weights * stretch, options)) / stretch
        parts = slabs(weights.shape[1], options.group)
        moments = [(part, second_moment(part.stop - part.start, options.seed)[1]) for part in parts]
        errors.append(sum(float(((wrong[:, part] @ moment) * wrong[:, part]).sum()) for part, moment in moments))
    return int(np.argmin(errors))


def stretched(columns: int, power: int, options: Options) -> F64:
    """What strength number `power` multiplies the columns by (columns,): around 1, larger where inputs are louder."""
    parts = []
    for part in slabs(columns, options.group):
        loudness, _ = second_moment(part.stop - part.start, options.seed)
        stretch = loudness ** POWERS[power]
        parts.append(half(stretch / np.sqrt(stretch.max() * stretch.min())))
    return np.concatenate(parts) if parts else np.ones(0)
