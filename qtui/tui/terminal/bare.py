"""The terminal of a process in which no app runs yet: its keys, and output that never waits.

An app that begins later takes the screen over as it is, and `inlet` with whatever has come in half.
"""

from __future__ import annotations

import asyncio
import os
import signal
import termios
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable

from textual._xterm_parser import XTermParser
from textual.geometry import Size
from textual.message import Message

from qtui.tui.terminal.driver import PIECE, POLL_EVERY, SILENCE, Outlet
from qtui.tui.terminal.inlet import Inlet
from qtui.tui.terminal.signals import RESTORE, switch_back

# The alternate screen without a cursor and line wrap; clicks and turns of the wheel; pastes in brackets.
BEGIN = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?1000h\x1b[?1006h\x1b[?2004h"
COOKED = termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG
TRANSLATED = termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR


class BareTerminal:
    """Belongs to the running loop.

    `take` gets what came in; `redraw` is called when the window has another size, or a slow terminal has caught up.
    """

    def __init__(self, take: Callable[[Iterable[Message]], None], redraw: Callable[[], None], fd: int = 0) -> None:
        self._fd = fd
        self._loop = asyncio.get_running_loop()
        self._take = take
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._ticking: asyncio.TimerHandle | None = None
        self.inlet = Inlet(XTermParser())
        modes = termios.tcgetattr(fd)
        modes[0] &= ~TRANSLATED
        modes[3] &= ~COOKED
        termios.tcsetattr(fd, termios.TCSANOW, modes)
        self._redraw = redraw
        self._outlet = Outlet(fd, self._caught_up)
        self._loop.add_reader(fd, self._read)
        self._loop.add_signal_handler(signal.SIGWINCH, redraw)
        self.write(BEGIN)

    @property
    def size(self) -> Size:
        """Columns and rows."""
        return Size(*os.get_terminal_size(self._fd))

    @property
    def behind(self) -> bool:
        """Whether the terminal takes less than it is sent."""
        return self._outlet.behind

    def write(self, text: str) -> None:
        """Have `text` written, some time."""
        self._outlet.write(text)

    def _caught_up(self) -> None:
        self._loop.call_soon_threadsafe(self._redraw)

    def _read(self) -> None:
        try:
            data = os.read(self._fd, PIECE)
        except OSError:
            data = b""
        if not data:  # the terminal has gone, and the signal that ends the process is on its way
            self._loop.remove_reader(self._fd)
            return
        messages = list(self.inlet.feed(self._decode(data)))
        self._tick_until(self._loop.time() + SILENCE)
        self._take(messages)

    def _tick_until(self, last: float) -> None:
        """See to what has come in half: an Escape alone, a paste without an end."""
        if self._ticking is not None:
            self._ticking.cancel()
        patience = self.inlet.patience
        wait = POLL_EVERY if patience is None else min(patience, POLL_EVERY)
        self._ticking = self._loop.call_later(wait, self._tick, last)

    def _tick(self, last: float) -> None:
        over = self._loop.time() >= last
        self._ticking = None
        messages = [*(self.inlet.give_up() if over and self.inlet.pasting else ()), *self.inlet.tick()]
        if not over or self.inlet.patience is not None:
            self._tick_until(last)
        self._take(messages)

    def release(self) -> None:
        """Leave the terminal, as it is, to others."""
        self._loop.remove_reader(self._fd)
        self._loop.remove_signal_handler(signal.SIGWINCH)
        if self._ticking is not None:
            self._ticking.cancel()
        self._outlet.stop()

    def leave(self, words: str) -> None:
        """Switch the terminal's modes back and write `words`."""
        if words:
            words += "\r\n"
        self.write(RESTORE + words)
        if not self._outlet.stop():
            switch_back(words)
