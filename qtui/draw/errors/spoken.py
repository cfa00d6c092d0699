"""What a view of the errors says without a picture: sentences, one fact each, after its sentence."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from qtui.draw.errors.table import P99, quality
from qtui.draw.glyphs import UNICODE
from qtui.draw.inspect import shape_text
from qtui.draw.ticks import significant
from qtui.scenario.errors.against.result import AgainstResult, ComparedPair
from qtui.scenario.errors.result import ErrorsResult, FormatErrors, TensorErrors, TensorValues

MOST = 60  # tensors that are read out


def facts(result: ErrorsResult | AgainstResult) -> list[str]:
    """Every format, what was measured, and of a file its tensors."""
    if isinstance(result, AgainstResult):
        return _against(result)
    lines: list[str] = []
    for total in result.totals:
        lines += _format(total)
    much = f"all {result.count:,}" if result.measured == result.count else f"{result.measured:,} of {result.count:,}"
    lines.append(f"{result.title}: {much} weights are measured" if result.measured else result.title)
    if result.values is not None:
        lines += _values(result.values)
    if len(result.rows) > 1 or not result.totals:
        lines += _first(result.rows, [_tensor(row) for row in result.rows[:MOST]])
    return lines


def _format(errors: FormatErrors) -> Iterator[str]:
    figures, total = errors.figures, errors.total
    if figures.problem:
        yield f"{figures.format}: {figures.problem}"
        return
    kept = _decibels(errors.sqnr_db, total.nan_count, total.inf_count)
    yield f"{figures.format} takes {figures.bits_per_weight:.4g} bits a weight"
    if not math.isnan(errors.relative_rmse):
        yield f"{figures.format}: typical error {100 * errors.relative_rmse:.3g} % of the typical weight"
    yield f"{figures.format}: signal to noise {kept}"
    far, most = significant(figures.quantiles[P99], 3), significant(figures.max_abs_error, 3)
    yield f"{figures.format}: 99 % of the errors are below {far}, the largest is {most}"
    if errors.within is not None:
        yield f"{figures.format}: the signal to noise is known within {errors.within.decibels:.2g} dB"
    if errors.note:
        yield f"{figures.format}: {errors.note}"


def _values(values: TensorValues) -> Iterator[str]:
    stats = values.stats
    yield f"The weights lie from {significant(stats.low, 4)} to {significant(stats.high, 4)}"
    typical, far = significant(stats.sigma, 3), significant(stats.absmax_sigmas, 3)
    yield f"The typical weight is {typical}, the furthest from zero {far} times that"


def _tensor(row: TensorErrors) -> str:
    scores = [
        measure.problem or f"{measure.format} {_decibels(measure.sqnr_db, measure.nan_count, measure.inf_count)}"
        for measure in row.measures
    ]
    named = f"{row.name}, {shape_text(row.shape, UNICODE)} in {row.dtype}"
    return f"{named}: {', '.join(scores) or row.note or f'{row.count:,} weights'}"


def _against(result: AgainstResult) -> list[str]:
    total = result.total
    lines = [f"The file is {result.title}, its original {result.reference_title}"]
    lines.append(f"{total.tensors:,} tensors of {total.count:,} weights, {total.bits_per_weight:.3g} bits a weight")
    lines += _first(result.pairs, [_pair(pair) for pair in result.pairs[:MOST]])
    left = [f"{tensor.name} was not compared: {tensor.why}" for tensor in result.unmatched[:MOST]]
    return [*lines, *_first(result.unmatched, left)]


def _pair(pair: ComparedPair) -> str:
    measure = pair.measure
    kept = _decibels(measure.sqnr_db, measure.nan_count, measure.inf_count) if measure.count else "nothing to compare"
    return f"{pair.name}, {pair.reference_format} stored as {measure.format}: {kept}"


def _decibels(sqnr_db: float, nan_count: int, inf_count: int) -> str:
    kept = quality(sqnr_db, nan_count, inf_count)
    return f"{kept} dB" if kept[-1:].isdigit() else kept


def _first(rows: Sequence[object], texts: list[str]) -> list[str]:
    """The first rows, as `texts` say them, and how many more there are."""
    left = len(rows) - len(texts)
    return [*texts, *([f"And {left:,} more, which --json lists"] if left else [])]
