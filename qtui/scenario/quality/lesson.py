"""The lessons' numbers and sentences, from their sliders."""

from __future__ import annotations

import math
from collections.abc import Callable

from qtui.compute.lm.lessons import QUESTIONS, all_steps, bell, gpqa_intervals, questions_needed, wilson
from qtui.compute.lm.perplexity import normal_kl_divergence, perplexity
from qtui.scenario.quality.result import Lesson, LessonPlot
from qtui.scenario.quality.scenario import QualityScenario

DIFFERENCE = 0.02  # between two shares of right answers, that a person may want to see
SPAN = 5.0  # standard deviations either side that the bells are drawn over
POINTS = 401


def lesson(scenario: QualityScenario) -> Lesson:
    """The lesson that the Scenario asks for."""
    if scenario.lesson == "divergence":
        value = normal_kl_divergence(scenario.shift, scenario.width)
        sentence = (
            "The two lie on each other: nothing is lost."
            if value < 5e-7
            else (f"What the model believes is {value:.3f} nats from what is true.")
        )
        return Lesson("divergence", value, sentence, plot=_bells(scenario.shift, scenario.width))
    if scenario.lesson == "perplexity":
        value = perplexity([scenario.chance])
        return Lesson(
            "perplexity",
            value,
            f"A right token held {100 * scenario.chance:.4g} % likely is perplexity {value:.4g}: like guessing among "
            f"{value:.4g} tokens.",
            plot=_perplexities(scenario.chance),
        )
    if scenario.lesson == "steps":
        value = all_steps(scenario.chance, scenario.steps)
        return Lesson(
            "steps",
            value,
            f"Each of {scenario.steps:,} steps right with {100 * scenario.chance:.4g} %: all of them with "
            f"{100 * value:.3g} %.",
            plot=_chances(scenario.chance, scenario.steps),
        )
    intervals = gpqa_intervals()
    share = intervals[0].share
    return Lesson(
        "noise",
        share,
        f"With {QUESTIONS} questions the ranges of 16, 8 and 4 bits overlap: their order is noise. To tell "
        f"{100 * DIFFERENCE:.0f} points apart takes {questions_needed(DIFFERENCE, share):,}.",
        intervals,
        _half_widths(share),
    )


def _half_widths(share: float) -> LessonPlot:
    """How wide an interval is either side, in points, by the number of questions."""

    def half(questions: float) -> float:
        interval = wilson("", round(share * max(questions, 1)), max(round(questions), 1))
        return 50 * (interval.high - interval.low)

    most = float(QUESTIONS * 10)
    curve = tuple(min(y, 20.0) for y in _over(0.0, most, half))
    mark = float(QUESTIONS), half(QUESTIONS)
    return LessonPlot(0.0, most, 0.0, 20.0, "questions", "95 % range, points either side", (curve,), mark)


def _over(low: float, high: float, curve: Callable[[float], float]) -> tuple[float, ...]:
    """A curve's values at POINTS places from `low` to `high`."""
    return tuple(curve(low + (high - low) * at / (POINTS - 1)) for at in range(POINTS))


def _bells(shift: float, width: float) -> LessonPlot:
    """What is true, and what is believed."""
    curves = _over(-SPAN, SPAN, bell), _over(-SPAN, SPAN, lambda x: bell(x, shift, width))
    return LessonPlot(-SPAN, SPAN, 0.0, max(map(max, curves)), "standard deviations", "how likely", curves)


def _perplexities(chance: float) -> LessonPlot:
    """Perplexity by the probability of the right token, up to 1,000."""

    def decade(probability: float) -> float:
        return min(-math.log10(max(probability, 1e-9)), 3.0)

    mark = chance, decade(chance)
    curve = _over(0.0, 1.0, decade)
    return LessonPlot(
        0.0, 1.0, 0.0, 3.0, "probability of the right token", "perplexity", (curve,), mark, decades=True
    )


def _chances(chance: float, steps: int) -> LessonPlot:
    """The chance of a task by its number of steps."""
    most = float(max(2 * steps, 2))
    curve = _over(0.0, most, lambda x: all_steps(chance, round(x)))
    mark = float(steps), all_steps(chance, steps)
    return LessonPlot(0.0, most, 0.0, 1.0, "steps", "all of them right", (curve,), mark)
