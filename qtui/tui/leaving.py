"""How the app ends, whichever way: its status, the session it leaves behind, the report of a crash; and when nobody
has typed for a while.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable

from textual.app import App
from textual.worker import WorkerFailed

from qtui.crash import report
from qtui.scenario.base import Scenario, command_line
from qtui.tui.history import History
from qtui.tui.host import host_of
from qtui.tui.session import Session, forget_session, save_session
from qtui.tui.terminal.signals import Exits


class Leaving:
    """Sees to it that the app ends soon once it is asked to, and that it can come back where it was."""

    def __init__(
        self,
        app: App[int],
        session: Session | None,
        history: History,
        shown: Callable[[], Scenario | None],
        *,
        may_write: bool,
    ) -> None:
        """`shown` gives the Scenario on show; where nothing may be written, no report of a crash is."""
        self._app = app
        self._history = history
        self._shown = shown
        self._may_write = may_write
        self.session = session
        self.status: int | None = None  # to leave with, once that has begun
        self.exits = Exits(self.leave, self._last_words)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._crash_report = ""

    def ready(self) -> None:
        """The app's loop runs: from now on it can be asked."""
        self._loop = asyncio.get_running_loop()

    def leave(self, status: int) -> None:
        """Ask the app to leave with `status`; from any thread, and from a signal handler."""
        self._decide(status)
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has already ended
                self._loop.call_soon_threadsafe(lambda: self._app.exit(return_code=status))

    def _decide(self, status: int) -> None:
        if self.status is None:
            self.status = status

    def begin(self, status: int) -> None:
        """The app has begun to leave: see that it ends, and remember where it was."""
        self._decide(status)
        self.exits.expect(status)
        self._remember()

    def _remember(self) -> None:
        """Save the session, once."""
        session, self.session = self.session, None
        if session is not None and not self._crash_report:
            scenario = self._shown()
            pane = scenario.command if scenario is not None else session.pane
            # A disk that is full must not keep the person from leaving.
            with contextlib.suppress(OSError):
                save_session(pane, self._history.present, session)

    def _last_words(self) -> str:
        """What there is to print when the app could not end by itself; the session is saved."""
        self._remember()
        return self._crash_report

    def crashed(self, error: BaseException) -> str:
        """What to print of a crash. The session in which it came is set aside: it must not come at every start."""
        scenario = self._shown()
        again = command_line(scenario, "--tui", "--fresh") if scenario is not None else ""
        cause = error.error if isinstance(error, WorkerFailed) else error
        self._crash_report = report(cause, again, write=self._may_write)
        if self.session is not None:
            forget_session()
        self.exits.expect(1)
        return self._crash_report


WARNING = 30.0  # seconds before it leaves that it says so
STILL_THERE = "still there? any key keeps qtui open"
LEFT_IDLE = "nobody typed, so it has left"


class Idle:
    """Counts the seconds since the last key or mouse event, and leaves after `seconds` of them."""

    def __init__(self, app: App[int], seconds: float) -> None:
        self._app = app
        self._seconds = seconds
        self._last = time.monotonic()
        app.set_interval(min(10.0, seconds / 5), self._check)

    def touch(self) -> None:
        """The person is active: the wait starts again."""
        self._last = time.monotonic()

    def _check(self) -> None:
        left = self._seconds - (time.monotonic() - self._last)
        if left <= 0:
            self._app.exit(message=f"qtui: {LEFT_IDLE}")
        elif left <= WARNING:
            host_of(self._app).say(STILL_THERE, "warn")
