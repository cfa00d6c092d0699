"""The Quantizer pane: numbers above, schemes and how they score, and one large picture of what happens to a weight.

What the keys do to the Scenario is in `scenario/quantizer/edit.py`; the pictures are in `draw/quantizer/`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from qtui.compute.formats import Format
from qtui.draw.frame import Size, size_of
from qtui.draw.picture import Picture
from qtui.draw.quantizer.hits import hit
from qtui.draw.quantizer.page import NOTHING, dashboard, picture_width
from qtui.draw.quantizer.parts import LETTERS, aligned
from qtui.draw.quantizer.scores import head
from qtui.draw.quantizer.views import Drawer, sampling
from qtui.scenario.base import UserError
from qtui.scenario.formats import named_format
from qtui.scenario.progress import Progress
from qtui.scenario.quantizer import edit, links
from qtui.scenario.quantizer.cache import QuantizerCache
from qtui.scenario.quantizer.entries import change_of, offered
from qtui.scenario.quantizer.result import QuantizerResult
from qtui.scenario.quantizer.sampling import with_samples
from qtui.scenario.quantizer.scenario import MOST_SCHEMES, QuantizerScenario
from qtui.scenario.quantizer.solve import is_quick, solve
from qtui.tui.keymap import bindings
from qtui.tui.pane import Pane
from qtui.tui.panes.quantizer import fields, keys
from qtui.tui.widgets.fields import FieldChanged
from qtui.tui.widgets.picker import Picker
from qtui.tui.widgets.view import PictureView

FRAME = 4  # rows of a window that are not the pane's: tabs, views, status, keys
ABOVE = 5  # rows of the fields, of the headline, of the scoreboard's heading, and of what the scale costs


class WeightsView(PictureView, can_focus=True, inherit_bindings=False):
    """The large picture; it takes the keyboard, and the pane has its keys."""


class QuantizerPane(Pane[QuantizerScenario, QuantizerResult]):
    """Numbers, schemes, scores, and one large picture."""

    SCENARIO = QuantizerScenario
    title = "Quantizer"
    VIEWS = keys.VIEWS
    RENEWS = True
    ACTIONS = keys.ACTIONS
    VIEW_ACTIONS = keys.VIEW_ACTIONS
    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.ACTIONS)

    def __init__(self, scenario: QuantizerScenario) -> None:
        super().__init__(scenario)
        self._cache = QuantizerCache()
        self._result: QuantizerResult | None = None
        self._scheme = 0
        self._page = NOTHING
        self._fitted = (0, 0)  # the room that the heights are for
        self._head: tuple[tuple[int, int], Picture] | None = None  # the scores as drawn, with the room they are for
        self._alone = False

    def compose(self) -> ComposeResult:
        """Three rows of fields, the scoreboard, the picture."""
        yield from fields.rows()
        yield PictureView(self._draw_scores, id="scores")
        yield WeightsView(self._draw, id="weights")

    @property
    def _present(self) -> int:
        """The scheme that the keys change; the last one where an undo has left fewer."""
        return min(self._scheme, len(self.scenario.format) - 1)

    # What the frame asks of a pane.

    def renew(self) -> None:
        """The first scheme, at the top of the picture."""
        self._scheme = 0
        for view in self.query(PictureView):
            view.scroll_home(animate=False)

    def quick(self, scenario: QuantizerScenario) -> bool:
        """Few numbers in memory are quick, and so is what is in the cache."""
        return is_quick(scenario, self._cache)

    def solve(self, scenario: QuantizerScenario, progress: Progress) -> QuantizerResult:
        """The Result, from the cache where possible."""
        return solve(scenario, progress, cache=self._cache)

    def show(self, scenario: QuantizerScenario, result: QuantizerResult) -> None:
        """Draw, with the fields in line."""
        self._result = result
        self._fill(scenario)
        self._redraw()

    def _redraw(self) -> None:
        self._head = None
        self._fitted = self._room
        scores = self.query_one("#scores", PictureView)
        scores.styles.height = len(self._draw_scores(*self._room))
        scores.redraw()
        self.query_one(WeightsView).redraw()

    def on_resize(self) -> None:
        """Another size may have another layout."""
        self._fill(self.scenario)
        if self._room != self._fitted:
            self._redraw()

    def focus_first(self) -> None:
        """The picture has the keys that matter."""
        self.give_focus(self.query_one(WeightsView))

    def _fill(self, scenario: QuantizerScenario) -> None:
        scheme = min(self._scheme, len(scenario.format) - 1)
        fields.fill(self, scenario, scheme, self._result.tensors if self._result is not None else ())

    @property
    def _room(self) -> tuple[int, int]:
        """Columns and rows of the pane; before its first layout those that it will have."""
        width, height = self.size or self.app.size
        return width, height if self.size else height - FRAME

    @property
    def _layout(self) -> Size:
        """Small, medium or large, by the room that the page has under the fields and the scoreboard."""
        width, height = self._room
        schemes = len(self._result.schemes) if self._result is not None else 1
        if size_of(width, height - ABOVE) == "large":  # which has the scoreboard in its page
            return "large"
        return size_of(width, height - ABOVE - schemes)

    def _draw_scores(self, width: int, height: int) -> Picture:
        if self._result is None:
            return ()
        if self._head is None or self._head[0] != self._room:
            self._head = self._room, head(self._result, *self._room, self._layout, self.glyphs, self._present)
        return self._head[1]

    def _draw(self, width: int, height: int) -> Picture:
        if self._result is None:
            return ()
        size = self._layout
        columns = sampling(self._result, width if self._alone else picture_width(width, size))
        drawer = Drawer(self._result, self.glyphs, lambda result: with_samples(result, columns))
        self._page = dashboard(drawer, width, height, size, self._present, self._alone)
        return self._page.picture

    # What the person does.

    def on_picture_view_clicked(self, event: PictureView.Clicked) -> None:
        """The mouse on the picture: choose what lies there. On the scores: turn to that scheme."""
        if event.view.id == "scores":
            if len(event.view.picture) > 2 and 2 <= event.y < 2 + len(self.scenario.format):
                self._turn_to(event.y - 2)
        elif event.view.id == "weights" and self._result is not None:
            chosen = hit(self._result, self._page, event.x, event.y)
            if "scheme" in chosen:
                self._turn_to(chosen["scheme"])
            elif chosen:
                self.change(True, **chosen)

    def on_field_changed(self, event: FieldChanged) -> None:
        """A field was set."""
        if event.name == "scheme":
            self._turn_to(LETTERS.index(event.value))
            return
        if event.name == "kind" and event.value == "file":
            self._ask_for_a_file()
            return
        self._attempt(lambda: change_of(self.scenario, self._present, event.name, event.value), event.live)

    def _attempt(self, make: Callable[[], dict[str, Any]], live: bool = False) -> None:
        """Change the Scenario, or say why not."""
        try:
            values = make()
        except UserError as error:
            self.say(str(error), "bad")
            self._fill(self.scenario)
            return
        self.change(live, **values)

    def _ask_for_a_file(self) -> None:
        """Focus the field that a path is typed into."""
        entry = fields.entry(self, "text")
        entry.display = True
        entry.value = ""
        self.give_focus(entry)
        self.say("type the path of a .npy, safetensors or GGUF file, then Enter")

    @property
    def cursor(self) -> tuple[int, ...]:
        """How far the picture is scrolled, and the scheme that the keys change."""
        return *super().cursor, self._present

    def put_cursor(self, cursor: tuple[int, ...]) -> None:
        """Turn to the same scheme, at the same place of the picture."""
        super().put_cursor(cursor)
        scheme = min(max(cursor[1], 0), len(self.scenario.format) - 1) if len(cursor) > 1 else self._present
        if scheme != self._present:
            self._turn_to(scheme)

    def _turn_to(self, index: int) -> None:
        self._scheme = index
        self._fill(self.scenario)
        self._redraw()

    def compact(self, controls: tuple[str, ...]) -> None:
        """Show only some fields; "picture" among them asks for the view alone, without scores and other views."""
        super().compact(controls)
        self._alone = "picture" in controls
        self.query_one("#scores").display = not self._alone

    def action_change(self, name: str, by: int = 1) -> None:
        """What a key changes: see `edit.CHANGES`."""
        self._attempt(lambda: edit.CHANGES[name](self.scenario, self._result, by), name in edit.STREAMS)

    def action_vertical(self, by: int) -> None:
        """The network's input, a row of the table, or scrolling."""
        if self.scenario.view == "net":
            self.action_change("input", by)
        elif self.scenario.view in ("table", "grow"):  # rows below each other
            self.action_change("move", -by)
        else:
            self.query_one(WeightsView).scroll_relative(y=-by, animate=False)

    def action_scheme(self, by: int) -> None:
        """Select another scheme for the keys to change."""
        self._turn_to((self._present + by) % len(self.scenario.format))

    def action_option(self, what: str, by: int) -> None:
        """Turn one option of the present scheme."""

        def turned() -> dict[str, Any]:
            rows = self._result.rows if self._result is not None else 1
            spec = edit.turned_option(self.scenario.format[self._present], what, by, rows)
            return edit.with_format(self.scenario, self._present, spec)

        self._attempt(turned)

    def action_pick(self) -> None:
        """Choose the present scheme's format from the list."""
        self._pick(self._present)

    def use_format(self, name: str) -> None:
        """Take a format for the present scheme."""
        self._attempt(lambda: edit.with_format(self.scenario, self._present, name))

    def action_add(self) -> None:
        """Choose one more scheme."""
        if len(self.scenario.format) < MOST_SCHEMES:
            self._pick(len(self.scenario.format))
        else:
            self.say(f"{MOST_SCHEMES} schemes are the most; {self.qtui.keymap.text(keys.REMOVE)} removes one", "warn")

    def _offered(self) -> tuple[Format, ...]:
        """All formats, and those of one's own here and in the Bits pane."""
        bits = self.qtui.scenario_of("bits")
        return offered((*self.scenario.format, str(getattr(bits, "format", ""))))

    def _pick(self, index: int) -> None:
        formats = self._offered()
        bits = aligned([f"{float(fmt.bits_per_weight):.4g}" for fmt in formats])
        most = max(map(len, bits))
        titles = [f"{f.name:<24} {of:>{most}}  {f.description}" for f, of in zip(formats, bits, strict=True)]
        present = named_format(self.scenario.format[index]).name if index < len(self.scenario.format) else ""

        def chosen(spec: str | None) -> None:
            if spec is not None:
                self._scheme = index
                self._attempt(lambda: edit.with_format(self.scenario, index, spec))

        title, hint = f"Scheme {LETTERS[index]}", "name, bits per weight, meaning"
        names = [fmt.name for fmt in formats]
        self.app.push_screen(Picker(title, names, titles, present, width=78, hint=hint), chosen)

    def action_remove(self) -> None:
        """Remove the present scheme."""
        self._attempt(lambda: edit.with_format(self.scenario, self._present, ""))

    def action_reset(self) -> None:
        """Back to the essay."""
        self._scheme = 0
        super().action_reset()

    def action_step_format(self, by: int) -> None:
        """The neighbouring format of the list that `f` shows."""

        def stepped() -> dict[str, Any]:
            names = [fmt.name for fmt in self._offered()]
            present = named_format(self.scenario.format[self._present]).name
            at = names.index(present) + by if present in names else 0
            return edit.with_format(self.scenario, self._present, names[at % len(names)])

        self._attempt(stepped)

    def action_into(self) -> None:
        """This format in another pane: Memory, with the grown network where that is on show, or Errors."""
        present = self.qtui.scenario_of("mem")
        ways: dict[str, Callable[[], Any]] = {
            "Memory": lambda: links.memory_link(self.scenario, self._result, self._present, present),
            "Errors": lambda: links.errors_link(self.scenario),
        }

        def chosen(name: str | None) -> None:
            if name is None:
                return
            try:
                self.go(ways[name]())
            except UserError as error:
                self.say(str(error), "bad")

        titles = ("Memory: what would this format save", "Errors: what does it cost")
        self.app.push_screen(Picker("into", tuple(ways), titles, "Memory"), chosen)
