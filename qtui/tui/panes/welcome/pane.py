"""The welcome: the doors, and what is known so far of what lies behind them."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message

from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture
from qtui.draw.welcome.pane import WelcomeDoor, door_at, doors, welcome
from qtui.scenario.base import Scenario
from qtui.scenario.memory.scenario import MemoryScenario
from qtui.scenario.progress import Progress
from qtui.scenario.tour.scenario import TourScenario
from qtui.scenario.welcome.result import WelcomeResult
from qtui.scenario.welcome.scenario import WelcomeScenario
from qtui.tui.host import host_of
from qtui.tui.keylist import PANE_ACTIONS
from qtui.tui.keymap import Actions, bindings
from qtui.tui.pane import REPORT_EVERY, Pane
from qtui.tui.panes.welcome.files import FilePicker, inside
from qtui.tui.panes.welcome.keys import ACTIONS, VIEW_ACTIONS, VIEWS
from qtui.tui.widgets.view import PictureView

NAMES = ("learn", "fit", "look")  # of the doors, from above


class Doors(PictureView, can_focus=True):
    """Draws the welcome; a door opens by its letter or a click."""

    class Chosen(Message):
        """A door is to be opened, by its number from above."""

        def __init__(self, door: int) -> None:
            super().__init__()
            self.door = door

    def __init__(self, glyphs: Glyphs, reason: str) -> None:
        super().__init__(self._drawn)
        self._glyphs = glyphs
        self._reason = reason
        self._mark = 0
        self.result: WelcomeResult | None = None

    def show(self, result: WelcomeResult) -> None:
        """Draw with what is known by now."""
        self.result = result
        self.redraw()

    @property
    def _doors(self) -> tuple[WelcomeDoor, ...]:
        return doors(self.result, self._reason)

    def _drawn(self, width: int, height: int) -> Picture:
        keymap = host_of(self).keymap
        keys = [keymap.text(action) for action in PANE_ACTIONS.values()]
        return welcome(self.result, self._doors, self._mark, width, height, self._glyphs, keys)

    def walk(self, by: int) -> None:
        """Mark the next door."""
        self._mark = (self._mark + by) % len(NAMES)
        self.redraw()

    @property
    def place(self) -> tuple[int, ...]:
        """The marked door."""
        return (self._mark,)

    def put_place(self, place: tuple[int, ...]) -> None:
        """Mark the same door."""
        if place and place != self.place:
            self.walk(place[0] - self._mark)

    @property
    def marked(self) -> int:
        """The number of the marked door."""
        return self._mark

    def on_key(self, event: events.Key) -> None:
        """A door's letter opens it, as in any list."""
        letters = [way.key.lower() for way in self._doors]
        if event.character is not None and event.character.lower() in letters:
            event.stop()
            event.prevent_default()
            self.post_message(self.Chosen(letters.index(event.character.lower())))

    def on_picture_view_clicked(self, event: PictureView.Clicked) -> None:
        """Open the one under the mouse."""
        door = door_at(self._doors, self.picture, self.room.width, event.x, event.y)
        if door is not None and not event.drag:
            self._mark = door
            self.redraw()
            self.post_message(self.Chosen(door))


class WelcomePane(Pane[WelcomeScenario, WelcomeResult]):
    """What this is, and three ways in; the picture stands at once, and fills in as answers come."""

    SCENARIO = WelcomeScenario
    title = "Welcome"
    VIEWS = VIEWS
    ACTIONS = ACTIONS
    VIEW_ACTIONS = VIEW_ACTIONS
    BINDINGS: ClassVar[list[BindingType]] = bindings(ACTIONS)

    def __init__(self, scenario: WelcomeScenario) -> None:
        super().__init__(scenario)
        self._waits = False  # whether "Does it fit?" opens as soon as that is known

    @property
    def actions(self) -> Actions:
        """What its keys do; there is nothing to reset."""
        return self.ACTIONS

    def compose(self) -> ComposeResult:
        """One picture with the doors."""
        closed = "" if self.scenario.files else "a kiosk opens no files"
        yield Doors(self.glyphs, closed)

    def quick(self, scenario: WelcomeScenario) -> bool:
        """What fits takes a second or two to find out."""
        return False

    def solve(self, scenario: WelcomeScenario, progress: Progress) -> WelcomeResult:
        """Everything; what takes long is shown as it comes."""
        from qtui.scenario.welcome.solve import solve  # once the first frame is shown

        shown = time.monotonic()

        def grow(result: WelcomeResult) -> None:
            nonlocal shown
            if time.monotonic() - shown >= REPORT_EVERY:
                shown = time.monotonic()
                self.app.call_from_thread(self._grow, result)

        return solve(scenario, progress, grow)

    def _grow(self, result: WelcomeResult) -> None:
        if self.is_attached and result.scenario == self.scenario:
            self.show(self.scenario, result)

    def show(self, scenario: WelcomeScenario, result: WelcomeResult) -> None:
        """Draw what is known; open the door that waits for it."""
        self.query_one(Doors).show(result)
        if self._waits and result.knows_fit:
            self._waits = False
            if self.display:
                self.action_door("fit")

    def on_doors_chosen(self, event: Doors.Chosen) -> None:
        """Enter or a click on a door."""
        event.stop()
        self.action_door(NAMES[event.door])

    def suggests(self, command: str) -> Scenario | None:
        """Memory begins with the model that the second door names."""
        result = self.query_one(Doors).result
        if command != MemoryScenario.command or result is None or result.fit is None:
            return None
        return replace(result.memory, model=(result.fit.model,), view="plans")

    def action_walk(self, by: int) -> None:
        """Mark the next door."""
        self.query_one(Doors).walk(by)

    def action_take(self) -> None:
        """Open the marked one."""
        self.action_door(NAMES[self.query_one(Doors).marked])

    def action_door(self, name: str) -> None:
        """Open a door."""
        result = self.query_one(Doors).result
        self._waits = name == "fit" and (result is None or not result.knows_fit)
        if name == "look":
            self._pick_file()
        elif name == "learn":
            self.go(TourScenario())
        elif self._waits:
            self.say("working out the largest model that runs well here; then it opens", "dim")
        elif result is not None:
            self.go(result.memory)

    def _pick_file(self) -> None:
        """List the files that are here, and look into one."""
        if not self.scenario.files:
            self.say("a kiosk opens no files", "warn")
            return
        result = self.query_one(Doors).result

        def chosen(path: str | None) -> None:
            if path:
                self.go(inside(path))

        self.app.push_screen(FilePicker(result.files if result is not None else ()), chosen)
