"""The Errors pane driven by its keys, on numbers and on a small model file."""

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
from qtui.compute.data import draw
from qtui.scenario.errors.scenario import ErrorsScenario
from qtui.scenario.progress import Progress
from qtui.tui.app import QtuiApp
from qtui.tui.host import Settings
from qtui.tui.panes.errors.survey import SurveyTable
from tests.support.screens import press, screen_text, settle


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)  # names typed by the tests are short
    arrays = {"model.embed_tokens.weight": draw("laplace", 256 * 40, seed=9).reshape(40, 256)}
    for layer in range(3):
        for index, role in enumerate(("self_attn.q_proj", "self_attn.v_proj", "mlp.down_proj")):
            x = draw("student-t" if index == 2 else "normal", 256 * 16, seed=10 * layer + index)
            arrays[f"model.layers.{layer}.{role}.weight"] = x.reshape(16, 256)
    arrays["positions"] = np.arange(8)
    save_file(arrays, tmp_path / "small.safetensors")
    return "small.safetensors"


def cursor(shown: str) -> tuple[int, str]:
    """The column of the cursor on the axis, and what it reads."""
    rows = shown.splitlines()
    at = next(i for i, row in enumerate(rows) if "▲" in row)
    return rows[at].index("▲"), rows[at + 2]


async def test_numbers_are_measured_and_the_cursor_reads_bins() -> None:
    app = QtuiApp(ErrorsScenario(count=8192, format=("Q4_0", "Q8_0")))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        shown = screen_text(app)
        assert "[4 Errors]" in shown and "exact: all 8,192 weights" in shown and "SQNR dB" in shown
        at_zero, read = cursor(shown)
        assert "Q4_0" in read and "%" in read
        moved = cursor(await press(pilot, "right"))
        assert moved[0] == at_zero + 1 and moved[1] != read
        far, _ = cursor(await press(pilot, "end"))
        assert far > 70
        assert cursor(await press(pilot, "shift+left"))[0] == far - 10
        assert cursor(await press(pilot, "0")) == (at_zero, read)
        assert cursor(await press(pilot, "home"))[0] < 8


async def test_drawing_keys_change_the_scenario_and_the_picture() -> None:
    app = QtuiApp(ErrorsScenario(count=8192, format=("Q4_0", "Q8_0")))
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        before = screen_text(app)
        keys = {"circumflex_accent": ("counts", "linear"), "percent_sign": ("unit", "steps")}
        for key, (field, value) in (keys | {"underscore": ("layout", "stacked")}).items():
            shown = await press(pilot, key)
            assert getattr(app.pane.scenario, field) == value and shown != before
            before = shown
        assert "steps" in before
        await press(pilot, "plus", "plus", "minus")
        assert app.pane.scenario.zoom == 1
        shown = await press(pilot, "u", "u", "u", "u")
        assert app.pane.scenario == ErrorsScenario(count=8192, format=("Q4_0", "Q8_0"))
        await press(pilot, "y")
        assert app.copied == "qtui errors --format Q4_0 --format Q8_0 --count 8192 --tui"


async def test_a_file_is_opened_browsed_and_measured(model: str) -> None:
    app = QtuiApp(ErrorsScenario(format=("Q4_0", "Q8_0")))
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        shown = await press(pilot, "o", *model, "enter")
        assert "11 tensors" in shown
        assert "layers" in shown and "embed_tokens.weight" in shown and "40.00 KiB" in shown
        assert app.pane.scenario.view == "browse"
        shown = await press(pilot, "down", "down", "down")
        assert app.pane.scenario.tensor == "model.embed_tokens.weight" and "kurtosis" in shown
        shown = await press(pilot, "down", "right")
        assert "model.layers.0" in shown and "3 tensors, 48.00 KiB" in shown
        shown = await press(pilot, "slash", *"1 down", "enter")
        assert "layers.1.mlp.down_proj" in shown
        shown = await press(pilot, "enter")
        assert app.pane.scenario.view == "errors" and "mlp.down_proj" in app.pane.scenario.tensor
        assert "SQNR dB" in shown and "exact: all 4,096 weights" in shown
        shown = await press(pilot, "ampersand")
        assert app.pane.scenario.tensor == "" and "small.safetensors" in shown


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
        assert "no format" in screen_text(app) or "broken" in screen_text(app)


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


async def test_a_tensor_that_is_come_back_to_is_described_again(model: str) -> None:
    app = QtuiApp(ErrorsScenario(path=model, view="browse", tensor="model.layers.1.mlp.down_proj.weight"))
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        shown = screen_text(app)
        assert "Furthest from zero" in shown
        assert "Furthest from zero" not in await press(pilot, "home")
        assert "exact: all 4,096 weights" in await press(pilot, "end", "up", "up")
        shown = await press(pilot, "slash", *"2down")
        assert "Furthest from zero" in shown and "reading" not in shown
        assert app.pane.scenario.tensor == "model.layers.2.mlp.down_proj.weight"


async def test_worst_blocks_and_weights_take_the_place_of_the_plot(model: str) -> None:
    name = "model.embed_tokens.weight"
    app = QtuiApp(ErrorsScenario(path=model, tensor=name, format=("Q4_0", "Q8_0")))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        before = screen_text(app)
        shown = await press(pilot, "enter")
        assert "Worst blocks of 32 in Q8_0" in shown and "Furthest from zero" in shown and "int8 by row" in shown
        assert "▲" in before and "▲" not in shown
        assert "Worst tensors in Q4_0" in await press(pilot, "ampersand")
        assert "▲" in await press(pilot, "enter")
        await pilot.resize_terminal(160, 40)
        shown = await press(pilot, "enter")  # beside the plot there is room for both
        assert "Worst tensors in Q4_0" in shown and "▲" in shown


async def test_a_sampled_survey_says_how_much_it_looked_at(model: str) -> None:
    app = QtuiApp(ErrorsScenario(path=model, view="survey", sample=1024, format=("Q4_0",)))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "10 tensors measured, sampled: 22 % of the weights (x: all)" in screen_text(app)
        assert "10 tensors measured, exact" in await press(pilot, "x")


async def test_metadata_is_shown_in_full(tmp_path: Path) -> None:
    text = " ".join(f"word{i}" for i in range(40))
    save_file({"w": np.ones((4, 32), np.float32)}, tmp_path / "m.safetensors", {"note": text, "short": "yes"})
    app = QtuiApp(ErrorsScenario(path=str(tmp_path / "m.safetensors"), view="browse"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "word39" not in screen_text(app)
        shown = await press(pilot, "enter")  # the cursor is on the file itself
        assert "word39" in shown and "short" in shown and "Esc closes" in shown
        assert "word39" not in await press(pilot, "escape")
    save_file({"w": np.ones((4, 32), np.float32)}, tmp_path / "bare.safetensors")
    app = QtuiApp(ErrorsScenario(path=str(tmp_path / "bare.safetensors"), view="browse"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "this file has no metadata" in await press(pilot, "enter")


async def test_a_large_tensor_is_sampled_first_then_exact_and_escape_goes_back(
    model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(qtui.scenario.errors.measure, "ONE_EXACT_UP_TO", 4096)
    name = "model.embed_tokens.weight"
    app = QtuiApp(ErrorsScenario(path=model, tensor=name, format=("Q4_0", "Q8_0")))
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        sample = screen_text(app)
        assert "sampled: 4,096 of 10,240 weights (40 %)   x: all" in sample
        real, release = qtui.tui.panes.errors.pane.solve, threading.Event()

        def slow(scenario: ErrorsScenario, progress: Progress, **rest: Any) -> Any:
            while scenario.exact and not release.wait(0.01):
                progress.tick(1, 2, "waiting")
            return real(scenario, progress, **rest)

        monkeypatch.setattr(qtui.tui.panes.errors.pane, "solve", slow)
        await pilot.press("x")
        for _ in range(100):
            await pilot.pause(0.02)
            if "50 % waiting" in screen_text(app):
                break
        assert "sampled: 4,096" in screen_text(app) and "50 % waiting  (Esc cancels)" in screen_text(app)
        assert await press(pilot, "escape") == sample and not app.pane.scenario.exact
        release.set()
        assert "exact: all 10,240 weights" in await press(pilot, "x") and app.pane.scenario.exact
        assert await press(pilot, "x") == sample
        await press(pilot, "ampersand")  # the end of its work clears the status line
        assert "every weight is measured already" in await press(pilot, "x")


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
