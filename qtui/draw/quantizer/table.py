"""The per-value table: what went in, the code that is stored, what comes back, and the error, scheme by scheme."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import NamedTuple

from qtui.compute.quantizer.stored import StoredWeights
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span, line
from qtui.draw.quantizer.parts import LETTERS, SERIES, percent, short

Cells = tuple[int, int, int]
VALUE = 10  # columns of a value
# Columns of a scheme's code, stored value and error: roomy, close, and without the code.
ROOMY, CLOSE, BARE = (8, 11, 8), (5, 9, 7), (0, 9, 7)


def table(schemes: Sequence[StoredWeights], at: int, width: int, height: int, glyphs: Glyphs) -> Picture:
    """Rows around weight `at`; the error as a share of the value. Many schemes stand closer, without their codes."""
    count = len(schemes[0].x)
    room = width - 6 - VALUE
    cells = next((each for each in (ROOMY, CLOSE, BARE) if sum(each) * len(schemes) <= room), BARE)
    fit = schemes[: max(1, room // sum(cells))]
    rows, start = max(1, height - 2), first_row(count, at, height)
    picture = [_heading(fit, sum(cells)), _units(fit, cells)]
    part = range(start, min(start + rows, count))
    starts = {schemes[0].members(schemes[0].group_of(i)).start for i in part}
    picture += _rows([_Columns.of(each, part) for each in fit], starts, cells, part, at, glyphs)
    return tuple(picture)


def first_row(count: int, at: int, height: int) -> int:
    """The first of `count` weights that is shown when weight `at` is."""
    rows = max(1, height - 2)
    return min(max(at - rows // 2, 0), max(count - rows, 0))


def _heading(schemes: Sequence[StoredWeights], room: int) -> Line:
    spans: list[Span | str] = [" " * (6 + VALUE)]
    for index, each in enumerate(schemes):
        spans.append((f" {LETTERS[index]} {each.label}"[: room - 1].ljust(room), SERIES[index]))
    return line(*spans)


def _units(schemes: Sequence[StoredWeights], cells: Cells) -> Line:
    head = "#".rjust(5) + "value".rjust(VALUE + 1)
    names = "".join(
        name.rjust(size) if size else "" for name, size in zip(("code", "back", "error"), cells, strict=True)
    )
    return line((head + names * len(schemes), "dim"))


class _Columns(NamedTuple):
    """The weights of one scheme that are shown, as plain numbers."""

    x: list[float]
    y: list[float]
    codes: list[str]

    @classmethod
    def of(cls, stored: StoredWeights, part: range) -> _Columns:
        cut = slice(part.start, part.stop)
        kept = frozenset(stored.kept.tolist())
        codes = zip(part, stored.codes[cut].tolist(), strict=True)
        return cls(
            stored.x[cut].tolist(), stored.y[cut].tolist(), ["kept" if i in kept else str(c) for i, c in codes]
        )


def _rows(
    schemes: Sequence[_Columns], starts: Container[int], cells: Cells, part: range, at: int, glyphs: Glyphs
) -> list[Line]:
    """A row for each value; a rule glyph before it marks where a block of the first scheme `starts`."""
    rows = []
    digits = 4 if cells[1] > 9 else 3
    for row, i in enumerate(part):
        here, x = i == at, schemes[0].x[row]
        spans: list[Span | str] = [
            (glyphs.right if here else glyphs.horizontal if i in starts else " ", "cursor" if here else "axis"),
            (str(i).rjust(4), "dim"),
            (short(x, 4).rjust(VALUE + 1), "strong" if here else ""),
        ]
        for index, each in enumerate(schemes):
            x, y = each.x[row], each.y[row]
            lost = x != 0 and y == 0
            if cells[0]:
                spans.append((each.codes[row].rjust(cells[0]), SERIES[index]))
            spans.append((short(y, digits).rjust(cells[1]), "bad" if lost else "strong" if here else ""))
            spans.append((_error(x, y).rjust(cells[2]), "bad" if lost else "dim"))
        rows.append(line(*spans))
    return rows


def _error(x: float, y: float) -> str:
    """The error as a share of the value; a zero that stays zero has none."""
    if x == 0:
        return "0 %" if y == 0 else "-"
    return percent(abs(y - x) / abs(x))
