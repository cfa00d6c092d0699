"""SQNR as shades: the more ink, the more was lost. Always beside a number or a scale, so colour adds only ease."""

from __future__ import annotations

import math
from collections.abc import Sequence

from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span, line
from qtui.draw.safe import cell_count, padded, safe

# Below each limit in dB: index of the shade (heaviest first), role.
LEVELS = ((10.0, 3, "bad"), (20.0, 2, "warn"), (30.0, 1, ""), (40.0, 0, "good"))


def shade(decibels: float, glyphs: Glyphs) -> Span:
    """One cell for an SQNR: heavy where much was lost, blank from 40 dB up, a dot where there is none."""
    if math.isnan(decibels):
        return (glyphs.dot, "dim")
    for limit, index, role in LEVELS:
        if decibels < limit:
            return (glyphs.shades[index], role)
    return (" ", "good")


def scale(glyphs: Glyphs) -> Line:
    """What the shades mean."""
    spans: list[Span | str] = []
    for limit, index, role in LEVELS:
        spans += [(glyphs.shades[index], role), f" <{limit:.0f}  "]
    return line("SQNR in dB: ", *spans, "blank: 40 or more")


def heat_map(
    roles: Sequence[str],
    layers: Sequence[int],
    decibels: Sequence[Sequence[float]],
    cells: int,
    glyphs: Glyphs,
    cursor: tuple[int, int] | None = None,
) -> Picture:
    """Roles down, layers across: whole dB in each cell where they fit, else one shade a layer.

    Minus infinity stands for weights that are not finite. `cursor` is (row, column). Layers that do not fit are left
    out at the right, and the last row says how many.
    """
    label = max((cell_count(safe(role)) for role in roles), default=0)
    room = max(cells - label - 2, 3)
    wide = 3 if 3 * len(layers) <= room else 1
    shown = layers[: room // wide]
    rows: list[Line] = [line(" " * (label + 2), (_ruler(shown, wide), "axis"))]
    for y, role in enumerate(roles):
        spans: list[Span | str] = [padded(safe(role), label), "  "]
        for x in range(len(shown)):
            text, style = shade(decibels[y][x], glyphs)
            if wide == 3:
                text = _figure(decibels[y][x])
            spans.append((text, "cursor" if cursor == (y, x) else style))
        rows.append(line(*spans))
    if len(shown) < len(layers):
        rows.append(line((f"{len(layers) - len(shown)} further layers need a wider window", "dim")))
    return tuple(rows)


def _figure(decibels: float) -> str:
    if math.isnan(decibels):
        return "  -"
    return "NaN" if decibels == -math.inf else f"{min(decibels, 99):3.0f}"


def _ruler(layers: Sequence[int], wide: int) -> str:
    """Layer numbers above their columns, as many as fit."""
    if wide == 3:
        return "".join(f"{layer:3d}" for layer in layers)
    ruler = [" "] * len(layers)
    for index in range(0, len(layers), 10):
        text = str(layers[index])
        ruler[index : index + len(text)] = text
    return "".join(ruler[: len(layers)])
