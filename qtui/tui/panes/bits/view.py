"""The base of the Bits pane's views: a picture that takes keys, and asks the pane for another Scenario."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.message import Message

from qtui.draw.bits.words import drawing, picture_rows, view_of
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture
from qtui.scenario.base import Scenario
from qtui.scenario.bits.plots import with_plot
from qtui.scenario.bits.result import BitsResult
from qtui.scenario.bits.scenario import BitsScenario
from qtui.tui.host import host_of
from qtui.tui.widgets.view import PictureView

Move = Callable[[BitsScenario], BitsScenario]


class BitsView(PictureView, can_focus=True):
    """Shows one way to look at a BitsResult; posts `Wants` for every change."""

    NAME: ClassVar[str] = ""  # of a view with keys of its own
    FIRST: ClassVar[int | None] = None  # what the keyboard marks at first

    class Wants(Message):
        """The person asks for what `move` makes of the pane's Scenario; `live` in a stream of small steps.

        A move, not a Scenario: keys that come faster than the screen follows add up, whichever part they change.
        """

        def __init__(self, move: Move, live: bool) -> None:
            super().__init__()
            self.move = move
            self.live = live

    class Opens(Message):
        """The person wants `scenario`, which is another pane's."""

        def __init__(self, scenario: Scenario) -> None:
            super().__init__()
            self.scenario = scenario

    class Types(Message):
        """The person wants to type number `slot` of what the view shows."""

        def __init__(self, slot: int) -> None:
            super().__init__()
            self.slot = slot

    def __init__(self, scenario: BitsScenario, name: str = "") -> None:
        self.view_name = name or self.NAME
        super().__init__(id=f"bits-{self.view_name}")
        self.scenario = scenario
        self.result: BitsResult | None = None
        self.cursor = self.FIRST  # what the keyboard marks

    @property
    def glyphs(self) -> Glyphs:
        """The characters to draw with."""
        return host_of(self).settings.glyphs

    def show(self, scenario: BitsScenario, result: BitsResult) -> None:
        """Draw `result`."""
        self.scenario, self.result = scenario, result
        self.set_draw(self._drawn)

    def _drawn(self, width: int, height: int) -> Picture:
        return self.drawn(self.result, width, height) if self.result is not None else ()

    def drawn(self, result: BitsResult, width: int, height: int) -> Picture:
        """The picture in `width` and `height` cells, with its sentence."""
        return drawing(self.plotted(result, width, height), width, height, self.glyphs, self.cursor)

    def plotted(self, result: BitsResult, width: int, height: int) -> BitsResult:
        """`result` with what the view plots in a window of that size."""
        return with_plot(result, view_of(self.view_name).plot_columns(result, width, picture_rows(height)))

    @property
    def place(self) -> tuple[int, ...]:
        """What the keyboard marks."""
        return (self.cursor,) if self.cursor is not None else ()

    def put_place(self, place: tuple[int, ...]) -> None:
        """Mark the same, or the nearest that there is."""
        if place and place != self.place:
            self.mark(max(place[0], 0))

    def renew(self) -> None:
        """Mark what a new view does."""
        self.cursor = self.FIRST
        self.scroll_home(animate=False)

    def mark(self, place: int) -> None:
        """Have the keyboard mark `place`, or the nearest that there is."""
        self.cursor = place
        self.redraw()

    def ask(self, move: Move, live: bool = True) -> None:
        """Ask the pane for what `move` makes of its Scenario."""
        self.post_message(self.Wants(move, live))
