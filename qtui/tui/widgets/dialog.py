"""What the dialogs share: they close once, however fast the keys come."""

from __future__ import annotations

from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer]):
    """A screen over the others that gives an answer."""

    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """Close with an answer. A second Enter, on its way while the first one closes the dialog, does nothing."""
        if not self.is_current:
            done: AwaitComplete = AwaitComplete.nothing()  # type: ignore[no-untyped-call]
            return done
        return super().dismiss(result)
