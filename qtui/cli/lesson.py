"""`qtui lesson`: writing lessons of one's own, a step at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qtui.cli.command import Command
from qtui.draw.picture import Picture, line
from qtui.error import QtuiError
from qtui.scenario.base import Scenario, UserError, argument, option, shell_command
from qtui.scenario.progress import Progress
from qtui.scenario.tour.panes import kind_of
from qtui.scenario.tour.write import add_step, shown_by

if TYPE_CHECKING:
    from qtui.draw.glyphs import Glyphs

EPILOG = """examples:
  qtui lesson add mine.toml -- qtui bits 1.5 -f bf16     a step that shows what this command shows

In `qtui --lesson-draft mine.toml` the key that copies the present state (y) also adds it to the lesson as a step.
The step is a skeleton: its text, and a goal or a question, are yours to write. `qtui tour --check mine.toml` names
what is missing, `qtui tour --lesson mine.toml` plays it."""
ACTIONS = ("add",)


@dataclass(frozen=True)
class LessonScenario(Scenario):
    """What is to be done to which lesson."""

    command = "lesson"

    action: str = argument("", "add: add a step", metavar="add")
    file: str = argument("", "the lesson, which is made where there is none", metavar="FILE")
    state: tuple[str, ...] = argument((), "the command of what the step shows", metavar="COMMAND", many=True)
    title: str = option("", "the step's title", metavar="TEXT")


@dataclass(frozen=True)
class LessonResult:
    """The step that was added."""

    file: str
    step: str


def solve(scenario: LessonScenario, progress: Progress) -> LessonResult:
    """Add the step, once its command has been run. Raises UserError."""
    if scenario.action not in ACTIONS or not scenario.file or not scenario.state:
        raise UserError("say what to add to which lesson: qtui lesson add FILE -- COMMAND")
    words = scenario.state
    command = words[0] if len(words) == 1 else shell_command(words)
    shown = shown_by(command)
    try:
        kind_of(shown.command).solve(shown, progress)
    except (QtuiError, OSError) as error:
        raise UserError(f"{command!r} can't be shown: {error}") from None
    try:
        return LessonResult(scenario.file, add_step(scenario.file, shown, scenario.title))
    except OSError as error:
        raise UserError(f"can't write {scenario.file}: {error.strerror}") from None


def json_object(result: LessonResult) -> dict[str, Any]:
    """The step that was added."""
    return {"file": result.file, "step": result.step}


def picture(result: LessonResult, width: int, glyphs: Glyphs) -> Picture:
    """One line on what was done."""
    check = shell_command(("qtui", "tour", "--check", result.file))
    return (line(f"{result.file}: ", (result.step, "strong"), f" added; write its text, then {check}"),)


def app_scenario(scenario: LessonScenario) -> Scenario:
    """Lessons are written by hand. Raises UserError."""
    raise UserError("a lesson is a file to edit; `qtui tour --lesson FILE` plays it")


COMMAND = Command(
    scenario=LessonScenario,
    epilog=EPILOG,
    solve=solve,
    json_object=json_object,
    picture=picture,
    app_scenario=app_scenario,
)
