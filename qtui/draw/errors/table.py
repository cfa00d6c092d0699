"""Error statistics as tables: one row a format, one row a tensor, the worst blocks."""

from __future__ import annotations

import math
from collections.abc import Sequence

from qtui.compute.errors.survey import SHARES
from qtui.draw.glyphs import Glyphs
from qtui.draw.histogram import ROLES
from qtui.draw.picture import Line, Picture, Span, columns, crop, line, width
from qtui.draw.ticks import significant
from qtui.scenario.errors.result import FormatErrors

P99 = SHARES.index(0.99)


def decibels(value: float) -> str:
    """SQNR with one decimal; "exact" where nothing was lost."""
    return "exact" if value == math.inf else "-" if math.isnan(value) else f"{value:.1f}"


def format_table(totals: Sequence[FormatErrors], cells: int, glyphs: Glyphs) -> Picture:
    """A row a format; the columns on the right give way where there is no room."""
    heads = ("format", "bits/w", "SQNR dB", "RMSE", "max |e|", "99% |e|", "rel.RMSE", "bias", "cosine", "clipped")
    for count in range(len(heads), 3, -1):
        table = [[(head, "strong") for head in heads[:count]]]
        for index, total in enumerate(totals):
            name = (total.figures.format, ROLES[index % len(ROLES)])
            table.append([name, *((text, "") for text in _cells(total)[: count - 1])])
        picture = columns(table, "l" + "r" * (count - 1))
        if max(width(row) for row in picture) <= cells:
            break
    notes = [line((f"{total.figures.format}: {note}", "warn")) for total in totals if (note := _note(total))]
    return tuple(crop(row, cells, glyphs.ellipsis) for row in (*picture, *notes))


def _cells(total: FormatErrors) -> list[str]:
    f = total.figures
    bits = f"{f.bits_per_weight:.4g}" if not math.isnan(f.bits_per_weight) else "-"
    if f.problem:
        return [bits, "-", "-", "-", "-", "-", "-", "-", "-"]
    relative = f"{100 * f.relative_rmse:.2f}%" if not math.isnan(f.relative_rmse) else "-"
    clipped = f"{100 * total.clipped:.2f}%" if not math.isnan(total.clipped) else "-"
    cosine = f"{f.cosine:.6f}" if not math.isnan(f.cosine) else "-"
    return [
        bits,
        decibels(f.sqnr_db),
        significant(f.rmse),
        significant(math.nan if math.isnan(f.rmse) else f.max_abs_error),
        significant(f.quantiles[P99]),
        relative,
        significant(f.mean_error, 2),
        cosine,
        clipped,
    ]


def _note(total: FormatErrors) -> str:
    """What stands below the table: why a format can't store all or some of the data, or what it destroys."""
    bad = total.figures.moments.bad_outputs
    destroyed = f"{bad:,} finite weights come back as NaN or infinity, and are left out" if bad else ""
    return total.figures.problem or total.gap or destroyed


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
