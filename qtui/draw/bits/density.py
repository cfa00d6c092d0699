"""Where the values of a format lie: a histogram of its codes over an interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from qtui.compute.floats.text import rounded_decimal
from qtui.draw.bits.axis import axis, column_of, nice_ticks
from qtui.draw.bits.text import count_text, exact_or_near, first_that_fits
from qtui.draw.frame import size_of
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, Span, crop, line
from qtui.scenario.bits.result import BitsResult, Density

ROWS = 20
LEFT = 9  # cells for the numbers of the vertical axis


def plot_columns(result: BitsResult, width: int, height: int) -> int:
    """How many bars fit `width` cells."""
    return max(8, width - LEFT)


def picture(result: BitsResult, width: int, height: int, glyphs: Glyphs, cursor: int | None = None) -> Picture:
    """Bars in eighths of a cell, the bin of the present value marked, and what it and the whole interval hold.

    A large window has them on a linear and on a logarithmic scale.
    `result` is plotted in `plot_columns` columns.
    """
    density = result.density
    assert density is not None
    bins = len(density.counts)
    rows = max(3, height - 6)
    both = size_of(width, height) == "large"
    low, high = result.interval
    at = column_of(result.entered.value, low, high, bins) if result.entered.finite else None
    drawn: list[Line] = [_headline(result, density, width, glyphs)]
    upper = rows // 2 if both else rows
    drawn += _plot(result, density, upper, result.log, at, glyphs)
    drawn += _plot(result, density, rows - upper - 1, not result.log, at, glyphs) if both else []
    drawn += axis(low, high, bins, glyphs, LEFT, at)
    drawn.append(_cursor(density, at, width, glyphs))
    wide = rounded_decimal((high - low) / bins, 3)
    words = f"the value of a code, from left to right; each column is {wide} wide"
    drawn.append(line((words if len(words) <= width else f"values from left to right, {wide} a column", "dim")))
    return tuple(crop(row, width, glyphs.ellipsis) for row in drawn)


def _plot(result: BitsResult, density: Density, rows: int, log: bool, at: int | None, glyphs: Glyphs) -> list[Line]:
    """The bars in `rows` rows under the title of their scale; that at column `at` is marked."""
    scale = CountAxis(density.counts, rows, log)
    heights = tuple(scale.height(count) for count in density.counts)
    labels = scale.labels(density.total if result.percent else 0)
    unit = "% of all finite codes" if result.percent else "codes"
    drawn = [line((f"{unit} a column, {'logarithmic' if log else 'linear'}", "axis"))]
    for y in range(rows - 1, -1, -1):
        bars = _bars(heights, y, at, glyphs)
        drawn.append(line((labels.get(y, "").rjust(LEFT - 1), "axis"), (glyphs.vertical, "axis"), *bars))
    return drawn


def sentence(result: BitsResult) -> str:
    """How much of the format lies between -1 and 1, or in the interval."""
    fmt, density = result.format, result.density
    fields = {group.name for group in fmt.groups}
    if "index" in fields:
        return f"The {result.facts.values} numbers of {fmt.name[:24]} are where its table puts them."
    if "integer" in fields:
        return f"The numbers of {fmt.name[:24]} are evenly spread: the small ones are no denser than the large."
    share = "" if density is None else f" {100 * density.inside / density.total:.3g} % are on show."
    return "Each power of two has as many floats as the next: about half lie between -1 and 1." + share


class CountAxis:
    """The vertical axis over `rows` rows: from nothing, or with `log` from half the fewest."""

    def __init__(self, counts: Sequence[int], rows: int, log: bool) -> None:
        self.rows, self.log = rows, log
        self.most = max(counts)
        self.foot = min((count for count in counts if count), default=1) / 2

    def height(self, count: int | Fraction) -> int:
        """Height in eighths of a cell; at least one where there is anything."""
        if not count:
            return 0
        return max(1, round(self._share(count) * self.rows * 8))

    def _share(self, count: int | Fraction) -> float:
        if not self.log:
            return float(count / self.most)
        return math.log(float(count) / self.foot) / math.log(self.most / self.foot)

    def labels(self, total: int = 0) -> dict[int, str]:
        """Round counts by the row, from the foot, that a bar of that height ends in; per cent of a `total`."""
        if not self.most:
            return {}
        unit = Fraction(total, 100) if total else Fraction(1)
        high = Fraction(self.most) / unit
        if self.log:
            low = Fraction(self.foot) / unit
            powers = range(math.ceil(math.log10(low)), math.floor(math.log10(high) + 1e-9) + 1)
            values = [Fraction(10) ** power for power in powers[:: 1 + len(powers) * 2 // self.rows]]
        else:
            values = [value for value in nice_ticks(Fraction(0), high, max(2, self.rows // 3)) if value]
        labels: dict[int, str] = {}
        for value in values:
            row = min(self.rows - 1, (self.height(value * unit) - 1) // 8)
            labels.setdefault(row, f"{float(value):.3g}%" if total else _short(float(value)))
        return labels


def _bars(heights: tuple[int, ...], y: int, at: int | None, glyphs: Glyphs) -> list[Span]:
    """Row `y` from the foot. Of the bar under the cursor only the top is marked: a whole bar costs many bytes."""
    row = _bar_row(heights, y, glyphs.eighths)
    if at is None or (heights[at] - 1) // 8 != y:
        return [(row, "series1")]
    return [(row[:at], "series1"), (row[at], "series2"), (row[at + 1 :], "series1")]


def _bar_row(heights: tuple[int, ...], y: int, eighths: str) -> str:
    """Row `y` of all bars."""
    fills = (min(8, max(0, height - 8 * y)) for height in heights)
    return "".join(eighths[fill - 1] if fill else " " for fill in fills)


def _short(count: float) -> str:
    for size, unit in ((1e18, "E"), (1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if count >= size:
            return f"{count / size:.3g}{unit}"
    return f"{count:.3g}"


def _headline(result: BitsResult, density: Density, width: int, glyphs: Glyphs) -> Line:
    """How much of the format lies here, in the longest form that fits `width`."""
    low, high = (exact_or_near(end, 12, glyphs) for end in result.interval)
    share = f"{100 * density.inside / density.total:.3g} %"
    total, where = f"its {count_text(density.total)} finite codes", f" lie in [{low}, {high}]"
    name: Span = (result.format.name, "strong")
    return first_that_fits(
        width,
        line(name, f"  {count_text(density.inside)} of {total}", (f" = {share}", "strong"), where),
        line(name, "  ", (share, "strong"), f" of {total}{where}"),
        line(name, "  ", (share, "strong"), f" of its values{where}"),
    )


def _cursor(density: Density, at: int | None, width: int, glyphs: Glyphs) -> Line:
    if at is None:
        return line(("the value lies outside this interval", "dim"))
    count = density.counts[at]
    low, high = (rounded_decimal(edge, 5) for edge in density.edges[at : at + 2])
    share = 100 * count / density.total
    below = 100 * density.up_to[at] / density.total
    here: tuple[Span, Span] = ((f"{count_text(count)}", "strong"), (f" ({share:.3g} %) in [{low}, {high})", ""))
    label: Span = (f"{glyphs.up} at the value: ", "label")
    return first_that_fits(
        width,
        line(label, *here, (f"   {below:.3g} % up to here", "dim")),
        line((f"{glyphs.up} ", "label"), *here, (f"  {below:.3g} % up to it", "dim")),
        line((f"{glyphs.up} ", "label"), *here),
    )
