"""What the inspector shows of a value's surroundings: ulp, class, neighbours, and the reals that become it.

Distances are in ulps. They stay the same from value to value, so that a flipped bit changes few characters; the
numbers themselves are shown where all digits are asked for.
"""

from __future__ import annotations

from fractions import Fraction

from qtui.compute.floats.intervals import Interval
from qtui.compute.floats.layout import FloatFormat
from qtui.compute.floats.text import code_hex, exact_decimal, shortest_decimal
from qtui.draw.bits.text import (
    LABEL,
    exact_or_near,
    interval_text,
    power_name,
    row,
    ulps,
    value_of,
)
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Span, line
from qtui.draw.picture import width as cells
from qtui.scenario.bits.result import BitsResult, Neighbour

ULP_ROOM = 22  # cells for "2^-1074 ≈ 4.941e-324" and a gap
CLASS_ROOM = 9  # "subnormal"


def class_row(result: BitsResult, width: int, glyphs: Glyphs) -> Line:
    """The distance to the next value (the ulp) as a power of two, and the class of the number."""
    ulp = result.ulp
    text = "none"
    if ulp is not None:
        name, figure = power_name(ulp), exact_or_near(ulp, 11, glyphs)
        same = glyphs.approx if figure.startswith(glyphs.approx) else "="
        text = f"{name} {same} {figure.removeprefix(glyphs.approx)}" if name else figure
    what: Span = (" to the next (ulp)", "dim")
    spans: list[Span | str] = [text.ljust(ULP_ROOM)]
    if isinstance(result.format, FloatFormat):
        spans += [("class ", "label"), result.stored.kind.ljust(CLASS_ROOM)]
    return row("gap", *spans, *([what] if cells(line(*spans, what)) + LABEL <= width else []))


def neighbour_rows(result: BitsResult, glyphs: Glyphs, exactly: bool) -> list[Line]:
    """The next smaller and larger value, each in digits that no other value has, with its code and its distance.

    `exactly` writes more digits than that, and distances as numbers.
    """
    rows = []
    room = max(result.widest + 1, 12)
    for label, other, sign in (("previous", result.previous, "-"), ("next", result.next, "+")):
        if other is None:
            rows.append(row(label, "none: not a number" if result.stored.kind == "nan" else "none: this is the end"))
            continue
        name = code_hex(result.format, other.code)
        if exactly:
            away = "" if other.distance is None else f"   {exact_or_near(other.distance, 18, glyphs, sign)}"
            rows.append(row(label, f"{value_of(other.real, glyphs, 24)}{away}   {name}"))
        else:
            value = _distinct(result, other, room, glyphs).ljust(room)
            away = "" if other.distance is None else f"   {_distance(result, other, other.distance, sign, glyphs)}"
            # Of 64 bits and more only the last few would differ.
            code = f"   {name}" if result.format.bits <= 32 else ""
            rows.append(row(label, f"{value}{code}{away}"))
    return rows


def neighbour_row(result: BitsResult, glyphs: Glyphs) -> Line:
    """Both neighbours in one row, for a low window."""
    below, above = (
        "" if other is None else _distinct(result, other, 12, glyphs) for other in (result.previous, result.next)
    )
    if below and above:
        return row("between", f"{below} and {above}")
    return row("next to", below or above or "nothing: not a number")


def _distinct(result: BitsResult, other: Neighbour, room: int, glyphs: Glyphs) -> str:
    """Every digit where they fit `room`, else as many as no other value begins with, marked as not all."""
    text = exact_decimal(other.real)
    short = shortest_decimal(result.format, other.code)
    return text if len(text) <= room or text == short else glyphs.approx + short


def _distance(result: BitsResult, other: Neighbour, distance: Fraction, sign: str, glyphs: Glyphs) -> str:
    if isinstance(result.format, FloatFormat) and other.ulps is not None:
        return f"{sign}{other.ulps} ulp"
    return exact_or_near(distance, 18, glyphs, sign)


def stepwise_row(result: BitsResult, glyphs: Glyphs) -> Line:
    """What the expression gives when each of its steps is rounded; empty where that is the same."""
    stepwise = result.step_by_step
    if stepwise is None:
        return ()
    far, above = "", stepwise.codes_above
    if above is not None:
        far = f", {abs(above)} codes {'above' if above > 0 else 'below'}"
    other = value_of(stepwise.real, glyphs, 26)
    return row("stepwise", (other, "warn"), (f"   if each step is rounded to {result.format.name}{far}", "dim"))


def reals_row(result: BitsResult, width: int, glyphs: Glyphs, exactly: bool) -> Line:
    """Which reals are stored as this value, and whether the ends of their interval are."""
    interval = result.stored.reals
    which = "may round here" if result.rounding == "stochastic" else "round here"
    if interval is None:
        return row("reals", _no_interval(result, which, glyphs))
    in_ulps = "" if exactly else _in_ulps(result)
    if in_ulps:
        return row("reals", f"{which}: {in_ulps}{_ends(interval)}")
    room = width - LABEL - len(which) - 2 if exactly else 36
    return row("reals", f"{which}: {interval_text(interval, room, glyphs)}")


def _in_ulps(result: BitsResult) -> str:
    """ "-1/2 to +1/2 ulp", where both ends are at such a distance; else nothing."""
    if result.reals_in_ulps is None:
        return ""
    low, high = result.reals_in_ulps
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
    to_nan = result.stored.kind == "nan" and not result.format.has_infinity
    if to_nan and over is not None and over.low is not None and result.rounding.startswith("nearest"):
        border = exact_or_near(over.low, 30, glyphs)
        size = f"of size {border} and more" if over.low_in else f"larger than {border} in size"
        return f"all {size} overflow to NaN"
    return f"{which}: none"
