"""Keys one after the other: the next one is dispatched when the one before has had all its effects.

Textual dispatches a key as a message that goes from the focused widget up to the app, and does not wait for it. On a
slow line many keys come at once, and a key that moves the focus or opens a dialog would lose those behind it to
whatever had the keyboard before. Here each key is followed up to the app, through the queues of all on its way, until
nothing that it has caused is left in them. What it changes is drawn in one frame.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack

from textual import events
from textual.app import App
from textual.dom import DOMNode

PATIENCE = 1.0  # seconds after which the next key is dispatched whatever the one before still does
ROUNDS = 20  # ways up to the app; a key takes one or two, one that opens a dialog about five


class Keys:
    """Gives input events to `dispatch`, which is Textual's own; `drawn` is called before a key's frame."""

    def __init__(
        self, app: App[int], dispatch: Callable[[events.Event], Awaitable[None]], drawn: Callable[[], None]
    ) -> None:
        self._app = app
        self._dispatch = dispatch
        self._drawn = drawn
        self._waiting: deque[events.Event] = deque()
        self._busy = False
        self._serial = 0  # of the key that is followed
        self._rounds = 0
        self._path: Iterator[DOMNode] = iter(())
        self._batch = ExitStack()
        self._deadline: asyncio.TimerHandle | None = None

    @property
    def busy(self) -> bool:
        """Whether a key still has effects to come."""
        return self._busy

    async def take(self, event: events.Event) -> None:
        """An event of the keyboard or mouse has come: dispatch it, now or when it is its turn."""
        self._waiting.append(event)
        if not self._busy:
            await self._next()

    async def _next(self) -> None:
        while self._waiting and not self._busy:
            event = self._waiting.popleft()
            if isinstance(event, events.Key | events.Paste):
                self._busy = True
                self._serial += 1
                self._rounds = 0
                self._batch.enter_context(self._app.batch_update())
                self._deadline = asyncio.get_running_loop().call_later(PATIENCE, self._lose_patience, self._serial)
                await self._dispatch(event)
                await self._round()
            else:
                await self._dispatch(event)

    async def _round(self) -> None:
        """Begin a way from whatever has the keyboard now up to the app."""
        self._rounds += 1
        self._path = iter((self._app.focused or self._app.screen).ancestors_with_self)
        self._hop()

    def _hop(self) -> None:
        for node in self._path:
            if node.call_later(self._arrived, node, self._serial):
                return

    async def _arrived(self, node: DOMNode, serial: int) -> None:
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
        self._batch.close()
        self._drawn()

    def _lose_patience(self, serial: int) -> None:
        if self._busy and serial == self._serial:
            self._finish()
            self._app.call_later(self._next)
