"""The parts that both the plan pane and `qtui plan` show."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence

from qtui.draw.errors.table import decibels, wrapped
from qtui.draw.glyphs import Glyphs
from qtui.draw.inspect import notes
from qtui.draw.picture import Line, Picture, Span, columns, crop, line
from qtui.draw.plan.frontier import frontier_plot
from qtui.draw.units import Unit, decimal, unit_of
from qtui.scenario.plan.result import PlanResult, PlanRow

MOST_WARNINGS = 3


def frontier_of(result: PlanResult, cells: int, rows: int, glyphs: Glyphs) -> Picture:
    """Quality by size: the frontier, llama.cpp's mixes, the plan. What is far larger than the plan is left out."""
    most = max(2.2 * result.nbytes, min((mix.nbytes for mix in result.mixes), default=0))
    unit = unit_of(result.nbytes)
    scale = unit.bytes
    step = max(len(result.frontier) // 400, 1)
    kept = [*result.frontier[:-1:step], result.frontier[-1]]
    curve = [(size / scale, quality) for size, quality in kept if size <= most]
    points = [(mix.name, mix.nbytes / scale, mix.sqnr_db) for mix in result.mixes if mix.nbytes <= most]
    plan = (result.nbytes / scale, result.sqnr_db)
    return frontier_plot(curve or [plan], points, plan, unit.name, cells, rows, glyphs)


def plan_facts(result: PlanResult, cells: int, rows: int | None = None) -> Picture:
    """Size against budget, quality and how near the best: the headline, at most `rows` rows of facts, warnings."""
    gap = 100 * result.gap
    near = "as low as can be" if gap < 0.005 else f"within {gap:.2g} % of the least possible"
    how: Span = ("sampled", "warn") if result.sampled else ("exact", "good")
    texts: list[Span | str] = [
        f"of {decimal(result.budget)}: {result.scenario.size} {result.reason}".replace(":  ", ": "),
        f"{result.bits_per_weight:.3g} bits a weight",
        how,
        f"{_aim(result)} {near}",
        _weighing(result),
    ]
    if result.best_mix is not None and not math.isfinite(result.gain):
        texts.append(f"best mix in this size: {result.best_mix.name}, {quality(result.best_mix.sqnr_db)}")
    if result.quantized:
        names = ", ".join(result.quantized)
        texts.append((f"already {names}: errors are relative to what is stored", "warn"))
    more = len(result.warnings) - MOST_WARNINGS
    further = (f"and {more} further tensors like these",) if more > 0 else ()
    below = notes((*result.warnings[:MOST_WARNINGS], *further), cells)
    return (crop(headline(result), cells), *wrapped(texts, cells)[:rows], *below)


def facts(result: PlanResult) -> list[tuple[str, str]]:
    """(label, value) of what a plan is about."""
    return [
        ("file", os.path.basename(os.path.normpath(result.model.path))),
        ("budget", f"{decimal(result.budget)}, {result.reason}"),
        ("bits a weight", f"{result.bits_per_weight:.3g}"),
        ("measured", "a sample of the weights" if result.sampled else "every weight"),
        (_aim(result), f"within {100 * result.gap:.2g} % of the least possible"),
    ]


def headline(result: PlanResult) -> Line:
    """What the plan gives: how far the signal is above the error, in which size, and what that gains."""
    spans: list[Span | str] = [(f"{quality(result.sqnr_db)} in {decimal(result.nbytes)}", "strong")]
    if result.best_mix is not None and math.isfinite(result.gain):
        better = "better" if result.gain >= 0 else "worse"
        role = "good" if result.gain >= 0 else "warn"
        spans.append((f"   {abs(result.gain):.1f} dB {better} than {result.best_mix.name}", role))
    return line(*spans)


def plan_sentence(result: PlanResult, drawn: bool = True) -> str:
    """What to see in the picture of a plan; `drawn`: with its frontier."""
    if not result.roles:
        return "There is no matrix in this file that llama-quantize would quantize."
    least, most = (pick(result.roles, key=lambda row: row.sqnr_db) for pick in (min, max))
    if least.sqnr_db == math.inf:
        return "Nothing is lost at this size: every tensor keeps what is stored."
    by_model = bool(result.scenario.sensitivity)
    text = "bits go where the model minds most" if by_model else "bits go where they help most"
    text += f" ({most.key} {quality(most.sqnr_db)}, {least.key} {quality(least.sqnr_db)})"
    text = text if least.sqnr_db < most.sqnr_db else "every role keeps the same share of its signal"
    if not drawn:
        return f"{text[:1].upper()}{text[1:]}."
    if by_model:
        return f"The dots have the least noise of each size, this plan the least expected KL: {text}."
    return f"The dots are as good as each size gets: {text}."


def quality(sqnr_db: float) -> str:
    """ "31.0 dB", or "exact" where nothing is lost."""
    text = decibels(sqnr_db)
    return f"{text} dB" if math.isfinite(sqnr_db) else text


def _aim(result: PlanResult) -> str:
    """What the plan makes small."""
    return "expected KL" if result.scenario.sensitivity else "noise"


def _weighing(result: PlanResult) -> str:
    if result.scenario.sensitivity:
        return f"weighed by what the model minds, in {os.path.basename(result.scenario.sensitivity)}"
    if result.scenario.imatrix:
        return f"weighed by importance in {result.weighed} of {len(result.parts)} tensors"
    return "error relative to each tensor's signal"


def types_text(row: PlanRow, glyphs: Glyphs) -> str:
    """ "Q4_K ×3  Q6_K": the types of a row's tensors."""
    return "  ".join(f"{kind} {glyphs.times}{count}" if count > 1 else kind for kind, count in row.types)


def role_table(result: PlanResult, cells: int, glyphs: Glyphs) -> Picture:
    """A row a role: its size, and which types its tensors got."""
    unit = unit_of(result.nbytes)
    head: list[Span | str] = [(name, "strong") for name in ("role", unit.name, "SQNR dB", "types")]
    table = [head]
    for row in result.roles:
        table.append([row.key, unit.fine(row.nbytes), decibels(row.sqnr_db), types_text(row, glyphs)])
    return tuple(crop(row, cells, glyphs.ellipsis) for row in columns(table, "lr.l"))


def mix_table(result: PlanResult, cells: int, rows: int, glyphs: Glyphs) -> Picture:
    """llama.cpp's mixes by size, and what the best of their size would keep; in `rows` rows, about the budget."""
    if not result.mixes or rows < 3:
        return ()
    unit = unit_of(result.nbytes)
    head = ("mix", unit.name, "SQNR dB", "best of its size", "")
    table: list[list[Span | str]] = [[(name, "dim") for name in head]]
    room = rows - 2
    fitting = sum(mix.fits for mix in result.mixes)
    first = max(0, min(fitting - (room + 1) // 2, len(result.mixes) - room))
    for mix in result.mixes[first : first + room]:
        figures = (unit.of(mix.nbytes, 2), decibels(mix.sqnr_db), decibels(mix.best_db))
        table.append([(mix.name, "strong"), *figures, (glyphs.yes, "good") if mix.fits else (glyphs.no, "bad")])
    marks = f"{glyphs.yes} fits {decimal(result.budget)}   {glyphs.no} is larger"
    return tuple(crop(row, cells, glyphs.ellipsis) for row in (*columns(table, "lr..l"), line((marks, "dim"))))


def tensor_table(rows: Sequence[PlanRow], unit: Unit, cells: int, glyphs: Glyphs) -> Picture:
    """A row a tensor: its type, its size, what it keeps."""
    table: list[list[Span | str]] = [[(name, "dim") for name in ("tensor", "type", unit.name, "SQNR dB")]]
    for row in rows:
        name = row.key.removesuffix(".weight")
        table.append([name, types_text(row, glyphs), unit.fine(row.nbytes), decibels(row.sqnr_db)])
    return tuple(crop(row, cells, glyphs.ellipsis) for row in columns(table, "llr."))
