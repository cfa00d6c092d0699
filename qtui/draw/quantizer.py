"""The playground's views by name, and the pages made of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture, crop, line
from qtui.draw.quantizer_bytes import stored_bytes
from qtui.draw.quantizer_ledger import bits_ledger
from qtui.draw.quantizer_map import mapping
from qtui.draw.quantizer_score import notes, scoreboard
from qtui.draw.quantizer_table import table

if TYPE_CHECKING:
    from qtui.scenario.quantize import QuantizeResult

View = Callable[["QuantizeResult", int, int, Glyphs], Picture]


def view(result: QuantizeResult, width: int, height: int, glyphs: Glyphs) -> Picture:
    """The view that the Scenario asks for, in `width` columns and about `height` rows."""
    stored = [each.stored for each in result.schemes]
    at, name = result.at, result.scenario.show
    if name == "table":
        return table(stored, at, width, height, glyphs)
    if name == "bytes":
        return stored_bytes(stored, at, width, height)
    if name == "ledger":
        return bits_ledger(stored, width, glyphs)
    return mapping(stored, at, width, height, glyphs)


def dashboard(result: QuantizeResult, width: int, height: int, glyphs: Glyphs) -> Picture:
    """What the pane shows: the view, remarks where there is room, and in a large window more views beside it."""
    shown = view(result, width, height, glyphs)
    room = height - len(shown) - 1
    if result.notes and room > 0:
        shown = (*shown, (), *notes(result.notes[:room], width, glyphs))
    return tuple(crop(row, width, glyphs.ellipsis) for row in shown)


def page(result: QuantizeResult, width: int, glyphs: Glyphs) -> Picture:
    """What `qtui quantize` prints: where the numbers are from, the scoreboard, the view, remarks."""
    count = f"{result.count:,} numbers" if result.count != 1 else "1 number"
    title = line((result.title, "strong"), (f"  {count}", "dim"))
    shown = view(result, width, min(24, max(12, result.count + 2)), glyphs)
    rows = (title, (), *scoreboard(result.schemes, width, glyphs), (), *shown)
    rest = ((), *notes(result.notes, width, glyphs)) if result.notes else ()
    return tuple(crop(row, width, glyphs.ellipsis) for row in (*rows, *rest))
