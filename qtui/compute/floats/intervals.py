"""Intervals of the real line: which reals are stored as a given code, and how many values lie in each part."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from qtui.compute.floats.exact import ordinal_at_or_above, ordinal_at_or_below
from qtui.compute.floats.layout import FloatFormat, NumberFormat, halfway
from qtui.compute.floats.real import ZERO
from qtui.error import QtuiError

End = tuple[Fraction | None, bool]  # None: without end


@dataclass(frozen=True)
class Interval:
    """The reals from `low` to `high` (None: without end), each end in or out."""

    low: Fraction | None
    high: Fraction | None
    low_in: bool
    high_in: bool

    def holds(self, value: Fraction) -> bool:
        """Whether `value` lies inside."""
        above = self.low is None or value > self.low or (self.low_in and value == self.low)
        return above and (self.high is None or value < self.high or (self.high_in and value == self.high))


def rounding_interval(
    fmt: NumberFormat, code: int, rounding: str = "nearest-even", saturate: bool = False
) -> Interval | None:
    """The reals that are stored as `code`; None where none is (NaN, an unreachable infinity).

    With stochastic rounding: the reals that *may* be stored as `code`. The real number 0 belongs to +0.
    """
    ordinal = fmt.ordinal(code)
    if ordinal is None or fmt.code_at(ordinal) != code:
        return None
    if not fmt.first <= ordinal <= fmt.last:
        return None if saturate else _of_infinity(fmt, ordinal, rounding)
    low, low_in = _lower_end(fmt, ordinal, rounding, saturate)
    high, high_in = _upper_end(fmt, ordinal, rounding, saturate)
    if low is not None and low == high and not (low_in and high_in):
        return None
    return Interval(low, high, low_in, high_in)


def _of_infinity(fmt: NumberFormat, ordinal: int, rounding: str) -> Interval | None:
    negative = ordinal < fmt.first
    if rounding == "toward-zero" or rounding == ("up" if negative else "down"):
        return None
    largest = fmt.value_at(fmt.first if negative else fmt.last)
    nearest = halfway(fmt, ordinal if negative else ordinal - 1)
    border = largest if rounding in ("up", "down", "stochastic") else nearest
    if negative:
        inside = rounding == "nearest-away" or (rounding == "nearest-even" and fmt.takes_tie(ordinal))
        return Interval(None, border, True, inside)
    inside = rounding == "nearest-away" or (rounding == "nearest-even" and not fmt.takes_tie(ordinal - 1))
    return Interval(border, None, inside, True)


def _clamps(fmt: NumberFormat) -> bool:
    return not fmt.has_infinity and fmt.nan_code(False) is None


def _upper_end(fmt: NumberFormat, ordinal: int, rounding: str, saturate: bool) -> End:
    if fmt.has_minus_zero and ordinal == -1:
        return ZERO, False
    if ordinal == fmt.last:
        if saturate or _clamps(fmt):
            return None, True
        if rounding in ("toward-zero", "down"):
            return None, False
    here, above = fmt.value_at(ordinal), fmt.value_at(ordinal + 1)
    if rounding == "nearest-even":
        return fmt.border(ordinal), fmt.takes_tie(ordinal)
    if rounding == "nearest-away":
        return halfway(fmt, ordinal), above <= 0
    gets = rounding == "stochastic" or rounding == "down" or (rounding == "toward-zero" and above > 0)
    return (above, False) if gets else (here, True)


def _lower_end(fmt: NumberFormat, ordinal: int, rounding: str, saturate: bool) -> End:
    if fmt.has_minus_zero and ordinal == 0:
        return ZERO, True
    if ordinal == fmt.first:
        if isinstance(fmt, FloatFormat) and not fmt.has_zero and not saturate:
            return ZERO, False  # zero and negative numbers are NaN there
        if saturate or _clamps(fmt) or fmt.first == 0:
            return None, True
        if rounding in ("toward-zero", "up"):
            return None, False
    here, below = fmt.value_at(ordinal), fmt.value_at(ordinal - 1)
    if rounding == "nearest-even":
        return fmt.border(ordinal - 1), not fmt.takes_tie(ordinal - 1)
    if rounding == "nearest-away":
        return halfway(fmt, ordinal - 1), here > 0
    gets = rounding == "stochastic" or rounding == "up" or (rounding == "toward-zero" and here <= 0)
    return (below, False) if gets else (here, True)


@lru_cache(maxsize=16)
def bin_edges(low: Fraction, high: Fraction, bins: int) -> tuple[Fraction, ...]:
    """The exact borders (bins + 1) of equal parts of [low, high]. Raises QtuiError unless low < high."""
    if low >= high:
        raise QtuiError("an interval needs its lower end first, such as --from -1 --to 1")
    return tuple(low + (high - low) * i / bins for i in range(bins + 1))


@lru_cache(maxsize=64)  # a cursor moves over the same counts again and again
def counts(fmt: NumberFormat, low: Fraction, high: Fraction, bins: int, zeros_once: bool = False) -> tuple[int, ...]:
    """How many finite codes have values in each of `bins` equal parts of [low, high].

    A part holds its lower border, the last one its upper border too. With `zeros_once` +0 and -0 count as one value.
    """
    edges = bin_edges(low, high, bins)
    starts = [ordinal_at_or_above(fmt, edge) for edge in edges[:-1]]
    ends = [*(start - 1 for start in starts[1:]), ordinal_at_or_below(fmt, edges[-1])]
    numbers = [max(0, end - start + 1) for start, end in zip(starts, ends, strict=True)]
    if zeros_once and fmt.has_minus_zero:
        for i, (start, end) in enumerate(zip(starts, ends, strict=True)):
            numbers[i] -= start <= -1 and end >= 0
    return tuple(numbers)
