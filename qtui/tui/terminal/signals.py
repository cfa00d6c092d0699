"""How the app leaves when it is told to: signals, a terminal that has gone, and a loop that no longer answers.

A request to leave goes to the app's loop, which restores the terminal and ends. Should the loop not manage that in
`GRACE` seconds (a long computation, output to a terminal that takes none), this module restores the terminal
itself and ends the process, so that nothing is ever left behind.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

try:
    import termios
except ImportError:  # Windows, where Textual's driver restores the console
    termios = None  # type: ignore[assignment]

GRACE = 0.6  # seconds the loop has to leave by itself; people expect to be gone within one
DEADLINE = 0.1  # seconds that a terminal has to take what restores it
POLL_EVERY = 0.5  # seconds between two polls of the terminal
LEAVING_SIGNALS = ("SIGHUP", "SIGTERM", "SIGINT", "SIGQUIT")  # those that the system has
HUNG_UP = 128 + 1  # exit status

# What Textual's Linux driver switches on, switched off: mouse reports, focus reports, bracketed paste, kitty keys,
# in-band resize, synchronized output; line wrap and the cursor come back, the alternate screen goes.
RESTORE = (
    "\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l\x1b[?2004l\x1b[?2048l\x1b[?2026l\x1b[?7h"
    "\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l\x1b[0m"
)


_switching = threading.Lock()


class Exits:
    """Watches for reasons to leave. `leave(status)` asks the loop, from any thread; `last_words` gives what to
    print (on stderr) after a forced end.

    Signals can only be handled in the main thread: call `install` there, and `uninstall` when the app has ended.
    """

    def __init__(self, leave: Callable[[int], None], last_words: Callable[[], str]) -> None:
        self._leave = leave
        self._last_words = last_words
        self._previous: dict[signal.Signals, Any] = {}
        self._ended = threading.Event()
        self._deadline: threading.Thread | None = None
        self._terminal_before: list[Any] | None = None

    def install(self) -> None:
        """Take over the signals and watch the terminal, whose present modes are the ones to restore."""
        if termios is not None:
            with contextlib.suppress(termios.error, ValueError, OSError):
                self._terminal_before = termios.tcgetattr(0)
        for number in (getattr(signal, name) for name in LEAVING_SIGNALS if hasattr(signal, name)):
            self._previous[number] = signal.signal(number, self._on_signal)
        if os.isatty(0):  # in a browser it never was one
            threading.Thread(target=self._watch_terminal, name="qtui-terminal", daemon=True).start()

    def uninstall(self) -> None:
        """The app has ended by itself: stop watching."""
        self._ended.set()
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def expect(self, status: int) -> None:
        """The app is about to leave with `status`: see that it does."""
        if self._deadline is None and self._previous:
            self._deadline = threading.Thread(target=self._enforce, args=(status,), name="qtui-deadline", daemon=True)
            self._deadline.start()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._go(128 + number)

    def _go(self, status: int) -> None:
        self.expect(status)
        self._leave(status)

    def _watch_terminal(self) -> None:
        # Without a controlling terminal no SIGHUP comes when the terminal goes, and Textual's input thread would
        # then read nothing, at full speed, for ever.
        while not self._ended.wait(POLL_EVERY):
            if not os.isatty(0):
                self._go(HUNG_UP)
                return

    def _enforce(self, status: int) -> None:
        if not self._ended.wait(GRACE):
            with contextlib.suppress(Exception):  # whatever state the app is in, the process ends now
                self._restore_terminal(self._last_words())
            os._exit(status)

    def _restore_terminal(self, words: str) -> None:
        """Bring the terminal back without the help of Textual's driver; a terminal that has gone is no error."""
        if self._terminal_before is not None:
            switch_back(words.replace("\n", "\r\n"))
            with contextlib.suppress(termios.error, OSError):
                termios.tcsetattr(0, termios.TCSANOW, self._terminal_before)


def switch_back(words: str = "") -> None:
    """Switch the terminal's modes back and write `words`, whatever else it has not taken yet.

    That is thrown away where it takes nothing, so that there is room for what matters. One thread at a time.
    """
    text = (RESTORE + words).encode("utf-8", "replace")
    with _switching, contextlib.suppress(termios.error, OSError):
        done = write_within(text, DEADLINE)
        until = time.monotonic() + DEADLINE
        while not done and time.monotonic() < until:
            termios.tcflush(0, termios.TCOFLUSH)
            # A thread that waits in the middle of writing keeps others from it; this wakes it, and it ends.
            termios.tcflow(0, termios.TCOOFF)
            termios.tcflow(0, termios.TCOON)
            done = write_within(b"\x1b\\" + text, DEADLINE / 20)


def write_within(data: bytes, seconds: float) -> bool:
    """Write to the terminal without waiting for it for more than `seconds`; whether it has taken all.

    Raises OSError where there is none.
    """
    fd = reopened(0)
    if fd is None:
        raise OSError("no terminal")
    try:
        until = time.monotonic() + seconds
        while data and time.monotonic() < until:
            try:
                data = data[os.write(fd, data) :]
            except BlockingIOError:
                time.sleep(0.002)
    finally:
        os.close(fd)
    return not data


def reopened(fd: int) -> int | None:
    """The terminal of `fd`, opened once more so that writing never waits; None where that can't be.

    Not to wait is a property of an open file, and the shell shares the one that it has given to its programs.
    """
    flags = os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    with contextlib.suppress(OSError):
        return os.open(os.ttyname(fd), flags)
    with contextlib.suppress(OSError):
        if os.isatty(fd):  # its name means nothing here, or may not be opened in a kiosk
            return os.open("/dev/tty", flags)
    return None
