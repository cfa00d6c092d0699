"""The Quantizer pane: numbers above, schemes and how they score, and one large picture of what happens to a weight.

What the keys do to the Scenario is in `scenario/quantize_edit.py`; the pictures are in `draw/quantizer*.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from qtui.compute.distributions import distribution
from qtui.compute.formats import all_formats
from qtui.draw.picture import Picture
from qtui.draw.quantizer import dashboard
from qtui.draw.quantizer_hits import hit
from qtui.draw.quantizer_parts import LETTERS
from qtui.draw.quantizer_score import scoreboard
from qtui.scenario import quantize
from qtui.scenario import quantize_edit as edit
from qtui.scenario.base import UserError
from qtui.scenario.progress import Progress
from qtui.scenario.quantize import VIEWS, QuantizeResult, QuantizeScenario
from qtui.scenario.quantize_bench import Workbench
from qtui.scenario.quantize_work import DRAWN
from qtui.tui import quantizer_fields as fields
from qtui.tui.pane import Hints, Pane
from qtui.tui.quantizer_keys import BINDINGS, HINTS, KEYS
from qtui.tui.widgets.fields import Choice, Entry, FieldChanged
from qtui.tui.widgets.picker import Picker
from qtui.tui.widgets.view import PictureView

KEEP = ("0", "1", "2", "4", "8", "16", "32", "64")
SEARCHES = ("gptq", "awq")  # formats that take longer than a key press allows
QUICK = 1 << 14  # weights that every format stores within about 8 ms


class PlaygroundView(PictureView, can_focus=True):
    """The large picture; it takes the keyboard, and the pane has its keys."""


class QuantizerPane(Pane):
    """See the module."""

    SCENARIO = QuantizeScenario
    title = "Quantizer"
    HINTS: ClassVar[Hints] = HINTS
    KEYS: ClassVar[Hints] = KEYS
    BINDINGS: ClassVar[list[BindingType]] = BINDINGS

    def __init__(self, scenario: QuantizeScenario) -> None:
        super().__init__(scenario)
        self._bench = Workbench()
        self._result: QuantizeResult | None = None
        self._scheme = 0

    def compose(self) -> ComposeResult:
        """Three rows of fields, the scoreboard, the picture."""
        with Horizontal(classes="fields"):
            yield Choice("kind", "Numbers", edit.KINDS, titles=[fields.kind_title(kind) for kind in edit.KINDS])
            yield Entry("text", "", placeholder="-0.89 0.16 ... or a file", width=40)
            yield Entry("size", "size", width=7, step=fields.doubled)
            yield Entry("spread", "spread", width=7, step=fields.scaled)
            yield Entry("seed", "seed", width=5, step=fields.counted)
            yield Entry("strength", "outliers", width=6, step=fields.doubled)
        with Horizontal(classes="fields"):
            yield Choice("scheme", "Scheme", LETTERS[:1])
            yield Entry("format", "", width=33, placeholder="int4:asym,block=32,scale=fp16")
            yield Entry("outlier", "outlier", placeholder="none", width=7, step=fields.doubled)
            yield Choice("keep", "apart", KEEP)
        with Horizontal(classes="fields"):
            yield Choice("show", "View", tuple(VIEWS), titles=tuple(VIEWS.values()))
            yield Choice("tensor", "tensor", ("",), titles=("the first matrix",))
            yield Entry("row", "row", width=6, step=fields.counted)
            yield Entry("net", "layers", width=12)
            yield Entry("input", "input", width=7, step=fields.tenth)
        yield PictureView(self._draw_scores, id="scores")
        yield PlaygroundView(self._draw, id="playground")

    # What the frame asks of a pane.

    def quick(self, scenario: QuantizeScenario) -> bool:
        """Small numbers in memory are quick, and so is what has been stored already."""
        if self._bench.knows(scenario):
            return True
        searches = any(spec.lower().startswith(SEARCHES) for spec in scenario.format)
        if searches or scenario.show == "smart":
            return False
        from_disk = scenario.source or scenario.importance not in ("", DRAWN) or edit.kind_of(scenario) == "file"
        return not from_disk and (not scenario.dist or scenario.size <= QUICK)

    def solve(self, scenario: QuantizeScenario, progress: Progress) -> QuantizeResult:
        """The Result, from what is kept where possible."""
        return quantize.solve(scenario, progress, bench=self._bench)

    def show(self, scenario: QuantizeScenario, result: QuantizeResult) -> None:
        """Draw, with the fields in line."""
        self._result = result
        self._fill(scenario)
        scores = self.query_one("#scores", PictureView)
        scores.styles.height = 1 + len(result.schemes)
        scores.redraw()
        self.query_one(PlaygroundView).redraw()

    def focus_first(self) -> None:
        """The picture has the keys that matter."""
        self.query_one(PlaygroundView).focus(scroll_visible=False)

    def _fill(self, scenario: QuantizeScenario) -> None:
        kind = edit.kind_of(scenario)
        drawn = kind not in ("essay", "typed", "file")
        self._scheme = min(self._scheme, len(scenario.format) - 1)
        letters = LETTERS[: len(scenario.format)]
        self._choice("kind").value = kind
        self._choice("scheme").set_options(tuple(letters))
        self._choice("scheme").value = letters[self._scheme]
        self._choice("keep").value = str(scenario.keep)
        self._choice("show").value = scenario.show
        tensor = self._choice("tensor")
        names = self._result.tensors if self._result is not None else ()
        tensor.set_options(("", *names), ("the first matrix", *names))
        tensor.value = scenario.tensor
        tensor.display = kind == "file" and len(names) > 1
        texts: dict[str, tuple[str, bool]] = {
            "text": (fields.typed(scenario), not drawn),
            "size": (str(scenario.size), drawn),
            "spread": (f"{scenario.spread:g}", drawn),
            "seed": (str(scenario.seed), drawn),
            "strength": (f"{scenario.strength:g}", drawn and distribution(kind).uses_strength),
            "format": (scenario.format[self._scheme], True),
            "outlier": ("" if scenario.outlier is None else f"{scenario.outlier:g}", True),
            "row": ("" if scenario.row is None else str(scenario.row), kind == "file"),
            "net": (scenario.net, scenario.show == "net"),
            "input": (f"{scenario.input:g}", scenario.show == "net"),
        }
        for name, (text, visible) in texts.items():
            entry = self.query_one(f"#field-{name}", Entry)
            entry.value = text
            entry.display = visible

    def _choice(self, name: str) -> Choice:
        return self.query_one(f"#field-{name}", Choice)

    def _draw_scores(self, width: int, height: int) -> Picture:
        if self._result is None:
            return ()
        return scoreboard(self._result.schemes, width, self.glyphs, self._scheme)

    def _draw(self, width: int, height: int) -> Picture:
        return dashboard(self._result, width, height, self.glyphs) if self._result is not None else ()

    # What the person does.

    def on_picture_view_clicked(self, event: PictureView.Clicked) -> None:
        """The mouse on the picture: choose what lies there. On the scores: turn to that scheme."""
        if event.view.id == "scores" and 0 < event.y <= len(self.scenario.format):
            self._turn_to(event.y - 1)
        elif event.view.id == "playground" and self._result is not None:
            size = event.view.size
            found = hit(self._result, size.width, size.height, event.x, event.y)
            if found:
                self.change(True, **found)

    def on_field_changed(self, event: FieldChanged) -> None:
        """A field was set."""
        text = event.value
        change: dict[str, Callable[[], dict[str, Any]]] = {
            "kind": lambda: edit.with_kind(self.scenario, text),
            "text": lambda: edit.with_text(text),
            "format": lambda: edit.with_format(self.scenario, self._scheme, fields.checked(text)),
            "outlier": lambda: {"outlier": fields.number(text) if text.strip() else None},
            "row": lambda: {"row": fields.whole(text) if text.strip() else None},
            "size": lambda: {"size": fields.whole(text)},
            "seed": lambda: {"seed": fields.whole(text)},
            "keep": lambda: {"keep": fields.whole(text)},
            "spread": lambda: {"spread": fields.number(text)},
            "strength": lambda: {"strength": fields.number(text)},
            "input": lambda: {"input": fields.number(text)},
        }
        if event.name == "scheme":
            self._turn_to(LETTERS.index(text))
            return
        if event.name == "kind" and text == "file":
            self._ask_for_a_file()
            return
        self._attempt(change.get(event.name, lambda: {event.name: text}), event.live)
        if not event.live and isinstance(event.field, Entry) and event.field.input.has_focus:
            self.focus_first()  # Enter ends the typing, and the keys are keys again

    def _attempt(self, make: Callable[[], dict[str, Any]], live: bool = False) -> None:
        """Change the Scenario, or say why not."""
        try:
            values = make()
        except (UserError, ValueError) as error:
            self.say(str(error), "bad")
            self._fill(self.scenario)
            return
        self.change(live, **values)

    def _ask_for_a_file(self) -> None:
        """Put the keyboard where a path is typed."""
        entry = self.query_one("#field-text", Entry)
        entry.display = True
        entry.input.value = ""
        entry.input.focus()
        self.say("type the path of a .npy, safetensors or GGUF file, then Enter")

    def _turn_to(self, index: int) -> None:
        self._scheme = index
        self._fill(self.scenario)
        self.query_one("#scores", PictureView).redraw()

    def action_view(self, by: int) -> None:
        """Another view."""
        self._attempt(lambda: edit.turned_view(self.scenario, by))

    def action_views(self) -> None:
        """List the views."""
        self._choice("show").action_pick()

    def action_move(self, by: int) -> None:
        """Move what the view's arrows move."""
        if (result := self._result) is not None:
            self._attempt(lambda: edit.moved(self.scenario, result, by), live=True)

    def action_end(self, last: int) -> None:
        """To the first or the last."""
        if (result := self._result) is not None:
            self._attempt(lambda: edit.moved_to_end(self.scenario, result, bool(last)), live=True)

    def action_vertical(self, by: int) -> None:
        """The network's input, a row of the table, or scrolling."""
        if self.scenario.show == "net":
            value = float(f"{self.scenario.input + by * 0.1:.6g}")
            self.change(True, input=value)
        elif self.scenario.show == "table":
            self.action_move(-by)
        else:
            self.query_one(PlaygroundView).scroll_relative(y=-by, animate=False)

    def action_kind(self, by: int) -> None:
        """Another kind of numbers; a file has to be named."""
        kinds = [kind for kind in edit.KINDS if kind != "file"]
        self._attempt(lambda: edit.with_kind(self.scenario, edit.turned(kinds, edit.kind_of(self.scenario), by)))

    def action_size(self, by: int) -> None:
        """More or fewer drawn weights."""
        self._attempt(lambda: edit.stepped_size(self.scenario, by))

    def action_spread(self, up: int) -> None:
        """Drawn weights spread further or less."""
        self._attempt(lambda: edit.stepped_spread(self.scenario, bool(up)), live=True)

    def action_layers(self, by: int) -> None:
        """A larger or smaller network."""
        self._attempt(lambda: edit.turned_network(self.scenario, by))

    def action_seed(self) -> None:
        """Draw again."""
        if self.scenario.dist:
            self.change(seed=self.scenario.seed + 1)
        else:
            self.say("only drawn weights have a seed; d chooses a distribution", "warn")

    def action_outlier(self) -> None:
        """An outlier in or out."""
        if (result := self._result) is not None:
            self._attempt(lambda: edit.toggled_outlier(self.scenario, result))

    def action_strengthen(self, up: int) -> None:
        """A stronger or weaker outlier."""
        self._attempt(lambda: edit.scaled_outlier(self.scenario, bool(up)), live=True)

    def action_keep(self, by: int) -> None:
        """More or fewer weights kept apart."""
        at = KEEP.index(str(self.scenario.keep)) if str(self.scenario.keep) in KEEP else 0
        self.change(keep=int(KEEP[min(max(at + by, 0), len(KEEP) - 1)]))

    def action_scheme(self, by: int) -> None:
        """The keys change another scheme from now on."""
        self._turn_to((self._scheme + by) % len(self.scenario.format))

    def action_option(self, what: str, by: int) -> None:
        """Turn one option of the present scheme."""
        self._attempt(
            lambda: edit.with_format(
                self.scenario, self._scheme, edit.option(self.scenario.format[self._scheme], what, by)
            )
        )

    def action_pick(self) -> None:
        """Choose the present scheme's format from the list."""
        self._pick(self._scheme)

    def action_add(self) -> None:
        """Choose one more scheme."""
        if len(self.scenario.format) < quantize.MOST_SCHEMES:
            self._pick(len(self.scenario.format))
        else:
            self.say(f"{quantize.MOST_SCHEMES} schemes are the most; X removes one", "warn")

    def _pick(self, index: int) -> None:
        names = [fmt.name for fmt in all_formats() if fmt.can_encode]
        titles = [f"{fmt.name:28} {float(fmt.bits_per_weight):.4g}" for fmt in all_formats() if fmt.can_encode]
        present = self.scenario.format[index] if index < len(self.scenario.format) else ""

        def chosen(spec: str | None) -> None:
            if spec is not None:
                self._scheme = index
                self._attempt(lambda: edit.with_format(self.scenario, index, spec))

        self.app.push_screen(Picker(f"Scheme {LETTERS[index]}, bits per weight", names, titles, present), chosen)

    def action_remove(self) -> None:
        """Remove the present scheme."""
        self._attempt(lambda: edit.with_format(self.scenario, self._scheme, ""))

    def action_importance(self) -> None:
        """A made-up importance matrix, or none."""
        self.change(importance="" if self.scenario.importance else DRAWN)

    def action_grow(self) -> None:
        """The network on paper."""
        self.change(show="net" if self.scenario.show == "grow" else "grow")

    def action_reset(self) -> None:
        """Back to the essay."""
        self._scheme = 0
        self._attempt(lambda: edit.reset(self.scenario))

    def action_memory(self) -> None:
        """What would this format save: the Memory pane, with the grown network where that is on show."""
        present = self.qtui.history.present.get("mem")
        self._attempt_link(lambda: edit.memory_link(self.scenario, self._result, self._scheme, present))

    def action_errors(self) -> None:
        """What does it cost: the Errors pane."""
        self._attempt_link(lambda: edit.errors_link(self.scenario))

    def _attempt_link(self, make: Callable[[], Any]) -> None:
        try:
            self.go(make())
        except (UserError, ValueError) as error:
            self.say(str(error), "bad")
