"""Error statistics as tables: one row a format, one row a tensor, the worst blocks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from qtui.draw.glyphs import Glyphs
from qtui.draw.histogram import ROLES
from qtui.draw.picture import Line, Picture, Span, columns, crop, line, width
from qtui.draw.ticks import significant


class Figures(Protocol):
    """The statistics that a row shows; NaN where one does not exist."""

    @property
    def rmse(self) -> float: ...
    @property
    def relative_rmse(self) -> float: ...
    @property
    def sqnr_db(self) -> float: ...
    @property
    def max_abs_error(self) -> float: ...
    @property
    def mean_error(self) -> float: ...
    @property
    def mean_abs_error(self) -> float: ...
    @property
    def cosine(self) -> float: ...


@dataclass(frozen=True)
class FormatRow:
    """One format's line: its figures, or the `problem` that keeps it from storing all or some of the data."""

    name: str
    bits: float
    figures: Figures | None
    high: float = math.nan  # |e| that 99 % do not exceed
    clipped: float = math.nan  # share
    problem: str = ""


def decibels(value: float) -> str:
    """SQNR with one decimal; "exact" where nothing was lost."""
    return "exact" if value == math.inf else "-" if math.isnan(value) else f"{value:.1f}"


def format_table(rows: Sequence[FormatRow], cells: int, glyphs: Glyphs) -> Picture:
    """A row a format; the columns on the right give way where there is no room."""
    heads = ("format", "bits/w", "SQNR dB", "RMSE", "max |e|", "99% |e|", "rel.RMSE", "bias", "cosine", "clipped")
    for count in range(len(heads), 3, -1):
        table = [[(head, "strong") for head in heads[:count]]]
        for index, row in enumerate(rows):
            name = (row.name, ROLES[index % len(ROLES)])
            table.append([name, *((text, "") for text in _cells(row)[: count - 1])])
        picture = columns(table, "l" + "r" * (count - 1))
        if max(width(each) for each in picture) <= cells:
            break
    notes = [line((f"{row.name}: {row.problem}", "warn")) for row in rows if row.problem]
    return tuple(crop(row, cells, glyphs.ellipsis) for row in (*picture, *notes))


def _cells(row: FormatRow) -> list[str]:
    bits = f"{row.bits:.4g}" if not math.isnan(row.bits) else "-"
    if row.figures is None:
        return [bits, "-", "-", "-", "-", "-", "-", "-", "-"]
    f = row.figures
    relative = f"{100 * f.relative_rmse:.2f}%" if not math.isnan(f.relative_rmse) else "-"
    clipped = f"{100 * row.clipped:.2f}%" if not math.isnan(row.clipped) else "-"
    cosine = f"{f.cosine:.6f}" if not math.isnan(f.cosine) else "-"
    return [
        bits,
        decibels(f.sqnr_db),
        significant(f.rmse),
        significant(math.nan if math.isnan(f.rmse) else f.max_abs_error),
        significant(row.high),
        relative,
        significant(f.mean_error, 2),
        cosine,
        clipped,
    ]


def wrapped(texts: Sequence[Span | str], cells: int, gap: str = "   ") -> Picture:
    """Phrases put on as few rows as they need, none cut in two."""
    rows: list[Line] = []
    row: Line = ()
    for text in texts:
        longer = line(*row, gap if row else "", text)
        if row and width(longer) > cells:
            rows.append(row)
            longer = line(text)
        row = longer
    return (*rows, row) if row else tuple(rows)
