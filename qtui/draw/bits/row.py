"""A number's bits as a row of cells: bit numbers above, fields, nibbles in hexadecimal and place values below.

Fields are told apart by colour, by a named brace under each, and in one line by the letters s, e, m.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from qtui.compute.floats.grids import IntFormat
from qtui.compute.floats.layout import FloatFormat, Group, NumberFormat
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span, line

WIDEST_CELL = 6
WIDE, FEW, LARGE_CELL = 140, 4, 10  # columns of a window, and bits, that have room for larger cells
PLAIN = {"exponent": "how far", "mantissa": "the digits", "integer": "a whole number", "index": "place in a table"}
ROLES = {"sign": "sign", "exponent": "exponent", "mantissa": "mantissa", "integer": "mantissa", "index": "mantissa"}


@dataclass(frozen=True)
class BitPlaces:
    """Where each bit is drawn: `rows` of bits (highest first), each `cell` cells wide, a gap between nibbles."""

    cell: int
    gap: int
    rows: tuple[tuple[int, ...], ...]

    def x(self, bit: int) -> int:
        """The first cell of `bit` in its row."""
        first = next(row[0] for row in self.rows if row[-1] <= bit <= row[0])
        # A gap follows each bit whose number is a multiple of four.
        return (first - bit) * self.cell + self.gap * (first // 4 - bit // 4)

    def bit_at(self, row: int, x: int) -> int | None:
        """The bit drawn at column `x` of row number `row`."""
        if not 0 <= row < len(self.rows):
            return None
        return next((bit for bit in self.rows[row] if self.x(bit) <= x < self.x(bit) + self.cell), None)


def bit_places(bits: int, width: int) -> BitPlaces:
    """The widest cells that fit `bits` into `width`, in one row where that is possible at all."""
    for cell in range(LARGE_CELL if width >= WIDE or bits <= FEW else WIDEST_CELL, 0, -1):
        if bits * cell + (bits - 1) // 4 <= width:
            return BitPlaces(cell, 1, (tuple(range(bits - 1, -1, -1)),))
    if bits <= width:
        return BitPlaces(1, 0, (tuple(range(bits - 1, -1, -1)),))
    room = max(4, next((size for size in (64, 32, 16, 8) if size + size // 4 <= width), 4))
    starts = range(-(-bits // room) * room, 0, -room)
    rows = tuple(tuple(b for b in range(start - 1, start - room - 1, -1) if b < bits) for start in starts)
    return BitPlaces(1, 1, rows)


def bits_picture(
    fmt: NumberFormat, code: int, places: BitPlaces, glyphs: Glyphs, cursor: int | None = None
) -> Picture:
    """The bits of `code`: numbers, bits, braces, nibbles, and place values where they fit."""
    rows: list[Line] = []
    around, values = _around(fmt, places, glyphs)
    for bits, (numbers, braces) in zip(places.rows, around, strict=True):
        rows.append(numbers)
        rows.append(_on_row(_digits(fmt, code, places, bits, cursor)))
        rows.append(braces)
        rows.append(_on_row(_nibbles(code, places, bits)))
    return (*rows, *values)


@lru_cache(maxsize=16)
def _around(fmt: NumberFormat, places: BitPlaces, glyphs: Glyphs) -> tuple[tuple[tuple[Line, Line], ...], Picture]:
    """What does not change when a bit flips: numbers and braces of each row of bits, and the place values."""
    rows = tuple((_on_row(_numbers(places, bits)), _braces(fmt, places, bits, glyphs)) for bits in places.rows)
    values = _place_values(fmt, places)
    return rows, (_on_row(values),) if values else ()


def bit_line(places: BitPlaces, y: int) -> int | None:
    """Which row of bits line `y` of the picture is, or belongs to (its number, brace or nibble)."""
    return y // 4 if 0 <= y < 4 * len(places.rows) else None


def _roles(fmt: NumberFormat) -> dict[int, str]:
    return {bit: ROLES[group.name] for group in fmt.groups for bit in range(group.low, group.low + group.width)}


def _on_row(items: list[tuple[int, Span]]) -> Line:
    """One row with each text at its cell; a text that would run into the next one's place is left out."""
    row: list[Span | str] = []
    at, last = 0, ""
    for x, (text, role) in items:
        if x < at:
            continue
        # A gap inside a field takes its role: fewer changes of colour go over the wire.
        row += [(" " * (x - at), role if role == last else ""), (text, role)]
        at, last = x + len(text), role
    return line(*row)


def _numbers(places: BitPlaces, bits: tuple[int, ...]) -> list[tuple[int, Span]]:
    every = places.cell >= 3
    items = []
    for bit in bits:
        if every:
            items.append((places.x(bit), (str(bit).center(places.cell).rstrip(), "dim")))
        elif bit % 4 == 3 or bit == bits[0]:
            items.append((places.x(bit), (str(bit), "dim")))
    return items


def _digits(
    fmt: NumberFormat, code: int, places: BitPlaces, bits: tuple[int, ...], cursor: int | None
) -> list[tuple[int, Span]]:
    items: list[tuple[int, Span]] = []
    roles = _roles(fmt)
    for bit in bits:
        text = str(code >> bit & 1).center(places.cell)
        items.append((places.x(bit), (text, "cursor" if bit == cursor else roles[bit])))
    return items


def _braces(fmt: NumberFormat, places: BitPlaces, bits: tuple[int, ...], glyphs: Glyphs) -> Line:
    left, right = ("'", "'") if glyphs.name == "ascii" else ("└", "┘")
    items: list[tuple[int, Span]] = []
    for group in fmt.groups:
        inside = [bit for bit in bits if group.low <= bit < group.low + group.width]
        if not inside:
            continue
        start = places.x(inside[0])
        room = places.x(inside[-1]) + places.cell - start
        items.append((start, (_brace(group, room, left, right, glyphs.horizontal), ROLES[group.name])))
    return _on_row(items)


def _brace(group: Group, room: int, left: str, right: str, rule: str) -> str:
    name, plain = group.name, PLAIN.get(group.name, "")
    texts = [f" {name} {group.width}: {plain} "] if plain else []
    for text in (*texts, f" {name} {group.width} ", f" {name} ", name, f" {name[:3]} ", f" {name[0]} "):
        if len(text) + 2 <= room:
            return left + text.center(room - 2, rule) + right
    return group.name[0].center(room) if room < 3 else left + group.name[0].center(room - 2, rule) + right


def _nibbles(code: int, places: BitPlaces, bits: tuple[int, ...]) -> list[tuple[int, Span]]:
    items: list[tuple[int, Span]] = []
    nibbles: dict[int, list[int]] = {}
    for bit in bits:
        nibbles.setdefault(bit // 4, []).append(bit)
    for number, inside in nibbles.items():
        start = places.x(inside[0])
        room = places.x(inside[-1]) + places.cell - start
        digit = f"{code >> (4 * number) & 15:x}"
        items.append((start + (room - 1) // 2, (digit, "")))
    return items


def _place_values(fmt: NumberFormat, places: BitPlaces) -> list[tuple[int, Span]]:
    """What each bit is worth; empty where that does not fit its cell."""
    items: list[tuple[int, Span]] = []
    for group in fmt.groups:
        for bit in range(group.low + group.width - 1, group.low - 1, -1):
            text = _worth(fmt, group, bit)
            if len(text) >= places.cell:
                return []
            items.append((places.x(bit), (text.center(places.cell).rstrip(), "dim")))
    return items


def _worth(fmt: NumberFormat, group: Group, bit: int) -> str:
    if isinstance(fmt, FloatFormat):
        if group.name == "sign":
            return "+-"
        if group.name == "exponent":
            return str(1 << (bit - group.low))
        return f"1/{1 << (group.width - bit)}"
    scale = fmt.scale if isinstance(fmt, IntFormat) else 0
    sign = "-" if group.name == "sign" else ""
    power = bit + scale
    return f"{sign}{1 << power}" if power >= 0 else f"{sign}1/{1 << -power}"
