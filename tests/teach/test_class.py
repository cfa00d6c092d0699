"""A class over SSH, from the door to the last word."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from qtui.cli.teach import end_class, lead_options, parser
from qtui.teach.messages import Ask, Call, Kick, Reveal, Rule, Show, Spotlight
from tests.support.classes import Held, Teacher, held, student
from tests.support.harness import Terminal

asyncssh = pytest.importorskip("asyncssh", reason="a class over SSH needs asyncssh: pip install 'qtui[teach]'")

BITS = {"pane": "bits", "value": "0.15625"}
NUMBERS = {"pane": "quantize"}


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    with held(tmp_path_factory.mktemp("class"), "--no-password", "--students", "6") as class_:
        yield class_


@pytest.fixture
async def teacher(lesson: Held) -> AsyncIterator[Teacher]:
    teacher = lesson.teacher()
    teacher.roster(is_gone)
    teacher.say(Rule(), Show(BITS))
    yield teacher
    teacher.close()
    lesson.hang_up()


def is_gone(rows: dict[str, Any]) -> bool:
    return not rows


async def test_a_lesson(lesson: Held, teacher: Teacher) -> None:
    ann = await (await student(lesson, "ann")).named("Ann")
    ben = await (await student(lesson, "ben")).named("Ben")
    await ann.shows("[2 Bits]", "0.15625", "following the class")
    await ben.shows("[2 Bits]", "0.15625")
    teacher.say(Show({**BITS, "value": "0.1"}))
    await asyncio.gather(ann.shows("0.1000000"), ben.shows("0.1000000"))

    ann.type("3")  # explores
    await ann.shows("[3 Quantizer]", "exploring")
    rows = teacher.roster(lambda rows: not rows["Ann"].following and rows["Ann"].where)
    assert rows["Ann"].where.startswith("quantize") and rows["Ben"].following and rows["Ben"].lag >= 0
    teacher.say(Show({**BITS, "value": "0.2"}))
    await ben.shows("0.2000000")
    assert "[3 Quantizer]" in ann.text
    ann.type("@")
    await ann.shows("0.2000000", "following the class")

    ben.type("3")  # what a student has becomes everybody's
    await ben.shows("exploring")
    rows = teacher.roster(lambda rows: rows["Ben"].where and not rows["Ben"].following)
    teacher.say(Spotlight(rows["Ben"].student))
    await ann.shows("[3 Quantizer]", "this is how Ben has it")

    teacher.say(Rule(pinned=True))
    await ann.shows("following, pinned")
    ann.type("2")
    await ann.shows("the teacher leads just now", "[3 Quantizer]")
    teacher.say(Rule(), Ask("Which is smaller?", ("bf16", "int4"), 1))
    await ann.shows("Which is smaller?", "press $ to answer")
    for one in (ann, ben):
        one.type("$")
        await one.shows("Enter answers")
    ann.type("\x1b[B\r")
    ben.type("\r")
    teacher.tally(1, 1)
    teacher.say(Reveal())
    await ann.shows("yours", "this is how the class has answered")
    teacher.say(Reveal(), Call())
    rows = teacher.roster(lambda rows: len(rows) == 2)
    teacher.say(Kick(rows["Ann"].student))
    await ann.ended()
    ben.type("q")
    await ben.ended()
    teacher.roster(is_gone)
    assert "joined\tAnn" in (log := (lesson.folder / "qtui" / "class.log").read_text()) and "left\tBen" in log


async def test_a_dropped_line_finds_its_place_again(lesson: Held, teacher: Teacher) -> None:
    ann = await (await student(lesson, "drops")).named("Dora")
    await ann.shows("0.15625")
    ann.type("3")
    await ann.shows("[3 Quantizer]")
    teacher.roster(lambda rows: rows["Dora"].where)
    await ann.close()
    teacher.roster(is_gone)
    teacher.close()  # the teacher's line, too: the class stays where it is
    again = await (await student(lesson, "drops")).named("Dora")
    await again.shows("Welcome back, Dora", "[3 Quantizer]", "exploring")
    again.type("@")
    await again.shows("0.15625", "[2 Bits]")
    await again.close()


REFUSED: dict[str, tuple[Any, type[Exception] | tuple[type[Exception], ...]]] = {
    "exec": (lambda c: c.run("id"), asyncssh.ChannelOpenError),
    "exec in a terminal": (lambda c: c.run("id", term_type="xterm"), asyncssh.ChannelOpenError),
    "sftp": (lambda c: c.start_sftp_client(), (asyncssh.ChannelOpenError, asyncssh.SFTPError)),
    "another subsystem": (lambda c: c.create_process(subsystem="netconf"), asyncssh.ChannelOpenError),
    "direct-tcpip": (lambda c: c.open_connection("127.0.0.1", 22), asyncssh.ChannelOpenError),
    "direct-streamlocal": (lambda c: c.open_unix_connection("/run/x"), asyncssh.ChannelOpenError),
    "tcpip-forward": (lambda c: c.forward_remote_port("127.0.0.1", 0, "127.0.0.1", 22), asyncssh.ChannelListenError),
    "streamlocal-forward": (lambda c: c.forward_remote_path("x.sock", "/run/x"), asyncssh.ChannelListenError),
    "tun": (lambda c: c.open_tun(), asyncssh.ChannelOpenError),
    "x11": (
        lambda c: c.create_process(term_type="xterm", x11_forwarding=True, x11_display="127.0.0.1:9"),
        asyncssh.ChannelOpenError,
    ),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_nothing_but_qtui_is_to_be_had(lesson: Held, what: str) -> None:
    ask, refused = REFUSED[what]
    async with asyncssh.connect("127.0.0.1", lesson.port, known_hosts=None, client_keys=None) as connection:
        with pytest.raises(refused):
            await ask(connection)


async def test_an_agent_that_is_offered_is_left_alone(lesson: Held, teacher: Teacher) -> None:
    """The request wants no reply: what tells is that no socket is made to reach the agent by."""
    agent = {"agent_path": str(lesson.folder / "agent.sock"), "agent_forwarding": True}
    one = await (await student(lesson, "agent", **agent)).named("Ag")
    await one.shows("0.15625")
    assert not list(lesson.folder.glob("asyncssh-*"))
    await one.close()


async def test_without_a_terminal_or_on_a_dumb_one_a_sentence_says_so(lesson: Held) -> None:
    async with asyncssh.connect("127.0.0.1", lesson.port, known_hosts=None, client_keys=None) as connection:
        result = await connection.run(None)
        assert result.exit_status == 1 and "ssh -t" in result.stdout
    dumb = await student(lesson, term="dumb")
    await dumb.shows("can't show qtui")
    await dumb.close()


async def test_terminals_and_locales(lesson: Held, teacher: Teacher) -> None:
    plain = await student(lesson, "vt", term="vt100", env={"LC_ALL": "C", "LD_PRELOAD": "/x.so", "PATH": "/evil"})
    await plain.named("V\x1b]0;x\x07")
    await plain.shows("[2 Bits]", "0.15625")
    assert plain.inlet.bytes.isascii()
    assert list(teacher.roster(lambda rows: rows)) == ["V]0;x"]
    await plain.close()
    small = await student(lesson, "s", term="x" * 40, asked=(1, 1))
    small.channel.change_terminal_size(80, 24)
    await small.named("S")
    await small.close()


async def test_full_is_full_and_those_inside_stay(lesson: Held, teacher: Teacher) -> None:
    inside = await asyncio.gather(*(student(lesson, f"s{number}") for number in range(6)))
    for number, one in enumerate(inside):
        await one.named(f"S{number}")
    teacher.roster(lambda rows: len(rows) == 6)
    late = await student(lesson, "late")
    await late.shows("the class is full (6 students)")
    await asyncio.gather(*(one.shows("following") for one in inside))
    await asyncio.gather(*(one.close() for one in inside))
    teacher.roster(is_gone)


async def test_a_password_or_a_key_opens_and_nothing_else(tmp_path: Path) -> None:
    ours, others = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    (tmp_path / "keys").write_bytes(ours.export_public_key())
    with held(tmp_path, "--keys", str(tmp_path / "keys")) as class_:
        with pytest.raises(asyncssh.PermissionDenied):
            await student(class_, client_keys=[others])
        await (await student(class_, client_keys=[ours])).close()
    key = tmp_path / "qtui" / "class_host_key"
    assert key.stat().st_mode & 0o777 == 0o600
    with held(tmp_path, "--password", "opensesame") as class_:
        with pytest.raises((asyncssh.PermissionDenied, asyncssh.ConnectionLost)):
            await student(class_, password="guess")
        with pytest.raises(asyncssh.PermissionDenied):
            await student(class_)
        await (await student(class_, password="opensesame")).close()
        assert "opensesame" in class_.told
    key.chmod(0o644)
    with pytest.raises(AssertionError):
        held(tmp_path, "--no-password").__enter__()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds processes in /proc")
def test_a_teachers_line_that_drops_leaves_the_class_and_no_process_of_the_teacher(tmp_path: Path) -> None:
    path = tmp_path / "class.sock"
    env = {name: str(tmp_path) for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME")}
    command = [sys.executable, "-m", "qtui", "teach", "--no-ssh", "--socket", str(path)]
    with Terminal(command, env=env) as terminal:
        terminal.wait_for("nobody here yet")
        terminal.hang_up()
        assert terminal.wait_end() == 129
    end_class(str(path))
    until = time.monotonic() + 10
    while path.exists() and time.monotonic() < until:
        time.sleep(0.02)
    assert not path.exists()


def test_the_teachers_app_is_shown_as_the_command_line_asks() -> None:
    args = parser().parse_args(["--theme", "light", "--ascii"])
    assert lead_options("class.sock", args) == ["--lead", "class.sock", "--theme", "light", "--ascii"]
    assert lead_options("class.sock", parser().parse_args([])) == ["--lead", "class.sock"]
