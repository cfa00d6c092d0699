"""A float of one's own: the five choices that make it, what they give, and what moving one bit would change."""

from __future__ import annotations

import textwrap
from fractions import Fraction

from qtui.compute.floats.facts import FormatFacts
from qtui.compute.floats.layout import SPECIALS_HELP, FloatFormat
from qtui.compute.floats.text import grouped_bits, rounded_decimal
from qtui.draw.bits.axis import axis
from qtui.draw.bits.formats import format_table
from qtui.draw.bits.inspect import special_rows
from qtui.draw.bits.line import MANY, tick
from qtui.draw.bits.rows import ShownFormats
from qtui.draw.bits.text import count_text, exact_or_near, power_name, value_of
from qtui.draw.frame import beside, group, size_of, split, stack, title
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span, columns, crop, line
from qtui.draw.picture import width as cells
from qtui.scenario.bits.result import BitsResult

ROWS = 60
DESIGN_FIELDS = ("exponent", "mantissa", "bias", "special", "sign")
TOP = 2  # rows above the first field

SMALL_ROWS = 9  # rows of the numbers of a small format
ONE = 60  # cells in which special values stand in one column


def plot_columns(result: BitsResult, width: int, height: int) -> int:
    """Columns of the line of its numbers."""
    return width


def picture(result: BitsResult, width: int, height: int, glyphs: Glyphs, cursor: int | None = None) -> Picture:
    """The five choices that make a float, what they give, and what moving one bit would change.

    The choices of `DESIGN_FIELDS` begin at row `TOP`. `result` is plotted in `width` columns.
    """
    fmt = result.format
    if not isinstance(fmt, FloatFormat):
        text = f"{fmt.name[:40]} is not a float; a key that changes a field starts from float8_e4m3fn."
        return tuple(line((row, "dim")) for row in textwrap.wrap(text, width))
    drawn: list[Line] = [*_headline(result, fmt, width, glyphs)]
    if size_of(width, height) == "large":
        drawn += _two_columns(result, fmt, width, cursor, glyphs)
        below = [_numbers(result, width, SMALL_ROWS, glyphs)] if fmt.bits <= 8 else []
        below += [_beside_usual(result, width, glyphs)]
        numbers = _number_line(result, width, glyphs)
        spare = height - len(stack(drawn, numbers, *below))
        numbers = _number_line(result, width, glyphs, 1 + max(0, min(spare, 2)))
        drawn = [*stack(drawn, numbers, *below, height=height)]
        return tuple(crop(row, width, glyphs.ellipsis) for row in drawn)
    drawn += _choices(fmt, cursor, glyphs)
    trades = _trades(result, width, glyphs)
    spare = height - len(drawn) - len(trades) - 1
    drawn += [line()] * (spare > 0)
    drawn += [title("What it gives, and what one bit moved would change", width, glyphs)] * (spare >= 0)
    drawn += trades
    if 0 < height < len(drawn):
        drawn[height - 1 :] = [line((f"{len(drawn) - height + 1} more rows need a taller window", "dim"))]
    numbers = _number_line(result, width, glyphs)
    if height >= len(drawn) + 1 + len(numbers):
        drawn += [line(), *numbers]
    if height >= len(drawn) + 4 and fmt.bits <= 8:
        drawn += [line(), *_numbers(result, width, height - len(drawn) - 1, glyphs)]
    if height >= len(drawn) + 4:
        drawn += [line(), *_specials(result, width, height - len(drawn) - 1, glyphs)]
    return tuple(crop(row, width, glyphs.ellipsis) for row in drawn)


def _two_columns(result: BitsResult, fmt: FloatFormat, width: int, cursor: int | None, glyphs: Glyphs) -> Picture:
    """The choices and what they give, and beside them the special values."""
    places = split(width, 0.55)
    heading = title("What it gives, and what one bit moved would change", places.left, glyphs)
    left = (*_choices(fmt, cursor, glyphs), (), heading, *_trades(result, places.left, glyphs))
    specials = group("Special values", special_rows(result, places.right, glyphs, 14), places.right, glyphs)
    return beside(left, specials, places)


def _beside_usual(result: BitsResult, width: int, glyphs: Glyphs) -> Picture:
    """What the usual formats have."""
    shown = ShownFormats(tuple(range(result.usual)), 0, result.usual + 1, 0)
    return group("Formats in use", format_table(result, width, glyphs, shown), width, glyphs)


def sentence(result: BitsResult) -> str:
    """What the bits of the design buy."""
    facts = result.facts
    if facts.digits is None or facts.decades is None:
        return "More exponent bits reach further, more mantissa bits are finer: a float deals its bits to both."
    twin = f" It is {result.twin}." if result.twin and result.twin != result.format.name else ""
    text = f"{facts.bits} bits buy {facts.decades:.1f} powers of ten and {facts.digits:.1f} digits"
    trade = result.trades[0] if result.trades else None
    if trade is not None and trade.facts.decades is not None:
        text += f"; with a {trade.name.replace(' to ', ' moved to the ')} they buy {_decades(trade.facts)}"
        text += f" and {trade.facts.digits or 0:.1f}"
    return f"{text}.{twin}"


def _headline(result: BitsResult, fmt: FloatFormat, width: int, glyphs: Glyphs) -> list[Line]:
    """The layout in letters, and the value in its bits."""
    widths = ((fmt.sign, "s"), (fmt.exponent, "e"), (fmt.mantissa, "m"))
    letters = " ".join(count * letter for count, letter in widths if count)
    if len(letters) + 44 > width:
        letters = " ".join(f"{count}{letter}" for count, letter in widths if count)
    bits = grouped_bits(fmt, result.code)
    lead = line((letters, "strong"), (f"  {fmt.bits} bits", "dim"), f"   {result.input[:16]} is stored as ")
    room = width - cells(lead)
    stored = value_of(result.stored.real, glyphs, min(24, max(8, room)))
    if len(bits) + 3 + len(stored) <= room:
        lead = line(*lead, f"{bits} = ")
    return [line(*lead, (stored, "strong")), line()]


def _choices(fmt: FloatFormat, cursor: int | None, glyphs: Glyphs) -> list[Line]:
    values = (str(fmt.exponent), str(fmt.mantissa), str(fmt.bias), fmt.special, "yes" if fmt.sign else "no")
    names = ("exponent bits", "mantissa bits", "bias", "special codes", "sign bit")
    notes = (
        "how far",
        "the digits",
        "shifts the range by powers of two",
        SPECIALS_HELP[fmt.special],
        "below zero, too",
    )
    rows = []
    for i, (name, value, note) in enumerate(zip(names, values, notes, strict=True)):
        rows.append(
            line(
                (name.ljust(15), "label"),
                (glyphs.left, "dim"),
                (f" {value.center(5)} ", "cursor" if i == cursor else "strong"),
                (glyphs.right, "dim"),
                ("  " + note, "dim"),
            )
        )
    return rows


def _number_line(result: BitsResult, width: int, glyphs: Glyphs, rows: int = 1) -> Picture:
    """Its numbers from the lowest to the largest, as marks of so many `rows`."""
    ticks = "".join(tick(count, glyphs) for count in result.spread)
    ends = axis(result.facts.lowest, result.facts.largest, width, glyphs)
    few, many = glyphs.shades[1], glyphs.shades[3]
    heading = f"Its numbers, lowest to largest: {glyphs.vertical} one, {few} 2 to {MANY - 1}, {many} {MANY} or more"
    return (title(heading, width, glyphs), *[line((ticks, "series1"))] * rows, *ends)


def _numbers(result: BitsResult, width: int, height: int, glyphs: Glyphs) -> Picture:
    """The numbers of a small format from 0 up, as many as fit `height` with their title."""
    fmt = result.format
    numbers = [rounded_decimal(fmt.value_at(place), 6) for place in range(max(fmt.first, 0), fmt.last + 1)]
    rows = textwrap.wrap("  ".join(numbers), width - 3)
    if len(rows) > height - 1:
        rows = [*rows[: height - 2], f"{rows[height - 2]} {glyphs.ellipsis}"]
    return (title("Its numbers, from 0 up", width, glyphs), *(line(row) for row in rows))


def _specials(result: BitsResult, width: int, height: int, glyphs: Glyphs) -> Picture:
    """The special values, as many as fit `height` with their title."""
    specials = special_rows(result, ONE, glyphs, 24)
    if len(specials) > height - 1:
        specials = special_rows(result, width, glyphs, 14)
    if len(specials) > height - 1:
        specials = (*specials[: height - 2], line(("a taller window has more of them", "dim")))
    return (title("Special values", width, glyphs), *specials)


def _trades(result: BitsResult, width: int, glyphs: Glyphs) -> list[Line]:
    options = (("this design", result.facts), *((trade.name, trade.facts) for trade in result.trades))
    narrow = width < 72
    if narrow:
        options = tuple((name.replace("bit to ", "more "), facts) for name, facts in options)
    room = max(10, (width - 13) // len(options) - 3)
    head = ["", *(name for name, _ in options)]
    rows: list[list[Span | str]] = [[(text, "strong") for text in head]]
    rows.append([("s/e/m", "label"), *(facts.widths for _, facts in options)])
    figures = (
        ("largest", "largest"),
        ("min normal", "min_normal"),
        ("min subnormal", "min_subnormal"),
        ("gap after 1", "epsilon"),
    )
    for label, name in figures:
        rows.append([(label, "label"), *(_with_power(getattr(facts, name), glyphs, narrow) for _, facts in options)])
    rows.append([("decades", "label"), *(_decades(facts) for _, facts in options)])
    rows.append([("digits", "label"), *(f"{facts.digits or 0:.1f}" for _, facts in options)])
    rows.append([("finite codes", "label"), *(count_text(facts.values, room) for _, facts in options)])
    rows.append([("NaN codes", "label"), *(count_text(facts.nans, room) for _, facts in options)])
    same = f"  {result.facts.million_bytes:,} B for a million weights, whichever way the bits are dealt"
    return [*columns(rows, "l" + "r" * len(options), gap=1 if narrow else 3), line(("size", "label"), same)]


def _with_power(value: Fraction | None, glyphs: Glyphs, brief: bool) -> str:
    if value is None:
        return "-"
    power, near = power_name(value), exact_or_near(value, 11, glyphs)
    if near.startswith(glyphs.approx) and power:
        return power
    return f"{near} = {power}" if power and len(near) > 3 and not brief else near


def _decades(facts: FormatFacts) -> str:
    return "-" if facts.decades is None else f"{facts.decades:.1f}"
