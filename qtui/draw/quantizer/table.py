"""Tables of figures: the scoreboard, and value by value what went in, is stored, comes back, and is lost."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import NamedTuple

from qtui.draw.frame import SERIES
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span, crop, fitted, line
from qtui.draw.quantizer.parts import LETTERS, decibel, percent, short
from qtui.scenario.quantizer.result import QuantizerResult, Scheme

HEAD = ("bits/w", "mean err", "RMSE", "SQNR", "max err", "to 0")
SPARE = (5, 3, 6)  # columns to do without in a narrow window, the first of them first
NAME = 30  # columns that a scheme's name may take
Cells = tuple[int, int, int]
VALUE = 10  # columns of a value
# Columns of a scheme's code, stored value and error: roomy, close, and without the code.
ROOMY, CLOSE, BARE = (8, 11, 8), (5, 9, 7), (0, 9, 7)


def scoreboard(result: QuantizerResult, width: int, glyphs: Glyphs, current: int | None = None) -> Picture:
    """A heading and one line for each scheme; the best of each column is marked, and the `current` one pointed at."""
    schemes, best = result.schemes, result.best
    best_mark = "*" if glyphs.name == "ascii" else glyphs.yes
    legend = f"{best_mark} best" if len(schemes) > 1 else ""
    rows: list[list[Span | str]] = [[(text, "dim") for text in (legend, *HEAD)]]
    for index, scheme in enumerate(schemes):
        stats = scheme.stats
        cells = (
            f"{scheme.bits_per_weight:.4g}",
            percent(stats.mean_rel_error),
            short(stats.rmse, 4),
            decibel(stats.sqnr_db),
            short(stats.max_abs_error, 4),
            str(scheme.lost_to_zero),
        )
        pointer = "" if current is None else glyphs.right if current == index and len(schemes) > 1 else " "
        name = f"{pointer}{LETTERS[index]} {scheme.stored.label}"
        if len(name) > NAME:
            name = name[: NAME - 1] + glyphs.ellipsis
        row: list[Span | str] = [(name, SERIES[index])]
        for column, text in enumerate(cells):
            wins = len(schemes) > 1 and best[column] == index
            row.append((text + (best_mark if wins else " "), "good" if wins else ""))
        rows.append(row)
    return tuple(crop(row, width, glyphs.ellipsis) for row in fitted(rows, "lrrrrrr", width, SPARE))


def table(result: QuantizerResult, width: int, height: int, glyphs: Glyphs) -> Picture:
    """Rows around the weight looked at; the error as a share of the value.

    Many schemes stand closer, without their codes.
    """
    schemes, at = result.schemes, result.at
    stored = schemes[0].stored
    count = len(stored.x)
    room = width - 6 - VALUE
    cells = next((sizes for sizes in (ROOMY, CLOSE, BARE) if sum(sizes) * len(schemes) <= room), BARE)
    fit = schemes[: max(1, room // sum(cells))]
    rows, start = max(1, height - 2), first_row(count, at, height)
    picture = [_heading(fit, sum(cells)), _units(fit, cells)]
    part = range(start, min(start + rows, count))
    starts = {stored.members(stored.group_of(i)).start for i in part}
    picture += _rows([_Columns.of(scheme, part) for scheme in fit], starts, cells, part, at, glyphs)
    return tuple(picture)


def first_row(count: int, at: int, height: int) -> int:
    """The first of `count` weights that is shown when weight `at` is."""
    rows = max(1, height - 2)
    return min(max(at - rows // 2, 0), max(count - rows, 0))


def _heading(schemes: Sequence[Scheme], room: int) -> Line:
    spans: list[Span | str] = [" " * (6 + VALUE)]
    for index, scheme in enumerate(schemes):
        spans.append((f" {LETTERS[index]} {scheme.stored.label}"[: room - 1].ljust(room), SERIES[index]))
    return line(*spans)


def _units(schemes: Sequence[Scheme], cells: Cells) -> Line:
    head = "#".rjust(5) + "value".rjust(VALUE + 1)
    names = "".join(
        name.rjust(size) if size else "" for name, size in zip(("code", "back", "error"), cells, strict=True)
    )
    return line((head + names * len(schemes), "dim"))


class _Columns(NamedTuple):
    """The weights of one scheme that are shown, as plain numbers."""

    x: list[float]
    y: list[float]
    errors: list[float]  # relative
    codes: list[str]

    @classmethod
    def of(cls, scheme: Scheme, part: range) -> _Columns:
        cut, stored = slice(part.start, part.stop), scheme.stored
        kept = frozenset(stored.kept.tolist())
        codes = zip(part, stored.codes[cut].tolist(), strict=True)
        x, y, errors = (values[cut].tolist() for values in (stored.x, stored.y, scheme.relative))
        return cls(x, y, errors, ["kept" if i in kept else str(c) for i, c in codes])


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
        for index, scheme in enumerate(schemes):
            x, y = scheme.x[row], scheme.y[row]
            lost = x != 0 and y == 0
            if cells[0]:
                spans.append((scheme.codes[row].rjust(cells[0]), SERIES[index]))
            spans.append((short(y, digits).rjust(cells[1]), "bad" if lost else "strong" if here else ""))
            spans.append((_error(x, scheme.errors[row]).rjust(cells[2]), "bad" if lost else "dim"))
        rows.append(line(*spans))
    return rows


def _error(x: float, share: float) -> str:
    """The error as a share of the value `x`; a zero that stays zero has none."""
    return "0 %" if x == 0 and share == 0 else percent(share)
