"""The smart methods on the Quantizer's weights: what they store, their errors, and what those do to outputs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from qtui.compute.errors import ErrorStats, error_stats
from qtui.compute.quantizer.stored import F32
from qtui.compute.smart.calibration import fresh_inputs, output_error, synthetic_inputs
from qtui.compute.smart.methods import METHODS, Options, apply, as_layer, rounded_inputs

COLUMNS = 256  # of the layer that the weights are taken for: GPTQ's work grows with their cube
MOST = 1 << 14


@dataclass(frozen=True)
class MethodResult:
    """One method: bits per weight, errors of the weights, and how far the outputs are off, as a share.

    `output_error` is that for the inputs that methods are fitted to, `fresh_error` that for others like them, and
    `int8_error` that where those others are rounded to int8 as well.
    """

    name: str
    title: str
    bits: float
    stats: ErrorStats
    output_error: float
    fresh_error: float
    int8_error: float
    note: str


@dataclass(frozen=True)
class Smart:
    """All methods on weights taken as a layer of `rows` by `columns`, at `bits` bits in groups of `group`.

    `table` begins with plain rounding; `best` is the method with the least `fresh_error`.
    """

    rows: int
    columns: int
    bits: int
    group: int
    table: tuple[MethodResult, ...]
    best: MethodResult


def smart(x: F32, bits: int, group: int, tick: Callable[[int, int, str], None]) -> Smart:
    """Every method on `x` float32 (n,), at most MOST of them and whole groups; `tick(done, total, note)` each time.

    Outputs are those for seeded synthetic inputs, since there is no text to take real ones from.
    """
    group = min(group, len(x))
    count = min(len(x), MOST) // group * group
    columns = COLUMNS // group * group
    flat = x[:count]
    layer = flat.reshape(-1, columns) if columns and count % columns == 0 else as_layer(flat, group)
    options = Options(bits=bits, group=group)
    inputs = synthetic_inputs(layer.shape[1], options.seed)
    fresh = fresh_inputs(layer.shape[1], options.seed)
    rows = []
    for done, method in enumerate(METHODS):
        tick(done, len(METHODS), method.title)
        outcome = apply(method.name, layer, options)
        stats = error_stats(layer, outcome.values)
        rounded = rounded_inputs(method.name, outcome, fresh, options)
        rows.append(
            MethodResult(
                method.name,
                method.title,
                outcome.bits_per_weight,
                stats,
                output_error(layer, outcome.values, inputs),
                output_error(layer, outcome.values, fresh),
                output_error(layer, outcome.values, fresh, rounded),
                outcome.note,
            )
        )
    best = min(rows, key=lambda row: row.fresh_error)
    return Smart(layer.shape[0], layer.shape[1], bits, group, tuple(rows), best)
