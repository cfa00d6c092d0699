"""What the tour shows: a step, where it stands in its lesson, and what its pane shows by now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qtui.scenario.base import Scenario
from qtui.scenario.tour.lesson import TourChapter, TourLesson, TourStep
from qtui.scenario.tour.prediction import Prediction
from qtui.scenario.tour.scenario import TourScenario


@dataclass(frozen=True)
class TourResult:
    """`number` and `chapter_number` count from 1. `shown` is the Result of `inner`, the pane's state.

    `met`: whether the step's goal is met there; None where it has none. `prediction` is there where the
    step asks for one.
    """

    scenario: TourScenario
    lesson: TourLesson
    step: TourStep
    number: int
    chapter: TourChapter
    chapter_number: int
    inner: Scenario
    shown: Any
    met: bool | None
    prediction: Prediction | None

    @property
    def total(self) -> int:
        """Steps of the lesson."""
        return len(self.lesson.steps)

    @property
    def following(self) -> TourStep | None:
        """The next step; None at the end."""
        return self.lesson.steps[self.number] if self.number < self.total else None
