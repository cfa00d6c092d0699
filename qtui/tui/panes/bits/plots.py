"""The views that are plots: the number line, the density of values, the sine."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import ClassVar

from textual.binding import BindingType

from qtui.draw.bits.density import LEFT as DENSITY_LEFT
from qtui.draw.bits.sine import GAP, plot_columns
from qtui.draw.bits.sine import LEFT as SINE_LEFT
from qtui.draw.picture import Picture
from qtui.scenario.bits import moves
from qtui.scenario.bits.result import BitsResult
from qtui.scenario.bits.scenario import BitsScenario
from qtui.tui.keymap import bindings
from qtui.tui.panes.bits import keys
from qtui.tui.panes.bits.view import BitsView
from qtui.tui.widgets.view import PictureView


class IntervalView(BitsView):
    """A plot over an interval with the value as its cursor. Keys as on the essay's number line, and zoom."""

    LEFT: ClassVar[int] = 0
    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.INTERVAL)

    @property
    def columns(self) -> int:
        """Columns of the plot."""
        return max(8, self.room.width - self.LEFT)

    def action_along(self, by: int) -> None:
        """Move the cursor by columns."""
        self.ask(lambda s: moves.in_interval(s, self.columns, by))

    def action_share(self, share: int) -> None:
        """Move the cursor to an end."""
        self.ask(lambda s: moves.at_column(s, Fraction(share)))

    def action_neighbour(self, by: int) -> None:
        """Move the cursor to the next value of the format."""
        self.ask(lambda s: moves.steady(s, moves.neighbouring(s, by)))

    def action_zoom(self, by: int) -> None:
        """Half or twice the interval, about the cursor."""
        self.ask(lambda s: moves.zoomed(s, Fraction(2) ** by))

    def action_whole(self) -> None:
        """Back to the interval that the view begins with."""
        self.ask(lambda s: replace(s, low="", high=""))

    def on_picture_view_clicked(self, event: PictureView.Clicked) -> None:
        """A click or a drag moves the cursor."""
        event.stop()
        share = Fraction(min(max(event.x - self.LEFT, 0), self.columns - 1) * 2 + 1, 2 * self.columns)
        self.ask(lambda s: moves.at_column(s, share))


class LineView(IntervalView):
    """Formats stacked on one number line."""

    NAME = "line"


class DensityView(IntervalView):
    """How many values lie where."""

    NAME = "density"
    LEFT = DENSITY_LEFT
    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.COUNTS)

    def action_log(self) -> None:
        """Linear or logarithmic counts."""
        self.ask(lambda s: replace(s, log=not s.log), live=False)

    def action_percent(self) -> None:
        """Counts or shares."""
        self.ask(lambda s: replace(s, percent=not s.percent), live=False)


class SineView(BitsView):
    """A sine as each format stores it."""

    NAME = "sine"
    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.SINE)

    def __init__(self, scenario: BitsScenario) -> None:
        super().__init__(scenario)
        self.marked = 0

    def renew(self) -> None:
        """Mark the first curve."""
        super().renew()
        self.marked = 0

    def drawn(self, result: BitsResult, width: int, height: int) -> Picture:
        """The curves, one of them marked."""
        self.cursor = self.marked
        return super().drawn(result, width, height)

    def mark(self, place: int) -> None:
        """Mark a curve."""
        count = len(self.result.stacked) if self.result is not None else 1
        self.marked = min(max(place, 0), max(count - 1, 0))
        self.redraw()

    @property
    def _columns(self) -> int:
        width, height = self.room
        return plot_columns(self.result, width, height) if self.result is not None else 16

    def action_along(self, by: int) -> None:
        """Move x by columns."""
        self.ask(lambda s: moves.along_sine(s, Fraction(by, self._columns)))

    def action_start(self) -> None:
        """Back to x = 0."""
        self.ask(lambda s: replace(s, value="0"))

    def action_zoom(self, by: int) -> None:
        """The next magnification."""
        self.ask(lambda s: moves.next_zoom(s, by), live=False)

    def action_mark(self, by: int) -> None:
        """Mark another format."""
        count = len(self.result.stacked) if self.result is not None else 1
        self.marked = (self.marked + by) % count
        self.redraw()

    def action_switch(self) -> None:
        """Draw the marked format or leave it out."""
        if self.result is not None:
            name = self.result.stacked[self.marked % len(self.result.stacked)].name
            self.ask(lambda s: replace(s, hide=moves.switched(s.hide, name)), live=False)

    def on_picture_view_clicked(self, event: PictureView.Clicked) -> None:
        """At full size a click moves x there."""
        event.stop()
        if self.scenario.zoom == "1":
            place = (event.x - SINE_LEFT - 1) % (self._columns + GAP)
            share = Fraction(min(max(place, 0), self._columns - 1), self._columns)
            self.ask(lambda s: moves.at_sine(s, share))
