"""What a file lost against its original, tensor by tensor."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from qtui.draw.errors.against import against_report
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture, line
from qtui.scenario.errors.against.result import AgainstResult
from qtui.tui.host import host_of
from qtui.tui.keymap import OPEN, bindings
from qtui.tui.panes.errors import keys
from qtui.tui.widgets.view import PictureView


class AgainstView(PictureView, can_focus=True):
    """Shows the comparison of two files, which scrolls."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.AGAINST)

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(self._screen, id="errors-against")
        self._glyphs = glyphs
        self._result: AgainstResult | None = None

    def show(self, result: AgainstResult) -> None:
        """Draw `result`."""
        self._result = result
        self.redraw()

    def _screen(self, cells: int, rows: int) -> Picture:
        if self._result is None:
            key = host_of(self).keymap.text(OPEN)
            return (
                line(("Two files side by side: what did this one lose?", "strong")),
                line(f"Open the quantized file with {key}, then name its original in the field above."),
            )
        return against_report(self._result, cells, self._glyphs)

    def action_scroll(self, by: int) -> None:
        """Scroll by rows."""
        self.scroll_rows(by)
