"""The best quality for each size as a curve, with named points beside it: the mixes that others use, and the plan."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span, crop, line
from qtui.draw.ticks import multiples, nice_step, number

GUTTER = 6
MOST = 150.0  # dB from which on nothing is lost: about what float32 itself keeps
ABOVE = 6.0  # dB over the best of the others, where an exact point is drawn


def frontier_plot(
    curve: Sequence[tuple[float, float]],
    points: Sequence[tuple[str, float, float]],
    plan: tuple[float, float],
    unit: str,
    cells: int,
    rows: int,
    glyphs: Glyphs,
) -> Picture:
    """`curve` and `plan` are (size, dB), `points` (name, size, dB); sizes in `unit`. Exactly `rows` rows.

    The curve is drawn with dots, each point with a letter and, where there is room, its name; the plan as a mark.
    """
    room, height = max(cells - GUTTER - 1, 8), max(rows - 3, 3)
    curve = [(x, _shown(y)) for x, y in curve]
    points = [(name, x, _shown(y)) for name, x, y in points]
    plan = plan[0], _shown(plan[1])
    xs = [x for x, _ in curve] + [x for _, x, _ in points] + [plan[0]]
    low, high = min(xs), max(xs)
    bottom, top = _range([y for _, y in (*curve, plan)] + [y for _, _, y in points])
    span, rise = (high - low) or 1.0, (top - bottom) or 1.0

    def column(x: float) -> int:
        return min(max(round((x - low) / span * (room - 1)), 0), room - 1)

    def row(y: float) -> int:
        return height - 1 - min(max(round((y - bottom) / rise * (height - 1)), 0), height - 1)

    grid: list[list[Span]] = [[(" ", "")] * room for _ in range(height)]
    for left, right in zip(curve, curve[1:], strict=False):
        for x in range(column(left[0]), column(right[0]) + 1):
            share = (x / (room - 1) * span + low - left[0]) / ((right[0] - left[0]) or 1.0)
            y = left[1] + min(max(share, 0.0), 1.0) * (right[1] - left[1])
            grid[row(y)][x] = (glyphs.dot, "series1")
    mark = glyphs.bullet if glyphs.name == "ascii" else "◆"
    own = column(plan[0]), row(plan[1]), (mark, "cursor")
    _place_names(grid, [(name, column(x), row(y)) for name, x, y in points], own, glyphs)
    labels = {row(value): number(value, _step(bottom, top, height)) for value in _ticks(bottom, top, height)}
    picture: list[Line] = []
    for y in range(height):
        label = labels.get(y, "")
        edge = glyphs.cross if y in labels else glyphs.vertical
        picture.append(line((label.rjust(GUTTER - 1), "dim"), (edge, "axis"), *grid[y]))
    best = "best for each size" if cells >= 70 else "best"
    head = line(("signal over error, dB", "label"), (f"   {glyphs.dot * 2} {best}   o mixes   ", "dim"))
    head = line(*head, (mark, "cursor"), (" this plan", "dim"))
    return (crop(head, cells), *picture, *_foot(low, high, f"size, {unit}", room, column, glyphs))


def _shown(decibels: float) -> float:
    """An SQNR as it is drawn: within ±MOST, and MOST where it is NaN, since no signal loses nothing."""
    return MOST if math.isnan(decibels) else min(max(decibels, -MOST), MOST)


def _range(decibels: Sequence[float]) -> tuple[float, float]:
    """The ends of the axis: those of lossy points, with room above for points that are stored exactly."""
    lossy = [value for value in decibels if value < MOST]
    if not lossy:
        return min(decibels), max(decibels)
    return min(lossy), max(lossy) + (ABOVE if len(lossy) < len(decibels) else 0.0)


def _step(low: float, high: float, rows: int) -> float:
    return nice_step(high - low, max(rows // 3, 1))


def _ticks(low: float, high: float, rows: int) -> list[float]:
    return multiples(low, high, _step(low, high, rows))


def _place_names(
    grid: list[list[Span]], points: Sequence[tuple[str, int, int]], own: tuple[int, int, Span], glyphs: Glyphs
) -> None:
    """A mark at each point, `own` at its place over them; names right or left of their marks where cells are free."""
    mark = "o"
    for _, x, y in points:
        grid[y][x] = (mark, "series2")
    across, down, plan = own
    grid[down][across] = plan
    for name, x, y in points:
        free = (" ", glyphs.dot)
        for text, start, beyond in (
            (f" {name}", x + 1, x + 2 + len(name)),
            (f"{name} ", x - len(name) - 1, x - len(name) - 2),
        ):
            cells = range(start, start + len(text))
            fits = start >= 0 and cells.stop <= len(grid[y])
            apart = not 0 <= beyond < len(grid[y]) or grid[y][beyond][0] in free
            if fits and apart and all(grid[y][i][0] in free for i in cells):
                for i, letter in zip(cells, text, strict=True):
                    grid[y][i] = (letter, "series2")
                break


def _foot(low: float, high: float, unit: str, room: int, column: Callable[[float], int], glyphs: Glyphs) -> Picture:
    rule, text = [glyphs.horizontal] * room, [" "] * (room + 1)
    step = nice_step((high - low) or 1.0, max(room // 12, 2))
    taken = 0
    limit = room + 1 - len(unit) - 1
    for value in multiples(low, high, step):
        x, label = column(value), number(value, step)
        start = max(x - len(label) // 2, 0)
        rule[x] = glyphs.tick
        if start >= taken and start + len(label) <= limit:
            text[start : start + len(label)] = label
            taken = start + len(label) + 1
    text[len(text) - len(unit) :] = unit
    head = line((" " * (GUTTER - 1) + glyphs.cross + "".join(rule), "axis"))
    return (head, line(" " * GUTTER, ("".join(text), "dim")))
