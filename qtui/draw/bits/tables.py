"""Tables of the Bits pane: one value in every format, what every format can do, and a format of one's own."""

from __future__ import annotations

from fractions import Fraction

from qtui.compute.floats.facts import FormatFacts
from qtui.compute.floats.layout import SPECIALS_HELP, FloatFormat
from qtui.compute.floats.text import code_bits, code_hex, grouped_bits, rounded_decimal
from qtui.draw.bits.axis import axis
from qtui.draw.bits.line import tick
from qtui.draw.bits.text import count_text, exact_or_near, interval_text, number_of, percent, power_name, value_of
from qtui.draw.glyphs import ASCII, Glyphs
from qtui.draw.picture import Line, Picture, Span, columns, crop, fitted, line
from qtui.scenario.bits.result import BitsResult, Conversion

DESIGN_FIELDS = ("exponent", "mantissa", "bias", "special", "sign")


def every_format(result: BitsResult, width: int, glyphs: Glyphs, cursor: int | None = None) -> Picture:
    """One row a format: what it stores and how far that is from what was entered. The first row is the heading."""
    wide = width >= 110
    head = ["", "format", "stored value", "absolute error", "relative", "ulp"] + ["code", "note"] * wide
    rows: list[list[Span | str]] = [[(text, "strong") for text in head]]
    for i, stored in enumerate(result.conversions):
        rows.append(_conversion(stored, glyphs, wide, i == cursor, stored.format.name == result.format.name))
    table = fitted(rows, "llrrrr" + "ll" * wide, width if width < 80 else 999, (3, 5))
    if not wide:
        table = tuple(
            _with_note(row, stored, width) for row, stored in zip(table, (None, *result.conversions), strict=True)
        )
    return tuple(crop(row, width, glyphs.ellipsis) for row in table)


def _conversion(stored: Conversion, glyphs: Glyphs, wide: bool, here: bool, present: bool) -> list[Span | str]:
    mark = (glyphs.yes, "good") if stored.exact else (glyphs.no, "bad" if stored.absolute_error is None else "warn")
    name = stored.format.name if len(stored.format.name) <= 24 else stored.format.name[:23] + glyphs.ellipsis
    role = "cursor" if here else "strong" if present else ""
    row: list[Span | str] = [mark, (name, role), number_of(stored.real, 20 if wide else 19)]
    if stored.absolute_error is None:
        row += ["", "", ""]
    elif stored.exact:
        row += [("0", "dim"), ("0", "dim"), ("0", "dim")]
    else:
        ulp, ratio = stored.ulp_error, stored.relative_error
        row.append(rounded_decimal(stored.absolute_error, 4))
        row.append("" if ratio is None else percent(ratio))
        row.append("" if ulp is None else rounded_decimal(ulp, 3))
    if wide:
        code = code_bits(stored.format, stored.code) if stored.format.bits <= 8 else ""
        row += [(f"{code_hex(stored.format, stored.code)}  {code}".rstrip(), "dim"), (stored.note, "warn")]
    return row


def _with_note(row: Line, stored: Conversion | None, width: int) -> Line:
    """The note in the empty columns of errors, where there is no number to show."""
    if stored is None or stored.absolute_error is not None or not stored.note:
        return row
    text = "".join(part for part, _ in row).rstrip()
    kept: list[Span] = []
    room = len(text)
    for part, role in row:
        kept.append((part[:room], role))
        room -= len(part[:room])
    return line(*kept, "  ", (stored.note, "warn"))


def about_conversion(stored: Conversion, width: int, glyphs: Glyphs) -> Picture:
    """Three rows on one conversion: its code in fields, its value, and the reals that share it."""
    fmt = stored.format
    reals = "none" if stored.reals is None else interval_text(stored.reals, width - 30, glyphs)
    note = f"   {stored.note}" if stored.note else ""
    rows = (
        line(),
        line(
            (fmt.name, "strong"),
            f"  {code_hex(fmt, stored.code)}  {_fields(stored, width - len(note))}",
            (note, "warn"),
        ),
        line(("reals that become this value  ", "label"), reals),
    )
    return tuple(crop(row, width, glyphs.ellipsis) for row in rows)


def _fields(stored: Conversion, width: int) -> str:
    text = grouped_bits(stored.format, stored.code)
    taken = len(stored.format.name) + 2 + len(code_hex(stored.format, stored.code)) + 2
    return text if taken + len(text) <= width else ""


def about_format(result: BitsResult, facts: FormatFacts, width: int, glyphs: Glyphs) -> Picture:
    """Three rows on one format: what it is for, its special codes, and the sizes."""
    fmt = facts.format
    special = SPECIALS_HELP[fmt.special] if isinstance(fmt, FloatFormat) else "every code is a number"
    bias = f"   bias {facts.bias}" if facts.bias is not None else ""
    start = f"{special}{bias}   largest "
    sure = "" if facts.guaranteed is None else f", {facts.guaranteed} guaranteed"
    legend = f"1M: size of a million weights   dig.: decimal digits{sure}"
    stacked = fmt.name in {other.name for other in result.stacked}
    rows = (
        line((legend if len(legend) <= width else legend.removesuffix(sure), "dim")),
        line(
            (fmt.name, "strong"), f"  {fmt.description}", ("   on the line and the sine" if stacked else "", "good")
        ),
        line(f"{start}{exact_or_near(facts.largest, min(24, max(6, width - len(start))), glyphs)}"),
    )
    return tuple(crop(row, width, glyphs.ellipsis) for row in rows)


def format_table(result: BitsResult, width: int, glyphs: Glyphs, cursor: int | None = None) -> Picture:
    """One row a format: bits, range, precision, number of values, and bytes for a million weights."""
    wide = width >= 110
    head = ["format", "bits", "s/e/m", "largest", "normal", "subnorm", "dig.", "values", "1M"]
    rows: list[list[Span | str]] = [[(text, "strong") for text in (*head, "special codes")[: 10 if wide else 9]]]
    for i, facts in enumerate(result.table):
        role = "cursor" if i == cursor else "strong" if facts.format.name == result.format.name else ""
        rows.append(_facts_row(facts, glyphs, role, wide))
    table = fitted(rows, "lrrrrrrrr" + "l" * wide, width if width < 80 else 999, (7, 4, 5, 8), gap=1 + wide)
    return tuple(crop(row, width, glyphs.ellipsis) for row in table)


def _facts_row(facts: FormatFacts, glyphs: Glyphs, role: str, wide: bool) -> list[Span | str]:
    name = facts.format.name.removeprefix("float:")
    name = name if wide or len(name) <= 18 else name[:17] + glyphs.ellipsis
    values = f"{facts.values:,}" if facts.values < 10**6 else rounded_decimal(Fraction(facts.values), 3)
    values = values if len(values) <= 7 else f"{float(facts.values):.2g}"
    row: list[Span | str] = [
        (name, role),
        str(facts.bits),
        facts.widths,
        _figure(facts.largest),
        _figure(facts.min_normal),
        _figure(facts.min_subnormal),
        "" if facts.digits is None else f"{facts.digits:.1f}",
        values,
        f"{facts.million_bytes / 1e6:.3g} MB",
    ]
    if wide:
        codes = (
            SPECIALS_HELP[facts.format.special] if isinstance(facts.format, FloatFormat) else facts.format.description
        )
        row.append((codes, "dim"))
    return row


def _figure(value: Fraction | None) -> str:
    if value is None:
        return "-"
    plain = exact_or_near(value, 10, ASCII)
    if len(plain) <= (6 if value < 1 else 10) and not plain.startswith(ASCII.approx):
        return plain
    return power_name(value) or rounded_decimal(value, 3)


def designer(result: BitsResult, width: int, glyphs: Glyphs, cursor: int | None = None, height: int = 0) -> Picture:
    """The five choices that make a float, what they give, and what moving one bit would change.

    Rows 0 to 4 are the choices of `DESIGN_FIELDS`. `result` is plotted in `width` columns.
    """
    fmt = result.format
    if not isinstance(fmt, FloatFormat):
        text = f"{fmt.name} is not a float; a key that changes a field starts from float8_e4m3fn"
        return (crop(line((text, "dim")), width, glyphs.ellipsis),)
    values = (str(fmt.exponent), str(fmt.mantissa), str(fmt.bias), fmt.special, "yes" if fmt.sign else "no")
    names = ("exponent bits", "mantissa bits", "bias", "special codes", "sign bit")
    notes = ("range", "precision", "shifts the range by powers of two", SPECIALS_HELP[fmt.special], "")
    picture: list[Line] = []
    for i, (name, value, note) in enumerate(zip(names, values, notes, strict=True)):
        role = "cursor" if i == cursor else "strong"
        picture.append(
            line(
                (name.ljust(15), "label"),
                (glyphs.left, "dim"),
                (f" {value.center(5)} ", role),
                (glyphs.right, "dim"),
                ("  " + note, "dim"),
            )
        )
    widths = ((fmt.sign, "s"), (fmt.exponent, "e"), (fmt.mantissa, "m"))
    letters = " ".join(count * letter for count, letter in widths if count)
    twin = f"   the same as {result.twin}" if result.twin and result.twin != fmt.name else ""
    roomy = height == 0 or height >= 20
    picture += [line()] * roomy
    bits = grouped_bits(fmt, result.code)
    if 15 + len(letters) + 12 > width:
        letters = " ".join(f"{count}{letter}" for count, letter in widths if count)
    picture += [line(("layout".ljust(15), "label"), letters, (f"   {fmt.bits} bits{twin}", "dim"))]
    own_row = 15 + len(bits) <= width and (height == 0 or height >= 19)
    if own_row:
        picture += [line(("bits".ljust(15), "label"), (bits, "strong"))]
    sentence = f"{result.input[:24]} is stored as "
    room = width - 15 - len(sentence)
    if not own_row and room - len(bits) >= 15:
        sentence, room = f"{sentence}{bits} = ", room - len(bits) - 3
    stored = value_of(result.stored.real, glyphs, min(max(room, 8), 24))
    picture += [line(("value".ljust(15), "label"), sentence, (stored, "strong"))]
    picture += [line()] * roomy
    picture += _trades(result, width, glyphs)
    if 0 < height < len(picture):
        picture[height - 1 :] = [line((f"{len(picture) - height + 1} more rows need a taller window", "dim"))]
    if height >= len(picture) + 3:
        ticks = "".join(tick(count, glyphs) for count in result.spread)
        picture += [line(), line((ticks, "series1")), *axis(result.facts.lowest, result.facts.largest, width, glyphs)]
    return tuple(crop(row, width, glyphs.ellipsis) for row in picture)


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
        ("1 + ulp - 1", "epsilon"),
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
