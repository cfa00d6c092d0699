"""Rows of spans, drawn with little ado.

Textual works out the style of every row from all ancestors, looks for borders, hatches and links, and keeps a cache.
What qtui draws has none of these: a row is text with roles, and a role has one look in a widget until its style sheet
changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from qtui.draw.picture import Line
from qtui.draw.safe import is_plain
from qtui.tui.host import host_of

if TYPE_CHECKING:
    from typing_extensions import Self


class RoleStyles:
    """Turns rows into strips in the colours of `widget`, which calls `clear` when its style changes.

    `components` names parts of Textual's style sheet that serve as roles beside those of the theme.
    """

    def __init__(self, widget: Widget, **components: str) -> None:
        self._widget = widget
        self._components = components
        self._known: dict[str, Style] = {}
        self._base = Style.null()

    def clear(self) -> None:
        """Find the styles anew."""
        self._known = {}

    def style(self, role: str) -> Style:
        """What `role` looks like on the widget, in the colours that the terminal has."""
        known = self._known.get(role)
        if known is None:
            widget = self._widget
            if not self._known:
                self._base = widget.rich_style
            if role in self._components:
                own = widget.get_component_rich_style(self._components[role])
            else:
                own = host_of(widget).style(role)
            style: Style | None = self._base + own
            for mask in widget.get_line_filters():
                style = mask.apply([Segment(" ", style)], widget.background_colors[1])[0].style
            known = self._known[role] = style or Style.null()
        return known

    def strip(self, row: Line, cells: int) -> Strip:
        """`row`, cropped or filled with blanks to `cells`."""
        known = self._known
        segments = [Segment(text, known[role] if role in known else self.style(role)) for text, role in row]
        whole = "".join([text for text, _ in row])
        missing = cells - (len(whole) if is_plain(whole) else cell_len(whole))
        if missing > 0:
            segments.append(Segment(" " * missing, self.style("")))
        strip = Strip(segments, cells - min(missing, 0))
        return strip if missing >= 0 else strip.crop(0, cells)


class LightFocus:
    """Gains and loses the keyboard without ado, for widgets that no style sheet draws otherwise while they have it.

    Textual finds their styles anew, draws them whole and tells all widgets around them.
    """

    has_focus: Any

    def focus_changed(self) -> None:
        """Draw what shows whether the keyboard is here."""
        raise NotImplementedError

    def on_focus(self, event: events.Focus) -> None:
        event.prevent_default()
        self.has_focus = True

    def on_blur(self, event: events.Blur) -> None:
        event.prevent_default()
        self.has_focus = False

    def watch_has_focus(self, _has_focus: bool) -> None:
        """The keyboard has come or gone. (At `on_blur` Textual still says that it is here.)"""
        self.focus_changed()


class Undrawn:
    """For containers that show nothing but what is in them: the screen under them is blank, too, and is drawn."""

    BLANK = True

    def render_lines(self, crop: Region) -> list[Strip]:
        """Nothing."""
        return []


class OneLine(LightFocus, Widget):
    """A widget of one row, drawn from spans.

    Textual asks for it in every frame; it is drawn anew after a `refresh`.
    """

    DEFAULT_CSS = "OneLine { height: 1; width: 1fr; }"

    def __init__(self, id: str | None = None) -> None:
        self._strip: Strip | None = None
        super().__init__(id=id)
        self._role_styles = RoleStyles(self)

    def row(self, cells: int) -> Line:
        """The spans to show in `cells` columns."""
        raise NotImplementedError

    def focus_changed(self) -> None:
        """Draw the row again."""
        self.refresh()

    def refresh(self, *regions: Region, **options: bool) -> Self:
        """What the row shows has changed."""
        self._strip = None
        return super().refresh(*regions, **options)

    def notify_style_update(self) -> None:
        """The style sheet, or what of it applies here, has changed."""
        self._role_styles.clear()
        self._strip = None
        super().notify_style_update()

    def render_lines(self, crop: Region) -> list[Strip]:
        """The widget's only row."""
        cells = self.size.width
        if self._strip is None or self._strip.cell_length != cells:
            self._strip = self._role_styles.strip(self.row(cells), cells)
        strip = self._strip
        return [strip if crop.column_span == (0, cells) else strip.crop(*crop.column_span)]
