"""Writing a lesson from the app: what is on show becomes a step of a lesson's file."""

from __future__ import annotations

import os

from qtui.error import QtuiError
from qtui.scenario.base import Scenario, command_line
from qtui.scenario.tour.write import add_step, shown_by
from qtui.scenario.welcome.scenario import WelcomeScenario
from qtui.tui.widgets.line_dialog import LineDialog


class DraftDialog(LineDialog):
    """Asks which file the step is added to."""

    def __init__(self, path: str) -> None:
        super().__init__(
            "Add what is on show to a lesson: which file?",
            path,
            placeholder="mine.toml",
            more="A file that there is keeps all that is in it. Enter adds; Esc closes.",
        )


def added(path: str, scenario: Scenario, failure: str) -> tuple[str, str]:
    """Add a step that shows `scenario` to the lesson at `path`; what to say of it, and in which role.

    Nothing is added where `failure` says why the scenario can't be solved, nor from the welcome.
    """
    name = os.path.basename(path) or path
    if failure:
        return f"not added to lesson {name}: {failure}", "bad"
    if scenario.command == WelcomeScenario.command:
        return f"not added to lesson {name}: a step shows a pane, and the welcome is none", "warn"
    try:
        step = add_step(path, shown_by(command_line(scenario)))
    except OSError as error:
        return f"can't write {name}: {error.strerror}", "bad"
    except QtuiError as error:
        return str(error).replace(path, name), "bad"
    return f"added to lesson {name}: {step}; `qtui tour --check {name}` names the rest", ""
