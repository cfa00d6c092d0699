"""Each view's drawing and its sentence. A view is drawn by the module of its name in this package."""

from __future__ import annotations

from importlib import import_module
from typing import Protocol, cast

from qtui.draw.frame import sentence as in_rows
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture, crop, line
from qtui.scenario.bits.result import BitsResult

SENTENCE = 2  # rows
LEAST = 12  # rows from which on there is room for a sentence


class View(Protocol):
    """What the module of a view offers: what it plots, its picture and its sentence."""

    ROWS: int  # of a printed picture

    def plot_columns(self, result: BitsResult, width: int, height: int) -> int:
        """Columns of the plot in a picture of that size, 0 where it has none; `result` is plotted in as many."""
        ...

    def picture(
        self, result: BitsResult, width: int, height: int, glyphs: Glyphs, cursor: int | None = None
    ) -> Picture:
        """The picture; what the keyboard marks has number `cursor`, None in print."""
        ...

    def sentence(self, result: BitsResult) -> str:
        """What there is to see."""
        ...


def view_of(name: str) -> View:
    """The drawing of the view called `name`."""
    return cast(View, import_module(f"qtui.draw.bits.{name}"))


def sentence(result: BitsResult, view: str = "") -> str:
    """What there is to see in `view`, by default that of `result`; `result` is plotted for it."""
    return view_of(view or result.view).sentence(result)


def picture_rows(height: int) -> int:
    """Rows of a window that are left for the picture above its sentence."""
    return height - SENTENCE if height >= LEAST else height


def drawing(result: BitsResult, width: int, height: int, glyphs: Glyphs, cursor: int | None = None) -> Picture:
    """The view of `result` in a window, its sentence in the last rows."""
    rows = picture_rows(height)
    picture = view_of(result.view).picture(result, width, rows, glyphs, cursor)
    return with_sentence(picture, result, width, height)


def with_sentence(picture: Picture, result: BitsResult, width: int, height: int) -> Picture:
    """`picture` with the sentence of `result` in the last rows of a window `height` high."""
    rows = picture_rows(height)
    if rows == height or len(picture) > rows:
        return picture
    words = in_rows(sentence(result), width)
    gap = height - len(picture) - len(words)
    return (*picture, *[line()] * gap, *words)


def printed(result: BitsResult, width: int, glyphs: Glyphs) -> Picture:
    """The view of `result` for the command line, as tall as it needs, its sentence below."""
    view = view_of(result.view)
    picture = view.picture(result, width, view.ROWS, glyphs)
    while picture and not picture[-1]:
        picture = picture[:-1]
    head = line((result.format.name[: width // 2], "strong"), (f"  {result.format.description}", "dim"))
    return (crop(head, width), *picture, line(), *in_rows(view.sentence(result), width))


def printed_columns(result: BitsResult, width: int) -> int:
    """Columns of the plot of a printed picture."""
    view = view_of(result.view)
    return view.plot_columns(result, width, view.ROWS)
