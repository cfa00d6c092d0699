"""Tables of the memory estimate: formats by contexts, and models side by side."""

from __future__ import annotations

from qtui.draw.glyphs import Glyphs
from qtui.draw.memory.text import nats, short_format
from qtui.draw.picture import Line, Picture, Span, crop, fitted, line
from qtui.draw.safe import cut, safe
from qtui.draw.units import at_least, decimal, tokens_text
from qtui.scenario.memory.result import GridRow, MemoryChoices, MemoryResult

NAME, BITS, CELL, LARGEST = 15, 6, 8, 9
NATS, WITH_NATS = 7, 76  # the column of what a format loses, from this width on


def number(size: int) -> str:
    """Bytes in GB (10⁹) without the unit, short: 159, 17.9, 0.82."""
    value = size / 10**9
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def shown_contexts(choices: MemoryChoices, context: int, width: int) -> list[int]:
    """Places in `choices.contexts` that find room in `width` cells: that of `context`, and the others evenly."""
    total = len(choices.contexts)
    room = max(1, min(total, (width - _left(width) - LARGEST) // CELL))
    present = choices.contexts.index(context)
    chosen = {round(i * (total - 1) / max(1, room - 1)) for i in range(room)}
    if present not in chosen:
        nearest = min(chosen, key=lambda i: abs(i - present))
        chosen = (chosen - {nearest}) | {present}
    return sorted(chosen)


def _left(width: int) -> int:
    """Cells before the first number of a grid `width` wide."""
    return NAME + BITS + (NATS if width >= WITH_NATS else 0)


def grid(
    result: MemoryResult, width: int, glyphs: Glyphs, cursor: tuple[int, int] | None = None, rows: int | None = None
) -> Picture:
    """What each format takes at each context, in GB, with a mark for what fits; present ones stand out.

    Nothing where the Result has no choices.

    `cursor` is the (row, context) under the keyboard; `rows` the most rows to draw, the cursor's among them.
    """
    choices = result.choices
    if choices is None:
        return ()
    chosen = shown_contexts(choices, result.use.context, width)
    unit = "GB (10^9 B)" if glyphs.name == "ascii" else "GB (10⁹ bytes)"
    lost = f"{'nats':>{NATS}}" if width >= WITH_NATS else ""
    head: list[Span | str] = [(f"{unit:<{NAME}}{'bits':>{BITS}}{lost}", "dim")]
    for i in chosen:
        label = tokens_text(choices.contexts[i])
        here = choices.contexts[i] == result.use.context
        head.append((f"{'[' + label + ']' if here else label:>{CELL}}", "strong" if here else "label"))
    head.append((f"{'largest':>{LARGEST}}", "dim"))
    first = _first(choices, result.spec, rows)
    room = len(choices.grid) if rows is None else max(1, rows - _split(choices))
    table = list(enumerate(choices.grid))[first : first + room]
    drawn = [_row(result, i, row, chosen, glyphs, cursor, width) for i, row in table]
    if _split(choices):
        marks = f"  {glyphs.yes} on the card   {glyphs.half_top} part of it in RAM   {glyphs.no} no room"
        drawn.append(crop(line((marks, "dim")), width, glyphs.ellipsis))
    return (line(*head), *drawn)


def place(result: MemoryResult, width: int, x: int, y: int, rows: int | None = None) -> tuple[int, int] | None:
    """The (row, context) of the grid drawn `width` wide at cell (x, y), None outside its numbers."""
    choices = result.choices
    if choices is None:
        return None
    chosen, first = shown_contexts(choices, result.use.context, width), _first(choices, result.spec, rows)
    column, row = (x - _left(width)) // CELL, first + y - 1
    if x < _left(width) or not 0 <= column < len(chosen) or y < 1 or row >= len(choices.grid):
        return None
    return row, chosen[column]


def _split(choices: MemoryChoices) -> bool:
    return any(cell.split for row in choices.grid for cell in row.cells)


def _first(choices: MemoryChoices, spec: str, rows: int | None) -> int:
    """The first format that is drawn where only `rows` rows find room: the present one is among them."""
    total = len(choices.grid)
    room = total if rows is None else max(1, rows - _split(choices))
    at = choices.formats.index(spec)
    return max(0, min(total - room, at - room // 2))


def _row(
    result: MemoryResult,
    i: int,
    row: GridRow,
    chosen: list[int],
    glyphs: Glyphs,
    cursor: tuple[int, int] | None,
    width: int,
) -> Line:
    here = row.format == result.spec
    name = short_format(row.format)
    name = f"[{name}]" if here else name
    name = name if len(name) < NAME else name[: NAME - 2] + glyphs.ellipsis
    spans: list[Span | str] = [(f"{name:<{NAME}}", "strong" if here else ""), (f"{row.bits:>{BITS}.2f}", "dim")]
    if width >= WITH_NATS:
        lost = row.quality.kld_mean if row.quality is not None else None
        spans.append((f"{glyphs.minus if lost is None else nats(lost):>{NATS}}", "dim"))
    for j in chosen:
        cell = row.cells[j]
        mark, role = (
            (glyphs.yes, "good") if cell.fits else (glyphs.half_top, "warn") if cell.split else (glyphs.no, "bad")
        )
        text = f"{mark} {number(cell.total)}"
        role = "cursor" if cursor == (i, j) else role
        spans += [" " * (CELL - len(text)), (text, role)]
    spans.append((f"{at_least(row.largest) if row.largest else glyphs.minus:>{LARGEST}}", "dim"))
    return line(*spans)


def takes(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """How many of some machines would hold all of it, format by format."""
    if result.choices is None or not result.choices.machines:
        return ()
    names = [count.machine for count in result.choices.machines[0][1]]
    short = [name.removesuffix("GB").replace("RTX ", "").replace(" Studio M3 Ultra ", "") for name in names]
    short = [name.replace(" 9004 ", "") for name in short]
    room = max(7, *(len(name) + 1 for name in short))
    rows = [line((f"{'to hold it takes':<17}", "label"), *((f"{name:>{room}}", "dim") for name in short))]
    for spec, counts in result.choices.machines:
        here = "strong" if spec == result.spec else ""
        rows.append(
            line((f"  {short_format(spec)[:15]:<15}", here), *((f"{one.number:>{room},}", here) for one in counts))
        )
    return tuple(crop(row, width, glyphs.ellipsis) for row in rows)


def comparison(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """Several models or formats, a row each."""
    every = (result, *result.others)
    groups = [("weights", "weights"), ("kv", "KV cache")]
    groups += [("state", "state")] if any(one.bytes("state") for one in every) else []
    names = ("model", "format", *(name for _, name in groups), "total", "fits", "context")
    table: list[list[Span | str]] = [[(name, "strong") for name in names]]
    for one in every:
        fits = (glyphs.yes + " yes", "good") if one.fits else (glyphs.no + " no", "bad")
        fits = (glyphs.half_top + " part", "warn") if one.split else fits
        name = one.model.name.rpartition("/")[2]
        sizes: list[Span | str] = [decimal(one.bytes(group)) for group, _ in groups]
        largest = at_least(one.max_context) if one.max_context else glyphs.minus
        table.append([cut(safe(name), 24), one.spec, *sizes, (decimal(one.total), "strong"), fits, largest])
    limit = f"at {tokens_text(result.use.context)} tokens, against {decimal(result.budget.limit)}"
    last = line((f"{limit}; context: the largest that fits", "dim"))
    align = "ll" + "r" * len(groups) + "rlr"
    rows = fitted(table, align, width, range(3, 2 + len(groups)), gap=1)
    return (*(crop(row, width, glyphs.ellipsis) for row in rows), last)
