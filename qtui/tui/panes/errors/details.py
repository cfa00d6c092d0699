"""What the weights of the tensor under the cursor look like: histogram, moments, outliers."""

from __future__ import annotations

from qtui.draw.errors.views import outliers, sampled_line, value_facts, value_histogram
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, crop, line, width
from qtui.models.files.model_file import ModelFile, Tensor
from qtui.models.tensors.tree import Branch
from qtui.scenario.errors.scenario import ErrorsResult
from qtui.tui.panes.errors.tree import branch_facts, tensor_facts
from qtui.tui.widgets.view import PictureView


class Details(PictureView):
    """Shows a branch or a tensor of a file; a tensor's weights as soon as they have been looked at."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(self._screen, id="errors-details")
        self._glyphs = glyphs
        self._model: ModelFile | None = None
        self._item: Branch | Tensor | None = None
        self._result: ErrorsResult | None = None

    def show(self, model: ModelFile, item: Branch | Tensor | None, result: ErrorsResult | None) -> None:
        """Show `item`; `result` has the weights of a tensor when it is about this one."""
        self._model, self._item = model, item
        self._result = result
        self.redraw()

    def _screen(self, cells: int, rows: int) -> Picture:
        """A rule down the left side, which keeps the facts apart from the tree's rows, and the facts."""
        facts = self._facts(cells - 3, rows)
        rule = (f"{self._glyphs.vertical} ", "axis")
        return tuple(line(rule, *(facts[y] if y < len(facts) else ())) for y in range(max(rows, len(facts))))

    def _facts(self, cells: int, rows: int) -> Picture:
        if self._model is None or self._item is None:
            return ()
        if isinstance(self._item, Branch):
            facts = branch_facts(self._item, self._model, self._glyphs, cells)
            return tuple(crop(row, cells, self._glyphs.ellipsis) for row in facts)
        head = tensor_facts(self._item, self._model, self._glyphs, cells)
        result = self._result
        if result is None or result.tensor is None or result.tensor.name != self._item.name:
            return (*head, (), line(("reading", "dim")))
        note = result.rows[0].note if result.rows else ""
        if result.values is None:
            return (*head, (), line((note or "no weights to show", "warn")))
        values = result.values
        total = values.count + values.bad
        tail: list[Line] = [*_looked_at(total, self._item.count, cells), *value_facts(values, cells)]
        found = outliers(values, self._item.shape, 6 if rows < 30 else 12, cells)
        if found:
            tail += [line(("furthest from zero", "strong")), *found]
        room = rows - len(head) - len(tail)
        if room < 6:
            tail = tail[: max(rows - len(head) - 8, 3)]
            room = rows - len(head) - len(tail)
        log = result.scenario.counts == "log"
        body = value_histogram(values, cells, min(room, 20), self._glyphs, log=log)
        return tuple(crop(row, cells, self._glyphs.ellipsis) for row in (*head, *body, *tail))


def _looked_at(measured: int, count: int, cells: int) -> Picture:
    """How much of the tensor was looked at, and the key for all of it; in two lines where one is too long."""
    found = sampled_line(measured, count)
    if measured >= count:
        return (found,)
    if width(found) + 8 <= cells:
        return (line(*found, ("  x: all", "dim")),)
    share = f"{100 * measured / count:.2g} %"
    return (line(("sampled: ", "warn"), f"{measured:,} of"), line(f"{count:,} weights, {share}", ("  x: all", "dim")))
