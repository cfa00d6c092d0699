"""From a Scenario to the Result of the Errors pane: what to measure, and everything that a view shows of it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from qtui.compute.cache import Cache
from qtui.compute.errors.meter import FormatStats
from qtui.compute.errors.overlay import FineBins, Overlay, overlay
from qtui.compute.errors.survey import BINS, SHARES, Measure, Total, total
from qtui.compute.errors.values import ValueStats
from qtui.compute.formats import Format
from qtui.scenario.base import UserError
from qtui.scenario.errors.groups import role_map, survey_rows, whole_row
from qtui.scenario.errors.measurement import Measurement, measure_numbers, measured_by
from qtui.scenario.errors.result import (
    Comparison,
    ErrorsResult,
    FormatErrors,
    SamplingError,
    TensorErrors,
    TensorValues,
)
from qtui.scenario.errors.scenario import ORDERS, ErrorsScenario
from qtui.scenario.formats import formats_of
from qtui.scenario.progress import Progress

if TYPE_CHECKING:
    from qtui.scenario.errors.file import OpenedFile

KEPT = 8
WORST_TENSORS = 12
STANDARD_ERRORS = 3  # that a figure of a sample may be off
P99 = SHARES.index(0.99)
PART_EVERY = 0.25  # seconds between two partial Results: a screen can't show more, nor a wire carry it


@dataclass(frozen=True)
class ErrorsCache:
    """The last measurements and Results, so that another way of showing them measures nothing again."""

    measurements: Cache[Measurement] = field(default_factory=lambda: Cache(KEPT))
    results: Cache[ErrorsResult] = field(default_factory=lambda: Cache(KEPT))


def solve(
    scenario: ErrorsScenario,
    progress: Progress | None = None,
    *,
    cache: ErrorsCache | None = None,
    last: OpenedFile | None = None,
    on_part: Callable[[ErrorsResult], None] | None = None,
) -> ErrorsResult:
    """The errors of the scenario's formats on its data.

    With `cache`, what differs from an earlier answer in its drawing alone is not measured again; `last` is the
    file that was opened before. `on_part` is given the Result so far, now and then, while a file is measured. Raises
    UserError or ModelFileError with what is wrong and what to do.
    """
    progress = progress or Progress()
    formats = formats_of(scenario.format)
    _check(scenario, formats)

    def measure() -> Measurement:
        if not scenario.path:
            return measure_numbers(scenario, formats, progress)
        from qtui.scenario.errors.measure import measure_file  # the readers of files

        part = _throttled(scenario, on_part) if on_part is not None else None
        return measure_file(scenario, formats, progress, file, part)

    file = last
    if cache is None:
        return result_of(scenario, measure())
    if is_measured(scenario, cache, last):
        file = last  # nothing is read from it
    elif scenario.path:
        from qtui.scenario.errors.file import opened

        file = opened(scenario.path, last)
    key = measured_by(scenario, _identity(scenario, file))
    measurement = cache.measurements.get(key, measure)
    result = cache.results.get((key, scenario.group, scenario.sort), lambda: result_of(scenario, measurement))
    return replace(result, scenario=scenario, overlay=_overlay(scenario, measurement))


def is_measured(scenario: ErrorsScenario, cache: ErrorsCache, last: OpenedFile | None) -> bool:
    """Whether what `scenario` asks for has been measured, in the `last` file where it is about a file."""
    return measured_by(scenario, _identity(scenario, last)) in cache.measurements


def _identity(scenario: ErrorsScenario, file: OpenedFile | None) -> str:
    return file.model.identity if file is not None and file.path == scenario.path else ""


def _check(scenario: ErrorsScenario, formats: Sequence[Format]) -> None:
    order = scenario.sort.removeprefix("-")
    known = (*ORDERS, *(fmt.name for fmt in formats))
    if order.lower() not in (name.lower() for name in known):
        raise UserError(f"--sort takes {', '.join(known)}, or one of them after a minus, not {scenario.sort!r}")
    if scenario.sample < 0:
        raise UserError(f"--sample takes a number of weights, not {scenario.sample}")


def _throttled(scenario: ErrorsScenario, on_part: Callable[[ErrorsResult], None]) -> Callable[[Measurement], None]:
    """Calls `on_part` with the Result so far: at once, then so seldom that a fifth of the time goes to it at most."""
    due = 0.0

    def show_part(measurement: Measurement) -> None:
        nonlocal due
        began = time.monotonic()
        if began >= due:
            on_part(result_of(scenario, measurement))
            due = began + max(PART_EVERY, 5 * (time.monotonic() - began))

    return show_part


def result_of(scenario: ErrorsScenario, measurement: Measurement) -> ErrorsResult:
    """Everything that a view shows of what was measured."""
    m = measurement
    rows = [row for row in m.rows if row.measures]
    counted = [row for row in rows if row.counted]
    names = tuple(fmt.name for fmt in m.formats)
    sampled = any(row.sampled for row in rows)
    seen = m.values.count + m.values.bad if m.values is not None else 0
    surveyed = scenario.view == "survey"
    totals = tuple(
        _of_format(index, whole, names[index], counted, m.tensor is None) for index, whole in enumerate(m.whole)
    )
    return ErrorsResult(
        scenario,
        m.title,
        m.kind,
        m.formats,
        m.rows,
        totals,
        tuple(row.name for row in rows if not row.counted),
        _overlay(scenario, m),
        tuple(survey_rows(m.rows, names, scenario.group, scenario.sort)),
        whole_row(m.rows, names),
        tuple(role_map(m.rows, index) for index in range(len(names))) if surveyed else (),
        sum(row.measured for row in rows),
        sum(row.count for row in rows),
        sampled,
        sampled or (m.tensor is not None and 0 < seen < m.tensor.count),
        tuple(dict.fromkeys(row.quantized for row in m.rows if row.quantized)),
        m.expected,
        _compared(totals),
        m.file,
        m.tensor,
        _weights(m.values),
    )


def _of_format(
    index: int, whole: FormatStats, name: str, rows: Sequence[TensorErrors], several: bool
) -> FormatErrors:
    """Format number `index` on all of `rows`, whose full statistics are `whole`."""
    summed = total((row.count, row.measures[index]) for row in rows)
    figures = replace(
        Measure.of(whole, (summed.count,), name),
        bits_per_weight=summed.bits_per_weight,
        nbytes=summed.nbytes,
        max_index=-1,
        fallback=summed.fallbacks[0][0] if len(rows) == 1 and summed.fallbacks else "",
    )
    stats = whole.stats
    alone = len(rows) == 1
    worst = sorted((row.measures[index].sqnr_db, row.name) for row in rows) if several else []
    known = [(tensor, decibels) for decibels, tensor in worst if not math.isnan(decibels)]
    return FormatErrors(
        figures,
        summed,
        figures.sqnr_db if alone else summed.sqnr_db,
        figures.relative_rmse if alone else math.sqrt(summed.noise),
        any(row.sampled for row in rows),
        _within(index, rows, figures.rmse, summed.noise),
        stats.clipped_share if stats is not None else math.nan,
        _note(index, rows, summed),
        stats.blocks.block_size if stats is not None and stats.blocks is not None else 0,
        stats.worst_blocks if stats is not None else (),
        tuple(known[:WORST_TENSORS]),
    )


def _compared(totals: Sequence[FormatErrors]) -> Comparison | None:
    """The formats that lose least and most of those that have a figure."""
    known = [index for index, total in enumerate(totals) if not math.isnan(total.sqnr_db)]
    if not known:
        return None
    least = max(known, key=lambda index: totals[index].sqnr_db)
    most = min(known, key=lambda index: totals[index].sqnr_db)
    near, far = (totals[index].figures.quantiles[P99] for index in (least, most))
    if least == most or not near > 0 or not math.isfinite(totals[least].sqnr_db - totals[most].sqnr_db):
        return Comparison(least, most)
    return Comparison(least, most, far / near)


def _within(index: int, rows: Sequence[TensorErrors], rmse: float, noise: float) -> SamplingError | None:
    """How far `rmse`, the mean error and the mean `noise` may be off, as each tensor's sample of rows tells.

    Three standard errors: the rows of a model are no normal numbers, a few hold the outliers. A tensor of which a
    single row was measured says nothing of others: its mean square counts as its own error.
    """
    if not any(row.sampled for row in rows):
        return None
    bias = square = ratio = 0.0
    for row in rows:
        moments = row.measures[index].moments
        if not row.sampled or not moments.count:
            continue
        weight = row.count**2 * (1 - row.measured / row.count)
        mean, own = moments.e2 / moments.count, moments.e2 / moments.x2 if moments.x2 > 0 else 0.0
        known = moments.rows > 1
        bias += weight * (moments.e_error**2 if known else mean / moments.count)
        square += weight * (moments.e2_error if known else mean) ** 2
        ratio += weight * (moments.noise_error if known and moments.x2 > 0 else own) ** 2
    share = STANDARD_ERRORS / max(sum(row.count for row in rows), 1)
    return SamplingError(
        share * math.sqrt(bias),
        share * math.sqrt(square) / (2 * rmse) if rmse > 0 else 0.0,
        10 / math.log(10) * share * math.sqrt(ratio) / noise if noise > 0 else 0.0,
    )


def _note(index: int, rows: Sequence[TensorErrors], summed: Total) -> str:
    """What a reader should know: tensors that can't be stored, types that stand in, weights that are not finite."""
    notes = []
    if summed.missing and summed.tensors:
        problem = next(row.measures[index].problem for row in rows if row.measures[index].problem)
        notes.append(f"only {summed.tensors} of {len(rows)} tensors; elsewhere {problem}")
    if summed.fallbacks:
        types = ", ".join(f"{kind} ({count})" if len(rows) > 1 else kind for kind, count in summed.fallbacks)
        notes.append(f"rows that are no whole blocks fall back to {types}")
    damaged = [row for row in rows if row.measures[index].damage]
    if damaged:
        where = f"{damaged[0].name} has " if len(rows) > 1 else ""
        more = f", and {len(damaged) - 1} more have some" if len(damaged) > 1 else ""
        notes.append(f"{where}{damaged[0].measures[index].damage}{more}; figures leave them out")
    return "; ".join(notes)


def _overlay(scenario: ErrorsScenario, measurement: Measurement) -> Overlay | None:
    pairs = zip(measurement.formats, measurement.whole, strict=False)
    stats = [(fmt.name, measure.stats) for fmt, measure in pairs if measure.stats is not None]
    if not stats:
        return None
    return overlay(
        stats,
        steps=scenario.unit == "steps",
        log=scenario.counts == "log",
        zoom=scenario.zoom,
        even=scenario.even,
    )


def _weights(values: ValueStats | None) -> TensorValues | None:
    if values is None:
        return None
    return TensorValues(values, FineBins.of(values.counts, values.absmax * (1 + 1e-9)), values.histogram(BINS))
