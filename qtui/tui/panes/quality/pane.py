"""The Quality pane: fields for the model and what stands between its file and the forward pass, and the answer."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from qtui.models.lm.installed import PACKAGES
from qtui.scenario.progress import Progress
from qtui.scenario.quality.result import QualityResult
from qtui.scenario.quality.scenario import (
    BY,
    LESSONS,
    PROMPT,
    QUESTIONS,
    TINY_PROMPT,
    USUAL,
    VIEWS,
    QualityScenario,
    asked,
    formats_of,
)
from qtui.scenario.quality.solve import solve
from qtui.tui.keymap import MODEL, bindings
from qtui.tui.pane import Pane
from qtui.tui.panes.quality import keys
from qtui.tui.panes.quality.view import QualityView
from qtui.tui.widgets.entry import Entry
from qtui.tui.widgets.fields import Choice, FieldChanged, FieldRow
from qtui.tui.widgets.paths import PathSuggester

KV_TYPES = ("", "q8_0", "q8_0/q4_0", "q5_0", "q4_0", "q4_0/f32", "f32/q4_0")
ACTIVATIONS = ("", "int8", "fp8")
LATE = 0.5  # seconds until the answer to an earlier question is taken away
GROW_EVERY = 0.25  # seconds between two pictures of an answer that is on its way


class QualityPane(Pane[QualityScenario, QualityResult]):
    """Measures a language model in several formats, and asks it things."""

    SCENARIO = QualityScenario
    title = "Quality"
    VIEWS = keys.VIEWS
    ACTIONS = keys.ACTIONS
    VIEW_ACTIONS = keys.VIEW_ACTIONS
    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.ACTIONS)

    def __init__(self, scenario: QualityScenario) -> None:
        super().__init__(scenario)
        self._prompt = _typed(scenario)
        self._stopped: QualityScenario | None = None

    def compose(self) -> ComposeResult:
        """Two rows of fields above the view."""
        s: QualityScenario = self.scenario
        with FieldRow():
            files = PathSuggester(bare=False)
            yield Entry("model", "model", s.model, placeholder="tiny, smollm2, a path", width=24, suggester=files)
            yield Entry("format", "formats", ", ".join(s.format), placeholder="from 8 bits to 2", width=36)
        with FieldRow():
            yield Choice("kv_type", "cache", KV_TYPES, s.kv_type, titles=("as it is", *KV_TYPES[1:]))
            yield Choice("activations", "act.", ACTIVATIONS, s.activations, titles=("as they are", *ACTIVATIONS[1:]))
            yield Entry("prompt", "prompt", self._prompt, placeholder=self._usual_prompt, width=26)
        yield QualityView(self.glyphs)

    @property
    def _usual_prompt(self) -> str:
        return TINY_PROMPT if self.scenario.is_tiny else PROMPT

    def focus_first(self) -> None:
        """The keyboard starts on the answer."""
        self.give_focus(self.query_one(QualityView))

    def quick(self, scenario: QualityScenario) -> bool:
        """Only the lessons need no model."""
        return scenario.question == "lesson"

    def solve(self, scenario: QualityScenario, progress: Progress) -> QualityResult:
        """The answer; what is known so far is shown meanwhile."""
        last = time.monotonic()

        def grow(result: QualityResult) -> None:
            nonlocal last
            if time.monotonic() - last >= GROW_EVERY:
                last = time.monotonic()
                self.app.call_from_thread(self._grow, scenario, result)

        began, late = last, False

        def report(done: float, total: float, note: str) -> None:
            nonlocal late
            progress.tick(done, total, note)
            if not late and time.monotonic() - began >= LATE:
                late = True
                self.app.call_from_thread(self._wait, scenario)

        return solve(scenario, Progress(report), None if self.quick(scenario) else grow)

    def stopped(self) -> str:
        """What was cancelled can go on: what is measured is known."""
        self._stopped = self.scenario
        words = f"cancelled; {self.qtui.keymap.text(keys.GO_ON)} measures on"
        self.query_one(QualityView).explain(words)
        return words

    def action_go_on(self) -> None:
        """Ask once more what was cancelled."""
        if self._stopped == self.scenario:
            self._stopped = None
            self.query_one(QualityView).explain("")
            self.app.post_message(self.Changed(self.scenario))
        else:
            self.say("nothing was cancelled", "dim")

    def _wait(self, scenario: QualityScenario) -> None:
        """Show that another answer is on its way, rather than what was asked before."""
        view = self.query_one(QualityView) if self.is_attached else None
        if view is not None and scenario == self.scenario and view.question != scenario.question:
            view.wait()

    def _grow(self, scenario: QualityScenario, result: QualityResult) -> None:
        if self.is_attached and scenario == self.scenario:
            self.query_one(QualityView).show(result)

    def show(self, scenario: QualityScenario, result: QualityResult) -> None:
        """Draw, and bring the fields in line."""
        self._prompt = _typed(scenario) or self._prompt
        self.query_one("#field-model", Entry).fill(scenario.model)
        self.query_one("#field-format", Entry).fill(", ".join(scenario.format))
        self.query_one("#field-prompt", Entry).fill(self._prompt)
        self.query_one("#field-kv_type", Choice).value = scenario.kv_type
        self.query_one("#field-activations", Choice).value = scenario.activations
        for row in self.query(FieldRow):
            row.display = scenario.question != "lesson"
        self.query_one(QualityView).show(result)

    def show_error(self, scenario: QualityScenario, message: str) -> None:
        """The status line says it; where nothing has been drawn yet, the view says what helps as well."""
        super().show_error(scenario, message)
        names = ", ".join(["tiny", *(short for _, short in PACKAGES)])
        takes = f"{self.qtui.keymap.text(MODEL)} takes {names}, or the path of a GGUF or safetensors model"
        self.query_one(QualityView).explain(f"{message}\n{takes}")

    def on_field_changed(self, event: FieldChanged) -> None:
        """A field was set: ask for the scenario that it makes."""
        event.stop()
        value = event.value.strip()
        if event.name == "format":
            self.change(format=(value,) if value else ())
        elif event.name == "prompt":
            self._prompt = value
            question = self.scenario.question if self.scenario.question in ("tokens", "generate") else "next"
            self.action_view(question)
        elif event.name == "model":
            self.change(model=value, **self._asking(replace(self.scenario, model=value), self.view))
        else:
            values: dict[str, Any] = {event.name: value}
            self.change(**values)

    def on_quality_view_slid(self, event: QualityView.Slid) -> None:
        """A slider of a lesson moved."""
        event.stop()
        self.change(live=True, **{event.name: moved(event.name, getattr(self.scenario, event.name), event.by)})

    def with_view(self, name: str) -> dict[str, Any]:
        """Ask one thing, and nothing else."""
        return self._asking(self.scenario, name)

    def _asking(self, scenario: QualityScenario, view: str) -> dict[str, Any]:
        """What changes for `view`: it is asked about what was typed, else about what is usual for the model."""
        wanted = asked(scenario, view, self._prompt)
        return {field: getattr(wanted, field) for field in ("view", *QUESTIONS)}

    def action_group(self) -> None:
        """Where it hurts, by something else."""
        self.change(by=BY[(BY.index(self.scenario.by) + 1) % len(BY)])

    def action_lesson(self) -> None:
        """The lessons, one after the other."""
        now = asked(self.scenario, "lesson").lesson
        self.change(view=VIEWS[0], lesson=LESSONS[(LESSONS.index(now) + 1) % len(LESSONS)])

    def action_prompt(self) -> None:
        """Type the prompt."""
        self.give_focus(self.query_one("#field-prompt", Entry))

    def action_edit(self, name: str) -> None:
        """Type into a field; the formats begin with those that are measured."""
        entry = self.query_one(f"#field-{name}", Entry)
        if name == "format" and not entry.value:
            entry.fill(", ".join(formats_of(self.scenario)))
        self.give_focus(entry)

    def action_pick(self, name: str) -> None:
        """List a field's values."""
        self.query_one(f"#field-{name}", Choice).action_pick()

    def action_windows(self, by: int) -> None:
        """Read twice or half as much."""
        shown = self.query_one(QualityView).result
        known = shown.passage.windows if shown is not None and shown.passage is not None else 0
        now = self.scenario.windows or known
        if now:
            self.change(windows=min(max(now * 2 if by > 0 else now // 2, 1), 1024))


def _typed(scenario: QualityScenario) -> str:
    """The prompt that a person gave."""
    prompt = scenario.next or scenario.generate or scenario.tokens
    return "" if prompt in USUAL else prompt


def moved(name: str, value: float, by: int) -> float | int:
    """A lesson's slider one step on, inside its range."""
    if name == "shift":
        return min(max(round(value + 0.25 * by, 4), -10.0), 10.0)
    if name == "width":
        return min(max(round(value * (1.1 if by > 0 else 1 / 1.1), 4), 0.05), 20.0)
    if name == "chance":
        # By an odds step, so that 99.9 % and 0.1 % are as near as 50 %.
        odds = value / max(1 - value, 1e-9) * (1.25 if by > 0 else 1 / 1.25)
        return min(max(round(odds / (1 + odds), 6), 0.001), 0.999999)
    return min(max(int(value * 1.25) + 1 if by > 0 else int(value / 1.25), 1), 1_000_000)
