"""The inspector view: a row of bits under the keyboard and the mouse."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from textual.binding import BindingType

from qtui.compute.floats.table import number_format
from qtui.draw.bits.inspect import digits, rows_of, slider_share
from qtui.draw.bits.row import BitPlaces, bit_line, bit_places
from qtui.draw.bits.words import picture_rows
from qtui.draw.picture import Picture
from qtui.scenario.bits import moves
from qtui.scenario.bits.result import BitsResult
from qtui.scenario.bits.scenario import BitsScenario
from qtui.scenario.bits.solve import solve
from qtui.tui.host import host_of
from qtui.tui.keymap import EXACT, bindings
from qtui.tui.panes.bits import keys
from qtui.tui.panes.bits.view import BitsView
from qtui.tui.widgets.view import PictureView

PAGE = Fraction(1, 64)  # of all values


class InspectView(BitsView):
    """Arrows move over the bits and step the value; space flips a bit; the mouse paints them."""

    NAME = "inspect"
    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.INSPECT)

    def __init__(self, scenario: BitsScenario) -> None:
        super().__init__(scenario)
        self.bit = 0
        self.all_digits = False
        self._paint: int | None = None
        self._shown = ""

    def show(self, scenario: BitsScenario, result: BitsResult) -> None:
        """Draw `result`; in another format the cursor goes to its highest bit."""
        if scenario.format != self._shown:
            self._shown = scenario.format
            self.bit = result.format.bits - 1
        super().show(scenario, result)

    def drawn(self, result: BitsResult, width: int, height: int) -> Picture:
        """The inspector, or every digit of all its numbers."""
        self.cursor = self.bit
        if self.all_digits:
            return digits(result, width, self.glyphs, host_of(self).keymap.text(EXACT), self.bit)
        return super().drawn(result, width, height)

    @property
    def place(self) -> tuple[int, ...]:
        """The bit, and whether every digit is shown."""
        return self.bit, int(self.all_digits)

    def put_place(self, place: tuple[int, ...]) -> None:
        """Mark the same bit, in the same picture."""
        if len(place) == 2 and place != self.place:
            self.all_digits = place[1] > 0
            self.mark(place[0])

    def renew(self) -> None:
        """Mark the highest bit of the picture."""
        super().renew()
        self._shown, self.all_digits = "", False

    @property
    def _places(self) -> BitPlaces:
        return bit_places(self._bits, self.room.width)

    @property
    def _bits_row(self) -> int:
        """The picture's row in which the bits begin."""
        width, height = self.room
        return 0 if self.all_digits else rows_of(self._bits, width, picture_rows(height)).bits

    @property
    def _bits(self) -> int:
        return number_format(self.scenario.format).bits

    def mark(self, place: int) -> None:
        """Mark a bit."""
        self.bit = min(max(place, 0), self._bits - 1)
        self.redraw()

    def action_bit(self, by: int) -> None:
        """Move the cursor; past an end it goes on at the other."""
        self.bit = (self.bit + by) % self._bits
        self.redraw()

    def action_field(self, by: int) -> None:
        """Move to the highest bit of the neighbouring field."""
        starts = [group.low + group.width - 1 for group in number_format(self.scenario.format).groups]
        beyond = [bit for bit in starts if (bit > self.bit if by > 0 else bit < self.bit)]
        self.bit = (beyond[-1 if by > 0 else 0]) if beyond else (starts[-1] if by > 0 else starts[0])
        self.redraw()

    def _set(self, bit: int, to: int | None) -> None:
        def move(scenario: BitsScenario) -> BitsScenario:
            result = solve(scenario)
            return moves.flipped(scenario, result.format, result.code, bit, to)

        self.ask(move)

    def action_flip(self) -> None:
        """Flip the bit under the cursor."""
        self._set(self.bit, None)

    def action_neighbour(self, by: int) -> None:
        """The next value up or down."""
        self.ask(lambda s: moves.neighbouring(s, by))

    def action_step(self, count: int) -> None:
        """`count` codes up, or down where it is negative."""
        self.ask(lambda s: moves.stepped(s, count))

    def action_step_bit(self, by: int) -> None:
        """Change the code by what the bit under the cursor counts in it, up or down."""
        self.ask(lambda s: moves.stepped(s, by << self.bit))

    def action_scale(self, power: int) -> None:
        """Twice or half the value."""
        self.ask(lambda s: moves.scaled(s, power))

    def action_page(self, by: int) -> None:
        """A part of all values up or down; of very many digits, other ones."""
        if self.all_digits and self.max_scroll_y:
            self.scroll_relative(y=-by * (self.size.height - 1), animate=False)
            return
        self.ask(lambda s: moves.jumped(s, by * PAGE))

    def action_end(self, by: int) -> None:
        """The lowest or largest finite value."""
        self.ask(lambda s: moves.at_end(s, by))

    def action_digits(self) -> None:
        """Write out every decimal digit, or no longer."""
        self.all_digits = not self.all_digits
        self.scroll_to(y=0, animate=False)
        self.redraw()

    def on_picture_view_clicked(self, event: PictureView.Clicked) -> None:
        """A click flips a bit and a drag paints its new value; on the slider both move the value."""
        event.stop()
        row = bit_line(self._places, event.y - self._bits_row)
        if row is None:
            share = slider_share(self.picture, event.y, event.x)
            if share is not None:
                self.ask(lambda s: moves.at_share(s, share))
            return
        bit = self._places.bit_at(row, event.x)
        if bit is None or (event.drag and self._paint is None):
            return
        if not event.drag:
            self._paint = (solve(self.scenario).code >> bit & 1) ^ 1
        self.bit = bit
        self._set(bit, self._paint)
        self.redraw()
