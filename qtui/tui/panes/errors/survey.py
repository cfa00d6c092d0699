"""The survey: tensors (or layers, or roles) by formats as a table that sorts, or roles by layers as a heat map."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from qtui.draw.errors.heat import heat_map, scale, shade
from qtui.draw.errors.table import decibels
from qtui.draw.glyphs import Glyphs
from qtui.draw.inspect import shortened_name
from qtui.draw.picture import Line, Picture, Span, crop, line
from qtui.draw.safe import cell_count, padded, safe
from qtui.draw.units import short_count
from qtui.models.files.model_file import ModelFile
from qtui.scenario.errors.groups import RoleMap, SurveyRow, role_map, survey_rows, whole_row
from qtui.scenario.errors.scenario import ErrorsResult, ErrorsScenario, TensorErrors, formats_of
from qtui.tui.widgets.view import PictureView

FIGURE = 9  # cells of a format's column


class SurveyTable(PictureView, can_focus=True):
    """Shows what has been measured so far; the rest arrives by `add`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1, 0)", "up"),
        Binding("down,j", "move(1, 0)", "down"),
        Binding("left", "move(0, -1)", "left"),
        Binding("right", "move(0, 1)", "right"),
        Binding("pageup", "move(-15, 0)", "page up"),
        Binding("pagedown", "move(15, 0)", "page down"),
        Binding("home", "move(-99999, 0)", "first"),
        Binding("end", "move(99999, 0)", "last"),
        Binding("enter", "choose", "errors of this tensor"),
        Binding("r", "sort", "sort by this column"),
        Binding("g", "group", "rows: tensors, layers, roles"),
        Binding("m", "map", "map of roles and layers"),
    ]

    class Chosen(Message):
        """A tensor's row was chosen."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    class Arranged(Message):
        """The person asks for another grouping or order."""

        def __init__(self, group: str, sort: str) -> None:
            super().__init__()
            self.group = group
            self.sort = sort

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(self._screen, id="errors-survey")
        self._glyphs = glyphs
        self._scenario = ErrorsScenario()
        self._title = ""
        self._expected = 0
        self.stopped = False
        self._formats: tuple[str, ...] = ()
        self._measured: list[TensorErrors] = []
        self._rows: list[SurveyRow] = []
        self._whole: SurveyRow | None = None
        self._map: RoleMap | None = None
        self._at = (0, 0)  # row, column
        self._mapped = False
        self._map_format = 0

    def begin(self, scenario: ErrorsScenario, model: ModelFile | None) -> None:
        """A survey starts: forget the last one."""
        self._measured = []
        self.stopped = False
        self._expected = len(model.tensors) if model is not None else 0
        self._title = model.path if model is not None else ""
        self._arrange(scenario)

    def add(self, rows: list[TensorErrors]) -> None:
        """More tensors are measured."""
        self._measured += rows
        self._arrange(self._scenario)

    def stop(self) -> None:
        """The survey was cancelled: what is measured stays on show."""
        self.stopped = True
        self.redraw()

    def show(self, result: ErrorsResult) -> None:
        """The survey is complete, or is to be shown in another order."""
        self._measured = list(result.rows)
        self.stopped = False
        self._expected = len(result.rows)
        self._title = result.title
        self._arrange(result.scenario)

    def _arrange(self, scenario: ErrorsScenario) -> None:
        self._scenario = scenario
        self._formats = tuple(fmt.name for fmt in formats_of(scenario.format))
        self._rows = survey_rows(self._measured, self._formats, scenario.group, scenario.sort)
        self._whole = whole_row(self._measured, self._formats)
        self._map_format = min(self._map_format, max(len(self._formats) - 1, 0))
        self._map = role_map(self._measured, self._map_format) if self._mapped else None
        self.action_move(0, 0)

    def _screen(self, cells: int, rows: int) -> Picture:
        if not self._measured:
            waiting = "stopped; v goes on" if self.stopped else "measuring"
            return (line((waiting if self._title else "no file is open: press o", "dim")),)
        head = self._heading(cells)
        if self._map is not None:
            return (*head, *self._map_rows(self._map, cells, rows - len(head)))
        widths = [max(FIGURE, len(name) + 2) for name in self._formats]
        fits = 0
        while fits < len(widths) and sum(widths[: fits + 1]) + 24 <= cells:
            fits += 1
        first = max(0, min(self._at[1] - fits + 1, len(widths) - fits))
        shown = range(first, first + fits)
        label = min(
            max((cell_count(safe(row.label)) for row in self._rows), default=0),
            cells - sum(widths[i] for i in shown) - 10,
        )
        label = max(label, 12)
        height = max(rows - len(head) - 3, 1)
        top = max(0, min(self._at[0] - height // 2, len(self._rows) - height))
        body = [
            self._row(row, label, widths, shown, self._at[0] == top + i)
            for i, row in enumerate(self._rows[top : top + height])
        ]
        foot = [self._row(self._whole, label, widths, shown, False)] if self._whole is not None else []
        partly = any(found.missing and found.tensors for found in self._whole.totals) if self._whole else False
        key = line(*scale(self._glyphs), ("   * only some tensors", "warn")) if partly else scale(self._glyphs)
        picture = [*head, self._names(label, widths, shown), *body, *foot, key]
        return tuple(crop(row, cells, self._glyphs.ellipsis) for row in picture)

    def _heading(self, cells: int) -> list[Line]:
        left = self._expected - len(self._measured)
        rows = [row for row in self._measured if row.measures]
        looked_at, weights = sum(row.measured for row in rows), sum(row.count for row in rows)
        sampled = looked_at < weights
        share = f"sampled: {100 * looked_at / max(weights, 1):.2g} % of the weights"
        how = (share, "warn") if sampled else ("exact", "good")
        spans: list[Span | str] = [(f"{len(rows)} tensors measured, ", ""), how]
        if left > 0:
            spans.append((f", {left} to go", "dim"))
        if self.stopped:
            spans.append((", stopped: v goes on", "warn"))
        elif sampled and left <= 0:
            spans.append(("   x: all", "dim"))
        quantized = list(dict.fromkeys(row.quantized for row in self._measured if row.quantized))
        if quantized:
            names = ", ".join(quantized)
            spans.append((f"   already {names}: relative to what is stored", "warn"))
        return [crop(line(*spans), cells, self._glyphs.ellipsis)]

    def _names(self, label: int, widths: list[int], shown: range) -> Line:
        spans: list[Span | str] = [("SQNR dB".ljust(label), "strong"), ("weights".rjust(9), "strong")]
        order = self._scenario.sort.removeprefix("-")
        for index in shown:
            name = self._formats[index]
            mark = "" if name != order else (self._glyphs.up if self._scenario.sort[0] == "-" else self._glyphs.down)
            text = f"{mark}{name}".rjust(widths[index] - 1) + " "
            spans.append((text, "cursor" if index == self._at[1] and self.has_focus else "strong"))
        return line(*spans)

    def _row(self, row: SurveyRow, label: int, widths: list[int], shown: range, here: bool) -> Line:
        name = padded(shortened_name(row.label, label, self._glyphs), label)
        spans: list[Span | str] = [(name, "cursor" if here else ""), (short_count(row.weights).rjust(9), "dim")]
        for index in shown:
            found = row.totals[index] if row.totals else None
            if found is None or not found.count:
                spans.append(("-".rjust(widths[index] - 2) + "  ", "dim"))
                continue
            text, role = shade(found.sqnr_db, self._glyphs)
            part = "*" if found.missing else " "
            spans += [decibels(found.sqnr_db).rjust(widths[index] - 2), (text, role), (part, "warn")]
        return line(*spans)

    def _map_rows(self, found: RoleMap, cells: int, rows: int) -> Picture:
        y, x = self._at[0], self._at[1]
        name = self._formats[self._map_format]
        readout: Line = line(("SQNR in whole dB in ", "strong"), (name, "strong"))
        if y < len(found.roles) and x < len(found.layers):
            value = decibels(found.decibels[y][x])
            readout = line(*readout, f"   layer {found.layers[x]}  {found.roles[y]}: ", (f"{value} dB", "strong"))
        height = max(rows - 4, 1)
        top = max(0, min(y - height // 2, len(found.roles) - height))
        shown = slice(top, top + height)
        picture = heat_map(found.roles[shown], found.layers, found.decibels[shown], cells, self._glyphs, (y - top, x))
        return (line(*readout, ("   r: another format", "dim")), *picture, scale(self._glyphs))

    def action_move(self, down: int, right: int) -> None:
        """Move the cursor."""
        if self._map is not None:
            most = (len(self._map.roles) - 1, len(self._map.layers) - 1)
        else:
            most = (len(self._rows) - 1, len(self._formats) - 1)
        self._at = (
            min(max(self._at[0] + down, 0), max(most[0], 0)),
            min(max(self._at[1] + right, 0), max(most[1], 0)),
        )
        self.redraw()

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
            self._map = role_map(self._measured, self._map_format)
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
        order = ("tensor", "layer", "role")
        now = order.index(self._scenario.group)
        self.post_message(self.Arranged(order[(now + 1) % 3], self._scenario.sort))

    def action_map(self) -> None:
        """Show the map, or the table again."""
        self._mapped = not self._mapped
        self._map = role_map(self._measured, self._map_format) if self._mapped else None
        self._at = (0, 0)
        self.action_move(0, 0)

    def on_picture_view_clicked(self, event: PictureView.Clicked) -> None:
        """Put the cursor on the row that was clicked."""
        height = max(self.room.height - 4, 1)
        top = max(0, min(self._at[0] - height // 2, len(self._rows) - height))
        if self._map is None and event.y >= 2 and not event.drag:
            self.action_move(top + event.y - 2 - self._at[0], 0)
