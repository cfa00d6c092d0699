"""Blocks of small numbers as lines of Python: codebooks, microscaling floats, ggml's first types."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from qtui.compute.floats.table import FLOATS
from qtui.compute.mx.codec import Element
from qtui.compute.quantizer.stored import StoredWeights
from qtui.scenario.quantizer.code.steps import Listing, Step


def codebook(stored: StoredWeights) -> Iterator[Listing]:
    """A table: the entry nearest to the weight in units of its scale."""
    assert stored.table is not None
    kept = "float32(float16({}))" if dict(stored.format.codec_options)["scale"] == "fp16" else "float32({})"
    table = stored.table.astype(np.float32)
    ends = f"{len(table)} values"
    yield (
        Step(f'table = qtui.quantize(x, "{stored.format.name}").table', ends, table),
        Step(f"scale = {kept.format('abs(block).max() / abs(table).max()')}", "{scale}"),
        Step("ratio = float32(x * float32(1 / scale))", "{ratio}"),
        Step("code  = min(range(len(table)), key=lambda k: abs(table[k] - ratio))", "{code}, the nearest entry"),
        Step("back  = float32(scale * table[code])", "{scale} * {table[code]} = {back}"),
    )


def microscaling(stored: StoredWeights, code: int, y: float) -> Iterator[Listing]:
    """MX: a power of two for the block, small floats (or whole 64ths) under it."""
    options = dict(stored.format.codec_options)
    element = Element(str(options["element"]))
    top, rounding = element.largest, str(options.get("scale", "floor"))
    octave = math.frexp(top)[1] - 1
    power = {
        "floor": f"floor(log2(peak)) - {octave}",
        "ceil": f"ceil(log2(peak)) - {octave}",
        "even": f"floor(log2(peak + 2.0 ** (floor(log2(peak)) - {element.mantissa + 1}))) - {octave}",
        "rceil": f"ceil(log2(float32(peak / {top:g})))",
    }[rounding]
    head = (
        Step("peak  = abs(block).max()", "{peak}"),
        Step(f"scale = float32(2.0 ** ({power}))", "{scale}, a power of two"),
    )
    if element.name == "int8":
        whole = "min(max(round(x / scale * 64), -127), 127)"
        yield (
            *head,
            Step(f"whole = {whole}", "round({x} / {scale} * 64) = {whole}"),
            Step("code  = whole % 256", "{code}, its byte"),
            Step("back  = float32(whole / 64 * scale)", "{whole} / 64 * {scale} = {back}"),
        )
        return
    small = f'qtui.quantize(x / scale, "{element.name}:saturate")'
    yield (
        *head,
        Step(f"small = {small}", f"{{x / scale}} as {element.name}", stored),
        Step("code  = int(small.codes)", "{code}", code),
        Step("back  = float32(scale * small.dequantize())", "{scale} * {back / scale} = {back}", np.float32(y)),
    )


def scaled_float(stored: StoredWeights, code: int, y: float) -> Iterator[Listing]:
    """FP8: an eight-bit float under the scale of a tensor, a row, or a part of it; nothing for tiles of rows."""
    options = dict(stored.format.codec_options)
    if options["rows"] not in (0, 1):
        return
    element = str(options["element"])
    largest = next(float(fmt.value_at(fmt.last)) for fmt in FLOATS if fmt.name == element)
    needed = f"float32(abs(block).max() / {largest:g})"
    scale = needed if options["scale"] == "fp32" else f"float32(2.0 ** ceil(log2({needed})))"
    yield (
        Step(f"scale = {scale}", f"{{abs(block).max()}} / {largest:g} = {{scale}}"),
        Step(f'small = qtui.quantize(x / scale, "{element}:saturate")', f"{{x / scale}} as {element}", stored),
        Step("code  = int(small.codes)", "{code}", code),
        Step("back  = float32(scale * small.dequantize())", "{scale} * {back / scale} = {back}", np.float32(y)),
    )


def _legacy_around(middle: int) -> Listing:
    """Q4_0 and Q5_0: the weight of largest magnitude gets code 0 (`quantize_row_q4_0_ref`)."""
    return (
        Step("peak  = max(block, key=abs)", "{peak}"),
        Step(f"d     = float32(peak / -{middle})", f"{{peak}} / -{middle} = {{d}}"),
        Step("ratio = float32(x * float32(1 / d))", "{ratio}"),
        Step(f"code  = min({2 * middle - 1}, int(float32(ratio + {middle + 0.5})))", "{code}"),
        Step("scale = float32(float16(d))", "{scale}, stored in 16 bits"),
        Step(f"back  = float32(scale * (code - {middle}))", f"{{scale}} * ({{code}} - {middle}) = {{back}}"),
    )


def _legacy_above(top: int) -> Listing:
    """Q4_1 and Q5_1: codes count up from the least weight (`quantize_row_q4_1_ref`)."""
    return (
        Step("low   = block.min()", "{low}"),
        Step(f"d     = float32(float32(block.max() - low) / {top})", f"({{block.max()}} - {{low}}) / {top} = {{d}}"),
        Step("ratio = float32(float32(x - low) * float32(1 / d))", "{ratio}"),
        Step(f"code  = min({top}, int(float32(ratio + 0.5)))", "{code}"),
        Step("scale = float32(float16(d))", "{scale}, stored in 16 bits"),
        Step("start = float32(float16(low))", "{start}, stored in 16 bits"),
        Step("back  = float32(float32(scale * code) + start)", "{scale} * {code} + {start} = {back}"),
    )


LEGACY: dict[str, Listing] = {
    "Q8_0": (
        Step("d     = float32(abs(block).max() / 127)", "{abs(block).max()} / 127 = {d}"),
        Step("ratio = float(float32(x * float32(1 / d)))", "{ratio}"),
        Step("code  = int(ratio + copysign(0.5, ratio))", "{code}, halves away from zero"),
        Step("scale = float32(float16(d))", "{scale}, stored in 16 bits"),
        Step("back  = float32(scale * code)", "{scale} * {code} = {back}"),
    ),
    "Q4_0": _legacy_around(8),
    "Q5_0": _legacy_around(16),
    "Q4_1": _legacy_above(15),
    "Q5_1": _legacy_above(31),
}
