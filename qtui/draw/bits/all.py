"""One value in every format: what each stores, how far off that is, and how many digits hold."""

from __future__ import annotations

from qtui.compute.floats.text import code_bits, code_hex, grouped_bits, rounded_decimal
from qtui.draw.bits.rows import Cells, ShownFormats, laid_out, listed
from qtui.draw.bits.text import aligned, interval_text, number_of, percent
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span, columns, crop, fitted, line
from qtui.draw.safe import crop_text
from qtui.scenario.bits.result import BitsResult, Conversion

ROWS = 18
BAR = 8  # cells for eight digits, one a digit


def plot_columns(result: BitsResult, width: int, height: int) -> int:
    """It has no plot."""
    return 0


def picture(result: BitsResult, width: int, height: int, glyphs: Glyphs, cursor: int | None = None) -> Picture:
    """A headline, one row a format, and more on the marked one."""
    shown = listed(result, height, cursor)
    table = every_format(result, width, glyphs, shown, cursor)
    head = _headline(result)
    size = Cells(width, height, glyphs)
    return laid_out(
        head, shown, table, lambda at: about_conversion(result.conversions[at], width, glyphs), cursor, size
    )


def sentence(result: BitsResult) -> str:
    """In how many formats the value is exact, and how far off the others are."""
    every = result.conversions if result.every else result.conversions[: result.usual]
    exact = sum(conversion.exact for conversion in every)
    lost = sum(conversion.absolute_error is None and not conversion.exact for conversion in every)
    near = [conversion for conversion in every if conversion.digits is not None]
    text = f"{result.input[:24]} is exact in {exact} of these {len(every)} formats"
    if exact == len(every):
        text += ": all of them have it among their numbers"
    elif near:
        best, worst = (choose(near, key=lambda conversion: conversion.digits or 0) for choose in (max, min))
        if not exact and best is not worst:
            text += f", but the more bits, the more digits hold: {best.digits:.1f} in {best.format.name[:24]}"
        elif worst.relative_error is not None:
            text += f"; the others take the nearest, which is off by up to {percent(worst.relative_error)}"
            text += f" ({worst.format.name[:24]})"
    return text + (f"; {lost} cannot hold it at all." if lost else ".")


def _headline(result: BitsResult) -> Line:
    usual = result.conversions[: result.usual]
    exact = sum(conversion.exact for conversion in usual)
    role = "good" if exact == len(usual) else "" if exact else "warn"
    return line((result.input[:40], "strong"), "   ", (f"exact in {exact} of {len(usual)} usual formats", role))


def every_format(
    result: BitsResult, width: int, glyphs: Glyphs, shown: ShownFormats, cursor: int | None = None
) -> Picture:
    """The heading, and a row for each of the formats of `shown`."""
    wide = width >= 120
    head = ["", "format", "stored value", "off by", "% of value", "ulp", "digits kept" if width >= 72 else "digits"]
    rows: list[list[Span | str]] = [[(text, "strong") for text in (*head, *["code", "note"] * wide)]]
    chosen = [result.conversions[at] for at in shown.places]
    room = 20 if wide else 19 if width >= 56 else 10
    values = aligned([number_of(stored.real, room) for stored in chosen])
    for at, stored, value in zip(shown.places, chosen, values, strict=True):
        role = "cursor" if at == cursor else "strong" if stored.format.name == result.format.name else ""
        rows.append(_conversion(stored, value, glyphs, width, role))
    table = fitted(rows, "lll...l" + "ll" * wide, width, (5, 4, 6))
    if not wide:
        table = tuple(_with_note(row, conversion) for row, conversion in zip(table, (None, *chosen), strict=True))
    return table


def _conversion(stored: Conversion, value: str, glyphs: Glyphs, width: int, role: str) -> list[Span | str]:
    name = crop_text(stored.format.name, 22, glyphs.ellipsis)
    row: list[Span | str] = [_mark(stored, glyphs), (name, role), value]
    if stored.absolute_error is None:
        row += ["", "", "", ""]
    elif stored.exact:
        row += [("0", "dim"), "", "", ("all: exact", "good")]
    else:
        ulp, ratio = stored.ulp_error, stored.relative_error
        row.append(rounded_decimal(stored.absolute_error, 3))
        row.append("" if ratio is None else percent(ratio).removesuffix(" %"))
        row.append("" if ulp is None else rounded_decimal(ulp, 2))
        bar = BAR - 2 if width < 84 or 120 <= width < 124 else BAR  # all columns fit beside it
        row.append(_digits_bar(stored, glyphs, bar if width >= 72 else 0))
    if width >= 120:
        code = code_bits(stored.format, stored.code) if stored.format.bits <= 8 else ""
        row += [(f"{code_hex(stored.format, stored.code)}  {code}".rstrip(), "dim"), (stored.note, "warn")]
    return row


def _mark(stored: Conversion, glyphs: Glyphs) -> Span:
    if stored.exact:
        return glyphs.yes, "good"
    if stored.absolute_error is None:
        return glyphs.no, "bad"
    return (glyphs.no, "warn") if stored.clamped else (glyphs.approx, "")


def _digits_bar(stored: Conversion, glyphs: Glyphs, cells: int) -> Span:
    """How many digits hold, as a bar of one cell a digit and as a number; without `cells` only the number."""
    if stored.digits is None:
        return "", ""
    eighths = min(round(stored.digits * 8), 8 * cells)
    bar = glyphs.lefts[-1] * (eighths // 8) + (glyphs.lefts[eighths % 8 - 1] if eighths % 8 else "")
    return f"{bar.ljust(cells)} {stored.digits:4.1f}", "series1"


def _with_note(row: Line, stored: Conversion | None) -> Line:
    """The note in the empty columns of errors, where there is no number to show."""
    if stored is None or stored.absolute_error is not None or not stored.note:
        return row
    text = "".join(part for part, _ in row).rstrip()
    return line(*crop(row, len(text)), "  ", (stored.note, "warn"))


def about_conversion(stored: Conversion, width: int, glyphs: Glyphs) -> Picture:
    """Two rows on one conversion: its code in fields, and the numbers that share it."""
    fmt = stored.format
    reals = "none" if stored.reals is None else interval_text(stored.reals, width - 30, glyphs)
    note = f"   {stored.note}" if stored.note else ""
    rows = (
        line(
            (fmt.name, "strong"),
            f"  {code_hex(fmt, stored.code)}  {_fields(stored, width - len(note))}",
            (note, "warn"),
        ),
        line(("all that becomes this value  ", "label"), reals),
    )
    return tuple(crop(row, width, glyphs.ellipsis) for row in rows)


def _fields(stored: Conversion, width: int) -> str:
    text = grouped_bits(stored.format, stored.code)
    taken = len(stored.format.name) + 2 + len(code_hex(stored.format, stored.code)) + 2
    return text if taken + len(text) <= width else ""


def in_formats(result: BitsResult, width: int, glyphs: Glyphs) -> Picture:
    """The usual formats in few columns: the value stored, and how far off it is."""
    chosen = result.conversions[: result.usual]
    values = aligned([number_of(stored.real, 13) for stored in chosen])
    rows: list[list[Span | str]] = []
    for stored, value in zip(chosen, values, strict=True):
        far: Span = ("exact", "good")
        if stored.clamped:
            far = "beyond its range", ""
        elif not stored.exact:
            error = stored.absolute_error
            far = f"off by {rounded_decimal(error, 2)}" if error else stored.note, ""
        here = "strong" if stored is result.stored else "label"
        rows.append([_mark(stored, glyphs), (stored.format.name[:16], here), value, far])
    return tuple(crop(row, width, glyphs.ellipsis) for row in columns(rows, "llll"))
