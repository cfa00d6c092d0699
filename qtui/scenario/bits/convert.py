"""A number converted to a format: the code, the errors, and a note on what was lost."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from qtui.compute.floats import exact
from qtui.compute.floats.grids import TableFormat
from qtui.compute.floats.intervals import rounding_interval
from qtui.compute.floats.layout import NumberFormat
from qtui.compute.floats.real import Real
from qtui.scenario.bits.result import Conversion


@dataclass(frozen=True)
class Rounding:
    """How to round: the mode, whether what is too large is clamped, and the seed of stochastic rounding."""

    mode: str
    saturate: bool
    seed: int

    def encode(self, fmt: NumberFormat, real: Real) -> int:
        """The code that `real` is stored as."""
        return exact.encode(fmt, real, self.mode, self.saturate, self.seed)


def convert(fmt: NumberFormat, real: Real, rounding: Rounding, code: int | None = None) -> Conversion:
    """`real` as `fmt` stores it; `code` where that is already known."""
    code = rounding.encode(fmt, real) if code is None else code
    stored = fmt.real(code)
    kind = exact.classify(fmt, code)
    reals = rounding_interval(fmt, code, rounding.mode, rounding.saturate)
    if not real.finite or not stored.finite:
        same = real.kind == stored.kind and (real.kind == "nan" or real.negative == stored.negative)
        note = "" if same else _what_happened(fmt, real, stored)
        return Conversion(fmt, code, stored, kind, same, None, None, None, reals, note)
    error = abs(stored.value - real.value)
    step = exact.ulp(fmt, code)
    lost_sign = not real.size and real.negative and not stored.negative
    clamped = bool(error) and _clamped(fmt, real, rounding)
    return Conversion(
        format=fmt,
        code=code,
        real=stored,
        kind=kind,
        exact=not error,
        absolute_error=error,
        relative_error=error / real.size if real.size else (Fraction(0) if not error else None),
        ulp_error=error / step if step else None,
        reals=reals,
        note="the sign of zero is lost" if lost_sign else _finite_note(fmt, real, stored, clamped),
        clamped=clamped,
        digits=_digits(error / real.size) if error and real.size else None,
    )


def _digits(ratio: Fraction) -> float:
    """How many decimal digits hold where the error is `ratio` of the number: none where it is as large."""
    return max(0.0, math.log10(ratio.denominator) - math.log10(ratio.numerator))


def _finite_note(fmt: NumberFormat, real: Real, stored: Real, clamped: bool) -> str:
    if clamped:
        unsigned = fmt.value_at(fmt.first) >= 0
        return "there is no sign: clamped" if real.negative and unsigned else "beyond the range: clamped"
    return "rounds to zero" if real.size and not stored.size else ""


def _clamped(fmt: NumberFormat, real: Real, rounding: Rounding) -> bool:
    """Whether `real` is stored as an end of the range for want of a nearer value beyond it."""
    if isinstance(fmt, TableFormat):
        return not fmt.value_at(fmt.first) <= real.value <= fmt.value_at(fmt.last)
    return exact.overflows(fmt, real, rounding.mode, rounding.seed)


def _what_happened(fmt: NumberFormat, real: Real, stored: Real) -> str:
    if real.kind == "nan":
        return "there is no NaN: stored as a number"
    if real.kind == "inf":
        return "there is no infinity: " + ("NaN" if stored.kind == "nan" else "clamped")
    if stored.kind == "nan" and fmt.first == 0 and (real.negative or not real.size):
        return "only positive numbers: NaN"
    return "overflow to " + ("infinity" if stored.kind == "inf" else "NaN")
