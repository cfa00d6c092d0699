"""The grid of a block: every value its weights can take, which code stands for each, and which codes are used."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import isfinite
from operator import itemgetter

import numpy as np

from qtui.compute.ints.formats import scheme_of
from qtui.compute.quantizer.stored import F64, I64, MAX_LEVELS, Level, StoredWeights

GRIDS_KEPT = 64


def code_range(stored: StoredWeights) -> tuple[int, int]:
    """The lowest and highest code there can be, judged by the bits that hold codes and the codes that occur."""
    scheme = scheme_of(stored.format)
    if scheme is not None:
        # Essay's symmetric range leaves the lowest code out, so that there are as many below zero as above.
        if scheme.signs_only:
            return -1, 1
        mirrored = scheme.mode == "sym" and scheme.rule == "essay"
        return (-scheme.code_max if mirrored else scheme.code_min), scheme.code_max
    low, high = int(stored.codes.min()), int(stored.codes.max())
    bits = stored.bits
    if not bits:
        return low, high
    signed = low < 0 or (stored.zero_point is None and stored.minimum is None)
    bottom, top = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
    return min(bottom, low), max(top, high)


@lru_cache(maxsize=GRIDS_KEPT)
def levels(stored: StoredWeights, group: int) -> tuple[Level, ...]:
    """Every value that weights of `group` can take, ascending; empty where there are more than MAX_LEVELS."""

    def of(values: F64 | None, otherwise: float) -> float:
        return otherwise if values is None else float(values[group]) if len(values) > 1 else float(values[0])

    scale, minimum, zero = of(stored.scale, 1.0), of(stored.minimum, 0.0), of(stored.zero_point, 0.0)
    if stored.table is not None:
        codes = np.arange(len(stored.table))
        values = scale * stored.table + minimum
    else:
        if stored.scale is None:
            return ()
        low, high = code_range(stored)
        if high - low >= MAX_LEVELS:
            return ()
        # One symmetric bit has no code 0.
        codes = np.array([-1, 1]) if (low, high) == (-1, 1) and stored.bits == 1 else np.arange(low, high + 1)
        with np.errstate(invalid="ignore", over="ignore"):  # a scale may be infinite
            values = (scale * (codes - zero) + minimum).astype(np.float64)
    if len(codes) > MAX_LEVELS:
        return ()
    listed = map(Level, codes.tolist(), values.tolist())
    return tuple(sorted((level for level in listed if isfinite(level.value)), key=itemgetter(1)))


def ends(stored: StoredWeights, members: range) -> tuple[float, float]:
    """The least and greatest finite value of weights `members`, stored or not, and of the grid near them."""
    part = slice(members.start, members.stop)
    both = np.concatenate([stored.x[part], stored.y[part]])
    finite = both[np.isfinite(both)]
    low, high = float(finite.min(initial=0)), float(finite.max(initial=0))
    reach = 1.25 * max(-low, high)
    grid = levels(stored, stored.group_of(members.start))
    near = [level.value for level in grid if abs(level.value) <= reach]
    return min([low, *near]), max([high, *near])


def nearest(stored: StoredWeights, group: int, value: float) -> Level | None:
    """The value of `group`'s grid nearest to `value`; None where the grid is too fine to list."""
    grid = levels(stored, group)
    if grid:
        return min(grid, key=lambda level: abs(level.value - value))
    if not stored.format.is_plain:
        return None
    codec = stored.format.codec
    encoded = codec.encode(np.array([[value]], np.float32))
    return Level(int(codec.fields(encoded).codes.reshape(-1)[0]), float(codec.decode(encoded)[0, 0]))


def staircase(stored: StoredWeights, group: int, inputs: F64) -> F64:
    """What each of `inputs` (n,) comes back as, rounded to the nearest of `group`'s grid; nan where unknown."""
    grid = np.array([level.value for level in levels(stored, group)])
    if len(grid) == 0:
        if not stored.format.is_plain:
            return np.full(len(inputs), np.nan)
        codec = stored.format.codec
        return codec.decode(codec.encode(inputs.astype(np.float32)[None]))[0].astype(np.float64)
    right = np.clip(np.searchsorted(grid, inputs), 1, max(len(grid) - 1, 1))
    low, high = grid[right - 1], grid[np.minimum(right, len(grid) - 1)]
    return np.where(inputs - low <= high - inputs, low, high)


@dataclass(frozen=True)
class Usage:
    """How often each code of the format is used over all groups: `counts` int64 (codes,) from code `first` on."""

    first: int
    counts: I64

    @property
    def used(self) -> int:
        """Codes that occur."""
        return int(np.count_nonzero(self.counts))


def usage(stored: StoredWeights) -> Usage | None:
    """How often each code occurs; None where there are more codes than MAX_LEVELS."""
    if stored.table is not None:
        low, high = 0, len(stored.table) - 1
    elif stored.scale is None:
        return None
    else:
        low, high = code_range(stored)
    if high - low >= MAX_LEVELS:
        return None
    apart = np.ones(len(stored.codes), bool)
    apart[stored.kept] = False
    return Usage(low, np.bincount(stored.codes[apart] - low, minlength=high - low + 1).astype(np.int64))
