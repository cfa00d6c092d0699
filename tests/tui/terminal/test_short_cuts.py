"""The short cuts do what Textual would have done, in fewer messages."""

from __future__ import annotations

from typing import Any

import pytest
from textual import events
from textual.geometry import Region
from textual.message_pump import MessagePump

from qtui.tui.app import QtuiApp
from qtui.tui.chrome import TabStrip
from qtui.tui.terminal.short_cuts import do_what_is_bound, is_text, redraw_soon
from qtui.tui.widgets.entry import Entry
from qtui.tui.widgets.view import PictureView
from tests.support.screens import scenario_of, settle

PANES = ["mem 8B", "bits 0.1", "quantize", "errors"]


@pytest.mark.parametrize("command", PANES)
@pytest.mark.parametrize("dialog", [False, True])
async def test_every_key_finds_the_same_actions_in_the_same_order(
    command: str, dialog: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = QtuiApp(scenario_of(command))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        if dialog:
            await pilot.press("question_mark")
            await settle(pilot)
        asked: list[tuple[str, Any]] = []

        async def refused(action: str, namespace: Any = None, namespaces: Any = None) -> bool:
            asked.append((action, namespace))
            return False  # so that all that might be done is asked for

        monkeypatch.setattr(app, "run_action", refused)
        keys = {key for _, bindings in app.screen._binding_chain for key in bindings.key_to_bindings}
        assert len(keys) > 20
        for key in sorted(keys | {"f9", "ö"}):
            asked.clear()
            await app._check_bindings(key, priority=True)
            await app._check_bindings(key)
            theirs = list(asked)
            asked.clear()
            assert not await do_what_is_bound(app, events.Key(key, None))
            assert asked == theirs, key
        monkeypatch.undo()


async def test_the_first_that_is_done_ends_it() -> None:
    app = QtuiApp(scenario_of("mem 8B"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert await do_what_is_bound(app, events.Key("t", "t"))
        assert app.pane is not None and app.pane.scenario.view == "terms"
        assert not await do_what_is_bound(app, events.Key("f9", None))


async def test_a_redraw_takes_no_message_and_paints_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    app = QtuiApp(scenario_of("bits 0.1"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        view = app.query_one("#bits-inspect", PictureView)
        told: list[str] = []
        dispatch = MessagePump._on_message

        async def noted(pump: MessagePump, message: Any) -> None:
            told.append(type(message).__name__)
            await dispatch(pump, message)

        painted: list[set[Region]] = []
        refresh = type(app.screen)._compositor_refresh

        def seen(screen: Any) -> None:
            painted.append(set(screen._compositor._dirty_regions))
            refresh(screen)

        monkeypatch.setattr(type(app.screen), "_compositor_refresh", seen)
        monkeypatch.setattr(MessagePump, "_on_message", noted)
        region = Region(0, 3, view.room.width, 2)
        redraw_soon(view, region)
        await settle(pilot)
        ours = [regions for regions in painted if regions]
        assert "Update" not in told
        painted.clear()
        view.refresh(region)
        await settle(pilot)
        assert ours == [regions for regions in painted if regions]


async def test_what_is_not_on_show_is_refreshed_as_textual_does() -> None:
    app = QtuiApp(scenario_of("bits 0.1"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        hidden = app.query_one("#bits-line", PictureView)
        redraw_soon(hidden)
        await settle(pilot)
        assert hidden not in app.screen._dirty_widgets


async def test_text_and_what_comes_behind_it_wait_for_the_input() -> None:
    app = QtuiApp(scenario_of("mem 8B"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert not is_text(app, events.Key("c", "c"))
        await pilot.press("c")
        await settle(pilot)
        entry = app.focused
        assert isinstance(entry, Entry)
        assert is_text(app, events.Key("9", "9")) and not is_text(app, events.Key("enter", "\r"))
        entry.post_message(events.Key("9", "9"))
        assert is_text(app, events.Key("enter", "\r"))  # not before the 9 is in the field
        await settle(pilot)
        assert entry.value == "9"


@pytest.mark.parametrize("keys", ["c 1 6 k enter t", "m escape c 1 6 k enter t", "t g c 1 6 k enter t"])
async def test_keys_that_come_all_at_once_are_taken_in_order(keys: str) -> None:
    app = QtuiApp(scenario_of("mem 8B"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        for key in keys.split():
            app.post_message(events.Key(key, key if len(key) == 1 else "\r" if key == "enter" else None))
        await settle(pilot)
        assert app.pane is not None
        assert (app.pane.scenario.ctx, app.pane.scenario.view) == (16384, "terms")


async def test_keys_behind_a_bad_text_are_commands_too() -> None:
    app = QtuiApp(scenario_of("mem 8B"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        for key in ("c", "x", "enter", "t"):
            app.post_message(events.Key(key, key if len(key) == 1 else "\r"))
        await settle(pilot)
        assert app.pane is not None and app.pane.scenario.ctx == 8192 and app.pane.scenario.view == "terms"


@pytest.mark.parametrize("tabs", [False, True])
@pytest.mark.parametrize(("keys", "shown"), [("right f2", "bits"), ("f3 m f2", "bits"), ("f4 f1 f3", "quantize")])
async def test_the_last_of_many_keys_says_where_one_is(keys: str, shown: str, tabs: bool) -> None:
    """However quickly the pane of the last key but one was asked for, by a link or the strip of tabs."""
    app = QtuiApp(scenario_of("mem 8B"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        if tabs:
            app.screen.set_focus(app.query_one(TabStrip))
        for key in keys.split():
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await settle(pilot)
        assert app.pane is not None and app.pane.scenario.command == shown
