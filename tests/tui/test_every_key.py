"""Every action of every pane and view, by its key: none ends in a crash, each does something, undo takes it back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.segment import Segment
from safetensors.numpy import save_file
from textual import events
from textual.keys import key_to_character
from textual.pilot import Pilot

from qtui.scenario.base import Scenario
from qtui.scenario.bits.scenario import BitsScenario
from qtui.scenario.errors.scenario import ErrorsScenario
from qtui.scenario.memory.scenario import MemoryScenario
from qtui.scenario.plan.scenario import PlanScenario
from qtui.scenario.quality.scenario import QualityScenario
from qtui.scenario.quantizer.scenario import QuantizerScenario
from qtui.tui.app import QtuiApp
from qtui.tui.keylist import declared
from qtui.tui.keymap import Action
from qtui.tui.pane import Pane
from tests.support.screens import screen_strips, settle

STARTS = (
    MemoryScenario(("Qwen3-8B",), "Q4_K_M", ram="32GB", vram="8GB"),
    BitsScenario("0.1", "float16"),
    QuantizerScenario(),
    ErrorsScenario(path="m.safetensors", format=("Q8_0",)),
    PlanScenario(path="m.safetensors"),
    QualityScenario(format=("Q8_0",), windows=1),
)
# Views that are long in coming: their keys are pressed before there is anything to see.
SLOW = {"mem": {"here", "train"}, "quality": {"sensitivity", "generate", "super_weight"}}


# What has nothing to do where nothing has been changed: the usual range is shown, nothing is left to measure or free.
AT_REST = {
    "line": {"pane.usual"},
    "density": {"pane.usual"},
    "map": {"pane.reset"},
    "errors": {"pane.usual", "errors.all"},
    "survey": {"pane.more"},
    "plan": {"pane.delete", "pane.reset", "pane.next_view", "pane.previous_view"},  # its only view
}
STILL = {"against", "tokens"}  # views without a second file, or a prompt, to move in
ANY = {action.id for _, action in declared()}


AnyPane = Pane[Any, Any]
# What an action's title promises of the Scenario, unless it asks first in a list or a field.
PROMISES: dict[str, Callable[[AnyPane, Scenario], bool]] = {
    "pane.next_view": lambda pane, before: pane.view != before.view_name,
    "pane.previous_view": lambda pane, before: pane.view != before.view_name,
    "pane.views": lambda pane, before: False,
    "pane.find": lambda pane, before: False,
    "pane.open": lambda pane, before: pane.scenario.command != "plan",
    "pane.reset": lambda pane, before: pane.scenario == pane.fresh(),
    "pane.format": lambda pane, before: getattr(pane.scenario, "format", None) != getattr(before, "format", None),
    "pane.next_format": lambda pane, before: pane.scenario.format != getattr(before, "format", None),
    "pane.rounding": lambda pane, before: pane.scenario != before,
    "memory.essay": lambda pane, before: pane.scenario.format == "native",
    "bits.negate": lambda pane, before: pane.scenario != before,
    "quantizer.add": lambda pane, before: len(pane.scenario.format) == len(before.format) + 1,
    "quantizer.remove": lambda pane, before: len(pane.scenario.format) == len(before.format) - 1,
}


def pressed_in(app: QtuiApp, first: bool) -> Iterator[Action]:
    """What is pressed in the view on show: its own keys; in the first view also those of the whole pane."""
    assert app.pane is not None
    own = app.pane.VIEW_ACTIONS.get(app.pane.view, ())
    for action in app.pane.actions:
        if first or action in own or (not own and action.id.startswith("move.")):
            yield action


def drawn(app: QtuiApp) -> list[list[Segment]]:
    """The screen with its styles: a cursor may be nothing else."""
    return [list(strip) for strip in screen_strips(app)]


async def heard(pilot: Pilot[int]) -> None:
    """Wait until the app has taken what was typed."""
    await pilot.pause()
    while pilot.app.keys.busy:  # type: ignore[attr-defined]
        await pilot.pause()


async def pressed(pilot: Pilot[int], action: Action, key: str) -> bool:
    """Press it, and take it back; whether anything has happened."""
    app = pilot.app
    assert isinstance(app, QtuiApp) and app.pane is not None
    pane, before, shown, focus = app.pane, app.pane.scenario, drawn(app), app.focused
    app.post_message(events.Key(key, key_to_character(key)))
    await heard(pilot)
    moved = app.pane is not pane or app.focused is not focus or len(app.screen_stack) > 1
    happened = moved or pane.scenario != before or drawn(app) != shown
    assert app.is_running and not app.is_leaving(), action
    if happened and app.pane is pane and action.id in PROMISES:
        assert PROMISES[action.id](pane, before) or moved, action
    while len(app.screen_stack) > 1:
        app.pop_screen()
    app.runner.cancel()
    if app.pane is not pane:
        await app.open_pane(before)
    elif pane.scenario != before:
        after = pane.scenario
        await app.action_undo()
        assert pane.scenario == before, (action, after)
    pane.give_focus(pane.view_widget or focus)
    await heard(pilot)
    return happened


@pytest.mark.parametrize("start", STARTS, ids=lambda start: start.command)
async def test_every_key_in_every_view(start: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # where what is written goes
    values = np.random.default_rng(0).standard_normal((64, 64)).astype(np.float32)
    save_file({f"blk.{i}.ffn_up.weight": (i + 1) * values for i in range(3)}, tmp_path / "m.safetensors")
    app = QtuiApp(start)
    idle: dict[str, set[str]] = {}
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        pane = app.pane
        assert pane is not None and pane.VIEWS
        for number, (name, _) in enumerate(pane.VIEWS):
            pane.action_view(name)
            await (pilot.pause() if name in SLOW.get(start.command, ()) else settle(pilot))
            assert pane.view == name
            done: set[str] = set()
            actions = list(pressed_in(app, first=number == 0))
            for action in actions:
                if await pressed(pilot, action, action.keys.partition(",")[0]):
                    done |= {action.id, action.help}
            idle[name] = {action.id for action in actions if not done & {action.id, action.help or action.id}}
            moves = {action.id for action in actions if action.id.startswith("move.")}
            if not moves <= idle[name]:
                idle[name] -= moves  # some are at their end
    at_rest = AT_REST | {name: ANY for name in STILL | SLOW.get(start.command, set())}
    assert {name: ids - at_rest.get(name, set()) for name, ids in idle.items()} == dict.fromkeys(idle, set())
