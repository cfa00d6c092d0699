"""The number line: which numbers each format has, one cursor through all of them, and the nearest value in each."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from qtui.compute.floats.text import rounded_decimal
from qtui.draw.bits.axis import axis, column_of
from qtui.draw.bits.text import aligned, exact_or_near, misfit, number_of, power_name
from qtui.draw.frame import title
from qtui.draw.glyphs import ASCII, Glyphs
from qtui.draw.picture import Line, Picture, Span, crop, line, pad
from qtui.draw.picture import width as cells
from qtui.scenario.bits.result import BitsResult, TickRow

ROWS = 60
NAME, VALUE = 18, 11  # cells of the columns above each line
MANY = 10  # values in a column from which on it is drawn solid


def plot_columns(result: BitsResult, width: int, height: int) -> int:
    """Columns of the line."""
    return width


def picture(result: BitsResult, width: int, height: int, glyphs: Glyphs, cursor: int | None = None) -> Picture:
    """Two rows a format: its nearest value and gap, and its values as ticks over the interval; a close-up below."""
    low, high = result.interval
    real = result.entered
    at = column_of(real.value, low, high, width) if real.finite else None
    rows = result.ticks
    room = max(1, (height - 4) // 2)
    spare = height - (4 + 2 * len(rows)) * (1 + (result.close is not None))
    tall, close_tall, spaced = (spare >= times * len(rows) for times in (1, 2, 3))
    drawn: list[Line] = [_cursor_row(result, width, at, glyphs)]
    texts = _about(rows, width, glyphs)
    for ticks, text in zip(rows[:room], texts, strict=False):
        drawn += [text, *_ticks(ticks, result.interval, at, width, glyphs, tall)]
        drawn += [line()] * spaced
    drawn += axis(low, high, width, glyphs)
    hidden = f"{len(rows) - room} more need a taller window   " if len(rows) > room else ""
    legend, wide = _legend(width - len(hidden), glyphs), _axis_title(result, width)
    if len(hidden) + len(legend) + 3 + len(wide) <= width:
        drawn.append(line((hidden, "warn"), (f"{legend}   {wide}", "dim")))
    else:
        drawn.append(line((hidden, "warn"), (legend, "dim")))
        drawn += [line((wide, "dim"))] * (len(drawn) < height)
    close = result.close
    if close is not None:
        most = min((height - len(drawn) - 4) // 2, len(close.ticks))
        if most > 1:
            part = "" if most == len(close.ticks) else f": {most} of {len(close.ticks)} formats"
            drawn += [line(), title(f"Close up, {_magnified(result)} times larger{part}", width, glyphs)]
            drawn += _close_up(result, close.ticks[:most], width, glyphs, close_tall)
    return tuple(crop(row, width, glyphs.ellipsis) for row in drawn)


def sentence(result: BitsResult) -> str:
    """How the present format spaces its numbers, and how far the cursor is from the nearest."""
    fmt, stored, name = result.format, result.stored, result.format.name[:24]
    if text := misfit(result):
        return text
    if result.ulp is None:
        return f"{result.input[:24]} has no place on a line of numbers; {name} has a code of its own for it."
    fields = {group.name for group in fmt.groups}
    if "index" in fields:
        return f"{name} has {result.facts.values} numbers; whatever lies between two of them becomes the nearer one."
    if "integer" in fields:
        low, high = (rounded_decimal(end, 6) for end in (result.facts.lowest, result.facts.largest))
        return f"{name} has its numbers at even steps, from {low} to {high}."
    gap = exact_or_near(result.ulp, 10, ASCII).replace(ASCII.approx, "about ")
    where = (
        "exactly on one" if stored.exact else f"{rounded_decimal(stored.absolute_error or Fraction(0), 2)} off one"
    )
    return f"Floats crowd around 0: here {name} has one every {gap}, and x is {where}."


def stacked(result: BitsResult, width: int, height: int, glyphs: Glyphs) -> Picture:
    """The number line in few rows: a name and its ticks for as many formats as fit `height`, the axis, a legend."""
    low, high = result.interval
    real = result.entered
    at = column_of(real.value, low, high, width) if real.finite else None
    shown = result.ticks[: max(0, (height - 2) // 2)]
    tall = height >= 3 + 3 * len(shown)
    rows: list[Line] = []
    for ticks in shown:
        gap = "" if ticks.gap is None else f"   a number every {_gap(ticks.gap, glyphs)} here"
        rows.append(line((ticks.stored.format.name[:24], "label"), (gap, "dim")))
        rows += _ticks(ticks, result.interval, at, width, glyphs, tall)
    rows += axis(low, high, width, glyphs)
    # Where a format's nearest number is elsewhere, its line has the number itself as a mark of its own.
    apart = any(at not in (None, _nearest(ticks, result.interval, width)) for ticks in shown)
    itself: tuple[Span, ...] = ((glyphs.down, "cursor"), (" itself   ", "dim")) if apart else ()
    legend = line(*itself, (_legend(width - cells(line(*itself)), glyphs), "dim"))
    rows += [legend] * (len(rows) < height)
    return tuple(crop(row, width) for row in rows) if shown else ()


def _legend(room: int, glyphs: Glyphs) -> str:
    """What the marks mean."""
    one, few, full = glyphs.vertical, glyphs.shades[1], glyphs.shades[3]
    text = f"{glyphs.up} nearest   {one} one number   {few} 2 to {MANY - 1}   {full} {MANY} or more"
    return text if len(text) <= room else f"{glyphs.up} nearest  {one} 1  {few} 2-{MANY - 1}  {full} {MANY}+"


def _axis_title(result: BitsResult, columns: int) -> str:
    """What the axis shows, and how much a column of it."""
    low, high = result.interval
    return f"numbers from left to right, each column {rounded_decimal((high - low) / columns, 2)} wide"


def _cursor_row(result: BitsResult, width: int, at: int | None, glyphs: Glyphs) -> Line:
    text = f"x = {result.input if len(result.input) < 30 else exact_or_near(result.entered.value, 30, glyphs)}"
    if at is None:
        return line(
            (text, "strong"),
            ("   outside this interval" if result.entered.finite else "   no place on a line", "dim"),
        )
    start = at + 2 if at + 2 + len(text) <= width else at - 1 - len(text)
    if start < at:
        return line(" " * max(0, start), (text, "strong"), " ", (glyphs.down, "strong"))
    return line(" " * at, (glyphs.down, "strong"), " ", (text, "strong"))


def _about(rows: Sequence[TickRow], width: int, glyphs: Glyphs) -> list[Line]:
    """For each format the nearest value, how far that is off, and the gap to the next, in columns."""
    name_room = NAME if width >= 64 else 14
    values = aligned([number_of(ticks.stored.real, VALUE) for ticks in rows])
    offs = [_off(ticks) for ticks in rows]
    room = max(len(text) for text, _ in offs)
    lines = []
    for ticks, value, (off, role) in zip(rows, values, offs, strict=True):
        gap = "" if ticks.gap is None else f"  gap {_gap(ticks.gap, glyphs)}"
        name = ticks.stored.format.name[:name_room].ljust(name_room + 1)
        lines.append(line((name, "label"), f"{value}  ", (off.ljust(room), role), gap))
    return lines


def _off(ticks: TickRow) -> Span:
    stored = ticks.stored
    if stored.exact:
        return "exact", "good"
    if stored.absolute_error is None:
        return stored.note, "bad"
    return f"off by {rounded_decimal(stored.absolute_error, 2)}", ""


def _gap(gap: Fraction, glyphs: Glyphs) -> str:
    name = power_name(gap)
    return name if name and len(exact_or_near(gap, 30, glyphs)) > 9 else exact_or_near(gap, 12, glyphs)


def _magnified(result: BitsResult) -> str:
    assert result.close is not None
    (low, high), (first, last) = result.interval, result.close.interval
    return rounded_decimal((high - low) / (last - first), 3)


def _close_up(result: BitsResult, shown: Sequence[TickRow], width: int, glyphs: Glyphs, tall: bool) -> Picture:
    """Formats about the value, the axis of the close-up below."""
    close = result.close
    assert close is not None
    low, high = close.interval
    at = column_of(result.entered.value, low, high, width)
    rows: list[Line] = []
    for ticks in shown:
        rows.append(line((ticks.stored.format.name[:24], "label")))
        rows += _ticks(ticks, close.interval, at, width, glyphs, tall)
    return (*rows, *axis(low, high, width, glyphs))


def _ticks(
    ticks: TickRow, interval: tuple[Fraction, Fraction], at: int | None, width: int, glyphs: Glyphs, tall: bool
) -> Picture:
    """A format's values on its line, the nearest one and the cursor marked; where they are `tall`, in two rows."""
    near = _nearest(ticks, interval, width)
    row = "".join(tick(count, glyphs) for count in ticks.counts)
    rows = []
    upper = (row.replace(glyphs.horizontal, " "), glyphs.vertical, glyphs.down)
    for text, mark, itself in (upper, (row, glyphs.up, "" if tall else glyphs.down))[not tall :]:
        spans: list[Span] = []
        start = 0
        for column in sorted({column for column in (near, at) if column is not None}):
            spans.append((text[start:column], "series1"))
            spans.append((mark, "strong") if column == near else (itself or text[column], "cursor"))
            start = column + 1
        rows.append(pad(line(*spans, (text[start:], "series1")), width))
    return tuple(rows)


def _nearest(ticks: TickRow, interval: tuple[Fraction, Fraction], width: int) -> int | None:
    """The column of a format's nearest value, if that is finite and in the interval."""
    stored = ticks.stored.real
    return column_of(stored.value, *interval, width) if stored.finite else None


def tick(count: int, glyphs: Glyphs) -> str:
    """The character of a column with `count` values."""
    if count == 0:
        return glyphs.horizontal
    if count == 1:
        return glyphs.vertical
    return glyphs.shades[1] if count < MANY else glyphs.shades[3]
