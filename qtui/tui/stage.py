"""The panes on their stage: mounted on their first visit, one of them on show, each at its Scenario."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.containers import Container

from qtui.scenario.base import Scenario
from qtui.tui.chrome import KeyLine, TabStrip
from qtui.tui.pane import Pane
from qtui.tui.panes.registry import PANES, pane_class, tab_of

if TYPE_CHECKING:
    from qtui.tui.app import QtuiApp


class Stage:
    """Finds, mounts and brings forward the panes of the app."""

    def __init__(self, app: QtuiApp) -> None:
        self._app = app
        self._building = asyncio.Lock()
        self._panes: dict[str, Pane] = {}  # at hand: every key asks for one, and a query walks the whole tree

    @property
    def shown(self) -> Pane | None:
        """The pane on show."""
        return next((pane for pane in self._panes.values() if pane.display), None)

    def mounted(self, command: str) -> Pane | None:
        """The pane of `command`, once it has been visited."""
        return self._panes.get(command)

    async def open(self, scenario: Scenario) -> None:
        """Show the pane of `scenario` at that state."""
        app = self._app
        app.history.push(scenario)
        async with self._building:  # keys and links come from several tasks
            pane = self.mounted(scenario.command)
            if pane is None:
                pane = pane_class(scenario.command)(scenario)
                await app.frame.query_one("#body", Container).mount(pane)
                self._panes[scenario.command] = pane
                app.tidy.touch(grown=True)
        pane.scenario = scenario
        self._bring_forward(pane)
        app.runner.start(pane, scenario)

    async def visit(self, command: str) -> None:
        """Show a pane as it was left."""
        pane = self.mounted(command)
        if pane is None:
            await self.open(self._app.history.present.get(command) or self._first_scenario(command))
        else:
            self._bring_forward(pane)

    async def enter(self) -> None:
        """Open the first pane: what the command line names, else the configuration, else the last session."""
        app = self._app
        session = app.leaving.session
        if app.start is not None:
            await self.open(app.start)
        else:
            wanted = (app.settings.pane, tab_of(session.pane) if session is not None else "")
            await self.visit(next((pane for pane in wanted if pane in PANES), next(iter(PANES))))
        if session is not None and session.trouble:
            app.say(session.trouble, "warn")

    def _first_scenario(self, command: str) -> Scenario:
        """What a pane begins with: as the last session left it, else its defaults and the person's machine."""
        kind = pane_class(command).SCENARIO
        session, machine = self._app.leaving.session, self._app.settings.machine
        left = session.scenario(kind) if session is not None else None
        return left or kind(**({"machine": machine} if machine and command == "mem" else {}))

    def _bring_forward(self, pane: Pane) -> None:
        frame, focused = self._app.frame, self._app.screen.focused
        here = pane.display and focused is not None and pane in focused.ancestors
        for other in self._panes.values():
            other.display = other is pane
        frame.fit(self._app.size)
        frame.query_one(TabStrip).mark(tab_of(pane.scenario.command))
        frame.query_one(KeyLine).show(pane.HINTS)
        if not here and not frame.query_one(TabStrip).has_focus:
            pane.focus_first()
