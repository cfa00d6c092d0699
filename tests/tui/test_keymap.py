"""One key, one meaning, in the whole app; and keys are written as a person writes them."""

import importlib
import pkgutil
import re
import string
from collections import defaultdict

import pytest
from textual.binding import Binding
from textual.dom import DOMNode

import qtui.tui
from qtui.tui.app import QtuiApp
from qtui.tui.keylist import keys_of
from qtui.tui.keymap import COMMON, Action, Keymap, key_name, key_text
from qtui.tui.panes.registry import FURTHER, PANES, pane_class
from qtui.tui.widgets.strip import ViewStrip, _stretch
from tests.support.screens import settle

TAKEN = {"ctrl+a": "screen", "ctrl+b": "tmux"}


def own_classes() -> list[type[DOMNode]]:
    """Every class of the app, its panes and widgets that may have keys."""
    for module in pkgutil.walk_packages(qtui.tui.__path__, "qtui.tui."):
        importlib.import_module(module.name)
    kinds: list[type[DOMNode]] = []
    waiting: list[type[DOMNode]] = [DOMNode]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        kinds += [kind] if kind.__module__.startswith("qtui.") else []
    return kinds


def all_bindings() -> list[tuple[str, Binding]]:
    """All of them, with the names of their classes."""
    return [
        (kind.__name__, binding)
        for kind in own_classes()
        for binding in Binding.make_bindings(vars(kind).get("BINDINGS", ()))
    ]


def test_a_key_has_one_meaning() -> None:
    meanings: dict[str, set[str]] = defaultdict(set)
    for _, binding in all_bindings():
        meanings[binding.key].add(binding.description)
    assert {key: titles for key, titles in meanings.items() if len(titles) > 1} == {}
    assert len(meanings) > 60


def test_every_binding_is_an_action_with_a_name_that_no_other_meaning_has() -> None:
    titles: dict[str, set[str]] = defaultdict(set)
    for where, binding in all_bindings():
        assert binding.id and "." in binding.id, (where, binding)
        titles[binding.id].add(binding.description)
    assert {name: several for name, several in titles.items() if len(several) > 1} == {}


def test_no_key_is_one_that_a_terminal_multiplexer_takes() -> None:
    assert [binding for _, binding in all_bindings() if binding.key in TAKEN] == []


@pytest.mark.parametrize("command", [*PANES, *FURTHER])
def test_what_a_pane_declares_is_what_it_binds(command: str) -> None:
    keys, pane = keys_of(command), pane_class(command)
    assert keys == (pane.VIEWS, pane.ACTIONS, pane.VIEW_ACTIONS)
    bound = {(binding.id, binding.action) for _, binding in all_bindings()}
    for action in (*keys.actions, *COMMON, *(a for actions in keys.view_actions.values() for a in actions)):
        assert (action.id, action.action) in bound
    assert set(keys.view_actions) <= {name for name, _ in keys.views}


def test_every_action_is_one_that_its_class_has() -> None:
    for kind in own_classes():
        for binding in Binding.make_bindings(vars(kind).get("BINDINGS", ())):
            name = binding.action.partition("(")[0]
            where = QtuiApp if name.startswith("app.") else kind
            assert hasattr(where, f"action_{name.removeprefix('app.')}"), (kind.__name__, binding.key, name)


def test_a_character_and_its_name_belong_together() -> None:
    for character in string.punctuation + "aZ5é":
        if character != ",":  # which parts keys
            (binding,) = Binding.make_bindings([Binding(character, "something")])
            assert binding.key == key_name(character)
        assert key_text(key_name(character)) == character


def test_names_of_keys() -> None:
    written = {"ctrl+G": "ctrl+g", "PageUp": "pageup", "F5": "f5", "shift+left": "shift+left", "question_mark": None}
    for text, name in written.items():
        assert key_name(text) == (name or text)
    assert [key_text(key) for key in ("ctrl+p", "pageup", "enter", "f5")] == ["Ctrl+P", "PgUp", "Enter", "F5"]
    for wrong in ("nokey", "control+x", "ctrl+nokey", ""):
        with pytest.raises(ValueError, match=f"^{re.escape(wrong)}$"):
            key_name(wrong)


def test_the_shown_key_is_the_persons() -> None:
    action = Action("some.thing", "b", "something")
    assert Keymap({}).text(action) == "b" and Keymap({"some.thing": "ctrl+g,x"}).text(action) == "Ctrl+G"


@pytest.mark.parametrize("room", [3, 8, 14, 40])
def test_the_present_view_is_always_on_the_strip(room: int) -> None:
    widths, first = [5, 9, 7, 3, 12, 6], 0
    for at in (0, 3, 5, 4, 1, 0, 5, 0):
        first, last = _stretch(widths, at, first, room)
        assert first <= at < last and (sum(widths[first:last]) <= room or last - first == 1)


async def test_the_strip_and_the_key_line_can_be_clicked() -> None:
    app = QtuiApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        strip = app.frame.query_one(ViewStrip)
        row = "".join(text for text, _ in strip.row(80))
        assert row.startswith("[Plans]") and row.endswith("v view ")
        await pilot.click("#views", offset=(row.index("Speed") + 1, 0))
        await settle(pilot)
        assert app.pane is not None and app.pane.view == "speed"
        await pilot.click("#views", offset=(row.index("v view"), 0))
        await settle(pilot)
        assert app.pane.view == "here"
        keys = "".join(text for text, _ in app.frame.query_one("#keys").row(80))  # type: ignore[attr-defined]
        await pilot.click("#keys", offset=(keys.index("m model"), 0))
        await settle(pilot)
        assert len(app.screen_stack) == 2
