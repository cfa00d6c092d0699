"""`qtui errors`: what formats cost on seeded numbers, a tensor, or a whole model file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from qtui.cli.command import Command, Output
from qtui.cli.output import comma_separated
from qtui.scenario.errors.scenario import ErrorsResult, ErrorsScenario, solve

if TYPE_CHECKING:
    from qtui.compute.errors.survey import Measure
    from qtui.draw.glyphs import Glyphs
    from qtui.draw.picture import Picture
    from qtui.scenario.errors.scenario import TensorErrors

EPILOG = """examples:
  qtui errors                                        Q4_0, Q4_K and Q8_0 on a bell curve
  qtui errors --data outliers -f Q4_0 -f nf4
  qtui errors model.safetensors                      every tensor, and all of them together
  qtui errors model.gguf --tensor blk.0.attn_q.weight --unit steps
  qtui errors model.gguf --csv > errors.csv"""


def csv_text(result: ErrorsResult) -> str:
    """A line a tensor and format."""
    lines: list[list[Any]] = [["tensor", "shape", "dtype", "weights", "measured", *_figures(None)]]
    for row in result.rows:
        head = [row.name, "x".join(map(str, row.shape)), row.dtype, row.count, row.measured]
        lines += [[*head, *_figures(measure).values()] for measure in row.measures]
    return comma_separated(lines)


def _figures(measure: Measure | None) -> dict[str, Any]:
    """The flat figures of one tensor in one format, by the names that JSON and CSV give them."""
    from qtui.compute.errors.survey import Measure

    m = measure or Measure("", 0.0, 0)
    return {
        "format": m.format,
        "bits_per_weight": m.bits_per_weight,
        "bytes": m.nbytes,
        "rmse": _known(m.rmse),
        "relative_rmse": _known(m.relative_rmse),
        "sqnr_db": _known(m.sqnr_db),
        "max_abs_error": _known(m.max_abs_error),
        "max_index": m.max_index,
        "mean_error": _known(m.mean_error),
        "mean_abs_error": _known(m.mean_abs_error),
        "cosine": _known(m.cosine),
        "median_abs_error": _known(m.quantiles[0]),
        "p95_abs_error": _known(m.quantiles[1]),
        "p99_abs_error": _known(m.quantiles[2]),
        "p999_abs_error": _known(m.quantiles[3]),
        "problem": m.problem or None,
    }


def _known(value: float) -> float | None:
    return None if value != value else value


def json_object(result: ErrorsResult) -> dict[str, Any]:
    """Every tensor with the figures and the histogram of every format."""
    from qtui.compute.errors.survey import Measure

    shape = (result.count,)
    total = [
        replace(Measure.of(found, shape), bits_per_weight=bits, nbytes=size, max_index=-1)
        for found, bits, size in zip(result.whole, result.bits, result.sizes, strict=True)
    ]
    return {
        "source": result.scenario.path or result.scenario.data,
        "kind": result.kind,
        "formats": [fmt.name for fmt in result.formats],
        "weights": result.count,
        "measured": result.measured,
        "sampled": result.sampled,
        "already_quantized": list(result.quantized),
        "values": _values(result),
        "tensors": [_tensor(row) for row in result.rows],
        "total": [_format(measure) for measure in total if not measure.problem],
    }


def _values(result: ErrorsResult) -> dict[str, Any] | None:
    """The weights themselves, of one tensor or of drawn numbers."""
    from qtui.compute.errors.survey import BINS

    found = result.values
    if found is None:
        return None
    shape = found.histogram(BINS)
    return {
        "count": found.count,
        "not_finite": found.bad,
        "zeros": found.zeros,
        "min": _known(found.low),
        "max": _known(found.high),
        "mean": _known(found.mean),
        "sigma": _known(found.sigma),
        "absmax_sigmas": _known(found.absmax_sigmas),
        "kurtosis": _known(found.kurtosis),
        "int8_by_row_sqnr_db": _known(found.by_row.sqnr_db),
        "outliers": [{"index": each.index, "value": each.value} for each in found.outliers],
        "histogram": {"edges": shape.edges.tolist(), "counts": shape.counts.tolist()},
    }


def _tensor(row: TensorErrors) -> dict[str, Any]:
    return {
        "name": row.name,
        "shape": list(row.shape),
        "dtype": row.dtype,
        "weights": row.count,
        "measured": row.measured,
        "sampled": row.sampled,
        "already_quantized": row.quantized or None,
        "note": row.note or None,
        "formats": [_format(measure) for measure in row.measures],
    }


def _format(measure: Measure) -> dict[str, Any]:
    shape = measure.histogram
    histogram = {"edges": shape.edges.tolist(), "counts": shape.counts.tolist()} if shape is not None else None
    return _figures(measure) | {"histogram": histogram}


def picture(result: ErrorsResult, width: int, glyphs: Glyphs) -> Picture:
    """The histogram and the figures of all rows together, and for a file a line a tensor."""
    from qtui.cli.errors_report import report

    return report(result, width, glyphs)


COMMAND = Command(
    scenario=ErrorsScenario,
    epilog=EPILOG,
    solve=solve,
    json_object=json_object,
    picture=picture,
    outputs=(Output("--csv", "print comma-separated values, a line a tensor and format", csv_text),),
)
