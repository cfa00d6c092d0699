"""The warm parent and what it forks: terminals, descriptors, environment, ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from qtui.teach.starter import environment
from qtui.teach.warm import LINE, Order

ROOT = Path(__file__).resolve().parents[2]
# What its processes tell of themselves, on their line; then they do as they are told there.
BEGIN = f"""
import json, os, signal, socket, sys
os.dup2(int(sys.argv[1]), {LINE})
from qtui.teach.warm import serve
done = []
def begin(order):
    open_ones = [int(name) for name in os.listdir("/proc/self/fd")]
    facts = dict(
        order=order.number, term=order.term, open=[fd for fd in open_ones if os.path.exists(f"/proc/self/fd/{{fd}}")],
        environment=sorted(os.environ), terminal=os.isatty(0) and os.isatty(1) and os.isatty(2), pid=os.getpid(),
        session=os.getsid(0), foreground=os.tcgetpgrp(0), default=signal.getsignal(signal.SIGCHLD) == signal.SIG_DFL,
        done=done,
    )
    line = socket.socket(fileno={LINE})
    line.sendall(json.dumps(facts).encode() + b"\\n")
    asked = line.recv(1)
    if asked == b"!":
        raise RuntimeError("a defect")
    return asked[0] if asked else 7
serve(socket.socket(fileno={LINE}), begin, (done.append(number) for number in range(3)))
"""


class Parent:
    """A warm parent and the server's end of its channel."""

    def __init__(self) -> None:
        self.channel, theirs = socket.socketpair()
        self.channel.settimeout(20)
        with theirs:
            command = [sys.executable, "-c", BEGIN, str(theirs.fileno())]
            env = environment({}) | {"PYTHONPATH": str(ROOT)}
            self.process = subprocess.Popen(command, env=env, pass_fds=[theirs.fileno()], start_new_session=True)
        self._read = b""

    def hear(self) -> dict[str, int]:
        while b"\n" not in self._read:
            data = self.channel.recv(4096)
            assert data
            self._read += data
        line, self._read = self._read.split(b"\n", 1)
        return dict(json.loads(line))

    def start(self, number: int) -> tuple[int, socket.socket, dict[str, object], int]:
        """The master of the terminal, the class's end of the line, what the process tells, and its number."""
        master, terminal = os.openpty()
        ours, theirs = socket.socketpair()
        ours.settimeout(20)
        socket.send_fds(self.channel, [Order(number, "xterm", "", "").encode()], [terminal, theirs.fileno()])
        os.close(terminal)
        theirs.close()
        started = self.hear()
        assert started["started"] == number
        facts = json.loads(ours.makefile().readline())
        return master, ours, facts, started["pid"]


@pytest.fixture
def parent(monkeypatch: pytest.MonkeyPatch) -> Iterator[Parent]:
    monkeypatch.setenv("SECRET", "of the server")
    parent = Parent()
    yield parent
    parent.channel.close()
    assert parent.process.wait(20) == 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_a_process_has_its_terminal_its_line_and_nothing_else(parent: Parent) -> None:
    ends = [os.open(os.devnull, os.O_RDONLY) for _ in range(20)]
    one, two = parent.start(1), parent.start(2)
    for _, _, facts, pid in (one, two):
        assert facts["open"] == [0, 1, 2, LINE]
        assert facts["terminal"] and facts["session"] == facts["foreground"] == facts["pid"] == pid
        assert "SECRET" not in str(facts["environment"]) and facts["default"]
    one[1].send(b"\x05")
    assert parent.hear() == {"ended": one[3], "status": 5}
    two[1].close()  # the class hangs up
    assert parent.hear() == {"ended": two[3], "status": 7}
    for end in (*ends, one[0], two[0]):
        os.close(end)


def test_chores_are_done_while_nobody_comes(parent: Parent) -> None:
    done: list[object] = []
    for number in range(1, 50):
        master, line, facts, _ = parent.start(number)
        line.send(b"\x05")
        assert "ended" in parent.hear()
        os.close(master)
        done = list(facts["done"])  # type: ignore[call-overload]
        assert done == list(range(len(done)))
        if len(done) == 3:
            break
    assert len(done) == 3


def test_only_its_own_are_killed_and_a_defect_ends_one_alone(parent: Parent) -> None:
    one, two = parent.start(1), parent.start(2)
    for pid in (os.getpid(), 1, one[3]):
        parent.channel.sendall(json.dumps({"kill": pid}).encode() + b"\n")
        if pid == one[3]:
            assert parent.hear() == {"ended": pid, "status": -signal.SIGKILL}
    two[1].send(b"!")
    assert parent.hear() == {"ended": two[3], "status": 1}
    written = b""
    while b"a defect" not in written:  # which ends with an OSError once there is nothing more to come
        written += os.read(two[0], 4096)
    assert parent.start(3)[3]


def test_a_student_who_has_gone_before_the_fork_leaves_no_traceback(
    parent: Parent, capfd: pytest.CaptureFixture[str]
) -> None:
    master, terminal = os.openpty()
    os.close(master)
    ours, theirs = socket.socketpair()
    socket.send_fds(parent.channel, [Order(1, "xterm", "", "").encode()], [terminal, theirs.fileno()])
    os.close(terminal)
    theirs.close()
    pid = parent.hear()["pid"]
    assert parent.hear() == {"ended": pid, "status": 1}
    assert capfd.readouterr().err == ""
    ours.close()


def test_a_terminal_that_hangs_up_ends_its_process(parent: Parent) -> None:
    master, line, _, pid = parent.start(1)
    os.close(master)
    assert parent.hear() == {"ended": pid, "status": -signal.SIGHUP}
    line.close()
