"""How many values a format has where: exact counts over intervals of the real line."""

from __future__ import annotations

from fractions import Fraction

from qtui.compute.floats.exact import ordinal_at_or_above, ordinal_at_or_below
from qtui.compute.floats.layout import NumberFormat


def bin_edges(low: Fraction, high: Fraction, bins: int) -> list[Fraction]:
    """The exact borders (bins + 1) of equal parts of [low, high]. Raises ValueError unless low < high."""
    if low >= high:
        raise ValueError("an interval needs its lower end first, such as --from -1 --to 1")
    return [low + (high - low) * i / bins for i in range(bins + 1)]


def counts(fmt: NumberFormat, edges: list[Fraction], zeros_once: bool = False) -> list[int]:
    """How many finite codes have values in [edges[i], edges[i+1]), the last part with its upper end.

    With `zeros_once` +0 and -0 count as one value.
    """
    starts = [ordinal_at_or_above(fmt, edge) for edge in edges[:-1]]
    ends = [*(start - 1 for start in starts[1:]), ordinal_at_or_below(fmt, edges[-1])]
    found = [max(0, end - start + 1) for start, end in zip(starts, ends, strict=True)]
    if zeros_once and fmt.has_minus_zero:
        for i, (start, end) in enumerate(zip(starts, ends, strict=True)):
            found[i] -= start <= -1 and end >= 0
    return found
