"""Errors on a model file: which tensors, how much of each, and the file's own words about them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from qtui.compute.errors.meter import Found
from qtui.compute.errors.values import ValueMeter, ValueStats
from qtui.compute.formats import Format
from qtui.models.files.model_file import ModelFile, Tensor
from qtui.models.files.source import ModelFileError, expanded
from qtui.models.tensors.decoding import decoder_for
from qtui.scenario.base import UserError
from qtui.scenario.errors.measuring import Span, row_length, sampled_spans
from qtui.scenario.errors.scenario import (
    ALL_SAMPLED,
    EXACT_UP_TO,
    ONE_EXACT_UP_TO,
    SAMPLE,
    SAMPLED_OF_EACH,
    ErrorsResult,
    ErrorsScenario,
    TensorErrors,
)
from qtui.scenario.errors.survey import Job, run_jobs
from qtui.scenario.progress import Progress

PLAIN = ("F64", "F32", "F16", "BF16")


def open_file(path: str) -> ModelFile:
    """The model at `path`, which holds at least one tensor, its scales joined to their codes.

    Raises ModelFileError otherwise.
    """
    from qtui.models.files.open import open_model
    from qtui.models.tensors.scaled import joined

    model = joined(open_model(expanded(path)))
    if not model.tensors:
        raise ModelFileError(f"{path} has no tensors to measure; give the weights, not a {model.kind}")
    return model


def chosen_tensors(model: ModelFile, wanted: str) -> tuple[Tensor, ...]:
    """The tensor called `wanted`, or those whose names match its words; all for "". Raises UserError for none."""
    if not wanted:
        return model.tensors
    by_name = {tensor.name: tensor for tensor in model.tensors}
    if wanted in by_name:
        return (by_name[wanted],)
    from qtui.models.tensors.names import find

    found = find(wanted, by_name)
    if not found:
        raise UserError(f"no tensor's name matches {wanted!r}; `qtui inspect --each` lists them all")
    return tuple(by_name[name] for name in found)


def unreadable(tensor: Tensor) -> str:
    """Why a tensor's errors can't be measured; nothing when they can."""
    if tensor.format is None:
        return f"holds {tensor.dtype}, not weights"
    if tensor.count == 0:
        return "is empty"
    try:
        decoder_for(tensor)
    except ValueError as error:
        return " ".join(str(error).split())
    return ""


def budget_for(scenario: ErrorsScenario, tensors: Sequence[Tensor], formats: int) -> int:
    """Weights of each of `tensors` to measure in that many formats, 0 for all."""
    if scenario.exact:
        return 0
    if scenario.sample:
        return scenario.sample
    work = formats * sum(tensor.count for tensor in tensors)
    if len(tensors) == 1:
        return 0 if work <= ONE_EXACT_UP_TO else ONE_EXACT_UP_TO // formats
    least, most = SAMPLED_OF_EACH
    return 0 if work <= EXACT_UP_TO else min(max(ALL_SAMPLED // len(tensors), least), most)


def spans_for(tensor: Tensor, budget: int) -> list[Span]:
    """Flat ranges of `tensor` to measure; budget 0 takes all."""
    if not budget:
        return [(0, tensor.count)]
    return sampled_spans(tensor.count, row_length(tensor.shape), budget)


def measure_values(tensor: Tensor, budget: int, progress: Progress) -> ValueStats:
    """The values of one tensor, sampled to about `budget`, or all for 0."""
    meter = ValueMeter()
    run_jobs([Job(tensor, tuple(spans_for(tensor, budget)))], (), progress, lambda row: None, values=meter)
    return meter.result()


def solve_file(
    scenario: ErrorsScenario,
    formats: tuple[Format, ...],
    progress: Progress,
    opened: ModelFile | None = None,
    on_row: Callable[[TensorErrors], None] | None = None,
) -> ErrorsResult:
    """Measure the chosen tensors of the file, or in the browse view only look at one tensor's values."""
    model = opened if opened is not None else open_file(scenario.path)
    tensors = chosen_tensors(model, scenario.tensor) if scenario.view != "survey" else model.tensors
    title = f"{os.path.basename(os.path.normpath(model.path))}, {model.kind}"
    browsed = scenario.view == "browse" and scenario.tensor
    single = tensors[0] if scenario.view != "survey" and (len(tensors) == 1 or browsed) else None
    if scenario.view == "browse":
        return _browse(scenario, formats, progress, model, single, title)
    reasons = {tensor.name: unreadable(tensor) for tensor in tensors}
    good = [tensor for tensor in tensors if not reasons[tensor.name]]
    if not good:
        raise UserError(f"{scenario.path}: {tensors[0].name!r} {reasons[tensors[0].name]}; choose another tensor")
    budget = budget_for(scenario, good, len(formats))
    jobs = [Job(tensor, tuple(spans_for(tensor, budget))) for tensor in good]
    rows: dict[str, TensorErrors] = {}

    def finished(row: TensorErrors) -> None:
        rows[row.name] = row
        if on_row is not None:
            on_row(row)

    one = single is not None
    meter = ValueMeter() if one else None
    whole: tuple[Found, ...] = run_jobs(
        jobs, formats, progress, finished, identity=model.identity, steps=one, values=meter
    )
    ordered = tuple(rows[t.name] if t.name in rows else _left_out(t, reasons[t.name]) for t in tensors)
    values = meter.result() if meter is not None else None
    return ErrorsResult(scenario, title, "file", formats, ordered, whole, model, single, values)


def _browse(
    scenario: ErrorsScenario,
    formats: tuple[Format, ...],
    progress: Progress,
    model: ModelFile,
    tensor: Tensor | None,
    title: str,
) -> ErrorsResult:
    rows: tuple[TensorErrors, ...] = ()
    values = None
    if tensor is not None:
        reason = unreadable(tensor) if tensor.format is not None or tensor.count == 0 else ""
        rows = (_left_out(tensor, reason),)
        if not reason:
            # Looking through a file, the answer comes first; all of a tensor is read when that is asked for.
            budget = 0 if scenario.exact else scenario.sample or SAMPLE
            values = measure_values(tensor, budget, progress)
    return ErrorsResult(scenario, title, "file", formats, rows, (), model, tensor, values)


def _left_out(tensor: Tensor, note: str) -> TensorErrors:
    return TensorErrors(tensor.name, tensor.shape, tensor.dtype, tensor.count, 0, (), stored_quantized(tensor), note)


def stored_quantized(tensor: Tensor) -> str:
    """The format that a tensor is quantized in already; nothing for plain floats and integers."""
    return "" if tensor.format is None or tensor.dtype in PLAIN else tensor.dtype
