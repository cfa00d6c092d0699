"""Models or formats side by side."""

from __future__ import annotations

from qtui.draw.glyphs import Glyphs
from qtui.draw.memory.text import short_name
from qtui.draw.picture import Picture, Span, crop, fitted, line
from qtui.draw.units import at_least, gigabytes, tokens_text
from qtui.scenario.memory.result import MemoryResult


def comparison(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """A row each, sizes in GB."""
    every = (result, *result.others)
    groups = [("weights", "weights"), ("kv", "KV cache")]
    groups += [("state", "state")] if any(one.bytes("state") for one in every) else []
    names = ("model", "format", *(name for _, name in groups), "total GB", "fits", "context")
    table: list[list[Span | str]] = [[(name, "dim") for name in names]]
    for one in every:
        fits: Span = (glyphs.yes + " yes", "good") if one.fits else (glyphs.no + " no", "bad")
        fits = (glyphs.half_top + " part", "warn") if one.split else fits
        name: Span = (short_name(one.model.name, 26, glyphs), "strong")
        sizes: list[Span | str] = [gigabytes(one.bytes(group), 2) for group, _ in groups]
        largest = at_least(one.max_context) if one.max_context else glyphs.minus
        table.append([name, one.spec, *sizes, (gigabytes(one.total, 2), "strong"), fits, largest])
    limit = f"at {tokens_text(result.use.context)} tokens, against {gigabytes(result.budget.limit, 2)} GB"
    last = line((f"{limit}; context: the largest that fits", "dim"))
    align = "ll" + "r" * len(groups) + "rlr"
    rows = fitted(table, align, width, range(3, 2 + len(groups)), gap=2 if width >= 100 else 1)
    return tuple(crop(row, width, glyphs.ellipsis) for row in (*rows, last))
