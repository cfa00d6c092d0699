"""The key help: all of it can be read, in any window."""

import pytest
from textual.pilot import Pilot

from qtui.draw.picture import text
from qtui.scenario.base import Scenario
from qtui.scenario.bits.scenario import BitsScenario
from qtui.scenario.quantizer.scenario import QuantizerScenario
from qtui.scenario.tour.scenario import TourScenario
from qtui.tui.app import QtuiApp
from qtui.tui.help import part_picture, words_of
from qtui.tui.host import Settings
from tests.support.screens import screen_text


async def shown(pilot: Pilot[int]) -> str:
    for _ in range(4):
        await pilot.pause()
    return screen_text(pilot.app)


async def opened(scenario: Scenario, size: tuple[int, int]) -> tuple[str, str]:
    """The help at its top and at its end."""
    app = QtuiApp(scenario)
    async with app.run_test(size=size) as pilot:
        await shown(pilot)
        await pilot.press("question_mark")
        first = await shown(pilot)
        await pilot.press("end")
        return first, await shown(pilot)


async def test_a_tall_window_shows_all_of_it() -> None:
    first, last = await opened(QuantizerScenario(), (120, 140))
    assert first == last
    assert "next, previous view" in first and "go to a pane, also while typing" in first
    assert "Esc closes" in first and "scroll," not in first


async def test_a_small_window_says_that_there_is_more_and_cuts_no_word() -> None:
    first, last = await opened(QuantizerScenario(), (80, 24))
    assert "up and down scroll, Esc closes" in first
    assert "go to a pane, also while typing" not in first and words_of("quantizer")[-1][0] in last
    words = " ".join(row.strip(" │") for row in first.splitlines())
    assert "symmetric or asymmetric" in " ".join(words.split())


async def test_the_words_of_the_pane_are_explained_last() -> None:
    first, last = await opened(QuantizerScenario(), (80, 24))
    assert "zero point" in last and "zero point" not in first
    assert words_of("quantizer")[-1][0] == "zero point"


def test_long_names_of_keys_do_not_squeeze_what_they_do() -> None:
    rows = (("f", "the format"), ("Shift+left Shift+right", "move by ten"))
    assert text(part_picture("Keys", rows, 55)) == "Keys\n  f  the format\n  Shift+left Shift+right\n     move by ten"
    assert text(part_picture("", rows[1:], 73)) == "  Shift+left Shift+right  move by ten"


async def test_it_follows_the_view_and_the_keys() -> None:
    for settings, key in ((Settings(), "u U"), (Settings(keys={"app.undo": "f9"}), "F9 U")):
        app = QtuiApp(BitsScenario(), settings)
        async with app.run_test(size=(120, 140)) as pilot:
            shows = []
            for _ in range(2):
                await shown(pilot)
                await pilot.press("question_mark")
                shows.append(await shown(pilot))
                await pilot.press("escape", "v")
            assert all(f" {key} " in help and "undo, redo" in help for help in shows)
            assert "Bits: Inspect" in shows[0] and "Bits: Inspect" not in shows[1]


@pytest.mark.parametrize("key", ["x", "escape", "q", "e", "enter", "1"])
async def test_a_card_explains_the_view_until_any_key(key: str) -> None:
    app = QtuiApp(BitsScenario("1.5"))
    async with app.run_test(size=(60, 18)) as pilot:
        await shown(pilot)
        await app.run_action("explain")
        card = await shown(pilot)
        assert "Bits: Inspect" in card and "the distance to the next float" in card and "any key closes" in card
        assert all(row in card for row in ("Try", "exponent", "mantissa", "ulp"))
        await pilot.press(key)
        assert "any key closes" not in await shown(pilot)
        assert app.pane is not None and app.pane.scenario == BitsScenario("1.5")
        assert app.is_running


async def test_in_the_tour_its_own_keys_come_first() -> None:
    first, _ = await opened(TourScenario(step=2), (80, 24))
    assert first.index("next step") < first.index("left right")


async def test_in_the_tour_enter_goes_on_and_takes_no_step_of_memory() -> None:
    app = QtuiApp(TourScenario(step=5))
    async with app.run_test(size=(80, 24)) as pilot:
        shown_now = await shown(pilot)
        assert "in Q8_0 it runs on card and RAM together" in shown_now
        assert "takes it" not in shown_now
