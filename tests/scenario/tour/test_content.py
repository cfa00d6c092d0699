"""What the tour and the lessons that come with it cover."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from qtui.scenario.base import UserError
from qtui.scenario.tour.load import SHIPPED, LessonError, load_lesson
from qtui.scenario.tour.prediction import answered, prediction_of

CAPABILITIES = range(1, 26)


def test_everything_that_the_tour_promises_is_taught() -> None:
    tour = load_lesson("")
    taught = {capability for step in tour.steps for capability in step.capabilities}
    assert taught == set(CAPABILITIES)
    assert len(tour.chapters) == 7
    kinds = Counter(step.kind for step in tour.steps)
    assert kinds["do"] >= 10 and kinds["predict"] >= 8 and kinds["look"] >= 4 and kinds["review"] == 2
    assert 35 <= sum(step.seconds for step in tour.steps) / 60 <= 45


@pytest.mark.parametrize("name", [name for name in SHIPPED if name])
def test_lessons_take_steps_of_the_tour(name: str) -> None:
    lesson = load_lesson(name)
    tour = load_lesson("").steps
    own = [step for step in lesson.steps if step not in tour]
    assert own and len(own) < len(lesson.steps)


def test_a_step_that_the_tour_does_not_have(tmp_path: Path) -> None:
    path = tmp_path / "lesson.toml"
    path.write_text('title = "x"\n\n[[step]]\nuse = "nothing"\n')
    with pytest.raises(LessonError, match=r"lesson.toml:4: the tour has no step 'nothing'"):
        load_lesson(str(path))
    path.write_text('title = "x"\n\n[[step]]\nuse = "a-byte"\ntitle = "mine"\n')
    with pytest.raises(LessonError, match="nothing but `use`"):
        load_lesson(str(path))


@pytest.mark.parametrize(
    ("text", "value"),
    [("4/15", 0.2667), ("0,2667", 0.2667), (" 12.5 ", 12.5), ("1,000", 1000), ("−3", -3), ("1,000/8", 125)],
)
def test_a_number_may_be_written_in_several_ways(text: str, value: float) -> None:
    step = next(step for step in load_lesson("").steps if step.id == "review-grid")
    assert float(answered(prediction_of(step), text)) == value


@pytest.mark.parametrize("text", ["", "x", "1/0", "1/", "nan", "1,2,3", "1/2/3"])
def test_what_is_no_number_is_no_answer(text: str) -> None:
    step = next(step for step in load_lesson("").steps if step.id == "review-grid")
    with pytest.raises(UserError, match="answer with a number"):
        answered(prediction_of(step), text)
