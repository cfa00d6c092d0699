"""The answers of the Memory and Bits panes: `memory` and `bits`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from qtui.error import QtuiError, check_type


def memory(
    model: str | os.PathLike[str] | Sequence[str],
    *,
    format: str = "native",
    context: int | str = 8192,
    kv_type: str = "f16",
    sequences: int = 1,
    machine: str = "",
) -> dict[str, Any]:
    """The memory that a model needs, and whether a machine has it: the object that `qtui mem --json` prints.

    model: a name of the catalogue or a telling part of it ("Qwen3-8B"), the path of a GGUF or safetensors file, of a
        directory or a config.json, or a number of parameters ("8B"). Several are compared: see `compared`.
    format: "native" (as published), one of llama.cpp's mixes ("Q4_K_M", "Q4_K_M:imatrix") or any storage format.
    context: tokens, shared by all sequences; "32k", "1m" and "max" are understood.
    kv_type: the format of the KV cache, "f16" or "q8_0", or one for keys and one for values ("q8_0/q4_0").
    sequences: sequences at once, 1 to 4096.
    machine: a machine to assume ("RTX 4090", "8x H100"); this machine where it is empty.

    Sizes are bytes: `weights_bytes`, `kv_cache_bytes`, `state_bytes`, `compute_bytes`, `total_bytes`,
    `available_bytes`; `fits` and `max_context` answer; `terms` holds each sum with its formula and, where it is an
    estimate, why.

    Raises QtuiError or ValueError for a model, format, cache type or machine that isn't known, TypeError for what is
    no text where text is asked for.
    Sources: llama.cpp, vLLM and MLX, as `qtui/compute/memory/` names them.
    """
    from qtui.scenario.memory.json import json_object
    from qtui.scenario.memory.scenario import MemoryScenario, amount, tokens
    from qtui.scenario.memory.solve import solve_with_plans

    check_type(model, (str, os.PathLike, Sequence), "model", "the name or path of a model, or a sequence of them")
    check_type(format, str, "format", "the name of a format")
    check_type(context, (int, str), "context", "a number of tokens, or text such as '32k'")
    check_type(kv_type, str, "kv_type", "the name of a cache format")
    check_type(sequences, int, "sequences", "a whole number")
    check_type(machine, str, "machine", "the name of a machine, or empty for this one")
    names = (os.fspath(model),) if isinstance(model, (str, os.PathLike)) else _joined(model)
    scenario = MemoryScenario(
        model=names,
        format=format,
        ctx=tokens(str(context)),
        kv_type=kv_type,
        seqs=amount(1, 4096)(str(sequences)),
        machine=machine,
    )
    return json_object(solve_with_plans(scenario))


def _joined(models: Sequence[str]) -> tuple[str, ...]:
    for name in models:
        check_type(name, str, "model", "a sequence of names")
    return (",".join(models),)


def bits(value: float | str, format: str = "float32") -> dict[str, Any]:
    """A value in a number format, bit by bit: the object that `qtui bits --json` prints.

    value: text as the Bits pane takes it ("0.1", "1/3", "2**-14", "0x1.8p-3", "nan", or a code: "0x3dcc", "0b0101",
        "#15820"), or a number, which is taken as the shortest decimal that Python writes for it.
    format: a name ("float16", "bfloat16", "float8_e4m3fn", "int8", "nf4") or a design
        ("float:e=4,m=3,bias=7,special=fn").

    `code` and `bits` are what is stored, as text; `value`, `ulp`, `previous` and `next` are exact decimals, as text;
    errors are numbers, None where they are infinite; `all` holds the same value in every format.

    Raises QtuiError for text that is no value, or a format that holds no single numbers; TypeError for a format that
    is no text.
    Sources: IEEE 754-2019, OCP OFP8 and MX 1.0, as `qtui/compute/floats/table.py` names them.
    """
    from qtui.scenario.bits.json import json_object
    from qtui.scenario.bits.plots import solve_all
    from qtui.scenario.bits.scenario import BitsScenario

    check_type(format, str, "format", "the name of a number format")
    if not isinstance(value, str):
        try:
            value = repr(value if isinstance(value, int) else float(value))
        except (TypeError, ValueError):
            raise QtuiError(f"value is a number or text, not {type(value).__name__}") from None
    return json_object(solve_all(BitsScenario(value=value, format=format)))
