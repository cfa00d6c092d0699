"""What the pane shows under its fields, with the keys that walk the grid and the lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from qtui.draw.glyphs import Glyphs
from qtui.draw.memory.here import known
from qtui.draw.memory.pane import LISTS, Keyboard, MemoryPicture, cursor_of, listed, picture, pointed, shown_view
from qtui.draw.picture import Picture, line
from qtui.draw.safe import wrapped
from qtui.scenario.memory.result import MemoryResult
from qtui.tui.host import host_of
from qtui.tui.keymap import COPY_RESULT, EXACT, MODEL, TAKE, bindings
from qtui.tui.panes.memory import keys
from qtui.tui.widgets.view import PictureView

LONG = (
    "terms",
    "cards",
    "speed",
    "train",
)  # views that scroll


class MemoryView(PictureView, can_focus=True):
    """The verdict, the bar and the view. Arrows walk formats and contexts; the pane hears of it as `Walked`."""

    DEFAULT_CSS = "MemoryView { height: 1fr; }"
    SHOWS_FOCUS = True
    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.VIEW)

    class Walked(Message):
        """The person moved so many formats down and contexts to the right."""

        def __init__(self, down: int, right: int) -> None:
            super().__init__()
            self.down = down
            self.right = right

    class Followed(Message):
        """The person wants the next step under the verdict, or the marked row where plans or models are listed."""

        def __init__(self, row: int | None) -> None:
            super().__init__()
            self.row = row

    def __init__(self, glyphs: Glyphs, takes: bool = True) -> None:
        """`takes`: whether the key that takes a step comes here, and not to a pane around this one."""
        super().__init__(self._picture)
        self._takes = takes
        self._glyphs = glyphs
        self.result: MemoryResult | None = None
        self._problem = ""
        self._known: tuple[str, Sequence[str]] = "", ()
        self._drawn: MemoryPicture | None = None
        self.view = ""
        self.row = 0
        self._first = 0
        self.marked: frozenset[str] = frozenset()

    def renew(self) -> None:
        """Go to the top, without marks."""
        self.view = ""

    def show(self, result: MemoryResult, view: str) -> None:
        """Show `result`; marks and scroll go back to the top when the view changes."""
        view = shown_view(result, view)
        if view != self.view:
            self.row = self._first = 0
            self.marked = frozenset()
        self.result, self.view = result, view
        self.row = min(self.row, max(0, self.rows_listed - 1))
        self.redraw()

    def explain(self, problem: str, heading: str, names: Sequence[str]) -> None:
        """Say `problem` where there is no picture to keep, and the `names` that are known, under their heading."""
        self._problem, self._known = problem, (heading, names)
        self.redraw()

    def _picture(self, width: int, height: int) -> Picture:
        if self.result is None:
            texts = [row for part in self._problem.splitlines() for row in wrapped(part, max(width, 20))]
            rows = tuple(line(text) for text in texts)
            room = height - len(rows) - 1
            return (*rows, (), *known(*self._known, width, room, self._glyphs)) if self._known[1] else rows
        keymap = host_of(self).keymap
        take_key = keymap.text(TAKE) if self._takes else ""
        named = (keymap.text(action) for action in (MODEL, COPY_RESULT, EXACT))
        keys = Keyboard(self.has_focus, self.row, self._first, self.marked, take_key, *named)
        self._drawn = picture(self.result, self.view, width, height, self._glyphs, keys)
        return self._drawn.rows

    @property
    def place(self) -> tuple[int, ...]:
        """The row that the keyboard is on, and the first one of a long view."""
        return self.row, self._first

    def put_place(self, place: tuple[int, ...]) -> None:
        """Go to the same rows."""
        if len(place) == 2 and place != self.place:
            self.row, self._first = min(max(place[0], 0), max(0, self.rows_listed - 1)), max(place[1], 0)
            self.redraw()

    @property
    def rows_listed(self) -> int:
        """Rows of the list on show."""
        return listed(self.result, self.view) if self.result is not None else 0

    def action_mark(self) -> None:
        """Mark the model under the keyboard, or take its mark away."""
        if self.view == "here" and self.result is not None and self.result.here is not None and self.rows_listed:
            self.marked ^= {self.result.here.rows[self.row].model}
            self.redraw()

    def action_follow(self) -> None:
        """Take the marked row, or the next step."""
        self.post_message(self.Followed(self.row if self.rows_listed else None))

    def action_walk(self, down: int, right: int) -> None:
        """Go to a neighbour: in a list up and down, in a long view as far as it goes, else in the grid."""
        if self.result is None:
            return
        if down and self.view in LISTS:
            self.row = min(max(self.row + down, 0), max(0, self.rows_listed - 1))
            self.redraw()
        elif down and self.view in LONG:
            hidden = self._drawn.hidden if self._drawn is not None else 0
            self._first = max(0, self._first + min(down, hidden))
            self.redraw()
        elif self.view != "here":
            self.post_message(self.Walked(down, right))

    def on_picture_view_clicked(self, event: PictureView.Clicked) -> None:
        """A click on a number of the grid goes there, one on a row of a list marks it."""
        if self.result is None or self._drawn is None or event.drag:
            return
        place, cursor = pointed(self.result, self._drawn, event.x, event.y), cursor_of(self.result)
        if place is None:
            return
        kind, row, column = place
        if kind == "grid" and cursor is not None:
            self.post_message(self.Walked(row - cursor[0], column - cursor[1]))
        elif kind == self.view and 0 <= row < self.rows_listed:
            self.row = row
            self.redraw()
