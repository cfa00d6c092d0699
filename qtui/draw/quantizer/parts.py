"""What the Quantizer's drawings share: short numbers, a scale from values to columns, labels that do not overlap."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from qtui.compute.quantizer.stored import StoredWeights
from qtui.draw.canvas import Canvas
from qtui.draw.frame import SERIES
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Span, line

LETTERS = "ABCDEF"
NAMES = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def place_of(stored: StoredWeights, group: int) -> str:
    """Which block or, where rows are not cut into blocks, which row `group` is; "" where there is just one."""
    total = stored.rows * stored.groups_per_row
    if total == 1:
        return ""
    return f"{'row' if stored.groups_per_row == 1 else 'block'} {group + 1:,} of {total:,}"


def apart(value: float, other: float) -> str:
    """`value` with four significant digits, or as many as tell it from `other`."""
    digits = next((n for n in range(4, 9) if value == other or short(value, n) != short(other, n)), 9)
    return short(value, digits)


def short(value: float, digits: int = 4) -> str:
    """`value` with `digits` significant digits, without trailing zeros."""
    if not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    if value == 0:
        return "0"
    text = f"{value:.{digits}g}"
    if "e" not in text:
        return text
    size = abs(value)
    if size >= 10.0**digits or size < 1e-4:
        mantissa, exponent = f"{value:.{max(digits - 2, 0)}e}".split("e")
        if "." in mantissa:
            mantissa = mantissa.rstrip("0").rstrip(".")
        return f"{mantissa}e{int(exponent)}"
    text = f"{value:.{max(0, digits - 1 - math.floor(math.log10(size)))}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(share: float) -> str:
    """A share of one as a percentage with three significant digits: 0.18 is "18.0 %", 0.0852 is "8.52 %"."""
    if not math.isfinite(share):
        return "-" if math.isnan(share) else "inf %"
    size = abs(share) * 100
    decimals = 2 if size < 9.995 else 1 if size < 99.95 else 0
    return f"{share * 100:.{decimals}f} %"


def bits_text(bits: float) -> str:
    """Bits per weight to two decimals, fewer where they are 0; shares of a bit to three digits."""
    return short(bits, 3) if abs(bits) < 1 else f"{bits:,.2f}".rstrip("0").rstrip(".")


def counted(count: int) -> str:
    """A number in words up to twelve."""
    return NAMES[count] if count < len(NAMES) else f"{count:,}"


_NUMBER = re.compile(r"[-+\d,]+")


def aligned(texts: Sequence[str]) -> list[str]:
    """Numbers, with whatever follows them, padded so that their decimal points stand below each other."""
    split = []
    for text in texts:
        start = _NUMBER.match(text)
        at = start.end() if start else len(text)
        split.append((text[:at], text[at:]))
    right = max((len(rest) for _, rest in split), default=0)
    return [whole + rest.ljust(right) if rest or _NUMBER.match(whole) else whole for whole, rest in split]


# Figures three rows high, drawn with heavy lines.
_TALL = {
    "0": "┏━┓,┃ ┃,┗━┛",
    "1": "╺┓ , ┃ ,╺┻╸",
    "2": "╺━┓,┏━┛,┗━╸",
    "3": "╺━┓,╺━┫,╺━┛",
    "4": "╻ ╻,┗━┫,  ╹",
    "5": "┏━╸,┗━┓,╺━┛",
    "6": "┏━╸,┣━┓,┗━┛",
    "7": "╺━┓,  ┃,  ╹",
    "8": "┏━┓,┣━┫,┗━┛",
    "9": "┏━┓,┗━┫,╺━┛",
    ".": " , ,.",
}


def tall(text: str) -> tuple[str, str, str]:
    """A number in figures three rows high; what is no figure stands in the middle row as it is."""
    cells = [_TALL[c].split(",") if c in _TALL else [" ", c, " "] for c in text]
    top, middle, foot = (" ".join(cell[y] for cell in cells) for y in range(3))
    return top, middle, foot


@dataclass(frozen=True)
class ValueAxis:
    """Values from `low` to `high` spread over columns `left` to `left + width - 1`."""

    low: float
    high: float
    left: int
    width: int

    def column(self, value: float) -> int:
        """The column nearest to `value`, clamped to the axis; NaN is at its left end."""
        if math.isnan(value):
            return self.left
        span = self.high - self.low
        share = (value - self.low) / span if span > 0 else 0.5
        return self.left + round(min(max(share, 0.0), 1.0) * (self.width - 1))


class Label(NamedTuple):
    """Text to be centred on a column; those of higher rank are placed first and keep their place."""

    column: int
    text: str
    role: str = ""
    rank: int = 0


def place(canvas: Canvas, y: int, labels: Iterable[Label]) -> None:
    """Write labels on row `y`, leaving out those that would touch one already there."""
    if not 0 <= y < canvas.height:
        return
    width = canvas.width
    for column, text, role, _ in sorted(labels, key=lambda item: -item.rank):
        size = len(text)
        x = min(max(column - size // 2, 0), max(width - size, 0))
        start, stop = max(x - 1, 0), min(x + size + 1, width)
        if canvas.is_blank(start, stop, y):
            canvas.put(x, y, text, role)


def scheme_heading(index: int, name: str, *rest: Span | str) -> Line:
    """A scheme's letter and name in its own colour, then what is known of it."""
    return line((f"{LETTERS[index]} {name}", SERIES[index]), *(("  ", "") if rest else ("",)), *rest)


def decibel(value: float) -> str:
    """A ratio in dB, or "exact" where nothing was lost."""
    if math.isnan(value):
        return "-"
    return "exact" if math.isinf(value) and value > 0 else f"{value:.1f} dB"


def bars(heights: Sequence[float], rows: int, glyphs: Glyphs) -> list[str]:
    """Bars of `heights` as `rows` lines of n cells, the highest filling them; anything above 0 shows."""
    most = max(heights, default=0)
    if most <= 0:
        return [" " * len(heights)] * rows
    eighths = [max(round(height / most * 8 * rows), 1) if height > 0 else 0 for height in heights]
    marks = " " + glyphs.eighths
    return ["".join(marks[min(max(n - 8 * y, 0), 8)] for n in eighths) for y in range(rows - 1, -1, -1)]


def bar_row(heights: Sequence[float], glyphs: Glyphs) -> str:
    """Bars of one line."""
    return bars(heights, 1, glyphs)[0]


def plural(count: int, what: str) -> str:
    """So many of what `what` names."""
    return f"1 {what}" if count == 1 else f"{count:,} {what}s"
