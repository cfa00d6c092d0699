"""The drawing that a BitsResult asks for, for the command line."""

from __future__ import annotations

from qtui.draw.bits.density import bins_in, histogram
from qtui.draw.bits.inspect import inspector
from qtui.draw.bits.line import number_line
from qtui.draw.bits.sine import points_in, waves
from qtui.draw.bits.tables import designer, every_format, format_table
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture, line
from qtui.scenario.bits.result import BitsResult

ROOM = 60  # rows that a printed picture may take
PLOT = 20


def plot_columns(view: str, width: int) -> int:
    """Columns of the plot of `view` in `width` cells."""
    return {"density": bins_in, "sine": points_in}.get(view, int)(width)


def drawing(result: BitsResult, width: int, glyphs: Glyphs) -> Picture:
    """The view in `result.view`, as tall as it needs; `result` is plotted in `plot_columns` columns."""
    title = line((result.format.name, "strong"), (f"  {result.format.description}", "dim"))
    if result.view == "inspect":
        return (title, *inspector(result, width, ROOM, glyphs, all_digits=True))
    if result.view == "all":
        head = line(f"{result.input[: width - 30]} in every format, ", (f"rounded {result.rounding}", "dim"))
        return (head, *every_format(result, width, glyphs))
    if result.view == "line":
        return number_line(result, width, ROOM, glyphs)
    if result.view == "density":
        return histogram(result, width, PLOT, glyphs)
    if result.view == "sine":
        return waves(result, width, PLOT + 6, glyphs)
    if result.view == "formats":
        return format_table(result, width, glyphs)
    return (title, *designer(result, width, glyphs))
