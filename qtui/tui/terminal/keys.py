"""Keys one after the other: the next one is dispatched when the one before has had all its effects.

Textual dispatches a key as a message that goes from the focused widget up to the app, and does not wait for it. On a
slow line many keys come at once, and a key that moves the focus or opens a dialog would lose those behind it to
whatever had the keyboard before. Here each key is followed up to the app, through the queues of all on its way, until
nothing that it has caused is left in them. What it changes is drawn in one frame; keys that come faster than frames
can be drawn share one.

Of keys that come faster than they can be dispatched, repeats that nobody can tell apart are left out, text for a
field becomes a paste, and those that lead out do not wait.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import takewhile
from typing import NamedTuple

from textual import events
from textual.app import App
from textual.dom import DOMNode
from textual.widgets import Input

PATIENCE = 1.0  # seconds after which the next key is dispatched even if the one before is not done
ROUNDS = 20  # ways up to the app; a key takes one or two, one that opens a dialog about five
FRAME, PAUSE = 0.1, 0.03  # seconds between two frames while keys wait, and for which these then go on waiting

MOST, MOST_TEXT = 512, 4096  # events that wait, also of text for a field; what comes behind them is lost
REPEATS = 24  # of one key that wait: a held key repeats thirty times in a second
FEW = 8  # keys that wait for too short a time to be overtaken
FLOOD = 64  # keys that wait: more than anybody types ahead
TEXT = 16  # characters in a row that are a paste for the field that has the keyboard

INTERRUPT = "ctrl+c"
QUIT = ("q", "ctrl+q")
# Keys that only change what is on show: they may be dropped when the person quits.
MOVES = frozenset(
    ("up", "down", "left", "right", "shift+up", "shift+down", "shift+left", "shift+right", "tab", "shift+tab")
    + (
        "home",
        "end",
        "pageup",
        "pagedown",
        "plus",
        "minus",
        "u",
        "U",
        *"hjklHJKLgGvV",
        *"123456",
        *(f"f{n}" for n in range(1, 7)),
    )
)


class Work(events.Event, bubble=False):
    """Something to be done with all its effects before the next key, as if it were one."""

    def __init__(self, do: Callable[[], Awaitable[None]]) -> None:
        super().__init__()
        self.do = do


class Keys:
    """Gives input events to `dispatch`, which is Textual's own; `drawn` is called before a key's frame.

    Until `begin` the events wait; what `leave` is called with is then the exit status of a key that leads out.
    """

    def __init__(
        self,
        app: App[int],
        dispatch: Callable[[events.Event], Awaitable[None]],
        drawn: Callable[[], None],
        leave: Callable[[int], None],
    ) -> None:
        self._app = app
        self._dispatch = dispatch
        self._drawn = drawn
        self._leave = leave
        self._waiting: deque[events.Event] = deque()
        self._begun = False
        self._busy = False
        self._paused = False  # for a frame
        self._serial = 0  # of the key that is followed
        self._rounds = 0
        self._path: Iterator[DOMNode] = iter(())
        self._batch: ExitStack | None = None
        self._last_frame = 0.0
        self._deadline: asyncio.TimerHandle | None = None

    @property
    def busy(self) -> bool:
        """Whether a key still has effects to come, or waits."""
        return self._busy or bool(self._waiting)

    async def begin(self) -> None:
        """The first pane stands: what has waited for it comes now."""
        self._begun = True
        await self._next()

    async def take(self, event: events.Event) -> None:
        """An event of the keyboard or mouse has come: dispatch it, now or when it is its turn."""
        await self.take_all((event,))

    async def take_all(self, arrived: Iterable[events.Event]) -> None:
        """Several have come."""
        for event in arrived:
            if isinstance(event, events.Key) and event.key == INTERRUPT:
                await self._interrupt(event)
            else:
                self._put(event)
        if self._begun and not self._busy:
            await self._next()

    async def _interrupt(self, event: events.Key) -> None:
        """Ctrl+C waits for nothing."""
        if self._begun:
            await self._dispatch(event)
        else:
            self._leave(130)

    def _put(self, event: events.Event) -> None:
        last = self._waiting[-1] if self._waiting else None
        if isinstance(event, events.MouseMove) and isinstance(last, events.MouseMove):
            self._waiting.pop()  # only where the mouse is now matters
        elif isinstance(event, events.Key) and self._overtakes(event):
            self._waiting.clear()
            if not self._begun and event.key in QUIT:
                self._leave(0)
        elif len(self._waiting) >= (MOST_TEXT if self._at_field else MOST) or self._repeated(event):
            return
        self._waiting.append(event)

    @property
    def _at_field(self) -> bool:
        """Whether the keyboard is at a field for text."""
        return self._begun and isinstance(self._app.focused, Input)

    def _overtakes(self, event: events.Key) -> bool:
        """Whether `event` leads out, and only movements and events that no person made wait before it."""
        inside = self._at_field or (self._begun and len(self._app.screen_stack) > 1)
        if event.key != "escape" and (event.key not in QUIT or inside):
            return False
        if len(self._waiting) > FLOOD or (event.key == "escape" and len(self._waiting) < FEW):
            return len(self._waiting) > FLOOD
        return all(not isinstance(other, events.Key) or other.key in MOVES for other in self._waiting)

    def _repeated(self, event: events.Event) -> bool:
        """Whether so many like `event` wait already that one more makes no difference to see."""
        if isinstance(event, events.Key):
            if self._at_field:
                return False
            same = takewhile(lambda other: isinstance(other, events.Key) and other.key == event.key, self._last())
        elif isinstance(event, events.MouseScrollDown | events.MouseScrollUp):
            same = takewhile(lambda other: type(other) is type(event), self._last())
        else:
            return False
        return sum(1 for _ in same) >= REPEATS

    def _last(self) -> Iterator[events.Event]:
        """The last that wait, as many as matter."""
        for at in range(1, min(len(self._waiting), REPEATS) + 1):
            yield self._waiting[-at]

    def _pop(self) -> events.Event:
        """The next event; text for a field in one piece."""
        if self._at_field:
            text: list[str] = []
            for event in self._waiting:
                if not isinstance(event, events.Key) or not event.is_printable or event.character is None:
                    break
                text.append(event.character)
            if len(text) >= TEXT:
                for _ in text:
                    self._waiting.popleft()
                return events.Paste("".join(text))
        return self._waiting.popleft()

    async def _next(self) -> None:
        while self._waiting and not self._busy and not self._paused:
            event = self._pop()
            if isinstance(event, events.Key | events.Paste | Work):
                self._busy = True
                self._serial += 1
                self._rounds = 0
                if self._batch is None:
                    self._batch = ExitStack()
                    self._batch.enter_context(self._app.batch_update())
                self._deadline = asyncio.get_running_loop().call_later(PATIENCE, self._lose_patience, self._serial)
                await (event.do() if isinstance(event, Work) else self._dispatch(event))
                await self._round()
            else:
                await self._dispatch(event)
        if not self._waiting and not self._busy:
            self._draw()

    async def _round(self) -> None:
        """Start at the focused widget, on the way up to the app."""
        self._rounds += 1
        self._path = iter((self._app.focused or self._app.screen).ancestors_with_self)
        self._hop()

    def _hop(self) -> None:
        for node in self._path:
            if node.post_message(events.Callback(Hop(self, node, self._serial).arrived)):
                return

    async def arrived(self, node: DOMNode, serial: int) -> None:
        """What was in the queue of `node` is done."""
        if serial != self._serial or not self._busy:
            return
        if node is not self._app:
            self._hop()
        elif self._rounds < ROUNDS and self._more():
            await self._round()
        else:
            self._finish()
            await self._next()

    def _more(self) -> bool:
        """Whether anything is left in a queue."""
        nodes = (self._app, *self._app.screen.walk_children(with_self=True))
        return any(node.message_queue_size for node in nodes)

    def _finish(self) -> None:
        """The key has had its effects: let them be drawn."""
        if self._deadline is not None:
            self._deadline.cancel()
        self._busy = False
        loop = asyncio.get_running_loop()
        if not self._waiting or loop.time() - self._last_frame >= FRAME:
            self._draw()
            if self._waiting:
                self._paused = True
                loop.call_later(PAUSE, self._go_on)

    def _draw(self) -> None:
        if self._batch is not None:
            self._last_frame = asyncio.get_running_loop().time()
            batch, self._batch = self._batch, None
            batch.close()
            self._drawn()

    def _go_on(self) -> None:
        self._paused = False
        self._app.call_later(self._next)

    def _lose_patience(self, serial: int) -> None:
        if self._busy and serial == self._serial:
            self._finish()
            self._app.call_later(self._next)


class Hop(NamedTuple):
    """A step on the way of the key `serial`.

    Textual asks `inspect` for the parameters of every callback, and remembers them of methods but not of partials.
    """

    keys: Keys
    node: DOMNode
    serial: int

    async def arrived(self) -> None:
        """The step is done."""
        await self.keys.arrived(self.node, self.serial)
