"""Adds a step to a lesson's file: a skeleton that shows a pane's state, for its writer to fill in."""

from __future__ import annotations

import os
import shlex

from qtui import paths
from qtui.scenario.base import Scenario, UserError
from qtui.scenario.tour.load import read_lesson
from qtui.scenario.tour.panes import line_of, scenario_of, tour_scenario_of
from qtui.scenario.tour.scenario import TourScenario
from qtui.scenario.tour.solve import inner_scenario, step_of

NEW = 'title = "{title}"\n'
TITLE = "A new step"
TEXT = "What is there to see, and why:\nfour to six lines, none of them long."
STEP = """
[[{header}]]
id = "{id}"
title = "{title}"
kind = "look"
text = '''
{text}
'''
show = {show}
"""


def add_step(path: str, shown: Scenario, title: str = "") -> str:
    """Add a step that shows `shown` to the lesson at `path`, a new one where there is none; its id.

    Raises UserError for a file that is no lesson; OSError where it can't be written.
    """
    text = ""
    known: set[str] = set()
    if os.path.exists(path):
        if os.path.isdir(path):
            raise UserError(f"{path} is a folder; name the file of one of its chapters")
        known = {step.id for step in read_lesson(path, path).steps}
        text = paths.read_small(path)
    name = next(f"step-{number}" for number in range(1, len(known) + 2) if f"step-{number}" not in known)
    stem = os.path.splitext(os.path.basename(path))[0].replace("-", " ").replace("_", " ")
    header = "chapter.step" if "[[chapter]]" in text else "step"
    step = STEP.format(
        header=header, id=name, title=_quoted(title or TITLE), text=TEXT, show=_literal(line_of(shown))
    )
    head = text.rstrip("\n") + "\n" if text else NEW.format(title=_quoted(stem.capitalize()))
    paths.write_atomically(path, head + step)
    return name


def shown_by(command: str) -> Scenario:
    """The pane's state that a command opens; of a step of a lesson, what its pane shows.

    Raises UserError where it opens none that a step can show.
    """
    words = shlex.split(command)
    if TourScenario.command not in words[:2]:
        return scenario_of(command)
    step = tour_scenario_of(command)
    return inner_scenario(step_of(step), step.state)


def _quoted(text: str) -> str:
    """`text` as it stands in a basic string of TOML."""
    plain = "".join(character if character.isprintable() else " " for character in text)
    return plain.replace("\\", "\\\\").replace('"', '\\"')


def _literal(text: str) -> str:
    return f'"{_quoted(text)}"'
