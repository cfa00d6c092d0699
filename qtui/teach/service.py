"""The class on its lines: reads what comes, asks the room, sends what it answers.

Lines are sockets, one a student or teacher. None can delay another: nothing waits for a line to take what it is sent,
and one that takes nothing, says too much or says what nobody understands is cut.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
import stat
import time
from collections.abc import Callable

from qtui.error import QtuiError
from qtui.teach.drawing import Drawing, Window
from qtui.teach.joins import JoinLog
from qtui.teach.line import Line
from qtui.teach.messages import Bye, ClassState, End, Lead, Notice, Reveal
from qtui.teach.protocol import Message
from qtui.teach.room import Room, Sent

REPORT_EVERY = 0.25  # seconds between two rosters to the teacher
GRACE = 150.0  # seconds in which a line has to say who it is: a student types a name first
MOST_LINES = 300


class Service:
    """A room and its lines. `ended` is called when the teacher ends it, or nobody was there for `empty` seconds."""

    def __init__(
        self,
        key: str,
        log: JoinLog,
        ended: Callable[[], None],
        most: int = 100,
        door: str = "",
        empty: float = 0,
    ) -> None:
        self.room = Room(key, lambda: secrets.token_hex(16), most, door)
        self._log = log
        self._ended = ended
        self._lines: dict[int, Line] = {}
        self._next = 0
        self._report: asyncio.TimerHandle | None = None
        self._server: asyncio.AbstractServer | None = None
        self._path = ""
        self._tally: Message | None = None
        self.drawing: Drawing | None = None  # draws for many at once, where processes can be started
        self._empty_for = empty  # 0 for however long
        self._empty: asyncio.TimerHandle | None = None
        self._watch()

    def _watch(self) -> None:
        if self._empty_for:
            self._empty = asyncio.get_running_loop().call_later(self._empty_for, self._ended)

    async def open_at(self, path: str) -> None:
        """Take lines at a socket in the file system. Raises QtuiError where another class has it."""
        server = await asyncio.get_running_loop().create_unix_server(self._line, sock=_bound(path))
        self._path, self._server = path, server

    def _line(self, origin: str = "", gone: Callable[[], None] | None = None) -> Line:
        self._next += 1
        return Line(self, self._next, origin, gone)

    async def add(self, end: socket.socket, origin: str, gone: Callable[[], None]) -> Line:
        """Take a connected line."""
        line = self._line(origin, gone)
        await asyncio.get_running_loop().create_connection(lambda: line, sock=end)
        return line

    def sees(self, line: Line, window: Window) -> None:
        """The student at `line` has such a window, from now on."""
        if self.drawing is not None and line.number in self._lines:
            self.drawing.sees(line, window)

    def opened(self, line: Line) -> None:
        """A line is connected."""
        if len(self._lines) >= MOST_LINES:
            line.send(Bye("the class has no line left"))
            line.close()
            return
        self._lines[line.number] = line
        if self._empty is not None:
            self._empty.cancel()
        if line.origin:
            self.room.origins[line.number] = line.origin
        asyncio.get_running_loop().call_later(GRACE, self._cut_if_silent, line)

    def _cut_if_silent(self, line: Line) -> None:
        if self.room.student_at(line.number) is None and self.room.leader != line.number:
            line.close()

    def take(self, line: Line, message: Message) -> None:
        """A message came over `line`."""
        if line.number not in self._lines:
            return
        if isinstance(message, End):
            if line.number == self.room.leader:
                self.say_goodbye()
                self._ended()
            return
        before = self.room.student_at(line.number)
        self._send(self.room.handle(line.number, message, time.monotonic()))
        student = self.room.student_at(line.number)
        if before is None and student is not None:
            self._log.write("joined", student.name, line.origin)
        if isinstance(message, Lead) and self.room.leader == line.number:
            self._tally = None
        tally = self.room.tally()
        if isinstance(message, Reveal) and tally.revealed and tally.shown and self.drawing is not None:
            self.drawing.reveal(tally)
        self._report_soon()

    def closed(self, line: Line) -> None:
        """A line is closed."""
        if self._lines.pop(line.number, None) is not None:
            if self.drawing is not None:
                self.drawing.left(line)
            if not self._lines:
                self._watch()
            student = self.room.student_at(line.number)
            if student is not None:
                self._log.write("left", student.name, line.origin)
            self._send(self.room.leave(line.number))
            self._report_soon()

    def _send(self, sent: Sent) -> None:
        if self.drawing is not None:
            self.drawing.tell(self.room.state)
        for number, message in sent:
            line = self._lines.get(number)
            if line is not None and not self._is_drawn(line, message):
                line.send(message)
                if isinstance(message, Bye):
                    line.close()

    def _is_drawn(self, line: Line, message: Message) -> bool:
        """Whether the message goes over the line with its picture, now or soon."""
        student = self.room.student_at(line.number)
        if self.drawing is None or student is None or not isinstance(message, ClassState):
            return False
        return self.drawing.has(line, message) if student.following else False

    def _report_soon(self) -> None:
        if self._report is None:
            self._report = asyncio.get_running_loop().call_later(REPORT_EVERY, self.report)

    def report(self) -> None:
        """Tell the teacher who is here, and how the question stands."""
        self._report = None
        leader = self._lines.get(self.room.leader or 0)
        if leader is None:
            return
        leader.send(self.room.roster(time.monotonic()))
        tally = self.room.tally()
        if tally != self._tally:
            self._tally = tally
            leader.send(tally)
        if self._log.trouble:
            leader.send(Notice(self._log.trouble))
            self._log.trouble = ""

    def say_goodbye(self) -> None:
        """Tell everybody that it is over."""
        for line in list(self._lines.values()):
            line.send(Bye("the class is over"))
            line.close()

    def close(self) -> None:
        """Take no lines any more, and leave no socket behind."""
        if self._empty is not None:
            self._empty.cancel()
        if self._server is not None:
            self._server.close()
            with contextlib.suppress(OSError):
                os.unlink(self._path)


def _bound(path: str) -> socket.socket:
    """A socket at `path`, for its owner and the folder's group."""
    end = socket.socket(socket.AF_UNIX)
    try:
        if stat.S_ISSOCK(os.lstat(path).st_mode) and not answers(path):
            os.unlink(path)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(os.path.abspath(path)), mode=0o700, exist_ok=True)
    before = os.umask(0o117)
    try:
        end.bind(path)
    except OSError as error:
        end.close()
        raise QtuiError(f"no class can be held at {path}: {error.strerror or error}") from None
    finally:
        os.umask(before)
    return end


def answers(path: str) -> bool:
    """Whether somebody listens at the socket `path`."""
    with socket.socket(socket.AF_UNIX) as end:
        try:
            end.connect(path)
        except OSError:
            return False
    return True
