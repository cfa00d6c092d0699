"""The survey: tensors (or layers, or roles) by formats as a table that sorts, or roles by layers as a heat map."""

from __future__ import annotations

import math
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from qtui.draw.errors.heat import beside_survey, heat_map, role_maps, scale, survey_row
from qtui.draw.errors.plot import fitted, plot
from qtui.draw.errors.table import decibels, format_table, total_quality
from qtui.draw.errors.words import headline
from qtui.draw.errors.words import sentence as phrase
from qtui.draw.frame import GAP, Columns, beside, sentence, split, stack, title
from qtui.draw.glyphs import Glyphs
from qtui.draw.histogram import plot_cells
from qtui.draw.picture import Line, Picture, Span, crop, line, width
from qtui.draw.safe import cell_count, safe
from qtui.models.tensors.names import find
from qtui.scenario.errors.result import ErrorsResult, RoleMap, SurveyRow
from qtui.scenario.errors.scenario import GROUPS, ErrorsScenario
from qtui.tui.host import host_of
from qtui.tui.keymap import EXACT, MARK, MORE, OPEN, Action, bindings
from qtui.tui.panes.errors import keys
from qtui.tui.widgets.view import PictureView

LEAST_PLOT = 6  # rows of a histogram
FIGURE = 9  # cells of a format's column
BOTH_FROM, TABLE = 140, 0.58  # cells from which the map stands beside the table, and the table's share of them
LEAST_MAP = 34  # cells of a map below that, and its title


class SurveyTable(PictureView, can_focus=True):
    """Shows what has been measured so far."""

    SHOWS_FOCUS = True
    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.SURVEY)

    class Chosen(Message):
        """A tensor's row was chosen."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    class GoesOn(Message):
        """The person wants what is not measured yet."""

    class Arranged(Message):
        """The person asks for another grouping or order."""

        def __init__(self, group: str, sort: str) -> None:
            super().__init__()
            self.group = group
            self.sort = sort

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(self._screen, id="errors-survey")
        self._glyphs = glyphs
        self._result: ErrorsResult | None = None
        self.stopped = False
        self._at = (0, 0)  # row, column
        self._height = 1  # rows of the table that were drawn
        self._mapped = False
        self._map_format = 0

    @property
    def _scenario(self) -> ErrorsScenario:
        return self._result.scenario if self._result is not None else ErrorsScenario()

    @property
    def _formats(self) -> tuple[str, ...]:
        return tuple(fmt.name for fmt in self._result.formats) if self._result is not None else ()

    @property
    def _rows(self) -> tuple[SurveyRow, ...]:
        return self._result.survey if self._result is not None else ()

    @property
    def _map(self) -> RoleMap | None:
        """The map, where that is shown."""
        maps = self._result.maps if self._result is not None and self._mapped else ()
        return maps[min(self._map_format, len(maps) - 1)] if maps else None

    def show(self, result: ErrorsResult) -> None:
        """The survey, complete or as far as it goes."""
        self._result = result
        self.stopped = False
        self._map_format = min(self._map_format, max(len(result.formats) - 1, 0))
        self.action_move(0, 0)

    def stop(self) -> None:
        """The survey was cancelled: what is measured stays on show."""
        self.stopped = True
        self.redraw()

    def _screen(self, cells: int, rows: int) -> Picture:
        result = self._result
        if result is None or not result.rows:
            waiting = f"stopped; {self._key(MORE)} goes on" if self.stopped else "measuring"
            closed = f"no file is open: {self._key(OPEN)} opens one"
            return (line((waiting if result is not None else closed, "dim")),)
        head = (headline(result, cells, self._glyphs), self._heading(result, cells))
        rows -= len(head)
        if self._map is not None:
            words = sentence(phrase(result, self._glyphs), cells)
            picture = self._map_rows(self._map, cells, rows - len(words))
            spare = rows - len(picture) - len(words) - 1
            figures = (title("All tensors", cells, self._glyphs), *format_table(result.totals, cells, self._glyphs))
            others = stack(role_maps(result, self._map_format + 1, cells, spare, self._glyphs), figures, height=spare)
            return (*head, *picture, *(((), *others) if others else ()), *words)
        at = min(self._at[1], len(result.maps) - 1)
        columns = self._columns(result, at, cells)
        words = sentence(phrase(result, self._glyphs), columns.left)
        picture = self._table(result, words, columns.left, rows - len(words))
        if not columns.right:
            return (*head, *picture, *self._only(result, cells, rows - len(picture)))
        return (*head, *beside(picture, beside_survey(result, at, columns.right, rows, self._glyphs), columns))

    def _columns(self, result: ErrorsResult, at: int, cells: int) -> Columns:
        """Table and map beside each other in a wide window, or in one where both fit whole; else the table alone."""
        columns = split(cells, TABLE)
        alone = Columns(cells, 0)
        if at < 0 or not result.maps[at].layers or not columns.right:
            return alone
        whole = 1 + max(map(width, self._table(result, (), cells, 4)))
        left = min(columns.left, whole) if cells >= BOTH_FROM else max(columns.left, whole)
        columns = Columns(left, cells - GAP - left)
        if cells < BOTH_FROM:
            roles, layers = result.maps[at].roles, result.maps[at].layers
            room = columns.right - 2 - max(cell_count(safe(role)) for role in roles)
            return columns if columns.right >= LEAST_MAP and len(layers) <= room else alone
        return columns

    def _only(self, result: ErrorsResult, cells: int, rows: int) -> Picture:
        """The errors of the only tensor under its row, where there is room for them."""
        table = format_table(result.totals, cells, self._glyphs)
        height = rows - len(table) - 4
        if len(result.rows) > 1 or result.overlay is None or height < LEAST_PLOT:
            return ()
        heading = title("Its errors", cells, self._glyphs)
        bins, is_log = fitted(result.overlay, plot_cells(cells)), result.scenario.counts == "log"
        steps, stacked = result.scenario.unit == "steps", result.scenario.layout == "stacked"
        drawn = plot(bins, cells, height, self._glyphs, steps=steps, log=is_log, stacked=stacked)
        return ((), heading, *drawn, (), *table)

    def _table(self, result: ErrorsResult, words: Picture, cells: int, rows: int) -> Picture:
        """The table itself, with what stands below it."""
        totals = [row.totals for row in (*result.survey, result.mean) if row.totals]
        widths = [
            max(FIGURE, len(name) + 2, *(len(total_quality(row[index])) + 4 for row in totals))
            for index, name in enumerate(self._formats)
        ]
        fits = 0
        while fits < len(widths) and sum(widths[: fits + 1]) + 24 <= cells:
            fits += 1
        first = max(0, min(self._at[1] - fits + 1, len(widths) - fits))
        shown = range(first, first + fits)
        label = min(
            max((cell_count(safe(row.label)) + 2 * (not row.counted) for row in self._rows), default=0),
            cells - sum(widths[i] for i in shown) - 10,
        )
        label = max(label, 12)
        height = self._height = max(rows - 3, 1)
        top = max(0, min(self._at[0] - height // 2, len(self._rows) - height))
        body = [
            survey_row(row, label, widths, shown, self._glyphs, self._at[0] == top + i)
            for i, row in enumerate(self._rows[top : top + height])
        ]
        foot = survey_row(result.mean, label, widths, shown, self._glyphs)
        partly = any(total.missing and total.tensors for total in result.mean.totals)
        fallback = any(total.fallbacks for total in result.mean.totals)
        signs = [*["^ fallback type"] * fallback, *["* only some tensors"] * partly]
        key = scale(self._glyphs, cells, signs)
        picture = [self._names(label, widths, shown), *body, foot, key, *words]
        return tuple(crop(row, cells, self._glyphs.ellipsis) for row in picture)

    def _heading(self, result: ErrorsResult, cells: int) -> Line:
        """How much is measured, and as much of what else is to be known as fits whole."""
        left = result.expected - len(result.rows)
        measured = sum(bool(row.measures) for row in result.rows)
        share = f"sampled: {100 * result.measured / max(result.count, 1):.2g} % of the weights"
        how = (share, "warn") if result.sampled else ("exact", "good")
        tensors = "1 tensor" if measured == 1 else f"{measured} tensors"
        spans: list[Span | str] = [f"{tensors} measured, ", how]
        if left > 0:
            spans.append((f", {left} to go", "dim"))
        if self.stopped:
            spans.append((f", stopped: {self._key(MORE)} goes on", "warn"))
        elif result.sampled and left <= 0:
            spans.append((f" ({self._key(EXACT)}: all)", "dim"))
        more: list[Span] = []
        if result.left_out:
            more.append((f"   {len(result.left_out)} in ( ) are not in the mean", "dim"))
        if result.quantized:
            more.append((f"   already {', '.join(result.quantized)}: relative to what is stored", "warn"))
        for span in more:
            if width(line(*spans, span)) <= cells:
                spans.append(span)
        return crop(line(*spans), cells, self._glyphs.ellipsis)

    def _names(self, label: int, widths: list[int], shown: range) -> Line:
        spans: list[Span | str] = [("SQNR dB".ljust(label), "strong"), ("weights".rjust(9), "strong")]
        order = self._scenario.sort.removeprefix("-")
        for index in shown:
            name = self._formats[index]
            mark = "" if name != order else (self._glyphs.up if self._scenario.sort[0] == "-" else self._glyphs.down)
            text = f"{mark}{name}".rjust(widths[index] - 1) + " "
            spans.append((text, "cursor" if index == self._at[1] and self.has_focus else "strong"))
        return line(*spans)

    def _map_rows(self, shown: RoleMap, cells: int, rows: int) -> Picture:
        y, x = self._at[0], self._at[1]
        name = self._formats[self._map_format]
        readout: Line = line(("SQNR in whole dB in ", "strong"), (name, "strong"))
        if y < len(shown.roles) and x < len(shown.layers):
            value = "not finite" if shown.decibels[y][x] == -math.inf else f"{decibels(shown.decibels[y][x])} dB"
            readout = line(*readout, f"   layer {shown.layers[x]}  {shown.roles[y]}: ", (value, "strong"))
        height = max(rows - 4, 1)
        top = max(0, min(y - height // 2, len(shown.roles) - height))
        part = slice(top, top + height)
        picture = heat_map(shown.roles[part], shown.layers, shown.decibels[part], cells, self._glyphs, (y - top, x))
        more = line(*readout, (f"   {self._key(MARK)}: another format", "dim"))
        return (more if width(more) <= cells else readout, *picture, scale(self._glyphs))

    def action_move(self, down: int, right: int) -> None:
        """Move the cursor."""
        shown = self._map
        if shown is not None:
            most = (len(shown.roles) - 1, len(shown.layers) - 1)
        else:
            most = (len(self._rows) - 1, len(self._formats) - 1)
        self._at = (
            min(max(self._at[0] + down, 0), max(most[0], 0)),
            min(max(self._at[1] + right, 0), max(most[1], 0)),
        )
        self.redraw()

    @property
    def place(self) -> tuple[int, ...]:
        """Row and column, and the number of the format mapped, from 1; 0 without the map."""
        return *self._at, (1 + self._map_format if self._mapped else 0)

    def put_place(self, place: tuple[int, ...]) -> None:
        """Go to the same cell."""
        if len(place) == 3 and place != self.place:
            self._at, self._mapped = (place[0], place[1]), place[2] > 0
            self._map_format = min(max(place[2] - 1, 0), max(len(self._formats) - 1, 0))
            self.action_move(0, 0)

    def action_choose(self) -> None:
        """Errors of the tensor under the cursor; a layer or role opens into its tensors."""
        if self._map is None and self._at[0] < len(self._rows):
            row = self._rows[self._at[0]]
            if len(row.tensors) == 1 and row.totals and row.totals[0].count + row.totals[0].missing:
                self.post_message(self.Chosen(row.tensors[0]))

    def action_sort(self) -> None:
        """Sort by the column under the cursor, the worst first; again: the best first. On the map: another format."""
        if self._map is not None:
            self._map_format = (self._map_format + 1) % max(len(self._formats), 1)
            self.redraw()
        elif self._formats:
            name = self._formats[self._at[1]]
            now = self._scenario.sort
            self.post_message(
                self.Arranged(
                    self._scenario.group, f"-{name}" if now == name else "file" if now == f"-{name}" else name
                )
            )

    def action_group(self) -> None:
        """Rows for tensors, layers, roles, and round again."""
        now = GROUPS.index(self._scenario.group)
        self.post_message(self.Arranged(GROUPS[(now + 1) % len(GROUPS)], self._scenario.sort))

    def find(self, words: str) -> bool:
        """Put the cursor on the next row whose name has `words`; whether there is one."""
        names = [row.label for row in self._rows]
        matching = set(find(words, names))
        after = [*range(self._at[0] + 1, len(names)), *range(min(self._at[0] + 1, len(names)))]
        row = next((row for row in after if names[row] in matching), None)
        if row is None:
            return False
        self._mapped = False
        self.action_move(row - self._at[0], 0)
        return True

    def action_go_on(self) -> None:
        """Go on where measuring was stopped."""
        self.post_message(self.GoesOn())

    def _key(self, action: Action) -> str:
        return host_of(self).keymap.text(action)

    def action_map(self) -> None:
        """Show the map, or the table again."""
        self._mapped = not self._mapped
        self._at = (0, 0)
        self.action_move(0, 0)

    def on_picture_view_clicked(self, event: PictureView.Clicked) -> None:
        """Put the cursor on the row that was clicked."""
        top = max(0, min(self._at[0] - self._height // 2, len(self._rows) - self._height))
        if self._map is None and event.y >= 3 and not event.drag:
            self.action_move(top + event.y - 3 - self._at[0], 0)
