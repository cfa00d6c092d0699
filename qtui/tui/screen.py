"""The main screen: tabs, the names of its views, the present pane, status and keys."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.geometry import Size
from textual.reactive import Reactive
from textual.widget import Widget

from qtui.tui.chrome import KeyLine, StatusLine, TabStrip, TooSmall
from qtui.tui.host import host_of
from qtui.tui.keymap import Action, bindings
from qtui.tui.terminal.painted import PaintedScreen
from qtui.tui.widgets.rows import Undrawn
from qtui.tui.widgets.strip import ViewStrip


class Body(Undrawn, Container):
    """Where the panes are mounted."""


class MainScreen(PaintedScreen[None], inherit_bindings=False):
    """Holds the frame; panes are mounted into `#body` on their first visit.

    Of Textual's own keys of a screen, those that go from control to control are the app's: they can be changed.
    """

    BLANK = True  # nothing shows but what is in it: Textual then draws it in no time
    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (Action("screen.copy", "super+c", "copy what is selected", "copy_text"),)
    )
    AUTO_FOCUS = ""  # the app gives the focus to the pane it opens

    # Textual repaints the whole screen when this reactive changes; widgets repaint themselves on focus anyway, so a
    # move of the focus costs hundreds of bytes instead of thousands.
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)

    def compose(self) -> ComposeResult:
        """The frame."""
        yield TabStrip()
        yield ViewStrip()
        yield Body(id="body")
        yield StatusLine()
        yield KeyLine()
        yield TooSmall()

    def on_resize(self, event: events.Resize) -> None:
        """There is more room, or less."""
        self.fit(event.size)

    def fit(self, size: Size) -> None:
        """Show the pane where it can be used in a window of `size`, else say what size it needs."""
        columns, rows = host_of(self).smallest
        too_small = size.width < columns or size.height < rows
        self.set_class(too_small, "-small")
        if too_small:
            self.query_one(TooSmall).refresh()

    async def on_tab_strip_chosen(self, event: TabStrip.Chosen) -> None:
        """A tab was chosen."""
        await host_of(self).action_pane(event.command)

    def on_view_strip_chosen(self, event: ViewStrip.Chosen) -> None:
        """The name of a view was clicked."""
        pane = host_of(self).pane
        if pane is not None:
            pane.action_view(event.name)

    async def on_key_line_pressed(self, event: KeyLine.Pressed) -> None:
        """A key of the key line was clicked."""
        await host_of(self).perform(event.action)

    async def on_mount(self) -> None:
        """The frame stands: the app may open its first pane."""
        await host_of(self).open_first()
