"""When frames are painted: one for all that a key does, and not too many."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.screen import Screen

from qtui.tui.app import QtuiApp
from qtui.tui.terminal.pace import FRAME, Pace
from qtui.tui.widgets.view import PictureView
from tests.support.screens import scenario_of, settle


def painted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of dirty regions in each frame from now on."""
    frames: list[int] = []
    refresh: Callable[[Screen[Any]], None] = Screen._compositor_refresh

    def noted(screen: Screen[Any]) -> None:
        if screen._compositor._dirty_regions:
            frames.append(len(screen._compositor._dirty_regions))
        refresh(screen)

    monkeypatch.setattr(Screen, "_compositor_refresh", noted)
    return frames


@pytest.mark.parametrize(
    ("command", "before", "key"),
    [
        ("mem Qwen3-8B", [], "right"),
        ("mem Qwen3-8B", ["c"], "up"),  # the field changes first, and what follows from it five messages later
        ("bits 0.1", [], "space"),
        ("bits 0.1", ["v"], "5"),
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
        frames = painted(monkeypatch)
        await pilot.press(key)
        await settle(pilot)
        assert len(frames) == 1 and frames[0] > 1


async def test_a_stream_of_changes_is_not_a_stream_of_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    app = QtuiApp(scenario_of("bits 0.1"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        frames = painted(monkeypatch)
        began = time.monotonic()
        for _ in range(150):
            app.query_one("#bits-inspect", PictureView).refresh()
            await asyncio.sleep(0.001)
        elapsed = time.monotonic() - began
        assert 2 <= len(frames) <= 2 + elapsed / FRAME


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


async def test_nothing_is_painted_once_the_app_has_left(monkeypatch: pytest.MonkeyPatch) -> None:
    app = QtuiApp(scenario_of("bits 0.1"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        frames = painted(monkeypatch)
        app._exit = True
        app.frame.refresh()
        app.frame._dirty_widgets.add(app.frame)
        app.frame._pace._turn()
        assert not frames


def test_textual_still_has_what_the_pace_takes_over() -> None:
    for name in ("_on_idle", "_on_timer_update", "_invoke_and_clear_callbacks"):
        assert callable(getattr(Screen, name))
    assert callable(Pace.on_idle)
