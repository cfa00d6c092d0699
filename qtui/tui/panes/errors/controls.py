"""The fields of the Errors pane."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical

from qtui.compute.distributions import NAMES
from qtui.scenario.errors.scenario import GROUPS, LAYOUTS, ORDERS, ErrorsScenario
from qtui.tui.widgets.entry import Entry
from qtui.tui.widgets.fields import Choice, FieldRow
from qtui.tui.widgets.paths import PathSuggester

FILE = "file"


class ErrorsFields(Vertical):
    """What is measured in the first row, how it is shown in the second.

    `follow` brings them in line with a Scenario. What is typed goes to the pane as FieldChanged.
    """

    DEFAULT_CSS = "ErrorsFields { height: auto; }"

    def __init__(self, scenario: ErrorsScenario) -> None:
        super().__init__(id="errors-fields")
        self._shown = scenario

    def compose(self) -> ComposeResult:
        """The fields with the values they begin with."""
        s = self._shown
        with FieldRow():
            yield Choice("data", "data", (*NAMES, FILE), FILE if s.path else s.data)
            for name, label, path in (("path", FILE, s.path), ("against", "original", s.against)):
                files = PathSuggester(bare=True)
                yield Entry(name, label, path, placeholder="type a path", width=28, suggester=files)
            yield Entry("count", "numbers", str(s.count), width=8, step=_stepped)
            yield Entry("seed", "seed", str(s.seed), width=5, step=_stepped)
        with FieldRow(id="errors-measures"):
            yield Entry("format", "formats", " ".join(s.format), width=34)
            yield Choice("counts", "counts", ("log", "linear"), s.counts)
            yield Choice("layout", "", LAYOUTS, s.layout)
            yield Choice("group", "rows", GROUPS, s.group, titles=[f"{group}s" for group in GROUPS])
            yield Choice("sort", "order", (*ORDERS, *s.format), s.sort)

    def follow(self, s: ErrorsScenario) -> None:
        """Values as `s` has them, and only the fields that its view and data need."""
        self._shown = s
        order = self.query_one("#field-sort", Choice)
        order.set_options((*ORDERS, *s.format))
        chosen = (("data", FILE if s.path else s.data), ("counts", s.counts))
        for name, value in (*chosen, ("layout", s.layout), ("group", s.group), ("sort", s.sort)):
            self.query_one(f"#field-{name}", Choice).value = value
        typed = (
            ("path", s.path),
            ("count", str(s.count)),
            ("seed", str(s.seed)),
            ("format", " ".join(s.format)),
            ("against", s.against),
        )
        for name, value in typed:
            self.query_one(f"#field-{name}", Entry).fill(value)
        surveying, comparing = s.view == "survey", s.view == "against"
        plotted = not surveying and not comparing
        self._show(counts=plotted, layout=s.view == "errors", group=surveying, sort=surveying)
        self.query_one("#errors-measures").display = not comparing
        self._show(path=bool(s.path), count=not s.path, seed=not s.path, against=comparing, data=not comparing)

    def _show(self, **shown: bool) -> None:
        for name, display in shown.items():
            self.query_one(f"#field-{name}").display = display

    def on_entry_done(self) -> None:
        """Typing has ended: where no path was given, there is no field for one."""
        self.follow(self._shown)

    def ask_path(self) -> None:
        """Show the field for a path and give it the keyboard."""
        self._show(path=True, count=False, seed=False)
        self.query_one("#field-path", Entry).focus()

    def ask_formats(self) -> None:
        """Give the field of formats the keyboard."""
        self.query_one("#field-format", Entry).focus()


def _stepped(text: str, by: int) -> str:
    return str(max(int(text) + by, 0)) if text.isdecimal() and len(text) < 19 else text
