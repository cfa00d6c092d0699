"""A view draws a Picture and sends only the rows that changed.

Textual repaints a dirty region whole, from the widget's left edge (see its `ChopsUpdate`), so rows are the unit
here: `update` compares the new picture with the one on screen and refreshes just the rows that differ.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from qtui.draw.picture import Line, Picture

if TYPE_CHECKING:
    from qtui.tui.app import QtuiApp

Draw = Callable[[int, int], Picture]


class PictureView(ScrollView, can_focus=False):
    """Shows what `draw(width, height)` returns; scrolls when that is taller than the widget."""

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

    def __init__(self, draw: Draw | None = None, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._draw = draw
        self.picture: Picture = ()
        self._room = Size(0, 0)  # that the picture was drawn for
        self._base = Style.null()  # the widget's own style, found once for all rows: it asks all ancestors
        self._held = False

    def set_draw(self, draw: Draw) -> None:
        """Draw with `draw` from now on, and at once if the size is known."""
        self._draw = draw
        self.redraw()

    def redraw(self) -> None:
        """Draw again, because something that `draw` looks at has changed."""
        # What is not on show is drawn when it is.
        shown = all(node.display for node in self.ancestors_with_self if isinstance(node, Widget))
        self._room = self.scrollable_content_region.size if shown else Size(0, 0)
        if self._draw is not None and self._room.width > 0 and self._room.height > 0:
            self.update(self._draw(self._room.width, self._room.height))

    def _fit(self) -> None:
        """Draw for the room that there is now, unless that is what was drawn for."""
        if self._room != self.scrollable_content_region.size:
            self.redraw()

    def update(self, picture: Picture) -> None:
        """Show `picture`, repainting only the rows that differ from the one shown."""
        old, self.picture = self.picture, picture
        room = self.scrollable_content_region.size
        size = Size(room.width, len(picture))
        if max(size.height, self.virtual_size.height) > room.height:
            self.virtual_size = size
        else:  # no scrollbar comes or goes, so that the screen need not be laid out anew
            self.set_reactive(PictureView.virtual_size, size)
        top, width, height = int(self.scroll_y), self.size.width, self.size.height
        for y in range(top, top + height):
            before = old[y] if y < len(old) else None
            after = picture[y] if y < len(picture) else None
            if before != after:
                self.refresh(Region(0, y - top, width, 1))

    def watch_has_focus(self, has_focus: bool) -> None:
        """A picture may show whether the keyboard is here. (At `on_blur` Textual still says that it is.)"""
        super().watch_has_focus(has_focus)
        self.redraw()

    def on_resize(self, event: events.Resize) -> None:
        """The room has changed: draw for the new size."""
        self._fit()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Rows of the widget. Resize is told only after a frame, and a scrollbar that comes or goes not at all; what
        is shown first is to be right already.
        """
        self._fit()
        self._base = self.rich_style
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Row `y` of the widget."""
        row = y + int(self.scroll_y)
        line: Line = self.picture[row] if row < len(self.picture) else ()
        app, base = cast("QtuiApp", self.app), self._base
        strip = Strip([Segment(text, base + app.style(role)) for text, role in line])
        return strip.adjust_cell_length(self.size.width, base)

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
        x, y = int(event.x), int(event.y + self.scroll_y)
        if 0 <= y < len(self.picture):
            self.post_message(self.Clicked(self, x, y, drag))
