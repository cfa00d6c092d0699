"""A student's side: shows what the teacher shows, until a key of the student's own says otherwise."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import Any, ClassVar

from textual import events
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from qtui.scenario.base import Scenario, UserError
from qtui.teach.messages import Answer, Bye, ClassState, Join, Place, Poll, Seen, Welcome
from qtui.teach.protocol import Message
from qtui.tui.follow.classroom import Classroom
from qtui.tui.follow.link import Link
from qtui.tui.follow.pictures import LETTERS
from qtui.tui.follow.states import from_line, to_line
from qtui.tui.keylist import APP_ACTIONS
from qtui.tui.keymap import CLASS, CLOSE, IN_CLASS, WITH_CLASS, bindings
from qtui.tui.widgets.dialog import Dialog
from qtui.tui.widgets.picker import Picker
from qtui.tui.widgets.text_field import TextField

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


class NameDialog(Dialog[str]):
    """Asks for a name, for the teacher's list."""

    DEFAULT_CSS = """
    NameDialog { align: center middle; }
    NameDialog > Vertical { width: 58; max-width: 100%; height: auto; padding: 0 1; border: round $primary; }
    NameDialog Input { height: 1; border: none; padding: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings((CLOSE.does("take"),))

    def __init__(self, name: str, key: str) -> None:
        """`name` is suggested; `key` is the one that returns to the class."""
        super().__init__()
        self._suggested = name
        self._returns = key

    def compose(self) -> ComposeResult:
        """A line of text, and the field."""
        with Vertical():
            yield Static("Your name, for the teacher's list? Enter joins the class.", markup=False)
            field = TextField(self._suggested, compact=True, select_on_focus=True)
            field.cursor_blink = False
            yield field
            words = f"You will see what the teacher shows. Any key explores, {self._returns} returns."
            yield Static(words, markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        self.dismiss(event.value or self._suggested)

    def action_take(self) -> None:
        """Escape."""
        self.dismiss(self._suggested)


class Follower(Classroom):
    """Follows the class."""

    def __init__(self, app: App[int], link: Link, name: str = "") -> None:
        super().__init__(app, link)
        self._name = name
        self._token = ""
        self._named = False
        self._following = True
        self._state = ClassState()
        self._opened: deque[Scenario] = deque(maxlen=8)  # what the class has asked to show
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
        asyncio.get_running_loop().call_later(PATIENCE, dialog.action_take)

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

    def _take_state(self, state: ClassState) -> None:
        self.host.stay()
        whose = state.whose if state.whose != self._state.whose or state.called else ""
        released = self._state.pinned and not state.pinned
        self._state = state
        if (state.pinned or state.called) and not self._following:
            self._following = True
        self._mark()
        if self._following and state.scenario:
            words = f"this is how {whose} has it" if whose else ""
            words = words or ("the teacher lets you explore again" if released else "")
            self._open(state.scenario, words, by_student=state.whose != "")
        # When this is on the screen.
        self._app.call_after_refresh(self._link.send, Seen(state.number))

    def _open(self, data: Mapping[str, Any], words: str = "", by_student: bool = False) -> None:
        """Show what `data` describes, and then say `words`."""
        try:
            scenario = from_line(data, by_student=by_student)
        except UserError as error:
            self.host.say(str(error), "warn")
            return
        self._opened.append(scenario)
        self._app.call_next(self.host.open_pane, scenario)
        if words:
            self._app.call_next(self.host.say, words)

    def lost(self, again: bool) -> None:
        """The line has gone: all stays as it is."""
        if again:
            self.mark("class away", "warn")
            if self._named:
                self.host.say("the class can't be reached; you may go on, and it is tried again", "warn")

    # The student.

    def takes(self, event: events.Event) -> bool:
        """Any key of the student's own is a step away from the class, unless that is pinned."""
        if super().takes(event):
            return True
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
        if scenario in self._opened or not self._state.number:
            return
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
        """A question, or how the class has answered it."""
        if poll.counts:
            self.hint = "this is how the class has answered"
        elif poll.mine >= 0:
            self.hint = f"{self.key(CLASS)} changes your answer; the class's comes when the teacher shows it"
        else:
            self.hint = f"{self.key(CLASS)} answers"
        super().show_poll(poll)

    def menu(self) -> None:
        """Answer the question."""
        poll = self.poll
        if not poll.number or poll.counts:
            self.host.say("there is no question to answer now", "dim")
            return
        titles = [f"{LETTERS[number]}  {choice}" for number, choice in enumerate(poll.choices)]
        options = [str(number) for number in range(len(titles))]
        chosen = str(max(poll.mine, 0))

        def answered(choice: str | None) -> None:
            if choice is not None and self.poll.number == poll.number and not self.poll.counts:
                self._link.send(Answer(poll.number, int(choice)))
                self.show_poll(Poll(poll.number, poll.question, poll.choices, (), int(choice), here=poll.here))

        self._app.push_screen(Picker(poll.question[:60], options, titles, chosen, hint="Enter answers"), answered)
