"""The network grown on paper: more layers, wider layers, up to a trillion parameters."""

from __future__ import annotations

from collections.abc import Sequence

from qtui.compute.quantizer.network import Step
from qtui.compute.quantizer.stored import StoredWeights
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span, columns, line
from qtui.draw.quantizer.parts import LETTERS, SERIES
from qtui.draw.units import decimal


def growth(schemes: Sequence[StoredWeights], steps: Sequence[Step], at: int, width: int, glyphs: Glyphs) -> Picture:
    """Each size of the network with its parameters and bytes; step `at` is marked and told in words."""
    head = ["", "width", "hidden", "parameters", "bfloat16", *(f"{LETTERS[i]}" for i in range(len(schemes)))]
    rows: list[list[Span | str]] = [[(text, "dim") for text in head]]
    for index, step in enumerate(steps):
        here = index == at
        role = "cursor" if here else ""
        cells: list[Span | str] = [
            (glyphs.right if here else " ", role),
            (f"{step.width:,}", role),
            (f"{step.hidden:,}", role),
            (f"{step.parameters:,}", role),
            decimal(2 * step.parameters),
        ]
        cells += [(_size(each, step), SERIES[i]) for i, each in enumerate(schemes)]
        rows.append(cells)
    return (*columns(rows, "lrrrr" + "r" * len(schemes)), (), *_told(schemes, steps[at], glyphs))


def _size(each: StoredWeights, step: Step) -> str:
    """The bytes, where a row fills at least a block."""
    return decimal(size_of(each, step)) if step.width >= each.format.block_size else "-"


def size_of(each: StoredWeights, step: Step) -> int:
    """Bytes of the step's square layers in the format."""
    return (step.hidden + 1) * each.format.nbytes((step.width, step.width))


def _told(schemes: Sequence[StoredWeights], step: Step, glyphs: Glyphs) -> list[Line]:
    square = f"{step.width:,}{glyphs.times}{step.width:,}"
    first = schemes[0]
    return [
        line(f"{step.hidden + 1} layers of {square} weights: {step.parameters:,} parameters."),
        line(
            f"At 2 bytes each (bfloat16) {decimal(2 * step.parameters)}; in {first.label} ",
            f"{_size(first, step)}.",
        ),
        line(("m", "key"), " opens Memory with as many parameters: would they fit this machine?"),
        line(("left right", "key"), " grow and shrink; ", ("g", "key"), " goes back to the network"),
    ]
