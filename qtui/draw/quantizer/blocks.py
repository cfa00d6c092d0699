"""Strips over all weights: the weights, and for each scheme its scales and its errors."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from qtui.compute.quantizer.stored import StoredWeights
from qtui.draw.canvas import Canvas
from qtui.draw.frame import SERIES
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture
from qtui.draw.quantizer.parts import LETTERS, Label, bars, place, place_of, short
from qtui.scenario.quantizer.result import QuantizerResult, Scheme, Strips, WeightGroup

LEFT = 9
TALLEST = 10  # rows of a strip


def picture(result: QuantizerResult, width: int, height: int, glyphs: Glyphs) -> Picture:
    """Strips over all weights, left to right: the weights, then for each scheme its scales and its errors.

    The strips that `result` has sampled have `strip_width(width)` columns.
    """
    assert result.sampled is not None
    schemes, at, strips = result.schemes, result.at, result.sampled.strips
    worst = max(max(errors) for errors in strips.errors)
    tall = max(1, min(TALLEST, (height - 2 - 3 * len(schemes)) // (len(schemes) + 1)))
    canvas = Canvas(width, 2 + tall + (3 + tall) * len(schemes), glyphs)
    _strip(canvas, 0, tall, "weight", strips.weights, None, "label")
    _positions(canvas, tall, strips, at, len(schemes[0].error))
    for index, (scheme, spot) in enumerate(zip(schemes, result.spots, strict=True)):
        y = tall + 2 + (3 + tall) * index
        name = scheme.stored.label
        canvas.put(0, y, f"{LETTERS[index]} {name}", SERIES[index])
        room = width - len(name) - 4
        canvas.put(
            len(name) + 4, y, next((t for t in _readouts(scheme, spot.group, at) if len(t) <= room), ""), "dim"
        )
        _strip(canvas, y + 1, 1, "scale", strips.scales[index], None, SERIES[index])
        _strip(canvas, y + 2, tall, "error", strips.errors[index], worst, SERIES[index])
        if y + 2 + tall < canvas.height:
            _borders(canvas, y + 2 + tall, scheme.stored, strips)
    return canvas.picture()


def sentence(result: QuantizerResult) -> str:
    """What there is to see, and why."""
    varied = [
        (i, s.extremes) for i, s in enumerate(result.schemes) if s.extremes.scale_high > s.extremes.scale_low > 0
    ]
    if not varied:
        return "One scale serves all weights here: the largest of them decides how coarse the steps of all are."
    index, ends = varied[0]
    low, high = short(ends.scale_low, 2), short(ends.scale_high, 2)
    return (
        f"{LETTERS[index]}'s scales run from {low} to {high}: a large weight makes the steps of its block coarse, "
        "and no others."
    )


def strip_width(width: int) -> int:
    """Columns of a strip in a picture of `width` columns."""
    return max(width - LEFT - 1, 1)


def _positions(canvas: Canvas, y: int, strips: Strips, at: int, count: int) -> None:
    """Under the weights: which are the first and the last, and the one that is looked at."""
    glyphs, room = canvas.glyphs, len(strips.starts)
    canvas.put(LEFT, y, glyphs.horizontal * room, "axis")
    canvas.put(LEFT + strips.here, y, glyphs.up, "cursor")
    here = Label(LEFT + strips.here, f"weight {at:,}", "cursor", 1)
    last = f"{count - 1:,}"
    place(canvas, y + 1, [here, Label(LEFT, "0", "dim"), Label(LEFT + room - len(last) // 2 - 1, last, "dim")])


def _strip(
    canvas: Canvas, y: int, rows: int, name: str, heights: Sequence[float], most: float | None, role: str
) -> None:
    canvas.put(0, y + rows - 1, name, "dim")
    top = max(heights, default=0.0) if most is None else most
    if rows > 1:
        canvas.put(0, y, short(top, 3)[: LEFT - 1].rjust(LEFT - 1), "dim")
    scaled = [*heights, top]  # the common top sets the height, and is cut off again
    for i, row in enumerate(bars(scaled, rows, canvas.glyphs)):
        canvas.put(LEFT, y + i, row[:-1], role)


def _borders(canvas: Canvas, y: int, stored: StoredWeights, strips: Strips) -> None:
    """A tick where each block begins, if they are not too many."""
    total = stored.rows * stored.groups_per_row
    room = len(strips.starts)
    canvas.put(LEFT, y, canvas.glyphs.horizontal * room, "axis")
    if 1 < total <= room // 2:
        for group in range(total):
            start = stored.members(group).start
            canvas.put(LEFT + bisect_left(strips.starts, start), y, canvas.glyphs.tick, "axis")


def _readouts(scheme: Scheme, group: WeightGroup, at: int) -> list[str]:
    """The figures of the group of weight `at`, from the longest form to the shortest."""
    scale = "no scale" if scheme.stored.scale is None else f"scale {short(float(scheme.scales[at]))}"
    which = place_of(scheme.stored, group.index) or "one block"
    size = f"{which} ({len(group.members)} weights)"
    return [f"{size}: {scale}, RMSE {short(group.rmse)}", f"{size}: {scale}", f"{which}: {scale}", scale]
