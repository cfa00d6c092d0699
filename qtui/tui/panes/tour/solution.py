"""Keys in the prose of steps, and the keys of a solution."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from textual import events

from qtui.scenario.base import UserError
from qtui.scenario.tour.prose import is_action
from qtui.tui.keylist import action_named
from qtui.tui.keymap import Keymap, key_name, key_text
from qtui.tui.pane import Pane

SHOW_EVERY = 0.7  # seconds between two keys that are shown
DECLARED = Keymap({})  # the keys as they are declared
_REPEATED = re.compile(r"(.*\S)\s*\*\s*(\d+)")


def key_of(action: str, keymap: Keymap = DECLARED) -> str:
    """Textual's name of the key of an action. Raises UserError where there is none of that id."""
    try:
        return keymap.keys(action_named(action))[0]
    except KeyError:
        raise UserError(f"there is no action {action!r}") from None


def shown(key: str) -> str:
    """A key as it is written in prose: "Left", "Shift+Left", "+"."""
    text = key_text(key)
    return text if len(text) == 1 else "+".join(part[:1].upper() + part[1:] for part in text.split("+"))


def keys_of(solution: tuple[str, ...], keymap: Keymap = DECLARED) -> Iterator[str]:
    """Textual's names of the keys of a solution, one by one. Raises UserError."""
    for item in solution:
        if item.startswith("type "):
            yield from (key_name(character) for character in item.removeprefix("type "))
            continue
        match = _REPEATED.fullmatch(item)
        name, times = (match[1], int(match[2])) if match else (item, 1)
        name = name.strip("{}")
        yield from [key_of(name, keymap) if is_action(name) else name] * times


def key_event(key: str) -> events.Key:
    """The event that pressing `key` is."""
    written = " " if key == "space" else key_text(key)
    return events.Key(key, written if len(written) == 1 else None)


def press_slowly(pane: Pane[Any, Any], names: list[str], wanted: Callable[[], bool]) -> None:
    """Press the keys one after the other, for all to see, as long as they are `wanted`; each is named on the way."""

    def press() -> None:
        if wanted():
            event = key_event(names[0])
            event.set_sender(pane.app)
            pane.app.post_message(event)
            pane.say(f"shown: {shown(names[0])}", "key")
            press_slowly(pane, names[1:], wanted)

    if names:
        pane.set_timer(SHOW_EVERY, press)
