"""A step of a listing: a line of Python, and what to say beside it.

Weights are float64, so arithmetic that a format does in float32 says so. `round` takes halves to even, as torch does;
where halves go up, or away from zero, that is written out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from qtui.scenario.quantizer.result import WeightGroup


class Step(NamedTuple):
    """A line `name = expression`, and what to say beside it, with expressions in braces; `known` is what it gives."""

    text: str
    comment: str = ""
    known: Any = None


Listing = tuple[Step, ...]


def backs(group: WeightGroup, table: bool) -> Iterator[Step]:
    """The value of a code: from a table, or on an even grid."""
    if group.scale is None:
        return
    if table:
        yield Step("back  = float32(scale * table[code])", "{scale} * {table[code]} = {back}")
        return
    moved, shown = "code", "{code}"
    if group.zero_point:
        moved, shown = "(code - zero)", "({code} - {zero})"
    if group.minimum is None:
        yield Step(f"back  = float32(scale * {moved})", f"{{scale}} * {shown} = {{back}}")
    else:
        back = f"back  = float32(float32(scale * {moved}) + start)"
        yield Step(back, f"{{scale}} * {shown} + {{start}} = {{back}}")
