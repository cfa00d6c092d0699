"""From a Scenario to a plan: measure what has not been measured, then decide."""

from __future__ import annotations

from qtui.compute.cache import Cache
from qtui.scenario.base import UserError, check_written
from qtui.scenario.plan.decide import decide
from qtui.scenario.plan.measure import measure_file
from qtui.scenario.plan.result import PlanMeasurement, PlanResult
from qtui.scenario.plan.scenario import PlanScenario
from qtui.scenario.progress import Progress


def solve(
    scenario: PlanScenario, progress: Progress | None = None, *, cache: Cache[PlanMeasurement] | None = None
) -> PlanResult:
    """The plan. `cache` holds earlier measurements, so that another size or decision measures nothing again.

    Raises UserError or ModelFileError with what is wrong and what to do.
    """
    if not scenario.path:
        raise UserError("plan needs a model file; try `qtui plan model.gguf --size 6GB`")
    check_written(scenario.out, scenario.path, scenario.imatrix, scenario.sensitivity)
    if scenario.sample < 1:
        raise UserError(f"--sample takes a number of weights from 1 up, not {scenario.sample}")

    def measure() -> PlanMeasurement:
        return measure_file(scenario, progress or Progress())

    return decide(scenario, cache.get(measured_by(scenario), measure) if cache is not None else measure())


def measured_by(s: PlanScenario) -> tuple[object, ...]:
    """What of a Scenario decides what is measured."""
    return (s.path, s.imatrix, s.format, s.exact, s.sample)
