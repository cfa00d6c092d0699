"""What the Bits pane's keys make of a Scenario: the same one with another value, format or interval.

Each move takes a Scenario that `solve` accepts and returns another.
"""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

from qtui.compute.floats import exact
from qtui.compute.floats.layout import SPECIALS, FloatFormat, NumberFormat
from qtui.compute.floats.real import Real
from qtui.compute.floats.table import design, number_format, usual_bias
from qtui.compute.floats.text import code_hex, exact_decimal, hex_float
from qtui.scenario.base import user_input
from qtui.scenario.bits.scenario import ZOOMS, BitsScenario
from qtui.scenario.bits.solve import solve

_SHORT = 24  # characters of a decimal that the entry field shows whole and that says more than the code
_LONGEST_TEXT = 40  # characters of a decimal that still go into the entry field
_TURN = Fraction(math.tau)
_WIDEST, _NARROWEST = Fraction(2) ** 140, Fraction(1, 2**160)  # of an interval


def at_code(scenario: BitsScenario, fmt: NumberFormat, code: int) -> BitsScenario:
    """`scenario` with the value that `code` stands for: a short decimal where that means this code, else the code."""
    real = fmt.real(code)
    text = exact_decimal(real) if real.finite else ""
    short = 0 < len(text) <= _SHORT and exact.encode(fmt, real) == code
    return replace(scenario, value=text if short else code_hex(fmt, code))


def flipped(scenario: BitsScenario, fmt: NumberFormat, code: int, bit: int, to: int | None = None) -> BitsScenario:
    """`scenario` with bit number `bit` flipped, or set `to` 0 or 1."""
    wanted = (code >> bit & 1) ^ 1 if to is None else to
    return at_code(scenario, fmt, (code & ~(1 << bit)) | (wanted << bit))


def in_format(scenario: BitsScenario, spec: str) -> BitsScenario:
    """`scenario` in another format: a code keeps its *value*, not its bits.

    Raises UserError when either format is not known.
    """
    result = solve(scenario)
    if result.is_code:
        real = result.stored.real
        text = exact_decimal(real)
        scenario = replace(scenario, value=text if len(text) <= _LONGEST_TEXT else hex_float(real))
    with user_input():
        return replace(scenario, format=number_format(spec).name)


def moved(scenario: BitsScenario, to: Fraction) -> BitsScenario:
    """`scenario` with the exact number `to` as its value: a decimal where that is short, else a fraction."""
    denominator = to.denominator
    while denominator % 2 == 0:
        denominator //= 2
    while denominator % 5 == 0:
        denominator //= 5
    if denominator == 1:
        twos = to.denominator.bit_length() + 1
        scaled = abs(to) * 10**twos
        digits = f"{scaled.numerator:0{twos + 1}d}"
        text = f"{digits[:-twos]}.{digits[-twos:]}".rstrip("0").rstrip(".")
        if len(text) <= _LONGEST_TEXT:
            return replace(scenario, value=("-" if to < 0 else "") + text)
    return replace(scenario, value=f"{to.numerator}/{to.denominator}")


def stepped(scenario: BitsScenario, count: int) -> BitsScenario:
    """`count` values up or down, stopping at the ends."""
    result = solve(scenario)
    return at_code(scenario, result.format, exact.step(result.format, result.code, count))


def neighbouring(scenario: BitsScenario, direction: int) -> BitsScenario:
    """The next larger or smaller *value*: the two zeros are one step."""
    result = solve(scenario)
    code = exact.neighbour(result.format, result.code, direction)
    return stepped(scenario, direction) if code is None else at_code(scenario, result.format, code)


def scaled(scenario: BitsScenario, power: int) -> BitsScenario:
    """The value times 2^power, as far as the format goes."""
    result = solve(scenario)
    real = result.stored.real
    if not real.finite:
        return scenario
    product = Real(real.size * Fraction(2) ** power, real.negative)
    return at_code(scenario, result.format, exact.encode(result.format, product, saturate=True))


def negated(scenario: BitsScenario) -> BitsScenario:
    """Minus the value, where the format has it."""
    result = solve(scenario)
    real = result.stored.real
    other = Real(real.size, not real.negative, real.kind)
    return at_code(scenario, result.format, exact.encode(result.format, other, saturate=True))


def at_share(scenario: BitsScenario, share: Fraction) -> BitsScenario:
    """The value at `share` (0 lowest, 1 highest) of the way through all values in their order."""
    fmt = number_format(scenario.format)
    low, high = exact.ends(fmt)
    place = low + round(min(max(share, Fraction(0)), Fraction(1)) * (high - low))
    return at_code(scenario, fmt, fmt.code_at(place))


def jumped(scenario: BitsScenario, share: Fraction) -> BitsScenario:
    """A part `share` of all values further, at least one."""
    fmt = number_format(scenario.format)
    low, high = exact.ends(fmt)
    count = max(1, int(abs(share) * (high - low)))
    return stepped(scenario, count if share > 0 else -count)


def at_end(scenario: BitsScenario, direction: int) -> BitsScenario:
    """The largest or the lowest finite value."""
    fmt = number_format(scenario.format)
    return at_code(scenario, fmt, fmt.code_at(fmt.last if direction > 0 else fmt.first))


def at_special(scenario: BitsScenario, direction: int) -> BitsScenario:
    """The next special value up or down the order of values, NaN after the last, then round again."""
    result = solve(scenario)
    fmt = result.format
    codes = [special.code for special in result.specials]
    here = fmt.ordinal(result.code)
    places = [fmt.ordinal(code) for code in codes]
    if here is None:
        return at_code(scenario, fmt, codes[0] if direction > 0 else codes[-2 if None in places else -1])
    ordered = sorted((place, code) for place, code in zip(places, codes, strict=True) if place is not None)
    nan = [code for place, code in zip(places, codes, strict=True) if place is None]
    beyond = [code for place, code in ordered if (place > here if direction > 0 else place < here)]
    round_again = [code for _, code in ordered]
    if direction > 0:
        return at_code(scenario, fmt, (beyond or nan or round_again)[0])
    return at_code(scenario, fmt, (beyond or nan or round_again)[-1])


def in_interval(scenario: BitsScenario, columns: int, by: int) -> BitsScenario:
    """The cursor `by` columns along an interval drawn in `columns`, kept inside it."""
    result = solve(scenario)
    low, high = result.interval
    here = result.entered.value if result.entered.finite else (low + high) / 2
    there = _round_to_step(min(max(here + by * (high - low) / columns, low), high), low, high)
    return steady(scenario, moved(scenario, there))


def at_column(scenario: BitsScenario, share: Fraction) -> BitsScenario:
    """The cursor at `share` of the way along the interval."""
    low, high = solve(scenario).interval
    return steady(scenario, moved(scenario, _round_to_step(low + share * (high - low), low, high)))


def steady(before: BitsScenario, after: BitsScenario) -> BitsScenario:
    """`after` on the interval of `before`, while its value is inside: the usual interval follows large values."""
    low, high = solve(before).interval
    result = solve(after)
    inside = result.entered.finite and low <= result.entered.value <= high
    if not inside or result.interval == (low, high):
        return after
    return replace(after, low=_text(low), high=_text(high))


def _round_to_step(value: Fraction, low: Fraction, high: Fraction) -> Fraction:
    """`value` in few decimals: to a ten-thousandth of the interval or finer."""
    step = Fraction(10) ** -4
    while step * 5000 > high - low:
        step /= 10
    while step * 500_000 < high - low:
        step *= 10
    return min(max(round(value / step) * step, low), high)


def zoomed(scenario: BitsScenario, factor: Fraction) -> BitsScenario:
    """The interval `factor` times as wide, about the cursor, or its middle where the cursor is outside."""
    result = solve(scenario)
    low, high = result.interval
    inside = result.entered.finite and low <= result.entered.value <= high
    middle = result.entered.value if inside else (low + high) / 2
    if not _NARROWEST < (high - low) * factor < _WIDEST:
        return scenario
    ends = (
        _tidy(middle + (low - middle) * factor, low, high, factor),
        _tidy(middle + (high - middle) * factor, low, high, factor),
    )
    return replace(scenario, low=_text(ends[0]), high=_text(ends[1]))


def _tidy(value: Fraction, low: Fraction, high: Fraction, factor: Fraction) -> Fraction:
    """`value` rounded to a multiple of a power of ten that is too small to be seen in a plot: short to read."""
    step = Fraction(1)
    while step * 2000 > (high - low) * factor:
        step /= 10
    while step * 20000 < (high - low) * factor:
        step *= 10
    return round(value / step) * step


def _text(value: Fraction) -> str:
    return moved(BitsScenario(), value).value


def along_sine(scenario: BitsScenario, share: Fraction) -> BitsScenario:
    """x moved by `share` of the sine's window."""
    result = solve(scenario)
    here = result.entered.value if result.entered.finite else Fraction(0)
    window = _TURN / (1 if scenario.zoom == "1" else int(scenario.zoom))
    return moved(scenario, _round_to_step(here + share * window, here - window, here + window))


def at_sine(scenario: BitsScenario, share: Fraction) -> BitsScenario:
    """x at `share` of the way along the turn that is on show."""
    result = solve(scenario)
    here = result.entered.value if result.entered.finite else Fraction(0)
    start = here // _TURN * _TURN
    return moved(scenario, _round_to_step(start + share * _TURN, start, start + _TURN))


def next_zoom(scenario: BitsScenario, by: int) -> BitsScenario:
    """The next magnification of the sine, stopping at the ends."""
    place = min(max(ZOOMS.index(scenario.zoom) + by, 0), len(ZOOMS) - 1)
    return replace(scenario, zoom=ZOOMS[place])


def switched(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    """`names` without `name` if it is there, else with it."""
    return tuple(other for other in names if other != name) if name in names else (*names, name)


def redesigned(scenario: BitsScenario, field: str, by: int) -> BitsScenario:
    """The present float with one choice changed: exponent, mantissa, bias, special or sign.

    The bias follows the exponent's width while it is the usual one. Raises UserError for what makes no float.
    """
    fmt = number_format(scenario.format)
    if not isinstance(fmt, FloatFormat):
        fmt = number_format("float8_e4m3fn")
    assert isinstance(fmt, FloatFormat)
    bias = None if fmt.bias == usual_bias(fmt.exponent, fmt.special) else fmt.bias
    exponent, mantissa, special, sign = fmt.exponent, fmt.mantissa, fmt.special, fmt.sign
    if field == "exponent":
        exponent += by
    elif field == "mantissa":
        mantissa += by
    elif field == "bias":
        bias = fmt.bias + by
    elif field == "special":
        special = SPECIALS[(SPECIALS.index(special) + by) % len(SPECIALS)]
    else:
        sign = 1 - sign
    with user_input():
        made = design(exponent, mantissa, bias, special, sign)
    return in_format(scenario, made.name)
