"""The Bits pane's Scenario: a value, a number format and a way to look at them; solved into what is really stored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from qtui.compute.floats import exact
from qtui.compute.floats.entry import Entry, read
from qtui.compute.floats.exact import ROUNDINGS
from qtui.compute.floats.layout import NumberFormat
from qtui.compute.floats.real import Real
from qtui.compute.floats.table import number_format
from qtui.compute.floats.text import code_hex, exact_decimal, hex_float
from qtui.scenario.base import Scenario, UserError, argument, option
from qtui.scenario.bits_result import BitsResult, convert
from qtui.scenario.progress import Progress

VIEWS = ("inspect", "all", "line", "density", "sine", "formats", "design")
ZOOMS = ("1", "30", "200")
STACKED = ("float16", "bfloat16", "float8_e4m3fn", "float8_e5m2", "float6_e2m3fn", "float4_e2m1fn")
_LONGEST_TEXT = 40  # characters of a decimal that a change of format still keeps in the entry field


@dataclass(frozen=True)
class BitsScenario(Scenario):
    """What to look at, and how."""

    command = "bits"

    value: str = argument(
        "0.1", "0.1, 1/3, 2**-14, 0x1.8p-3, inf, nan, -0; or a code: 0x3dcc, 0b0101, #15820", metavar="VALUE"
    )
    format: str = option(
        "float32",
        "float16, bfloat16, float8_e4m3fn, int8, nf4, ... or float:e=4,m=3,bias=7,special=fn",
        "--format",
        "-f",
    )
    rounding: str = option("nearest-even", "how to round", "--rounding", "-r", choices=ROUNDINGS)
    saturate: bool = option(False, "clamp what is too large to the largest value, instead of infinity or NaN")
    seed: int = option(0, "of stochastic rounding")
    all: bool = option(False, "show the value in every format")
    view: str = option("inspect", "what to draw", choices=VIEWS)
    stack: tuple[str, ...] = option(
        STACKED, "a format on the number line and the sine (repeat it)", "--with", many=True
    )
    low: str = option("", "where the number line or the density begins", "--from", metavar="X")
    high: str = option("", "where it ends", "--to", metavar="X")
    log: bool = option(False, "density: counts on a logarithmic scale")
    percent: bool = option(False, "density: shares instead of counts")
    zoom: str = option("1", "sine: how much larger", choices=ZOOMS)


def solve(scenario: BitsScenario, progress: Progress | None = None) -> BitsResult:
    """What `scenario` shows. Raises UserError for a value, a format or an interval that can't be used."""
    try:
        fmt = number_format(scenario.format)
        entry = read(scenario.value, fmt.bits)
        stack = tuple(number_format(name) for name in scenario.stack)
        interval = _interval(scenario)
    except ValueError as error:
        raise UserError(str(error)) from None
    real = fmt.real(entry.code) if entry.code is not None else entry.real
    how = (scenario.rounding, scenario.saturate, scenario.seed)
    stored = convert(fmt, real, *how, code=entry.code)
    return BitsResult(
        format=fmt,
        input=scenario.value.strip(),
        entered=real,
        is_code=entry.code is not None,
        stored=stored,
        step_by_step=_stepped(scenario, fmt, entry, stored.code),
        rounding=scenario.rounding,
        saturate=scenario.saturate,
        seed=scenario.seed,
        view="all" if scenario.all and scenario.view == "inspect" else scenario.view,
        stack=stack,
        interval=interval,
        log=scenario.log,
        percent=scenario.percent,
        zoom=int(scenario.zoom),
    )


def _interval(scenario: BitsScenario) -> tuple[Fraction, Fraction]:
    usual = {"density": ("-10", "10")}.get(scenario.view, ("-8", "8"))
    ends = []
    for text, otherwise in ((scenario.low, usual[0]), (scenario.high, usual[1])):
        real = read(text or otherwise, 64).real
        if not real.finite or read(text or otherwise, 64).code is not None:
            raise ValueError(f"an interval ends at a finite number such as -1 or 2**10, not at {text}")
        ends.append(real.value)
    if ends[0] >= ends[1]:
        raise ValueError("an interval needs its lower end first, such as --from -1 --to 1")
    return ends[0], ends[1]


def _stepped(scenario: BitsScenario, fmt: NumberFormat, entry: Entry, code: int) -> int | None:
    """What the expression gives when each step is rounded, as a processor would; None where that is the same."""
    if not entry.operations:
        return None

    def rounded(real: Real) -> Real:
        return fmt.real(exact.encode(fmt, real, scenario.rounding, scenario.saturate, scenario.seed))

    try:
        real = read(scenario.value, fmt.bits, rounded).real
    except ValueError:
        return None  # a divisor that is rounded to zero, say
    found = exact.encode(fmt, real, scenario.rounding, scenario.saturate, scenario.seed)
    return found if found != code else None


# What the pane's keys do to a Scenario.


def at_code(scenario: BitsScenario, fmt: NumberFormat, code: int) -> BitsScenario:
    """`scenario` with the value that `code` stands for."""
    return replace(scenario, value=code_hex(fmt, code))


def flipped(scenario: BitsScenario, fmt: NumberFormat, code: int, bit: int, to: int | None = None) -> BitsScenario:
    """`scenario` with bit number `bit` flipped, or set `to` 0 or 1."""
    wanted = (code >> bit & 1) ^ 1 if to is None else to
    return at_code(scenario, fmt, (code & ~(1 << bit)) | (wanted << bit))


def in_format(scenario: BitsScenario, spec: str) -> BitsScenario:
    """`scenario` in another format: a code keeps its *value*, not its bits.

    Raises UserError when either format is not known.
    """
    result = solve(scenario)
    if result.is_code:
        real = result.stored.real
        text = exact_decimal(real)
        scenario = replace(scenario, value=text if len(text) <= _LONGEST_TEXT else hex_float(real))
    try:
        return replace(scenario, format=number_format(spec).name)
    except ValueError as error:
        raise UserError(str(error)) from None


def moved(scenario: BitsScenario, to: Fraction) -> BitsScenario:
    """`scenario` with the exact number `to` as its value, in as few characters as say it."""
    denominator = to.denominator
    while denominator % 2 == 0:
        denominator //= 2
    while denominator % 5 == 0:
        denominator //= 5
    if denominator == 1:
        twos = to.denominator.bit_length() + 1
        scaled = abs(to) * 10**twos
        digits = f"{scaled.numerator:0{twos + 1}d}"
        text = f"{digits[:-twos]}.{digits[-twos:]}".rstrip("0").rstrip(".")
        if len(text) <= _LONGEST_TEXT:
            return replace(scenario, value=("-" if to < 0 else "") + text)
    return replace(scenario, value=f"{to.numerator}/{to.denominator}")
