"""One process draws for all whose windows are alike."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from qtui.teach import drawing
from qtui.teach.drawing import Drawing, Window
from qtui.teach.line import Line
from qtui.teach.messages import OF_ROOM, ClassState, Drawn, Join, Lead, Poll, Show, Welcome
from qtui.teach.protocol import LONGEST_TO_LEADER, decode, encode
from qtui.teach.starter import Busy, Starter
from qtui.teach.warm import Order
from tests.support.classes import Held, held, student

BITS = {"pane": "bits", "value": "0.15625"}
WINDOW = Window(80, 24, "xterm", False)
PICTURE = {"rows": [], "looks": []}


class Transport:
    """What is written to a line."""

    def __init__(self) -> None:
        self.data = b""
        self.waiting = 0
        self.closed = False

    def write(self, data: bytes) -> None:
        self.data += data

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    abort = close


class Processes:
    """A starter whose processes are the test."""

    def __init__(self) -> None:
        self.lines: list[Any] = []  # the far ends
        self.terminals: list[int] = []
        self.busy = False
        self.killed = 0

    async def start(self, order: Order, terminal: int, line: int, shown: asyncio.Event) -> object:
        if self.busy:
            raise Busy("busy")
        assert order.draws and os.get_terminal_size(terminal) == (80, 24)
        reader, writer = await asyncio.open_unix_connection(sock=_socket(line), limit=LONGEST_TO_LEADER)
        self.terminals.append(os.dup(terminal))
        self.lines.append((reader, writer))
        return object()

    def kill(self, process: object) -> None:
        self.killed += 1


def _socket(line: int) -> Any:
    return socket.socket(fileno=os.dup(line))


class Keeper:
    def opened(self, line: Line) -> None: ...
    def take(self, line: Line, message: Any) -> None: ...
    def closed(self, line: Line) -> None: ...


def a_line(number: int) -> tuple[Line, Transport]:
    line, transport = Line(Keeper(), number), Transport()
    line.transport = cast(Any, transport)
    return line, transport


def sent(transport: Transport) -> list[tuple[int, str]]:
    """The states that a line was sent since the last call, and whether a picture has come with each, or will come."""
    data, transport.data = transport.data, b""
    messages = [decode(row, OF_ROOM) for row in data.splitlines()]
    states = [message for message in messages if isinstance(message, ClassState)]
    return [(state.number, "drawn" if state.picture else "coming" if state.coming else "") for state in states]


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "PATIENCE", 0.05)
    monkeypatch.setattr(drawing, "AGAIN", 0.01)
    monkeypatch.setattr(drawing, "HANGING", 0.0)


async def until(condition: Any) -> None:
    for _ in range(400):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("never came")


async def drawer(processes: Processes, number: int) -> tuple[Any, Any]:
    """The far end of a drawing process, once it has been told where the class is."""
    await until(lambda: processes.lines)
    reader, writer = processes.lines[-1]
    assert isinstance(decode(await reader.readline(), OF_ROOM), Welcome)
    state = decode(await reader.readline(), OF_ROOM)
    assert isinstance(state, ClassState) and state.number == number
    return reader, writer


async def test_who_waits_is_sent_the_picture_and_nobody_waits_for_long() -> None:
    processes = Processes()
    draws = Drawing(cast(Starter, processes))
    lines = [a_line(number) for number in range(3)]
    first = ClassState(1, BITS)
    draws.tell(first)
    assert not draws.has(lines[0][0], first)  # nobody draws yet
    for line, _ in lines:
        draws.sees(line, WINDOW)
    reader, writer = await drawer(processes, 1)
    assert draws.has(lines[0][0], first)
    writer.write(encode(Drawn(1, PICTURE)))
    await until(lambda: lines[0][1].data.count(b"\n") == 2)
    assert sent(lines[0][1]) == [(1, "coming"), (1, "drawn")]
    assert draws.has(lines[1][0], first)
    assert sent(lines[1][1]) == [(1, "drawn")]

    second = ClassState(2, BITS)
    draws.tell(second)
    assert all(draws.has(line, second) for line, _ in lines)
    assert [sent(transport) for _, transport in lines] == [[], [], []]
    lines[2][1].waiting = drawing.BEHIND + 1
    writer.write(encode(Drawn(2, PICTURE)))
    await until(lambda: lines[2][1].data)
    assert [sent(transport) for _, transport in lines] == [[(2, "drawn")], [(2, "drawn")], [(2, "coming")]]
    writer.write(encode(Drawn(2, PICTURE)) + encode(Drawn(1, PICTURE)))  # it goes on; what is late is left aside
    await until(lambda: lines[0][1].data)
    await asyncio.sleep(0.01)
    assert [sent(transport) for _, transport in lines] == [[(2, "drawn")], [(2, "drawn")], []]

    third = ClassState(3, BITS)
    draws.tell(third)
    assert draws.has(lines[0][0], third)
    await until(lambda: lines[0][1].data)
    assert draws.has(lines[1][0], third)
    assert [sent(lines[number][1]) for number in (0, 1)] == [[(3, "coming")], [(3, "coming")]]  # it is late
    writer.write(encode(Drawn(3, PICTURE)))
    await until(lambda: lines[1][1].data)
    assert [sent(lines[number][1]) for number in (0, 1)] == [[(3, "drawn")], [(3, "drawn")]]
    draws.reveal(Poll(1, revealed=True))
    messages = [decode(await reader.readline(), OF_ROOM) for _ in range(3)]
    assert [type(message) for message in messages] == [ClassState, ClassState, Poll]
    draws.close()
    assert await reader.read() == b""
    await until(lambda: processes.killed)


async def test_a_process_that_ends_lets_nobody_wait_and_another_comes() -> None:
    processes = Processes()
    draws = Drawing(cast(Starter, processes))
    draws.tell(ClassState(1, BITS))
    lines = [a_line(number) for number in range(3)]
    for line, _ in lines:
        draws.sees(line, WINDOW)
    _, writer = await drawer(processes, 1)
    writer.write(encode(Drawn(1, PICTURE)))
    await until(lambda: draws.processes[WINDOW].picture.number == 1)
    second = ClassState(2, BITS)
    draws.tell(second)
    assert draws.has(lines[1][0], second)
    writer.write(encode(Join("of a student")))  # it may say nothing but how a state looks
    await until(lambda: lines[1][1].data)
    assert draws.has(lines[2][0], second)
    assert [sent(lines[number][1]) for number in (1, 2)] == [[(2, "coming")], [(2, "coming")]]
    await until(lambda: len(processes.lines) == 2)
    for line, _ in lines:
        draws.left(line)
    await until(lambda: processes.killed == 2)
    processes.busy = True
    for line, _ in lines:
        draws.sees(line, WINDOW)
    await asyncio.sleep(0.03)
    assert draws.has(lines[0][0], second)
    assert sent(lines[0][1]) == [(2, "coming")]
    draws.left(lines[2][0])
    assert not draws.has(lines[0][0], second)  # too few windows are alike now
    draws.close()


async def test_only_the_windows_that_most_have_are_drawn_for() -> None:
    draws = Drawing(cast(Starter, Processes()))
    for number in range(40):  # ten windows, four of each
        draws.sees(a_line(number)[0], Window(80, 24, f"x{number // 4}", False))
    await until(lambda: len(draws.processes) == drawing.MOST)
    for number in range(100, 105):
        draws.sees(a_line(number)[0], Window(80, 24, "y", False))
    await until(lambda: Window(80, 24, "y", False) in draws.processes)
    assert len(draws.processes) == drawing.MOST
    draws.close()
    assert not draws.processes


async def test_what_is_closed_before_it_has_begun_does_not_begin() -> None:
    starter = Processes()
    draws = Drawing(cast(Starter, starter))
    for number in range(4):
        draws.sees(a_line(number)[0], WINDOW)
    assert draws.processes
    draws.close()
    assert not draws.processes
    await asyncio.sleep(0.05)
    assert not starter.lines and not draws.processes


@pytest.fixture
def lesson(tmp_path: Path) -> Iterator[Held]:
    with held(tmp_path, "--no-password") as class_:
        yield class_


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds processes in /proc")
async def test_three_students_are_shown_what_a_fourth_process_draws(lesson: Held) -> None:
    teacher = lesson.teacher()
    teacher.say(Show(BITS))
    several = [await student(lesson, f"s{number}") for number in range(3)]
    for number, one in enumerate(several):
        await one.named(f"S{number}")
    await until(lambda: len(lesson.children()) == 5)
    for one in several:
        await one.shows("[2 Bits]", "0.15625", "following the class")
    for number in range(1, 9):  # by then the process draws for all of them
        teacher.say(Show({**BITS, "value": f"0.{number}"}))
        screens = [await one.shows(f"0.{number}000000", "following the class") for one in several]
    assert screens[0] == screens[1] == screens[2]
    rows = teacher.roster(lambda rows: len(rows) == 3 and all(row.lag >= 0 for row in rows.values()))
    assert {*rows} == {"S0", "S1", "S2"}
    several[0].type("3")
    await several[0].shows("[3 Quantizer]", "exploring")
    several[0].type("@")
    await several[0].shows("[2 Bits]", "following the class")
    os.kill(max(lesson.children()), signal.SIGKILL)  # it was started last
    teacher.say(Show({**BITS, "value": "0.15625"}))
    for one in several:
        await one.shows("0.15625", "following the class")
    teacher.close()


def test_nobody_but_such_a_process_says_how_a_state_looks() -> None:
    line, transport = a_line(1)
    line.data_received(encode(Drawn(1, PICTURE)))
    assert b"unknown kind" in transport.data and transport.closed
    other, transport = a_line(2)
    other.data_received(encode(Lead("x")))
    assert not transport.closed
