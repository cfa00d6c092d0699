"""The survey of all tensors: sorted, grouped, mapped, stopped and gone on with."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

import qtui.scenario.errors.measure
import qtui.tui.panes.errors.pane
from qtui.compute.data import draw
from qtui.scenario.errors.scenario import ErrorsScenario
from qtui.scenario.progress import Progress
from qtui.tui.app import QtuiApp
from qtui.tui.panes.errors.survey import SurveyTable
from tests.support.screens import press, screen_text, settle


async def test_the_survey_of_one_tensor_shows_its_errors() -> None:
    app = QtuiApp(ErrorsScenario(count=4096, format=("Q4_0", "Q8_0"), view="survey"))
    async with app.run_test(size=(100, 40)) as pilot:
        await settle(pilot)
        shown = screen_text(app)
        assert "1 tensor measured, exact" in shown and "Its errors" in shown and "99 % in" in shown


async def test_the_survey_sorts_groups_and_maps(model: str) -> None:
    app = QtuiApp(ErrorsScenario(path=model, format=("Q4_0", "Q8_0"), view="survey"))
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        shown = screen_text(app)
        assert "10 tensors measured, exact" in shown and "mean of all" in shown
        lines = (await press(pilot, "space")).splitlines()
        top = next(i for i, row in enumerate(lines) if "SQNR dB" in row)
        figures = [float(row.split()[-2].rstrip("█▓▒░")) for row in lines[top + 1 : top + 11]]
        assert figures == sorted(figures)
        shown = await press(pilot, "comma")
        assert "layer 2" in shown and "outside the layers" in shown
        shown = await press(pilot, "comma")
        assert "ffn_down" in shown
        shown = await press(pilot, "underscore", "right")
        assert "layer 1  ffn_down" in shown and "dB in Q4_0" in shown
        await press(pilot, "underscore", "comma", "home", "enter")
        assert app.pane.scenario.view == "errors" and app.pane.scenario.tensor


async def test_a_stopped_survey_says_so_and_goes_on(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = QtuiApp(ErrorsScenario(path=model, format=("Q4_0", "Q8_0")))
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        release = threading.Event()
        real = qtui.tui.panes.errors.pane.solve

        def slow(scenario: ErrorsScenario, progress: Progress, **rest: Any) -> Any:
            result = real(scenario, Progress(), **rest)
            while not release.wait(0.01):
                progress.tick(1, 2, "waiting")
            return result

        monkeypatch.setattr(qtui.tui.panes.errors.pane, "solve", slow)
        app.pane.action_view("survey")
        await pilot.pause(0.2)
        await pilot.press("escape")
        shown = await press(pilot)
        assert "stopped" in shown and "+ goes on" in shown
        release.set()
        shown = await press(pilot, "plus")
        assert "stopped" not in shown and "10 tensors measured" in shown


async def test_a_sampled_survey_says_how_much_it_looked_at(model: str) -> None:
    app = QtuiApp(ErrorsScenario(path=model, view="survey", sample=1024, format=("Q4_0",)))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "10 tensors measured, sampled: 22 % of the weights (x: all)" in screen_text(app)
        assert "10 tensors measured, exact" in await press(pilot, "x")


async def test_the_survey_marks_what_is_destroyed_falls_back_or_stands_apart(tmp_path: Path) -> None:
    arrays = {
        "blk.0.attn_q.weight": draw("normal", 32 * 96, seed=1).reshape(32, 96),
        "blk.0.ffn_up.weight": np.full((32, 256), np.nan, np.float32),
        "blk.1.ffn_up.weight": draw("normal", 32 * 256, seed=2).reshape(32, 256),
        "blk.1.ffn_norm.weight": np.ones(256, np.float32),
    }
    save_file(arrays, tmp_path / "m.safetensors")
    app = QtuiApp(ErrorsScenario(path=str(tmp_path / "m.safetensors"), view="survey", format=("Q4_K",), sort="Q4_K"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        rows = screen_text(app).splitlines()
        top = next(i for i, row in enumerate(rows) if row.startswith("SQNR dB"))
        assert "exact   1 in ( ) are not" in rows[top - 1]
        assert "ffn_up" in rows[top + 1] and "8,192 NaN" in rows[top + 1]  # the worst comes first
        assert any("blk.0.attn_q" in row and row.rstrip().endswith("^") for row in rows)
        assert "(blk.1.ffn_norm.weight)" in rows[top + 4] and "8,192 NaN" in rows[top + 5]
        assert "^ fallback type" in rows[top + 6]
        shown = await press(pilot, "underscore", "down")
        assert "NaN" in shown and "layer 0  ffn_up: not finite" in shown


async def test_find_goes_from_row_to_row_of_the_survey(model: str) -> None:
    app = QtuiApp(ErrorsScenario(path=model, view="survey", format=("Q4_0",)))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        table = app.pane.query_one(SurveyTable)
        rows = screen_text(app).splitlines()
        top = next(y for y, row in enumerate(rows) if row.startswith("SQNR dB")) + 1
        named = [y - top for y, row in enumerate(rows) if "down_proj" in row and "mean" not in row and y < 20]
        words = "down_proj"
        for row in named:
            await press(pilot, "slash", *(key if key != "_" else "underscore" for key in words), "enter")
            assert table.place[0] == row
            words = ""  # which are those of the last search
        await press(pilot, "slash", *"xyz")
        assert "no row has 'xyz'" in await press(pilot, "enter")
