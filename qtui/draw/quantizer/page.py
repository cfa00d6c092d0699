"""The pages that show the Quantizer: one view, or several around it where there is room.

A page remembers where each of its views stands, so that a click finds it.
"""

from __future__ import annotations

from typing import NamedTuple

from qtui.draw.frame import GAP, Size, beside, sentence, size_of, split, title
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture, crop, line
from qtui.draw.quantizer import words
from qtui.draw.quantizer.map import rows_of_schemes
from qtui.draw.quantizer.scores import cost_line, figures, headline, scoreboard
from qtui.draw.quantizer.views import LEAST, Drawer, PageColumn, Panel, view, view_of
from qtui.scenario.quantizer.result import QuantizerResult

RIGHT = ("ledger", "bytes", "code")  # what stands beside a picture, in this order
SHARE = 0.6  # of a wide window's columns that the picture has
MOST_UNDER = 14  # rows of what stands under the picture
MANY = 3  # schemes beyond which a medium page has no room under its picture
LOW = 15  # rows below which remarks are left out


class Page(NamedTuple):
    """A picture of several views, and where each of them is."""

    picture: Picture
    panels: tuple[Panel, ...]


NOTHING = Page((), ())


def picture_width(width: int, size: Size) -> int:
    """Columns that a page gives to the picture that was asked for."""
    return split(width, SHARE).left if size == "large" else width


def dashboard(
    drawer: Drawer, width: int, height: int, size: Size = "small", current: int = 0, alone: bool = False
) -> Page:
    """What the pane shows: the view and its sentence, and unless it is `alone` more views where there is room.

    Only a view that is itself too tall makes the picture scroll.
    """
    if size == "large" and not alone:
        return _large(drawer, width, height, current)
    if size == "medium" and not alone:
        return _medium(drawer, width, height, current)
    column, result = PageColumn(drawer, width), drawer.result
    sentence_rows = _sentence_of(result, width)
    notes = min(len(result.notes), 2) if height >= LOW else 0
    column.main(height - len(sentence_rows) - notes, sentence_rows, alone)
    rows = (*column.picture, *_remarks(result, max(height - len(column.picture), 0)))
    return Page(tuple(crop(row, width, drawer.glyphs.ellipsis) for row in rows), column.panels)


def _sentence_of(result: QuantizerResult, width: int) -> Picture:
    return sentence(view_of(result.scenario.view).sentence(result), width)


def _remarks(result: QuantizerResult, most: int) -> Picture:
    return tuple(line((text, "dim")) for text in words.remarks(result.notes, most))


def _medium(drawer: Drawer, width: int, height: int, current: int) -> Page:
    """The picture over the whole width; under it the table, and the ledger beside that."""
    sentence_rows = _sentence_of(drawer.result, width)
    upper = PageColumn(drawer, width, titled=True)
    most = _rows_below(drawer, width, height - len(sentence_rows), MOST_UNDER)
    # A picture of many schemes needs all the rows.
    lower = _lower(drawer, width, most if len(drawer.result.schemes) <= MANY else 0, current)
    rows = height - (len(lower.picture) + 1 if lower.picture else 0)
    upper.main(rows - len(sentence_rows), sentence_rows, besides=lower.panels)
    return _over(drawer, upper, lower, width, height)


def _large(drawer: Drawer, width: int, height: int, current: int) -> Page:
    """The picture at the left, figures and ledger at its right, the table and the code under both."""
    result, glyphs = drawer.result, drawer.glyphs
    name = result.scenario.view
    columns = split(width, SHARE)
    sentence_rows = _sentence_of(result, columns.left)
    below = _rows_below(drawer, columns.left, height - len(sentence_rows), MOST_UNDER + 2)
    lower = _lower(drawer, width, below, current)
    rows = height - (len(lower.picture) + 1 if lower.picture else 0)
    left = PageColumn(drawer, columns.left, titled=True)
    left.main(rows - len(sentence_rows), sentence_rows, besides=lower.panels)
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
    return _over(drawer, upper, lower, width, height)


def _rows_below(drawer: Drawer, width: int, height: int, most: int) -> int:
    """Rows that a picture in `height` rows leaves to what stands under it, `most` at most."""
    name, least = drawer.result.scenario.view, height - most - 2
    if name == "map":  # which is drawn again as high as it turns out to be
        return min(most, most - 1 + least - sum(rows_of_schemes(len(drawer.result.schemes), least)))
    return min(most, most + least - len(drawer.view(name, width, least)))


def _lower(drawer: Drawer, width: int, most: int, current: int) -> PageColumn:
    """Two views side by side under the picture, no taller than they need: the table and what is not on show above."""
    both, result = PageColumn(drawer, width), drawer.result
    if most < LEAST:
        return both
    wide = size_of(width, 99) == "large"
    names = [v for v in ("table", "code", "ledger") if v != result.scenario.view and (wide or v != "code")]
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


def _over(drawer: Drawer, upper: PageColumn, lower: PageColumn, width: int, height: int) -> Page:
    """One part over the other if that has room, and remarks in what is left."""
    result, glyphs = drawer.result, drawer.glyphs
    picture, panels = upper.picture, upper.panels
    if lower.picture and len(picture) + 1 + len(lower.picture) <= height:
        top = len(picture) + 1
        picture = (*picture, (), *lower.picture)
        panels += tuple(panel._replace(y=panel.y + top) for panel in lower.panels)
    costs = _costs(result, width)
    if len(costs) > 1 and height - len(picture) >= len(costs) + 2:  # that of one alone stands in the head
        picture = (*picture, (), title("What the scales cost", width, glyphs), *costs)
    rest = _remarks(result, max(height - len(picture), 0))
    return Page(tuple(crop(row, width, glyphs.ellipsis) for row in (*picture, *rest)), panels)


def _costs(result: QuantizerResult, width: int) -> Picture:
    """What the scales of each scheme cost that has any."""
    paying = [index for index, scheme in enumerate(result.schemes) if scheme.shared_bits]
    return tuple(cost_line(result, width, index) for index in paying)


def page(result: QuantizerResult, width: int, glyphs: Glyphs) -> Picture:
    """What `qtui quantize` prints: the headline, where the numbers are from, the scores, the view, its sentence."""
    count = f"{result.count:,} numbers" if result.count != 1 else "1 number"
    origin = line((f" {result.title}, {count}", "dim"))
    scores = [headline(result, width, glyphs), origin, (), *scoreboard(result, width, glyphs)]
    costs = _costs(result, width)
    shown = view(result, width, min(24, max(16, result.count + 2)), glyphs)
    notes = tuple(line((text, "dim")) for text in result.notes)
    rows = (*scores, *costs, (), *shown, (), *_sentence_of(result, width), *(((), *notes) if notes else ()))
    return tuple(crop(row, width, glyphs.ellipsis) for row in rows)
