"""Tables of up to sixteen values that a person edits: where editing starts, and what each edit makes of one."""

from __future__ import annotations

from dataclasses import replace

from qtui.compute.codebooks.formats import parse
from qtui.compute.floats.grids import TableFormat
from qtui.compute.floats.layout import NumberFormat
from qtui.compute.floats.table import number_format
from qtui.scenario.base import UserError, user_input
from qtui.scenario.bits.scenario import ESSAYS, BitsScenario
from qtui.scenario.quantizer.scenario import QuantizerScenario

MOST = 16  # values: what four bits count
E2M1 = (-6.0, -4.0, -3.0, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)


def editable(fmt: NumberFormat) -> bool:
    """Whether `fmt` is a table short enough to edit."""
    return isinstance(fmt, TableFormat) and len(set(fmt.values)) <= MOST


def values_of(fmt: NumberFormat) -> tuple[float, ...]:
    """The values of `fmt`, ascending, where it has at most sixteen codes; else those of E2M1."""
    if editable(fmt):
        assert isinstance(fmt, TableFormat)
        return tuple(float(value) for value in sorted(set(fmt.values)))
    if fmt.bits <= 4:
        return tuple(sorted({float(fmt.value_at(place)) for place in range(fmt.first, fmt.last + 1)}))
    return E2M1


def table_of(scenario: BitsScenario) -> tuple[float, ...]:
    """The values that `scenario` edits, ascending."""
    return values_of(number_format(scenario.format))


def spare_codes(fmt: NumberFormat) -> int:
    """Codes of four bits that stand for no value of their own: free, or spent on -0, infinities and NaN."""
    return MOST - len(values_of(fmt))


def spec_of(values: tuple[float, ...], block: int = 64) -> str:
    """The codebook of `values` as a format's name, for every pane and command."""
    text = "/".join(f"{value:.9g}" for value in values)
    return f"codebook:values={text}" + (f",block={block}" if block != 64 else "")


def with_value(scenario: BitsScenario, slot: int, text: str) -> BitsScenario:
    """The table with `text` as the value of number `slot`, or one value more where there are fewer.

    Raises UserError for what is no number, there already, or a seventeenth.
    """
    values = list(table_of(scenario))
    try:
        value = float(text)
    except ValueError:
        raise UserError(f"{text!r} is not a number; a table holds numbers such as 2.5 or -0.4") from None
    if value in values and values[slot : slot + 1] != [value]:
        raise UserError(f"{value:g} is in the table already")
    if slot < len(values):
        values[slot] = value
    elif len(values) < MOST:
        values.append(value)
    else:
        raise UserError(f"four bits count {MOST} values; take one out first")
    return _with_values(scenario, values)


def without(scenario: BitsScenario, slot: int) -> BitsScenario:
    """The table without the value of number `slot`. Raises UserError where only two are left."""
    values = list(table_of(scenario))
    if slot < len(values):
        del values[slot]
    if len(values) < 2:
        raise UserError("a table needs two values at least")
    return _with_values(scenario, values)


def nudged(scenario: BitsScenario, slot: int, by: int) -> BitsScenario:
    """Value number `slot` moved by `by` hundredths of the largest, at most up to its neighbours."""
    values = table_of(scenario)
    if slot >= len(values):
        return scenario
    step = max(map(abs, values)) / 100
    value = float(f"{values[slot] + by * step:.4g}")
    low = values[slot - 1] if slot else -1e30
    high = values[slot + 1] if slot + 1 < len(values) else 1e30
    return _with_values(scenario, [*values[:slot], value, *values[slot + 1 :]]) if low < value < high else scenario


def place_of(scenario: BitsScenario, text: str) -> int:
    """Which of the table's values `text` is; 0 where it is none."""
    values = table_of(scenario)
    return next((i for i, value in enumerate(values) if f"{value:.9g}" == f"{float(text):.9g}"), 0)


def in_quantizer(scenario: BitsScenario) -> QuantizerScenario:
    """The table beside NF4 and IQ4_NL on the same kind of weights, for the Quantizer."""
    fmt = number_format(scenario.format)
    own = fmt.name if fmt.name.startswith("codebook:") or fmt.name == "nf4" else spec_of(values_of(fmt))
    formats = (own, *(name for name in ("nf4", "IQ4_NL") if name != own))
    return QuantizerScenario(format=formats, dist="" if scenario.dist == ESSAYS else scenario.dist)


def _with_values(scenario: BitsScenario, values: list[float]) -> BitsScenario:
    """`scenario` with the codebook of `values` as its format, its blocks as before. Raises UserError."""
    block = next((word for word in scenario.format.split(",") if word.startswith("block=")), "")
    spec = spec_of(tuple(sorted({value + 0.0 for value in values})))
    with user_input():
        made = parse(f"{spec},{block}" if block else spec)
    assert made is not None
    return replace(scenario, format=made.name)
