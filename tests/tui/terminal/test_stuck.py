"""A terminal that takes no output: its window is frozen, or its line has stalled. Leaving does not wait for it."""

from __future__ import annotations

import fcntl
import signal
import struct
import sys
import termios
import time
from pathlib import Path

import pytest

from tests.support.harness import ROOT, Terminal, homes

SOON = 10.0  # seconds that a loaded machine may need for what takes one


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return homes(tmp_path)


def unread(terminal: Terminal) -> int:
    """Bytes that the program has written and nobody has read."""
    size = bytearray(4)
    fcntl.ioctl(terminal.fd, termios.FIONREAD, size)
    return int(struct.unpack("i", size)[0])


def stuff(terminal: Terminal, keys: str = "1234") -> None:
    """Read nothing, and make the program write until it can't."""
    size, since = -1, time.monotonic()
    while time.monotonic() - since < 0.8:
        for key in keys:
            terminal.press(key)
            time.sleep(0.03)
        if unread(terminal) != size:
            size, since = unread(terminal), time.monotonic()


def ends(terminal: Terminal) -> int | None:
    """The status with which it ends, although nothing is read; None if it does not."""
    until = time.monotonic() + SOON
    while not terminal.ended() and time.monotonic() < until:
        time.sleep(0.01)
    return terminal.status


@pytest.mark.parametrize(
    ("how", "status"),
    [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130), ("\x03", 130), ("q", 0)],
    ids=["SIGTERM", "SIGHUP", "SIGINT", "ctrl+c", "q"],
)
def test_the_app_leaves(how: signal.Signals | str, status: int, env: dict[str, str]) -> None:
    with Terminal([sys.executable, "-m", "qtui", "mem", "--tui"], env=env, columns=120, rows=40) as terminal:
        terminal.wait_for("[1 Memory]")
        terminal.settle()
        stuff(terminal)
        terminal.send(how) if isinstance(how, str) else terminal.kill(how)
        assert ends(terminal) == status
        while terminal.pump(0):
            pass
        assert not terminal.modes_left_on()


def test_a_crash_report_does_not_wait(env: dict[str, str]) -> None:
    """The terminal is full before the report comes; what fits of it is there, and the terminal is restored."""
    code = (
        "import os, threading, time; from qtui.tui.terminal.signals import Exits\n"
        "exits = Exits(lambda status: None, lambda: 'REPORT')\n"
        "os.write(1, b'\\x1b[?1049h\\x1b[?1000h')\n"
        "exits.install(); os.set_blocking(1, False)\n"
        "try:\n    while True: os.write(1, b'x' * 4096)\n"
        "except BlockingIOError: exits.expect(1)\n"
        "os.set_blocking(1, True)\n"
        "threading.Thread(target=os.write, args=(1, b'y' * 20000), daemon=True).start()\n"
        "time.sleep(60)\n"
    )
    with Terminal([sys.executable, "-c", code], env={**env, "PYTHONPATH": str(ROOT)}) as terminal:
        assert ends(terminal) == 1
        while terminal.pump(0.1):
            pass
        assert "REPORT" in terminal.text() and b"\x1b[?1049l" in terminal.output


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)])
def test_a_command_leaves(number: signal.Signals, status: int, env: dict[str, str]) -> None:
    command = [sys.executable, "-m", "qtui", "quantize", "--dist", "normal", "--json"]
    with Terminal(command, env=env) as terminal:
        while not unread(terminal):
            time.sleep(0.02)
        stuff(terminal, "")
        assert not terminal.ended()
        terminal.kill(number)
        assert ends(terminal) == status


def test_it_goes_on_when_the_terminal_does(env: dict[str, str]) -> None:
    """Frames that would have come too late are left out; the last one is whole."""
    with Terminal([sys.executable, "-m", "qtui", "mem", "--tui"], env=env, columns=120, rows=40) as terminal:
        terminal.wait_for("[1 Memory]")
        terminal.settle()
        stuff(terminal)
        waited = unread(terminal)
        terminal.press("3")
        terminal.wait_for("[3 Quantizer]")
        terminal.settle()
        assert waited < 200_000
        shown = terminal.text()
        terminal.press("ctrl+l")
        terminal.settle()
        assert terminal.text() == shown
        terminal.press("q")
        assert terminal.wait_end() == 0
