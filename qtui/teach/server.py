"""A student's session over SSH: a terminal between the channel and a process that the warm parent forks."""

from __future__ import annotations

import asyncio
import os
import re
import socket
from typing import Protocol

import asyncssh

from qtui.teach.drawing import Window, set_size
from qtui.teach.line import Line
from qtui.teach.protocol import clean_name
from qtui.teach.service import Service
from qtui.teach.starter import HANGING, Busy, Process, Starter
from qtui.teach.warm import Order, is_plain

SMALLEST, LARGEST = (20, 5), (300, 100)  # columns and rows of a window, whatever the client says
PIECE = 1 << 16  # bytes read at a time
TYPED = 1 << 16  # bytes of keys that wait for the app, beyond which the client waits
STUCK = 20.0  # seconds that a client may take nothing at all
LAST_WORDS = 1.0  # seconds for what was written last to go out
RESIZE_EVERY = 0.1  # seconds between two changes of the window's size
TERM = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]{0,31}")
LOCALE = re.compile(r"(C|POSIX|[a-z]{2,3}(_[A-Z]{2})?)(\.[A-Za-z0-9-]{1,12})?(@[a-z]{1,12})?")
LOCALE_NAMES = ("LC_ALL", "LC_CTYPE", "LANG")


class House(Protocol):
    """The class around a session, as the session needs it."""

    service: Service
    starter: Starter

    def may_enter(self) -> str:
        """Why nobody may come in now, "" where one may."""

    def entered(self, session: StudentSession) -> None:
        """A session has begun."""

    def left(self, session: StudentSession) -> None:
        """The session has ended."""

    def origin(self, address: str, user: str) -> str:
        """An identifier of where somebody comes from, which others can't guess."""


def locale_of(environment: dict[str, str]) -> str:
    """The locale that a client asks for, "" for none or one that is no locale's name."""
    for name in LOCALE_NAMES:
        value = environment.get(name, "")
        if value:
            return value if LOCALE.fullmatch(value) else ""
    return ""


def window(columns: int, rows: int) -> tuple[int, int]:
    """A window's size within bounds; 0 is a client that does not know."""
    within = (min(max(size, low), high) for size, low, high in zip((columns, rows), SMALLEST, LARGEST, strict=True))
    wide, tall = within
    return (wide if columns else 80), (tall if rows else 24)


class StudentSession(asyncssh.SSHServerSession[bytes]):
    """One student. Nothing is asked of the client but a terminal; programs, subsystems and files there are none."""

    def __init__(self, house: House, address: str, user: str) -> None:
        self._house = house
        self.address = address
        self._user = user
        self._channel: asyncssh.SSHServerChannel[bytes] | None = None
        self._term = ""
        self._size = (80, 24)
        self._master = -1
        self._line: Line | None = None
        self._plain = False
        self._process: Process | None = None
        self._shown = asyncio.Event()
        self._typed = b""
        self._full: set[str] = set()  # what is full on the way to the client
        self._cut: asyncio.TimerHandle | None = None
        self._resize: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._over = False
        self.stands = False  # whether the client has asked for all that it may

    # What the client asks for.

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        """The channel is open."""
        self._channel = chan

    def pty_requested(self, term_type: str, term_size: tuple[int, int, int, int], term_modes: object) -> bool:
        """The client asks for a terminal."""
        self._term = term_type if TERM.fullmatch(term_type) else "xterm"
        self._size = window(*term_size[:2])
        return True

    def shell_requested(self) -> bool:
        """The client asks for a shell, as `ssh` without a command does, and gets qtui."""
        return True

    def session_started(self) -> None:
        """The client has asked for everything: start the app."""
        self.stands = True
        reason = self._house.may_enter()
        if not self._term:
            reason = "the class needs a terminal: ssh -t"
        elif self._term in ("dumb", "unknown"):
            reason = f"this terminal (TERM={self._term}) can't show qtui"
        if reason:
            self._refuse(reason)
            return
        self._house.entered(self)
        self._task = asyncio.ensure_future(self._start())

    def _refuse(self, reason: str) -> None:
        if self._channel is not None:
            self._channel.write(f"qtui: {reason}\r\n".encode())
            self._channel.exit(1)
            self._close_soon(self._channel)

    def _close_soon(self, channel: asyncssh.SSHServerChannel[bytes]) -> None:
        """Close the connection once its last output is sent."""
        asyncio.get_running_loop().call_later(LAST_WORDS, channel.get_extra_info("connection").close)

    async def _start(self) -> None:
        assert self._channel is not None
        locale = locale_of({name: str(value) for name, value in self._channel.get_environment().items()})
        master, terminal = os.openpty()
        ours, theirs = socket.socketpair()
        try:
            os.set_blocking(master, False)
            set_size(master, *self._size)
            self._master = master
            origin = self._house.origin(self.address, self._user)
            self._line = await self._house.service.add(ours, origin, self._line_gone)
            self._plain = is_plain(locale)
            order = Order(0, self._term, locale, clean_name(self._user))
            self._process = await self._house.starter.start(order, terminal, theirs.fileno(), self._shown)
        except (Busy, OSError) as error:
            self._refuse(str(error) if isinstance(error, Busy) else "the class has no room for another terminal now")
            self.end()
        else:
            self._process.ended.add_done_callback(lambda _: self._read_all())
            if self._over:
                self._hang_up()
            else:
                asyncio.get_running_loop().add_reader(master, self._readable)
                self._tell_window()
        finally:
            os.close(terminal)
            theirs.close()

    def _tell_window(self) -> None:
        if self._line is not None:
            self._house.service.sees(self._line, Window(*self._size, self._term, self._plain))

    # From the app to the client.

    def _readable(self) -> None:
        try:
            data = os.read(self._master, PIECE)
        except BlockingIOError:
            return
        except OSError:  # EIO: nobody has the other end open any more
            data = b""
        if not data or self._channel is None:
            self.end()
            return
        self._shown.set()
        self._channel.write(data)

    def _read_all(self) -> None:
        """The process has ended: read the rest of its output."""
        if not self._over and not self._full:
            self._readable()

    def full(self, what: str) -> None:
        """`what` on the way to the client is full: the app waits, who knows how to."""
        if not self._full and self._master >= 0:
            loop = asyncio.get_running_loop()
            loop.remove_reader(self._master)
            self._cut = loop.call_later(STUCK, self._abort)
        self._full.add(what)

    def free(self, what: str) -> None:
        """`what` has room again."""
        self._full.discard(what)
        if not self._full and self._master >= 0 and not self._over:
            if self._cut is not None:
                self._cut.cancel()
            if self._process is not None:
                asyncio.get_running_loop().add_reader(self._master, self._readable)

    def pause_writing(self) -> None:
        """The client takes no more on this channel."""
        self.full("channel")

    def resume_writing(self) -> None:
        """The client takes more on this channel again."""
        self.free("channel")

    def _abort(self) -> None:
        if self._channel is not None:
            self._channel.get_extra_info("connection").abort()
        self.end()

    # From the client to the app.

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        """The client has sent keys."""
        self._typed += data
        self._type()

    def _type(self) -> None:
        if self._master < 0 or self._over or self._process is None:
            self._typed = self._typed[:TYPED]
            return
        loop = asyncio.get_running_loop()
        try:
            while self._typed:
                self._typed = self._typed[os.write(self._master, self._typed[:PIECE]) :]
        except BlockingIOError:
            loop.add_writer(self._master, self._type)
        except OSError:
            self.end()
            return
        else:
            loop.remove_writer(self._master)
        if self._channel is not None:
            if len(self._typed) > TYPED:
                self._channel.pause_reading()
            else:
                self._channel.resume_reading()

    def eof_received(self) -> bool:
        """The client will type no more."""
        self.end()
        return False

    def terminal_size_changed(self, width: int, height: int, pixwidth: int, pixheight: int) -> None:
        """The window has another size; of many changes in a row the app sees the last."""
        self._size = window(width, height)
        if self._resize is None:
            self._resize = asyncio.get_running_loop().call_later(RESIZE_EVERY, self._resized)

    def _resized(self) -> None:
        self._resize = None
        if self._master >= 0 and not self._over:
            set_size(self._master, *self._size)
            self._tell_window()

    # The end.

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone."""
        self._channel = None
        self.end()

    def _line_gone(self) -> None:
        """The class has closed the line: the app has a moment to say why, and to end."""
        asyncio.get_running_loop().call_later(HANGING, self.end)

    def end(self) -> None:
        """Hang up the terminal, and end the session."""
        if self._over:
            return
        self._over = True
        self._shown.set()
        for timer in (self._cut, self._resize):
            if timer is not None:
                timer.cancel()
        self._hang_up()
        if self._line is not None:
            self._line.close()
        self._house.left(self)
        if self._channel is not None:
            self._channel.exit(0)
            self._close_soon(self._channel)

    def _hang_up(self) -> None:
        loop = asyncio.get_running_loop()
        if self._master >= 0:
            loop.remove_reader(self._master)
            loop.remove_writer(self._master)
            os.close(self._master)  # the app gets SIGHUP
            self._master = -1
        if self._process is not None:
            loop.call_later(HANGING, self._house.starter.kill, self._process)
