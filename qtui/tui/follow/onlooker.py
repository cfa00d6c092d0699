"""A student who only looks: gives a name, and then sees what another process has drawn, without an app.

Textual's objects, and the pages that Python makes a process's own as it counts references to shared ones, are most of
a student's memory. An app takes over, in the same process, at the first key of the student's own and wherever there
is no picture to show.
"""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import Iterable, Mapping, Sequence

from textual import events
from textual.geometry import Size
from textual.message import Message as Arrived

from qtui.draw.picture import Span
from qtui.scenario.tour.scenario import TourScenario
from qtui.teach.messages import Bye, ClassState, Join, Notice, Poll, Seen, Welcome
from qtui.teach.protocol import Message
from qtui.tui.follow.bare_screen import BareScreen, NameField
from qtui.tui.follow.classroom import ClassHost
from qtui.tui.follow.following import (
    OWN,
    PATIENCE,
    RETURNED,
    TEACHER_LEADS,
    Handover,
    greeting,
    neutral_keys,
)
from qtui.tui.follow.link import Link
from qtui.tui.follow.shared import from_picture
from qtui.tui.keymap import WITH_CLASS
from qtui.tui.leaving import LEFT_IDLE, STILL_THERE, WARNING
from qtui.tui.terminal.bare import BareTerminal
from qtui.tui.terminal.keys import INTERRUPT, MOST, QUIT
from qtui.tui.terminal.painter import Row

DRAWS = (2.0, 6.0)  # seconds without the picture that is coming, between which each student's app begins to draw


class Onlooker:
    """`look_on` runs it."""

    def __init__(self, host: ClassHost, link: Link, name: str) -> None:
        """`name` is suggested to the student."""
        self._host = host
        self._link = link
        self._name = name
        self._field: NameField | None = NameField(name)  # while the name is asked
        self._welcome: Welcome | None = None
        self._state = ClassState()
        self._shown = 0  # the state of the picture
        self._picture: Mapping[int, Row] = {}
        self._size = Size(0, 0)
        self._poll = Poll()
        self._message: Span = ("", "")
        self._late: asyncio.TimerHandle | None = None
        self._active = 0.0
        self._ahead: list[events.Event] = []  # typed before the class has answered

    async def look_on(self, terminal: int = 0) -> int | Handover:
        """Show the class on a terminal, a file descriptor, until there is an exit status or something for an app."""
        loop = asyncio.get_running_loop()
        self._result: asyncio.Future[int | Handover] = loop.create_future()
        self._words = ""
        self._screen = BareScreen(self._host)
        self._terminal = BareTerminal(self._heard, self._redraw, terminal)
        loop.add_signal_handler(signal.SIGTERM, self._leave, 128 + signal.SIGTERM)
        loop.call_later(PATIENCE, self._join)
        self._stay()
        self._check_idle()
        self._redraw()
        self._task = asyncio.ensure_future(self._link.run(self._hello, self._take, lambda again: None))
        result = await self._result
        loop.remove_signal_handler(signal.SIGTERM)
        if isinstance(result, Handover):
            self._terminal.release()
        else:
            self._terminal.leave(self._words)
        return result

    @property
    def _handover(self) -> Handover | None:
        """What an app has to be handed."""
        result = self._result.result() if self._result.done() else None
        return result if isinstance(result, Handover) else None

    def _leave(self, status: int, words: str = "") -> None:
        if not self._result.done():
            self._words = f"qtui: {words}" if words else ""
            self._result.set_result(status)

    def _hand_over(self, typed: Iterable[events.Event] = (), first: Message | None = None) -> None:
        """Hand over to an app, since the class asks for one."""
        if not self._result.done() and self._welcome is not None:
            messages = [first] if first is not None else [self._state, *([self._poll] if self._poll.number else [])]
            self._result.set_result(Handover(self._terminal.inlet, self._welcome, self._shown, messages, list(typed)))

    def _stay(self) -> None:
        self._active = asyncio.get_running_loop().time()

    def _check_idle(self) -> None:
        loop, idle = asyncio.get_running_loop(), self._host.settings.idle
        left = self._active + idle - loop.time()
        if not idle or self._result.done():
            return
        if left <= 0:
            self._leave(0, LEFT_IDLE)
            return
        if left <= WARNING:
            self._say(STILL_THERE, "warn")
        loop.call_later(left if left <= WARNING else left - WARNING, self._check_idle)

    # The screen.

    def _say(self, text: str, role: str = "") -> None:
        self._message = (text, role)
        self._redraw()

    def _redraw(self) -> None:
        """Show everything as it is now, unless the terminal is slow: then it is done once that has caught up."""
        if self._result.done():
            return
        size = self._terminal.size
        if self._picture and size != self._size:
            self._picture = {}
            self._hand_over()
        elif not self._terminal.behind:
            self._size = size
            hidden = self._poll.shown and not self._poll.revealed and self._is_tour
            poll = self._poll if self._poll.number and not hidden else None
            self._terminal.write(
                self._screen.dialog(self._field, size)
                if self._field is not None
                else self._screen.class_rows(self._picture, self._message, poll, size)
            )

    @property
    def _is_tour(self) -> bool:
        return self._state.scenario.get("pane") == TourScenario.command

    # The student.

    def _heard(self, arrived: Iterable[Arrived]) -> None:
        """Something came from the keyboard or mouse."""
        own = [event for event in arrived if isinstance(event, OWN)]
        if not own or self._result.done():
            return
        self._stay()
        for number, event in enumerate(own):
            key = event.key if isinstance(event, events.Key) else ""
            if key == INTERRUPT:
                self._leave(128 + signal.SIGINT)
            elif key in QUIT and (self._field is None or key != "q"):
                self._leave(0)
            elif self._field is None and self._welcome is None:
                if len(self._ahead) < MOST:
                    self._ahead.append(event)
            elif self._field is None:
                self._act(key, own[number:])
            elif key in ("enter", "escape"):
                self._join(self._field.text if key == "enter" else "")
            elif isinstance(event, events.Key | events.Paste):
                self._field.take(event)
        self._redraw()

    def _act(self, key: str, typed: Sequence[events.Event]) -> None:
        """Have an app do what was `typed`, of which `key` is the first, unless no app is needed for it."""
        if key in self._host.keymap.keys(WITH_CLASS):
            self._say(RETURNED)
        elif self._state.pinned and not self._is_tour and key not in neutral_keys(self._host.keymap):
            self._say(TEACHER_LEADS, "warn")
        else:
            self._hand_over(typed)

    def _join(self, name: str = "") -> None:
        if self._field is not None:
            self._field, self._name = None, name or self._name
            self._redraw()
            self._hello()

    # The class.

    def _hello(self) -> None:
        """The line is connected, or the name is given, whichever comes second."""
        if self._field is None:
            self._link.send(Join(self._name))

    def _take(self, message: Message) -> None:
        """The class says something."""
        if self._result.done():
            if self._handover is not None:
                self._handover.messages.append(message)
        elif isinstance(message, Welcome):
            self._welcome = message
            self._say(greeting(message, self._host.keymap.text(WITH_CLASS)))
            if not message.following:
                self._hand_over(self._ahead, first=message)
        elif isinstance(message, ClassState):
            self._stay()
            self._take_state(message)
        elif isinstance(message, Poll):
            self._poll = message
            self._redraw()
        elif isinstance(message, Notice):
            self._say(message.text)
        elif isinstance(message, Bye):
            self._leave(0, message.text)

    def _take_state(self, state: ClassState) -> None:
        if state.number < self._state.number or (self._shown == state.number > 0 and not state.picture):
            return
        self._state = state
        if self._late is not None:
            self._late.cancel()
        if state.picture:
            self._show(state)
        elif state.coming:
            self._late = asyncio.get_running_loop().call_later(random.uniform(*DRAWS), self._hand_over)
        if self._ahead or not (state.picture or state.coming or not state.number):
            self._hand_over(self._ahead)

    def _show(self, state: ClassState) -> None:
        try:
            self._picture = from_picture(state.picture, *self._terminal.size, self._host.painter)
        except ValueError:
            self._hand_over()
            return
        if state.number != self._shown:
            if self._shown:
                self._message = ("", "")
            self._shown = state.number
            self._link.send(Seen(state.number))
        self._redraw()
