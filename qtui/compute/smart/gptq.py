"""GPTQ: column by column, with the error of each column made good by the columns that follow.

Source: Frantar, Ashkboos, Hoefler and Alistarh, "GPTQ: Accurate Post-Training Quantization for Generative
Pre-trained Transformers" (2022), algorithm 1 without its lazy batches.
"""

from __future__ import annotations

import numpy as np

from qtui.compute.smart.calibration import synthetic_inputs
from qtui.compute.smart.method import F32, Floats, GroupGrid, Options, Outcome, grid_costs, in_groups

DAMPING = 0.01  # of the mean of the Hessian's diagonal


def gptq(weights: F32, options: Options) -> Outcome:
    """Minimises the error of the layer's outputs on synthetic inputs; the weights themselves may err more."""
    inputs = synthetic_inputs(weights.shape[1], options.samples, options.seed)
    values = compensate(weights.astype(np.float64), inputs, options).astype(np.float32)
    note = "each column's rounding error is made good by the columns after it, as synthetic inputs weigh them"
    return Outcome(values, grid_costs(weights.shape, options), note)


def compensate(weights: Floats, inputs: Floats, options: Options) -> Floats:
    """Stored weights (rows, columns), for `inputs` (samples, columns).

    The Hessian of the squared output error is H = 2 XᵀX / n. With U the upper Cholesky factor of its inverse, the
    best correction of the columns after i for an error e in column i is -e · U[i, i+1:] / U[i, i].
    """
    in_groups(weights, options.group)  # the shapes must fit
    columns = weights.shape[1]
    hessian = 2 * inputs.T @ inputs / len(inputs)
    damped = hessian + np.eye(columns) * (DAMPING * np.mean(np.diag(hessian)) + 1e-12)
    upper = np.linalg.cholesky(np.linalg.inv(damped)).T
    left, stored = weights.copy(), np.empty_like(weights)
    for i in range(columns):
        if i % options.group == 0:
            grid = GroupGrid.spanning(left[:, i : i + options.group], options.bits)
        stored[:, i : i + 1] = grid.stored(left[:, i : i + 1])
        error = (left[:, i] - stored[:, i]) / upper[i, i]
        left[:, i + 1 :] -= np.outer(error, upper[i, i + 1 :])
    return stored
