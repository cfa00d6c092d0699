"""What every smart method takes and gives, and the plain rounding that each of them improves on.

Weights are a layer, float64 (rows, columns): a row of weights for each output, a column for each input. Codes of
`bits` bits share a scale and a zero point in groups of `group` columns.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

# Methods that look at inputs work with a matrix of columns × columns: longer rows are taken a slab at a time.
MOST_COLUMNS = 256


@dataclass(frozen=True)
class Options:
    """`bits` per code and columns per `group`; the rest is for methods that use it.

    `seed` makes signs and synthetic inputs; `rotate` is how many columns a Hadamard matrix mixes at most; `kept` is
    how many weights of a group are set aside; `alpha` is SmoothQuant's migration strength, 0 to 1.
    """

    bits: int = 4
    group: int = 64
    seed: int = 0
    rotate: int = 128
    kept: int = 1
    alpha: float = 0.5

    @property
    def top(self) -> int:
        """The highest code; the lowest is 0."""
        return (1 << self.bits) - 1


@dataclass(frozen=True)
class Chosen:
    """Codes uint8 (rows, columns) with their grids: value = scale * (code - zero), both float64 (rows, groups).

    Where columns were multiplied first, `stretch` float64 (columns,) says by what, and `power` is its number.
    `aside` int64 (rows, groups, kept) are columns within their group whose weights are stored as they are.
    """

    codes: NDArray[np.uint8]
    scale: F64
    zero: F64
    stretch: F64 | None = None
    power: int = 0
    aside: NDArray[np.int64] | None = None


@dataclass(frozen=True)
class GroupGrid:
    """The grids of groups: value = scale * (code - zero), codes 0 .. top; arrays (..., 1)."""

    scale: F64
    zero: F64
    top: int

    @classmethod
    def spanning(cls, groups: F64, top: int) -> GroupGrid:
        """Grids from the least to the greatest weight of groups float64 (..., size), 0 included; scales are fp16."""
        low = np.minimum(groups.min(axis=-1, keepdims=True), 0)
        high = np.maximum(groups.max(axis=-1, keepdims=True), 0)
        scale = half((high - low) / top)
        usable = np.where(scale > 0, scale, 1)
        return cls(scale, np.clip(np.rint(-low / usable), 0, top), top)

    def codes(self, weights: F64) -> F64:
        """The nearest codes of weights float64 (..., size), as whole floats."""
        usable = np.where(self.scale > 0, self.scale, 1)
        return np.clip(np.rint(weights / usable + self.zero), 0, self.top)

    def stored(self, weights: F64) -> F64:
        """Weights float64 (..., size) rounded to the nearest value of their grid."""
        return (self.codes(weights) - self.zero) * self.scale


def half(values: F64) -> F64:
    """`values` float64, of any shape, rounded to fp16 and clipped to its range."""
    return np.clip(values, -65504, 65504).astype(np.float16).astype(np.float64)


def in_groups(weights: NDArray[Any], group: int) -> NDArray[Any]:
    """(rows, columns) as (rows, groups, group); the columns are whole groups."""
    rows, columns = weights.shape
    return weights.reshape(rows, columns // group, group)


def slabs(columns: int, group: int) -> Iterator[slice]:
    """Slices of whole groups, of MOST_COLUMNS columns where a group is not longer."""
    width = max(MOST_COLUMNS // group, 1) * group
    for start in range(0, columns, width):
        yield slice(start, min(start + width, columns))


def nearest(weights: F64, options: Options) -> Chosen:
    """Plain round-to-nearest (RTN) of weights float64 (rows, columns): each group's grid spans its weights."""
    groups = in_groups(weights, options.group)
    grid = GroupGrid.spanning(groups, options.top)
    codes = grid.codes(groups).astype(np.uint8).reshape(weights.shape)
    return Chosen(codes, grid.scale[:, :, 0], grid.zero[:, :, 0])


def values_of(chosen: Chosen) -> F64:
    """What the codes stand for, float64 (rows, columns), before anything is turned back or put aside."""
    rows, groups = chosen.scale.shape
    codes = chosen.codes.reshape(rows, groups, chosen.codes.shape[1] // groups if groups else 0)
    return ((codes - chosen.zero[:, :, None]) * chosen.scale[:, :, None]).reshape(chosen.codes.shape)


def side_table(weights: F64, options: Options) -> Chosen:
    """The `kept` largest of weights float64 (rows, columns) go aside in each group; the grid spans the others.

    SpQR (Dettmers et al., 2023) chooses by sensitivity over the whole layer; here the magnitude decides, group by
    group, so that the table of a group has a fixed place and cost.
    """
    groups = in_groups(weights, options.group)
    aside = np.argsort(-np.abs(groups), axis=2, kind="stable")[:, :, : options.kept]
    rest = groups.copy()
    np.put_along_axis(rest, aside, 0.0, axis=2)
    grid = GroupGrid.spanning(rest, options.top)
    codes = grid.codes(rest).astype(np.uint8).reshape(weights.shape)
    return Chosen(codes, grid.scale[:, :, 0], grid.zero[:, :, 0], aside=aside.astype(np.int64))
