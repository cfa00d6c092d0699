"""The welcome's keys. The letters of its doors are typed as in a list, and are bound to nothing."""

from __future__ import annotations

from collections.abc import Mapping

from qtui.tui.keymap import DOWN, OPEN, TAKE, UP, Actions
from qtui.tui.widgets.strip import Views

VIEWS: Views = ()
ACTIONS: Actions = (
    UP.does("walk(-1)", "choose", "mark a door; or type its letter"),
    DOWN.does("walk(1)", "choose", "mark a door; or type its letter"),
    TAKE.does("take", "open", "open the marked door"),
    OPEN.does("door('look')", "look inside a file", "look inside a model file"),
)
VIEW_ACTIONS: Mapping[str, Actions] = {}
