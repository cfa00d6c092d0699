"""How sensitive a model is to errors in each tensor, as `qtui quality --sensitivity` measured it.

A divergence measured with one tensor in one format is about proportional to that tensor's noise, so each of its other
formats is expected to cost the model in proportion to its own.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from typing import Any

from qtui.models.files.json_text import parse_json
from qtui.models.files.source import LocalSource
from qtui.scenario.base import UserError
from qtui.scenario.formats import named_format
from qtui.scenario.plan.result import Part

LIMIT = 16 << 20
LEAST = 1e-6  # share of the largest factor: what can't be told from noise still counts a little


def factors(path: str, parts: Sequence[Part]) -> dict[str, float]:
    """What each part's loss is to be multiplied by, nats a token for a loss of 1; empty for no `path`.

    Raises UserError for a file that `qtui quality --sensitivity --by tensor --json` did not write for these tensors,
    in a format that the plan measures as well.
    """
    if not path:
        return {}
    kind, divergences = _read(path)
    costs = {}
    for part in parts:
        divergence = divergences.get(part.name.removesuffix(".weight"))
        loss = part.loss.get(kind, 0.0)
        if divergence is not None and loss > 0:
            costs[part.name] = max(divergence, 0.0) / loss
    if not costs:
        raise UserError(
            f"{path} knows none of these tensors in a type of the plan; make it with "
            "`qtui quality FILE --sensitivity --by tensor -f Q4_0 --json`"
        )
    largest = max(costs.values())
    middle = sorted(costs.values())[len(costs) // 2]
    return {part.name: max(costs.get(part.name, middle), LEAST * largest) for part in parts}


def _read(path: str) -> tuple[str, dict[str, float]]:
    with LocalSource(os.path.expanduser(path)) as source:
        data: Any = parse_json(path, source.read(0, min(source.size, LIMIT)))
    try:
        measured = data["sensitivity"]
        kind = named_format(measured["format"]).name
        divergences = {part["name"]: float(part["kld_mean"]) for part in measured["parts"]}
    except (KeyError, TypeError, ValueError, AttributeError):
        raise UserError(f"{path} is not what `qtui quality --sensitivity --by tensor --json` writes") from None
    if not all(map(math.isfinite, divergences.values())):
        raise UserError(f"{path} holds divergences that are not finite; measure them again")
    return kind, divergences
