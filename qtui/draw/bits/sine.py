"""The sine as each format would store it: a small plot a format, all of one scale, the exact curve dotted in each."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from qtui.compute.floats.text import rounded_decimal
from qtui.draw.bits.axis import nice_ticks
from qtui.draw.bits.text import aligned
from qtui.draw.frame import SERIES
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span, crop, line, pad
from qtui.scenario.bits.result import BitsResult, SineWindow, Wave

ROWS = 28
LEFT = 8  # cells for the numbers of the vertical axis
GAP = 2
LEAST_ROWS = 3  # of a plot


def plot_columns(result: BitsResult, width: int, height: int) -> int:
    """How many points of a curve fit one of the plots."""
    across = _across(_shown_count(result), width)
    return max(8, (width - LEFT - 1) // across - GAP)


def _shown_count(result: BitsResult) -> int:
    return max(1, sum(fmt.name not in result.hidden for fmt in result.stacked))


def _across(count: int, width: int) -> int:
    """Plots beside each other: as few rows of them as there is width for."""
    most = 4 if width >= 140 else 3 if width >= 56 else 2
    rows = -(-count // most)
    return -(-count // rows)


def picture(result: BitsResult, width: int, height: int, glyphs: Glyphs, cursor: int | None = None) -> Picture:
    """A headline, the plots, the axis of x, and the formats that are not drawn; number `cursor` is marked."""
    sine = result.sine
    assert sine is not None
    numbered = [(i, wave) for i, wave in enumerate(sine.waves[1:])]
    shown = [(i, wave) for i, wave in numbered if _name(wave) not in result.hidden]
    hidden = [(i, wave) for i, wave in numbered if _name(wave) in result.hidden]
    across, columns = _across(len(shown) or 1, width), len(sine.x)
    head, foot = 1 + (height >= 14), 1 + bool(hidden)
    down = min(-(-len(shown) // across), max(1, (height - head - foot) // (LEAST_ROWS + 1)))
    more = len(shown) - down * across
    shown = shown[: down * across]
    spaced = height - head - foot >= down * (LEAST_ROWS + 4)
    between = spaced * (down - 1)
    rows = max(LEAST_ROWS, (height - head - foot - between) // max(down, 1) - 1)
    at = min(columns - 1, max(0, int((sine.cursor - sine.x[0]) / (sine.x[-1] - sine.x[0]) * (columns - 1) + 0.5)))
    drawn: list[Line] = [_headline(result, sine, more, glyphs), *[line()] * (head - 1)]
    for first in range(0, len(shown), across):
        drawn += [line()] * (spaced and first > 0)
        plots = [_panel(sine, i, wave, rows, glyphs, i == cursor) for i, wave in shown[first : first + across]]
        drawn += _side_by_side(sine, plots, columns, rows, glyphs)
    drawn.append(_x_axis(sine, columns, across if shown else 1, at, glyphs))
    if hidden:
        names = [(f" {_name(wave)} ", "cursor" if i == cursor else "dim") for i, wave in hidden]
        drawn.append(line(("not drawn:", "label"), *names))
    return tuple(crop(row, width, glyphs.ellipsis) for row in drawn)


def sentence(result: BitsResult) -> str:
    """Which format leaves the curve furthest, and what zooming would show."""
    waves = [wave for wave in result.sine.waves[1:] if _name(wave) not in result.hidden] if result.sine else []
    if not waves:
        return "No format is drawn; mark one and switch it on."
    worst, best = (choose(waves, key=lambda wave: wave.off) for choose in (max, min))
    if len(waves) == 1 or not worst.off:
        return f"Dots are the sine itself: {_name(worst)} leaves it by at most {worst.off:.2g}."
    zoom = " Zoom in to tell more apart." if result.zoom < 200 else ""
    far = f"{_name(worst)} leaves it by up to {worst.off:.2g}, {_name(best)} by {best.off:.1g}"
    return f"Dots are the sine; {far}.{zoom}"


def _name(wave: Wave) -> str:
    return wave.format.name if wave.format is not None else ""


def _headline(result: BitsResult, sine: SineWindow, more: int, glyphs: Glyphs) -> Line:
    """The sine at the cursor, and how many formats there is no room for."""
    if more > 0:
        return line(
            (f"sin({sine.cursor:.4g}) = {sine.waves[0].at:.6g}", "strong"),
            (f"  {more} more need a taller window", "warn"),
        )
    zoom = "" if result.zoom == 1 else f"   {glyphs.times}{result.zoom}"
    return line((f"sin({sine.cursor:.6g}) = {sine.waves[0].at:.9g}", "strong"), ("   x in radians" + zoom, "dim"))


def _panel(sine: SineWindow, number: int, wave: Wave, rows: int, glyphs: Glyphs, marked: bool) -> Picture:
    """One format's title and its curve over the exact one, two steps to a row."""
    columns = len(sine.x)
    role = SERIES[number % len(SERIES)]
    grid: list[list[Span]] = [[(" ", "")] * columns for _ in range(rows)]
    for column, (exact, value) in enumerate(zip(sine.waves[0].values, wave.values, strict=True)):
        half = _half_row(sine, exact, rows)
        if half is not None:
            grid[half // 2][column] = glyphs.dot, "dim"
        half = _half_row(sine, value, rows)
        if half is not None:
            grid[half // 2][column] = (glyphs.half_bottom if half % 2 else glyphs.half_top), role
    name = _name(wave)[:16]
    texts = (f"{wave.at:.{digits}g}" for digits in range(7, 1, -1))
    value_text = next((text for text in texts if len(name) + 2 + len(text) <= columns), "")
    off = f"off by {wave.off:.2g} at most"
    title: list[Span | str] = [(f"{name} ", "cursor" if marked else role), " ", (value_text, "strong")]
    if len(name) + len(value_text) + len(off) + 5 <= columns:
        title += ["   ", (off, "dim")]
    return (crop(line(*title), columns), *(line(*row) for row in grid))


def _half_row(sine: SineWindow, value: float, rows: int) -> int | None:
    """Which half row `value` is in, counted from the top; None outside and for NaN."""
    if value != value or not sine.low - 1e-9 <= value <= sine.high + 1e-9:
        return None
    return min(2 * rows - 1, max(0, round((sine.high - value) / (sine.high - sine.low) * (2 * rows - 1))))


def _side_by_side(sine: SineWindow, plots: Sequence[Picture], columns: int, rows: int, glyphs: Glyphs) -> list[Line]:
    """Plots of one row, the numbers of the vertical axis before the first."""
    ticks = nice_ticks(Fraction(sine.low), Fraction(sine.high), max(3, rows // 2))
    texts = aligned([rounded_decimal(tick, 5) for tick in ticks])
    span = sine.high - sine.low
    labels = {
        round((sine.high - float(tick)) / span * (rows - 1)): text for tick, text in zip(ticks, texts, strict=True)
    }
    drawn = []
    for y in range(rows + 1):
        parts: list[Span] = [(labels.get(y - 1, "").rjust(LEFT - 1) + " ", "axis")]
        for plot in plots:
            parts += [(glyphs.vertical if y else " ", "axis"), *pad(plot[y], columns), (" " * (GAP - 1), "")]
        drawn.append(line(*parts))
    return drawn


def _x_axis(sine: SineWindow, columns: int, across: int, at: int, glyphs: Glyphs) -> Line:
    """The ends of x below each plot, and the cursor between them."""
    ends = (sine.x[0], sine.x[-1])
    first, last = next(texts for n in range(4, 17) if len(set(texts := [f"{x:.{n}g}" for x in ends])) > 1)
    row = [" "] * columns
    row[: len(first)] = first
    row[columns - len(last) :] = last
    row[at] = glyphs.up
    part = "".join(row)[:columns]
    return line("x ".rjust(LEFT), *((f" {part}" + " " * (GAP - 1), "axis") for _ in range(across)))
