"""What a step's expressions come to: the fields of its own state, and those of any other that it runs."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from qtui.scenario.base import Scenario
from qtui.scenario.tour.conditions import value_of
from qtui.scenario.tour.lesson import TourStep
from qtui.scenario.tour.panes import scenario_of, solve_pane, values_of

Fields = dict[str, Any]


@lru_cache(maxsize=64)
def fields_at(scenario: Scenario) -> Fields:
    """The fields of a pane's state, solved anew; raises UserError where it can't be."""
    return values_of(scenario, solve_pane(scenario))


def run(line: str) -> Fields:
    """The fields of the state that a command line opens."""
    return fields_at(scenario_of(line))


def worth_of(step: TourStep, expression: str) -> Any:
    """What an expression of `step` comes to at its start. Raises UserError."""
    return value_of(expression, run(step.show), {"run": run})
