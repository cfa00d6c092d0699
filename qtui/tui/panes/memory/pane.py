"""The Memory pane: fields for the model and how it is run, and under them what it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from qtui.compute.memory.mixes import MIXES
from qtui.compute.memory.serving import ENGINES
from qtui.draw.memory.pane import shown_view
from qtui.draw.memory.text import bandwidth_text
from qtui.draw.units import tokens_text
from qtui.error import QtuiError, whole_number
from qtui.scenario.base import Scenario, UserError
from qtui.scenario.memory.buy import solve_buy
from qtui.scenario.memory.cache import MemoryCache
from qtui.scenario.memory.choices import solve_with_choices
from qtui.scenario.memory.here import here_key, solve_here
from qtui.scenario.memory.machine import amounts_text
from qtui.scenario.memory.opening import ESSAY, FIRST, opening
from qtui.scenario.memory.result import MachineToBuy, MemoryResult, ModelHere, Plan
from qtui.scenario.memory.scenario import MemoryScenario, tokens
from qtui.scenario.progress import Progress
from qtui.tui.keymap import MODEL, UNDO, bindings
from qtui.tui.pane import Pane
from qtui.tui.panes.memory import keys
from qtui.tui.panes.memory.machines import MachineChoice, counted, doubled, machine_values
from qtui.tui.panes.memory.search import ModelSearch, known_names
from qtui.tui.panes.memory.view import MemoryView
from qtui.tui.widgets.entry import Entry
from qtui.tui.widgets.fields import Choice, FieldChanged, FieldRow

FORMATS = ("native", "bf16", "float8_e4m3fn", "nf4", "mxfp4", "nvfp4", *sorted(MIXES, reverse=True))
KV_TYPES = ("f16", "bf16", "q8_0", "q8_0/q4_0", "q5_1", "q5_0", "q4_1", "q4_0", "iq4_nl", "f32")
HUB = "hub:"
NARROW = 76  # columns


class MemoryPane(Pane[MemoryScenario, MemoryResult]):
    """Shows what a model needs, against what there is."""

    SCENARIO = MemoryScenario
    title = "Memory"
    RENEWS = True
    VIEWS = keys.VIEWS
    ACTIONS = keys.ACTIONS
    VIEW_ACTIONS = keys.VIEW_ACTIONS
    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.ACTIONS)

    def __init__(self, scenario: MemoryScenario) -> None:
        super().__init__(scenario)
        self._cache = MemoryCache()  # all that a worker thread changes
        self._shown: MemoryResult | None = None
        self._measured = False

    @classmethod
    def opening(cls, machine: str) -> Scenario:
        """A model that fits the machine."""
        return opening(machine)

    def compose(self) -> ComposeResult:
        """Two rows of fields above the view: what runs on what, and how it is run."""
        s: MemoryScenario = self.scenario
        with FieldRow():
            yield Entry("model", "model", " ".join(s.model), placeholder="any part of a name", width=60)
            yield MachineChoice(s.machine)
            yield Choice("engine", "", ENGINES, s.engine)
        with FieldRow():
            yield Entry("ctx", "context", tokens_text(s.ctx) if s.ctx else "max", width=5, step=doubled)
            yield Choice("format", "format", FORMATS, s.format, wrap=False)
            yield Choice("kv_type", "cache", KV_TYPES, s.kv_type, wrap=False)
            yield Entry("seqs", "sequences", str(s.seqs), width=4, step=counted)
            find = Entry("find", "find", s.find, placeholder="e.g. coder", width=12, live=True)
            find.display = s.view == "here"
            yield find
        yield MemoryView(self.glyphs, takes=self.hosted_by is None)

    def renew(self) -> None:
        """At the top of the view, without marks."""
        self.query_one(MemoryView).renew()

    def focus_first(self) -> None:
        """The keyboard starts on the grid: the arrows walk it at once."""
        self.give_focus(self.query_one(MemoryView))

    def quick(self, scenario: MemoryScenario) -> bool:
        """Everything but lists, comparisons, a file, which may be far away, and a measurement."""
        listed = scenario.view == "here" and here_key(scenario) not in self._cache.here
        if scenario.view == "buy" or listed or "," in " ".join(scenario.model):
            return False
        if scenario.measure and not self._cache.knows_machine(scenario):
            return False
        known = self._cache.knows_models(scenario)
        if scenario.hub and not known:
            return False
        return known or not any(
            mark in name for name in (*scenario.model, scenario.draft) for mark in ("/", ".gguf", ".safetensors")
        )

    def solve(self, scenario: MemoryScenario, progress: Progress) -> MemoryResult:
        """Work it out, from what is known of the same model already."""
        result = solve_with_choices(scenario, progress, self._cache)
        if scenario.view == "here":
            return result._replace(here=solve_here(scenario, progress, self._cache))
        if scenario.view == "buy" and result.model.arch is not None:
            return result._replace(to_buy=solve_buy(scenario, progress, self._cache))
        return result

    def show(self, scenario: MemoryScenario, result: MemoryResult) -> None:
        """Draw, and bring the fields in line."""
        if self._shown is None and self.display and self.hosted_by is None and scenario.model[0] in dict(FIRST):
            key = self.qtui.keymap.text(keys.ESSAY)
            self.say(f"{key} shows the essay's model: 80 billion numbers", "dim")
        several = bool(result.others) != bool(self._shown is not None and self._shown.others)
        self._shown = result
        if several:
            self.qtui.follow()  # of several models there is no other view than their comparison
        self._arrange(scenario)
        self._fill_in(scenario)
        self.query_one(MemoryView).show(result, scenario.view)
        if scenario.measure and not self._measured:
            self.say(bandwidth_text(result), "good")
        self._measured = scenario.measure

    def on_resize(self) -> None:
        """The fields take the room there is."""
        self._arrange(self.scenario)

    def _arrange(self, scenario: MemoryScenario) -> None:
        """Show the fields that have room: a narrow window has none for all of them."""
        listing, narrow = scenario.view == "here", self.app.size.width < NARROW
        self.query_one("#field-format", Choice).relabel("" if narrow else "format")
        self.query_one("#field-find", Entry).display = listing
        self.query_one("#field-kv_type", Choice).display = not (narrow and (listing or scenario.seqs > 1))
        self.query_one("#field-seqs", Entry).display = not listing and (not narrow or scenario.seqs > 1)
        self.query_one("#field-engine", Choice).display = not narrow or scenario.engine != ENGINES[0]

    def show_error(self, scenario: MemoryScenario, message: str) -> None:
        """The status line says it; where nothing has been drawn yet, the view says what helps as well."""
        super().show_error(scenario, message)
        self.query_one(MemoryView).explain(f"{message}\n{self._ways_on}", *known_names(scenario, self.glyphs))

    @property
    def _ways_on(self) -> str:
        keymap = self.qtui.keymap
        return f"{keymap.text(MODEL)} finds a model, {keymap.text(keys.MACHINE)} a machine"

    def _fill_in(self, scenario: MemoryScenario) -> None:
        values = {
            "model": (HUB if scenario.hub else "") + " ".join(scenario.model),
            "ctx": tokens_text(scenario.ctx) if scenario.ctx else "max",
            "seqs": str(scenario.seqs),
            "find": scenario.find,
        }
        for name, value in values.items():
            self.query_one(f"#field-{name}", Entry).fill(value)
        for name in ("format", "kv_type", "engine"):
            self.query_one(f"#field-{name}", Choice).value = getattr(scenario, name)
        given = amounts_text(scenario.ram, scenario.vram)
        place = ", ".join(filter(None, [scenario.machine, given]))
        self.query_one("#field-machine", Choice).value = place

    def on_field_changed(self, event: FieldChanged) -> None:
        """A field was set: ask for the scenario that it makes."""
        event.stop()
        try:
            self.change(live=event.live, **self._parsed(event.name, event.value))
        except QtuiError as error:
            self.say(str(error), "bad")
            self._fill_in(self.scenario)

    def _parsed(self, name: str, value: str) -> dict[str, Any]:
        if name == "model" and value.startswith(HUB):
            return {"model": (value.removeprefix(HUB).strip(),), "arch": "", "hub": True}
        if name == "model":
            return {"model": tuple(value.split()) or MemoryScenario().model, "arch": "", "hub": False}
        if name == "ctx":
            return {"ctx": tokens(value)}
        if name == "seqs":
            seqs = whole_number(value.strip())
            if seqs is None or not 1 <= seqs <= 4096:
                raise UserError(f"the number of sequences is from 1 to 4096, not {value!r}")
            return {"seqs": seqs}
        if name == "machine":
            return machine_values(value)
        return {name: value}

    def on_memory_view_walked(self, event: MemoryView.Walked) -> None:
        """A step in the grid is a change of format or context, from where the last one led."""
        event.stop()
        shown = self._shown
        if shown is None or shown.choices is None:
            return
        if not self._is_shown(format=shown.scenario.format, ctx=shown.scenario.ctx):
            return  # another model is on its way, whose formats and contexts aren't known yet
        formats, contexts = shown.choices.formats, shown.choices.contexts
        place = formats.index(self.scenario.format) if self.scenario.format in formats else 0
        row = min(max(place + event.down, 0), len(formats) - 1)
        now = self.scenario.ctx or shown.serving.context
        nearest = min(range(len(contexts)), key=lambda i: abs(contexts[i] - now))
        column = min(max(nearest + event.right, 0), len(contexts) - 1)
        ctx = contexts[column] if event.right else self.scenario.ctx
        self.change(live=True, format=formats[row], ctx=ctx)

    def _is_shown(self, **values: Any) -> bool:
        """Whether the answer on screen is to the present question, or to it with `values` changed."""
        return self._shown is not None and self._shown.scenario == replace(self.scenario, **values)

    def on_memory_view_followed(self, event: MemoryView.Followed) -> None:
        """Enter: the marked plan, the change that makes it fit, or the search for another model."""
        if not self._is_shown():
            return
        if event.row is not None:
            self._take(event.row)
            return
        choices = self._shown.choices if self._shown is not None else None
        step = choices.next_step if choices is not None else None
        if step is None:
            return
        if step.change:
            self.change(**step.change)
        else:
            self.action_search()

    def _take(self, row: int) -> None:
        """Take a plan, or see the whole sum of a model that runs here."""
        shown = self._shown
        if shown is None:
            return
        if shown.others:
            self.change(**self.scenario.compared(row), view="plans")
            return
        marked = self.query_one(MemoryView).marked
        if shown.here is not None and len(marked) > 1:
            spec = "Q4_K_M" if self.scenario.engine == "llama.cpp" else "native"
            self.change(model=(",".join(sorted(marked)),), arch="", hub=False, format=spec, view="compare")
            return
        listed: Sequence[ModelHere | MachineToBuy | Plan] = shown.plans
        if shown.here is not None or shown.to_buy is not None:
            listed = shown.here.rows if shown.here is not None else shown.to_buy.rows if shown.to_buy else ()
        if row < len(listed):
            self.change(**listed[row].change)

    @property
    def view(self) -> str:
        """The view on show: several models are always compared."""
        return shown_view(self._shown, super().view) if self._shown is not None else super().view

    def with_view(self, name: str) -> dict[str, Any]:
        """Another view than the comparison is of the marked model alone."""
        alone = self._shown is not None and self._shown.others and name not in ("compare", "here")
        return super().with_view(name) | (self.scenario.compared(self.query_one(MemoryView).row) if alone else {})

    def action_copy_result(self) -> None:
        """Copy the command of the marked plan; elsewhere the picture."""
        shown, row = self._shown, self.query_one(MemoryView).row
        if shown is None or self.view != "plans" or row >= len(shown.plans):
            super().action_copy_result()
        else:
            self.qtui.copy(shown.plans[row].commands[0][1], "the command of the plan")

    def action_find(self) -> None:
        """Find among the models that run here, elsewhere in the catalogue."""
        if self.view == "here":
            self.action_edit("find")
        else:
            self.action_search()

    def action_search(self) -> None:
        """Find a model."""

        def chosen(value: str | None) -> None:
            if value:
                self.change(**self._parsed("model", value))
            self.focus_first()

        now, limit = (self._shown.model.name, self._shown.budget.limit) if self._shown else ("", 0)
        self.app.push_screen(ModelSearch(now, limit, self.glyphs), chosen)

    def action_pick(self, name: str) -> None:
        """List a field's values."""
        self.query_one(f"#field-{name}", Choice).action_pick()

    def action_essay(self) -> None:
        """Show the model of the essay, as it was published."""
        self.change(model=ESSAY, arch="", hub=False, format="native", kv_type="f16", ctx=8192)
        back = self.qtui.keymap.text(UNDO)
        self.say(f"the essay's model, 80 billion numbers; {back} goes back", "dim")

    def action_edit(self, name: str) -> None:
        """Type into a field."""
        self.give_focus(self.query_one(f"#field-{name}", Entry))

    def formats_on_offer(self) -> list[tuple[str, str]]:
        """The mixes of llama.cpp, then single formats."""
        mixes = [(name, "mix of llama.cpp") for name in FORMATS if name in MIXES]
        return [("native", "as published"), *mixes, *super().formats_on_offer()]

    def action_format(self, by: int) -> None:
        """The neighbouring format of the list."""
        self.query_one("#field-format", Choice).action_step(by)

    def action_turn(self, name: str) -> None:
        """Turn a switch over."""
        if name == "measure" and self.scenario.machine:
            self.say(
                f"only this machine's memory can be measured; {self.qtui.keymap.text(keys.MACHINE)} goes back to it",
                "warn",
            )
            return
        self.change(**{name: not getattr(self.scenario, name)})
