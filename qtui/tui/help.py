"""The help: every key of the present pane and of the app, and what the pane's words mean."""

from __future__ import annotations

import textwrap

from qtui.draw.picture import Line, Picture, line
from qtui.tui.pane import Hints
from qtui.tui.widgets.dialog import ScrollingDialog
from qtui.words.load import terms_of


def words_of(pane: str) -> Hints:
    """The terms of art that `pane` shows, each with its plain word and what it means."""
    return tuple((term.name, f"{term.plain}. {term.text}") for term in terms_of(pane))


EVERYWHERE: Hints = (
    ("1 2 3 4", "go to a pane (F1 to F4 also while typing)"),
    ("Tab  Shift+Tab", "next, previous control; the strip of panes is one of them"),
    ("left  right", "change a choice; Enter lists its values"),
    ("u  U", "undo, redo"),
    ("y", "copy this state as a command line"),
    ("s", "save a picture of the screen (SVG)"),
    ("Escape", "cancel work in progress"),
    ("Ctrl+P", "command palette"),
    ("e", "explain: what is shown, its terms, something to try"),
    ("?", "this help"),
    ("Ctrl+L", "repaint a screen that others have written on"),
    ("Ctrl+Z", "suspend; fg brings it back"),
    ("q  Ctrl+Q  Ctrl+C", "quit; Ctrl+C first copies what is selected"),
)


class HelpScreen(ScrollingDialog):
    """Lists keys until any closing key."""

    def __init__(self, title: str, keys: Hints, words: Hints = ()) -> None:
        super().__init__()
        self._words = words
        self._heading = title
        self._keys = keys

    def picture(self, width: int) -> Picture:
        """The pane's keys, those of the whole app, and the words."""
        rows: list[Line] = []
        for heading, keys in ((self._heading, self._keys), ("Everywhere", EVERYWHERE), ("Words", self._words)):
            if not keys:
                continue
            rows.append(line((heading, "strong")))
            wide = max((len(key) for key, _ in keys), default=0)
            for key, what in keys:
                first, *rest = textwrap.wrap(what, max(width - wide - 4, 20)) or [""]
                rows.append(line("  ", (key.ljust(wide), "key"), f"  {first}"))
                rows += [line(" " * (wide + 4), more) for more in rest]
            rows.append(())
        return tuple(rows[:-1])
