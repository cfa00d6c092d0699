"""The errors view: overlaid histograms with a cursor that reads a bin, the figures, worst blocks, the weights."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from qtui.draw.errors.plot import ErrorBins, axis_of, fitted, plot
from qtui.draw.errors.table import format_table
from qtui.draw.errors.views import (
    block_title,
    in_sample,
    outliers,
    sampled_line,
    value_facts,
    worst_blocks,
    worst_tensors,
)
from qtui.draw.errors.words import headline
from qtui.draw.errors.words import sentence as phrase
from qtui.draw.frame import GAP, sentence, split, stack, title
from qtui.draw.glyphs import Glyphs
from qtui.draw.histogram import bin_at, plot_cells
from qtui.draw.inspect import shape_text, shortened
from qtui.draw.picture import Line, Picture, beside, crop, line, width
from qtui.draw.safe import cell_count, safe
from qtui.scenario.errors.result import ErrorsResult
from qtui.tui.host import host_of
from qtui.tui.keymap import EXACT, bindings
from qtui.tui.panes.errors import keys
from qtui.tui.widgets.view import PictureView

PLOT = 0.62  # of the width, where the weights and the worst blocks have room beside it
SIDE_FROM = 118
LEAST_PLOT = 9
LOW = 14  # rows below which the name of what is measured makes room for the plot
FURTHEST, ENOUGH_BLOCKS = (6, 3), 2  # weights furthest from zero: as many as leave room for so many blocks
LEAST_BLOCKS, BLOCKS = 3, 46  # how many of a format, and the cells that their table takes
LEAST_COLUMN = 28  # cells for the weights beside the worst blocks


class ErrorsPlot(PictureView, can_focus=True):
    """Draws one ErrorsResult; left and right move the cursor over the bins."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.PLOT)

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(self._screen, id="errors-plot")
        self._glyphs = glyphs
        self._result: ErrorsResult | None = None
        self._at = 0  # bins right of zero
        self._details = False  # instead of the plot; where they stand beside it, the plot in their place

    def show(self, result: ErrorsResult) -> None:
        """Draw `result`."""
        self._result = result
        self.redraw()

    def _bins(self, room: int) -> ErrorBins | None:
        if self._result is None or self._result.overlay is None:
            return None
        return fitted(self._result.overlay, room)

    def _main_width(self, cells: int) -> int:
        return split(cells, PLOT).left if cells >= SIDE_FROM and not self._details else cells

    def _cursor(self, bins: int) -> int:
        return min(max(bins // 2 + self._at, 0), bins - 1)

    def _screen(self, cells: int, rows: int) -> Picture:
        result = self._result
        if result is None:
            return ()
        wide = cells >= SIDE_FROM
        room = self._main_width(cells)
        about = _heading(result, cells, self._glyphs, host_of(self).keymap.text(EXACT))
        head = (headline(result, cells, self._glyphs), *(about if rows >= LOW else about[-1:]))
        if self._details and not wide:
            return (*head, (), *_instead(result, room, rows - len(head) - 1, self._glyphs))
        words = sentence(phrase(result, self._glyphs), room)
        table = format_table(result.totals, cells, self._glyphs)
        below = rows - len(head) - len(words) - len(table) - 1
        # Without a column beside, what is left under a plot of good height goes to the worst blocks and the weights.
        least = LEAST_PLOT if rows >= LOW else min(rows - len(head) - len(words), LEAST_PLOT)
        height = max(below if wide else min(below, 24), least)
        shown = self._bins(plot_cells(room))
        body: Picture = ()
        if shown is not None:
            scenario = result.scenario
            body = plot(
                shown,
                room,
                height,
                self._glyphs,
                steps=scenario.unit == "steps",
                log=scenario.counts == "log",
                stacked=scenario.layout == "stacked",
                cursor=self._cursor(shown.bins),
            )
        main = (*body, *words)
        if room < cells:
            side = _beside(result, cells - room - GAP, len(main), self._glyphs)
            return (*head, *beside(main, side, room, GAP), (), *table)
        more = _beside(result, room, below, self._glyphs) if below >= 30 and not wide else ()
        return (*head, *main, (), *table, *(((), *more) if more else ()))

    def action_bin(self, by: int) -> None:
        """Move the cursor `by` bins."""
        shown = self._bins(plot_cells(self._main_width(self.room.width)))
        if shown is not None and shown.bins:
            self._at = min(max(self._cursor(shown.bins) + by, 0), shown.bins - 1) - shown.bins // 2
            self.redraw()

    @property
    def place(self) -> tuple[int, ...]:
        """The bin, those left of zero as odd numbers; and whether the key for details was pressed."""
        return (2 * self._at if self._at >= 0 else -2 * self._at - 1), int(self._details)

    def put_place(self, place: tuple[int, ...]) -> None:
        """Go to the same bin."""
        if len(place) == 2 and place != self.place:
            half = (max(place[0], 0) + 1) // 2
            self._at, self._details = (-half if place[0] % 2 else half), place[1] != 0
            self.redraw()

    def action_details(self) -> None:
        """Show the worst blocks and the weights in the plot's place, in a wide window the reverse; or go back."""
        self._details = not self._details
        self.redraw()

    def action_zero(self) -> None:
        """Put the cursor on the bin at zero."""
        self._at = 0
        self.redraw()

    def on_picture_view_clicked(self, event: PictureView.Clicked) -> None:
        """Put the cursor on the bin under the mouse."""
        room = self._main_width(self.room.width)
        shown = self._bins(plot_cells(room))
        if shown is not None and event.x < room:
            at = bin_at(event.x, axis_of(shown, False), room)
            if at is not None:
                self._at = at - shown.bins // 2
                self.redraw()


def _heading(result: ErrorsResult, cells: int, glyphs: Glyphs, key: str) -> Picture:
    """What was measured, and how much of it; `key` measures all."""
    measured = sampled_line(result.measured, max(result.count, 1))
    if result.sampled:
        measured = line(*measured, (f"   {key}: all", "dim"))
    kept: Line = measured
    if result.quantized:
        names = ", ".join(result.quantized)
        kept = line(*measured, (f"   already {names}: errors are relative to what is stored", "warn"))
    name = result.title
    if result.tensor is not None:
        name = f"{result.tensor.name}  {shape_text(result.tensor.shape, glyphs)} {result.tensor.dtype}"
    name = safe(name)
    if cell_count(name) + 3 + width(kept) <= cells:
        return (line((name, "strong"), "   ", *kept),)
    return (line((shortened(name, cells, glyphs), "strong")), crop(kept, cells, glyphs.ellipsis))


def _beside(result: ErrorsResult, cells: int, rows: int, glyphs: Glyphs) -> Picture:
    """The weights themselves, then as many of the worst blocks or tensors of each format as there is room for."""
    several = sum(bool(total.blocks or total.worst) for total in result.totals)
    between = 2 if result.values is None else 3  # rows of a title, a blank, and the heading that blocks have
    for furthest in FURTHEST:
        weights = _weights(result, cells, glyphs, furthest)
        left = rows - len(stack(*weights))
        most = max(left // several - between, 1) if several else LEAST_BLOCKS
        if most >= ENOUGH_BLOCKS:
            break
    picture = stack(*weights, *_worst(result, glyphs, cells, most), height=rows)
    return tuple(crop(row, cells, glyphs.ellipsis) for row in picture)


def _instead(result: ErrorsResult, cells: int, rows: int, glyphs: Glyphs) -> Picture:
    """The worst blocks of each format, and beside them the weights; of many tensors the worst."""
    side_by_side = cells >= BLOCKS + GAP + LEAST_COLUMN
    room = BLOCKS if side_by_side else cells
    tables = [stack(*_worst(result, glyphs, room, most)) for most in range(LEAST_BLOCKS, 0, -1)]
    blocks = next((table for table in tables if len(table) <= rows), tables[-1])
    weights = stack(*_weights(result, cells - BLOCKS - GAP if side_by_side else cells, glyphs))
    both = beside(blocks, weights, BLOCKS, GAP) if side_by_side else stack(blocks, weights)
    return tuple(crop(row, cells, glyphs.ellipsis) for row in both[: max(rows, 0)])


def _weights(result: ErrorsResult, cells: int, glyphs: Glyphs, furthest: int = FURTHEST[0]) -> list[Picture]:
    """The weights' figures, and those furthest from zero; nothing of many tensors."""
    if result.values is None:
        return []
    facts = value_facts(result.values.stats, cells, result.in_part)
    far = outliers(result.values.stats, result.rows[0].shape, furthest, cells)
    return [
        (title("The weights", cells, glyphs), *facts),
        (title(f"Furthest from zero{in_sample(result)}", cells, glyphs), *far),
    ]


def _worst(result: ErrorsResult, glyphs: Glyphs, cells: int, most: int) -> list[Picture]:
    """The worst blocks of one tensor, or the worst tensors of many: `most` a format."""
    if result.values is None:
        return worst_tensors(result.totals, cells, most, glyphs)
    tables = [(total, worst_blocks(total, result.rows[0].shape, most)) for total in result.totals]
    return [(title(block_title(total), cells, glyphs), *table) for total, table in tables if table]
