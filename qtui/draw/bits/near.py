"""What the inspector says about a value's surroundings: ulp, class, neighbours, and the reals that become it.

Distances are told in ulps. That is how rounding thinks, and it stays the same from value to value, so that a flipped
bit changes few characters; the numbers themselves stand where all digits are asked for.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from qtui.compute.floats.intervals import Interval
from qtui.compute.floats.layout import FloatFormat
from qtui.compute.floats.text import code_hex, exact_decimal, rounded_decimal, shortest_decimal
from qtui.draw.bits.text import (
    LABEL,
    exact_or_near,
    interval_text,
    percent,
    power_name,
    row,
    short_room,
    ulps,
    value_of,
)
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Span, line
from qtui.draw.picture import width as cells

if TYPE_CHECKING:
    from qtui.scenario.bits.result import BitsResult

ULP_ROOM = 22  # cells for "2^-1074 ≈ 4.941e-324" and a gap
CLASS_ROOM = 9  # "subnormal"

AS_CODE = "as a code"


def class_row(result: BitsResult, width: int, glyphs: Glyphs) -> Line:
    """The ulp as a power of two, the class, and the exponent as stored and as meant where there is room."""
    ulp = result.ulp
    text = "none"
    if ulp is not None:
        name, figure = power_name(ulp), exact_or_near(ulp, 11, glyphs)
        same = glyphs.approx if figure.startswith(glyphs.approx) else "="
        text = f"{name} {same} {figure.removeprefix(glyphs.approx)}" if name else figure
    if not isinstance(result.format, FloatFormat):
        return row("ulp", text)
    said: list[Span | str] = [text.ljust(ULP_ROOM), ("class ", "label"), result.kind.ljust(CLASS_ROOM)]
    exponent = f"stored {result.exponent_field}"
    if result.exponent is not None:
        exponent += f", unbiased {result.exponent}"
    if result.format.exponent and cells(line(*said)) + LABEL + len(" exponent " + exponent) <= width:
        said += [(" exponent ", "label"), exponent]
    return row("ulp", *said)


def neighbour_rows(result: BitsResult, glyphs: Glyphs, exactly: bool) -> list[Line]:
    """The next smaller and larger value, each in digits that no other value has, with its code and its distance.

    `exactly` writes more digits than that, and distances as numbers.
    """
    rows = []
    room = max(short_room(result.format) + 1, 12)
    for label, code, sign in (("previous", result.previous, "-"), ("next", result.next, "+")):
        if code is None:
            rows.append(row(label, "none: not a number" if result.kind == "nan" else "none: this is the end"))
            continue
        distance = result.distance(code)
        if exactly:
            away = "" if distance is None else f"   {exact_or_near(distance, 18, glyphs, sign)}"
            rows.append(
                row(label, f"{value_of(result.format, code, glyphs, 24)}{away}   {code_hex(result.format, code)}")
            )
        else:
            value = _distinct(result, code, room, glyphs).ljust(room)
            away = "" if distance is None else f"   {_distance(result, distance, sign, glyphs)}"
            # Of 64 bits and more only the last few would differ.
            name = f"   {code_hex(result.format, code)}" if result.format.bits <= 32 else ""
            rows.append(row(label, f"{value}{name}{away}"))
    return rows


def neighbour_row(result: BitsResult, glyphs: Glyphs) -> Line:
    """Both neighbours in one row, for a low window."""
    below, above = (
        "" if code is None else _distinct(result, code, 12, glyphs) for code in (result.previous, result.next)
    )
    if below and above:
        return row("between", f"{below} and {above}")
    return row("next to", below or above or "nothing: not a number")


def _distinct(result: BitsResult, code: int, room: int, glyphs: Glyphs) -> str:
    """Every digit where they fit `room`, else as many as no other value begins with, marked as not all."""
    text = exact_decimal(result.format.real(code))
    short = shortest_decimal(result.format, code)
    return text if len(text) <= room or text == short else glyphs.approx + short


def _distance(result: BitsResult, distance: Fraction, sign: str, glyphs: Glyphs) -> str:
    if isinstance(result.format, FloatFormat) and result.ulp:
        return f"{sign}{distance / result.ulp} ulp"
    return exact_or_near(distance, 18, glyphs, sign)


def entered_row(result: BitsResult, width: int, glyphs: Glyphs) -> Line:
    """What was typed, and what became of it."""
    stored = result.stored
    if result.is_code:
        entered = AS_CODE
    else:
        entered = result.input.ljust(len(AS_CODE)) if len(result.input) <= 24 else result.input[:23] + glyphs.ellipsis
    if stored.exact:
        return row("entered", entered, "   ", (f"{glyphs.yes} exact", "good"))
    if stored.absolute_error is None:
        return row("entered", entered, "   ", (f"{glyphs.no} {stored.note}", "bad"))
    candidates = [row("entered", entered, "   ", *spans) for spans in _errors(result, glyphs)]
    return next((one for one in candidates if cells(one) <= width), candidates[-1])


def _errors(result: BitsResult, glyphs: Glyphs) -> list[list[Span]]:
    """How far off the stored value is, in ever fewer words."""
    stored = result.stored
    above = stored.real.value > result.entered.value
    error = f"{'+' if above else '-'}{rounded_decimal(stored.absolute_error or Fraction(0), 6)}"
    relative = [] if stored.relative_error is None else [percent(stored.relative_error)]
    in_ulps = [] if stored.ulp_error is None else [f"{rounded_decimal(stored.ulp_error, 3)} ulp"]
    note = (f"   {stored.note}" if stored.note else "", "bad")
    parts = ([f"not exact: {error}", *relative, *in_ulps], [error, *relative, *in_ulps], [error, *in_ulps], [error])
    return [[(f"{glyphs.no} {', '.join(each)}", "warn"), note] for each in parts]


def stepwise_row(result: BitsResult, glyphs: Glyphs) -> Line:
    """What the expression gives when each of its steps is rounded; empty where that is the same."""
    code = result.step_by_step
    if code is None:
        return ()
    far = ""
    there, here = result.format.ordinal(code), result.format.ordinal(result.code)
    if there is not None and here is not None:
        far = f", {abs(there - here)} codes {'above' if there > here else 'below'}"
    other = value_of(result.format, code, glyphs, 26)
    return row("stepwise", (other, "warn"), (f"   if each step is rounded to {result.format.name}{far}", "dim"))


def reals_row(result: BitsResult, width: int, glyphs: Glyphs, exactly: bool) -> Line:
    """Which reals are stored as this value, and whether the ends of their interval are."""
    interval = result.interval_of_code
    which = "may round here" if result.rounding == "stochastic" else "round here"
    if interval is None:
        return row("reals", _no_interval(result, which, glyphs))
    in_ulps = "" if exactly else _in_ulps(result, interval)
    if in_ulps:
        return row("reals", f"{which}: {in_ulps}{_ends(interval)}")
    room = width - LABEL - len(which) - 2 if exactly else 36
    return row("reals", f"{which}: {interval_text(interval, room, glyphs)}")


def _in_ulps(result: BitsResult, interval: Interval) -> str:
    """ "-1/2 to +1/2 ulp", where both ends are at such a distance; else nothing."""
    real, ulp = result.stored.real, result.ulp
    if not isinstance(result.format, FloatFormat) or not ulp or not real.finite:
        return ""
    low = None if interval.low is None else (interval.low - real.value) / ulp
    high = None if interval.high is None else (interval.high - real.value) / ulp
    if low is None or high is None:
        return (
            f"from {ulps(low)} ulp up" if low is not None else f"up to {ulps(high)} ulp" if high is not None else ""
        )
    return f"{ulps(low)} to {ulps(high)} ulp"


def _ends(interval: Interval) -> str:
    ends = [
        inside
        for end, inside in ((interval.low, interval.low_in), (interval.high, interval.high_in))
        if end is not None
    ]
    if len(ends) == 1:
        return f", the end {'in' if ends[0] else 'out'}"
    if ends[0] == ends[1]:
        return f", both ends {'in' if ends[0] else 'out'}"
    return ", the low end in, the high one out" if ends[0] else ", the low end out, the high one in"


def _no_interval(result: BitsResult, which: str, glyphs: Glyphs) -> str:
    """What is stored as NaN, or as an infinity that saturation never gives."""
    over = result.overflow_from
    to_nan = result.kind == "nan" and not result.format.has_infinity
    if to_nan and over is not None and over.low is not None and result.rounding.startswith("nearest"):
        border = exact_or_near(over.low, 30, glyphs)
        size = f"of size {border} and more" if over.low_in else f"larger than {border} in size"
        return f"all {size} overflow to NaN"
    return f"{which}: none"
