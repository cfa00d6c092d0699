"""The parts that both the plan pane and `qtui plan` show."""

from __future__ import annotations

import math
from collections import Counter

from qtui.compute.errors.moments import decibels
from qtui.draw.errors.table import decibels as db_text
from qtui.draw.errors.table import wrapped
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture, Span, columns, crop
from qtui.draw.plan.frontier import frontier_plot
from qtui.draw.units import binary
from qtui.models.tensors.roles import split_name
from qtui.scenario.plan.scenario import PlanResult


def frontier_of(result: PlanResult, cells: int, rows: int, glyphs: Glyphs) -> Picture:
    """Quality by size: the frontier, llama.cpp's mixes, the plan. What is far larger than the plan is left out."""
    most = max(2.2 * result.nbytes, min((mix.nbytes for mix in result.mixes), default=0))
    large = most >= 2**30
    scale, unit = (2**30, "GiB") if large else (2**20, "MiB")
    step = max(len(result.frontier) // 400, 1)
    kept = [*result.frontier[:-1:step], result.frontier[-1]]
    curve = [(size / scale, result.decibels(loss)) for size, loss in kept if size <= most]
    points = [(m.name, m.nbytes / scale, result.decibels(m.loss)) for m in result.mixes if m.nbytes <= most]
    plan = (result.nbytes / scale, result.sqnr_db)
    return frontier_plot(curve or [plan], points, plan, unit, cells, rows, glyphs)


def plan_facts(result: PlanResult, cells: int) -> Picture:
    """Size against budget, quality, how near the best, and the closest mix."""
    bits = 8 * result.nbytes / max(result.weights, 1)
    gap = 100 * result.allocation.gap
    near = "noise as low as can be" if gap < 0.005 else f"noise within {gap:.2g} % of the least possible"
    measured = result.measured
    how: Span = ("sampled", "warn") if measured.sampled else ("exact", "good")
    texts: list[Span | str] = [
        (f"{quality(result.sqnr_db)} in {binary(result.nbytes)}", "strong"),
        f"of {binary(result.budget)}: {result.reason}",
        f"{bits:.3g} bits/weight",
        how,
        near,
        _weighing(result),
    ]
    below = [mix for mix in result.mixes if mix.nbytes <= result.budget]
    if below:
        best = min(below, key=lambda mix: mix.loss)
        gain = result.sqnr_db - result.decibels(best.loss)
        mix = f"best mix in this size: {best.name}, {quality(result.decibels(best.loss))}"
        if math.isfinite(gain):
            texts.append((f"{mix}; the plan {gain:+.1f} dB", "good" if gain >= 0 else "warn"))
        else:
            texts.append(mix)
    if measured.quantized:
        names = ", ".join(measured.quantized)
        texts.append((f"already {names}: errors are relative to what is stored", "warn"))
    return wrapped(texts, cells)


def quality(decibels: float) -> str:
    """ "31.0 dB", or "exact" where nothing is lost."""
    text = db_text(decibels)
    return f"{text} dB" if math.isfinite(decibels) else text


def _weighing(result: PlanResult) -> str:
    if result.scenario.imatrix:
        return f"weighed by importance in {result.measured.weighed} of {len(result.parts)} tensors"
    return "error relative to each tensor's signal"


def role_table(result: PlanResult, cells: int, glyphs: Glyphs) -> Picture:
    """A row a role: its share, and which types its tensors got."""
    roles: dict[str, list[int]] = {}
    for index, part in enumerate(result.parts):
        roles.setdefault(split_name(part.name)[1], []).append(index)
    head: list[Span | str] = [(name, "strong") for name in ("role", "size", "SQNR dB", "types")]
    table = [head]
    for role, members in roles.items():
        options = [result.allocation.chosen[i] for i in members]
        weights = sum(result.parts[i].weights for i in members)
        kinds = Counter(option.format for option in options)
        text = "  ".join(f"{kind} {glyphs.times}{n}" if n > 1 else kind for kind, n in kinds.most_common())
        quality = decibels(float(weights), sum(option.loss for option in options))
        table.append([role, binary(sum(o.nbytes for o in options)), db_text(quality), text])
    return tuple(crop(row, cells, glyphs.ellipsis) for row in columns(table, "lrrl"))
