"""What the keyboard marks travels with the state: every pane tells it in a few numbers, and takes another one's."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from safetensors.numpy import save_file

from qtui.scenario.base import Scenario
from qtui.scenario.bits.scenario import BitsScenario
from qtui.scenario.errors.scenario import ErrorsScenario
from qtui.scenario.memory.scenario import MemoryScenario
from qtui.scenario.plan.scenario import PlanScenario
from qtui.scenario.quality.scenario import QualityScenario
from qtui.scenario.quantizer.scenario import QuantizerScenario
from qtui.scenario.tour.scenario import TourScenario
from qtui.teach.messages import OF_LEADER, Show
from qtui.teach.protocol import CURSOR, decode, encode
from qtui.tui.app import QtuiApp
from qtui.tui.host import Settings
from qtui.tui.pane import Pane
from tests.support.screens import press, screen_text, settle

CASES: tuple[tuple[Scenario, tuple[str, ...]], ...] = (
    (MemoryScenario(("Qwen3-8B",), ram="32GB", view="plans"), ("down", "down")),
    (BitsScenario("0.1"), ("right", "right")),
    (BitsScenario("0.1", view="design"), ("down",)),
    (BitsScenario("0.1", view="formats"), ("down", "down", "down")),
    (QuantizerScenario(format=("int4:sym", "int8")), ("A",)),
    (ErrorsScenario(format=("Q8_0",)), ("left", "left")),
    (ErrorsScenario(path="m.safetensors", view="browse"), ("down", "down", "left")),
    (ErrorsScenario(path="m.safetensors", view="survey", format=("Q8_0",)), ("down", "right")),
    (PlanScenario(path="m.safetensors"), ("down",)),
    (QualityScenario(lesson="divergence"), ("down",)),
    (TourScenario(lesson="floats", step=2), ("escape", "right")),
)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    weights = np.random.default_rng(1).normal(size=(64, 64)).astype(np.float32)
    save_file(
        {f"layers.{layer}.{role}.weight": weights for layer in range(2) for role in ("up", "down")}, "m.safetensors"
    )


async def test_every_pane_tells_what_is_marked_and_marks_what_it_is_told(files: None) -> None:
    app = QtuiApp(None, Settings())
    async with app.run_test(size=(80, 24)) as pilot:
        for scenario, keys in CASES:
            await app.open_pane(scenario)
            await settle(pilot)
            pane = cast(Pane[Any, Any], app.pane)
            pane.focus_first()
            at_first, picture = pane.cursor, await press(pilot)
            moved_picture = await press(pilot, *keys)
            moved = pane.cursor
            assert moved != at_first and len(moved) <= CURSOR, scenario
            assert decode(encode(Show({}, moved)), OF_LEADER) == Show({}, moved)
            for cursor, expected in ((at_first, picture), (moved, moved_picture), ((), moved_picture)):
                pane.put_cursor(cursor)
                await pilot.pause()
                assert pane.cursor == (cursor or moved), scenario
                assert screen_text(app).splitlines()[2:21] == expected.splitlines()[2:21], scenario
            for cursor in (((1 << 53) - 1,) * CURSOR, (-1,) * CURSOR, (0,) * CURSOR, (3,)):
                for count in range(CURSOR + 1):
                    pane.put_cursor(cursor[:count])
            assert screen_text(app)
