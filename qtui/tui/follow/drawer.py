"""A follower without a viewer: it draws what the class shows, for all students whose windows are alike."""

from __future__ import annotations

import asyncio

from textual.app import App

from qtui.teach.messages import Drawn, Poll, Welcome
from qtui.teach.protocol import Message
from qtui.tui.follow.follower import Follower
from qtui.tui.follow.link import Link
from qtui.tui.follow.shared import to_picture
from qtui.tui.terminal.painter import Row

SETTLED = 0.05  # seconds in which a picture may change again before the change is sent


class DrawingFollower(Follower):
    """Sends the class a picture of each state, and further ones while the state is still being solved."""

    PREPARED = (0.5, 1.0)

    def __init__(self, app: App[int], link: Link) -> None:
        super().__init__(app, link)
        self._drawn = 0  # the last state that is on the screen
        self._sent: list[Row] = []
        self._soon: asyncio.TimerHandle | None = None

    def hello(self) -> None:
        """The line is connected."""

    def take(self, message: Message) -> None:
        """The class says something."""
        if isinstance(message, Welcome):
            self._mark()
        else:
            super().take(message)

    def show_poll(self, poll: Poll) -> None:
        """Show the truth once the class is to see it; the question itself is on no picture."""
        if self.host.pane is not None:
            self.host.pane.reveal()

    def seen(self, number: int) -> None:
        """A state is on the screen."""
        self._drawn = number
        self._tell_drawn()

    def painted(self) -> None:
        """What is on the screen may have changed."""
        if self._drawn == self._state.number != 0 and self._soon is None:
            self._soon = asyncio.get_running_loop().call_later(SETTLED, self._tell_change)

    def _tell_change(self) -> None:
        self._soon = None
        if self._drawn == self._state.number and self._sent != self.host.painter.rows:
            self._tell_drawn()

    def _tell_drawn(self) -> None:
        self._sent = list(self.host.painter.rows)
        picture = to_picture(self._sent)
        if picture:
            self._link.send(Drawn(self._drawn, picture))
