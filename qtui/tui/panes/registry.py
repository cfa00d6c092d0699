"""The panes by command name, imported on first visit; and what is known of them before that."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from qtui.scenario.base import PANE_NAMES
from qtui.tui.keymap import APP, COMMON, IN_CLASS, Action, Actions
from qtui.tui.widgets.strip import Views

if TYPE_CHECKING:
    from qtui.tui.pane import Pane

# command -> (key, title, where the class is)
PANES: dict[str, tuple[str, str, str]] = {
    "mem": ("1", "Memory", "qtui.tui.panes.memory.pane:MemoryPane"),
    "bits": ("2", "Bits", "qtui.tui.panes.bits.pane:BitsPane"),
    "quantize": ("3", "Quantizer", "qtui.tui.panes.quantizer.pane:QuantizerPane"),
    "errors": ("4", "Errors", "qtui.tui.panes.errors.pane:ErrorsPane"),
    "quality": ("5", "Quality", "qtui.tui.panes.quality.pane:QualityPane"),
}

# Panes without a tab of their own: command -> (whose tab is marked, where the class is)
FURTHER: dict[str, tuple[str, str]] = {
    "plan": ("errors", "qtui.tui.panes.plan.pane:PlanPane"),
    "tour": ("", "qtui.tui.panes.tour.pane:TourPane"),
    "welcome": ("", "qtui.tui.panes.welcome.pane:WelcomePane"),  # before all tabs
}


def tab_of(command: str) -> str:
    """The pane whose tab stands for `command`."""
    return FURTHER[command][0] if command in FURTHER else command


def pane_class(command: str) -> type[Pane[Any, Any]]:
    """The class of the pane that shows `command`."""
    where = FURTHER[command][1] if command in FURTHER else PANES[command][2]
    module, _, name = where.partition(":")
    pane: type[Pane[Any, Any]] = getattr(importlib.import_module(module), name)
    return pane


class PaneKeys(NamedTuple):
    """What stands in a pane's `keys.py`."""

    views: Views
    actions: Actions
    view_actions: Mapping[str, Actions]


def title_of(command: str) -> str:
    """The title of the pane that shows `command`."""
    return PANES[command][1] if command in PANES else command.capitalize()


def keys_of(command: str) -> PaneKeys:
    """Views and actions of the pane that shows `command`, without loading it."""
    where = FURTHER[command][1] if command in FURTHER else PANES[command][2]
    keys = importlib.import_module(f"{where.partition(':')[0].rpartition('.')[0]}.keys")
    return PaneKeys(keys.VIEWS, keys.ACTIONS, keys.VIEW_ACTIONS)


# The app's own actions: a key for each pane, and what it can do everywhere.
APP_ACTIONS: Actions = (
    *(
        Action(f"app.{PANE_NAMES.get(command, command)}", f"{key},f{key}", f"to {title}", f"pane('{command}')")
        for command, (key, title, _) in PANES.items()
    ),
    *APP,
)


def action_named(name: str) -> Action:
    """The action with the id `name`; what a pane shares with others may be named after it: "bits.format".

    Raises KeyError where there is none.
    """
    where, _, rest = name.partition(".")
    everywhere = where in ("pane", "move")
    commands = [command for command in (*PANES, *FURTHER) if everywhere or where == PANE_NAMES.get(command, command)]
    listed = [*APP_ACTIONS, *IN_CLASS, *COMMON]
    for keys in map(keys_of, commands):
        listed += [*keys.actions, *(action for actions in keys.view_actions.values() for action in actions)]
    known = {action.id: action for action in listed}
    return known[name] if name in known else known[f"pane.{rest}"]
