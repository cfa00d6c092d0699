"""The per-value table: what went in, the code that is stored, what comes back, and the error, scheme by scheme."""

from __future__ import annotations

from collections.abc import Sequence

from qtui.compute.playground import Stored
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span, line
from qtui.draw.quantizer_parts import LETTERS, SERIES, percent, short

VALUE = 11  # columns of "#123  -0.0123"
SCHEME = 27  # columns of one scheme: code, back, error


def table(schemes: Sequence[Stored], at: int, width: int, height: int, glyphs: Glyphs) -> Picture:
    """Rows around weight `at`; as many schemes as fit, the error as a share of the value."""
    count = len(schemes[0].x)
    fit = schemes[: max(1, (width - 6 - VALUE) // SCHEME)]
    rows, start = max(1, height - 2), first_row(count, at, height)
    picture = [_heading(fit), _units(fit)]
    picture += [_row(fit, i, i == at, glyphs) for i in range(start, min(start + rows, count))]
    return tuple(picture)


def first_row(count: int, at: int, height: int) -> int:
    """The first of `count` weights that is shown when weight `at` is."""
    rows = max(1, height - 2)
    return min(max(at - rows // 2, 0), max(count - rows, 0))


def _heading(schemes: Sequence[Stored]) -> Line:
    spans: list[Span | str] = [" " * (6 + VALUE)]
    for index, each in enumerate(schemes):
        spans.append((f"  {LETTERS[index]} {each.label}"[:SCHEME].ljust(SCHEME), SERIES[index]))
    return line(*spans)


def _units(schemes: Sequence[Stored]) -> Line:
    head = "#".rjust(5) + "value".rjust(VALUE + 1)
    return line((head + "".join("code".rjust(8) + "back".rjust(11) + "error".rjust(8) for _ in schemes), "dim"))


def _row(schemes: Sequence[Stored], i: int, here: bool, glyphs: Glyphs) -> Line:
    """One value; a rule glyph before it marks where a block of the first scheme begins."""
    first = schemes[0]
    begins = i == first.members(first.group_of(i)).start
    spans: list[Span | str] = [
        (glyphs.right if here else glyphs.horizontal if begins else " ", "cursor" if here else "axis"),
        (str(i).rjust(4), "dim"),
        (short(float(first.x[i]), 4).rjust(VALUE + 1), "strong" if here else ""),
    ]
    for index, each in enumerate(schemes):
        x, y = float(each.x[i]), float(each.y[i])
        code = "kept" if i in each.kept else str(each.codes[i])
        lost = x != 0 and y == 0
        spans.append((code.rjust(8), SERIES[index]))
        spans.append((short(y, 4).rjust(11), "bad" if lost else "strong" if here else ""))
        spans.append((_error(x, y).rjust(8), "bad" if lost else "dim"))
    return line(*spans)


def _error(x: float, y: float) -> str:
    """The error as a share of the value; a zero that stays zero has none."""
    if x == 0:
        return "0 %" if y == 0 else "-"
    return percent(abs(y - x) / abs(x))
