"""Rounding, stepping, spacing and counting without any error: whole numbers and fractions, one value at a time.

Everything here works on ordinals (see `layout.py`), so it is the same for every format.
"""

from __future__ import annotations

import random
from fractions import Fraction

from qtui.compute.floats.layout import FloatFormat, NumberFormat, halfway
from qtui.compute.floats.names import ROUNDINGS
from qtui.compute.floats.real import Real, from_fraction


def encode(
    fmt: NumberFormat, real: Real, rounding: str = "nearest-even", saturate: bool = False, seed: int = 0
) -> int:
    """The code that `real` is stored as, rounded once.

    What is too large becomes infinity or, where there is none, NaN or, where there is no NaN either, the largest
    value; with `saturate` always the largest value. Zero and negative numbers have no E8M0 code and become NaN.
    Raises ValueError for an unknown rounding.
    """
    if rounding not in ROUNDINGS:
        raise ValueError(f"rounding {rounding!r} is not one of {', '.join(ROUNDINGS)}")
    if real.kind == "nan":
        code = fmt.nan_code(real.negative)
        return fmt.nan_replacement(real.negative) if code is None else code
    if (
        isinstance(fmt, FloatFormat)
        and not fmt.has_zero
        and (real.negative or real.kind == "finite" and not real.size)
    ):
        missing = None if saturate else fmt.nan_code(False)
        return 0 if missing is None else missing
    if real.negative and fmt.first == 0 and isinstance(fmt, FloatFormat):
        return 0  # no sign bit: negative numbers, -infinity too, become zero
    if real.kind == "inf":
        return _overflow(fmt, real.negative, saturate)
    ordinal = _choose(fmt, real, rounding, seed)
    if fmt.first <= ordinal <= fmt.last:
        return fmt.code_at(ordinal)
    inward = rounding == "toward-zero" or rounding == ("up" if real.negative else "down")
    return _overflow(fmt, real.negative, saturate or inward)


def overflows(fmt: NumberFormat, real: Real, rounding: str = "nearest-even", seed: int = 0) -> bool:
    """Whether the finite `real` is rounded to a value that `fmt` would have if its range did not end.

    What is a little beyond the largest value is rounded to it, and does not overflow.
    """
    if isinstance(fmt, FloatFormat) and (real.negative and fmt.first == 0 or not fmt.has_zero and not real.size):
        return real.size > 0
    return not fmt.first <= _choose(fmt, real, rounding, seed) <= fmt.last


def _choose(fmt: NumberFormat, real: Real, rounding: str, seed: int) -> int:
    low, high = fmt.around(real)
    if low == high:
        return low
    below, above = fmt.value_at(low), fmt.value_at(high)
    value = real.value
    if rounding == "up":
        return high
    if rounding == "down":
        return low
    if rounding == "toward-zero":
        return high if real.negative else low
    if rounding == "stochastic":
        return high if Fraction(random.Random(seed).random()) < (value - below) / (above - below) else low
    border = fmt.border(low) if rounding == "nearest-even" else halfway(fmt, low)
    if value != border:
        return high if value > border else low
    if rounding == "nearest-away":
        return low if real.negative else high
    return low if fmt.takes_tie(low) else high


def _overflow(fmt: NumberFormat, negative: bool, saturate: bool) -> int:
    limit = fmt.code_at(fmt.first if negative else fmt.last)
    if saturate:
        return limit
    if fmt.has_infinity:
        code = fmt.infinity_code(negative)
        return limit if code is None else code
    code = fmt.nan_code(negative)
    return limit if code is None else code


def classify(fmt: NumberFormat, code: int) -> str:
    """ "zero", "subnormal", "normal", "infinity" or "nan"; whole numbers and table entries are "normal"."""
    real = fmt.real(code)
    if real.kind != "finite":
        return {"inf": "infinity", "nan": "nan"}[real.kind]
    if real.size == 0:
        return "zero"
    if isinstance(fmt, FloatFormat) and fmt.has_zero and fmt.exponent and not (code & fmt.top) >> fmt.mantissa:
        return "subnormal"
    return "normal"


def ends(fmt: NumberFormat) -> tuple[int, int]:
    """The lowest and highest ordinals, infinities included."""
    low = fmt.first - (fmt.infinity_code(True) is not None)
    return low, fmt.last + (fmt.infinity_code(False) is not None)


def step(fmt: NumberFormat, code: int, count: int) -> int:
    """The code `count` values up (or down) from `code`, stopping at the ends; +0 and -0 are one step apart.

    From NaN, one step leads to the lowest or highest code.
    """
    low, high = ends(fmt)
    ordinal = fmt.ordinal(code)
    if ordinal is None:
        return fmt.code_at(low if count > 0 else high)
    return fmt.code_at(min(max(ordinal + count, low), high))


def neighbour(fmt: NumberFormat, code: int, direction: int) -> int | None:
    """The code of the next larger (`direction` 1) or smaller (-1) *value*, None at the end and for NaN.

    The two zeros count as one, as in IEEE 754's nextUp and nextDown.
    """
    ordinal = fmt.ordinal(code)
    if ordinal is None:
        return None
    low, high = ends(fmt)
    there = ordinal + direction
    if fmt.has_minus_zero and {ordinal, there} == {-1, 0}:
        there += direction
    return fmt.code_at(there) if low <= there <= high else None


def ulp(fmt: NumberFormat, code: int) -> Fraction | None:
    """The distance to the next magnitude up: 2^(exponent - mantissa bits) in a float; None for infinity and NaN."""
    real = fmt.real(code)
    ordinal = fmt.ordinal(code)
    if ordinal is None or not real.finite:
        return None
    outward = ordinal - 1 if real.negative else ordinal + 1
    virtual = isinstance(fmt, FloatFormat) or fmt.first <= outward <= fmt.last
    return abs(fmt.value_at(outward if virtual else 2 * ordinal - outward) - fmt.value_at(ordinal))


def ordinal_at_or_below(fmt: NumberFormat, value: Fraction) -> int:
    """The ordinal of the largest finite value <= `value`; one below the first where there is none."""
    if value < fmt.value_at(fmt.first):
        return fmt.first - 1
    if value >= fmt.value_at(fmt.last):
        return fmt.last
    return fmt.around(from_fraction(value))[0]


def ordinal_at_or_above(fmt: NumberFormat, value: Fraction) -> int:
    """The ordinal of the smallest finite value >= `value`; one above the last where there is none."""
    if value > fmt.value_at(fmt.last):
        return fmt.last + 1
    if value <= fmt.value_at(fmt.first):
        return fmt.first
    high = fmt.around(from_fraction(value))[1]
    return -1 if high == 0 and value == 0 and fmt.has_minus_zero else high


def finite_count(fmt: NumberFormat) -> int:
    """How many codes stand for finite numbers, both zeros counted."""
    return fmt.last - fmt.first + 1
