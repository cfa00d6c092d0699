"""A view draws a Picture and sends only the rows that changed.

Textual repaints a dirty region whole, from the widget's left edge (see its `ChopsUpdate`), so rows are the unit
here: `update` compares the new picture with the one on screen and refreshes just the rows that differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import zip_longest
from typing import ClassVar

from textual import events
from textual.geometry import Region, Size, Spacing
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.strip import Strip
from textual.widget import Widget

from qtui.draw.picture import Line, Picture
from qtui.tui.host import host_of
from qtui.tui.widgets.rows import LightFocus, RoleStyles

Draw = Callable[[int, int], Picture]


class WholeCells(ScrollBarRender):
    """A scrollbar without fractions of a cell, told by reverse video alone: fewer bytes."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "]
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "]


class PictureView(LightFocus, ScrollView, can_focus=False):
    """Shows what `draw(width, height)` returns; scrolls when that is taller than the widget."""

    SHOWS_FOCUS: ClassVar[bool] = False  # whether the picture is another one while it has the keyboard
    DEFAULT_CSS = """
    PictureView { height: 1fr; scrollbar-size-vertical: 1; overflow-x: hidden; overflow-y: auto; }
    """

    class Clicked(Message):
        """The mouse went down, or moved while down (`drag`), on the picture's cell (x, y)."""

        def __init__(self, view: PictureView, x: int, y: int, drag: bool) -> None:
            super().__init__()
            self.view = view
            self.x = x
            self.y = y
            self.drag = drag

        @property
        def control(self) -> PictureView:
            """The view that was clicked."""
            return self.view

    def __init__(self, draw: Draw | None = None, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._draw = draw
        self.picture: Picture = ()
        self.own_rows = 0  # of the picture, from the top: what `below` has drawn follows
        self.below: Draw | None = None  # draws what stands in the rows that the picture leaves
        self._drawn_for = Size(0, 0)
        self._gutter: Spacing | None = None  # padding and border, once asked for
        self._role_styles = RoleStyles(self)
        self._strips: dict[int, tuple[Line, Strip]] = {}  # by row of the picture, with the line that each shows
        self._held = False

    @property
    def vertical_scrollbar(self) -> ScrollBar:
        """The scrollbar, in whole cells."""
        bar = super().vertical_scrollbar
        bar.renderer = WholeCells  # type: ignore[misc]
        return bar

    def set_draw(self, draw: Draw) -> None:
        """Draw with `draw` from now on, and at once if the size is known."""
        self._draw = draw
        self.redraw()

    @property
    def room(self) -> Size:
        """Cells that a picture has, since the last layout. (Textual's own regions look ahead to the next one.)"""
        if self._gutter is None:
            self._gutter = self.styles.gutter
        width, height = self.outer_size
        width -= self._gutter.width + self.scrollbar_size_vertical
        return Size(max(width, 0), max(height - self._gutter.height, 0))

    @property
    def place(self) -> tuple[int, ...]:
        """What the keyboard marks here, in a few numbers that `put_place` takes; () for nothing."""
        return ()

    def put_place(self, place: tuple[int, ...]) -> None:
        """Mark what another view of this kind marks, or what is nearest; numbers that make no sense do nothing."""

    def redraw(self) -> None:
        """Draw again, because something that `draw` looks at has changed."""
        # What is not on show is drawn when it is.
        shown = all(node.display for node in self.ancestors_with_self if isinstance(node, Widget))
        self._drawn_for = self.room if shown else Size(0, 0)
        if self._draw is not None and self._drawn_for:
            width, height = self._drawn_for
            picture = self._draw(width, height)
            self.own_rows = len(picture)
            below = self.below(width, height - len(picture)) if self.below is not None else ()
            self._replace((*picture, *below) if below else picture)

    def scroll_rows(self, by: int) -> None:
        """Scroll by so many rows, or say why that does nothing."""
        if self.show_vertical_scrollbar:
            self.scroll_relative(y=by, animate=False)
        else:
            host_of(self).say("all of it is on show", "dim")

    def _fit(self) -> None:
        """Draw for the room that there is now, unless that is what was drawn for."""
        if self._drawn_for != self.room:
            self.redraw()

    def _replace(self, picture: Picture) -> None:
        """Show `picture`, repainting only the rows that differ from the one shown."""
        old, room = self.picture, self._drawn_for
        # A row that stays keeps its identity, and with it its strip.
        kept = (was if was == row else row for was, row in zip(old, picture, strict=False))
        self.picture = (*kept, *picture[len(old) :])
        self._resize(Size(room.width, len(picture)))
        top = int(self.scroll_y)
        now, then = self.picture[top : top + room.height], old[top : top + room.height]
        changed = [y for y, (was, row) in enumerate(zip_longest(then, now)) if was is not row]
        if changed:
            self.refresh(*(Region(0, first, room.width, last - first + 1) for first, last in _runs(changed)))

    def _resize(self, size: Size) -> None:
        """The picture has another size: the screen has to be laid out anew where a scrollbar comes or goes."""
        height = self._drawn_for.height
        overflows = size.height > height
        if overflows != self.show_vertical_scrollbar or self.scroll_y + height > max(size.height, height):
            self.virtual_size = size
            # Textual looks at the scrollbar again only where the widget's own size changes.
            self.show_vertical_scrollbar = overflows
            return
        self.set_reactive(PictureView.virtual_size, size)
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.window_virtual_size = size.height

    def focus_changed(self) -> None:
        """Draw again where the picture shows whether the keyboard is here."""
        if self.SHOWS_FOCUS:
            self.redraw()

    def on_resize(self, event: events.Resize) -> None:
        """The room has changed: draw for the new size."""
        self._fit()

    def notify_style_update(self) -> None:
        """The style sheet, or what of it applies here, has changed."""
        self._role_styles.clear()
        self._strips = {}
        self._gutter = None
        super().notify_style_update()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Rows of the widget. Resize is told only after a frame, and a scrollbar that comes or goes not at all; what
        is shown first is to be right already.
        """
        self._fit()
        if self._gutter:
            return super().render_lines(crop)  # a dialog's: Textual draws its border
        top, left, cells = int(self.scroll_y), crop.x, crop.right
        strips = [self._strip(top + y, cells) for y in crop.line_range]
        return [strip.crop(left) for strip in strips] if left else strips

    def render_line(self, y: int) -> Strip:
        """Row `y` of the widget."""
        return self._strip(y + int(self.scroll_y), self.size.width)

    def _strip(self, at: int, cells: int) -> Strip:
        """Row `at` of the picture, in `cells`."""
        row: Line = self.picture[at] if at < len(self.picture) else ()
        known = self._strips.get(at)
        if known is None or known[0] is not row or known[1].cell_length != cells:
            known = self._strips[at] = row, self._role_styles.strip(row, cells)
        return known[1]

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Tell the pane where the mouse went down."""
        self._held = True
        self.capture_mouse()
        self._tell(event, drag=False)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Tell the pane where the held mouse goes."""
        if self._held:
            self._tell(event, drag=True)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """The drag is over."""
        self._held = False
        self.release_mouse()

    def _tell(self, event: events.MouseEvent, drag: bool) -> None:
        gutter = self.styles.gutter
        x, y = int(event.x) - gutter.left, int(event.y + self.scroll_y) - gutter.top
        if 0 <= y < self.own_rows:
            self.post_message(self.Clicked(self, x, y, drag))


def _runs(rows: Iterable[int]) -> list[tuple[int, int]]:
    """The first and last of each run of neighbouring rows."""
    runs: list[tuple[int, int]] = []
    for y in sorted(rows):
        if runs and runs[-1][1] == y - 1:
            runs[-1] = (runs[-1][0], y)
        else:
            runs.append((y, y))
    return runs
