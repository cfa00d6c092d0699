"""Keys in the prose of steps, and the keys of a solution."""

from __future__ import annotations

import re
from collections.abc import Iterator

from textual import events
from textual.keys import _character_to_key

from qtui.scenario.base import UserError
from qtui.scenario.tour.prose import is_action

KEYS = {
    "move.left": "left",
    "move.right": "right",
    "move.up": "up",
    "move.down": "down",
    "move.far_left": "shift+left",
    "move.far_right": "shift+right",
    "move.far_up": "shift+up",
    "move.far_down": "shift+down",
    "pane.mark": "space",
    "pane.take": "enter",
    "pane.more": "plus",
    "pane.less": "minus",
}
_REPEATED = re.compile(r"(.*\S)\s*\*\s*(\d+)")


def key_of(action: str) -> str:
    """Textual's name of the key of an action. Raises UserError where there is none of that id."""
    if action not in KEYS:
        raise UserError(f"there is no action {action!r}")
    return KEYS[action]


def shown(key: str) -> str:
    """A key as it is written on a screen."""
    return key


def keys_of(solution: tuple[str, ...]) -> Iterator[str]:
    """Textual's names of the keys of a solution, one by one. Raises UserError."""
    for item in solution:
        if item.startswith("type "):
            yield from (_character_to_key(character) for character in item.removeprefix("type "))
            continue
        match = _REPEATED.fullmatch(item)
        name, times = (match[1], int(match[2])) if match else (item, 1)
        name = name.strip("{}")
        yield from [key_of(name) if is_action(name) else name] * times


def key_event(key: str) -> events.Key:
    """The event that pressing `key` is."""
    character = key if len(key) == 1 else {"space": " "}.get(key)
    return events.Key(key, character)
