"""The frame around the panes: keys, undo, copying, help, errors, long work. Driven with a pane made for the tests."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass

import pytest
from textual import events
from textual.app import ComposeResult
from textual.geometry import Region
from textual.pilot import Pilot
from textual.strip import Strip

import qtui.tui.app
import qtui.tui.chrome
import qtui.tui.panes.registry
from qtui.draw.picture import line
from qtui.scenario.base import Scenario, UserError, argument, option
from qtui.scenario.progress import Progress
from qtui.scenario.quantizer.entries import counted
from qtui.tui.app import QtuiApp
from qtui.tui.keymap import Action, bindings
from qtui.tui.pane import Pane
from qtui.tui.widgets.entry import Entry
from qtui.tui.widgets.fields import Choice, FieldChanged
from qtui.tui.widgets.view import PictureView
from tests.support.screens import screen_text


@dataclass(frozen=True)
class OneScenario(Scenario):
    command = "mem"
    text: str = argument("hello", "a text")
    kind: str = option("plain", "a kind")


@dataclass(frozen=True)
class TwoScenario(OneScenario):
    command = "bits"


RELEASE = threading.Event()


async def settle(pilot: Pilot[int]) -> None:
    """Let a key's chain of messages (field, pane, app, pane) run to its end."""
    for _ in range(3):
        await pilot.pause()


class OnePane(Pane):
    SCENARIO = OneScenario
    title = "One"
    ACTIONS = (Action("one.does_x", "x", "does x", "does_x", "does x"),)
    BINDINGS = bindings(ACTIONS)

    def compose(self) -> ComposeResult:
        yield Choice("kind", "kind", ("plain", "loud", "slow"))
        yield Entry("text", "text", self.scenario.text)
        yield PictureView(id="out")

    def on_field_changed(self, event: FieldChanged) -> None:
        self.change(**{event.name: event.value}, live=event.live)

    def quick(self, scenario: OneScenario) -> bool:
        return scenario.kind != "slow"

    def solve(self, scenario: OneScenario, progress: Progress) -> str:
        if scenario.text == "bad":
            raise UserError("bad is not a text; try good")
        while scenario.kind == "slow" and not RELEASE.wait(0.01):
            progress.tick(1, 2, "waiting")
        return scenario.text.upper() if scenario.kind == "loud" else scenario.text

    def show(self, scenario: OneScenario, result: str) -> None:
        self.query_one(Choice).value = scenario.kind
        self.query_one(Entry).fill(scenario.text)
        self.query_one(PictureView).set_draw(lambda w, h: (line(f"result {result}"), line(f"{w}x{h}")))


class TwoPane(OnePane):
    SCENARIO = TwoScenario
    title = "Two"


@pytest.fixture
def panes(monkeypatch: pytest.MonkeyPatch) -> None:
    table = {"mem": ("1", "One", f"{__name__}:OnePane"), "bits": ("2", "Two", f"{__name__}:TwoPane")}
    for module in (qtui.tui.panes.registry, qtui.tui.chrome):
        monkeypatch.setattr(module, "PANES", table)
    RELEASE.clear()


async def test_opens_solves_and_draws(panes: None) -> None:
    app = QtuiApp(OneScenario(text="seen"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        shown = screen_text(app)
        assert "[1 One]" in shown and "result seen" in shown and "x does x" in shown


async def test_keys_change_undo_and_redo(panes: None) -> None:
    app = QtuiApp(OneScenario())
    async with app.run_test() as pilot:
        await pilot.press("right")
        await settle(pilot)
        assert "result HELLO" in screen_text(app)
        await pilot.press("u")
        await settle(pilot)
        assert "result hello" in screen_text(app) and app.pane.scenario.kind == "plain"
        await pilot.press("U")
        await settle(pilot)
        assert "result HELLO" in screen_text(app)
        await pilot.press("u", "u")
        await settle(pilot)
        assert "nothing to undo" in screen_text(app)


async def test_typing_enters_and_copy_gives_the_command(panes: None) -> None:
    app = QtuiApp(OneScenario())
    async with app.run_test() as pilot:
        await pilot.press("tab", *"new 1", "enter")
        await settle(pilot)
        assert "result new 1" in screen_text(app)
        await pilot.press("shift+tab", "y")
        await settle(pilot)
        assert app.copied == "qtui mem 'new 1' --tui"
        assert app.copied in screen_text(app)


async def test_panes_keep_their_state_and_undo_crosses_them(panes: None) -> None:
    app = QtuiApp(OneScenario())
    async with app.run_test() as pilot:
        await pilot.press("right", "2", "right")
        await settle(pilot)
        assert "[2 Two]" in screen_text(app)
        await pilot.press("1")
        await settle(pilot)
        assert app.pane.scenario == OneScenario(kind="loud")
        await pilot.press("u")
        await settle(pilot)
        assert app.pane.scenario == TwoScenario(kind="plain")


async def test_reset_of_one_pane_and_of_all_with_undo(panes: None) -> None:
    app = QtuiApp(OneScenario())
    async with app.run_test() as pilot:
        await pilot.press("right", "2", "right", "1")
        await settle(pilot)
        await pilot.press("r")
        await settle(pilot)
        assert app.pane.scenario == OneScenario() and app.scenario_of("bits") == TwoScenario(kind="loud")
        await pilot.press("u")
        await settle(pilot)
        assert app.pane.scenario == OneScenario(kind="loud")
        await pilot.press("R", "enter")
        await settle(pilot)
        assert app.scenario_of("mem") == OneScenario(kind="loud")  # it asks, and keeps
        await pilot.press("R", "down", "enter")
        await settle(pilot)
        assert (app.scenario_of("mem"), app.scenario_of("bits")) == (OneScenario(), TwoScenario())
        assert "result hello" in screen_text(app)
        await pilot.press("u")
        await settle(pilot)
        assert (app.scenario_of("mem"), app.scenario_of("bits")) == (
            OneScenario(kind="loud"),
            TwoScenario(kind="loud"),
        )
        assert app.pane.scenario == OneScenario(kind="loud") and "result HELLO" in screen_text(app)


async def test_a_pane_asked_for_twice_at_once_is_one_pane(panes: None) -> None:
    app = QtuiApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await asyncio.gather(app.stage.visit("bits"), app.stage.open(TwoScenario("linked")), app.stage.visit("bits"))
        await settle(pilot)
        assert len(app.query("#pane-bits")) == 1
        assert "result linked" in screen_text(app)


async def test_tab_strip_is_reached_by_tab_and_turns_panes(panes: None) -> None:
    app = QtuiApp(OneScenario())
    async with app.run_test() as pilot:
        await pilot.press("shift+tab", "right")
        await settle(pilot)
        assert "[2 Two]" in screen_text(app)


async def test_a_bad_value_is_told_and_nothing_is_lost(panes: None) -> None:
    app = QtuiApp(OneScenario(text="good"))
    async with app.run_test() as pilot:
        await pilot.press("tab", *"bad", "enter")
        await settle(pilot)
        shown = screen_text(app)
        assert "bad is not a text; try good" in shown and "result good" in shown


async def test_long_work_leaves_keys_alive_and_is_cancelled(panes: None) -> None:
    app = QtuiApp(OneScenario())
    async with app.run_test() as pilot:
        await pilot.press("right", "right")
        await settle(pilot)
        await pilot.pause(0.1)
        assert app.runner.busy
        await pilot.press("question_mark")
        assert "every" in screen_text(app).lower()
        await pilot.press("escape")
        await settle(pilot)
        await pilot.press("escape")
        await settle(pilot)
        await pilot.pause(0.1)
        assert not app.runner.busy and "cancelled" in screen_text(app)


async def test_long_work_arrives(panes: None) -> None:
    app = QtuiApp(OneScenario(kind="slow"))
    async with app.run_test() as pilot:
        RELEASE.set()
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "result hello" in screen_text(app)


async def test_the_end_of_work_leaves_a_newer_message(panes: None) -> None:
    app = QtuiApp(OneScenario(kind="slow"))
    async with app.run_test() as pilot:
        RELEASE.set()
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "working" not in screen_text(app)
        app.runner.start(app.pane, app.pane.scenario)
        app.say("something newer")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert not app.runner.busy and "something newer" in screen_text(app)


async def test_enter_lists_the_values_of_a_choice(panes: None) -> None:
    app = QtuiApp(OneScenario())
    async with app.run_test() as pilot:
        await pilot.press("enter", *"lou")
        await settle(pilot)
        shown = screen_text(app)
        assert "│  loud" in shown and "│  plain" not in shown
        assert "text hello" in shown, "what the dialog does not cover stays in sight"
        await pilot.press("enter")
        await settle(pilot)
        assert app.pane.scenario.kind == "loud"


async def test_keys_that_come_before_a_dialog_stands(panes: None) -> None:
    app = QtuiApp(OneScenario())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        for key in ("enter", "l", "o", "enter", "question_mark", "down", "escape", "y"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        while app.keys.busy:
            await pilot.pause()
        await settle(pilot)
        assert app.pane is not None and app.pane.scenario.kind == "loud"
        assert app.copied == "qtui mem --kind loud --tui"


async def test_mouse_on_tabs(panes: None) -> None:
    app = QtuiApp(OneScenario())
    async with app.run_test() as pilot:
        await pilot.click("#tabs", offset=(9, 0))
        assert "[2 Two]" in screen_text(app)


async def test_a_long_message_goes_on_in_the_row_of_the_keys(panes: None) -> None:
    app = QtuiApp(OneScenario())
    words = " ".join(f"word{i}" for i in range(18))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        keys = screen_text(app).splitlines()[-1]
        app.say(words, "bad")
        await settle(pilot)
        assert " ".join(row.strip() for row in screen_text(app).splitlines()[-2:]) == words
        app.say("short")
        await settle(pilot)
        assert [row.strip() for row in screen_text(app).splitlines()[-2:]] == ["short", keys.strip()]


async def test_a_choice_without_a_label_lists_its_values_under_its_name(panes: None) -> None:
    app = QtuiApp(OneScenario())
    async with app.run_test() as pilot:
        choice = Choice("machine", "", ("a", "b"))
        await app.frame.mount(choice)
        choice.focus()
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert "─ Machine ─" in screen_text(app) and "Enter takes, Esc closes" in screen_text(app)


async def test_what_is_shown_first_is_whole_and_drawn_once(panes: None, monkeypatch: pytest.MonkeyPatch) -> None:
    shown, drawn = [], []
    render, redraw = PictureView.render_lines, PictureView.redraw

    def rendered(self: PictureView, crop: Region) -> list[Strip]:
        strips = render(self, crop)
        shown.append(self.picture)
        return strips

    monkeypatch.setattr(PictureView, "render_lines", rendered)
    monkeypatch.setattr(PictureView, "redraw", lambda self: drawn.append(self.room) or redraw(self))
    app = QtuiApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert shown and all(shown)
        assert drawn.count(app.query_one("#out", PictureView).room) == 1
        drawn.clear()
        await pilot.resize_terminal(90, 30)
        await settle(pilot)
        assert drawn == [app.query_one("#out", PictureView).room]


async def test_text_that_is_no_number_is_not_stepped(panes: None) -> None:
    async with QtuiApp().run_test():
        entry = Entry("count", "count", "bf", step=counted)
        entry.action_step(1)
        assert entry.value == "bf"
