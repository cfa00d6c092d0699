"""What a view of the Quantizer says without a picture: sentences, one fact each, after its sentence."""

from __future__ import annotations

from collections.abc import Iterator

from qtui.draw.quantizer.parts import LETTERS, bits_text, percent, short
from qtui.draw.quantizer.scores import MEASURES
from qtui.draw.quantizer.words import cost
from qtui.scenario.quantizer.result import QuantizerResult, Scheme

FEW = 12  # numbers that are read out


def facts(result: QuantizerResult) -> list[str]:
    """The error that matters, and what each scheme stores and loses, or what the view compares."""
    shares, best = result.headline.shares, result.headline.best or 0
    order = sorted(range(len(shares)), key=lambda index: (index != best, shares[index]))
    errors = [f"{LETTERS[index]}, {result.schemes[index].stored.label}: {percent(shares[index])}" for index in order]
    lines = [f"{MEASURES[result.headline.measure]}, the least first: {'; '.join(errors)}"]
    lines.append(f"The numbers: {result.title}, {result.count:,} of them")
    compared = list(_compared(result))
    for index, scheme in enumerate(result.schemes if not compared else ()):
        lines += _scheme(result, index, scheme)
    return [*lines, *compared, *result.notes]


def _compared(result: QuantizerResult) -> Iterator[str]:
    """What a view compares: block sizes, ways to treat an outlier, methods, outputs of a network."""
    for index, sweep in enumerate(result.sweep):
        for point in sweep.points:
            error = f"usual error {short(point.stats.rmse)}, {bits_text(point.bits)} bits a weight"
            yield f"{LETTERS[index]} {sweep.label} in blocks of {point.block}: {error}"
    for case in result.rescue.cases if result.rescue is not None else ():
        lost = f"{case.collapsed:,} others become 0, their average error is {percent(case.others)}"
        yield f"The outlier, {case.name}: {lost}, {bits_text(case.bits)} bits a weight"
    for row in result.smart.table if result.smart is not None else ():
        yield f"{row.name}: the output is off by {percent(row.output_error)}, {bits_text(row.bits)} bits a weight"
    if result.drift is not None:
        yield f"The network's output is {short(result.drift.exact.output)}"
        for index, run in enumerate(result.drift.stored):
            yield f"{LETTERS[index]}: the network's output is {short(run.output)}"


def _scheme(result: QuantizerResult, index: int, scheme: Scheme) -> Iterator[str]:
    stored, stats, letter = scheme.stored, scheme.stats, LETTERS[index]
    yield cost(result, index)[0]
    yield f"{letter}: usual error {short(stats.rmse)}, signal to noise {stats.sqnr_db:.1f} dB"
    yield f"{letter}: the largest error is {short(stats.max_abs_error)}"
    if stored.scale is not None and scheme.scale_range:
        yield f"{letter}: {_range('scale', len(stored.scale), *scheme.scale_range)}"
    if stored.zero_point is not None and scheme.zero_point_range:
        yield f"{letter}: {_range('zero point', len(stored.zero_point), *scheme.zero_point_range)}"
    if len(stored.x) <= FEW:
        yield f"{letter}: codes " + ", ".join(str(int(code)) for code in stored.codes)
        yield f"{letter}: what comes back is " + ", ".join(short(float(value)) for value in stored.y)


def _range(name: str, count: int, low: float, high: float) -> str:
    return f"{name} {short(low)}" if low == high else f"{count:,} {name}s from {short(low)} to {short(high)}"
