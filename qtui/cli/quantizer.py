"""`qtui quantize`: numbers in a storage format, what is stored, what comes back, and what was lost."""

from __future__ import annotations

from typing import Any

from qtui.cli.command import Command
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture
from qtui.scenario.base import UserError
from qtui.scenario.progress import Progress
from qtui.scenario.quantizer import scenario as quantize
from qtui.scenario.quantizer.scenario import QuantizerResult, QuantizerScenario, Scheme

MOST_VALUES = 4096
EPILOG = """examples:
  qtui quantize                                     six numbers at 4 bits, two ways
  qtui quantize 0.1 -0.2 0.7 --format int4 --show table
  qtui quantize --dist outliers --format Q4_0 --format Q4_K
  qtui quantize --dist superweight --format int8 --show outlier
  qtui quantize --in w.npy --format Q4_K --out-bytes w.q4k --out back.npy
  qtui quantize model.safetensors --tensor NAME --row 3 --format nf4"""


def solve(scenario: QuantizerScenario, progress: Progress) -> QuantizerResult:
    """The Result; the files that `scenario` asks for are written on the way."""
    if not (scenario.out or scenario.out_bytes):
        return quantize.solve(scenario, progress)
    if len(scenario.format) != 1:
        raise UserError("files are written in one format; name it with a single --format")
    if scenario.out_bytes and scenario.keep:
        raise UserError("a format's bytes have no place for weights kept apart; leave out --keep or --out-bytes")
    from qtui.scenario.quantizer.files import FileSink

    with FileSink(scenario.out, scenario.out_bytes) as sink:
        return quantize.solve(scenario, progress, sink)


def json_object(result: QuantizerResult) -> dict[str, Any]:
    """The first scheme's numbers; with several schemes also `schemes`, a list of the same for each."""
    first = {"numbers": result.title, "rows": result.rows, "columns": result.columns}
    first |= _scheme(result.schemes[0], result.count)
    first |= _extra(result)
    if result.notes:
        first["notes"] = list(result.notes)
    if len(result.schemes) > 1:
        first["schemes"] = [_scheme(each, result.count) for each in result.schemes]
    return first


def _extra(result: QuantizerResult) -> dict[str, Any]:
    """What the chosen view adds: the sweep, the outlier's story, the smart methods, the network's outputs."""
    found: dict[str, Any] = {}
    if result.sweep:
        found["sweep"] = [
            {
                "format": sweep.label,
                "points": [
                    {"block": p.block, "bits_per_weight": p.bits, "rmse": p.stats.rmse, "sqnr_db": p.stats.sqnr_db}
                    for p in sweep.points
                ],
            }
            for sweep in result.sweep
        ]
    if result.rescue is not None:
        found["outlier"] = [
            {
                "case": case.name,
                "format": case.spec,
                "scale": case.scale,
                "lost_to_zero": case.collapsed,
                "mean_rel_error_of_others": case.others,
                "rmse_of_others": case.rmse,
                "mean_rel_error": case.everything,
                "bits_per_weight": case.bits,
            }
            for case in result.rescue.cases
        ]
    if result.smart is not None:
        found["smart"] = [
            {
                "method": row.name,
                "bits_per_weight": row.bits,
                "rmse": row.stats.rmse,
                "output_error": row.output_error,
            }
            for row in result.smart.table
        ]
    if result.drift is not None:
        found["network"] = {
            "layers": list(result.drift.exact.net.layers),
            "parameters": result.drift.exact.net.parameters,
            "output": result.drift.exact.output,
            "stored_outputs": [run.output for run in result.drift.stored],
        }
    return found


def _scheme(scheme: Scheme, count: int) -> dict[str, Any]:
    stored, stats = scheme.stored, scheme.stats
    found: dict[str, Any] = {
        "format": scheme.format.name,
        "count": count,
        "bits_per_weight": scheme.bits_per_weight,
        "bytes": scheme.nbytes,
        "block_size": scheme.format.block_size,
        "group_size": stored.group,
    }
    for name, values in (("scale", stored.scale), ("zero_point", stored.zero_point), ("minimum", stored.minimum)):
        if values is not None:
            found[name] = (
                _plain(name, values[0]) if len(values) == 1 else [_plain(name, v) for v in values[:MOST_VALUES]]
            )
    found |= {
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
        found["kept"] = [int(i) for i in stored.kept[:MOST_VALUES]]
    return found


def _plain(name: str, value: float) -> int | float:
    """A zero point as the whole number that it is in most formats."""
    return int(value) if name == "zero_point" and float(value).is_integer() else float(value)


def picture(result: QuantizerResult, width: int, glyphs: Glyphs) -> Picture:
    """The scoreboard, the view that was asked for, and remarks."""
    from qtui.draw.quantizer.views import page

    return page(result, width, glyphs)


COMMAND = Command(
    scenario=QuantizerScenario,
    epilog=EPILOG,
    solve=solve,
    json_object=json_object,
    picture=picture,
)
