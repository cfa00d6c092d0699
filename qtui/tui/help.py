"""The help: every key of the present pane and of the app, and what the pane's words mean."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from qtui.compute.cache import Cache
from qtui.draw.picture import Line, Picture, line
from qtui.tui.host import host_of
from qtui.tui.keylist import APP_ACTIONS
from qtui.tui.keymap import (
    COMMON,
    CONTROLS,
    LEFT,
    RIGHT,
    TAKE,
    Action,
    Actions,
    Keymap,
    grouped,
    key_text,
)
from qtui.tui.pane import Pane
from qtui.tui.widgets.dialog import ScrollingDialog
from qtui.words.load import terms_of

Rows = tuple[tuple[str, str], ...]  # keys or words, and what they mean


def words_of(pane: str) -> Rows:
    """The terms of art that `pane` shows, each with its plain word and what it means."""
    return tuple((term.name, f"{term.plain}. {term.text}") for term in terms_of(pane))


def fields(keymap: Keymap) -> Rows:
    """Keys of the controls."""
    while_typing = [key for action in APP_ACTIONS for key in keymap.keys(action) if re.fullmatch(r"f\d+", key)]
    return (
        (keymap.texts(CONTROLS), "next, previous control; the strip of panes is one of them"),
        (keymap.texts((LEFT, RIGHT)), f"change a choice; {keymap.text(TAKE)} lists its values"),
        *((((" ".join(map(key_text, while_typing))), "go to a pane, also while typing"),) if while_typing else ()),
    )


def key_rows(actions: Iterable[Action], keymap: Keymap) -> Rows:
    """Keys and what they do; actions with the same words share a row."""
    groups = grouped(actions, lambda action: action.help or action.title)
    return tuple((keymap.texts(group), words) for group, words in groups)


def part_picture(heading: str, rows: Rows, width: int) -> Picture:
    """A heading, and rows of keys or words with what they mean; those that take over a third stand in a row alone."""
    wide = max((len(key) for key, _ in rows if len(key) <= width // 3), default=0)
    room = max(width - wide - 4, 20)
    drawn: list[Line] = [line((heading, "strong"))] if heading else []
    for key, what in rows:
        first, *rest = textwrap.wrap(what, room) if len(what) > room else [what]
        if len(key) > wide:
            drawn.append(line("  ", (key, "key")))
            key = ""
        drawn.append(line("  ", (key.ljust(wide), "key"), f"  {first}"))
        drawn += [line(" " * (wide + 4), more) for more in rest]
    return tuple(drawn)


_DRAWN: Cache[Picture] = Cache(64)  # parts, by all that stands in them


class HelpScreen(ScrollingDialog):
    """Lists keys until any closing key."""

    def __init__(self, pane: Pane[Any, Any], actions: Actions) -> None:
        """`actions` are the app's."""
        super().__init__()
        self._pane = pane
        self._actions = actions

    def _parts(self) -> Iterator[tuple[str, Rows]]:
        """Headings with their rows: the view on show, the pane, its other views, the whole app, the words."""
        pane, keymap = self._pane, host_of(self).keymap
        if pane.hosted_by is not None:
            yield pane.hosted_by.title, key_rows(pane.hosted_by.ACTIONS, keymap)
        titles = dict(pane.VIEWS)
        here = pane.VIEW_ACTIONS.get(pane.view, ())
        yield f"{pane.title or 'Pane'}: {titles.get(pane.view, '')}".removesuffix(": "), key_rows(here, keymap)
        yield pane.title or "Pane", key_rows(pane.ACTIONS, keymap)
        others: dict[Actions, list[str]] = {}
        for name, title in pane.VIEWS:
            others.setdefault(pane.VIEW_ACTIONS.get(name, ()), []).append(title)
        for actions, names in others.items():
            if actions != here:
                yield ", ".join(names), key_rows(actions, keymap)
        everywhere = (action for action in (*COMMON, *self._actions) if action not in CONTROLS)
        yield "Everywhere", (*key_rows(everywhere, keymap), *fields(keymap))
        yield "Words", words_of(pane.scenario.pane_name)

    def picture(self, width: int) -> Picture:
        """The pane's keys, those of the whole app, and the words."""
        parts = [_DRAWN.get((*part, width), partial(part_picture, *part, width)) for part in self._parts() if part[1]]
        return tuple(row for i, part in enumerate(parts) for row in (*(((),) if i else ()), *part))
