"""The Bits pane: a value and a format above, and the views of them, one at a time."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from qtui.compute.floats.literals import LANGUAGES, literal
from qtui.compute.floats.names import ROUNDINGS
from qtui.compute.floats.table import number_formats
from qtui.compute.floats.text import code_bits, code_hex, exact_decimal, hex_float, rounded_decimal, shortest_decimal
from qtui.draw.bits.text import value_of
from qtui.scenario.base import UserError
from qtui.scenario.bits import moves, tables
from qtui.scenario.bits.result import BitsResult
from qtui.scenario.bits.scenario import DATA, BitsScenario
from qtui.scenario.bits.solve import solve
from qtui.scenario.progress import Progress
from qtui.tui.keymap import bindings
from qtui.tui.pane import Pane
from qtui.tui.panes.bits import keys
from qtui.tui.panes.bits.controls import FormatChoice, views_of
from qtui.tui.panes.bits.tables import CodebookView
from qtui.tui.panes.bits.view import BitsView, Move
from qtui.tui.widgets.entry import Entry
from qtui.tui.widgets.fields import Choice, FieldChanged, FieldRow
from qtui.tui.widgets.picker import Picker

OVERFLOW = ("by format", "saturate")


class BitsPane(Pane[BitsScenario, BitsResult]):
    """One value in one number format, and in all of them."""

    SCENARIO = BitsScenario
    title = "Bits"
    RENEWS = True
    SMALLEST = (40, 12)
    DEFAULT_CSS = """
    BitsPane #field-format { width: 1fr; }
    BitsPane BitsView { display: none; }
    BitsPane #bits-inspect { scrollbar-size-vertical: 0; }
    """
    VIEWS = keys.VIEWS
    ACTIONS = keys.ACTIONS
    VIEW_ACTIONS = keys.VIEW_ACTIONS
    BINDINGS: ClassVar[list[BindingType]] = bindings(keys.ACTIONS)

    _slot = 0  # the number of the table that is being typed

    def compose(self) -> ComposeResult:
        """The fields, and every view, of which one is shown."""
        s: BitsScenario = self.scenario
        with FieldRow():
            yield Entry("value", "value", s.value, width=30, live=True, step=self._step_text)
            yield FormatChoice(s.format)
        with FieldRow():
            yield Choice("rounding", "round", ROUNDINGS, s.rounding)
            yield Choice("overflow", "overflow", OVERFLOW, OVERFLOW[s.saturate])
            for name, label, text in (("low", "from", s.low), ("high", "to", s.high)):
                end = Entry(name, label, text, width=9, placeholder="0")
                end.display = False  # until a view with an interval is drawn
                yield end
            yield Entry("slot", "marked value", width=14, placeholder="type it")
            yield Choice("dist", "weights", DATA, s.dist)
        self._views = views_of(s)
        yield from self._views

    def focus_first(self) -> None:
        """The keyboard goes to the view on show, now: `Widget.focus` would wait for the keys that follow."""
        self.screen.set_focus(self._view, scroll_visible=False)

    @property
    def view(self) -> str:
        """The view on show; `--all` names one as well."""
        return self._view_name(self.scenario)

    def with_view(self, name: str) -> dict[str, Any]:
        """The view `name`, and no longer that of `--all`."""
        return {"view": name, "all": False}

    @property
    def _view(self) -> BitsView:
        return next(view for view in self._views if self.view == view.view_name)

    @staticmethod
    def _view_name(scenario: BitsScenario) -> str:
        return "all" if scenario.all and scenario.view == "inspect" else scenario.view

    # From Scenario to screen.

    def renew(self) -> None:
        """All views as new."""
        for view in self._views:
            view.renew()

    def solve(self, scenario: BitsScenario, progress: Progress) -> BitsResult:
        """What the scenario shows: about a millisecond; a plot is solved when its columns are known."""
        return solve(scenario, progress)

    def show(self, scenario: BitsScenario, result: BitsResult) -> None:
        """Bring the fields in line and draw the view."""
        self._set_fields(scenario, result)
        view = self._view
        had_focus = any(other.has_focus for other in self._views)
        for other in self._views:
            other.display = other is view
        view.show(scenario, result)
        if had_focus and not view.has_focus:
            self.focus_first()

    def _set_fields(self, scenario: BitsScenario, result: BitsResult) -> None:
        entry = self.query_one("#field-value", Entry)
        if not entry.has_focus or entry.committed != scenario.value:
            entry.fill(scenario.value)
        self.query_one("#field-format", Choice).value = result.format.name
        self.query_one("#field-rounding", Choice).value = scenario.rounding
        self.query_one("#field-overflow", Choice).value = OVERFLOW[scenario.saturate]
        on_interval = self._view_name(scenario) in ("line", "density")
        codebook = self._view_name(scenario) == "codebook"
        self._make_room()
        self.query_one("#field-dist", Choice).value = scenario.dist
        for item, shown in (("slot", codebook), ("dist", codebook), ("rounding", not codebook)):
            self.query_one(f"#field-{item}").display = shown
        for name, text, end in (("low", scenario.low, 0), ("high", scenario.high, 1)):
            field = self.query_one(f"#field-{name}", Entry)
            field.display = on_interval
            field.fill(text)
            field.placeholder = rounded_decimal(result.interval[end], 7)

    def on_resize(self) -> None:
        """There is more room, or less."""
        self._make_room()

    def _make_room(self) -> None:
        """In a narrow window the ends of an interval replace the overflow field; its key still works."""
        on_interval = self._view_name(self.scenario) in ("line", "density")
        codebook = self._view_name(self.scenario) == "codebook"
        roomy = not on_interval or self.app.size.width >= 72
        self.query_one("#field-overflow").display = roomy and not codebook

    # From keys to Scenario.

    def take(self, scenario: BitsScenario, live: bool = False) -> None:
        """Ask for `scenario` instead of the present one."""
        self.change(live, **{item.name: getattr(scenario, item.name) for item in fields(scenario)})

    def _do(self, move: Move, live: bool = False) -> None:
        try:
            self.take(move(self.scenario), live)
        except UserError as error:
            self.say(str(error), "bad")

    def on_bits_view_wants(self, event: BitsView.Wants) -> None:
        """A view asks for a change."""
        event.stop()
        self._do(event.move, event.live)

    def on_field_changed(self, event: FieldChanged) -> None:
        """A field was changed by hand."""
        if event.name == "format":
            self._do(lambda s: moves.in_format(s, event.value))
        elif event.name == "slot":
            self._take_slot(event.value)
        elif event.name == "overflow":
            self.change(saturate=event.value == OVERFLOW[1])
        else:
            self.change(event.live, **{event.name: event.value})

    def on_bits_view_opens(self, event: BitsView.Opens) -> None:
        """A view leads to another pane."""
        event.stop()
        self.go(event.scenario)

    def on_bits_view_types(self, event: BitsView.Types) -> None:
        """A view's number is to be typed: the field has it."""
        event.stop()
        entry = self.query_one("#field-slot", Entry)
        values = tables.table_of(self.scenario)
        entry.fill(f"{values[event.slot]:.9g}" if event.slot < len(values) else "")
        self._slot = event.slot
        self.give_focus(entry)

    def _take_slot(self, text: str) -> None:
        """The number that was typed goes into the table; the mark stays on it."""
        if not text.strip():
            return
        slot, before = self._slot, self.scenario
        self._do(lambda s: tables.with_value(s, slot, text))
        view = self._view
        if isinstance(view, CodebookView) and self.scenario != before:
            view.cursor = tables.place_of(self.scenario, text)

    def _step_text(self, text: str, by: int) -> str:
        try:
            move = moves.neighbouring if abs(by) == 1 else moves.stepped
            return move(replace(self.scenario, value=text), by).value
        except UserError:
            return text

    def action_view(self, name: str) -> None:
        """Switch the view at once: the next key is already for the new one."""
        self.change(**self.with_view(name))
        result = self._solved()
        if result is not None:
            self.show(self.scenario, result)
        self.focus_first()

    def formats_on_offer(self) -> list[tuple[str, str]]:
        """The number formats."""
        return [(fmt.name, fmt.description) for fmt in number_formats()]

    def use_format(self, name: str) -> None:
        """The value in another format."""
        self._do(lambda s: moves.in_format(s, name))

    def action_edit(self) -> None:
        """Type a value."""
        self.give_focus(self.query_one("#field-value"))

    def action_format(self, by: int) -> None:
        """The neighbouring format of the list."""
        self.query_one("#field-format", Choice).action_step(by)

    def action_pick_format(self) -> None:
        """List the formats."""
        self.query_one("#field-format", Choice).action_pick()

    def action_rounding(self, by: int) -> None:
        """The next rounding."""
        self.query_one("#field-rounding", Choice).action_step(by)

    def action_overflow(self) -> None:
        """Saturate or follow the format."""
        self.change(saturate=not self.scenario.saturate)

    def action_special(self, direction: int) -> None:
        """Jump to the next special value."""
        self._do(lambda s: moves.at_special(s, direction), live=True)

    def action_negate(self) -> None:
        """Minus the value."""
        self._do(moves.negated, live=True)

    def _solved(self) -> BitsResult | None:
        try:
            return solve(self.scenario)
        except UserError as error:
            self.say(str(error), "bad")
            return None

    def action_go_to(self) -> None:
        """List the special values."""
        result = self._solved()
        if result is None:
            return
        fmt = result.format
        codes = [code_hex(fmt, special.code) for special in result.specials]
        titles = [
            f"{special.name.ljust(14)} {value_of(special.real, self.glyphs, 22).ljust(24)}"
            + (code if fmt.bits <= 32 else "")
            for special, code in zip(result.specials, codes, strict=True)
        ]

        def chosen(value: str | None) -> None:
            if value is not None:
                self.change(value=value)

        self.app.push_screen(Picker("special values", codes, titles, code_hex(fmt, result.code)), chosen)

    def action_copy_result(self) -> None:
        """List the value as source code and text, to copy one."""
        result = self._solved()
        if result is None:
            return
        fmt, code = result.format, result.code
        texts = {language.title(): literal(fmt, code, language) for language in LANGUAGES}
        texts |= {"exact": exact_decimal(result.stored.real), "shortest": shortest_decimal(fmt, code)}
        texts |= {
            "hex float": hex_float(result.stored.real),
            "code": code_hex(fmt, code),
            "bits": code_bits(fmt, code),
        }
        titles = [f"{name.ljust(10)} {text}" for name, text in texts.items()]

        def chosen(value: str | None) -> None:
            if value is not None:
                self.qtui.copy(value)

        self.app.push_screen(Picker("copy as", list(texts.values()), titles, ""), chosen)
