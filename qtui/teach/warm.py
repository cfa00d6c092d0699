"""The warm parent: a process that has imported everything and forks one student's process after another.

It has no threads and no event loop, no keys and nothing of the server's environment, since it is a program of its own
that the server has started. Orders come as lines of JSON over a socket, each with two file descriptors: the student's
end of a terminal and its end of a line to the class.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import gc
import json
import os
import select
import signal
import socket
import sys
import termios
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

LINE = 3  # the file descriptor of a student's line to the class
LONGEST = 1 << 16  # bytes read at a time
HIGHEST = 1 << 16  # file descriptors beyond which nobody looks


@dataclass(frozen=True)
class Order:
    """A student's process: what its terminal is called, its locale, and a number to tell orders apart by."""

    number: int
    term: str
    locale: str
    name: str  # to suggest to the student
    draws: bool = False  # nobody looks at it: it draws for others

    def encode(self) -> bytes:
        """The order as a line."""
        return json.dumps(asdict(self)).encode() + b"\n"


def is_plain(locale: str) -> bool:
    """Whether a terminal in this locale shows ASCII alone. Without one (Windows sends none) it is taken for UTF-8."""
    return locale in ("C", "POSIX") or ("." in locale and "utf" not in locale.lower())


def serve(channel: socket.socket, begin: Callable[[Order], int], chores: Iterable[object] = ()) -> None:
    """Take orders until `channel` closes. In each new process `begin` runs, and gives its exit status.

    While there are none `chores` go on, step by step: what they leave behind those have who start later.
    Answers, one a line: `{"started": number, "pid": …}` and `{"ended": pid, "status": …}`; `{"kill": pid}` ends one.
    """
    ended, wake = os.pipe()
    for end in (ended, wake):
        os.set_blocking(end, False)
        os.set_inheritable(end, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    pids: set[int] = set()
    read, descriptors = b"", list[int]()
    gc.freeze()
    left, at_chores = iter(chores), True
    while True:
        both: list[Any] = [channel, ended]
        readable, _, _ = select.select(both, [], [], 0 if at_chores else None)
        if not readable:
            at_chores = bool(list(islice(left, 1)))
            gc.freeze()
        if ended in readable:
            with contextlib.suppress(BlockingIOError):
                os.read(ended, LONGEST)
            for pid, status in _reaped():
                pids.discard(pid)
                _tell(channel, {"ended": pid, "status": status})
        if channel in readable:
            try:
                data, came, _, _ = socket.recv_fds(channel, LONGEST, 2)
            except ConnectionResetError:  # the server has gone with something unread
                return
            if not data:
                return
            descriptors += came  # they come with the order that is for them, or with what was sent before it
            *lines, read = (read + data).split(b"\n")
            for line in lines:
                _obey(channel, json.loads(line), descriptors, pids, begin)


def _tell(channel: socket.socket, message: dict[str, int]) -> None:
    with contextlib.suppress(ConnectionError):  # the server has gone: the next look at the channel tells
        channel.sendall(json.dumps(message).encode() + b"\n")


def _reaped() -> Iterator[tuple[int, int]]:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        yield pid, os.waitstatus_to_exitcode(status)


def _obey(
    channel: socket.socket,
    message: dict[str, Any],
    descriptors: list[int],
    pids: set[int],
    begin: Callable[[Order], int],
) -> None:
    if "kill" in message:
        if message["kill"] in pids:  # a process that is this one's child and not yet reaped: its number is its own
            os.kill(message["kill"], signal.SIGKILL)
        return
    order = Order(**message)
    given = [descriptors.pop(0), descriptors.pop(0)]
    try:
        pid = os.fork()
        if pid == 0:
            _be_student(order, given, begin)
        pids.add(pid)
        _tell(channel, {"started": order.number, "pid": pid})
    except OSError as error:
        _tell(channel, {"started": order.number, "pid": 0, "errno": error.errno or errno.EAGAIN})
    finally:
        for descriptor in given:
            os.close(descriptor)


def _be_student(order: Order, descriptors: list[int], begin: Callable[[Order], int]) -> None:
    """Run a student's process, from the fork to its end."""
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        terminal, line = descriptors
        os.setsid()
        try:
            fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
        except OSError:  # the student has gone already
            return
        for place in (0, 1, 2):
            os.dup2(terminal, place)
        # Above the places to fill, so that filling one closes none of the two.
        line = fcntl.fcntl(line, fcntl.F_DUPFD, LINE + 1)
        os.dup2(line, LINE)
        os.closerange(LINE + 1, HIGHEST)
        status = begin(order)
    except BaseException as error:
        with contextlib.suppress(OSError):
            sys.__excepthook__(type(error), error, error.__traceback__)
    finally:
        os._exit(status)
