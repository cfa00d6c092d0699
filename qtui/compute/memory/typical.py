"""What a model of a given size usually needs, where only its number of parameters is known.

Interpolated between dense models with grouped-query attention (Llama 3, whose sizes span the range). Real models lie
far on both sides: latent attention and sliding windows need a tenth of it, full multi-head attention eight times as
much.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, log

from qtui.compute.memory.mixes import MIXES
from qtui.compute.memory.recipes import Rates, recipe_of
from qtui.compute.memory.serving import Serving, Term, cells
from qtui.compute.memory.sizes import row_bytes, stored_bytes
from qtui.compute.memory.tensors import WeightTensor
from qtui.compute.memory.weights import StoredTensors, Weights, format_and_options, weigh

# Parameters, cached values per token, hidden size: Llama 3.2 1B and 3B, 3.1 8B, 70B and 405B.
_KNOWN = (
    (1_235_814_400, 16_384, 2048),
    (3_212_749_824, 57_344, 3072),
    (8_030_261_248, 65_536, 4096),
    (70_553_706_496, 163_840, 8192),
    (405_853_388_800, 258_048, 16384),
)
_VOCABULARY = 128_256
WHY = "only the number of parameters is known: a dense model with grouped-query attention is assumed"


def _between(count: int, pick: Callable[[tuple[int, int, int]], int]) -> int:
    """A value at `count` parameters, straight lines between the known ones in logarithms."""
    below = sum(known[0] < count for known in _KNOWN)
    i = min(max(below, 1), len(_KNOWN) - 1)
    low, high = _KNOWN[i - 1], _KNOWN[i]
    slope = log(pick(high) / pick(low)) / log(high[0] / low[0])
    return max(256, round(pick(low) * exp(slope * log(max(1, count) / low[0])) / 256) * 256)


# Llama 3.2 1B, 3.1 8B and 70B, whose share of embeddings tells what a mix comes to at their size.
_SHAPES = (
    (3 * 10**9, "Llama 3.2 1B", "layers=16,hidden=2048,heads=32,kv=8,ffn=8192,vocab=128256,tied=1"),
    (25 * 10**9, "Llama 3.1 8B", "layers=32,hidden=4096,heads=32,kv=8,ffn=14336,vocab=128256"),
    (1 << 80, "Llama 3.1 70B", "layers=80,hidden=8192,heads=64,kv=8,ffn=28672,vocab=128256"),
)


def typical_weights(count: int, spec: str) -> Weights:
    """`count` weights in the format `spec`; a mix as it comes out for a dense model of about that size.

    Raises ValueError for a format that isn't known.
    """
    recipe = recipe_of(spec)
    if isinstance(recipe, Rates):
        size = round(count * recipe.matrices / 8)
        return Weights(recipe.label, (_all(count, recipe.label, size),), f"only the number is known; {recipe.why}")
    name, options = format_and_options(recipe.base if recipe else spec, "bfloat16")
    if name in MIXES and "pure" not in options:
        from qtui.compute.memory.by_hand import parse_arch  # for mixes alone

        like, shape = next((like, shape) for below, like, shape in _SHAPES if count < below)
        model = weigh(parse_arch(shape), spec, "bfloat16")
        size = count * model.bytes // model.parameters
        why = f"only the number of parameters is known: bits per weight as this mix has in {like}"
    else:
        kind = "bfloat16" if name == "native" else MIXES.get(name, name)
        size = stored_bytes(kind, (1, count))
        why = "only the number of parameters is known: every weight is taken to be in this format"
        name = kind
    return Weights(recipe.label if recipe else name, (_all(count, name, size),), why)


def _all(count: int, kind: str, size: int) -> StoredTensors:
    return StoredTensors((None,), WeightTensor("all.weight", (1, count), "all"), kind, size)


def typical_terms(count: int, serving: Serving) -> list[tuple[str, Term]]:
    """KV cache and compute buffer that a model of `count` parameters usually has."""
    held, streams = cells(serving)
    half = _between(count, lambda known: known[1]) // 2
    k, v = row_bytes(serving.k_type, half), row_bytes(serving.v_type, half)
    text = (
        f"{held * streams:,} cells × (K {half:,} = {k:,} B {serving.k_type} + V {half:,} = {v:,} B {serving.v_type})"
    )
    hidden = _between(count, lambda known: known[2])
    logits = f"logits: ({_VOCABULARY:,} + 2 × {hidden:,}) × {serving.ubatch} tokens × 4 B"
    return [
        ("kv", Term("KV cache", text, held * streams * (k + v), WHY)),
        ("compute", Term("compute buffer", logits, 4 * serving.ubatch * (_VOCABULARY + 2 * hidden), WHY)),
    ]
