"""The Errors pane: its fields, its three views, and the keys that lead from one to the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from qtui.error import whole_number
from qtui.models.files.model_file import Tensor
from qtui.scenario.errors.against.result import AgainstResult
from qtui.scenario.errors.result import ErrorsResult
from qtui.scenario.errors.scenario import LAYOUTS, ErrorsScenario
from qtui.scenario.errors.solve import ErrorsCache, is_measured, solve
from qtui.scenario.plan.scenario import PlanScenario
from qtui.scenario.progress import Cancelled, Progress
from qtui.tui.keymap import OPEN, bindings
from qtui.tui.pane import Pane
from qtui.tui.panes.errors import keys
from qtui.tui.panes.errors.against import AgainstView
from qtui.tui.panes.errors.browse import Browse
from qtui.tui.panes.errors.controls import FILE, ErrorsFields
from qtui.tui.panes.errors.plot import ErrorsPlot
from qtui.tui.panes.errors.survey import SurveyTable
from qtui.tui.panes.errors.tree import TensorTree
from qtui.tui.widgets.entry import Entry
from qtui.tui.widgets.fields import Choice, FieldChanged
from qtui.tui.widgets.line_dialog import LineDialog
from qtui.tui.widgets.view import PictureView

if TYPE_CHECKING:  # the readers of files
    from qtui.scenario.errors.file import OpenedFile


class ErrorsPane(Pane[ErrorsScenario, ErrorsResult | AgainstResult]):
    """Shows the errors of formats on numbers, on one tensor, or on all tensors of a file."""

    SCENARIO = ErrorsScenario
    title = "Errors"
    VIEWS = keys.VIEWS
    ACTIONS = keys.ACTIONS
    VIEW_ACTIONS = keys.VIEW_ACTIONS
    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.ACTIONS)

    def __init__(self, scenario: ErrorsScenario) -> None:
        super().__init__(scenario)
        self._cache = ErrorsCache()
        self._file: OpenedFile | None = None
        self._shown: ErrorsResult | None = None
        self._words = ""  # that were searched for in the survey
        self._wanted = ""  # the view that was asked for before there was a file

    def compose(self) -> ComposeResult:
        """The fields, and the views below them."""
        yield ErrorsFields(self.scenario)
        yield ErrorsPlot(self.glyphs)
        yield Browse(self.glyphs)
        yield SurveyTable(self.glyphs)
        yield AgainstView(self.glyphs)

    def on_mount(self) -> None:
        """Only one of the views is seen."""
        self._arrange(self.scenario)

    def focus_first(self) -> None:
        """The keyboard starts on the view: the cursor keys read it at once."""
        self.give_focus(self._view())

    def _view(self) -> PictureView:
        kinds: dict[str, type[PictureView]] = {
            "errors": ErrorsPlot,
            "browse": TensorTree,
            "survey": SurveyTable,
            "against": AgainstView,
        }
        return self.query_one(kinds[self.scenario.view])

    @property
    def _table(self) -> SurveyTable:
        return self.query_one(SurveyTable)

    def quick(self, scenario: ErrorsScenario) -> bool:
        """Numbers drawn here are, and what was measured before; a file may be far away and slow."""
        if scenario.view == "against":
            return not scenario.against
        if is_measured(scenario, self._cache, self._file):
            return True
        return not scenario.path and scenario.count * len(scenario.format) <= 1 << 18

    def solve(self, scenario: ErrorsScenario, progress: Progress) -> ErrorsResult | AgainstResult:
        """Measure; in the survey, rows are shown as they come."""
        if scenario.view == "against":
            from qtui.scenario.errors.against.solve import solve as compare  # needs two files

            return compare(scenario, progress)

        def part(result: ErrorsResult) -> None:
            self.app.call_from_thread(self._show_part, scenario, result)

        on_part = part if scenario.view == "survey" else None
        try:
            return solve(scenario, progress, cache=self._cache, last=self._file, on_part=on_part)
        except Cancelled:
            if self.is_attached:
                self.app.call_from_thread(self._stopped, scenario)
            raise

    def _show_part(self, scenario: ErrorsScenario, result: ErrorsResult) -> None:
        """Some rows of a survey are measured."""
        if self.is_attached and scenario == self.scenario:
            self._table.show(result)

    def _stopped(self, scenario: ErrorsScenario) -> None:
        """Measuring was cancelled: a survey keeps its rows on show, one tensor goes back to its sample."""
        if scenario != self.scenario:
            return
        if scenario.view == "survey":
            self._table.stop()
        elif scenario.exact:
            self.change(exact=False)

    def show(self, scenario: ErrorsScenario, result: ErrorsResult | AgainstResult) -> None:
        """Draw the result in its view, and bring the fields in line."""
        if isinstance(result, AgainstResult):
            self._arrange(scenario)
            self.query_one(AgainstView).show(result)
            return
        self._shown = result
        self._keep_open(result.file)
        self._arrange(scenario)
        views: dict[str, Any] = {"errors": ErrorsPlot, "browse": Browse, "survey": SurveyTable}
        self.query_one(views[scenario.view]).show(result)

    def show_error(self, scenario: ErrorsScenario, message: str) -> None:
        """The status line says it, unless only the original is still to be named: how, stands in the view."""
        if scenario.view != "against" or scenario.against:
            super().show_error(scenario, message)

    def _keep_open(self, file: OpenedFile | None) -> None:
        """Remember the file, so that the next key does not read its header again; its tree stays where it has one."""
        last = self._file
        if file is not None and (last is None or file.model is not last.model or file.tree is not None):
            self._file = file

    def _arrange(self, s: ErrorsScenario) -> None:
        """Fields and views as the scenario says."""
        self.query_one(ErrorsFields).follow(s)
        if s.view == "against" and not s.against:
            self.query_one(AgainstView).wait(self._file)
        views = {
            "errors": "#errors-plot",
            "browse": "#errors-browse",
            "survey": "#errors-survey",
            "against": "#errors-against",
        }
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
        if name == "data":
            if value == FILE:
                self.action_open_file()
            else:
                self._take(data=value, path="", tensor="", view="errors", exact=False, sample=0)
        elif name == "path":
            self._take_path(value.strip())
        elif name == "format":
            self.change(format=tuple(value.split()) or ErrorsScenario().format)
        elif name in ("count", "seed"):
            number = whole_number(value.strip())
            if number is not None:
                self.change(live=event.live, **{name: number})
            else:
                self.say(f"{name} takes a whole number, not {value!r}", "bad")
        else:
            self.change(live=event.live, **{name: value})

    def _take(self, **values: Any) -> None:
        """Change the scenario and turn to its view at once, before there is anything to show in it."""
        self.change(**values)
        self._arrange(self.scenario)

    def _take_path(self, path: str) -> None:
        view, self._wanted = self._wanted or "browse", ""
        if path:
            self._take(path=path, tensor="", view=view, sample=0, exact=False)
        else:
            self._take(path="", tensor="", view="errors", sample=0, exact=False)
        self.focus_first()

    def action_open_file(self) -> None:
        """Ask for a path."""
        self.query_one(ErrorsFields).ask_path()

    def action_edit_formats(self) -> None:
        """Go to the field of formats."""
        self.query_one(ErrorsFields).ask_formats()

    @property
    def _opens_one(self) -> str:
        return f"{self.qtui.keymap.text(OPEN)} opens one"

    def fresh(self) -> ErrorsScenario:
        """The numbers and formats that it begins with."""
        return ErrorsScenario()

    def action_data(self) -> None:
        """List the kinds of numbers, and a file."""
        self.query_one("#field-data", Choice).action_pick()

    def action_view(self, name: str) -> None:
        """Go to one of the views."""
        if name != "errors" and not self.scenario.path:
            self._wanted = name
            self.query_one(ErrorsFields).ask_path()
            self.say(f"{dict(keys.VIEWS)[name]} needs a model file: type the path of one")
            return
        self._take(view=name)
        self.focus_first()

    def action_next_view(self, by: int) -> None:
        """The next view; the others need a file."""
        if self.scenario.path:
            super().action_next_view(by)
        else:
            self.say(f"the other views need a model file: {self._opens_one}")

    def action_turn(self, name: str) -> None:
        """Take the other of two values."""
        other = {"counts": ("log", "linear"), "unit": ("weights", "steps"), "layout": LAYOUTS}[name]
        now = getattr(self.scenario, name)
        values: dict[str, Any] = {name: other[1] if now == other[0] else other[0]}
        self.change(**values)

    def action_even(self) -> None:
        """Show or hide what even rounding would give."""
        if self.scenario.path and not self.scenario.tensor:
            self.say("what even rounding would give is drawn for one tensor: choose it in Browse")
        else:
            self.change(even=not self.scenario.even)

    def action_zoom(self, by: int) -> None:
        """Halve or double the range of errors."""
        self.change(live=True, zoom=min(max(self.scenario.zoom + by, 0), 12))

    def action_exact(self) -> None:
        """Measure everything, or go back to a sample."""
        if not self.scenario.path:
            self.say("these numbers are measured in full already")
        elif not self.scenario.exact and self._shown is not None and not self._shown.in_part:
            self.say("every weight is measured already")
        else:
            self.change(exact=not self.scenario.exact)

    def action_all(self) -> None:
        """All tensors of the file together."""
        if not self.scenario.path:
            self.say(f"these numbers are drawn, no tensors of a file: {self._opens_one}")
        elif not self.scenario.tensor and self.scenario.view == "errors":
            self.say("these are all tensors of the file already")
        else:
            self._take(tensor="", view="errors")

    def action_plan(self) -> None:
        """A format for each tensor of this file."""
        if self.scenario.path:
            self.go(PlanScenario(path=self.scenario.path))
        else:
            self.say(f"a plan needs a model file: {self._opens_one}")

    def action_search(self) -> None:
        """Find a tensor in the tree or in the survey's table."""
        if self.scenario.view == "browse":
            self.query_one(Browse).ask_words()
        elif self.scenario.view == "survey":
            more = "Enter goes to the first below the cursor, and again to the next"
            self.app.push_screen(LineDialog("find a tensor: part of its name", self._words, more=more), self._find)
        else:
            self.say("names of tensors are searched in Browse and Survey")

    def _find(self, words: str | None) -> None:
        self._words = words or self._words
        if words and not self._table.find(words):
            self.say(f"no row has {words!r} in its name", "warn")

    def on_tensor_tree_moved(self, event: TensorTree.Moved) -> None:
        """The tree's cursor moved: look at that tensor's weights."""
        if isinstance(event.item, Tensor) and event.item.name != self.scenario.tensor:
            self.change(live=True, tensor=event.item.name)

    def on_tensor_tree_chosen(self, event: TensorTree.Chosen) -> None:
        """Errors of the tensor that was chosen."""
        self._take(tensor=event.tensor.name, view="errors")

    def on_survey_table_arranged(self, event: SurveyTable.Arranged) -> None:
        """Another grouping or order of the survey."""
        self.change(group=event.group, sort=event.sort)

    def on_against_view_asked(self) -> None:
        """The keyboard goes to the field for the original."""
        self.give_focus(self.query_one("#field-against", Entry))

    def on_survey_table_goes_on(self) -> None:
        """Measure the rest of a survey that was stopped."""
        if self._table.stopped:
            self.app.post_message(self.Changed(self.scenario))
        else:
            self.say("all of it is measured, or being measured")

    def on_survey_table_chosen(self, event: SurveyTable.Chosen) -> None:
        """Errors of the tensor that was chosen in the survey."""
        self._take(tensor=event.name, view="errors")
