"""Every key of every pane, in each of its views: it does something, or says why not, and nothing breaks.

Takes minutes: only with QTUI_SLOW set.
"""

import os
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from textual import events
from textual.keys import key_to_character

from qtui.scenario.base import Scenario
from qtui.scenario.bits.scenario import BitsScenario
from qtui.scenario.errors.scenario import ErrorsScenario
from qtui.scenario.memory.scenario import MemoryScenario
from qtui.scenario.plan.scenario import PlanScenario
from qtui.scenario.quality.scenario import QualityScenario
from qtui.scenario.quantizer.scenario import QuantizerScenario
from qtui.tui.app import QtuiApp
from tests.support.screens import settle

SLOW = {"mem": {"here", "train"}, "quality": {"sensitivity", "generate", "super_weight"}}  # views that take a while
LEADS_AWAY = {"pane.into"}
STARTS = (
    MemoryScenario(("Qwen3-8B",), "Q4_K_M", ram="32GB", vram="8GB"),
    BitsScenario("0.1", "float16"),
    QuantizerScenario(),
    ErrorsScenario(path="m.safetensors", format=("Q8_0",)),
    PlanScenario(path="m.safetensors"),
    QualityScenario(format=("Q8_0",), windows=1),
)


@pytest.mark.skipif("QTUI_SLOW" not in os.environ, reason="slow; set QTUI_SLOW")
@pytest.mark.parametrize("start", STARTS, ids=lambda start: start.command)
async def test_every_key_in_every_view(start: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # where what is written goes
    save_file({"blk.0.ffn_up.weight": np.ones((64, 64), np.float32)}, tmp_path / "m.safetensors")
    app = QtuiApp(start)
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        pane = app.pane
        assert pane is not None and pane.VIEWS
        for name, _ in pane.VIEWS:
            if name in SLOW.get(start.command, ()):
                continue
            await app.stage.open(start)
            pane.action_view(name)
            await settle(pilot)
            assert pane.view == name
            pressed = [
                key for action in pane.actions if action.id not in LEADS_AWAY for key in action.keys.split(",")
            ]
            assert len(pressed) > 12
            for key in pressed:
                app.post_message(events.Key(key, key_to_character(key)))
                await pilot.pause()
                while len(app.screen_stack) > 1:
                    app.pop_screen()
                    await pilot.pause()
                pane.focus_first()
                app.runner.cancel()
            assert app.pane is pane, name
