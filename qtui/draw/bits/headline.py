"""The value, large and alone, and beside it how well it stands for what was asked for."""

from __future__ import annotations

from fractions import Fraction

from qtui.compute.floats.text import exact_decimal, rounded_decimal
from qtui.draw.bits.text import exact_or_near, first_that_fits, percent
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span, crop, line
from qtui.draw.picture import width as cells
from qtui.scenario.bits.result import BitsResult

TALL = 3  # rows of the large figures
LONGEST = 14  # characters that are written in large figures

# Three rows for each character, in heavy lines and in ASCII.
_FIGURES = {
    "0": ("┏━┓", "┃ ┃", "┗━┛"),
    "1": (" ╻ ", " ┃ ", " ╹ "),
    "2": ("╺━┓", "┏━┛", "┗━╸"),
    "3": ("╺━┓", "╺━┫", "╺━┛"),
    "4": ("╻ ╻", "┗━┫", "  ╹"),
    "5": ("┏━╸", "┗━┓", "╺━┛"),
    "6": ("┏━╸", "┣━┓", "┗━┛"),
    "7": ("╺━┓", "  ┃", "  ╹"),
    "8": ("┏━┓", "┣━┫", "┗━┛"),
    "9": ("┏━┓", "┗━┫", "╺━┛"),
    ".": (" ", " ", "."),
    "-": ("  ", "╺╸", "  "),
    "+": ("   ", "╺╋╸", "   "),
    "e": ("┏━╸", "┣━╸", "┗━╸"),
    "i": ("╻", "┃", "╹"),
    "n": ("┏━┓", "┃ ┃", "╹ ╹"),
    "f": ("┏━╸", "┣━╸", "╹  "),
    "a": ("┏━┓", "┣━┫", "╹ ╹"),
    "≈": ("  ", "≈ ", "  "),
    "~": ("  ", "~ ", "  "),
}
_PLAIN = {
    "0": (" _ ", "| |", "|_|"),
    "1": ("   ", "  |", "  |"),
    "2": (" _ ", " _|", "|_ "),
    "3": (" _ ", " _|", " _|"),
    "4": ("   ", "|_|", "  |"),
    "5": (" _ ", "|_ ", " _|"),
    "6": (" _ ", "|_ ", "|_|"),
    "7": (" _ ", "  |", "  |"),
    "8": (" _ ", "|_|", "|_|"),
    "9": (" _ ", "|_|", " _|"),
    ".": (" ", " ", "."),
    "-": ("  ", "--", "  "),
    "+": ("   ", "-+-", "   "),
    "e": (" _ ", "|_ ", "|_ "),
    "i": (" ", "|", "|"),
    "n": (" _ ", "| |", "| |"),
    "f": (" _ ", "|_ ", "|  "),
    "a": (" _ ", "|_|", "| |"),
    "~": ("  ", "~ ", "  "),
}


def large(text: str, glyphs: Glyphs) -> Picture:
    """`text`, a number, in figures of three rows."""
    figures = _PLAIN if glyphs.name == "ascii" else _FIGURES
    parts = [figures[character] for character in text if character in figures]
    return tuple(line((" ".join(part[row] for part in parts), "strong")) for row in range(TALL))


def headline(result: BitsResult, width: int, glyphs: Glyphs, tall: bool = False, all_digits: bool = False) -> Picture:
    """The stored value, and whether that is what was asked for.

    `tall` writes it in figures of three rows, `all_digits` to its last digit in as many rows as that takes.
    """
    if all_digits and len(exact_decimal(result.stored.real)) > width - 20:
        text = exact_decimal(result.stored.real)
        first, *more = (text[i : i + width] for i in range(0, len(text), width))
        digits = (line(*with_guaranteed(first, result)), *(line(piece) for piece in more))
        return (*digits, first_that_fits(width, *verdicts(result, glyphs)))
    if not tall:
        return (_in_one_row(result, width, glyphs),)
    real = result.stored.real
    short = exact_decimal(real)
    if len(short) > LONGEST:
        short = exact_or_near(real.value, LONGEST, glyphs)
    figures = large(short, glyphs)
    start = cells(figures[0]) + 4
    beside = (
        _digits(result, width - start, glyphs),
        line(("asked for ", "dim"), "a code" if result.is_code else result.input[:40]),
        first_that_fits(width - start, *verdicts(result, glyphs)),
    )
    return tuple(
        crop(line(*row, " " * 4, *more), width, glyphs.ellipsis) for row, more in zip(figures, beside, strict=True)
    )


def _in_one_row(result: BitsResult, width: int, glyphs: Glyphs) -> Line:
    real = result.stored.real
    text = exact_decimal(real)
    room = max(width - 20, 10)
    value = line((text, "strong")) if len(text) <= room else _cut(result, text, min(room, 40), glyphs)
    verdict = first_that_fits(width - cells(value) - 3, *verdicts(result, glyphs))
    return crop(line(*value, "   ", *verdict), width, glyphs.ellipsis)


def _digits(result: BitsResult, room: int, glyphs: Glyphs) -> Line:
    """The value to its last digit, those that the format guarantees in bold."""
    text = exact_decimal(result.stored.real)
    return line(*with_guaranteed(text, result)) if len(text) <= room else _cut(result, text, room, glyphs)


def _cut(result: BitsResult, text: str, room: int, glyphs: Glyphs) -> Line:
    count = sum(c.isdigit() for c in text.partition("e")[0].lstrip("-0."))
    more = f"  {count} digits in all"
    power = "e" + text.partition("e")[2] if "e" in text else ""
    kept = text[: max(room - len(more) - len(power) - 1, 6)]
    return line(*with_guaranteed(kept, result), glyphs.ellipsis + power, (more, "dim"))


def with_guaranteed(text: str, result: BitsResult) -> list[Span]:
    """The digits that the format guarantees in bold, the others plain: they come from the binary fraction."""
    guaranteed = result.facts.guaranteed or 0
    mantissa, e, power = text.partition("e")
    seen = 0
    for i, character in enumerate(mantissa):
        seen += character.isdigit() and (seen > 0 or character != "0")
        if seen > guaranteed:
            return [(mantissa[:i], "strong"), (mantissa[i:] + e + power, "")]
    return [(text, "strong")]


def verdicts(result: BitsResult, glyphs: Glyphs) -> list[Line]:
    """Whether the value is what was asked for, and by how much not: the longest form first."""
    stored = result.stored
    if result.is_code:
        return [line((f"{glyphs.yes} the value of this code", "good")), line((glyphs.yes, "good"))]
    if stored.exact:
        return [line((f"{glyphs.yes} stored exactly", "good")), line((f"{glyphs.yes} exact", "good"))]
    if stored.absolute_error is None:
        return [line((f"{glyphs.no} {stored.note}", "bad"))]
    note: Span = (f"  {stored.note}" if stored.note else "", "bad")
    return [line((f"{glyphs.approx} {text}", "warn"), note) for text in _errors(result)]


def _errors(result: BitsResult) -> list[str]:
    """How far off the stored value is, from the longest form to the shortest."""
    stored = result.stored
    size = stored.absolute_error or Fraction(0)
    above = stored.real.value > result.entered.value
    error = f"{rounded_decimal(size, 3)} too {'high' if above else 'low'}"
    relative = "" if stored.relative_error is None else f", {percent(stored.relative_error)}"
    in_ulps = "" if stored.ulp_error is None else f", {rounded_decimal(stored.ulp_error, 3)} ulp"
    short = f"{'+' if above else '-'}{rounded_decimal(size, 3)}"
    asked = f"not {result.input[:24]}: "
    return [f"{asked}{error}{relative}{in_ulps}", f"{asked}{error}{relative}", f"{error}{in_ulps}", error, short]
