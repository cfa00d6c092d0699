"""Rounding seen from near by: a value between its neighbours, the reals that become it, and the number entered."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

from qtui.compute.floats.real import Real
from qtui.draw.bits_text import value_of
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span, line

if TYPE_CHECKING:
    from qtui.scenario.bits_result import BitsResult

ROWS = 3
NARROWEST = 12  # columns in which three places can be told apart


def rounding_bin(result: BitsResult, width: int, glyphs: Glyphs, left: int = 0) -> Picture:
    """Three rows: where the number entered lies, the interval that rounds to the value, and the values' names.

    Empty where there is no finite neighbour on one of the sides, or no room.
    """
    fmt = result.format
    if result.previous is None or result.next is None or not result.stored.real.finite:
        return ()
    before, after = fmt.real(result.previous), fmt.real(result.next)
    if not before.finite or not after.finite:
        return ()
    here = result.stored.real.value
    margin = (after.value - before.value) / 12
    low, high = before.value - margin, after.value + margin
    columns = width - left
    if columns < NARROWEST:
        return ()

    def place(value: Fraction) -> int:
        return min(columns - 1, max(0, int((value - low) * (columns - 1) / (high - low) + Fraction(1, 2))))

    rule = [glyphs.horizontal] * columns
    for value in (before.value, after.value):
        rule[place(value)] = glyphs.cross
    roles = ["axis"] * columns
    _mark_interval(result, rule, roles, place, glyphs)
    rule[place(here)], roles[place(here)] = glyphs.bullet, "strong"
    names = _names(columns, [(place(v.value), value_of(fmt, c, glyphs, 22)) for v, c in _three(result)])
    return (
        _entered(result, columns, left, low, high, place, glyphs),
        line(" " * left, *((text, role) for text, role in zip(rule, roles, strict=True))),
        line(" " * left, (names, "dim")),
    )


def _three(result: BitsResult) -> list[tuple[Real, int]]:
    codes = [code for code in (result.previous, result.code, result.next) if code is not None]
    return [(result.format.real(code), code) for code in codes]


def _mark_interval(
    result: BitsResult, rule: list[str], roles: list[str], place: Callable[[Fraction], int], glyphs: Glyphs
) -> None:
    interval = result.interval_of_code
    if interval is None:
        return
    first = 0 if interval.low is None else place(interval.low)
    last = len(rule) - 1 if interval.high is None else place(interval.high)
    for column in range(first, last + 1):
        roles[column] = "series1"
        if rule[column] == glyphs.horizontal:
            rule[column] = "="
    rule[first] = "[" if interval.low_in else "("
    rule[last] = "]" if interval.high_in else ")"


def _entered(
    result: BitsResult,
    columns: int,
    left: int,
    low: Fraction,
    high: Fraction,
    place: Callable[[Fraction], int],
    glyphs: Glyphs,
) -> Line:
    label: Span = ("rounding".ljust(left), "label")
    real = result.entered
    if not real.finite or not low <= real.value <= high:
        return line(label, ("the number entered is further away than this picture", "dim"))
    at = place(real.value)
    text = "" if result.is_code else result.input[:20]
    if at + 2 + len(text) > columns:
        return line(label, " " * (at - 1 - len(text)), (text, "strong"), " ", (glyphs.down, "strong"))
    return line(label, " " * at, (glyphs.down, "strong"), " ", (text, "strong"))


def _names(columns: int, names: list[tuple[int, str]]) -> str:
    cells = [" "] * columns
    free = 0
    for at, text in names:
        start = min(max(free, at - len(text) // 2), columns - len(text))
        if start >= free:
            cells[start : start + len(text)] = text
            free = start + len(text) + 1
    return "".join(cells).rstrip()
