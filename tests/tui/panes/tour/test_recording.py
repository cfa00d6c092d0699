"""The whole tour as it is said: every step at its beginning and at its end, without the picture of its pane.

What the panes draw is theirs to change; what the tour says around them is recorded, in a window of 80 columns.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from qtui.draw.glyphs import UNICODE
from qtui.draw.picture import Line, line, text
from qtui.draw.tour.text import ask, body, header
from qtui.scenario.tour.load import SHIPPED, load_lesson
from qtui.scenario.tour.panes import scenario_of
from qtui.scenario.tour.result import TourResult
from qtui.scenario.tour.scenario import TourScenario
from qtui.tui.panes.tour.player import texts_of
from tests.support.pictures import agreed

COLUMNS = 80


def recording(name: str) -> Iterator[Line]:
    lesson = load_lesson(name)
    for number, step in enumerate(lesson.steps, start=1):
        chapter = lesson.chapter_of(number)
        result = TourResult(
            scenario=TourScenario(name, number),
            lesson=lesson,
            step=step,
            number=number,
            chapter=lesson.chapters[chapter - 1],
            chapter_number=chapter,
            inner=scenario_of(step.show),
            shown=None,
            met=None,
            worths={},
            prediction=None,
        )
        states = [texts for texts, _ in texts_of(step)]
        yield header(result, False, COLUMNS, UNICODE)
        for texts in (states[0], states[1]):
            yield from body(result, texts, COLUMNS, UNICODE)
            yield line(f"[ {step.after if texts.answer and step.after else step.show} ]")
            yield from ask(result, texts, COLUMNS, UNICODE)
        yield ()


@pytest.mark.parametrize("lesson", SHIPPED)
def test_what_the_tour_says(lesson: str) -> None:
    assert agreed(f"tour-{lesson or 'whole'}", text(recording(lesson)) + "\n")
