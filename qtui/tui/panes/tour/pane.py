"""The tour's pane: a step's text above, the pane that proves it in the middle, and its goal or question below.

The pane in the middle is a real one, and everything in it may be touched. What it shows is part of the tour's
Scenario, so that undo, the session and "copy as command" hold for it.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.widgets import Input

from qtui.draw.picture import Picture
from qtui.draw.tour.end import end
from qtui.draw.tour.page import StepPage
from qtui.error import QtuiError
from qtui.scenario.progress import Progress
from qtui.scenario.tour.lesson import TourStep
from qtui.scenario.tour.panes import line_of, scenario_of
from qtui.scenario.tour.result import TourResult
from qtui.scenario.tour.scenario import TourScenario
from qtui.scenario.tour.solve import at_state, inner_scenario, runs_others, solve, step_of
from qtui.tui.keymap import Actions, bindings
from qtui.tui.pane import Pane
from qtui.tui.panes.tour import keys
from qtui.tui.panes.tour.hosting import Hosting, HostingPane
from qtui.tui.panes.tour.player import TourPlayer
from qtui.tui.panes.tour.solution import keys_of, press_slowly
from qtui.tui.panes.tour.widgets import AnswerField, EndScreen, TourHeader, clock, share_rows
from qtui.tui.widgets.view import PictureView

CLOCK_EVERY = 20  # seconds


class TourPane(HostingPane[TourScenario, TourResult]):
    """A step of the tour or of another lesson."""

    SCENARIO = TourScenario
    title = "Tour"
    HAS_HEADER = True
    DEFAULT_CSS = """
    TourPane #tour-text, TourPane #tour-ask { height: auto; scrollbar-size-vertical: 0; }
    TourPane #tour-stage { height: 1fr; }
    """
    ACTIONS = keys.ACTIONS
    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.ACTIONS)

    def __init__(self, scenario: TourScenario) -> None:
        super().__init__(scenario)
        self._hosting = Hosting(self, self._aside)
        self.result: TourResult | None = None
        self.player: TourPlayer | None = None
        self._solved: set[TourStep] = set()
        self._began = time.time()  # of a presentation

    def compose(self) -> ComposeResult:
        """Header, text, the pane, and what it asks."""
        yield TourHeader()
        yield PictureView(self._body, id="tour-text")
        yield Container(id="tour-stage")
        yield PictureView(self._ask, id="tour-ask")
        yield AnswerField()
        yield PictureView(self._aside, id="tour-aside")

    def on_mount(self) -> None:
        """The clock goes on."""
        self.set_interval(CLOCK_EVERY, self._tick)

    # The pane in the middle.

    def quick(self, scenario: TourScenario) -> bool:
        """As quick as the pane in the middle."""
        try:
            step = step_of(scenario)
            inner = inner_scenario(step, scenario.state)
        except QtuiError:
            return True
        return self._hosting.pane_for(step, inner).quick(inner) and (step in self._solved or not runs_others(step))

    def solve(self, scenario: TourScenario, progress: Progress) -> TourResult:
        """The step, its pane solved by the pane itself."""
        step = step_of(scenario)
        return solve(scenario, progress, lambda inner, work: self._hosting.pane_for(step, inner).solve(inner, work))

    def show(self, scenario: TourScenario, result: TourResult) -> None:
        """Show the step; on another one than before the keyboard goes where it is of use."""
        other = self.result is None or self.result.step.id != result.step.id
        self.result = result
        if other:
            self.query_one(AnswerField).value = ""  # what was typed there answers another question
        self._solved.add(result.step)
        if self.player is None or self.player.lesson.name != result.lesson.name:
            self.player = TourPlayer(result.lesson, not self.qtui.settings.kiosk, self.qtui.keymap)
        self.player.arrive(result, self._began if scenario.present else None)
        self._show_pane(result)
        self._redraw()
        if self.player.problem:
            self.call_later(self.say, self.player.problem, "warn")
            self.player.problem = ""
        if other:
            self.call_later(self.focus_first)
            if result.prediction is not None and not scenario.state and not self.player.asks(result.step):
                self._show_after(result)  # it was answered another time

    def _show_pane(self, result: TourResult) -> None:
        self._hosting.show(result, self.player is not None and self.player.hides(result.step), self.focus_first)

    def show_error(self, scenario: TourScenario, message: str) -> None:
        """The pane in the middle says what is wrong with its state, where it is that."""
        step = self.result.step if self.result is not None else None
        try:
            inner = inner_scenario(step, scenario.state) if step is not None and scenario.state else None
        except QtuiError:
            inner = None
        if inner is not None and self._hosting.standing is not None:
            self._hosting.standing.show_error(inner, message)
        else:
            super().show_error(scenario, message)

    def on_pane_changed(self, event: Pane.Changed) -> None:
        """The pane in the middle was changed by hand."""
        event.stop()
        if self.result is not None and event.scenario.command == self.result.inner.command:
            at = at_state(self.scenario, self.result.step, event.scenario)
            self.change(live=event.live, step=self.result.number, chapter=0, state=at.state)

    # The step.

    @property
    def _page(self) -> StepPage | None:
        """The step in the window as it is now."""
        result, player = self.result, self.player
        if result is None or player is None:
            return None
        texts, asks, hides = player.texts(result), player.asks(result.step), player.hides(result.step)
        return StepPage(result, texts, lambda: player.aside(result), *self.app.size, asks, hides, self.glyphs)

    def _body(self, width: int, height: int) -> Picture:
        page = self._page
        return page.text if page is not None else ()

    def _ask(self, width: int, height: int) -> Picture:
        page = self._page
        return page.question if page is not None else ()

    def _aside(self, width: int, height: int) -> Picture:
        page = self._page
        return page.under(height) if page is not None else ()

    def _tick(self) -> None:
        if self.display and self.scenario.present:
            self._redraw()

    def action_present(self) -> None:
        """For a class, or for oneself again."""
        self.change(present=not self.scenario.present)

    def _redraw(self) -> None:
        result, player, page = self.result, self.player, self._page
        if result is None or player is None or page is None:
            return
        self.query_one(TourHeader).show(
            result, player.is_done(result.step), clock(self._began) if self.scenario.present else ""
        )
        self.query_one(AnswerField).ask(page.asks, result.step.curtain)
        share_rows(self, page)
        if self.display:
            self.qtui.follow()

    @property
    def actions(self) -> Actions:
        """The keys of the step on show; without a goal there are no hints, and before an answer digits are text."""
        step = self.result.step if self.result is not None else None
        asks = step is not None and self.player is not None and self.player.asks(step)
        return keys.actions(hints=step is not None and bool(step.goal), asks=asks)

    def on_resize(self) -> None:
        """There is more room, or less."""
        self._redraw()

    def focus_first(self) -> None:
        """The keyboard goes to the answer that is asked for, else to the picture."""
        result, player = self.result, self.player
        if result is None or player is None:
            return
        field = self.query_one(AnswerField)
        if player.asks(result.step) and field.display:
            self.give_focus(field)
        else:
            self.focus_picture()

    def came_back(self) -> None:
        """Escape: the keyboard is at the step again."""
        self.say("")
        self.focus_first()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enter goes on where the picture has the keyboard, unless the step needs it there; fields take letters."""
        result, focused = self.result, self.screen.focused
        if action in ("reset", "help", "present", "leave") or (action == "turn" and len(parameters) < 2):
            return not isinstance(focused, Input) or (isinstance(focused, AnswerField) and not focused.value)
        if action != "turn":
            return True
        if result is None or "enter" in result.step.controls or focused is None:
            return False
        return isinstance(focused, PictureView)

    def action_turn(self, by: int, _at_picture: bool = False) -> None:
        """Go on, or back."""
        result = self.result
        if result is None or self.player is None or (by < 0 and self.query_one(AnswerField).stays()):
            return
        if by > 0:
            self.player.leave(result)
        if 1 <= result.number + by <= result.total:
            self.change(step=result.number + by, chapter=0, state="")
        elif by > 0:
            self.call_later(self.action_end)
        else:
            self.say("this is the first step", "dim")

    async def action_end(self) -> None:
        """The end: what was predicted beside what is true, and where to go on."""
        player = self.player
        if player is None or len(self.app.screen_stack) > 1:
            return
        made = await asyncio.to_thread(player.predictions)  # truths of other days are worked out anew

        def draw(cells: int) -> Picture:
            return end(player.lesson, player.done, player.further, made, cells, self.glyphs)

        self._redraw()
        self.app.push_screen(EndScreen(draw))

    def begin(self, step: TourStep) -> None:
        """Take back what was done and answered in a step."""
        if self.player is not None:
            self.player.reset(step)
            self._hosting.begin(step)
            self.query_one(AnswerField).value = ""

    def action_reset(self) -> None:
        """The step from its beginning."""
        if self.result is not None:
            self.begin(self.result.step)
            self.scenario = replace(self.scenario, step=self.result.number, chapter=0, state="")
            self.app.post_message(self.Changed(self.scenario))  # also where nothing differs: the pane is a new one
            self._redraw()
            self.focus_first()  # what is typed from now on is for the step, though its pane may take a while

    def on_answer_field_given(self, event: AnswerField.Given) -> None:
        """A prediction: lock it in and show what is true; an empty one goes on."""
        result, player = self.result, self.player
        if result is None or player is None:
            return
        if not event.text.strip():
            self.action_turn(1)
            return
        try:
            player.answer(result, event.text)
        except QtuiError as error:
            self.say(str(error), "warn")
            self.query_one(AnswerField).refuse()
            return
        self.say("")
        self._open_curtain(result)

    def reveal(self) -> None:
        """The class has been shown what is true: the picture comes, answered or not."""
        if self.result is not None and self.player is not None and self.player.asks(self.result.step):
            self.player.reveal(self.result.step)
            self._open_curtain(self.result)

    def _open_curtain(self, result: TourResult) -> None:
        """Show what the question was about."""
        self._show_pane(result)
        self._show_after(result)
        self._redraw()
        self.focus_first()

    def _show_after(self, result: TourResult) -> None:
        """The pane goes on to what is true."""
        if result.step.after:
            self.change(live=True, step=result.number, chapter=0, state=line_of(scenario_of(result.step.after)))

    def on_answer_field_left(self, event: AnswerField.Left) -> None:
        """The keyboard goes to the picture."""
        self.focus_picture()

    def action_help(self) -> None:
        """A hint, a second one, and then the step is shown; without hints the help."""
        result, player = self.result, self.player
        if result is None or player is None:
            return
        if not result.step.goal or player.is_met(result.step):
            self.app.call_next(self.app.run_action, "app.help")
        elif player.more_hints(result.step):
            self._redraw()
        else:
            self.action_show_me()

    def action_show_me(self) -> None:
        """Press the keys of the solution, one after the other, for all to see."""
        if self.result is None or not self.result.step.solution:
            return
        self.action_reset()
        step = self.result.step
        names = list(keys_of(step.solution, self.qtui.keymap))
        press_slowly(self, names, lambda: self.result is not None and self.result.step == step)
