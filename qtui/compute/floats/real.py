"""One exact number: a fraction of any size with its sign, or an infinity, or NaN."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

ZERO = Fraction(0)


@dataclass(frozen=True)
class Real:
    """`size` is the magnitude of a finite number; zero keeps its sign in `negative`."""

    size: Fraction = ZERO
    negative: bool = False
    kind: str = "finite"  # or "inf" or "nan"

    @property
    def finite(self) -> bool:
        """Neither infinite nor NaN."""
        return self.kind == "finite"

    @property
    def value(self) -> Fraction:
        """The signed number. Raises ValueError for infinities and NaN."""
        if not self.finite:
            raise ValueError(f"{self.kind} is not a finite number")
        return -self.size if self.negative else self.size

    def to_float(self) -> float:
        """The nearest float64; beyond its range an infinity."""
        if self.kind == "nan":
            return math.nan
        if self.kind == "inf":
            size = math.inf
        else:
            try:
                size = float(self.size)
            except OverflowError:
                size = math.inf
        return -size if self.negative else size


NAN = Real(kind="nan")


def infinity(negative: bool = False) -> Real:
    """Plus or minus infinity."""
    return Real(negative=negative, kind="inf")


def from_fraction(value: Fraction) -> Real:
    """The exact number `value`; its zero is positive."""
    return Real(abs(value), value < 0)


def from_float(value: float) -> Real:
    """The exact number that a float64 holds."""
    negative = math.copysign(1.0, value) < 0
    if math.isnan(value):
        return Real(negative=negative, kind="nan")
    if math.isinf(value):
        return infinity(negative)
    return Real(Fraction(abs(value)), negative)


def power_of_two(exponent: int) -> Fraction:
    """2 to the `exponent`, exactly."""
    return times_power_of_two(1, exponent)


def times_power_of_two(count: int, exponent: int) -> Fraction:
    """`count` times 2 to the `exponent`, exactly."""
    return Fraction(count << exponent) if exponent >= 0 else Fraction(count, 1 << -exponent)


def floor_log2(value: Fraction) -> int:
    """The exponent e with 2^e <= value < 2^(e+1), for value > 0."""
    exponent = value.numerator.bit_length() - value.denominator.bit_length()
    below = (value.numerator << max(0, -exponent)) < (value.denominator << max(0, exponent))
    return exponent - 1 if below else exponent
