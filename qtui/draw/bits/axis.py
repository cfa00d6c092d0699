"""A horizontal axis over an exact interval: round numbers at even steps, and the column of a value."""

from __future__ import annotations

from fractions import Fraction

from qtui.compute.floats.real import floor_log2
from qtui.compute.floats.text import rounded_decimal
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, line


def column_of(value: Fraction, low: Fraction, high: Fraction, columns: int) -> int | None:
    """The column that holds `value`, None outside the interval."""
    if not low <= value <= high:
        return None
    return min(columns - 1, int((value - low) * columns / (high - low)))


def nice_ticks(low: Fraction, high: Fraction, at_most: int) -> list[Fraction]:
    """Multiples of 1, 2 or 5 times a power of ten inside [low, high], no more than `at_most`."""
    span = high - low
    exponent = int((floor_log2(span) - floor_log2(Fraction(max(at_most, 1)))) * 0.30103) - 2
    step = Fraction(10) ** exponent
    while True:
        for factor in (1, 2, 5):
            first = -((-low) // (step * factor))
            last = high // (step * factor)
            if last - first + 1 <= max(at_most, 1):
                return [step * factor * i for i in range(int(first), int(last) + 1)]
        step *= 10


def axis(
    low: Fraction, high: Fraction, columns: int, glyphs: Glyphs, left: int = 0, mark: int | None = None
) -> Picture:
    """A rule with ticks and a row of numbers, `left` cells of margin before the columns; `mark` is the cursor's."""
    rule, labels = _rule(low, high, columns, glyphs.tick, glyphs.horizontal, left)
    spans = [(rule, "axis")]
    if mark is not None:
        spans = [(rule[:mark], "axis"), (glyphs.up, "strong"), (rule[mark + 1 :], "axis")]
    return line(" " * left, *spans), labels


def _rule(low: Fraction, high: Fraction, columns: int, tick: str, rest: str, left: int) -> tuple[str, Line]:
    """The rule and its numbers."""
    marks: dict[int, Fraction] = {}
    for value in nice_ticks(low, high, max(2, columns // 11)):
        at = column_of(value, low, high, columns)
        if at is not None:
            marks[at] = value
    return "".join(tick if i in marks else rest for i in range(columns)), _labels(marks, columns, left)


def _labels(marks: dict[int, Fraction], columns: int, left: int) -> Line:
    cells = [" "] * (left + columns)
    free = 0
    for at, tick in sorted(marks.items()):
        text = rounded_decimal(tick, 8)
        start = min(max(0, left + at - len(text) // 2), len(cells) - len(text))
        if start >= free:
            cells[start : start + len(text)] = text
            free = start + len(text) + 1
    return line(("".join(cells).rstrip(), "axis"))
