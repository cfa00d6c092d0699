"""GPTQ: column by column, with the error of each column made good by the columns that follow.

Source: Frantar, Ashkboos, Hoefler and Alistarh, "GPTQ: Accurate Post-Training Quantization for Generative
Pre-trained Transformers" (2022), algorithm 1 without its lazy batches.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from qtui.compute.smart.calibration import second_moment
from qtui.compute.smart.rounding import F64, Chosen, GroupGrid, Options, nearest, slabs

DAMPING = 0.01  # of the mean of the Hessian's diagonal


def gptq(weights: F64, options: Options) -> Chosen:
    """Codes of weights float64 (rows, columns) that minimise the error of the layer's outputs on synthetic inputs.

    The weights themselves may err more than when they are rounded to nearest.
    """
    cuts = list(slabs(weights.shape[1], options.group))
    whole = [cut for cut in cuts if cut.stop - cut.start == cuts[0].stop]
    parts = [_stacked(weights[:, : whole[-1].stop], len(whole), options)] if whole else []
    parts += [_stacked(weights[:, cut], 1, options) for cut in cuts[len(whole) :]]
    if not parts:
        return nearest(weights, options)
    return Chosen(
        np.hstack([part.codes for part in parts]),
        np.hstack([part.scale for part in parts]),
        np.hstack([part.zero for part in parts]),
    )


def _stacked(weights: F64, count: int, options: Options) -> Chosen:
    """Codes for weights (rows, columns), `count` slabs that meet the same inputs and so are rows of one problem."""
    rows, columns = weights.shape
    width = columns // count
    chosen = compensate(weights.reshape(-1, width), _synthetic_factor(width, options.seed), options)
    return Chosen(chosen.codes.reshape(rows, columns), chosen.scale.reshape(rows, -1), chosen.zero.reshape(rows, -1))


def inverse_factor(moment: F64) -> F64:
    """The upper Cholesky factor U of the inverse Hessian of the squared output error, H = 2 XᵀX / n, damped.

    `moment` is XᵀX / n (columns, columns).
    """
    hessian = 2 * moment
    damping = DAMPING * float(np.mean(np.diag(hessian))) + 1e-12
    return np.linalg.cholesky(np.linalg.inv(hessian + damping * np.eye(len(hessian)))).T


@lru_cache(maxsize=8)
def _synthetic_factor(columns: int, seed: int) -> F64:
    return inverse_factor(second_moment(columns, seed)[1])


def compensate(weights: F64, upper: F64, options: Options) -> Chosen:
    """Codes for weights (rows, columns) under an `inverse_factor` (columns, columns).

    The best correction of the columns after i for an error e in column i is -e · U[i, i+1:] / U[i, i]. A group's
    grid is chosen when the group is reached, for the weights as they are by then.
    """
    rows, columns = weights.shape
    left, codes = weights.copy(), np.empty((rows, columns), np.uint8)
    grids = []
    for i in range(columns):
        if i % options.group == 0:
            grids.append(GroupGrid.spanning(left[:, i : i + options.group], options.top))
        column, grid = left[:, i : i + 1], grids[-1]
        column_codes = grid.codes(column)
        codes[:, i] = column_codes[:, 0]
        error = (column - (column_codes - grid.zero) * grid.scale)[:, 0] / upper[i, i]
        left[:, i + 1 :] -= np.outer(error, upper[i, i + 1 :])
    return Chosen(codes, np.hstack([grid.scale for grid in grids]), np.hstack([grid.zero for grid in grids]))
