"""The fields of a code in words: how far the exponent reaches, which digits the mantissa gives, and the formula."""

from __future__ import annotations

import textwrap

from qtui.compute.floats.facts import NotANumber
from qtui.compute.floats.grids import IntFormat
from qtui.compute.floats.layout import FloatFormat
from qtui.draw.bits.text import LABEL, exact_or_near, power_name, row
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line
from qtui.scenario.bits.result import BitsResult

LONGEST_BINARY = 10  # bits of a mantissa that is written in base 2 at a glance


def field_rows(result: BitsResult, width: int, glyphs: Glyphs) -> list[Line]:
    """What the exponent and the mantissa say, each in a row; empty where the format has none."""
    fmt = result.format
    if not isinstance(fmt, FloatFormat):
        return []
    rows = [_exponent(result, width, glyphs)] if fmt.exponent else []
    return rows + ([_mantissa(result, fmt, width)] if fmt.mantissa else [])


def _exponent(result: BitsResult, width: int, glyphs: Glyphs) -> Line:
    fields = result.fields
    stored = f"{fields.exponent_field}"
    if fields.exponent is None:
        which = "infinity" if fields.nan is None else "NaN"
        return _fitting("exponent", [f"{stored}, kept for {which}"], width)
    power = f"2^{fields.exponent}"
    means = f"{stored} means {power}"
    start, end = result.octave or (None, None)
    if start is None or end is None:
        # The lowest step: no leading 1.
        return _fitting("exponent", [f"{means}, the smallest; no leading 1: how far down it goes", means], width)
    names = [exact_or_near(size, 10, glyphs) for size in (start, end)]
    if any(len(name) > 8 for name in names):
        names = [power_name(size) for size in (start, end)]
    far = f"how far: from {names[0]} to {names[1]}"
    return _fitting("exponent", [f"{means}   {far}", f"{means}   {far.removeprefix('how far: ')}", means], width)


def _mantissa(result: BitsResult, fmt: FloatFormat, width: int) -> Line:
    fields = result.fields
    steps = f"{fields.mantissa_field or 0:,} of {1 << fmt.mantissa:,} steps"
    if fields.significand is None:
        return _fitting("mantissa", [f"{fields.mantissa_field or 0:,}"], width)
    options = [f"{steps}   the digits: how far along", f"{steps}   the digits", steps]
    return _fitting("mantissa", options, width)


def _fitting(label: str, texts: list[str], width: int) -> Line:
    room = width - LABEL
    return row(label, next((text for text in texts if len(text) <= room), texts[-1]))


def formula_rows(result: BitsResult, width: int, glyphs: Glyphs, longest: int = LONGEST_BINARY) -> list[Line]:
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
    formula = wrapped("formula", times.join(parts), width)
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
    return [*formula, row("", worked), *(wrapped("", in_base_2, width) if fmt.mantissa <= longest else [])]


def _nan(nan: NotANumber) -> str:
    """What the bits of a NaN say."""
    kind = [] if nan.signalling is None else ["signalling" if nan.signalling else "quiet"]
    kind += [] if nan.negative is None else [f"sign {'-' if nan.negative else '+'}"]
    kind += [] if nan.payload is None else [f"payload {nan.payload:#x}"]
    return "not a number" + (": " if kind else "") + ", ".join(kind)


def wrapped(label: str, text: str, width: int) -> list[Line]:
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
    scale = fmt.scale if isinstance(fmt, IntFormat) else 0
    return [row("formula", f"({total}) {glyphs.times} 2^{scale}" if scale else total)]
