"""What a model of a given size usually needs, where only its number of parameters is known.

Interpolated between dense models with grouped-query attention (Llama 3, whose sizes span the range). Real models lie
far on both sides: latent attention and sliding windows need a tenth of it, full multi-head attention eight times as
much.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, log

from qtui.compute.memory.cache import Term, Use, cells, row

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


def typical_terms(count: int, use: Use) -> list[tuple[str, Term]]:
    """KV cache and compute buffer that a model of `count` parameters usually has."""
    held, streams = cells(use)
    half = _between(count, lambda known: known[1]) // 2
    k, v = row(use.k_type, half), row(use.v_type, half)
    text = f"{held * streams:,} cells × (K {half:,} = {k:,} B {use.k_type} + V {half:,} = {v:,} B {use.v_type})"
    hidden = _between(count, lambda known: known[2])
    logits = f"logits: ({_VOCABULARY:,} + 2 × {hidden:,}) × {use.ubatch} tokens × 4 B"
    return [
        ("kv", Term("KV cache", text, held * streams * (k + v), WHY)),
        ("compute", Term("compute buffer", logits, 4 * use.ubatch * (_VOCABULARY + 2 * hidden), WHY)),
    ]
