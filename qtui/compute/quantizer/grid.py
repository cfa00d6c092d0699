"""The grid of a block: every value its weights can take, which code stands for each, and which codes are used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from operator import itemgetter

import numpy as np

from qtui.compute.ints.formats import scheme_of
from qtui.compute.quantizer.stored import F64, I64, MAX_LEVELS, Level, StoredWeights


def code_range(stored: StoredWeights) -> tuple[int, int]:
    """The lowest and highest code there can be, judged by the bits that hold codes and the codes that occur."""
    if stored.levels:
        return stored.levels[0], stored.levels[-1]
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
        if stored.levels:
            codes = np.array(stored.levels)
        elif (low, high) == (-1, 1) and stored.bits == 1:  # one symmetric bit has no code 0
            codes = np.array([-1, 1])
        else:
            codes = np.arange(low, high + 1)
        with np.errstate(invalid="ignore", over="ignore"):  # a scale may be infinite
            values = (scale * (codes - zero) + minimum).astype(np.float64)
    if len(codes) > MAX_LEVELS:
        return ()
    listed = map(Level, codes.tolist(), values.tolist())
    return tuple(sorted((level for level in listed if isfinite(level.value)), key=itemgetter(1)))


def ends(stored: StoredWeights, members: range, grid: Sequence[Level]) -> tuple[float, float]:
    """The least and greatest finite value of weights `members`, stored or not, and of the `grid` near them."""
    part = slice(members.start, members.stop)
    both = np.concatenate([stored.x[part], stored.y[part]])
    finite = both[np.isfinite(both)]
    low, high = float(finite.min(initial=0)), float(finite.max(initial=0))
    reach = 1.25 * max(-low, high)
    near = [level.value for level in grid if abs(level.value) <= reach]
    return min([low, *near]), max([high, *near])


def nearest(stored: StoredWeights, grid: Sequence[Level], value: float) -> Level | None:
    """The value of `grid` nearest to `value`; None where a grid that is too fine to list is not a plain float's."""
    if grid:
        return min(grid, key=lambda level: (abs(level.value - value), level.value, abs(level.code)))
    if not stored.format.is_plain:
        return None
    codec = stored.format.codec
    encoded = codec.encode(np.array([[value]], np.float32))
    return Level(int(codec.fields(encoded).codes.reshape(-1)[0]), float(codec.decode(encoded)[0, 0]))


def staircase(stored: StoredWeights, grid: Sequence[Level], inputs: F64) -> F64:
    """What each of `inputs` (n,) comes back as, rounded to the nearest of `grid`; nan where unknown."""
    values = np.array([level.value for level in grid])
    if len(values) == 0:
        if not stored.format.is_plain:
            return np.full(len(inputs), np.nan)
        codec = stored.format.codec
        result: F64 = codec.decode(codec.encode(inputs.astype(np.float32)[None]))[0].astype(np.float64)
        return result
    right = np.clip(np.searchsorted(values, inputs), 1, max(len(values) - 1, 1))
    low, high = values[right - 1], values[np.minimum(right, len(values) - 1)]
    return np.where(inputs - low <= high - inputs, low, high)


@dataclass(frozen=True)
class CodeUse:
    """How often each code occurs over all groups: `codes` (m,) in the order of their values, `counts` int64 (m,)."""

    codes: I64
    counts: I64
    used: int  # codes that occur


def code_use(stored: StoredWeights) -> CodeUse | None:
    """How often each code that stands for a finite value occurs; None where there are more codes than MAX_LEVELS."""
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
    counts = np.bincount(stored.codes[apart] - low, minlength=high - low + 1).astype(np.int64)
    order = np.arange(len(counts))
    if stored.table is not None:
        order = np.argsort(stored.table, kind="stable")
        order = order[np.isfinite(stored.table[order])]
    if stored.levels:
        order = np.array(stored.levels) - low
    return CodeUse(low + order, counts[order], int(np.count_nonzero(counts)))
