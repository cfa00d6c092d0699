"""The tour's keys. What the pane in the middle does with others is in that pane's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from qtui.tui.keylist import PANE_ACTIONS
from qtui.tui.keymap import COPY, HELP, QUIT, RESET, RESTORE, TAKE, Action, Actions
from qtui.tui.widgets.strip import Views

VIEWS: Views = ()
# Before a field for an answer, as long as nothing is typed there.
ACTIONS: Actions = (
    replace(TAKE.does("turn(1, True)", "next", "next step"), priority=True),
    Action("tour.back", "backspace,left_parenthesis", "step before", "turn(-1)", "back", priority=True),
    Action("tour.next", "right_parenthesis", "next step", "turn(1)", priority=True),
    replace(HELP.does("help", "hint", "a hint, then another, then it is shown"), priority=True),
    replace(RESET.does("reset", "reset", "the step from its beginning"), priority=True),
    Action(
        "tour.present",
        "vertical_line",
        "for a class",
        "present",
        help="large headings and a clock, or not",
        priority=True,
    ),
    replace(QUIT.does("leave", help="leave the tour; it goes on from here another time"), priority=True),
    COPY.does("app.copy_command", "copy", "copy this step as a command line"),
)
# The app's, named in the key line where no answer is typed.
TO_PANES: Actions = tuple(
    action.does(f"app.{action.action}", "panes", "leave the tour for a pane, from where a key comes back")
    for action in PANE_ACTIONS.values()
)
ANSWER: Actions = (RESTORE.does("leave"),)
VIEW_ACTIONS: Mapping[str, Actions] = {}


def actions(hints: bool, asks: bool) -> Actions:
    """The keys of a step with or without hints; before an answer digits are text."""
    listed = tuple(action for action in ACTIONS if hints or action.id != HELP.id)
    return listed if asks else (*listed, *TO_PANES)
