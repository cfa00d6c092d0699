"""A screen that another process has drawn is shown until the student does something, and refused where it is none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual._xterm_parser import XTermParser
from textual.strip import Strip

from qtui.scenario.base import Scenario
from qtui.scenario.bits.scenario import BitsScenario
from qtui.scenario.tour.scenario import TourScenario
from qtui.teach.messages import Answer, ClassState, Join, Notice, Place, Poll, Seen, Welcome
from qtui.tui.app import QtuiApp
from qtui.tui.follow.drawer import DrawingFollower
from qtui.tui.follow.follower import Follower
from qtui.tui.follow.following import Handover
from qtui.tui.follow.shared import from_picture, to_picture
from qtui.tui.follow.states import to_line
from qtui.tui.host import Settings
from qtui.tui.terminal.inlet import Inlet
from qtui.tui.terminal.painter import Painter
from tests.support.screens import press, screen_text, settle
from tests.support.wire import Wire, hears

pytestmark = pytest.mark.usefixtures("own_state")

WIDTH, HEIGHT = 80, 24
BITS = BitsScenario(value="0.15625")


def drawn(text: str, width: int = WIDTH, height: int = HEIGHT, **options: Any) -> dict[str, Any]:
    return {"looks": [["", "39", "49"]], "rows": [[f"{text:{width}}", [width, 0]]] * height, **options}


def state(number: int, scenario: Scenario, picture: Any = None, **options: Any) -> ClassState:
    return ClassState(
        number, to_line(scenario), picture=drawn(f"picture {number}") if picture is None else picture, **options
    )


def follower() -> tuple[QtuiApp, Wire]:
    app, wire = QtuiApp(None, Settings()), Wire()
    app.classroom = Follower(app, wire, "ann")
    return app, wire


def terminal(app: QtuiApp) -> list[str]:
    """What the terminal has been sent of pictures; headless, nothing else is."""
    return ["".join(cell or "" for cell in row.texts).rstrip() for row in app.painter.rows]


async def joined(pilot: Any, wire: Wire, first: ClassState) -> None:
    await press(pilot, "enter")
    await hears(pilot, wire, Welcome("ann", "t1"), first)


async def test_a_picture_stands_for_the_screen_until_a_key_is_pressed() -> None:
    app, wire = follower()
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        await joined(pilot, wire, state(1, BITS))
        assert app.pane is None and wire.last(Seen) == Seen(1)
        assert terminal(app)[5] == "picture 1" and terminal(app)[-2] == ""  # that row says who follows
        assert "you see what the teacher shows" in screen_text(app)
        await hears(pilot, wire, state(2, BITS), state(1, BITS, drawn("late")))
        assert terminal(app) == ["picture 2"] * HEIGHT
        await hears(pilot, wire, state(2, BITS, drawn("goes on")))
        assert terminal(app)[0] == "goes on" and app.own_rows == set()
        await pilot.hover()
        assert app.pane is None
        assert "0.15625" in await press(pilot, "question_mark", "escape") and app.own_rows is None
        shown = await hears(pilot, wire, state(2, BITS, drawn("for those who have none")))
        assert app.own_rows is None and "following the class" in shown
        await hears(pilot, wire, state(3, BITS))
        assert "exploring   @ returns" in await press(pilot, "3")
        assert cast(Any, app.pane).scenario.command == "quantize" and app.scenario_of("bits") == BITS
        assert "[3 Quantizer]" in await hears(pilot, wire, state(4, BitsScenario(value="0.1")))
        assert "0.1" in await press(pilot, "at") and app.scenario_of("bits") == BitsScenario(value="0.1")
        await settle(pilot)
        await hears(pilot, wire, state(5, BITS))
        assert terminal(app)[0] == "picture 5"
        await pilot.resize_terminal(100, 30)
        await settle(pilot)
        assert app.own_rows is None and app.scenario_of("bits") == BITS


async def test_messages_and_questions_are_over_the_picture() -> None:
    app, wire = follower()
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        await joined(pilot, wire, state(1, BITS))
        await hears(pilot, wire, state(2, BITS), Notice("the teacher is away"))
        assert app.own_rows == {HEIGHT - 2} and "the teacher is away" in screen_text(app)
        shown = await hears(pilot, wire, Poll(1, "Which?", ("this", "that"), here=2))
        assert "Which?" in shown and app.pane is None
        assert app.own_rows == {*range(17, HEIGHT - 1)}
        await press(pilot, "dollar_sign", "down", "enter")
        assert wire.last(Answer) == Answer(1, 1) and app.pane is not None and wire.last(Place) is None
        await hears(pilot, wire, Poll(), state(3, BITS))
        assert app.own_rows == set()


async def test_a_step_that_was_answered_is_on_no_other_screen() -> None:
    app, wire = follower()
    asks = TourScenario(step=3)
    poll = Poll(1, "How many?", ("this", "that"), shown=True)
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        await joined(pilot, wire, state(1, asks))
        await hears(pilot, wire, poll)
        assert app.pane is None and app.own_rows is not None and len(cast(Any, app.own_rows)) < 3
        await press(pilot, "b", "enter")
        assert wire.last(Answer) == Answer(1, 1) and app.own_rows is None
        await hears(pilot, wire, state(2, asks, cursor=(1,)))
        assert app.own_rows is None
        await hears(pilot, wire, state(3, TourScenario(step=4)))
        assert app.own_rows == set()
        assert "you said" in await hears(pilot, wire, state(4, asks)) and app.own_rows is None
        await hears(pilot, wire, state(4, asks), replace(poll, counts=(1, 0), revealed=True))
        await settle(pilot)
        assert app.own_rows is None and cast(Any, app.pane).scenario.step == 3


async def test_an_app_goes_on_where_an_onlooker_has_ended() -> None:
    app, wire = follower()
    wire.held = True
    cast(Any, app.classroom).go_on(
        Handover(Inlet(XTermParser()), Welcome("ann", "t1"), 1, [state(1, BITS)], [events.Key("3", "3")])
    )
    assert app.own_rows == ()
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        await settle(pilot)
        shown = screen_text(app)
        assert "[3 Quantizer]" in shown and "exploring   @ returns" in shown
        assert app.scenario_of("bits") == BITS
        assert wire.last(Join) is None and wire.last(Seen) is None  # all of that is said
        assert "0.1" in await hears(pilot, wire, state(2, BitsScenario(value="0.1"), called=True, picture={}))
        assert wire.last(Seen) == Seen(2)


async def test_an_app_draws_what_an_onlooker_was_sent_no_picture_of() -> None:
    app, wire = follower()
    back = Welcome("ann", "t1", to_line(BITS), False)
    cast(Any, app.classroom).go_on(Handover(Inlet(XTermParser()), back, 0, [back, ClassState()]))
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        await settle(pilot)
        shown = screen_text(app)
        assert "Welcome back, ann" in shown and "[2 Bits]" in shown and "exploring" in shown


async def test_who_draws_reveals_what_is_true_and_shows_no_question() -> None:
    app, wire = QtuiApp(None, Settings()), Wire()
    app.classroom = DrawingFollower(app, wire)
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        await hears(pilot, wire, Welcome(), state(1, TourScenario(step=3), {}))
        assert "your answer" in screen_text(app)
        poll = Poll(1, "How many?", ("this", "that"), (2, 1), -1, 0, 3, False, True, "this", True)
        shown = await hears(pilot, wire, poll)
        assert "your answer" not in shown and "this is how the class" not in shown
        assert wire.last(Seen) is None


WRONG = (
    drawn("narrow", 79),
    drawn("low", height=23),
    drawn("\x1b[2J"),
    drawn("look", looks=[["", "39", "49m\x1b[2J"]]),
    drawn("look", looks=[]),
    drawn("look", looks=[["1"]]),
    drawn("cells", rows=[[["ab", 3], [80, 0]]] * HEIGHT),
    drawn("runs", rows=[["x" * WIDTH, [79, 0]]] * HEIGHT),
    drawn("rows", rows=3),
    {"x": 1},
)


@pytest.mark.parametrize("number", range(len(WRONG)))
def test_what_is_no_picture_of_this_size_is_refused(number: int) -> None:
    painter = Painter(ColorSystem.TRUECOLOR, "xterm")
    with pytest.raises(ValueError, match="."):
        from_picture(WRONG[number], WIDTH, HEIGHT, painter)


async def test_without_a_picture_that_fits_the_app_draws() -> None:
    app, wire = follower()
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        await joined(pilot, wire, state(1, BITS, drawn("narrow", 79)))
        assert "0.15625" in screen_text(app) and app.own_rows is None
        app.appearance.use("light")
        await hears(pilot, wire, state(2, BITS))
        assert app.own_rows is None


def test_a_screen_travels() -> None:
    colours = ColorSystem.TRUECOLOR
    one, other = Painter(colours, "xterm"), Painter(colours, "xterm")
    rows = ("a\u0301 b", "数 numbers", "")
    strips = [
        Strip([Segment(row, Style.parse("bold red on blue")), Segment("." * 9)]).adjust_cell_length(20)
        for row in rows
    ]
    assert to_picture([]) == {"looks": [], "rows": []}
    one.paint([(0, 0, strips[0])], 20, 3)
    assert to_picture(one.rows) == {}  # two rows are not known yet
    sent = one.paint([(y, 0, strip) for y, strip in enumerate(strips)], 20, 3)
    read = from_picture(to_picture(one.rows), 20, 3, other)
    assert other.show(read, 20, 3) != "" != sent and other.rows == one.rows
    assert other.paint([(y, 0, strip) for y, strip in enumerate(strips)], 20, 3) == ""


async def test_pinned_a_key_leaves_the_class_where_it_is() -> None:
    app, wire = follower()
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        await joined(pilot, wire, state(1, BITS))
        await hears(pilot, wire, state(2, BITS, pinned=True))
        shown = await press(pilot, "3")
        assert "the teacher leads just now" in shown and "following, pinned" in shown and "[2 Bits]" in shown
        assert "lets you explore" not in await hears(pilot, wire, state(3, BITS)) and terminal(app)[0] == "picture 3"
