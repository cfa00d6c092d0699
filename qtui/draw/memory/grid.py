"""Formats by contexts: what each takes, and what fits."""

from __future__ import annotations

from typing import NamedTuple

from qtui.draw.glyphs import Glyphs
from qtui.draw.memory.text import nats, short_format
from qtui.draw.picture import Line, Picture, Span, crop, line
from qtui.draw.safe import crop_text
from qtui.draw.units import GB, Unit, at_least, tokens_text, unit_of
from qtui.scenario.memory.asked import GridRow, MemoryChoices
from qtui.scenario.memory.result import MemoryResult

BITS, LARGEST = 7, 9
WITH_NATS = 76  # cells from which on there is a column of what a format loses
FINE = 10 * 10**9  # bytes below which a table has two places behind the point


class _Measures(NamedTuple):
    """What a grid counts in, with how many places behind the point, and cells of its columns (`lost` may be 0)."""

    unit: Unit
    places: int
    name: int
    lost: int
    digits: int
    cell: int

    def number(self, size: int) -> str:
        """Bytes without their unit."""
        return self.unit.of(size, self.places)

    @property
    def left(self) -> int:
        """Cells before the first number."""
        return self.name + BITS + self.lost

    def contexts(self, width: int) -> int:
        """Contexts that have room in `width` cells."""
        return (width - self.left - LARGEST) // self.cell


def _measures(choices: MemoryChoices, width: int) -> _Measures:
    """Roomy columns, and narrow ones where these leave out contexts."""
    most = max(cell.total for row in choices.grid for cell in row.cells)
    unit = unit_of(most)
    places = 2 if unit == GB and most < FINE else 1
    name = min(15, 3 + max(len(short_format(row.format)) for row in choices.grid))
    digits = len(unit.of(most, places))  # before them two blanks, a mark, a blank
    roomy = _Measures(unit, places, name, 11 if width >= WITH_NATS else 0, digits, digits + 4)
    if roomy.contexts(width) >= len(choices.contexts):
        return roomy
    return roomy._replace(lost=8 if roomy.lost else 0, cell=digits + 3)


def number(choices: MemoryChoices, size: int) -> str:
    """Bytes without their unit, with as many places as all of the grid has."""
    return _measures(choices, 0).number(size)


def shown_contexts(choices: MemoryChoices, context: int, width: int) -> list[int]:
    """Places in `choices.contexts` that find room in `width` cells: that of `context`, and the others evenly."""
    total = len(choices.contexts)
    room = max(1, min(total, _measures(choices, width).contexts(width)))
    present = choices.contexts.index(context)
    chosen = {round(i * (total - 1) / max(1, room - 1)) for i in range(room)}
    if present not in chosen:
        nearest = min(chosen, key=lambda i: abs(i - present))
        chosen = (chosen - {nearest}) | {present}
    return sorted(chosen)


def grid(
    result: MemoryResult, width: int, glyphs: Glyphs, cursor: tuple[int, int] | None = None, rows: int | None = None
) -> Picture:
    """What each format takes at each context, with a mark for what fits; present ones stand out.

    Nothing where the Result has no choices.

    `cursor` is the (row, context) under the keyboard; `rows` the most rows to draw, the cursor's among them.
    """
    choices = result.choices
    if choices is None:
        return ()
    measures = _measures(choices, width)
    chosen = shown_contexts(choices, result.serving.context, width)
    first, last = _shown_rows(choices, result.spec, rows)
    drawn = [_head(result, choices, measures, chosen)]
    for i in range(first, last):
        at = cursor[1] if cursor is not None and cursor[0] == i else None
        drawn.append(_row(choices.grid[i], choices.grid[i].format == result.spec, measures, chosen, glyphs, at))
    if _split(choices):
        hidden = len(choices.grid) - (last - first)
        marks = f"{glyphs.yes} on the card   {glyphs.half_top} part of it in RAM   {glyphs.no} no room"
        if width < WITH_NATS:
            marks = f"{glyphs.yes} on the card  {glyphs.half_top} part in RAM  {glyphs.no} no room"
        marks += f"   {hidden} more{_more(hidden) if width >= WITH_NATS else ''}" if hidden else ""
        drawn.append(crop(line((marks, "dim")), width, glyphs.ellipsis))
    return tuple(drawn)


def _more(hidden: int) -> str:
    return f" format{'s' if hidden > 1 else ''}: up, down"


def _head(result: MemoryResult, choices: MemoryChoices, measures: _Measures, chosen: list[int]) -> Line:
    lost = f"  {'lost nats' if measures.lost > 8 else 'nats':<{measures.lost - 2}}" if measures.lost else ""
    head: list[Span | str] = [(f"{measures.unit.name:<{measures.name}}{'bits':>{BITS}}{lost}", "dim")]
    for i in chosen:
        label = tokens_text(choices.contexts[i])
        here = choices.contexts[i] == result.serving.context
        text = f"[{label}]" if here else label
        head.append((f"{text:>{measures.cell}}", "strong" if here else "label"))
    head.append((f"{'up to':>{LARGEST}}", "dim"))
    return line(*head)


def place(result: MemoryResult, width: int, x: int, y: int, rows: int | None = None) -> tuple[int, int] | None:
    """The (row, context) of the grid drawn `width` wide at cell (x, y), None outside its numbers."""
    choices = result.choices
    if choices is None:
        return None
    measures = _measures(choices, width)
    chosen = shown_contexts(choices, result.serving.context, width)
    first, last = _shown_rows(choices, result.spec, rows)
    left = measures.left
    column, row = (x - left) // measures.cell, first + y - 1
    if x < left or not 0 <= column < len(chosen) or not first <= row < last:
        return None
    return row, chosen[column]


def _split(choices: MemoryChoices) -> bool:
    return any(cell.split for row in choices.grid for cell in row.cells)


def _shown_rows(choices: MemoryChoices, spec: str, rows: int | None) -> tuple[int, int]:
    """The formats from the first to before the last that are drawn in `rows` rows: the present one is among them."""
    total = len(choices.grid)
    room = total if rows is None else max(1, min(total, rows - 1 - _split(choices)))
    first = max(0, min(total - room, choices.formats.index(spec) - room // 2))
    return first, first + room


def _row(
    row: GridRow, here: bool, measures: _Measures, chosen: list[int], glyphs: Glyphs, cursor: int | None
) -> Line:
    """One format; `here`: the present one. `cursor` is the context under the keyboard, if it is in this row."""
    room = measures.name
    name = f"[{short_format(row.format)}]" if here else short_format(row.format)
    name = crop_text(name, room - 1, glyphs.ellipsis)
    spans: list[Span | str] = [(f"{name:<{room}}", "strong" if here else ""), (f"{row.bits:>{BITS}.2f}", "dim")]
    if measures.lost:
        lost = row.quality.kld_mean if row.quality is not None else None
        spans.append((f"  {glyphs.minus if lost is None else nats(lost):<{measures.lost - 2}}", "dim"))
    for j in chosen:
        cell = row.cells[j]
        mark, role = (
            (glyphs.yes, "good") if cell.fits else (glyphs.half_top, "warn") if cell.split else (glyphs.no, "bad")
        )
        text = f"{mark} {measures.number(cell.total):>{measures.digits}}"
        role = "cursor" if cursor == j else role
        spans += [" " * (measures.cell - 2 - measures.digits), (text, role)]
    spans.append((f"{at_least(row.largest) if row.largest else glyphs.minus:>{LARGEST}}", "dim"))
    return line(*spans)
