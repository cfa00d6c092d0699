"""What the app knows of the class that it is in, and what a follower and a leader share."""

from __future__ import annotations

import asyncio
from collections.abc import Container, Mapping, Sequence
from functools import partial
from typing import ClassVar, Protocol, cast

from textual import events
from textual.app import App
from textual.widget import Widget

from qtui.draw.picture import Picture, Span
from qtui.scenario.base import Scenario
from qtui.teach.messages import Bye, Notice, Poll
from qtui.teach.protocol import Message
from qtui.tui.follow.link import Link
from qtui.tui.follow.pictures import poll_picture, poll_rows
from qtui.tui.host import Host, host_of
from qtui.tui.keymap import CLASS, WITH_CLASS, Action
from qtui.tui.panes.tour.widgets import AnswerField
from qtui.tui.runner import Runner
from qtui.tui.stage import Stage
from qtui.tui.terminal.painter import Painter, Row
from qtui.tui.widgets.rows import OneLine
from qtui.tui.widgets.view import PictureView

SETTLED = 0.25  # seconds until a pane is on show


class ClassHost(Host, Protocol):
    """The app, as its class knows it."""

    painter: Painter
    limits: list[str]
    runner: Runner
    stage: Stage

    @property
    def frame(self) -> Widget:
        """The screen that holds the panes."""

    def show_rows(self, rows: Mapping[int, Row]) -> None:
        """Have the terminal show rows that were drawn elsewhere."""

    def stay(self) -> None:
        """The person counts as active, even without a key."""

    async def take(self, arrived: Sequence[events.Event]) -> None:
        """Handle an event of the keyboard or mouse whose turn has come."""

    async def enter(self) -> None:
        """Open what the person begins with, unless a pane is open."""

    async def prepare(self, command: str) -> None:
        """Have a pane ready that is likely to be wanted soon."""


class PollView(PictureView):
    """A question over the lower part of the picture, above the status line."""

    DEFAULT_CSS = """
    PollView {
        layer: class; dock: bottom; margin: 0 0 2 0; padding: 0 1; background: $surface;
        border-top: solid $primary; display: none;
    }
    """


class Classroom:
    """The app's place in a class. Subclasses say what happens."""

    WAITS: ClassVar[bool] = False  # whether the first pane is the one that the class shows

    def __init__(self, app: App[int], link: Link) -> None:
        self._app = app
        self._link = link
        self.poll = Poll()
        self.hint = ""
        self.note: Span | None = None
        self._task: asyncio.Task[None] | None = None
        self._scenario: Scenario | None = None

    @property
    def host(self) -> ClassHost:
        """The app."""
        return cast(ClassHost, host_of(self._app))

    # What the app tells.

    def begin(self) -> None:
        """The first pane is on show."""
        self._view = PollView(self._picture)
        self.host.frame.mount(self._view)
        self._task = asyncio.ensure_future(self._link.run(self.hello, self.take, self.lost))

    def shown(self, scenario: Scenario) -> None:
        """The app now shows `scenario`."""
        if scenario != self._scenario:
            self._scenario = scenario
            self.moved(scenario)

    def takes(self, event: events.Event) -> bool:
        """Whether the class has dealt with what came from the keyboard or mouse, and the app is not to.

        A field for an answer has the keyboard whenever the tour asks something; the class's keys are no answers.
        """
        if isinstance(event, events.Key) and isinstance(self._app.focused, AnswerField):
            for action, do in ((WITH_CLASS, self.call), (CLASS, self.menu)):
                if event.key in self.host.keymap.keys(action):
                    self._app.call_next(do)
                    return True
        return False

    def before(self, arrived: Sequence[events.Event]) -> Sequence[events.Event]:
        """Get ready for what came from the keyboard or mouse; what of it is for the app."""
        return [event for event in arrived if not self.takes(event)]

    @property
    def own_rows(self) -> Container[int] | None:
        """The rows of the terminal that the app paints; None for all."""
        return None

    def painted(self) -> None:
        """The terminal has been sent an update."""

    def repainted(self) -> None:
        """The terminal is to be sent everything again."""

    def acted(self) -> None:
        """The effects of a person's action are complete."""

    def key(self, action: Action) -> str:
        """What the key line calls the key of an action."""
        return self.host.keymap.text(action)

    # What subclasses do.

    def hello(self) -> None:
        """The line is connected."""

    def take(self, message: Message) -> None:
        """A message came."""
        if isinstance(message, Notice):
            self.host.say(message.text)
        elif isinstance(message, Poll):
            self.show_poll(message)
        elif isinstance(message, Bye):
            self.host.say(message.text, "warn")

    def lost(self, again: bool) -> None:
        """The line is closed."""

    def moved(self, scenario: Scenario) -> None:
        """The app shows something else."""

    def call(self) -> None:
        """The key that brings teacher and students together."""

    def menu(self) -> None:
        """The key of the class's menu."""

    def answered(self, text: str) -> None:
        """What the tour asks was answered in its pane."""

    # The question.

    def show_poll(self, poll: Poll) -> None:
        """Show a question, or take it away."""
        if poll.revealed and poll.shown and not self.poll.revealed and self.host.pane is not None:
            self.host.pane.reveal()
        self.poll = poll
        self.redraw()

    def redraw(self) -> None:
        """Redraw the question."""
        view = self._view
        shown = self.poll.number != 0 and not self.hides(self.poll)
        if shown != view.display:
            view.display = shown
            # A state may come with it, whose pane is laid out in between: once more when that is done.
            self._app.set_timer(SETTLED, partial(self.host.frame.refresh, layout=True))
        if view.display:
            view.styles.height = poll_rows(self.poll, self._app.size.width - 2) + 1
            view.redraw()

    def hides(self, poll: Poll) -> bool:
        """Whether a question is not shown, since the pane shows it."""
        return False

    def _picture(self, width: int, height: int) -> Picture:
        return poll_picture(self.poll, self.hint, width, self.host.settings.glyphs)

    def mark(self, text: str, role: str = "dim") -> None:
        """Say at the end of the strip of panes how many follow."""
        note = (f"{text} ", role)
        if note != self.note:
            self.note = note
            for row in self.host.frame.query(OneLine):
                row.refresh()
