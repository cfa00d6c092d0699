"""The strip of views: below the tabs, the names of all views of the present pane."""

from __future__ import annotations

from textual import events
from textual.message import Message

from qtui.draw.picture import Line, Span, crop, line
from qtui.draw.safe import cell_count
from qtui.tui.host import host_of
from qtui.tui.keymap import NEXT_VIEW
from qtui.tui.widgets.rows import OneLine

Views = tuple[tuple[str, str], ...]  # names and titles


class ViewStrip(OneLine):
    """Names of views, the present one in brackets and always whole; a click opens one.

    Where not all of them fit, the strip shows a stretch of them, with an arrow where it goes on.
    """

    class Chosen(Message):
        """A view was chosen by its name."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self) -> None:
        super().__init__(id="views")
        self._views: Views = ()
        self._current = ""
        self._first = 0

    def show(self, views: Views, current: str) -> None:
        """Show `views`, with the one called `current` as the present one."""
        if (views, current) != (self._views, self._current):
            if views != self._views:
                self._first = 0
            self._views, self._current = views, current
            self.refresh()

    def row(self, cells: int) -> Line:
        """As many names as fit around the present one, and the key of the next view."""
        return crop(line(*(span for _, span in self._parts(cells))), cells)

    def _parts(self, cells: int) -> list[tuple[str, Span]]:
        """The row as spans, each with the view that a click on it opens, if any."""
        if not self._views:
            return []
        end = f"  {host_of(self).keymap.text(NEXT_VIEW)} view " if self._views[1:] else ""
        names = [name for name, _ in self._views]
        labels = [f"[{title}]" if name == self._current else f" {title} " for name, title in self._views]
        widths = [cell_count(label) for label in labels]
        room = cells - len(end)
        parts: list[tuple[str, Span]] = []
        if sum(widths) <= room:
            self._first, last = 0, len(labels)
        else:
            self._first, last = _stretch(widths, self._place(names), self._first, room - 2)
        glyphs = host_of(self).settings.glyphs
        cut = sum(widths) > room
        if cut:
            before = names[max(self._first - 1, 0)]
            parts.append((before, (glyphs.left if self._first else " ", "dim")))
        for i in range(self._first, last):
            parts.append((names[i], (labels[i], "strong" if names[i] == self._current else "dim")))
        if cut:
            parts.append((names[min(last, len(names) - 1)], (glyphs.right if last < len(names) else " ", "dim")))
        gap = cells - len(end) - sum(cell_count(text) for _, (text, _) in parts)
        return [*parts, ("", (" " * max(gap, 0), "")), ("+", (end, "dim"))] if gap >= 0 else parts

    def _place(self, names: list[str]) -> int:
        return names.index(self._current) if self._current in names else 0

    def on_click(self, event: events.Click) -> None:
        """Open the view whose name was clicked; on the key at the end, the next one."""
        x = event.x
        for name, (text, _) in self._parts(self.size.width):
            if x < cell_count(text):
                names = [known for known, _ in self._views]
                if name == "+":
                    name = names[(self._place(names) + 1) % len(names)]
                if name:
                    self.post_message(self.Chosen(name))
                return
            x -= cell_count(text)


def _stretch(widths: list[int], at: int, first: int, room: int) -> tuple[int, int]:
    """The stretch of names that is on show, `at` among them: from `first` on, or as near to it as it has to be."""
    first = min(first, at)
    while first < at and sum(widths[first : at + 1]) > room:
        first += 1
    last = at + 1
    while last < len(widths) and sum(widths[first : last + 1]) <= room:
        last += 1
    while first and sum(widths[first - 1 : last]) <= room:
        first -= 1
    return first, last
