"""Algorithms as lines of Python, family by family: what `run.py` runs and the code view shows.

`integers.py` and `blocks.py` have those of their families; what is searched for is a call of qtui itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from qtui.compute.floats.layout import FloatFormat
from qtui.compute.floats.table import number_format
from qtui.compute.ints.formats import scheme_of
from qtui.compute.quantizer.stored import StoredWeights
from qtui.compute.smart.formats import method_of
from qtui.scenario.quantizer.code.blocks import LEGACY, codebook, microscaling, scaled_float
from qtui.scenario.quantizer.code.integers import whole_numbers
from qtui.scenario.quantizer.code.steps import Listing, Step, backs
from qtui.scenario.quantizer.result import WeightGroup

# What each smart method does before or instead of plain rounding.
_METHODS = {
    "hqq": "zero points searched for: large errors are forgiven, small ones are not",
    "gptq": "each column takes up the errors of those before it",
    "awq": "columns with loud inputs are stored larger, so with finer steps",
    "hadamard": "each weight becomes a mixture of many, so no outlier is left",
    "side_table": "the largest of a block are kept as float16, the rest get a finer grid",
}
_ROUNDED = {
    "nearest-even": "round({})",
    "nearest-away": "int({0} + copysign(0.5, {0}))",
    "toward-zero": "trunc({})",
    "up": "ceil({})",
    "down": "floor({})",
}


def listings(stored: StoredWeights, group: WeightGroup, at: int, whole: bool, weighed: bool) -> Iterator[Listing]:
    """Listings for weight `at` of `group`, the most telling first; the last always holds.

    `whole` says that `stored` holds all the numbers, `weighed` that their errors were weighed by importance.
    """
    fmt, code, y = stored.format, int(stored.codes[at]), float(stored.y[at])
    if at in stored.kept:
        yield (Step("back = float32(float16(x))", "kept apart, in float16: {back}"),)
    elif fmt.is_plain and dict(fmt.codec_options).get("rounding") != "stochastic":
        yield from _float(stored, code, y)
    else:
        call = _Call(stored, group, at, weighed)
        known = whole or not _spans_rows(stored)
        scheme = scheme_of(fmt)
        if scheme is not None:
            yield from whole_numbers(scheme, group, call.scale() if known else None)
        elif fmt.decoding == "table":
            yield from codebook(stored)
        elif fmt.decoding == "microscaling" and math.isfinite(stored.x[at]):
            yield from microscaling(stored, code, y)
        elif fmt.decoding == "float" and known and math.isfinite(stored.x[at]):
            yield from scaled_float(stored, code, y)
        elif fmt.name in LEGACY and not weighed:
            yield LEGACY[fmt.name]
        if known:
            yield from call.listings(code, y)
    yield from _as_stored(stored, group, code, y)


def _spans_rows(stored: StoredWeights) -> bool:
    """Whether other rows have a say in what a row is stored as: by a scale, or (plain floats) by drawing chances."""
    fmt = stored.format
    return bool(fmt.tensor_bytes_extra) or fmt.is_plain or bool(len(stored.header))


class _Call:
    """Lines that let qtui itself store what the weight depends on, and read what it stored."""

    def __init__(self, stored: StoredWeights, group: WeightGroup, at: int, weighed: bool) -> None:
        self.stored, self.group = stored, group
        row, column = divmod(at, stored.columns)
        shared = stored.rows > 1 and _spans_rows(stored)
        what = "weights" if shared else "row"
        self._code = f"{row}, {column}" if shared else f"{column}"
        self._scale = f"{row if shared else 0}, {group.index % stored.groups_per_row}"
        self._about = f"{what} has {len(stored.x) if shared else stored.columns:,} weights"
        weigh = ", importance=importance" if weighed else ""
        self.quantize = f'stored = qtui.quantize({what}, "{stored.format.name}"{weigh})'

    def scale(self) -> Listing:
        """Lines that find the scale and what comes with it."""
        about = _METHODS.get(method_of(self.stored.format) or "", self._about)
        steps = [Step(self.quantize, about, self.stored)]
        parameters = (
            ("scale", "scales", self.group.scale),
            ("zero ", "zero_points", self.group.zero_point),
            ("start", "minimums", self.group.minimum),
        )
        for name, field, value in parameters:
            if value is not None:
                known = np.float32(value)
                steps.append(Step(f"{name} = stored.{field}[{self._scale}]", f"{{{name.strip()}}}", known))
        return tuple(steps)

    def listings(self, code: int, y: float) -> Iterator[Listing]:
        """Both directions: the code as stored, and the value by the format's formula or as qtui gives it."""
        known = np.int64(code) if code < 1 << 63 else np.uint64(code)
        head = (*self.scale(), Step(f"code  = stored.codes[{self._code}]", "{code}", known))
        table = self.stored.table
        if table is not None:
            head = (*head, Step("table = stored.table", f"{len(table)} values", table.astype(np.float32)))
        for back in backs(self.group, table is not None):
            yield (*head, back)
        yield (*head, Step(f"back  = stored.dequantize()[{self._code}]", "{back}", np.float32(y)))


def _as_stored(stored: StoredWeights, group: WeightGroup, code: int, y: float) -> Iterator[Listing]:
    """What is stored, taken as it is: where a whole tensor, of which a part is here, decides."""
    shared = ", of the whole tensor" if stored.format.tensor_bytes_extra else ""
    steps = [Step(f"code  = {code}", "as stored")]
    parts = (("scale", group.scale), ("zero ", group.zero_point), ("start", group.minimum))
    for name, value in parts:
        if value is not None:
            steps.append(Step(f"{name} = {_literal(value)}", "as stored" + shared))
    if stored.table is not None and group.scale is not None:
        entry = Step(f"entry = {_literal(float(stored.table[code]))}", f"number {code} of the table")
        yield (*steps, entry, Step("back  = float32(scale * entry)", "{scale} * {entry} = {back}"))
    else:
        for back in backs(group, table=False):
            yield (*steps, back)
    yield (steps[0], Step(f"back  = {_literal(y)}", "as stored"))


def _literal(value: float) -> str:
    """A float32 as Python writes it."""
    if not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    return f"float32({np.format_float_scientific(np.float32(value), unique=True)})"


def _float(stored: StoredWeights, code: int, y: float) -> Iterator[Listing]:
    """A plain float: the spacing of its values around x, and the nearest of them."""
    name, options = stored.format.name, dict(stored.format.codec_options)
    layout = number_format(str(options.get("spec", name)))
    assert isinstance(layout, FloatFormat)
    whole = _ROUNDED[str(options.get("rounding", "nearest-even"))]
    call = Step(f'code = int(qtui.quantize(x, "{name}").codes)', f"{code:#x}, the bits of that value", code)
    yield (call, Step("back = x", "{back}"))
    head = (
        Step(f"e    = max(floor(log2(abs(x))), {layout.emin})", f"{{e}}; {layout.emin} is the least exponent"),
        Step(f"step = 2.0 ** (e - {layout.mantissa})", "{step}, the gap between neighbours here"),
    )
    nearest, shown = whole.format("x / step"), whole.format("{x / step}") + " * {step}"
    yield (*head, call, Step(f"back = {nearest} * step", f"{shown} = {{back}}"))
    largest = float(layout.value_at(layout.last))
    near = Step(f"near = {nearest} * step", f"{shown} = {{near}}")
    for end in (f"{largest!r}", "inf", "nan"):
        clip = f"back = near if abs(near) <= {largest!r} else copysign({end}, x)"
        yield (*head, near, call, Step(clip, "{back}, since more does not fit"))
    yield (call, Step(f'back = qtui.quantize(x, "{name}").dequantize()', "{back}", np.float32(y)))
