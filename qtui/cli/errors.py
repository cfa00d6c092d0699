"""`qtui errors`: what formats cost on seeded numbers, a tensor, or a whole model file."""

from __future__ import annotations

import argparse
import csv
import sys

from qtui.cli.reporting import reporting
from qtui.draw.errors.report import report as picture
from qtui.scenario.errors.json import csv_rows, json_object
from qtui.scenario.errors.result import ErrorsResult
from qtui.scenario.errors.scenario import ErrorsScenario
from qtui.scenario.errors.solve import solve as solve_errors
from qtui.scenario.progress import Progress

__all__ = ["EPILOG", "SCENARIO", "json_object", "picture", "solve"]

SCENARIO = ErrorsScenario
EPILOG = """examples:
  qtui errors                                        Q4_0, Q4_K and Q8_0 on a bell curve
  qtui errors --data outliers -f Q4_0 -f nf4
  qtui errors model.safetensors                      every tensor, and all of them together
  qtui errors model.gguf --tensor blk.0.attn_q.weight --unit steps
  qtui errors model.gguf --csv > errors.csv"""


def solve(scenario: ErrorsScenario, progress: Progress) -> ErrorsResult:
    """Measure; on a terminal, long work says on stderr how far it is."""
    with reporting(progress, sys.stderr) as reported:
        return solve_errors(scenario, reported)


def extra_arguments(parser: argparse.ArgumentParser) -> None:
    """Further ways to print."""
    parser.add_argument("--csv", action="store_true", help="print comma-separated values, a line a tensor and format")


def extra_output(args: argparse.Namespace, scenario: ErrorsScenario, result: ErrorsResult) -> int | None:
    """CSV, where that is asked for."""
    if not args.csv:
        return None
    csv.writer(sys.stdout, lineterminator="\n").writerows(csv_rows(result))
    return 0
