"""What every format can do: bits, range, precision, number of values, and bytes for a million weights."""

from __future__ import annotations

from fractions import Fraction

from qtui.compute.floats.facts import FormatFacts
from qtui.compute.floats.layout import SPECIALS_HELP, FloatFormat
from qtui.compute.floats.text import rounded_decimal
from qtui.draw.bits.rows import Cells, ShownFormats, laid_out, listed
from qtui.draw.bits.text import aligned, exact_or_near, power_name
from qtui.draw.glyphs import ASCII, Glyphs
from qtui.draw.picture import Line, Picture, Span, crop, fitted, line
from qtui.draw.safe import crop_text
from qtui.scenario.bits.result import BitsResult

ROWS = 18


def plot_columns(result: BitsResult, width: int, height: int) -> int:
    """It has no plot."""
    return 0


def picture(result: BitsResult, width: int, height: int, glyphs: Glyphs, cursor: int | None = None) -> Picture:
    """A headline, one row a format, and more on the marked one."""
    shown = listed(result, height, cursor)
    table = format_table(result, width, glyphs, shown, cursor)
    size = Cells(width, height, glyphs)
    return laid_out(
        _headline(result),
        shown,
        table,
        lambda at: about_format(result, result.table[at], width, glyphs),
        cursor,
        size,
    )


def sentence(result: BitsResult) -> str:
    """What the present format has, in numbers and in memory, beside float32."""
    facts = result.facts
    times = Fraction(32, facts.bits)
    if result.format.name == "float32":
        takes = "takes 4 bytes for each of its weights"
    elif times == 1:
        takes = "is as large as one in float32"
    elif times > 1:
        takes = f"is {float(times):.3g} times smaller than one in float32"
    else:
        takes = f"is {float(1 / times):.3g} times larger than one in float32"
    digits = "" if facts.digits is None else f", of about {facts.digits:.1f} digits"
    count = f"{facts.values:,}" if facts.values < 10**9 else f"{facts.values / 1e9:,.3g} billion"
    return f"{result.format.name[:24]} has {count} numbers{digits}; a model in it {takes}."


def _headline(result: BitsResult) -> Line:
    facts = result.facts
    return line(
        (f"{result.format.name[:40]}: {facts.bits} bits", "strong"),
        f"   {facts.million_bytes / 1e9 * 8e3:.3g} GB",
        (" for a model of 8 billion weights", "dim"),
    )


def format_table(
    result: BitsResult, width: int, glyphs: Glyphs, shown: ShownFormats, cursor: int | None = None
) -> Picture:
    """The heading, and a row for each of the formats of `shown`."""
    wide = width >= 110
    head = ["format", "bits", "s/e/m", "largest", "normal", "subnorm", "digits", "numbers", "bytes"]
    rows: list[list[Span | str]] = [[(text, "strong") for text in (*head, *["special codes"] * wide)]]
    chosen = [result.table[at] for at in shown.places]
    figures = [
        aligned([_figure(value) for value in values])
        for values in zip(*((facts.largest, facts.min_normal, facts.min_subnormal) for facts in chosen), strict=True)
    ]
    sizes = aligned([f"{facts.million_bytes / 1e6:.4g}" for facts in chosen])
    for i, (at, facts) in enumerate(zip(shown.places, chosen, strict=True)):
        role = "cursor" if at == cursor else "strong" if facts.format.name == result.format.name else ""
        rows.append(_facts_row(facts, [column[i] for column in figures], sizes[i], glyphs, role, wide))
    # Of the columns that a narrow window does without, the smallest normal goes before the number of values.
    return fitted(rows, "lrlrrrrrr" + "l" * wide, width if width < 80 else 999, (4, 5, 7, 8), gap=1 + (width >= 130))


def _facts_row(
    facts: FormatFacts, figures: list[str], size: str, glyphs: Glyphs, role: str, wide: bool
) -> list[Span | str]:
    name = crop_text(facts.format.name.removeprefix("float:"), 22 if wide else 18, glyphs.ellipsis)
    values = f"{facts.values:,}" if facts.values < 10**6 else rounded_decimal(Fraction(facts.values), 3)
    values = values if len(values) <= 7 else f"{float(facts.values):.2g}"
    digits = "" if facts.digits is None else f"{facts.digits:.1f}"
    row: list[Span | str] = [(name, role), str(facts.bits), facts.widths, *figures, digits, values, size]
    if wide:
        codes = (
            SPECIALS_HELP[facts.format.special] if isinstance(facts.format, FloatFormat) else facts.format.description
        )
        row.append((codes, "dim"))
    return row


def _figure(value: Fraction | None) -> str:
    if value is None:
        return "-"
    if value.denominator == 1 and abs(value) < 2**53:
        return f"{int(value):,}" if abs(value) < 10**6 else f"{float(value):.2g}"
    plain = exact_or_near(value, 8, ASCII)
    return plain if len(plain) <= 7 and not plain.startswith(ASCII.approx) else rounded_decimal(value, 2)


def about_format(result: BitsResult, facts: FormatFacts, width: int, glyphs: Glyphs) -> Picture:
    """Two rows on one format: what it is for, and its special codes and largest number."""
    fmt = facts.format
    special = SPECIALS_HELP[fmt.special] if isinstance(fmt, FloatFormat) else "every code is a number"
    bias = f"   bias {facts.bias}" if facts.bias is not None else ""
    name = power_name(facts.min_subnormal or facts.min_normal or Fraction(0))
    smallest = f"   smallest {name}" if name else ""
    start = f"{special}{bias}{smallest}   largest "
    start = start if len(start) + 8 <= width else f"{special}{bias}   largest "
    marks = ("   on the line and the sine", "   on the line", "")
    stacked = marks if fmt.name in {other.name for other in result.stacked} else marks[-1:]
    mark = next(mark for mark in stacked if not mark or len(fmt.name + fmt.description + mark) + 2 <= width)
    rows = (
        line((fmt.name, "strong"), f"  {fmt.description}", (mark, "good")),
        line(f"{start}{exact_or_near(facts.largest, min(24, max(6, width - len(start))), glyphs)}"),
    )
    return tuple(crop(row, width, glyphs.ellipsis) for row in rows)
