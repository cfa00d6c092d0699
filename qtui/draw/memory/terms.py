"""The sum: every group with its bytes, and its terms with the numbers put in."""

from __future__ import annotations

from qtui.draw.glyphs import Glyphs
from qtui.draw.memory.head import groups
from qtui.draw.memory.text import GROUP_NAMES, beside_cards, doubts, kept_text
from qtui.draw.picture import Line, Picture, line
from qtui.draw.safe import cell_count, cut, padded, safe, wrapped
from qtui.draw.units import GB, Unit, unit_of
from qtui.scenario.memory.result import MemoryResult

NAME, LONGEST, SIZE = 20, 24, 9  # cells of a name, usually and at most, and of a size
# Sizes are in GB or MB with three places, so that a column is aligned and a buffer of some MB is still seen.
PLACES = 3


def terms(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """Every group with its sum in GB and GiB (MB and MiB where it is small), its terms under it, the total first."""
    unit = unit_of(result.total)
    names = [cell_count(safe(term.name)) for _, term in result.terms]  # none where a file holds no weights
    room = min(max([NAME, *names]), LONGEST)
    rows: list[Line] = [line((f"{'':<{room + 2}}{unit.name:>{SIZE}}{unit.binary:>{SIZE + 1}}", "dim"))]
    near = not result.model.family_known and result.model.arch is not None
    rows.append(_sum("total", result.total, unit, near, glyphs, room))
    host = beside_cards(result)
    if host:
        cards = "for the card" if len(result.machine.gpus) == 1 else "for the cards"
        rows += term_rows(cards, result.total - host, "", width, unit, room)
        rows += term_rows("in RAM", host, kept_text(result), width, unit, room)
    for name, size in groups(result):
        mine = [term for group, term in result.terms if group == name]
        rows.append(_sum(GROUP_NAMES[name], size, unit, any(term.why for term in mine), glyphs, room))
        for term in mine:
            mixed = term.name == "attention" and result.bytes("state")
            rows += term_rows(
                f"{term.name}, recurrent" if mixed else term.name, term.bytes, term.formula, width, unit, room
            )
    return tuple(rows)


def _sum(name: str, size: int, unit: Unit, near: bool, glyphs: Glyphs, room: int) -> Line:
    mark = (f"{glyphs.approx} ", "warn") if near else "  "
    both = f"{unit.of(size, PLACES):>{SIZE}} {size / unit.binary_bytes:>{SIZE},.{PLACES}f}"
    return line((f"{name:<{room}}", "strong"), mark, (both, "strong"))


def term_rows(name: str, size: int, formula: str, width: int, unit: Unit = GB, room: int = NAME) -> list[Line]:
    """One term of a sum: its name in `room` cells, its size, its formula."""
    label, beside = f"  {padded(cut(safe(name), room), room)}", f"{unit.fine(size):>{SIZE}}  "
    indent = room + len(beside) + 2
    parts = wrapped(formula, max(20, width - indent)) or [""]
    first = line((label, "label"), beside, (parts[0], "dim"))
    return [first, *(line(" " * indent, (part, "dim")) for part in parts[1:])]


def notes(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """Why some figures are estimates, and what the sources leave open."""
    rows: list[Line] = []
    marked = [(glyphs.approx, text) for text in doubts(result)]
    marked += [(glyphs.bullet, text) for text in result.notes]
    for mark, text in marked:
        parts = wrapped(text, max(20, width - 2))
        rows += [line((mark if i == 0 else " ", "warn"), " ", (p, "dim")) for i, p in enumerate(parts)]
    return tuple(rows)


def with_notes(rows: Picture, result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """`rows`, and the notes below them."""
    below = notes(result, width, glyphs)
    return (*rows, (), *below) if below else rows
