"""A screen that another process has drawn, on the terminal in place of the app's own.

While a student follows, the app need not open what the class shows: it catches up at the first key. Until then
it paints only what is the student's own, the message in the status line and the question over the picture.
"""

from __future__ import annotations

from collections.abc import Container, Mapping

from qtui.teach.messages import ClassState
from qtui.tui.chrome import StatusLine
from qtui.tui.follow.classroom import ClassHost, PollView
from qtui.tui.follow.shared import from_picture
from qtui.tui.terminal.painter import Row


class Cover:
    """Over the app's own screen, while there is a `state` that it shows."""

    def __init__(self, host: ClassHost) -> None:
        self._host = host
        self.state: ClassState | None = None
        self._rows: Mapping[int, Row] = {}

    def fits(self, state: ClassState) -> bool:
        """Read the picture of `state`; whether it can be shown here."""
        host = self._host
        if not state.picture or host.limits or host.appearance.palette != host.settings.theme:
            return False
        try:
            rows = from_picture(state.picture, *host.frame.size, host.painter)
        except ValueError:  # of a window that has just been resized
            return False
        self.state, self._rows = state, rows
        return True

    def show(self) -> None:
        """Have the terminal show it, except the student's own rows."""
        own = self.own_rows or ()
        self._host.show_rows({y: row for y, row in self._rows.items() if y not in own})

    @property
    def own_rows(self) -> Container[int] | None:
        """The rows that the app paints; None for all."""
        if self.state is None:
            return None
        frame = self._host.frame
        question = frame.query_one(PollView)
        rows = {*frame.query_one(StatusLine).rows}
        return rows | {*range(question.region.y, question.region.bottom)} if question.display else rows

    def lift(self) -> ClassState | None:
        """Give the screen back to the app, which paints it whole; returns the state that the cover showed, if any."""
        state, self.state, self._rows = self.state, None, {}
        if state is not None:
            self._host.frame.refresh()
        return state
