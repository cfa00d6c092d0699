"""Number formats that are not floats: whole numbers with a power-of-two step, and codebooks."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from qtui.compute.floats.layout import Group, halfway
from qtui.compute.floats.real import ZERO, Real, power_of_two, times_power_of_two


@dataclass(frozen=True)
class IntFormat:
    """Whole numbers times 2^scale, two's complement or unsigned. What does not fit is clamped; NaN becomes 0."""

    name: str
    bits: int
    signed: bool = True
    scale: int = 0
    description: str = ""
    has_minus_zero: bool = False
    has_infinity: bool = False

    @property
    def groups(self) -> tuple[Group, ...]:
        """The sign bit, whose place value is negative, and the rest."""
        low = Group("integer", 0, self.bits - self.signed)
        return (Group("sign", self.bits - 1, 1), *([low] if low.width else [])) if self.signed else (low,)

    @property
    def first(self) -> int:
        """The lowest whole number."""
        return -(1 << (self.bits - 1)) if self.signed else 0

    @property
    def last(self) -> int:
        """The highest whole number."""
        return (1 << (self.bits - self.signed)) - 1

    def infinity_code(self, negative: bool) -> int | None:
        """There is none."""
        return None

    def nan_code(self, negative: bool) -> int | None:
        """There is none."""
        return None

    def nan_replacement(self, negative: bool) -> int:
        """Zero."""
        return 0

    def ordinal(self, code: int) -> int | None:
        """The whole number itself."""
        return code - (1 << self.bits) if self.signed and code >> (self.bits - 1) else code

    def code_at(self, ordinal: int) -> int:
        """Its two's complement."""
        return ordinal & ((1 << self.bits) - 1)

    def value_at(self, ordinal: int) -> Fraction:
        """The number times 2^scale."""
        return times_power_of_two(ordinal, self.scale)

    def border(self, ordinal: int) -> Fraction:
        """Half-way to the next."""
        return halfway(self, ordinal)

    def takes_tie(self, ordinal: int) -> bool:
        """Even numbers take the ties."""
        return ordinal % 2 == 0

    def around(self, real: Real) -> tuple[int, int]:
        """The whole numbers below and above."""
        scaled = real.value / power_of_two(self.scale)
        below = scaled.numerator // scaled.denominator
        return below, below + (scaled.denominator != 1)

    def real(self, code: int) -> Real:
        """The number that `code` stands for."""
        value = self.value_at(self.ordinal(code) or 0)
        return Real(abs(value), value < 0)


@dataclass(frozen=True)
class TableFormat:
    """A codebook: code i stands for `values[i]`. Ties go to the lower value; what does not fit is clamped."""

    name: str
    values: tuple[Fraction, ...]
    description: str = ""
    has_minus_zero: bool = False
    has_infinity: bool = False
    first: int = 0

    @property
    def bits(self) -> int:
        """Bits of a code."""
        return (len(self.values) - 1).bit_length()

    @property
    def groups(self) -> tuple[Group, ...]:
        """One index."""
        return (Group("index", 0, self.bits),)

    @cached_property
    def order(self) -> tuple[int, ...]:
        """Codes by rising value, each value once (the lowest code of equals)."""
        seen: dict[Fraction, int] = {}
        for code, value in enumerate(self.values):
            seen.setdefault(value, code)
        return tuple(seen[value] for value in sorted(seen))

    @property
    def last(self) -> int:
        """Place of the highest value."""
        return len(self.order) - 1

    def infinity_code(self, negative: bool) -> int | None:
        """There is none."""
        return None

    def nan_code(self, negative: bool) -> int | None:
        """There is none."""
        return None

    def nan_replacement(self, negative: bool) -> int:
        """The code of zero, or of the lowest value."""
        return self.values.index(ZERO) if ZERO in self.values else self.order[0]

    def ordinal(self, code: int) -> int | None:
        """Place in the order of values."""
        value = self.values[code]
        return next(place for place, other in enumerate(self.order) if self.values[other] == value)

    def code_at(self, ordinal: int) -> int:
        """The code at the place `ordinal` of `order`."""
        return self.order[ordinal]

    def value_at(self, ordinal: int) -> Fraction:
        """The value at the place `ordinal`; beyond the ends the end itself."""
        return self.values[self.order[min(max(ordinal, 0), self.last)]]

    def border(self, ordinal: int) -> Fraction:
        """Half-way to the next."""
        return halfway(self, ordinal)

    def takes_tie(self, ordinal: int) -> bool:
        """Ties go down, as bitsandbytes sends them."""
        return True

    def around(self, real: Real) -> tuple[int, int]:
        """Places of the values below and above."""
        value = real.value
        above = next((p for p in range(self.last + 1) if self.value_at(p) >= value), self.last)
        exact = self.value_at(above) == value or above == 0 or self.value_at(above) < value
        return (above, above) if exact else (above - 1, above)

    def real(self, code: int) -> Real:
        """The number that `code` stands for."""
        value = self.values[code]
        return Real(abs(value), value < 0)
