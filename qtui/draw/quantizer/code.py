"""The algorithm of a scheme as a few lines of code, with the numbers of one weight put in beside them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from qtui.compute.floats.layout import FloatFormat
from qtui.compute.floats.table import number_format
from qtui.compute.ints.formats import scheme_of
from qtui.compute.ints.scheme import IntScheme
from qtui.compute.quantizer.stored import StoredWeights
from qtui.compute.smart.formats import method_of
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Line, Picture, line
from qtui.draw.quantizer.parts import LETTERS, SERIES, short

Step = tuple[str, str]  # a line of code, and what it comes to for the weight


def live_code(schemes: Sequence[StoredWeights], at: int, width: int, glyphs: Glyphs) -> Picture:
    """For each scheme the code that stores weight `at` and brings it back, with its numbers."""
    rows: list[Line] = []
    for index, each in enumerate(schemes):
        group = each.group_of(at)
        members = each.members(group)
        which = f"block {group + 1}" if each.rows * each.groups_per_row > 1 else "the whole list"
        rows.append(
            line(
                (f"{LETTERS[index]} {each.label}", SERIES[index]),
                (f"  x = {short(float(each.x[at]))}, weight {at}; block = {which}, {len(members)} weights", "dim"),
            )
        )
        steps = [("kept apart", f"as float16: {short(float(each.y[at]))}")] if at in each.kept else _steps(each, at)
        left = max((len(code) for code, _ in steps), default=0)
        for code, worth in steps:
            if 6 + left + len(worth) <= width:
                rows.append(line(f"  {code.ljust(left)}", ("  # " + worth if worth else "", "label")))
            else:
                rows += [line(f"  {code}"), line((f"      # {worth}", "label"))]
        rows.append(())
    return tuple(rows[:-1])


def _steps(each: StoredWeights, at: int) -> list[Step]:
    """The lines of one scheme."""
    scheme, method = scheme_of(each.format), method_of(each.format)
    if scheme is not None:
        return _whole_numbers(each, scheme, at)
    if method is not None:
        return _smart(each, method, at)
    if each.scale is None:
        return _float(each, at)
    scale = _at(each.scale, each.group_of(at))
    if each.table is not None:
        return _table(each, at, scale)
    return _affine(each, at, scale)


def _at(values: np.ndarray, group: int) -> float:
    return float(values[min(group, len(values) - 1)])


def _block(each: StoredWeights, at: int) -> np.ndarray:
    """The weights that share the scale, without those kept apart."""
    members = each.members(each.group_of(at))
    return np.array([0.0 if i in each.kept else float(each.x[i]) for i in members])


def _whole_numbers(each: StoredWeights, scheme: IntScheme, at: int) -> list[Step]:
    """Symmetric and asymmetric integers."""
    assert each.scale is not None
    group, x, y, code = each.group_of(at), float(each.x[at]), float(each.y[at]), int(each.codes[at])
    block, scale = _block(each, at), _at(each.scale, group)
    low, high = float(block.min()), float(block.max())
    if scheme.signs_only:
        return [
            ("scale = mean(abs)", short(scale)),
            ("code  = 1 if x >= 0 else -1", str(code)),
            ("back  = scale * code", f"{short(scale)} * {code} = {short(y)}"),
        ]
    clip = f"; clip={scheme.clip} moved it" if scheme.clip != "absmax" else ""
    if scheme.mode in ("sym", "symnc"):
        reach = max(-low, high)
        top = scheme.code_max
        return [
            (f"qmax  = 2**({scheme.bits} - 1) - 1", str(top)),
            ("scale = max(abs) / qmax", f"{short(reach)} / {top} = {short(scale)}{_stored_as(scheme, clip)}"),
            (
                "code  = round(x / scale)",
                f"{short(x)} / {short(scale)} = {_ratio(x, scale)} -> {code}",
            ),
            ("back  = scale * code", f"{short(scale)} * {code} = {short(y)}"),
        ]
    zero = _at(each.zero_point, group) if each.zero_point is not None else 0.0
    least, most = scheme.code_min, scheme.code_max
    span = f"({short(high)} - {short(low)}) / ({most} - {least}) = {short(scale)}"
    ratio = low / scale if scale else 0.0
    return [
        (f"qmin, qmax = {least}, {most}", ""),
        ("scale = (max - min) / (qmax - qmin)", span + _stored_as(scheme, clip)),
        ("zero  = qmin - round(min / scale)", f"{least} - round({short(ratio)}) = {short(zero)}"),
        ("code  = round(x / scale + zero)", f"{short(x)} / {short(scale)} + {short(zero)} -> {code}"),
        ("back  = scale * (code - zero)", f"{short(scale)} * ({code} - {short(zero)}) = {short(y)}"),
    ]


def _ratio(x: float, scale: float) -> str:
    return short(x / scale) if scale else "0"


def _stored_as(scheme: IntScheme, clip: str) -> str:
    return (f", as {scheme.scale}" if scheme.scale != "fp32" else "") + clip


# What each smart method does before or instead of plain rounding.
_FIRST = {
    "hqq": ("zero  = found in up to 20 rounds", "large errors are forgiven, small ones are not"),
    "gptq": ("x     = x - errors of earlier columns", "so that outputs err less"),
    "awq": ("x     = x * s[column]", "loud inputs get finer steps; the scale below has s in it"),
    "side_table": ("aside = the largest of the block", "kept as float16, with their positions"),
}


def _smart(each: StoredWeights, method: str, at: int) -> list[Step]:
    """A smart method: what it does first, then the grid that all of them round to."""
    y, code = float(each.y[at]), int(each.codes[at])
    if each.scale is None:
        return [
            ("mixed = H @ (signs * block)", "each weight becomes a mix of many, so no outlier is left"),
            ("code  = round(mixed / scale + zero)", str(code)),
            ("back  = signs * (H.T @ stored)", short(y)),
        ]
    group = each.group_of(at)
    scale = _at(each.scale, group)
    zero = _at(each.zero_point, group) if each.zero_point is not None else 0.0
    steps = [_FIRST[method]] if method in _FIRST else []
    steps += [
        ("scale = (max - min) / (2**bits - 1)", short(scale)),
        ("code  = round(x / scale + zero)", f"zero is {short(zero)} -> {code}"),
    ]
    stored = scale * (code - zero)
    if abs(stored - y) > 1e-6 * max(abs(stored), abs(y)):
        return [*steps, ("back  = the one kept aside", short(y))]
    return [*steps, ("back  = scale * (code - zero)", f"{short(scale)} * ({code} - {short(zero)}) = {short(y)}")]


_PLAIN = {"F32": "float32", "F16": "float16", "BF16": "bfloat16"}  # ggml's names


def _float(each: StoredWeights, at: int) -> list[Step]:
    """A plain float: the spacing of its values around x, and the nearest of them."""
    x, y = float(each.x[at]), float(each.y[at])
    if x == 0 or not math.isfinite(x):
        return [("back = x", short(y))]
    layout = number_format(_PLAIN.get(each.format.name) or str(dict(each.format.codec_options)["spec"]))
    assert isinstance(layout, FloatFormat)
    exponent = max(math.floor(math.log2(abs(x))), layout.emin)
    step = 2.0 ** (exponent - layout.mantissa)
    return [
        ("e    = max(floor(log2(abs(x))), emin)", f"{exponent}  (emin is {layout.emin})"),
        (f"step = 2**(e - {layout.mantissa})", f"{short(step)}, the gap between neighbours here"),
        ("code = the bits of the nearest value", f"{int(each.codes[at]):#x}"),
        ("back = round(x / step) * step", f"round({short(x / step)}) * {short(step)} = {short(y)}"),
    ]


def _table(each: StoredWeights, at: int, scale: float) -> list[Step]:
    """A codebook: the nearest entry of a table."""
    assert each.table is not None
    x, y, code = float(each.x[at]), float(each.y[at]), int(each.codes[at])
    low, high = float(np.nanmin(each.table)), float(np.nanmax(each.table))
    entry = float(each.table[code]) if code < len(each.table) else math.nan
    how = "a power of two" if each.format.scale_is_power_of_two else "chosen for the block"
    return [
        (f"table = {len(each.table)} values", f"from {short(low)} to {short(high)}"),
        ("scale = how far the block reaches", f"{short(scale)}, {how}"),
        ("code  = entry nearest to x / scale", f"{_ratio(x, scale)} -> {code}"),
        ("back  = scale * table[code]", f"{short(scale)} * {short(entry)} = {short(y)}"),
    ]


# How ggml's types find their scale (ggml-quants.c).
_SCALES = {
    "Q8_0": ("scale = max(abs) / 127", "round(x / scale)"),
    "Q4_0": ("scale = (x of largest abs) / -8", "min(15, int(x / scale + 8.5))"),
    "Q5_0": ("scale = (x of largest abs) / -16", "min(31, int(x / scale + 16.5))"),
    "Q4_1": ("scale = (max - min) / 15", "int((x - min) / scale + 0.5)"),
    "Q5_1": ("scale = (max - min) / 31", "int((x - min) / scale + 0.5)"),
}


def _affine(each: StoredWeights, at: int, scale: float) -> list[Step]:
    """Codes on an even grid: the legacy types by their rule, the others as a search among scales."""
    group, x, y, code = each.group_of(at), float(each.x[at]), float(each.y[at]), int(each.codes[at])
    zero = _at(each.zero_point, group) if each.zero_point is not None else 0.0
    minimum = _at(each.minimum, group) if each.minimum is not None else 0.0
    searched = "scale = the best of several tries"
    find, round_ = _SCALES.get(each.format.name, (searched, "round((x - min) / scale)"))
    moved = f"{short(scale)} * ({code} - {short(zero)})" if zero else f"{short(scale)} * {code}"
    formula = "scale * (code - zero)" if zero else "scale * code"
    steps = [(find, short(scale))]
    if zero:
        steps.append(("zero  = the middle code", short(zero)))
    if each.minimum is not None:
        steps.append(("min   = where the grid begins", short(minimum)))
        formula, moved = f"{formula} + min", f"{moved} + {short(minimum)}"
    ratio = (x - minimum) / scale if scale else 0.0
    steps.append((f"code  = {round_}", f"{short(ratio)} -> {code}"))
    steps.append((f"back  = {formula}", f"{moved} = {short(y)}"))
    return steps
