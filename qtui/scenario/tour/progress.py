"""What the tour keeps on disk: how far a person is in each lesson, and where a presentation stands.

Progress is one small file of qtui's state: the step they are at, the steps done, and what they predicted. One that
can't be read counts as none, and is kept beside the new one. A second file, which the app that presents writes at
every step, is what a second terminal with the speaker's notes looks at.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from qtui import paths
from qtui.scenario.tour.lesson import TourLesson
from qtui.scenario.tour.load import load_lesson
from qtui.scenario.tour.scenario import TourScenario

VERSION = 1
FILE = "tour.json"
PRESENTATION_FILE = "presentation.json"
MOST_LESSONS = 100


@dataclass
class TourProgress:
    """`step` counts from 1, 0 before the first; `done` are ids of steps, `answers` what was predicted by id."""

    step: int = 0
    done: set[str] = field(default_factory=set)
    answers: dict[str, str] = field(default_factory=dict)

    def done_of(self, lesson: TourLesson) -> int:
        """How many steps of `lesson` are done."""
        return sum(step.id in self.done for step in lesson.steps)


def load_progress(lesson: str = "") -> TourProgress:
    """What has been done of the lesson of that name."""
    return _of(_read().get(lesson))


def save_progress(lesson: str, progress: TourProgress) -> None:
    """Keep `progress`; that of other lessons stays. Raises OSError."""
    lessons = {name: value for name, value in _read().items() if name != lesson}
    if len(lessons) >= MOST_LESSONS:
        del lessons[next(iter(lessons))]
    lessons[lesson] = {"step": progress.step, "done": sorted(progress.done), "answers": progress.answers}
    text = json.dumps({"version": VERSION, "lessons": lessons}, indent=1)
    paths.write_own(paths.state_file(FILE), f"{text}\n")


def resumed(scenario: TourScenario) -> TourScenario:
    """`scenario` at the step where its lesson was left, unless it names one. Raises UserError."""
    if scenario.step or scenario.chapter:
        return scenario
    lesson = load_lesson(scenario.lesson)
    step = lesson.clamped(load_progress(lesson.name).step)
    return TourScenario(scenario.lesson, step, present=scenario.present)


def _read() -> dict[str, Any]:
    """The lessons in the file, by name; none where it can't be read."""
    path = paths.state_file(FILE)
    try:
        data = json.loads(paths.read_small(path))
        if isinstance(data, dict) and data.get("version") == VERSION and isinstance(data.get("lessons"), dict):
            return dict(data["lessons"])
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError):
        pass
    paths.set_aside(path, "damaged")
    return {}


def _of(data: Any) -> TourProgress:
    """`data` as progress, as far as it is any."""
    progress = TourProgress()
    if not isinstance(data, dict):
        return progress
    step, done, answers = data.get("step"), data.get("done"), data.get("answers")
    if type(step) is int and step >= 0:
        progress.step = step
    if isinstance(done, list):
        progress.done = {item for item in done if isinstance(item, str)}
    if isinstance(answers, dict):
        progress.answers = {key: value for key, value in answers.items() if isinstance(value, str)}
    return progress


@dataclass(frozen=True)
class Presentation:
    """The lesson, the step on show, and when the presentation began, in seconds since 1970."""

    lesson: str
    step: int
    began: float


def tell_presentation(presentation: Presentation) -> None:
    """Say where the presentation stands. Raises OSError."""
    paths.write_own(paths.state_file(PRESENTATION_FILE), json.dumps(asdict(presentation)) + "\n")


def presentation_now() -> Presentation | None:
    """Where it stands, None where none was begun or the file can't be read."""
    try:
        data = json.loads(paths.read_small(paths.state_file(PRESENTATION_FILE)))
        lesson, step, began = data["lesson"], data["step"], data["began"]
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
    if not isinstance(lesson, str) or type(step) is not int or not isinstance(began, int | float):
        return None
    return Presentation(lesson, step, float(began))
