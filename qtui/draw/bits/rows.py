"""Which formats a table shows: the usual ones, then as many of the others as there is room for, or all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from qtui.draw.frame import title
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, crop, line
from qtui.scenario.bits.result import BitsResult

ABOUT = 3  # rows below the table that tell more of the marked format, a blank one before them
ROOMY = 14  # rows from which on there is room for them, and for a blank row below the headline
MANY = 4  # others that are worth a title of their own


class Cells(NamedTuple):
    """Cells of a picture, and what it is drawn with."""

    width: int
    height: int
    glyphs: Glyphs


@dataclass(frozen=True)
class ShownFormats:
    """The formats on show by their place in the Result, None for the title of the others; `room` in rows."""

    rows: tuple[int | None, ...]
    hidden: int
    room: int
    top: int  # rows above the first format: headline, a blank one, the heading

    @property
    def places(self) -> tuple[int, ...]:
        """`rows` without the row for the title of the others."""
        return tuple(place for place in self.rows if place is not None)

    def laid_out(self, table: Picture, width: int, glyphs: Glyphs) -> Picture:
        """The rows of `table`, whose first is the heading, with the title of the others and a note on the rest."""
        head, *rows = table
        left = iter(rows)
        picture: list[Line] = [head]
        picture += [title("The others", width, glyphs) if place is None else next(left) for place in self.rows]
        if self.hidden:
            picture.append(line((f"{self.hidden} more format{'s' if self.hidden > 1 else ''}", "dim")))
        return (*picture, *[()] * (self.room + 1 - len(picture)))

    def at_row(self, y: int) -> int | None:
        """Which format stands in row `y` of the whole picture; None where there is none."""
        return self.rows[y - self.top] if 0 <= y - self.top < len(self.rows) else None


def listed(result: BitsResult, height: int, cursor: int | None) -> ShownFormats:
    """The formats that a table of `result` shows in `height` rows; the marked one is always among them.

    A table that is printed, and marks none, is as tall as it has to be.
    """
    count, usual = len(result.conversions), result.usual
    top = 2 + (height >= ROOMY)
    room = max(1, height - top - (ABOUT if cursor is not None and height >= ROOMY else 0))
    if count + 1 <= room or (result.every and cursor is None):
        return ShownFormats((*range(usual), None, *range(usual, count)), 0, max(room, count + 1), top)
    if result.every:
        return _paged(count, room, cursor, top)
    if room >= usual + 2 + MANY:
        kept = room - 2
        return ShownFormats((*range(usual), None, *range(usual, kept)), count - kept, room, top)
    if room > usual:
        return ShownFormats(tuple(range(usual)), count - usual, room, top)
    return _paged(usual, room, cursor, top)


def _paged(count: int, room: int, cursor: int | None, top: int) -> ShownFormats:
    """The page of `count` formats that holds the marked one, and how many are on the others."""
    on_page = count if count <= room else max(room - 1, 1)
    first = min((cursor or 0) // on_page * on_page, count - on_page)
    return ShownFormats(tuple(range(first, first + on_page)), count - on_page if room > 1 else 0, room, top)


def laid_out(
    headline: Line,
    shown: ShownFormats,
    table: Picture,
    about: Callable[[int], Picture],
    cursor: int | None,
    size: Cells,
) -> Picture:
    """The headline, the table, and what `about` tells of the marked format where there is room."""
    rows = [headline, *[line()] * (shown.top - 2), *shown.laid_out(table, size.width, size.glyphs)]
    if cursor is not None and size.height >= ROOMY:
        rows += [line(), *about(cursor)[: ABOUT - 1]]
    return tuple(crop(row, size.width, size.glyphs.ellipsis) for row in rows)
