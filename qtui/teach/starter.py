"""Starts students' processes by a warm parent, and another warm parent where that has ended."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from qtui.error import QtuiError
from qtui.teach.warm import Order

CHANNEL = 3  # the file descriptor at which the warm parent finds its end of the channel
AT_ONCE = 2 * (os.cpu_count() or 1)  # processes that start at the same time: more would only make all of them late
SETTLED = 1.5  # seconds after which a process counts as started even if it has shown nothing
MOST_WAITING = 60  # that wait for their turn
PATIENCE = 15.0  # seconds for the warm parent to fork one, its own start included
HANGING = 3.0  # seconds that a process has to end by itself
AGAIN = 1.0  # seconds between two warm parents
CODE = "import gc; gc.disable(); from qtui.cli.student import main; main()"  # without garbage to look for


class Busy(QtuiError):
    """There is no room for another student now."""


@dataclass(frozen=True)
class Process:
    """A student's process. `ended` is set with its exit status; for one whose parent has ended it never is."""

    pid: int
    ended: asyncio.Future[int]


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """A student's environment: `more`, and of the server's nothing but where Python finds its modules."""
    kept = {name: os.environ[name] for name in ("PYTHONPATH", "VIRTUAL_ENV", "SYSTEMROOT") if name in os.environ}
    return {**kept, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "HOME": "/", "PATH": "/usr/bin:/bin", **more}


class Starter:
    """`start` one; `close` ends the warm parent, but not the students' processes."""

    def __init__(self, arguments: Mapping[str, Any], more: Mapping[str, str]) -> None:
        """`arguments` are for the students' app, as JSON takes them; `more` is for its environment."""
        self._environment = environment(more)
        self._arguments = json.dumps(dict(arguments))
        self._channel: socket.socket | None = None
        self._parent: subprocess.Popen[bytes] | None = None
        self._read = b""
        self._orders: dict[int, asyncio.Future[Process]] = {}
        self._processes: dict[int, Process] = {}
        self._next = 0
        self._last_parent = -AGAIN
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        self._closed = False
        self.parents = 0  # warm parents so far

    def warm_up(self) -> None:
        """Start the warm parent. Raises OSError."""
        ours, theirs = socket.socketpair()
        with theirs:
            self._parent = subprocess.Popen(
                [sys.executable, "-c", f"import os; os.dup2({theirs.fileno()}, {CHANNEL}); {CODE}", self._arguments],
                env=self._environment,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self.parents += 1
        ours.setblocking(False)
        self._channel, self._read = ours, b""
        loop = asyncio.get_running_loop()
        self._last_parent = loop.time()
        loop.add_reader(ours.fileno(), self._readable)

    async def start(self, order: Order, terminal: int, line: int, shown: asyncio.Event) -> Process:
        """A new student's process with `terminal` and `line`, file descriptors that stay the caller's.

        The order gets a number here. Others wait until `shown` is set. Raises Busy.
        """
        if self._waiting >= MOST_WAITING:
            raise Busy("too many come in at once; try again in a minute")
        self._waiting += 1
        try:
            await self._turns.acquire()
        finally:
            self._waiting -= 1
        try:
            process = await self._fork(order, terminal, line)
        except BaseException:
            self._turns.release()
            raise
        settled = asyncio.ensure_future(asyncio.wait_for(shown.wait(), SETTLED))
        settled.add_done_callback(self._settled)
        return process

    def _settled(self, waited: asyncio.Future[Any]) -> None:
        if not waited.cancelled():
            waited.exception()
        self._turns.release()

    async def _fork(self, order: Order, terminal: int, line: int) -> Process:
        if self._channel is None:
            await self._another_parent()
        self._next += 1
        order = replace(order, number=self._next)
        answer: asyncio.Future[Process] = asyncio.get_running_loop().create_future()
        self._orders[order.number] = answer
        try:
            assert self._channel is not None
            socket.send_fds(self._channel, [order.encode()], [terminal, line])
            return await asyncio.wait_for(answer, PATIENCE)
        except (OSError, AssertionError, asyncio.TimeoutError):
            raise Busy("the class can't start another qtui now; try again in a minute") from None
        finally:
            self._orders.pop(order.number, None)

    async def _another_parent(self) -> None:
        loop = asyncio.get_running_loop()
        wait = self._last_parent + AGAIN - loop.time()
        if wait > 0:
            await asyncio.sleep(wait)
        if self._channel is None and not self._closed:
            self.warm_up()

    def kill(self, process: Process) -> None:
        """End a process at once; one whose parent has ended is left to its terminal's hanging up."""
        if process.pid in self._processes and self._channel is not None:
            try:
                self._channel.send(json.dumps({"kill": process.pid}).encode() + b"\n")
            except OSError:
                return

    def _readable(self) -> None:
        assert self._channel is not None
        try:
            data = self._channel.recv(1 << 16)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._lost()
            return
        *lines, self._read = (self._read + data).split(b"\n")
        for line in lines:
            self._take(json.loads(line))

    def _take(self, message: Mapping[str, int]) -> None:
        if "started" in message:
            answer = self._orders.get(message["started"])
            if answer is None or answer.done():
                return
            if not message["pid"]:
                answer.set_exception(OSError(message.get("errno", 0), "no process"))
                return
            process = Process(message["pid"], asyncio.get_running_loop().create_future())
            self._processes[process.pid] = process
            answer.set_result(process)
        elif "ended" in message:
            ended = self._processes.pop(message["ended"], None)
            if ended is not None and not ended.ended.done():
                ended.ended.set_result(message["status"])

    def _lost(self) -> None:
        """The warm parent has ended. Those whom it has started go on; the next one finds a new parent."""
        self._drop()
        for answer in self._orders.values():
            if not answer.done():
                answer.set_exception(OSError("the warm parent has ended"))
        self._processes.clear()

    def _drop(self) -> None:
        if self._channel is not None:
            asyncio.get_running_loop().remove_reader(self._channel.fileno())
            self._channel.close()
            self._channel = None
        if self._parent is not None:
            if self._parent.poll() is None:
                self._parent.send_signal(signal.SIGTERM)
            self._parent = None

    def close(self) -> None:
        """Start no more processes, and end the warm parent."""
        self._closed = True
        self._drop()
