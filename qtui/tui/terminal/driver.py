"""The terminal as the app uses it: writing never makes the app wait, and what comes in arrives in bulk.

Textual's driver hands each text to a thread through a queue of thirty places; where the terminal takes no output, the
app then waits for it and can't leave. It hands each key to the app as a task of its own. Only public methods of
`LinuxDriver` are replaced; the rest is its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import selectors
import sys
import threading
import time
from codecs import getincrementaldecoder
from collections import deque
from collections.abc import Callable
from typing import Any

from textual import events
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from qtui.tui.terminal.inlet import Inlet
from qtui.tui.terminal.signals import reopened, switch_back

PIECE = 4096  # bytes written or read at a time
BEHIND = 1 << 14  # bytes not yet written from which on the terminal counts as slow
PATIENCE = 0.3  # seconds that the last words may take to get out
POLL_EVERY = 0.1  # seconds between two polls
SILENCE = 0.6  # seconds after which a paste without an end is over
ALTERNATE = "\x1b[?1049h"  # the alternate screen, cleared
FRAME, FRAME_END = "\x1b[?2026h", "\x1b[?2026l"  # synchronized output


class Outlet:
    """Writes to the file descriptor `fd`: at once what the terminal takes, and in a thread what it does not take yet.

    (Python may take 5 ms to let another thread on, while a third one computes.) `caught_up` is called when the
    terminal was behind and no longer is.
    """

    def __init__(self, fd: int, caught_up: Callable[[], None]) -> None:
        self._own = reopened(fd)
        self._fd = fd if self._own is None else self._own
        self._caught_up = caught_up
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._late = False
        self._ended = False
        self._given_up = False
        self._writing = threading.Lock()  # held for a write, so that none begins once it is given up
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="qtui-output", daemon=True)
        self._thread.start()

    def write(self, text: str) -> None:
        """Have `text` written, some time."""
        data = text.encode("utf-8", "replace")
        with self._changed:
            if self._own is not None and not self._size and not self._ended:
                with contextlib.suppress(OSError):
                    data = data[os.write(self._own, data) :]
            if data:
                self._waiting.append(data)
                self._size += len(data)
                self._changed.notify()

    @property
    def behind(self) -> bool:
        """Whether so much is still to be written that more would only come later."""
        if self._size > BEHIND:
            self._late = True
        return self._late

    def stop(self) -> bool:
        """Write what there is, for a while, and end; whether all of it is written. Nothing is written after that."""
        with self._changed:
            self._ended = True
            self._changed.notify()
        self._thread.join(PATIENCE)
        if not self._thread.is_alive():
            return True
        locked = self._writing.acquire(timeout=PATIENCE)  # at once, unless `fd` could not be reopened
        self._given_up = True
        if locked:
            self._writing.release()
        return False

    def _run(self) -> None:
        try:
            while True:
                with self._changed:
                    while not self._waiting and not self._ended:
                        self._changed.wait()
                    if not self._waiting:
                        return
                    data = b"".join(self._waiting)
                    self._waiting.clear()
                if not self._write(data):
                    return
        finally:
            with self._changed:
                own, self._own = self._own, None
            if own is not None:
                os.close(own)

    def _write(self, data: bytes) -> bool:
        """Write `data`; False where nobody reads it any more, or it was given up."""
        for start in range(0, len(data), PIECE):
            piece = data[start : start + PIECE]
            while piece:
                written = self._write_some(piece)
                if written is None:
                    return False
                piece = piece[written:]
            with self._changed:
                self._size -= min(PIECE, len(data) - start)
        if self._late and self._size < BEHIND // 2:
            self._late = False
            self._caught_up()
        return True

    def _write_some(self, piece: bytes) -> int | None:
        """How many bytes of `piece` the terminal has taken; None where it takes no more, ever."""
        with self._writing:
            if self._given_up:
                return None
            try:
                return os.write(self._fd, piece)
            except BlockingIOError:
                pass
            except OSError:
                return None
        select.select((), (self._fd,), (), POLL_EVERY)
        return 0


class QtuiDriver(LinuxDriver):
    """`LinuxDriver` with an outlet that never blocks, and an inlet in bulk.

    It enters itself as the app's `driver`. An app that has `receive` is given keys, pastes and mouse events as a
    list; one that has `caught_up` is told when a slow terminal has taken what it was sent; one that has an `inlet`
    finds the terminal as an onlooker has left it.
    """

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        app.driver = self  # type: ignore[attr-defined]
        self._host = app
        self._inlet: Inlet | None = getattr(app, "inlet", None)
        self._main: asyncio.AbstractEventLoop | None = None  # the app's loop, once it runs
        self._outlet: Outlet | None = None
        self._frame = ""  # as much as there is of one that has begun
        self._received: list[Message] = []
        self._lock = threading.Lock()

    @property
    def behind(self) -> bool:
        """Whether the terminal takes less than it is sent."""
        return self._outlet is not None and self._outlet.behind

    def start_application_mode(self) -> None:
        """Take over the terminal."""
        self._main = asyncio.get_running_loop()
        self._outlet = Outlet(_output(), self._tell_caught_up)
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def write(self, data: str) -> None:
        """Have `data` written; of a frame all in one piece, and nothing of an empty one."""
        if data == ALTERNATE and self._inlet is not None:
            return
        self._frame += data
        if self._outlet is not None and (data == FRAME_END or not self._frame.startswith(FRAME)):
            whole, self._frame = self._frame, ""
            if whole != FRAME + FRAME_END:
                self._outlet.write(whole)

    def close(self) -> None:
        """Write the rest; of a terminal that does not take it only the modes are restored."""
        if self._outlet is not None and not self._outlet.stop():
            switch_back()
        super().close()

    def _tell_caught_up(self) -> None:
        caught_up = getattr(self._host, "caught_up", None)
        if caught_up is not None:
            self._call(caught_up)

    def _call(self, function: Callable[[], None]) -> None:
        if self._main is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self._main.call_soon_threadsafe(function)

    def send_message(self, message: Message) -> None:
        """Give a message to the app."""
        if not hasattr(self._host, "receive") or not isinstance(message, events.InputEvent | events.Paste):
            super().send_message(message)
            return
        with self._lock:
            self._received.append(message)
            first = len(self._received) == 1
        if first:
            self._call(self._deliver)

    def _deliver(self) -> None:
        with self._lock:
            received, self._received = self._received, []
        self._host.receive(received)  # type: ignore[attr-defined]

    def run_input_thread(self) -> None:
        """Read until the app ends."""
        inlet = self._inlet or Inlet(XTermParser())
        decode = getincrementaldecoder("utf-8")("replace").decode
        last = time.monotonic()
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                patience = inlet.patience
                if selector.select(POLL_EVERY if patience is None else min(patience, POLL_EVERY)):
                    data = _read(self.fileno)
                    if not data:  # the terminal has gone; whoever watches it ends the app
                        self.exit_event.wait(POLL_EVERY)
                    last = time.monotonic()
                    messages = inlet.feed(decode(data))
                elif inlet.pasting and time.monotonic() - last >= SILENCE:
                    messages = inlet.give_up()
                else:
                    messages = inlet.tick()
                for message in messages:
                    self.process_message(message)
        inlet.end()


def _read(fd: int) -> bytes:
    try:
        return os.read(fd, PIECE)
    except OSError:
        return b""


def _output() -> int:
    """Where the screen is: stderr, as for Textual, unless that is no terminal."""
    streams = (sys.__stderr__, sys.__stdout__)
    return next((stream.fileno() for stream in streams if stream is not None and stream.isatty()), 2)
