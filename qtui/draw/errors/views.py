"""The parts that both the errors pane and `qtui errors` show: the plot, the figures, the worst blocks, the values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from qtui.compute.errors.meter import Found
from qtui.compute.errors.overlay import Overlay
from qtui.compute.errors.values import ValueStats
from qtui.draw.errors.table import FormatRow, wrapped
from qtui.draw.glyphs import Glyphs
from qtui.draw.histogram import Axis, Series, histogram, legend, plot_cells, readout
from qtui.draw.picture import Line, Picture, Span, columns, crop, line
from qtui.draw.ticks import significant


def axis_of(overlay: Overlay, steps: bool) -> Axis:
    """The axis that an overlay is drawn on."""
    return Axis(overlay.low, overlay.high, overlay.bins, "steps" if steps else "")


def series_of(overlay: Overlay) -> list[Series]:
    """An overlay's formats as series."""
    return [Series(name, counts) for name, counts in zip(overlay.names, overlay.counts, strict=True)]


def plot(
    overlay: Overlay,
    cells: int,
    rows: int,
    glyphs: Glyphs,
    *,
    steps: bool = False,
    log: bool = True,
    stacked: bool = False,
    cursor: int | None = None,
    even: bool = False,
) -> Picture:
    """Legend, histogram, and with a cursor the bin it reads: `rows` rows.

    `even` adds what rounding evenly within half a step would give the first format.
    """
    if not overlay.names:
        missing = ", ".join(overlay.missing)
        return (
            line((f"no errors in steps for {missing}", "warn")),
            line("Formats whose values are not evenly spaced have no step, and steps are measured one tensor at a"),
            line("time: choose a tensor, or show errors in weights (w)."),
        )
    series, axis = series_of(overlay), axis_of(overlay, steps)
    drawn = list(series)
    if even and overlay.ideal is not None:
        drawn.append(Series(f"{series[0].name} if even", overlay.ideal, dotted=True))
    head = [legend([each.name for each in drawn], glyphs, stacked, dotted=len(drawn) > len(series))]
    tail = [] if cursor is None else [readout(series, axis, cursor, overlay.totals, cells, glyphs)]
    body = histogram(
        drawn, axis, cells, rows - len(head) - len(tail), glyphs, log=log, stacked=stacked, cursor=cursor
    )
    beyond = sum(overlay.outside)
    if beyond:
        head[0] = line(*head[0], (f"   {beyond:,} errors beyond the axis", "dim"))
    if overlay.missing:
        head[0] = line(*head[0], (f"   no uniform step: {', '.join(overlay.missing)}", "dim"))
    return (crop(head[0], cells, glyphs.ellipsis), *body, *tail)


def format_rows(found: Sequence[Found], bits: Sequence[float], notes: Mapping[str, str]) -> list[FormatRow]:
    """The lines of the table of formats; `bits` per weight go with `found`, `notes` by format below the table."""
    rows = []
    for each, cost in zip(found, bits, strict=True):
        stats = each.stats
        high = stats.quantile(0.99) if stats is not None else math.nan
        clipped = stats.clipped_share if stats is not None else math.nan
        problem = each.problem or notes.get(each.format.name, "")
        if not problem and stats is not None and stats.bad_outputs:
            problem = f"{stats.bad_outputs:,} finite weights come back as NaN or infinity, and are left out"
        rows.append(FormatRow(each.format.name, cost, stats, high, clipped, problem))
    return rows


def position(index: int, shape: Sequence[int]) -> str:
    """A flat index as "[row, column]", or as itself in a vector."""
    parts: list[str] = []
    for size in reversed(tuple(shape)[1:]):
        index, inside = divmod(index, size) if size else (index, 0)
        parts.append(str(inside))
    return f"[{', '.join([str(index), *reversed(parts)])}]"


def block_title(found: Found) -> Line:
    """The heading above `worst_blocks`."""
    size = found.stats.blocks.block_size if found.stats is not None and found.stats.blocks is not None else 0
    return line((f"worst blocks of {size} in {found.format.name}", "strong"))


def worst_blocks(found: Found, shape: Sequence[int], most: int) -> Picture:
    """The blocks that lost most, worst first."""
    stats = found.stats
    if stats is None or not stats.worst_blocks or not stats.moments.e2:
        return ()
    rows: list[list[Span | str]] = [[("from", "dim"), ("RMSE", "dim"), ("SQNR dB", "dim"), ("of all error", "dim")]]
    for block in stats.worst_blocks[:most]:
        share = 100 * block.squared_error / stats.moments.e2
        rows.append(
            [
                position(block.start, shape),
                significant(block.rmse, 3),
                f"{block.sqnr_db:.1f}",
                f"{share:.2g} %",
            ]
        )
    return columns(rows, "lrrr")


def value_facts(values: ValueStats, cells: int) -> Picture:
    """Mean, σ, range, shape and zeros of a tensor's weights."""
    share = f"{100 * values.zeros / values.count:.2f}%" if values.count else "-"
    facts = [
        ("mean", significant(values.mean, 3)),
        ("σ", significant(values.sigma, 3)),
        ("min", significant(values.low, 4)),
        ("max", significant(values.high, 4)),
        ("absmax/σ", significant(values.absmax_sigmas, 3)),
        ("kurtosis", significant(values.kurtosis, 3)),
        ("zeros", share),
    ]
    by_row = values.by_row.sqnr_db
    if by_row == by_row:
        facts.append(("int8 by row", "exact" if math.isinf(by_row) else f"{by_row:.1f} dB"))
    if values.bad:
        facts.append(("NaN or inf", f"{values.bad:,}"))
    return wrapped([f"{name} {value}" for name, value in facts], cells)


def value_histogram(values: ValueStats, cells: int, rows: int, glyphs: Glyphs, *, log: bool) -> Picture:
    """The weights themselves as a histogram over their range."""
    shape = values.histogram(2 * (plot_cells(cells) // 2), values.absmax * (1 + 1e-9) or 1.0)
    axis = Axis(float(shape.edges[0]), float(shape.edges[-1]), len(shape.counts))
    series = [Series("weights", [int(n) for n in shape.counts])]
    return histogram(series, axis, cells, rows, glyphs, log=log)


def outliers(values: ValueStats, shape: Sequence[int], most: int, cells: int) -> Picture:
    """The weights furthest from zero, and where they are."""
    texts = [
        f"{significant(each.value, 4)} at {position(each.index, shape)}"
        + (f" ({each.magnitude / values.sigma:.1f}σ)" if values.sigma else "")
        for each in values.outliers[:most]
    ]
    return wrapped(texts, cells)


def sampled_line(measured: int, count: int) -> Line:
    """How much was looked at."""
    if measured >= count:
        return line(("exact: ", "good"), f"all {count:,} weights")
    return line(("sampled: ", "warn"), f"{measured:,} of {count:,} weights ({100 * measured / count:.2g} %)")
