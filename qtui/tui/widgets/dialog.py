"""Dialogs: they close once, however fast the keys come; and one with more to read than may fit, which scrolls."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import BindingType
from textual.geometry import Region
from textual.screen import ModalScreen
from textual.strip import Strip

from qtui.draw.picture import Picture
from qtui.tui.host import host_of
from qtui.tui.keymap import CLOSE, DOWN, FIRST, LAST, PAGE_DOWN, PAGE_UP, TAKE, UP, Action, bindings
from qtui.tui.terminal.painted import strips_of
from qtui.tui.widgets.view import PictureView

Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer]):
    """A screen over the others that gives an answer."""

    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """Close with an answer. A second Enter, on its way while the first one closes the dialog, does nothing."""
        if not self.is_current:
            done: AwaitComplete = AwaitComplete.nothing()  # type: ignore[no-untyped-call]
            return done
        return super().dismiss(result)

    def render_lines(self, crop: Region) -> list[Strip]:
        """What it does not cover: the screen that it was opened on, as that is."""
        stack = self.app.screen_stack
        below = stack[stack.index(self) - 1] if self in stack[1:] else None
        strips = strips_of(below) if below is not None else None
        return strips[crop.y : crop.bottom] if strips is not None else super().render_lines(crop)


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

    def picture(self, width: int) -> Picture:
        """What it shows in so many cells."""
        return ()

    def compose(self) -> ComposeResult:
        """One scrolling picture."""
        yield PictureView(lambda width, _: self.picture(width))

    def on_resize(self, event: events.Resize) -> None:
        """As tall as the picture, where the window is; else the border says that there is more."""
        view = self.query_one(PictureView)
        view.styles.width = min(self.WIDTH, event.size.width)
        rows = len(self.picture(min(self.WIDTH, event.size.width) - 4)) + 2
        view.styles.height = min(rows, event.size.height)
        keymap = host_of(self).keymap
        more = f"{keymap.text(UP)} and {keymap.text(DOWN)} scroll, " if rows > event.size.height else ""
        view.border_subtitle = f"{more}{keymap.text(CLOSE)} closes"

    def action_scroll(self, by: int) -> None:
        """Scroll the picture."""
        self.query_one(PictureView).scroll_relative(y=by, animate=False)
