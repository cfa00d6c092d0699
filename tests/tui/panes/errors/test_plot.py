"""The drawn errors: the cursor on bins, scales and units, the worst blocks, samples."""

from __future__ import annotations

import threading
from typing import Any

import pytest

import qtui.scenario.errors.measure
import qtui.tui.panes.errors.pane
from qtui.scenario.errors.scenario import ErrorsScenario
from qtui.scenario.progress import Progress
from qtui.tui.app import QtuiApp
from tests.support.screens import press, screen_text, settle


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
        shown = await press(pilot, "enter")  # where there is room for both, the plot takes all of it
        assert "Worst tensors in Q4_0" not in shown and "▲" in shown
        shown = await press(pilot, "enter")
        assert "Worst tensors in Q4_0" in shown and "▲" in shown


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
