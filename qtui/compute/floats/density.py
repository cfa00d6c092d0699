"""How many values a format has where: exact counts over intervals of the real line."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from qtui.compute.floats.exact import ordinal_at_or_above, ordinal_at_or_below
from qtui.compute.floats.layout import NumberFormat


@lru_cache(maxsize=16)
def bin_edges(low: Fraction, high: Fraction, bins: int) -> tuple[Fraction, ...]:
    """The exact borders (bins + 1) of equal parts of [low, high]. Raises ValueError unless low < high."""
    if low >= high:
        raise ValueError("an interval needs its lower end first, such as --from -1 --to 1")
    return tuple(low + (high - low) * i / bins for i in range(bins + 1))


@lru_cache(maxsize=64)  # a cursor moves over the same counts again and again
def counts(fmt: NumberFormat, low: Fraction, high: Fraction, bins: int, zeros_once: bool = False) -> tuple[int, ...]:
    """How many finite codes have values in each of `bins` equal parts of [low, high].

    A part holds its lower border, the last one its upper border too. With `zeros_once` +0 and -0 count as one value.
    """
    edges = bin_edges(low, high, bins)
    starts = [ordinal_at_or_above(fmt, edge) for edge in edges[:-1]]
    ends = [*(start - 1 for start in starts[1:]), ordinal_at_or_below(fmt, edges[-1])]
    numbers = [max(0, end - start + 1) for start, end in zip(starts, ends, strict=True)]
    if zeros_once and fmt.has_minus_zero:
        for i, (start, end) in enumerate(zip(starts, ends, strict=True)):
            numbers[i] -= start <= -1 and end >= 0
    return tuple(numbers)
