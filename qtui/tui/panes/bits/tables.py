"""The views that are tables: the value in every format, what the formats can do, and a design of one's own."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual.binding import BindingType

from qtui.draw.bits.tables import DESIGN_FIELDS, about_conversion, about_format, designer, every_format, format_table
from qtui.draw.picture import Line, Picture
from qtui.scenario.bits import moves
from qtui.scenario.bits.plots import with_plot
from qtui.scenario.bits.result import BitsResult
from qtui.scenario.bits.scenario import BitsScenario
from qtui.tui.keymap import bindings
from qtui.tui.panes.bits import keys
from qtui.tui.panes.bits.view import BitsView
from qtui.tui.widgets.view import PictureView

ABOUT = 3  # rows below a table that tell more about the marked row


class FormatRows(BitsView):
    """A table with one row a format: up and down mark one, Enter takes it, space puts it on the line and the sine."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.ROWS)

    def __init__(self, scenario: BitsScenario) -> None:
        super().__init__(scenario)
        self.cursor: int | None = None
        self._first = 0

    def names(self) -> list[str]:
        """The formats in the rows' order."""
        return [stored.format.name for stored in self.result.conversions] if self.result is not None else []

    def show(self, scenario: BitsScenario, result: BitsResult) -> None:
        """Draw `result`, at first with the present format marked."""
        names = [stored.format.name for stored in result.conversions]
        if self.cursor is None or self.cursor >= len(names):
            self.cursor = names.index(result.format.name)
        super().show(scenario, result)

    def drawn(self, result: BitsResult, width: int, height: int) -> Picture:
        """The heading, the rows around the marked one, and more about that one."""
        table, about = self.tables(result, width)
        cursor = self.cursor or 0
        room = max(1, height - 1 - ABOUT)
        self._first = min(max(self._first, cursor - room + 1), cursor, max(0, len(table) - 1 - room))
        rows = table[1 + self._first : 1 + self._first + room]
        return (table[0], *rows, *[()] * (room - len(rows)), *about)

    def tables(self, result: BitsResult, width: int) -> tuple[Picture, tuple[Line, ...]]:
        """The whole table with its heading, and `ABOUT` rows on the marked format."""
        raise NotImplementedError

    def action_move(self, by: int) -> None:
        """Mark another row."""
        self.cursor = min(max((self.cursor or 0) + by, 0), max(0, len(self.names()) - 1))
        self.redraw()

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
        row = self._first + event.y - 1
        if event.drag or not 0 <= row < len(self.names()) or not 1 <= event.y < self.size.height - ABOUT:
            return
        if row == self.cursor:
            self.action_take()
        else:
            self.cursor = row
            self.redraw()


class AllView(FormatRows):
    """The value in every format."""

    NAME = "all"

    def tables(self, result: BitsResult, width: int) -> tuple[Picture, tuple[Line, ...]]:
        """Stored values with their errors."""
        stored = result.conversions[self.cursor or 0]
        return (
            every_format(result, width, self.glyphs, self.cursor),
            about_conversion(stored, width, self.glyphs),
        )


class FormatsView(FormatRows):
    """What each format can do."""

    NAME = "formats"

    def tables(self, result: BitsResult, width: int) -> tuple[Picture, tuple[Line, ...]]:
        """Ranges and precisions."""
        facts = result.table[self.cursor or 0]
        return format_table(result, width, self.glyphs, self.cursor), about_format(result, facts, width, self.glyphs)


class DesignView(BitsView):
    """A float of one's own: up and down choose a field, left and right change it."""

    NAME = "design"
    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.DESIGN)

    def __init__(self, scenario: BitsScenario) -> None:
        super().__init__(scenario)
        self.cursor = 0

    def drawn(self, result: BitsResult, width: int, height: int) -> Picture:
        """The five choices and what they give."""
        return designer(with_plot(result, width), width, self.glyphs, self.cursor, height)

    def action_move(self, by: int) -> None:
        """Choose another field."""
        self.cursor = (self.cursor + by) % len(DESIGN_FIELDS)
        self.redraw()

    def action_change(self, by: int) -> None:
        """Change the chosen field."""
        field = DESIGN_FIELDS[self.cursor]
        self.ask(
            lambda s: moves.redesigned(s, field, by if field in ("exponent", "mantissa", "bias") else by // abs(by))
        )

    def on_picture_view_clicked(self, event: PictureView.Clicked) -> None:
        """A click on a field's arrows changes it."""
        event.stop()
        if event.drag or event.y >= len(DESIGN_FIELDS):
            return
        self.cursor = event.y
        self.redraw()
        if event.x in (15, 16, 23, 24):
            self.action_change(-1 if event.x < 20 else 1)
