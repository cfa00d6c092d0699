"""A pane that goes on to a lesson's next step is as a new one."""

from __future__ import annotations

from typing import Any, cast

import pytest

from qtui.scenario.tour.scenario import TourScenario
from qtui.tui.app import QtuiApp
from qtui.tui.host import Settings
from tests.support.screens import screen_text, settle

STEPS = ((14, 19, (0, 1)), (5, 4, (0, 0, 1)), (6, 7, (0, 1, 1)))  # two of one kind, and a mark in the first


async def shown(app: QtuiApp, pilot: Any, step: int) -> tuple[str, tuple[int, ...]]:
    await app.open_pane(TourScenario(step=step))
    await settle(pilot)
    return screen_text(app), cast(Any, app.pane).cursor


@pytest.mark.parametrize("step, other, mark", STEPS)
async def test_a_step_has_the_pane_of_the_last_one_without_its_marks(
    step: int, other: int, mark: tuple[int, ...]
) -> None:
    app = QtuiApp(TourScenario(step=step), Settings(kiosk=True))
    async with app.run_test(size=(80, 24)) as pilot:
        expected = await shown(app, pilot, step)
        hosted = cast(Any, app.pane).worked_on
        hosted.put_cursor(mark)
        assert hosted.cursor == mark != expected[1]
        await shown(app, pilot, other)
        assert await shown(app, pilot, step) == expected
        assert cast(Any, app.pane).worked_on is hosted
