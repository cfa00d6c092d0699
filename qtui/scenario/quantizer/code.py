"""The algorithm of a scheme as a few lines of code, with what each comes to for one weight."""

from __future__ import annotations

import math

import numpy as np

from qtui.compute.floats.layout import FloatFormat
from qtui.compute.floats.table import number_format
from qtui.compute.ints.formats import scheme_of
from qtui.compute.ints.scheme import IntScheme
from qtui.compute.quantizer.stored import StoredWeights
from qtui.compute.smart.formats import method_of
from qtui.scenario.quantizer.result import CodeLine, WeightGroup

# What each smart method does before or instead of plain rounding.
_FIRST = {
    "hqq": CodeLine("zero  = found in up to 20 rounds", "large errors are forgiven, small ones are not"),
    "gptq": CodeLine("x     = x - errors of earlier columns", "so that outputs err less"),
    "awq": CodeLine("x     = x * s[column]", "loud inputs get finer steps; the scale below has s in it"),
    "side_table": CodeLine("aside = the largest of the block", "kept as float16, with their positions"),
}
_PLAIN = {"F32": "float32", "F16": "float16", "BF16": "bfloat16"}  # ggml's names
# How ggml's types find their scale (ggml-quants.c).
_SCALES = {
    "Q8_0": ("scale = max(abs) / 127", "round(x / scale)"),
    "Q4_0": ("scale = (x of largest abs) / -8", "min(15, int(x / scale + 8.5))"),
    "Q5_0": ("scale = (x of largest abs) / -16", "min(31, int(x / scale + 16.5))"),
    "Q4_1": ("scale = (max - min) / 15", "int((x - min) / scale + 0.5)"),
    "Q5_1": ("scale = (max - min) / 31", "int((x - min) / scale + 0.5)"),
}


def code_lines(stored: StoredWeights, group: WeightGroup, at: int) -> tuple[CodeLine, ...]:
    """The lines that store weight `at` of `group` and bring it back."""
    x, y, code = float(stored.x[at]), float(stored.y[at]), int(stored.codes[at])
    if at in stored.kept:
        return (CodeLine("kept apart", "as float16: {}", (y,)),)
    scheme, method = scheme_of(stored.format), method_of(stored.format)
    if scheme is not None:
        return _whole_numbers(scheme, group, x, y, code)
    if method is not None:
        return _smart(method, group, y, code)
    if group.scale is None:
        return _float(stored, x, y, code)
    if stored.table is not None:
        return _table(stored, group.scale, x, y, code)
    return _affine(stored, group, group.scale, x, y, code)


def _whole_numbers(scheme: IntScheme, group: WeightGroup, x: float, y: float, code: int) -> tuple[CodeLine, ...]:
    """Symmetric and asymmetric integers."""
    assert group.scale is not None
    scale = group.scale
    if scheme.signs_only:
        return (
            CodeLine("scale = mean(abs)", "{}", (scale,)),
            CodeLine("code  = 1 if x >= 0 else -1", str(code)),
            CodeLine("back  = scale * code", f"{{}} * {code} = {{}}", (scale, y)),
        )
    low, high = group.low, group.high
    kind = f", as {scheme.scale}" if scheme.scale != "fp32" else ""
    kind += f"; clip={scheme.clip} moved it" if scheme.clip != "absmax" else ""
    if scheme.mode in ("sym", "symnc"):
        reach, top = max(-low, high), scheme.code_max
        ratio = x / scale if scale else 0.0
        return (
            CodeLine(f"qmax  = 2**({scheme.bits} - 1) - 1", str(top)),
            CodeLine("scale = max(abs) / qmax", f"{{}} / {top} = {{}}{kind}", (reach, scale)),
            CodeLine("code  = round(x / scale)", f"{{}} / {{}} = {{}} -> {code}", (x, scale, ratio)),
            CodeLine("back  = scale * code", f"{{}} * {code} = {{}}", (scale, y)),
        )
    zero = group.zero_point or 0.0
    least, most = scheme.code_min, scheme.code_max
    ratio = low / scale if scale else 0.0
    span = f"({{}} - {{}}) / ({most} - {least}) = {{}}{kind}"
    return (
        CodeLine(f"qmin, qmax = {least}, {most}"),
        CodeLine("scale = (max - min) / (qmax - qmin)", span, (high, low, scale)),
        CodeLine("zero  = qmin - round(min / scale)", f"{least} - round({{}}) = {{}}", (ratio, zero)),
        CodeLine("code  = round(x / scale + zero)", f"{{}} / {{}} + {{}} -> {code}", (x, scale, zero)),
        CodeLine("back  = scale * (code - zero)", f"{{}} * ({code} - {{}}) = {{}}", (scale, zero, y)),
    )


def _smart(method: str, group: WeightGroup, y: float, code: int) -> tuple[CodeLine, ...]:
    """A smart method: what it does first, then the grid that all of them round to."""
    if group.scale is None:
        return (
            CodeLine("mixed = H @ (signs * block)", "each weight becomes a mix of many, so no outlier is left"),
            CodeLine("code  = round(mixed / scale + zero)", str(code)),
            CodeLine("back  = signs * (H.T @ stored)", "{}", (y,)),
        )
    scale, zero = group.scale, group.zero_point or 0.0
    steps = [_FIRST[method]] if method in _FIRST else []
    steps += [
        CodeLine("scale = (max - min) / (2**bits - 1)", "{}", (scale,)),
        CodeLine("code  = round(x / scale + zero)", f"zero is {{}} -> {code}", (zero,)),
    ]
    back = scale * (code - zero)
    if abs(back - y) > 1e-6 * max(abs(back), abs(y)):
        return (*steps, CodeLine("back  = the one kept aside", "{}", (y,)))
    return (*steps, CodeLine("back  = scale * (code - zero)", f"{{}} * ({code} - {{}}) = {{}}", (scale, zero, y)))


def _float(stored: StoredWeights, x: float, y: float, code: int) -> tuple[CodeLine, ...]:
    """A plain float: the spacing of its values around x, and the nearest of them."""
    if x == 0 or not math.isfinite(x):
        return (CodeLine("back = x", "{}", (y,)),)
    layout = number_format(_PLAIN.get(stored.format.name) or str(dict(stored.format.codec_options)["spec"]))
    assert isinstance(layout, FloatFormat)
    exponent = max(math.floor(math.log2(abs(x))), layout.emin)
    step = 2.0 ** (exponent - layout.mantissa)
    return (
        CodeLine("e    = max(floor(log2(abs(x))), emin)", f"{exponent}  (emin is {layout.emin})"),
        CodeLine(f"step = 2**(e - {layout.mantissa})", "{}, the gap between neighbours here", (step,)),
        CodeLine("code = the bits of the nearest value", f"{code:#x}"),
        CodeLine("back = round(x / step) * step", "round({}) * {} = {}", (x / step, step, y)),
    )


def _table(stored: StoredWeights, scale: float, x: float, y: float, code: int) -> tuple[CodeLine, ...]:
    """A codebook: the nearest entry of a table."""
    assert stored.table is not None
    low, high = float(np.nanmin(stored.table)), float(np.nanmax(stored.table))
    entry = float(stored.table[code]) if code < len(stored.table) else math.nan
    how = "a power of two" if stored.format.scale_is_power_of_two else "chosen for the block"
    return (
        CodeLine(f"table = {len(stored.table)} values", "from {} to {}", (low, high)),
        CodeLine("scale = how far the block reaches", f"{{}}, {how}", (scale,)),
        CodeLine("code  = entry nearest to x / scale", f"{{}} -> {code}", (x / scale if scale else 0.0,)),
        CodeLine("back  = scale * table[code]", "{} * {} = {}", (scale, entry, y)),
    )


def _affine(
    stored: StoredWeights, group: WeightGroup, scale: float, x: float, y: float, code: int
) -> tuple[CodeLine, ...]:
    """Codes on an even grid: the legacy types by their rule, the others as a search among scales."""
    zero, minimum = group.zero_point or 0.0, group.minimum or 0.0
    searched = ("scale = the best of several tries", "round((x - min) / scale)")
    find, round_ = _SCALES.get(stored.format.name, searched)
    steps = [CodeLine(find, "{}", (scale,))]
    formula, moved = "scale * code", f"{{}} * {code}"
    values: tuple[float, ...] = (scale,)
    if zero:
        steps.append(CodeLine("zero  = the middle code", "{}", (zero,)))
        formula, moved, values = "scale * (code - zero)", f"{{}} * ({code} - {{}})", (scale, zero)
    if group.minimum is not None:
        steps.append(CodeLine("min   = where the grid begins", "{}", (minimum,)))
        formula, moved, values = f"{formula} + min", f"{moved} + {{}}", (*values, minimum)
    steps.append(CodeLine(f"code  = {round_}", f"{{}} -> {code}", ((x - minimum) / scale if scale else 0.0,)))
    steps.append(CodeLine(f"back  = {formula}", f"{moved} = {{}}", (*values, y)))
    return tuple(steps)
