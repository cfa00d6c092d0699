"""The key help: every key of the app and of the present pane."""

from __future__ import annotations

import textwrap
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from qtui.draw.picture import Line, Picture, line
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
    ("Ctrl+L", "repaint a screen that others have written on"),
    ("Ctrl+Z", "suspend; fg brings it back"),
    ("q  Ctrl+Q  Ctrl+C", "quit; Ctrl+C first copies what is selected"),
)


class HelpScreen(Dialog[None]):
    """Lists keys until any closing key."""

    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen > PictureView {
        width: 78; max-width: 100%; max-height: 100%; border: round $primary; padding: 0 1;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter,space", "dismiss(None)", "close"),
        Binding("up", "scroll(-1)", "up"),
        Binding("down", "scroll(1)", "down"),
        Binding("pageup", "scroll(-10)", "up"),
        Binding("pagedown", "scroll(10)", "down"),
        Binding("home", "scroll(-1000)", "first"),
        Binding("end", "scroll(1000)", "last"),
    ]

    def __init__(self, title: str, keys: Hints) -> None:
        super().__init__()
        self._heading = title
        self._keys = keys

    def compose(self) -> ComposeResult:
        """One scrolling picture."""
        yield PictureView(lambda width, _: self._picture(width))

    def on_resize(self, event: events.Resize) -> None:
        """As tall as the list, where the window is; else the border says that there is more."""
        view = self.query_one(PictureView)
        rows = len(self._picture(min(78, event.size.width) - 4)) + 2
        view.styles.height = min(rows, event.size.height)
        more = "up and down scroll, " if rows > event.size.height else ""
        view.border_subtitle = f"{more}Escape closes"

    def _picture(self, width: int) -> Picture:
        rows: list[Line] = []
        for heading, keys in ((self._heading, self._keys), ("Everywhere", EVERYWHERE)):
            rows.append(line((heading, "strong")))
            wide = max((len(key) for key, _ in keys), default=0)
            for key, what in keys:
                first, *rest = textwrap.wrap(what, max(width - wide - 4, 20)) or [""]
                rows.append(line("  ", (key.ljust(wide), "key"), f"  {first}"))
                rows += [line(" " * (wide + 4), more) for more in rest]
            rows.append(())
        return tuple(rows[:-1])

    def action_scroll(self, by: int) -> None:
        """Scroll the list."""
        self.query_one(PictureView).scroll_relative(y=by, animate=False)
