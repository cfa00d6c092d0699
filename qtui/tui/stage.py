"""The panes on their stage: mounted on their first visit, one of them on show, each at its Scenario."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, cast

from textual.app import App
from textual.containers import Container

from qtui.scenario.base import Scenario
from qtui.scenario.welcome.scenario import WelcomeScenario
from qtui.tui.chrome import TabStrip
from qtui.tui.history import History
from qtui.tui.host import host_of
from qtui.tui.pane import Pane
from qtui.tui.panes.registry import FURTHER, PANES, pane_class, tab_of
from qtui.tui.runner import Runner
from qtui.tui.screen import MainScreen
from qtui.tui.session import Session
from qtui.tui.terminal.tidy import Tidy
from qtui.tui.widgets.picker import Picker


class Stage:
    """Finds, mounts and brings forward the panes of the app."""

    def __init__(self, app: App[int], history: History, runner: Runner, tidy: Tidy) -> None:
        self._app = app
        self._history = history
        self._runner = runner
        self._tidy = tidy
        self._building = asyncio.Lock()
        self._panes: dict[str, Pane[Any, Any]] = {}  # every key asks for one, and a query walks the whole tree

    @property
    def shown(self) -> Pane[Any, Any] | None:
        """The pane on show."""
        return next((pane for pane in self._panes.values() if pane.display), None)

    def mounted(self, command: str) -> Pane[Any, Any] | None:
        """The pane of `command`, once it has been visited."""
        return self._panes.get(command)

    async def open(self, scenario: Scenario) -> None:
        """Show the pane of `scenario` at that state."""
        self._history.push(scenario)
        pane = await self._pane_for(scenario)
        pane.scenario = scenario
        self._bring_forward(pane)
        self._runner.start(pane, scenario)

    def ask_to_reset(self) -> None:
        """Reset every pane, once the person has said so."""

        def chosen(answer: str | None) -> None:
            if answer == "reset":
                self.reset_all()

        answers = ("keep everything", "reset every pane; undo takes it back")
        if len(self._app.screen_stack) == 1:
            self._app.push_screen(Picker("Reset everything", ("keep", "reset"), answers, "keep"), chosen)

    def reset_all(self) -> None:
        """Reset every pane that has been visited, in one step of undo."""
        panes = sorted(self._panes.values(), key=lambda pane: bool(pane.display))
        fresh = [pane.fresh() for pane in panes]
        self._history.push_together(fresh)
        self.set_aside(fresh)

    def set_aside(self, scenarios: Sequence[Scenario]) -> None:
        """Put panes at these states, without showing them."""
        for scenario in scenarios:
            pane = self.mounted(scenario.command)
            if pane is not None:
                pane.scenario = scenario
                self._runner.start(pane, scenario)
        host_of(self._app).follow()

    async def _pane_for(self, scenario: Scenario, shown: bool = True) -> Pane[Any, Any]:
        """The pane that shows `scenario`, mounted on its first use."""
        async with self._building:  # keys and links come from several tasks
            pane = self.mounted(scenario.command)
            if pane is None:
                pane = pane_class(scenario.command)(scenario)
                pane.display = shown
                await self._frame.query_one("#body", Container).mount(pane)
                self._panes[scenario.command] = pane
                self._tidy.touch(grown=True)
        return pane

    async def prepare(self, command: str) -> None:
        """Mount a pane that is likely to be wanted soon."""
        if self.mounted(command) is None:
            scenario = self._first_scenario(command, None)
            self._history.push(scenario)
            pane = await self._pane_for(scenario, shown=False)
            if pane.quick(scenario):
                self._runner.start(pane, scenario)

    async def visit(self, command: str, session: Session | None = None) -> None:
        """Show a pane as it was left, in this run or in an earlier one."""
        pane = self.mounted(command)
        if pane is None:
            await self.open(self._history.present.get(command) or self._first_scenario(command, session))
        else:
            self._bring_forward(pane)

    async def enter(self, start: Scenario | None, session: Session | None) -> None:
        """Open the first pane: what the command line names, else the configuration, else the last session."""
        if start is not None:
            await self.open(start)
        elif self._is_new(session):
            await self.open(self._welcome())
        else:
            left = session.pane if session is not None else ""
            wanted = (host_of(self._app).settings.pane, tab_of(left) or left)
            known = {*PANES, *FURTHER}
            await self.visit(next((pane for pane in wanted if pane in known), next(iter(PANES))), session)

    def greet(self, session: Session | None) -> None:
        """Say what there is to say at the start."""
        host = host_of(self._app)
        if session is not None and session.trouble:
            host.say(session.trouble, "warn")
        elif host.settings.notice:
            host.say(host.settings.notice, "dim")

    def _is_new(self, session: Session | None) -> bool:
        """Whether the person is to be welcomed: nothing was left, or the welcome was."""
        settings = host_of(self._app).settings
        begins = session is None or session.pane in ("", WelcomeScenario.command)
        return settings.welcome and not settings.pane and begins and WelcomeScenario.command in FURTHER

    def _welcome(self) -> WelcomeScenario:
        """The welcome, on the person's machine; a kiosk looks for files where it may."""
        settings = host_of(self._app).settings
        folders = settings.folders if settings.kiosk else ()
        return WelcomeScenario(settings.machine, folder=folders, files=bool(folders) or not settings.kiosk)

    def _first_scenario(self, command: str, session: Session | None) -> Scenario:
        """What a pane begins with: as the last session left it, as the one on show suggests, else with its own."""
        kind = pane_class(command)
        left = session.scenario(kind.SCENARIO) if session is not None else None
        left = left or (self.shown.suggests(command) if self.shown is not None else None)
        return left or kind.opening(host_of(self._app).settings.machine)

    @property
    def _frame(self) -> MainScreen:
        return cast(MainScreen, self._app.screen_stack[0])

    def _bring_forward(self, pane: Pane[Any, Any]) -> None:
        frame, focused = self._frame, self._app.screen.focused
        here = pane.display and focused is not None and pane in focused.ancestors
        for other in self._panes.values():
            other.display = other is pane
        frame.fit(self._app.size)
        frame.set_class(pane.HAS_HEADER, "-own-header")
        frame.query_one(TabStrip).mark(tab_of(pane.scenario.command))
        host_of(self._app).follow()
        if not here and not frame.query_one(TabStrip).has_focus:
            pane.focus_first()
