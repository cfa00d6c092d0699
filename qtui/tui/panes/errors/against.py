"""What a file lost against its original, tensor by tensor."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.message import Message

from qtui.draw.card import READABLE, about, terms, words_of
from qtui.draw.errors.against import against_report
from qtui.draw.errors.browse import branch_facts
from qtui.draw.frame import beside, split
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture, line
from qtui.draw.safe import wrapped
from qtui.scenario.errors.against.result import AgainstResult
from qtui.scenario.errors.scenario import ErrorsScenario
from qtui.tui.host import host_of
from qtui.tui.keymap import OPEN, TAKE, bindings
from qtui.tui.panes.errors import keys
from qtui.tui.widgets.view import PictureView
from qtui.words.load import cards

if TYPE_CHECKING:  # the readers of files
    from qtui.scenario.errors.file import OpenedFile


class AgainstView(PictureView, can_focus=True):
    """Shows the comparison of two files, which scrolls."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.AGAINST)

    class Asked(Message):
        """The person wants to name the original."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(self._screen, id="errors-against")
        self._glyphs = glyphs
        self._result: AgainstResult | None = None
        self._file: OpenedFile | None = None

    def wait(self, file: OpenedFile | None) -> None:
        """Say what can be done, and what `file` holds."""
        self._file = file
        self.redraw()

    def show(self, result: AgainstResult) -> None:
        """Draw `result`."""
        self._result = result
        self.redraw()

    def _screen(self, cells: int, rows: int) -> Picture:
        if self._result is None:
            keymap = host_of(self).keymap
            steps = (
                f"Open the quantized file with {keymap.text(OPEN)}; it may be of any maker.",
                f"Name its original, a file or a folder, with {keymap.text(TAKE)}.",
                "Every tensor is compared with its own: what this very file lost, and where most.",
            )
            heading = line(("Two files side by side: what did this one lose?", "strong"))
            rows_of = (row for number, step in enumerate(steps, 1) for row in wrapped(f"{number}  {step}", cells))
            drawn = (heading, (), *map(line, rows_of), ())
            if self._file is None or self._file.tree is None or self._file.header is None:
                return self._explained(drawn, cells, rows)
            whole = self._file.tree, self._file.header
            return (*drawn, *branch_facts(*whole, self._glyphs, cells, rows - len(drawn)))
        return against_report(self._result, cells, self._glyphs)

    def _explained(self, steps: Picture, cells: int, rows: int) -> Picture:
        """Without a file: what can be done, what the view shows, and where there is room the pane's words."""
        scenario = ErrorsScenario(view="against")
        card = cards(scenario.pane_name)[scenario.view_name]
        columns = split(cells, 0.5)
        wide = min(columns.left, READABLE)
        drawn = (about(card, wide), about(card, wide, whole=False), terms(card.terms, wide, whole=False))
        left = (*steps, *next((part for part in drawn if len(steps) + len(part) <= rows), ()))
        if not columns.right:
            return left[:rows]
        return beside(left, words_of(("errors",), card, columns.right, rows, self._glyphs), columns)[:rows]

    def action_original(self) -> None:
        """Name the original."""
        self.post_message(self.Asked())

    def action_scroll(self, by: int) -> None:
        """Scroll by rows."""
        self.scroll_rows(by)
