"""Dialogs: they close once, however fast the keys come; and one with more to read than may fit, which scrolls."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widget import Widget

from qtui.draw.picture import Picture
from qtui.tui.host import host_of
from qtui.tui.keymap import CLOSE, DOWN, FIRST, LAST, PAGE_DOWN, PAGE_UP, TAKE, UP, Action, bindings
from qtui.tui.terminal.painted import PaintedScreen, forget_drawn, strips_of
from qtui.tui.widgets.view import PictureView

Answer = TypeVar("Answer")
SLIVER = 4  # cells beside a dialog, too few for anything of the pane to be read in them


class Dialog(PaintedScreen[Answer], ModalScreen[Answer]):
    """A screen over the others that gives an answer."""

    _drawn_below: tuple[tuple[Size, str], list[Strip] | None] | None = None

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """It comes on show: its styles have just been found."""
        event.refresh_styles = False

    def fit(self, size: Size) -> None:
        """Take the room that it needs of a window of `size`: before the first layout, and when there is another."""

    def on_mount(self) -> None:
        """It has its widgets."""
        self._widgets = self.walk_children(Widget, with_self=True)
        self._fitted = self.app.size
        self.fit(self._fitted)

    def on_unmount(self) -> None:
        """It has gone, with all of them."""
        for widget in self._widgets:
            forget_drawn(widget)

    def on_resize(self, event: events.Resize) -> None:
        """The window may have another size."""
        if event.size != self._fitted:
            self._fitted = event.size
            self.fit(event.size)

    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """Close with an answer. A second Enter, on its way while the first one closes the dialog, does nothing."""
        if not self.is_current:
            done: AwaitComplete = AwaitComplete.nothing()  # type: ignore[no-untyped-call]
            return done
        return super().dismiss(result)

    def render_lines(self, crop: Region) -> list[Strip]:
        """What it does not cover: the screen that it was opened on, as that was, but no slivers of it."""
        below = self._below()
        if below is None or not self.children:
            return super().render_lines(crop)
        box, width = self.children[0].region, self.size.width
        left = box.x if box.x < SLIVER else 0
        right = box.right if width - box.right < SLIVER else width
        rows = below[crop.y : crop.bottom]
        if left or right < width:
            blank = super().render_lines(Region(0, crop.y, width, 1))[0]
            alone = left == box.x and right == box.right  # nothing is seen beside it
            before, behind = blank.crop(0, left), blank.crop(right, width)
            for y in range(max(box.y - crop.y, 0), min(box.bottom - crop.y, len(rows))):
                rows[y] = blank if alone else Strip.join([before, rows[y].crop(left, right), behind])
        return rows

    def _below(self) -> list[Strip] | None:
        """The rows of the screen that it was opened on, drawn once for a size and theme, if it can be had."""
        kind = (self.size, self.app.theme)
        if self._drawn_below is None or self._drawn_below[0] != kind:
            stack = self.app.screen_stack
            screen = stack[stack.index(self) - 1] if self in stack[1:] else None
            self._drawn_below = kind, strips_of(screen) if screen is not None else None
        return self._drawn_below[1]


class ScrollingDialog(Dialog[None]):
    """Shows `picture` until any closing key."""

    WIDTH: ClassVar[int] = 78  # cells, where the window has them
    DEFAULT_CSS = """
    ScrollingDialog { align: center middle; }
    ScrollingDialog > PictureView {
        max-width: 100%; max-height: 100%; border: round $primary; padding: 0 1;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            CLOSE,
            Action("dialog.close_help", "question_mark", "help", "dismiss(None)"),
            Action("dialog.quit", "q", "quit", "dismiss(None)"),
            TAKE.does("dismiss(None)"),
            UP.does("scroll(-1)"),
            DOWN.does("scroll(1)"),
            PAGE_UP.does("scroll(-10)"),
            PAGE_DOWN.does("scroll(10)"),
            FIRST.does("scroll(-100000)"),
            LAST.does("scroll(100000)"),
        )
    )

    _drawn: tuple[int, Picture] | None = None  # the last picture, with its width

    def picture(self, width: int) -> Picture:
        """What it shows in so many cells."""
        return ()

    def compose(self) -> ComposeResult:
        """One scrolling picture."""
        yield PictureView(lambda width, _: self._picture(width))

    def _picture(self, width: int) -> Picture:
        if self._drawn is None or self._drawn[0] != width:
            self._drawn = width, self.picture(width)
        return self._drawn[1]

    def fit(self, size: Size) -> None:
        """As tall as the picture, where the window is; else it scrolls, and the border says so."""
        width, room = min(self.WIDTH, size.width), size.height - 2
        inner = width - 5  # beside a scrollbar, which most need
        scrolls = len(self._picture(inner)) > room
        if not scrolls:
            inner += 1
        rows = len(self._picture(inner))
        view, keymap = self.query_one(PictureView), host_of(self).keymap
        view.styles.width, view.styles.height = width, min(rows, room) + 2
        # Known before the first layout: one that finds a scrollbar needed calls for another.
        view.virtual_size = Size(inner, rows)
        view.show_vertical_scrollbar = scrolls
        more = f"{keymap.text(UP)} and {keymap.text(DOWN)} scroll, " if scrolls else ""
        view.border_subtitle = f"{more}{keymap.text(CLOSE)} closes"

    def action_scroll(self, by: int) -> None:
        """Scroll the picture."""
        self.query_one(PictureView).scroll_relative(y=by, animate=False)
