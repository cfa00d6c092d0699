"""`qtui tour`: the app on a step of the tour or of a lesson; its steps as a list; and the proofs of a lesson."""

from __future__ import annotations

import argparse
import sys
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

from qtui.cli.command import Command
from qtui.cli.config import load as load_config
from qtui.cli.output import tell, write, write_json
from qtui.cli.progress import reporting
from qtui.cli.terminal import look_of
from qtui.draw.picture import Picture, line
from qtui.scenario.progress import Progress
from qtui.scenario.tour.check import Mistake, mistakes_in
from qtui.scenario.tour.json import json_object, listing, step_object
from qtui.scenario.tour.lesson import TourLesson
from qtui.scenario.tour.load import load_lesson
from qtui.scenario.tour.progress import Presentation, presentation_now, resumed
from qtui.scenario.tour.scenario import TourScenario
from qtui.scenario.tour.solve import step_of
from qtui.words.load import glossary

if TYPE_CHECKING:
    from qtui.cli.terminal import Look
    from qtui.draw.glyphs import Glyphs
    from qtui.scenario.tour.result import TourResult

POLL_EVERY = 0.5  # seconds
EPILOG = """examples:
  qtui tour                   where you left it, or from the beginning
  qtui tour --step 3          one step of it
  qtui tour --chapter 1       a chapter
  qtui tour --list            what it covers
  qtui tour --check           proves every number in it

For a class: `--present` in one terminal, `--notes` in a second one. `--lesson FILE` plays a lesson of your own, and
`--check FILE` names every mistake in it with its line. A lesson is TOML; `python -m pydoc qtui.lessons` describes it,
and `qtui lesson add FILE -- COMMAND` adds a step that shows what COMMAND shows."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the tour does besides opening a step."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--list", action="store_true", help="list the steps")
    group.add_argument(
        "--check", nargs="?", const="", default=None, metavar="FILE", help="prove what a lesson states (the tour's)"
    )
    group.add_argument("--notes", action="store_true", help="the speaker's notes, following a presentation")


def run(args: argparse.Namespace) -> int | None:
    """Do what the options ask for; None where a step is to be shown."""
    if args.check is not None:
        return check(load_lesson(args.check or args.lesson), args.json)
    if args.notes:
        return follow(args)
    if args.list:
        lesson = load_lesson(args.lesson)
        write_json(listing(lesson)) if args.json else write(list_text(lesson))
        return 0
    return None


def check(lesson: TourLesson, as_json: bool) -> int:
    """Name every mistake in a lesson, and say how many steps were proved; the exit status."""
    mistakes = list(mistakes_in(lesson, glossary())) or on_screen(lesson)
    if as_json:
        write_json({"steps": len(lesson.steps), "mistakes": [mistake._asdict() for mistake in mistakes]})
    for mistake in mistakes if not as_json else ():
        tell(str(mistake))
    if not as_json and not mistakes:
        write(f"{lesson.title}: {len(lesson.steps)} step{'s' * (len(lesson.steps) != 1)}, all proved")
    return 1 if mistakes else 0


def on_screen(lesson: TourLesson) -> list[Mistake]:
    """What does not hold when the lesson is played."""
    from qtui.tui.panes.tour.proof import played  # the app

    with reporting(Progress(), sys.stderr) as progress:
        return played(lesson, progress)


def follow(args: argparse.Namespace) -> int:
    """Print the notes of the step that is presented, and of each one after it until Ctrl+C; as JSON once."""
    last: Presentation | None = None
    if args.json:
        here = presentation_now()
        write_json({} if here is None else notes_object(here))
        return 0
    if presentation_now() is None:
        tell("qtui tour: the notes come as `qtui tour --present` in another terminal shows the steps; Ctrl+C ends")
    while True:
        here = presentation_now()
        if here is not None and here != last:
            print_notes(here, look_of(args, load_config()))
            last = here
        time.sleep(POLL_EVERY)


def notes_object(here: Presentation) -> dict[str, Any]:
    """The notes of a step, for programs."""
    from qtui.tui.panes.tour.player import prose  # Textual

    scenario = TourScenario(here.lesson, here.step)
    lesson = load_lesson(here.lesson)
    step = step_of(scenario)
    return {
        **step_object(step, here.step, lesson.chapters[lesson.chapter_of(here.step) - 1].title),
        "notes": prose(step, step.notes),
    }


def print_notes(here: Presentation, how: Look) -> None:
    """The notes of a step, with the time and how long it has gone on."""
    from qtui.cli.pictures import print_picture  # Rich
    from qtui.draw.tour.text import notes
    from qtui.scenario.tour.solve import solve as solve_tour
    from qtui.tui.panes.tour.player import texts_of  # Textual

    result = solve_tour(TourScenario(here.lesson, here.step), Progress())
    texts, _ = next(iter(texts_of(result.step)))
    clock = f"{datetime.now():%H:%M}  {int(time.time() - here.began) // 60} min"

    def draw(shown: TourResult, width: int, glyphs: Glyphs) -> Picture:
        rule = line((glyphs.horizontal * min(width, 72), "axis"))
        return (rule, line((clock, "dim")), *notes(shown, texts, min(width, 72)))

    print_picture(draw, result, how)
    sys.stdout.flush()


def list_text(lesson: TourLesson) -> str:
    """A line a step, under its chapter."""
    rows: list[str] = []
    for number, step in enumerate(lesson.steps, start=1):
        chapter = lesson.chapter_of(number)
        if number == lesson.first_of(chapter):
            rows += [*([""] if rows else []), f"{chapter}  {lesson.chapters[chapter - 1].title}"]
        rows.append(f"{number:>4}  {step.title:<44} {step.kind:<8} {step.seconds:>3} s")
    minutes = round(sum(step.seconds for step in lesson.steps) / 60)
    return "\n".join([*rows, "", f"{len(lesson.steps)} steps, about {minutes} minutes"])


def solve(scenario: TourScenario, progress: Progress) -> TourResult:
    """The step."""
    from qtui.scenario.tour.solve import solve as solve_tour

    return solve_tour(scenario, progress)


def picture(result: TourResult, width: int, glyphs: Glyphs) -> Picture:
    """The step's text, printed."""
    from qtui.draw.tour.text import printed_step

    return printed_step(result, width, glyphs)


COMMAND = Command(
    scenario=TourScenario,
    epilog=EPILOG,
    solve=solve,
    json_object=json_object,
    picture=picture,
    extra_arguments=arguments,
    run=run,
    opens_app=True,
    app_scenario=resumed,
)
