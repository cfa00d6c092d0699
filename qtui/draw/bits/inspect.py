"""The inspector: one value's bits, and everything that follows from them."""

from __future__ import annotations

import textwrap
from fractions import Fraction
from functools import lru_cache

from qtui.compute.floats.facts import NotANumber
from qtui.compute.floats.layout import FloatFormat, NumberFormat
from qtui.compute.floats.real import from_fraction
from qtui.compute.floats.text import code_hex, exact_decimal, hex_float, shortest_decimal
from qtui.draw.bits.bins import rounding_picture
from qtui.draw.bits.near import class_row, entered_row, neighbour_row, neighbour_rows, reals_row, stepwise_row
from qtui.draw.bits.row import bit_places, bits_picture
from qtui.draw.bits.text import LABEL, exact_or_near, hex_room, row, short_room, value_of
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span, crop, line, pad
from qtui.scenario.bits.result import BitsResult, Special

LONGEST = 60  # characters of an exact decimal that is written out at a glance
GLANCE = 30  # characters of a longer one
TOGETHER = ("code", "neighbours", "reals")  # no empty row between these and the group before
FIRST_TO_GO = ("rounding", "position", "neighbours", "code", "reals", "neighbours", "ulp", "entered", "formula")


def inspector(
    result: BitsResult, width: int, height: int, glyphs: Glyphs, cursor: int | None = None, all_digits: bool = False
) -> Picture:
    """Everything about one value in rows of `width` cells; `all_digits` writes every number out whole.

    The bits are always the first rows (see `bits_row`). What `height` has to spare sets groups apart; where it is
    short, the least important rows give way and the last one names them. How many rows a group has depends on the
    format, not on the value: rows that stay where they are need not be sent again when a bit flips.
    """
    places = bit_places(result.format.bits, width)
    bits = bits_picture(result.format, result.code, places, glyphs, cursor)
    value, *more = _value_rows(result, width, glyphs, all_digits), *_name_rows(result, width, all_digits)
    groups = {
        "value": [*value, more[0]],
        "code": more[1:],
        "formula": _formula_rows(result, width, glyphs, 112 if all_digits else 10),
        "ulp": [class_row(result, width, glyphs)],
        "neighbours": neighbour_rows(result, glyphs, all_digits),
        "entered": [entered_row(result, width, glyphs)],
        "reals": [reals_row(result, width, glyphs, all_digits), *filter(None, [stepwise_row(result, glyphs)])],
        "rounding": list(rounding_picture(result, width, glyphs, LABEL)),
        "position": [_position(result, width, glyphs)],
    }
    left_out = _fit(groups, height - len(bits), neighbour_row(result, glyphs))
    spare = height - len(bits) - sum(len(rows) for rows in groups.values()) - bool(left_out)
    picture: list[Line] = [*bits]
    for name, rows in groups.items():
        # As many groups as there is room for are set apart by an empty row, from the top.
        if spare > 0 and rows and name not in TOGETHER:
            picture.append(line())
            spare -= 1
        picture += rows
    if left_out:
        picture.append(line((f"a taller window adds: {', '.join(left_out)}", "dim")))
    specials = _specials(result, width, glyphs)
    if spare > len(specials):
        picture += [line(), *specials]
    return tuple(crop(row, width, glyphs.ellipsis) for row in picture)


def _fit(groups: dict[str, list[Line]], room: int, shorter: Line) -> list[str]:
    """Empty the least important groups until all fit `room` rows with one that names what is gone: those names.

    The neighbours shrink to the row `shorter` before anything that is told in words goes.
    """
    gone: list[str] = []
    if sum(map(len, groups.values())) <= room:
        return gone
    for name in FIRST_TO_GO:
        if sum(map(len, groups.values())) + 1 <= room:
            break
        if name == "neighbours" and len(groups[name]) > 1:
            groups[name] = [shorter]
        elif groups[name]:
            groups[name] = []
            gone.insert(0, name)
    return gone


def digits(result: BitsResult, width: int, glyphs: Glyphs, cursor: int | None = None) -> Picture:
    """The bits, and everything that has many digits written out whole."""
    rows = [*bits_picture(result.format, result.code, bit_places(result.format.bits, width), glyphs, cursor), line()]
    rows += [*_value_rows(result, width, glyphs, True), *_name_rows(result, width, True)]
    if result.facts.guaranteed is not None:
        counts = f"{result.facts.guaranteed} guaranteed, {result.digits} usual"
        rows += [line(), *_wrapped("digits", f"{counts}; the others come from the binary fraction", width)]
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
    return (*rows, line(), line(("x: back to everything else", "dim")))


def _pieces(label: str, text: str, width: int) -> list[Line]:
    """A long number over as many rows as it takes."""
    room = max(width - LABEL, 8)
    pieces = [text[i : i + room] for i in range(0, len(text), room)]
    return [row(label if i == 0 else "", piece) for i, piece in enumerate(pieces)]


def _value_rows(result: BitsResult, width: int, glyphs: Glyphs, all_digits: bool) -> list[Line]:
    real = result.stored.real
    room = width - LABEL
    text = exact_decimal(real)
    guaranteed = result.facts.guaranteed or 0
    if len(text) <= (room if all_digits else min(room, LONGEST)):
        return [row("value", *_with_guaranteed(text, guaranteed))]
    if all_digits:
        pieces = [text[i : i + room] for i in range(0, len(text), room)]
        return [row("value", *_with_guaranteed(pieces[0], guaranteed)), *(row("", piece) for piece in pieces[1:])]
    count = sum(c.isdigit() for c in text.partition("e")[0].lstrip("-0."))
    more = f"  all {count} digits: x"
    power = "e" + text.partition("e")[2] if "e" in text else ""
    kept = text[: min(GLANCE, room - len(more)) - len(power) - 1]
    return [row("value", *_with_guaranteed(kept, guaranteed), glyphs.ellipsis + power, (more, "dim"))]


def _name_rows(result: BitsResult, width: int, all_digits: bool) -> list[Line]:
    """Other ways to write the value, side by side where they fit, each in a place of its own."""
    fmt = result.format
    code = code_hex(fmt, result.code) + (f" = {result.code}" if all_digits or fmt.bits <= 16 else "")
    names = [("shortest", shortest_decimal(fmt, result.code), short_room(fmt, result.digits))]
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


def _with_guaranteed(text: str, guaranteed: int) -> list[Span]:
    """The digits that the format guarantees in bold, the others plain: they come from the binary fraction."""
    mantissa, e, power = text.partition("e")
    seen = 0
    for i, character in enumerate(mantissa):
        seen += character.isdigit() and (seen > 0 or character != "0")
        if seen > guaranteed:
            return [(mantissa[:i], "strong"), (mantissa[i:] + e + power, "")]
    return [(text, "strong")]


def _formula_rows(result: BitsResult, width: int, glyphs: Glyphs, longest: int) -> list[Line]:
    """The formula with the fields put in, and worked out, also in base 2 for mantissas of up to `longest` bits."""
    fmt = result.format
    if not isinstance(fmt, FloatFormat):
        return _whole_rows(result, glyphs)
    fields = result.fields
    sign, field, fraction = fields.sign or 0, fields.exponent_field or 0, fields.mantissa_field or 0
    hidden = fields.hidden_bit
    times = f" {glyphs.times} "
    stored = max(field, 1) if fmt.has_zero else field
    parts = [f"(-1)^{sign}"] if fmt.sign else []
    if fmt.mantissa:
        parts.append(f"({hidden} + {fraction}/{1 << fmt.mantissa})")
    parts.append(f"2^({stored}-{fmt.bias})" if fmt.bias >= 0 else f"2^({stored}+{-fmt.bias})")
    formula = _wrapped("formula", times.join(parts), width)
    if fields.significand is None:
        kept_for = "infinity, which has a code of its own" if fields.nan is None else _nan(fields.nan)
        return [*formula, row("", (kept_for, "strong"))]
    minus = "-" if sign else ""
    significand = exact_or_near(fields.significand, 12, glyphs, minus)
    same = glyphs.approx if significand.startswith(glyphs.approx) else "="
    worked = f"{same} {significand.removeprefix(glyphs.approx)}{times}2^{fields.exponent}"
    lead = " " if fmt.sign else ""  # where a minus may stand
    binary = f"{hidden}.{fraction:0{fmt.mantissa}b}" if fmt.mantissa else "1"
    # Room by the format, not by the value: 17 cells for "= -1.6000000238 x 2^", and what the exponents take.
    power = max(len(str(fmt.bias)), len(str((1 << fmt.exponent) - fmt.bias))) + 1
    place = 21 + power
    in_base_2 = f"in base 2: {minus or lead}{binary}{times}2^{fields.exponent}"
    if fmt.mantissa <= longest and LABEL + place + 11 + len(times) + fmt.mantissa + 6 + power <= width:
        return [*formula, row("", worked.ljust(place) + in_base_2)]
    return [*formula, row("", worked), *(_wrapped("", in_base_2, width) if fmt.mantissa <= longest else [])]


def _nan(nan: NotANumber) -> str:
    """What the bits of a NaN say."""
    kind = [] if nan.signalling is None else ["signalling" if nan.signalling else "quiet"]
    kind += [] if nan.negative is None else [f"sign {'-' if nan.negative else '+'}"]
    kind += [] if nan.payload is None else [f"payload {nan.payload:#x}"]
    return "not a number" + (": " if kind else "") + ", ".join(kind)


def _wrapped(label: str, text: str, width: int) -> list[Line]:
    """A row and what does not fit it below."""
    first, *more = textwrap.wrap(text, max(width - LABEL, 20))
    return [row(label, first), *(row("", rest) for rest in more)]


def _whole_rows(result: BitsResult, glyphs: Glyphs) -> list[Line]:
    fmt, code = result.format, result.code
    if fmt.groups[0].name == "index":
        return [row("formula", f"entry {code} of a table of {1 << fmt.bits} values; a block's scale multiplies it")]
    worth = []
    for bit in range(fmt.bits - 1, -1, -1):
        if code >> bit & 1:
            sign = "-" if fmt.first < 0 and bit == fmt.bits - 1 else "+"
            worth.append(f"{sign} {1 << bit}")
    total = " ".join(worth).removeprefix("+ ") or "0"
    scale = getattr(fmt, "scale", 0)
    return [row("formula", f"({total}) {glyphs.times} 2^{scale}" if scale else total)]


def _specials(result: BitsResult, width: int, glyphs: Glyphs) -> list[Line]:
    """The values worth jumping to, the present one marked."""
    named = _special_values(result.format, result.specials, glyphs)
    value_room = max(len(value) for _, value, _, _ in named) + 2
    cells: list[list[Span | str]] = []
    for name, value, code_text, code in named:
        mark = glyphs.right if code == result.code else " "
        cells.append(
            [(mark, "strong"), (f" {name}".ljust(16), "label"), value.ljust(value_room), (f"{code_text}   ", "dim")]
        )
    across = max(1, min(3, width // (17 + value_room + len(named[0][2]) + 3)))
    half = -(-len(cells) // across)
    rows = [line(("special values: n, N or g", "dim"))]
    for i in range(half):
        rows.append(line(*(span for cell in cells[i::half] for span in cell)))
    return rows


@lru_cache(maxsize=8)
def _special_values(
    fmt: NumberFormat, specials: tuple[Special, ...], glyphs: Glyphs
) -> tuple[tuple[str, str, str, int], ...]:
    """Name, value, code as text and code of the values worth jumping to: the same for every value on show."""
    return tuple(
        (special.name, value_of(special.real, glyphs, 24), code_hex(fmt, special.code), special.code)
        for special in specials
    )


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
