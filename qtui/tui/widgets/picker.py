"""A dialog that lists options and narrows them down as one types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.geometry import Size
from textual.suggester import Suggester
from textual.widgets import Input

from qtui.draw.picture import Picture, beside, crop, line, pad
from qtui.draw.safe import cell_count, padded, wrapped
from qtui.tui.host import host_of
from qtui.tui.keymap import CLOSE, Action, bindings
from qtui.tui.widgets.dialog import Dialog
from qtui.tui.widgets.text_field import TextField
from qtui.tui.widgets.view import PictureView

LEAST = 3  # rows of a list
USUAL = 12  # rows that it may have in any window, if it has so many
BESIDE = 16  # rows of a large window that are left to what is behind it


class Picker(Dialog[str | None]):
    """Returns the chosen option, or None.

    One view has the frame, the hint and the list; the filter lies on it. Each widget more costs a millisecond of the
    key that opens it.
    """

    DEFAULT_CSS = """
    Picker { layers: default filter; }
    Picker > PictureView { position: absolute; padding: 0 1; border: round $primary; }
    Picker > TextField { position: absolute; layer: filter; }
    """
    # Letters are for the filter, so these are no keys of the picture.
    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            CLOSE,
            Action("list.up", "up", "up", "move(-1)", priority=True),
            Action("list.down", "down", "down", "move(1)", priority=True),
            Action("list.page_up", "pageup", "page up", "move(-10)", priority=True),
            Action("list.page_down", "pagedown", "page down", "move(10)", priority=True),
            Action("list.complete", "tab", "next control", "complete"),
        )
    )
    PLACEHOLDER: ClassVar[str] = "part of the name"
    suggester: Suggester | None = None  # of how what is typed may go on

    def __init__(
        self,
        title: str,
        options: Sequence[str],
        titles: Sequence[str],
        value: str,
        *,
        width: int = 56,
        hint: str = "",
    ) -> None:
        super().__init__()
        title = title[:1].upper() + title[1:]
        in_frame = cell_count(title) <= width - 6
        self._width = width
        self._title = title if in_frame else ""
        self._text = hint if in_frame else f"{title}: {hint}" if hint else title  # over the field
        self._rows = tuple(zip(options, titles, strict=True))
        self._shown = self._rows
        self._typed = ""
        self._hint: list[str] = []  # as its rows
        self._room = Size(0, 0)  # of the list
        self._at = list(options).index(value) if value in options else 0

    def compose(self) -> ComposeResult:
        """The list in its frame, and the filter."""
        view = PictureView(self._picture)
        view.border_title = self._title
        yield view
        entry = TextField(placeholder=self.PLACEHOLDER, select_on_focus=False, suggester=self.suggester)
        entry.cursor_blink = False
        # It has the keyboard from the start: Textual need not find its styles twice.
        entry.set_reactive(TextField.has_focus, True)
        yield entry

    def _picture(self, width: int, height: int) -> Picture:
        hint = tuple(line(text) for text in self._hint)
        return (*hint, (), *self._list(width, height - len(hint) - 1))

    def _list(self, width: int, height: int) -> Picture:
        glyphs = host_of(self).settings.glyphs
        if not self._shown:
            explanation = wrapped(self.nothing(self._typed), width)
            return tuple(line((text, "dim")) for text in explanation)
        columns, first = self._columns(width, height), self._first(width, height)
        cells = width // columns
        wide = cells - (columns > 1)  # of the mark, which does not touch a second column
        drawn = [
            pad(crop(line((f" {title}", "")), cells, glyphs.ellipsis), cells)
            if first + i != self._at
            else pad(crop(line((padded(f" {title}", wide), "cursor")), wide, glyphs.ellipsis), cells)
            for i, (_, title) in enumerate(self._shown[first : first + columns * height])
        ]
        return beside(drawn[:height], drawn[height:], cells, 0)

    def _columns(self, width: int, height: int) -> int:
        """Two where the list fits `height` rows so, with its titles whole."""
        if not height < len(self._shown) <= 2 * height:
            return 1
        return 2 if max(cell_count(title) for _, title in self._shown) + 2 <= width // 2 else 1

    def _first(self, width: int, height: int) -> int:
        """The first option that is shown."""
        return max(0, min(self._at - height // 2, len(self._shown) - height * self._columns(width, height)))

    def fit(self, size: Size) -> None:
        """As long as the list, as far as the window leaves some of the pane in sight; and say where the mark is."""
        width = min(self._width, size.width)
        self._hint = wrapped(self._text, width - 4) if self._text else []
        room = size.height * 4 // 5 - 3 - len(self._hint)
        room = room if len(self._rows) <= room else min(room, max(USUAL, size.height - BESIDE))
        self._room = Size(width - 4, max(min(len(self._rows), room), LEAST))
        height = min(self._room.height + len(self._hint) + 3, size.height)
        left, top = (size.width - width) // 2, (size.height - height) // 2
        view, entry = self.query_one(PictureView), self.query_one(TextField)
        view.styles.width, view.styles.height, view.styles.offset = width, height, (left, top)
        entry.styles.width, entry.styles.offset = width - 4, (left + 2, top + 1 + len(self._hint))
        self._draw_anew()

    def _draw_anew(self) -> None:
        width, height = self._room
        hidden = len(self._shown) > height * self._columns(width, height)
        where = f"{self._at + 1:,} of {len(self._shown):,}   " if hidden else ""
        self.query_one(PictureView).border_subtitle = f"{where}Enter takes, {host_of(self).keymap.text(CLOSE)} closes"
        self.query_one(PictureView).redraw()

    def matches(self, typed: str) -> tuple[tuple[str, str], ...]:
        """(option, title) of those that have every word typed; what is called so comes first."""
        whole = typed.strip().lower()
        fitting = [row for row in self._rows if all(word in row[1].lower() for word in whole.split())]
        fitting.sort(key=lambda row: (row[0].lower() != whole, not row[0].lower().startswith(whole)))
        return tuple(fitting)

    def nothing(self, typed: str) -> str:
        """The line that is shown where no option has the words that were typed."""
        return "nothing matches"

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the list."""
        self._typed = event.value
        self._shown = self.matches(event.value)
        self._at = 0 if event.value else self._at
        self._draw_anew()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the marked option; where nothing matches, the list says so and stays."""
        if self._shown or not self._rows:
            self.dismiss(self._shown[self._at][0] if self._shown else None)

    def on_picture_view_clicked(self, event: PictureView.Clicked) -> None:
        """Take the option under the mouse."""
        width, height = self._room
        columns, y = self._columns(width, height), event.y - len(self._hint) - 1
        at = self._first(width, height) + y + height * (min(max(event.x, 0), width - 1) * columns // width)
        if y >= 0 and at < len(self._shown):
            self.dismiss(self._shown[at][0])

    def action_complete(self) -> None:
        """Take how what is typed may go on."""
        self.query_one(TextField).complete()

    def action_move(self, by: int) -> None:
        """Move the mark."""
        if self._shown:
            self._at = min(max(self._at + by, 0), len(self._shown) - 1)
            self._draw_anew()
