"""What qtui knows of Textual's inside; and what happens where another version of Textual has changed it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from textual import events
from textual.app import App
from textual.messages import Update
from textual.screen import Screen

from qtui.tui.app import QtuiApp
from qtui.tui.chrome import StatusLine
from qtui.tui.terminal.driver import FRAME
from qtui.tui.terminal.painted import placed
from tests.support.harness import Terminal, homes
from tests.support.screens import settle

# A Textual whose updates can be written, but not read.
CHANGED = """
import sys
from textual._compositor import Compositor, CompositorUpdate

class Sealed(CompositorUpdate):
    def __init__(self, update): self._update = update
    def render_segments(self, console): return self._update.render_segments(console)

render = Compositor.render_update
def render_sealed(*args, **options):
    update = render(*args, **options)
    return None if update is None else Sealed(update)
Compositor.render_update = render_sealed

from qtui.__main__ import main
sys.argv = ["qtui", "mem", "--tui", "--fresh"]
main()
"""


@pytest.mark.parametrize("changed", [False, True])
def test_textuals_own_way_shows_the_same_and_is_told_of_once(changed: bool, tmp_path: Path) -> None:
    env = homes(tmp_path)
    command = ["-c", CHANGED] if changed else ["-m", "qtui", "mem", "--tui", "--fresh"]
    with Terminal([sys.executable, *command], columns=80, rows=24, env=env) as terminal:
        terminal.wait_for("[1 Memory]")
        frames = {}
        for key in ("f2", "space", "?", "escape", "w", "escape", "e", "escape", "ctrl+p", "escape"):
            before = len(terminal.output)
            terminal.press(key)
            terminal.settle()
            frames[key] = terminal.output[before:].count(FRAME.encode())
        assert changed or all(frames[key] == 1 for key in ("?", "w", "e", "ctrl+p")), frames
        terminal.wait_for("[2 Bits]")
        shown = terminal.text()
        terminal.press("ctrl+l")
        terminal.settle()
        assert terminal.text() == shown
        terminal.press("ctrl+q")
        assert terminal.wait_end() == 0
        message = terminal.output.decode().count("this version of Textual is not quite known: whole widgets are sent")
        assert message == changed


def test_names_that_are_gone_are_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    assert QtuiApp().limits == []
    for owner, name, limit in (
        (App, "_display", "whole widgets are sent"),
        (Screen, "_on_timer_update", "a key is drawn a little later"),
        (App, "_fatal_error", "a crash is reported in Textual's way"),
        (App, "_handle_exception", "a crash is reported in Textual's way"),
    ):
        with monkeypatch.context() as patch:
            patch.delattr(owner, name)
            assert QtuiApp().limits == [limit]


def test_what_is_no_update_has_no_parts() -> None:
    assert placed(object()) is None
    assert placed("text") is None


async def test_a_keys_frame_follows_the_one_before_without_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    app = QtuiApp()
    async with app.run_test() as pilot:
        await settle(pilot)
        drawn: list[str] = []
        monkeypatch.setattr(app, "_display", lambda *_: drawn.append("frame"))
        status = app.frame.query_one(StatusLine)
        for text in ("one", "two", "three"):
            with app.batch_update():
                status.say(text, "")
                await status._on_idle(events.Idle())
                await app.screen._on_update(Update(status))
            app.draw_what_waited()
        assert drawn == ["frame"] * 3
