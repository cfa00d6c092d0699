"""The lessons on measures: two bells under shift and width, perplexity, many steps, a benchmark's intervals."""

from __future__ import annotations

import math
from collections.abc import Callable

from qtui.compute.lm.lessons import Confidence, all_steps, bell
from qtui.draw.canvas import Canvas
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, line
from qtui.draw.quality.table import sentences
from qtui.draw.safe import padded
from qtui.scenario.quality.result import QualityResult

SPAN = 5.0  # standard deviations either side
TITLES = {
    "divergence": "KL divergence of two bells",
    "perplexity": "Perplexity from a probability",
    "steps": "Small losses over many steps",
    "noise": "A benchmark's noise: GPQA Diamond, Qwen3.5 9B",
}
SLIDERS = {
    "divergence": ("shift", "width"),
    "perplexity": ("chance",),
    "steps": ("chance", "steps"),
    "noise": (),
}


def lesson(result: QualityResult, cells: int, rows: int, glyphs: Glyphs, chosen: int = 0) -> Picture:
    """The lesson of `result` in at most `rows` rows; the slider at `chosen` is marked."""
    lesson = result.lesson
    if lesson is None:
        return ()
    head: list[Line] = [line((TITLES[lesson.kind], "strong"))]
    for at, name in enumerate(SLIDERS[lesson.kind]):
        value = getattr(result.scenario, name)
        marked = f"{glyphs.left} {value:g} {glyphs.right}"
        head.append(line((f"{name:<7}", "label"), (marked, "cursor" if at == chosen else "")))
    foot = sentences((lesson.sentence,), cells, glyphs)
    room = max(rows - len(head) - len(foot) - 2, 4)
    body = _body(result, cells, room, glyphs)
    return (*head, line(), *body, line(), *foot)


def _body(result: QualityResult, cells: int, rows: int, glyphs: Glyphs) -> Picture:
    scenario, lesson = result.scenario, result.lesson
    assert lesson is not None
    if lesson.kind == "divergence":
        return _bells(scenario.shift, scenario.width, cells, rows, glyphs)
    if lesson.kind == "noise":
        return _intervals(lesson.intervals, cells, glyphs)
    if lesson.kind == "perplexity":
        return _plot(lambda x: -math.log10(max(x, 1e-3)), scenario.chance, 3.0, "p", cells, rows, glyphs)
    most = max(scenario.steps * 2, 2)

    def chance(share: float) -> float:
        return all_steps(scenario.chance, round(share * most))

    return _plot(chance, scenario.steps / most, 1.0, "steps", cells, rows, glyphs)


def _bells(shift: float, width: float, cells: int, rows: int, glyphs: Glyphs) -> Picture:
    """The first bell filled, the second as a line over it."""
    canvas = Canvas(cells, rows, glyphs)
    top = max(bell(0), bell(shift, shift, width))
    for x in range(cells):
        at = (x / max(cells - 1, 1) * 2 - 1) * SPAN
        eighths = round(bell(at) / top * rows * 8)
        full, rest = divmod(eighths, 8)
        for y in range(full):
            canvas.put(x, rows - 1 - y, glyphs.shades[0], "series1")
        if rest and full < rows:
            canvas.put(x, rows - 1 - full, glyphs.dot, "series1")
        second = bell(at, shift, width) / top
        canvas.put(x, min(rows - 1 - round(second * (rows - 1)), rows - 1), glyphs.bullet, "series2")
    return canvas.picture()


def _plot(
    curve: Callable[[float], float], at: float, most: float, unit: str, cells: int, rows: int, glyphs: Glyphs
) -> Picture:
    """A curve over 0 to 1 whose values go to `most`, marked at `at`."""
    canvas = Canvas(cells, rows, glyphs)
    for x in range(cells):
        share = x / max(cells - 1, 1)
        y = rows - 1 - round(min(max(curve(share) / most, 0.0), 1.0) * (rows - 1))
        canvas.put(x, y, glyphs.dot, "series1")
    x = round(min(max(at, 0.0), 1.0) * (cells - 1))
    y = rows - 1 - round(min(max(curve(at) / most, 0.0), 1.0) * (rows - 1))
    canvas.put(x, y, glyphs.bullet, "cursor")
    canvas.put(max(cells - len(unit), 0), rows - 1, unit, "dim")
    return canvas.picture()


def _intervals(intervals: tuple[Confidence, ...], cells: int, glyphs: Glyphs) -> Picture:
    label = max((len(interval.name) for interval in intervals), default=0)
    room = max(cells - label - 20, 10)
    rows: list[Line] = []
    for interval in intervals:
        canvas = Canvas(room, 1, glyphs)
        first, last = round(interval.low * (room - 1)), round(interval.high * (room - 1))
        canvas.put(first, 0, glyphs.horizontal * (last - first + 1), "series1")
        canvas.put(round(interval.share * (room - 1)), 0, glyphs.bullet, "strong")
        text = f"{100 * interval.share:5.1f} %  {100 * interval.low:.1f}-{100 * interval.high:.1f}"
        rows.append(line((padded(interval.name, label), "label"), " ", *canvas.picture()[0], f" {text}"))
    return tuple(rows)
