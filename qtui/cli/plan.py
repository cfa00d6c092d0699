"""`qtui plan`: a format for each tensor of a model file that fits a size, written for llama-quantize."""

from __future__ import annotations

import argparse
import os

from qtui.cli.command import Command, Output
from qtui.cli.output import comma_separated
from qtui.draw.frame import sentence as wrapped_sentence
from qtui.draw.glyphs import Glyphs
from qtui.draw.picture import Picture, crop, line, text
from qtui.draw.plan.views import facts, frontier_of, headline, plan_facts, plan_sentence, quality, role_table
from qtui.draw.units import decimal
from qtui.paths import write_atomically
from qtui.scenario.base import UserError
from qtui.scenario.plan.json import csv_rows, json_object
from qtui.scenario.plan.result import PlanResult
from qtui.scenario.plan.scenario import PlanScenario
from qtui.scenario.plan.solve import solve
from qtui.scenario.plan.write import commands, file_of_types, type_lines, types_file

ROWS = 16  # of the frontier
EPILOG = """examples:
  qtui plan model-bf16.gguf --size 6GiB              the least error in 6 GiB, beside llama.cpp's mixes
  qtui plan model-bf16.gguf --fit 32k                what fits this machine with 32,768 tokens of context
  qtui plan model-bf16.gguf --size 6GiB --imatrix imatrix.gguf --out types.txt
  qtui plan model-bf16.gguf --set ffn_down=Q6_K --set token_embd=Q8_0 --json

The objective is the mean over weights of each tensor's error relative to its signal, with --imatrix the error of its
outputs. It is minimised by Lagrange multipliers, and how far from the best the answer can be is printed."""


def types_text(result: PlanResult) -> str:
    """The lines for llama-quantize."""
    return "\n".join(type_lines(result))


def write_types(args: argparse.Namespace, result: PlanResult) -> None:
    """The lines for llama-quantize, to the file that `--out` names."""
    out = result.scenario.out
    if out:
        try:
            write_atomically(out, file_of_types(result))
        except OSError as error:
            raise UserError(f"can't write {out}: {error.strerror}") from None


def csv_text(result: PlanResult) -> str:
    """A line a tensor."""
    return comma_separated(csv_rows(result))


def picture(result: PlanResult, width: int, glyphs: Glyphs) -> Picture:
    """The frontier, the roles with their types, and the command; as wide as `width`, but commands are never cut."""
    name = os.path.basename(os.path.normpath(result.model.path))
    rows = [
        line((f"plan for {name}", "strong")),
        *plan_facts(result, width),
        line(),
        *frontier_of(result, width, ROWS, glyphs),
        *wrapped_sentence(plan_sentence(result), width, glyphs=glyphs),
        line(),
        *role_table(result, width, glyphs),
    ]
    if result.kept:
        rows.append(line((f"{result.kept} norms, biases and other small tensors stay as they are", "dim")))
    cut = [crop(row, width, glyphs.ellipsis) for row in rows]
    file = types_file(result)
    cut += [line(), line((f"with {file}:" if result.scenario.out else f"after `--out {file}`:", "label"))]
    return (*cut, *(line(text) for text in commands(result, file)), line())


def sentence(result: PlanResult) -> str:
    """What the plan gives, and what to see in its picture."""
    gives = text((headline(result),)).strip().replace("   ", ", ")
    return f"{gives}. {plan_sentence(result, drawn=False)}"


def spoken(result: PlanResult) -> list[str]:
    """What `--plain` says after the first sentence: the size, a sentence a role, the mixes, the commands."""
    lines = [f"{name}: {value}" for name, value in facts(result)]
    for row in result.roles:
        types = ", ".join(f"{kind} for {count}" if len(row.types) > 1 else kind for kind, count in row.types)
        hand = ", by hand" if row.by_hand else ""
        lines.append(f"{row.key}: {decimal(row.nbytes)}, {quality(row.sqnr_db)}, {types}{hand}")
    lines += [f"{result.kept} norms, biases and other small tensors stay as they are"] if result.kept else []
    lines += [
        f"mix {mix.name}: {decimal(mix.nbytes)}, {quality(mix.sqnr_db)}"
        for mix in sorted(result.mixes, key=lambda mix: mix.nbytes)
    ]
    file = types_file(result)
    lines += [f"then: {command}" for command in commands(result, file)]
    return [*lines, *result.warnings]


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
    before_printing=write_types,
    sentence=sentence,
    spoken=spoken,
)
