"""The lessons' arithmetic: intervals, bells, many steps."""

import math

import pytest

from qtui.compute.lm.lessons import all_steps, bell, gpqa_intervals, wilson
from qtui.scenario.quality.scenario import QualityScenario
from qtui.scenario.quality.solve import solve


def test_intervals_are_those_of_wilson() -> None:
    results = {interval.name: interval for interval in gpqa_intervals()}
    assert (results["bf16"].low, results["bf16"].high) == pytest.approx((0.598, 0.729), abs=5e-4)
    assert (results["2-bit (Q2_K)"].low, results["2-bit (Q2_K)"].high) == pytest.approx((0.003, 0.036), abs=5e-4)
    assert wilson("", 0, 10).low == 0 and wilson("", 10, 10).high == pytest.approx(1)
    with pytest.raises(ValueError, match="no share"):
        wilson("", 3, 2)


def test_bells_add_up_to_one_and_steps_multiply() -> None:
    assert math.fsum(bell(i / 100, 1.5, 0.5) / 100 for i in range(-1000, 1000)) == pytest.approx(1)
    assert all_steps(0.9, 2) == pytest.approx(0.81)


@pytest.mark.parametrize(
    ("scenario", "value"),
    [
        (QualityScenario(lesson="divergence"), 1.125),
        (QualityScenario(lesson="divergence", shift=0.0, width=4 / 3), 0.069),
        (QualityScenario(lesson="perplexity"), 1.0835),
        (QualityScenario(lesson="perplexity", chance=0.03), 33.333),
        (QualityScenario(lesson="steps", chance=0.99, steps=100), 0.366),
    ],
)
def test_lessons_give_the_numbers_that_people_know(scenario: QualityScenario, value: float) -> None:
    result = solve(scenario).lesson
    assert result is not None and result.value == pytest.approx(value, rel=5e-3) and result.sentence
