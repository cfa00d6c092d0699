"""The command palette: everything the app can be asked to do, by name.

A list of our own instead of Textual's palette, which sends some 40 KB to open and marks its choice by colour only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from qtui.tui.panes.registry import PANES

if TYPE_CHECKING:
    from qtui.tui.app import QtuiApp


class Command(NamedTuple):
    """One thing to do: its name, a word on it, and the action, of the app or (`of_pane`) of the present pane."""

    title: str
    what: str
    action: str
    of_pane: bool = False


def commands(app: QtuiApp) -> list[Command]:
    """What can be done now."""
    found = [Command(f"Go to {title}", f"key {key}", f"pane('{name}')") for name, (key, title, _) in PANES.items()]
    if app.pane is not None:
        found += [Command(title, what, action, of_pane=True) for title, what, action in app.pane.COMMANDS]
    found += [
        Command("Copy as command", "key y: the command line that reopens this state", "copy_command"),
        Command("Undo", "key u: take the last change back", "undo"),
        Command("Redo", "key U: take the last undo back", "redo"),
        Command("Cancel work", "Escape", "cancel"),
    ]
    found += [Command(f"Theme: {name}", what, f"theme('{name}')") for name, what in app.appearance.on_offer]
    if not app.settings.kiosk:
        found += [
            Command("Save picture", "key s: an SVG of the screen", "save_svg"),
            Command("Suspend", "Ctrl+Z: back to the shell for a while", "suspend_process"),
        ]
    found += [
        Command("Keys", "key ?: every key of this pane", "help"),
        Command("Quit", "key q", "quit"),
    ]
    return found


def show_commands(app: QtuiApp) -> None:
    """List the commands, narrow them down, run one."""
    from qtui.tui.widgets.picker import Picker

    listed = commands(app)
    wide = max(len(command.title) for command in listed) + 2
    titles = [f"{command.title:<{wide}}{command.what}" for command in listed]

    def chosen(number: str | None) -> None:
        if number is not None:
            command = listed[int(number)]
            namespace = app.pane if command.of_pane and app.pane is not None else app
            app.call_later(app.run_action, command.action, namespace)

    app.push_screen(Picker("Commands", [str(i) for i in range(len(listed))], titles, "0", width=76), chosen)
