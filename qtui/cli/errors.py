"""`qtui errors`: what formats cost on seeded numbers, a tensor, or a whole model file."""

from __future__ import annotations

from qtui.cli.command import Command, Output
from qtui.cli.output import comma_separated
from qtui.draw.errors.report import report
from qtui.scenario.errors.json import csv_rows, json_object
from qtui.scenario.errors.result import ErrorsResult
from qtui.scenario.errors.scenario import ErrorsScenario
from qtui.scenario.errors.solve import solve

EPILOG = """examples:
  qtui errors                                        Q4_0, Q4_K and Q8_0 on a bell curve
  qtui errors --data outliers -f Q4_0 -f nf4
  qtui errors model.safetensors                      every tensor, and all of them together
  qtui errors model.gguf --tensor blk.0.attn_q.weight --unit steps
  qtui errors model.gguf --csv > errors.csv

The figures of a file are those of the matrices that llama-quantize would quantize, each by its size; the other
tensors stand below. Where rows are no whole blocks, ^ marks the type that llama-quantize falls back to."""


def csv_text(result: ErrorsResult) -> str:
    """A line a tensor and format."""
    return comma_separated(csv_rows(result))


COMMAND = Command(
    scenario=ErrorsScenario,
    epilog=EPILOG,
    solve=solve,
    json_object=json_object,
    picture=report,
    outputs=(Output("--csv", "print comma-separated values, a line a tensor and format", csv_text),),
)
