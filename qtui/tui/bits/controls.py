"""What stands above the Bits pane's views: the strip of their names, and the value's entry."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.widgets import Input

from qtui.draw.picture import Line, crop, line
from qtui.tui.bits.inspect import InspectView
from qtui.tui.bits.plots import DensityView, LineView, SineView
from qtui.tui.bits.tables import AllView, DesignView, FormatsView
from qtui.tui.bits.view import BitsView
from qtui.tui.chrome import OneLine
from qtui.tui.widgets.fields import Entry

VIEWS: tuple[type[BitsView], ...] = (InspectView, AllView, LineView, DensityView, SineView, FormatsView, DesignView)


class ViewStrip(OneLine):
    """The names of the views with their keys; a click opens one."""

    class Chosen(Message):
        """A view was chosen."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self) -> None:
        super().__init__(id="bits-views")
        self.current = ""

    def mark(self, name: str) -> None:
        """Show `name` as the present view."""
        if name != self.current:
            self.current = name
            self.refresh()

    def _labels(self) -> list[tuple[type[BitsView], str]]:
        return [
            (view, f"[{view.KEY} {view.TITLE}]" if self.current == view.NAME else f" {view.KEY} {view.TITLE} ")
            for view in VIEWS
        ]

    def row(self, cells: int) -> Line:
        """All names, the present one in brackets."""
        return crop(line(*((t, "strong" if self.current == v.NAME else "dim") for v, t in self._labels())), cells)

    def on_click(self, event: events.Click) -> None:
        """Open the view whose name was clicked."""
        x = event.x
        for view, label in self._labels():
            if x < len(label):
                self.post_message(self.Chosen(view.NAME))
                return
            x -= len(label)


class ValueEntry(Entry):
    """The value; Enter gives the keyboard back to the view."""

    class Done(Message):
        """Enter was pressed."""

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Tell the pane, after the entry has taken the text."""
        self.post_message(self.Done())
