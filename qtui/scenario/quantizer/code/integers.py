"""Integers under a scale, as lines of Python: the essay's rule and torchao's."""

from __future__ import annotations

from collections.abc import Iterator

from qtui.compute.ints.scheme import IntScheme
from qtui.scenario.quantizer.code.steps import Listing, Step, backs
from qtui.scenario.quantizer.result import WeightGroup


def whole_numbers(scheme: IntScheme, group: WeightGroup, scale: Listing | None) -> Iterator[Listing]:
    """Integers under a scale: the scale by its formula where there is one, else as qtui finds it."""
    if scheme.signs_only:
        yield (
            Step(f"scale = {_kept('abs(block).mean()', scheme)}", "{scale}"),
            Step("code  = 1 if x >= 0 else -1", "{code}"),
            Step("back  = scale * code", "{scale} * {code} = {back}"),
        )
        return
    torchao = scheme.rule == "torchao"
    grids = list(_torchao_grids(scheme) if torchao else _essay_grids(scheme))
    if scheme.clip in ("mse", "kl") or scheme.scale == "e4m3":
        grids = []
    if scale is not None:
        none = () if group.zero_point is not None or scheme.mode != "asym" else (Step("zero  = 0", "for all blocks"),)
        grids.append((*scale, *none))
    codes = _torchao_codes(scheme) if torchao else _essay_codes(scheme)
    for grid in grids:
        for steps in codes:
            for back in backs(group, table=False):
                yield (*grid, *steps, back)


def _kept(scale: str, scheme: IntScheme) -> str:
    """The expression `scale` as it is stored; torchao rounds it to float32 first."""
    if scheme.rule == "torchao" and scheme.scale != "fp32":
        scale = f"float32({scale})"
    kinds = {"fp32": "float32({})", "fp16": "float32(float16({}))", "e8m0": "float32(2.0 ** ceil(log2({})))"}
    return kinds.get(scheme.scale, "{}").format(scale)


def _reach(scheme: IntScheme) -> tuple[str, str, str]:
    """The least weight, the greatest, and the largest magnitude that codes reach, as expressions."""
    if scheme.clip == "absmax":
        return "block.min()", "block.max()", "abs(block).max()"
    kept = float(scheme.clip) / 100 if scheme.clip not in ("mse", "kl") else 1.0
    low, high = (f"float32(quantile(block, {share!r}))" for share in (round((1 - kept) / 2, 12), (1 + kept) / 2))
    return low, high, f"float32(quantile(abs(block), {kept!r}))"


def _essay_grids(scheme: IntScheme) -> Iterator[Listing]:
    """The essay's range: around 0, or from the least to the greatest weight, widened to 0 where it must be."""
    low, high, reach = _reach(scheme)
    kind = "" if scheme.scale == "fp32" else f", as {scheme.scale}"
    if scheme.mode == "sym":
        yield (
            Step(f"qmax  = 2**({scheme.bits} - 1) - 1", "{qmax}"),
            Step(f"reach = {reach}", "{reach}"),
            Step(f"scale = {_kept('reach / qmax', scheme)}", f"{{reach}} / {{qmax}} = {{scale}}{kind}"),
        )
        return
    for least, most in ((low, high), (f"min({low}, 0)", f"max({high}, 0)")):
        steps = f"{scheme.code_max - scheme.code_min}"
        yield (
            Step(f"low   = {least}", "{low}"),
            Step(f"high  = {most}", "{high}"),
            Step(
                f"scale = {_kept(f'(high - low) / {steps}', scheme)}",
                f"({{high}} - {{low}}) / {steps} = {{scale}}{kind}",
            ),
            Step(
                f"zero  = {scheme.code_min} - floor(low / scale + 0.5)",
                f"{scheme.code_min} - floor({{low / scale}} + 0.5) = {{zero}}",
            ),
        )


def _essay_codes(scheme: IntScheme) -> tuple[Listing, ...]:
    """Halves up, as JavaScript's Math.round takes them; clipped where it must be."""
    zero = "" if scheme.mode == "sym" else " + zero"
    code = f"floor(x / scale{zero} + 0.5)"
    least = -scheme.code_max if scheme.mode == "sym" else scheme.code_min
    shown = "{x} / {scale} = {x / scale} -> {code}" if not zero else "{x} / {scale} + {zero} -> {code}"
    clipped = f"min(max({code}, {least}), {scheme.code_max})"
    return (Step(f"code  = {code}", shown),), (Step(f"code  = {clipped}", shown),)


def _torchao_grids(scheme: IntScheme) -> Iterator[Listing]:
    """torchao's ranges, in float32; all but tinygemm's reach 0."""
    low, high, reach = _reach(scheme)
    least, most = scheme.code_min, scheme.code_max
    kind = "" if scheme.scale == "fp32" else f", as {scheme.scale}"
    if scheme.mode in ("sym", "symnc"):
        if scheme.mode == "sym":
            half = (most - least) / 2
            needed, shown = f"{reach} / {half}", f"{{{reach}}} / {half} = {{scale}}{kind}"
        else:
            needed = f"max({low} / {least}, {high} / {most})"
            shown = f"max({{{low}}} / {least}, {{{high}}} / {most}) = {{scale}}{kind}"
        yield (Step(f"scale = {_kept(needed, scheme)}", shown),)
        return
    if scheme.mode == "asym":
        low, high = f"min({low}, 0)", f"max({high}, 0)"
    span = f"float32(high - low) / {most - least}"
    steps = (
        Step(f"low   = {low}", "{low}"),
        Step(f"high  = {high}", "{high}"),
        Step(
            f"scale = {_kept(span, scheme)}",
            f"({{high}} - {{low}}) / {most - least} = {{scale}}{kind}",
        ),
    )
    if scheme.mode == "asym":
        zero = "zero  = -round(float32(low / scale))"
        yield (*steps, Step(zero, "-round({low / scale}) = {zero}"))
        bounded = f"zero  = min(max(-round(float32(low / scale)), {least}), {most})"
        yield (*steps, Step(bounded, "-round({low / scale}) = {zero}"))
        return
    middle = 1 << (scheme.bits - 1)
    start = f"float32(low + scale * {middle})"
    start = f"float32(float16({start}))" if scheme.scale == "fp16" else start
    yield (
        *steps,
        Step(f"zero  = {middle}", "the middle code"),
        Step(f"start = {start}", f"{{low}} + {{scale}} * {middle} = {{start}}, where it stands"),
    )


def _torchao_codes(scheme: IntScheme) -> tuple[Listing, ...]:
    """Halves to even, by the reciprocal of the scale."""
    first: Listing = ()
    if scheme.mode == "tinygemm":
        first = (Step("first = float32(start - float32(scale * zero))", "{first}, the value of code 0"),)
        code, shown = "round(float32(float32(x - first) / scale))", "({x} - {first}) / {scale} -> {code}"
    else:
        zero = " + zero" if scheme.mode == "asym" else ""
        code = f"round(float32(x * float32(1 / scale))){zero}"
        shown = "round({x / scale})" + (" + {zero}" if zero else "") + " -> {code}"
    clipped = f"min(max({code}, {scheme.code_min}), {scheme.code_max})"
    return (*first, Step(f"code  = {code}", shown)), (*first, Step(f"code  = {clipped}", shown))
