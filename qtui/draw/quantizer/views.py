"""The Quantizer's views, each drawn by the module of its name in this package, and columns of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import NamedTuple, Protocol, cast

from qtui.draw.frame import title
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, crop, line
from qtui.draw.quantizer.blocks import strip_width
from qtui.draw.quantizer.code import code_of
from qtui.draw.quantizer.grid import histogram_width
from qtui.draw.quantizer.stairs import GUTTER, panel_width
from qtui.scenario.quantizer.result import QuantizerResult, Sampling
from qtui.scenario.quantizer.scenario import VIEWS

Sample = Callable[[QuantizerResult], QuantizerResult]

SAMPLED = ("grid", "stairs", "blocks", "tile")  # what needs samples
UNDER = ("map", "grid", "stairs", "blocks", "line", "table")  # what fills a column under a picture that leaves room
LEAST = 7  # rows below which another view is of no use


class QuantizerView(Protocol):
    """What the module of a view offers: its picture and its sentence."""

    def picture(self, result: QuantizerResult, width: int, height: int, glyphs: Glyphs) -> Picture:
        """The picture, in `width` columns and about `height` rows."""
        ...

    def sentence(self, result: QuantizerResult) -> str:
        """What there is to see, and why."""
        ...


def view_of(name: str) -> QuantizerView:
    """The drawing of the view called `name`, one of VIEWS."""
    return cast(QuantizerView, import_module(f"qtui.draw.quantizer.{name}"))


class Panel(NamedTuple):
    """Where a view stands in a page: its upper left cell, and the columns and rows it was drawn in."""

    view: str
    x: int
    y: int
    width: int
    height: int


def view(result: QuantizerResult, width: int, height: int, glyphs: Glyphs, name: str = "") -> Picture:
    """The view called `name`, or the one that the Scenario asks for, in `width` columns and about `height` rows.

    `result` has what that view needs: all that its Scenario asks for, and samples as `sampling` says.
    """
    shown = view_of(name or result.scenario.view).picture(result, width, height, glyphs)
    return tuple(crop(row, width, glyphs.ellipsis) for row in shown)


def sampling(result: QuantizerResult, width: int) -> Sampling:
    """The columns that pictures have in a view of `width` columns."""
    stairs_columns = panel_width(len(result.schemes), width) - GUTTER
    return Sampling(max(stairs_columns, 2), histogram_width(width), strip_width(width))


class Drawer:
    """Draws the views of one page, each of a size once: how tall a picture is decides where another has room.

    `sample` gives a Result its samples, once a view needs them.
    """

    def __init__(self, result: QuantizerResult, glyphs: Glyphs, sample: Sample) -> None:
        self.result, self.glyphs, self._sample = result, glyphs, sample
        self._drawn: dict[tuple[str, int, int], Picture] = {}

    def view(self, name: str, width: int, height: int) -> Picture:
        """The view called `name`, as `view` draws it."""
        key = name, width, height
        if name in SAMPLED and self.result.sampled is None:
            self.result = self._sample(self.result)
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

    def main(self, room: int, sentence_rows: Picture, alone: bool = False, besides: Sequence[Panel] = ()) -> None:
        """The view that was asked for and, unless it is `alone`, others below it, in `room` rows, and its sentence.

        What stands elsewhere, `besides`, is not among the others.
        The sentence follows, but where the view is so tall that the picture scrolls it comes first, unless that would
        leave next to nothing of the view on show.
        """
        name = self.result.scenario.view
        shown = self.drawn(name, room)
        follows = len(self.heading(name)) + len(shown) <= room or room < LEAST
        if not follows:
            self.rows(sentence_rows)
        self.put(name, room, shown)
        if not alone:
            here = {panel.view for panel in (*self.panels, *besides)}
            self.whole([other for other in UNDER if other not in here], room)
        if follows:
            self.rows(sentence_rows)

    def code(self, room: int, current: int) -> None:
        """The code of the `current` scheme, and of those after it that fit `room` rows."""
        schemes = len(self.result.schemes)
        order = sorted(range(schemes), key=lambda index: (index - current) % schemes)
        shown, count = code_of(self.result, order[:1], self.width), 1
        while count < schemes:
            more = code_of(self.result, sorted(order[: count + 1]), self.width)
            if len(more) >= room:
                break
            shown, count = more, count + 1
        if count < schemes and len(shown) + 2 < room:
            shown = (*shown, (), line((f"{schemes - count} more in {VIEWS['code']}", "dim")))
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
