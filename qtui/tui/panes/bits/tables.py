"""The views that are tables: the value in every format, what the formats can do, and what a person makes."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual.binding import BindingType

from qtui.draw.bits.codebook import slot_at
from qtui.draw.bits.design import DESIGN_FIELDS
from qtui.draw.bits.design import TOP as DESIGN_TOP
from qtui.draw.bits.rows import listed
from qtui.draw.bits.words import picture_rows
from qtui.draw.picture import Picture
from qtui.scenario.bits import moves, tables
from qtui.scenario.bits.result import BitsResult
from qtui.scenario.bits.scenario import DATA, BitsScenario
from qtui.tui.keymap import bindings
from qtui.tui.panes.bits import keys
from qtui.tui.panes.bits.view import BitsView
from qtui.tui.widgets.view import PictureView


class FormatRows(BitsView):
    """A table with one row a format: up and down mark one, Enter takes it, space puts it on the line and the sine."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.ROWS)

    def names(self) -> list[str]:
        """The formats that can be marked, in the rows' order."""
        if self.result is None:
            return []
        every = [stored.format.name for stored in self.result.conversions]
        if self.result.every:
            return every
        shown = listed(self.result, picture_rows(self.room.height), 0).places
        return every[: max(self.result.usual, len(shown))]

    def show(self, scenario: BitsScenario, result: BitsResult) -> None:
        """Draw `result`, at first with the present format marked."""
        names = [stored.format.name for stored in result.conversions]
        if self.cursor is None or self.cursor >= len(names):
            self.cursor = names.index(result.format.name)
        super().show(scenario, result)

    def drawn(self, result: BitsResult, width: int, height: int) -> Picture:
        """The table; a mark on a format that is no longer shown goes to the last one."""
        self.cursor = min(self.cursor or 0, len(self.names()) - 1)
        return super().drawn(result, width, height)

    def action_move(self, by: int) -> None:
        """Mark another row."""
        self.cursor = min(max((self.cursor or 0) + by, 0), max(0, len(self.names()) - 1))
        self.redraw()

    def action_every(self) -> None:
        """Show all formats, or only the usual ones."""
        self.ask(lambda s: replace(s, all=not s.all), live=False)

    def action_take(self) -> None:
        """Go to the inspector in the marked format."""
        if not self.names():
            return  # the key came before the first result
        name = self.names()[self.cursor or 0]
        self.ask(lambda s: replace(moves.in_format(s, name), view="inspect", all=False), live=False)

    def action_stack(self) -> None:
        """Put the marked format on the number line and the sine, or take it off."""
        if not self.names():
            return
        name = self.names()[self.cursor or 0]
        self.ask(lambda s: replace(s, stack=moves.switched(s.stack, name)), live=False)

    def on_picture_view_clicked(self, event: PictureView.Clicked) -> None:
        """A click marks a row; a click on the marked row takes it."""
        event.stop()
        if event.drag or self.result is None:
            return
        place = listed(self.result, picture_rows(self.room.height), self.cursor).at_row(event.y)
        if place is not None and place == self.cursor:
            self.action_take()
        elif place is not None:
            self.cursor = place
            self.redraw()


class AllView(FormatRows):
    """The value in every format."""

    NAME = "all"


class FormatsView(FormatRows):
    """What each format can do."""

    NAME = "formats"


class DesignView(BitsView):
    """A float of one's own: up and down choose a field, left and right change it."""

    NAME = "design"
    FIRST = 0
    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.DESIGN)

    def mark(self, place: int) -> None:
        """Choose a field."""
        super().mark(min(place, len(DESIGN_FIELDS) - 1))

    def action_move(self, by: int) -> None:
        """Choose another field."""
        self.cursor = ((self.cursor or 0) + by) % len(DESIGN_FIELDS)
        self.redraw()

    def action_change(self, by: int) -> None:
        """Change the chosen field."""
        field = DESIGN_FIELDS[self.cursor or 0]
        self.ask(
            lambda s: moves.redesigned(s, field, by if field in ("exponent", "mantissa", "bias") else by // abs(by))
        )

    def on_picture_view_clicked(self, event: PictureView.Clicked) -> None:
        """A click on a field's arrows changes it."""
        event.stop()
        field = event.y - DESIGN_TOP
        if event.drag or not 0 <= field < len(DESIGN_FIELDS):
            return
        self.cursor = field
        self.redraw()
        if event.x in (15, 16, 23, 24):
            self.action_change(-1 if event.x < 20 else 1)


class CodebookView(BitsView):
    """A table of one's own: left and right mark a value, up and down move it, Enter types it."""

    NAME = "codebook"
    FIRST = 0
    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.CODEBOOK)

    @property
    def slot(self) -> int:
        """The marked value, or the first free place."""
        return min(self.cursor or 0, self._count)

    @property
    def _count(self) -> int:
        return len(tables.table_of(self.scenario))

    def drawn(self, result: BitsResult, width: int, height: int) -> Picture:
        """The table, a mark on one of its values."""
        self.cursor = self.slot
        return super().drawn(result, width, height)

    def mark(self, slot: int) -> None:
        """Mark value number `slot`."""
        self.cursor = slot
        self.redraw()

    def action_mark(self, by: int) -> None:
        """Mark another value, or the free place after the last."""
        last = min(self._count, tables.MOST - 1)
        self.mark(min(max(self.slot + by, 0), last))

    def action_nudge(self, by: int) -> None:
        """Move the marked value, up to its neighbours."""
        slot = self.slot
        self.ask(lambda s: tables.nudged(s, slot, by))

    def action_type(self) -> None:
        """Type the marked value."""
        self.post_message(self.Types(self.slot))

    def action_add(self) -> None:
        """Go to the free place and type a value."""
        self.mark(min(self._count, tables.MOST - 1))
        self.action_type()

    def action_remove(self) -> None:
        """Take the marked value out."""
        slot = self.slot
        self.ask(lambda s: tables.without(s, slot), live=False)

    def action_into(self) -> None:
        """The table in the Quantizer."""
        self.post_message(self.Opens(tables.in_quantizer(self.scenario)))

    def action_data(self, by: int) -> None:
        """Try the table on other weights."""
        self.ask(lambda s: replace(s, dist=DATA[(DATA.index(s.dist) + by) % len(DATA)]), live=False)

    def on_picture_view_clicked(self, event: PictureView.Clicked) -> None:
        """A click marks a value; a click on the marked one types it."""
        event.stop()
        width, height = self.room
        slot = slot_at(event.y, event.x, width, picture_rows(height), self._count)
        if event.drag or slot is None:
            return
        if slot == self.cursor:
            self.action_type()
        else:
            self.mark(slot)
