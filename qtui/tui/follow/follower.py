"""A student's side: shows what the teacher shows, until a key of the student's own says otherwise."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from textual import events
from textual.app import App

from qtui.error import QtuiError
from qtui.scenario.base import Scenario, UserError
from qtui.scenario.tour.scenario import TourScenario
from qtui.scenario.welcome.scenario import WelcomeScenario
from qtui.teach.messages import Bye, ClassState, Join, Place, Poll, Seen, Welcome
from qtui.teach.protocol import Message
from qtui.tui.follow import following
from qtui.tui.follow.answering import Answering, NameDialog
from qtui.tui.follow.cover import Cover
from qtui.tui.follow.link import Link
from qtui.tui.follow.questions import step_at
from qtui.tui.follow.states import from_line, to_line
from qtui.tui.keymap import WITH_CLASS
from qtui.tui.panes.tour.widgets import AnswerField
from qtui.tui.terminal.keys import INTERRUPT, Work

LIKELY = ("bits", "quantize", "mem")  # panes that a class goes to
SOLVED = 1.5  # seconds that keys wait for a step of the tour to be worked out
OFTEN = 0.5  # seconds between two reports of where this student is


class Follower(Answering):
    """Follows the class. Until that shows something there is no pane: one opened for a moment only is dear."""

    WAITS = True
    # Seconds after coming in, between which each student gets panes ready: not all at once.
    PREPARED: ClassVar[tuple[float, float]] = (3.0, 15.0)

    def __init__(self, app: App[int], link: Link, name: str = "") -> None:
        super().__init__(app, link)
        self._name = name
        self._token = ""
        self._named = False
        self._before: following.Handover | None = None  # until the state is on the screen
        self._seen = 0
        self._greeting = ""  # message beside the first state that the class shows
        self._following = True
        self._state = ClassState()
        self._opened: deque[Scenario] = deque(maxlen=8)  # what the class has asked to show
        self._at: Scenario | None = None  # the last of these
        self._waiting: asyncio.TimerHandle | None = None
        self._cover = Cover(self.host)
        self._held: list[events.Event] = []  # what waits for the app's own screen
        self._until = 0.0
        self._neutral = following.neutral_keys(self.host.keymap)

    def go_on(self, before: following.Handover) -> None:
        """Continue from the state that an onlooker has left."""
        self._before, self._seen, self._named = before, before.seen, True
        self._name, self._token = before.welcome.name, before.welcome.token

    def begin(self) -> None:
        """The first pane is on show."""
        super().begin()
        before, self._before = self._before, None
        if before is not None:
            self._mark()
            for message in before.messages:
                self.take(message)
            self._app.call_next(self.host.take, before.typed)

    # The line.

    def hello(self) -> None:
        """The line is connected: say who this is, once the person has given a name."""
        if self._named:
            self._link.send(Join(self._name, self._token))
            return
        dialog = NameDialog(self._name, self.key(WITH_CLASS))
        self._app.push_screen(dialog, self._join)
        asyncio.get_running_loop().call_later(following.PATIENCE, dialog.action_close)

    def _join(self, name: str | None) -> None:
        if not self._named:
            self._named, self._name = True, name or self._name
            self._link.send(Join(self._name, self._token))

    def take(self, message: Message) -> None:
        """The class says something."""
        if isinstance(message, Poll) and message.revealed and message.shown and self._cover.state is not None:
            self._app.call_next(self._catch_up)  # the pane has to show what is true
            self._app.call_next(super().take, message)
        elif isinstance(message, Welcome):
            self._welcome(message)
        elif isinstance(message, ClassState):
            self._take_state(message)
        elif isinstance(message, Bye):
            self._app.exit(return_code=0, message=f"qtui: {message.text}")
        else:
            super().take(message)
            if self._cover.state is not None:
                self._app.call_after_refresh(self._cover.show)

    def _welcome(self, welcome: Welcome) -> None:
        self._name, self._token, self._following = welcome.name, welcome.token, welcome.following
        words = following.greeting(welcome, self.key(WITH_CLASS))
        if welcome.scenario and not welcome.following:
            self._open(welcome.scenario, words)
        else:
            self._greeting = words
            self.host.say(words)
        self._mark()

    def _prepare(self, state: ClassState) -> None:
        """Get panes ready one after the other, so that a class of forty does not do so when all are waiting.

        A lesson of the tour brings its own.
        """
        delay = random.uniform(*self.PREPARED)
        for number, command in enumerate(LIKELY if state.scenario.get("pane") != TourScenario.command else ()):
            asyncio.get_running_loop().call_later(delay + number, self._app.call_later, self.host.prepare, command)

    def _take_state(self, state: ClassState) -> None:
        old, covered = self._state, self._cover.state is not None
        if state.picture and (state.number < old.number or (state.number == old.number and not covered)):
            return  # a state that comes late, or replaces one that is not on show
        self.host.stay()
        self._state = state
        self._following = self._following or state.pinned or state.called
        self._mark()
        words = following.change_words(old, state) if old.number else self._greeting
        if self._may_cover(state) and self._cover.fits(state):
            if state.number != old.number:
                self.host.say("" if old.number else words)  # else the picture says it
                self.seen(state.number)
            self._cover.show()
            return
        if not old.number:
            self._prepare(state)
        self._cover.lift()
        if self._following and state.scenario:
            self._open(state.scenario, words, by_student=state.whose != "")
            self._app.call_next(self._point, state)
        self._app.call_next(self.host.enter)  # where the class shows nothing yet
        self._app.call_after_refresh(self.seen, state.number)

    def _may_cover(self, state: ClassState) -> bool:
        """Whether the screen need not be the app's own. What a student has answered is on no other one."""
        if not self._following or len(self._app.screen_stack) > 1:
            return False
        tour = self.host.stage.mounted(TourScenario.command)
        if tour is None or state.scenario.get("pane") != TourScenario.command:
            return True
        try:
            scenario = from_line(state.scenario)
            stays = self._cover.state is None and step_at(scenario) == step_at(self._scenario)
            return not stays and tour.is_untouched(scenario)
        except QtuiError:
            return False

    async def _catch_up(self) -> None:
        """Have what another process has drawn in this app, too."""
        state = self._cover.lift()
        scenario = self._scenario_in(state.scenario, state.whose != "") if state is not None else None
        if state is not None and scenario is not None:
            await self.host.open_pane(scenario)
            self._point(state)

    def seen(self, number: int) -> None:
        """The state of that number is on the screen."""
        if number != self._seen:
            self._seen = number
            self._link.send(Seen(number))

    def _point(self, state: ClassState) -> None:
        """Mark what the teacher marks, where that is what is on show."""
        pane = self.host.pane
        if pane is not None and self._state is state and pane.scenario == self._at:
            pane.put_cursor(state.cursor)

    def _open(self, data: Mapping[str, Any], words: str = "", by_student: bool = False) -> None:
        """Show what `data` describes, and then say `words`."""
        scenario = self._scenario_in(data, by_student)
        if scenario is not None:
            self._app.call_next(self.host.open_pane, scenario)
            if words:
                self._app.call_next(self.host.say, words)

    def _scenario_in(self, data: Mapping[str, Any], by_student: bool = False) -> Scenario | None:
        """What `data` describes, to be shown for the class; None where it can't be, and says so."""
        try:
            scenario = from_line(data, by_student=by_student)
        except UserError as error:
            self.host.say(str(error), "warn")
            return None
        if isinstance(scenario, WelcomeScenario) and self.host.settings.kiosk:
            scenario = replace(scenario, folder=(), files=False)  # the teacher may look for files, a follower may not
        self._opened.append(scenario)
        self._at = scenario
        return scenario

    def lost(self, again: bool) -> None:
        """The line is closed: the screen stays as it is."""
        if again:
            self.mark("class away", "warn")
            self._app.call_next(self.host.enter)
            if self._named:
                self.host.say("the class can't be reached; you may go on, and it is tried again", "warn")

    # The student.

    def before(self, arrived: Sequence[events.Event]) -> Sequence[events.Event]:
        """A key is for the app's own screen, and waits for it; a mouse that is only moved is not worth that."""
        if self._cover.state is None and not self._held:
            return super().before(arrived)
        at_once = [event for event in arrived if isinstance(event, events.Key) and event.key == INTERRUPT]
        begun = bool(self._held and arrived)
        if not self._held:
            self._until = asyncio.get_running_loop().time() + SOLVED
        self._held += [event for event in arrived if event not in at_once and not isinstance(event, events.MouseMove)]
        return [*at_once, *([Work(self._catch_up), Work(self._go_on)] if self._held and not begun else ())]

    async def _go_on(self) -> None:
        """Take what was held, at the answer field if that is where the keyboard goes once the step is worked out."""
        loop = asyncio.get_running_loop()
        if self.host.runner.busy and step_at(self._at) != ("", "") and loop.time() < self._until:
            loop.call_later(OFTEN / 10, self._app.call_next, self.host.take, ())
            return
        held, self._held = self._held, []
        await self.host.take(held)

    def acted(self) -> None:
        """What the student did has had its effect, or a slow terminal has caught up."""
        if self._cover.state is not None:
            if self._following and len(self._app.screen_stack) == 1:
                self._cover.show()
            else:  # a picture came in between
                self._app.call_next(self._catch_up)

    @property
    def own_rows(self) -> Container[int] | None:
        """The rows of the terminal that the app paints; None for all."""
        return () if self._before is not None else self._cover.own_rows

    def repainted(self) -> None:
        """The terminal is to be sent everything again, or has another size: the app's own screen does that."""
        if self._cover.state is not None:
            self._app.call_next(self._catch_up)

    def takes(self, event: events.Event) -> bool:
        """Any key of the student's own is a step away from the class, unless that is pinned."""
        if super().takes(event):
            return True
        if isinstance(self._app.focused, AnswerField) and isinstance(event, events.Key) and self._following:
            return False  # part of an answer to what the class is asked
        own = isinstance(event, following.OWN) and not (isinstance(event, events.Key) and event.key in self._neutral)
        if not own or len(self._app.screen_stack) > 1 or not self._state.number:
            return False
        if self._state.pinned:
            self.host.say(following.TEACHER_LEADS, "warn")
            return True
        self._explore()
        self._tell_soon()
        return False

    def moved(self, scenario: Scenario) -> None:
        """The app shows something else."""
        self.redraw()
        if scenario in self._opened or not self._state.number:
            return
        if self._following and step_at(scenario) == step_at(self._at) != ("", ""):
            return  # the step's own answer
        if not self._state.pinned:
            self._explore()
        self._tell_soon()

    def _explore(self) -> None:
        if self._following:
            self._following = False
            self._mark()
            self.host.say(f"You explore on your own now. {self.key(WITH_CLASS)} returns to where the class is.")

    def _tell_soon(self) -> None:
        if self._waiting is None:
            self._waiting = asyncio.get_running_loop().call_later(OFTEN, self._tell)

    def _tell(self) -> None:
        self._waiting = None
        if self._named:
            scenario = to_line(self._scenario) if self._scenario is not None and not self._following else {}
            self._link.send(Place(scenario, self._following))

    def call(self) -> None:
        """Return to the class."""
        self._following = True
        self._mark()
        self._tell_soon()
        if self._state.scenario:
            self._open(self._state.scenario, following.RETURNED, by_student=self._state.whose != "")

    def _mark(self) -> None:
        self.mark(*following.mark_of(self._state, self._following, self.key(WITH_CLASS)))

    def hides(self, poll: Poll) -> bool:
        """Whether the pane on show asks it already."""
        if not poll.shown or poll.revealed:
            return False
        state = self._cover.state
        return state.scenario.get("pane") == TourScenario.command if state else step_at(self._scenario) != ("", "")
