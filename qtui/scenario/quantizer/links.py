"""Links from the Quantizer: the Memory and the Errors pane with its formats."""

from __future__ import annotations

from dataclasses import replace

from qtui.scenario.base import Scenario
from qtui.scenario.formats import named_format
from qtui.scenario.quantizer.data import file_of
from qtui.scenario.quantizer.result import QuantizerResult
from qtui.scenario.quantizer.scenario import QuantizerScenario


def memory_link(
    scenario: QuantizerScenario, result: QuantizerResult | None, index: int, present: Scenario | None = None
) -> Scenario:
    """The Memory pane as it is at `present`, in scheme `index`'s format.

    Where the grown network is on show, the model is a count of as many parameters.
    """
    from qtui.scenario.memory.scenario import MemoryScenario

    spec = named_format(scenario.format[index]).name
    if scenario.view == "grow" and result is not None:
        parameters = result.grown[result.step].parameters
        return MemoryScenario(model=(str(parameters),), format=spec)
    return replace(present if isinstance(present, MemoryScenario) else MemoryScenario(), format=spec)


def errors_link(scenario: QuantizerScenario) -> Scenario:
    """The Errors pane with the same schemes on the same kind of numbers, or on the whole file."""
    from qtui.scenario.errors.scenario import ErrorsScenario

    formats = tuple(named_format(spec).name for spec in scenario.format)
    path = file_of(scenario)
    if path:
        return ErrorsScenario(path=path, format=formats, tensor=scenario.tensor)
    if scenario.dist:
        return ErrorsScenario(
            format=formats, data=scenario.dist, seed=scenario.seed, spread=scenario.spread, strength=scenario.strength
        )
    return ErrorsScenario(format=formats)
