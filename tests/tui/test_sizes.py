"""Every view of every pane at four sizes: a large window is used, and shows no less than a smaller one."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from safetensors.numpy import save_file

from qtui.compute.data import draw
from qtui.scenario.base import Scenario
from qtui.scenario.bits.scenario import VIEWS as BITS_VIEWS
from qtui.scenario.bits.scenario import BitsScenario
from qtui.scenario.errors.scenario import ErrorsScenario
from qtui.scenario.memory.scenario import VIEWS as MEMORY_VIEWS
from qtui.scenario.memory.scenario import MemoryScenario
from qtui.scenario.plan.scenario import PlanScenario
from qtui.scenario.quality.scenario import VIEWS as QUALITY_VIEWS
from qtui.scenario.quality.scenario import QualityScenario
from qtui.scenario.quantizer.scenario import VIEWS as QUANTIZER_VIEWS
from qtui.scenario.quantizer.scenario import QuantizerScenario
from qtui.tui.app import QtuiApp
from qtui.tui.widgets.fields import FieldRow
from tests.support.screens import screen_text, settle

SIZES = ((160, 48), (120, 40), (80, 24), (60, 18))
LARGE, MEDIUM, SMALL, _ = SIZES
FILE = "model.safetensors"
EIGHT_B = MemoryScenario(model=("Qwen3-8B",), machine="RTX 4090")
QUALITY = QualityScenario(windows=1, format=("Q8_0", "int4", "int2"))
PANES: dict[str, dict[str, Scenario]] = {
    "memory": {
        **{view: replace(EIGHT_B, view=view) for view in MEMORY_VIEWS},
        "two models": replace(EIGHT_B, model=("Qwen3-8B,gemma-3-12b",), view="compare"),
        "found": replace(EIGHT_B, view="here", find="coder"),
    },
    "bits": {view: BitsScenario("0.1", view=view) for view in BITS_VIEWS},
    "quantizer": {view: QuantizerScenario(view=view) for view in QUANTIZER_VIEWS},
    "errors": {
        "errors": ErrorsScenario(count=4096),
        **{view: ErrorsScenario(path=FILE, view=view) for view in ("browse", "survey")},
        "against": ErrorsScenario(path=FILE, against=FILE, view="against"),
        "plan": PlanScenario(path=FILE),
    },
    "quality": {view: replace(QUALITY, view=view) for view in QUALITY_VIEWS},
}
# Views of which more than a tenth of a large window stands empty.
EMPTY = {
    "quality tokens": "a short text has so many tokens, and so many that are likelier",
    "quality generate": "bars end where chances are nothing",
    "quality sensitivity": "six groups with a row between each",
    "quality super_weight": "five groups with a row between each, and a chart on another's scale",
}
# Words of 80 x 24 that a larger window is without.
ELSEWHERE = {
    "memory plans": {"copies"},  # the key beside a command that has one row there
    "quantizer tile": {"Number", "stored"},  # mapping lines in the place of number lines
}
NOTES = re.compile(r"taller window|more (below|above|rows|formats)|shows the curve")  # of what has no room
WORD = re.compile(r"[^\W\d_]{4,}")


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file with the tensors of four layers in the working folder."""
    monkeypatch.chdir(tmp_path)
    names = ("self_attn.q_proj", "self_attn.v_proj", "mlp.up_proj", "mlp.down_proj")
    arrays = {
        f"model.layers.{layer}.{name}.weight": draw("normal", 256 * 16, seed=10 * layer + i).reshape(16, 256)
        for layer in range(9)
        for i, name in enumerate(names)
    }
    save_file(arrays, FILE)


@pytest.mark.parametrize("pane", PANES)
async def test_a_large_window_is_full_and_shows_all_that_a_small_one_does(pane: str, model: None) -> None:
    scenes = PANES[pane]
    words: dict[tuple[str, tuple[int, int]], set[str]] = {}
    empty: dict[str, str] = {}
    app = QtuiApp(next(iter(scenes.values())))
    async with app.run_test(size=LARGE) as pilot:
        for view, scenario in scenes.items():
            await app.stage.open(scenario)
            for size in SIZES:
                await pilot.resize_terminal(*size)
                await settle(pilot)
                rows = picture_rows(app)
                assert max(map(len, rows)) <= size[0]
                words[view, size] = {word for row in rows if not NOTES.search(row) for word in WORD.findall(row)}
                blank = sum(not row.strip() for row in rows)
                if size == LARGE and blank > len(rows) / 10:
                    empty[f"{pane} {view}"] = f"{blank} of {len(rows)}"
    assert {view: blank for view, blank in empty.items() if view not in EMPTY} == {}
    assert {view for view in EMPTY if view.startswith(pane)} <= set(empty), "the reason is gone"
    lost = {
        (view, larger): words[view, SMALL] - words[view, larger] - ELSEWHERE.get(f"{pane} {view}", set())
        for view in scenes
        for larger in (MEDIUM, LARGE)
    }
    assert {place: missing for place, missing in lost.items() if missing} == {}


def picture_rows(app: QtuiApp) -> list[str]:
    """The rows between the fields and the line of the status."""
    rows = screen_text(app).splitlines()
    rows += [""] * (app.size.height - len(rows))
    fields = [row.region.bottom for row in app.screen.query(FieldRow) if row.region.height]
    return rows[max(fields, default=2) : -2]
