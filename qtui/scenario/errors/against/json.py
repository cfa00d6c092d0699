"""The comparison of two files as JSON, and as rows for CSV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from qtui.scenario.errors.against.result import AgainstResult, ComparedPair
from qtui.scenario.errors.json import measure_figures


def json_object(result: AgainstResult) -> dict[str, Any]:
    """Every pair with its figures, what is left over of both files, and the total of what a quantizer would touch."""
    total = result.total
    return {
        "source": result.scenario.path,
        "reference": result.scenario.against,
        "pairs": [_pair(pair) for pair in result.pairs],
        "unmatched": [
            {"name": tensor.name, "in": "reference" if tensor.in_reference else "file", "why": tensor.why}
            for tensor in result.unmatched
        ],
        "total": {
            "tensors": total.tensors,
            "weights": total.count,
            "bytes": total.nbytes,
            "bits_per_weight": total.bits_per_weight,
            "sqnr_db": None if total.sqnr_db != total.sqnr_db else total.sqnr_db,
            "max_abs_error": None if total.max_abs_error != total.max_abs_error else total.max_abs_error,
            "nan_count": total.nan_count,
            "inf_count": total.inf_count,
            "scored": total.scored,
            "sampled": any(pair.sampled for pair in result.pairs if pair.counted),
        },
    }


def _pair(pair: ComparedPair) -> dict[str, Any]:
    return {
        "name": pair.name,
        "reference_name": pair.reference_name,
        "shape": list(pair.shape),
        "weights": pair.count,
        "measured": pair.measured,
        "sampled": pair.sampled,
        "reference_format": pair.reference_format,
        "turned": pair.turned,
        "in_total": pair.counted,
        **measure_figures(pair.measure),
    }


def csv_rows(result: AgainstResult) -> Iterator[list[Any]]:
    """The names of the columns, then a row for each pair."""
    rows = [_pair(pair) | {"shape": "x".join(map(str, pair.shape))} for pair in result.pairs]
    if rows:
        yield list(rows[0])
    for row in rows:
        yield ["" if value is None else value for value in row.values()]
