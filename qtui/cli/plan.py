"""`qtui plan`: a format for each tensor of a model file that fits a size, written for llama-quantize."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from qtui.cli.output import write, write_csv
from qtui.scenario.base import UserError
from qtui.scenario.plan.scenario import PlanResult, PlanScenario
from qtui.scenario.plan.scenario import solve as solve_plan
from qtui.scenario.progress import Progress

if TYPE_CHECKING:
    from qtui.draw.glyphs import Glyphs
    from qtui.draw.picture import Picture

__all__ = ["EPILOG", "SCENARIO", "json_object", "picture", "solve"]

SCENARIO = PlanScenario
EPILOG = """examples:
  qtui plan model-bf16.gguf --size 6GiB              the least error in 6 GiB, beside llama.cpp's mixes
  qtui plan model-bf16.gguf --fit 32k                what fits this machine with 32,768 tokens of context
  qtui plan model-bf16.gguf --size 6GiB --imatrix imatrix.gguf --out types.txt
  qtui plan model-bf16.gguf --set ffn_down=Q6_K --set token_embd=Q8_0 --json

The objective is the mean over weights of each tensor's error relative to its signal, with --imatrix the error of its
outputs. It is minimised by Lagrange multipliers, and how far from the best the answer can be is printed."""


def solve(scenario: PlanScenario, progress: Progress) -> PlanResult:
    """Measure and decide; on a terminal, long work says on stderr how far it is."""
    from qtui.cli.reporting import reporting

    with reporting(progress, sys.stderr) as told:
        return solve_plan(scenario, told)


def extra_arguments(parser: argparse.ArgumentParser) -> None:
    """Further outputs."""
    parser.add_argument("--out", default="", metavar="FILE", help="write NAME=TYPE lines for --tensor-type-file")
    parser.add_argument("--types", action="store_true", help="print only those lines")
    parser.add_argument("--csv", action="store_true", help="print comma-separated values, a line a tensor")


def extra_output(args: argparse.Namespace, scenario: PlanScenario, result: PlanResult) -> int | None:
    """The lines for llama-quantize, to a file or to stdout; CSV."""
    from qtui.scenario.plan.write import type_lines

    if args.out:
        try:
            with open(args.out, "w", encoding="ascii") as file:
                file.write("\n".join(type_lines(result)) + "\n")
        except (OSError, UnicodeEncodeError) as error:
            raise UserError(f"can't write {args.out}: {error}") from None
    if args.types:
        write("\n".join(type_lines(result)))
        return 0
    if args.csv:
        rows = [_tensor(result, index) for index in range(len(result.parts))]
        lines: list[list[Any]] = [[key for key in rows[0] if key != "sources"]]
        for row in rows:
            shape = "x".join(map(str, row["shape"]))
            lines.append([shape if key == "shape" else row[key] for key in lines[0]])
        write_csv(lines)
        return 0
    return None


def _tensor(result: PlanResult, index: int) -> dict[str, Any]:
    from qtui.compute.errors.moments import decibels

    part, option = result.parts[index], result.allocation.chosen[index]
    return {
        "name": part.name,
        "sources": list(part.sources),
        "shape": list(part.shape),
        "weights": part.weights,
        "format": option.format,
        "bytes": part.nbytes[option.format],
        "sqnr_db": decibels(float(part.weights), option.loss),
    }


def json_object(result: PlanResult) -> dict[str, Any]:
    """The plan, tensor by tensor, what it is compared with, and the command."""
    from qtui.scenario.plan.write import commands, default_file, type_lines

    return {
        "path": result.scenario.path,
        "budget_bytes": result.budget,
        "budget_reason": result.reason,
        "total_bytes": result.nbytes,
        "kept_bytes": result.kept,
        "bits_per_weight": 8 * result.nbytes / result.weights,
        "sqnr_db": result.sqnr_db,
        "noise": result.allocation.loss / result.measured.planned_weights,
        "optimality_gap": result.allocation.gap,
        "sampled": result.measured.sampled,
        "already_quantized": list(result.measured.quantized),
        "importance_tensors": result.measured.weighed,
        "tensors": [_tensor(result, index) for index in range(len(result.parts))],
        "mixes": [
            {"name": mix.name, "bytes": mix.nbytes, "sqnr_db": result.decibels(mix.loss)} for mix in result.mixes
        ],
        "frontier": [{"bytes": size, "sqnr_db": result.decibels(loss)} for size, loss in thinned(result)],
        "tensor_types": type_lines(result),
        "commands": commands(result, default_file(result)),
    }


def thinned(result: PlanResult, most: int = 200) -> list[tuple[int, float]]:
    """At most about `most` points of the frontier, ends included."""
    curve = result.frontier
    step = max(len(curve) // most, 1)
    return [*curve[:-1:step], curve[-1]]


def picture(result: PlanResult, width: int, glyphs: Glyphs) -> Picture:
    """The frontier, the roles with their types, and the command."""
    from qtui.cli.plan_report import report

    return report(result, width, glyphs)
