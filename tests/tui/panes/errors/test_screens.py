"""The screens of the Errors and Plan panes as text, at three sizes."""

from __future__ import annotations

from pathlib import Path

import pytest
from safetensors.numpy import save_file

from qtui.compute.data import draw
from qtui.scenario.base import Scenario
from qtui.scenario.errors.scenario import ErrorsScenario
from qtui.scenario.plan.scenario import PlanScenario
from qtui.tui.app import QtuiApp
from tests.support.pictures import agreed
from tests.support.screens import screen_text, settle

FILE = "model.safetensors"
FORMATS = ("Q4_0", "Q4_K", "Q8_0")
SCENES: dict[str, Scenario] = {
    "errors-numbers": ErrorsScenario(data="student-t", format=FORMATS, count=16384),
    "errors-steps": ErrorsScenario(format=("Q4_0", "Q8_0"), unit="steps", layout="stacked", count=16384),
    "errors-browse": ErrorsScenario(path=FILE, view="browse", tensor="model.layers.1.mlp.down_proj.weight"),
    "errors-survey": ErrorsScenario(path=FILE, view="survey", format=FORMATS, sort="Q4_0"),
    "plan": PlanScenario(path=FILE),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    arrays = {"model.embed_tokens.weight": draw("laplace", 256 * 64, seed=9).reshape(64, 256)}
    for layer in range(4):
        for index, role in enumerate(("self_attn.q_proj", "self_attn.v_proj", "mlp.up_proj", "mlp.down_proj")):
            kind = "student-t" if index == 3 else "normal"
            arrays[f"model.layers.{layer}.{role}.weight"] = draw(kind, 256 * 32, seed=10 * layer + index).reshape(
                32, 256
            )
        arrays[f"model.layers.{layer}.mlp.gate.weight"] = draw("normal", 48, seed=layer).reshape(2, 24)
    path = tmp_path_factory.mktemp("screens")
    save_file(arrays, path / FILE)
    return path


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("scene", SCENES)
async def test_screens(scene: str, size: tuple[int, int], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    app = QtuiApp(SCENES[scene])
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        shown = screen_text(app) + "\n"
    assert agreed(f"{scene}-{size[0]}x{size[1]}", shown)
