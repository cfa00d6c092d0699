"""What a number format can do: its range, precision, special values, and what a million weights take in it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from qtui.compute.floats import exact
from qtui.compute.floats.layout import FloatFormat, NumberFormat
from qtui.compute.floats.real import Real, from_fraction

MILLION = 1_000_000


@dataclass(frozen=True)
class FormatFacts:
    """One row of the table of formats. What a format does not have is None."""

    format: NumberFormat
    bits: int  # as stored, the box included
    widths: str  # "1/8/23"
    bias: int | None
    largest: Fraction
    lowest: Fraction
    min_normal: Fraction | None
    min_subnormal: Fraction | None
    epsilon: Fraction | None  # distance from 1 to the next value
    digits: float | None  # decimal digits that the significand is worth
    values: int  # finite codes, both zeros counted
    has_infinity: bool
    nans: int
    million_bytes: int
    guaranteed: int | None  # decimal digits that any number in the normal range keeps: 6 for float32
    decades: float | None  # powers of ten from the smallest to the largest positive value


def facts(fmt: NumberFormat) -> FormatFacts:
    """What `fmt` can do."""
    low, high = exact.ends(fmt)
    one = special_codes(fmt).get("1")
    stored = fmt.stored_bits if isinstance(fmt, FloatFormat) else fmt.bits
    common = (fmt.value_at(fmt.last), fmt.value_at(fmt.first))
    nans = (1 << fmt.bits) - (high - low + 1) if fmt.nan_code(False) is not None else 0
    normal = subnormal = digits = bias = None
    if isinstance(fmt, FloatFormat):
        bias = fmt.bias if fmt.exponent else None
        digits = (fmt.mantissa + 1) * math.log10(2)
        normal = fmt.magnitude(1 << fmt.mantissa if fmt.has_zero else 0) if fmt.exponent else None
        subnormal = fmt.magnitude(1) if fmt.has_zero and fmt.mantissa else None
        widths = f"{fmt.sign}/{fmt.exponent}/{fmt.mantissa}"
    else:
        widths = "/".join(str(group.width) for group in fmt.groups)
    return FormatFacts(
        fmt,
        stored,
        widths,
        bias,
        *common,
        normal,
        subnormal,
        exact.ulp(fmt, one) if one is not None else None,
        digits,
        exact.finite_count(fmt),
        fmt.has_infinity,
        nans,
        -(-stored * MILLION // 8),
        int(fmt.mantissa * math.log10(2)) if isinstance(fmt, FloatFormat) else None,
        _decades(fmt.value_at(fmt.last), subnormal or normal),
    )


@dataclass(frozen=True)
class NotANumber:
    """What the code of a NaN says: its sign (None where a format's only NaN has none), its kind and its payload.

    `signalling` and `payload` are None where a format has no such bits, as E4M3FN, whose NaN is one code of either
    sign. In IEEE 754-2008 (6.2.1) the first mantissa bit is 1 for quiet, and the bits after it are the payload.
    """

    negative: bool | None
    signalling: bool | None = None
    payload: int | None = None


def nan_of(fmt: NumberFormat, code: int) -> NotANumber | None:
    """What `code` says if it is a NaN, else None."""
    if fmt.real(code).kind != "nan" or not isinstance(fmt, FloatFormat):
        return None
    signed = fmt.sign and fmt.special not in ("fnuz", "p3109")
    negative = bool(code >> (fmt.bits - 1)) if signed else None
    if fmt.special != "ieee":
        return NotANumber(negative)
    quiet = 1 << (fmt.mantissa - 1)
    return NotANumber(negative, not code & quiet, code & (quiet - 1))


def _decades(largest: Fraction, smallest: Fraction | None) -> float | None:
    if smallest is None:
        return None
    ratio = largest / smallest
    # Whole numbers of any size have a logarithm; a float may not hold the quotient.
    return math.log10(ratio.numerator) - math.log10(ratio.denominator)


def usual_digits(fmt: NumberFormat) -> int:
    """How many significant decimal digits a float keeps of most numbers: 7 for float32, of which 6 are guaranteed."""
    return int((fmt.mantissa + 1) * math.log10(2)) if isinstance(fmt, FloatFormat) else 0


def special_codes(fmt: NumberFormat) -> dict[str, int]:
    """The codes worth jumping to, from the lowest value to the highest and NaN last, by name."""
    codes: dict[str, int | None] = {"-inf": fmt.infinity_code(True)}
    negative = fmt.value_at(fmt.first) < 0
    if negative:
        codes["lowest"] = fmt.code_at(fmt.first)
    one = exact.encode(fmt, from_fraction(Fraction(1)))
    has_one = fmt.real(one) == Real(Fraction(1))
    if negative and has_one:
        minus = exact.encode(fmt, from_fraction(Fraction(-1)))
        codes["-1"] = minus if fmt.real(minus) == Real(Fraction(1), True) else None
    if fmt.has_minus_zero:
        codes["-0"] = exact.encode(fmt, Real(negative=True))
    zero = exact.encode(fmt, Real())
    codes["+0" if fmt.has_minus_zero else "0"] = zero if fmt.real(zero) == Real() else None
    if isinstance(fmt, FloatFormat) and fmt.has_zero and fmt.exponent:
        if fmt.mantissa:
            codes |= {"min subnormal": 1, "max subnormal": (1 << fmt.mantissa) - 1}
        codes["min normal"] = 1 << fmt.mantissa
    elif isinstance(fmt, FloatFormat) and not fmt.has_zero:
        codes["smallest"] = 0
    if has_one:
        codes["1"] = one
        if isinstance(fmt, FloatFormat):
            codes["1+ulp"] = exact.neighbour(fmt, one, 1)
    codes |= {"max": fmt.code_at(fmt.last), "inf": fmt.infinity_code(False), "nan": fmt.nan_code(False)}
    return {name: code for name, code in codes.items() if code is not None}
