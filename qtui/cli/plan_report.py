"""What `qtui plan` prints."""

from __future__ import annotations

import os

from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture, crop, line
from qtui.draw.plan.views import frontier_of, plan_facts, role_table
from qtui.scenario.plan.scenario import PlanResult
from qtui.scenario.plan.write import commands, default_file

ROWS = 16


def report(result: PlanResult, width: int, glyphs: Glyphs) -> Picture:
    """The plan as text, as wide as `width`; commands are never cut."""
    name = os.path.basename(os.path.normpath(result.model.path))
    rows = [
        line((f"plan for {name}", "strong")),
        *plan_facts(result, width),
        line(),
        *frontier_of(result, width, ROWS, glyphs),
        line(),
        *role_table(result, width, glyphs),
    ]
    kept = len(result.measured.kept)
    if kept:
        rows.append(line((f"{kept} norms, biases and other small tensors stay as they are", "dim")))
    cut = [crop(row, width, glyphs.ellipsis) for row in rows]
    file = default_file(result)
    cut += [line(), line((f"after `--out {file}`:", "label"))]
    return (*cut, *(line(text) for text in commands(result, file)), line())
