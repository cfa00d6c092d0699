"""Clients that do what no student does: the class goes on for the others."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import resource
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from qtui.teach.joins import JoinLog
from qtui.teach.messages import Bye, Join, Show
from qtui.teach.protocol import LONGEST, encode
from qtui.teach.service import Service
from tests.support.classes import Held, Teacher, held, student

asyncssh = pytest.importorskip("asyncssh", reason="a class over SSH needs asyncssh: pip install 'qtui[teach]'")

FLOOD = int(os.environ.get("QTUI_FLOOD", "300"))  # connections at once
BITS = {"pane": "bits", "value": "0.15625"}


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    with held(tmp_path_factory.mktemp("class"), "--no-password", "--students", "8") as class_:
        yield class_


@pytest.fixture
async def teacher(lesson: Held) -> AsyncIterator[Teacher]:
    teacher = lesson.teacher()
    teacher.say(Show(BITS))
    yield teacher
    teacher.close()
    lesson.hang_up()


async def follows(lesson: Held, teacher: Teacher, value: str) -> None:
    """A student comes in, and sees what the teacher shows next."""
    good = await (await student(lesson, "good")).named("Good")
    await good.shows("following")
    teacher.say(Show({**BITS, "value": value}))
    await good.shows(f"{value}00000")
    await good.close()


def random_bytes(count: int) -> bytes:
    return random.Random(count).randbytes(count)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"x" * 200_000,
        b"\n" * 50_000,
        random_bytes(100_000),
        b"SSH-2.0-x\r\n" + random_bytes(100_000),
        b"SSH-2.0-x\r\n" + b"\xff\xff\xff\xff" * 20_000,
        b"SSH-2.0-x\r\n" + (b"\x00\x00\x00\x0c\x0a\x14" + bytes(10)) * 5_000,
        b"SSH-1.5-old\r\n",
        b"SSH-2.0-" + b"y" * 100_000 + b"\r\n",
    ],
)
async def test_garbage_at_the_door(lesson: Held, data: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", lesson.port)
    with contextlib.suppress(OSError):
        writer.write(data)
        writer.write_eof()
        while await asyncio.wait_for(reader.read(1 << 16), 5):
            pass
    writer.close()
    assert lesson.process.poll() is None


async def test_garbage_after_the_handshake(lesson: Held) -> None:
    async with asyncssh.connect("127.0.0.1", lesson.port, known_hosts=None, client_keys=None) as connection:
        os.write(connection.get_extra_info("socket").fileno(), random_bytes(5000))
        await asyncio.wait_for(connection.wait_closed(), 5)
    assert lesson.process.poll() is None


async def test_a_flood_of_connections_that_say_nothing(lesson: Held, teacher: Teacher) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, FLOOD + 500), hard))
    silent = []
    try:
        for _ in range(FLOOD):
            end = socket.socket()
            end.setblocking(False)
            end.connect_ex(("127.0.0.1", lesson.port))
            silent.append(end)
        await asyncio.sleep(3.2)  # those that have had their chance make room
        await follows(lesson, teacher, "0.3")
        if os.path.isdir(f"/proc/{lesson.process.pid}/fd"):
            assert len(os.listdir(f"/proc/{lesson.process.pid}/fd")) < 200
    finally:
        for end in silent:
            end.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_floods_of_channels_sizes_and_keys(lesson: Held, teacher: Teacher) -> None:
    bad = await (await student(lesson, "bad")).named("Bad")
    await bad.shows("following")

    async def another() -> None:
        with pytest.raises(asyncssh.ChannelOpenError):
            await bad.connection.create_process(request_pty=True, term_type="xterm")

    await asyncio.gather(*(another() for _ in range(100)))
    for number in range(500):
        bad.channel.change_terminal_size(number * 10_000_019 % (1 << 31), 1 << 30)
    bad.channel.change_terminal_size(80, 24)
    bad.channel.write(b"\x1b[200~" + b"a\x1b[31m\n" * 130_000 + b"\x1b[201~")
    await follows(lesson, teacher, "0.4")
    bad.channel.write(b"\x0c")
    await bad.shows("exploring")
    assert max(len(row) for row in bad.text.splitlines()) <= 80


async def test_floods_at_a_student_who_only_looks_on(lesson: Held, teacher: Teacher) -> None:
    several = [await student(lesson, f"s{number}") for number in range(3)]
    for number, looking in enumerate(several[1:], 1):
        await looking.named(f"S{number}")
    bad = several[0]
    await bad.shows("Your name")
    bad.channel.write(b"a\x1b[31m\x00\xff\x1b[<35;3;3M" * 300)
    for number in range(200):
        bad.channel.change_terminal_size(number * 10_000_019 % (1 << 31), 1 << 30)
    bad.channel.change_terminal_size(80, 24)
    await bad.named("Odd")
    await asyncio.gather(*(looking.shows("0.15625", "following the class") for looking in several))
    bad.channel.write(b"\x1b[200~" + b"a\x1b[31m\n" * 5_000)
    bad.channel.change_terminal_size(60, 18)
    bad.channel.change_terminal_size(80, 24)
    teacher.say(Show({**BITS, "value": "0.45"}))
    await asyncio.gather(*(looking.shows("0.450000") for looking in several[1:]))
    bad.channel.write(b"\x1b[201~")
    await bad.shows("exploring")
    assert {"Odd", "S1", "S2"} == {*teacher.roster(lambda rows: not rows["Odd"].following)}


async def test_what_is_asked_before_a_session_is_bounded(lesson: Held) -> None:
    async with asyncssh.connect("127.0.0.1", lesson.port, known_hosts=None, client_keys=None) as connection:
        with pytest.raises((asyncssh.ConnectionLost, asyncssh.ChannelOpenError, ConnectionError)):
            await connection.create_process(
                term_type="xterm", env={f"LC_{number}": "x" * 1000 for number in range(200)}
            )
        await asyncio.wait_for(connection.wait_closed(), 5)


@pytest.mark.parametrize("user", ["x" * 500, " ", "日本" * 20, "$(id)"])
async def test_hostile_names_are_only_characters(lesson: Held, teacher: Teacher, user: str) -> None:
    guest = await student(lesson, user)
    await guest.shows("Your name")
    guest.type("\r")
    await guest.shows("following")
    (name,) = teacher.roster(lambda rows: len(rows) == 1)
    assert name.isprintable() and 0 < len(name) <= 16
    await guest.close()
    teacher.roster(lambda rows: not rows)


async def test_a_state_that_can_not_be_shown_is_said_and_left_aside(lesson: Held, teacher: Teacher) -> None:
    ann = await (await student(lesson, "ann")).named("Ann")
    await ann.shows("0.15625")
    for scenario, words in (
        ({"pane": "nowhere"}, "does not have"),
        ({"pane": "bits", "value": 5}, "not 5"),
        ({"pane": "plan", "out": "/x"}, "reaches beyond"),
    ):
        teacher.say(Show(scenario))
        await ann.shows(words, "0.15625")
    teacher.say(Show({"pane": "errors", "path": "/nowhere/gone.gguf"}))
    await ann.shows("[4 Errors]", "a kiosk opens no files")
    await follows(lesson, teacher, "0.6")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds processes in /proc")
async def test_a_student_killed_and_then_the_warm_parent(lesson: Held, teacher: Teacher) -> None:
    ann, ben = await student(lesson, "ann"), await student(lesson, "ben")
    await ann.named("Ann")
    teacher.roster(lambda rows: "Ann" in rows)
    await ben.named("Ben")
    await asyncio.gather(ann.shows("following"), ben.shows("following"))
    warm, *inside = lesson.children()
    assert len(inside) == 2
    os.kill(max(inside), signal.SIGKILL)  # Ben's, forked last
    await asyncio.wait_for(
        asyncio.wait([asyncio.ensure_future(guest.ended()) for guest in (ann, ben)], return_when="FIRST_COMPLETED"),
        10,
    )
    assert len(teacher.roster(lambda rows: len(rows) == 1)) == 1
    os.kill(warm, signal.SIGKILL)
    left = ben if ann.connection.is_closed() else ann
    teacher.say(Show({**BITS, "value": "0.7"}))
    await left.shows("0.700000")  # goes on without its parent
    await asyncio.sleep(0.1)
    await follows(lesson, teacher, "0.8")  # from another warm parent
    await left.shows("0.800000")
    left.type("q")
    await left.ended()


def test_a_log_on_a_full_disk_is_said_once() -> None:
    log = JoinLog("/dev/full")
    log.write("joined", "Ann")
    assert "No space left" in log.trouble
    log.trouble = ""
    log.write("joined", "Ben")
    assert log.trouble == ""


# The class's own lines, without SSH.


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    service = Service("key", JoinLog(), lambda: None)
    await service.open_at(str(tmp_path / "class.sock"))
    yield service
    service.close()


async def lines_after(path: Path, data: bytes) -> list[bytes]:
    """What the class says on a new line to `data`, until it hangs up."""
    reader, writer = await asyncio.open_unix_connection(path)
    lines = []
    with contextlib.suppress(OSError):
        writer.write(data)
        while line := await asyncio.wait_for(reader.readline(), 5):
            lines.append(line)
    writer.close()
    return lines


@pytest.mark.parametrize(
    "data, why",
    [
        (b"x" * (LONGEST + 2), b"too long"),
        (b"no json\n", b"no JSON"),
        (encode(Join("A")) + b'{"v":1,"is":"end"}\n' * 300, b"too many messages"),
        (encode(Show(BITS)), b"first say who you are"),
        (b'{"v":1,"is":"lead","key":"guess"}\n', b"does not open"),
    ],
)
async def test_a_line_that_says_what_it_should_not_is_cut(
    service: Service, tmp_path: Path, data: bytes, why: bytes
) -> None:
    last = (await lines_after(tmp_path / "class.sock", data))[-1]
    assert Bye.WORD.encode() in last and why in last
    assert service.room.here == ()


async def test_a_line_that_takes_nothing_is_cut_and_delays_nobody(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qtui.teach.line.BEHIND", 1 << 12)
    deaf, good = [await asyncio.open_unix_connection(tmp_path / "class.sock") for _ in range(2)]
    for number, (_, writer) in enumerate((deaf, good)):
        writer.write(encode(Join(f"S{number}")))
    deaf[1].transport.pause_reading()  # type: ignore[attr-defined]
    teacher = await asyncio.open_unix_connection(tmp_path / "class.sock")
    teacher[1].write(b'{"v":1,"is":"lead","key":"key"}\n')
    for number in range(200):
        teacher[1].write(encode(Show({"pane": "bits", "value": "1" * 1900, "n": number})))
        await asyncio.sleep(0.021)
        if len(service.room.here) == 1:
            break
    assert [guest.name for guest in service.room.here] == ["S1"]
    assert good[0] is not None


async def test_a_class_that_nobody_comes_to_ends(tmp_path: Path) -> None:
    over = asyncio.Event()
    service = Service("key", JoinLog(), over.set, empty=0.01)
    await asyncio.wait_for(over.wait(), 5)
    over.clear()
    await service.open_at(str(tmp_path / "sock"))
    await lines_after(tmp_path / "sock", b"no json\n")
    await asyncio.wait_for(over.wait(), 5)
    service.close()


async def test_a_socket_that_nobody_listens_at_is_taken_over_and_another_file_is_not(tmp_path: Path) -> None:
    from qtui.error import QtuiError

    with socket.socket(socket.AF_UNIX) as end:
        end.bind(str(tmp_path / "old"))
    service = Service("key", JoinLog(), lambda: None)
    await service.open_at(str(tmp_path / "old"))
    with pytest.raises(QtuiError, match="no class can be held"):
        await Service("key", JoinLog(), lambda: None).open_at(str(tmp_path / "old"))
    service.close()
    (tmp_path / "file").write_text("mine")
    with pytest.raises(QtuiError, match="no class can be held"):
        await service.open_at(str(tmp_path / "file"))


# A door whose patience is short, in this process; nobody is started behind it.


@pytest.fixture
async def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    from qtui.teach.door import Door
    from qtui.teach.host import bound
    from qtui.teach.plan import ClassPlan
    from qtui.teach.starter import Starter

    monkeypatch.setattr("qtui.teach.door.LOGIN", 1)
    monkeypatch.setattr("qtui.teach.server.STUCK", 0.5)
    monkeypatch.setattr(Starter, "_another_parent", writes_for_ever)
    door = Door(ClassPlan("", password="opensesame"), Service("key", JoinLog(), lambda: None), Starter({}, {}))
    sockets = bound(("127.0.0.1",), 0)
    port = sockets[0].getsockname()[1]
    await door.open(sockets, asyncssh.generate_private_key("ssh-ed25519"))
    yield port
    await door.close()


async def writes_for_ever(starter: Any) -> None:
    """In place of a warm parent: a channel at which one order is taken, and then its terminal is filled for ever."""
    ours, theirs = socket.socketpair()
    starter._channel = ours
    loop = asyncio.get_running_loop()
    theirs.setblocking(False)

    def take() -> None:
        order, (terminal, _), _, _ = socket.recv_fds(theirs, 4096, 2)
        starter._take({"started": json.loads(order)["number"], "pid": 1})
        os.set_blocking(terminal, False)
        loop.add_writer(terminal, fill, terminal)

    def fill(terminal: int) -> None:
        try:
            os.write(terminal, b"x" * 4096)
        except OSError:  # the class has hung up
            loop.remove_writer(terminal)
            loop.remove_reader(theirs)
            os.close(terminal)

    loop.add_reader(theirs, take)


async def test_who_does_not_say_the_password_in_time_is_cut(door: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", door)
    assert (await reader.readline()).startswith(b"SSH-2.0-qtui")
    while await asyncio.wait_for(reader.read(1 << 16), 5):
        pass
    writer.close()


async def test_who_never_opens_a_session_is_cut(door: int) -> None:
    options = {"known_hosts": None, "client_keys": None, "password": "opensesame"}
    connection = await asyncssh.connect("127.0.0.1", door, username="x", **options)
    await asyncio.wait_for(connection.wait_closed(), 5)


@pytest.mark.parametrize("where", ["channel", "connection"])
async def test_who_never_reads_is_cut_after_a_bounded_buffer(door: int, where: str) -> None:
    options: Any = {"known_hosts": None, "client_keys": None, "password": "opensesame"}
    connection = await asyncssh.connect("127.0.0.1", door, username="x", **options)
    screen = Count()
    window = 1 << 16 if where == "channel" else 1 << 30  # a huge window is no reason to buffer that much
    channel, _ = await connection.create_session(
        lambda: screen, request_pty=True, term_type="xterm", encoding=None, window=window
    )
    if where == "channel":
        channel.pause_reading()
    else:
        connection._transport.pause_reading()
    await asyncio.sleep(2.5)  # the server may be slow to see it on a loaded machine
    if where == "connection":
        connection._transport.resume_reading()
    await asyncio.wait_for(connection.wait_closed(), 10)
    assert screen.count < 8 << 20


class Count(asyncssh.SSHClientSession):  # type: ignore[misc]
    count = 0

    def data_received(self, data: bytes, datatype: Any) -> None:
        self.count += len(data)
