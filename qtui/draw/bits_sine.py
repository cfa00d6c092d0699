"""The sine as each format would store it: one curve a format, each with a character of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span, crop, line

if TYPE_CHECKING:
    from qtui.scenario.bits_result import BitsResult, Sine, Wave

MARKS = "#xo*+=%@"  # the present format first; told apart without colour
ROLES = ("series1", "series2", "series3", "series4")
LEFT = 9


def waves(
    result: BitsResult, width: int, height: int, glyphs: Glyphs, hidden: frozenset[str] = frozenset()
) -> Picture:
    """The curves over a window of the sine, and what each format stores at the cursor, without the `hidden` ones."""
    columns = max(16, width - LEFT)
    sine = result.sine(columns)
    shown = [wave for wave in sine.waves if wave.format is None or wave.format.name not in hidden]
    legend = _legend(sine, hidden, width, glyphs)
    rows = max(5, height - len(legend) - 2)
    grid: list[list[Span]] = [[(" ", "")] * columns for _ in range(rows)]
    for wave in [*shown[:1], *sorted(shown[1:], key=_roughness)]:
        mark, role = _mark(sine, wave, glyphs)
        _plot(grid, wave.values, sine.low, sine.high, mark, role)
    at = min(columns - 1, max(0, int((sine.cursor - sine.x[0]) / (sine.x[-1] - sine.x[0]) * (columns - 1) + 0.5)))
    picture: list[Line] = []
    for y, row in enumerate(grid):
        value = sine.high - (sine.high - sine.low) * y / (rows - 1)
        label = f"{value:.4g}" if result.zoom == 1 else f"{value:.5f}"
        text = label if y % 4 == 0 or y == rows - 1 else ""
        spans = [(t, "cursor") if x == at and t == " " and y == rows - 1 else (t, r) for x, (t, r) in enumerate(row)]
        picture.append(line((text.rjust(LEFT - 1), "axis"), (glyphs.vertical, "axis"), *spans))
    picture.append(_x_axis(sine, columns, at, glyphs))
    return tuple(crop(row, width, glyphs.ellipsis) for row in (*picture, *legend))


def _roughness(wave: Wave) -> float:
    """Fine formats are drawn first, so that the coarse ones with few values stay on top."""
    return -len(set(wave.values))


def _mark(sine: Sine, wave: Wave, glyphs: Glyphs) -> Span:
    if wave.format is None:
        return glyphs.dot, "dim"
    index = [other.format for other in sine.waves[1:]].index(wave.format)
    return MARKS[index % len(MARKS)], ROLES[index % len(ROLES)]


def _plot(grid: list[list[Span]], values: tuple[float, ...], low: float, high: float, mark: str, role: str) -> None:
    rows = len(grid)
    for column, value in enumerate(values):
        if value != value or not low - (high - low) <= value <= high + (high - low):
            continue
        y = round((high - value) / (high - low) * (rows - 1))
        if 0 <= y < rows:
            grid[y][column] = (mark, role)


def _x_axis(sine: Sine, columns: int, at: int, glyphs: Glyphs) -> Line:
    first, last = f"x = {sine.x[0]:.4g}", f"{sine.x[-1]:.4g}"
    middle = f"{glyphs.up} {sine.cursor:.6g}"
    row = [" "] * columns
    row[: len(first)] = first
    row[columns - len(last) :] = last
    start = min(max(at, len(first) + 2), columns - len(last) - len(middle) - 2)
    row[start : start + len(middle)] = middle
    return line(" " * LEFT, ("".join(row)[:columns], "axis"))


def _legend(sine: Sine, hidden: frozenset[str], width: int, glyphs: Glyphs) -> Picture:
    """Each format's character, the key that switches it, and its value at the cursor."""
    rows: list[Line] = [
        line((f"{glyphs.dot} exact".ljust(25), "dim"), f"sin({sine.cursor:.6g}) = {sine.waves[0].at:.9g}")
    ]
    cells: list[list[Span | str]] = []
    for number, wave in enumerate(sine.waves[1:], start=1):
        assert wave.format is not None
        mark, role = _mark(sine, wave, glyphs)
        name = wave.format.name
        off = name in hidden
        state = " (off)" if off else f" {wave.at:.9g}"
        cells.append([(_key(number), "key"), " ", (mark, role), f" {name[:18].ljust(19)}{state[:14].ljust(14)}"])
    each = 38
    across = max(1, width // each)
    for start in range(0, len(cells), across):
        rows.append(line(*(span for cell in cells[start : start + across] for span in cell)))
    return tuple(rows)


def _key(number: int) -> str:
    """The key that switches the format: shifted digits are left to the app's panes, so letters of the home row."""
    return "zxcvbnm,"[number - 1] if number <= 8 else " "
