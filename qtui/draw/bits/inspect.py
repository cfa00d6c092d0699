"""The inspector: one value, large, its bits, and everything that follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from qtui.compute.floats.layout import FloatFormat
from qtui.compute.floats.real import from_fraction
from qtui.compute.floats.text import code_hex, exact_decimal, hex_float, rounded_decimal, shortest_decimal
from qtui.draw.bits.all import in_formats
from qtui.draw.bits.bins import rounding_picture
from qtui.draw.bits.fields import field_rows, formula_rows, wrapped
from qtui.draw.bits.groups import RowGroup, arranged
from qtui.draw.bits.headline import TALL, headline, with_guaranteed
from qtui.draw.bits.line import stacked
from qtui.draw.bits.near import class_row, neighbour_row, neighbour_rows, reals_row, stepwise_row
from qtui.draw.bits.row import bit_places, bits_picture
from qtui.draw.bits.text import LABEL, exact_or_near, hex_room, misfit, row, value_of
from qtui.draw.frame import beside, size_of, split
from qtui.draw.glyphs import ASCII, Glyphs
from qtui.draw.picture import Line, Picture, Span, crop, line, pad
from qtui.scenario.bits.result import BitsResult

ROWS = 60  # of a printed picture
TALL_FROM = 30  # rows
FIRST_TO_GO = ("special values", "position", "written", "rounding", "neighbours", "fields", "neighbours")
BESIDE_FIRST_TO_GO = ("line", "formats")


@dataclass(frozen=True)
class Rows:
    """Where things stand in an inspector `width` by `height`: its headline, then the bits, then all the rest."""

    tall: bool  # figures of three rows
    head: int  # rows of the headline and what sets it apart
    bits: int  # the first row of the bits


def rows_of(bits: int, width: int, height: int) -> Rows:
    """How an inspector of a format of so many bits begins; a low window has no headline."""
    tall = size_of(width, height) != "small" and height >= TALL_FROM
    taken = 4 * len(bit_places(bits, width).rows)
    if height < taken + 4:
        return Rows(False, 0, 0)
    head = TALL + 1 if tall else 1 + (height >= taken + 11)
    return Rows(tall, head, head)


def plot_columns(result: BitsResult, width: int, height: int) -> int:
    """Columns of the number line that stands beside it in a larger window; 0 in a small one."""
    return split(width).right if size_of(width, height) != "small" else 0


def picture(result: BitsResult, width: int, height: int, glyphs: Glyphs, cursor: int | None = None) -> Picture:
    """Everything about one value; in print, without a cursor, every number is written out whole.

    What `height` has to spare sets groups apart; where it is short, the least important ones give way and the last
    row names them. How many rows a group has depends on the format, not on the value: rows that stay where they are
    need not be sent again when a bit flips.
    """
    all_digits = cursor is None
    start = rows_of(result.format.bits, width, height)
    top: list[Line] = []
    if start.head:
        top += headline(result, width, glyphs, start.tall, all_digits)
        top += [line()] * (start.head - len(top))
    top += bits_picture(result.format, result.code, bit_places(result.format.bits, width), glyphs, cursor)
    if start.tall:
        top.append(line())
    room = height - len(top)
    if result.ticks:
        columns = split(width)
        left = arranged(_groups(result, columns.left, glyphs, all_digits), FIRST_TO_GO, columns.left, room, glyphs)
        right = _beside(result, columns.right, room, glyphs)
        rest = beside(left, right, columns)
    else:
        rest = arranged(_groups(result, width, glyphs, all_digits), FIRST_TO_GO, width, room, glyphs)
    return tuple(crop(row, width, glyphs.ellipsis) for row in (*top, *rest))


def sentence(result: BitsResult) -> str:
    """What the bits say of the value, and what was lost."""
    fmt, stored = result.format, result.stored
    if text := misfit(result):
        return text
    if not stored.real.finite:
        which = "infinity" if stored.kind == "infinity" else "NaN, which is not a number"
        if isinstance(fmt, FloatFormat) and fmt.special == "ieee":
            return f"Exponents of ones only are kept for what is no number: this one is {which}."
        return f"This code is kept for {which}."
    if not isinstance(fmt, FloatFormat):
        if fmt.groups[0].name == "index":
            what = f"{fmt.name[:24]} has no fields: its bits are a place in a table of {1 << fmt.bits}"
        else:
            what = f"{fmt.name} has whole numbers only, all the same distance apart"
        return what + (f"; the nearest to {result.input[:24]} is taken." if not stored.exact else ".")
    if stored.kind == "zero":
        return "Exponent and mantissa are all 0: zero, where the smallest numbers begin."
    if stored.kind == "subnormal":
        return "The exponent is at its lowest and the leading 1 is gone: the smaller, the fewer digits."
    if stored.exact:
        gap = "" if result.ulp is None else f"; the next is {_about(result.ulp)} further"
        name = result.input[:24] if not result.is_code else "The value"
        return f"{name} fits exactly: the exponent says how far, the mantissa gives the digits{gap}."
    above = stored.real.value > result.entered.value
    error = f"{rounded_decimal(stored.absolute_error or Fraction(0), 2)} too {'high' if above else 'low'}"
    note = f" ({stored.note})" if stored.note else ""
    which = "its nearest number" if result.rounding.startswith("nearest") else "what is stored"
    return f"{fmt.name} has no {result.input[:24]}: {which} is {error}{note}."


def _about(size: Fraction) -> str:
    """A size in few digits, and in words where they are not all."""
    return exact_or_near(size, 10, ASCII).replace(ASCII.approx, "about ")


def _groups(result: BitsResult, width: int, glyphs: Glyphs, all_digits: bool) -> list[RowGroup]:
    fields = field_rows(result, width, glyphs)
    whole = [*fields, *formula_rows(result, width, glyphs, 112 if all_digits else 10)]
    around = [*neighbour_rows(result, glyphs, all_digits), class_row(result, width, glyphs)]
    rounding = [reals_row(result, width, glyphs, all_digits), *filter(None, [stepwise_row(result, glyphs)])]
    rounding += rounding_picture(result, width, glyphs, LABEL)
    return [
        RowGroup("fields", "What the bits say", tuple(whole), tuple(fields or whole[:1])),
        RowGroup("neighbours", "The numbers next to it", tuple(around), (neighbour_row(result, glyphs), around[-1])),
        RowGroup("rounding", "What becomes this number", tuple(rounding)),
        RowGroup("written", "Other ways to write it", tuple(_names(result, width, all_digits))),
        RowGroup("position", "Among all numbers of the format", (_position(result, width, glyphs),)),
        RowGroup("special values", "Special values", special_rows(result, width, glyphs, 24 if all_digits else 14)),
    ]


def _beside(result: BitsResult, width: int, height: int, glyphs: Glyphs) -> Picture:
    """What stands to the right of a large inspector: as many number lines as there is room for."""
    formats = in_formats(result, width, glyphs)
    room = height - len(formats) - 3  # the titles, and a blank row between
    groups = [
        RowGroup("formats", "The same number in other formats", formats),
        RowGroup("line", "Where the numbers of a format are", stacked(result, width, room, glyphs)),
    ]
    return arranged(groups, BESIDE_FIRST_TO_GO, width, height, glyphs, note=False)


def digits(result: BitsResult, width: int, glyphs: Glyphs, key: str, cursor: int | None = None) -> Picture:
    """The bits, and everything that has many digits written out whole; `key` goes back."""
    text = exact_decimal(result.stored.real)
    rows = [*bits_picture(result.format, result.code, bit_places(result.format.bits, width), glyphs, cursor), line()]
    first, *more = _pieces("value", text, width)
    rows += [row("value", *with_guaranteed(text[: max(width - LABEL, 8)], result)), *more]
    rows += _names(result, width, True)
    if result.facts.guaranteed is not None:
        counts = f"{result.facts.guaranteed} guaranteed, {result.digits} usual"
        rows += [line(), *wrapped("digits", f"{counts}; the others come from the binary fraction", width)]
    named = [("ulp", "" if result.ulp is None else exact_decimal(from_fraction(result.ulp)))]
    for name, other in (("previous", result.previous), ("next", result.next)):
        named.append((name, "" if other is None else exact_decimal(other.real)))
    interval = result.stored.reals
    if interval is not None:
        ends = ((interval.low, interval.low_in), (interval.high, interval.high_in))
        for name, word, (end, inside) in zip(("reals", ""), ("from", "to"), ends, strict=True):
            if end is not None:
                named.append((name, f"{word} {exact_decimal(from_fraction(end))}, {'in' if inside else 'out'}"))
    for name, text in named:
        if text:
            rows += [line(), *_pieces(name, text, width)]
    return (*rows, line(), line((f"{key}: back to everything else", "dim")))


def _pieces(label: str, text: str, width: int) -> list[Line]:
    """A long number over as many rows as it takes."""
    room = max(width - LABEL, 8)
    pieces = [text[i : i + room] for i in range(0, len(text), room)]
    return [row(label if i == 0 else "", piece) for i, piece in enumerate(pieces)]


def _names(result: BitsResult, width: int, all_digits: bool) -> list[Line]:
    """Other ways to write the value, side by side where they fit, each in a place of its own."""
    fmt = result.format
    code = code_hex(fmt, result.code) + (f" = {result.code}" if all_digits or fmt.bits <= 16 else "")
    names = [("shortest", shortest_decimal(fmt, result.code), result.widest)]
    if isinstance(fmt, FloatFormat):
        names.append(("hex float", hex_float(result.stored.real), hex_room(fmt)))
    names.append(("code", code, len(code)))
    rows: list[Line] = []
    at = width + 1
    for name, text, room in names:
        if at + 3 + len(name) + 1 + room > width:
            rows.append(row(name, text))
            at = LABEL
        else:
            beside = pad(rows[-1], at)
            rows[-1] = line(*beside, "   ", (f"{name} ", "label"), text)
            at += 3 + len(name) + 1
        at += room
    return rows


def special_rows(result: BitsResult, width: int, glyphs: Glyphs, room: int) -> Picture:
    """The values worth jumping to, each in `room` cells, the present one marked."""
    fmt = result.format
    named = [(s.name, value_of(s.real, glyphs, room), code_hex(fmt, s.code), s.code) for s in result.specials]
    value_room = max(len(value) for _, value, _, _ in named) + 2
    cells: list[list[Span | str]] = []
    for name, value, code_text, code in named:
        mark = glyphs.right if code == result.code else " "
        cells.append(
            [(mark, "strong"), (f" {name}".ljust(16), "label"), value.ljust(value_room), (f"{code_text}   ", "dim")]
        )
    across = max(1, min(3, width // (17 + value_room + len(named[0][2]) + 3)))
    half = -(-len(cells) // across)
    return tuple(line(*(span for cell in cells[i::half] for span in cell)) for i in range(half))


def _position(result: BitsResult, width: int, glyphs: Glyphs) -> Line:
    """A slider over all of the format's values in their order, not to scale."""
    names = ("lowest", "highest")
    room = max(10, width - LABEL - len(names[0]) - len(names[1]) - 2)
    rule: list[Span] = [(glyphs.horizontal * room, "axis")]
    if result.position is not None:  # None for NaN
        at = min(room - 1, int(result.position * room))
        mark = "O" if glyphs.name == "ascii" else "█"
        rule = [(glyphs.horizontal * at, "axis"), (mark, ""), (glyphs.horizontal * (room - 1 - at), "axis")]
    return row("position", (names[0] + " ", "dim"), *rule, (" " + names[1], "dim"))


def slider_share(picture: Picture, y: int, x: int) -> Fraction | None:
    """How far along the position slider the cell (x, y) of an inspector is, 0 to 1; None elsewhere."""
    if not 0 <= y < len(picture) or not picture[y] or picture[y][0][0].strip() != "position":
        return None
    text = "".join(part for part, _ in picture[y])
    first, last = text.find("lowest ") + 7, text.rfind(" highest") - 1
    return Fraction(min(max(x - first, 0), last - first), last - first) if 7 <= first < last else None
