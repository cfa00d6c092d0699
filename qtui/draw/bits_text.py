"""How the Bits pane writes numbers: short enough for its place, and never less exact than it looks."""

from __future__ import annotations

from fractions import Fraction

from qtui.compute.floats.intervals import Interval
from qtui.compute.floats.layout import NumberFormat
from qtui.compute.floats.real import from_fraction
from qtui.compute.floats.text import exact_decimal, rounded_decimal
from qtui.draw.glyphs import Glyphs


def power_name(value: Fraction) -> str:
    """ "2^-14" for a power of two, "" for anything else."""
    if value <= 0 or value.numerator & (value.numerator - 1) or value.denominator & (value.denominator - 1):
        return ""
    exponent = value.numerator.bit_length() - value.denominator.bit_length()
    return f"2^{exponent}"


def exact_or_near(value: Fraction, room: int, glyphs: Glyphs, sign: str = "") -> str:
    """All decimals of `value`, after a `sign`, if they fit `room`, else rounded ones behind an approximation sign."""
    denominator = value.denominator
    if denominator & (denominator - 1) == 0:
        text = sign + exact_decimal(from_fraction(value))
        if len(text) <= room:
            return text
    text = rounded_to(value, room - 1 - len(sign))
    return ("" if Fraction(text) == value else glyphs.approx) + sign + text


def rounded_to(value: Fraction, room: int) -> str:
    """`value` with as many significant digits as fit `room` cells."""
    for digits in range(min(room, 25), 0, -1):
        text = rounded_decimal(value, digits)
        if len(text) <= room:
            return text
    return text


def number_of(fmt: NumberFormat, code: int, room: int = 24) -> str:
    """A stored value beside its error: every digit where they fit `room`, else as many as do."""
    real = fmt.real(code)
    text = exact_decimal(real)
    return text if len(text) <= room or not real.finite else rounded_to(real.value, room)


def value_of(fmt: NumberFormat, code: int, glyphs: Glyphs, room: int = 24) -> str:
    """A stored value: every digit where they fit `room`, else as many as do behind an approximation sign."""
    real = fmt.real(code)
    text = exact_decimal(real)
    return text if len(text) <= room or not real.finite else exact_or_near(real.value, room, glyphs)


def interval_text(interval: Interval, room: int, glyphs: Glyphs) -> str:
    """ "[0.0625, 0.1875)": a bracket where the end belongs to it, a parenthesis where it does not."""
    each = max(8, (room - 4) // 2)
    low = "-inf" if interval.low is None else exact_or_near(interval.low, each, glyphs)
    high = "inf" if interval.high is None else exact_or_near(interval.high, each, glyphs)
    return f"{'[' if interval.low_in else '('}{low}, {high}{']' if interval.high_in else ')'}"


def percent(ratio: Fraction) -> str:
    """A share in per cent, three digits."""
    return f"{rounded_decimal(100 * ratio, 3)} %"


def count_text(count: int, room: int = 26) -> str:
    """A count with thousands, in powers of two or ten where that is too long."""
    text = f"{count:,}"
    return text if len(text) <= room else f"{rounded_decimal(Fraction(count), 4)}"
