"""Rounding at one value: a value between its neighbours, the reals that become it, and the number entered.

The picture's unit is the ulp, and the value stands in its middle: from value to value it changes little.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from qtui.compute.floats.layout import FloatFormat
from qtui.compute.floats.real import Real
from qtui.draw.bits.text import row, ulps, value_of
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span, line
from qtui.scenario.bits.result import BitsResult

NARROWEST = 12  # columns in which three places can be told apart
WIDEST = 61
ROLE = "series1"  # one for all: a change of colour takes as many bytes as a dozen cells
REACH = Fraction(7, 6)  # units to each side


@dataclass(frozen=True)
class UlpAxis:
    """Columns of the reals about `middle`, `unit` being the larger distance to a neighbour."""

    middle: Fraction
    unit: Fraction
    columns: int

    def distance(self, value: Fraction) -> Fraction:
        """How many units `value` is above the middle."""
        return (value - self.middle) / self.unit

    def place(self, value: Fraction) -> int:
        """The column of `value`, or the outermost one."""
        centre = self.columns // 2
        away = round(self.distance(value) / REACH * centre)
        return min(self.columns - 1, max(0, centre + away))


def rounding_picture(result: BitsResult, width: int, glyphs: Glyphs, left: int = 0) -> Picture:
    """Three rows: where the number entered lies, the interval that rounds to the value, and names below.

    Empty where there is no room. An infinity stands where the range would go on.
    """
    columns = min(width - left, WIDEST) // 2 * 2 - 1
    if columns < NARROWEST:
        return ()
    margin = " " * left
    scale = _scale(result, columns)
    if scale is None:
        return (row("rounding"), line(margin, (glyphs.dot * columns, ROLE)), line())
    rule = [glyphs.dot] * columns
    names: list[tuple[int, str]] = []
    for neighbour, name in ((result.previous, "previous"), (result.next, "next")):
        if neighbour is not None:
            at = scale.place(neighbour.edge)
            rule[at] = glyphs.cross
            names.append((at, _name(result, neighbour.real, name, glyphs)))
    names += _mark_interval(result, scale, rule, glyphs)
    centre = scale.place(scale.middle)
    rule[centre] = glyphs.bullet
    names.append((centre, _name(result, result.stored.real, "value", glyphs)))
    return (
        _entered(result, scale, glyphs),
        line(margin, ("".join(rule), ROLE)),
        line(margin, *_names(columns, sorted(names))),
    )


def _scale(result: BitsResult, columns: int) -> UlpAxis | None:
    here = result.edge
    if here is None:
        return None
    around = [abs(other.edge - here) for other in (result.previous, result.next) if other is not None]
    unit = result.ulp or max(around, default=Fraction(0))
    return UlpAxis(here, max([unit, *around]), columns) if unit else None


def _name(result: BitsResult, real: Real, name: str, glyphs: Glyphs) -> str:
    """What stands under a value: a float's are written out above, and named here; others are short."""
    if not isinstance(result.format, FloatFormat):
        return value_of(real, glyphs, 14)
    return name if real.finite else ("-inf" if real.negative else "inf")


def _mark_interval(result: BitsResult, scale: UlpAxis, rule: list[str], glyphs: Glyphs) -> list[tuple[int, str]]:
    """Draw the interval into `rule`; what to write under its ends."""
    interval = result.stored.reals
    if interval is None:
        return []
    low, high = interval.low, interval.high
    first = scale.place(scale.middle - scale.unit / 2 if low is None else low)
    last = scale.place(scale.middle + scale.unit / 2 if high is None else high)
    for column in range(first, last + 1):
        if rule[column] == glyphs.dot:
            rule[column] = "="
    # An end at the value itself, as of zeros, stands beside it.
    centre = scale.place(scale.middle)
    first, last = min(first, centre - 1), max(last, centre + 1)
    names = []
    for end, inside, at, marks in ((low, interval.low_in, first, "[(<"), (high, interval.high_in, last, "])>")):
        # An arrow where the interval has no end.
        rule[at] = marks[2] if end is None else marks[0] if inside else marks[1]
        if end is not None and isinstance(result.format, FloatFormat) and end != scale.middle:
            names.append((at, ulps(scale.distance(end))))
    return names


def _entered(result: BitsResult, scale: UlpAxis, glyphs: Glyphs) -> Line:
    exact = result.stored.exact
    if not exact and (not result.entered.finite or abs(scale.distance(result.entered.value)) > REACH):
        return row("rounding", ("the number entered is further away than this picture", "dim"))
    at = scale.place(scale.middle if exact else result.entered.value)
    text = "" if result.is_code else result.input[:20]
    if at + 2 + len(text) > scale.columns:
        return row("rounding", " " * (at - 1 - len(text)), (text, "strong"), " ", glyphs.down)
    return row("rounding", " " * at, glyphs.down, " ", (text, "strong"))


def _names(columns: int, names: list[tuple[int, str]]) -> list[Span | str]:
    """Texts under their columns; one that would run into the one before moves on, or stays out at the end."""
    spans: list[Span | str] = []
    free = 0
    for at, text in names:
        start = min(max(free, at - len(text) // 2), columns - len(text))
        if start >= free:
            spans += [" " * (start + bool(spans) - free), (text, ROLE)]
            free = start + len(text) + 1
    return spans
