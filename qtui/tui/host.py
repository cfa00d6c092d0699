"""What the panes and widgets know of the app around them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from rich.style import Style
from textual.dom import DOMNode
from textual.screen import Screen

from qtui.draw.glyphs import ASCII, UNICODE, Glyphs
from qtui.draw.picture import Span
from qtui.scenario.base import Scenario
from qtui.tui.keymap import Action, Actions, Keymap
from qtui.tui.themes import Appearance


@dataclass(frozen=True)
class Settings:
    """What the person asked of the app as a whole, for one run: how to draw, not what to compute."""

    theme: str = "dark"  # a palette of qtui.draw.roles, or one of Textual's themes
    ascii: bool = False
    mouse: bool = True
    kiosk: bool = False  # for strangers: nothing is written, and no way leads out of the app
    idle: float = 0  # seconds without a key after which the app leaves; 0 for never
    folders: tuple[str, ...] = ()  # whose files a kiosk may open
    welcome: bool = False  # begin with the welcome where nothing was left
    pane: str = ""  # the pane to open on; "" for the one that was left
    machine: str = ""  # the machine that memory is compared with, where a scenario leaves it open
    notice: str = ""  # what to say first
    draft: str = ""  # the file of a lesson to which the copied state is added
    keys: Mapping[str, str] = field(default_factory=dict)  # ids of actions whose keys the person has changed

    @property
    def glyphs(self) -> Glyphs:
        """The characters to draw with."""
        return ASCII if self.ascii else UNICODE


class Host(Protocol):
    """The app, as panes and widgets know it."""

    settings: Settings
    keymap: Keymap
    appearance: Appearance

    @property
    def pane(self) -> Any:
        """The pane on show, None before the first one."""

    @property
    def note(self) -> Span | None:
        """What the end of the first row says in place of the program's name, None for nothing."""

    @property
    def actions(self) -> Actions:
        """What the app itself can do now."""

    @property
    def smallest(self) -> tuple[int, int]:
        """Columns and rows of a window in which the pane on show can be used."""

    def style(self, role: str) -> Style:
        """What a role looks like in the present theme."""

    def say(self, text: str, role: str = "") -> None:
        """Write to the status line."""

    def unsay(self, text: str) -> None:
        """Take `text` off the status line, unless there is a newer message."""

    def follow(self) -> None:
        """Bring the strip of views and the key line in line with the pane on show."""

    def copy(self, text: str, name: str = "") -> None:
        """Copy to the terminal's clipboard, and show what was copied, or only its `name`."""

    def scenario_of(self, command: str) -> Scenario | None:
        """What the pane of `command` shows, None before its first visit."""

    async def perform(self, action: Action) -> None:
        """Do what the keys of `action` do, wherever the keyboard is."""

    def show_dialog(self, dialog: Screen[None]) -> None:
        """Show a dialog over the pane."""

    def refused_in_kiosk(self) -> bool:
        """Whether this is a kiosk, which refuses the action; the refusal is shown."""

    async def open_first(self) -> None:
        """Open the first pane, once the screen has its frame."""

    async def open_pane(self, scenario: Scenario) -> None:
        """Show the pane of `scenario` at that state."""

    async def action_pane(self, command: str) -> None:
        """Go to a pane, as it was left."""


def host_of(node: DOMNode) -> Host:
    """The app that `node` belongs to."""
    return cast(Host, node.app)
