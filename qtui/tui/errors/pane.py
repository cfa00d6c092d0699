"""The Errors pane: its fields, its three views, and the keys that lead from one to the other."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from textual.app import ComposeResult
from textual.containers import Horizontal

from qtui.compute.distributions import NAMES
from qtui.models.files import ModelFile
from qtui.models.tensor_tree import Branch
from qtui.scenario.errors import (
    GROUPS,
    LAYOUTS,
    ORDERS,
    SAMPLE,
    VIEWS,
    ErrorsResult,
    ErrorsScenario,
    TensorErrors,
    solve,
)
from qtui.scenario.plan import PlanScenario
from qtui.scenario.progress import Cancelled, Progress
from qtui.tui.errors.details import Details
from qtui.tui.errors.keys import BINDINGS, HINTS, KEYS
from qtui.tui.errors.opened import Opened
from qtui.tui.errors.plot import ErrorsPlot
from qtui.tui.errors.survey import SurveyTable
from qtui.tui.errors.tree import TensorSearch, TensorTree
from qtui.tui.pane import Pane
from qtui.tui.widgets.fields import Choice, Entry, FieldChanged
from qtui.tui.widgets.view import PictureView

FILE = "file"
KEPT = 8  # results that are kept, so that turning a knob of the drawing measures nothing again
SHOW_EVERY = 0.25  # seconds between two additions to a survey on show


class ErrorsPane(Pane):
    """Shows the errors of formats on numbers, on one tensor, or on all tensors of a file."""

    SCENARIO = ErrorsScenario
    title = "Errors"
    HINTS = HINTS
    KEYS = KEYS
    DEFAULT_CSS = """
    ErrorsPane .fields { height: 1; width: 1fr; }
    ErrorsPane Choice { margin-right: 2; }
    ErrorsPane Entry { margin-right: 2; }
    ErrorsPane #errors-browse { height: 1fr; }
    ErrorsPane #errors-tree { width: 45%; max-width: 70; margin-right: 1; }
    """
    BINDINGS = BINDINGS

    def __init__(self, scenario: ErrorsScenario) -> None:
        super().__init__(scenario)
        self._opened = Opened()
        self._kept: dict[tuple[object, ...], ErrorsResult] = {}

    def compose(self) -> ComposeResult:
        """Two rows of fields above the view."""
        s: ErrorsScenario = self.scenario
        with Horizontal(classes="fields"):
            yield Choice("view", "view", VIEWS, s.view)
            yield Choice("data", "data", (*NAMES, FILE), FILE if s.path else s.data)
            yield Entry("path", FILE, s.path, placeholder="press o, type a path", width=28)
            yield Entry("count", "numbers", str(s.count), width=8, step=_stepped)
            yield Entry("seed", "seed", str(s.seed), width=5, step=_stepped)
        with Horizontal(classes="fields"):
            yield Entry("format", "formats", " ".join(s.format), width=34)
            yield Choice("counts", "counts", ("log", "linear"), s.counts)
            yield Choice("layout", "", LAYOUTS, s.layout)
            yield Choice("group", "rows", GROUPS, s.group, titles=[f"{group}s" for group in GROUPS])
            yield Choice("sort", "order", (*ORDERS, *s.format), s.sort)
        with Horizontal(classes="fields", id="errors-search"):
            yield TensorSearch(
                "find", "find", "", placeholder="part of a name; Enter goes to it", width=40, live=True
            )
        yield ErrorsPlot(self.glyphs)
        with Horizontal(id="errors-browse"):
            yield TensorTree(self.glyphs)
            yield Details(self.glyphs)
        yield SurveyTable(self.glyphs)

    def on_mount(self) -> None:
        """The search line appears when it is asked for."""
        self.query_one("#errors-search").display = False
        self._arrange(self.scenario)

    def focus_first(self) -> None:
        """The keyboard starts on the view: the cursor keys read it at once."""
        self.give_focus(self._view())

    def _view(self) -> PictureView:
        kinds = {"errors": ErrorsPlot, "browse": TensorTree, "survey": SurveyTable}
        found: PictureView = self.query_one(kinds[self.scenario.view])
        return found

    def quick(self, scenario: ErrorsScenario) -> bool:
        """Numbers drawn here are, and what was measured before; a file may be far away and slow."""
        if self._kept.get(_measured_by(scenario)) is not None:
            return True
        return not scenario.path and scenario.count * len(scenario.format) <= 1 << 18

    def solve(self, scenario: ErrorsScenario, progress: Progress) -> ErrorsResult:
        """Measure; in the survey, rows are shown as they come."""
        key = _measured_by(scenario)
        kept = self._kept.get(key)
        if kept is not None:
            return replace(kept, scenario=scenario)
        opened = self._opened.model(scenario.path) if scenario.path else None
        on_row = self._as_they_come(scenario, opened) if scenario.view == "survey" else None
        try:
            result = solve(scenario, progress, opened=opened, on_row=on_row)
        except Cancelled:
            if scenario.view == "survey" and self.is_attached:
                self.app.call_from_thread(self.query_one(SurveyTable).stop)
            raise
        for old in list(self._kept)[:-KEPT]:
            del self._kept[old]
        self._kept[key] = result
        return result

    def _as_they_come(self, scenario: ErrorsScenario, opened: ModelFile | None) -> Callable[[TensorErrors], None]:
        """Hands measured tensors to the table, several at a time: a screen can't show more, nor a wire carry it."""
        table = self.query_one(SurveyTable)
        self.app.call_from_thread(table.begin, scenario, opened)
        waiting: list[TensorErrors] = []
        last = time.monotonic()

        def take(found: TensorErrors) -> None:
            nonlocal last
            waiting.append(found)
            if time.monotonic() - last >= SHOW_EVERY:
                self.app.call_from_thread(table.add, list(waiting))
                waiting.clear()
                last = time.monotonic()

        return take

    def show(self, scenario: ErrorsScenario, result: ErrorsResult) -> None:
        """Draw the result in its view, and bring the fields in line."""
        self._arrange(scenario)
        if scenario.view == "browse":
            if result.model is not None:
                self.query_one(TensorTree).show(result.model, scenario.tensor)
                self._describe(result.model, result)
        elif scenario.view == "survey":
            self.query_one(SurveyTable).show(result)
        else:
            self.query_one(ErrorsPlot).show(result)

    def _describe(self, model: ModelFile, result: ErrorsResult | None) -> None:
        self.query_one(Details).show(model, self.query_one(TensorTree).item, result)

    def _arrange(self, s: ErrorsScenario) -> None:
        """Fields and views as the scenario says."""
        for name, value in (("view", s.view), ("data", FILE if s.path else s.data), ("counts", s.counts)):
            self.query_one(f"#field-{name}", Choice).value = value
        self.query_one("#field-layout", Choice).value = s.layout
        self.query_one("#field-group", Choice).value = s.group
        order = self.query_one("#field-sort", Choice)
        order.set_options((*ORDERS, *s.format))
        order.value = s.sort
        surveying = s.view == "survey"
        for name, shown in (("counts", not surveying), ("layout", s.view == "errors"), ("group", surveying)):
            self.query_one(f"#field-{name}").display = shown
        order.display = surveying
        for name, value in (("path", s.path), ("count", str(s.count)), ("seed", str(s.seed))):
            self.query_one(f"#field-{name}", Entry).value = value
        self.query_one("#field-format", Entry).value = " ".join(s.format)
        self.query_one("#field-path").display = bool(s.path)
        self.query_one("#field-count").display = self.query_one("#field-seed").display = not s.path
        views = {"errors": "#errors-plot", "browse": "#errors-browse", "survey": "#errors-survey"}
        focused = self.screen.focused
        for name, where in views.items():
            widget = self.query_one(where)
            hide = name != s.view
            if hide and focused is not None and (focused is widget or widget in focused.ancestors):
                self.call_after_refresh(self.focus_first)
            widget.display = not hide

    def on_field_changed(self, event: FieldChanged) -> None:
        """A field changed."""
        name, value = event.name, event.value
        if name == "find":
            self.query_one(TensorTree).search(value)
        elif name == "data":
            if value == FILE:
                self.action_open_file()
            else:
                self._take(data=value, path="", tensor="", view="errors", exact=False, sample=0)
        elif name == "path":
            self._take_path(value.strip())
        elif name == "format":
            self.change(format=tuple(value.split()) or ErrorsScenario().format)
        elif name in ("count", "seed"):
            if value.strip().isdigit():
                self.change(live=event.live, **{name: int(value)})
            else:
                self.say(f"{name} takes a whole number, not {value!r}", "bad")
        elif name == "view":
            self.action_view(value)
        else:
            self.change(live=event.live, **{name: value})

    def _take(self, **values: Any) -> None:
        """Change the scenario and turn to its view at once, before there is anything to show in it."""
        self.change(**values)
        self._arrange(self.scenario)

    def _take_path(self, path: str) -> None:
        if path:
            self._take(path=path, tensor="", view="browse", sample=SAMPLE, exact=False)
        else:
            self._take(path="", tensor="", view="errors", sample=0, exact=False)
        self.focus_first()

    def action_open_file(self) -> None:
        """Show the field for a path and give it the keyboard."""
        entry = self.query_one("#field-path", Entry)
        entry.display = True
        self.query_one("#field-count").display = self.query_one("#field-seed").display = False
        entry.input.focus()

    def action_edit_formats(self) -> None:
        """Go to the field of formats."""
        self.query_one("#field-format", Entry).input.focus()

    def action_view(self, view: str) -> None:
        """Go to one of the views."""
        if view != "errors" and not self.scenario.path:
            self.query_one("#field-view", Choice).value = self.scenario.view
            self.say(f"{view} needs a model file: press o and type its path")
            return
        if view == self.scenario.view == "survey" and self.query_one(SurveyTable).stopped:
            self.post_message(self.Changed(self.scenario))  # goes on where it was
        self._take(view=view)

    def action_turn(self, name: str) -> None:
        """Take the other of two values."""
        other = {"counts": ("log", "linear"), "unit": ("weights", "steps"), "layout": LAYOUTS}[name]
        now = getattr(self.scenario, name)
        values: dict[str, Any] = {name: other[1] if now == other[0] else other[0]}
        self.change(**values)

    def action_even(self) -> None:
        """Show or hide what even rounding would give."""
        self.change(even=not self.scenario.even)

    def action_zoom(self, by: int) -> None:
        """Halve or double the range of errors."""
        self.change(live=True, zoom=min(max(self.scenario.zoom + by, 0), 12))

    def action_exact(self) -> None:
        """Measure everything, or go back to a sample."""
        if self.scenario.path:
            self.change(exact=not self.scenario.exact)
        else:
            self.say("these numbers are measured in full already")

    def action_all(self) -> None:
        """All tensors of the file together."""
        if self.scenario.path:
            self._take(tensor="", view="errors")

    def action_plan(self) -> None:
        """A format for each tensor of this file."""
        if self.scenario.path:
            self.go(PlanScenario(path=self.scenario.path))
        else:
            self.say("a plan needs a model file: press o and type its path")

    def action_search(self) -> None:
        """Show the search line of the tree."""
        if self.scenario.view == "browse":
            self.query_one("#errors-search").display = True
            self.query_one("#field-find", Entry).input.focus()

    def on_tensor_search_done(self) -> None:
        """Enter in the search line: on to the tree; without words the line goes away."""
        self.query_one("#errors-search").display = bool(self.query_one("#field-find", Entry).value)
        self.query_one(TensorTree).focus(scroll_visible=False)

    def on_tensor_tree_moved(self, event: TensorTree.Moved) -> None:
        """The tree's cursor moved: look at that tensor's weights."""
        if isinstance(event.item, Branch):
            model = self._opened.last
            if model is not None:
                self._describe(model, None)
        elif event.item.name != self.scenario.tensor:
            if self._opened.last is not None:
                self._describe(self._opened.last, None)
            self.change(live=True, tensor=event.item.name)

    def on_tensor_tree_chosen(self, event: TensorTree.Chosen) -> None:
        """Errors of the tensor that was chosen."""
        self._take(tensor=event.tensor.name, view="errors")

    def on_survey_table_arranged(self, event: SurveyTable.Arranged) -> None:
        """Another grouping or order of the survey."""
        self.change(group=event.group, sort=event.sort)

    def on_survey_table_chosen(self, event: SurveyTable.Chosen) -> None:
        """Errors of the tensor that was chosen in the survey."""
        self._take(tensor=event.name, view="errors")

    def on_picture_view_clicked(self, event: PictureView.Clicked) -> None:
        """The mouse does what the cursor keys do."""
        if isinstance(event.view, ErrorsPlot):
            event.view.point(event.x)
        elif isinstance(event.view, TensorTree) and not event.drag:
            event.view.click_row(event.y)
        elif isinstance(event.view, SurveyTable) and not event.drag:
            event.view.click_row(event.x, event.y)


def _measured_by(s: ErrorsScenario) -> tuple[object, ...]:
    """What of a scenario decides what is measured, the rest being how it is shown."""
    if s.path:
        return (s.view, s.path, s.tensor if s.view != "survey" else "", s.format, s.exact, s.sample)
    return (s.view, s.data, s.count, s.seed, s.spread, s.strength, s.format)


def _stepped(text: str, by: int) -> str:
    return str(max(int(text) + by, 0)) if text.strip().isdigit() else text
