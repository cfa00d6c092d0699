"""Sends only the cells that changed.

Textual paints dirty regions whole, often twice: a move of the focus may cost kilobytes, a dialog three screens. The
painter keeps what the terminal shows, cell by cell, compares each of Textual's updates with it, and writes the
difference with as few colour changes and cursor moves as it can.

It stands between Textual's compositor and its driver (`QtuiApp._display`), the one place that knows both; the test
of it compares what a terminal then shows with what Textual would have painted.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from rich.cells import get_character_cell_size
from rich.color import ColorSystem
from rich.console import Console, ConsoleOptions, RenderResult
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

from qtui.draw.glyphs import plain

# Unchanged cells between two changed ones that are sent again, since a cursor move (ESC [ n C) takes as much.
BRIDGE = 4
# Spaces at the end of a row for which "erase to the end" (ESC [ K) is shorter.
ERASE_FROM = 8
# Terminals that fill erased cells with the present background (terminfo's "bce"); GNU screen is not among them.
ERASES_IN_COLOUR = ("xterm", "tmux", "alacritty", "foot", "rxvt", "linux", "konsole", "wezterm", "contour", "putty")


class Look(NamedTuple):
    """A cell's style as SGR codes. A blank has none of the attributes that can't be seen on it."""

    attributes: str
    fore: str
    back: str


class Row(NamedTuple):
    """What one row shows: for each column its character and its look; None where that is not known.

    A character two cells wide is in the first of its columns and leaves "" in the second.
    """

    texts: list[str | None]
    looks: list[Look | None]


PLAIN = Look("", "39", "49")


class Frame(CompositorUpdate):
    """An update that is already text for the terminal."""

    def __init__(self, sequences: str) -> None:
        self.sequences = sequences

    def render_segments(self, console: Console) -> str:
        """The text."""
        return self.sequences

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield self.sequences


class Painter:
    """Remembers the terminal's cells. `colours` is Rich's colour system; `term` is TERM; `ascii` sends no more."""

    def __init__(self, colours: ColorSystem, term: str, ascii: bool = False) -> None:
        self._colours = colours
        self._ascii = ascii
        self._erases = term.startswith(ERASES_IN_COLOUR)
        self._rows: list[Row] = []
        self._width = 0

    def forget(self) -> None:
        """The terminal may show anything now: the next paint sends all that it is given."""
        self._rows = []

    def paint(self, update: CompositorUpdate, width: int, height: int) -> str:
        """What to write so that the terminal, of `width` × `height`, shows `update`; "" where it already does."""
        if width != self._width or height != len(self._rows):
            self._width = width
            self._rows = [Row([None] * width, [None] * width) for _ in range(height)]
        changed: dict[int, Row] = {}
        for y, x, strip in _placed(update):
            if 0 <= y < height:
                if y not in changed:
                    changed[y] = Row(self._rows[y].texts.copy(), self._rows[y].looks.copy())
                self._put(changed[y], x, strip)
        pen = _Pen()
        for y, row in changed.items():
            if row != self._rows[y]:
                self._difference(pen, y, self._rows[y], row)
                self._rows[y] = row
        return pen.finish()

    def _put(self, row: Row, x: int, strip: Strip) -> None:
        for text, style, control in strip:
            if control:
                continue
            if self._ascii:
                text = plain(text)
            cells: list[str | None] = list(text) if text.isascii() else _cells(text)
            stop = min(x + len(cells), self._width)
            if x < stop:
                # Half of a wide character that is written over leaves a blank, as in a terminal.
                if x and row.texts[x] == "":
                    row.texts[x - 1] = " "
                if stop < self._width and row.texts[stop] == "":
                    row.texts[stop] = " "
                look = _look(style or Style.null(), self._colours, text.isspace())
                row.texts[x:stop] = cells[: stop - x]
                row.looks[x:stop] = [look] * (stop - x)
            x += len(cells)

    def _difference(self, pen: _Pen, y: int, old: Row, new: Row) -> None:
        width = self._width
        if "" in old.texts or "" in new.texts:
            # Wide characters: half of one can't be written, so the row is sent whole.
            old = Row([None] * width, [None] * width)
        end, blank = self._tail(new)
        x = 0
        while x < width:
            if new.texts[x] == old.texts[x] and new.looks[x] == old.looks[x]:
                x += 1
                continue
            if x >= end:
                pen.erase(y, x, blank)
                return
            last = x
            probe = x + 1
            while probe < end and probe - last <= BRIDGE:
                if new.texts[probe] != old.texts[probe] or new.looks[probe] != old.looks[probe]:
                    last = probe
                probe += 1
            pen.write(y, x, new.texts[x : last + 1], new.looks[x : last + 1])
            x = last + 1

    def _tail(self, row: Row) -> tuple[int, Look]:
        """Where the blanks that an erase can write begin (the width, if it can't), and their look."""
        look = row.looks[-1]
        if look is None or look.attributes or not (self._erases or look.back == "49"):
            return self._width, PLAIN
        end = self._width
        while end and row.texts[end - 1] == " " and row.looks[end - 1] == look:
            end -= 1
        return (end, look) if self._width - end >= ERASE_FROM else (self._width, PLAIN)


class _Pen:
    """Writes cells, remembering where the cursor is and which colours are set."""

    def __init__(self) -> None:
        self._out: list[str] = []
        self._at = (-1, -1)
        self._look = PLAIN

    def write(self, y: int, x: int, texts: list[str | None], looks: list[Look | None]) -> None:
        """Write cells from column `x` of row `y`; cells that aren't known are left as they are."""
        for i, (text, look) in enumerate(zip(texts, looks, strict=True)):
            if text is None or look is None:
                continue
            self._go(y, x + i)
            self._use(look)
            self._out.append(text)
            self._at = (y, x + i + 1)

    def erase(self, y: int, x: int, look: Look) -> None:
        """Blank row `y` from column `x` to its end."""
        self._go(y, x)
        self._use(look)
        self._out.append("\x1b[K")

    def finish(self) -> str:
        """All that was written, with the colours reset at its end."""
        if self._look != PLAIN:
            self._out.append("\x1b[0m")
        return "".join(self._out)

    def _go(self, y: int, x: int) -> None:
        row, column = self._at
        if (y, x) == self._at:
            return
        if y == row and column < x:
            self._out.append(f"\x1b[{x - column}C" if x - column > 1 else "\x1b[C")
        else:
            self._out.append(f"\x1b[{y + 1};{x + 1}H")
        self._at = (y, x)

    def _use(self, look: Look) -> None:
        if look != self._look:
            self._out.append(_change(self._look, look))
            self._look = look


OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "5": "25", "7": "27", "9": "29"}  # what ends an attribute


@lru_cache(maxsize=4096)
def _change(now: Look, wanted: Look) -> str:
    """The shortest SGR sequence from one look to another: by what differs, or from a reset."""
    before, after = (set(filter(None, look.attributes.split(";"))) for look in (now, wanted))
    off = {OFF[code] for code in before - after}
    on = after if "22" in off else after - before  # 22 ends bold and dim alike
    colours = [one for one, other in ((wanted.fore, now.fore), (wanted.back, now.back)) if one != other]
    anew = [one for one, other in ((wanted.fore, "39"), (wanted.back, "49")) if one != other]
    ways = ([*sorted(off), *sorted(on), *colours], ["0", *sorted(after), *anew])
    return f"\x1b[{min((';'.join(way) for way in ways), key=len)}m"


def _placed(update: CompositorUpdate) -> Iterator[tuple[int, int, Strip]]:
    """The strips of an update with their row and column, as Textual's own `render_segments` places them."""
    if isinstance(update, LayoutUpdate):
        for y, line in enumerate(update.strips, update.region.y):
            x = update.region.x
            for strip in line:
                yield y, x, strip
                x += strip.cell_length
    elif isinstance(update, ChopsUpdate):
        for y, x1, x2 in update.spans:
            for end, (x, chop) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                if chop is not None and x <= x2 and end > x1:
                    yield y, x, chop if end <= x2 else chop.crop(0, x2 - x)


def _cells(text: str) -> list[str | None]:
    """One entry a cell; marks that take no cell go with the character before them."""
    cells: list[str | None] = []
    for character in text:
        size = get_character_cell_size(character)
        if size == 0:
            if cells:
                at = -1 if cells[-1] != "" else -2
                cells[at] = f"{cells[at]}{character}"
        else:
            cells += [character, ""] if size == 2 else [character]
    return cells


@lru_cache(maxsize=4096)
def _look(style: Style, colours: ColorSystem, blank: bool) -> Look:
    seen = (style.reverse, style.underline, style.strike, style.underline2, style.overline)
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
    if blank and not any(seen):
        return Look("", fore, back)
    return Look(";".join(attributes), fore, back)
