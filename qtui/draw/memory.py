"""The memory estimate as pictures: terms, totals and the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtui.compute.memory.units import gb, gib, short_count, thousands
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture, Span, columns, crop, line

if TYPE_CHECKING:
    from qtui.scenario.mem import MemResult


def report(result: MemResult, width: int, glyphs: Glyphs) -> Picture:
    """The whole estimate in rows of `width` cells."""
    scenario = result.scenario
    head = line(
        (result.model.name, "strong"),
        f"  {short_count(result.parameters)} parameters, {result.format}, {thousands(scenario.ctx)} tokens",
    )
    rows: list[list[Span | str]] = []
    for _, term in result.terms:
        mark = (glyphs.approx, "warn") if term.why else ("", "")
        rows.append([term.name, mark, gb(term.bytes), gib(term.bytes), (term.formula, "dim")])
    rows.append([("total", "strong"), "", (gb(result.total), "strong"), gib(result.total), ""])
    table = columns(rows, "llrrl")
    spare = result.available - result.total
    verdict = (
        (f"{glyphs.yes} fits: {gb(spare)} to spare of {gb(result.available)} available", "good")
        if result.fits
        else (f"{glyphs.no} does not fit: {gb(-spare)} more than the {gb(result.available)} available", "bad")
    )
    return (head, line(), *(crop(row, width, glyphs.ellipsis) for row in table), line(), line(verdict))
