"""Keys: each is dispatched by Textual once the one before has had its effects, and takes one frame."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.screen import Screen
from textual.widget import Widget

from qtui.tui.app import QtuiApp
from qtui.tui.chrome import TabStrip
from qtui.tui.terminal.keys import PATIENCE
from qtui.tui.widgets.view import PictureView
from tests.support.screens import scenario_of, settle


class Hearing(Widget, can_focus=True):
    """Takes x for itself, is stuck in z until its release, and leaves the other keys to whoever wants them."""

    DEFAULT_CSS = "Hearing { height: 1; }"

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []
        self.release = asyncio.Event()

    async def on_key(self, event: events.Key) -> None:
        self.heard.append(event.key)
        if event.key == "x":
            event.stop()
        if event.key == "z":
            await self.release.wait()


async def hearing(app: QtuiApp) -> Hearing:
    """A widget with a handler of its own that has the keyboard."""
    widget = Hearing()
    await app.frame.mount(widget)
    app.screen.set_focus(widget)
    return widget


async def test_a_widget_hears_its_keys() -> None:
    app = QtuiApp(scenario_of("mem 8B"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        widget = await hearing(app)
        await pilot.press("x", "t", "f2")
        await settle(pilot)
        assert widget.heard == ["x", "t", "f2"]
        assert app.pane is not None and app.pane.scenario.command == "bits"


async def test_a_key_that_never_ends_holds_the_next_one_up_for_a_moment_only() -> None:
    app = QtuiApp(scenario_of("mem 8B"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        widget = await hearing(app)
        app.post_message(events.Key("z", "z"))
        app.post_message(events.Key("ctrl+p", None))
        await asyncio.sleep(0.1)
        assert app.keys.busy and len(app.screen_stack) == 1
        await asyncio.sleep(PATIENCE + 0.5)
        assert len(app.screen_stack) == 2
        widget.release.set()


@pytest.mark.parametrize("keys", ["c 1 6 k enter v v", "m escape c 1 6 k enter v v", "v V c 1 6 k enter v v"])
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
        for key in ("c", "x", "enter", "v", "v"):
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


def painted(app: QtuiApp, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The updates of the screen from now on."""
    frames: list[Any] = []
    display = app._display

    def noted(screen: Screen[Any], update: Any) -> None:
        if update is not None:
            frames.append(update)
        display(screen, update)

    monkeypatch.setattr(app, "_display", noted)
    return frames


@pytest.mark.parametrize(
    ("command", "before", "key"),
    [
        ("mem Qwen3-8B", [], "right"),
        ("mem Qwen3-8B", ["c"], "up"),  # the field changes first, and what follows from it five messages later
        ("bits 0.1", [], "space"),
        ("bits 0.1", ["d"], "5"),
        ("quantize", [], "minus"),
    ],
)
async def test_all_that_a_key_does_is_one_frame(
    command: str, before: list[str], key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = QtuiApp(scenario_of(command))
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await pilot.press(*before)
        await settle(pilot)
        frames = painted(app, monkeypatch)
        await pilot.press(key)
        await settle(pilot)
        assert len(frames) == 1


async def test_a_picture_that_fails_ends_the_app_with_a_report(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    app = QtuiApp(scenario_of("bits 0.7"))
    with pytest.raises(ZeroDivisionError):
        async with app.run_test(size=(80, 24)) as pilot:
            await settle(pilot)
            view = app.query_one("#bits-inspect", PictureView)
            view._strip = lambda at, cells: 1 // 0  # type: ignore[method-assign, assignment, return-value]
            view.refresh()
            await settle(pilot)
    assert "qtui bits 0.7" in capsys.readouterr().err
