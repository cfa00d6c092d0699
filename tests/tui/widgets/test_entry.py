"""The field to type into: a label and an input in one widget."""

from __future__ import annotations

from typing import ClassVar

import pytest
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.pilot import Pilot
from textual.widgets import Input

from qtui.scenario.quantizer.entries import counted
from qtui.tui.host import Settings
from qtui.tui.widgets.entry import Entry, selected_part
from qtui.tui.widgets.fields import Choice, FieldChanged, FieldRow
from tests.support.screens import screen_text


class Fields(App[None]):
    """Two entries and a choice, and what they tell."""

    AUTO_FOCUS = None
    CSS: ClassVar[str] = "FieldRow > Choice, FieldRow > Entry { margin-right: 0; }"

    def __init__(self, **how: object) -> None:
        super().__init__()
        self.settings = Settings()
        self.told: list[tuple[str, str, bool] | str] = []
        self._how = how

    def style(self, role: str) -> object:
        from rich.style import Style

        return Style.parse("bold" if role == "label" else "")

    def compose(self) -> ComposeResult:
        with FieldRow():
            yield Entry("first", "first", "10", width=8, **self._how)  # type: ignore[arg-type]
            yield Entry("other", "", placeholder="none", width=9)
            yield Choice("kind", "kind", ("a", "b"))

    def on_field_changed(self, event: FieldChanged) -> None:
        self.told.append((event.name, event.value, event.live))

    def on_entry_done(self, event: Entry.Done) -> None:
        self.told.append("done")


def first(app: App[None]) -> Entry:
    return app.query_one("#field-first", Entry)


async def shown(pilot: Pilot[None]) -> str:
    await pilot.pause()
    await pilot.pause()
    return screen_text(pilot.app).splitlines()[0]


async def test_label_text_and_placeholder_stand_in_one_row() -> None:
    app = Fields()
    async with app.run_test(size=(60, 3)) as pilot:
        assert (await shown(pilot)).startswith("first 10      none")
        await pilot.press("tab")
        assert app.focused is first(app)
        assert (await shown(pilot)).startswith("first 10      none")


async def test_filling_in_tells_nobody_and_shows_at_once() -> None:
    app = Fields()
    async with app.run_test(size=(60, 3)) as pilot:
        first(app).fill("77")
        assert (await shown(pilot)).startswith("first 77 ")
        first(app).focus()
        await shown(pilot)
        first(app).fill("1234567890")
        first(app).fill("5")
        assert (await shown(pilot)).startswith("first 5 ") and first(app).cursor_position <= 1
        assert app.told == [] and first(app).committed == "5"


async def test_enter_commits_once_and_says_that_it_is_done() -> None:
    app = Fields()
    async with app.run_test(size=(60, 3)) as pilot:
        first(app).focus()
        await pilot.press("end", "5", "enter", "enter")
        await pilot.pause()
        assert app.told == [("first", "105", False), "done", "done"]


async def test_leaving_commits_and_escape_does_not() -> None:
    app = Fields()
    async with app.run_test(size=(60, 3)) as pilot:
        first(app).focus()
        await pilot.press("7", "tab")
        await pilot.pause()
        assert app.told == [("first", "7", False)]
        app.told.clear()
        first(app).focus()
        await pilot.press("8", "escape")
        await pilot.pause()
        assert app.told == ["done"] and first(app).value == "7"


async def test_a_live_field_tells_of_every_character() -> None:
    app = Fields(live=True)
    async with app.run_test(size=(60, 3)) as pilot:
        first(app).focus()
        await pilot.press("4", "2")
        await pilot.pause()
        assert app.told == [("first", "4", True), ("first", "42", True)]


async def test_stepping_tells_once_and_what_is_no_number_stays() -> None:
    app = Fields(step=counted)
    async with app.run_test(size=(60, 3)) as pilot:
        first(app).focus()
        await pilot.press("up", "shift+down")
        await pilot.pause()
        assert app.told == [("first", "11", True), ("first", "1", True)]
        first(app).fill("x")
        await pilot.press("up")
        assert first(app).value == "x"


@pytest.mark.parametrize(
    ("text", "quiet"),
    [
        ("/a/very/long/path/model.gguf", "…el.gguf"),
        ("漢字漢字漢字漢字漢字", "漢字漢 …"),
        ("123456789", "1234567…"),
        ("12345678", "12345678"),
    ],
)
async def test_of_a_long_text_the_beginning_shows_and_of_a_path_the_end(text: str, quiet: str) -> None:
    app = Fields()
    async with app.run_test(size=(60, 3)) as pilot:
        first(app).fill(text)
        assert (await shown(pilot)).startswith(f"first {quiet}none")
        first(app).focus()
        assert f"{text[-3:]} none" in await shown(pilot)  # a cell is kept for the cursor


async def test_the_mouse_puts_the_cursor_where_it_clicks() -> None:
    app = Fields()
    async with app.run_test(size=(60, 3)) as pilot:
        await pilot.click(first(app), offset=(7, 0))
        await pilot.pause()
        assert app.focused is first(app) and first(app).cursor_position == 1
        await pilot.click(first(app), offset=(2, 0))  # on the label
        await pilot.pause()
        assert app.focused is first(app)


async def test_a_part_is_drawn_as_the_whole_is() -> None:
    app = Fields()
    async with app.run_test(size=(60, 3)) as pilot:
        await shown(pilot)
        for focused in (False, True):
            if focused:
                first(app).focus()
                await shown(pilot)
            width = first(app).outer_size.width
            whole = first(app).render_lines(Region(0, 0, width, 1))[0]
            for x, stop in ((0, 3), (2, width), (5, 7), (width - 1, width)):
                part = first(app).render_lines(Region(x, 0, stop - x, 1))[0]
                assert list(part.crop(0, stop - x)) == list(whole.crop(x, stop)) and part.cell_length == stop - x


async def test_what_is_selected_by_hand_is_a_part() -> None:
    app = Fields()
    async with app.run_test(size=(60, 3)) as pilot:
        first(app).focus()
        await pilot.pause()
        assert first(app).selected_text == "10" and selected_part(app.focused) == ""
        await pilot.press("home", "shift+right")
        assert selected_part(app.focused) == "1"
        assert selected_part(app.query_one(Choice)) == "" and isinstance(app.focused, Input)


@pytest.mark.parametrize(("width", "shares"), [(60, [14, 10, 10]), (34, [14, 10, 10]), (30, [10, 10, 10])])
async def test_fields_share_the_row_to_its_last_cell(width: int, shares: list[int]) -> None:
    app = Fields()
    async with app.run_test(size=(width, 3)) as pilot:
        await shown(pilot)
        assert [field.region.width for field in app.query("FieldRow > *")] == shares
