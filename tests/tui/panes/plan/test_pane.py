"""The Plan pane driven by its keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from safetensors.numpy import save_file

from qtui.compute.data import draw
from qtui.scenario.errors.scenario import ErrorsScenario
from qtui.scenario.plan.scenario import PlanScenario
from qtui.tui.app import QtuiApp
from qtui.tui.host import Settings
from tests.support.screens import press, screen_text, settle


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    arrays = {
        f"blk.{layer}.{role}.weight": draw("student-t", 256 * 64, seed=8 * layer + i).reshape(64, 256)
        for layer in range(2)
        for i, role in enumerate(("attn_q", "attn_v", "ffn_up", "ffn_down"))
    }
    save_file(arrays, "m.safetensors")
    return "m.safetensors"


async def test_a_plan_is_made_edited_and_written(model: str, tmp_path: Path) -> None:
    app = QtuiApp(PlanScenario(path=model))
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        shown = screen_text(app)
        assert "[4 Errors]" in shown and "the size of Q4_K_M" in shown and "◆" in shown and "attn_q" in shown
        shown = await press(pilot, "down", "right")
        assert len(app.pane.scenario.set) == 1 and app.pane.scenario.set[0].startswith("attn_v=")
        assert "by hand" in shown
        await press(pilot, "right")
        assert len(app.pane.scenario.set) == 1
        shown = await press(pilot, "delete")
        assert app.pane.scenario.set == () and "  by hand" not in shown
        await press(pilot, "left", "r")
        assert app.pane.scenario.set == ()
        shown = await press(pilot, "comma")
        assert "blk.1.ffn_down " in shown
        shown = await press(pilot, "ctrl+s")
        assert "wrote m.types.txt" in shown
        assert len((tmp_path / "m.types.txt").read_text().split()) == 8
        await press(pilot, "Y")
        assert app.copied.startswith("llama-quantize --tensor-type-file m.types.txt")
        await press(pilot, "x")
        assert app.pane.scenario.exact
        await press(pilot, "y")
        assert app.copied == "qtui plan m.safetensors --exact --tui"


async def test_a_size_that_is_too_small_is_told(model: str) -> None:
    app = QtuiApp(PlanScenario(path=model, size="1kB"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "needs at least" in screen_text(app)
        await press(pilot, "u")
        await press(pilot, "o", "tab", *"2MB", "enter")
        assert app.pane.scenario.size == "2MB" and "as given" in screen_text(app)


async def test_from_errors_and_back(model: str) -> None:
    app = QtuiApp(ErrorsScenario(path=model, view="survey", format=("Q8_0",)))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "llama.cpp" not in await press(pilot, "i") and app.pane.scenario == PlanScenario(path=model)
        await press(pilot, "i")
        assert app.pane.scenario.command == "errors" and app.pane.scenario.path == model
        await press(pilot, "2", "4")
        assert app.pane.scenario.command == "errors"


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_it_fits_every_size(model: str, size: tuple[int, int]) -> None:
    app = QtuiApp(PlanScenario(path=model), Settings(theme="none", ascii=True))
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        shown = screen_text(app).splitlines()
        assert len(shown) == size[1] and max(map(len, shown)) <= size[0]
        assert "ffn_down" in "\n".join(shown) and " kB " in "\n".join(shown)
        assert ("llama.cpp's mixes" in "\n".join(shown)) == (size[0] >= 120)


async def test_without_a_file_it_says_which_key_opens_one(model: str) -> None:
    app = QtuiApp(PlanScenario())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "a plan needs a model file: o opens one" in screen_text(app)
        assert "dB in" in await press(pilot, *model, "enter")


async def test_a_low_window_shows_the_table_and_not_the_frontier(model: str) -> None:
    app = QtuiApp(PlanScenario(path=model))
    async with app.run_test(size=(60, 18)) as pilot:
        await settle(pilot)
        shown = screen_text(app)
        assert "better than" in shown and "ffn_down" in shown and "◆" not in shown
        assert "Bits go where they help most" in shown
