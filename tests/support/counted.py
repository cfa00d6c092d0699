"""The app in this process, with every byte counted that it would send to a terminal: quick enough for every bit.

The driver is Textual's headless one, told that it has a terminal; the painter believes in one of 256 colours.
"""

from __future__ import annotations

import shlex
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from rich.color import ColorSystem
from textual import events
from textual.drivers.headless_driver import HeadlessDriver
from textual.keys import _character_to_key
from textual.pilot import Pilot

from qtui.cli.command import load, parser_for
from qtui.scenario.base import Scenario, from_namespace
from qtui.tui.app import QtuiApp
from qtui.tui.terminal.painter import Painter

COLUMNS, ROWS = 120, 40
PERIOD = 0.002  # seconds between two frames, of which Textual draws 60 a second: nobody waits for the others here


class Counted:
    """A running app, and what it has sent."""

    def __init__(self, app: QtuiApp, pilot: Pilot[int], sent: list[str]) -> None:
        self.app = app
        self._pilot = pilot
        self._sent = sent

    async def settle(self) -> None:
        """Wait until everything is solved and drawn: nothing more is sent for as long as a frame takes, and more."""
        before = -1
        while before < len(self._sent) or self.app.keys.busy:
            before = len(self._sent)
            await self._pilot.pause(0)
            await self.app.workers.wait_for_complete()
            await self._pilot.pause(3 * PERIOD)

    async def cost(self, *keys: str) -> int:
        """Bytes sent because of these keys. (The pilot's own `press` sleeps four times a key.)"""
        self._sent.clear()
        for key in keys:
            name = key if key.isalnum() or len(key) > 1 else _character_to_key(key)
            event = events.Key(name, key if len(key) == 1 else None)
            event.set_sender(self.app)
            self.app.post_message(event)
            await self.settle()
        return len("".join(self._sent).encode())

    def sent(self) -> str:
        """What the last keys sent."""
        return "".join(self._sent)


def scenario_of(command: str) -> Scenario:
    """The Scenario of a command line without "qtui"."""
    name, *words = shlex.split(command)
    return from_namespace(load(name).scenario, parser_for(load(name)).parse_args(words))


@asynccontextmanager
async def counted(scenario: Scenario, columns: int = COLUMNS, rows: int = ROWS) -> AsyncIterator[Counted]:
    """The app on `scenario`'s pane in a terminal of `columns` by `rows`."""
    sent: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HeadlessDriver, "is_headless", False)
        patch.setattr(HeadlessDriver, "write", lambda _, data: sent.append(data))
        patch.setattr("textual.screen.UPDATE_PERIOD", PERIOD)
        patch.delenv("NO_COLOR", raising=False)
        app = QtuiApp(scenario)
        app.painter = Painter(ColorSystem.EIGHT_BIT, "xterm-256color")
        async with app.run_test(size=(columns, rows)) as pilot:
            result = Counted(app, pilot, sent)
            await result.settle()
            yield result
