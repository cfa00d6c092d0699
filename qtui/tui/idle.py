"""Leaving when nobody has typed for a while, so that a classroom's forgotten sessions don't pile up."""

from __future__ import annotations

import time

from textual.app import App

from qtui.tui.host import host_of

WARNING = 30.0  # seconds before it leaves that it says so


class Idle:
    """Counts the seconds since the last key or mouse event, and leaves after `seconds` of them."""

    def __init__(self, app: App[int], seconds: float) -> None:
        self._app = app
        self._seconds = seconds
        self._last = time.monotonic()
        app.set_interval(min(10.0, seconds / 5), self._look)

    def touch(self) -> None:
        """Somebody is there."""
        self._last = time.monotonic()

    def _look(self) -> None:
        left = self._seconds - (time.monotonic() - self._last)
        if left <= 0:
            self._app.exit(message="qtui: nobody typed, so it has left")
        elif left <= WARNING:
            host_of(self._app).say("still there? any key keeps qtui open", "warn")
