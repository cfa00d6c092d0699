"""Numbers as the Bits pane writes them: short enough for the place, marked where they are not exact."""

from __future__ import annotations

from fractions import Fraction

from qtui.compute.floats.intervals import Interval
from qtui.compute.floats.layout import FloatFormat
from qtui.compute.floats.real import Real, from_fraction
from qtui.compute.floats.text import exact_decimal, rounded_decimal
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Span, line, width
from qtui.scenario.bits.result import BitsResult

LABEL = 10  # cells for the name of a row


def row(label: str, *spans: Span | str) -> Line:
    """A row of the inspector: its label, then its text."""
    return line((label.ljust(LABEL), "label"), *spans)


def first_that_fits(room: int, *rows: Line) -> Line:
    """The first of `rows` that takes at most `room` cells, else the last."""
    return next((row for row in rows if width(row) <= room), rows[-1])


def ulps(distance: Fraction | None) -> str:
    """A distance in ulps with its sign: "+1/2", "-1", "0"."""
    return f"{'+' if distance else ''}{distance}".replace("+-", "-")


def hex_room(fmt: FloatFormat) -> int:
    """Cells that the hexadecimal float of any value of `fmt` fits in."""
    digits = 1 + -(-fmt.mantissa // 4) if fmt.mantissa else 0
    return fmt.sign + len("0x1p") + digits + 1 + len(str(fmt.bias + fmt.mantissa))


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


def number_of(real: Real, room: int = 24) -> str:
    """A stored value beside its error: every digit where they fit `room`, else as many as do."""
    text = exact_decimal(real)
    return text if len(text) <= room or not real.finite else rounded_to(real.value, room)


def value_of(real: Real, glyphs: Glyphs, room: int = 24) -> str:
    """A stored value: every digit where they fit `room`, else as many as do behind an approximation sign."""
    text = exact_decimal(real)
    return text if len(text) <= room or not real.finite else exact_or_near(real.value, room, glyphs)


def misfit(result: BitsResult) -> str:
    """What becomes of a value that the format has no place for, in a sentence; "" for any other value."""
    name, asked, stored = result.format.name[:24], result.input[:24], result.stored
    if not stored.real.finite:
        return f"{name} has no number for {asked}: {stored.note}." if stored.note else ""
    if not result.entered.finite:
        return f"{name} has no {asked}, so {number_of(stored.real, 12)} is stored in its place."
    end = f"{name} goes no further than {number_of(stored.real, 12)}, which is stored for {asked}."
    return end if stored.clamped else ""


def interval_text(interval: Interval, room: int, glyphs: Glyphs) -> str:
    """ "[0.0625, 0.1875)": a bracket where the end belongs to it, a parenthesis where it does not."""
    room = max(8, (room - 4) // 2)
    low = "-inf" if interval.low is None else exact_or_near(interval.low, room, glyphs)
    high = "inf" if interval.high is None else exact_or_near(interval.high, room, glyphs)
    return f"{'[' if interval.low_in else '('}{low}, {high}{']' if interval.high_in else ')'}"


def percent(ratio: Fraction) -> str:
    """A share in per cent, three digits."""
    return f"{rounded_decimal(100 * ratio, 3)} %"


def count_text(count: int, room: int = 26) -> str:
    """A count with thousands, in powers of two or ten where that is too long."""
    text = f"{count:,}"
    return text if len(text) <= room else f"{rounded_decimal(Fraction(count), 4)}"


def aligned(texts: list[str]) -> list[str]:
    """Numbers padded so that their decimal points stand below each other, all of one width."""
    wholes = [text.partition(".")[0].partition("e")[0] for text in texts]
    left = max(map(len, wholes), default=0)
    moved = [" " * (left - len(whole)) + text for whole, text in zip(wholes, texts, strict=True)]
    room = max(map(len, moved), default=0)
    return [text.ljust(room) for text in moved]
