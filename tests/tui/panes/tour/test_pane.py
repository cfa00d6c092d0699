"""The tour's player: goals that notice, predictions that are locked, hints, going on and back, and coming back."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from qtui.cli.main import run
from qtui.scenario.tour.progress import load_progress, presentation_now, resumed
from qtui.scenario.tour.scenario import TourScenario
from qtui.tui.app import QtuiApp
from qtui.tui.host import Settings
from qtui.tui.offers import actions
from qtui.tui.panes.tour.widgets import AnswerField
from qtui.tui.widgets.view import PictureView
from tests.support.screens import press, screen_text, settle

pytestmark = pytest.mark.usefixtures("own_state")

LESSON = """title = "Two floats"
further = "{pane.views} lists the views."

[[step]]
id = "flip"
title = "The sign"
kind = "do"
text = "One bit says whether a number is below zero.\\nIt is the first."
show = "bits 1.5 --format float16"
task = "Make it negative."
goal = "value == -1.5"
solution = ["space"]
hints = ["It is the first bit.", "{pane.mark} flips it."]
success = "Only the sign has changed."

[[step]]
id = "guess"
title = "The next number"
kind = "predict"
text = "After 1.5 comes the next one.\\nIt is not far."
show = "bits 1.5 --format float16"
after = "bits 1.5009765625 --format float16"
question = "How far?"
truth = "ulp"
tolerance = 0.5
why = "Ten bits of digits."

[[step]]
id = "look"
title = "Quantized"
kind = "look"
text = "Six numbers,\\ntwo ways."
show = "quantize"
controls = ["outlier"]
"""


@pytest.fixture
def lesson(tmp_path: Path) -> str:
    path = tmp_path / "lesson.toml"
    path.write_text(LESSON)
    return str(path)


@asynccontextmanager
async def at(
    lesson: str, step: int, kiosk: bool = False, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[Pilot[int]]:
    app = QtuiApp(TourScenario(lesson=lesson, step=step), Settings(kiosk=kiosk))
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        yield pilot


async def test_a_goal_notices_when_it_is_met_and_stays_met(lesson: str) -> None:
    async with at(lesson, 1) as pilot:
        shown = screen_text(pilot.app)
        assert "1/3" in shown and "Make it negative." in shown and "The sign ✓" not in shown
        shown = await press(pilot, "space")
        assert "Only the sign has changed." in shown and "The sign ✓" in shown
        assert "Only the sign" in await press(pilot, "space")
        assert load_progress(lesson).done == {"flip"}


async def test_a_prediction_is_locked_before_the_truth_is_shown(lesson: str) -> None:
    async with at(lesson, 2) as pilot:
        assert "it is" not in screen_text(pilot.app)
        assert pilot.app.query_one("#tour-stage").size.width == 80  # the field below it stands further in
        shown = await press(pilot, "x", "question_mark", "enter")
        assert "answer with a number" in shown and "it is" not in shown
        assert "your answer" in await press(pilot, "escape", "backspace", "enter")  # nothing is left of it
        await press(pilot, "x", "enter")
        shown = await press(pilot, *"0", "full_stop", *"002", "enter")
        assert "you said" in shown and "0.002" in shown and "2.0× too much" in shown
        assert "0.0009766" in shown and "Ten bits of digits." in shown
        assert "1.5009765625" in shown  # the pane has gone on to what is true
        shown = await press(pilot, "9", "enter")
        assert load_progress(lesson).answers == {"guess": "0.002"}
    async with at(lesson, 2) as pilot:  # another day
        shown = screen_text(pilot.app)
        assert "you said" in shown and "1.5009765625" in shown and "your answer" not in shown


async def test_an_empty_field_leaves_the_tours_keys_to_the_tour(lesson: str) -> None:
    async with at(lesson, 2) as pilot:
        assert "1/3" in await press(pilot, "backspace")
        assert "3/3" in await press(pilot, "right_parenthesis", "right_parenthesis")
        assert "2/3" in await press(pilot, "left_parenthesis")
        assert "Bits: Inspect" in await press(pilot, "question_mark")
        assert "1q" in await press(pilot, "escape", "1", "q")
        await press(pilot, "backspace", "backspace", "q")
        assert pilot.app.return_code == 0


async def test_backspace_takes_a_refused_answer_back_before_it_leaves_the_step(lesson: str) -> None:
    async with at(lesson, 2) as pilot:
        assert "panes" not in screen_text(pilot.app)  # digits are text
        shown = await press(pilot, "x", "y", "enter", "backspace", "backspace")
        assert "2/3" in shown and "your answer, then Enter" in shown and "once more" in shown
        shown = await press(pilot, "backspace")
        assert "1/3" in shown and "1 2 3 4 5 panes" in shown


async def test_hints_come_one_by_one_and_then_it_is_shown(lesson: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qtui.tui.panes.tour.solution.SHOW_EVERY", 0.01)
    async with at(lesson, 1) as pilot:
        shown = await press(pilot, "question_mark")
        assert "Hint 1" in shown and "Hint 2" not in shown
        assert "Space flips it" in await press(pilot, "question_mark")
        await press(pilot, "question_mark")
        await pilot.pause(0.05)
        assert "Only the sign has changed." in await press(pilot)


async def test_going_on_is_never_blocked_and_going_back_finds_all_as_it_was(lesson: str) -> None:
    async with at(lesson, 1) as pilot:
        assert "2/3" in await press(pilot, "enter")
        assert "3/3" in await press(pilot, "enter")  # an answer that is empty
        assert "Two floats: 1 of 3 steps done" in await press(pilot, "enter")
        await press(pilot, "escape", "backspace")
        assert "1/3" in await press(pilot, "escape", "backspace")
        assert resumed(TourScenario(lesson=lesson)).step == 1


async def test_the_end_shows_the_predictions_beside_the_truth(lesson: str) -> None:
    async with at(lesson, 2) as pilot:
        await press(pilot, *"0", "full_stop", *"002", "enter", "enter")
        shown = await press(pilot, "enter")
        assert "2 of 3 steps done" in shown and "0 of 1 near the truth" in shown
        assert any("The next number" in row and "0.0009766" in row for row in shown.splitlines())
        assert "w lists the views." in shown


async def test_only_the_controls_that_a_step_needs_are_shown(lesson: str) -> None:
    async with at(lesson, 1) as pilot:
        assert "nearest-even" not in screen_text(pilot.app)
        shown = await press(pilot, "right_parenthesis", "escape", "right_parenthesis")
        assert "3/3" in shown and "outlier" in shown and "Numbers" not in shown


async def test_a_field_that_a_key_asks_for_is_shown_while_it_is_typed_into(lesson: str) -> None:
    async with at(lesson, 1) as pilot:
        entry = pilot.app.query_one("#field-value")
        assert not entry.region
        await press(pilot, "d", "2")
        assert entry.region and entry.has_focus
        assert "2   ✓ stored exactly" in await press(pilot, "enter")
        assert not entry.region


async def test_escape_comes_back_from_another_pane(lesson: str) -> None:
    async with at(lesson, 1) as pilot:
        await press(pilot, "space")
        shown = await press(pilot, "f1")
        assert "1/3" not in shown and "comes back to the tour" in shown
        assert "Only the sign has changed." in await press(pilot, "escape")


async def test_undo_takes_back_what_was_done_in_the_pane_and_reset_all_of_it(lesson: str) -> None:
    async with at(lesson, 1) as pilot:
        await press(pilot, "space", "u")
        assert pilot.app.pane is not None and pilot.app.pane.scenario.state == ""  # type: ignore[attr-defined]
        await press(pilot, "space")
        assert pilot.app.pane.scenario.state == "bits --format float16 -- -1.5"  # type: ignore[attr-defined]
        assert "Make it negative." in await press(pilot, "r")


async def test_what_is_typed_after_a_reset_is_for_the_step(lesson: str) -> None:
    async with at(lesson, 2) as pilot:
        await press(pilot, "1", "enter")
        pilot.app.pane.action_reset()  # type: ignore[attr-defined]
        assert isinstance(pilot.app.focused, AnswerField)  # before the pane has been worked out anew
        assert "your answer" not in await press(pilot, "2")


async def test_prose_names_the_keys_as_the_person_has_them(lesson: str) -> None:
    app = QtuiApp(TourScenario(lesson=lesson, step=1), Settings(keys={"pane.mark": "t"}))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "t flips it" in await press(pilot, "question_mark", "question_mark")


async def test_help_and_cards_are_those_of_the_pane_in_the_middle(lesson: str) -> None:
    async with at(lesson, 1) as pilot:
        assert "Bits: Inspect" in await press(pilot, "e")
        await press(pilot, "escape", "space")
        assert "flip" in await press(pilot, "question_mark")


async def test_no_step_begins_with_the_marks_of_another(lesson: str) -> None:
    async with at(lesson, 1) as pilot:
        await press(pilot, "right", "right", "r", "space")
        assert pilot.app.pane.scenario.state.endswith("-1.5")  # type: ignore[attr-defined]
        await press(pilot, "right", "right", "enter", "escape", "backspace", "r", "space")
        assert pilot.app.pane.scenario.state.endswith("-1.5")  # type: ignore[attr-defined]


async def test_a_kiosk_keeps_nothing(lesson: str, tmp_path: Path) -> None:
    async with at(lesson, 1, kiosk=True) as pilot:
        assert "✓" in await press(pilot, "space")
    assert not (tmp_path / "state").exists()


async def test_what_cannot_be_kept_is_said(lesson: str, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("no folder")
    async with at(lesson, 1) as pilot:
        assert "what you have done can't be kept: Not a directory" in screen_text(pilot.app)


def test_a_damaged_file_counts_as_none_and_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "qtui"
    folder.mkdir(parents=True)
    for text in ("{", "[]", json.dumps({"version": 1, "lessons": {"": {"step": "x", "done": 3, "answers": [1]}}})):
        (folder / "tour.json").write_text(text)
        assert load_progress("").step == 0
    assert (folder / "tour.json.damaged").read_text() == "[]"


@pytest.mark.parametrize("size", [(60, 18), (80, 24), (120, 40)])
@pytest.mark.parametrize("step", [1, 2, 3])
async def test_the_step_is_whole_in_every_window(lesson: str, step: int, size: tuple[int, int]) -> None:
    async with at(lesson, step, size=size) as pilot:
        shown = screen_text(pilot.app)
        assert {1: "Make it negative.", 2: "How far?", 3: "two ways."}[step] in shown
        assert "Enter" in shown.splitlines()[-1] and f"{step}/3" in shown.splitlines()[0]


async def test_a_presentation_has_a_large_heading_and_tells_the_notes_where_it_is(
    lesson: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with at(lesson, 1) as pilot:
        assert presentation_now() is None
        shown = await press(pilot, "vertical_line")
        assert "▀█▀ █ █ █▀▀   ▄▀▀ █ ▄▀▀▀ █▄ █" in shown and "next: The next number" in shown and "0 min" in shown
        assert "One bit says whether a number is below zero." in shown and "It is the first." not in shown
        await press(pilot, "enter")
        here = presentation_now()
        assert here is not None and here.step == 2
    assert run(["tour", "--notes", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "The next number"


async def test_the_palette_offers_each_pane_once(lesson: str) -> None:
    async with at(lesson, 1) as pilot:
        offers = [offer.title for offer in actions(pilot.app, pilot.app.pane)]  # type: ignore[attr-defined]
        assert offers.count("Go to Bits") == 1


async def test_a_large_window_has_terms_and_steps_where_a_picture_leaves_rows() -> None:
    async with at("", 1, size=(160, 48)) as pilot:
        shown = screen_text(pilot.app)
        blank = [not row.strip() for row in shown.splitlines()[:-2]]
        assert sum(blank) < 12 and "parameter  one of the model's numbers" in shown and "▶  1 What is a" in shown
        view = pilot.app.query_one("#weights", PictureView)
        assert view.own_rows < len(view.picture)
        await press(pilot, "Y")  # the picture alone is copied
        assert "What is a parameter" not in pilot.app.clipboard and "node 1" in pilot.app.clipboard
        shown = await press(pilot, "right_parenthesis", "right_parenthesis")
        assert "▶  3 Count the lines" in shown and "On show" not in shown
        shown = await press(pilot, "c", "enter")
        assert "8 + 24 + 24 + 8" in shown and "you said" in shown
        assert not pilot.app.query_one("#tour-aside").display
