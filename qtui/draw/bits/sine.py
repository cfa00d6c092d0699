"""The sine as each format would store it: one curve a format, each with a character of its own."""

from __future__ import annotations

from fractions import Fraction

from qtui.compute.floats.text import rounded_decimal
from qtui.draw.bits.axis import nice_ticks
from qtui.draw.frame import SERIES
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span, crop, line
from qtui.scenario.bits.result import BitsResult, SineWindow, Wave

MARKS = "#xo*+=%@"  # the present format first; told apart without colour
LEFT = 9


def points_in(width: int) -> int:
    """How many points of a curve fit `width` cells."""
    return max(16, width - LEFT)


def waves(result: BitsResult, width: int, height: int, glyphs: Glyphs, cursor: int | None = None) -> Picture:
    """The curves over a window of the sine, and what each format stores at the cursor; hidden ones only by name.

    `result` is plotted in `points_in(width)` columns.
    """
    sine = result.sine
    assert sine is not None
    columns = len(sine.x)
    shown = [wave for wave in sine.waves if wave.format is None or wave.format.name not in result.hidden]
    legend = _legend(sine, result.hidden, width, glyphs, cursor)
    rows = max(5, min(height - len(legend) - 1, max(12, 3 * height // 5)))  # a taller one costs more at every mark
    grid: list[list[Span]] = [[(" ", "")] * columns for _ in range(rows)]
    marked = sine.waves[1 + cursor] if cursor is not None and cursor < len(sine.waves) - 1 else None
    for wave in [*shown[:1], *sorted(shown[1:], key=lambda wave: (wave is marked, _roughness(wave)))]:
        mark, role = _mark(sine, wave, glyphs)
        _plot(grid, wave.values, sine.low, sine.high, mark, role)
    at = min(columns - 1, max(0, int((sine.cursor - sine.x[0]) / (sine.x[-1] - sine.x[0]) * (columns - 1) + 0.5)))
    picture: list[Line] = []
    labels = {
        round((sine.high - float(tick)) / (sine.high - sine.low) * (rows - 1)): rounded_decimal(tick, 5)
        for tick in nice_ticks(Fraction(sine.low), Fraction(sine.high), max(3, rows // 3))
    }
    for y, row in enumerate(grid):
        text = labels.get(y, "")
        spans = [(t, "cursor") if x == at and t == " " and y == rows - 1 else (t, r) for x, (t, r) in enumerate(row)]
        picture.append(line((text.rjust(LEFT - 1), "axis"), (glyphs.vertical, "axis"), *spans))
    picture.append(_x_axis(sine, columns, at, glyphs))
    return tuple(crop(row, width, glyphs.ellipsis) for row in (*picture, *legend))


def _roughness(wave: Wave) -> float:
    """Fine formats are drawn first, so that the coarse ones with few values stay on top; the marked one is last."""
    return -len(set(wave.values))


def _mark(sine: SineWindow, wave: Wave, glyphs: Glyphs) -> Span:
    if wave.format is None:
        return glyphs.dot, "dim"
    index = [other.format for other in sine.waves[1:]].index(wave.format)
    return MARKS[index % len(MARKS)], SERIES[index % len(SERIES)]


def _plot(grid: list[list[Span]], values: tuple[float, ...], low: float, high: float, mark: str, role: str) -> None:
    rows = len(grid)
    for column, value in enumerate(values):
        if value != value or not low - (high - low) <= value <= high + (high - low):
            continue
        y = round((high - value) / (high - low) * (rows - 1))
        if 0 <= y < rows:
            grid[y][column] = (mark, role)


def _x_axis(sine: SineWindow, columns: int, at: int, glyphs: Glyphs) -> Line:
    first, last = f"x = {sine.x[0]:.4g}", f"{sine.x[-1]:.4g}"
    middle = f"{glyphs.up} {sine.cursor:.6g}"
    row = [" "] * columns
    row[: len(first)] = first
    row[columns - len(last) :] = last
    start = min(max(at, len(first) + 2), columns - len(last) - len(middle) - 2)
    row[start : start + len(middle)] = middle
    return line(" " * LEFT, ("".join(row)[:columns], "axis"))


def _legend(sine: SineWindow, hidden: frozenset[str], width: int, glyphs: Glyphs, cursor: int | None) -> Picture:
    """Each format's character, whether it is drawn, and its value at the cursor."""
    exact = f"sin({sine.cursor:.6g}) = {sine.waves[0].at:.9g}"
    rows: list[Line] = [line((f"{glyphs.dot} exact".ljust(22), "dim"), exact)]
    cells: list[list[Span | str]] = []
    name_room, value_room = (19, 17) if width >= 78 else (14, 13)
    for number, wave in enumerate(sine.waves[1:]):
        name = wave.format.name if wave.format is not None else ""
        mark, role = _mark(sine, wave, glyphs)
        state = "off" if name in hidden else f"{wave.at:.{9 if width >= 78 else 7}g}"
        label = (f"{name[: name_room - 1].ljust(name_room)}", "cursor" if number == cursor else "")
        cells.append([(mark if name not in hidden else " ", role), " ", label, f" {state[:15].ljust(value_room)}"])
    across = max(1, width // (name_room + value_room + 3))
    for start in range(0, len(cells), across):
        rows.append(line(*(span for cell in cells[start : start + across] for span in cell)))
    return tuple(rows)
