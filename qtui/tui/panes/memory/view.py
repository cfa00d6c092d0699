"""What the pane shows under its fields, with the keys that walk the grid."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from qtui.draw.glyphs import Glyphs
from qtui.draw.memory.pane import cursor_of, pointed, top, under
from qtui.draw.picture import Picture, line
from qtui.draw.safe import wrapped
from qtui.scenario.memory.result import MemoryResult
from qtui.tui.keymap import bindings
from qtui.tui.panes.memory import keys
from qtui.tui.widgets.view import PictureView

LISTS = ("plans", "here")  # views whose rows are walked, and taken by Enter


class MemoryView(PictureView, can_focus=True):
    """The bar, the verdict and the view. Arrows walk formats and contexts; the pane hears of it as `Walked`."""

    DEFAULT_CSS = "MemoryView { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.VIEW)

    class Walked(Message):
        """The person moved so many formats down and contexts to the right."""

        def __init__(self, down: int, right: int) -> None:
            super().__init__()
            self.down = down
            self.right = right

    class Followed(Message):
        """The person wants the next step under the verdict, or the marked row where plans or models are listed."""

        def __init__(self, plan: int | None) -> None:
            super().__init__()
            self.plan = plan

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(self._picture)
        self._glyphs = glyphs
        self.result: MemoryResult | None = None
        self._problem = ""
        self._drawn_width = 0
        self.view = "grid"
        self.plan = 0

    def show(self, result: MemoryResult, view: str) -> None:
        """Show `result`; the scroll goes back to the top when the view changes."""
        if view != self.view:
            self.scroll_home(animate=False)
            self.plan = 0
        self.result, self.view = result, view
        self.redraw()

    def explain(self, problem: str) -> None:
        """Say `problem` where there is no picture to keep."""
        self._problem = problem
        self.redraw()

    def _picture(self, width: int, height: int) -> Picture:
        # The scroll bar takes a column of a picture that is too long, and only of such. What was too long last time
        # mostly is again.
        whole = self.outer_size.width
        drawn: Picture = ()
        for cells in (whole - 1, whole) if self._drawn_width == whole - 1 else (whole, whole - 1):
            drawn, self._drawn_width = self._drawn(cells, height), cells
            if (len(drawn) > height) == (cells < whole):
                break
        return drawn

    def _drawn(self, width: int, height: int) -> Picture:
        if self.result is None:
            rows = [row for part in self._problem.splitlines() for row in wrapped(part, max(width, 20))]
            return tuple(line(text) for text in rows)
        head = top(self.result, width, self._glyphs)
        rest = height - len(head) - 1
        return (*head, line(), *under(self.result, self.view, width, rest, self._glyphs, self.has_focus, self.plan))

    @property
    def _walks(self) -> bool:
        shown_whole = len(self.picture) <= self.room.height
        return self.view == "grid" or shown_whole

    def action_follow(self) -> None:
        """Take the next step, or the marked plan."""
        self.post_message(self.Followed(self.plan if self.view in LISTS else None))

    def action_walk(self, down: int, right: int) -> None:
        """Go to a neighbour in the grid; a long list scrolls instead of changing the format."""
        if self.result is None or self.result.others:
            return
        if self.view in LISTS:
            count = len(
                self.result.plans if self.view == "plans" else self.result.here.rows if self.result.here else ()
            )
            self.plan = min(max(self.plan + down, 0), max(0, count - 1))
            self.redraw()
            return
        if down and not self._walks:
            self.scroll_relative(y=down, animate=False)
            return
        self.post_message(self.Walked(down, right))

    def on_picture_view_clicked(self, event: PictureView.Clicked) -> None:
        """A click on a number of the grid goes there."""
        if self.result is None or event.drag:
            return
        width, height = self._drawn_width, self.room.height
        head = len(top(self.result, width, self._glyphs)) + 1
        place = pointed(self.result, self.view, width, height - head, event.x, event.y - head)
        cursor = cursor_of(self.result)
        if place is not None and cursor is not None:
            row, column = place
            self.post_message(self.Walked(row - cursor[0], column - cursor[1]))
