"""The Errors pane: sizes, keys, files that change, what is wrong, and answers that were overtaken."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

import qtui.scenario.errors.measure
import qtui.tui.panes.errors.pane
from qtui.scenario.errors.scenario import ErrorsScenario
from qtui.scenario.progress import Progress
from qtui.tui.app import QtuiApp
from qtui.tui.host import Settings
from tests.support.screens import press, screen_text, settle


async def test_what_is_wrong_is_said_in_the_status_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    app = QtuiApp(ErrorsScenario(count=4096))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "need a model file: o opens one" in await press(pilot, "v")
        (tmp_path / "broken.gguf").write_bytes(b"GGUF\x03\0\0\0" + b"\xff" * 60)
        await press(pilot, "o", *"broken.gguf", "enter")
        assert "broken.gguf" in screen_text(app).splitlines()[-2]
        await press(pilot, "f", "ctrl+a", "backspace", *"Q9_9", "enter")
        assert "'Q9_9Q4_0'; did you mean Q4_0" in screen_text(app)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
@pytest.mark.parametrize("view", ["errors", "browse", "survey"])
async def test_every_view_fits_every_size(model: str, size: tuple[int, int], view: str) -> None:
    name = "model.embed_tokens.weight" if view == "browse" else ""
    scenario = ErrorsScenario(path=model, view=view, tensor=name, format=("Q4_0", "Q8_0"))
    app = QtuiApp(scenario, Settings(theme="none", ascii=True))
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        shown = screen_text(app).splitlines()
        assert len(shown) == size[1] and max(map(len, shown)) <= size[0]
        assert sum(1 for row in shown if row.strip()) > 16


async def test_a_file_that_was_saved_again_is_measured_again(model: str) -> None:
    app = QtuiApp(ErrorsScenario(path=model, tensor="model.layers.0.mlp.down_proj.weight", format=("Q4_0",)))
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        before = screen_text(app)
        save_file({"model.layers.0.mlp.down_proj.weight": np.ones((8, 64), np.float32)}, model)
        os.utime(model, ns=(1, 1))
        await press(pilot, "f", "end", "space", "Q", "8", "_", "0", "enter")
        assert "exact: all 512 weights" in await press(pilot, "u") != before


@pytest.mark.parametrize("view", ["errors", "browse", "survey"])
async def test_no_key_is_a_trap_in_any_view(model: str, view: str) -> None:
    app = QtuiApp(ErrorsScenario(path=model, view=view, format=("Q8_0",)))
    async with app.run_test(size=(60, 20)) as pilot:
        await settle(pilot)
        for key in (
            *("underscore", "comma", "underscore", "space", "plus", "minus", "percent_sign", "circumflex_accent"),
            "x",
            "x",
            "slash",
            "escape",
            "f",
            "escape",
        ):
            shown = await press(pilot, key)
            assert ("4 Errors" in shown or "find a tensor" in shown) and app.pane.scenario.command == "errors", key
        await press(pilot, "2", "4")
        assert app.pane.scenario.command == "errors" and app.pane.scenario.view == view


async def test_an_answer_that_was_overtaken_changes_nothing(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = QtuiApp(ErrorsScenario(path=model, view="browse", format=("Q8_0",)))
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        pane = app.pane
        real, started, release = qtui.tui.panes.errors.pane.solve, threading.Event(), threading.Event()

        def slow(scenario: ErrorsScenario, progress: Progress, **rest: Any) -> Any:
            result = real(scenario, Progress(), **rest)  # finished, whatever is cancelled
            if scenario.view == "errors":
                started.set()
                release.wait(10)
            return result

        monkeypatch.setattr(qtui.tui.panes.errors.pane, "solve", slow)
        await pilot.press("V")
        while not started.is_set():
            await pilot.pause(0.02)
        await press(pilot, "v")
        file, shown = pane._file, pane._shown
        save_file({"w": np.ones((4, 32), np.float32)}, "other.safetensors")
        release.set()
        assert "layers" in await press(pilot)
        assert pane._file is file and pane._shown is shown and pane.scenario.view == "browse"


async def test_a_file_is_compared_with_its_original(model: str) -> None:
    app = QtuiApp(ErrorsScenario(path=model, view="against"))
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        assert "Name its original" in screen_text(app)
        app.query_one("#field-against").focus()
        shown = await press(pilot, *model, "enter")
        assert app.pane.scenario.against == model
        assert "No weight differs" in shown and "model.embed_tokens.weight" in shown
        shown = await press(pilot, "V")
        assert app.pane.scenario.view == "survey" and "mean of all" in shown
