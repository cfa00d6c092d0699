"""The Result of the Plan pane as JSON, and as rows for CSV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from qtui.scenario.plan.result import PlanResult
from qtui.scenario.plan.write import commands, type_lines, types_file

MOST_POINTS = 200  # of the frontier, about


def json_object(result: PlanResult) -> dict[str, Any]:
    """The plan, tensor by tensor, what it is compared with, and the command."""
    return {
        "path": result.scenario.path,
        "budget_bytes": result.budget,
        "budget_reason": result.reason,
        "total_bytes": result.nbytes,
        "kept_bytes": result.kept_bytes,
        "bits_per_weight": result.bits_per_weight,
        "sqnr_db": result.sqnr_db,
        "noise": result.noise,
        "optimality_gap": result.gap,
        "sampled": result.sampled,
        "already_quantized": list(result.quantized),
        "importance_tensors": result.weighed,
        "sensitivity": result.scenario.sensitivity or None,
        "warnings": list(result.warnings),
        "tensors": _tensors(result),
        "mixes": [{"name": mix.name, "bytes": mix.nbytes, "sqnr_db": mix.sqnr_db} for mix in result.mixes],
        "frontier": [{"bytes": size, "sqnr_db": decibels} for size, decibels in _thinned(result)],
        "tensor_types": type_lines(result),
        "commands": commands(result, types_file(result)),
    }


def csv_rows(result: PlanResult) -> Iterator[list[Any]]:
    """The names of the columns, then a row for each tensor."""
    tensors = [{key: value for key, value in tensor.items() if key != "sources"} for tensor in _tensors(result)]
    yield list(tensors[0])
    for tensor in tensors:
        yield ["x".join(map(str, value)) if key == "shape" else value for key, value in tensor.items()]


def _tensors(result: PlanResult) -> list[dict[str, Any]]:
    return [
        {
            "name": part.name,
            "sources": list(part.sources),
            "shape": list(part.shape),
            "weights": part.weights,
            "format": option.format,
            "bytes": part.nbytes[option.format],
            "sqnr_db": row.sqnr_db,
        }
        for part, option, row in zip(result.parts, result.chosen, result.tensors, strict=True)
    ]


def _thinned(result: PlanResult) -> list[tuple[int, float]]:
    """Some points of the frontier, ends included."""
    curve = result.frontier
    return [*curve[: -1 : max(len(curve) // MOST_POINTS, 1)], curve[-1]]
