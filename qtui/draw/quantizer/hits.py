"""Mouse clicks on a view: what the cell under the mouse changes in the Scenario."""

from __future__ import annotations

from typing import Any

from qtui.draw.quantizer.blocks import LEFT, strip_width
from qtui.draw.quantizer.map import axis_of, window
from qtui.draw.quantizer.net import NODE, node_spots
from qtui.draw.quantizer.page import Page
from qtui.draw.quantizer.scores import figure_columns
from qtui.draw.quantizer.table import first_row
from qtui.draw.quantizer.tile import tile_layout
from qtui.scenario.quantizer.result import QuantizerResult


def hit(result: QuantizerResult, page: Page, x: int, y: int) -> dict[str, Any]:
    """What a click on cell (x, y) of the pane's `page` chooses; empty where there is nothing to choose.

    All views of the page answer, not only the one that was asked for; "scheme" is a column of the figures.
    """
    for name, left, top, width, height in page.panels:
        if left <= x < left + width and top <= y < top + height:
            if name == "scores":
                return _scheme(len(result.schemes), width, x - left)
            return _chosen(result, name, width, height, x - left, y - top)
    return {}


def _scheme(schemes: int, width: int, x: int) -> dict[str, Any]:
    room, names = figure_columns(schemes, width)
    return {"scheme": (x - names) // room} if names <= x < names + room * schemes else {}


def _chosen(result: QuantizerResult, view: str, width: int, height: int, x: int, y: int) -> dict[str, Any]:
    at, count = result.at, len(result.schemes[0].stored.x)
    if view == "line":
        low, high = result.reach
        share = min(max((x - 2) / max(width - 5, 1), 0.0), 1.0)
        return {"probe": float(f"{low + share * (high - low):.4g}")}
    if view == "table":
        index = first_row(count, at, height) + y - 2
        return {"at": index} if y >= 2 and index < count else {}
    if view == "blocks":
        room = strip_width(width)
        return {"at": min(int((x - LEFT) * count / room), count - 1)} if LEFT <= x < LEFT + room else {}
    if view == "tile":
        chosen = tile_layout(result, width, height).weight_at(x, y)
        return {"at": chosen} if chosen is not None else {}
    if view == "net" and result.drift is not None:
        return _node(result, width, height, x, y)
    if view == "grow":
        return {"step": y - 1} if 0 < y <= len(result.grown) else {}
    return _value(result, width, x) if view == "map" else {}


def _value(result: QuantizerResult, width: int, x: int) -> dict[str, Any]:
    """The value of the mapping whose dot is nearest."""
    axis = axis_of(result, width)
    values = result.schemes[0].stored.x
    columns = {i: axis.column(float(values[i])) for i in window(result.spots[0].group, result.at)}
    nearest = min(columns, key=lambda i: abs(columns[i] - x))
    return {"at": nearest} if abs(columns[nearest] - x) <= 2 else {}


def _node(result: QuantizerResult, width: int, height: int, x: int, y: int) -> dict[str, Any]:
    assert result.drift is not None
    layers = result.drift.exact.net.layers
    spots = node_spots(result, width, height)
    for (layer, position), (left, row) in spots.items():
        if y == row and left <= x < left + NODE:
            return {"node": sum(layers[:layer]) + position}
    return {}
