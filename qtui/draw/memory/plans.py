"""The named plans side by side: what each takes, gives up and runs at, and its commands."""

from __future__ import annotations

from qtui.draw.glyphs import Glyphs
from qtui.draw.memory.text import rate
from qtui.draw.picture import Line, Picture, Span, crop, line
from qtui.draw.safe import wrapped
from qtui.draw.units import decimal, tokens_text
from qtui.models.published.quality import CAVEATS
from qtui.scenario.memory.result import MemoryResult, Plan

LABEL = 17


def plans(result: MemoryResult, width: int, glyphs: Glyphs, cursor: int | None = None) -> Picture:
    """Every plan in a few rows, the one under the keyboard marked; then what to know of the figures."""
    if not result.plans:
        return (line(("  no format of the list runs here; a smaller model would", "warn")),)
    rows: list[Line] = []
    for i, plan in enumerate(result.plans):
        rows += _plan(result, plan, width, glyphs, i == cursor)
    notes = [f"nats: mean divergence from the weights as published, of the model named; {CAVEATS[0]}", *CAVEATS[1:]]
    for note in notes:
        parts = wrapped(note, max(20, width - 4))
        rows += [line("  ", (glyphs.bullet if j == 0 else " ", "dim"), " ", (p, "dim")) for j, p in enumerate(parts)]
    return tuple(rows)


def _plan(result: MemoryResult, plan: Plan, width: int, glyphs: Glyphs, here: bool) -> list[Line]:
    mark, role = (glyphs.yes, "good") if plan.fits else (glyphs.half_top, "warn")
    speed = f"{rate(plan.speed.low)} to {rate(plan.speed.high)} tokens/s" if plan.speed else "speed not known"
    name: Span = (f"{plan.name:<{LABEL}}", "cursor" if here else "strong")
    format_name = plan.format if plan.format != "native" else f"as published ({result.model.dtype})"
    cache = f"{glyphs.dot} cache {plan.kv_type} " if plan.kv_type != "f16" else ""
    facts = f"{format_name} {cache}{glyphs.dot} {tokens_text(plan.context)} {glyphs.dot} {decimal(plan.total_bytes)}"
    rows = [crop(line(name, (mark, role), f" {facts} {glyphs.dot} {speed}"), width, glyphs.ellipsis)]
    rows += _detail("gives up", "; ".join(plan.gives_up) or "nothing", width, "")
    for program, command in plan.commands[:1] if width < 100 else plan.commands:
        rows += _detail(program, command, width, "label")
    return rows


def _detail(label: str, text: str, width: int, role: str) -> list[Line]:
    parts = wrapped(text, max(20, width - LABEL - 2))
    first = line((f"  {label:<{LABEL}}", "label"), (parts[0], role))
    return [first, *(line(" " * (LABEL + 2), (part, role)) for part in parts[1:])]
