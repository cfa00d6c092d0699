"""Error against block size, a line for each scheme, with the bits per weight that each size costs."""

from __future__ import annotations

import math
from collections.abc import Sequence

from qtui.compute.quantizer.sweep import SIZES, Point, Sweep
from qtui.draw.canvas import Canvas
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span, columns, line
from qtui.draw.quantizer.parts import LETTERS, SERIES, decibel, short

LEFT = 10


def sweep_chart(sweeps: Sequence[Sweep], width: int, height: int, glyphs: Glyphs) -> Picture:
    """RMSE over block size; below, each scheme's bits per weight and signal-to-noise ratio at each size."""
    table = _table(sweeps)
    tall = max(4, height - len(table) - 3)
    canvas = Canvas(width, tall + 2, glyphs)
    most = max((p.stats.rmse for s in sweeps for p in s.points), default=0.0) or 1.0
    canvas.put(0, 0, short(most, 3).rjust(LEFT - 2), "dim")
    canvas.put(0, tall - 1, "0".rjust(LEFT - 2), "dim")
    canvas.put(0, tall // 2, "RMSE".rjust(LEFT - 2), "dim")
    for y in range(tall):
        canvas.put(LEFT - 1, y, glyphs.vertical, "axis")

    def column(block: int) -> int:
        low, high = math.log2(SIZES[0]), math.log2(SIZES[-1])
        share = (min(max(math.log2(block), low), high) - low) / (high - low)
        return LEFT + 2 + round(share * (width - LEFT - 8))

    def row(rmse: float) -> int:
        return round((1 - rmse / most) * (tall - 1))

    canvas.put(LEFT - 1, tall, glyphs.horizontal * (width - LEFT), "axis")
    for size in SIZES:
        canvas.put(column(size), tall, glyphs.tick, "axis")
        canvas.put(column(size) - len(str(size)) // 2, tall + 1, str(size), "dim")
    for index, each in enumerate(sweeps):
        spots = [(column(p.block), row(p.stats.rmse)) for p in each.points]
        for a, b in zip(spots, spots[1:], strict=False):
            for x in range(a[0] + 1, b[0]):
                y = round(a[1] + (b[1] - a[1]) * (x - a[0]) / (b[0] - a[0]))
                canvas.put(x, y, glyphs.dot, SERIES[index])
    for index, each in enumerate(sweeps):
        for point in each.points:
            canvas.put(column(point.block), row(point.stats.rmse), LETTERS[index], SERIES[index])
    few = max((len(each.points) for each in sweeps if not each.fixed), default=2) < 2
    more = (
        [line(("These numbers fill the smallest block only: d chooses weights that fill more.", "warn"))]
        if few
        else []
    )
    return (*canvas.picture(), *more, (), *table)


def _table(sweeps: Sequence[Sweep]) -> list[Line]:
    head: list[Span | str] = [("weights per block", "dim"), *((str(size), "dim") for size in SIZES)]
    rows: list[list[Span | str]] = [head]
    for index, each in enumerate(sweeps):
        by_size = {p.block: p for p in each.points}
        name = f"{LETTERS[index]} {each.label.partition(',')[0]}"
        if each.fixed:
            point = each.points[0]
            said = f"{short(point.bits)} bits, {decibel(point.stats.sqnr_db)}, blocks of {point.block} only"
            rows.append([(name, SERIES[index]), said])
            continue
        rows.append([(f"{name} bits", SERIES[index]), *(_cell(by_size, size, bits=True) for size in SIZES)])
        rows.append([(f"{name} dB", SERIES[index]), *(_cell(by_size, size, bits=False) for size in SIZES)])
    fixed = [row for row in rows if len(row) == 2]
    full = [row for row in rows if len(row) > 2]
    return [*columns(full, "l" + "r" * len(SIZES), gap=1), *(line(row[0], "  ", row[1]) for row in fixed)]


def _cell(by_size: dict[int, Point], size: int, bits: bool) -> str:
    point = by_size.get(size)
    if point is None:
        return "-"
    return f"{point.bits:.4g}" if bits else f"{point.stats.sqnr_db:.1f}"
