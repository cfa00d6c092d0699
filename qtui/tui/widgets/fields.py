"""One-line controls: a choice to cycle through, an entry to type into. Small, and light on the wire.

Both post `FieldChanged(name, value)`, value being text; a pane turns that into a change of its Scenario. Setting
`value` from code posts nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from rich.segment import Segment
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from qtui.draw.picture import Line, line, pad

if TYPE_CHECKING:
    from qtui.tui.app import QtuiApp
    from qtui.tui.widgets.picker import Picker


class FieldChanged(Message):
    """The person set the field `name` to `value`; `live` while still typing or stepping."""

    def __init__(self, field: Widget, name: str, value: str, live: bool = False) -> None:
        super().__init__()
        self.field = field
        self.name = name
        self.value = value
        self.live = live

    @property
    def control(self) -> Widget:
        """The field that changed."""
        return self.field


class FieldRow(Horizontal):
    """Fields side by side."""

    BLANK = True  # nothing shows but what is in it: Textual then draws it in no time


class Choice(Widget, can_focus=True):
    """A label and one of several values: left and right change it, Enter lists them all."""

    DEFAULT_CSS = "Choice { height: 1; width: auto; min-width: 8; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1)", "previous"),
        Binding("right", "step(1)", "next"),
        Binding("enter,space", "pick", "list"),
    ]

    def __init__(
        self,
        name: str,
        label: str,
        options: Sequence[str],
        value: str | None = None,
        *,
        wrap: bool = True,
        label_width: int | None = None,
        titles: Sequence[str] | None = None,
    ) -> None:
        super().__init__(id=f"field-{name}")
        self.field_name = name
        self.label = label
        self.options = tuple(options)
        self.titles = tuple(titles) if titles else self.options
        self.wrap = wrap
        self.label_width = label_width if label_width is not None else len(label)
        self._value = value if value is not None else (self.options[0] if self.options else "")

    @property
    def value(self) -> str:
        """The chosen option."""
        return self._value

    @value.setter
    def value(self, value: str) -> None:
        if value != self._value:
            self._value = value
            self.refresh()

    def set_options(self, options: Sequence[str], titles: Sequence[str] | None = None) -> None:
        """Offer other options; the value stays even where it is not among them."""
        given = tuple(options), tuple(titles or options)
        if given != (self.options, self.titles):
            self.options, self.titles = given
            self.refresh()

    def get_content_width(self, container: object, viewport: object) -> int:
        """Room for the label and the widest option."""
        return self.label_width + 5 + max((len(t) for t in (*self.titles, self._shown())), default=0)

    def _shown(self) -> str:
        if self._value in self.options:
            return self.titles[self.options.index(self._value)]
        return self._value

    def render_line(self, y: int) -> Strip:
        """The field's only row."""
        role = "cursor" if self.has_focus else "strong"
        glyphs = cast("QtuiApp", self.app).settings.glyphs
        label = self.label.ljust(self.label_width)
        row = line((label, "label"), " ", (glyphs.left, "dim"), (f" {self._shown()} ", role), (glyphs.right, "dim"))
        return _strip(self, row)

    def action_step(self, by: int) -> None:
        """Take the option `by` places further."""
        if not self.options:
            return
        at = self.options.index(self._value) if self._value in self.options else -by if by > 0 else 0
        at += by
        at = at % len(self.options) if self.wrap else min(max(at, 0), len(self.options) - 1)
        self._take(self.options[at])

    def action_pick(self) -> None:
        """List the options in a dialog that filters as one types."""

        def chosen(value: str | None) -> None:
            if value is not None:
                self._take(value)

        self.app.push_screen(self.picker(), chosen)

    def picker(self) -> Picker:
        """The dialog that lists them."""
        from qtui.tui.widgets.picker import Picker

        return Picker(self.label or self.field_name, self.options, self.titles, self._value)

    def _take(self, value: str) -> None:
        if value != self._value:
            self.value = value
            self.post_message(FieldChanged(self, self.field_name, value))

    def on_click(self, event: events.Click) -> None:
        """A click on an arrow steps; on the value it lists the options."""
        start = self.label_width + 1
        if event.x <= start:
            self.action_step(-1)
        elif event.x >= start + len(self._shown()) + 3:
            self.action_step(1)
        else:
            self.action_pick()


class Entry(Horizontal):
    """A label and a text to type. Enter or leaving the field posts it; Escape puts the old text back.

    With `live`, every keystroke posts too. `step`, given the text and ±1 or ±10, returns the stepped text, or raises
    ValueError: then up and down (with shift: by ten) step the value.
    """

    DEFAULT_CSS = """
    Entry { height: 1; width: auto; }
    Entry > Input { width: 1fr; height: 1; border: none; padding: 0; }
    """

    def __init__(
        self,
        name: str,
        label: str,
        value: str = "",
        *,
        placeholder: str = "",
        width: int = 16,
        live: bool = False,
        label_width: int | None = None,
        step: Callable[[str, int], str] | None = None,
    ) -> None:
        super().__init__(id=f"field-{name}")
        self.field_name = name
        self.label = label
        self.label_width = label_width if label_width is not None else len(label)
        self._committed = value
        self._placeholder = placeholder
        self._live = live
        self._step = step
        self.styles.width = self.label_width + 1 + width

    def compose(self) -> ComposeResult:
        """The input, to the right of the label."""
        box = _EntryInput(self._committed, placeholder=self._placeholder, compact=True, select_on_focus=True)
        box.cursor_blink = False
        if self.label_width:
            box.styles.margin = (0, 0, 0, self.label_width + 1)
        yield box

    def render_line(self, y: int) -> Strip:
        """The label, drawn here and not by a widget of its own: panes have many fields."""
        return _strip(self, line((self.label.ljust(self.label_width), "label")))

    @property
    def input(self) -> Input:
        """The Textual input inside."""
        return self.query_one(Input)

    @property
    def value(self) -> str:
        """The last text that was set or entered."""
        return self._committed

    @value.setter
    def value(self, value: str) -> None:
        self._committed = value
        if self.is_mounted and self.input.value != value:
            self.input.value = value

    def commit(self, text: str, live: bool = False) -> None:
        """Take `text` as entered and tell the pane, unless it is what was there."""
        if text != self._committed:
            self._committed = text
            self.post_message(FieldChanged(self, self.field_name, text, live))

    def step(self, by: int) -> None:
        """Step the value up or down, where the field can."""
        if self._step is not None:
            try:
                stepped = self._step(self._committed, by)
            except ValueError:  # the pane has said already what is wrong with the text
                return
            self.value = self._committed
            self.input.value = stepped
            self.commit(stepped, live=True)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter: take the text."""
        event.stop()
        self.commit(event.value)

    def on_input_changed(self, event: Input.Changed) -> None:
        """A keystroke: tell the pane only if it wants to know."""
        event.stop()
        if self._live and event.input.has_focus:
            self.commit(event.value, live=True)


class _EntryInput(Input):
    """The input inside an Entry: up and down step, Escape restores, leaving commits."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "entry_step(1)", "up", show=False),
        Binding("down", "entry_step(-1)", "down", show=False),
        Binding("shift+up", "entry_step(10)", "up ten", show=False),
        Binding("shift+down", "entry_step(-10)", "down ten", show=False),
        Binding("escape", "restore", "restore", show=False),
    ]

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> _EntryInput:
        """It is as wide as its field leaves it: other text is no reason to lay the whole screen out anew."""
        return super().refresh(*regions, repaint=repaint, recompose=recompose)

    @property
    def _entry(self) -> Entry:
        return cast(Entry, self.parent)

    def action_entry_step(self, by: int) -> None:
        self._entry.step(by)

    def action_restore(self) -> None:
        self.value = self._entry.value
        self.screen.focus_next()

    def on_blur(self, event: events.Blur) -> None:
        self._entry.commit(self.value)


def selected_part(widget: Widget | None) -> str:
    """The part of an input's text that a person selected; all of it is what gaining the focus selects."""
    if isinstance(widget, Input) and widget.selected_text != widget.value:
        return widget.selected_text
    return ""


def _strip(widget: Widget, row: Line) -> Strip:
    app = cast("QtuiApp", widget.app)
    base = widget.rich_style
    cells = pad(row, widget.size.width)
    return Strip([Segment(text, base + app.style(role)) for text, role in cells])
