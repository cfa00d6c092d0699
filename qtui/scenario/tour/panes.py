"""The panes that a step may show: a command line as a Scenario, and a Result as the fields that goals speak of."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any, NamedTuple, TypeVar

from qtui.scenario.base import Scenario, UserError, add_arguments, from_namespace, parsed, to_args
from qtui.scenario.progress import Progress
from qtui.scenario.tour.conditions import value_of
from qtui.scenario.tour.lesson import TourStep
from qtui.scenario.tour.scenario import TourScenario

S = TypeVar("S", bound=Scenario)


class PaneKind(NamedTuple):
    """How the Scenarios of one command are solved, and how a Result reads as JSON.

    `values` is given what the command's pane solves, too, which may hold less than `solve` does.
    """

    scenario: type[Scenario]
    solve: Callable[[Any, Progress], Any]
    values: Callable[[Any, Any], dict[str, Any]]


def _memory() -> PaneKind:
    from qtui.scenario.memory.json import json_object
    from qtui.scenario.memory.scenario import MemoryScenario
    from qtui.scenario.memory.solve import solve_with_plans

    return PaneKind(MemoryScenario, solve_with_plans, lambda _, result: json_object(result))


def _bits() -> PaneKind:
    from qtui.scenario.bits.json import json_object
    from qtui.scenario.bits.plots import solve_all
    from qtui.scenario.bits.scenario import BitsScenario

    return PaneKind(BitsScenario, solve_all, lambda scenario, _: json_object(solve_all(scenario)))


def _quantizer() -> PaneKind:
    from qtui.scenario.quantizer.json import json_object
    from qtui.scenario.quantizer.scenario import QuantizerScenario
    from qtui.scenario.quantizer.solve import solve

    return PaneKind(QuantizerScenario, solve, lambda _, result: json_object(result))


def _errors() -> PaneKind:
    from qtui.scenario.errors.json import json_object
    from qtui.scenario.errors.scenario import ErrorsScenario
    from qtui.scenario.errors.solve import solve

    return PaneKind(ErrorsScenario, solve, lambda _, result: json_object(result))


def _plan() -> PaneKind:
    from qtui.scenario.plan.json import json_object
    from qtui.scenario.plan.scenario import PlanScenario
    from qtui.scenario.plan.solve import solve

    return PaneKind(PlanScenario, solve, lambda _, result: json_object(result))


def _quality() -> PaneKind:
    from qtui.scenario.quality.json import json_object
    from qtui.scenario.quality.scenario import QualityScenario
    from qtui.scenario.quality.solve import solve

    return PaneKind(QualityScenario, solve, lambda _, result: json_object(result))


KINDS: dict[str, Callable[[], PaneKind]] = {
    "mem": _memory,
    "bits": _bits,
    "quantize": _quantizer,
    "errors": _errors,
    "plan": _plan,
    "quality": _quality,
}
NAMES = {"memory": "mem", "quantizer": "quantize"}  # of panes whose command is called otherwise
IGNORED = ("--tui", "--json")  # how a copied command shows its answer


@cache
def kind_of(command: str) -> PaneKind:
    """The kind of pane that shows `command`. Raises UserError where there is none."""
    make = KINDS.get(NAMES.get(command, command))
    if make is None:
        raise UserError(f"there is no pane {command!r}; there are {', '.join(KINDS)}")
    return make()


class _Quiet(argparse.ArgumentParser):
    """A parser whose complaint is a UserError."""

    def __init__(self, command: str) -> None:
        super().__init__(prog=command, add_help=False, allow_abbrev=False)
        self._negative_number_matcher = re.compile(r"^-(\d|\.\d|\(|inf|nan)")

    def error(self, message: str) -> Any:
        raise UserError(f"{self.prog}: {message}")


@lru_cache(maxsize=256)  # a step asks for its own several times, and to declare the options takes half a millisecond
def scenario_of(text: str) -> Scenario:
    """The Scenario of a command line such as "bits 1.5 -f bfloat16", with or without "qtui". Raises UserError."""
    command, *rest = _words(text)
    return _parsed(kind_of(command).scenario, rest)


def tour_scenario_of(text: str) -> TourScenario:
    """The step of a lesson that a command line such as "tour --step 3" opens. Raises UserError."""
    return _parsed(TourScenario, _words(text)[1:])


def _words(text: str) -> list[str]:
    """The command of a command line, and its arguments. Raises UserError."""
    try:
        words = [word for word in shlex.split(text) if word not in IGNORED]
    except ValueError as error:
        raise UserError(f"{text!r} is no command line: {error}") from None
    return (words[1:] if words[:1] == ["qtui"] else words) or [""]


def _parsed(kind: type[S], arguments: list[str]) -> S:
    parser = _Quiet(kind.command)
    add_arguments(parser, kind)
    return from_namespace(kind, parsed(parser, arguments))


def line_of(scenario: Scenario) -> str:
    """The command line of `scenario`, which `scenario_of` reads."""
    return shlex.join([scenario.command, *to_args(scenario)])


def solve_pane(scenario: Scenario) -> Any:
    """The Result of a pane's Scenario."""
    return kind_of(scenario.command).solve(scenario, Progress())


def values_of(scenario: Scenario, result: Any) -> dict[str, Any]:
    """The fields that conditions speak of: the pane's JSON, and `scenario`, what was chosen."""
    values = kind_of(scenario.command).values(scenario, result)
    return {**values, "scenario": dict(vars(scenario))}


@lru_cache(maxsize=64)
def fields_at(scenario: Scenario) -> dict[str, Any]:
    """The fields of a pane's state, solved anew; raises UserError where it can't be."""
    return values_of(scenario, solve_pane(scenario))


def run(line: str) -> dict[str, Any]:
    """The fields of the state that a command line opens."""
    return fields_at(scenario_of(line))


def worth_of(step: TourStep, expression: str) -> Any:
    """What an expression of `step` comes to at its start. Raises UserError."""
    return value_of(expression, run(step.show), {"run": run})
