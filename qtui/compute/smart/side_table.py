"""Outliers kept aside: the largest weights of a group are stored as they are, and the rest get a finer grid.

Source: Dettmers et al., "SpQR: A Sparse-Quantized Representation for Near-Lossless LLM Weight Compression" (2023),
which chooses by sensitivity over the whole layer; here the magnitude decides, group by group, so that the table of a
group has a fixed place and cost.
"""

from __future__ import annotations

import numpy as np

from qtui.compute.smart.rounding import F64, Chosen, GroupGrid, Options, in_groups


def side_table(weights: F64, options: Options) -> Chosen:
    """The `kept` largest of weights float64 (rows, columns) go aside in each group; the grid spans the others."""
    groups = in_groups(weights, options.group)
    aside = np.argsort(-np.abs(groups), axis=2, kind="stable")[:, :, : options.kept]
    rest = groups.copy()
    np.put_along_axis(rest, aside, 0.0, axis=2)
    grid = GroupGrid.spanning(rest, options.top)
    codes = grid.codes(rest).astype(np.uint8).reshape(weights.shape)
    return Chosen(codes, grid.scale[:, :, 0], grid.zero[:, :, 0], aside=aside.astype(np.int64))
