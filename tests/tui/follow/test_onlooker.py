"""A student without an app: gives a name, sees the class's pictures, and leaves to an app what it can't do."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import signal
import struct
import termios
from collections.abc import AsyncIterator
from typing import Any

import pyte
import pytest
from textual import events

from qtui.scenario.bits.scenario import BitsScenario
from qtui.scenario.tour.scenario import TourScenario
from qtui.teach.messages import Answer, Bye, ClassState, Join, Notice, Poll, Seen, Welcome
from qtui.tui.app import QtuiApp
from qtui.tui.follow import onlooker
from qtui.tui.follow.following import Handover
from qtui.tui.follow.onlooker import Onlooker
from qtui.tui.follow.states import to_line
from qtui.tui.host import Settings
from tests.support.harness import UNKNOWN_TO_PYTE
from tests.support.wire import Wire

BITS = to_line(BitsScenario(value="0.15625"))
TOUR = to_line(TourScenario(step=3))
WIDTH, HEIGHT = 80, 24


def drawn(text: str, width: int = WIDTH) -> dict[str, Any]:
    return {"looks": [["", "39", "49"]], "rows": [[f"{text:{width}}", [width, 0]]] * HEIGHT}


def state(number: int, scenario: Any = BITS, **options: Any) -> ClassState:
    return ClassState(number, scenario, **{"picture": drawn(f"picture {number}"), **options})


class OnWire(Wire):
    """A line that stands after a moment; what is said before is lost."""

    ready = False

    def send(self, message: Any) -> None:
        if self.ready:
            super().send(message)

    async def run(self, hello: Any, take: Any, lost: Any) -> None:
        await asyncio.sleep(0.01)
        self.ready = True
        await super().run(hello, take, lost)


class Seat:
    """An onlooker at a terminal whose other end is the test."""

    def __init__(self, **settings: Any) -> None:
        self.master, self._terminal = os.openpty()
        self.resize(WIDTH, HEIGHT)
        os.set_blocking(self.master, False)
        self.wire = OnWire()
        self.bytes = b""
        self.screen = pyte.Screen(WIDTH, HEIGHT)
        self._stream = pyte.ByteStream(self.screen)
        app = QtuiApp(None, Settings(**settings))
        self.task = asyncio.ensure_future(Onlooker(app, self.wire, "Ann").look_on(self._terminal))

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    @property
    def text(self) -> str:
        with contextlib.suppress(BlockingIOError):
            while data := os.read(self.master, 1 << 16):
                self.bytes += data
                self._stream.feed(UNKNOWN_TO_PYTE.sub(b"", data))
        return "\n".join(row.rstrip() for row in self.screen.display)

    async def until(self, condition: Any) -> None:
        for _ in range(400):
            if condition():
                return
            await asyncio.sleep(0.005)
        raise AssertionError(f"never came\n{self.text}")

    async def shows(self, *texts: str) -> str:
        await self.until(lambda: all(text in self.text for text in texts))
        return self.text

    async def types(self, keys: bytes) -> None:
        os.write(self.master, keys)
        await asyncio.sleep(0)

    async def hears(self, *messages: Any) -> None:
        for message in messages:
            self.wire.take(message)
        await asyncio.sleep(0)

    async def joined(self) -> None:
        await self.shows("Your name", "Ann")
        await self.types(b"\r")
        await self.until(lambda: self.wire.last(Join))
        await self.hears(Welcome("Ann", "t1"))

    async def result(self) -> Any:
        return await asyncio.wait_for(self.task, 5)

    def close(self) -> None:
        self.task.cancel()
        for end in (self.master, self._terminal):
            os.close(end)


@pytest.fixture
async def seat() -> AsyncIterator[Seat]:
    seat = Seat()
    yield seat
    seat.close()


async def test_a_name_is_given_and_pictures_are_seen(seat: Seat) -> None:
    await seat.types(b"Lee\x1b[D\x7f\x1b[200~x\ny\x1b[201~\r")
    await seat.until(lambda: seat.wire.last(Join) == Join("Lxe"))
    await seat.hears(Welcome("Lxe", "t1"), ClassState())
    await seat.shows("Lxe: you see what the teacher shows. Any key explores, @ returns to the class.")
    await seat.hears(state(1))
    assert (await seat.shows("picture 1")).splitlines()[-2].startswith("Lxe: you see")
    assert seat.wire.last(Seen) == Seen(1)
    await seat.hears(state(2), state(1, picture=drawn("late")))
    assert await seat.shows("picture 2") == "\n".join(["picture 2"] * HEIGHT)
    await seat.hears(state(2, picture=drawn("goes on")), Notice("the teacher is away"))
    assert (await seat.shows("goes on", "the teacher is away")).count("goes on") == HEIGHT - 1
    assert len([one for one in seat.wire.said if isinstance(one, Seen)]) == 2
    await seat.types(b"@")
    await seat.shows("you follow the class again")
    await seat.hears(Bye("the class is over"))
    assert await seat.result() == 0
    await seat.shows("qtui: the class is over")
    assert seat.bytes.count(b"\x1b[?1049l") == 1


async def test_a_question_is_over_the_picture_unless_that_asks_it(seat: Seat) -> None:
    await seat.joined()
    await seat.hears(state(1), Poll(1, "Which?", ("this", "that"), here=2))
    assert "press $ to answer" in (await seat.shows("Which?", "1 this", "picture 1"))
    await seat.hears(Poll(), state(2, TOUR), asked := Poll(2, "How many?", ("few", "many"), shown=True))
    assert await seat.shows("picture 2") == "\n".join(["picture 2"] * HEIGHT)
    await seat.hears(Poll(2, "How many?", ("few", "many"), (0, 2), -1, 1, 2, False, True, "8", True))
    await seat.shows("How many?", "this is how the class has answered; the answer is 8")
    await seat.hears(asked)
    await seat.types(b"b")
    handed = await seat.result()
    assert isinstance(handed, Handover) and handed.messages == [state(2, TOUR), asked] and handed.seen == 2
    assert [event.key for event in handed.typed if isinstance(event, events.Key)] == ["b"]
    await seat.hears(Notice("in between"), state(3))
    assert handed.messages[2:] == [Notice("in between"), state(3)] and seat.wire.last(Answer) is None
    assert b"\x1b[?1049l" not in seat.bytes


TYPED = {
    "keys": (b"3\x1b[C", 2),
    "a click": (b"\x1b[<0;3;3M\x1b[<0;3;3m", 1),
    "the wheel": (b"\x1b[<65;3;3M", 1),
    "a paste": (b"\x1b[200~1 MB\x1b[201~", 1),
    "half a key": (b"3\x1b", 1),
}


@pytest.mark.parametrize("what", TYPED)
async def test_what_the_student_does_is_for_an_app(seat: Seat, what: str) -> None:
    keys, count = TYPED[what]
    await seat.joined()
    await seat.hears(state(1))
    await seat.shows("picture 1")
    await seat.types(b"\x1b[<35;3;3M\x1b[I\x1b[O")  # a mouse that moves, a window that is left
    await asyncio.sleep(0.02)
    assert not seat.task.done()
    await seat.types(keys)
    handed = await seat.result()
    assert len(handed.typed) == count and handed.welcome == Welcome("Ann", "t1")
    if what == "half a key":
        assert [event.key for event in handed.inlet.feed("[C")] == ["right"]


async def test_keys_typed_ahead_wait_for_the_class(seat: Seat) -> None:
    await seat.shows("Your name")
    await seat.types(b"\r3\x1b[C")
    await seat.until(lambda: seat.wire.last(Join))
    await seat.hears(Welcome("Ann", "t1"))
    await asyncio.sleep(0.02)
    assert not seat.task.done()
    await seat.hears(state(1))
    handed = await seat.result()
    assert [event.key for event in handed.typed] == ["3", "right"] and handed.messages == [state(1)]


async def test_pinned_a_key_is_answered_and_help_is_for_an_app(seat: Seat) -> None:
    await seat.joined()
    await seat.hears(state(1, pinned=True))
    await seat.types(b"3")
    await seat.shows("the teacher leads just now", "picture 1")
    await seat.types(b"?")
    assert [event.key for event in (await seat.result()).typed] == ["question_mark"]


NO_PICTURE: dict[str, Any] = {
    "none is drawn": state(2, picture={}),
    "of another window": state(2, picture=drawn("narrow", 79)),
    "none at all": state(2, picture={"looks": 3}),
    "somewhere else before": Welcome("Ann", "t1", BITS, False),
}


@pytest.mark.parametrize("what", NO_PICTURE)
async def test_where_there_is_no_picture_an_app_draws(seat: Seat, what: str) -> None:
    await seat.joined()
    await seat.hears(NO_PICTURE[what])
    assert (await seat.result()).messages == [NO_PICTURE[what]]


async def test_a_picture_that_is_late_is_waited_for(seat: Seat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onlooker, "DRAWS", (0.05, 0.05))
    await seat.joined()
    await seat.hears(state(1), state(2, picture={}, coming=True), state(2))
    await seat.shows("picture 2")
    await asyncio.sleep(0.1)
    assert not seat.task.done()
    await seat.hears(state(3, picture={}, coming=True))
    assert "picture 2" in await seat.shows("picture 2")
    handed = await seat.result()
    assert (handed.seen, handed.messages) == (2, [state(3, picture={}, coming=True)])


async def test_another_size_is_for_an_app_once_there_is_a_picture(seat: Seat) -> None:
    await seat.shows("Your name")
    for columns, rows in ((300, 100), (20, 5), (60, 18)):
        seat.resize(columns, rows)
        os.kill(os.getpid(), signal.SIGWINCH)
        await asyncio.sleep(0.01)
    seat.screen.resize(18, 60)
    await seat.shows("Your name", "Ann")
    await seat.joined()
    await seat.hears(state(1, picture={**drawn("p", 60), "rows": drawn("p", 60)["rows"][:18]}))
    await seat.shows("p\np")
    seat.resize(WIDTH, HEIGHT)
    os.kill(os.getpid(), signal.SIGWINCH)
    assert len((await seat.result()).messages) == 1


ENDS = {"\x03": 130, "\x11": 0}


@pytest.mark.parametrize("key", ENDS)
async def test_a_student_leaves_before_and_after_the_name(seat: Seat, key: str) -> None:
    await seat.types(b"q" + key.encode())
    assert await seat.result() == ENDS[key]
    other = Seat()
    await other.joined()
    await other.types(b"q" if key == "\x11" else key.encode())
    assert await other.result() == ENDS[key]
    other.close()


async def test_it_leaves_a_clean_terminal_when_it_is_told_to_end(seat: Seat) -> None:
    await seat.joined()
    os.kill(os.getpid(), signal.SIGTERM)
    assert await seat.result() == 143
    await seat.until(lambda: seat.text is not None and b"\x1b[?1049l" in seat.bytes)


async def test_nobody_types(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onlooker, "WARNING", 0.2)
    monkeypatch.setattr(onlooker, "PATIENCE", 0.05)
    seat = Seat(idle=0.3)
    await seat.until(lambda: seat.wire.last(Join) == Join("Ann"))
    await seat.shows("still there? any key keeps qtui open")
    assert await seat.result() == 0
    await seat.shows("qtui: nobody typed, so it has left")
    seat.close()


async def test_a_terminal_that_takes_nothing_is_shown_the_last_picture_when_it_does(seat: Seat) -> None:
    await seat.joined()
    for number in range(1, 60):
        text = "".join(chr(0x100 + (number * 7 + at) % 99) for at in range(WIDTH))
        await seat.hears(state(number, picture=drawn(text)))
    await seat.hears(state(60))
    await seat.shows("\n".join(["picture 60"] * HEIGHT))
    assert len(seat.bytes) < 60_000
    for number in range(61, 90):
        await seat.hears(state(number, picture=drawn("".join(chr(0x100 + number + at) for at in range(WIDTH)))))
    await seat.types(b"q")
    assert await seat.result() == 0  # it does not wait for ever


async def test_garbage_from_the_keyboard_is_no_name(seat: Seat) -> None:
    await seat.shows("Your name")
    await seat.types(b"\xff\x00\x01\x1b[999;999Zx\x1b]0;y\x07\xc3")
    await asyncio.sleep(0.2)
    await seat.types(b"\r")
    await seat.until(lambda: seat.wire.last(Join))
    assert seat.wire.last(Join).name.isprintable()
