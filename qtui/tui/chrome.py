"""The frame of the panes: the strip of tabs above, the status line and the key line below, a row each."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message

from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Span, crop, line, width
from qtui.draw.safe import cell_count, safe, wrapped
from qtui.tui.host import host_of
from qtui.tui.keylist import PANE_ACTIONS
from qtui.tui.keymap import EXPLAIN, HELP, LEFT, QUIT, RIGHT, Action, Actions, bindings, grouped
from qtui.tui.panes.registry import PANES
from qtui.tui.widgets.rows import OneLine

LONGEST = 1000  # characters of a message: no more fit two rows


class TabStrip(OneLine, can_focus=True):
    """The panes' names; left and right (or a click) change the pane while it has the focus."""

    BINDINGS: ClassVar[list[BindingType]] = bindings((LEFT.does("turn(-1)"), RIGHT.does("turn(1)")))

    class Chosen(Message):
        """A pane was chosen by its command name."""

        def __init__(self, command: str) -> None:
            super().__init__()
            self.command = command

    def __init__(self) -> None:
        super().__init__(id="tabs")
        self.current = ""

    def mark(self, command: str) -> None:
        """Show `command` as the present pane."""
        if command != self.current:
            self.current = command
            self.refresh()

    def _tabs(self) -> list[tuple[str, Span]]:
        tabs = []
        keymap = host_of(self).keymap
        for command, (_, title, _) in PANES.items():
            key = keymap.text(PANE_ACTIONS[command])
            here = command == self.current
            # Brackets tell the present pane where reverse video can't be seen.
            label = f"[{key} {title}]" if here else f" {key} {title} "
            role = ("cursor" if self.has_focus else "strong") if here else "dim"
            tabs.append((command, (label, role)))
        return tabs

    def row(self, cells: int) -> Line:
        """The tabs, the keys that hold everywhere, and the program's name where there is room."""
        tabs = line(*(span for _, span in self._tabs()))
        keymap = host_of(self).keymap
        own = f"{keymap.text(EXPLAIN)} explain  {keymap.text(HELP)} keys  {keymap.text(QUIT)} quit "
        if cells - width(tabs) > len(named := f"qtui  {own}"):
            own = named
        text, role = host_of(self).note or (own, "dim")
        room = cells - width(tabs) - cell_count(text)
        return crop(line(*tabs, " " * max(room, 0), (text if room > 0 else "", role)), cells)

    def action_turn(self, by: int) -> None:
        """Go to the neighbouring pane."""
        names = list(PANES)
        at = names.index(self.current) + by if self.current in names else min(by, 0)
        # On the app's queue, so that the next key can't overtake it.
        self.app.call_next(host_of(self).action_pane, names[at % len(names)])

    def on_click(self, event: events.Click) -> None:
        """Go to the pane whose name was clicked."""
        x = event.x
        for command, (label, _) in self._tabs():
            if x < len(label):
                self.post_message(self.Chosen(command))
                return
            x -= len(label)


class StatusLine(OneLine):
    """The latest message: progress, what was copied or saved, what is wrong."""

    def __init__(self) -> None:
        super().__init__(id="status")
        self._status: Span = ("", "")

    def say(self, text: str, role: str = "") -> None:
        """Show `text`: in this row, and what does not fit it in the one below, in place of the keys."""
        status = _one_line(text), role
        if status != self._status:
            below = self.below(self.size.width)
            self._status = status
            self.refresh()
            if below or self.below(self.size.width):
                self.screen.query_one(KeyLine).refresh()

    def unsay(self, text: str) -> None:
        """Take `text` away, unless there is a newer message."""
        if self._status[0] == _one_line(text):
            self.say("")

    @property
    def rows(self) -> range:
        """The rows of the screen that the message takes, none where there is no message."""
        if not self._status[0] or not self.region:
            return range(0)
        return range(self.region.y, self.region.y + (2 if self.below(self.size.width) else 1))

    def row(self, cells: int) -> Line:
        """As many words as fit."""
        return message_rows(self._status, cells, host_of(self).settings.glyphs)[0]

    def below(self, cells: int) -> Line:
        """The words that do not fit, marked where even these had to be cut."""
        rows = message_rows(self._status, cells, host_of(self).settings.glyphs)
        return rows[1] if len(rows) > 1 else ()


def message_rows(message: Span, cells: int, glyphs: Glyphs) -> list[Line]:
    """A message in one row, or in two where it is longer; what even these do not hold is cut and marked."""
    text, role = message
    if cell_count(text) <= cells or cells <= 0:
        return [line((text, role))]
    first = wrapped(text, cells)[0]
    return [line((first, role)), crop(line((text[len(first) :].strip(), role)), cells, glyphs.ellipsis)]


class KeyLine(OneLine):
    """The most useful keys of the present pane and view; a click does what the key does.

    Textual's Footer is expensive at every move of the focus.
    """

    class Pressed(Message):
        """A key was clicked."""

        def __init__(self, action: Action) -> None:
            super().__init__()
            self.action = action

    def __init__(self) -> None:
        super().__init__(id="keys")
        self._actions: Actions = ()

    def show(self, actions: Actions) -> None:
        """Show the keys of those `actions` that have a hint."""
        if actions != self._actions:
            self._actions = actions
            self.refresh()

    def row(self, cells: int) -> Line:
        """As many hints as fit whole, or the rest of a long message."""
        row: Line = self.screen.query_one(StatusLine).below(cells)
        return row or line(*(span for _, span in self._parts(cells)))

    def _parts(self, cells: int) -> list[tuple[Action | None, Span]]:
        """The row as spans, each with the action that a click on it runs, if any."""
        keymap = host_of(self).keymap
        parts: list[tuple[Action | None, Span]] = []
        for actions, hint in grouped(self._actions, lambda action: action.hint):
            text = keymap.texts(actions)
            more: list[tuple[Action | None, Span]] = [(None, (" " if parts else "", ""))]
            for i, action in enumerate(actions if text != "arrows" else ()):
                more += [(None, (" " if i else "", "")), (action, (keymap.text(action), "key"))]
            if text == "arrows":
                more.append((None, (text, "key")))
            more.append((actions[0] if text != "arrows" else None, (f" {hint} ", "")))
            if sum(cell_count(span[0]) for _, span in (*parts, *more)) > cells:
                break
            parts += more
        return parts

    def on_click(self, event: events.Click) -> None:
        """Do what the key does that was clicked."""
        x = event.x
        if self.screen.query_one(StatusLine).below(self.size.width):
            return
        for action, (text, _) in self._parts(self.size.width):
            if x < cell_count(text):
                if action is not None:
                    self.post_message(self.Pressed(action))
                return
            x -= cell_count(text)


class TooSmall(OneLine):
    """The only widget in a window too small for the present pane: it says how large the window has to be."""

    def row(self, cells: int) -> Line:
        """The size that the pane needs, and as much of the rest as fits."""
        columns, rows = host_of(self).smallest
        times = host_of(self).settings.glyphs.times
        quits = host_of(self).keymap.text(QUIT)
        size = f"{columns}{times}{rows}"
        here = f"{self.screen.size.width}{times}{self.screen.size.height}"
        whole = f"qtui needs a window of {size}; this one is {here}. {quits} quits"
        longest = (whole, f"needs {size}, not {here}", size)
        return line(next((text for text in longest if len(text) <= cells), size[:cells]))


def _one_line(text: str) -> str:
    return safe(" ".join(text[:LONGEST].splitlines()))
