"""Where a model hurts: parts ranked by what they cost, a heat map of layers and roles, single weights."""

from __future__ import annotations

import math
from collections.abc import Sequence

from qtui.draw.canvas import Canvas
from qtui.draw.frame import GAP, group, split, stack
from qtui.draw.glyphs import Glyphs, bar_text
from qtui.draw.picture import Line, Picture, Span, beside, columns, crop, fitted, line, width
from qtui.draw.safe import cell_count, padded, wrapped
from qtui.draw.ticks import significant
from qtui.draw.units import short_count
from qtui.scenario.quality.result import Loss, RandomWeights, SuperWeight, WeightRow

LEAST_BAR = 12  # cells that a bar beside a table needs


def ranking(losses: Sequence[Loss], cells: int, glyphs: Glyphs) -> Picture:
    """Parts by divergence, with room each with a bar. Those within two standard errors of the one before share its
    rank."""
    names = ("", "part", "KL nats", "per million", "perplexity", "weights", "moved %")
    rows: list[list[Span | str]] = [[(name, "strong") for name in names]]
    for loss in losses:
        stats = loss.statistics
        rows.append(
            [
                (f"{loss.rank}", "dim"),
                loss.name,
                f"{stats.kld.value:.4f} {glyphs.plus_minus}{stats.kld.error:.4f}",
                significant(loss.kld_per_million, 3),
                significant(stats.ppl.value),
                short_count(loss.weights),
                f"{100 * loss.error:.1f}",
            ]
        )
    listed = fitted(rows, "rlr..r.", cells, (5, 6, 3))
    wide = max(map(width, listed))
    room = cells - wide - GAP
    most = max((loss.statistics.kld.value for loss in losses), default=0.0)
    if room >= LEAST_BAR and most > 0:
        bars = [bar_text(loss.statistics.kld.value / most, room, glyphs) for loss in losses]
        head = line(("KL nats", "strong"))
        return beside(listed, (head, *(line((bar, "series4")) for bar in bars)), wide, GAP)
    return tuple(crop(row, cells, glyphs.ellipsis) for row in listed)


def meanings(cells: int) -> Picture:
    """What the columns of the ranking mean."""
    texts = (
        "KL nats: how far the chances of the next token move when this part alone is stored so.",
        "per million: the same for each million of its weights; where it is large, more bits help most.",
        "moved %: how far the weights themselves move; it does not say what that costs.",
    )
    return tuple(line((row, "dim")) for text in texts for row in wrapped(text, cells))


def charts(losses: Sequence[Loss], cells: int, rows: int, glyphs: Glyphs) -> Picture:
    """What each part costs for its size, and how far its weights moved: bars, as many of these as `rows` hold."""
    sizes = [(loss.name, max(loss.kld_per_million, 0.0)) for loss in losses]
    moves = [(loss.name, 100 * loss.error) for loss in losses]
    titles = "For its size: KL in nats, a million weights", "How far its weights moved, % of their size"

    def drawn(cells: int) -> list[Picture]:
        bars = _bars(sizes, cells, "series1", glyphs), _bars(moves, cells, "series2", glyphs)
        return [group(name, part, cells, glyphs) for name, part in zip(titles, bars, strict=True)]

    half = split(cells, 0.5)
    if half.right:
        left, right = drawn(half.left)[0], drawn(half.right)[1]
        return stack(beside(left, right, half.left, GAP), height=rows)
    return stack(*drawn(cells), height=rows)


def _bars(values: Sequence[tuple[str, float]], cells: int, role: str, glyphs: Glyphs) -> Picture:
    heads = columns([[(name, "label"), significant(value, 3)] for name, value in values], "l.")
    wide = max(map(width, heads), default=0)
    room = max(cells - wide - 2, 4)
    most = max((value for _, value in values), default=0.0) or 1.0
    return tuple(
        line(*head, " " * (wide + 2 - width(head)), (bar_text(value / most, room, glyphs), role))
        for head, (_, value) in zip(heads, values, strict=True)
    )


def row_profiles(place: WeightRow, cells: int, rows: int, glyphs: Glyphs) -> Picture:
    """The super weight's row beside an ordinary one, on one scale, and what goes in: bars over the columns."""
    most = max(*place.weights, *place.usual)
    shown = (
        (f"Its row, {place.row:,}: the largest weights by column, up to {most:.3g}", place.weights, most, "series4"),
        (f"An ordinary row, {place.ordinary:,}, on the same scale", place.usual, most, "series2"),
        (f"What comes in: the largest inputs by column, up to {max(place.inputs):.3g}", place.inputs, 0.0, "series1"),
    )
    height = max(2, min((rows - 1) // 3 - 1, 11))
    heights = height, height, height + (rows - 1) % 3  # the last takes what is left
    parts: list[Line] = []
    for (name, values, top, role), high in zip(shown, heights, strict=True):
        drawn = _profile(values, place.at, top or max(values) or 1.0, (cells, high), role, glyphs)
        parts += group(name, drawn, cells, glyphs)
    at, label = place.at * cells // len(place.inputs), f"column {place.column:,}"
    left = f"{label} " if at + len(label) + 2 > cells else ""
    foot = line((f"{left}{glyphs.up}".rjust(at + 1), "strong"), ("" if left else f" {label}", "dim"))
    return (*parts, foot) if len(parts) < rows else tuple(parts[: rows - rows % (height + 1)])


def _profile(
    values: Sequence[float], mark: int, most: float, size: tuple[int, int], role: str, glyphs: Glyphs
) -> Picture:
    """Bars of `values` from the left to the right, `size` cells and rows; that at `mark` stands out."""
    cells, height = size
    canvas = Canvas(cells, height, glyphs)
    for x in range(cells):
        first = x * len(values) // cells
        last = max((x + 1) * len(values) // cells, first + 1)
        eighths = round(8 * height * min(max(values[first:last]) / most, 1.0))
        for y in range(height):
            filled = min(max(eighths - 8 * y, 0), 8)
            if filled:
                here = "strong" if first <= mark < last else role
                canvas.put(x, height - 1 - y, glyphs.eighths[filled - 1], here)
    return canvas.picture()


def heat_map(losses: Sequence[Loss], cells: int, glyphs: Glyphs) -> Picture:
    """Layers across, roles down: the darker, the more that matrix costs, on a logarithmic scale."""
    by_place: dict[tuple[str, int], float] = {}
    for loss in losses:
        head, _, role = loss.name.partition(".")
        layer, _, role = role.partition(".")
        if head == "blk" and layer.isdecimal():
            by_place[role, int(layer)] = max(loss.statistics.kld.value, 1e-9)
    if not by_place:
        return (line(("a map takes --by tensor", "dim")),)
    roles = list(dict.fromkeys(role for role, _ in by_place))
    count = 1 + max(layer for _, layer in by_place)
    low, high = math.log(min(by_place.values())), math.log(max(by_place.values()))
    label = max(map(cell_count, roles))
    shades = " " + glyphs.shades if glyphs.name != "ascii" else " .:+#"
    width = max(1, min(6, (cells - label - 1) // count))
    rows: list[Line] = [line(" " * (label + 1), ("layers 0 to " + str(count - 1), "dim"))]
    for role in roles:
        spans: list[Span | str] = [(padded(role, label), "label"), " "]
        for column in range(count):
            value = by_place.get((role, column))
            share = 0.0 if value is None else (math.log(value) - low) / ((high - low) or 1.0)
            spans.append((shades[round(share * (len(shades) - 1))] * width, "series4" if share > 0.75 else "series1"))
        rows.append(crop(line(*spans), cells))
    rows.append(
        line(" " * (label + 1), (f"{shades[1]} {math.exp(low):.2g}  {shades[-1]} {math.exp(high):.2g} nats", "dim"))
    )
    return tuple(rows)


def single_weights(
    weights: Sequence[SuperWeight], drawn: RandomWeights | None, cells: int, glyphs: Glyphs
) -> Picture:
    """Candidates for the super weight, each with what setting it to 0 does; and what many others do together."""
    head: list[Span | str] = [
        (name, "strong") for name in ("weight set to 0", "value", f"input{glyphs.times}w", "perplexity", "KL nats")
    ]
    rows = [head]
    for weight in weights:
        place = f"{weight.tensor.removesuffix('.weight')}[{weight.row},{weight.column}]"
        stats = weight.statistics
        role = "bad" if stats.kld.value > 0.1 else ""
        rows.append(
            [
                place,
                f"{weight.value:.3f}",
                significant(weight.product, 3),
                significant(stats.ppl.value),
                (f"{max(stats.kld.value, 0):.4f}", role),
            ]
        )
    if drawn is not None:
        lost = drawn.statistics
        name = f"{drawn.count:,} of {drawn.tensor.removesuffix('.weight')} at random"
        rows.append([(name, "dim"), "", "", significant(lost.ppl.value), f"{max(lost.kld.value, 0):.4f}"])
    return tuple(crop(row, cells, glyphs.ellipsis) for row in fitted(rows, "l....", cells, (2, 1)))
