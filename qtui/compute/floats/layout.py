"""What a number format is: which bits mean what, and which number each code stands for.

Every format puts its numbers in order: an *ordinal* is a number's place in that order, zero for +0, so that the
next larger value is always one ordinal up, whatever the sign, from -infinity to +infinity. Rounding, stepping,
counting and sliders are then the same for floats, integers and tables. Ordinals just beyond the largest finite value
keep a *virtual* value, the one the format would have next: round-to-nearest compares with it (IEEE 754-2019, 4.3.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple, Protocol

from qtui.compute.floats.real import Real, floor_log2, infinity, times_power_of_two

SPECIALS = ("ieee", "fn", "fnuz", "p3109", "none")
SPECIALS_HELP = {
    "ieee": "top exponent is infinity and NaN",
    "fn": "finite; all ones is NaN",
    "fnuz": "finite; the code of -0 is NaN",
    "p3109": "all ones is infinity; the code of -0 is NaN",
    "none": "every code is a number",
}


class Group(NamedTuple):
    """Neighbouring bits with one meaning, `low` the number of the lowest."""

    name: str  # "sign", "exponent", "mantissa", "integer", "index"
    low: int
    width: int

    def of(self, code: int) -> int:
        """The field's value in `code`."""
        return (code >> self.low) & ((1 << self.width) - 1)


class NumberFormat(Protocol):
    """What the exact arithmetic, the drawings and the text need to know of any format."""

    def __hash__(self) -> int: ...

    @property
    def name(self) -> str: ...
    @property
    def bits(self) -> int: ...
    @property
    def description(self) -> str: ...
    @property
    def groups(self) -> tuple[Group, ...]:
        """The fields, highest bits first."""
        ...

    @property
    def first(self) -> int:
        """Ordinal of the lowest finite value."""
        ...

    @property
    def last(self) -> int:
        """Ordinal of the highest finite value."""
        ...

    @property
    def has_minus_zero(self) -> bool: ...
    @property
    def has_infinity(self) -> bool: ...
    def infinity_code(self, negative: bool) -> int | None: ...
    def nan_code(self, negative: bool) -> int | None: ...
    def nan_replacement(self, negative: bool) -> int:
        """The code that a NaN becomes where there is no NaN."""
        ...

    def ordinal(self, code: int) -> int | None:
        """The place of `code` in the order of values, None for NaN."""
        ...

    def code_at(self, ordinal: int) -> int: ...
    def value_at(self, ordinal: int) -> Fraction:
        """The value at a finite ordinal, or the virtual one just beyond."""
        ...

    def border(self, ordinal: int) -> Fraction:
        """Where "nearest-even" changes over from this ordinal to the next one up: nearly always half-way."""
        ...

    def takes_tie(self, ordinal: int) -> bool:
        """Whether a number on that border rounds here."""
        ...

    def around(self, real: Real) -> tuple[int, int]:
        """Ordinals of the nearest values at or below and at or above a finite `real`; equal where it is exact."""
        ...

    def real(self, code: int) -> Real: ...


def halfway(fmt: NumberFormat, ordinal: int) -> Fraction:
    """The middle between the values at `ordinal` and the next one up."""
    return (fmt.value_at(ordinal) + fmt.value_at(ordinal + 1)) / 2


@dataclass(frozen=True)
class FloatFormat:
    """Sign, exponent and mantissa widths in bits, the exponent's bias, and what the top codes mean (`SPECIALS`).

    Exponent field 0 holds zero and the subnormals, 2^(1-bias) * 0.M; otherwise a value is 2^(E-bias) * 1.M. Without
    zero (`has_zero` False, the E8M0 scale of OCP MX) field 0 is a power of two like the others. Without an exponent
    the format is fixed-point. Source: IEEE 754-2019, OCP OFP8 and MX specifications, ml_dtypes.
    """

    name: str
    exponent: int
    mantissa: int
    bias: int
    special: str = "ieee"
    sign: int = 1
    has_zero: bool = True
    description: str = ""
    box: int = 0  # stored bits where more than the format's own (tf32 sits in 32)

    @property
    def bits(self) -> int:
        """Bits of a code."""
        return self.sign + self.exponent + self.mantissa

    @property
    def stored_bits(self) -> int:
        """Bits that storage takes."""
        return self.box or self.bits

    @property
    def groups(self) -> tuple[Group, ...]:
        """Sign, exponent and mantissa, those that exist."""
        fields = (
            Group("sign", self.exponent + self.mantissa, self.sign),
            Group("exponent", self.mantissa, self.exponent),
            Group("mantissa", 0, self.mantissa),
        )
        return tuple(field for field in fields if field.width)

    @cached_property
    def top(self) -> int:
        """The largest magnitude code, all ones."""
        return (1 << (self.exponent + self.mantissa)) - 1

    @cached_property
    def last(self) -> int:
        """Magnitude code, and ordinal, of the largest finite value."""
        if self.special == "ieee":
            return (((1 << self.exponent) - 1) << self.mantissa) - 1
        return self.top - 1 if self.special in ("fn", "p3109") else self.top

    @property
    def first(self) -> int:
        """Ordinal of the lowest finite value; with a -0 there are two ordinals of value zero, -1 and 0."""
        return -self.last - self.has_minus_zero if self.sign else 0

    @property
    def has_minus_zero(self) -> bool:
        """Whether -0 is a value of its own."""
        return bool(self.sign) and self.special not in ("fnuz", "p3109")

    @property
    def has_infinity(self) -> bool:
        """Whether a code stands for infinity."""
        return self.special in ("ieee", "p3109")

    @property
    def emin(self) -> int:
        """The exponent of the smallest normal value."""
        return 1 - self.bias if self.has_zero else -self.bias

    @property
    def emax(self) -> int:
        """The exponent of the largest finite value."""
        return floor_log2(self.magnitude(self.last))

    @property
    def _sign_bit(self) -> int:
        return 1 << (self.exponent + self.mantissa)

    def infinity_code(self, negative: bool) -> int | None:
        """The code of an infinity, where there is one."""
        if not self.has_infinity or (negative and not self.sign):
            return None
        return (self.last + 1) | (self._sign_bit if negative else 0)

    def nan_code(self, negative: bool) -> int | None:
        """The usual quiet NaN: as ml_dtypes and numpy make it."""
        if self.special in ("fnuz", "p3109"):
            return self._sign_bit if self.sign else None
        sign = self._sign_bit if negative and self.sign else 0
        if self.special == "ieee" and self.mantissa:
            return sign | (self.last + 1) | (1 << (self.mantissa - 1))
        return sign | self.top if self.special == "fn" else None

    def nan_replacement(self, negative: bool) -> int:
        """What ml_dtypes stores for NaN in float6 and float4: -0 for +NaN, +0 for -NaN."""
        return 0 if negative or not self.sign else self._sign_bit

    def ordinal(self, code: int) -> int | None:
        """The place of `code` in the order of values, None for NaN."""
        size = code & self.top
        negative = bool(self.sign) and bool(code & self._sign_bit)
        if size > self.last + self.has_infinity:
            return None
        if not negative:
            return size
        if size == 0 and not self.has_minus_zero:
            return None
        return -size - self.has_minus_zero

    def code_at(self, ordinal: int) -> int:
        """The code at a finite or infinite ordinal."""
        if ordinal >= 0:
            return ordinal
        return self._sign_bit | (-ordinal - self.has_minus_zero)

    def magnitude(self, size: int) -> Fraction:
        """The value of a magnitude code as if every exponent were an ordinary one."""
        field, fraction = size >> self.mantissa, size & ((1 << self.mantissa) - 1)
        if self.has_zero and field == 0:
            return times_power_of_two(fraction, 1 - self.bias - self.mantissa)
        return times_power_of_two((1 << self.mantissa) + fraction, field - self.bias - self.mantissa)

    def value_at(self, ordinal: int) -> Fraction:
        """The value at a finite ordinal, or the virtual one just beyond."""
        if ordinal >= 0:
            return self.magnitude(ordinal)
        return -self.magnitude(-ordinal - self.has_minus_zero)

    def border(self, ordinal: int) -> Fraction:
        """Half-way; but all that is above the smallest power of two of E8M0 goes up, as ml_dtypes and torch have it.

        Its first step up, 2^-127 to 2^-126, lies among float32's subnormals, which those casts round up whole.
        """
        if not self.has_zero and ordinal == 0:
            return self.value_at(0)
        return halfway(self, ordinal)

    def takes_tie(self, ordinal: int) -> bool:
        """Ties go to even codes; in E8M0 up, as in ml_dtypes and torch, but its smallest value stays."""
        if not self.has_zero:
            return ordinal == 0
        size = ordinal if ordinal >= 0 else -ordinal - self.has_minus_zero
        return size % 2 == 0

    def around(self, real: Real) -> tuple[int, int]:
        """Ordinals of the values next to a finite `real`, below and above; equal where it is exact."""
        if real.negative and not self.sign:
            return 0, 0
        size, exact = self._size_below(real.size)
        if not real.negative or (size == 0 and exact and not self.has_minus_zero):
            return (size, size) if exact else (size, size + 1)
        here = -size - self.has_minus_zero
        return (here, here) if exact else (here - 1, here)

    def _size_below(self, size: Fraction) -> tuple[int, bool]:
        """The largest magnitude code whose value is at most `size`, and whether they are equal."""
        if size == 0:
            return 0, self.has_zero
        raw = floor_log2(size)
        if raw < self.emin and not self.has_zero:
            return 0, True  # below the smallest power of two there is nothing to choose between
        exponent = max(raw, self.emin)
        shift = self.mantissa - exponent
        count, rest = divmod(size.numerator << max(shift, 0), size.denominator << max(-shift, 0))
        code = ((exponent - self.emin) << self.mantissa) + count
        return (code if self.has_zero else code - (1 << self.mantissa)), not rest

    def real(self, code: int) -> Real:
        """The number that `code` stands for."""
        ordinal = self.ordinal(code)
        if ordinal is None:
            return Real(negative=bool(self.sign and code & self._sign_bit), kind="nan")
        negative = ordinal < 0
        if abs(ordinal) - (negative and self.has_minus_zero) > self.last:
            return infinity(negative)
        return Real(abs(self.value_at(ordinal)), negative)
