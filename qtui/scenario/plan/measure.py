"""What a plan needs to know of a file: for each tensor that llama.cpp quantizes, size and loss in each type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from qtui.compute.errors.survey import Measure
from qtui.compute.formats import Format, get_format
from qtui.compute.ggml.formats import BY_NAME
from qtui.models.files.imatrix import read_imatrix
from qtui.models.files.model_file import ModelFile, Tensor
from qtui.models.tensors.roles import as_named, left_alone, split_name
from qtui.scenario.base import UserError
from qtui.scenario.errors.file import open_file, stored_quantized, unreadable
from qtui.scenario.errors.result import TensorErrors
from qtui.scenario.errors.sampling import spans_for
from qtui.scenario.errors.survey import Job, run_jobs
from qtui.scenario.formats import named_format
from qtui.scenario.plan.result import Part, PlanMeasurement
from qtui.scenario.plan.scenario import CANDIDATES, WEIGHED_ONLY, PlanScenario
from qtui.scenario.progress import Progress

# Further types that the named mixes use, so that they can be compared with.
MIX_TYPES = ("Q4_1", "Q5_0", "Q5_1", "Q8_0", "IQ4_NL", "Q4_0", "F16")


def plan_formats(scenario: PlanScenario) -> tuple[str, ...]:
    """The types to choose from. Raises UserError for what llama-quantize could not write."""
    names = []
    for text in scenario.format or CANDIDATES:
        for spec in text.replace(",", " ").split():
            fmt = named_format(spec)
            if not fmt.in_gguf or not fmt.can_encode:
                raise UserError(f"a plan is made of ggml types that can be written here, not {spec}")
            if fmt.name in WEIGHED_ONLY and not scenario.imatrix:
                raise UserError(f"llama-quantize writes {fmt.name} only with an importance matrix: add --imatrix")
            names.append(fmt.name)
    if not names:
        raise UserError("name at least one type to choose from, such as Q4_K")
    return tuple(dict.fromkeys(names))


def measure_file(scenario: PlanScenario, progress: Progress) -> PlanMeasurement:
    """Measure every tensor that llama.cpp would quantize, in every type that a plan or a mix may use."""
    wanted = plan_formats(scenario)
    model = open_file(scenario.path)
    importance = _importance(scenario)
    names = tuple(dict.fromkeys((*wanted, *MIX_TYPES)))
    formats = [get_format(name) for name in names]
    jobs, kept, weighed = [], [], 0
    for tensor in model.tensors:
        if tensor.format is None or left_alone(tensor) or unreadable(tensor):
            kept.append((as_named(tensor).name, _kept_bytes(model, tensor)))
            continue
        weights = importance_of(importance, tensor)
        weighed += weights is not None
        spans = spans_for(tensor, 0 if scenario.exact else scenario.sample)
        jobs.append(Job(tensor, tuple(spans), weights))
    if not jobs:
        raise UserError(f"{scenario.path} has no matrix that llama.cpp would quantize")
    if importance and not weighed:
        raise UserError(f"{scenario.imatrix} is about other tensors than {scenario.path}; make it from this model")
    rows: dict[str, TensorErrors] = {}
    run_jobs(jobs, formats, progress, lambda row: rows.update({row.name: row}), identity=model.identity)
    parts, warnings = _parts([job.tensor for job in jobs], rows)
    return PlanMeasurement(
        model,
        parts,
        tuple(kept),
        sum(part.weights for part in parts if part.valid),
        sum(job.weights for job in jobs) < sum(job.tensor.count for job in jobs),
        tuple(dict.fromkeys(filter(None, (stored_quantized(job.tensor) for job in jobs)))),
        weighed,
        warnings,
    )


def _kept_bytes(model: ModelFile, tensor: Tensor) -> int:
    """Bytes of a tensor that is not quantized: a GGUF keeps its own type, the converter writes float32."""
    return tensor.nbytes if model.kind == "gguf" else 4 * tensor.count


def _importance(scenario: PlanScenario) -> dict[str, NDArray[np.float32]]:
    return read_imatrix(scenario.imatrix) if scenario.imatrix else {}


def importance_of(importance: Mapping[str, NDArray[np.float32]], tensor: Tensor) -> NDArray[np.float32] | None:
    """Importance (columns,) of a tensor's columns; that of stacked experts is averaged. None where there is none."""
    values = importance.get(as_named(tensor).name)
    if values is None:
        return None
    vector = values if values.ndim == 1 else values.mean(axis=0)
    return np.ascontiguousarray(vector, np.float32) if vector.shape == tensor.shape[-1:] else None


def _parts(tensors: list[Tensor], rows: Mapping[str, TensorErrors]) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    """The parts, and warnings about those that hold what is not finite."""
    groups: dict[str, list[Tensor]] = {}
    for tensor in tensors:
        groups.setdefault(as_named(tensor).name, []).append(tensor)
    parts, warnings = [], []
    for name, members in groups.items():
        measures = [{m.format: m for m in rows[t.name].measures} for t in members]
        storable = [kind for kind in measures[0] if all(_is_measured(by_type.get(kind)) for by_type in measures)]
        # llama-quantize checks what it has written, and stops at the first block that is not finite.
        valid = [kind for kind in storable if not any(by_type[kind].damage for by_type in measures)]
        if len(valid) < len(storable):
            warnings.append(_warning(name, storable, valid, measures))
        loss = {
            kind: sum(t.count * _noise(by_type[kind]) for t, by_type in zip(members, measures, strict=True))
            for kind in valid
        }
        loss = loss or dict.fromkeys(storable, 0.0)
        stored = _stored(members)
        if stored is not None:
            loss[stored.name] = 0.0
        nbytes = {kind: sum(by_type[kind].nbytes for by_type in measures) for kind in storable}
        shape = members[0].shape if len(members) == 1 else (len(members), *members[0].shape)
        count = sum(t.count for t in members)
        if stored is not None:
            nbytes[stored.name] = stored.nbytes(shape)
        sources = tuple(t.name for t in members)
        layer = split_name(members[0].name)[0]
        kept = stored.name if stored is not None else ""
        parts.append(Part(name, layer, sources, shape, count, nbytes, loss, bool(valid), kept))
    return tuple(parts), tuple(warnings)


def _stored(members: Sequence[Tensor]) -> Format | None:
    """The block type of GGUF files that all of a part is stored in already."""
    dtypes = {stored_quantized(tensor) for tensor in members}
    return BY_NAME.get(dtypes.pop()) if len(dtypes) == 1 else None


def _warning(
    name: str, storable: Sequence[str], valid: Sequence[str], measures: Sequence[Mapping[str, Measure]]
) -> str:
    """What llama-quantize would say of the tensor called `name`, and where."""
    kinds = [kind for kind in storable if kind not in valid]
    damage = next(by_type[kinds[0]].damage for by_type in measures if by_type[kinds[0]].damage)
    if valid:
        return f"{name} has invalid data in {', '.join(kinds)} ({kinds[0]}: {damage}), so these are not considered"
    return f"{name} has invalid data: {damage}; llama-quantize will refuse it in every type"


def _is_measured(measure: Measure | None) -> bool:
    return measure is not None and not measure.problem


def _noise(measure: Measure) -> float:
    """Σe²/Σx²; 0 where there is neither error nor signal."""
    return measure.noise if measure.noise == measure.noise else 0.0
