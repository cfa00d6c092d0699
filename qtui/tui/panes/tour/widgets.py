"""The tour's own widgets: its header and the field for an answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message
from textual.widget import Widget

from qtui.draw.picture import Line, Picture
from qtui.draw.tour.page import StepPage
from qtui.draw.tour.text import LEAVE, header
from qtui.scenario.tour.result import TourResult
from qtui.tui.host import host_of
from qtui.tui.keymap import bindings
from qtui.tui.panes.tour import keys
from qtui.tui.widgets.dialog import ScrollingDialog
from qtui.tui.widgets.rows import OneLine
from qtui.tui.widgets.text_field import TextField
from qtui.tui.widgets.view import PictureView


class TourHeader(OneLine):
    """Which step of how many, and the chapter."""

    def __init__(self) -> None:
        super().__init__(id="tour-header")
        self._result: TourResult | None = None
        self._done = False
        self._clock = ""

    def show(self, result: TourResult, done: bool, clock: str) -> None:
        """Show where `result` stands; `clock` is that of a presentation."""
        self._result, self._done, self._clock = result, done, clock
        self.refresh()

    def row(self, cells: int) -> Line:
        """The header's only row."""
        if self._result is None:
            return ()
        host = host_of(self)
        return header(self._result, self._done, cells, host.settings.glyphs, self._clock, host.note or LEAVE)


PLACEHOLDER = "your answer, then Enter"


class AnswerField(TextField):
    """Takes a prediction: Enter locks it in, Escape leaves the field for the picture."""

    DEFAULT_CSS = """
    AnswerField { height: 1; border: none; padding: 0; offset: 11 0; width: 48; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.ANSWER)

    class Given(Message):
        """Enter was pressed on `text`."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """The keyboard is to go to the picture."""

    def __init__(self) -> None:
        super().__init__("", id="tour-answer", placeholder=PLACEHOLDER)
        self.cursor_blink = False
        self._refused = False

    def refuse(self) -> None:
        """What was typed is no answer: the next letter, or Backspace, replaces it."""
        self._refused = True
        self.select_all()

    def stays(self) -> bool:
        """Whether Backspace was meant for a refused answer, which is gone already; only once."""
        refused, self._refused = self._refused and self.has_focus, False
        if refused:
            host_of(self).say("the answer is taken back; once more for the step before", "dim")
        return refused

    def ask(self, asks: bool, hides: bool) -> None:
        """Be there as long as the step `asks`; what it `hides` comes with the answer."""
        self.display = asks
        self.placeholder = f"{PLACEHOLDER}: the picture comes then" if hides else PLACEHOLDER

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """As long as nothing is typed, the tour's keys (help, other steps, the way out) come first."""
        return bool(self.value) and super().check_consume_key(key, character)

    async def action_submit(self) -> None:
        """Enter: lock the answer in."""
        self.post_message(self.Given(self.value))

    def action_leave(self) -> None:
        """Escape: the keyboard goes to the picture."""
        self.post_message(self.Left())


class EndScreen(ScrollingDialog):
    """What came of the lesson: the predictions beside the truths, and where to go on."""

    def __init__(self, draw: Callable[[int], Picture]) -> None:
        super().__init__()
        self._draw = draw

    def picture(self, width: int) -> Picture:
        """The end of the lesson."""
        return self._draw(width)


def clock(began: float) -> str:
    """The time, and how long a presentation that `began` then has gone on."""
    return f"{datetime.now():%H:%M}  {int(time.time() - began) // 60} min"


def share_rows(pane: Widget, page: StepPage) -> None:
    """Give the pane's views the rows that they have on `page`, and draw them."""
    text, asked, aside = (pane.query_one(f"#tour-{name}", PictureView) for name in ("text", "ask", "aside"))
    over, under, before = page.margins
    text.styles.height, text.styles.margin = len(page.text), (over, 0, under, 0)
    asked.styles.height, asked.styles.margin = len(page.question), (before, 0, 0, 0)
    aside.display = page.hides
    for view in (text, asked, aside):
        view.redraw()
