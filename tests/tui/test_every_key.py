"""Every action of every pane and view, by its key: none ends in a crash, each does something, undo takes it back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.segment import Segment
from safetensors.numpy import save_file
from textual import events
from textual.app import App
from textual.keys import key_to_character
from textual.pilot import Pilot

from qtui.scenario.base import Scenario
from qtui.scenario.bits.scenario import BitsScenario
from qtui.scenario.errors.scenario import ErrorsScenario
from qtui.scenario.memory.scenario import MemoryScenario
from qtui.scenario.plan.scenario import PlanScenario
from qtui.scenario.quality.scenario import QualityScenario
from qtui.scenario.quantizer.scenario import QuantizerScenario
from qtui.scenario.tour.scenario import TourScenario
from qtui.scenario.welcome.scenario import WelcomeScenario
from qtui.tui.app import QtuiApp
from qtui.tui.keylist import APP_ACTIONS, PANE_ACTIONS
from qtui.tui.keymap import IN_CLASS, QUIT, Action
from qtui.tui.pane import Pane
from qtui.tui.panes.registry import FURTHER, PANES, pane_class
from tests.support.screens import screen_strips, settle

STARTS = (
    MemoryScenario(("Qwen3-8B",), "Q4_K_M", ram="32GB", vram="8GB"),
    BitsScenario("0.1", "float16"),
    QuantizerScenario(),
    ErrorsScenario(path="m.safetensors", against="original.safetensors", format=("Q8_0",)),
    PlanScenario(path="m.safetensors"),
    QualityScenario(format=("Q8_0",), windows=1),
    TourScenario(lesson="three.toml", step=2),
    WelcomeScenario(),
)


# What has nothing to do where nothing has been changed: the usual range is on show.
STEP = """
[[step]]
id = "flip-{0}"
title = "The sign"
kind = "do"
text = "One bit says whether a number is below zero."
show = "bits 1.5 --format float16"
task = "Make it negative."
goal = "value == -1.5"
solution = ["space"]
hints = ["It is the first bit.", "{{pane.mark}} flips it."]
success = "Only the sign has changed."
"""
AT_REST = {
    "line": {"pane.usual"},
    "density": {"pane.usual"},
    "errors": {"pane.usual"},
}


AnyPane = Pane[Any, Any]
# What an action's title promises of the Scenario, unless it asks first in a list or a field.
PROMISES: dict[str, Callable[[AnyPane, Scenario], bool]] = {
    "pane.next_view": lambda pane, before: pane.view != before.view_name or len(pane.VIEWS) < 2,
    "pane.previous_view": lambda pane, before: pane.view != before.view_name or len(pane.VIEWS) < 2,
    "pane.views": lambda pane, before: len(pane.VIEWS) < 2,
    "pane.find": lambda pane, before: False,
    "pane.open": lambda pane, before: pane.scenario.command != "plan",
    "pane.reset": lambda pane, before: pane.scenario.command == "tour" or pane.scenario == pane.fresh(),
    "pane.format": lambda pane, before: getattr(pane.scenario, "format", None) != getattr(before, "format", None),
    "pane.next_format": lambda pane, before: pane.scenario.format != getattr(before, "format", None),
    "pane.rounding": lambda pane, before: pane.scenario != before,
    "memory.essay": lambda pane, before: pane.scenario.format == "native",
    "bits.negate": lambda pane, before: pane.scenario != before,
    "tour.next": lambda pane, before: pane.scenario == replace(before, step=3),
    "tour.back": lambda pane, before: pane.scenario == replace(before, step=1),
    "tour.present": lambda pane, before: pane.scenario == replace(before, present=True),
    "quantizer.add": lambda pane, before: len(pane.scenario.format) == len(before.format) + 1,
    "quantizer.remove": lambda pane, before: len(pane.scenario.format) == len(before.format) - 1,
}


def pressed_in(app: QtuiApp, first: bool) -> Iterator[Action]:
    """What is pressed in the view on show: its own keys; in the first view also those of the whole pane."""
    assert app.pane is not None
    own = app.pane.VIEW_ACTIONS.get(app.pane.view, ())
    for action in app.pane.actions:
        leaves = action.id == QUIT.id
        if not leaves and (first or action in own or (not own and action.id.startswith("move."))):
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
    app.say("")
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
    for name in ("m", "original"):
        save_file({f"blk.{i}.ffn_up.weight": (i + 1) * values for i in range(3)}, tmp_path / f"{name}.safetensors")
    (tmp_path / "three.toml").write_text('title = "Three steps"\n' + "".join(map(STEP.format, range(3))))
    for command in (*PANES, *FURTHER):
        pane_class(command)  # loaded now: the keys wait a second at most for a pane that a key opens
    app = QtuiApp(start)
    idle: dict[str, set[str]] = {}
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        pane = app.pane
        assert pane is not None
        for number, (name, _) in enumerate(pane.VIEWS or ((pane.view, ""),)):
            if pane.VIEWS:
                pane.action_view(name)
            await settle(pilot)
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
    assert {name: ids - AT_REST.get(name, set()) for name, ids in idle.items()} == dict.fromkeys(idle, set())


# What the app's own keys open or change, in the Bits pane.
APPS_OWN = {
    "app.add_to_lesson": "DraftDialog",
    "app.help": "HelpScreen",
    "app.explain": "CardScreen",
    "app.undo": "state",
    "app.redo": "state",
    "app.copy": "copied",
    "app.copy_result": "Picker",
    "app.save": "message",
    "app.cancel": "",  # nothing is being worked on, nor was the tour left
    "app.reset": "Picker",
    "app.palette": "CommandPalette",
    "app.repaint": "painted anew",
    "app.suspend": "suspended",
    "app.quit": "0",
    "app.quit_anyway": "0",
    "app.interrupt": "130",
    "app.next_control": "focus",
    "app.previous_control": "focus",
    "class.follow": "message",
    "class.menu": "message",
}


async def test_the_apps_own_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    app, outside = QtuiApp(BitsScenario("0.1")), list[str]()
    # What ends or stops the process, and what the screen does not show.
    monkeypatch.setattr(app, "exit", lambda return_code=0: outside.append(str(return_code)))
    monkeypatch.setattr(app, "repaint", lambda: outside.append("painted anew"))
    monkeypatch.setattr(App, "action_suspend_process", lambda _: outside.append("suspended"))

    async def what_happens(key: str) -> str:
        app.say("")
        before = app.scenario_of("bits"), app.copied, app.focused, drawn(app)
        outside.clear()
        await pilot.press(key)
        await heard(pilot)
        if len(app.screen_stack) > 1:
            name = type(app.screen).__name__
            await app.pop_screen()
            return name
        after = app.scenario_of("bits"), app.copied, app.focused, drawn(app)
        names = zip(("state", "copied", "focus", "message"), before, after, strict=True)
        return outside[0] if outside else next((name for name, was, now in names if was != now), "")

    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        assert app.pane is not None
        app.pane.change(value="0.2")
        await settle(pilot)
        actions = [action for action in (*APP_ACTIONS, *IN_CLASS) if action not in PANE_ACTIONS.values()]
        assert {action.id: await what_happens(action.keys) for action in actions} == APPS_OWN
        assert list(tmp_path.glob("*.svg"))
        for at in (1, 0):  # the key, and the one that is for typing as well
            for command, action in PANE_ACTIONS.items():
                await pilot.press(action.keys.split(",")[at])
                await heard(pilot)
                assert app.pane.scenario.command == command
