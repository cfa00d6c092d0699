"""A class under load: real `ssh` clients join `qtui teach` on loopback and follow a lesson.

    python -m tests.benchmarks.bench_class --students 40 --within 2 --steps 25

Prints the table of the README: joins, how late the class sees each step, memory and processor time, with date,
machine and load. The clients and what measures them run on the same processors.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import pty
import re
import selectors
import shutil
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from qtui.teach.messages import OF_ROOM, Lead, Roster, Show
from qtui.teach.protocol import LONGEST_TO_LEADER, decode, encode

SSH = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"]
FIRST_FRAME = b"Your name"
OWN_KEY = b"\x1b[C"  # Right: a step away from the class
TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Client:
    """One `ssh` in a terminal."""

    pid: int
    fd: int
    started: float
    first: float = 0.0
    output: bytearray = field(default_factory=bytearray)
    last: float = 0.0  # when bytes came last
    since: float = 0.0  # when the present step was shown
    ended: bool = False


class Load:
    """Clients, and the time at which each of their bytes comes."""

    def __init__(self, port: int, windows: int) -> None:
        self._port = port
        self._windows = windows  # sizes that they have among them
        self._selector = selectors.DefaultSelector()
        self.clients: list[Client] = []

    def join(self, number: int) -> None:
        """Start one more client."""
        command = ["ssh", *SSH, "-p", str(self._port), f"student{number}@127.0.0.1"]
        started = time.perf_counter()
        pid, fd = pty.fork()
        if pid == 0:
            os.environ.update({"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"})
            os.execvp("ssh", command)
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80 + number % self._windows, 0, 0))
        os.set_blocking(fd, False)
        client = Client(pid, fd, started)
        self.clients.append(client)
        self._selector.register(fd, selectors.EVENT_READ, client)

    def pump(self, seconds: float) -> None:
        """Read what comes for so long."""
        until = time.perf_counter() + seconds
        while (left := until - time.perf_counter()) > 0:
            for key, _ in self._selector.select(left):
                client: Client = key.data
                try:
                    data = os.read(client.fd, 1 << 16)
                except OSError:
                    data = b""
                now = time.perf_counter()
                if not data:
                    client.ended = True
                    self._selector.unregister(client.fd)
                    continue
                client.output += data
                client.last = now
                if not client.first and FIRST_FRAME in client.output:
                    client.first = now

    def type(self, keys: bytes, clients: Iterable[Client] | None = None) -> None:
        """Everybody types, or those `clients`."""
        for client in self.clients if clients is None else clients:
            with contextlib.suppress(OSError):
                os.write(client.fd, keys)

    def effect(self, keys: bytes, clients: Sequence[Client], within: float) -> list[float]:
        """Seconds from the keys of these clients to the last byte that each is sent `within` so many."""
        typed = time.perf_counter()
        self.type(keys, clients)
        self.pump(within)
        return [client.last - typed for client in clients if client.last > typed]

    def end(self) -> None:
        """All leave."""
        for client in self.clients:
            with contextlib.suppress(OSError):
                os.kill(client.pid, signal.SIGKILL)
            os.close(client.fd)
            os.waitpid(client.pid, 0)


class Teacher:
    """Leads by the messages that the app would send."""

    def __init__(self, path: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self._read = b""
        self.say(Lead(Path(f"{path}.key").read_text()))

    def say(self, message: Any) -> None:
        self.socket.sendall(encode(message))

    def roster(self) -> Roster:
        """The last roster that has come."""
        last = Roster()
        self.socket.settimeout(0.6)
        with contextlib.suppress(TimeoutError):
            while data := self.socket.recv(1 << 20):
                *lines, self._read = (self._read + data).split(b"\n")
                for line in lines:
                    message = decode(line, OF_ROOM, LONGEST_TO_LEADER)
                    last = message if isinstance(message, Roster) else last
        return last


def lesson(steps: int, tour: bool = False) -> list[dict[str, Any]]:
    """Where a teacher goes: a value's bits, then numbers in blocks, as in a lesson of so many steps; or the tour."""
    if tour:
        return [{"pane": "tour", "step": 1 + number} for number in range(steps)]
    values = ("0.1", "1/3", "-0.0", "65504", "1e-8", "inf", "3.14159", "0.3")
    places: list[dict[str, Any]] = []
    for number in range(steps):
        if number % 5 < 3:
            places.append({"pane": "bits", "value": values[(number + number // 5) % len(values)]})
        else:
            places.append({"pane": "quantize", "format": ["int4:sym", f"int{2 + number % 7}:asym"]})
    return places


def processes_under(root: int) -> list[int]:
    """`root` and all its descendants."""
    parents: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError):
                stat = Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()
                parents.setdefault(int(stat[1]), []).append(int(entry))
    every, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        every.append(pid)
        waiting += parents.get(pid, [])
    return every


def cpu(pids: list[int]) -> float:
    """Seconds of processor time that they have taken."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(stat[11]) + int(stat[12])
    return total / TICK


def pss(pid: int) -> float:
    """MB of memory that are a process's own, shared pages by their share."""
    with contextlib.suppress(OSError):
        match = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
        return int(match.group(1)) * 1024 / 1e6 if match else 0.0
    return 0.0


def quantile(values: list[float], share: float) -> float:
    """The value below which so large a share lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def measure(
    students: int, within: float, steps: int, gap: float, user: str, wait: float, tour: bool, windows: int
) -> dict[str, Any]:
    """One class, from the first join to the last step."""
    folder = tempfile.mkdtemp(prefix="qtui-class-")
    path = os.path.join(folder, "class.sock")
    env = {**os.environ, "XDG_STATE_HOME": folder, "XDG_RUNTIME_DIR": folder}
    command = [sys.executable, "-m", "qtui", "teach", "--headless", "--no-password", "--port", "0", "--socket", path]
    command += ["--students", str(students), "--user", user]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env)
    try:
        assert server.stdout is not None
        port = int(re.search(r"-p (\d+)", server.stdout.readline()).group(1))  # type: ignore[union-attr]
        time.sleep(3)  # the warm parent gets warm
        load, teacher = Load(port, windows), Teacher(path)
        places = lesson(steps + 1, tour)
        teacher.say(Show(places[0]))
        begun = time.perf_counter()
        for number in range(students):
            load.join(number)
            load.pump(max(0.0, begun + within * (number + 1) / students - time.perf_counter()))
        while time.perf_counter() - begun < 60 and not all(client.first for client in load.clients):
            load.pump(0.05)
        joins = [client.first - client.started for client in load.clients if client.first]
        all_in = max((client.first for client in load.clients), default=0.0) - begun
        load.pump(1)
        load.type(b"\r")
        load.pump(wait)
        every = processes_under(server.pid)
        inside = [pid for pid in every if pid != server.pid]
        warm = max(inside, key=lambda pid: len(processes_under(pid)))
        apps = sorted(pid for pid in inside if pid != warm)
        before, since, of_apps, of_server = cpu(every), time.perf_counter(), cpu(apps), cpu([server.pid])
        late: list[float] = []
        silent = 0
        for place in places[1:]:
            shown = time.perf_counter()
            teacher.say(Show(place))
            load.pump(gap)
            came = [client.last - shown for client in load.clients if client.last > shown]
            late += came
            silent += students - len(came)
        share = (cpu(every) - before) / (time.perf_counter() - since)
        of_apps, of_server = cpu(apps) - of_apps, cpu([server.pid]) - of_server
        roster = teacher.roster()
        memory = [pss(pid) for pid in apps[:students]]  # those behind are drawing processes
        others = sum(map(pss, every)) - sum(memory)
        half = students // 2  # of the students explore one after the other, the rest at once
        alone = [late for client in load.clients[:half] for late in load.effect(OWN_KEY, [client], 0.7)]
        spent = cpu(apps)
        together = load.effect(OWN_KEY, load.clients[half:], 12)
        spent = cpu(apps) - spent
        busy = [pss(pid) for pid in apps[:students]]
        result = {
            "students": students,
            "joined": len(joins),
            "first frame, median s": statistics.median(joins) if joins else None,
            "first frame, slowest s": max(joins, default=None),
            "from the first join to the last frame s": all_in,
            "following at the end": sum(row.following for row in roster.rows),
            "steps": steps,
            "step seen after, median s": statistics.median(late) if late else None,
            "step seen after, 95 % s": quantile(late, 0.95),
            "step seen after, slowest s": max(late, default=None),
            "steps that changed nothing on a screen": silent,
            "lines lost": sum(client.ended for client in load.clients),
            "processors in use": share,
            "CPU a student and step, ms": 1000 * of_apps / (students * steps),
            "CPU of the server, a student and step, ms": 1000 * of_server / (students * steps),
            "MB a student (PSS), mean": statistics.mean(memory) if memory else None,
            "MB of the server, the warm parent and what draws": others,
            "first own key seen after, one by one, median s": statistics.median(alone) if alone else None,
            "first own key seen after, one by one, 95 % s": quantile(alone, 0.95),
            "first own key of half the class at once, median s": statistics.median(together) if together else None,
            "first own key of half the class at once, 95 % s": quantile(together, 0.95),
            "CPU of a first own key, ms": 1000 * spent / (students - half),
            "MB a student who explores (PSS), mean": statistics.mean(busy) if busy else None,
        }
        for client in load.clients:
            if client.ended:
                print("lost:", bytes(client.output[-160:]), file=sys.stderr)
        load.end()
        return result
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="a class under load")
    parser.add_argument("--students", type=int, default=40)
    parser.add_argument("--within", type=float, default=2.0, help="seconds in which all join")
    parser.add_argument("--steps", type=int, default=25)
    parser.add_argument("--gap", type=float, default=1.0, help="seconds between two steps")
    parser.add_argument("--wait", type=float, default=20.0, help="seconds before the first step")
    parser.add_argument("--user", default="nobody")
    parser.add_argument("--tour", action="store_true", help="follow the tour, whose steps are dearer")
    parser.add_argument("--windows", type=int, default=1, help="sizes of window; those alike share a drawing process")
    args = parser.parse_args()
    before = os.getloadavg()[0]
    result = measure(args.students, args.within, args.steps, args.gap, args.user, args.wait, args.tour, args.windows)
    print(f"{date.today()}, {os.cpu_count()} processors, Python {sys.version.split()[0]}, load before {before:.1f}")
    for name, value in result.items():
        print(f"{name:<48} {value:.3f}" if isinstance(value, float) else f"{name:<48} {value}")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
