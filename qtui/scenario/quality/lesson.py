"""The lessons' numbers and sentences, from their sliders."""

from __future__ import annotations

from qtui.compute.lm.lessons import all_steps, gpqa_intervals
from qtui.compute.lm.perplexity import normal_kl_divergence, perplexity
from qtui.scenario.quality.result import Lesson
from qtui.scenario.quality.scenario import QualityScenario


def lesson(scenario: QualityScenario) -> Lesson:
    """The lesson that the Scenario asks for."""
    if scenario.lesson == "divergence":
        value = normal_kl_divergence(scenario.shift, scenario.width)
        sentence = (
            "The two lie on each other: nothing is lost."
            if value < 5e-7
            else (f"Believing the second bell where the first is true costs {value:.3f} nats.")
        )
        return Lesson("divergence", value, sentence)
    if scenario.lesson == "perplexity":
        value = perplexity([scenario.chance])
        return Lesson(
            "perplexity",
            value,
            f"A right token held {100 * scenario.chance:.4g} % likely is perplexity {value:.4g}: like guessing among "
            f"{value:.4g} tokens.",
        )
    if scenario.lesson == "steps":
        value = all_steps(scenario.chance, scenario.steps)
        return Lesson(
            "steps",
            value,
            f"Each of {scenario.steps:,} steps right with {100 * scenario.chance:.4g} %: all of them with "
            f"{100 * value:.3g} %.",
        )
    intervals = gpqa_intervals()
    return Lesson(
        "noise",
        intervals[0].share,
        "198 questions, 95 % intervals: 16, 8 and 4 bits overlap, so their order is noise. Only 2 bits differ.",
        intervals,
    )
