"""The tour's predictions as questions to a class."""

from __future__ import annotations

from qtui.error import QtuiError
from qtui.scenario.base import Scenario
from qtui.scenario.tour.lesson import LETTERS
from qtui.scenario.tour.prediction import prediction_of
from qtui.scenario.tour.scenario import TourScenario
from qtui.scenario.tour.solve import step_of
from qtui.teach.messages import Ask


def step_at(scenario: Scenario | None) -> tuple[str, str]:
    """The lesson and the step that a Scenario shows, empty where it shows none."""
    if not isinstance(scenario, TourScenario):
        return "", ""
    try:
        return scenario.lesson, step_of(scenario).id
    except QtuiError:
        return "", ""


def ask_at(scenario: Scenario) -> Ask | None:
    """What the step that a Scenario shows asks, None if it asks nothing."""
    if not isinstance(scenario, TourScenario):
        return None
    try:
        step = step_of(scenario)
        if step.question is None:
            return None
        prediction = prediction_of(step)
    except QtuiError:
        return None
    right = LETTERS.index(prediction.letter) if prediction.letter else -1
    truth = f"{prediction.truth:g} {prediction.unit}".strip() if prediction.truth is not None else ""
    return Ask(prediction.ask, prediction.answers, right, truth, shown=True)


def choice_of(text: str) -> int:
    """The choice that was typed as a letter, -1 for none."""
    letter = text.strip().lower()
    return LETTERS.index(letter) if len(letter) == 1 and letter in LETTERS else -1
