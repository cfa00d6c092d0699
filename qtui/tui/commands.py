"""The command palette: everything the app can be asked to do, by name.

A list of our own instead of Textual's palette, which sends some 40 KB to open and marks its choice by colour only.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from qtui.tui.pane import Pane
from qtui.tui.panes.registry import PANES
from qtui.tui.widgets.picker import Picker


class Action(NamedTuple):
    """One thing to do: its name, a word on it, and the action, of the app or (`of_pane`) of the present pane."""

    title: str
    what: str
    action: str
    of_pane: bool = False


def actions(pane: Pane[Any, Any] | None, themes: tuple[tuple[str, str], ...], kiosk: bool) -> list[Action]:
    """What can be done now, with `pane` on show and `themes` (name, words) on offer."""
    can = [Action(f"Go to {title}", f"key {key}", f"pane('{name}')") for name, (key, title, _) in PANES.items()]
    if pane is not None:
        can += [Action(title, what, action, of_pane=True) for title, what, action in pane.COMMANDS]
    can += [
        Action("Explain", "key e: what is shown, its terms, something to try", "explain"),
        Action("Copy as command", "key y: the command line that reopens this state", "copy_command"),
        Action("Undo", "key u: take the last change back", "undo"),
        Action("Redo", "key U: take the last undo back", "redo"),
        Action("Cancel work", "Escape", "cancel"),
    ]
    can += [Action(f"Theme: {name}", what, f"theme('{name}')") for name, what in themes]
    if not kiosk:
        can += [
            Action("Save picture", "key s: an SVG of the screen", "save_svg"),
            Action("Suspend", "Ctrl+Z: back to the shell for a while", "suspend_process"),
        ]
    return [*can, Action("Keys", "key ?: every key of this pane", "help"), Action("Quit", "key q", "quit")]


class CommandPalette(Picker):
    """Lists the actions, narrows them down, and returns the number of one."""

    def __init__(self, listed: list[Action]) -> None:
        wide = max(len(action.title) for action in listed) + 2
        titles = [f"{action.title:<{wide}}{action.what}" for action in listed]
        super().__init__("Commands", [str(i) for i in range(len(listed))], titles, "0", width=76)
