"""All actions with their keys: what `[keys]` of the configuration may change, and what `qtui --keys` lists."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from qtui.error import near_matches
from qtui.scenario.base import PANE_NAMES
from qtui.tui.keymap import APP, COMMON, IN_CLASS, Action, Actions, Keymap, key_name, key_text
from qtui.tui.panes.registry import FURTHER, PANES, keys_module
from qtui.tui.widgets.strip import Views


class PaneKeys(NamedTuple):
    """What stands in a pane's `keys.py`."""

    views: Views
    actions: Actions
    view_actions: Mapping[str, Actions]


def keys_of(command: str) -> PaneKeys:
    """Views and actions of the pane that shows `command`, without loading it."""
    keys = importlib.import_module(keys_module(command))
    return PaneKeys(keys.VIEWS, keys.ACTIONS, keys.VIEW_ACTIONS)


# What goes to each pane, by its command.
PANE_ACTIONS: dict[str, Action] = {
    command: Action(f"app.{PANE_NAMES.get(command, command)}", f"{key},f{key}", f"go to {name}", f"pane('{command}')")
    for command, (key, name, _) in PANES.items()
}
# The app's own actions: a key for each pane, and what it can do everywhere.
APP_ACTIONS: Actions = (*PANE_ACTIONS.values(), *APP)


def action_named(name: str) -> Action:
    """The action with the id `name`; what a pane shares with others may be named after it: "bits.format".

    Raises KeyError where there is none.
    """
    where, _, rest = name.partition(".")
    everywhere = where in ("pane", "move")
    commands = [command for command in (*PANES, *FURTHER) if everywhere or where == PANE_NAMES.get(command, command)]
    listed = [*APP_ACTIONS, *IN_CLASS, *COMMON]
    for keys in map(keys_of, commands):
        listed += [*keys.actions, *(action for actions in keys.view_actions.values() for action in actions)]
    known = {action.id: action for action in listed}
    return known[name] if name in known else known[f"pane.{rest}"]


class KeyRow(NamedTuple):
    """One action: where it is, and its keys as Textual names them."""

    id: str
    keys: tuple[str, ...]
    title: str
    panes: tuple[str, ...]  # () for the whole app


def declared() -> Iterator[tuple[str, Action]]:
    """Every action with the pane that declares it, "" for the app; shared ones come once for each pane."""
    yield from (("", action) for action in (*APP_ACTIONS, *IN_CLASS, *COMMON))
    for command in (*PANES, *FURTHER):
        keys = keys_of(command)
        for action in (*keys.actions, *(action for part in keys.view_actions.values() for action in part)):
            yield PANE_NAMES.get(command, command), action


def key_rows(keymap: Keymap) -> list[KeyRow]:
    """Every action once, with the keys that it has in `keymap`."""
    panes: dict[str, list[str]] = {}
    actions: dict[str, Action] = {}
    for pane, action in declared():
        actions.setdefault(action.id, action)
        listed = panes.setdefault(action.id, [])
        if pane and pane not in listed:
            listed.append(pane)
    everywhere = {action.id for action in (*APP_ACTIONS, *IN_CLASS, *COMMON)}
    return [
        KeyRow(name, keymap.keys(action), action.title, () if name in everywhere else tuple(panes[name]))
        for name, action in actions.items()
    ]


def checked(given: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Of the keys in a configuration those that can be used, by id; and a sentence about each of the others."""
    actions: dict[str, Action] = {}
    for _, action in declared():
        actions.setdefault(action.id, action)  # as the app has it; the tour has some before an empty field
    taken: dict[str, str] = {}
    wrong: list[str] = []
    for name, text in given.items():
        try:
            taken[name] = _keys(actions, name, text)
        except ValueError as error:
            wrong.append(f"[keys] {name}: {error}")
    while True:
        twice = _second_meaning(actions, taken)
        if twice is None:
            return taken, wrong
        name, key, title = twice
        wrong.append(f"[keys] {name}: {key_text(key)} is the key of '{title}' already")
        del taken[name]


def _keys(actions: Mapping[str, Action], name: str, text: str) -> str:
    """`text` as Textual names keys. Raises ValueError with what is wrong."""
    if name not in actions:
        near = near_matches(name, actions, 1, 0.6)
        raise ValueError(f"there is no such action; {f'did you mean {near[0]}?' if near else 'see qtui --keys'}")
    names = []
    for part in text.split(",") if text.strip() != "," else [text]:
        try:
            key = key_name(part)
        except ValueError:
            raise ValueError(f"there is no key {part.strip()!r}; keys are written as in b, ?, ctrl+g, f5") from None
        if actions[name].priority and len(key_text(key)) == 1:
            raise ValueError(f"{key_text(key)} is needed for typing; take a key with ctrl or alt")
        names.append(key)
    return ",".join(names)


def _second_meaning(actions: Mapping[str, Action], taken: dict[str, str]) -> tuple[str, str, str] | None:
    """The first changed action with a key that means something else as well: its id, the key, the other meaning."""
    keymap = Keymap(taken)
    meanings: dict[str, list[Action]] = {}
    for action in actions.values():
        for key in keymap.keys(action):
            meanings.setdefault(key, []).append(action)
    for name in reversed(taken):
        for key in keymap.keys(actions[name]):
            others = [other.title for other in meanings[key] if other.title != actions[name].title]
            if others:
                return name, key, others[0]
    return None
