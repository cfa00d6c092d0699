"""What comes from the terminal and goes to it: pastes in any pieces, and a terminal that takes nothing."""

from __future__ import annotations

import contextlib
import os
import pty
import sys
import threading
import time
import tty

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from qtui.tui.app import QtuiApp
from qtui.tui.terminal.driver import BEHIND, FRAME, FRAME_END, PIECE, POLL_EVERY, Outlet, QtuiDriver
from qtui.tui.terminal.inlet import ESCAPE_DELAY, LONGEST_PASTE, PASTE, PASTE_END, Inlet, escape_delay


def names_of(messages: list[Message]) -> list[str]:
    """Keys by their name, pastes by their text."""
    names = []
    for message in messages:
        if isinstance(message, events.Key):
            names.append(message.key)
        elif isinstance(message, events.Paste):
            names.append(f"<{message.text}>")
    return names


def keys_of(*pieces: str, inlet: Inlet | None = None) -> list[str]:
    """What an inlet makes of a terminal's bytes that come in `pieces`."""
    inlet = inlet or Inlet(XTermParser())
    return names_of([message for piece in pieces for message in inlet.feed(piece)])


def test_keys_and_pastes() -> None:
    assert keys_of("a\x1b[A", f"{PASTE}one\ntwo{PASTE_END}b") == ["a", "up", "<one\ntwo>", "b"]
    assert keys_of(f"{PASTE}{PASTE_END}{PASTE}x{PASTE_END}") == ["<>", "<x>"]


def test_sequences_in_a_paste_are_its_text() -> None:
    text = "\x1b]0;title\x07\x1b[31m\x1b[A\x1b[20\x1b[2"
    assert keys_of(f"{PASTE}{text}{PASTE_END}q") == [f"<{text}>", "q"]


@given(st.lists(st.sampled_from(["a", "é", "\x1b[A", PASTE + "x\x1b[2y" + PASTE_END, "\t"]), max_size=6), st.data())
def test_pieces_make_no_difference(parts: list[str], data: st.DataObject) -> None:
    whole = "".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert keys_of(*pieces) == keys_of(whole)


def test_a_paste_without_an_end() -> None:
    inlet = Inlet(XTermParser())
    assert keys_of(f"{PASTE}abc", "def", inlet=inlet) == [] and inlet.pasting
    assert names_of(list(inlet.give_up())) == ["<abcdef>"] and not inlet.pasting
    assert keys_of("q", inlet=inlet) == ["q"]
    assert keys_of(f"{PASTE}abc", "\x03", inlet=inlet) == ["<abc>", "ctrl+c"]
    assert keys_of(f"{PASTE}abc\x03q", inlet=inlet) == []
    assert names_of(list(inlet.give_up())) == ["<abc>", "ctrl+c", "q"]


class TimedInlet:
    """An inlet with a clock of its own: a number is so many milliseconds of silence, a text is read."""

    def __init__(self, delay: float = 0.02) -> None:
        self.time = 0.0
        self._parser = XTermParser()
        self.inlet = Inlet(self._parser, delay, lambda: self.time)

    def keys(self, *steps: str | int) -> list[str]:
        messages: list[Message] = []
        for step in steps:
            if isinstance(step, str):
                messages += self.inlet.feed(step)
            else:
                self.time += step / 1000
                messages += self.inlet.tick()
        return names_of(messages)

    def still_waiting(self) -> list[str]:
        """What Textual's parser still waits with, by another clock."""
        return names_of(list(self._parser.feed("")))


@pytest.mark.parametrize(
    ("steps", "keys"),
    [
        (["\x1b", 19], []),
        (["\x1b", 20], ["escape"]),
        (["\x1b\x1b", 20], ["escape", "escape"]),
        (["\x1b", 10, "\x1b", 10], ["escape"]),
        (["\x1b", 10, "\x1b", 20], ["escape", "escape"]),
        (["a\x1b", 20, "b"], ["a", "escape", "b"]),
        (["\x1b[27u"], ["escape"]),  # kitty's protocol
        # In pieces.
        (["\x1b", 15, "[A"], ["up"]),
        (["\x1b[", 15, "A"], ["up"]),
        (["\x1b", 15, "[", 60, "1;2", 60, "A"], ["shift+up"]),
        (["\x1b", 15, "OP"], ["f1"]),
        (["\x1bO", 60, "P"], ["f1"]),
        (["\x1b", 15, "x"], ["alt+x"]),
        (["\x1bx"], ["alt+x"]),
        (["\x1b[20", 60, "0~text\x1b", 15, "[201~q"], ["<text>", "q"]),
        # The rest comes late, when ESC has been taken for the key.
        (["\x1b", 40, "[A"], ["escape", "up"]),
        (["\x1b", 40, "OA", "j"], ["escape", "up", "j"]),
        (["\x1b", 40, "[", 15, "A"], ["escape", "up"]),
        (["\x1b", 40, "[1;2", 90, "B"], ["escape", "shift+down"]),
        (["\x1b", 40, "[200~text\x1b[201~"], ["escape", "<text>"]),
        # Keys of a person.
        (["\x1b", 20, "[", 100], ["escape", "left_square_bracket"]),
        (["\x1b", 20, "O", 100], ["escape", "O"]),
        (["\x1b", 20, "x", "[A"], ["escape", "x", "left_square_bracket", "A"]),
        (["\x1b", 140, "[A"], ["escape", "left_square_bracket", "A"]),
    ],
)
def test_an_escape_and_what_follows_it(steps: list[str | int], keys: list[str]) -> None:
    timed = TimedInlet()
    assert timed.keys(*steps) + timed.still_waiting() == keys


def test_a_beginning_that_was_none_is_a_key_after_all() -> None:
    timed = TimedInlet()
    assert timed.keys("\x1b[2", 100) == [] and not timed.inlet.patience  # Textual's parser goes on waiting
    assert timed.keys("~") == ["insert"]


def test_the_environment_says_how_long_an_escape_is_waited_for() -> None:
    assert escape_delay("500") == 0.5 and escape_delay("0") == 0.001
    assert escape_delay(None) == escape_delay("") == escape_delay("soon") == ESCAPE_DELAY
    timed = TimedInlet(escape_delay("300"))
    assert timed.keys("\x1b", 299) == [] and timed.keys("[A") == ["up"]
    assert timed.keys("\x1b", 300) == ["escape"]


def test_a_megabyte_is_cut() -> None:
    (pasted,) = keys_of(*[PASTE + "x" * 5000, *["y" * 4096] * 300, PASTE_END])
    assert len(pasted) == LONGEST_PASTE + 2


def test_without_the_driver_textual_has_its_own_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "qtui.tui.terminal.driver", None)
    app = QtuiApp()
    assert app.driver_class is LinuxDriver and app.limits == ["it waits for a slow terminal"]
    monkeypatch.undo()
    app = QtuiApp()
    assert app.driver_class is QtuiDriver and not app.limits


class Reader:
    """A terminal that takes nothing until it is told to."""

    def __init__(self) -> None:
        self.read_end, self.write_end = pty.openpty()
        tty.setraw(self.write_end)
        self.caught_up = threading.Event()
        self.outlet = Outlet(self.write_end, self.caught_up.set)

    def take(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            data += os.read(self.read_end, size - len(data))
        return data


def test_nobody_waits_for_a_terminal_that_takes_nothing() -> None:
    reader = Reader()
    texts = [f"{i:07}\n" * 1000 for i in range(100)]
    for text in texts:
        reader.outlet.write(text)
    assert reader.outlet.behind
    assert reader.take(800_000).decode() == "".join(texts)
    assert reader.caught_up.wait(10) and not reader.outlet.behind


def test_what_the_terminal_takes_it_has_at_once() -> None:
    reader = Reader()
    os.set_blocking(reader.read_end, False)
    for text in ("one", "two"):
        reader.outlet.write(text)
        assert os.read(reader.read_end, PIECE).decode() == text


async def test_a_frame_is_written_in_one_piece() -> None:
    reader = Reader()
    os.set_blocking(reader.read_end, False)
    driver = QtuiDriver(QtuiApp())
    driver._outlet = reader.outlet
    driver.write("before")
    assert os.read(reader.read_end, PIECE) == b"before"
    driver.write(FRAME)
    driver.write("cells")
    with pytest.raises(BlockingIOError):
        os.read(reader.read_end, PIECE)
    driver.write(FRAME_END)
    assert os.read(reader.read_end, PIECE).decode() == f"{FRAME}cells{FRAME_END}"


def test_nothing_is_written_after_the_last_words() -> None:
    """Whatever restores the terminal is to come last, although the terminal starts to read again just then."""
    reader = Reader()
    reader.outlet.write("x" * 800_000)
    assert not reader.outlet.stop()  # returns, though nothing was read
    os.set_blocking(reader.read_end, False)
    taken = b""
    with contextlib.suppress(BlockingIOError):
        while True:
            taken += os.read(reader.read_end, PIECE)
    os.write(reader.write_end, b"END")
    time.sleep(2 * POLL_EVERY)
    assert len(taken) < 800_000
    assert os.read(reader.read_end, PIECE) == b"END"


def test_a_terminal_that_has_gone() -> None:
    reader = Reader()
    os.close(reader.read_end)
    reader.outlet.write("x")
    reader.outlet.stop()
    reader.outlet.write("y")


def test_it_is_behind_only_with_much_to_write() -> None:
    reader = Reader()
    reader.outlet.write("x" * 100)
    assert not reader.outlet.behind and reader.take(100)
    reader.outlet.write("x" * (BEHIND + 1))
    until = time.monotonic() + 10
    assert reader.take(BEHIND + 1)
    while reader.outlet.behind and time.monotonic() < until:
        time.sleep(0.01)
    assert not reader.outlet.behind


@pytest.mark.parametrize("text", ["漢字", "\udc9b", "a\x00b"])
def test_what_can_not_be_encoded(text: str) -> None:
    reader = Reader()
    reader.outlet.write(text)
    assert reader.take(1)
