"""The parts that every pane's picture is framed with, so that all of them look like one program.

Three weights of text: "strong" for titles and for the figure that matters, plain, "dim" for asides, units,
sources.
Groups have a title on a rule and one blank row between them; a large window holds two columns.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from qtui.draw.glyphs import Glyphs, plain
from qtui.draw.picture import Line, Picture, crop, line
from qtui.draw.picture import beside as side_by_side
from qtui.draw.safe import cell_count, cut, wrapped

Size = Literal["small", "medium", "large"]

GAP = 3  # cells between two columns
LEAST_COLUMN = 44  # cells below which a second column is of no use
SERIES = ("series1", "series2", "series3", "series4", "series5", "series6")  # accents of the schemes A to F


def size_of(width: int, height: int) -> Size:
    """Which layout a picture of `width` by `height` cells takes; a larger one shows all that a smaller one does."""
    if width >= 140 and height >= 34:
        return "large"
    return "medium" if width >= 100 and height >= 24 else "small"


def title(text: str, width: int, glyphs: Glyphs) -> Line:
    """The title of a group, on a rule: "── Ledger of bits ─────"."""
    rule = glyphs.horizontal
    rest = max(width - cell_count(text) - 4, 0)
    return crop(line((rule * 2 + " ", "axis"), (text, "strong"), (" " + rule * rest, "axis")), width)


def sentence(text: str, width: int, rows: int = 2, glyphs: Glyphs | None = None) -> Picture:
    """What a picture shows, in words: at most `rows` rows, in the characters that `glyphs` allow.

    Of what is longer, that in brackets goes first, from the last on.
    """
    text = plain(text) if glyphs is not None and glyphs.name == "ascii" else text
    written = wrapped(text, max(width, 1))
    while len(written) > rows > 0 and (shorter := re.sub(r" \([^()]*\)(?!.*\()", "", text)) != text:
        text, written = shorter, wrapped(shorter, max(width, 1))
    if len(written) > rows > 0:
        ellipsis = glyphs.ellipsis if glyphs is not None else "..."
        written[rows - 1] = cut(written[rows - 1], width - len(ellipsis)).rstrip(" ,;:") + ellipsis
    return tuple(line((row, "sentence")) for row in written[: max(rows, 0)])


def group(name: str, rows: Sequence[Line], width: int, glyphs: Glyphs) -> Picture:
    """`rows` under their title; nothing where there are none."""
    return (title(name, width, glyphs), *rows) if rows else ()


def stack(*parts: Sequence[Line], height: int | None = None) -> Picture:
    """Groups below each other with a blank row between them; those that do not fit `height` whole are left out."""
    picture: list[Line] = []
    for part in parts:
        gap: list[Line] = [()] if picture else []
        if part and (height is None or len(picture) + len(gap) + len(part) <= height):
            picture += [*gap, *part]
    return tuple(picture)


class Columns(NamedTuple):
    """Cells of the two columns of a window; `right` is 0 where there is room for one only."""

    left: int
    right: int


def split(width: int, share: float = 0.6) -> Columns:
    """The columns of a picture `width` cells wide, the left one with `share` of it."""
    left = round((width - GAP) * share)
    right = width - GAP - left
    return Columns(width, 0) if min(left, right) < LEAST_COLUMN else Columns(left, right)


def beside(left: Sequence[Line], right: Sequence[Line], columns: Columns) -> Picture:
    """Two columns of a picture."""
    return side_by_side(left, right, columns.left, GAP)
