"""The grid of each scheme under a histogram of the values, and the use of each code."""

from __future__ import annotations

from qtui.compute.quantizer.grid import CodeUse
from qtui.draw.canvas import Canvas
from qtui.draw.frame import SERIES
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture
from qtui.draw.quantizer.parts import LETTERS, Label, ValueAxis, bar_row, bars, place, short
from qtui.scenario.quantizer.result import QuantizerResult, Scheme, WeightGroup

ROWS = 3  # of each scheme: name, grid, how often each code is used
LEFT = 7  # columns left of the histogram, for its axis
TALLEST = 36


def picture(result: QuantizerResult, width: int, height: int, glyphs: Glyphs) -> Picture:
    """A histogram of the values, then each scheme's grid for the group looked at and its use of codes overall.

    The histogram that `result` has sampled has `histogram_width(width)` bins.
    """
    assert result.sampled is not None
    schemes, counts = result.schemes, result.sampled.histogram
    tall = min(max(height - 2 - ROWS * len(schemes), 3), TALLEST)
    canvas = Canvas(width, tall + 2 + ROWS * len(schemes), glyphs)
    axis = ValueAxis(*result.reach, LEFT, len(counts))
    for y, row in enumerate(bars(counts, tall, glyphs)):
        canvas.put(LEFT - 1, y, glyphs.vertical, "axis")
        canvas.put(axis.left, y, row, "label")
    canvas.put(0, 0, f"{max(counts, default=0):,}"[: LEFT - 2].rjust(LEFT - 2), "dim")
    if tall > 2:
        canvas.put(0, tall // 2, "count", "dim")
    canvas.put(0, tall - 1, "0".rjust(LEFT - 2), "dim")
    _value_axis(canvas, tall, axis, float(schemes[0].stored.x[result.at]))
    for index, (scheme, spot) in enumerate(zip(schemes, result.spots, strict=True)):
        _scheme(canvas, tall + 2 + ROWS * index, index, scheme, spot.group, axis)
    return canvas.picture()


def sentence(result: QuantizerResult) -> str:
    """What there is to see, and why."""
    groups = [(LETTERS[index], spot.group) for index, spot in enumerate(result.spots) if spot.group.levels][:3]
    if not groups:
        which = "These formats have" if len(result.spots) > 1 else "This format has"
        return f"{which} more codes than fit here; the histogram shows where they are needed."
    if not any(group.wasted for _, group in groups):
        return "Every code is in use, those for numbers near 0 most of all; none is wasted."
    used = [f"{letter} {len(group.levels) - group.wasted} of {len(group.levels)}" for letter, group in groups]
    return f"Codes in use: {', '.join(used)}. The rest cost their bits and store nothing."


def histogram_width(width: int) -> int:
    """Bins of the histogram in a picture of `width` columns."""
    return max(width - LEFT - 2, 1)


def _value_axis(canvas: Canvas, y: int, axis: ValueAxis, here: float) -> None:
    """The axis under the histogram, and where the weight looked at stands on it."""
    glyphs = canvas.glyphs
    canvas.put(LEFT - 1, y, glyphs.cross + glyphs.horizontal * axis.width, "axis")
    labels = [
        Label(axis.left, short(axis.low, 2), "dim", 1),
        Label(axis.left + axis.width - 1, short(axis.high, 2), "dim", 1),
        *([Label(axis.column(0.0), "0", "dim", 1)] if axis.low < 0 < axis.high else []),
    ]
    for label in labels:
        canvas.put(label.column, y, glyphs.tick, "axis")
    canvas.put(axis.column(here), y, glyphs.up, "cursor")
    place(canvas, y + 1, [*labels, Label(axis.column(here), short(here, 3), "cursor", 2)])
    place(canvas, y + 1, [Label(axis.left + axis.width // 4, "weights", "dim")])


def _scheme(canvas: Canvas, y: int, index: int, scheme: Scheme, group: WeightGroup, axis: ValueAxis) -> None:
    glyphs, role = canvas.glyphs, SERIES[index]
    stored, grid, used = scheme.stored, group.levels, group.used
    name = f"{LETTERS[index]} {stored.label}"
    canvas.put(0, y, name, role)
    several = stored.rows * stored.groups_per_row > 1
    where = f" of block {group.index + 1}" if several else ""
    canvas.put(len(name) + 2, y, f"grid{where}: {_grid_use(group, glyphs)}", "dim")
    canvas.put(axis.left, y + 1, (glyphs.horizontal if grid else glyphs.shades[0]) * axis.width, "axis")
    # Points in use are drawn last: in a fine grid many fall on one column.
    for level in sorted(grid, key=lambda item: item.code in used):
        if axis.low <= level.value <= axis.high:
            taken = level.code in used
            canvas.put(
                axis.column(level.value), y + 1, glyphs.bullet if taken else glyphs.tick, role if taken else "axis"
            )
    _code_use(canvas, y + 2, scheme.use, several, role)


def _grid_use(group: WeightGroup, glyphs: Glyphs) -> str:
    total = len(group.levels)
    if not total:
        return f"too fine to show, {len(group.used):,} of its codes used"
    return f"{total - group.wasted} of {total} codes used ({glyphs.bullet}), {group.wasted} wasted ({glyphs.tick})"


def _code_use(canvas: Canvas, y: int, use: CodeUse | None, several: bool, role: str) -> None:
    """One bar for each code that there is, from the lowest to the highest, and the ends below."""
    if use is None:
        return
    counts = use.counts.tolist()
    first, last = (f"{int(use.codes[end])}" for end in (0, -1))
    used = f"  {use.used} of {len(counts)} in all" if several else ""
    room = canvas.width - max(36, 25 + len(last) + len(used))
    if room < 4:
        room, used = max(canvas.width - 36, 4), ""
    per = -(-len(counts) // room)
    joined = [sum(counts[start : start + per]) for start in range(0, len(counts), per)]
    cells = max(1, min(3, room // len(joined)))
    x = 16 + 4
    canvas.put(2, y, "use of each code", "dim")
    canvas.put(x - len(first) + 3, y, first, "dim")
    canvas.put(x + 4, y, "".join(bar * cells for bar in bar_row(joined, canvas.glyphs)), role)
    canvas.put(x + 5 + cells * len(joined), y, f"{last}{used}", "dim")
