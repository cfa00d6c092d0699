"""Formats by contexts: what each takes, and what fits."""

from __future__ import annotations

from qtui.draw.glyphs import Glyphs
from qtui.draw.memory.text import nats, short_format
from qtui.draw.picture import Line, Picture, Span, crop, line
from qtui.draw.units import GB, Unit, at_least, tokens_text, unit_of
from qtui.scenario.memory.asked import GridRow, MemoryChoices
from qtui.scenario.memory.result import MemoryResult

BITS, LARGEST = 7, 9
NATS, WITH_NATS = 8, 76  # the column of what a format loses, from this width on
FINE = 10 * 10**9  # bytes below which a table has two places behind the point


def number(choices: MemoryChoices, size: int) -> str:
    """Bytes without their unit, with as many places as all of the grid has."""
    unit, most = _unit(choices)
    return unit.of(size, 2 if unit == GB and most < FINE else 1)


def _unit(choices: MemoryChoices) -> tuple[Unit, int]:
    """What the grid counts in, and its largest size."""
    most = max(cell.total for row in choices.grid for cell in row.cells)
    return unit_of(most), most


def _name_width(choices: MemoryChoices) -> int:
    return min(15, 3 + max(len(short_format(row.format)) for row in choices.grid))


def _cell_width(choices: MemoryChoices) -> int:
    """Cells of a column: two blanks, a mark, a blank, the longest number."""
    return 4 + len(number(choices, _unit(choices)[1]))


def _left(choices: MemoryChoices, width: int) -> int:
    """Cells before the first number of a grid `width` wide."""
    return _name_width(choices) + BITS + (NATS if width >= WITH_NATS else 0)


def shown_contexts(choices: MemoryChoices, context: int, width: int) -> list[int]:
    """Places in `choices.contexts` that find room in `width` cells: that of `context`, and the others evenly."""
    total = len(choices.contexts)
    room = max(1, min(total, (width - _left(choices, width) - LARGEST) // _cell_width(choices)))
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
    chosen = shown_contexts(choices, result.use.context, width)
    first, last = _shown_rows(choices, result.spec, rows)
    drawn = [_head(result, choices, chosen, width)]
    for i in range(first, last):
        drawn.append(_row(result, choices, i, chosen, glyphs, cursor, width))
    if _split(choices):
        hidden = len(choices.grid) - (last - first)
        marks = f"{glyphs.yes} on the card   {glyphs.half_top} part of it in RAM   {glyphs.no} no room"
        if width < WITH_NATS:
            marks = f"{glyphs.yes} on the card  {glyphs.half_top} part in RAM  {glyphs.no} no room"
        marks += f"   {hidden} more{' formats: up, down' if width >= WITH_NATS else ''}" if hidden else ""
        drawn.append(crop(line((marks, "dim")), width, glyphs.ellipsis))
    return tuple(drawn)


def _head(result: MemoryResult, choices: MemoryChoices, chosen: list[int], width: int) -> Line:
    lost = f"  {'nats':<{NATS - 2}}" if width >= WITH_NATS else ""
    head: list[Span | str] = [(f"{_unit(choices)[0].name:<{_name_width(choices)}}{'bits':>{BITS}}{lost}", "dim")]
    for i in chosen:
        label = tokens_text(choices.contexts[i])
        here = choices.contexts[i] == result.use.context
        text = f"[{label}]" if here else label
        head.append((f"{text:>{_cell_width(choices)}}", "strong" if here else "label"))
    head.append((f"{'up to':>{LARGEST}}", "dim"))
    return line(*head)


def place(result: MemoryResult, width: int, x: int, y: int, rows: int | None = None) -> tuple[int, int] | None:
    """The (row, context) of the grid drawn `width` wide at cell (x, y), None outside its numbers."""
    choices = result.choices
    if choices is None:
        return None
    chosen = shown_contexts(choices, result.use.context, width)
    first, last = _shown_rows(choices, result.spec, rows)
    left = _left(choices, width)
    column, row = (x - left) // _cell_width(choices), first + y - 1
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
    result: MemoryResult,
    choices: MemoryChoices,
    i: int,
    chosen: list[int],
    glyphs: Glyphs,
    cursor: tuple[int, int] | None,
    width: int,
) -> Line:
    row: GridRow = choices.grid[i]
    here = row.format == result.spec
    room, cell_width = _name_width(choices), _cell_width(choices)
    name = f"[{short_format(row.format)}]" if here else short_format(row.format)
    name = name if len(name) < room else name[: room - 2] + glyphs.ellipsis
    spans: list[Span | str] = [(f"{name:<{room}}", "strong" if here else ""), (f"{row.bits:>{BITS}.2f}", "dim")]
    if width >= WITH_NATS:
        lost = row.quality.kld_mean if row.quality is not None else None
        spans.append((f"  {glyphs.minus if lost is None else nats(lost):<{NATS - 2}}", "dim"))
    for j in chosen:
        cell = row.cells[j]
        mark, role = (
            (glyphs.yes, "good") if cell.fits else (glyphs.half_top, "warn") if cell.split else (glyphs.no, "bad")
        )
        text = f"{mark} {number(choices, cell.total):>{cell_width - 4}}"
        role = "cursor" if cursor == (i, j) else role
        spans += ["  ", (text, role)]
    spans.append((f"{at_least(row.largest) if row.largest else glyphs.minus:>{LARGEST}}", "dim"))
    return line(*spans)
