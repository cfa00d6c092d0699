"""The Quantizer pane: numbers above, schemes and how they score, and one large picture of what happens to a weight.

What the keys do to the Scenario is in `scenario/quantize_edit.py`; the pictures are in `draw/quantizer*.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from qtui.compute.data import MAX_DRAWN
from qtui.compute.distributions import distribution
from qtui.compute.formats import all_formats, get_format
from qtui.draw.picture import Picture
from qtui.draw.quantizer import dashboard
from qtui.draw.quantizer_parts import LETTERS
from qtui.draw.quantizer_score import scoreboard
from qtui.scenario import quantize
from qtui.scenario import quantize_edit as edit
from qtui.scenario.base import UserError
from qtui.scenario.progress import Progress
from qtui.scenario.quantize import VIEWS, QuantizeResult, QuantizeScenario
from qtui.scenario.quantize_work import Workbench
from qtui.tui.pane import Hints, Pane
from qtui.tui.widgets.fields import Choice, Entry, FieldChanged
from qtui.tui.widgets.picker import Picker
from qtui.tui.widgets.view import PictureView

KEEP = ("0", "1", "2", "4", "8", "16", "32", "64")
QUICK = 1 << 14  # weights that every format stores within about 8 ms


class PlaygroundView(PictureView, can_focus=True):
    """The large picture; it takes the keyboard, and the pane has its keys."""


class QuantizerPane(Pane):
    """See the module."""

    SCENARIO = QuantizeScenario
    title = "Quantizer"
    HINTS: ClassVar[Hints] = (
        ("v", "view"),
        ("left right", "weight"),
        ("d", "numbers"),
        ("f", "format"),
        ("+ -", "bits"),
        ("b", "block"),
        ("o", "outlier"),
        ("r", "reset"),
        ("m e", "memory, errors"),
    )
    KEYS: ClassVar[Hints] = (
        ("v V", "next, previous view; w lists them"),
        ("left right", "move by one weight (bar, node, step); with Shift by ten"),
        ("PgUp PgDn  Home End", "move by a hundred; to the ends"),
        ("up down", "scroll; in the network: the input"),
        ("d D", "next, previous kind of numbers"),
        ("z Z", "twice, half as many drawn weights"),
        ("n", "draw again with the next seed"),
        ("o", "put an outlier in, or take it out"),
        ("> <", "a stronger, a weaker outlier"),
        ("k K", "keep more, fewer of the largest weights apart"),
        ("x", "turn to the next scheme, which the keys below change"),
        ("f", "choose its format from the list"),
        ("F", "add a scheme"),
        ("X", "remove it"),
        ("+ -", "more, fewer bits"),
        ("b B", "next, previous block size"),
        ("a", "symmetric, asymmetric"),
        ("c", "clipping rule"),
        ("t", "type of the scale"),
        ("R", "rounding rule"),
        ("g", "grow the network on paper"),
        ("m", "to Memory: what would this format save"),
        ("e", "to Errors: what does it cost"),
        ("r", "reset to the essay's numbers and schemes"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "view(1)"),
        Binding("V", "view(-1)"),
        Binding("w", "views"),
        *(Binding(f"{shift}{key}", f"move({sign}{by})") for key, sign in (("left", "-"), ("right", ""))
          for shift, by in (("", 1), ("shift+", 10))),
        Binding("pageup", "move(-100)"),
        Binding("pagedown", "move(100)"),
        Binding("home", "end(0)"),
        Binding("end", "end(1)"),
        Binding("up", "vertical(1)"),
        Binding("down", "vertical(-1)"),
        Binding("d", "kind(1)"),
        Binding("D", "kind(-1)"),
        Binding("z", "size(1)"),
        Binding("Z", "size(-1)"),
        Binding("n", "seed"),
        Binding("o", "outlier"),
        Binding("greater_than_sign", "strengthen(1)"),
        Binding("less_than_sign", "strengthen(0)"),
        Binding("k", "keep(1)"),
        Binding("K", "keep(-1)"),
        Binding("x", "scheme(1)"),
        Binding("f", "pick"),
        Binding("F", "add"),
        Binding("X", "remove"),
        Binding("plus,equals_sign", "option('bits', 1)"),
        Binding("minus", "option('bits', -1)"),
        Binding("b", "option('block', 1)"),
        Binding("B", "option('block', -1)"),
        Binding("a", "option('range', 1)"),
        Binding("c", "option('clip', 1)"),
        Binding("t", "option('scale', 1)"),
        Binding("R", "option('rounding', 1)"),
        Binding("g", "grow"),
        Binding("m", "memory"),
        Binding("e", "errors"),
        Binding("r", "reset"),
    ]  # fmt: skip

    def __init__(self, scenario: QuantizeScenario) -> None:
        super().__init__(scenario)
        self._bench = Workbench()
        self._result: QuantizeResult | None = None
        self._scheme = 0

    def compose(self) -> ComposeResult:
        """Three rows of fields, the scoreboard, the picture."""
        with Horizontal(classes="fields"):
            yield Choice("kind", "Numbers", edit.KINDS, titles=[_kind_title(kind) for kind in edit.KINDS])
            yield Entry("text", "", placeholder="-0.89 0.16 ... or a file", width=40)
            yield Entry("size", "size", width=7, step=_doubled)
            yield Entry("spread", "spread", width=7, step=_scaled)
            yield Entry("seed", "seed", width=5, step=_counted)
            yield Entry("strength", "outliers", width=6, step=_doubled)
        with Horizontal(classes="fields"):
            yield Choice("scheme", "Scheme", LETTERS[:1])
            yield Entry("format", "", width=33, placeholder="int4:asym,block=32,scale=fp16")
            yield Entry("outlier", "outlier", placeholder="none", width=7, step=_doubled)
            yield Choice("keep", "apart", KEEP)
        with Horizontal(classes="fields"):
            yield Choice("show", "View", tuple(VIEWS), titles=tuple(VIEWS.values()))
            yield Entry("tensor", "tensor", width=28)
            yield Entry("row", "row", width=6, step=_counted)
            yield Entry("net", "layers", width=12)
            yield Entry("input", "input", width=7, step=_tenth)
        yield PictureView(self._draw_scores, id="scores")
        yield PlaygroundView(self._draw, id="playground")

    # What the frame asks of a pane.

    def quick(self, scenario: QuantizeScenario) -> bool:
        """Small numbers in memory are quick, and so is what has been stored already."""
        if self._bench.knows(scenario):
            return True
        if scenario.show == "smart":
            return False
        from_disk = scenario.source or scenario.importance or edit.kind_of(scenario) == "file"
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
        texts: dict[str, tuple[str, bool]] = {
            "text": (_typed(scenario), not drawn),
            "size": (str(scenario.size), drawn),
            "spread": (f"{scenario.spread:g}", drawn),
            "seed": (str(scenario.seed), drawn),
            "strength": (f"{scenario.strength:g}", drawn and distribution(kind).uses_strength),
            "format": (scenario.format[self._scheme], True),
            "outlier": ("" if scenario.outlier is None else f"{scenario.outlier:g}", True),
            "tensor": (scenario.tensor, kind == "file"),
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

    def on_field_changed(self, event: FieldChanged) -> None:
        """A field was set."""
        text = event.value
        change: dict[str, Callable[[], dict[str, Any]]] = {
            "kind": lambda: edit.with_kind(self.scenario, text),
            "text": lambda: edit.with_text(text),
            "format": lambda: edit.with_format(self.scenario, self._scheme, _checked(text)),
            "outlier": lambda: {"outlier": _number(text) if text.strip() else None},
            "row": lambda: {"row": _whole(text) if text.strip() else None},
            "size": lambda: {"size": _whole(text)},
            "seed": lambda: {"seed": _whole(text)},
            "keep": lambda: {"keep": _whole(text)},
            "spread": lambda: {"spread": _number(text)},
            "strength": lambda: {"strength": _number(text)},
            "input": lambda: {"input": _number(text)},
        }
        if event.name == "scheme":
            self._turn_to(LETTERS.index(text))
            return
        self._attempt(change.get(event.name, lambda: {event.name: text}), event.live)

    def _attempt(self, make: Callable[[], dict[str, Any]], live: bool = False) -> None:
        """Change the Scenario, or say why not."""
        try:
            values = make()
        except (UserError, ValueError) as error:
            self.say(str(error), "bad")
            self._fill(self.scenario)
            return
        self.change(live, **values)

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

    def action_grow(self) -> None:
        """The network on paper."""
        self.change(show="net" if self.scenario.show == "grow" else "grow")

    def action_reset(self) -> None:
        """Back to the essay."""
        self._scheme = 0
        self._attempt(lambda: edit.reset(self.scenario))

    def action_memory(self) -> None:
        """What would this format save: the Memory pane, with the grown network where that is on show."""
        self._attempt_link(lambda: edit.memory_link(self.scenario, self._result, self._scheme))

    def action_errors(self) -> None:
        """What does it cost: the Errors pane."""
        self._attempt_link(lambda: edit.errors_link(self.scenario))

    def _attempt_link(self, make: Callable[[], Any]) -> None:
        try:
            self.go(make())
        except (UserError, ValueError) as error:
            self.say(str(error), "bad")


def _kind_title(kind: str) -> str:
    return {"essay": "The essay's six", "typed": "Typed", "file": "A file"}.get(kind) or distribution(kind).title


def _typed(scenario: QuantizeScenario) -> str:
    """The numbers or the path, as the person would type them."""
    from qtui.compute.data import ESSAY

    return scenario.source or " ".join(scenario.values) or " ".join(f"{value:g}" for value in ESSAY)


def _checked(spec: str) -> str:
    """`spec`, which get_format knows; ValueError otherwise."""
    if spec.strip():
        get_format(spec)
    return spec


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UserError(f"{text!r} is not a number") from None


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise UserError(f"{text!r} is not a whole number") from None


def _doubled(text: str, by: int) -> str:
    """The number twice as large, or half (by ten: eight times)."""
    value = _number(text or "1") * 2.0 ** (by if abs(by) == 1 else 3 * (by > 0) - 3 * (by < 0))
    return f"{min(value, MAX_DRAWN):g}" if "." not in text and value >= 1 else f"{value:.3g}"


def _scaled(text: str, by: int) -> str:
    """The next of 1, 2, 5, 10, ... above or below."""
    value = _number(text)
    steps = [m * 10.0**e for e in range(-9, 7) for m in (1, 2, 5)]
    beyond = [s for s in steps if (s > value * 1.0001 if by > 0 else s < value / 1.0001)]
    return f"{(beyond[0] if by > 0 else beyond[-1]):g}" if beyond else text


def _counted(text: str, by: int) -> str:
    return str(max(0, _whole(text or "0") + by))


def _tenth(text: str, by: int) -> str:
    return f"{_number(text) + by * 0.1:.6g}"
