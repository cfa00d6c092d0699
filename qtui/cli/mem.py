"""`qtui mem`: memory a model needs, and whether this machine has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtui.scenario.mem import MemResult, MemScenario, solve

if TYPE_CHECKING:
    from qtui.draw.glyphs import Glyphs
    from qtui.draw.picture import Picture

__all__ = ["EPILOG", "SCENARIO", "json_object", "picture", "solve"]

SCENARIO = MemScenario
EPILOG = """examples:
  qtui mem Qwen3-8B                        as published
  qtui mem qwen3 8b -f Q4_K_M -c 32k       in llama.cpp's mix, 32,768 tokens of context
  qtui mem gpt-oss-20b --kv-type q8_0
  qtui mem 80B -f int4"""


def json_object(result: MemResult) -> dict[str, Any]:
    """The stable keys."""
    scenario = result.scenario
    weights = result.bytes("weights")
    return {
        "model": result.model.name,
        "parameters": result.parameters,
        "total_parameters": result.model.parameters,
        "format": result.format,
        "weights_bytes": weights,
        "bits_per_weight": 8 * weights / result.parameters,
        "context": scenario.ctx,
        "sequences": scenario.seqs,
        "kv_type": scenario.kv_type,
        "kv_cache_bytes": result.bytes("kv"),
        "state_bytes": result.bytes("state"),
        "compute_bytes": result.bytes("compute"),
        "total_bytes": result.total,
        "available_bytes": result.available,
        "fits": result.fits,
        "max_context": result.max_context,
        "model_context": result.model.context,
        "terms": [
            {"name": term.name, "group": group, "formula": term.formula, "bytes": term.bytes, "estimate": term.why}
            for group, term in result.terms
        ],
        "notes": list(result.model.notes),
    }


def picture(result: MemResult, width: int, glyphs: Glyphs) -> Picture:
    """Every term and the verdict."""
    from qtui.draw.memory import report

    return report(result, width, glyphs)
