"""The Bits pane's Scenario: a value, a number format and a way to look at them; solved into what is really stored."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from qtui.compute.floats import exact
from qtui.compute.floats.entry import Entry, read
from qtui.compute.floats.layout import ROUNDINGS, NumberFormat
from qtui.compute.floats.real import Real, floor_log2, power_of_two
from qtui.compute.floats.table import number_format
from qtui.compute.formats import get_format
from qtui.scenario.base import Scenario, UserError, argument, option
from qtui.scenario.bits.result import BitsResult, convert
from qtui.scenario.progress import Progress

_FURTHEST = 1 << 1100  # ends of an interval: a little beyond float64
VIEWS = ("inspect", "all", "line", "density", "sine", "formats", "design")
ZOOMS = ("1", "30", "200")
STACKED = ("float16", "bfloat16", "float8_e4m3fn", "float8_e5m2", "float6_e2m3fn", "float4_e2m1fn")


@dataclass(frozen=True, repr=False, eq=False)
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
        STACKED, "a format on the number line and the sine (repeat it)", "--with", metavar="FORMAT", many=True
    )
    hide: tuple[str, ...] = option(
        (), "a format left out of the sine (repeat it)", "--hide", metavar="FORMAT", many=True
    )
    low: str = option("", "where the number line or the density begins", "--from", metavar="X")
    high: str = option("", "where it ends", "--to", metavar="X")
    log: bool = option(False, "density: counts on a logarithmic scale")
    percent: bool = option(False, "density: shares instead of counts")
    zoom: str = option("1", "sine: how much larger", choices=ZOOMS)


def solve(scenario: BitsScenario, progress: Progress | None = None) -> BitsResult:
    """What `scenario` shows. Raises UserError for a value, a format or an interval that can't be used."""
    return _solved(scenario)


@lru_cache(maxsize=16)  # a key asks for the value that it changes, then for the one that it makes
def _solved(scenario: BitsScenario) -> BitsResult:
    try:
        fmt = _number_format(scenario.format)
        entry = read(scenario.value, fmt.bits)
        stack = tuple(number_format(name) for name in scenario.stack)
        hidden = frozenset(number_format(name).name for name in scenario.hide)
        real = fmt.real(entry.code) if entry.code is not None else entry.real
        interval = _interval(scenario, real)
    except ValueError as error:
        raise UserError(str(error)) from None
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
        hidden=hidden,
        interval=interval,
        log=scenario.log,
        percent=scenario.percent,
        zoom=int(scenario.zoom),
    )


def _number_format(spec: str) -> NumberFormat:
    """As `number_format`; formats that exist but store blocks get an answer of their own."""
    try:
        return number_format(spec)
    except ValueError as unknown:
        try:
            block = get_format(spec)
        except ValueError:
            raise unknown from None
        raise ValueError(
            f"{block.name} stores blocks of {block.block_size} weights with a scale, not single numbers; "
            f"see `qtui quantize --format {block.name}`, and here its elements: int4, int8, nf4, float4_e2m1fn, ..."
        ) from None


def _interval(scenario: BitsScenario, real: Real) -> tuple[Fraction, Fraction]:
    """The interval that was chosen; else a usual one about zero, or one that just holds a larger value."""
    reach = Fraction(10 if scenario.view == "density" else 8)
    if real.finite and reach < real.size < _FURTHEST:
        reach = power_of_two(floor_log2(real.size) + 1)
    usual = (str(-reach), str(reach))
    ends = []
    for text, otherwise in ((scenario.low, usual[0]), (scenario.high, usual[1])):
        real = read(text or otherwise, 64).real
        if not real.finite or read(text or otherwise, 64).code is not None:
            raise ValueError(f"an interval ends at a finite number such as -1 or 2**10, not at {text}")
        if real.size > _FURTHEST or real.size.denominator > _FURTHEST:
            raise ValueError("an interval lies within 2**1100 and is no finer than 2**-1100")
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
