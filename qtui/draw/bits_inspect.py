"""The inspector: one value's bits, and everything that they say."""

from __future__ import annotations

import textwrap
from fractions import Fraction
from typing import TYPE_CHECKING

from qtui.compute.floats.facts import promised_digits
from qtui.compute.floats.layout import FloatFormat
from qtui.compute.floats.text import (
    code_hex,
    exact_decimal,
    hex_float,
    rounded_decimal,
    shortest_decimal,
)
from qtui.draw.bits_bins import rounding_bin
from qtui.draw.bits_row import bit_places, bits_picture
from qtui.draw.bits_text import exact_or_near, interval_text, percent, power_name, value_of
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span, crop, line

if TYPE_CHECKING:
    from qtui.scenario.bits_result import BitsResult

LABEL = 10


def inspector(
    result: BitsResult, width: int, height: int, glyphs: Glyphs, cursor: int | None = None, all_digits: bool = False
) -> Picture:
    """Everything about one value in rows of `width` cells; `all_digits` writes the exact decimal out whole.

    What `height` has to spare sets groups apart; the bits are always the first rows (see `bits_row`).
    """
    places = bit_places(result.format.bits, width)
    bits = bits_picture(result.format, result.code, places, glyphs, cursor)
    about = [_value_rows(result, width, glyphs, all_digits), _formula_rows(result, width, glyphs)]
    about += [_neighbour_rows(result, width, glyphs), _entry_rows(result, width, glyphs)]
    about += [[_position(result, width, glyphs)]]
    bins = rounding_bin(result, width, glyphs, LABEL)
    if bins and height >= len(bits) + sum(len(rows) for rows in about) + len(bins):
        about.insert(-1, list(bins))
    spare = height - len(bits) - sum(len(rows) for rows in about)
    picture: list[Line] = [*bits]
    for rows in about:
        # As many groups as there is room for are set apart by an empty row, from the top.
        if spare > 0 and rows:
            picture.append(line())
            spare -= 1
        picture += rows
    specials = _specials(result, width, glyphs)
    if spare > len(specials):
        picture += [line(), *specials]
    return tuple(crop(row, width, glyphs.ellipsis) for row in picture)


def digits(result: BitsResult, width: int, glyphs: Glyphs, cursor: int | None = None) -> Picture:
    """The bits and the exact decimal written out whole."""
    picture: list[Line] = [
        *bits_picture(result.format, result.code, bit_places(result.format.bits, width), glyphs, cursor)
    ]
    value = [row for row in _value_rows(result, width, glyphs, True)]
    return (*picture, line(), *value, line(), line(("x: back to everything else", "dim")))


def _row(label: str, *spans: Span | str) -> Line:
    return line((label.ljust(LABEL), "label"), *spans)


def _value_rows(result: BitsResult, width: int, glyphs: Glyphs, all_digits: bool) -> list[Line]:
    real = result.stored.real
    room = width - LABEL
    text = exact_decimal(real)
    promised = promised_digits(result.format)
    rows = []
    if len(text) <= room:
        rows.append(_row("value", *_with_promised(text, promised)))
    elif all_digits:
        pieces = [text[i : i + room] for i in range(0, len(text), room)]
        rows.append(_row("value", *_with_promised(pieces[0], promised)))
        rows += [_row("", piece) for piece in pieces[1:]]
    else:
        digits = sum(c.isdigit() for c in text.partition("e")[0].lstrip("-0."))
        more = f"{glyphs.ellipsis}  all {digits} digits: x"
        power = "e" + text.partition("e")[2] if "e" in text else ""
        kept = text[: room - len(more) - len(power) - 1]
        rows.append(_row("value", *_with_promised(kept, promised), (more[0] + power, ""), (more[1:], "dim")))
    short = shortest_decimal(result.format, result.code)
    rows.append(
        _row(
            "shortest", (short, "strong"), "   ", ("hex float ", "label"), hex_float(real), "   ", ("code ", "label")
        )
    )
    code = f"{code_hex(result.format, result.code)} = {result.code}"
    if sum(len(t) for t, _ in rows[-1]) + len(code) > width:
        rows[-1] = _row("shortest", (short, "strong"), "   ", ("hex float ", "label"), hex_float(real))
        rows += _wrapped("code", code, width)
    else:
        rows[-1] = line(*rows[-1], code)
    return rows


def _with_promised(text: str, promised: int) -> list[Span]:
    """The digits that the format promises in bold, the others not: they come from the binary fraction."""
    mantissa, e, power = text.partition("e")
    seen = 0
    for i, character in enumerate(mantissa):
        seen += character.isdigit() and (seen > 0 or character != "0")
        if seen > promised:
            return [(mantissa[:i], "strong"), (mantissa[i:], "dim"), (e + power, "")]
    return [(text, "strong")]


def _formula_rows(result: BitsResult, width: int, glyphs: Glyphs) -> list[Line]:
    fmt = result.format
    if not isinstance(fmt, FloatFormat):
        return _whole_rows(result, glyphs)
    sign, field, fraction = result.sign_field or 0, result.exponent_field or 0, result.mantissa_field or 0
    if result.exponent is None:
        what = "infinity" if result.kind == "infinity" else "NaN, not a number"
        ones = " (all ones)" if field == (1 << fmt.exponent) - 1 else ""
        parts = [f"exponent {field}{ones}"] + [f"mantissa {fraction}"] * bool(fmt.mantissa)
        return _wrapped("formula", f"{', '.join(parts)}: a code kept for {what}", width)
    hidden = 0 if result.kind in ("subnormal", "zero") or not fmt.exponent else 1
    times = f" {glyphs.times} "
    stored = max(field, 1) if fmt.has_zero else field
    parts = [f"(-1)^{sign}"] if fmt.sign else []
    parts.append(f"2^({stored}-{fmt.bias})" if fmt.bias >= 0 else f"2^({stored}+{-fmt.bias})")
    if fmt.mantissa:
        parts.append(f"({hidden} + {fraction}/{1 << fmt.mantissa})")
    significand = hidden + Fraction(fraction, 1 << fmt.mantissa)
    worked = [("-1" if sign else "1")] if fmt.sign else []
    worked.append(f"2^{result.exponent}")
    if fmt.mantissa:
        worked.append(exact_or_near(significand, 30, glyphs))
    binary = f"{hidden}.{fraction:0{fmt.mantissa}b}" if fmt.mantissa else "1"
    worked_out = _row("", "= " + times.join(worked))
    in_binary = f"   in base 2: {'-' if sign else ''}{binary}{times}2^{result.exponent}"
    if sum(len(t) for t, _ in worked_out) + len(in_binary) <= width:
        worked_out = line(*worked_out, (in_binary, "dim"))
    rows = [*_wrapped("formula", times.join(parts), width), worked_out]
    about: list[Span | str] = []
    if fmt.exponent:
        about = [f"stored {field}, bias {fmt.bias}, so 2^{result.exponent}   "]
    about += [("class ", "label"), (result.kind, "strong")]
    if fmt.exponent and fmt.has_zero and field == 0:
        why = "field 0: no leading 1, the exponent of field 1"
        if LABEL + sum(len(part if isinstance(part, str) else part[0]) for part in about) + 3 + len(why) > width:
            why = "no leading 1"
        about.append((f"   {why}", "dim"))
    return [*rows, _row("exponent" if fmt.exponent else "", *about)]


def _wrapped(label: str, said: str, width: int) -> list[Line]:
    """A row and what does not fit it below."""
    first, *more = textwrap.wrap(said, max(width - LABEL, 20))
    return [_row(label, first), *(_row("", text) for text in more)]


def _whole_rows(result: BitsResult, glyphs: Glyphs) -> list[Line]:
    fmt, code = result.format, result.code
    if fmt.groups[0].name == "index":
        return [_row("formula", f"entry {code} of a table of {1 << fmt.bits} values; a block's scale multiplies it")]
    worth = []
    for bit in range(fmt.bits - 1, -1, -1):
        if code >> bit & 1:
            sign = "-" if fmt.first < 0 and bit == fmt.bits - 1 else "+"
            worth.append(f"{sign} {1 << bit}")
    total = " ".join(worth).removeprefix("+ ") or "0"
    scale = getattr(fmt, "scale", 0)
    return [_row("formula", f"({total}) {glyphs.times} 2^{scale}" if scale else total)]


def _neighbour_rows(result: BitsResult, width: int, glyphs: Glyphs) -> list[Line]:
    rows = []
    if result.ulp is not None:
        name = power_name(result.ulp)
        text = exact_or_near(result.ulp, 24, glyphs)
        rows.append(_row("ulp", text, (f"  = {name}" if name else "", "dim")))
    for label, code, sign in (("previous", result.previous, "-"), ("next", result.next, "+")):
        if code is None:
            rows.append(
                _row(label, ("none: this is the end" if result.kind != "nan" else "none: not a number", "dim"))
            )
            continue
        distance = result.distance(code)
        away = "" if distance is None else "   " + exact_or_near(distance, 18, glyphs, sign)
        value = value_of(result.format, code, glyphs, 24)
        rows.append(_row(label, value, (away, "dim"), ("   " + code_hex(result.format, code), "dim")))
    return rows


def _entry_rows(result: BitsResult, width: int, glyphs: Glyphs) -> list[Line]:
    stored = result.stored
    shown = result.input if len(result.input) <= 24 else result.input[:23] + glyphs.ellipsis
    entered = f"the code {shown}" if result.is_code else shown
    rows = []
    if stored.exact:
        rows.append(_row("entered", entered, "   ", (f"{glyphs.yes} exact", "good")))
    elif stored.absolute_error is None:
        rows.append(_row("entered", entered, "   ", (f"{glyphs.no} {stored.note}", "bad")))
    else:
        rows.append(_row("entered", entered, "   ", *_error_spans(result, glyphs)))
    if result.step_by_step is not None:
        rows.append(_row("stepwise", *_stepwise(result, glyphs)))
    interval = result.interval_of_code
    if interval is not None:
        which = {"stochastic": "may round here"}.get(result.rounding, "round here")
        text = interval_text(interval, width - LABEL - 14, glyphs)
        rows.append(_row("reals", text, (f"  {which}", "dim")))
    else:
        rows.append(_row("reals", _no_interval(result, glyphs)))
    return rows


def _no_interval(result: BitsResult, glyphs: Glyphs) -> str:
    """What is stored as NaN, or as an infinity that saturation never gives."""
    over = result.overflow_from
    to_nan = result.kind == "nan" and not result.format.has_infinity
    if to_nan and over is not None and over.low is not None and result.rounding.startswith("nearest"):
        border = exact_or_near(over.low, 30, glyphs)
        size = f"of size {border} and more" if over.low_in else f"larger than {border} in size"
        return f"all {size} overflow to NaN"
    return "none rounds here"


def _error_spans(result: BitsResult, glyphs: Glyphs) -> list[Span]:
    stored = result.stored
    if stored.absolute_error is None:
        return []
    above = stored.real.value > result.entered.value
    sign = "+" if above else "-"
    parts = [f"{glyphs.no} not exact: {sign}{rounded_decimal(stored.absolute_error, 6)}"]
    if stored.relative_error is not None:
        parts.append(percent(stored.relative_error))
    if stored.ulp_error is not None:
        parts.append(f"{rounded_decimal(stored.ulp_error, 3)} ulp")
    note = f"   {stored.note}" if stored.note else ""
    return [(", ".join(parts), "warn"), (note, "bad")]


def _stepwise(result: BitsResult, glyphs: Glyphs) -> list[Span]:
    code = result.step_by_step if result.step_by_step is not None else result.code
    other = value_of(result.format, code, glyphs, 26)
    far = ""
    there, here = result.format.ordinal(code), result.format.ordinal(result.code)
    if there is not None and here is not None:
        far = f", {abs(there - here)} codes {'above' if there > here else 'below'}"
    return [(other, "warn"), (f"   if each step is rounded to {result.format.name}{far}", "dim")]


def _specials(result: BitsResult, width: int, glyphs: Glyphs) -> list[Line]:
    """The values worth jumping to, the present one marked."""
    fmt = result.format
    rows_of: list[tuple[str, str, str, bool]] = []
    for name, code in result.specials.items():
        rows_of.append((name, value_of(fmt, code, glyphs, 24), code_hex(fmt, code), code == result.code))
    value_room = max(len(value) for _, value, _, _ in rows_of) + 2
    cells: list[list[Span | str]] = []
    for name, value, code_text, here in rows_of:
        label = f"{glyphs.right if here else ' '} {name}".ljust(17)
        cells.append([(label, "strong" if here else "label"), value.ljust(value_room), (f"{code_text}   ", "dim")])
    across = max(1, min(3, width // (17 + value_room + len(rows_of[0][2]) + 3)))
    half = -(-len(cells) // across)
    rows = [line(("special values: n, N or g", "dim"))]
    for i in range(half):
        rows.append(line(*(span for cell in cells[i::half] for span in cell)))
    return rows


def _position(result: BitsResult, width: int, glyphs: Glyphs) -> Line:
    """A slider over all of the format's values in their order, not to scale."""
    names = ("lowest", "highest")
    if result.position is None:
        return _row("position", ("outside the order of numbers", "dim"))
    room = max(10, width - LABEL - len(names[0]) - len(names[1]) - 2)
    at = min(room - 1, int(result.position * room))
    low, high = glyphs.horizontal * at, glyphs.horizontal * (room - 1 - at)
    mark = "O" if glyphs.name == "ascii" else "█"
    return _row(
        "position", (names[0] + " ", "dim"), (low, "axis"), (mark, "strong"), (high, "axis"), (" " + names[1], "dim")
    )


def slider_share(picture: Picture, y: int, x: int) -> Fraction | None:
    """How far along the position slider the cell (x, y) of an inspector is, 0 to 1; None elsewhere."""
    if not 0 <= y < len(picture) or not picture[y] or picture[y][0][0].strip() != "position":
        return None
    text = "".join(part for part, _ in picture[y])
    first, last = text.find("lowest ") + 7, text.rfind(" highest") - 1
    return Fraction(min(max(x - first, 0), last - first), last - first) if 7 <= first < last else None
