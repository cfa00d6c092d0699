"""The key help: every key of the app and of the present pane."""

from __future__ import annotations

import textwrap
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from qtui.draw.picture import Picture, line
from qtui.tui.pane import Hints
from qtui.tui.widgets.dialog import Dialog
from qtui.tui.widgets.view import PictureView

EVERYWHERE: Hints = (
    ("1 2 3 4", "go to a pane (F1 to F4 also while typing)"),
    ("Tab  Shift+Tab", "next, previous control; the strip of panes is one of them"),
    ("left  right", "change a choice; Enter lists its values"),
    ("u  U", "undo, redo"),
    ("y", "copy this state as a command line"),
    ("s", "save a picture of the screen (SVG)"),
    ("Escape", "cancel work in progress"),
    ("Ctrl+P", "command palette"),
    ("?", "this help"),
    ("q  Ctrl+Q", "quit"),
)


class HelpScreen(Dialog[None]):
    """Lists keys until any closing key."""

    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen > PictureView {
        width: 78; max-width: 100%; height: 22; max-height: 100%; border: round $primary; padding: 0 1;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter,space", "dismiss(None)", "close"),
        Binding("up", "scroll(-1)", "up"),
        Binding("down", "scroll(1)", "down"),
        Binding("pageup", "scroll(-10)", "up"),
        Binding("pagedown", "scroll(10)", "down"),
    ]

    def __init__(self, title: str, keys: Hints) -> None:
        super().__init__()
        self._heading = title
        self._keys = keys

    def compose(self) -> ComposeResult:
        """One scrolling picture."""
        yield PictureView(self._picture)

    def _picture(self, width: int, height: int) -> Picture:
        rows = []
        for heading, keys in ((self._heading, self._keys), ("Everywhere", EVERYWHERE)):
            rows.append(line((heading, "strong")))
            wide = max((len(key) for key, _ in keys), default=0)
            for key, what in keys:
                first, *rest = textwrap.wrap(what, max(width - wide - 4, 20)) or [""]
                rows.append(line("  ", (key.ljust(wide), "key"), f"  {first}"))
                rows += [line(" " * (wide + 4), more) for more in rest]
            rows.append(())
        return (*rows, line(("Escape or ? closes", "dim")))

    def action_scroll(self, by: int) -> None:
        """Scroll the list."""
        self.query_one(PictureView).scroll_relative(y=by, animate=False)
