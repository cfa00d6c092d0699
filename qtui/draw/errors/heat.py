"""SQNR as shades: the more ink, the more was lost. Always beside a number or a scale, so colour adds only ease."""

from __future__ import annotations

import math
from collections.abc import Sequence

from qtui.draw.errors.table import format_table, total_quality
from qtui.draw.errors.views import worst_tensors
from qtui.draw.frame import stack, title
from qtui.draw.glyphs import Glyphs
from qtui.draw.inspect import shortened_name
from qtui.draw.picture import Line, Picture, Span, line
from qtui.draw.picture import width as row_width
from qtui.draw.safe import cell_count, padded, safe
from qtui.draw.units import short_count
from qtui.scenario.errors.result import ErrorsResult, SurveyRow

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


def scale(glyphs: Glyphs, cells: int = 80, signs: Sequence[str] = ()) -> Line:
    """What the shades mean, and the `signs` behind figures; shorter in few `cells`."""
    spans: list[Span | str] = []
    for limit, index, role in LEVELS:
        spans += [(glyphs.shades[index], role), f" <{limit:.0f}  "]
    also: list[Span | str] = [(f"   {sign}", "warn") for sign in signs]
    whole = line("SQNR in dB: ", *spans, "blank: 40 or more", *also)
    return whole if row_width(whole) <= cells else line("dB: ", *spans, *also)


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


def role_maps(result: ErrorsResult, first: int, cells: int, rows: int, glyphs: Glyphs) -> Picture:
    """The maps of the formats under their titles, that at `first` before the others: as many as fit `rows`."""
    maps = []
    for index in (*range(first, len(result.maps)), *range(first)):
        shown, name = result.maps[index], result.formats[index].name
        heading = title(f"Roles by layers in {name}, dB", cells, glyphs)
        maps.append((heading, *heat_map(shown.roles, shown.layers, shown.decibels, cells, glyphs)))
    return stack(*maps, height=rows)


def beside_survey(result: ErrorsResult, first: int, cells: int, rows: int, glyphs: Glyphs) -> Picture:
    """The maps, that at `first` before the others, then the figures of all tensors and the worst of them."""
    figures = (title("All tensors", cells, glyphs), *format_table(result.totals, cells, glyphs))
    side = stack(role_maps(result, first, cells, rows, glyphs), figures, height=rows)
    several = sum(bool(total.worst) for total in result.totals)
    most = (rows - len(side)) // several - 2 if several else 0
    worst = worst_tensors(result.totals, cells, most, glyphs) if most > 0 else []
    return stack(side, *worst, height=rows)


def survey_row(
    row: SurveyRow, label: int, widths: Sequence[int], shown: range, glyphs: Glyphs, here: bool = False
) -> Line:
    """A row of the survey's table: its name in `label` cells, its weights, and the SQNR of the formats `shown`."""
    text = row.label if row.counted else f"({row.label})"
    name = padded(shortened_name(text, label, glyphs), label)
    spans: list[Span | str] = [(name, "cursor" if here else ""), (short_count(row.weights).rjust(9), "dim")]
    for index in shown:
        total = row.totals[index] if row.totals else None
        if total is None or not total.count:
            spans.append(("-".rjust(widths[index] - 2) + "  ", "dim"))
            continue
        destroyed = total.nan_count or total.inf_count
        ink, role = shade(-math.inf if destroyed else total.sqnr_db, glyphs)
        part = "*" if total.missing else "^" if total.fallbacks else " "
        spans += [total_quality(total).rjust(widths[index] - 2), (ink, role), (part, "warn")]
    return line(*spans)


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
