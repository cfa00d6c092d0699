"""A grid of cells to draw on out of order, and connecting lines whose crossings join by themselves."""

from __future__ import annotations

from itertools import groupby

from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span

UP, DOWN, LEFT, RIGHT = 1, 2, 4, 8

# Box-drawing characters by the directions in which a cell is left; index = sum of the four constants above.
_BOX = " ╵╷│╴╯╮┤╶╰╭├─┴┬┼"
_BOX_ASCII = " |||-+++-+++-+++"
_HEAVY = " ╹╻┃╸┛┓┫╺┗┏┣━┻┳╋"
_HEAVY_ASCII = " ###=###=###=###"


class Canvas:
    """`width` by `height` cells, each one character with a role; writing outside is ignored."""

    def __init__(self, width: int, height: int, glyphs: Glyphs) -> None:
        self.width = width
        self.height = height
        self.glyphs = glyphs
        self._texts = [[" "] * width for _ in range(height)]
        self._roles = [[""] * width for _ in range(height)]
        self._wires: dict[tuple[int, int], tuple[int, str]] = {}
        self._heavy_wires: dict[tuple[int, int], tuple[int, str]] = {}

    def put(self, x: int, y: int, text: str, role: str = "") -> None:
        """Write `text` from cell (x, y) to the right."""
        if 0 <= y < self.height:
            if x < 0 or x + len(text) > self.width:
                text, x = text[max(-x, 0) : max(self.width - x, 0)], max(x, 0)
            self._texts[y][x : x + len(text)] = text
            self._roles[y][x : x + len(text)] = [role] * len(text)

    def at(self, x: int, y: int) -> str:
        """The character in cell (x, y); a space outside."""
        return self._texts[y][x] if 0 <= x < self.width and 0 <= y < self.height else " "

    def is_blank(self, start: int, stop: int, y: int) -> bool:
        """Whether nothing is written from cell `start` of row `y` to the one before `stop`."""
        return self._texts[y][start:stop].count(" ") == stop - start

    def wire(self, x: int, y: int, directions: int, role: str = "axis", heavy: bool = False) -> None:
        """Leave cell (x, y) in `directions`; directions laid over each other join to one character.

        A `heavy` line lies over the others: its own directions alone show where it passes.
        """
        if not (0 <= x < self.width and 0 <= y < self.height):
            return
        joined, _ = self._heavy_wires.get((x, y), (0, "")) if heavy else self._wires.get((x, y), (0, ""))
        joined |= directions
        (self._heavy_wires if heavy else self._wires)[x, y] = (joined, role)
        ascii_only = self.glyphs.name == "ascii"
        box = (_HEAVY_ASCII if ascii_only else _HEAVY) if heavy else (_BOX_ASCII if ascii_only else _BOX)
        self._texts[y][x], self._roles[y][x] = box[joined], role

    def box(self, x: int, y: int, width: int, height: int, role: str = "axis") -> None:
        """A frame of `width` by `height` cells around what is drawn there."""
        right, bottom = x + width - 1, y + height - 1
        for column in range(x, right + 1):
            for row, inwards in ((y, DOWN), (bottom, UP)):
                sides = (LEFT if column > x else 0) | (RIGHT if column < right else 0)
                self.wire(column, row, sides if x < column < right else sides | inwards, role)
        for row in range(y + 1, bottom):
            self.wire(x, row, UP | DOWN, role)
            self.wire(right, row, UP | DOWN, role)

    def elbow(self, x: int, to: int, y: int, role: str = "axis", heavy: bool = False) -> None:
        """A connector within row `y`: enters from above at column `x`, leaves below at column `to`."""
        if x == to:
            self.wire(x, y, UP | DOWN, role, heavy)
            return
        step = 1 if to > x else -1
        towards, back = (RIGHT, LEFT) if step > 0 else (LEFT, RIGHT)
        self.wire(x, y, UP | towards, role, heavy)
        for between in range(x + step, to, step):
            self.wire(between, y, LEFT | RIGHT, role, heavy)
        self.wire(to, y, DOWN | back, role, heavy)

    def picture(self) -> Picture:
        """The rows."""
        return tuple(map(_spans, self._texts, self._roles))


def _spans(texts: list[str], roles: list[str]) -> Line:
    spans: list[Span] = []
    start = 0
    for role, run in groupby(roles):
        stop = start + len(list(run))
        spans.append(("".join(texts[start:stop]), role))
        start = stop
    return tuple(spans)
