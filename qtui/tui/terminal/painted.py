"""An app that sends only the cells that changed. Nothing in it moves by itself.

This is the place that knows what Textual keeps to itself, with `driver.py`: `App._display`, which writes an update of
the screen; the attributes of such an update; `Screen._on_timer_update` and `Screen._compositor_refresh`, which draw
one; `Screen._screen_resized`, which lays a screen out; `Screen._compositor`, which has all that it shows;
`Screen._extend_compose`, which adds what every screen of Textual has; `App._batch_count`, the batches that are open;
`Widget._styles_cache`, which has what a widget has drawn, and `Widget._vertical_scrollbar`;
`App._handle_exception`, `App._fatal_error` and `App._exception`, which end an app after a defect.
`test_painted.py` compares the terminal with what Textual would have shown. Where Textual has changed one of them, its
own way is taken, and `limits` says so.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Container, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from rich.color import ColorSystem
from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.text import Text
from textual import events
from textual.app import App
from textual.driver import Driver
from textual.geometry import Offset, Size
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from qtui.tui.terminal.inlet import Inlet
from qtui.tui.terminal.painter import Painter, Placed, Row

if TYPE_CHECKING:
    from qtui.tui.terminal.driver import QtuiDriver

Answer = TypeVar("Answer")
COLOURS = {
    "standard": ColorSystem.STANDARD,
    "256": ColorSystem.EIGHT_BIT,
    "truecolor": ColorSystem.TRUECOLOR,
}


class PaintedApp(App[int]):
    """`ansi` leaves the colours to the terminal; `ascii` sends no other characters."""

    def __init__(self, ansi: bool, ascii: bool) -> None:
        # Colours are the terminal's own from the start: Textual chooses its filters before it knows the theme.
        driver_class = _driver_class()
        super().__init__(driver_class=driver_class, ansi_color=ansi)
        self.driver: QtuiDriver | None = None  # enters itself here; Textual's own has none of what is asked of it
        self.animation_level = "none"
        self.set_class(ascii, "-ascii")
        colours = COLOURS.get(self.console.color_system or "", ColorSystem.TRUECOLOR)
        self.painter = Painter(colours, os.environ.get("TERM", ""), ascii)
        self.inlet: Inlet | None = None  # what the terminal was read with before, where its screen is to stay
        self.limits: list[str] = []  # what this version of Textual keeps qtui from doing
        self._cursor_sent = Offset(-1, -1)
        self._undrawn = False  # whether an update was dropped during a batch
        if driver_class is None and "TEXTUAL_DRIVER" not in os.environ and os.name == "posix":
            self.limits.append("it waits for a slow terminal")
        if not hasattr(App, "_display"):
            self.limits.append("whole widgets are sent")
        if not hasattr(Screen, "_on_timer_update"):
            self.limits.append("a key is drawn a little later")
        if not (hasattr(App, "_fatal_error") and hasattr(App, "_handle_exception")):
            self.limits.append("a crash is reported in Textual's way")

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        parts = placed(renderable) if renderable is not None else []
        if parts is None:
            self.painter.forget()
            if not self.limits:
                self.limits.append("whole widgets are sent")
            super()._display(screen, renderable)
            return
        own = self.own_rows
        if own is not None:
            parts = [part for part in parts if part[0] in own]
        if not parts:
            return
        if self.driver is not None and self.driver.behind:
            self._undrawn = True  # it would be outdated when the terminal gets to it
            return
        frame = Frame(lambda: self._sequences(parts))
        super()._display(screen, frame)
        self._undrawn |= not frame.written and not self.is_headless
        if frame.written:
            self.painted()

    @property
    def own_rows(self) -> Container[int] | None:
        """The rows of the terminal that are the app's to paint; None for all."""
        return None

    def painted(self) -> None:
        """The terminal has been sent an update."""

    def show_rows(self, rows: Mapping[int, Row]) -> None:
        """Have the terminal show rows that were drawn elsewhere."""
        if self.driver is not None and self.driver.behind:
            self._undrawn = True
            return
        sequences = self.painter.show(rows, *self.size)
        if sequences and self.driver is not None:
            self.driver.write(sequences)

    def _sequences(self, parts: list[Placed]) -> str:
        """What has to be written so that the terminal shows `parts`, and its cursor where Textual wants it."""
        self.painter.use_ink(self.current_theme.foreground or "ansi_default")
        sequences = self.painter.paint(parts, *self.size)
        cursor = self.screen.outer_size.clamp_offset(self.cursor_position)
        if sequences or cursor != self._cursor_sent:
            self._cursor_sent = cursor
            sequences += f"\x1b[{cursor.y + 1};{cursor.x + 1}H"
        return sequences

    def draw_what_waited(self) -> None:
        """Draw what has changed during a batch, now: Textual waits for a sixtieth of a second after a frame."""
        if self._undrawn:  # the layout of a new screen, or of a window of another size
            self._undrawn = False
            self.screen.refresh()
        if hasattr(Screen, "_on_timer_update"):
            self.screen._on_timer_update()
        self.screen.check_idle()

    def caught_up(self) -> None:
        """A slow terminal has taken what it was sent."""
        if self.is_running:
            self.call_later(self.draw_what_waited)

    def on_resize(self, event: events.Resize) -> None:
        """The terminal has another size, or had one for a moment, and may have lost cells on the way."""
        self.repaint()

    def repaint(self) -> None:
        """Send the whole screen again, since the terminal may show something else."""
        self.painter.forget()
        self.screen.refresh()

    def repaint_on_resume(self) -> None:
        """Do so whenever the app comes back from being suspended."""
        self.app_resume_signal.subscribe(self, lambda _: self.repaint())

    def action_repaint(self) -> None:
        """Ctrl+L: repair a screen that others have written on."""
        self.repaint()

    def _fatal_error(self) -> None:
        # Textual would print its whole traceback with the values of all locals.
        error = getattr(self, "_exception", None) or sys.exc_info()[1] or RuntimeError("unknown")
        self.panic(Text(self.crashed(error)))

    def _handle_exception(self, error: Exception) -> None:
        # What breaks while everything is being taken down is no defect; the exit status stays what was asked for.
        if not self.is_leaving():
            super()._handle_exception(error)

    def is_leaving(self) -> bool:
        """Whether the app has begun to leave."""
        return False

    def crashed(self, error: BaseException) -> str:
        """What to print after a defect."""
        return f"{type(error).__name__}: {error}"


class PaintedScreen(Screen[Answer]):
    """A screen of such an app: one update at a time, and nothing in it that qtui has no use for."""

    _holding = False
    _outdated = False  # whether an update is wanted that was put off

    def _extend_compose(self, widgets: list[Widget]) -> None:
        """No tooltip and no toasts: what there is to say stands in the status line."""

    def _screen_resized(self, size: Size) -> None:
        # Textual lays every screen out anew where a dialog over it has got its size.
        if size != self.outer_size:
            super()._screen_resized(size)

    def _compositor_refresh(self) -> None:
        # Textual would draw during a batch, and drop it; and once for a layout and once more for a repaint.
        self._outdated = self._holding or bool(getattr(self.app, "_batch_count", 0))
        if not self._outdated:
            super()._compositor_refresh()

    def _on_timer_update(self) -> None:
        self._holding = True
        try:
            super()._on_timer_update()
        finally:
            self._holding = False
        if self._outdated:
            self._compositor_refresh()


def _driver_class() -> type[Driver] | None:
    """The driver to use; None for Textual's own choice, as in a browser."""
    if "TEXTUAL_DRIVER" in os.environ:
        return None
    try:
        from qtui.tui.terminal.driver import QtuiDriver
    except (ImportError, AttributeError):  # not on this system, or in this version of Textual
        return None
    return QtuiDriver


class Frame:
    """An update as text for the terminal, made when Textual writes it: during a batch it drops updates."""

    def __init__(self, sequences: Callable[[], str]) -> None:
        self._sequences = sequences
        self.written = False

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        self.written = True
        yield Segment(self._sequences())


def strips_of(screen: Screen[Any]) -> list[Strip] | None:
    """What `screen` shows, row by row; None where it can't be had."""
    strips = getattr(getattr(screen, "_compositor", None), "render_strips", None)
    return strips() if strips is not None else None


def forget_drawn(widget: Widget) -> None:
    """Let what `widget` has drawn go with it: Textual remembers that of the last thousand widgets."""
    for part in (widget, getattr(widget, "_vertical_scrollbar", None)):
        cache = getattr(part, "_styles_cache", None)
        if cache is not None:
            cache.clear()


def placed(update: Any) -> list[Placed] | None:
    """The strips of one of Textual's updates, with their row and column; None where it has none that is known.

    A layout has a region and the strips of its rows; a partial update has spans (row, from, to), and for each row the
    strips by column with their ends.
    """
    try:
        if hasattr(update, "region"):
            return _of_layout(update.region.x, update.region.y, update.strips)
        return _of_spans(update.spans, update.chops, update.chop_ends)
    except (AttributeError, TypeError, ValueError, LookupError):
        return None


def _of_layout(left: int, top: int, rows: Any) -> list[Placed]:
    parts: list[Placed] = []
    for y, row in enumerate(rows, top):
        x = left
        for strip in row:
            parts.append((y, x, strip))
            x += strip.cell_length
    return parts


def _of_spans(spans: Any, chops: Any, ends: Any) -> list[Placed]:
    parts: list[Placed] = []
    for y, start, stop in spans:
        strips: dict[int, Strip | None] = chops[y]
        for end, (x, strip) in zip(ends[y], strips.items(), strict=False):
            if strip is not None and x <= stop and end > start:
                parts.append((y, x, strip if end <= stop else strip.crop(0, stop - x)))
    return parts
