"""Values written out: exactly in decimal, in the fewest digits that read back, as hexadecimal floats, as bits."""

from __future__ import annotations

import decimal
from fractions import Fraction
from functools import lru_cache

from qtui.compute.floats.intervals import Interval
from qtui.compute.floats.layout import NumberFormat
from qtui.compute.floats.real import Real, floor_log2

# Room for every digit of anything that a format can hold: no operation below may round.
_EXACT = decimal.Context(prec=decimal.MAX_PREC, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)
_WORDS = {"inf": "inf", "nan": "nan"}
_PLAIN_ZEROS = 10  # zeros before or after the digits that are still written out


def _sign(negative: bool) -> str:
    return "-" if negative else ""


def exact_decimal(real: Real) -> str:
    """Every decimal digit of `real`, whose denominator must be a power of two: "0.10009765625", "-0", "inf".

    Very large and very small values are written with a power of ten: "4.9406...e-324".
    """
    if not real.finite:
        return ("nan" if real.kind == "nan" else _sign(real.negative) + "inf") if real.kind in _WORDS else ""
    digits, exponent = decimal_digits(real.size)
    return _sign(real.negative) + _placed(digits, exponent)


def decimal_digits(size: Fraction) -> tuple[str, int]:
    """Digits d and exponent e with size = d * 10^e, no trailing zeros; size must have a power-of-two denominator.

    Raises ValueError for other denominators, which have no finite decimal.
    """
    power = size.denominator.bit_length() - 1
    if size.denominator != 1 << power:
        raise ValueError("only fractions of powers of two have a finite number of decimals")
    # n / 2^p = n * 5^p / 10^p. Decimal writes whole numbers of any length, which str() refuses above 4300 digits.
    text = str(decimal.Decimal(size.numerator * 5**power))
    digits = text.rstrip("0") or "0"
    return digits, (len(text) - len(digits) - power if digits != "0" else 0)


def _placed(digits: str, exponent: int) -> str:
    """digits * 10^exponent with a decimal point, or with a power of ten where that would take many zeros."""
    if exponent >= 0:
        if exponent <= _PLAIN_ZEROS or len(digits) + exponent <= 40:
            return digits + "0" * exponent
    elif len(digits) + exponent > 0:
        return digits[:exponent] + "." + digits[exponent:]
    elif -exponent - len(digits) <= _PLAIN_ZEROS:
        return "0." + "0" * (-exponent - len(digits)) + digits
    power = len(digits) - 1 + exponent
    fraction = "." + digits[1:] if len(digits) > 1 else ""
    return f"{digits[0]}{fraction}e{power:+03d}"


def rounded_digits(size: Fraction, count: int) -> tuple[int, int]:
    """The whole number of `count` digits n and the exponent e with n * 10^e <= size, for size > 0."""
    # log10(2) within 1e-10: the guess is at most one too low or high, and is corrected.
    exponent = int(floor_log2(size) * 0.30102999566) - count - 1
    scaled = _times_ten_to(size, -exponent)
    whole = scaled.numerator // scaled.denominator
    while whole >= 10**count:
        exponent += 1
        scaled /= 10
        whole = scaled.numerator // scaled.denominator
    return whole, exponent


def _times_ten_to(size: Fraction, power: int) -> Fraction:
    result: Fraction = size * 10**power if power >= 0 else size / 10**-power
    return result


@lru_cache(maxsize=4096)  # neighbours and limits come up again at the next key
def shortest_decimal(fmt: NumberFormat, code: int) -> str:
    """The fewest digits that round to `code` again (to nearest even), of those the nearest to its value.

    The same as Python's repr for float64 and numpy's for float32 and float16, spelled "0.1", "1e+21", "65500".
    """
    real = fmt.real(code)
    if not real.finite or real.size == 0:
        return exact_decimal(real)
    interval = _reading_interval(fmt, fmt.ordinal(code) or 0)
    count = 1
    while True:
        low, exponent = rounded_digits(real.size, count)
        fits = []
        for whole in (low, low + 1):
            near = _times_ten_to(Fraction(whole), exponent)
            if interval.holds(-near if real.negative else near):
                fits.append((abs(near - real.size), whole % 2, whole))
        if fits:
            digits = str(min(fits)[2])
            kept = digits.rstrip("0")
            return _sign(real.negative) + _short_placed(kept, exponent + len(digits) - len(kept))
        count += 1


def _reading_interval(fmt: NumberFormat, ordinal: int) -> Interval:
    """The numbers nearer to this value than to its neighbours; at the ends of the range as if it went on."""
    here = fmt.value_at(ordinal)
    low, high = fmt.border(ordinal - 1), fmt.border(ordinal)
    if fmt.value_at(ordinal - 1) == here:
        low = 2 * here - high
    elif fmt.value_at(ordinal + 1) == here:
        high = 2 * here - low
    return Interval(low, high, not fmt.takes_tie(ordinal - 1), fmt.takes_tie(ordinal))


def _short_placed(digits: str, exponent: int) -> str:
    """As Python spells floats: a power of ten from 1e16 up and below 1e-4."""
    point = len(digits) + exponent
    if -4 < point <= 16:
        if exponent >= 0:
            return digits + "0" * exponent
        return digits[:point] + "." + digits[point:] if point > 0 else "0." + "0" * -point + digits
    fraction = "." + digits[1:] if len(digits) > 1 else ""
    return f"{digits[0]}{fraction}e{point - 1:+03d}"


@lru_cache(maxsize=4096)  # the drawings ask for the same numbers at every key
def rounded_decimal(value: Fraction, count: int = 6) -> str:
    """`value` in at most `count` significant digits, rounded to nearest: for errors and distances."""
    if value == 0:
        return "0"
    size = abs(value)
    whole, exponent = rounded_digits(size, count)
    scaled = _times_ten_to(size, -exponent)
    whole += scaled - whole >= Fraction(1, 2)
    digits = str(whole)
    kept = digits.rstrip("0")
    return _sign(value < 0) + _short_placed(kept, exponent + len(digits) - len(kept))


def hex_float(real: Real) -> str:
    """C's %a: "0x1.9ap-4", always with a leading 1 (subnormals too); "0x0p+0" for zero."""
    if not real.finite:
        return exact_decimal(real)
    if real.size == 0:
        return _sign(real.negative) + "0x0p+0"
    exponent = floor_log2(real.size)
    fraction = real.size / (Fraction(2) ** exponent) - 1
    width = -(-(fraction.denominator.bit_length() - 1) // 4)
    digits = f"{int(fraction * 16**width):0{width}x}" if width else ""
    return f"{_sign(real.negative)}0x1{'.' + digits if digits else ''}p{exponent:+d}"


def code_hex(fmt: NumberFormat, code: int) -> str:
    """The code in hexadecimal, as wide as the format."""
    return f"0x{code:0{-(-fmt.bits // 4)}x}"


def code_bits(fmt: NumberFormat, code: int) -> str:
    """The code in binary, highest bit first."""
    return f"{code:0{fmt.bits}b}"


def grouped_bits(fmt: NumberFormat, code: int) -> str:
    """The bits with a space between the fields: "0 01111011 1001101"."""
    return " ".join(f"{group.of(code):0{group.width}b}" for group in fmt.groups)
