"""Columns that meet large inputs are stored larger: AWQ, for the weights' precision, SmoothQuant, for the inputs'.

Sources: Lin et al., "AWQ: Activation-aware Weight Quantization for LLM Compression and Acceleration" (2023), section
3.2, without its search for clipped ranges. Xiao et al., "SmoothQuant: Accurate and Efficient Post-Training
Quantization for Large Language Models" (2022), equation 4: inputs are then rounded as well.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from qtui.compute.smart.calibration import largest_inputs, second_moment
from qtui.compute.smart.rounding import F64, Chosen, Options, half, nearest, slabs, values_of

POWERS = np.arange(20) / 20
SMALLEST = 1e-5  # of a column's largest input or weight, in SmoothQuant
TRIED_ROWS = 256  # as many rows, evenly spaced, decide how strongly to scale


def awq(weights: F64, options: Options, power: int | None = None) -> Chosen:
    """Tries 20 strengths of scaling on synthetic inputs and keeps the one whose outputs err least.

    Weights float64 (rows, columns). `power` is the number of a strength that was found on other rows. A model folds
    the inverse of the scaling into the layer before.
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


def smoothing(weights: F64, options: Options) -> F64:
    """SmoothQuant's factors (columns,): columns of weights (rows, columns) are multiplied by them, inputs divided.

    s = max|X|^alpha / max|W|^(1 - alpha) for each column, on synthetic inputs X; then around 1, which changes nothing
    but keeps scales within fp16.
    """
    columns = weights.shape[1]
    parts = [largest_inputs(cut.stop - cut.start, options.seed) for cut in slabs(columns, options.group)]
    inputs = np.maximum(np.concatenate(parts) if parts else np.ones(0), SMALLEST)
    largest = np.maximum(np.abs(weights).max(axis=0, initial=0.0), SMALLEST)
    factors: F64 = inputs**options.alpha / largest ** (1 - options.alpha)
    if not columns:
        return factors
    numbers = np.finfo(np.float16)
    around_1: F64 = np.clip(factors / np.sqrt(factors.max() * factors.min()), numbers.tiny, numbers.max)
    return half(around_1)
