"""Other ways to store the same weights: an outlier treated, block sizes swept, smart methods compared."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence

from qtui.compute.quantizer.outlier import OutlierTreatment, Rescue, Zeros
from qtui.compute.quantizer.smart import MethodResult, Smart
from qtui.compute.quantizer.sweep import SIZES, Point, Sweep
from qtui.draw.canvas import Canvas
from qtui.draw.frame import SERIES
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span, columns, fitted, line
from qtui.draw.picture import width as row_width
from qtui.draw.quantizer.parts import LETTERS, bits_text, decibel, percent, short
from qtui.scenario.quantizer.result import QuantizerResult

OUTLIER_BAR = 15
SMART_BAR, LEAST_BAR = 14, 4  # cells of a method's bar: where there is room, and where there is little
CHART_LEFT = 10
ROOMY = 16  # rows that leave room for the noise of each block size


def outlier_story(result: QuantizerResult, width: int, glyphs: Glyphs) -> Picture:
    """One row for each treatment, with the share of neighbours that became zero as a bar."""
    rescue = result.rescue
    assert rescue is not None
    titles = ("", "scale", "neighbours on 0", "its block", "others", "error %", "RMSE", "bits")
    rows: list[list[Span | str]] = [[(text, "dim") for text in titles]]
    rows += [_case_row(case, rescue.others, glyphs) for case in rescue.cases]
    title = [line((text, "strong")) for text in textwrap.wrap(_outlier_title(rescue), width)]
    sentences = [line(text) for sentence in _contained(rescue) for text in textwrap.wrap(sentence, width)]
    return (*title, (), *fitted(rows, "lrlrr...", width, (6, 1, 2)), (), *sentences)


def _outlier_title(rescue: Rescue) -> str:
    values = ", ".join(short(float(rescue.x[i]), 3) for i in rescue.at[:4])
    more = f" and {len(rescue.at) - 4} more" if len(rescue.at) > 4 else ""
    spec = rescue.cases[0].spec
    if rescue.made_up:
        return f"{spec}, with an outlier made up in place of weight {rescue.at[0]}: {values}"
    return f"{spec} and the outlier{'s' if len(rescue.at) > 1 else ''} {values}{more}"


def _case_row(case: OutlierTreatment, others: int, glyphs: Glyphs) -> list[Span | str]:
    share = case.collapsed / others if others else 0.0
    filled = round(OUTLIER_BAR * share)
    bar = glyphs.shades[-1] * filled + glyphs.shades[0] * (OUTLIER_BAR - filled)
    role = "bad" if share > 0.5 else "warn" if share > 0.1 else "good"
    scale = "none" if case.scale != case.scale else short(case.scale)
    return [
        (case.name, "label"),
        scale,
        (bar, role),
        _zeros(case.near),
        _zeros(case.far),
        percent(case.others).removesuffix(" %"),
        short(case.rmse) if case.rmse == case.rmse else "-",
        bits_text(case.bits),
    ]


def _zeros(zeros: Zeros) -> Span:
    """How many fell on 0, of how many."""
    role = "bad" if zeros.lost > zeros.count / 2 else "warn" if zeros.lost > zeros.count / 10 else "good"
    return (f"{zeros.lost:,} of {zeros.count:,}", role) if zeros.count else ("-", "dim")


def _contained(rescue: Rescue) -> list[str]:
    """What smaller blocks do."""
    contained = next((case for case in rescue.cases if case.name.startswith("blocks")), None)
    if contained is None or not contained.far.count:
        return []
    near, far = contained.near, contained.far
    own = f"{near.lost:,} of {near.count:,} fall on 0 in the outlier's own"
    return [f"In {contained.name}, {own}, and {far.lost:,} of {far.count:,} in the others."]


def sweep_chart(sweeps: Sequence[Sweep], width: int, height: int, glyphs: Glyphs) -> Picture:
    """RMSE over block size; below, each scheme's bits per weight and signal-to-noise ratio at each size."""
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


def smart_table(result: QuantizerResult, width: int, glyphs: Glyphs) -> Picture:
    """A row for each method, the output error as a bar, then a sentence on each."""
    smart = result.smart
    assert smart is not None
    worst = max((row.fresh_error for row in smart.table), default=0.0) or 1.0
    head: list[Span | str] = [
        (text, "dim") for text in ("", "bits/w", "RMSE", "", "output error %", "fitted %", "int8 in %")
    ]
    align, spare = "l..l...", (2, 5, 6, 3)

    def table(bar: int) -> list[list[Span | str]]:
        return [head, *(_method_row(row, worst, bar, smart, glyphs) for row in smart.table)]

    left = width - max(map(row_width, fitted(table(LEAST_BAR), align, width, spare)))
    bar = min(SMART_BAR, LEAST_BAR + max(left, 0))
    about = (
        f"{smart.rows} {glyphs.times} {smart.columns} weights as a layer, {smart.bits} bits, groups of {smart.group}"
    )
    sentences: list[Line] = []
    for row in smart.table:
        first, *rest = textwrap.wrap(f"{row.title}: {row.note}.", max(width, 20), subsequent_indent="  ")
        sentences.append(line((row.title, "strong"), (first[len(row.title) :], "dim")))
        sentences += [line((more, "dim")) for more in rest]
    inputs = "Inputs are synthetic. fitted: on those that methods were fitted to. int8 in: inputs are rounded, too."
    return (
        line((about, "strong")),
        *fitted(table(bar), align, width, spare),
        (),
        *sentences,
        *(line((text, "dim")) for text in textwrap.wrap(inputs, max(width, 20))),
    )


def _method_row(row: MethodResult, worst: float, bar_cells: int, smart: Smart, glyphs: Glyphs) -> list[Span | str]:
    role = _against(row.fresh_error, smart.table[0].fresh_error)
    cells = round(bar_cells * row.fresh_error / worst)
    bar = glyphs.shades[-1] * cells + glyphs.shades[0] * (bar_cells - cells)
    return [
        (row.title, "label"),
        bits_text(row.bits),
        short(row.stats.rmse),
        (bar, role),
        (percent(row.fresh_error).removesuffix(" %"), role),
        (percent(row.output_error).removesuffix(" %"), "dim"),
        (percent(row.int8_error).removesuffix(" %"), _against(row.int8_error, smart.table[0].int8_error)),
    ]


def _against(error: float, plain: float) -> str:
    """The role of an error beside that of plain rounding."""
    return "good" if error < 0.95 * plain else "bad" if error > 1.05 * plain else ""
