"""The browse view: the tree of a file's tensors, the search line above it, and beside it what the cursor is on."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from qtui.draw.glyphs import Glyphs
from qtui.models.files.model_file import ModelFile
from qtui.models.files.source import ModelFileError
from qtui.models.tensors.tree import Branch
from qtui.scenario.errors.scenario import ErrorsResult
from qtui.tui.host import host_of
from qtui.tui.panes.errors.details import Details
from qtui.tui.panes.errors.metadata import metadata_dialog
from qtui.tui.panes.errors.tree import TensorTree
from qtui.tui.widgets.entry import Entry
from qtui.tui.widgets.fields import FieldChanged


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
        self._model: ModelFile | None = None
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

    def show(self, model: ModelFile, tree: Branch, result: ErrorsResult) -> None:
        """Show `model`, whose names make `tree`, and the weights that `result` has looked at."""
        self._model, self._result = model, result
        self.query_one(TensorTree).show(model, tree, result.scenario.tensor)
        self._describe()

    def _describe(self) -> None:
        if self._model is not None:
            self.query_one(Details).show(self._model, self.query_one(TensorTree).item, self._result)

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
        app = host_of(self)
        if self._model is None or not self._model.metadata:
            app.say("this file has no metadata")
            return
        try:
            self.app.push_screen(metadata_dialog(self._model, self._glyphs))
        except ModelFileError as error:
            app.say(str(error), "bad")
