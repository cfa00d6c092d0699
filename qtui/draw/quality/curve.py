"""Divergence against bits a weight: where the cliff is, with larger models' published curves beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from qtui.draw.canvas import Canvas
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture, crop, line
from qtui.draw.ticks import multiples, nice_step, number
from qtui.models.published.quality import PublishedCurve
from qtui.scenario.quality.result import QualityResult

GUTTER = 7
LEAST = 1e-4  # nats a token; less is drawn there


def curve(
    result: QualityResult, others: Sequence[PublishedCurve], cells: int, rows: int, glyphs: Glyphs, chosen: int = -1
) -> Picture:
    """Exactly `rows` rows: mean divergence on a logarithmic axis, each format a mark and, with room, its name.

    `others` are drawn dim, a letter each, with a legend below the axis.
    """
    own = [
        (row.bits_per_weight, _power(row.statistics.kld.value), row.format, at == chosen)
        for at, row in enumerate(result.formats)
        if row.statistics is not None and not row.no_op
    ]
    theirs = [(at, bits, _power(kl)) for at, other in enumerate(others) for bits, kl in _points(other)]
    if not own:
        return (line(("the curve appears with the first figures", "dim")), *((),) * (rows - 1))
    bits = [p[0] for p in own] + [p[1] for p in theirs]
    powers = [p[1] for p in own] + [p[2] for p in theirs]
    left, right = math.floor(min(bits)), max(math.ceil(max(bits)), math.floor(min(bits)) + 1)
    low, high = math.floor(min(powers)), max(math.ceil(max(powers)), math.floor(min(powers)) + 1)
    height, room = max(rows - 2 - bool(others), 3), max(cells - GUTTER, 10)
    canvas = Canvas(room, height, glyphs)

    def place(x: float, y: float) -> tuple[int, int]:
        return round((x - left) / (right - left) * (room - 1)), round((high - y) / (high - low) * (height - 1))

    ordered = sorted((place(x, y) for x, y, _, _ in own), reverse=True)
    for (x0, y0), (x1, y1) in zip(ordered, ordered[1:], strict=False):
        for step in range(1, x0 - x1):
            canvas.put(x0 - step, round(y0 + (y1 - y0) * step / (x0 - x1)), glyphs.dot, "axis")
    for at, x, y in theirs:
        canvas.put(*place(x, y), _letter(at), "dim")
    marks = [(*place(x, y), name, here) for x, y, name, here in own]
    for x, y, _, here in marks:
        canvas.put(x, y, glyphs.bullet, "cursor" if here else "series1")
    for x, y, name, here in marks:
        short = name.partition(":")[0]
        for start in (x + 2, x - len(short) - 1):
            free = start >= 0 and start + len(short) <= room
            if free and all(canvas.at(i, y) in f" {glyphs.dot}" for i in range(start - 1, start + len(short))):
                canvas.put(start, y, short, "cursor" if here else "series1")
                break
    return _framed(canvas, low, high, left, right, others, rows)


def _power(divergence: float) -> float:
    return math.log10(max(divergence, LEAST))


def _letter(at: int) -> str:
    return chr(ord("a") + at % 26)


def _points(other: PublishedCurve) -> list[tuple[float, float]]:
    points = []
    for row in other.rows:
        value = row.get("kld_mean", row.get("kld_median"))
        if value is not None and row.get("bits_per_weight", 99.0) <= 9:
            points.append((float(row["bits_per_weight"]), float(value)))
    return points


def _framed(
    canvas: Canvas, low: int, high: int, left: int, right: int, others: Sequence[PublishedCurve], rows: int
) -> Picture:
    glyphs, height, room = canvas.glyphs, canvas.height, canvas.width
    labels = {round((high - p) / (high - low) * (height - 1)): f"{10.0**p:g}" for p in range(low, high + 1)}
    free = [y for y in (1, 2) if y not in labels]
    titles = {1: "KL,", 2: "nats"} if len(free) == 2 else dict.fromkeys(free, "KL")
    picture = []
    for y, row in enumerate(canvas.picture()):
        label = labels.get(y) or titles.get(y, "")
        edge = glyphs.cross if y in labels else glyphs.vertical
        picture.append(line((label.rjust(GUTTER - 1), "dim"), (edge, "axis"), *row))
    rule, text = [glyphs.horizontal] * room, [" "] * room
    step, taken = nice_step(right - left, max(room // 8, 1)), 0
    for value in multiples(left, right, step):
        x = round((value - left) / (right - left) * (room - 1))
        rule[x] = glyphs.tick
        label = number(value, step)
        start = min(max(x - len(label) // 2, 0), room - len(label))
        if start >= taken:
            text[start : start + len(label)] = label
            taken = start + len(label) + 1
    picture.append(line((" " * (GUTTER - 1) + glyphs.cross + "".join(rule), "axis")))
    picture.append(line(("bits/w ".rjust(GUTTER), "dim"), ("".join(text), "dim")))
    if others:
        legend = [f"{glyphs.bullet} this model", *(f"{_letter(at)} {o.model}" for at, o in enumerate(others))]
        named = "   ".join(legend)
        picture.append(crop(line((" " * GUTTER + named, "dim")), GUTTER + room, glyphs.ellipsis))
    return tuple(picture[:rows])
