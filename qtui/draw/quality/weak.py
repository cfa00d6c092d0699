"""Where a model hurts: parts ranked by what they cost, a heat map of layers and roles, single weights."""

from __future__ import annotations

import math
from collections.abc import Sequence

from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span, columns, crop, fitted, line
from qtui.draw.safe import cell_count, padded
from qtui.draw.ticks import significant
from qtui.draw.units import short_count
from qtui.scenario.quality.result import Loss, RandomWeights, SuperWeight


def ranking(losses: Sequence[Loss], cells: int, glyphs: Glyphs) -> Picture:
    """Parts by divergence. Those within two standard errors of the one before share its rank."""
    head: list[Span | str] = [
        (name, "strong") for name in ("", "part", "KL nats", "per million", "perplexity", "weights")
    ]
    rows = [head]
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
            ]
        )
    return tuple(crop(row, cells, glyphs.ellipsis) for row in columns(rows, "rlr..r"))


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
    width = max(1, min(3, (cells - label - 1) // count))
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
