"""The Result of the Errors pane as JSON, and as rows for CSV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from qtui.compute.errors.keys import Histogram
from qtui.compute.errors.survey import Measure
from qtui.scenario.errors.result import ErrorsResult, FormatErrors, TensorErrors, TensorValues


def json_object(result: ErrorsResult) -> dict[str, Any]:
    """Every tensor with the figures and the histogram of every format."""
    return {
        "source": result.scenario.path or result.scenario.data,
        "kind": result.kind,
        "formats": [fmt.name for fmt in result.formats],
        "weights": result.count,
        "measured": result.measured,
        "sampled": result.sampled,
        "already_quantized": list(result.quantized),
        "values": None if result.values is None else _values(result.values) | {"sampled": result.in_part},
        "tensors": [_tensor(row) for row in result.rows],
        "total": [_total(total) for total in result.totals if not total.figures.problem],
        "left_out": list(result.left_out),
    }


def csv_rows(result: ErrorsResult) -> Iterator[list[Any]]:
    """The names of the columns, then a row for each tensor and format."""
    yield ["tensor", "shape", "dtype", "weights", "measured", *measure_figures(Measure("", 0.0, 0)), "in_total"]
    for row in result.rows:
        head = [row.name, "x".join(map(str, row.shape)), row.dtype, row.count, row.measured]
        for measure in row.measures:
            figures = ["" if value is None else value for value in measure_figures(measure).values()]
            yield [*head, *figures, row.counted]


def measure_figures(measure: Measure) -> dict[str, Any]:
    """The flat figures of one tensor in one format, by the names that JSON and CSV give them."""
    median, p95, p99, p999 = measure.quantiles
    return {
        "format": measure.format,
        "bits_per_weight": measure.bits_per_weight,
        "bytes": measure.nbytes,
        "rmse": _none_if_nan(measure.rmse),
        "relative_rmse": _none_if_nan(measure.relative_rmse),
        "sqnr_db": _none_if_nan(measure.sqnr_db),
        "max_abs_error": _none_if_nan(measure.max_abs_error),
        "max_index": measure.max_index,
        "mean_error": _none_if_nan(measure.mean_error),
        "mean_abs_error": _none_if_nan(measure.mean_abs_error),
        "cosine": _none_if_nan(measure.cosine),
        "median_abs_error": _none_if_nan(median),
        "p95_abs_error": _none_if_nan(p95),
        "p99_abs_error": _none_if_nan(p99),
        "p999_abs_error": _none_if_nan(p999),
        "problem": measure.problem or measure.damage or None,
        "scored": measure.count,
        "nan_count": measure.nan_count,
        "inf_count": measure.inf_count,
        "fallback": measure.fallback or None,
    }


def _total(total: FormatErrors) -> dict[str, Any]:
    """All counted tensors together; SQNR and relative RMSE are those of their mean noise."""
    summed, within = total.total, total.within
    return _format(total.figures) | {
        "sqnr_db": _none_if_nan(total.sqnr_db),
        "relative_rmse": _none_if_nan(total.relative_rmse),
        "mean_error_within": within.bias if within is not None else 0.0,
        "rmse_within": within.rmse if within is not None else 0.0,
        "sqnr_db_within": within.decibels if within is not None else 0.0,
        "sampled": total.sampled,
        "weights": summed.count,
        "tensors": summed.tensors,
        "missing": summed.missing,
        "fallbacks": dict(summed.fallbacks),
        "scored": summed.scored,
        "nan_count": summed.nan_count,
        "inf_count": summed.inf_count,
        "problem": total.note or None,
    }


def _none_if_nan(value: float) -> float | None:
    return None if value != value else value


def _values(weights: TensorValues) -> dict[str, Any]:
    """The weights themselves, of one tensor or of drawn numbers."""
    stats = weights.stats
    return {
        "count": stats.count,
        "not_finite": stats.bad,
        "zeros": stats.zeros,
        "min": _none_if_nan(stats.low),
        "max": _none_if_nan(stats.high),
        "mean": _none_if_nan(stats.mean),
        "sigma": _none_if_nan(stats.sigma),
        "absmax_sigmas": _none_if_nan(stats.absmax_sigmas),
        "kurtosis": _none_if_nan(stats.kurtosis),
        "int8_by_row_sqnr_db": _none_if_nan(stats.by_row.sqnr_db),
        "outliers": [{"index": outlier.index, "value": outlier.value} for outlier in stats.outliers],
        "histogram": _histogram(weights.histogram),
    }


def _tensor(row: TensorErrors) -> dict[str, Any]:
    return {
        "name": row.name,
        "shape": list(row.shape),
        "dtype": row.dtype,
        "weights": row.count,
        "measured": row.measured,
        "sampled": row.sampled,
        "in_total": row.counted,
        "already_quantized": row.quantized or None,
        "note": row.note or None,
        "formats": [_format(measure) for measure in row.measures],
    }


def _format(measure: Measure) -> dict[str, Any]:
    return measure_figures(measure) | {
        "histogram": None if measure.histogram is None else _histogram(measure.histogram)
    }


def _histogram(histogram: Histogram) -> dict[str, Any]:
    return {"edges": histogram.edges.tolist(), "counts": histogram.counts.tolist()}
