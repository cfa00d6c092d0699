"""The algorithm of a scheme as a few lines of Python, run for one weight, with what each line comes to.

Every line runs: with `x`, `block` and the other names that are given, it makes the code and the value on screen. Of
several listings for a format, from the most telling to the plainest, the first that does so is shown.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from types import CodeType
from typing import Any

import numpy as np

from qtui.compute.quantizer.stored import StoredWeights
from qtui.scenario.quantizer.code.listings import listings
from qtui.scenario.quantizer.code.steps import Step
from qtui.scenario.quantizer.result import CodeLine, WeightGroup

# What `CODE_IMPORTS` imports, but for qtui itself: what that gives is known.
_LIBRARY: dict[str, Any] = {name: getattr(math, name) for name in dir(math) if not name.startswith("_")}
_LIBRARY |= {"float16": np.float16, "float32": np.float32, "quantile": np.quantile}
_PLACE = re.compile(r"{([^}]*)}")


def code_lines(
    stored: StoredWeights, group: WeightGroup, at: int, whole: bool, weighed: bool
) -> tuple[CodeLine, ...]:
    """The lines that store weight `at` of `group` and bring it back.

    `whole` says that `stored` holds all the numbers, `weighed` that their errors were weighed by importance.
    """
    given = given_names(stored, group, at)
    for listing in listings(stored, group, at, whole, weighed):
        names = _LIBRARY | given
        try:
            with np.errstate(all="ignore"):
                lines = tuple(_run(step, names) for step in listing)
        except (ArithmeticError, ValueError):  # a listing that such numbers are not for: there is no logarithm of 0
            continue
        if _holds(names, stored, group, at):
            return lines
    raise AssertionError(f"no listing of {stored.format.name} gives what is stored")


def given_names(stored: StoredWeights, group: WeightGroup, at: int) -> dict[str, Any]:
    """What lines may use, as float64: the weight `x`, its `block` and what fills that up, its `row`, all `weights`.

    Weights that are kept apart are 0 in all but `x`.
    """
    weights = stored.x.astype(np.float64)
    weights[stored.kept] = 0
    members, columns = group.members, stored.columns
    missing = stored.group - len(members) if stored.format.whole_blocks else 0
    block = np.append(weights[members.start : members.stop], np.zeros(missing))
    row = at // columns
    rows = weights.reshape(-1, columns)
    return {"x": np.float64(stored.x[at]), "block": block, "row": rows[row], "weights": rows}


def _run(step: Step, names: dict[str, Any]) -> CodeLine:
    """Run a step with `names`, which gain what it makes; where a step calls qtui, that is known already."""
    name, _, expression = step.text.partition("=")
    names[name.strip()] = _value_of(expression.strip(), names) if step.known is None else step.known
    values = tuple(float(_value_of(place, names)) for place in _PLACE.findall(step.comment))
    return CodeLine(step.text, _PLACE.sub("{}", step.comment), values)


def _value_of(expression: str, names: dict[str, Any]) -> Any:
    return eval(_compiled(expression), names)


@lru_cache(maxsize=1024)
def _compiled(expression: str) -> CodeType:
    return compile(expression, "<line>", "eval")


def _holds(names: dict[str, Any], stored: StoredWeights, group: WeightGroup, at: int) -> bool:
    """Whether the lines gave what is stored."""
    code = at in stored.kept or names["code"] == stored.codes[at]
    scale = group.scale is None or "scale" not in names or _equal(names["scale"], group.scale)
    return bool(code and scale and _equal(np.float32(names["back"]), stored.y[at]))


def _equal(one: Any, other: Any) -> bool:
    first, second = float(one), float(other)
    return first == second or (math.isnan(first) and math.isnan(second))
