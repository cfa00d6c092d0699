"""What a terminal sends, as Textual's messages: floods thinned, pastes in one piece.

Textual reads a paste character by character, its escape sequences as keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from textual import events
from textual._xterm_parser import XTermParser
from textual.message import Message

PASTE, PASTE_END = "\x1b[200~", "\x1b[201~"
LONGEST_PASTE = 1 << 16  # characters that are kept: no field takes more
FLOOD = 512  # characters read at once, more than anybody types

# Of mouse moves in a row the last; of turns of the wheel and of a held key the last few.
MOVED = re.compile(r"(?:\x1b\[<3[2-9];\d+;\d+M)+(\x1b\[<3[2-9];\d+;\d+M)")
WHEEL = re.compile(r"(?:\x1b\[<6[4-7];\d+;\d+M)+((?:\x1b\[<6[4-7];\d+;\d+M){6})")
HELD = re.compile(r"((\x1b\[[A-Z]|[!-~])\2{24})\2+")


class Inlet:
    """Turns what a terminal sends into Textual's messages, by `parser`; pastes by itself."""

    def __init__(self, parser: XTermParser) -> None:
        self._parser = parser
        self._held = ""  # what may be the beginning of a paste's first sequence
        self._paste: list[str] | None = None
        self._length = 0
        self._tail = ""  # what may be the beginning of its last one

    @property
    def pasting(self) -> bool:
        """Whether a paste has begun and not ended."""
        return self._paste is not None

    def feed(self, data: str) -> Iterator[Message]:
        """Messages of `data`, which has been read."""
        if self._paste is not None and data == "\x03":  # not part of a paste: the person quits
            yield from self.give_up()
        data, self._held = self._held + data, ""
        while data:
            if self._paste is None:
                before, marker, data = data.partition(PASTE)
                if marker:
                    self._paste, self._length, self._tail = [], 0, ""
                else:
                    before, self._held = _without_beginning(before)
                if before:
                    # Before Textual had set its modes, the terminal turned Enter into a line feed.
                    yield from self._parser.feed(_thinned(before.replace("\n", "\r")))
            else:
                inside, marker, data = (self._tail + data).partition(PASTE_END)
                self._tail = ""
                if not marker:
                    inside, self._tail = _without_beginning(inside, shortest=1)
                self._keep(inside)
                if marker:
                    yield events.Paste(self._pasted())

    def tick(self) -> Iterator[Message]:
        """Messages of what was waited for in vain."""
        if self._held:
            held, self._held = self._held, ""
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


def _without_beginning(text: str, shortest: int = 2) -> tuple[str, str]:
    """`text` split before an end that may begin a bracketed paste's sequence; ESC alone may be a key."""
    for length in range(len(PASTE) - 1, shortest - 1, -1):
        if text.endswith((PASTE[:length], PASTE_END[:length])):
            return text[:-length], text[-length:]
    return text, ""
