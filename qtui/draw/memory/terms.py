"""The sum: every group with its bytes, and its terms with the numbers put in."""

from __future__ import annotations

from qtui.draw.glyphs import Glyphs
from qtui.draw.memory.head import groups
from qtui.draw.memory.text import GROUP_NAMES, beside_cards, doubts, kept_text
from qtui.draw.picture import Line, Picture, line
from qtui.draw.safe import wrapped
from qtui.draw.units import GB, Unit, unit_of
from qtui.scenario.memory.result import MemoryResult

NAME, SIZE = 20, 9
# Sizes are in GB or MB with three places, so that a column is aligned and a buffer of some MB is still seen.
PLACES = 3


def terms(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """Every group with its sum in GB and GiB (MB and MiB where it is small), its terms under it, the total first."""
    unit = unit_of(result.total)
    rows: list[Line] = [line((f"{'':<{NAME + 2}}{unit.name:>{SIZE}}{unit.binary:>{SIZE + 1}}", "dim"))]
    near = not result.model.family_known and result.model.arch is not None
    rows.append(_sum("total", result.total, unit, near, glyphs))
    host = beside_cards(result)
    if host:
        cards = "for the card" if len(result.machine.gpus) == 1 else "for the cards"
        rows += term_rows(cards, result.total - host, "", width, unit)
        rows += term_rows("in RAM", host, kept_text(result), width, unit)
    for name, size in groups(result):
        mine = [term for group, term in result.terms if group == name]
        rows.append(_sum(GROUP_NAMES[name], size, unit, any(term.why for term in mine), glyphs))
        for term in mine:
            rows += term_rows(term.name, term.bytes, term.formula, width, unit)
    return tuple(rows)


def _sum(name: str, size: int, unit: Unit, near: bool, glyphs: Glyphs) -> Line:
    mark = (f"{glyphs.approx} ", "warn") if near else "  "
    both = f"{unit.of(size, PLACES):>{SIZE}} {size / unit.binary_bytes:>{SIZE},.{PLACES}f}"
    return line((f"{name:<{NAME}}", "strong"), mark, (both, "strong"))


def term_rows(name: str, size: int, formula: str, width: int, unit: Unit = GB) -> list[Line]:
    """One term of a sum: its name, its size, its formula."""
    shown = unit.of(size, PLACES) if not 0 < 2 * 10**PLACES * size < unit.bytes else f"<{10**-PLACES}"
    start = f"  {name[:NAME]:<{NAME}}{shown:>{SIZE}}  "
    parts = wrapped(formula, max(20, width - len(start))) or [""]
    first = line((start[: NAME + 2], "label"), start[NAME + 2 :], (parts[0], "dim"))
    return [first, *(line(" " * len(start), (part, "dim")) for part in parts[1:])]


def notes(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """Why some figures are estimates, and what the sources leave open."""
    rows: list[Line] = []
    marked = [(glyphs.approx, text) for text in doubts(result)]
    marked += [(glyphs.bullet, text) for text in result.notes]
    for mark, text in marked:
        parts = wrapped(text, max(20, width - 2))
        rows += [line((mark if i == 0 else " ", "warn"), " ", (p, "dim")) for i, p in enumerate(parts)]
    return tuple(rows)
