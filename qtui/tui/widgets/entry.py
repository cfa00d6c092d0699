"""A field to type into. Small, and light on the wire."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import Reactive
from textual.strip import Strip
from textual.suggester import Suggester
from textual.widget import Widget
from textual.widgets import Input
from textual.widgets.input import Selection

from qtui.draw.picture import line
from qtui.scenario.base import UserError
from qtui.tui.host import host_of
from qtui.tui.keymap import RESTORE, Action, bindings
from qtui.tui.widgets.fields import FieldChanged
from qtui.tui.widgets.rows import RoleStyles
from qtui.tui.widgets.text_field import TextField

if TYPE_CHECKING:
    from typing_extensions import Self


class Entry(TextField):
    """A label and a text to type. Enter or leaving the field posts it; Escape puts the old text back,
    and like Enter gives the keyboard back to the picture.

    With `live`, every keystroke posts too. `step`, given the text and ±1 or ±10, returns the stepped text, or raises
    UserError: then up and down (with shift: by ten) step the value.

    Of a text that is too long its beginning is shown, of a path its end.

    `value` is the text in the field, `committed` the last one that was filled in or entered.
    """

    DEFAULT_CSS = "Entry { height: 1; border: none; }"
    # Letters are text, so these are no keys of the picture.
    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (
            Action("field.up", "up", "up", "step(1)"),
            Action("field.down", "down", "down", "step(-1)"),
            Action("field.far_up", "shift+up", "further up", "step(10)"),
            Action("field.far_down", "shift+down", "further down", "step(-10)"),
            RESTORE,
        )
    )
    # It is as wide as it is: another text is no reason to lay the whole screen out anew.
    virtual_size: Reactive[Size] = Reactive(Size(0, 0), layout=False)

    class Done(Message):
        """Enter was pressed, and what it has changed was posted before; or Escape, and nothing has changed."""

        def __init__(self, entry: Entry) -> None:
            super().__init__()
            self.entry = entry

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
        suggester: Suggester | None = None,
    ) -> None:
        self._role_styles = RoleStyles(self, placeholder="input--placeholder")
        self._label_styles: RoleStyles | None = None
        self._strip: Strip | None = None  # as it is drawn without the keyboard
        super().__init__(
            " ",
            placeholder=placeholder,
            id=f"field-{name}",
            select_on_focus=True,
        )
        self._suggester = suggester
        self._put(value)
        self.cursor_blink = False
        self.field_name = name
        self.label = label
        self.committed = value
        self._live = live
        self._step = step
        label_width = label_width if label_width is not None else len(label)
        self._before = label_width + 1 if label_width else 0  # cells that the label takes, as padding of the input
        self.styles.padding = (0, 0, 0, self._before)
        # Side by side, fields that have not all the cells they want give up some each, and none runs off the row.
        self.styles.width = "1fr"
        self.styles.max_width = label_width + 1 + width

    def fill(self, text: str) -> None:
        """Show `text` as the one entered. Nobody is told."""
        self.committed = text
        if self.value == text:
            return
        if self.has_focus or self._suggester is not None:  # which forgets what it has suggested
            with self.prevent(Input.Changed):
                self.value = text
        else:
            self._put(text)
            self.refresh()

    def _put(self, text: str) -> None:
        """Take `text`. What else that takes, the focus brings: there are many fields, and few are typed into."""
        self.set_reactive(Input.value, text)
        self.set_reactive(Input.selection, Selection.cursor(len(text)))

    def commit(self, text: str, live: bool = False) -> None:
        """Take `text` as entered and tell the pane, unless it is what was there."""
        if text != self.committed:
            self.committed = text
            self.post_message(FieldChanged(self, self.field_name, text, live))

    def action_step(self, by: int) -> None:
        """Step the value up or down, where the field can."""
        if self._step is not None:
            try:
                stepped = self._step(self.committed, by)
            except UserError:  # the pane has said already what is wrong with the text
                return
            with self.prevent(Input.Changed):
                self.value = stepped
            self.commit(stepped, live=True)

    def action_restore(self) -> None:
        """Put the text back that was there, and let the pane have the keyboard back."""
        self.value = self.committed
        self.post_message(self.Done(self))

    async def action_submit(self) -> None:
        """Enter: take the text, and let the pane have the keyboard back."""
        self.commit(self.value)
        self.post_message(self.Done(self))

    def on_input_changed(self, event: Input.Changed) -> None:
        """A keystroke: tell the pane only if it wants to know."""
        event.stop()
        if self._live and self.has_focus:
            self.commit(event.value, live=True)

    def on_focus(self) -> None:
        """Scroll by the text's own width, which `fill` does not set; a stranger is told no names of files."""
        self.suggester = None if host_of(self).settings.kiosk else self._suggester
        self.virtual_size = Size(self.content_width, 1)

    def on_blur(self, event: events.Blur) -> None:
        """A text is taken when the field loses the keyboard, as by Enter."""
        self.suggester = None
        self.commit(self.value)

    def refresh(self, *regions: Region, **options: bool) -> Self:
        """What the field shows has changed."""
        self._strip = None
        return super().refresh(*regions, **options)

    def notify_style_update(self) -> None:
        """The style sheet, or what of it applies here, has changed."""
        self._strip = None
        self._role_styles.clear()
        self._label_styles = None
        super().notify_style_update()

    def render_lines(self, crop: Region) -> list[Strip]:
        """The label and the text."""
        strip = self._strip
        if strip is None or self.has_focus or strip.cell_length != self._before + self.size.width:
            strip = self._strip = self._drawn()
        return [strip.crop(*crop.column_span)]

    def _drawn(self) -> Strip:
        """The label, and the text: with a cursor as Textual draws it, else as much as fits."""
        if self._label_styles is None and isinstance(self.parent, Widget):
            self._label_styles = RoleStyles(self.parent)  # not reversed with the text
        label = (self._label_styles or self._role_styles).strip(line((self.label, "label")), self._before)
        cells = self.size.width
        if self.has_focus:
            whole = Region(0, 0, self._before + cells, 1)
            text = super().render_lines(whole)[0].crop(self._before, self._before + cells)
        else:
            row = line(self.value, " ") if self.value else line((self.placeholder, "placeholder"))
            text = self._role_styles.strip(row, max(cells, cell_len(self.value) + 1))
            if cell_len(self.value) > cells:
                ellipsis = host_of(self).settings.glyphs.ellipsis
                more, room = self._role_styles.strip(line(ellipsis), len(ellipsis)), cells - len(ellipsis)
                end = text.cell_length - 1
                cut = [more, text.crop(end - room, end)] if "/" in self.value else [text.crop(0, room), more]
                text = Strip.join(cut)
            text = text.crop(0, cells)
        return Strip.join([label, text])


def selected_part(widget: Widget | None) -> str:
    """The part of an input's text that a person selected; all of it is what gaining the focus selects."""
    if isinstance(widget, Input) and widget.selected_text != widget.value:
        return widget.selected_text
    return ""
