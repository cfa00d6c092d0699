"""A QuantizerResult as one JSON object, with keys that stay."""

from __future__ import annotations

from typing import Any

from qtui.compute.quantizer.outlier import OutlierTreatment
from qtui.compute.quantizer.smart import MethodResult
from qtui.compute.quantizer.sweep import Sweep
from qtui.scenario.quantizer.result import QuantizerResult, Scheme

MOST_VALUES = 4096


def json_object(result: QuantizerResult) -> dict[str, Any]:
    """The first scheme's numbers; with several schemes also `schemes`, a list of the same for each."""
    first = {"numbers": result.title, "rows": result.rows, "columns": result.columns}
    first |= _scheme(result.schemes[0], result.count)
    first |= _extra(result)
    if result.notes:
        first["notes"] = list(result.notes)
    if len(result.schemes) > 1:
        first["schemes"] = [_scheme(scheme, result.count) for scheme in result.schemes]
    return first


def _extra(result: QuantizerResult) -> dict[str, Any]:
    """What the chosen view adds: the sweep, the outlier's story, the smart methods, the network's outputs."""
    extra: dict[str, Any] = {}
    if result.sweep:
        extra["sweep"] = [_sweep(sweep) for sweep in result.sweep]
    if result.rescue is not None:
        extra["outlier"] = [_case(case) for case in result.rescue.cases]
    if result.smart is not None:
        extra["smart"] = [_method(row) for row in result.smart.table]
    if result.drift is not None:
        extra["network"] = {
            "layers": list(result.drift.exact.net.layers),
            "parameters": result.drift.exact.net.parameters,
            "output": result.drift.exact.output,
            "stored_outputs": [run.output for run in result.drift.stored],
        }
    return extra


def _sweep(sweep: Sweep) -> dict[str, Any]:
    points = [
        {"block": p.block, "bits_per_weight": p.bits, "rmse": p.stats.rmse, "sqnr_db": p.stats.sqnr_db}
        for p in sweep.points
    ]
    return {"format": sweep.label, "points": points}


def _case(case: OutlierTreatment) -> dict[str, Any]:
    return {
        "case": case.name,
        "format": case.spec,
        "scale": case.scale,
        "lost_to_zero": case.collapsed,
        "own_block": {"lost_to_zero": case.near.lost, "weights": case.near.count},
        "other_blocks": {"lost_to_zero": case.far.lost, "weights": case.far.count},
        "mean_rel_error_of_others": case.others,
        "rmse_of_others": case.rmse,
        "mean_rel_error": case.everything,
        "bits_per_weight": case.bits,
    }


def _method(row: MethodResult) -> dict[str, Any]:
    return {
        "method": row.name,
        "bits_per_weight": row.bits,
        "rmse": row.stats.rmse,
        "output_error": row.output_error,
        "fresh_output_error": row.fresh_error,
        "int8_input_error": row.int8_error,
    }


def _scheme(scheme: Scheme, count: int) -> dict[str, Any]:
    stored, stats = scheme.stored, scheme.stats
    fields: dict[str, Any] = {
        "format": scheme.format.name,
        "count": count,
        "bits_per_weight": scheme.bits_per_weight,
        "bytes": scheme.nbytes,
        "block_size": scheme.format.block_size,
        "group_size": stored.group,
    }
    for name, values in (("scale", stored.scale), ("zero_point", stored.zero_point), ("minimum", stored.minimum)):
        if values is not None:
            fields[name] = (
                _plain(name, values[0]) if len(values) == 1 else [_plain(name, v) for v in values[:MOST_VALUES]]
            )
    fields |= {
        "codes": stored.codes[:MOST_VALUES].tolist(),
        "dequantized": [float(v) for v in stored.y[:MOST_VALUES]],
        "rmse": stats.rmse,
        "sqnr_db": stats.sqnr_db,
        "max_abs_error": stats.max_abs_error,
        "mean_rel_error": stats.mean_rel_error,
        "mean_error": stats.mean_error,
        "cosine": stats.cosine,
    }
    if len(stored.kept):
        fields["kept"] = [int(i) for i in stored.kept[:MOST_VALUES]]
    return fields


def _plain(name: str, value: float) -> int | float:
    """A zero point as the whole number that it is in most formats."""
    return int(value) if name == "zero_point" and float(value).is_integer() else float(value)
