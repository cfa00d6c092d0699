"""How much of a file is measured when nothing is said: all of what is small, a sample of what is large."""

from __future__ import annotations

import pytest

from qtui.models.files.model_file import Tensor
from qtui.scenario.errors.measure import budgets_for
from qtui.scenario.errors.scenario import ErrorsScenario


def tensors(*counts: int) -> list[Tensor]:
    return [Tensor("w", (count,), "F32", 0, 4 * count, "") for count in counts]


@pytest.mark.parametrize(
    ("counts", "budgets"),
    [
        ((1 << 20,), {0}),
        ((1 << 25,), {1 << 22}),
        ((1 << 20,) * 10, {0}),
        ((1 << 26,) * 290, {2 * ((1 << 23) // 290)}),
        ((1 << 26,) * 20_000, {(1 << 14) + 419}),
        ((1 << 30, 1 << 30), {1 << 23}),
        ((3 << 26, 1 << 26), {(1 << 22) + 3 * (1 << 21), (1 << 22) + (1 << 21)}),
    ],
)
def test_budget(counts: tuple[int, ...], budgets: set[int]) -> None:
    assert set(budgets_for(ErrorsScenario(), tensors(*counts))) == budgets
    assert set(budgets_for(ErrorsScenario(exact=True), tensors(*counts))) == {0}
    assert set(budgets_for(ErrorsScenario(sample=99), tensors(*counts))) == {99}
