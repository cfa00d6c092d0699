"""The Quantizer's views by name, and the pages made of them: one view, or several around it where there is room.

A page remembers where each of its views stands, so that a click finds it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from qtui.draw.frame import GAP, Size, beside, sentence, size_of, split, title
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, crop, line
from qtui.draw.quantizer import words
from qtui.draw.quantizer.blocks import blocks, strip_width, tile
from qtui.draw.quantizer.bytes import bits_ledger, stored_bytes
from qtui.draw.quantizer.code import code_of, live_code
from qtui.draw.quantizer.grid import grids, histogram_width, number_lines
from qtui.draw.quantizer.map import mapping, rows_of_schemes
from qtui.draw.quantizer.network import growth, network_picture
from qtui.draw.quantizer.scores import cost_line, figures, headline, scoreboard
from qtui.draw.quantizer.stairs import GUTTER, panel_width, stairs
from qtui.draw.quantizer.table import table
from qtui.draw.quantizer.treatments import outlier_story, smart_table, sweep_chart
from qtui.scenario.quantizer.result import QuantizerResult, Sampling
from qtui.scenario.quantizer.scenario import VIEWS

Draw = Callable[[QuantizerResult, int, int, Glyphs], Picture]

DRAWINGS: dict[str, Draw] = {
    "map": mapping,
    "table": table,
    "line": number_lines,
    "stairs": stairs,
    "grid": grids,
    "blocks": blocks,
    "tile": tile,
    "bytes": lambda result, width, height, glyphs: stored_bytes(result, width, height),
    "ledger": lambda result, width, height, glyphs: bits_ledger(result.schemes, width, height, glyphs),
    "code": lambda result, width, height, glyphs: live_code(result, width),
    "outlier": lambda result, width, height, glyphs: outlier_story(result, width, glyphs),
    "sweep": lambda result, width, height, glyphs: sweep_chart(result.sweep, width, height, glyphs),
    "smart": lambda result, width, height, glyphs: smart_table(result, width, glyphs),
    "net": network_picture,
    "grow": lambda result, width, height, glyphs: growth(result, width, glyphs),
}
RIGHT = ("ledger", "bytes", "code")  # what stands beside a picture, in this order
UNDER = ("map", "grid", "stairs", "blocks", "line")  # what fills a column under a picture that leaves room
SHARE = 0.6  # of a wide window's columns that the picture has
LEAST = 7  # rows below which another view is of no use
MOST_UNDER = 14  # rows of what stands under the picture
MANY = 3  # schemes beyond which a medium page has no room under its picture
LOW = 15  # rows below which remarks are left out


class Panel(NamedTuple):
    """Where a view stands in a page: its upper left cell, and the columns and rows it was drawn in."""

    view: str
    x: int
    y: int
    width: int
    height: int


class Page(NamedTuple):
    """A picture of several views, and where each of them is."""

    picture: Picture
    panels: tuple[Panel, ...]


NOTHING = Page((), ())


def view(result: QuantizerResult, width: int, height: int, glyphs: Glyphs, name: str = "") -> Picture:
    """The view called `name`, or the one that the Scenario asks for, in `width` columns and about `height` rows.

    `result` has what that view needs: all that its Scenario asks for, and samples as `sampling` says.
    """
    shown = DRAWINGS[name or result.scenario.show](result, width, height, glyphs)
    return tuple(crop(row, width, glyphs.ellipsis) for row in shown)


def sampling(result: QuantizerResult, width: int) -> Sampling:
    """The columns that pictures have in a view of `width` columns."""
    stairs_columns = panel_width(len(result.schemes), width) - GUTTER
    return Sampling(max(stairs_columns, 2), histogram_width(width), strip_width(width))


def picture_width(width: int, size: Size) -> int:
    """Columns that a page gives to the picture that was asked for."""
    return split(width, SHARE).left if size == "large" else width


def dashboard(
    result: QuantizerResult,
    width: int,
    height: int,
    glyphs: Glyphs,
    size: Size = "small",
    current: int = 0,
    alone: bool = False,
) -> Page:
    """What the pane shows: the view and its sentence, and unless it is `alone` more views where there is room.

    Only a view that is itself too tall makes the picture scroll.
    """
    if size == "large" and not alone:
        return _large(result, width, height, glyphs, current)
    if size == "medium" and not alone:
        return _medium(result, width, height, glyphs, current)
    column = PageColumn(Drawer(result, glyphs), width)
    sentence_rows = _sentence_of(result, width)
    notes = min(len(result.notes), 2) if height >= LOW else 0
    column.main(height - len(sentence_rows) - notes, sentence_rows, alone)
    rows = (*column.picture, *_remarks(result, width, max(height - len(column.picture), 0)))
    return Page(tuple(crop(row, width, glyphs.ellipsis) for row in rows), column.panels)


def _sentence_of(result: QuantizerResult, width: int) -> Picture:
    return sentence(words.sentence(result, result.scenario.show), width)


def _remarks(result: QuantizerResult, width: int, most: int) -> Picture:
    return tuple(line((text, "dim")) for text in words.remarks(result.notes, most))


class Drawer:
    """Draws the views of one page, each of a size once: how tall a picture is decides where another has room."""

    def __init__(self, result: QuantizerResult, glyphs: Glyphs) -> None:
        self.result, self.glyphs = result, glyphs
        self._drawn: dict[tuple[str, int, int], Picture] = {}

    def view(self, name: str, width: int, height: int) -> Picture:
        """The view called `name`, as `view` draws it."""
        key = name, width, height
        if key not in self._drawn:
            self._drawn[key] = view(self.result, width, height, self.glyphs, name)
        return self._drawn[key]


class PageColumn:
    """Views below each other, each under its title but the first of a small window."""

    def __init__(self, drawer: Drawer, width: int, *, titled: bool = False) -> None:
        self.drawer, self.width, self.titled = drawer, width, titled
        self.result, self.glyphs = drawer.result, drawer.glyphs
        self.picture: Picture = ()
        self.panels: tuple[Panel, ...] = ()

    def rows(self, rows: Sequence[Line]) -> None:
        """Rows of something else."""
        self.picture = (*self.picture, *rows)

    def heading(self, name: str) -> Picture:
        """The rows over a view: a blank one, unless it is the first, and its title."""
        if not self.panels and not self.titled:
            return ()
        return (*(((),) if self.panels else ()), title(VIEWS[name], self.width, self.glyphs))

    def drawn(self, name: str, room: int) -> Picture:
        """A view in `room` rows, those of its heading included."""
        return self.drawer.view(name, self.width, room - len(self.heading(name)))

    def put(self, name: str, room: int, shown: Picture) -> None:
        """A view that is drawn already; unless it is the first, it is cut to `room`."""
        heading = self.heading(name)
        height = room - len(heading)
        top = len(self.picture) + len(heading)
        rows = shown[:height] if self.panels else shown
        self.panels += (Panel(name, 0, top, self.width, height),)
        self.rows((*heading, *rows))

    def view(self, name: str, room: int) -> None:
        """A view in at most `room` rows, its heading included, unless it is the first and needs more."""
        self.put(name, room, self.drawn(name, room))

    def main(self, room: int, sentence_rows: Picture, alone: bool = False) -> None:
        """The view that was asked for and, unless it is `alone`, others below it, in `room` rows, and its sentence.

        The sentence follows, but where the view is so tall that the picture scrolls it comes first.
        """
        name = self.result.scenario.show
        shown = self.drawn(name, room)
        fits = len(self.heading(name)) + len(shown) <= room
        if not fits:
            self.rows(sentence_rows)
        self.put(name, room, shown)
        if not alone:
            self.fill(room)
        if fits:
            self.rows(sentence_rows)

    def fill(self, room: int) -> None:
        """Further views under those that are here, as long as `room` rows leave space for them whole."""
        here = {panel.view for panel in self.panels}
        self.whole([name for name in UNDER if name not in here], room)

    def code(self, room: int, current: int) -> None:
        """The code of the `current` scheme, and of those after it that fit `room` rows."""
        schemes = len(self.result.schemes)
        order = sorted(range(schemes), key=lambda index: (index - current) % schemes)
        shown: Picture = ()
        for count in range(1, schemes + 1):
            more = code_of(self.result, sorted(order[:count]), self.width)
            if count > 1 and len(more) >= room:
                break
            shown = more
        self.panels += (Panel("code", 0, 1, self.width, len(shown)),)
        heading = title(VIEWS["code"], self.width, self.glyphs)
        self.rows((heading, *(crop(row, self.width, self.glyphs.ellipsis) for row in shown)))

    def whole(self, names: Sequence[str], room: int) -> None:
        """Those of the views `names` that fit `room` rows whole."""
        for name in names:
            left = room - len(self.picture)
            if left > LEAST - 2:
                shown = self.drawn(name, left)
                if len(self.heading(name)) + len(shown) <= left:
                    self.put(name, left, shown)


def _medium(result: QuantizerResult, width: int, height: int, glyphs: Glyphs, current: int) -> Page:
    """The picture over the whole width; under it the table, and the ledger beside that."""
    sentence_rows = _sentence_of(result, width)
    drawer = Drawer(result, glyphs)
    upper = PageColumn(drawer, width, titled=True)
    most = _rows_below(drawer, width, height - len(sentence_rows), MOST_UNDER)
    # A picture of many schemes needs all the rows.
    lower = _lower(drawer, width, most if len(result.schemes) <= MANY else 0, current)
    upper.main(height - len(sentence_rows) - (len(lower.picture) + 1 if lower.picture else 0), sentence_rows)
    return _over(result, upper, lower, width, height, glyphs)


def _large(result: QuantizerResult, width: int, height: int, glyphs: Glyphs, current: int) -> Page:
    """The picture at the left, figures and ledger at its right, the table and the code under both."""
    name = result.scenario.show
    columns = split(width, SHARE)
    sentence_rows = _sentence_of(result, columns.left)
    drawer = Drawer(result, glyphs)
    below = _rows_below(drawer, columns.left, height - len(sentence_rows), MOST_UNDER + 2)
    lower = _lower(drawer, width, below, current)
    rows = height - (len(lower.picture) + 1 if lower.picture else 0)
    left = PageColumn(drawer, columns.left, titled=True)
    left.main(rows - len(sentence_rows), sentence_rows)
    right = PageColumn(drawer, columns.right, titled=True)
    scores = figures(result, columns.right, glyphs, current)
    right.rows((title("Figures", columns.right, glyphs), *scores))
    right.panels = (Panel("scores", 0, 1, columns.right, len(scores)),)
    shown = (name, *(panel.view for panel in lower.panels))
    right.whole([v for v in RIGHT if v not in shown], max(rows, len(left.picture)))
    moved = tuple(panel._replace(x=columns.left + GAP) for panel in right.panels)
    upper = PageColumn(drawer, width)
    upper.picture = beside(left.picture, right.picture, columns)
    upper.panels = (*left.panels, *moved)
    return _over(result, upper, lower, width, height, glyphs)


def _rows_below(drawer: Drawer, width: int, height: int, most: int) -> int:
    """Rows that a picture in `height` rows leaves to what stands under it, `most` at most."""
    name, least = drawer.result.scenario.show, height - most - 2
    if name == "map":  # which is drawn again as high as it turns out to be
        return min(most, most - 1 + least - sum(rows_of_schemes(len(drawer.result.schemes), least)))
    return min(most, most + least - len(drawer.view(name, width, least)))


def _lower(drawer: Drawer, width: int, most: int, current: int) -> PageColumn:
    """Two views side by side under the picture, no taller than they need: the table and what is not on show above."""
    both, result = PageColumn(drawer, width), drawer.result
    if most < LEAST:
        return both
    wide = size_of(width, 99) == "large"
    names = [v for v in ("table", "code", "ledger") if v != result.scenario.show and (wide or v != "code")]
    names = (names + ["line"])[:2]
    columns = split(width, 0.5 if wide else 0.55)
    need = {"table": min(len(result.schemes[0].stored.x) + 3, most)}
    parts = []
    for name, cells in zip(names, (columns.left, columns.right), strict=True):
        part = PageColumn(drawer, cells, titled=True)
        if name == "code":
            part.code(most, current)
        else:
            part.view(name, need.get(name, most))
        part.picture = part.picture[:most]
        parts.append(part)
    both.picture = beside(parts[0].picture, parts[1].picture, columns)
    shifted = tuple(panel._replace(x=columns.left + GAP) for panel in parts[1].panels)
    both.panels = (*parts[0].panels, *shifted)
    return both


def _over(
    result: QuantizerResult, upper: PageColumn, lower: PageColumn, width: int, height: int, glyphs: Glyphs
) -> Page:
    """One part over the other if that has room, and remarks in what is left."""
    picture, panels = upper.picture, upper.panels
    if lower.picture and len(picture) + 1 + len(lower.picture) <= height:
        top = len(picture) + 1
        picture = (*picture, (), *lower.picture)
        panels += tuple(panel._replace(y=panel.y + top) for panel in lower.panels)
    costs = [cost_line(result, width, index) for index in range(len(result.schemes))]
    if height - len(picture) >= len(costs) + 2:
        picture = (*picture, (), title("What the scales cost", width, glyphs), *costs)
    rest = _remarks(result, width, max(height - len(picture), 0))
    return Page(tuple(crop(row, width, glyphs.ellipsis) for row in (*picture, *rest)), panels)


def page(result: QuantizerResult, width: int, glyphs: Glyphs) -> Picture:
    """What `qtui quantize` prints: the headline, where the numbers are from, the scores, the view, its sentence."""
    count = f"{result.count:,} numbers" if result.count != 1 else "1 number"
    origin = line((f" {result.title}, {count}", "dim"))
    scores = [headline(result, width, glyphs), origin, (), *scoreboard(result, width, glyphs)]
    costs = [cost_line(result, width, index) for index in range(len(result.schemes))]
    shown = view(result, width, min(24, max(16, result.count + 2)), glyphs)
    notes = tuple(line((text, "dim")) for text in result.notes)
    rows = (*scores, *costs, (), *shown, (), *_sentence_of(result, width), *(((), *notes) if notes else ()))
    return tuple(crop(row, width, glyphs.ellipsis) for row in rows)
