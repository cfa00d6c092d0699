"""A class for tests: held in a process of its own, with students over SSH and a teacher who speaks by messages."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyte

from qtui.teach.messages import OF_ROOM, Lead, Poll, Roster, RosterRow
from qtui.teach.protocol import LONGEST_TO_LEADER, Message, decode, encode
from tests.support.harness import UNKNOWN_TO_PYTE

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 20.0


class Held:
    """A class that is being held."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.path = str(folder / "class.sock")
        self.connections: list[Any] = []
        self.folder = folder
        env = {**os.environ, "XDG_STATE_HOME": str(folder), "XDG_RUNTIME_DIR": "", "PYTHONPATH": str(ROOT)}
        env |= {"SECRET": "of the teacher", "TMPDIR": str(folder)}
        command = [sys.executable, "-m", "qtui", "teach", "--headless", "--port", "0", "--socket", self.path]
        user = ["--user", "root"] if os.geteuid() == 0 else []
        self.process = subprocess.Popen(
            [*command, *user, *(options or ("--no-password",))], stdout=subprocess.PIPE, text=True, env=env
        )
        assert self.process.stdout is not None
        self.told = ""
        while "the class is at" not in self.told:
            line = self.process.stdout.readline()
            assert line, self.told
            self.told += line
        match = re.search(r"-p (\d+)", self.told)
        self.port = int(match.group(1)) if match else 0

    def teacher(self) -> Teacher:
        """Somebody who leads it."""
        return Teacher(self.path)

    def hang_up(self) -> None:
        """All students that have come in go."""
        while self.connections:
            connection = self.connections.pop()
            if not connection.is_closed():
                connection.abort()

    def children(self) -> list[int]:
        """Processes of the class: the warm parent, and then its students."""
        parents: dict[int, list[int]] = {}
        for entry in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                stat = Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()
                if stat[0] != "Z":
                    parents.setdefault(int(stat[1]), []).append(int(entry))
        warm = parents.get(self.process.pid, [])
        return [*warm, *(child for pid in warm for child in parents.get(pid, []))]

    def end(self) -> int:
        """Stop holding it; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


class Teacher:
    """Leads by messages."""

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(path)
        self._socket.settimeout(PATIENCE)
        self._read = b""
        self.heard: list[Message] = []
        self.say(Lead(Path(f"{path}.key").read_text()))

    def say(self, *messages: Message) -> None:
        """Tell the class something."""
        for message in messages:
            self._socket.sendall(encode(message))

    def _hear(self) -> None:
        data = self._socket.recv(1 << 20)
        assert data, "the class has hung up"
        *lines, self._read = (self._read + data).split(b"\n")
        self.heard += [decode(line, OF_ROOM, LONGEST_TO_LEADER) for line in lines]

    def roster(self, fits: Any) -> dict[str, RosterRow]:
        """The first roster for which `fits`, a function of its rows by name, says so; not while it misses a name."""

        def has(rows: dict[str, RosterRow]) -> bool:
            with contextlib.suppress(KeyError):
                return bool(fits(rows))
            return False

        return dict(self._wait(Roster, lambda roster: {row.name: row for row in roster.rows}, has))

    def tally(self, *counts: int) -> Poll:
        """The question, once it has those counts."""
        return self._wait(Poll, lambda poll: poll, lambda poll: poll.counts == counts)  # type: ignore[no-any-return]

    def _wait(self, kind: type[Message], value: Any, fits: Any) -> Any:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            last = next((message for message in reversed(self.heard) if isinstance(message, kind)), None)
            if last is not None and fits(value(last)):
                return value(last)
            self._hear()
        raise AssertionError(f"never came; last: {last}")

    def close(self) -> None:
        """The line drops."""
        self._socket.close()


class Student:
    """One over SSH, with a screen. Made by `student`."""

    def __init__(self, connection: Any, channel: Any, inlet: Screen) -> None:
        self.connection = connection
        self.channel = channel
        self.inlet = inlet

    @property
    def text(self) -> str:
        """The screen."""
        return "\n".join(row.rstrip() for row in self.inlet.screen.display)

    async def shows(self, *texts: str) -> str:
        """The screen, once it has all of `texts`."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if all(text in self.text for text in texts):
                return self.text
            await asyncio.sleep(0.02)
        raise AssertionError(f"never came: {texts}\n{self.text}")

    async def ended(self) -> None:
        """The class has hung up."""
        await asyncio.wait_for(self.connection.wait_closed(), PATIENCE)

    def type(self, keys: str) -> None:
        """Press keys."""
        self.channel.write(keys.encode())

    async def named(self, name: str) -> Student:
        """Give the name."""
        await self.shows("Your name")
        self.type(f"\x15{name}\r")
        return self

    async def close(self) -> None:
        """Hang up."""
        self.connection.abort()
        await self.connection.wait_closed()


class Screen:
    """What a client's session shows; as asyncssh's client session."""

    def __init__(self, columns: int = 80, rows: int = 24) -> None:
        self.screen = pyte.Screen(columns, rows)
        self.bytes = b""
        self._stream = pyte.ByteStream(self.screen)
        self.reads = True

    def data_received(self, data: bytes, datatype: Any) -> None:
        """Output."""
        self.bytes += data
        self._stream.feed(UNKNOWN_TO_PYTE.sub(b"", data))

    def __getattr__(self, name: str) -> Any:
        return lambda *_: None  # what else a session is told


async def student(held: Held, user: str = "ann", term: str = "xterm-256color", **options: Any) -> Student:
    """Somebody who has come in."""
    import asyncssh

    size = options.pop("size", (80, 24))
    asked = options.pop("asked", size)
    env = options.pop("env", {"LANG": "C.UTF-8"})
    connection = await asyncssh.connect(
        "127.0.0.1",
        held.port,
        username=user,
        known_hosts=None,
        client_keys=options.pop("client_keys", None),
        **options,
    )
    held.connections.append(connection)
    screen = Screen(*size)
    channel, _ = await connection.create_session(
        lambda: screen,  # type: ignore[arg-type,return-value]
        request_pty=True,
        term_type=term,
        term_size=asked,
        encoding=None,
        env=env,
    )
    return Student(connection, channel, screen)


@contextlib.contextmanager
def held(folder: Path, *options: str) -> Iterator[Held]:
    """A class, for as long as the block runs."""
    class_ = Held(folder, *options)
    try:
        yield class_
    finally:
        class_.end()


def as_json(text: str) -> Any:
    """The last line of `text` as JSON."""
    return json.loads(text.strip().splitlines()[-1])
