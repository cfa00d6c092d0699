"""What the Bits pane shows: one value in one format, in all of them, and where a format's values lie."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from qtui.compute.floats import exact
from qtui.compute.floats.density import bin_edges, counts
from qtui.compute.floats.facts import FormatFacts, facts, special_codes
from qtui.compute.floats.intervals import Interval, rounding_interval
from qtui.compute.floats.layout import FloatFormat, NumberFormat
from qtui.compute.floats.real import Real
from qtui.compute.floats.table import FLOATS, design, number_formats

if TYPE_CHECKING:
    from qtui.scenario.bits.sine import Sine


@dataclass(frozen=True)
class Stored:
    """A number as one format stores it. Errors are None where the number or what is stored is not finite."""

    format: NumberFormat
    code: int
    real: Real
    exact: bool
    absolute_error: Fraction | None
    relative_error: Fraction | None
    ulp_error: Fraction | None
    note: str = ""


def convert(
    fmt: NumberFormat, real: Real, rounding: str, saturate: bool, seed: int, code: int | None = None
) -> Stored:
    """`real` as `fmt` stores it; `code` where that is already known."""
    code = exact.encode(fmt, real, rounding, saturate, seed) if code is None else code
    stored = fmt.real(code)
    if not real.finite or not stored.finite:
        same = real.kind == stored.kind and (real.kind == "nan" or real.negative == stored.negative)
        return Stored(fmt, code, stored, same, None, None, None, "" if same else _what_happened(fmt, real, stored))
    error = abs(stored.value - real.value)
    step = exact.ulp(fmt, code)
    lost_sign = not real.size and real.negative and not stored.negative
    note = "the sign of zero is lost" if lost_sign else _finite_note(fmt, real, stored, error)
    relative = error / real.size if real.size else (Fraction(0) if not error else None)
    return Stored(fmt, code, stored, not error, error, relative, error / step if step else None, note)


def _finite_note(fmt: NumberFormat, real: Real, stored: Real, error: Fraction) -> str:
    if not error:
        return ""
    if real.negative and fmt.first == 0:
        return "there is no sign: clamped"
    if real.value > fmt.value_at(fmt.last) or real.value < fmt.value_at(fmt.first):
        return "beyond the range: clamped"
    return "rounds to zero" if not stored.size else ""


def _what_happened(fmt: NumberFormat, real: Real, stored: Real) -> str:
    if real.kind == "nan":
        return "there is no NaN: stored as a number"
    if real.kind == "inf":
        return "there is no infinity: " + ("NaN" if stored.kind == "nan" else "clamped")
    if stored.kind == "nan" and fmt.first == 0 and (real.negative or not real.size):
        return "only positive numbers: NaN"
    return "overflow to " + ("infinity" if stored.kind == "inf" else "NaN")


@dataclass(frozen=True)
class Ticks:
    """How many values of a format lie in each column of a number line, and the stored value's place."""

    stored: Stored
    counts: tuple[int, ...]
    gap: Fraction | None


@dataclass(frozen=True)
class Density:
    """Counts of a format's finite codes in equal parts of an interval."""

    edges: tuple[Fraction, ...]
    counts: tuple[int, ...]
    inside: int
    total: int


@dataclass(frozen=True)
class BitsResult:
    """A value stored in a format, and what can be seen from there; the larger pictures are made when asked for."""

    format: NumberFormat
    input: str
    entered: Real
    is_code: bool
    stored: Stored
    step_by_step: int | None
    rounding: str
    saturate: bool
    seed: int
    view: str
    stack: tuple[NumberFormat, ...]
    hidden: frozenset[str]
    interval: tuple[Fraction, Fraction]
    log: bool
    percent: bool
    zoom: int

    @property
    def code(self) -> int:
        """The code."""
        return self.stored.code

    @cached_property
    def facts(self) -> FormatFacts:
        """What the format can do."""
        return facts(self.format)

    @cached_property
    def specials(self) -> dict[str, int]:
        """The codes worth jumping to."""
        return special_codes(self.format)

    @cached_property
    def ulp(self) -> Fraction | None:
        """The distance to the next magnitude up."""
        return exact.ulp(self.format, self.code)

    @cached_property
    def previous(self) -> int | None:
        """The code of the next smaller value."""
        return exact.neighbour(self.format, self.code, -1)

    @cached_property
    def next(self) -> int | None:
        """The code of the next larger value."""
        return exact.neighbour(self.format, self.code, 1)

    def distance(self, other: int | None) -> Fraction | None:
        """How far the value of the code `other` is, where both are finite."""
        if other is None or not self.stored.real.finite or not self.format.real(other).finite:
            return None
        return abs(self.format.real(other).value - self.stored.real.value)

    @cached_property
    def kind(self) -> str:
        """zero, subnormal, normal, infinity or nan."""
        return exact.classify(self.format, self.code)

    @cached_property
    def interval_of_code(self) -> Interval | None:
        """The reals that are stored as this code."""
        return rounding_interval(self.format, self.code, self.rounding, self.saturate)

    @cached_property
    def overflow_from(self) -> Interval | None:
        """The positive reals that overflow, as an interval without end; None where nothing does."""
        last = rounding_interval(self.format, self.format.code_at(self.format.last), self.rounding, self.saturate)
        if last is None or last.high is None:
            return None
        return Interval(last.high, None, not last.high_in, True)

    @cached_property
    def position(self) -> float | None:
        """Where the value stands in the order of all the format's values, 0 lowest to 1 highest; None for NaN."""
        ordinal = self.format.ordinal(self.code)
        low, high = exact.ends(self.format)
        return None if ordinal is None or low == high else (ordinal - low) / (high - low)

    @cached_property
    def exponent_field(self) -> int | None:
        """The exponent as stored."""
        return self._field("exponent")

    @cached_property
    def mantissa_field(self) -> int | None:
        """The mantissa as stored."""
        return self._field("mantissa")

    @cached_property
    def sign_field(self) -> int | None:
        """The sign bit."""
        return self._field("sign")

    def _field(self, name: str) -> int | None:
        return next((group.of(self.code) for group in self.format.groups if group.name == name), None)

    @cached_property
    def exponent(self) -> int | None:
        """The unbiased exponent of a finite float: that of the subnormals where the field is 0."""
        fmt = self.format
        if not isinstance(fmt, FloatFormat) or not self.stored.real.finite:
            return None
        return max(self.exponent_field or 0, 1 if fmt.has_zero else 0) - fmt.bias

    @cached_property
    def conversions(self) -> tuple[Stored, ...]:
        """The entered number in every named format, and in the present one where that is a design."""
        formats = number_formats()
        if self.format.name not in {fmt.name for fmt in formats}:
            formats = (self.format, *formats)
        how = (self.rounding, self.saturate, self.seed)
        return tuple(
            self.stored if fmt.name == self.format.name else convert(fmt, self.entered, *how) for fmt in formats
        )

    @cached_property
    def table(self) -> tuple[FormatFacts, ...]:
        """What each format can do."""
        return tuple(facts(stored.format) for stored in self.conversions)

    @cached_property
    def trades(self) -> tuple[tuple[str, FormatFacts], ...]:
        """What the same number of bits would do with one moved between exponent and mantissa, for a float."""
        fmt = self.format
        if not isinstance(fmt, FloatFormat):
            return ()
        found = []
        for label, move in (("bit to exponent", 1), ("bit to mantissa", -1)):
            try:
                other = design(fmt.exponent + move, fmt.mantissa - move, None, fmt.special, fmt.sign)
            except ValueError:
                continue  # no bit is left to move
            found.append((label, facts(other)))
        return tuple(found)

    @cached_property
    def twin(self) -> str:
        """The named format that a design comes to, "" where there is none."""
        fmt = self.format
        if not isinstance(fmt, FloatFormat):
            return ""
        same = (fmt.exponent, fmt.mantissa, fmt.bias, fmt.special, fmt.sign, fmt.has_zero)
        for known in FLOATS:
            if same == (known.exponent, known.mantissa, known.bias, known.special, known.sign, known.has_zero):
                return known.name
        return ""

    @property
    def stacked(self) -> tuple[NumberFormat, ...]:
        """The formats drawn together, the present one first."""
        return (self.format, *(fmt for fmt in self.stack if fmt.name != self.format.name))

    def ticks(self, columns: int) -> tuple[Ticks, ...]:
        """Each stacked format's values on a number line of `columns` equal parts of the interval."""
        how = (self.rounding, self.saturate, self.seed)
        rows = []
        for fmt in self.stacked:
            here = self.stored if fmt is self.format else convert(fmt, self.entered, *how)
            rows.append(Ticks(here, counts(fmt, *self.interval, columns, zeros_once=True), exact.ulp(fmt, here.code)))
        return tuple(rows)

    def spread(self, columns: int) -> tuple[int, ...]:
        """How many of the format's values lie in each of `columns` equal parts from the lowest to the largest."""
        low, high = self.format.value_at(self.format.first), self.format.value_at(self.format.last)
        return counts(self.format, low, high, columns, zeros_once=True)

    def density(self, bins: int) -> Density:
        """The format's finite codes in `bins` equal parts of the interval."""
        found = counts(self.format, *self.interval, bins)
        return Density(bin_edges(*self.interval, bins), found, sum(found), exact.finite_count(self.format))

    def sine(self, columns: int) -> Sine:
        """`columns` points of the sine as each stacked format stores it."""
        from qtui.scenario.bits.sine import sine  # imports numpy, which nothing else here needs

        return sine(self, columns)
