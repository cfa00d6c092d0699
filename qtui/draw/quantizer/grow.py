"""The network grown on paper: its parameters and bytes at each size."""

from __future__ import annotations

from qtui.draw.frame import SERIES
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span, fitted, line
from qtui.draw.quantizer.parts import LETTERS
from qtui.draw.units import decimal
from qtui.scenario.quantizer.result import QuantizerResult


def picture(result: QuantizerResult, width: int, height: int, glyphs: Glyphs) -> Picture:
    """Each size of the network with its parameters and bytes; the present one is marked and described."""
    count = len(result.schemes)
    rows: list[list[Span | str]] = [
        [(text, "dim") for text in ("", "width", "hidden", "parameters", "bfloat16", *LETTERS[:count])]
    ]
    for index, network in enumerate(result.grown):
        role = "cursor" if index == result.step else ""
        cells: list[Span | str] = [
            (glyphs.right if index == result.step else " ", role),
            (f"{network.width:,}", role),
            (f"{network.hidden:,}", role),
            (f"{network.parameters:,}", role),
            decimal(network.bfloat16_bytes),
        ]
        cells += [(_size(size), SERIES[i]) for i, size in enumerate(network.scheme_bytes)]
        rows.append(cells)
    return (*fitted(rows, "lrrrr" + "r" * count, width, (2, 1)), (), *_described(result, glyphs))


def sentence(result: QuantizerResult) -> str:
    """What there is to see, and why."""
    network, name = result.grown[result.step], result.schemes[0].stored.label
    size = network.scheme_bytes[0]
    stored = f", {decimal(size)} in {name}" if size is not None else ""
    return f"{network.parameters:,} parameters take {decimal(network.bfloat16_bytes)} in bfloat16{stored}."


def _size(nbytes: int | None) -> str:
    """The bytes, where a row fills at least a block."""
    return "-" if nbytes is None else decimal(nbytes)


def _described(result: QuantizerResult, glyphs: Glyphs) -> list[Line]:
    network = result.grown[result.step]
    square = f"{network.width:,}{glyphs.times}{network.width:,}"
    return [
        line(f"{network.hidden + 1} layers of {square} weights: {network.parameters:,} parameters."),
        line(("The Memory pane says whether as many parameters would fit this machine.", "dim")),
    ]
