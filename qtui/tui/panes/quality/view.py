"""What the pane shows under its fields, with the keys that walk it."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture, line
from qtui.draw.quality.lessons import SLIDERS
from qtui.draw.quality.pane import Marks, screen
from qtui.draw.safe import wrapped
from qtui.models.published.quality import PublishedCurve
from qtui.scenario.quality.result import QualityResult
from qtui.tui.host import host_of
from qtui.tui.keymap import RIGHT, bindings
from qtui.tui.panes.quality import keys
from qtui.tui.widgets.view import PictureView


class QualityView(PictureView, can_focus=True):
    """The answer. Up and down choose a format or slider, left and right walk the prompt or move the slider."""

    DEFAULT_CSS = "QualityView { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.VIEW)

    class Slid(Message):
        """A lesson's slider is to be moved one step, down or up."""

        def __init__(self, name: str, by: int) -> None:
            super().__init__()
            self.name = name
            self.by = by

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(self._picture)
        self._glyphs = glyphs
        self._problem = ""
        self.result: QualityResult | None = None
        self.marks = Marks()

    def show(self, result: QualityResult) -> None:
        """Draw `result`, complete or not; another question begins at its top."""
        before = self.result
        if before is None or before.question != result.question:
            self.marks = replace(self.marks, row=0, step=0)
            self.scroll_home(animate=False)
        self.result, self._problem = result, ""
        self.redraw()

    def wait(self) -> None:
        """Nothing is known yet of what is asked."""
        self.result, self._problem = None, ""
        self.redraw()

    @property
    def question(self) -> str:
        """What the picture answers; nothing where there is none."""
        return self.result.question if self.result is not None else ""

    def explain(self, problem: str) -> None:
        """Say `problem` where there is no picture to keep."""
        self._problem = problem
        self.redraw()

    def _picture(self, cells: int, rows: int) -> Picture:
        if self.result is None:
            paragraphs = (self._problem or "reading the model ...").splitlines()
            return tuple(line(text) for part in paragraphs for text in wrapped(part, max(cells, 20)))
        marks = replace(self.marks, right_key=host_of(self).keymap.text(RIGHT))
        return screen(self.result, marks, cells, rows, self._glyphs)

    @property
    def place(self) -> tuple[int, ...]:
        """The row, the place in the prompt, the published curve, and whether the page is turned to the curves."""
        return self.marks.row, self.marks.step, self.marks.curves, int(self.marks.curve_only)

    def put_place(self, place: tuple[int, ...]) -> None:
        """Look at the same."""
        if len(place) == 4 and place != self.place:
            row, step, curves, only = (max(number, 0) for number in place)
            steps = len(self.result.next.steps) if self.result is not None and self.result.next is not None else 0
            self.marks = replace(
                self.marks,
                row=min(row, max(self._rows - 1, 0)),
                step=min(step, steps),
                curves=min(curves, len(self._published) + 1),
                curve_only=only > 0,
            )
            self.redraw()

    @property
    def _rows(self) -> int:
        """Rows that can be chosen."""
        if self.result is None:
            return 0
        if self.result.lesson is not None:
            return len(SLIDERS[self.result.lesson.kind])
        if self.result.next is not None:
            return len(self.result.next.formats)
        return len(self.result.formats) if self.result.question == "table" else 0

    @property
    def _published(self) -> tuple[PublishedCurve, ...]:
        return self.result.published if self.result is not None else ()

    def action_walk(self, by: int) -> None:
        """Choose another row, or scroll where there is none to choose."""
        if not self._rows:
            self.scroll_rows(by)
            return
        self.marks = replace(self.marks, row=min(max(self.marks.row + by, 0), self._rows - 1))
        self.redraw()

    def action_turn(self, by: int) -> None:
        """Go to another place in the prompt, or move the slider."""
        if self.result is None:
            return
        if self.result.lesson is not None:
            sliders = SLIDERS[self.result.lesson.kind]
            if sliders:
                self.post_message(self.Slid(sliders[min(self.marks.row, len(sliders) - 1)], by))
        elif self.result.next is not None:
            step = min(max(self.marks.step - by, 0), len(self.result.next.steps))
            self.marks = replace(self.marks, step=step)
            self.redraw()
        elif self.result.question == "table":
            self.marks = replace(self.marks, curve_only=by > 0)
            self.redraw()

    def action_curves(self) -> None:
        """Show the next of the published curves beside the model's own, then all, then none."""
        if self._published:
            self.marks = replace(self.marks, curves=(self.marks.curves + 1) % (len(self._published) + 2))
            self.redraw()
