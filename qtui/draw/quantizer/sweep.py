"""Block sizes swept: the error that each scheme makes, and the bits that it takes."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence

from qtui.compute.quantizer.sweep import SIZES, Point, Sweep
from qtui.draw.canvas import Canvas
from qtui.draw.frame import SERIES
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span, columns, line
from qtui.draw.picture import width as row_width
from qtui.draw.quantizer.parts import LETTERS, bits_text, decibel, short
from qtui.scenario.quantizer.result import QuantizerResult

CHART_LEFT = 10
ROOMY = 16  # rows that leave room for the noise of each block size


def picture(result: QuantizerResult, width: int, height: int, glyphs: Glyphs) -> Picture:
    """RMSE over block size; below, each scheme's bits per weight and signal-to-noise ratio at each size."""
    sweeps = result.sweep
    table = _sweep_table(sweeps, width, noise=height >= ROOMY)
    few = max((len(sweep.points) for sweep in sweeps if not sweep.fixed), default=2) < 2
    note = "These numbers fill the smallest block only; draw more of them."
    more = [line((part, "warn")) for part in textwrap.wrap(note, max(width, 20))] if few else []
    tall = max(4, height - len(table) - len(more) - 3)
    canvas = Canvas(width, tall + 3, glyphs)
    most = max((p.stats.rmse for s in sweeps for p in s.points), default=0.0) or 1.0
    _chart_frame(canvas, tall, most)

    def row(rmse: float) -> int:
        return 1 + round((1 - rmse / most) * (tall - 1))

    for index, sweep in enumerate(sweeps):
        spots = [(_column(p.block, width), row(p.stats.rmse)) for p in sweep.points]
        for a, b in zip(spots, spots[1:], strict=False):
            for x in range(a[0] + 1, b[0]):
                y = round(a[1] + (b[1] - a[1]) * (x - a[0]) / (b[0] - a[0]))
                canvas.put(x, y, glyphs.dot, SERIES[index])
    marks: dict[tuple[int, int], int] = {}  # schemes in one cell: their letters stand beside each other
    for index, sweep in enumerate(sweeps):
        for point in sweep.points:
            spot = _column(point.block, width), row(point.stats.rmse)
            canvas.put(spot[0] + marks.get(spot, 0), spot[1], LETTERS[index], SERIES[index])
            marks[spot] = marks.get(spot, 0) + 1
    _names(canvas, [sweep.label for sweep in sweeps])
    return (*canvas.picture(), *more, *table)


def sentence(result: QuantizerResult) -> str:
    """What there is to see, and why."""
    free = [(index, sweep) for index, sweep in enumerate(result.sweep) if not sweep.fixed and len(sweep.points) > 1]
    if not free:
        return "Small blocks err less and pay for more scales; these formats or numbers allow one size only."
    index, sweep = free[0]
    first, last = sweep.points[0].block, sweep.points[-1].block
    growth = short(sweep.growth, 3)
    grows = "stays the same" if growth == "1" else f"becomes {growth} times as large"
    return (
        f"From blocks of {first} to {last:,} {LETTERS[index]} saves {short(sweep.saved, 3)} bits a weight, "
        f"and its error {grows}."
    )


def _column(block: int, width: int) -> int:
    """Where blocks of this size stand, each twice as large a step further."""
    low, high = math.log2(SIZES[0]), math.log2(SIZES[-1])
    share = (min(max(math.log2(block), low), high) - low) / (high - low)
    return CHART_LEFT + 2 + round(share * (width - CHART_LEFT - 8))


def _chart_frame(canvas: Canvas, tall: int, most: float) -> None:
    """Both axes with their titles: RMSE upwards, the size of a block to the right."""
    glyphs, width = canvas.glyphs, canvas.width
    canvas.put(0, 0, "RMSE".rjust(CHART_LEFT - 2), "dim")
    for y in range(1, tall + 1):
        canvas.put(CHART_LEFT - 1, y, glyphs.vertical, "axis")
    ticks = (0.0, 0.5, 1.0) if tall < 12 else (0.0, 0.25, 0.5, 0.75, 1.0)
    for share in ticks:
        y = 1 + round((1 - share) * (tall - 1))
        canvas.put(0, y, short(share * most, 3).rjust(CHART_LEFT - 2), "dim")
        canvas.put(CHART_LEFT - 1, y, glyphs.cross, "axis")
    canvas.put(CHART_LEFT - 1, tall + 1, glyphs.cross + glyphs.horizontal * (width - CHART_LEFT), "axis")
    for size in SIZES:
        canvas.put(_column(size, width), tall + 1, glyphs.tick, "axis")
        canvas.put(_column(size, width) - len(str(size)) // 2, tall + 2, str(size), "dim")
    canvas.put(0, tall + 2, "block of", "dim")


def _names(canvas: Canvas, labels: Sequence[str]) -> None:
    """The letters' meaning, over the chart."""
    x = CHART_LEFT + 2
    for index, label in enumerate(labels):
        text = f"{LETTERS[index]} {label}"
        canvas.put(x, 0, text, SERIES[index])
        x += len(text) + 3


def _sweep_table(sweeps: Sequence[Sweep], width: int, noise: bool) -> list[Line]:
    """Bits per weight of each size and, with `noise`, the signal-to-noise ratio."""
    head: list[Span | str] = [("weights per block", "dim"), *((str(size), "dim") for size in SIZES)]
    rows: list[list[Span | str]] = [head]
    for index, sweep in enumerate(sweeps):
        by_size = {p.block: p for p in sweep.points}
        name = f"{LETTERS[index]} {sweep.label.partition(',')[0]}"
        if sweep.fixed:
            point = sweep.points[0]
            figures = f"{short(point.bits)} bits, {decibel(point.stats.sqnr_db)}, blocks of {point.block} only"
            rows.append([(name, SERIES[index]), figures])
            continue
        rows.append([(f"{name} bits", SERIES[index]), *(_cell(by_size, size, bits=True) for size in SIZES)])
        if noise:
            rows.append([(f"{name} dB", SERIES[index]), *(_cell(by_size, size, bits=False) for size in SIZES)])
    fixed = [row for row in rows if len(row) == 2]
    full = [row for row in rows if len(row) > 2]
    tables = [columns(full, "l" + "r" * len(SIZES), gap) for gap in (2, 1)]
    table = next((table for table in tables if max(map(row_width, table)) <= width), tables[-1])
    return [*table, *(line(row[0], "  ", row[1]) for row in fixed)]


def _cell(by_size: dict[int, Point], size: int, bits: bool) -> str:
    point = by_size.get(size)
    if point is None:
        return "-"
    return bits_text(point.bits) if bits else f"{point.stats.sqnr_db:.1f}"
