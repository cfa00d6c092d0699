"""What stands above the Bits pane's views: the strip of their names, and the value's entry."""

from __future__ import annotations

from textual import events
from textual.message import Message

from qtui.compute.floats.table import number_format, number_formats
from qtui.draw.bits.words import view_of
from qtui.draw.picture import Line, crop, line
from qtui.scenario.bits.scenario import USUAL
from qtui.tui.panes.bits.inspect import InspectView
from qtui.tui.panes.bits.plots import DensityView, LineView, SineView
from qtui.tui.panes.bits.tables import AllView, CodebookView, DesignView, FormatsView
from qtui.tui.panes.bits.view import BitsView
from qtui.tui.widgets.fields import Choice
from qtui.tui.widgets.picker import Picker
from qtui.tui.widgets.rows import OneLine

VIEWS: tuple[type[BitsView], ...] = (
    *(InspectView, AllView, LineView, DensityView, SineView, FormatsView, DesignView, CodebookView),
)


class FormatChoice(Choice):
    """The usual formats one after the other; its list has all of them."""

    def __init__(self, value: str) -> None:
        super().__init__("format", "format", USUAL, value)

    def picker(self) -> Picker:
        """The usual formats first, each with what it is for."""
        formats = {fmt.name: fmt for fmt in map(number_format, USUAL)} | {fmt.name: fmt for fmt in number_formats()}
        titles = [f"{name.ljust(20)} {fmt.description}" for name, fmt in formats.items()]
        return Picker("number format", list(formats), titles, self.value, width=70)


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

    def _labels(self, cells: int) -> list[tuple[type[BitsView], str]]:
        """Each view with its part of the row; in few cells with the first word of its name, and single gaps."""
        titles = [f"{view.KEY} {view_of(view.NAME).TITLE}" for view in VIEWS]
        if sum(len(title) + 2 for title in titles) <= cells:
            return [
                (view, f"[{title}]" if self.current == view.NAME else f" {title} ")
                for view, title in zip(VIEWS, titles, strict=True)
            ]
        labels = []
        for i, view in enumerate(VIEWS):
            before = "[" if self.current == view.NAME else "]" if i and self.current == VIEWS[i - 1].NAME else " "
            labels.append((view, f"{before}{view.KEY} {view_of(view.NAME).TITLE.split()[0]}"))
        last, label = labels[-1]
        return [*labels[:-1], (last, f"{label}]" if self.current == last.NAME else label)]

    def row(self, cells: int) -> Line:
        """All names, the present one in brackets."""
        labels = self._labels(cells)
        return crop(line(*((t, "strong" if self.current == v.NAME else "dim") for v, t in labels)), cells)

    def on_click(self, event: events.Click) -> None:
        """Open the view whose name was clicked."""
        x = event.x
        for view, label in self._labels(self.size.width):
            if x < len(label):
                self.post_message(self.Chosen(view.NAME))
                return
            x -= len(label)
