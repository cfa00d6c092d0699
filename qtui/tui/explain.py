"""`e`: a card over the pane says what is shown, what its three terms mean, and what to try. Any key closes it."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.geometry import Size

from qtui.draw.card import card_picture
from qtui.draw.picture import Picture
from qtui.scenario.base import Scenario
from qtui.tui.host import host_of
from qtui.tui.keylist import action_named
from qtui.tui.keymap import HELP
from qtui.tui.pane import Pane
from qtui.tui.widgets.dialog import Dialog
from qtui.tui.widgets.view import PictureView
from qtui.words.load import ViewCard, cards


def card_of(scenario: Scenario) -> ViewCard | None:
    """The card of the view that `scenario` asks for, None where it has none."""
    return cards(scenario.pane_name).get(scenario.view_name)


BESIDE = 120  # cells of a window in which a card leaves the left of the picture in sight


class CardScreen(Dialog[None]):
    """One card, until any key or a click."""

    WIDTH: ClassVar[int] = 68  # cells, where the window has them: 64 of text
    DEFAULT_CSS = """
    CardScreen { align: center middle; }
    CardScreen > PictureView { max-width: 100%; max-height: 100%; border: round $primary; padding: 0 1; }
    """

    def __init__(self, card: ViewCard, title: str) -> None:
        super().__init__()
        self._card = card
        self._title = title

    def picture(self, width: int, rows: int) -> Picture:
        """The card in so many cells."""
        keymap = host_of(self).keymap
        return card_picture(self._card, width, rows, lambda name: keymap.text(action_named(name)))

    def compose(self) -> ComposeResult:
        """One picture."""
        view = PictureView(lambda width, _: self.picture(width, self.size.height - 2))
        view.border_title = self._title
        view.border_subtitle = "any key closes"
        yield view

    def fit(self, size: Size) -> None:
        """As tall as the card."""
        view = self.query_one(PictureView)
        width = min(self.WIDTH, size.width)
        view.styles.width = width
        self.styles.align_horizontal = "right" if size.width >= BESIDE else "center"
        view.styles.height = len(self.picture(width - 4, size.height - 2)) + 2

    def on_key(self, event: events.Key) -> None:
        """Close; the key does nothing else."""
        event.stop()
        event.prevent_default()
        self.dismiss(None)

    def on_click(self) -> None:
        """Close."""
        self.dismiss(None)


def explain(pane: Pane[Any, Any]) -> None:
    """Show the card of the pane's view."""
    card = card_of(pane.scenario)
    view = dict(pane.VIEWS).get(pane.view, "")
    if card is None:
        pane.say(f"there is no card for this view; {pane.qtui.keymap.text(HELP)} shows its keys and words", "dim")
    else:
        pane.app.push_screen(CardScreen(card, f"{pane.title}: {view}" if view else pane.title))
