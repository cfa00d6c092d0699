"""A dialog that asks for one line of text."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from qtui.tui.keymap import CLOSE, bindings
from qtui.tui.widgets.dialog import Dialog
from qtui.tui.widgets.text_field import TextField


class LineDialog(Dialog[str | None]):
    """Shows `question` and takes a line; Enter returns it, Escape nothing. `more` is said below the field."""

    DEFAULT_CSS = """
    LineDialog { align: center middle; }
    LineDialog > Vertical { width: 72; max-width: 100%; height: auto; padding: 0 1; border: round $primary; }
    LineDialog Input { height: 1; border: none; padding: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings((CLOSE.does("close"),))

    def __init__(self, question: str, text: str = "", *, placeholder: str = "", more: str = "") -> None:
        super().__init__()
        self._question = question
        self._text = text
        self._placeholder = placeholder
        self._more = more

    def compose(self) -> ComposeResult:
        """The question, the field, and what there is to say."""
        with Vertical():
            yield Static(self._question, markup=False)
            field = TextField(self._text, placeholder=self._placeholder)
            field.cursor_blink = False
            yield field
            if self._more:
                yield Static(self._more, markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        self.dismiss(event.value or None)

    def action_close(self) -> None:
        """Escape."""
        self.dismiss(None)
