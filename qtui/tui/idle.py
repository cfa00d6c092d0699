"""Leaving when nobody has typed for a while, so that a classroom's forgotten sessions don't pile up."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qtui.tui.app import QtuiApp

WARNING = 30.0  # seconds before it leaves that it says so


class Idle:
    """Counts the seconds since the last key or mouse event, and leaves after `app.settings.idle` of them."""

    def __init__(self, app: QtuiApp) -> None:
        self._app = app
        self._last = time.monotonic()
        app.set_interval(min(10.0, app.settings.idle / 5), self._look)

    def touch(self) -> None:
        """Somebody is there."""
        self._last = time.monotonic()

    def _look(self) -> None:
        left = self._app.settings.idle - (time.monotonic() - self._last)
        if left <= 0:
            self._app.exit(message="qtui: nobody typed, so it has left")
        elif left <= WARNING:
            self._app.say("still there? any key keeps qtui open", "warn")
