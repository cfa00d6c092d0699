"""What the dialogs share: they close once, however fast the keys come."""

from __future__ import annotations

from typing import TypeVar

from textual import events
from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

from qtui.tui.terminal.compositor import FrugalCompositor
from qtui.tui.terminal.pace import Pace

Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer]):
    """A screen over the others that gives an answer."""

    def __init__(self) -> None:
        super().__init__()
        self._compositor = FrugalCompositor()
        self._pace = Pace(self)

    async def _on_idle(self, event: events.Idle) -> None:
        await self._pace.on_idle(event)

    def type_ahead(self, text: str) -> None:
        """Take `text`, which was typed before the dialog stood; one without an input has no use for it."""

    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """Close with an answer. A second Enter, on its way while the first one closes the dialog, does nothing."""
        if not self.is_current:
            done: AwaitComplete = AwaitComplete.nothing()  # type: ignore[no-untyped-call]
            return done
        return super().dismiss(result)
