"""When a screen is painted: as soon as a key has had its effects, and not sixty times a second.

Textual paints at the first moment when its screen has nothing to do, which may be in the middle of a chain of
messages; what comes at the end of the chain then waits for the next tick of its clock, up to 30 ms later, and is sent
by itself.
"""

from __future__ import annotations

import asyncio
from typing import Any

from textual import events
from textual.app import App
from textual.screen import Screen

TURNS = 12  # of the event loop, in which others may act before a frame is painted: a message takes two
FRAME = 1 / 60  # seconds; in twice that time there are two frames at the most


class Pace:
    """Paints `screen`, whose `_on_idle` leaves it to this. `test_pace.py` fails first should that method move."""

    def __init__(self, screen: Screen[Any]) -> None:
        self._screen = screen
        self._waiting: asyncio.Handle | None = None
        self._turns = 0
        self._frames = (0.0, 0.0)  # times of the last two

    async def on_idle(self, event: events.Idle) -> None:
        """The screen has nothing else to do: paint soon what has to be, else call what waited for the paint."""
        event.prevent_default()
        screen = self._screen
        app: App[Any] = screen.app
        dirty = (
            screen._layout_required,
            screen._scroll_required,
            screen._repaint_required,
            screen._recompose_required,
            screen._dirty_widgets,
        )
        if any(dirty) and screen.is_current and not app._batch_count:
            if self._waiting is None:
                self._turns = TURNS
                self._waiting = asyncio.get_running_loop().call_soon(self._turn)
        else:
            await screen._invoke_and_clear_callbacks()

    def _turn(self) -> None:
        loop = asyncio.get_running_loop()
        if self._turns:
            self._turns -= 1
            self._waiting = loop.call_soon(self._turn)
            return
        now = loop.time()
        early = self._frames[0] + 2 * FRAME - now
        if early > 0:
            self._waiting = loop.call_later(early, self._turn)
            return
        self._waiting = None
        self._frames = self._frames[1], now
        if self._screen.app._exit or not self._screen.is_running:
            return
        try:
            self._screen._on_timer_update()
        except Exception as error:  # as Textual does around its timer: the app ends with a report
            self._screen.app._handle_exception(error)
