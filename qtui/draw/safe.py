r"""Text that a terminal shows and never obeys, and the cells that it takes.

Names in model files, file names and typed text may hold anything, control sequences included. Whatever leaves qtui
for a terminal passes `safe`, which spells out (`\x1b`) what is no character to look at: controls (C0, DEL, C1),
formats such as those that turn the direction of writing, surrogates, and code points that are private or unassigned.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

MARKS = 3  # combining marks that may stand on one character
# Variation selectors count as marks, but make some characters two cells wide in some terminals.
_SELECTORS = frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0), *range(0x180B, 0x180E))))
# What joins the character before it: letters of a Korean syllable behind the first, skin tones.
_JOINED = frozenset(
    map(chr, (*range(0x1160, 0x1200), *range(0xD7B0, 0xD800), 0x3164, 0xFFA0, *range(0x1F3FB, 0x1F400)))
)
# What most text is made of, each character in one cell.
_PLAIN = (
    r"[\x20-\x7e\xa1-\xac\xae-\u02ff\u0391-\u03a1\u03a3-\u03ff\u2010-\u2027\u2030-\u205e\u2190-\u2319"
    r"\u2500-\u25fc\u2713-\u2718\u2800-\u28ff]*"
)


@cache
def _plain() -> re.Pattern[str]:
    """Compiled when the first text is no ASCII, which that of many commands is."""
    return re.compile(_PLAIN)


def is_plain(text: str) -> bool:
    """Whether `text` is safe and each of its characters takes one cell; much that is not plain does so, too."""
    return _plain().fullmatch(text) is not None


def safe(text: str) -> str:
    """`text` in one line, with everything spelled out that a terminal might obey or that does not show."""
    if text.isascii() and text.isprintable() or is_plain(text):
        return text
    parts: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if _takes_no_cell(character) else 0
        shown = is_plain(character) or (_shows(character) and marks <= MARKS and (marks == 0 or len(parts) > 0))
        parts.append(character if shown else character.encode("unicode_escape").decode())
    return "".join(parts)


def cell_count(text: str) -> int:
    """Cells that `text`, which is safe, takes in a terminal."""
    if text.isascii() or is_plain(text):
        return len(text)
    return sum(map(_width, text))


def cut(text: str, room: int) -> str:
    """As much of the beginning of `text` as fits `room` cells."""
    if text.isascii() or is_plain(text):
        return text[: max(room, 0)]
    taken = 0
    for at, character in enumerate(text):
        taken += _width(character)
        if taken > room:
            return text[:at]
    return text


def crop_text(text: str, room: int, ellipsis: str) -> str:
    """`text`, or as much of its beginning as fits `room` cells together with the ellipsis."""
    return text if cell_count(text) <= room else cut(text, room - cell_count(ellipsis)) + ellipsis


def cut_front(text: str, room: int) -> str:
    """As much of the end of `text` as fits `room` cells."""
    if text.isascii() or is_plain(text):
        return text[max(len(text) - max(room, 0), 0) :]
    over = cell_count(text) - room
    at = 0
    while at < len(text) and (over > 0 or _takes_no_cell(text[at])):
        over -= _width(text[at])
        at += 1
    return text[at:]


def padded(text: str, room: int) -> str:
    """`text` and as many spaces as fill `room` cells."""
    return text + " " * (room - cell_count(text))


_HELD = "\0"  # in the place of a blank that no row ends with


def wrapped(text: str, room: int) -> list[str]:
    """`text` made safe, in rows of at most `room` cells (one at least), broken between words where that can be.

    A per cent sign and decibels stay with their number.
    """
    text, room = safe(text), max(room, 1)
    whole = text.replace(" %", f"{_HELD}%").replace(" dB", f"{_HELD}dB")
    if text.isascii() or is_plain(text):
        import textwrap

        return [row.replace(_HELD, " ") for row in textwrap.wrap(whole, room)]
    rows = [""]
    for word in (part.replace(_HELD, " ") for part in whole.split()):
        if rows[-1] and cell_count(rows[-1]) + 1 + cell_count(word) <= room:
            rows[-1] += f" {word}"
            continue
        while word:
            part = cut(word, room) or word[0]
            rows.append(part)
            word = word[len(part) :]
    return [row for row in rows if row]


def _shows(character: str) -> bool:
    spaces = not character.isprintable() and unicodedata.category(character) == "Zs"
    return (character.isprintable() or spaces) and character not in _SELECTORS


def _takes_no_cell(character: str) -> bool:
    return character in _JOINED or unicodedata.category(character) in ("Mn", "Me", "Mc")


def _width(character: str) -> int:
    if is_plain(character):
        return 1
    if _takes_no_cell(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
