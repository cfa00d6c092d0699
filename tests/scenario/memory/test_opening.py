"""What the Memory pane opens on: something that fits, loses little and leaves room for the rest."""

from __future__ import annotations

import pytest

from qtui.scenario.memory.opening import FIRST, opening
from qtui.scenario.memory.scenario import MemoryScenario
from qtui.scenario.memory.solve import solve


@pytest.mark.parametrize("machine", ["laptop 8GB", "laptop 16GB", "RTX 3060", "8x H100", "MacBook Air M1"])
def test_a_machine_opens_on_a_model_that_fits(machine: str) -> None:
    scenario = opening(machine)
    result = solve(scenario)
    assert result.fits and scenario.machine == machine and scenario.model[0] in dict(FIRST)
    assert result.budget.gpu or result.total <= 0.8 * result.budget.limit


def test_larger_machines_open_on_larger_models() -> None:
    sizes = [solve(opening(machine)).model.parameters for machine in ("laptop 8GB", "laptop 16GB", "8x H100")]
    assert sizes == sorted(set(sizes))


def test_what_is_no_machine_is_left_to_the_pane() -> None:
    assert opening("abacus") == MemoryScenario(machine="abacus")
