"""The measurement of the tensors of a file, or of one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qtui.compute.errors.values import ValueMeter, ValueStats
from qtui.compute.formats import Format
from qtui.models.files.model_file import Tensor
from qtui.models.tensors.roles import left_alone
from qtui.scenario.base import UserError
from qtui.scenario.errors.file import (
    OpenedFile,
    browsable,
    chosen_tensors,
    opened,
    stored_quantized,
    title_of,
    unreadable,
)
from qtui.scenario.errors.measurement import Measurement
from qtui.scenario.errors.result import TensorErrors
from qtui.scenario.errors.sampling import spans_for
from qtui.scenario.errors.scenario import ErrorsScenario
from qtui.scenario.errors.survey import Job, run_jobs
from qtui.scenario.progress import Progress

SAMPLE = 1 << 16  # weights of a tensor that the browse view looks at first
# Weights that are measured in full when nothing else is asked: of one tensor, for an answer in about a second; of all
# tensors together, in some seconds. However many formats there are, so that none changes what another is measured on.
ONE_EXACT_UP_TO = 1 << 22
EXACT_UP_TO = 1 << 25
# Else so many weights of all tensors together are: one half by size, for the sake of totals, the other in equal parts
# of at least the last number, for that of small tensors.
ALL_SAMPLED = 1 << 24
LEAST_OF_EACH = 1 << 14


def budgets_for(scenario: ErrorsScenario, tensors: Sequence[Tensor]) -> list[int]:
    """Weights to measure of each of `tensors`, 0 for all."""
    weights = sum(tensor.count for tensor in tensors)
    if scenario.exact or (not scenario.sample and weights <= (EXACT_UP_TO if len(tensors) > 1 else ONE_EXACT_UP_TO)):
        return [0] * len(tensors)
    if scenario.sample:
        return [scenario.sample] * len(tensors)
    if len(tensors) == 1:
        return [ONE_EXACT_UP_TO]
    half = ALL_SAMPLED // 2
    return [max(half // len(tensors), LEAST_OF_EACH) + half * tensor.count // weights for tensor in tensors]


def measure_file(
    scenario: ErrorsScenario,
    formats: tuple[Format, ...],
    progress: Progress,
    last: OpenedFile | None = None,
    on_part: Callable[[Measurement], None] | None = None,
) -> Measurement:
    """Measure the chosen tensors of the file, or in the browse view only look at one tensor's values.

    Matrices that llama-quantize would quantize are counted together; all tensors are where there is no such matrix.

    `last` is the file that was opened before. `on_part` is given the rows so far after every tensor.
    """
    file = opened(scenario.path, last)
    surveyed = scenario.view == "survey"
    tensors = file.model.tensors if surveyed else chosen_tensors(file.model, scenario.tensor)
    title = title_of(file.model)
    browsed = scenario.view == "browse" and scenario.tensor
    single = tensors[0] if not surveyed and (len(tensors) == 1 or browsed) else None
    if scenario.view == "browse":
        return _browse(scenario, formats, progress, browsable(file), single, title)
    reasons = {tensor.name: unreadable(tensor) for tensor in tensors}
    good = [tensor for tensor in tensors if not reasons[tensor.name]]
    if not good:
        raise UserError(f"{scenario.path}: {tensors[0].name!r} {reasons[tensors[0].name]}; choose another tensor")
    budgets = budgets_for(scenario, good)
    alone = {tensor.name for tensor in good if left_alone(tensor)}
    counted = alone if len(alone) == len(good) else {tensor.name for tensor in good} - alone
    jobs = [
        Job(t, tuple(spans_for(t, budget)), counted=t.name in counted, fallbacks=True)
        for t, budget in zip(good, budgets, strict=True)
    ]
    rows: dict[str, TensorErrors] = {}

    def finished(row: TensorErrors | None) -> None:
        if row is not None:
            rows[row.name] = row
        if on_part is not None:
            on_part(Measurement(title, "file", formats, tuple(rows.values()), (), len(tensors), file, single))

    finished(None)
    is_single = single is not None
    meter = ValueMeter() if is_single else None
    whole = run_jobs(jobs, formats, progress, finished, identity=file.model.identity, steps=is_single, values=meter)
    ordered = tuple(rows[t.name] if t.name in rows else _left_out(t, reasons[t.name]) for t in tensors)
    values = meter.result() if meter is not None else None
    return Measurement(title, "file", formats, ordered, whole, len(ordered), file, single, values)


def _browse(
    scenario: ErrorsScenario,
    formats: tuple[Format, ...],
    progress: Progress,
    file: OpenedFile,
    tensor: Tensor | None,
    title: str,
) -> Measurement:
    """The file, and the weights of `tensor`: a sample, unless all are asked for, since the answer comes first."""
    if tensor is None:
        return Measurement(title, "file", formats, (), (), 0, file)
    reason = unreadable(tensor) if tensor.format is not None or tensor.count == 0 else ""
    values = None
    if not reason:
        budget = 0 if scenario.exact else scenario.sample or SAMPLE
        values = measure_values(tensor, budget, progress)
    return Measurement(title, "file", formats, (_left_out(tensor, reason),), (), 1, file, tensor, values)


def measure_values(tensor: Tensor, budget: int, progress: Progress) -> ValueStats:
    """The values of one tensor, sampled to about `budget`, or all for 0."""
    meter = ValueMeter()
    run_jobs([Job(tensor, tuple(spans_for(tensor, budget)))], (), progress, lambda row: None, values=meter)
    return meter.result()


def _left_out(tensor: Tensor, note: str) -> TensorErrors:
    quantized = stored_quantized(tensor)
    return TensorErrors(tensor.name, tensor.shape, tensor.dtype, tensor.count, 0, (), quantized, note, counted=False)
