"""An app that sends only the cells that changed. Nothing in it moves by itself."""

from __future__ import annotations

import os
from typing import Any

from rich.color import ColorSystem
from textual._compositor import LayoutUpdate
from textual.app import App
from textual.screen import Screen

from qtui.tui.terminal.compositor import Patch
from qtui.tui.terminal.painter import Frame, Painter


class PaintedApp(App[int]):
    """`ansi` leaves the colours to the terminal; `ascii` sends no other characters."""

    def __init__(self, ansi: bool, ascii: bool) -> None:
        # Colours are the terminal's own from the start: Textual chooses its filters before it knows the theme.
        super().__init__(ansi_color=ansi)
        self.animation_level = "none"
        self.set_class(ascii, "-ascii")
        colours = self.console._color_system or ColorSystem.TRUECOLOR
        self.painter = Painter(colours, os.environ.get("TERM", ""), ascii)
        self._undrawn = False  # whether an update was dropped during a batch

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        self._undrawn |= self._batch_count > 0
        # Textual's own `_display` writes what this gives it, under the same conditions.
        ready = self._running and not self._closed and not self._batch_count and not self.is_headless
        if isinstance(renderable, LayoutUpdate | Patch) and ready:
            self.painter.dip(self.current_theme.foreground or "ansi_default")
            sequences = self.painter.paint(renderable, *self.size)
            moved = self.cursor_position != self._previous_cursor_position
            renderable = Frame(sequences) if sequences or moved else None
        super()._display(screen, renderable)

    def draw_what_waited(self) -> None:
        """Draw what has changed during a batch."""
        if self._undrawn:  # Textual drops the layouts of new screens
            self._undrawn = False
            self.screen.refresh()
        self.screen.check_idle()

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
