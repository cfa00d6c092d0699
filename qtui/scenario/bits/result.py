"""What the Bits pane shows: one value in one format, in all of them, and where a format's values lie."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from qtui.compute.floats.facts import FormatFacts, NotANumber
from qtui.compute.floats.intervals import Interval
from qtui.compute.floats.layout import NumberFormat
from qtui.compute.floats.real import Real


@dataclass(frozen=True)
class Conversion:
    """A number as one format stores it. Errors are None where the number or what is stored is not finite.

    `kind` is zero, subnormal, normal, infinity or nan; `reals` are the real numbers that are stored as this code.
    """

    format: NumberFormat
    code: int
    real: Real
    kind: str
    exact: bool
    absolute_error: Fraction | None
    relative_error: Fraction | None
    ulp_error: Fraction | None
    reals: Interval | None
    note: str = ""
    clamped: bool = False  # to an end of the range
    digits: float | None = None  # decimal digits that hold: 8.8 for 0.1 in float32; None where exact or not finite


@dataclass(frozen=True)
class Neighbour:
    """The next smaller or larger value, and how far away it is: as a number and in ulps, None where not finite.

    `edge` is its value; for an infinity, the first value that the format has no code for any more.
    """

    code: int
    real: Real
    edge: Fraction
    distance: Fraction | None
    ulps: Fraction | None


@dataclass(frozen=True)
class Stepwise:
    """What an expression gives when each of its steps is rounded, and how many codes above (or below) that is."""

    real: Real
    codes_above: int | None


@dataclass(frozen=True)
class Special:
    """A special value: a zero, the largest, the smallest, one, infinity, NaN, ..."""

    name: str
    code: int
    real: Real


@dataclass(frozen=True)
class FloatFields:
    """The parts of a float's code, each None where the format has no such field.

    `exponent` is unbiased, that of the subnormals where the field is 0; `significand` includes the hidden bit. Both
    are None for infinities, NaN, and formats that are not floats. `nan` says what a NaN's bits mean.
    """

    sign: int | None
    exponent_field: int | None
    mantissa_field: int | None
    hidden_bit: int
    exponent: int | None
    significand: Fraction | None
    nan: NotANumber | None = None


@dataclass(frozen=True)
class Trade:
    """What the same number of bits would do with one of them moved."""

    name: str
    facts: FormatFacts


@dataclass(frozen=True)
class TickRow:
    """How many values of a format lie in each column of a number line, and what it stores there.

    `gap` is the distance to the next magnitude up.
    """

    stored: Conversion
    counts: tuple[int, ...]
    gap: Fraction | None


@dataclass(frozen=True)
class CloseUp:
    """A small part of the number line about the value: its ends, and each format's values in it."""

    interval: tuple[Fraction, Fraction]
    ticks: tuple[TickRow, ...]


@dataclass(frozen=True)
class Density:
    """Counts of a format's finite codes in equal parts of an interval; `up_to` adds them up from the left."""

    edges: tuple[Fraction, ...]
    counts: tuple[int, ...]
    up_to: tuple[int, ...]
    inside: int
    total: int


@dataclass(frozen=True)
class Wave:
    """A sine as a format stores it: a value for each x, `at` the value at the cursor."""

    format: NumberFormat | None  # None: the exact curve
    values: tuple[float, ...]
    at: float
    off: float = 0.0  # the largest distance from the exact curve in the window


@dataclass(frozen=True)
class SineWindow:
    """A window on the sine, centred on the cursor where it is zoomed."""

    x: tuple[float, ...]
    low: float
    high: float
    cursor: float
    waves: tuple[Wave, ...]


@dataclass(frozen=True)
class Slot:
    """A value of a table, and the share of the weights that are stored as it."""

    value: float
    share: float


@dataclass(frozen=True)
class TableErrors:
    """What a table of values costs on the weights: errors in the weights' unit, SQNR in decibels.

    `scaled` are the values over the largest magnitude among them, `shares` how much each is used.
    """

    name: str
    spec: str
    values: tuple[float, ...]
    scaled: tuple[float, ...]
    shares: tuple[float, ...]
    bits: float
    rmse: float
    sqnr_db: float
    largest: float


@dataclass(frozen=True)
class Codebook:
    """A table of one's own beside those in use, the own one first among `tables`.

    `spread` counts weights by their size relative to their block's largest, in equal parts from -1 to 1. `best` of
    the tables has the highest SQNR, `rival` the highest of the others; the fewest weights are stored as `rarest`.
    """

    dist: str
    weights: int
    block: int
    slots: tuple[Slot, ...]
    spare: int  # codes of four bits that no value takes
    minus_zero: bool  # one of them is -0
    tables: tuple[TableErrors, ...]
    best: TableErrors
    rival: TableErrors
    rarest: Slot
    spread: tuple[int, ...]
    nearest: int | None  # the slot that the number entered becomes


@dataclass(frozen=True)
class BitsResult:
    """A value stored in a format: the code, its fields, errors, neighbours, and the format's facts.

    What a single view shows is there when the Scenario asks for that view: `conversions` and `table` for the tables,
    `trades` for the design, and after `with_plot` also `ticks`, `close`, `density`, `sine`, `spread` and `codebook`.
    """

    format: NumberFormat
    input: str
    entered: Real
    is_code: bool
    rounding: str
    saturate: bool
    seed: int
    view: str
    stacked: tuple[NumberFormat, ...]  # drawn together, the present format first
    hidden: frozenset[str]
    interval: tuple[Fraction, Fraction]
    log: bool
    percent: bool
    zoom: int
    every: bool  # all formats, not only the usual ones
    dist: str
    # The value.
    stored: Conversion
    step_by_step: Stepwise | None
    fields: FloatFields
    octave: tuple[Fraction, Fraction] | None  # the powers of two on either side of a normal float's size
    ulp: Fraction | None  # distance to the next magnitude up
    edge: Fraction | None  # as a Neighbour's; None for NaN
    previous: Neighbour | None
    next: Neighbour | None
    reals_in_ulps: tuple[Fraction | None, Fraction | None] | None  # ends of `stored.reals` as seen from the value
    position: float | None  # in the order of all values, 0 lowest to 1 highest; None for NaN
    # The format.
    facts: FormatFacts
    widest: int  # characters of the longest decimal that tells a value from its neighbours
    digits: int  # significant decimal digits that most numbers keep; `facts.guaranteed` of them always hold
    specials: tuple[Special, ...]
    overflow_from: Interval | None  # the positive reals that overflow; None where nothing does
    twin: str  # the named format that a design comes to, "" where there is none
    # Of single views.
    conversions: tuple[Conversion, ...] = ()  # the usual formats first
    usual: int = 0  # how many of them, or of the table, are usual
    table: tuple[FormatFacts, ...] = ()
    trades: tuple[Trade, ...] = ()
    ticks: tuple[TickRow, ...] = ()
    close: CloseUp | None = None
    density: Density | None = None
    sine: SineWindow | None = None
    spread: tuple[int, ...] = ()  # values in equal parts from the lowest to the largest
    codebook: Codebook | None = None

    @property
    def code(self) -> int:
        """The code."""
        return self.stored.code
