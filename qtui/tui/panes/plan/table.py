"""The plan as a table of tensors or roles, whose types can be changed by hand."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from qtui.draw.card import words_of
from qtui.draw.errors.table import decibels
from qtui.draw.frame import group, stack
from qtui.draw.glyphs import Glyphs
from qtui.draw.inspect import shortened_name
from qtui.draw.picture import Line, Picture, Span, crop, line
from qtui.draw.plan.views import mix_table, tensor_table, types_text
from qtui.draw.safe import cell_count, padded, safe
from qtui.draw.units import GB, unit_of
from qtui.scenario.plan.result import PlanResult, PlanRow
from qtui.scenario.plan.scenario import PlanScenario
from qtui.tui.keymap import bindings
from qtui.tui.panes.plan import keys
from qtui.tui.widgets.view import PictureView
from qtui.words.load import cards


class PlanTable(PictureView, can_focus=True):
    """Rows with their types; left and right change the type of the row under the cursor."""

    SHOWS_FOCUS = True
    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.TABLE)

    class Decided(Message):
        """The person gives `key` a type, or with None leaves it to the plan again."""

        def __init__(self, key: str, format: str | None) -> None:
            super().__init__()
            self.key = key
            self.format = format

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(self._screen, id="plan-table")
        self._glyphs = glyphs
        self._result: PlanResult | None = None
        self._by_role = True
        self._at = 0
        self._unit = GB

    @property
    def _rows(self) -> tuple[PlanRow, ...]:
        if self._result is None:
            return ()
        return self._result.roles if self._by_role else self._result.tensors

    def show(self, result: PlanResult) -> None:
        """Draw `result`."""
        self._result = result
        self.action_move(0)

    def _screen(self, cells: int, rows: int) -> Picture:
        if self._result is None:
            card = cards(PlanScenario().pane_name)[PlanScenario().view_name]
            return words_of(("plan", "errors"), card, cells, rows, self._glyphs)
        beside = 46 if self._by_role else 39  # size, quality and types; of a role there can be several
        self._unit = unit_of(self._result.nbytes)
        label = min(
            max((cell_count(safe(_shown(row.key))) for row in self._rows), default=0) + 1, max(cells - beside, 14)
        )
        head = line(
            (("role" if self._by_role else "tensor").ljust(label), "strong"),
            (self._unit.name.rjust(10), "strong"),
            ("  SQNR dB", "strong"),
            ("   type", "strong"),
        )
        height = max(rows - 1, 1)
        top = max(0, min(self._at - height // 2, len(self._rows) - height))
        body = [self._row(row, label, top + i == self._at) for i, row in enumerate(self._rows[top : top + height])]
        if len(body) < len(self._rows):
            head = line(*head, (f"   {top + 1} to {top + len(body)} of {len(self._rows)}", "dim"))
        table = tuple(crop(row, cells, self._glyphs.ellipsis) for row in (head, *body))
        return stack(table, *self._below(self._result, cells, rows - len(table) - 1), height=rows)

    def _below(self, result: PlanResult, cells: int, rows: int) -> list[Picture]:
        """What stands below the table in `rows` rows: the tensors of the marked role, and the mixes."""
        parts: list[Picture] = []
        if self._by_role and self._rows:
            role = self._rows[self._at].key
            members = [row for row in result.tensors if f".{role}." in f".{row.key}"]
            tensors = tensor_table(members, self._unit, cells, self._glyphs)
            parts += [group(f"Tensors of {role}", tensors, cells, self._glyphs)]
            parts = [part for part in parts if len(part) <= rows]
        rows -= sum(len(part) + 1 for part in parts) + 1
        return [*parts, group("llama.cpp's mixes", mix_table(result, cells, rows, self._glyphs), cells, self._glyphs)]

    def _row(self, row: PlanRow, label: int, here: bool) -> Line:
        types = types_text(row, self._glyphs)
        if here:
            types = f"{self._glyphs.left} {types} {self._glyphs.right}"
        role = ("cursor" if self.has_focus else "strong") if here else ""
        spans: list[Span | str] = [
            (padded(shortened_name(_shown(row.key), label - 1, self._glyphs), label), role),
            (self._unit.fine(row.nbytes).rjust(10), "dim"),
            decibels(row.sqnr_db).rjust(9),
            "   ",
            (types, role),
            ("  by hand" if row.by_hand else "", "warn"),
        ]
        return line(*spans)

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        self._at = min(max(self._at + by, 0), max(len(self._rows) - 1, 0))
        self.redraw()

    @property
    def place(self) -> tuple[int, ...]:
        """The row, and whether rows are roles."""
        return self._at, int(self._by_role)

    def put_place(self, place: tuple[int, ...]) -> None:
        """Go to the same row."""
        if len(place) == 2 and place != self.place:
            self._at, self._by_role = place[0], place[1] != 0
            self.action_move(0)

    def action_group(self) -> None:
        """A row a role, or a row a tensor."""
        self._by_role = not self._by_role
        self._at = 0
        self.redraw()

    def action_turn(self, by: int) -> None:
        """Give the row the next smaller or larger type that can store it all."""
        if not self._rows:
            return
        row = self._rows[self._at]
        now = row.types[0][0]
        at = row.able.index(now) + by if now in row.able else 0
        if 0 <= at < len(row.able):
            self.post_message(self.Decided(row.key, row.able[at]))

    def action_free(self) -> None:
        """Take the decision about this row back."""
        if self._rows:
            self.post_message(self.Decided(self._rows[self._at].key, None))

    def click_row(self, y: int) -> None:
        """Put the cursor on the row that was clicked."""
        height = max(self.room.height - 1, 1)
        top = max(0, min(self._at - height // 2, len(self._rows) - height))
        if y >= 1:
            self.action_move(top + y - 1 - self._at)


def _shown(key: str) -> str:
    """A role's or a tensor's name without what all of them end in."""
    return key.removesuffix(".weight")
