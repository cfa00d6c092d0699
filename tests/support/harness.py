"""A terminal for tests: runs a program in a pseudo-terminal, keeps its screen, counts its bytes, tracks its modes.

Nothing here depends on how fast the machine is: a program counts as settled when it is silent and every one of its
threads sleeps, so a starved program is waited for.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyte

ROOT = Path(__file__).resolve().parents[2]

KEYS = {
    "enter": "\r",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "escape": "\x1b",
    "space": " ",
    "backspace": "\x7f",
    "delete": "\x1b[3~",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "shift+up": "\x1b[1;2A",
    "shift+down": "\x1b[1;2B",
    "shift+right": "\x1b[1;2C",
    "shift+left": "\x1b[1;2D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    **{f"f{n}": f"\x1bO{'PQRS'[n - 1]}" for n in range(1, 5)},
    **{f"ctrl+{c}": chr(ord(c) & 0x1F) for c in "abcdefghijklmnopqrstuvwxyz"},
}

# What the environment of the tests must not tell the program.
SCRUBBED = ("COLORTERM", "NO_COLOR", "FORCE_COLOR", "TMUX", "STY", "COLUMNS", "LINES", "TERM_PROGRAM", "COLORFGBG")
PERSONAS = {
    "modern": {"TERM": "xterm-256color", "COLORTERM": "truecolor"},
    "ssh": {"TERM": "xterm-256color", "SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22"},
    "screen": {"TERM": "screen"},
    "linux": {"TERM": "linux"},
    "dumb": {"TERM": "dumb"},
}
ON_AT_START = {"7", "25"}  # autowrap and the cursor
MODE = re.compile(rb"\x1b\[\?([\d;]+)([hl])")
KITTY = re.compile(rb"\x1b\[([<>])(\d*)u")
# Sequences that pyte takes for text, or that ask the terminal something.
UNKNOWN_TO_PYTE = re.compile(rb"\x1b\[[<>=][\d;]*[a-zA-Z]|\x1b\[\?[\d;]*\$p|\x1b\[\?u|\x1b\[\d*;?\d*;?\d*t")


def homes(folder: str | Path) -> dict[str, str]:
    """The environment of a program that keeps what it remembers in `folder`."""
    return {name: str(folder) for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")}


class Terminal:
    """One program in a terminal of `columns` × `rows`. A context manager: leaving it ends the program."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int = 80,
        rows: int = 24,
        persona: str = "modern",
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self.columns, self.rows = columns, rows
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self._modern = persona == "modern"
        self.output = b""
        self._fed = 0
        self.status: int | None = None
        self.started = time.perf_counter()
        self.last_output = self.started
        self.first_output: float | None = None
        environment = {k: v for k, v in os.environ.items() if k not in SCRUBBED and not k.startswith("TEXTUAL")}
        environment |= {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT)} | PERSONAS[persona]
        environment |= env or {}
        # The size is set before the program can ask for it. Its end of the pipe closes as the program begins: what is
        # typed or sent before would be lost in the copy of this process.
        begun, closes = os.pipe()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whether or not nohup has started the tests
                self._set_size(0, columns, rows)
                if cwd is not None:
                    os.chdir(cwd)
                os.execvpe(command[0], list(command), environment)
            finally:
                os._exit(127)
        os.close(closes)
        os.read(begun, 1)
        os.close(begun)
        os.set_blocking(self.fd, False)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    # What the program writes.

    def pump(self, seconds: float) -> int:
        """Read for at most `seconds`, returning at the first output; the number of bytes read."""
        if self.fd < 0:
            time.sleep(seconds)
            return 0
        readable, _, _ = select.select([self.fd], [], [], seconds)
        if not readable:
            return 0
        try:
            data = os.read(self.fd, 1 << 16)
        except BlockingIOError:
            return 0
        except OSError:  # EIO: the program has closed its side
            data = b""
            time.sleep(min(seconds, 0.02))
        if data:
            self.last_output = time.perf_counter()
            self.first_output = self.first_output or self.last_output
            self.output += data
            self._answer(data)
        return len(data)

    def _answer(self, data: bytes) -> None:
        if self._modern and b"\x1b[?2026$p" in data:
            self.send("\x1b[?2026;2$y")

    def text(self) -> str:
        """The screen's characters, a line a row, trailing spaces removed."""
        data = self.output[self._fed :]
        # A sequence cut in half waits for its other half.
        cut = data.rfind(b"\x1b")
        if cut >= 0 and len(data) - cut < 24 and not re.match(rb"\x1b(\[[0-?]*[ -/]*[@-~]|[^\[])", data[cut:]):
            data = data[:cut]
        self._fed += len(data)
        *before, now = data.split(b"\x1b[?1049l")
        for part in before:
            self._stream.feed(UNKNOWN_TO_PYTE.sub(b"", part))
            self.screen.reset()  # pyte has no alternate screen to leave
        self._stream.feed(UNKNOWN_TO_PYTE.sub(b"", now))
        return "\n".join(row.rstrip() for row in self.screen.display)

    def modes_left_on(self) -> set[str]:
        """Private modes that differ from a fresh terminal's, and "kitty" for an unpopped key protocol."""
        on = set(ON_AT_START)
        for numbers, switch in MODE.findall(self.output):
            for number in numbers.decode().split(";"):
                on.add(number) if switch == b"h" else on.discard(number)
        pushed = sum(1 if sign == b">" else -1 for sign, _ in KITTY.findall(self.output))
        return (on ^ ON_AT_START) | ({"kitty"} if pushed > 0 else set())

    # What the person does.

    def send(self, text: str | bytes) -> None:
        """Type `text` as it is."""
        data = text.encode() if isinstance(text, str) else text
        while data:
            try:
                data = data[os.write(self.fd, data) :]
            except BlockingIOError:
                select.select([self.fd], [self.fd], [], 0.05)
                self.pump(0)
            except OSError:
                return

    def press(self, *keys: str) -> None:
        """Press named keys or single characters."""
        for key in keys:
            self.send(KEYS.get(key, key))

    def click(self, x: int, y: int) -> None:
        """Press and release the left button on the cell (x, y), counted from 0."""
        self.send(f"\x1b[<0;{x + 1};{y + 1}M\x1b[<0;{x + 1};{y + 1}m")

    def resize(self, columns: int, rows: int) -> None:
        """Change the window's size; the program gets SIGWINCH."""
        self.text()
        self.columns, self.rows = columns, rows
        self.screen.resize(rows, columns)
        self._set_size(self.fd, columns, rows)

    @staticmethod
    def _set_size(fd: int, columns: int, rows: int) -> None:
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def hang_up(self) -> None:
        """The window is closed: no one reads or writes any more."""
        os.close(self.fd)
        self.fd = -1

    def kill(self, number: int) -> None:
        """Send a signal."""
        os.kill(self.pid, number)

    # Waiting.

    def leave(self, how: str) -> int:
        """Ask it to end: by hanging up, by SIGTERM, or by a key. Returns the exit status."""
        if how == "hang up":
            self.hang_up()
        elif how == "SIGTERM":
            self.kill(signal.SIGTERM)
        else:
            self.press(how)
        return self.wait_end()

    def wait_for(self, text: str, seconds: float = 30) -> str:
        """Read until `text` is on the screen; the screen. Raises AssertionError with the screen otherwise."""
        until = time.monotonic() + seconds
        while text not in (shown := self.text()):
            if time.monotonic() > until or self.ended():
                raise AssertionError(f"{text!r} never appeared (status {self.status}):\n{shown}")
            self.pump(0.05)
        return shown

    def settle(self, quiet: float = 0.15, seconds: float = 30) -> None:
        """Read until the program has been silent for `quiet` seconds with all its threads asleep."""
        until = time.monotonic() + seconds
        silent_since = time.monotonic()
        while time.monotonic() - silent_since < quiet and time.monotonic() < until and not self.ended():
            if self.pump(0.02) or self._running():
                silent_since = time.monotonic()

    def _running(self) -> bool:
        with contextlib.suppress(OSError):
            for task in os.scandir(f"/proc/{self.pid}/task"):
                with open(f"{task.path}/stat", "rb") as stat:
                    if stat.read().rpartition(b")")[2].split()[0] in (b"R", b"D"):
                        return True
        return False

    def cost(self, *keys: str) -> int:
        """Bytes sent because of these keys."""
        self.settle()
        before = len(self.output)
        self.press(*keys)
        self.settle()
        return len(self.output) - before

    def ended(self) -> bool:
        """Whether the program has ended; `status` is then what a shell would say."""
        if self.status is None:
            pid, raw = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                code = os.waitstatus_to_exitcode(raw)
                self.status = code if code >= 0 else 128 - code
        return self.status is not None

    def wait_end(self, seconds: float = 30) -> int:
        """Read until the program ends; its exit status."""
        until = time.monotonic() + seconds
        while not self.ended():
            if time.monotonic() > until:
                raise AssertionError(f"still running after {seconds} s:\n{self.text()}")
            self.pump(0.02)
        while self.fd >= 0 and self.pump(0):
            pass
        self.text()
        return self.status or 0

    def wait_stopped(self, seconds: float = 30) -> None:
        """Read until the program has stopped itself, as after Ctrl+Z."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.pump(0.02)
            with open(f"/proc/{self.pid}/stat", "rb") as stat:
                if stat.read().rpartition(b")")[2].split()[0] == b"T":
                    while self.pump(0.02):
                        pass
                    return
        raise AssertionError("it did not stop")

    def end(self) -> None:
        """End the program, whatever it is doing."""
        if not self.ended():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.status = 137
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1
