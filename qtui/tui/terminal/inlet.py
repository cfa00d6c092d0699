"""What a terminal sends, as Textual's messages: floods thinned, pastes in one piece.

Textual reads a paste character by character, its escape sequences as keys, and waits for 0.1 s whether an ESC begins
a sequence. A terminal sends one at once: it comes in pieces only where a line is slow or a buffer ends, and what
comes a little late is still the rest of it.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator

from textual import events
from textual._xterm_parser import XTermParser
from textual.message import Message

from qtui.error import whole_number

ESC = "\x1b"
PASTE, PASTE_END = "\x1b[200~", "\x1b[201~"
ESCAPE_DELAY = 0.015  # seconds after which an ESC was the key; tmux waits for 0.01, and kitty's protocol has no doubt
REST_DELAY = 0.1  # seconds that the rest of a sequence has, also behind an ESC that was taken for the key
LONGEST_PASTE = 1 << 16  # characters that are kept: no field takes more
FLOOD = 512  # characters read at once, more than anybody types

# Of mouse moves in a row the last; of turns of the wheel and of a held key the last few.
MOVED = re.compile(r"(?:\x1b\[<3[2-9];\d+;\d+M)+(\x1b\[<3[2-9];\d+;\d+M)")
WHEEL = re.compile(r"(?:\x1b\[<6[4-7];\d+;\d+M)+((?:\x1b\[<6[4-7];\d+;\d+M){6})")
HELD = re.compile(r"((\x1b\[[A-Z]|[!-~])\2{24})\2+")

UNFINISHED = re.compile(r"\x1b(?:\[[0-?]{0,24}[ -/]?|O)?\Z")
REST = re.compile(r"\[[0-?]{0,24}[ -/]?(?:[@-~]|\Z)|O(?:[A-HMP-S]|\Z)")  # what may stand behind the ESC of a key


def escape_delay(milliseconds: str | None) -> float:
    """Seconds to wait for what follows an ESC, where ESCDELAY says so many milliseconds, or says no number."""
    number = whole_number(milliseconds or "")
    return ESCAPE_DELAY if number is None else max(number, 1) / 1000


class Inlet:
    """Turns what a terminal sends into Textual's messages, by `parser`; pastes by itself.

    It waits for `delay` seconds, by the clock `now`, for what follows an ESC; else as long as ESCDELAY says.
    """

    def __init__(
        self, parser: XTermParser, delay: float | None = None, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._parser = parser
        self._delay = escape_delay(os.environ.get("ESCDELAY")) if delay is None else delay
        self._now = now
        self._held = ""  # what may be the beginning of a sequence
        self._since = 0.0  # when that came
        self._escaped: float | None = None  # when an ESC was taken for the key
        self._late = False  # whether the ESC of what is held was
        self._paste: list[str] | None = None
        self._length = 0
        self._tail = ""  # what may be the beginning of a paste's last sequence

    @property
    def pasting(self) -> bool:
        """Whether a paste has begun and not ended."""
        return self._paste is not None

    @property
    def patience(self) -> float | None:
        """Seconds until `tick` has something to tell, unless more comes; None where nothing is held."""
        return max(self._due - self._now(), 0.0) if self._held else None

    @property
    def _due(self) -> float:
        return self._since + (self._delay if self._held == ESC else max(self._delay, REST_DELAY))

    def feed(self, data: str) -> Iterator[Message]:
        """Messages of `data`, which has been read."""
        if self._paste is not None and data == "\x03":  # not part of a paste: the person quits
            yield from self.give_up()
        now = self._now()
        escaped, self._escaped = self._escaped, None
        if escaped is not None and now - escaped <= REST_DELAY and REST.match(data):
            self._held, self._late = ESC, True
        data, self._held = self._held + data, ""
        while data:
            if self._paste is None:
                before, marker, data = data.partition(PASTE)
                if marker:
                    self._paste, self._length, self._tail = [], 0, ""
                elif unfinished := UNFINISHED.search(before):
                    before, self._held, self._since = before[: unfinished.start()], unfinished[0], now
                yield from self._keys(before)
            else:
                inside, marker, data = (self._tail + data).partition(PASTE_END)
                self._tail = ""
                if not marker:
                    inside, self._tail = _without_beginning(inside)
                self._keep(inside)
                if marker:
                    yield events.Paste(self._pasted())
        self._late = self._late and self._held != ""

    def _keys(self, text: str) -> Iterator[Message]:
        """Messages of `text`. Of an ESC at its end it is known that no sequence follows."""
        whole = text.rstrip(ESC)
        if whole:
            # Before Textual had set its modes, the terminal turned Enter into a line feed.
            yield from self._parser.feed(_thinned(whole.replace("\n", "\r")))
        for _ in range(len(text) - len(whole)):
            yield events.Key("escape", ESC)

    def tick(self) -> Iterator[Message]:
        """Messages of what was waited for in vain."""
        if self._held and self._now() >= self._due:
            due, held, late, self._held, self._late = self._due, self._held, self._late, "", False
            if late:
                yield from self._keys(held[1:])
            elif held == ESC:
                self._escaped = due
                yield from self._keys(held)
            else:
                yield from self._parser.feed(held)
        yield from self._parser.tick()

    def give_up(self) -> Iterator[Message]:
        """Wait no longer for the end of a paste. Ctrl+C was no part of it."""
        if self._paste is not None:
            text, interrupt, after = self._pasted().partition("\x03")
            yield events.Paste(text)
            yield from self.feed(interrupt + after)

    def _pasted(self) -> str:
        text, self._paste = "".join(self._paste or ()), None
        return text.replace("\x00", "")

    def end(self) -> None:
        """Nothing more will come."""
        for _ in self._parser.feed(""):
            pass

    def _keep(self, text: str) -> None:
        if self._paste is not None and self._length < LONGEST_PASTE:
            text = text[: LONGEST_PASTE - self._length]
            self._length += len(text)
            self._paste.append(text)


def _thinned(text: str) -> str:
    """`text` without what a flood of mouse events and a held key hold too much of: parsing one takes 0.3 ms."""
    return WHEEL.sub(r"\1", MOVED.sub(r"\1", HELD.sub(r"\1", text))) if len(text) > FLOOD else text


def _without_beginning(text: str) -> tuple[str, str]:
    """`text` split before an end that may begin the sequence that ends a paste."""
    for length in range(len(PASTE_END) - 1, 0, -1):
        if text.endswith(PASTE_END[:length]):
            return text[:-length], text[-length:]
    return text, ""
