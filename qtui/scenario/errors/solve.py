"""From a Scenario to the Result of the Errors pane: what to measure, and everything that a view shows of it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from qtui.compute.cache import Cache
from qtui.compute.errors.meter import FormatStats
from qtui.compute.errors.overlay import FineBins, Overlay, overlay
from qtui.compute.errors.survey import BINS, Measure
from qtui.compute.errors.values import ValueStats
from qtui.compute.formats import Format
from qtui.scenario.base import UserError
from qtui.scenario.errors.file import OpenedFile, opened
from qtui.scenario.errors.groups import role_map, survey_rows, whole_row
from qtui.scenario.errors.measurement import Measurement, measure_file, measure_numbers, measured_by
from qtui.scenario.errors.result import ErrorsResult, FormatErrors, TensorErrors, TensorValues
from qtui.scenario.errors.scenario import ORDERS, ErrorsScenario
from qtui.scenario.formats import formats_of
from qtui.scenario.progress import Progress

WORST_TENSORS = 4
PART_EVERY = 0.25  # seconds between two partial Results: a screen can't show more, nor a wire carry it


def solve(
    scenario: ErrorsScenario,
    progress: Progress | None = None,
    *,
    kept: Cache[Measurement] | None = None,
    last: OpenedFile | None = None,
    on_part: Callable[[ErrorsResult], None] | None = None,
) -> ErrorsResult:
    """The errors of the scenario's formats on its data.

    `kept` holds earlier measurements, so that what differs in its drawing alone is not measured again; `last` is the
    file that was opened before. `on_part` is given the Result so far, now and then, while a file is measured. Raises
    UserError or ModelFileError with what is wrong and what to do.
    """
    progress = progress or Progress()
    formats = formats_of(scenario.format)
    _check(scenario, formats)

    def measure() -> Measurement:
        if not scenario.path:
            return measure_numbers(scenario, formats, progress)
        part = _now_and_then(scenario, on_part) if on_part is not None else None
        return measure_file(scenario, formats, progress, file, part)

    file = last
    if kept is None:
        return result_of(scenario, measure())
    if known(scenario, kept, last):
        file = last  # nothing is read from it
    elif scenario.path:
        file = opened(scenario.path, last)
    return result_of(scenario, kept.get(measured_by(scenario, _identity(scenario, file)), measure))


def known(scenario: ErrorsScenario, kept: Cache[Measurement], last: OpenedFile | None) -> bool:
    """Whether what `scenario` asks for has been measured, in the `last` file where it is about a file."""
    return measured_by(scenario, _identity(scenario, last)) in kept


def _identity(scenario: ErrorsScenario, file: OpenedFile | None) -> str:
    return file.model.identity if file is not None and file.path == scenario.path else ""


def _check(scenario: ErrorsScenario, formats: Sequence[Format]) -> None:
    order = scenario.sort.removeprefix("-")
    known = (*ORDERS, *(fmt.name for fmt in formats))
    if order.lower() not in (name.lower() for name in known):
        raise UserError(f"--sort takes {', '.join(known)}, or one of them after a minus, not {scenario.sort!r}")
    if scenario.sample < 0:
        raise UserError(f"--sample takes a number of weights, not {scenario.sample}")


def _now_and_then(scenario: ErrorsScenario, on_part: Callable[[ErrorsResult], None]) -> Callable[[Measurement], None]:
    """Gives the Result of what is measured so far, at first and then as often as leaves time to measure."""
    due = 0.0

    def part(measurement: Measurement) -> None:
        nonlocal due
        began = time.monotonic()
        if began >= due:
            on_part(result_of(scenario, measurement))
            due = began + max(PART_EVERY, 5 * (time.monotonic() - began))

    return part


def result_of(scenario: ErrorsScenario, measurement: Measurement) -> ErrorsResult:
    """Everything that a view shows of what was measured."""
    m = measurement
    rows = [row for row in m.rows if row.measures]
    names = tuple(fmt.name for fmt in m.formats)
    sampled = any(row.sampled for row in rows)
    seen = m.values.count + m.values.bad if m.values is not None else 0
    surveyed = scenario.view == "survey"
    return ErrorsResult(
        scenario,
        m.title,
        m.kind,
        m.formats,
        m.rows,
        tuple(_of_format(index, whole, rows, m.tensor is None) for index, whole in enumerate(m.whole)),
        _overlay(scenario, m.whole),
        tuple(survey_rows(m.rows, names, scenario.group, scenario.sort)),
        whole_row(m.rows, names),
        tuple(role_map(m.rows, index) for index in range(len(names))) if surveyed else (),
        sum(row.measured for row in rows),
        sum(row.count for row in rows),
        sampled,
        sampled or (m.tensor is not None and 0 < seen < m.tensor.count),
        tuple(dict.fromkeys(row.quantized for row in m.rows if row.quantized)),
        m.expected,
        m.file,
        m.tensor,
        _weights(m.values),
    )


def _of_format(index: int, whole: FormatStats, rows: Sequence[TensorErrors], several: bool) -> FormatErrors:
    """Format number `index` on all of `rows`, whose full statistics are `whole`."""
    good = [row for row in rows if not row.measures[index].problem]
    size, weights = sum(row.measures[index].nbytes for row in good), sum(row.count for row in good)
    figures = replace(
        Measure.of(whole, (weights,)),
        bits_per_weight=8 * size / weights if weights else math.nan,
        nbytes=size,
        max_index=-1,
    )
    gap = ""
    if 0 < len(good) < len(rows):
        problem = next(row.measures[index].problem for row in rows if row.measures[index].problem)
        gap = f"only {len(good)} of {len(rows)} tensors; elsewhere {problem}"
    stats = whole.stats
    worst = sorted((row.measures[index].sqnr_db, row.name) for row in good) if several else []
    known = [(name, decibels) for decibels, name in worst if not math.isnan(decibels)]
    return FormatErrors(
        figures,
        stats.clipped_share if stats is not None else math.nan,
        gap,
        stats.blocks.block_size if stats is not None and stats.blocks is not None else 0,
        stats.worst_blocks if stats is not None else (),
        tuple(known[:WORST_TENSORS]),
    )


def _overlay(scenario: ErrorsScenario, whole: Sequence[FormatStats]) -> Overlay | None:
    stats = [(item.format.name, item.stats) for item in whole if item.stats is not None]
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
