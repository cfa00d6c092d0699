"""What a student sees before an app runs: the question for a name, and then the class's picture under own rows.

It looks like `NameDialog`, `StatusLine` and `PollView`.
"""

from __future__ import annotations

from collections.abc import Mapping

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.strip import Strip

from qtui.draw.picture import Line, Span, crop, line, pad
from qtui.draw.safe import cell_count, cut_front, padded, wrapped
from qtui.teach.messages import Poll
from qtui.tui.chrome import message_rows
from qtui.tui.follow.classroom import ClassHost
from qtui.tui.follow.following import QUESTION, hint_of, promise
from qtui.tui.follow.pictures import poll_picture
from qtui.tui.keymap import CLASS, WITH_CLASS
from qtui.tui.terminal.painter import Placed, Row
from qtui.tui.themes import scheme_of

WIDEST = 72  # cells of the dialog
LONGEST = 64  # characters of the field
NOTHING = Style()
BOX, BOX_ASCII = tuple("╭╮╰╯─│"), tuple("++++-|")


class NameField:
    """A line of text being edited; at first all of it is chosen, so that what is typed replaces it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = len(text)
        self.chosen = text != ""

    def take(self, event: events.Key | events.Paste) -> None:
        """Edit by a key; keys without a meaning here do nothing."""
        if isinstance(event, events.Paste):
            self._insert("".join(filter(str.isprintable, next(iter(event.text.splitlines()), ""))))
        elif event.is_printable and event.character:
            self._insert(event.character)
        elif event.key in ("backspace", "delete", "ctrl+u") and self.chosen:
            self._insert("")
        elif event.key == "backspace":
            self._cut(self.at - 1, self.at)
        elif event.key == "delete":
            self._cut(self.at, self.at + 1)
        elif event.key == "ctrl+u":
            self._cut(0, self.at)
        elif event.key in ("home", "ctrl+a") or (event.key == "left" and self.chosen):
            self._go(0)
        elif event.key in ("end", "ctrl+e") or (event.key == "right" and self.chosen):
            self._go(len(self.text))
        elif event.key in ("left", "right"):
            self._go(self.at + (1 if event.key == "right" else -1))

    def _insert(self, text: str) -> None:
        if self.chosen:
            self.text, self.at, self.chosen = "", 0, False
        text = text[: LONGEST - len(self.text)]
        self.text = f"{self.text[: self.at]}{text}{self.text[self.at :]}"
        self.at += len(text)

    def _cut(self, start: int, stop: int) -> None:
        start = max(start, 0)
        self.text, self.at = f"{self.text[:start]}{self.text[stop:]}", start

    def _go(self, at: int) -> None:
        self.at, self.chosen = min(max(at, 0), len(self.text)), False

    def row(self, cells: int) -> Line:
        """The field in so many cells; of a longer text the end."""
        under, after = self.text[self.at : self.at + 1] or " ", self.text[self.at + 1 :]
        before = cut_front(self.text[: self.at], cells - cell_count(under))
        after = padded(after, cells - cell_count(before) - cell_count(under))
        return crop(line((before, "chosen" if self.chosen else "field"), (under, ""), (after, "field")), cells)


class BareScreen:
    """Gives what is to be written so that the terminal shows it."""

    def __init__(self, host: ClassHost) -> None:
        self._host = host
        scheme = scheme_of(host.settings.theme)
        ink, ground, field = map(_colour, (scheme.foreground, scheme.background, scheme.field))
        self._base = Style(color=ink, bgcolor=ground)
        self._raised = Style(bgcolor=field)  # what a question lies on
        frame = Style(color=host.appearance.styles["series1"].color)
        reverse = Style(bgcolor=field, reverse=True)
        own = {"frame": frame, "field": reverse, "chosen": reverse + Style(underline=True)}
        self._styles = {**host.appearance.styles, **own}
        self._box = BOX_ASCII if host.settings.ascii else BOX
        host.painter.use_ink(scheme.foreground)

    def _strip(self, row: Line, cells: int, ground: Style = NOTHING) -> Strip:
        base = self._base + ground
        segments = [Segment(text, base + self._styles[role]) for text, role in row]
        return Strip(segments).adjust_cell_length(cells, base)

    def dialog(self, field: NameField, size: Size) -> str:
        """The question for a name, in the middle of a blank screen."""
        cells = min(WIDEST, size.width)
        inside = max(cells - 4, 1)
        words = [line((text, "")) for text in wrapped(QUESTION, inside)]
        more = [line((text, "")) for text in wrapped(promise(self._host.keymap.text(WITH_CLASS)), inside)]
        top_left, top_right, bottom_left, bottom_right, across, side = self._box
        rows = [line((top_left + across * (cells - 2) + top_right, "frame"))]
        for row in (*words, field.row(inside), *more):
            rows.append(line((side, "frame"), " ", *pad(row, inside + 1), (side, "frame")))
        rows.append(line((bottom_left + across * (cells - 2) + bottom_right, "frame")))
        left, top = (size.width - cells) // 2, max((size.height - len(rows)) // 2, 0)
        blank = self._strip((), size.width)
        parts: list[Placed] = [(y, 0, blank) for y in range(size.height)]
        parts += [(top + y, left, self._strip(row, cells)) for y, row in enumerate(rows)]
        return self._host.painter.paint(parts, *size)

    def class_rows(self, picture: Mapping[int, Row], message: Span, poll: Poll | None, size: Size) -> str:
        """The class's picture, if there is one, under the latest message and a question."""
        own = {y: self._strip(row, size.width) for y, row in self._message(message, size)}
        if poll is not None:
            own |= self._question(poll, size)
        if not picture:
            own = {**{y: self._strip((), size.width) for y in range(size.height)}, **own}
        painter = self._host.painter
        return painter.show({y: row for y, row in picture.items() if y not in own}, *size) + painter.paint(
            [(y, 0, strip) for y, strip in own.items()], *size
        )

    def _message(self, message: Span, size: Size) -> list[tuple[int, Line]]:
        if not message[0]:
            return []
        return [*enumerate(message_rows(message, size.width, self._host.settings.glyphs), size.height - 2)]

    def _question(self, poll: Poll, size: Size) -> dict[int, Strip]:
        hint = hint_of(poll, self._host.keymap.text(CLASS))
        glyphs = self._host.settings.glyphs
        rows = poll_picture(poll, hint, max(size.width - 2, 1), glyphs)
        framed = [line((self._box[4] * size.width, "frame")), *(line(" ", *row) for row in rows)]
        top = size.height - 2 - len(framed)
        return {top + y: self._strip(row, size.width, self._raised) for y, row in enumerate(framed)}


def _colour(name: str) -> Color:
    """A colour by Textual's name."""
    return Color.parse(name.removeprefix("ansi_"))
