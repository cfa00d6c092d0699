"""The number line: which numbers each format has, one cursor through all of them, and the nearest value in each."""

from __future__ import annotations

from functools import lru_cache

from qtui.compute.floats.text import rounded_decimal
from qtui.draw.bits.axis import axis, column_of
from qtui.draw.bits.text import exact_or_near, number_of, power_name
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span, crop, line, pad
from qtui.scenario.bits.result import BitsResult, TickRow

NAME, VALUE, ERROR = 18, 11, 17  # cells of the columns above each line
MANY = 10  # values in a column from which on it is drawn solid


def number_line(result: BitsResult, width: int, height: int, glyphs: Glyphs) -> Picture:
    """Two rows a format: its nearest value and gap, and its values as ticks over the interval.

    `result` is plotted in `width` columns.
    """
    low, high = result.interval
    real = result.entered
    at = column_of(real.value, low, high, width) if real.finite else None
    picture: list[Line] = [_cursor_row(result, width, at, glyphs)]
    rows = result.ticks
    room = max(1, (height - 4) // 2)
    spaced = height >= 4 + 3 * len(rows)
    for ticks in rows[:room]:
        picture.append(_about(ticks, width, glyphs))
        picture.append(_ticks(result, ticks, at, width, glyphs))
        if spaced:
            picture.append(line())
    picture += axis(low, high, width, glyphs)
    one, few, all_full = glyphs.vertical, glyphs.shades[1], glyphs.shades[3]
    many = f"{glyphs.up} nearest   {one} one value   {few} 2 to {MANY - 1} in a column   {all_full} {MANY} or more"
    if width < 64:
        many = f"{glyphs.up} nearest  {one} 1  {few} 2-{MANY - 1}  {all_full} {MANY}+"
    hidden = f"{len(rows) - room} more need a taller window   " if len(rows) > room else ""
    picture.append(line((hidden, "warn"), (many, "dim")))
    return tuple(crop(row, width, glyphs.ellipsis) for row in picture)


def _cursor_row(result: BitsResult, width: int, at: int | None, glyphs: Glyphs) -> Line:
    text = f"x = {result.input if len(result.input) < 30 else exact_or_near(result.entered.value, 30, glyphs)}"
    if at is None:
        return line((text, "strong"), ("   outside this interval: Home or End moves it in", "dim"))
    start = at + 2 if at + 2 + len(text) <= width else at - 1 - len(text)
    if start < at:
        return line(" " * max(0, start), (text, "strong"), " ", (glyphs.down, "strong"))
    return line(" " * at, (glyphs.down, "strong"), " ", (text, "strong"))


def _about(ticks: TickRow, width: int, glyphs: Glyphs) -> Line:
    """The nearest value, how far that is off, and the gap to the next: each in a column of its own."""
    stored = ticks.stored
    name_room = NAME if width >= 64 else 14
    spans: list[Span | str] = [
        (stored.format.name[:name_room].ljust(name_room + 1), "label"),
        number_of(stored.real, VALUE).ljust(VALUE + 1),
    ]
    if stored.exact:
        spans.append("exact".ljust(ERROR))
    elif stored.absolute_error is not None:
        spans.append(f"off by {rounded_decimal(stored.absolute_error, 2)}".ljust(ERROR))
    else:
        spans.append((f"{stored.note} ".ljust(ERROR), "bad"))
    if ticks.gap is not None:
        name = power_name(ticks.gap)
        gap = name if name and len(exact_or_near(ticks.gap, 30, glyphs)) > 9 else exact_or_near(ticks.gap, 12, glyphs)
        spans.append(f"gap {gap}")
    return line(*spans)


def _ticks(result: BitsResult, ticks: TickRow, at: int | None, width: int, glyphs: Glyphs) -> Line:
    stored = ticks.stored.real
    near = column_of(stored.value, *result.interval, width) if stored.finite else None
    row = _tick_row(ticks.counts, glyphs)
    spans: list[Span] = []
    start = 0
    for column in sorted({column for column in (near, at) if column is not None}):
        spans.append((row[start:column], "series1"))
        spans.append((glyphs.up, "strong") if column == near else (row[column], "cursor"))
        start = column + 1
    return pad(line(*spans, (row[start:], "series1")), width)


@lru_cache(maxsize=64)
def _tick_row(counts: tuple[int, ...], glyphs: Glyphs) -> str:
    """A format's values, cached while the cursor moves over them."""
    return "".join(tick(count, glyphs) for count in counts)


def tick(count: int, glyphs: Glyphs) -> str:
    """The character of a column with `count` values."""
    if count == 0:
        return glyphs.horizontal
    if count == 1:
        return glyphs.vertical
    return glyphs.shades[1] if count < MANY else glyphs.shades[3]
