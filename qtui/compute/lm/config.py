"""What a transformer's weights don't say about it: heads, layers, positions, constants.

Families (Llama, Qwen, Gemma, Phi, ...) differ by these values and by which tensors are there: a bias, a norm of
queries and keys or a norm after a sublayer is used where its weights exist.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Rope:
    """Rotary positions (Su et al. 2021): pair i of a head is turned by `frequencies[i]` radians a position.

    `interleaved` pairs neighbours (2i, 2i+1), as GGUF files of Llama store their heads; else pairs are (i, i + n).
    Dimensions beyond 2n are left alone. `scale` multiplies what was turned (YaRN's and LongRoPE's attention factor).
    LongRoPE turns by `beyond` where more than `original` tokens are read at once.
    """

    frequencies: tuple[float, ...]
    interleaved: bool = False
    scale: float = 1.0
    beyond: tuple[float, ...] = ()
    original: int = 0

    def turns(self, tokens: int) -> tuple[float, ...]:
        """Radians a position of each pair, where `tokens` are read."""
        return self.beyond if self.beyond and tokens > self.original else self.frequencies


@dataclass(frozen=True)
class LmLayer:
    """One layer's attention: its positions (None for none), and how many tokens back it sees (0: all)."""

    rope: Rope | None
    window: int = 0


@dataclass(frozen=True)
class LmConfig:
    """A decoder of language-model text.

    `activation` is "silu" or "gelu" (the tanh form). `attention_scale` multiplies scores, `embedding_scale` what is
    looked up. Soft caps are 0 for none, else c of c·tanh(x / c). `context` is what the model was trained for.
    """

    vocabulary: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    ffn: int
    layers: tuple[LmLayer, ...]
    epsilon: float
    context: int
    activation: str = "silu"
    embedding_scale: float = 1.0
    attention_scale: float = 0.0
    attention_cap: float = 0.0
    logit_cap: float = 0.0


def frequencies(dimensions: int, base: float) -> tuple[float, ...]:
    """base^(-2i/d) for each pair of `dimensions` turned dimensions."""
    return tuple(base ** (-2 * i / dimensions) for i in range(dimensions // 2))


def divided(values: Sequence[float], factors: Sequence[float]) -> tuple[float, ...]:
    """Frequencies divided by a factor each, as LongRoPE and the `rope_freqs` tensor of GGUF files do.

    Raises ValueError when there is not one factor for each.
    """
    return tuple(value / factor for value, factor in zip(values, factors, strict=True))


def llama3_factors(
    values: Sequence[float], factor: float, low: float, high: float, original: int
) -> tuple[float, ...]:
    """Divisors of frequencies by Llama 3.1's rule: long waves by `factor`, short ones by 1, a ramp between.

    A wave is long where fewer than `low` and short where more than `high` of it fit `original` tokens.
    """
    divisors = []
    for value in values:
        turns = original * value / (2 * math.pi)
        share = min(max((turns - low) / (high - low), 0.0), 1.0)  # of the frequency as it was
        divisors.append(1 / (share + (1 - share) / factor))
    return tuple(divisors)


def yarn_factors(
    values: Sequence[float], factor: float, original: int, fast: float = 32.0, slow: float = 1.0, base: float = 1e4
) -> tuple[float, ...]:
    """Divisors of frequencies by YaRN (Peng et al. 2023): those that turn fewer than `slow` times in `original`
    tokens by `factor`, those that turn more than `fast` times by 1, a ramp over the dimensions between."""

    def dimension(turns: float) -> float:
        return len(values) * math.log(original / (turns * 2 * math.pi)) / math.log(base)

    first = max(math.floor(dimension(fast)), 0)
    last = min(math.ceil(dimension(slow)), 2 * len(values) - 1)
    divisors = []
    for i in range(len(values)):
        ramp = min(max((i - first) / max(last - first, 0.001), 0.0), 1.0)
        divisors.append(1 / (ramp / factor + (1 - ramp)))
    return tuple(divisors)
