"""One-line controls: a choice to cycle through, and what it has in common with an entry to type into (`entry.py`).

Both post `FieldChanged(name, value)`, value being text; a pane turns that into a change of its Scenario. Setting a
value from code posts nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.geometry import Size
from textual.layout import ArrangeResult, Layout
from textual.layouts.horizontal import HorizontalLayout
from textual.message import Message
from textual.widget import Widget

from qtui.draw.picture import Line, line
from qtui.draw.safe import cell_count, cut
from qtui.tui.host import host_of
from qtui.tui.keymap import LEFT, MARK, RIGHT, TAKE, bindings
from qtui.tui.widgets.picker import Picker
from qtui.tui.widgets.rows import OneLine, Undrawn


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


class FieldLayout(HorizontalLayout):
    """Side by side to the last cell: behind the last one there is no gap."""

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:
        """Where they stand."""
        gap = children[-1].styles.margin.right if children else 0
        return super().arrange(parent, children, Size(size.width + gap, size.height), greedy)


SIDE_BY_SIDE = FieldLayout()


class FieldRow(Undrawn, Horizontal):
    """Fields side by side."""

    DEFAULT_CSS = """
    FieldRow { height: 1; width: 1fr; }
    FieldRow > Choice, FieldRow > Entry { margin-right: 2; }
    """

    @property
    def layout(self) -> Layout:
        """How its fields share the row."""
        return SIDE_BY_SIDE


class Choice(OneLine, can_focus=True):
    """A label and one of several values: left and right change it, Enter lists them all."""

    DEFAULT_CSS = "Choice { height: 1; width: auto; min-width: 8; }"
    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (LEFT.does("step(-1)"), RIGHT.does("step(1)"), TAKE.does("pick"), MARK.does("pick"))
    )

    def __init__(
        self,
        name: str,
        label: str,
        options: Sequence[str],
        value: str | None = None,
        *,
        wrap: bool = True,
        titles: Sequence[str] | None = None,
    ) -> None:
        super().__init__(id=f"field-{name}")
        self.field_name = name
        self.label = label
        self.options = tuple(options)
        self.titles = tuple(titles) if titles else self.options
        self.wrap = wrap

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

    def relabel(self, label: str) -> None:
        """Take another label."""
        if label != self.label:
            self.label = label
            self.refresh(layout=True)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """Room for the label and the widest option."""
        return len(self.label) + 5 + max((len(t) for t in (*self.titles, self._shown())), default=0)

    def _shown(self) -> str:
        if self._value in self.options:
            return self.titles[self.options.index(self._value)]
        return self._value

    def row(self, cells: int) -> Line:
        """The field's only row."""
        role = "cursor" if self.has_focus else "strong"
        glyphs = host_of(self).settings.glyphs
        shown = self._shown()
        room = cells - len(self.label) - 5
        shown = shown if cell_count(shown) <= room else cut(shown, room - len(glyphs.ellipsis)) + glyphs.ellipsis
        return line((self.label, "label"), " ", (glyphs.left, "dim"), (f" {shown} ", role), (glyphs.right, "dim"))

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
        return Picker(
            self.field_name if not self.label or self.label.endswith(".") else self.label,
            self.options,
            self.titles,
            self._value,
        )

    def choose(self, value: str) -> None:
        """Take `value`, as the person would."""
        self._take(value)

    def _take(self, value: str) -> None:
        if value != self._value:
            self.value = value
            self.post_message(FieldChanged(self, self.field_name, value))

    def on_click(self, event: events.Click) -> None:
        """A click on an arrow steps; on the value it lists the options."""
        start = len(self.label) + 1
        if event.x <= start:
            self.action_step(-1)
        elif event.x >= start + len(self._shown()) + 3:
            self.action_step(1)
        else:
            self.action_pick()
