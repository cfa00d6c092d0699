"""Parameters of vision towers, for the layouts that published models use.

A tower is a dict with `kind`, `depth`, `hidden`, `intermediate` and the fields that its layout reads; the counts are
those of the checkpoints' own tensors (transformers' modelling files name them).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def _linear(inputs: int, outputs: int, bias: bool = True) -> int:
    return inputs * outputs + (outputs if bias else 0)


def _block(h: int, i: int) -> int:
    """A pre-norm transformer block with biases: two LayerNorms, q, k, v, o, and a two-layer MLP."""
    return 4 * h + 4 * _linear(h, h) + _linear(h, i) + _linear(i, h)


def _qwen(v: Mapping[str, Any]) -> int:
    h, merged = v["hidden"], v["hidden"] * v["merge"] ** 2
    patches = 3 * v["temporal_patch"] * v["patch"] ** 2 * h + h + v["positions"] * h
    merger = _linear(merged, merged) + _linear(merged, v["out"])
    return (
        patches
        + v["depth"] * _block(h, v["intermediate"])
        + 2 * h
        + merger
        + v.get("deepstack", 0) * (2 * merged + merger)
    )


def _siglip(v: Mapping[str, Any]) -> int:
    h = v["hidden"]
    patches = 3 * v["patch"] ** 2 * h + h + v["positions"] * h
    return patches + v["depth"] * _block(h, v["intermediate"]) + 2 * h + h * v["out"] + h


def _gemma4(v: Mapping[str, Any]) -> int:
    h = v["hidden"]
    block = 4 * h + 4 * h * h + 2 * v["head_dim"] + 3 * h * v["intermediate"]
    block += 28 if v.get("clipped_linears") else 0
    count = 3 * v["patch"] ** 2 * h + 2 * v["positions"] * h + v["depth"] * block + h * v["out"]
    return count + (2 * h if v.get("standardize") else 0)


def _pixtral(v: Mapping[str, Any]) -> int:
    h = v["hidden"]
    block = 2 * h + 4 * h * h + 3 * h * v["intermediate"]
    projector = h + h * v["merge"] ** 2 * h + h * v["out"] + v["out"] ** 2
    return 3 * v["patch"] ** 2 * h + h + v["depth"] * block + projector


def _llama4(v: Mapping[str, Any]) -> int:
    h = v["hidden"]
    count = 3 * v["patch"] ** 2 * h + h + v["positions"] * h + 4 * h + v["depth"] * _block(h, v["intermediate"])
    adapter = v["intermediate"] * v["adapter_in"] + v["adapter_in"] * v["adapter_out"]
    return count + adapter + v["adapter_out"] * v["out"]


def _moonvit(v: Mapping[str, Any]) -> int:
    h, merged = v["hidden"], v["hidden"] * v["merge"] ** 2
    patches = 3 * v["patch"] ** 2 * h + h + v["positions"] * h
    projector = 2 * h + _linear(merged, merged) + _linear(merged, v["out"])
    return patches + v["depth"] * _block(h, v["intermediate"]) + 2 * h + projector


LAYOUTS = {
    "qwen3_vl": _qwen,
    "qwen3_5": _qwen,
    "siglip_gemma3": _siglip,
    "gemma4": _gemma4,
    "pixtral_mistral3": _pixtral,
    "llama4": _llama4,
    "moonvit3d": _moonvit,
}


def tower_parameters(v: Mapping[str, Any]) -> int:
    """Parameters of the tower `v`. Raises ValueError for a layout that isn't known."""
    if v["kind"] not in LAYOUTS:
        raise ValueError(f"no vision tower is called {v['kind']!r}; known are {', '.join(LAYOUTS)}")
    return LAYOUTS[v["kind"]](v) + int(v.get("extra", 0))
