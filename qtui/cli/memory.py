"""`qtui mem`: memory a model needs, and whether this machine has it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from qtui.cli.output import write, write_json
from qtui.scenario.memory.result import GROUPS, MemoryResult
from qtui.scenario.memory.scenario import MemoryScenario, solve

if TYPE_CHECKING:
    from qtui.draw.glyphs import Glyphs
    from qtui.draw.picture import Picture

__all__ = ["EPILOG", "SCENARIO", "extra_arguments", "extra_output", "json_object", "picture", "solve"]

SCENARIO = MemoryScenario
EPILOG = """examples:
  qtui mem Qwen3-8B                               as published
  qtui mem qwen3 8b -f Q4_K_M -c 32k              llama.cpp's mix, 32,768 tokens of context
  qtui mem gpt-oss-20b --kv-type q8_0/q4_0 -n 4   quantized cache, four sequences
  qtui mem model.gguf --vram 24GB                 a file, read by its header
  qtui mem Qwen/Qwen3-8B-GGUF --hub               a repository on the Hub, by its headers
  qtui mem 80B -f int4                            only the number of parameters is known
  qtui mem Qwen3-8B,gemma-3-12b -f Q4_K_M,Q8_0    compared in one table
  qtui mem DeepSeek-V3 --machine "8x H200" --fits && echo yes
  qtui mem --arch layers=32,hidden=4096,heads=32,kv=8,ffn=14336,vocab=128256"""


def extra_arguments(parser: argparse.ArgumentParser) -> None:
    """Ways to show it that are no part of the Scenario."""
    group = parser.add_argument_group("for scripts")
    group.add_argument("--fits", action="store_true", help="exit with 0 where all of it fits, else with 1")
    group.add_argument("--markdown", action="store_true", help="print a Markdown table")
    group.add_argument("--machines", action="store_true", help="list the machines that --machine knows")


def extra_output(args: argparse.Namespace, scenario: MemoryScenario, result: MemoryResult) -> int | None:
    """Print as --markdown or --fits ask; None leaves it to the dispatcher."""
    if args.machines:
        return _machines()
    status = 0 if all(one.fits for one in (result, *result.others)) else 1
    if args.markdown:
        from qtui.draw.memory.text import markdown

        write(markdown(result))
        return status if args.fits else 0
    if not args.fits:
        return None
    if args.json:
        write_json(json_object(result))
    else:
        from qtui.draw.memory.text import verdict_text

        for one in (result, *result.others):
            write(f"{one.model.name} {one.format}: {verdict_text(one)}")
    return status


def _machines() -> int:
    from qtui.draw.units import binary
    from qtui.models.machine.list import MACHINES

    for machine in MACHINES:
        card = f"{len(machine.gpus)} × {binary(machine.gpus[0].total)} card" if machine.gpus else ""
        memory = f"{binary(machine.ram_total)} shared" if machine.unified else f"{binary(machine.ram_total)} RAM"
        rate = (machine.gpus[0].bandwidth if machine.gpus else machine.bandwidth) or 0
        write(f"{machine.name:<30} {card:<18} {memory:<18} {rate / 1e9:>6.0f} GB/s")
    return 0


def json_object(result: MemoryResult) -> dict[str, Any]:
    """The stable keys; `compared` holds the same for further models and formats."""
    found = _one(result)
    if result.others:
        found["compared"] = [_one(other) for other in result.others]
    return found


def _one(result: MemoryResult) -> dict[str, Any]:
    weights, need = result.bytes("weights"), result.need()
    speed, split = result.speed, result.offload
    return {
        "model": result.model.name,
        "source": result.model.source,
        "parameters": result.weights.parameters,
        "total_parameters": result.model.parameters,
        "format": result.format.partition(" (")[0],
        "native": result.format.endswith(")"),
        "weights_bytes": weights,
        "bits_per_weight": 8 * weights / max(1, result.weights.parameters),
        "context": result.use.context,
        "sequences": result.use.sequences,
        "kv_type": result.scenario.kv_type,
        "engine": result.use.engine,
        "kv_cache_bytes": result.bytes("kv"),
        "state_bytes": result.bytes("state"),
        "compute_bytes": result.bytes("compute"),
        "file_bytes": result.file_bytes,
        "repack_bytes": result.repacked.bytes if result.repacked else 0,
        "total_bytes": result.total,
        "available_bytes": result.budget.limit,
        "fits": result.fits,
        "spare_bytes": result.spare,
        "gpu_bytes": need.gpu if result.budget.gpu else None,
        "max_context": result.max_context,
        "model_context": result.model.context,
        "offload": split._asdict() if split else None,
        "tokens_per_second": [speed.low, speed.high] if speed else None,
        "machine": result.machine.name,
        "memory": {
            "ram_total": result.machine.ram_total,
            "ram_available": result.machine.ram_available,
            "ram_limit": result.machine.ram_limit,
            "unified": result.machine.unified,
            "gpus": [{"name": gpu.name, "total": gpu.total, "free": gpu.free} for gpu in result.machine.gpus],
            "bandwidth": result.machine.bandwidth,
        },
        "exact": result.exact,
        "terms": [
            {"name": term.name, "group": group, "formula": term.formula, "bytes": term.bytes, "estimate": term.why}
            for wanted in GROUPS
            for group, term in result.terms
            if group == wanted
        ],
        "extras": [{"name": name, "parameters": count, "bytes": size} for name, count, size in result.extras],
        "notes": list(result.notes),
    }


def picture(result: MemoryResult, width: int, glyphs: Glyphs) -> Picture:
    """One model: the whole estimate. Several: a table."""
    from qtui.draw.memory.report import comparison, report

    return comparison(result, width, glyphs) if result.others else report(result, width, glyphs)
