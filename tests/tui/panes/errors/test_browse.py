"""A file's tree of tensors: opened, searched, described, with its metadata."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from qtui.scenario.errors.scenario import ErrorsScenario
from qtui.tui.app import QtuiApp
from tests.support.screens import press, screen_text, settle


async def test_a_file_is_opened_browsed_and_measured(model: str) -> None:
    app = QtuiApp(ErrorsScenario(format=("Q4_0", "Q8_0")))
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        shown = await press(pilot, "o", *model, "enter")
        assert "11 tensors" in shown
        assert "layers" in shown and "embed_tokens.weight" in shown and "40.96 kB" in shown
        assert app.pane.scenario.view == "browse"
        shown = await press(pilot, "down", "down", "down")
        assert app.pane.scenario.tensor == "model.embed_tokens.weight" and "kurtosis" in shown
        shown = await press(pilot, "down", "right")
        assert "model.layers.0" in shown and "3 tensors, 49.15 kB" in shown
        shown = await press(pilot, "slash", *"1 down", "enter")
        assert "layers.1.mlp.down_proj" in shown
        shown = await press(pilot, "enter")
        assert app.pane.scenario.view == "errors" and "mlp.down_proj" in app.pane.scenario.tensor
        assert "SQNR dB" in shown and "exact: all 4,096 weights" in shown
        shown = await press(pilot, "ampersand")
        assert app.pane.scenario.tensor == "" and "small.safetensors" in shown


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
