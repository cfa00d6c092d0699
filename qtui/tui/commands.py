"""The palette: every pane, action and term by name. What it offers comes from providers (`offers.py`).

A list of our own instead of Textual's palette, which sends some 40 KB to open and marks its choice by colour only.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from textual.app import App

from qtui.paths import write_atomically
from qtui.tui.host import Host
from qtui.tui.widgets.picker import Picker

TITLE = 30  # cells of a title before its description
WIDTH = 78


class Offer(NamedTuple):
    """An entry of the palette: its name, a few words on it, its effect, and other names for it."""

    title: str
    what: str
    run: Callable[[Host], Awaitable[None]]
    also: str = ""


class Names(NamedTuple):
    """What an offer is found by, in lower case; `begins` has the words of its title and its other names."""

    title: str
    what: str
    begins: str

    @classmethod
    def of(cls, title: str, what: str, also: str = "") -> Names:
        """The names of an offer."""
        return cls(title.lower(), what.lower(), f" {title.lower()} {also}".translate(_BREAKS))


def rank(words: Sequence[str], names: Names) -> int | None:
    """How well `words`, in lower case, name an offer; less is better, None where a word is in neither text.

    A title that is or begins with what was typed comes first, then one with words that begin so, or its other names
    have them, then one that has it somewhere, and last what has it in the words on it.
    """
    begins = True
    for word in words:
        if f" {word}".translate(_BREAKS) not in names.begins:
            begins = False
            if word not in names.title and word not in names.what:
                return None
    typed = " ".join(words)
    if names.title == typed:
        return 0
    if names.title.startswith(typed):
        return 1
    if begins:
        return 2
    return 3 if all(word in names.title for word in words) else 4


_BITS = re.compile(r"(?<=\d)(?=bits?\b)")  # "4bit" is 4-bit
_BREAKS = str.maketrans("-_:/(", "     ")


class CommandPalette(Picker):
    """Lists the offers, narrows them down, and returns the number of one."""

    PLACEHOLDER = "a view, an action, a format, a model, a machine, a word"

    def __init__(self, offers: Sequence[Offer]) -> None:
        titles = [f"{offer.title:<{TITLE}} {offer.what}".rstrip() for offer in offers]
        super().__init__("Everything by name", [str(i) for i in range(len(offers))], titles, "0", width=WIDTH)
        self._offers = offers
        self._names: list[Names] = []  # of the offers, once something is typed

    def matches(self, typed: str) -> tuple[tuple[str, str], ...]:
        """The offers that the typed words name, the best first."""
        words = _BITS.sub("-", typed.lower()).split()
        if not words:
            return self._rows
        self._names = self._names or [Names.of(offer.title, offer.what, offer.also) for offer in self._offers]
        ranked = [(rank(words, names), i) for i, names in enumerate(self._names)]
        best = sorted((place, i) for place, i in ranked if place is not None)
        return tuple(self._rows[i] for _, i in best)


def open_palette(app: App[int], host: Host, offers: Sequence[Offer]) -> None:
    """Show the palette over the pane, and do what is taken."""

    def chosen(number: str | None) -> None:
        if number is not None:
            app.call_later(offers[int(number)].run, host)

    app.push_screen(CommandPalette(offers), chosen)


def save_picture(app: App[int], command: str) -> tuple[str, str]:
    """Save the screen as an SVG in the working directory; what to say of it, and in which role."""
    name = f"qtui-{command}-{datetime.now():%Y%m%d-%H%M%S}.svg"
    try:
        write_atomically(name, app.export_screenshot())
    except OSError as error:
        return f"could not save {name}: {error.strerror}; start qtui in a folder you can write to", "bad"
    return f"saved {name}", ""
