"""The lessons on measures: two bells under shift and width, perplexity, many steps, a benchmark's intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qtui.compute.lm.lessons import Confidence
from qtui.draw.canvas import Canvas
from qtui.draw.frame import sentence, stack
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, crop, crop_at_word, line, pad, width
from qtui.draw.safe import padded
from qtui.draw.ticks import multiples, nice_step, number
from qtui.scenario.quality.result import LessonPlot, QualityResult

TITLES = {
    "divergence": "KL divergence: how far all probabilities have moved",
    "perplexity": "Perplexity: among how many tokens the model is guessing",
    "steps": "Small losses over many steps",
    "noise": "A benchmark's noise: GPQA Diamond, Qwen3.5 9B, published in 2026",
}
HEADLINES = {"divergence": "{:.3f} nats", "perplexity": "perplexity {:.4g}", "steps": "{:.3g} % of all tasks succeed"}
SLIDERS = {
    "divergence": ("shift", "width"),
    "perplexity": ("chance",),
    "steps": ("chance", "steps"),
    "noise": (),
}
LEGENDS = {"divergence": ("what is true", "what the model believes")}
GUTTER = 7
LOW = 12  # rows below which figure and sliders share one
LEAST_PLOT = 8  # rows of a plot below a list
NAMED_APART = 11  # rows from which what is counted has a row of its own
APART_FROM = 20  # rows from which the sentence stands apart


def lesson(result: QualityResult, cells: int, rows: int, glyphs: Glyphs, chosen: int = 0) -> Picture:
    """The lesson of `result` in at most `rows` rows; the slider at `chosen` is marked."""
    lesson = result.lesson
    if lesson is None:
        return ()
    title = f"Lesson {list(TITLES).index(lesson.kind) + 1} of {len(TITLES)}. {TITLES[lesson.kind]}"
    title = title if len(title) <= cells else title.partition(":")[0]
    head: list[Line] = [crop_at_word(line((title, "strong")), cells, glyphs.ellipsis)]
    if lesson.kind in HEADLINES:
        value = 100 * lesson.value if lesson.kind == "steps" else lesson.value
        head = [
            line((HEADLINES[lesson.kind].format(value), "strong")),
            crop_at_word(line((title, "dim")), cells, glyphs.ellipsis),
        ]
    sliders: list[Line] = []
    for at, name in enumerate(SLIDERS[lesson.kind]):
        marked = f"{glyphs.left} {getattr(result.scenario, name):g} {glyphs.right}"
        sliders.append(line((f"{name:<7}", "label"), (marked, "cursor" if at == chosen else "")))
    brief = line(*head[0], *(span for slider in sliders for span in (("   ", ""), *slider)))
    tight = rows < LOW and bool(sliders) and width(brief) <= cells
    head = [brief] if tight else [*head, *sliders, ()]
    foot = sentence(lesson.sentence, cells, glyphs=glyphs)
    apart = ((),) if rows >= APART_FROM else ()
    room = max(rows - len(head) - len(foot) - len(apart), 6)
    body = _intervals(lesson.intervals, cells, glyphs) if lesson.intervals else ()
    left = room - len(body) - bool(body)
    if lesson.plot is not None and (not body or left >= LEAST_PLOT):
        body = stack(body, _plot(lesson.plot, LEGENDS.get(lesson.kind, ()), cells, left, glyphs))
    return (*head, *body, *apart, *foot)


def _plot(plot: LessonPlot, legend: Sequence[str], cells: int, rows: int, glyphs: Glyphs) -> Picture:
    """`rows` rows: titles, the curve as an area, the axis and its labels. A second curve is a line over the first."""
    named_apart = rows >= NAMED_APART
    room, height = max(cells - GUTTER, 10), max(rows - 3 - named_apart, 3)
    canvas = Canvas(room, height, glyphs)
    span, rise = plot.high - plot.low, (plot.top - plot.bottom) or 1.0

    def part(y: float) -> float:
        return min(max((y - plot.bottom) / rise, 0.0), 1.0)

    def row(y: float) -> int:
        return height - 1 - round(part(y) * (height - 1))

    def heights(curve: Sequence[float]) -> list[float]:
        return [curve[round(x * (len(curve) - 1) / max(room - 1, 1))] for x in range(room)]

    shared = len(plot.curves) > 1
    _area(
        canvas,
        [(height - 1 - row(y) if shared else part(y) * (height - 1)) + 0.5 for y in heights(plot.curves[0])],
        shared,
    )
    for curve in plot.curves[1:]:
        _over(canvas, [row(y) for y in heights(curve)])
    if plot.mark is not None:
        x, y = round((plot.mark[0] - plot.low) / span * (room - 1)), row(plot.mark[1])
        for under in range(y + 1, height):
            canvas.put(x, under, glyphs.shades[1], "strong")
        canvas.put(x, y, glyphs.bullet, "cursor")
    marks = (f"{glyphs.shades[0] * 2} ", f"{glyphs.bullet * 2} ")
    roles = ("series1", "series2")
    named = [span for at, name in enumerate(legend) for span in (("   " + marks[at], roles[at]), name)]
    labels = _labels(plot, row, height)
    head = line((plot.up, "label"), *named)
    across = f"{plot.across} {glyphs.right}"
    titles = line(*pad(head, cells - len(across)), (across, "dim"))
    if named_apart or width(head) + 1 + len(across) > cells:
        titles = head
    picture: list[Line] = [crop(titles, cells)]
    for y, drawn in enumerate(canvas.picture()):
        label = labels.get(y, "")
        edge = glyphs.cross if label else glyphs.vertical
        picture.append(line((label.rjust(GUTTER - 1), "dim"), (edge, "axis"), *drawn))
    return (*picture, *_foot(plot, room, named_apart, named_apart or titles is not head, glyphs))


def _area(canvas: Canvas, heights: Sequence[float], shaded: bool) -> None:
    """The area under a curve of `heights` rows, by column: in eighths of a row, or `shaded` for a line to cross."""
    glyphs = canvas.glyphs
    for x, height in enumerate(heights):
        whole, rest = divmod(round(8 * height), 8)
        for y in range(canvas.height - whole, canvas.height):
            canvas.put(x, y, glyphs.shades[0] if shaded else glyphs.eighths[-1], "series1" if shaded else "label")
        if rest:
            top = glyphs.shades[0] if shaded else glyphs.eighths[rest - 1]
            canvas.put(x, canvas.height - whole - 1, top, "series1" if shaded else "label")


def _over(canvas: Canvas, rows: Sequence[int]) -> None:
    """A curve as a line through `rows`, one a column, joined where it is steep. On the area its dots are shaded."""
    for x, row in enumerate(rows):
        before = rows[x - 1] if x else row
        step = 1 if row > before else -1
        for y in (*range(before + step, row, step), row) if row != before else (row,):
            on_area = canvas.at(x, y) != " " and canvas.at(x, y - 1) != " "
            canvas.put(x, y, canvas.glyphs.shades[1] if on_area else canvas.glyphs.bullet, "series2")


def _labels(plot: LessonPlot, row: Callable[[float], int], height: int) -> dict[int, str]:
    if plot.decades:
        return {row(float(power)): f"{10**power:,}" for power in range(round(plot.bottom), round(plot.top) + 1)}
    step = nice_step(plot.top - plot.bottom, max(height // 3, 2))
    return {row(value): number(value, step) for value in multiples(plot.bottom, plot.top, step)}


def _foot(plot: LessonPlot, room: int, named_apart: bool, named: bool, glyphs: Glyphs) -> Picture:
    """The axis, its labels, and unless it is `named` what it counts: in a row of its own, or at the right end."""
    rule, text = [glyphs.horizontal] * room, [" "] * room
    limit = room if named else room - len(plot.across) - 2
    step = nice_step(plot.high - plot.low, max(room // 10, 3))
    taken = -1
    for value in multiples(plot.low, plot.high, step):
        x = round((value - plot.low) / (plot.high - plot.low) * (room - 1))
        label = number(value, step)
        start = min(max(x - len(label) // 2, 0), room - len(label))
        rule[x] = glyphs.tick
        if start > taken and start + len(label) <= limit:
            text[start : start + len(label)] = label
            taken = start + len(label)
    if not named:
        text[room - len(plot.across) :] = plot.across
    axis = line((" " * (GUTTER - 1) + glyphs.cross + "".join(rule), "axis"))
    name = (line((plot.across.rjust(GUTTER + room), "dim")),) if named_apart else ()
    return (axis, line(" " * GUTTER, ("".join(text), "dim")), *name)


def _intervals(intervals: tuple[Confidence, ...], cells: int, glyphs: Glyphs) -> Picture:
    label = max((len(interval.name) for interval in intervals), default=0)
    room = max(cells - label - 26, 10)
    head = f"{'':<{label}} {'0 %':<{room - 5}}100 %   right  95 % range"
    rows: list[Line] = [crop(line((head, "dim")), cells)]
    for interval in intervals:
        canvas = Canvas(room, 1, glyphs)
        first, last = round(interval.low * (room - 1)), round(interval.high * (room - 1))
        canvas.put(first, 0, glyphs.horizontal * (last - first + 1), "series1")
        canvas.put(round(interval.share * (room - 1)), 0, glyphs.bullet, "strong")
        text = f"{100 * interval.share:5.1f} %  {100 * interval.low:4.1f} to {100 * interval.high:4.1f} %"
        rows.append(line((padded(interval.name, label), "label"), " ", *canvas.picture()[0], f" {text}"))
    return tuple(rows)
