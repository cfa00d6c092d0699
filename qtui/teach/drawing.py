"""One process draws what the class shows for all students whose windows are alike, and they show its picture.

A student's process takes ten milliseconds to work a step out and draw it, and two to show what was drawn. A drawing
process is one more student's, at which nobody looks.
Whoever explores, and whose window nobody shares, draws without it, and so do all where it is late or has ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import socket
import struct
import termios
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from qtui.teach.line import Line
from qtui.teach.messages import OF_DRAWERS, ClassState, Drawn, Poll, Welcome
from qtui.teach.protocol import LONGEST_TO_LEADER, Message, encode
from qtui.teach.starter import HANGING, Busy, Starter
from qtui.teach.warm import Order

ENOUGH = 3  # windows that are alike, for which a process draws
MOST = 4  # such processes
PATIENCE = 1.0  # seconds that students wait for a picture
AGAIN = 2.0  # seconds between the starts of two
REMEMBERED = 16  # states of which a picture may still come
BEHIND = 64 << 10  # bytes that wait for a line, beyond which it is sent no pictures


@dataclass(frozen=True)
class Window:
    """The properties of a window that a picture depends on."""

    columns: int
    rows: int
    term: str
    plain: bool  # ASCII alone


class DrawersLine(Line):
    """The line of a process that draws: it says nothing but how a state looks."""

    KINDS = OF_DRAWERS
    LONGEST = LONGEST_TO_LEADER


def set_size(master: int, columns: int, rows: int) -> None:
    """Tell a terminal how large it is."""
    with contextlib.suppress(OSError):  # the app has closed its end
        fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


class DrawingProcess:
    """One process that draws: its terminal, which nobody sees, and its line. It receives states, and draws them."""

    def __init__(
        self, window: Window, drawn: Callable[[DrawingProcess, Drawn], None], ended: Callable[[DrawingProcess], None]
    ) -> None:
        self.window = window
        self.late = True  # whether students had to draw the last state for themselves
        self.picture = ClassState()  # the last state that it has drawn
        self._drawn = drawn
        self._ended = ended
        self._line: Line | None = None
        self._latest: ClassState | None = None
        self._master = -1
        self._over = False
        self._begun = asyncio.Event()
        self._over = False
        self._kill: Callable[[], None] = lambda: None

    async def start(self, starter: Starter) -> None:
        """Start the process, unless it was ended before."""
        if self._over:
            return
        window = self.window
        try:
            self._master, terminal = os.openpty()
        except OSError:  # there is no terminal left
            self.end()
            return
        ours, theirs = socket.socketpair()
        try:
            os.set_blocking(self._master, False)
            set_size(self._master, window.columns, window.rows)
            asyncio.get_running_loop().add_reader(self._master, self._drain)
            await asyncio.get_running_loop().create_connection(lambda: DrawersLine(self, 0), sock=ours)
            order = Order(0, window.term, "C" if window.plain else "", "", draws=True)
            self._kill = partial(starter.kill, await starter.start(order, terminal, theirs.fileno(), self._begun))
            if self._over:
                self._kill()
        except (Busy, OSError):
            self.end()
        finally:
            os.close(terminal)
            theirs.close()

    def _drain(self) -> None:
        try:
            data = os.read(self._master, 1 << 16)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self._begun.set()
        if not data:
            self.end()

    def tell(self, state: ClassState) -> None:
        """The class has gone to a state."""
        self._latest = state
        if self._line is not None and state.number:
            self._line.send(replace(state, called=True))

    def reveal(self, poll: Poll) -> None:
        """The class is shown how it has answered what is on the screen."""
        if self._line is not None:
            self._line.send(poll)

    def opened(self, line: Line) -> None:
        """The line is connected."""
        self._line = line
        line.send(Welcome())
        if self._latest is not None:
            self.tell(self._latest)

    def take(self, line: Line, message: Message) -> None:
        """The process has drawn a state."""
        if isinstance(message, Drawn):
            self._drawn(self, message)

    def closed(self, line: Line) -> None:
        """The process has ended."""
        self._line = None
        self.end()

    def end(self) -> None:
        """End the process."""
        if self._over:
            return
        self._over = True
        if self._line is not None:
            self._line.close()
        if self._master >= 0:
            asyncio.get_running_loop().remove_reader(self._master)
            os.close(self._master)  # it gets SIGHUP
            self._master = -1
            asyncio.get_running_loop().call_later(HANGING, lambda: self._kill())
        self._ended(self)


class Drawing:
    """The drawing processes, and the students who are shown their pictures."""

    def __init__(self, starter: Starter) -> None:
        self._starter = starter
        self._windows: dict[Line, Window] = {}
        self.processes: dict[Window, DrawingProcess] = {}
        self._waiting: dict[Line, ClassState] = {}  # that each will be sent without a picture where none comes
        self._shown: dict[Line, int] = {}  # the last state that each was sent; a picture of it is sent, too
        self._states: dict[int, ClassState] = {}
        self._now = ClassState()
        self._closed = False
        self._not_before = 0.0
        self._again: asyncio.TimerHandle | None = None
        self._starting: set[asyncio.Task[None]] = set()

    def sees(self, line: Line, window: Window) -> None:
        """The student at `line` has such a window, from now on."""
        self._windows[line] = window
        self._adjust()

    def left(self, line: Line) -> None:
        """A line is gone."""
        if self._windows.pop(line, None) is not None:
            self._waiting.pop(line, None)
            self._shown.pop(line, None)
            self._adjust()

    def _adjust(self) -> None:
        """Have a process for each of the windows that most have, and for no other."""
        self._again = None
        most = Counter(self._windows.values()).most_common(MOST)
        wanted = [window for window, count in most if count >= ENOUGH]
        for window, process in list(self.processes.items()):
            if window not in wanted:
                process.end()
        for window in wanted:
            if window not in self.processes:
                self._start(window)

    def _start(self, window: Window) -> None:
        """Start a process, not too soon after the last one: a window may change all the time."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._not_before:
            self._again = self._again or loop.call_at(self._not_before, self._adjust)
            return
        self._not_before = loop.time() + AGAIN
        process = self.processes[window] = DrawingProcess(window, self._drawn, self._ended)
        process.tell(self._now)
        task = asyncio.ensure_future(process.start(self._starter))
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    def tell(self, state: ClassState) -> None:
        """The class has gone to a state."""
        if state is self._now:
            return
        self._now = state
        self._states[state.number] = state
        for number in sorted(self._states)[:-REMEMBERED]:
            del self._states[number]
        for process in self.processes.values():
            process.tell(state)
            asyncio.get_running_loop().call_later(PATIENCE, self._hurry, process, state.number)

    def reveal(self, poll: Poll) -> None:
        """The class is shown how it has answered what is on the screen."""
        for process in self.processes.values():
            process.reveal(poll)

    def has(self, line: Line, state: ClassState) -> bool:
        """Whether the line is sent that state from here: with its picture, or without one that takes its time."""
        window = self._windows.get(line, Window(0, 0, "", False))
        process = self.processes.get(window)
        if not state.number or (process is None and [*self._windows.values()].count(window) < ENOUGH):
            return False
        if process is not None and process.picture.number == state.number:
            self._send(line, process.picture)
        elif process is None or process.late:
            self._send_bare(line, state)
        else:
            self._waiting[line] = state
        return True

    def _send(self, line: Line, state: ClassState, data: bytes = b"") -> None:
        self._waiting.pop(line, None)
        if line.transport is not None and line.transport.get_write_buffer_size() > BEHIND:
            if self._shown.get(line) != state.number:
                self._send_bare(line, state)
        else:
            self._shown[line] = state.number
            line.send_encoded(data or encode(state))

    def _send_bare(self, line: Line, state: ClassState) -> None:
        self._shown[line] = state.number
        line.send(replace(state, picture={}, coming=True))

    def _drawn(self, process: DrawingProcess, drawn: Drawn) -> None:
        """Send a new picture to all that wait for it, or have an earlier one of the same state."""
        state = self._states.get(drawn.number)
        if state is None or drawn.number < process.picture.number:
            return
        process.late = False
        process.picture = replace(state, picture=drawn.picture)
        data = encode(process.picture)
        for line, window in self._windows.items():
            if window == process.window and (line in self._waiting or self._shown.get(line) == drawn.number):
                later = self._waiting.get(line)
                self._send(line, process.picture, data)
                if later is not None and later.number != drawn.number:
                    self._waiting[line] = later

    def _hurry(self, process: DrawingProcess, number: int) -> None:
        """Send the state without a picture to all that still wait for one."""
        if process.picture.number < number:
            process.late = True
            self._release(process.window)

    def _release(self, window: Window) -> None:
        for line in [line for line in self._waiting if self._windows.get(line) == window]:
            self._send_bare(line, self._waiting.pop(line))

    def _ended(self, process: DrawingProcess) -> None:
        if self.processes.get(process.window) is process:
            del self.processes[process.window]
            self._release(process.window)
            if not self._closed:
                self._again = self._again or asyncio.get_running_loop().call_later(0, self._adjust)

    def close(self) -> None:
        """End all drawing processes."""
        self._closed = True
        if self._again is not None:
            self._again.cancel()
        for process in list(self.processes.values()):
            process.end()
