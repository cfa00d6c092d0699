"""Sends only the cells that changed.

Textual paints dirty regions whole, often twice: a move of the focus may cost kilobytes, a dialog three screens. The
painter keeps what the terminal shows, cell by cell, compares each of Textual's updates with it, and writes the
difference with as few colour changes and cursor moves as it can.

It knows nothing of Textual but its strips; `painted.py` brings the updates here.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple, cast

from rich.cells import get_character_cell_size
from rich.color import Color, ColorSystem
from rich.style import Style
from textual.strip import Strip

from qtui.draw.glyphs import plain
from qtui.tui.terminal.pen import BRIDGE, PLAIN, SEEN, CellStyle, Piece, by_colour, written

FEW = 30  # pieces for which it is worth a try to write them row by row
# Spaces at the end of a row for which "erase to the end" (ESC [ K) is shorter.
ERASE_FROM = 8
# Terminals that fill erased cells with the present background (terminfo's "bce"); GNU screen is not among them.
ERASES_IN_COLOUR = ("xterm", "tmux", "alacritty", "foot", "rxvt", "linux", "konsole", "wezterm", "contour", "putty")


Placed = tuple[int, int, Strip]  # row, column, and what is there


class Row(NamedTuple):
    """What one row shows: for each column its character and its look; None where that is not known.

    A character two cells wide is in the first of its columns and leaves "" in the second.
    """

    texts: list[str | None]
    looks: list[CellStyle | None]


class Painter:
    """Remembers the terminal's cells. `colours` is Rich's colour system; `term` is TERM; `ascii` sends no more.

    Blanks are written in the ink of plain text, whichever style they have: it does not show on them, and few changes
    of colour go over the wire.
    """

    def __init__(self, colours: ColorSystem, term: str, ascii: bool = False) -> None:
        self._colours = colours
        self._ink = "39"
        self._ascii = ascii
        self._erases = term.startswith(ERASES_IN_COLOUR)
        self.rows: list[Row] = []  # what the terminal shows
        self._width = 0
        self._looks: dict[tuple[Style | None, bool], CellStyle] = {}
        self._alike: dict[CellStyle, CellStyle] = {}

    def use_ink(self, foreground: str) -> None:
        """Take the theme's colour of plain text, a name of Textual's, as the ink of blanks."""
        colour = Color.parse(foreground.removeprefix("ansi_")).downgrade(self._colours)
        ink = ";".join(colour.get_ansi_codes())
        if ink != self._ink:
            self._ink, self._looks = ink, {}

    def forget(self) -> None:
        """The terminal may show anything now: the next paint sends all that it is given."""
        self.rows = []

    def paint(self, parts: Iterable[Placed], width: int, height: int) -> str:
        """What to write so that the terminal, of `width` × `height`, shows `parts`; "" where it already does."""
        self._fit(width, height)
        changed: dict[int, Row] = {}
        for y, x, strip in parts:
            if 0 <= y < height:
                if y not in changed:
                    changed[y] = Row(self.rows[y].texts.copy(), self.rows[y].looks.copy())
                self._put(changed[y], x, strip)
        return self.show(changed, width, height)

    def show(self, rows: Mapping[int, Row], width: int, height: int) -> str:
        """What to write so that a terminal of `width` × `height` shows these rows, whose looks are from `alike`."""
        self._fit(width, height)
        pieces: list[Piece] = []
        for y, row in rows.items():
            if row != self.rows[y]:
                self._difference(pieces, y, self.rows[y], row)
                self.rows[y] = row
        ordered = written(by_colour(pieces), width)
        # Of few pieces the rows' own order may be shorter; of many it never is.
        return ordered if len(pieces) > FEW else min(ordered, written(pieces, width), key=len)

    def _fit(self, width: int, height: int) -> None:
        if width != self._width or height != len(self.rows):
            self._width = width
            self.rows = [Row([None] * width, [None] * width) for _ in range(height)]

    def alike(self, look: CellStyle) -> CellStyle:
        """The one object that stands for this look, so that equal looks are one and compare quickly."""
        return self._alike.setdefault(look, look)

    def _put(self, row: Row, x: int, strip: Strip) -> None:
        texts: list[str] = []
        looks: list[CellStyle] = []
        for text, style, control in strip:
            if not control:
                cells = _cells(plain(text) if self._ascii else text)
                texts += cells
                blank = text.isspace()
                looks += [self._looks.get((style, blank)) or self._cell_style(style, blank)] * len(cells)
        stop = min(x + len(texts), self._width)
        if x < stop:
            # Half of a wide character that is written over leaves a blank, as in a terminal.
            if x and row.texts[x] == "":
                row.texts[x - 1] = " "
            if stop < self._width and row.texts[stop] == "":
                row.texts[stop] = " "
            row.texts[x:stop] = texts[: stop - x]
            row.looks[x:stop] = looks[: stop - x]

    def _cell_style(self, style: Style | None, blank: bool) -> CellStyle:
        """The look of cells in `style`, one object for all that look alike."""
        look = _cell_style(style or Style.null(), self._colours, self._ink if blank else "")
        known = self._looks[style, blank] = self.alike(look)
        return known

    def _difference(self, pieces: list[Piece], y: int, old: Row, new: Row) -> None:
        """Add what has to be written to turn row `y` from `old` into `new`."""
        width = self._width
        if "" in old.texts or "" in new.texts:
            # Wide characters: half of one can't be written, so the row is sent whole.
            old = Row([None] * width, [None] * width)
        (texts, looks), (texts_there, looks_there) = new, old
        changed = [x for x in range(width) if texts[x] != texts_there[x] or looks[x] is not looks_there[x]]
        end = self._tail(new) if changed and texts[changed[-1]] == " " else width
        inside, known = bisect_left(changed, end), cast("list[str]", texts)  # where there is a look
        start = stop = 0
        here: CellStyle | None = None
        for x in changed[:inside]:
            look = looks[x]
            if look is here and here is not None and (x == stop or _is_bridged(known[stop:x], looks[stop:x], here)):
                stop = x + 1
            elif look is not None:
                if here is not None:
                    pieces.append(Piece(y, start, stop, "".join(known[start:stop]), here))
                here, start, stop = look, x, x + 1
        if here is not None:
            pieces.append(Piece(y, start, stop, "".join(known[start:stop]), here))
        if inside < len(changed):
            pieces.append(Piece(y, changed[inside], width, "", looks[-1] or PLAIN))

    def _tail(self, row: Row) -> int:
        """Where the blanks that an erase can write begin; the width, if it can't."""
        look = row.looks[-1]
        if look is None or look.attributes or not (self._erases or look.back == "49"):
            return self._width
        blanks = 0
        for cell in zip(reversed(row.texts), reversed(row.looks), strict=True):
            if cell != (" ", look):
                break
            blanks += 1
        return self._width - blanks if blanks >= ERASE_FROM else self._width


def _is_bridged(texts: list[str], looks: list[CellStyle | None], look: CellStyle) -> bool:
    """Whether unchanged cells between changed ones of this look are so few, and look so too, that they are sent."""
    return len(texts) <= BRIDGE and looks.count(look) == len(looks) and len("".join(texts).encode()) <= BRIDGE


@lru_cache(maxsize=4096)
def _cells(text: str) -> list[str]:
    """One entry a cell; marks that take no cell go with the character before them. Not to be changed: remembered.

    What is no character to look at never gets to the terminal; where it would have taken cells, it leaves "?".
    """
    if text.isascii() and text.isprintable():
        return list(text)
    cells: list[str] = []
    for character in text:
        size = get_character_cell_size(character)
        if not character.isprintable():
            cells += [" " if character.isspace() else "?"] * size
        elif size == 0:
            if cells:
                at = -1 if cells[-1] != "" else -2
                cells[at] = f"{cells[at]}{character}"
        else:
            cells += [character, ""] if size == 2 else [character]
    return cells


def _cell_style(style: Style, colours: ColorSystem, ink: str) -> CellStyle:
    """The look of cells in `style`; of blanks, where `ink` is what they are written in."""
    attributes = [
        code
        for code, on in (
            ("1", style.bold),
            ("2", style.dim),
            ("3", style.italic),
            ("4", style.underline),
            ("5", style.blink),
            ("7", style.reverse),
            ("9", style.strike),
        )
        if on
    ]
    fore = ";".join(style.color.downgrade(colours).get_ansi_codes()) if style.color else "39"
    back = ";".join(style.bgcolor.downgrade(colours).get_ansi_codes(False)) if style.bgcolor else "49"
    if ink and not SEEN.intersection(attributes):
        return CellStyle("", ink, back)
    return CellStyle(";".join(attributes), fore, back)
