"""The Memory pane's picture: heading, bar and verdict on top, and under them one view, or all where there is room."""

from __future__ import annotations

import re

from qtui.draw.glyphs import Glyphs
from qtui.draw.memory.grid import place
from qtui.draw.memory.here import here
from qtui.draw.memory.plans import plans
from qtui.draw.memory.report import bar, comparison, consequences, grid, heading, notes, terms, verdict
from qtui.draw.memory.text import context_short, next_texts, rate
from qtui.draw.picture import Line, Picture, Span, beside, crop, line
from qtui.draw.picture import width as cells
from qtui.scenario.memory.result import MemoryResult

WIDE, TALL = 119, 22  # from here on all views are shown at once, beside a scroll bar or not


def top(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """The model in a line, the bar with its legend, the verdict, the next step."""
    fits, most = verdict(result, glyphs), context_short(result)
    answer = line(fits)
    if most != "none":
        answer = line(fits, ("   largest context ", "label"), most)
        if cells(answer) > width:
            answer = line(fits, ("  context ", "label"), most)
    texts = next_texts(result, keys=True)
    step = next((text for text in texts if len(text) + 2 <= width), texts[-1] if texts else "")
    lines = (answer, line("  ", *_with_keys(step))) if step else (answer,)
    rows = [crop(row, width, glyphs.ellipsis) for row in _with_speed(lines, result, width)]
    return (heading(result, width, glyphs), *bar(result, width, glyphs), *rows)


def _with_speed(lines: tuple[Line, ...], result: MemoryResult, width: int) -> tuple[Line, ...]:
    """`lines` with the speed at the end of the last one that has room for it, the verdict first."""
    speed = result.speed
    if speed is None:
        return lines
    text = f"{rate(speed.low)} to {rate(speed.high)} tokens/s"
    for i, row in enumerate(lines):
        if cells(row) + 3 + len(text) <= width:
            return (*lines[:i], line(*row, "   ", (text, "strong")), *lines[i + 1 :])
    return lines


def _with_keys(text: str) -> list[Span | str]:
    """A next step with the keys that it names standing out."""
    parts = re.split(r"\b(Enter|m)(?= takes| finds)", text)
    return [(part, "key") if i % 2 else part for i, part in enumerate(parts)]


def halves(width: int) -> tuple[int, int, int]:
    """Widths of the left half, the gap and the right half where all views are shown at once."""
    left, gap = width // 2 - 2, 3
    return left, gap, width - left - gap


def pointed(result: MemoryResult, view: str, width: int, height: int, x: int, y: int) -> tuple[int, int] | None:
    """The (row, context) of the grid at cell (x, y) of what `under` drew, None where there is no grid."""
    if result.others:
        return None
    if view in ("plans", "here"):
        return None
    if width >= WIDE and height >= TALL:
        return place(result, width, x, y)
    return place(result, width, x, y, rows=max(3, height - 1)) if view == "grid" else None


def cursor_of(result: MemoryResult) -> tuple[int, int] | None:
    """The (row, context) of the grid where the Scenario is, None without a grid."""
    choices = result.choices
    if choices is None:
        return None
    return choices.formats.index(result.spec), choices.contexts.index(result.use.context)


def under(
    result: MemoryResult, view: str, width: int, height: int, glyphs: Glyphs, focused: bool, plan: int = 0
) -> Picture:
    """What is below the top in `height` rows: the view, or everything. `plan` is the one under the keyboard."""
    if result.others:
        return comparison(result, width, glyphs)
    if view == "here" and result.here is not None:
        return here(result.here, width, glyphs, plan if focused else None, max(4, height))
    if view == "plans":
        return plans(result, width, glyphs, plan if focused else None)
    cursor = cursor_of(result) if focused else None
    if width >= WIDE and height >= TALL:
        left, gap, right = halves(width)
        listed = (*terms(result, left, glyphs), line(), *notes(result, left, glyphs))
        answers = consequences(result, right, glyphs)
        return (*grid(result, width, glyphs, cursor), line(), *beside(listed, answers, left, gap))
    if view == "terms":
        return (*terms(result, width, glyphs), line(), *notes(result, width, glyphs))
    if view == "answers":
        return (*consequences(result, width, glyphs), line(), *notes(result, width, glyphs))
    rows = grid(result, width, glyphs, cursor, rows=max(3, height - 1))
    # Where the grid leaves room, the answers follow as far as there is any.
    return (*rows, line(), *consequences(result, width, glyphs))[: max(len(rows), height)]
