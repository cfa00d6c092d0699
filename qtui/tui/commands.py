"""The command palette: everything the app can be asked to do, by name.

A list of our own instead of Textual's palette, which sends some 40 KB to open and marks its choice by colour only.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from qtui.tui.keymap import Actions, Keymap
from qtui.tui.pane import Pane
from qtui.tui.widgets.picker import Picker


class Listed(NamedTuple):
    """One thing to do: its name, a word on it, and the action, of the app or (`of_pane`) of the present pane."""

    title: str
    what: str
    action: str
    of_pane: bool = False


def entries(
    app: Actions, pane: Pane[Any, Any] | None, themes: tuple[tuple[str, str], ...], keymap: Keymap
) -> list[Listed]:
    """What can be done now, with `pane` on show and `themes` (name, words) on offer; `app` are the app's actions."""
    can: list[Listed] = []
    if pane is not None:
        can += [Listed(f"View: {title}", "", f"view('{name}')", of_pane=True) for name, title in pane.VIEWS]
    for action in (*app, *(pane.actions if pane is not None else ())):
        if not action.id.startswith("move."):
            words = action.help if action.help not in ("", action.title) else ""
            can.append(
                Listed(action.title, f"{keymap.text(action)}  {words}", action.action, of_pane=action not in app)
            )
    return can + [Listed(f"Theme: {name}", what, f"theme('{name}')") for name, what in themes]


class CommandPalette(Picker):
    """Lists the actions, narrows them down, and returns the number of one."""

    def __init__(self, listed: list[Listed]) -> None:
        wide = max(len(action.title) for action in listed) + 2
        titles = [f"{action.title:<{wide}}{action.what}" for action in listed]
        super().__init__("Commands", [str(i) for i in range(len(listed))], titles, "0", width=76)
