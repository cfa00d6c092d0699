"""The Bits pane's views, and the choice of a format that stands above them."""

from __future__ import annotations

from qtui.compute.floats.table import number_format, number_formats
from qtui.scenario.bits.scenario import USUAL, VIEWS, BitsScenario
from qtui.tui.panes.bits.inspect import InspectView
from qtui.tui.panes.bits.plots import DensityView, LineView, SineView
from qtui.tui.panes.bits.tables import AllView, CodebookView, DesignView, FormatsView
from qtui.tui.panes.bits.view import BitsView
from qtui.tui.widgets.fields import Choice
from qtui.tui.widgets.picker import Picker

_WITH_KEYS: tuple[type[BitsView], ...] = (
    *(InspectView, AllView, LineView, DensityView, SineView, FormatsView, DesignView, CodebookView),
)


def views_of(scenario: BitsScenario) -> tuple[BitsView, ...]:
    """Every view; one that has no keys of its own is only a picture."""
    known = {view.NAME: view for view in _WITH_KEYS}
    return tuple(known[name](scenario) if name in known else BitsView(scenario, name) for name in VIEWS)


class FormatChoice(Choice):
    """The usual formats one after the other; its list has all of them."""

    def __init__(self, value: str) -> None:
        super().__init__("format", "format", USUAL, value)

    def picker(self) -> Picker:
        """The usual formats first, each with what it is for."""
        formats = {fmt.name: fmt for fmt in map(number_format, USUAL)} | {fmt.name: fmt for fmt in number_formats()}
        titles = [f"{name.ljust(20)} {fmt.description}" for name, fmt in formats.items()]
        return Picker("number format", list(formats), titles, self.value, width=70)
