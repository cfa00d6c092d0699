"""`qtui plan`: a format for each tensor of a model file that fits a size, written for llama-quantize."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from qtui.cli.command import Command, Output
from qtui.cli.output import comma_separated
from qtui.scenario.base import UserError
from qtui.scenario.plan.scenario import PlanResult, PlanScenario, solve
from qtui.scenario.plan.write import commands, default_file, type_lines

if TYPE_CHECKING:
    from qtui.draw.glyphs import Glyphs
    from qtui.draw.picture import Picture

EPILOG = """examples:
  qtui plan model-bf16.gguf --size 6GiB              the least error in 6 GiB, beside llama.cpp's mixes
  qtui plan model-bf16.gguf --fit 32k                what fits this machine with 32,768 tokens of context
  qtui plan model-bf16.gguf --size 6GiB --imatrix imatrix.gguf --out types.txt
  qtui plan model-bf16.gguf --set ffn_down=Q6_K --set token_embd=Q8_0 --json

The objective is the mean over weights of each tensor's error relative to its signal, with --imatrix the error of its
outputs. It is minimised by Lagrange multipliers, and how far from the best the answer can be is printed."""


def extra_arguments(parser: argparse.ArgumentParser) -> None:
    """A file to write."""
    parser.add_argument("--out", default="", metavar="FILE", help="write NAME=TYPE lines for --tensor-type-file")


def write_types(args: argparse.Namespace, result: PlanResult) -> None:
    """The lines for llama-quantize, to the file that `--out` names."""
    if args.out:
        try:
            with open(args.out, "w", encoding="ascii") as file:
                file.write(types_text(result) + "\n")
        except (OSError, UnicodeEncodeError) as error:
            raise UserError(f"can't write {args.out}: {error}") from None


def types_text(result: PlanResult) -> str:
    """The lines for llama-quantize."""
    return "\n".join(type_lines(result))


def csv_text(result: PlanResult) -> str:
    """A line a tensor."""
    rows = [_tensor(result, index) for index in range(len(result.parts))]
    lines: list[list[Any]] = [[key for key in rows[0] if key != "sources"]]
    for row in rows:
        shape = "x".join(map(str, row["shape"]))
        lines.append([shape if key == "shape" else row[key] for key in lines[0]])
    return comma_separated(lines)


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


COMMAND = Command(
    scenario=PlanScenario,
    epilog=EPILOG,
    solve=solve,
    json_object=json_object,
    picture=picture,
    outputs=(
        Output("--types", "print NAME=TYPE lines for --tensor-type-file", types_text),
        Output("--csv", "print comma-separated values, a line a tensor", csv_text),
    ),
    extra_arguments=extra_arguments,
    before_printing=write_types,
)
