"""A student's side: shows what the teacher shows, until a key of the student's own says otherwise."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from textual import events
from textual.app import App
from textual.widgets import Input

from qtui.scenario.base import Scenario, UserError
from qtui.scenario.tour.scenario import TourScenario
from qtui.scenario.welcome.scenario import WelcomeScenario
from qtui.teach.messages import Answer, Bye, ClassState, Join, Place, Poll, Seen, Welcome
from qtui.teach.protocol import Message
from qtui.tui.follow.classroom import Classroom
from qtui.tui.follow.link import Link
from qtui.tui.follow.pictures import LETTERS
from qtui.tui.follow.questions import choice_of, step_at
from qtui.tui.follow.states import from_line, to_line
from qtui.tui.keylist import APP_ACTIONS
from qtui.tui.keymap import CLASS, IN_CLASS, WITH_CLASS
from qtui.tui.panes.tour.widgets import AnswerField
from qtui.tui.widgets.line_dialog import LineDialog
from qtui.tui.widgets.picker import Picker

LIKELY = ("bits", "quantize", "mem")  # panes that a class goes to
PREPARED = (3.0, 15.0)  # seconds after coming in, between which each student gets them ready: not all at once
PATIENCE = 90.0  # seconds to type a name in
OFTEN = 0.5  # seconds between two words on where this student is
# Actions that are no step away from the class: they explain, answer, keep or lead out.
NEUTRAL = (
    ("class.follow", "class.menu", "app.help", "app.explain", "app.copy", "app.copy_result", "app.save", "app.cancel")
    + ("app.palette", "app.repaint", "app.suspend", "app.quit", "app.quit_anyway", "app.interrupt")
)  # fmt: skip
OWN = (events.Key, events.MouseDown, events.MouseScrollDown, events.MouseScrollUp, events.Paste)
FOLLOWING = ("following the class", "good")
PINNED = ("following, pinned", "good")


class NameDialog(LineDialog):
    """Asks for a name, for the teacher's list. Escape takes the suggested one."""

    def __init__(self, name: str, key: str) -> None:
        """`key` is the one that returns to the class."""
        more = f"You will see what the teacher shows. Any key explores, {key} returns."
        super().__init__("Your name, for the teacher's list? Enter joins the class.", name, more=more)
        self._suggested = name

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        self.dismiss(event.value or self._suggested)

    def action_close(self) -> None:
        """Escape."""
        self.dismiss(self._suggested)


class Follower(Classroom):
    """Follows the class. Until that shows something there is no pane: one opened for a moment only is dear."""

    WAITS = True

    def __init__(self, app: App[int], link: Link, name: str = "") -> None:
        super().__init__(app, link)
        self._name = name
        self._token = ""
        self._named = False
        self._following = True
        self._state = ClassState()
        self._opened: deque[Scenario] = deque(maxlen=8)  # what the class has asked to show
        self._at: Scenario | None = None  # the last of these
        self._waiting: asyncio.TimerHandle | None = None
        actions = [action for action in (*APP_ACTIONS, *IN_CLASS) if action.id in NEUTRAL]
        self._neutral = {key for action in actions for key in self.host.keymap.keys(action)}

    # The line.

    def hello(self) -> None:
        """The line stands: say who this is, once the person has said so."""
        if self._named:
            self._link.send(Join(self._name, self._token))
            return
        dialog = NameDialog(self._name, self.key(WITH_CLASS))
        self._app.push_screen(dialog, self._join)
        asyncio.get_running_loop().call_later(PATIENCE, dialog.action_close)

    def _join(self, name: str | None) -> None:
        if not self._named:
            self._named, self._name = True, name or self._name
            self._link.send(Join(self._name, self._token))

    def take(self, message: Message) -> None:
        """The class says something."""
        if isinstance(message, Welcome):
            self._welcome(message)
        elif isinstance(message, ClassState):
            self._take_state(message)
        elif isinstance(message, Bye):
            self._app.exit(return_code=0, message=f"qtui: {message.text}")
        else:
            super().take(message)

    def _welcome(self, welcome: Welcome) -> None:
        self._name, self._token, self._following = welcome.name, welcome.token, welcome.following
        returns = f"{self.key(WITH_CLASS)} returns to the class."
        if welcome.scenario and not welcome.following:
            self._open(welcome.scenario, f"Welcome back, {welcome.name}: here is where you were. {returns}")
        else:
            self.host.say(f"{welcome.name}: you see what the teacher shows. Any key explores, {returns}")
        self._mark()

    def _prepare(self, state: ClassState) -> None:
        """Get panes ready one after the other, so that a class of forty does not do so when all are waiting.

        A lesson of the tour brings its own.
        """
        delay = random.uniform(*PREPARED)
        for number, command in enumerate(LIKELY if state.scenario.get("pane") != TourScenario.command else ()):
            asyncio.get_running_loop().call_later(delay + number, self._app.call_later, self.host.prepare, command)

    def _take_state(self, state: ClassState) -> None:
        self.host.stay()
        whose = state.whose if state.whose != self._state.whose or state.called else ""
        released = self._state.pinned and not state.pinned
        if not self._state.number:
            self._prepare(state)
        self._state = state
        if (state.pinned or state.called) and not self._following:
            self._following = True
        self._mark()
        if self._following and state.scenario:
            words = f"this is how {whose} has it" if whose else ""
            words = words or ("the teacher lets you explore again" if released else "")
            self._open(state.scenario, words, by_student=state.whose != "")
            self._app.call_next(self._point, state)
        self._app.call_next(self.host.enter)  # where there is nothing yet that the class shows
        # When this is on the screen.
        self._app.call_after_refresh(self._link.send, Seen(state.number))

    def _point(self, state: ClassState) -> None:
        """Mark what the teacher marks, where that is what is on show."""
        pane = self.host.pane
        if pane is not None and self._state is state and pane.scenario == self._at:
            pane.put_cursor(state.cursor)

    def _open(self, data: Mapping[str, Any], words: str = "", by_student: bool = False) -> None:
        """Show what `data` describes, and then say `words`."""
        try:
            scenario = from_line(data, by_student=by_student)
        except UserError as error:
            self.host.say(str(error), "warn")
            return
        if isinstance(scenario, WelcomeScenario) and self.host.settings.kiosk:
            scenario = replace(scenario, folder=(), files=False)  # the teacher may look for files, not who follows
        self._opened.append(scenario)
        self._at = scenario
        self._app.call_next(self.host.open_pane, scenario)
        if words:
            self._app.call_next(self.host.say, words)

    def lost(self, again: bool) -> None:
        """The line has gone: all stays as it is."""
        if again:
            self.mark("class away", "warn")
            self._app.call_next(self.host.enter)
            if self._named:
                self.host.say("the class can't be reached; you may go on, and it is tried again", "warn")

    # The student.

    def takes(self, event: events.Event) -> bool:
        """Any key of the student's own is a step away from the class, unless that is pinned."""
        if super().takes(event):
            return True
        if isinstance(self._app.focused, AnswerField) and isinstance(event, events.Key) and self._following:
            return False  # part of an answer to what the class is asked
        own = isinstance(event, OWN) and not (isinstance(event, events.Key) and event.key in self._neutral)
        if not own or len(self._app.screen_stack) > 1 or not self._state.number:
            return False
        if self._state.pinned:
            self.host.say("the teacher leads just now; you can explore when that is over", "warn")
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
            self._open(self._state.scenario, "you follow the class again", by_student=self._state.whose != "")

    def _mark(self) -> None:
        exploring = f"exploring   {self.key(WITH_CLASS)} returns", "warn"
        text, role = PINNED if self._state.pinned else FOLLOWING if self._following else exploring
        if self._following and self._state.whose and not self._state.pinned:
            text = f"{self._state.whose}'s screen"
        self.mark(text, role)

    # Questions.

    def show_poll(self, poll: Poll) -> None:
        """A question, or how the class has answered it. What the pane asks by itself is not asked twice."""
        key = self.key(CLASS)
        if poll.revealed:
            self.hint = f"this is how the class has answered{_truth(poll)}"
        elif poll.answered:
            self.hint = f"{key} changes your answer; the class's comes when the teacher shows it"
        else:
            self.hint = f"{key} answers" if poll.choices else f"{key} answers with a number"
        super().show_poll(poll)

    def hides(self, poll: Poll) -> bool:
        """Whether the pane on show asks it already."""
        return poll.shown and not poll.revealed and step_at(self._scenario) != ("", "")

    def menu(self) -> None:
        """Answer the question."""
        poll = self.poll
        if not poll.number or poll.revealed:
            self.host.say("there is no question to answer now", "dim")
        elif poll.shown and poll.answered:
            self.host.say("you have answered; the class's answers come when the teacher shows them", "dim")
        elif not poll.choices:
            self._app.push_screen(LineDialog(f"{poll.question}  A number, then Enter."), self._typed)
        else:
            titles = [f"{LETTERS[number]}  {choice}" for number, choice in enumerate(poll.choices)]
            options = [str(number) for number in range(len(titles))]
            picker = Picker(poll.question[:60], options, titles, str(max(poll.mine, 0)), hint="Enter answers")
            self._app.push_screen(picker, self._chosen)

    def _chosen(self, choice: str | None) -> None:
        if choice is not None:
            self._answer(Answer(self.poll.number, int(choice)))

    def _typed(self, text: str | None) -> None:
        if text and not self.poll.choices:
            self._answer(Answer(self.poll.number, text=text))

    def answered(self, text: str) -> None:
        """The step on show was answered: that is an answer to the class, where the class is asked the same."""
        if self.poll.shown and step_at(self._scenario) == step_at(self._at):
            if not self.poll.choices:
                self._typed(text)
            elif choice_of(text) >= 0:
                self._answer(Answer(self.poll.number, choice_of(text)))

    def _answer(self, answer: Answer) -> None:
        poll = self.poll
        if poll.number and not poll.revealed and not (poll.shown and poll.answered):
            self._link.send(answer)
            self.show_poll(replace(poll, mine=answer.choice if poll.choices else -1, answered=True))


def _truth(poll: Poll) -> str:
    return f"; true is {poll.truth}" if poll.truth else ""
