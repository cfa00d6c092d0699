"""`qtui errors`: what formats cost on seeded numbers, a tensor, or a whole model file."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from qtui.cli.command import Command, Output
from qtui.cli.output import comma_separated
from qtui.draw.errors.against import against_report, against_sentence
from qtui.draw.errors.report import report
from qtui.draw.errors.spoken import facts
from qtui.draw.errors.words import sentence as words
from qtui.draw.glyphs import UNICODE, Glyphs
from qtui.draw.picture import Picture
from qtui.scenario.base import Scenario
from qtui.scenario.errors.against import solve as against
from qtui.scenario.errors.against.json import csv_rows as against_rows
from qtui.scenario.errors.against.json import json_object as against_json
from qtui.scenario.errors.against.result import AgainstResult
from qtui.scenario.errors.json import csv_rows, json_object
from qtui.scenario.errors.result import ErrorsResult
from qtui.scenario.errors.scenario import ErrorsScenario
from qtui.scenario.errors.solve import solve
from qtui.scenario.progress import Progress

EPILOG = """examples:
  qtui errors                                        Q4_0, Q4_K and Q8_0 on a bell curve
  qtui errors --dist outliers -f Q4_0 -f nf4
  qtui errors model.safetensors                      every tensor, and all of them together
  qtui errors model.gguf --tensor blk.0.attn_q.weight --unit steps
  qtui errors model.gguf --csv > errors.csv
  qtui errors model-Q4_K_M.gguf --against ./original   what this very file lost, tensor by tensor

The figures of a file are those of the matrices that llama-quantize would quantize, each by its size; the other
tensors stand below. Where rows are no whole blocks, ^ marks the type that llama-quantize falls back to."""


Result = ErrorsResult | AgainstResult


def compares(scenario: ErrorsScenario) -> bool:
    """Whether two files are compared."""
    return bool(scenario.against) or scenario.view == "against"


def solved(scenario: ErrorsScenario, progress: Progress) -> Result:
    """What formats cost on the scenario's data, or what its file lost against another."""
    return against.solve(scenario, progress) if compares(scenario) else solve(scenario, progress)


def as_json(result: Result) -> dict[str, Any]:
    """The answer as JSON."""
    return against_json(result) if isinstance(result, AgainstResult) else json_object(result)


def picture(result: Result, width: int, glyphs: Glyphs) -> Picture:
    """The answer as rows of text."""
    if isinstance(result, AgainstResult):
        return against_report(result, width, glyphs)
    return report(result, width, glyphs)


def csv_text(result: Result) -> str:
    """A line a tensor and format, or a pair of tensors."""
    return comma_separated(against_rows(result) if isinstance(result, AgainstResult) else csv_rows(result))


def app_scenario(scenario: ErrorsScenario) -> Scenario:
    """The pane's state."""
    return replace(scenario, view="against") if scenario.against else scenario


def sentence(result: Result) -> str:
    """What the view shows."""
    return against_sentence(result, UNICODE) if isinstance(result, AgainstResult) else words(result, UNICODE)


COMMAND = Command(
    scenario=ErrorsScenario,
    epilog=EPILOG,
    solve=solved,
    json_object=as_json,
    picture=picture,
    app_scenario=app_scenario,
    outputs=(Output("--csv", "print comma-separated values, a line a tensor and format", csv_text),),
    sentence=sentence,
    spoken=facts,
)
