"""What every smart method takes and gives, and the plain rounding that each of them improves on.

Weights are a layer, float32 (rows, columns): a row of weights for each output, a column for each input. Codes of
`bits` bits share a scale and a zero point in groups of `group` columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Options:
    """`bits` per code and columns per `group`; the rest is for methods that use it.

    `seed` and `samples` make the synthetic inputs; `iterations` bounds HQQ; `kept` is the share of weights set
    aside; `rotated` is how many columns a Hadamard matrix mixes at most.
    """

    bits: int = 4
    group: int = 64
    seed: int = 0
    samples: int = 1024
    iterations: int = 20
    kept: float = 0.005
    rotated: int = 128


@dataclass(frozen=True)
class Cost:
    """`bytes` stored for `what`."""

    what: str
    bytes: int


@dataclass(frozen=True)
class Outcome:
    """Weights float32 (rows, columns) as they come back, what is stored for them, and a sentence on what was done."""

    values: F32
    ledger: tuple[Cost, ...]
    note: str

    @property
    def nbytes(self) -> int:
        return sum(cost.bytes for cost in self.ledger)

    @property
    def bits_per_weight(self) -> float:
        return 8 * self.nbytes / self.values.size if self.values.size else 0.0


@dataclass(frozen=True)
class GroupGrid:
    """The grids of groups: value = scale * (code - zero), codes 0 .. top; arrays (rows, groups, 1) or like them."""

    scale: Floats
    zero: Floats
    top: int

    @classmethod
    def spanning(cls, groups: Floats, bits: int) -> GroupGrid:
        """Grids from the least to the greatest weight of groups (..., size), and 0; scales rounded to fp16."""
        top = (1 << bits) - 1
        low = np.minimum(groups.min(axis=-1, keepdims=True), 0)
        high = np.maximum(groups.max(axis=-1, keepdims=True), 0)
        scale = half((high - low) / top)
        scale = np.where(scale > 0, scale, 1)
        return cls(scale, np.clip(np.rint(-low / scale), 0, top), top)

    def stored(self, weights: Floats) -> Floats:
        """`weights` rounded to the nearest value of their grid."""
        codes = np.clip(np.rint(weights / self.scale) + self.zero, 0, self.top)
        return (codes - self.zero) * self.scale


def half(values: Floats) -> Floats:
    """`values` rounded to fp16, and no further than it reaches."""
    return np.clip(values, -65504, 65504).astype(np.float16).astype(values.dtype)


def in_groups(weights: Floats, group: int) -> Floats:
    """(rows, columns) as (rows, groups, group). Raises ValueError where columns are no whole groups."""
    rows, columns = weights.shape
    if group < 1 or columns % group:
        raise ValueError(f"{columns} columns are no whole groups of {group}; choose a group that divides them")
    return weights.reshape(rows, columns // group, group)


def nearest(weights: Floats, options: Options) -> Floats:
    """`weights` (rows, columns) rounded group by group to the nearest code: plain round-to-nearest (RTN)."""
    groups = in_groups(weights, options.group)
    return GroupGrid.spanning(groups, options.bits).stored(groups).reshape(weights.shape)


def grid_costs(shape: tuple[int, ...], options: Options) -> tuple[Cost, ...]:
    """What codes, fp16 scales and zero points of `bits` bits take for weights of `shape`."""
    count = int(np.prod(shape))
    groups = count // options.group
    return (
        Cost("codes", -(-count * options.bits // 8)),
        Cost("scales", 2 * groups),
        Cost("zero points", -(-groups * options.bits // 8)),
    )


def round_to_nearest(weights: F32, options: Options) -> Outcome:
    """Plain rounding: each group's grid spans its weights, each weight takes the nearest code."""
    values = nearest(weights.astype(np.float64), options).astype(np.float32)
    note = f"each weight takes the nearest of {1 << options.bits} values of its group of {options.group}"
    return Outcome(values, grid_costs(weights.shape, options), note)
