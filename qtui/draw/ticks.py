"""Where an axis has its ticks and how numbers are written beside it: few characters, no false digits."""

from __future__ import annotations

import math

from qtui.draw.glyphs import Glyphs

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_UNITS = ("", "k", "M", "G", "T", "P")


def nice_step(span: float, most: int) -> float:
    """The smallest of 1, 2 or 5 times a power of ten that divides `span` into at most `most` steps."""
    if not (span > 0 and math.isfinite(span)):
        return 1.0
    least = span / max(most, 1)
    power = 10.0 ** math.floor(math.log10(least))
    return next((m * power for m in (1.0, 2.0, 5.0, 10.0) if m * power >= least * (1 - 1e-9)), 10.0 * power)


def multiples(low: float, high: float, step: float) -> list[float]:
    """The multiples of `step` from `low` to `high`, both included."""
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [index * step for index in range(first, last + 1)]


def engineering(largest: float) -> int:
    """The power of ten, a multiple of 3, that leaves one to three digits before the point of `largest`.

    0 for numbers that need no power: from 0.1 up to 10,000.
    """
    if not (largest > 0 and math.isfinite(largest)) or 0.1 <= largest < 10_000:
        return 0
    return 3 * math.floor(math.log10(largest) / 3 + 1e-12)


def power(exponent: int, glyphs: Glyphs) -> str:
    """ "×10⁻³", in ASCII "x10^-3"; nothing for the power 0."""
    if not exponent:
        return ""
    text = f"^{exponent}" if glyphs.name == "ascii" else str(exponent).translate(_RAISED)
    return f"{glyphs.times}10{text}"


def number(value: float, step: float) -> str:
    """`value` with as many decimals as multiples of `step` need; never "-0"."""
    decimals = max(0, -math.floor(math.log10(step) + 1e-9)) if step > 0 else 0
    text = f"{value:.{decimals}f}"
    return text[1:] if text.startswith("-") and not text.strip("-0.") else text


def significant(value: float, digits: int = 4) -> str:
    """`value` in at most `digits` significant digits: plain where that is short, else with an exponent."""
    if math.isnan(value):
        return "-"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if value == 0:
        return "0"
    if 1e-3 <= abs(value) < 10**digits:
        places = digits - 1 - math.floor(math.log10(abs(value)))
        return f"{value:.{max(places, 0)}f}"
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    return f"{mantissa}e{int(exponent)}"


def axis_count(count: float) -> str:
    """A whole number in at most five characters: 950, 1.2k, 34k, 5.6M."""
    size = float(abs(count))
    if size < 1000:
        return f"{count:.0f}"
    unit = min(int(math.log10(size) // 3), len(_UNITS) - 1)
    scaled = size / 1000.0**unit
    if scaled >= 999.5 and unit < len(_UNITS) - 1:
        unit, scaled = unit + 1, scaled / 1000.0
    digits = 1 if scaled < 9.95 else 0
    text = f"{scaled:.{digits}f}"
    return ("-" if count < 0 else "") + (text[:-2] if text.endswith(".0") else text) + _UNITS[unit]
