"""Error statistics as tables: one row a format, one row a tensor, the worst blocks."""

from __future__ import annotations

import math
from collections.abc import Sequence

from qtui.compute.errors.survey import SHARES, Total
from qtui.draw.frame import SERIES
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span, columns, crop, line, width
from qtui.draw.safe import wrapped as wrapped_text
from qtui.draw.ticks import significant
from qtui.scenario.errors.result import FormatErrors

P99 = SHARES.index(0.99)


def decibels(value: float) -> str:
    """SQNR with one decimal; "exact" where nothing was lost."""
    return "exact" if value == math.inf else "-" if math.isnan(value) else f"{value:.1f}"


def quality(sqnr_db: float, nan_count: int, inf_count: int) -> str:
    """An SQNR, or in its place how many weights are not finite, before or after."""
    if nan_count or inf_count:
        return f"{nan_count:,} NaN" if nan_count else f"{inf_count:,} inf"
    return decibels(sqnr_db)


def total_quality(total: Total) -> str:
    """The same of several tensors."""
    return quality(total.sqnr_db, total.nan_count, total.inf_count)


def format_table(totals: Sequence[FormatErrors], cells: int, glyphs: Glyphs) -> Picture:
    """A row a format; the columns on the right give way where there is no room."""
    heads: tuple[str, ...] = (
        "format",
        "bits/w",
        "error %",
        "SQNR dB",
        "RMSE",
        "99 % in",
        "max |e|",
        "bias",
        "cosine",
        "clipped %",
    )
    if all(math.isnan(total.clipped) for total in totals):
        heads = heads[:-1]
    for count in range(len(heads), 3, -1):
        table = [[(head, "strong") for head in heads[:count]]]
        for index, total in enumerate(totals):
            name = (total.figures.format, SERIES[index % len(SERIES)])
            table.append([name, *((text, "") for text in _cells(total)[: count - 1])])
        picture = columns(table, "l" + "." * (count - 1))
        if max(width(row) for row in picture) <= cells:
            break
    notes: list[Line] = []
    for total in totals:
        if note := _note(total):
            notes += [line((row, "warn")) for row in wrapped_text(f"{total.figures.format}: {note}", cells)]
    known = [(total.figures.format, total.within) for total in totals if total.within is not None]
    if known:
        bounds = ", ".join(f"{within.decibels:.2g} dB and {significant(within.bias, 2)} ({n})" for n, within in known)
        text = f"max |e| is the sample's; SQNR and bias are known within {bounds}"
        notes += [line((row, "dim")) for row in wrapped_text(text, cells)]
    return tuple(crop(row, cells, glyphs.ellipsis) for row in (*picture, *notes))


def _cells(total: FormatErrors) -> list[str]:
    f = total.figures
    bits = f"{f.bits_per_weight:.4g}" if not math.isnan(f.bits_per_weight) else "-"
    if f.problem:
        return [bits, "-", "-", "-", "-", "-", "-", "-", "-"]
    share = total.relative_rmse
    relative = f"{100 * share:.2f}" if not math.isnan(share) else "-"
    clipped = f"{100 * total.clipped:.2f}" if not math.isnan(total.clipped) else "-"
    cosine = f"{f.cosine:.6f}" if not math.isnan(f.cosine) else "-"
    return [
        bits,
        relative,
        quality(total.sqnr_db, total.total.nan_count, total.total.inf_count),
        significant(f.rmse, 3),
        significant(f.quantiles[P99], 3),
        significant(math.nan if math.isnan(f.rmse) else f.max_abs_error, 3),
        significant(f.mean_error, 2),
        cosine,
        clipped,
    ]


def _note(total: FormatErrors) -> str:
    """What stands below the table: why a format can't store the data, or what a reader should know."""
    return total.figures.problem or total.note


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
