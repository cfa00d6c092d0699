"""The tree of a file's tensors, with search."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message

from qtui.draw.glyphs import Glyphs
from qtui.draw.inspect import shape_text, shortened_name
from qtui.draw.picture import Line, Picture, line, pad
from qtui.draw.safe import padded
from qtui.draw.units import decimal
from qtui.models.files.model_file import ModelFile, Tensor
from qtui.models.tensors.names import find
from qtui.models.tensors.tree import Branch, TreeRow, branches_to, visible_rows
from qtui.tui.host import host_of
from qtui.tui.keymap import OPEN, bindings
from qtui.tui.panes.errors import keys
from qtui.tui.widgets.view import PictureView

if TYPE_CHECKING:  # the readers of files
    from qtui.scenario.errors.file import OpenedFile

TALL = 28  # rows from which on branches are opened
WITH_SHAPES = 52  # cells from which rows have room for shapes and types


class TensorTree(PictureView, can_focus=True):
    """Rows of branches and tensors; tells the pane where the cursor is and what is opened."""

    SHOWS_FOCUS = True
    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.TREE)

    class Moved(Message):
        """The cursor is on `item`."""

        def __init__(self, item: Branch | Tensor) -> None:
            super().__init__()
            self.item = item

    class Whole(Message):
        """Enter on the file itself, or the key for its metadata."""

    class Chosen(Message):
        """Enter on a tensor."""

        def __init__(self, tensor: Tensor) -> None:
            super().__init__()
            self.tensor = tensor

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(self._screen, id="errors-tree")
        self._glyphs = glyphs
        self._model: ModelFile | None = None
        self._root = Branch("", "")
        self._opened: frozenset[str] = frozenset()
        self._rows: list[TreeRow] = []
        self._at = 0
        self._words = ""

    @property
    def item(self) -> Branch | Tensor | None:
        """What the cursor is on."""
        return self._rows[self._at].item if self._rows else None

    def show(self, file: OpenedFile, name: str) -> None:
        """List the tensors of `file`, the cursor on the one called `name`."""
        if file.model is not self._model and file.tree is not None:
            self._model, self._root = file.model, file.tree
            self._opened, self._at, self._words = _first_opened(self._root), 0, ""
            self._open_what_fits()
        here = self.item
        if name and not (isinstance(here, Tensor) and here.name == name):
            self._opened |= branches_to(name)
            self._fill()
            self._go_to(name)
        self.redraw()

    def on_resize(self, event: events.Resize) -> None:
        """A tall window shows more of a tree that nobody has opened or closed a branch of."""
        if self._opened == _first_opened(self._root):
            self._open_what_fits()
        super().on_resize(event)

    def _open_what_fits(self) -> None:
        """Open the first branches, as many as a tall window has rows for, and list what is open."""
        rows = self.room.height - 1  # the file has one
        for row in visible_rows(self._root, self._opened) if rows >= TALL else ():
            if isinstance(row.item, Branch) and not row.is_open:
                further = self._opened | {row.item.path}
                if len(visible_rows(self._root, further)) > rows:
                    break
                self._opened = further
        self._fill()

    def search(self, words: str) -> None:
        """Show only tensors whose names match `words`, the best first; nothing shows the tree again."""
        self._words = words.strip()
        self._fill()
        self._at = 0
        self.scroll_to(y=0, animate=False)
        self._report()

    def _fill(self) -> None:
        if self._words and self._model is not None:
            by_name = {tensor.name: tensor for tensor in self._model.tensors}
            self._rows = [TreeRow(0, name, by_name[name]) for name in find(self._words, by_name)]
        else:
            self._rows = visible_rows(self._root, self._opened)
            if self._model is not None:
                self._rows.insert(0, TreeRow(0, "file and metadata", self._root))
        self._at = min(self._at, max(len(self._rows) - 1, 0))

    def _go_to(self, name: str) -> None:
        for index, row in enumerate(self._rows):
            if isinstance(row.item, Tensor) and row.item.name == name:
                self._at = index

    def _screen(self, cells: int, rows: int) -> Picture:
        if not self._rows:
            closed = f"no file is open: {host_of(self).keymap.text(OPEN)} opens one"
            return (line((f"no name matches {self._words!r}" if self._words else closed, "dim")),)
        first = max(0, min(self._at - rows // 2, len(self._rows) - rows))
        return tuple(
            self._row(row, cells, first + index == self._at)
            for index, row in enumerate(self._rows[first : first + rows])
        )

    def _row(self, row: TreeRow, cells: int, here: bool) -> Line:
        if isinstance(row.item, Tensor):
            mark, size = self._glyphs.dot, row.item.nbytes
        else:
            mark, size = (self._glyphs.down if row.is_open else self._glyphs.right), row.item.nbytes
            if not row.item.path:
                mark = self._glyphs.bullet
        tail = decimal(size)
        if cells >= WITH_SHAPES:
            shape = ""
            if isinstance(row.item, Tensor):
                shape = f"{shape_text(row.item.shape, self._glyphs)} {row.item.dtype}"
            tail = f"{shape} {tail.rjust(10)}"
        indent = "  " * row.depth
        room = max(cells - len(indent) - len(tail) - 3, 6)
        label = shortened_name(row.label, room, self._glyphs)
        text = line(padded(f"{indent}{mark} {label}", cells - len(tail) - 1), " ", (tail, "dim"))
        if here:
            whole = "".join(part for part, _ in text)
            return pad(line((whole, "cursor" if self.has_focus else "strong")), cells)
        return text

    @property
    def place(self) -> tuple[int, ...]:
        """The row: the number in the file of its tensor, of a branch the first one; depth, and whether it is open.

        The file itself has the number -1.
        """
        if not self._rows or self._model is None or self._words:
            return ()
        row = self._rows[self._at]
        numbers = (number for number, tensor in enumerate(self._model.tensors) if _holds(row, tensor.name))
        return next(numbers, -1), row.depth, int(row.is_open)

    def put_place(self, place: tuple[int, ...]) -> None:
        """Go to the same row; what leads there is opened."""
        if len(place) != 3 or place == self.place or self._model is None or self._words:
            return
        number, depth, is_open = place
        if 0 <= number < len(self._model.tensors):
            self._go_into(self._model.tensors[number].name, max(depth, 0))
            row = self._rows[self._at]
            if isinstance(row.item, Branch) and row.is_open != bool(is_open):
                self._opened ^= {row.item.path}
                self._fill()
        else:
            self._at = 0
        self._report()

    def _go_into(self, name: str, depth: int) -> None:
        """Go to the row at `depth` that is the tensor `name` or has it in it."""
        while True:
            self._at = max(at for at, row in enumerate(self._rows) if _holds(row, name))
            row = self._rows[self._at]
            if isinstance(row.item, Tensor) or row.depth >= depth:
                break
            self._opened |= {row.item.path}
            self._fill()
        while self._rows[self._at].depth > depth:
            self._at -= 1

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        if self._rows:
            self._at = min(max(self._at + by, 0), len(self._rows) - 1)
            self._report()

    def action_open(self) -> None:
        """Open the branch under the cursor; on a tensor, go on to the next row."""
        item = self.item
        if isinstance(item, Branch) and item.path not in self._opened:
            self._opened |= {item.path}
            self._fill()
            self._report()
        else:
            self.action_move(1)

    def action_close(self) -> None:
        """Close the branch under the cursor, or go to the one around it."""
        item = self.item
        if isinstance(item, Branch) and item.path in self._opened:
            self._opened -= {item.path}
            self._fill()
        elif self._rows:
            depth = self._rows[self._at].depth
            above = [i for i in range(self._at) if self._rows[i].depth < depth]
            self._at = above[-1] if above else self._at
        self._report()

    def action_choose(self) -> None:
        """Measure the tensor under the cursor, or open or close the branch."""
        item = self.item
        if isinstance(item, Tensor):
            self.post_message(self.Chosen(item))
        elif item is self._root:
            self.action_metadata()
        elif isinstance(item, Branch):
            if item.path in self._opened:
                self.action_close()
            else:
                self.action_open()

    def action_metadata(self) -> None:
        """All metadata of the file."""
        self.post_message(self.Whole())

    def on_picture_view_clicked(self, event: PictureView.Clicked) -> None:
        """Put the cursor on the row that was clicked."""
        if event.drag:
            return
        rows = self.room.height
        first = max(0, min(self._at - rows // 2, len(self._rows) - rows))
        self.action_move(first + event.y - self._at)

    def _report(self) -> None:
        self.redraw()
        if self.item is not None:
            self.post_message(self.Moved(self.item))


def _holds(row: TreeRow, name: str) -> bool:
    """Whether the row is the tensor `name`, or a branch with it in it."""
    return row.item.name == name if isinstance(row.item, Tensor) else name.startswith(f"{row.item.path}.")


def _first_opened(root: Branch) -> frozenset[str]:
    """Branches that are open at first: those on the way to the layers, not the layers themselves."""
    opened: frozenset[str] = frozenset()
    while True:
        further = frozenset(
            row.item.path
            for row in visible_rows(root, opened)
            if isinstance(row.item, Branch) and not row.label.rpartition(".")[2].isdigit()
        )
        if further <= opened:
            return opened
        opened |= further
