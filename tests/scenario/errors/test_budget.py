"""How much of a file is measured when nothing is said: all of what is small, a sample of what is large."""

from __future__ import annotations

import pytest

from qtui.models.files.model_file import Tensor
from qtui.scenario.errors.measurement import budget_for
from qtui.scenario.errors.scenario import ErrorsScenario


def tensors(*counts: int) -> list[Tensor]:
    return [Tensor("w", (count,), "F32", 0, 4 * count, "") for count in counts]


@pytest.mark.parametrize(
    ("counts", "budget"),
    [
        ((1 << 20,), 0),
        ((1 << 25,), 1 << 22),
        ((1 << 20,) * 10, 0),
        ((1 << 26,) * 290, (1 << 24) // 290),
        ((1 << 26,) * 20_000, 1 << 14),
        ((1 << 30, 1 << 30), 1 << 18),
    ],
)
def test_budget(counts: tuple[int, ...], budget: int) -> None:
    assert budget_for(ErrorsScenario(), tensors(*counts)) == budget
    assert budget_for(ErrorsScenario(exact=True), tensors(*counts)) == 0
    assert budget_for(ErrorsScenario(sample=99), tensors(*counts)) == 99
