"""The app in a class, without a network: what it says to the class, and what it does when that says something."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from qtui.paths import write_atomically
from qtui.scenario.base import Scenario, UserError
from qtui.scenario.bits.scenario import BitsScenario
from qtui.scenario.memory.scenario import MemoryScenario
from qtui.scenario.plan.scenario import PlanScenario
from qtui.scenario.tour.scenario import TourScenario
from qtui.scenario.welcome.scenario import WelcomeScenario
from qtui.teach import service
from qtui.teach.messages import (
    Answer,
    Ask,
    Call,
    ClassState,
    Join,
    Lead,
    Notice,
    Place,
    Poll,
    Results,
    Roster,
    RosterRow,
    Rule,
    Seen,
    Show,
    Welcome,
)
from qtui.tui.app import QtuiApp
from qtui.tui.follow import following, leader
from qtui.tui.follow.follower import Follower
from qtui.tui.follow.leader import Leader, question_in
from qtui.tui.follow.pictures import poll_picture, roster_table
from qtui.tui.follow.states import from_line, to_line
from qtui.tui.host import Settings
from tests.support.screens import press, screen_text, settle
from tests.support.wire import Wire, hears

pytestmark = pytest.mark.usefixtures("own_state")

BITS = BitsScenario(value="0.15625")


def in_class(kind: type[Any], *options: Any, start: Scenario | None = None) -> tuple[QtuiApp, Wire]:
    app, wire = QtuiApp(start or MemoryScenario(), Settings()), Wire()
    app.classroom = kind(app, wire, *options)
    return app, wire


def state(number: int, scenario: Scenario, **options: Any) -> ClassState:
    return ClassState(number, to_line(scenario), **options)


async def test_a_student_follows_explores_and_returns() -> None:
    app, wire = in_class(Follower, "ann")
    async with app.run_test(size=(80, 24)) as pilot:
        assert "Your name" in await press(pilot)
        await press(pilot, *"Lee", "enter")
        assert wire.last(Join) == Join("Lee")
        shown = await hears(pilot, wire, Welcome("Lee", "t1"), state(1, BITS))
        assert "[2 Bits]" in shown and "0.15625" in shown and "following the class" in shown
        assert wire.last(Seen) == Seen(1)
        assert "following the class" in await press(pilot, "question_mark", "escape")  # help is no step away
        assert "exploring   @ returns" in await press(pilot, "1")
        assert "[1 Memory]" in await hears(pilot, wire, state(2, BitsScenario(value="0.1")))
        shown = await press(pilot, "at")
        assert "[2 Bits]" in shown and "you follow the class again" in shown
        assert cast(Any, app.pane).scenario == BitsScenario(value="0.1")
        await press(pilot, "1")
        shown = await hears(pilot, wire, state(3, BITS, called=True, whose="Ben"))
        assert "Ben's screen" in shown and "this is how Ben has it" in shown


async def test_pinned_nothing_of_the_student_own_is_done() -> None:
    app, wire = in_class(Follower, "ann")
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "enter")
        await hears(pilot, wire, Welcome("ann", "t1"), state(1, BITS, pinned=True))
        shown = await press(pilot, "3", "right")
        assert "[2 Bits]" in shown and "the teacher leads just now" in shown
        assert "lets you explore again" in await hears(pilot, wire, state(2, BITS))


async def test_where_a_student_is_goes_to_the_class(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qtui.tui.follow.follower.OFTEN", 0.0)
    app, wire = in_class(Follower, "ann")
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "enter")
        await hears(pilot, wire, Welcome("ann", "t1"), state(1, BITS))
        await press(pilot, "1")
        await settle(pilot)
        assert wire.last(Place).scenario["pane"] == "mem" and not wire.last(Place).following
        await press(pilot, "at")
        await settle(pilot)
        assert wire.last(Place) == Place({}, True)


async def test_a_question_is_answered_and_its_answers_are_seen() -> None:
    app, wire = in_class(Follower, "ann")
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "enter")
        await hears(pilot, wire, Welcome("ann", "t1"), state(1, BITS))
        assert "there is no question" in await press(pilot, "dollar_sign")
        shown = await hears(pilot, wire, Poll(1, "Which?", ("this", "that"), here=2))
        assert "Which?" in shown and "press $ to answer" in shown
        await press(pilot, "dollar_sign")
        shown = await press(pilot, "down", "enter")
        assert wire.last(Answer) == Answer(1, 1) and "yours" in shown and "following" in shown
        shown = await hears(pilot, wire, Poll(1, "Which?", ("this", "that"), (3, 1), 1, 0, 4, True, True))
        assert "this is how the class has answered" in shown and "✓" in shown
        assert "Which?" not in await hears(pilot, wire, Poll())
        await hears(pilot, wire, Poll(2, "How many?", here=2))
        await press(pilot, "dollar_sign")
        await press(pilot, *"12.5", "enter")
        assert wire.last(Answer) == Answer(2, text="12.5")


async def test_what_the_tour_asks_is_answered_in_its_pane() -> None:
    app, wire = in_class(Follower, "ann")
    async with app.run_test(size=(80, 30)) as pilot:
        await press(pilot, "enter")
        poll = Poll(1, "how many parameters?", ("18", "24", "64"), shown=True)
        shown = await hears(pilot, wire, Welcome("ann", "t1"), state(1, TourScenario(step=3)), poll)
        assert "press $ to answer" not in shown and "following the class" in shown
        shown = await press(pilot, "c", "enter")
        assert wire.last(Answer) == Answer(1, 2)
        assert "following the class" in shown


async def test_who_has_not_answered_sees_the_picture_once_it_is_revealed() -> None:
    for kind, options in ((Follower, "ann"), (Leader, lambda: "key")):
        app, wire = in_class(kind, options, start=TourScenario(step=3))
        async with app.run_test(size=(80, 30)) as pilot:
            await press(pilot, *(("enter",) if kind is Follower else ()))
            poll = Poll(1, "how many parameters?", ("18", "24", "64"), shown=True)
            first = (Welcome("ann", "t1"), state(1, TourScenario(step=3)), poll) if kind is Follower else (poll,)
            await hears(pilot, wire, *first)
            assert not cast(Any, app.pane).worked_on.display
            shown = await hears(pilot, wire, replace(poll, counts=(1, 0, 2), right=2, truth="64", revealed=True))
            assert cast(Any, app.pane).worked_on.display and "c 64    2" in shown and "exploring" not in shown


async def test_a_teacher_leads(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    app, wire = in_class(Leader, lambda: "key")
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot)
        assert wire.last(Lead) == Lead("key")
        shown = await hears(pilot, wire, Welcome("teacher", door="ssh -p 8022 host"))
        assert wire.last(Show).scenario == {"pane": "mem"} and "ssh -p 8022 host" in shown
        rows = (RosterRow(1, "Ann", lag=40), RosterRow(2, "Ben", following=False, where="bits", answered=True))
        assert "2 here, 1 follow, 1 ✓" in await hears(pilot, wire, Roster(rows))
        await press(pilot, "2")
        assert wire.last(Show).scenario["pane"] == "bits"
        await press(pilot, "at")
        assert wire.last(Call) == Call()
        shown = await press(pilot, "dollar_sign")
        assert "Who is here" in shown and "Save the results" in shown
        await press(pilot, *"pin", "enter")
        assert wire.last(Rule) == Rule(pinned=True)
        await press(pilot, "dollar_sign", *"own", "enter")
        await press(pilot, *"A?|b|*c", "enter")
        assert wire.last(Ask) == Ask("A?", ("b", "c"), 1)
        shown = await press(pilot, "dollar_sign", "enter")
        assert "Ann" in shown and "Ben" in shown
        await press(pilot, "escape")


async def test_results_are_saved_and_a_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    app, wire = in_class(Leader, lambda: "key")
    async with app.run_test(size=(100, 24)) as pilot:
        await press(pilot)
        await hears(pilot, wire, Welcome("teacher"))
        assert "saved qtui-class-" in await hears(pilot, wire, Results("name\nAnn\n"))
        (saved,) = tmp_path.glob("*.csv")
        assert saved.read_text() == "name\nAnn\n"
        monkeypatch.setattr(leader, "write_atomically", lambda path, text: write_atomically("/dev/full", text))
        shown = await hears(pilot, wire, Results("name\nBen\n"))
        assert "could not save" in shown and "No space left" in shown
        assert list(tmp_path.glob("qtui-class-*")) == [saved]
        assert "[2 Bits]" in await press(pilot, "2")  # the class goes on


async def test_a_teacher_who_comes_back_finds_the_class_where_it_was() -> None:
    app, wire = in_class(Leader, lambda: "key")
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot)
        before = len(wire.said)
        shown = await hears(pilot, wire, Welcome("teacher", scenario=to_line(BITS)))
        assert "[2 Bits]" in shown and "0.15625" in shown
        await press(pilot, "dollar_sign", "escape")
        assert not any(isinstance(message, Show) for message in wire.said[before:])


async def test_the_tour_asks_the_class() -> None:
    app, wire = in_class(Leader, lambda: "key", start=TourScenario(step=3))
    async with app.run_test(size=(100, 30)) as pilot:
        await press(pilot)
        await hears(pilot, wire, Welcome("teacher"))
        ask = wire.last(Ask)
        assert ask.shown and len(ask.choices) == 3 and ask.right == 2
        await app.open_pane(TourScenario(step=1))
        await settle(pilot)
        assert wire.last(Ask) == Ask()


@pytest.mark.parametrize("text", ["", "no answers", "one | answer", "a || b", "| x | y"])
def test_no_question(text: str) -> None:
    assert question_in(text) is None


@pytest.mark.parametrize(
    "scenario", [BITS, MemoryScenario(model=("Qwen3-8B", "8B"), ctx=0), TourScenario(step=3), PlanScenario(path="x")]
)
def test_scenarios_travel(scenario: Scenario) -> None:
    assert from_line(to_line(scenario)) == scenario


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"pane": "nowhere"},
        {"pane": "bits", "evil": 1},
        {"pane": "bits", "value": ["x"]},
        {"pane": "plan", "path": "x", "out": "/x"},
        {"pane": "tour", "step": 2, "state": "plan x --out=/x"},
        {"pane": "tour", "step": 2, "state": "inspect --hub org/repo"},
    ],
)
def test_what_is_no_scenario_or_reaches_beyond_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(UserError):
        from_line(data)


@pytest.mark.parametrize("path", ["/etc/passwd", "~/x", "./x", "../x", "C:\\x", "pyproject.toml"])
def test_a_file_that_a_student_names_is_not_opened_by_others(path: str) -> None:
    for data in (
        {"pane": "errors", "path": path},
        {"pane": "mem", "model": [path]},
        {"pane": "mem", "model": [f"8B,{path}"]},
        {"pane": "tour", "lesson": path},
        {"pane": "tour", "state": f"errors {path}"},
    ):
        assert from_line(data)
        with pytest.raises(UserError, match="file of their own"):
            from_line(data, by_student=True)
    for data in (
        {"pane": "mem", "model": ["8B"]},
        {"pane": "bits", "value": "1/3"},
        {"pane": "bits", "value": "-.5e-3"},
    ):
        assert from_line(data, by_student=True)


def test_pictures_fit_their_width() -> None:
    from qtui.draw.glyphs import ASCII, UNICODE
    from qtui.draw.picture import width

    poll = Poll(1, "A question " * 20, ("short", "a very long answer " * 5), (40, 3), 1, 0, 43, True, True)
    for cells in (20, 58, 78, 158):
        for glyphs in (UNICODE, ASCII):
            assert all(width(row) <= cells for row in poll_picture(poll, "hint " * 40, cells, glyphs))
    rows = [
        RosterRow(1, "日本語日本語日本", following=False, where="quantize stairs"),
        RosterRow(2, "Ann", lag=12345),
    ]
    assert len({row.index(" s ") for row in roster_table(rows, UNICODE)}) <= 2


async def test_the_keys_of_the_class_are_no_answer_to_the_tour() -> None:
    app, wire = in_class(Leader, lambda: "key", start=TourScenario(step=3))
    async with app.run_test(size=(100, 30)) as pilot:
        await press(pilot)
        await hears(pilot, wire, Welcome("teacher"))
        assert "Who is here" in await press(pilot, "dollar_sign")
        await press(pilot, "escape", "at")
        assert wire.last(Call) == Call()


@pytest.mark.parametrize("shown, ready", [(MemoryScenario(), True), (TourScenario(step=1), False)])
async def test_panes_that_a_class_goes_to_are_ready_before(
    shown: Scenario, ready: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qtui.tui.follow.follower.Follower.PREPARED", (0.0, 0.0))
    monkeypatch.setattr("qtui.tui.follow.follower.LIKELY", ("bits",))
    app, wire = in_class(Follower, "ann")
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "enter")
        await hears(pilot, wire, Welcome("ann", "t1"), state(1, shown))
        assert app.pane is app.stage.mounted(shown.command)
        assert (app.stage.mounted("bits") is not None) == ready


async def test_the_teachers_welcome_makes_no_student_look_for_files() -> None:
    app, wire = QtuiApp(None, Settings(kiosk=True)), Wire()
    app.classroom = Follower(app, wire, "ann")
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "enter")
        shown = await hears(pilot, wire, Welcome("ann", "t1"), state(1, WelcomeScenario(folder=("/",))))
        assert cast(Any, app.pane).scenario == WelcomeScenario(files=False) and "following the class" in shown


async def test_there_is_no_pane_before_the_class_shows_one_or_has_none_to_show() -> None:
    app, wire = in_class(Follower, "ann")
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "enter")
        await hears(pilot, wire, Welcome("ann", "t1"))
        assert app.pane is None
        assert "[1 Memory]" in await hears(pilot, wire, ClassState(), Notice("the teacher has not come yet"))
    app, wire = in_class(Follower, "ann")
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "enter")
        assert app.pane is None
        cast(Any, app.classroom).lost(True)
        assert "[1 Memory]" in await press(pilot)


def test_a_name_may_take_its_time() -> None:
    """Who types none has the suggested one before the class gives up."""
    assert 60 <= following.PATIENCE < service.GRACE


async def test_the_cursor_is_seen_too() -> None:
    app, wire = in_class(Leader, lambda: "key", start=BITS)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot)
        await hears(pilot, wire, Welcome("teacher"))
        await press(pilot, "right")
        assert wire.last(Show).cursor == (0, 30, 0)
        await press(pilot, "right")
        await pilot.pause(0.1)  # no two in a row are told at once
        show = wire.last(Show)
        assert show.scenario == to_line(BITS) and show.cursor == (0, 29, 0)
        shown = screen_text(app)
    app, wire = in_class(Follower, "ann", start=BITS)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "enter")
        await hears(pilot, wire, Welcome("ann", "t1"), ClassState(1, show.scenario, show.cursor))
        assert cast(Any, app.pane).cursor == (0, 29, 0)
        assert shown.splitlines()[2:20] == screen_text(app).splitlines()[2:20]
        await hears(pilot, wire, ClassState(2, show.scenario, (0, 1 << 40, 0)))
        assert cast(Any, app.pane).cursor == (0, 31, 0)
