"""Writes cells to a terminal in few bytes: pieces of one look each, in the order that costs least.

A change of colour takes about eleven bytes in 256 colours and a move of the cursor four to eight, so pieces of one
colour are written one after the other, wherever they stand.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

# Bytes of unchanged cells between changed ones that are sent again: a cursor move (ESC [ n C) takes as many.
BRIDGE = 4
SEEN = frozenset({"4", "7", "9"})  # attributes that show on a blank: underline, reverse, strike


class CellStyle(NamedTuple):
    """A cell's style as SGR codes."""

    attributes: str
    fore: str
    back: str


PLAIN = CellStyle("", "39", "49")


class Piece(NamedTuple):
    """Cells of row `y` from column `x` to `end`, written in one look; without text, the rest of the row is erased."""

    y: int
    x: int
    end: int
    text: str
    look: CellStyle


def by_colour(pieces: list[Piece]) -> list[Piece]:
    """The pieces so ordered that each pair of colours is set once: a move of the cursor takes fewer bytes."""
    groups: dict[tuple[str, str], list[Piece]] = {}
    for piece in pieces:
        groups.setdefault((piece.look.fore, piece.look.back), []).append(piece)
    return [piece for group in groups.values() for piece in group]


def written(pieces: list[Piece], width: int) -> str:
    """The pieces as a terminal of `width` columns takes them, with the colours reset at the end."""
    out: list[str] = []
    row, column = -1, -1
    now = PLAIN
    for y, x, end, text, look in pieces:
        if y != row or x != column:
            out.append(_move(row, column, y, x))
        if look is not now and look != now:
            out.append(_change(now, look))
            now = look
        out.append(text or "\x1b[K")
        row, column = y, end if text else x
        if column == width:
            row = -1  # a terminal may or may not have gone on to the next row
    if now != PLAIN:
        out.append("\x1b[0m")
    return "".join(out)


def _move(row: int, column: int, y: int, x: int) -> str:
    """The shortest way from one cell to another; row -1: from anywhere."""
    across = x - column
    if x == 0:
        sideways = "\r"
    elif across < 0:
        sideways = "\b" * -across if across >= -3 else _count(-across, "D")
    else:
        sideways = _count(across, "C") if across else ""
    if y == row:
        return sideways
    there = f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H"
    if row < 0 or not row < y <= row + 3:
        return there
    return min(there, _count(y - row, "B") + sideways, key=len)


def _count(times: int, letter: str) -> str:
    return f"\x1b[{times}{letter}" if times > 1 else f"\x1b[{letter}"


OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "5": "25", "7": "27", "9": "29"}  # what ends an attribute


@lru_cache(maxsize=4096)
def _change(now: CellStyle, wanted: CellStyle) -> str:
    """The shortest SGR sequence from one look to another: by what differs, or from a reset."""
    before, after = (set(filter(None, look.attributes.split(";"))) for look in (now, wanted))
    off = {OFF[code] for code in before - after}
    on = after if "22" in off else after - before  # 22 ends bold and dim alike
    colours = [one for one, other in ((wanted.fore, now.fore), (wanted.back, now.back)) if one != other]
    anew = [one for one, other in ((wanted.fore, "39"), (wanted.back, "49")) if one != other]
    ways = ([*sorted(off), *sorted(on), *colours], ["0", *sorted(after), *anew])
    return f"\x1b[{min((';'.join(way) for way in ways), key=len)}m"
