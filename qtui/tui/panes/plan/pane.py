"""The Plan pane: fields for the room there is, the frontier, and the table of types to edit by hand."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical

from qtui.compute.cache import Cache
from qtui.draw.card import READABLE, about
from qtui.draw.frame import sentence
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture, line
from qtui.draw.plan.views import frontier_of, plan_facts, plan_sentence
from qtui.draw.safe import wrapped
from qtui.paths import write_atomically
from qtui.scenario.base import UserError
from qtui.scenario.errors.scenario import ErrorsScenario
from qtui.scenario.plan.result import PlanMeasurement, PlanResult
from qtui.scenario.plan.scenario import SAMPLE, PlanScenario
from qtui.scenario.plan.solve import measured_by, solve
from qtui.scenario.plan.write import commands, default_file, file_of_types
from qtui.scenario.progress import Progress
from qtui.tui.host import host_of
from qtui.tui.keymap import OPEN, bindings
from qtui.tui.pane import Pane
from qtui.tui.panes.plan import keys
from qtui.tui.panes.plan.table import PlanTable
from qtui.tui.widgets.entry import Entry
from qtui.tui.widgets.fields import FieldChanged, FieldRow
from qtui.tui.widgets.paths import PathSuggester
from qtui.tui.widgets.view import PictureView
from qtui.words.load import cards

WIDE_FROM = 118
NARROW = 76  # cells below which the field of the context goes
LOW_BELOW = 20
LEAST_PLOT = 7
KEPT = 2  # measurements of files


class PlanSummary(PictureView):
    """The facts of a plan, and its frontier where there is room."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(self._screen, id="plan-summary")
        self._glyphs = glyphs
        self._result: PlanResult | None = None
        self._problem = ""

    def show(self, result: PlanResult) -> None:
        """Draw `result`."""
        self._result = result
        self.redraw()

    def explain(self, problem: str) -> None:
        """Say `problem` where there is no plan yet."""
        self._problem = problem
        self.redraw()

    def _screen(self, cells: int, rows: int) -> Picture:
        if self._result is None:
            steps = (
                f"Open a model file with {host_of(self).keymap.text(OPEN)}.",
                "Name a size (4GB, 4.5bpw), or the context to fit.",
                "Each tensor gets the type that helps most for its bytes.",
            )
            heading = self._problem or "Which type for which tensor, within a size?"
            first = 1 if not self._problem else 2  # a file is open
            rows_of = (f"{number}  {step}" for number, step in enumerate(steps[first - 1 :], first))
            above = tuple(line((row, "strong")) for row in wrapped(heading, cells))
            shown = (*above, (), *(line(row) for text in rows_of for row in wrapped(text, cells)))
            card = cards(PlanScenario().pane_name)[PlanScenario().view_name]
            room = rows - len(shown) - 1
            terms = (about(card, min(cells, READABLE), whole) for whole in (True, False))
            fitting = next((part for part in terms if len(part) <= room), None)
            return (*shown, (), *fitting) if fitting else shown[:rows]
        facts = plan_facts(self._result, cells, 2 if rows < LOW_BELOW else None)
        words = sentence(plan_sentence(self._result), cells)
        room = rows - len(facts) - len(words)
        if room < LEAST_PLOT:
            words = sentence(plan_sentence(self._result, drawn=False), cells)
            return (*facts[: max(rows - len(words), 1)], *words)[:rows]
        return (*facts, *frontier_of(self._result, cells, room, self._glyphs), *words)


class PlanPane(Pane[PlanScenario, PlanResult]):
    """Chooses a type for each tensor of a file, within a size."""

    SCENARIO = PlanScenario
    title = "Plan"
    DEFAULT_CSS = """
    PlanPane #plan-body { height: 1fr; }
    PlanPane #plan-summary { height: 14; }
    PlanPane.low #plan-summary { height: 5; }
    PlanPane.wide #plan-body { layout: horizontal; }
    PlanPane.wide #plan-summary { height: 1fr; width: 1fr; margin-right: 2; }
    PlanPane.wide #plan-table { width: 1fr; }
    """
    VIEWS = keys.VIEWS
    ACTIONS = keys.ACTIONS
    VIEW_ACTIONS = keys.VIEW_ACTIONS
    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.ACTIONS)

    def __init__(self, scenario: PlanScenario) -> None:
        super().__init__(scenario)
        self._cache: Cache[PlanMeasurement] = Cache(KEPT)
        self._result: PlanResult | None = None

    def compose(self) -> ComposeResult:
        """Fields above, then the summary and the table."""
        s: PlanScenario = self.scenario
        with FieldRow():
            files = PathSuggester(bare=True)
            yield Entry("path", "file", s.path, placeholder="type a path", width=60, suggester=files)
            yield Entry("size", "size", s.size, placeholder="Q4_K_M's", width=10)
            yield Entry("fit", "or context here", s.fit, placeholder="e.g. 32k", width=8)
        with FieldRow():
            yield Entry("imatrix", "importance", s.imatrix, placeholder="file of llama-imatrix", width=24)
            yield Entry("format", "types", " ".join(s.format), placeholder="all ggml types", width=60)
        with Vertical(id="plan-body"):
            yield PlanSummary(self.glyphs)
            yield PlanTable(self.glyphs)

    def on_resize(self) -> None:
        """Side by side where there is room; in a low window the frontier makes room for the table."""
        self.set_class(self.size.width >= WIDE_FROM, "wide")
        self.set_class(self.size.height < LOW_BELOW, "low")
        self.query_one("#field-fit", Entry).display = self.size.width >= NARROW or bool(self.scenario.fit)

    def focus_first(self) -> None:
        """The keyboard starts on the table, or on the path where no file is open."""
        if self.scenario.path:
            self.give_focus(self.query_one(PlanTable))
        else:
            self.action_open_file()

    def quick(self, scenario: PlanScenario) -> bool:
        """Deciding is; measuring is not."""
        return measured_by(scenario) in self._cache and not scenario.fit

    def solve(self, scenario: PlanScenario, progress: Progress) -> PlanResult:
        """Measure what has not been measured, and decide."""
        if not scenario.path:
            raise UserError(f"a plan needs a model file: {self.qtui.keymap.text(OPEN)} opens one")
        return solve(scenario, progress, cache=self._cache)

    def show(self, scenario: PlanScenario, result: PlanResult) -> None:
        """Draw the plan, and bring the fields in line."""
        self._result = result
        for name in ("path", "size", "fit", "imatrix"):
            self.query_one(f"#field-{name}", Entry).fill(getattr(scenario, name))
        self.query_one("#field-format", Entry).fill(" ".join(scenario.format))
        self.query_one(PlanSummary).show(result)
        self.query_one(PlanTable).show(result)

    def show_error(self, scenario: PlanScenario, message: str) -> None:
        """The status line says it, and where there is no plan of the file yet its place as well."""
        super().show_error(scenario, message)
        self.query_one(PlanSummary).explain(message if scenario.path else "")

    def on_field_changed(self, event: FieldChanged) -> None:
        """A field changed; size and context exclude each other."""
        value = event.value.strip()
        if event.name == "size":
            self.change(size=value, fit="" if value else self.scenario.fit)
        elif event.name == "fit":
            self.change(fit=value, size="" if value else self.scenario.size)
        elif event.name == "format":
            self.change(format=tuple(value.split()))
        elif event.name == "path":
            self.change(path=value, set=())
        else:
            self.change(imatrix=value)

    def on_plan_table_decided(self, event: PlanTable.Decided) -> None:
        """A decision by hand: the last one about a row counts."""
        others = tuple(d for d in self.scenario.set if d.rpartition("=")[0] != event.key)
        if event.format is None and others == self.scenario.set:
            self.say("this row has no type by hand", "dim")
        self.change(live=True, set=others if event.format is None else (*others, f"{event.key}={event.format}"))

    def on_picture_view_clicked(self, event: PictureView.Clicked) -> None:
        """A click chooses a row."""
        if isinstance(event.view, PlanTable) and not event.drag:
            event.view.click_row(event.y)

    def action_open_file(self) -> None:
        """Go to the field for a path."""
        self.give_focus(self.query_one("#field-path", Entry))

    def action_exact(self) -> None:
        """Measure everything, or go back to a sample."""
        self.change(exact=not self.scenario.exact)

    def with_view(self, name: str) -> dict[str, Any]:
        """Nothing changes for it."""
        return {}

    def fresh(self) -> PlanScenario:
        """The same file, with nothing decided by hand."""
        return PlanScenario(path=self.scenario.path)

    def action_edit_formats(self) -> None:
        """Go to the field of types."""
        self.give_focus(self.query_one("#field-format", Entry))

    def action_errors(self) -> None:
        """The errors of this file."""
        path = self.scenario.path
        self.go(ErrorsScenario(path=path, view="survey", sample=SAMPLE) if path else ErrorsScenario())

    def action_copy_result(self) -> None:
        """Copy the command for llama-quantize."""
        if self._result is not None:
            self.qtui.copy(commands(self._result, default_file(self._result))[-1])

    def action_write(self) -> None:
        """Write the lines for --tensor-type-file into the working directory."""
        if self._result is None or self.qtui.refused_in_kiosk():
            return
        name = default_file(self._result)
        try:
            write_atomically(name, file_of_types(self._result))
        except OSError as error:
            self.say(f"could not write {name}: {error.strerror}; start qtui in a folder you can write to", "bad")
        except UserError as error:
            self.say(str(error), "bad")
        else:
            self.say(f"wrote {name}; Y copies the llama-quantize command", "good")
