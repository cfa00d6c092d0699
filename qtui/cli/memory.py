"""`qtui mem`: memory a model needs, and whether this machine has it.

Its drawing is imported where something is drawn, so that `--json` starts at once.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from qtui.cli.command import Command, Listing, Output
from qtui.cli.output import comma_separated
from qtui.scenario.base import UserError
from qtui.scenario.memory.json import buy_object, here_object, json_object, machines_object
from qtui.scenario.memory.result import BuyResult, HereResult, MemoryResult
from qtui.scenario.memory.scenario import MemoryScenario
from qtui.scenario.memory.solve import solve_with_plans

if TYPE_CHECKING:
    from qtui.draw.glyphs import Glyphs
    from qtui.draw.picture import Picture
    from qtui.scenario.progress import Progress

AnyResult = MemoryResult | HereResult | BuyResult
EPILOG = """examples:
  qtui mem Qwen3-8B                               as published
  qtui mem qwen3 8b -f Q4_K_M -c 32k              llama.cpp's mix, 32,768 tokens of context
  qtui mem gpt-oss-20b --kv-type q8_0/q4_0 -n 4   quantized cache, four sequences
  qtui mem model.gguf --vram 24GB                 a file, read by its header
  qtui mem Qwen/Qwen3-8B-GGUF --hub               a repository on the Hub, by its headers
  qtui mem 80B -f int4                            only the number of parameters is known
  qtui mem Qwen3-8B,gemma-3-12b -f Q4_K_M,Q8_0    compared in one table
  qtui mem DeepSeek-V3 --machine "8x H200" --fits && echo yes
  qtui mem Qwen3-8B --train qlora -c 4k --batch 2  what fine-tuning takes
  qtui mem Qwen3-32B --buy --ctx 32k --min-speed 20
  qtui mem --here --for code --min-context 32k --min-speed 10 --machine "M1 Max 32GB"
  qtui mem --arch layers=32,hidden=4096,heads=32,kv=8,ffn=14336,vocab=128256"""


# Options of llama.cpp that people paste, and qtui's equivalents.
LLAMA = {
    ("-ngl", "--gpu-layers", "--n-gpu-layers"): "how many layers a card holds is worked out here; leave it out",
    ("-fa", "--flash-attn"): "flash attention is on here, and --no-flash goes without it",
    ("-ctk", "-ctv", "--cache-type-k", "--cache-type-v"): "write --kv-type for keys and values, as in q8_0/q4_0",
    ("-m", "--model"): "a file is named without an option",
    ("-hf", "--hf-repo"): "a model is named without an option, its format with --format",
}


class _Llama(argparse.Action):
    """Answers an option of llama.cpp with the option of qtui that does the same."""

    def __call__(self, parser: argparse.ArgumentParser, _read: Any, _value: Any, flag: str | None = None) -> None:
        parser.error(f"{flag} is llama.cpp's: {self.metavar}")


def _llama_options(parser: argparse.ArgumentParser) -> None:
    for flags, what in LLAMA.items():
        parser.add_argument(*flags, action=_Llama, nargs="?", metavar=what, dest="llama", help=argparse.SUPPRESS)


def solve_any(scenario: MemoryScenario, progress: Progress) -> AnyResult:
    """The estimate; with --here the models that run, with --buy the machines that one runs on."""
    if scenario.here and scenario.buy:
        raise UserError("--here lists models and --buy machines; ask for one of them")
    if scenario.here:
        from qtui.scenario.memory.here import solve_here

        return solve_here(scenario, progress)
    if scenario.buy:
        from qtui.scenario.memory.buy import solve_buy

        return solve_buy(scenario, progress)
    return solve_with_plans(scenario, progress)


def object_of(result: AnyResult) -> Any:
    """The Result as plain values for JSON: an object, or a list of models or machines."""
    if isinstance(result, HereResult):
        return here_object(result)
    return buy_object(result) if isinstance(result, BuyResult) else json_object(result)


def csv_text(result: AnyResult) -> str:
    """Comma-separated values: with --here a line a model, with --buy a machine, else a model and format."""
    if isinstance(result, MemoryResult):
        return _csv_of_one(result)
    listed = object_of(result)
    names: tuple[str, ...] = ("machine", "kind", "memory_bytes")
    if isinstance(result, HereResult):
        names = ("model", "parameters", "released", "licence", "kinds")
        listed = [row | {"kinds": " ".join(row["kinds"])} for row in listed]
    keys = ("format", "kv_type", "context", "total_bytes", "fits", "kld_mean")
    rows = []
    for row in listed:
        plan, speed = row["plan"], row["plan"]["tokens_per_second"] or {}
        first = [*(row[name] for name in names), *(plan[key] for key in keys)]
        rows.append([*first, speed.get("low"), speed.get("high"), plan["command"]])
    return comma_separated([(*names, *keys, "low", "high", "command"), *rows])


def _csv_of_one(result: MemoryResult) -> str:
    keys = ("model", "format", "context", "weights_bytes", "kv_cache_bytes", "total_bytes", "fits", "max_context")
    values = json_object(result)
    rows = [values, *values.get("compared", ())]
    return comma_separated([keys, *([row[key] for key in keys] for row in rows)])


def fits_status(result: AnyResult) -> int:
    """0 where everything fits, else 1."""
    if not isinstance(result, MemoryResult):
        return 0 if result.rows else 1
    if result.training:
        return 0 if result.training[0].fits else 1
    return 0 if all(one.fits for one in (result, *result.others)) else 1


def verdicts(result: AnyResult) -> str:
    """A line a model and format: whether it fits, and the doubt where its family isn't known."""
    if isinstance(result, HereResult):
        return "\n".join(row.model for row in result.rows)
    if isinstance(result, BuyResult):
        return "\n".join(row.machine for row in result.rows)
    from qtui.draw.memory.text import family_doubt, training_text, verdict_text

    if result.training:
        return training_text(result.training[0])

    return "\n".join(
        f"{one.model.name} {one.format}: {verdict_text(one)}{family_doubt(one)}" for one in (result, *result.others)
    )


def markdown(result: AnyResult) -> str:
    """A Markdown table."""
    if not isinstance(result, MemoryResult):
        raise UserError("--here and --buy print a table, --json or --csv")
    from qtui.draw.memory import report

    return report.markdown(result)


def machines_text() -> str:
    """A line a machine."""
    from qtui.draw.memory.buy import machines_table

    return machines_table()


def picture(result: AnyResult, width: int, glyphs: Glyphs) -> Picture:
    """One model: the whole estimate. Several: a table."""
    if isinstance(result, BuyResult):
        from qtui.draw.memory.buy import asked, buy

        return (*asked(result, width, glyphs), (), *buy(result, width, glyphs))
    if isinstance(result, HereResult):
        from qtui.draw.memory.here import here, runs_on

        return (*runs_on(result, width, glyphs), (), *here(result, width, glyphs))
    from qtui.draw.memory.report import report
    from qtui.scenario.memory.choices import across_contexts, with_choices, with_lesson

    return report(across_contexts(result) if result.others else with_lesson(with_choices(result)), width, glyphs)


def sentence(result: AnyResult) -> str:
    """The verdict of each model and format; how many run here, or how many machines run it."""
    if isinstance(result, MemoryResult):
        return verdicts(result).replace("\n", "; ")
    if isinstance(result, BuyResult):
        return f"{len(result.rows)} of {result.tried} machines and cards run it"
    return f"{len(result.rows)} of {result.tried} models of the catalogue run here"


def spoken(result: AnyResult) -> list[str]:
    """What `--plain` says after the verdict."""
    from qtui.draw.memory import prose

    if isinstance(result, HereResult):
        return prose.models(result)
    if isinstance(result, BuyResult):
        return prose.machines(result)
    from qtui.scenario.memory.choices import across_contexts, with_choices, with_lesson

    result = across_contexts(result) if result.others else with_choices(result)
    return prose.estimate(with_lesson(result) if result.scenario.view == "speed" else result)


COMMAND = Command(
    scenario=MemoryScenario,
    epilog=EPILOG,
    solve=solve_any,
    json_object=object_of,
    picture=picture,
    outputs=(
        Output("--markdown", "print a Markdown table", markdown),
        Output("--csv", "print comma-separated values", csv_text),
        Output("--fits", "exit with 0 where all of it fits, else with 1", verdicts, fits_status, exclusive=False),
    ),
    listings=(Listing("--machines", "list the machines that --machine knows", machines_text, machines_object),),
    extra_arguments=_llama_options,
    sentence=sentence,
    spoken=spoken,
)
