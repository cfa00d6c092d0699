"""A Bits Scenario solved: what is really stored, and all that one value shows."""

from __future__ import annotations

from fractions import Fraction

from qtui.compute.cache import Cache
from qtui.compute.floats import exact
from qtui.compute.floats.entry import EnteredNumber, read
from qtui.compute.floats.facts import FormatFacts, facts, nan_of, special_codes, usual_digits
from qtui.compute.floats.intervals import Interval, rounding_interval
from qtui.compute.floats.layout import FloatFormat, NumberFormat
from qtui.compute.floats.real import Real, floor_log2, power_of_two
from qtui.compute.floats.table import FLOATS, design, number_format, number_formats
from qtui.compute.floats.text import shortest_decimal
from qtui.compute.formats import FormatError, get_format
from qtui.error import QtuiError
from qtui.scenario.base import UserError, user_input
from qtui.scenario.bits.convert import Rounding, convert
from qtui.scenario.bits.result import BitsResult, Conversion, FloatFields, Neighbour, Special, Stepwise, Trade
from qtui.scenario.bits.scenario import USUAL, BitsScenario
from qtui.scenario.progress import Progress

_FACTS: Cache[FormatFacts] = Cache(64)  # of formats, which are few
_SOLVED: Cache[BitsResult] = Cache(16)  # a key asks for the value that it changes, then for the one that it makes
_FURTHEST = 1 << 1100  # ends of an interval: a little beyond float64


def solve(scenario: BitsScenario, progress: Progress | None = None) -> BitsResult:
    """What `scenario` shows, without the plot of its view (see `plots.with_plot`).

    Raises UserError for a value, a format or an interval that can't be used.
    """
    return _SOLVED.get(scenario, lambda: _solved(scenario))


def _solved(scenario: BitsScenario) -> BitsResult:
    fmt, entry = _entered(scenario)
    stack, hidden = _formats_of_plots(scenario)
    real = fmt.real(entry.code) if entry.code is not None else entry.real
    interval = _interval(scenario, real)
    rounding = _rounding(scenario)
    stored = convert(fmt, real, rounding, entry.code)
    view = "all" if scenario.all and scenario.view == "inspect" else scenario.view
    conversions = convert_all(stored, real, rounding) if view in ("all", "formats") else ()
    ulp = exact.ulp(fmt, stored.code)
    return BitsResult(
        format=fmt,
        input=scenario.value.strip(),
        entered=real,
        is_code=entry.code is not None,
        rounding=scenario.rounding,
        saturate=scenario.saturate,
        seed=scenario.seed,
        view=view,
        stacked=(fmt, *(other for other in stack if other.name != fmt.name)),
        hidden=hidden,
        interval=interval,
        log=scenario.log,
        percent=scenario.percent,
        zoom=int(scenario.zoom),
        every=scenario.all,
        dist=scenario.dist,
        stored=stored,
        step_by_step=_step_by_step(scenario, fmt, entry, rounding, stored.code),
        fields=_fields(stored),
        octave=_octave(stored),
        ulp=ulp,
        edge=_edge(fmt, stored.code, stored.real),
        previous=_neighbour(stored, ulp, -1),
        next=_neighbour(stored, ulp, 1),
        reals_in_ulps=_in_ulps(stored, ulp),
        position=_position(fmt, stored.code),
        facts=facts_of(fmt),
        widest=_widest(fmt),
        digits=usual_digits(fmt),
        specials=tuple(Special(name, code, fmt.real(code)) for name, code in special_codes(fmt).items()),
        overflow_from=_overflow_from(fmt, rounding),
        twin=_twin(fmt),
        conversions=conversions,
        usual=sum(conversion.format.name in USUAL or conversion is stored for conversion in conversions),
        table=tuple(facts_of(conversion.format) for conversion in conversions) if view == "formats" else (),
        trades=_trades(fmt) if view == "design" else (),
    )


def _entered(scenario: BitsScenario) -> tuple[NumberFormat, EnteredNumber]:
    """The format, and the value as it was typed. Raises UserError."""
    with user_input():
        fmt = _number_format(scenario.format)
        return fmt, read(scenario.value, fmt.bits)


def _formats_of_plots(scenario: BitsScenario) -> tuple[tuple[NumberFormat, ...], frozenset[str]]:
    """The formats that are drawn together, and the names of those left out. Raises UserError."""
    with user_input():
        stack = tuple(number_format(name) for name in scenario.stack)
        return stack, frozenset(number_format(name).name for name in scenario.hide)


def _rounding(scenario: BitsScenario) -> Rounding:
    if scenario.seed < 0:
        raise UserError(f"a seed is a whole number from 0 up, not {scenario.seed}")
    return Rounding(scenario.rounding, scenario.saturate, scenario.seed)


def facts_of(fmt: NumberFormat) -> FormatFacts:
    return _FACTS.get(fmt, lambda: facts(fmt))


def convert_all(stored: Conversion, real: Real, rounding: Rounding) -> tuple[Conversion, ...]:
    """`real` in every named format: the usual ones, with that of `stored` where it is none, then the others."""
    usual, others = usual_formats(stored.format), number_formats()
    names = {fmt.name for fmt in usual}
    return convert_to((*usual, *(fmt for fmt in others if fmt.name not in names)), stored, real, rounding)


def usual_formats(present: NumberFormat) -> tuple[NumberFormat, ...]:
    """The formats that a learner meets, after `present` where it is another one."""
    usual = tuple(map(number_format, USUAL))
    return usual if present.name in USUAL else (present, *usual)


def convert_to(
    formats: tuple[NumberFormat, ...], stored: Conversion, real: Real, rounding: Rounding
) -> tuple[Conversion, ...]:
    """`real` in each of `formats`; `stored` is what one of them makes of it."""
    return tuple(stored if fmt.name == stored.format.name else convert(fmt, real, rounding) for fmt in formats)


def _number_format(spec: str) -> NumberFormat:
    """As `number_format`; for a format that stores blocks, raises UserError that says what to use instead."""
    try:
        return number_format(spec)
    except FormatError as unknown:
        try:
            block = get_format(spec)
        except FormatError:
            raise unknown from None
        raise UserError(
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
        with user_input():
            end = read(text or otherwise, 64)
        if not end.real.finite or end.code is not None:
            raise UserError(f"an interval ends at a finite number such as -1 or 2**10, not at {text}")
        if end.real.size > _FURTHEST or end.real.size.denominator > _FURTHEST:
            raise UserError("an interval lies within 2**1100 and is no finer than 2**-1100")
        ends.append(end.real.value)
    if ends[0] >= ends[1]:
        raise UserError("an interval needs its lower end first, such as --from -1 --to 1")
    return ends[0], ends[1]


def _step_by_step(
    scenario: BitsScenario, fmt: NumberFormat, entry: EnteredNumber, rounding: Rounding, code: int
) -> Stepwise | None:
    """What the expression gives when each step is rounded, as a processor would; None where that is `code` too."""
    if not entry.operations:
        return None
    try:
        real = read(scenario.value, fmt.bits, lambda step: fmt.real(rounding.encode(fmt, step))).real
    except QtuiError:
        return None  # a divisor that is rounded to zero, say
    other = rounding.encode(fmt, real)
    if other == code:
        return None
    there, here = fmt.ordinal(other), fmt.ordinal(code)
    return Stepwise(fmt.real(other), None if there is None or here is None else there - here)


def _fields(stored: Conversion) -> FloatFields:
    fmt = stored.format
    parts = {group.name: group.of(stored.code) for group in fmt.groups}
    sign, field, fraction = (parts.get(name) for name in ("sign", "exponent", "mantissa"))
    if not isinstance(fmt, FloatFormat):
        return FloatFields(sign, field, fraction, 0, None, None)
    hidden = 0 if stored.kind in ("subnormal", "zero") or not fmt.exponent else 1
    if not stored.real.finite:
        return FloatFields(sign, field, fraction, hidden, None, None, nan_of(fmt, stored.code))
    exponent = max(field or 0, 1 if fmt.has_zero else 0) - fmt.bias
    return FloatFields(sign, field, fraction, hidden, exponent, hidden + Fraction(fraction or 0, 1 << fmt.mantissa))


def _octave(stored: Conversion) -> tuple[Fraction, Fraction] | None:
    """The powers of two between which the size of a normal float lies."""
    if stored.kind != "normal" or not isinstance(stored.format, FloatFormat) or not stored.format.exponent:
        return None
    low = power_of_two(floor_log2(stored.real.size))
    return low, 2 * low


def _edge(fmt: NumberFormat, code: int, real: Real) -> Fraction | None:
    """The value of `code`; of an infinity, the first that the format has no more codes for."""
    if real.finite:
        return real.value
    ordinal = fmt.ordinal(code)
    return None if ordinal is None else fmt.value_at(ordinal)


def _neighbour(stored: Conversion, ulp: Fraction | None, direction: int) -> Neighbour | None:
    fmt = stored.format
    code = exact.neighbour(fmt, stored.code, direction)
    if code is None:
        return None
    real = fmt.real(code)
    edge = _edge(fmt, code, real)
    assert edge is not None  # only NaN has no place in the order, and it is no neighbour
    distance = abs(real.value - stored.real.value) if stored.real.finite and real.finite else None
    return Neighbour(code, real, edge, distance, distance / ulp if distance is not None and ulp else None)


def _in_ulps(stored: Conversion, ulp: Fraction | None) -> tuple[Fraction | None, Fraction | None] | None:
    """How far below and above the value its reals end, for floats; an end is None where there is none."""
    if stored.reals is None or not isinstance(stored.format, FloatFormat) or not ulp or not stored.real.finite:
        return None
    low, high = (
        None if end is None else (end - stored.real.value) / ulp for end in (stored.reals.low, stored.reals.high)
    )
    return low, high


def _widest(fmt: NumberFormat) -> int:
    """Characters that the shortest decimal of any value of `fmt` fits in."""
    lowest, largest = (shortest_decimal(fmt, fmt.code_at(end)) for end in (fmt.first, fmt.last))
    if not isinstance(fmt, FloatFormat):
        return max(len(lowest), len(largest))
    digits = usual_digits(fmt) + 3  # the fewest that tell any two values apart, and the point
    _, e, power = shortest_decimal(fmt, fmt.code_at(min(1, fmt.last))).partition("e")
    tiny = digits + (len(e + power) if e else 4)  # "1.17e-38", "0.00017"
    whole = 16 if "e" in largest else len(largest)  # numbers below 1e16 are written out
    return fmt.sign + max(len(largest), whole, tiny)


def _position(fmt: NumberFormat, code: int) -> float | None:
    ordinal = fmt.ordinal(code)
    low, high = exact.ends(fmt)
    return None if ordinal is None or low == high else (ordinal - low) / (high - low)


def _overflow_from(fmt: NumberFormat, rounding: Rounding) -> Interval | None:
    last = rounding_interval(fmt, fmt.code_at(fmt.last), rounding.mode, rounding.saturate)
    if last is None or last.high is None:
        return None
    return Interval(last.high, None, not last.high_in, True)


def _trades(fmt: NumberFormat) -> tuple[Trade, ...]:
    """What a float's bits would do with one moved between exponent and mantissa, where there is one to move."""
    if not isinstance(fmt, FloatFormat):
        return ()
    trades = []
    for name, move in (("bit to exponent", 1), ("bit to mantissa", -1)):
        try:
            other = design(fmt.exponent + move, fmt.mantissa - move, None, fmt.special, fmt.sign)
        except FormatError:
            continue  # no bit is left to move
        trades.append(Trade(name, facts(other)))
    return tuple(trades)


def _twin(fmt: NumberFormat) -> str:
    if not isinstance(fmt, FloatFormat):
        return ""
    same = (fmt.exponent, fmt.mantissa, fmt.bias, fmt.special, fmt.sign, fmt.has_zero)
    for known in FLOATS:
        if same == (known.exponent, known.mantissa, known.bias, known.special, known.sign, known.has_zero):
            return known.name
    return ""
