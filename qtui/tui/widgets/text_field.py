"""An input of bounded length, whatever is pasted into it."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import events
from textual.widgets import Input


class TextField(Input):
    """An input of one row that takes one line of so many characters, also of a paste."""

    DEFAULT_CSS = "TextField { height: 1; padding: 0; border: none !important; }"
    LONGEST: ClassVar[int] = 4096  # as a path may be

    def __init__(self, value: str | None = None, **options: Any) -> None:
        # Textual gives the class a little later, and finds the styles of the field and of its parts once more for it.
        super().__init__(value, max_length=self.LONGEST, classes="-valid", **options)

    def complete(self) -> bool:
        """Take what is suggested behind the cursor, if anything is."""
        before = self.value
        if self.cursor_at_end:
            self.action_cursor_right()
        return self.value != before

    def on_paste(self, event: events.Paste) -> None:
        """Take of the first line what there is room for and what shows."""
        event.prevent_default()
        event.stop()
        text = "".join(filter(str.isprintable, next(iter(event.text[: self.LONGEST].splitlines()), "")))
        room = self.LONGEST - len(self.value) + len(self.selected_text)
        self.replace(text[: max(room, 0)], *self.selection)
