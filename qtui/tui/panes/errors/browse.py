"""The browse view: the tree of a file's tensors, the search line above it, and beside it what the cursor is on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from qtui.draw.errors.browse import branch_facts, tensor_facts
from qtui.draw.errors.plot import value_histogram
from qtui.draw.errors.views import in_sample, outliers, sampled_line, value_facts
from qtui.draw.errors.words import headline
from qtui.draw.errors.words import sentence as phrase
from qtui.draw.frame import sentence, title
from qtui.draw.glyphs import Glyphs
from qtui.draw.inspect import metadata_table
from qtui.draw.picture import Line, Picture, crop, line, width
from qtui.models.files.model_file import Tensor
from qtui.models.tensors.tree import Branch
from qtui.scenario.errors.result import ErrorsResult
from qtui.tui.host import host_of
from qtui.tui.keymap import EXACT
from qtui.tui.panes.errors.tree import TensorTree
from qtui.tui.widgets.dialog import ScrollingDialog
from qtui.tui.widgets.entry import Entry
from qtui.tui.widgets.fields import FieldChanged
from qtui.tui.widgets.view import PictureView

METADATA_ROWS = 12  # of one value


class Browse(Vertical):
    """Shows one file. The tree's messages `Moved` and `Chosen` go on to the pane."""

    DEFAULT_CSS = """
    Browse { height: 1fr; }
    Browse #errors-search { height: 1; width: 1fr; }
    Browse #errors-tree { width: 45%; max-width: 70; margin-right: 1; }
    """

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="errors-browse")
        self._glyphs = glyphs
        self._result: ErrorsResult | None = None

    def compose(self) -> ComposeResult:
        """The search line, and below it the two halves."""
        with Horizontal(id="errors-search"):
            yield Entry("find", "find", placeholder="part of a name; Enter goes to it", width=40, live=True)
        with Horizontal():
            yield TensorTree(self._glyphs)
            yield Details(self._glyphs)

    def on_mount(self) -> None:
        """The search line appears when it is asked for."""
        self.query_one("#errors-search").display = False

    def show(self, result: ErrorsResult) -> None:
        """Show the file of `result`, and the weights that it has looked at."""
        if result.file is not None:
            self._result = result
            self.query_one(TensorTree).show(result.file, result.scenario.tensor)
            self._describe()

    def _describe(self) -> None:
        if self._result is not None:
            self.query_one(Details).show(self.query_one(TensorTree).item, self._result)

    def ask_words(self) -> None:
        """Show the search line and give it the keyboard."""
        self.query_one("#errors-search").display = True
        self.query_one("#field-find", Entry).focus()

    def on_field_changed(self, event: FieldChanged) -> None:
        """Words were typed."""
        event.stop()
        tree = self.query_one(TensorTree)
        tree.call_later(tree.search, event.value)  # from there: what is posted from here goes no further than here

    def on_entry_done(self, event: Entry.Done) -> None:
        """Enter in the search line: on to the tree; without words the line goes away."""
        event.stop()
        self.query_one("#errors-search").display = bool(self.query_one("#field-find", Entry).value)
        self.screen.set_focus(self.query_one(TensorTree), scroll_visible=False)

    def on_tensor_tree_moved(self, event: TensorTree.Moved) -> None:
        """The cursor moved: until the weights there have been looked at, what the header says is shown."""
        self._describe()

    def on_tensor_tree_whole(self) -> None:
        """All metadata of the file."""
        header = self._result.file.header if self._result is not None and self._result.file is not None else None
        if header is None or not header.metadata:
            host_of(self).say("this file has no metadata")
        else:
            self.app.push_screen(MetadataDialog(header.metadata, self._glyphs))


class Details(PictureView):
    """Shows a branch or a tensor of a file; a tensor's weights as soon as they have been looked at."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(self._screen, id="errors-details")
        self._glyphs = glyphs
        self._item: Branch | Tensor | None = None
        self._result: ErrorsResult | None = None

    def show(self, item: Branch | Tensor | None, result: ErrorsResult) -> None:
        """Show `item`; `result` has the weights of a tensor when it is about this one."""
        self._item, self._result = item, result
        self.redraw()

    def _screen(self, cells: int, rows: int) -> Picture:
        """A rule down the left side, which keeps the facts apart from the tree's rows, and the facts."""
        facts = self._facts(cells - 3, rows)
        rule = (f"{self._glyphs.vertical} ", "axis")
        return tuple(line(rule, *(facts[y] if y < len(facts) else ())) for y in range(max(rows, len(facts))))

    def _facts(self, cells: int, rows: int) -> Picture:
        result = self._result
        header = result.file.header if result is not None and result.file is not None else None
        if result is None or header is None or self._item is None:
            return ()
        if isinstance(self._item, Branch):
            words = sentence(phrase(result, self._glyphs), cells, 3) if not self._item.path else ()
            facts = (*branch_facts(self._item, header, self._glyphs, cells, rows - len(words) - 1), (), *words)
            return tuple(crop(row, cells, self._glyphs.ellipsis) for row in facts)
        about = tensor_facts(self._item, header.nbytes, self._glyphs, cells)
        head: Picture = about
        if result.tensor is None or result.tensor.name != self._item.name:
            return (*head, (), line(("reading", "dim")))
        note = result.rows[0].note if result.rows else ""
        if result.values is None:
            return (*head, (), line((note or "no weights to show", "warn")))
        stats = result.values.stats
        head = (*about[:-2], headline(result, cells, self._glyphs), *about[-2:])
        seen = stats.count + stats.bad
        tail: list[Line] = [*sentence(phrase(result, self._glyphs), cells, 3)]
        key = host_of(self).keymap.text(EXACT)
        tail += [*_looked_at(seen, self._item.count, cells, key), *value_facts(stats, cells)]
        furthest = outliers(stats, self._item.shape, 6 if rows < 30 else 12, cells)
        if furthest:
            tail += [title(f"Furthest from zero{in_sample(result)}", cells, self._glyphs), *furthest]
        room = rows - len(head) - len(tail)
        if room < 6:
            tail = tail[: max(rows - len(head) - 8, 3)]
            room = rows - len(head) - len(tail)
        log = result.scenario.counts == "log"
        body = value_histogram(result.values, cells, room, self._glyphs, log=log)
        return tuple(crop(row, cells, self._glyphs.ellipsis) for row in (*head, *body, *tail))


def _looked_at(measured: int, count: int, cells: int, key: str) -> Picture:
    """How much of the tensor was looked at, and the key for all of it; in two lines where one is too long."""
    all_of_it = (f"  {key}: all", "dim")
    sampled = sampled_line(measured, count)
    if measured >= count:
        return (sampled,)
    if width(sampled) + 8 <= cells:
        return (line(*sampled, all_of_it),)
    share = f"{100 * measured / count:.2g} %"
    return (line(("sampled: ", "warn"), f"{measured:,} of"), line(f"{count:,} weights, {share}", all_of_it))


class MetadataDialog(ScrollingDialog):
    """Keys and values of a file's header, long values over several rows."""

    WIDTH = 110

    def __init__(self, metadata: Mapping[str, Any], glyphs: Glyphs) -> None:
        super().__init__()
        self._metadata = metadata
        self._glyphs = glyphs

    def picture(self, width: int) -> Picture:
        """A row a key, or more."""
        return metadata_table(self._metadata, width, self._glyphs, METADATA_ROWS)
