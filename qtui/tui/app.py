"""The app: wiring between the frame, the panes and their Scenarios. What a pane is: `pane.py`."""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Sequence
from typing import Any, ClassVar, cast

from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.screen import Screen

from qtui.draw.picture import Span
from qtui.scenario.base import Scenario
from qtui.tui.chrome import KeyLine, StatusLine
from qtui.tui.history import History
from qtui.tui.host import Settings
from qtui.tui.in_class import InClass
from qtui.tui.keylist import APP_ACTIONS
from qtui.tui.keymap import CANCEL, HELP, IN_CLASS, QUIT, Action, Actions, Keymap, bindings
from qtui.tui.leaving import Idle, Leaving
from qtui.tui.pane import Pane
from qtui.tui.runner import Runner
from qtui.tui.screen import MainScreen
from qtui.tui.session import Session
from qtui.tui.stage import Stage
from qtui.tui.terminal.keys import Keys
from qtui.tui.terminal.tidy import Tidy
from qtui.tui.themes import Appearance, theme_for
from qtui.tui.widgets.entry import selected_part
from qtui.tui.widgets.strip import ViewStrip


class QtuiApp(InClass):
    """Opens on the pane of `start`, with its Scenario; other panes begin as `session` left them, or as they do.

    Without a session nothing is remembered for the next run.
    """

    CSS_PATH = "app.tcss"
    TITLE = "qtui"
    ENABLE_COMMAND_PALETTE = False  # `commands.py` has one that is lighter on the wire
    BINDINGS: ClassVar[list[BindingType]] = bindings(APP_ACTIONS, IN_CLASS)

    def __init__(
        self, start: Scenario | None = None, settings: Settings | None = None, session: Session | None = None
    ) -> None:
        self.settings = settings or Settings()
        self.draft = self.settings.draft
        super().__init__(theme_for(self.settings.theme).ansi, self.settings.ascii)
        self.appearance = Appearance(self, self.settings.theme)
        self.keymap = Keymap(self.settings.keys)
        self.set_keymap(self.keymap.changed)
        self.start = start
        self.history = History({})
        self.tidy = Tidy()
        self.runner = Runner(self, self.tidy.touch)
        self.stage = Stage(self, self.history, self.runner, self.tidy)
        self.leaving = Leaving(self, session, self.history, self._shown, may_write=not self.settings.kiosk)
        self.keys = Keys(self, super().on_event, self.draw_what_waited, lambda status: self.exit(return_code=status))
        self._idle: Idle | None = None

    def get_default_screen(self) -> Screen[None]:
        """The frame."""
        return MainScreen(id="_default")

    async def open_first(self) -> None:
        """Open the first pane; the screen calls this once it has its frame."""
        self.leaving.ready()
        self.repaint_on_resume()
        self.set_timer(1, self.tidy.begin)
        if self.settings.idle:
            self._idle = Idle(self, self.settings.idle)
        if self.settings.kiosk and hasattr(signal, "SIGTSTP"):
            signal.signal(signal.SIGTSTP, signal.SIG_IGN)
        if self.classroom is None or not self.classroom.WAITS:
            await self.enter()
        self.stage.greet(self.leaving.session)
        self.begin_class()
        self.call_later(self.keys.begin)

    async def enter(self) -> None:
        """Open what the person begins with, unless a pane is open."""
        if self.pane is None:
            await self.stage.enter(self.start, self.leaving.session)

    def style(self, role: str) -> Style:
        """What a role looks like in the present theme."""
        return self.appearance.styles[role]

    @property
    def frame(self) -> MainScreen:
        """The screen that holds the panes, under whatever dialog is open."""
        return cast(MainScreen, self.screen_stack[0])

    @property
    def pane(self) -> Pane[Any, Any] | None:
        """The pane on show."""
        return self.stage.shown

    @property
    def smallest(self) -> tuple[int, int]:
        """Columns and rows of a window in which the pane on show can be used."""
        return self.pane.SMALLEST if self.pane is not None else (0, 0)

    def _shown(self) -> Scenario | None:
        """The Scenario on show, or the one that was asked for."""
        return self.pane.scenario if self.pane is not None else self.start

    def say(self, text: str, role: str = "") -> None:
        """Write to the status line."""
        self.frame.query_one(StatusLine).say(text, role)

    def unsay(self, text: str) -> None:
        """Take `text` off the status line, unless there is a newer message."""
        self.frame.query_one(StatusLine).unsay(text)

    def follow(self) -> None:
        """Bring the strip of views and the key line in line with the pane on show."""
        if self.pane is not None:
            self.frame.query_one(ViewStrip).show(self.pane.VIEWS, self.pane.view)
            self.frame.query_one(KeyLine).show(self.pane.actions)

    async def perform(self, action: Action) -> None:
        """Do what the keys of `action` do, wherever the keyboard is."""
        where = self.pane.runs(action.action) if self.pane is not None else None
        await self.run_action(action.action, where or self)

    # Panes and their Scenarios.

    async def action_pane(self, command: str) -> None:
        """Go to a pane, as it was left."""
        await self._go(self.stage.visit(command, self.leaving.session))

    async def open_pane(self, scenario: Scenario) -> None:
        """Show the pane of `scenario` at that state."""
        await self._go(self.stage.open(scenario))

    async def _go(self, going: Awaitable[None]) -> None:
        """Go to another pane; if that leaves the tour, say how to come back."""
        left = self.pane
        await going
        if left is not None and left is self.stage.mounted("tour") and self.pane is not left:
            self.say(f"{self.keymap.text(CANCEL)} comes back to the tour", "dim")
        self.tell_class()

    def scenario_of(self, command: str) -> Scenario | None:
        """What the pane of `command` shows, None before its first visit."""
        return self.history.present.get(command)

    def on_pane_changed(self, event: Pane.Changed) -> None:
        """A pane's Scenario changed: remember and solve it."""
        self.history.push(event.scenario, event.live)
        pane = self.stage.mounted(event.scenario.command)
        if pane is not None:
            self.runner.start(pane, event.scenario)
        self.tell_class()

    async def action_undo(self) -> None:
        """Take the last change back, on whichever pane it was."""
        await self._return_to(self.history.undo(), "nothing to undo")

    async def action_redo(self) -> None:
        """Take the last undo back."""
        await self._return_to(self.history.redo(), "nothing to redo")

    async def _return_to(self, scenarios: tuple[Scenario, ...], otherwise: str) -> None:
        if not scenarios:
            self.say(otherwise, "dim")
        else:
            self.stage.set_aside(scenarios[:-1])
            await self.open_pane(scenarios[-1])

    @property
    def note(self) -> Span | None:
        """The state of the class; if the tour was left for another pane, the way back."""
        if self.classroom is not None:
            return self.classroom.note
        tour = self.stage.mounted("tour")
        if tour is None or self.pane is tour:
            return None
        key = self.keymap.text
        return f"{key(CANCEL)} tour  {key(HELP)} keys  {key(QUIT)} quit ", "key"

    @property
    def actions(self) -> Actions:
        """What the app itself can do now."""
        return APP_ACTIONS if self.classroom is None else (*APP_ACTIONS, *IN_CLASS)

    def action_reset_all(self) -> None:
        """Reset every pane, after the person has confirmed it."""
        self.stage.ask_to_reset()

    # Leaving.

    def exit(self, result: int | None = None, return_code: int = 0, message: Any = None) -> None:
        """Leave with an exit status; the process ends soon even if something hangs."""
        self.leaving.begin(return_code)
        super().exit(result, return_code, message)

    def action_interrupt(self) -> None:
        """Ctrl+C: copy what the person selected by hand, if anything, else leave as interrupted programs do."""
        chosen = self.screen.get_selected_text() or selected_part(self.focused)
        if chosen:
            self.copy(chosen)
        else:
            self.exit(return_code=128 + signal.SIGINT)

    def crashed(self, error: BaseException) -> str:
        """What to print after a defect."""
        return self.leaving.crashed(error)

    async def action_cancel(self) -> None:
        """Stop work in progress; else go back to the tour left for this pane, or from a control to the picture."""
        if self.runner.cancel():
            self.say(self.pane.stopped() if self.pane is not None else "cancelled", "warn")
        elif self.stage.mounted("tour") is not None:
            await self.action_pane("tour")
            if self.pane is not None:
                self.pane.came_back()
        elif self.pane is not None:
            self.pane.focus_first()

    async def on_event(self, event: events.Event) -> None:
        """Every event: those of a person at the keyboard or mouse come one after the other."""
        if not isinstance(event, events.InputEvent | events.Paste) or event.is_forwarded:
            await super().on_event(event)
        else:
            await self.take((event,))

    def receive(self, arrived: list[events.Event]) -> None:
        """Take the events of keyboard and mouse since the last call."""
        if self.is_running:
            self.call_next(self.take, arrived)

    async def take(self, arrived: Sequence[events.Event]) -> None:
        """Handle an event whose turn has come."""
        self.stay()
        await self.keys.take_all(self.for_the_app(arrived))

    async def prepare(self, command: str) -> None:
        """Have a pane ready that is likely to be wanted soon."""
        if self.is_running and not self.is_leaving():
            await self.stage.prepare(command)

    def stay(self) -> None:
        """Count the person as active."""
        self.tidy.touch()
        if self._idle is not None:
            self._idle.touch()

    def is_leaving(self) -> bool:
        """Whether the app has begun to leave."""
        return self.leaving.status is not None
