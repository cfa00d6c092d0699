"""The plot of error histograms, and of the weights themselves: narrow bins put together to fit the room there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from qtui.compute.errors.overlay import Overlay
from qtui.draw.glyphs import Glyphs
from qtui.draw.histogram import Axis, Series, histogram, legend, plot_cells, readout
from qtui.draw.picture import Picture, crop, line
from qtui.scenario.errors.result import TensorValues

MOST_BINS = 512  # on both sides together; more would be narrower than what is known of the errors


@dataclass(frozen=True)
class ErrorBins:
    """An Overlay in the bins of one plot: `bins` equal ones from `low` to `high`; `outside` lie beyond."""

    low: float
    high: float
    bins: int
    names: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    totals: tuple[int, ...]
    outside: int
    missing: tuple[str, ...] = ()
    ideal: tuple[float, ...] | None = None


def fitted(overlay: Overlay, room: int) -> ErrorBins:
    """At most `room` bins, which together reach the overlay's limit."""
    per_side = min(max(room, 2), MOST_BINS) // 2
    step = _step(overlay.limit, overlay.width, per_side)
    counts = tuple(_merged(row, per_side, step) for row in overlay.counts)
    outside = sum(overlay.totals) - sum(map(sum, counts))
    ideal = None if overlay.ideal is None else _merged(overlay.ideal, per_side, step)
    high = overlay.width * step * per_side
    return ErrorBins(
        -high, high, 2 * per_side, overlay.names, counts, overlay.totals, outside, overlay.missing, ideal
    )


def _step(limit: float, width: float, per_side: int) -> int:
    """How many narrow bins make one, the least power of two with which `per_side` reach `limit`."""
    step = 1
    while per_side * step * width * (1 + 1e-12) < limit:
        step *= 2
    return step


def _merged(counts: Any, per_side: int, step: int) -> tuple[Any, ...]:
    """Sums (2 · per_side,) of `step` neighbours of an array whose middle is zero."""
    middle = len(counts) // 2
    part = counts[middle - per_side * step : middle + per_side * step]
    return tuple(part.reshape(-1, step).sum(axis=1).tolist())


def axis_of(bins: ErrorBins, steps: bool) -> Axis:
    """The axis that the bins are drawn on."""
    return Axis(bins.low, bins.high, bins.bins, "steps" if steps else "")


def plot(
    bins: ErrorBins,
    cells: int,
    rows: int,
    glyphs: Glyphs,
    *,
    steps: bool = False,
    log: bool = True,
    stacked: bool = False,
    cursor: int | None = None,
) -> Picture:
    """Legend, histogram, and with a cursor the bin it reads: `rows` rows."""
    if not bins.names:
        missing = ", ".join(bins.missing)
        return (
            line((f"no errors in steps for {missing}", "warn")),
            line("Formats whose values are not evenly spaced have no step, and steps are measured one tensor at a"),
            line("time: choose a tensor, or show errors in weights."),
        )
    series = [Series(name, counts) for name, counts in zip(bins.names, bins.counts, strict=True)]
    axis = axis_of(bins, steps)
    drawn = list(series)
    if bins.ideal is not None:
        drawn.append(Series(f"{series[0].name} if even", bins.ideal, dotted=True))
    head = [legend([item.name for item in drawn], glyphs, stacked, dotted=len(drawn) > len(series))]
    tail = [] if cursor is None else [readout(series, axis, cursor, bins.totals, cells, glyphs)]
    body = histogram(
        drawn, axis, cells, rows - len(head) - len(tail), glyphs, log=log, stacked=stacked, cursor=cursor
    )
    if bins.outside:
        head[0] = line(*head[0], (f"   {bins.outside:,} errors beyond the axis", "dim"))
    if bins.missing:
        head[0] = line(*head[0], (f"   no uniform step: {', '.join(bins.missing)}", "dim"))
    return (crop(head[0], cells, glyphs.ellipsis), *body, *tail)


def value_histogram(weights: TensorValues, cells: int, rows: int, glyphs: Glyphs, *, log: bool) -> Picture:
    """The weights themselves as a histogram over their range."""
    fine = weights.bins
    per_side = min(max(plot_cells(cells), 2), MOST_BINS) // 2
    step = _step(fine.limit, fine.width, per_side)
    width = fine.width * step
    sides = min(max(-int(-fine.limit // width), 1), per_side)
    axis = Axis(-sides * width, sides * width, 2 * sides)
    series: Sequence[Series] = [Series("weights", _merged(fine.counts, sides, step))]
    return histogram(series, axis, cells, rows, glyphs, log=log)
