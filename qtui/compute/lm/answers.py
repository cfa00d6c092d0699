"""How many sums the small model gets right, and how it goes on with a prompt."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from qtui.compute.lm.attention import KvCache
from qtui.compute.lm.language import END
from qtui.compute.lm.tokenizer.tokenizer import Tokenizer
from qtui.compute.lm.transformer import Transformer

F32 = NDArray[np.float32]
SUMS = 200


def sums_right(model: Transformer, tokenizer: Tokenizer, digits: int) -> float:
    """Share of 200 sums of numbers with that many digits whose answer is the likeliest, token by token."""
    right = 0
    by_length: dict[tuple[int, int], list[tuple[list[int], list[int]]]] = {}
    for a, b in _sums(digits):
        question = tokenizer.encode(f"{a}+{b}=")
        answer = tokenizer.encode(f"{a + b}{END}", begin=False)
        by_length.setdefault((len(question), len(answer)), []).append((question, answer))
    for (length, _), pairs in by_length.items():
        ids = np.array([question + answer[:-1] for question, answer in pairs], np.int64)
        predicted = model.logits(ids, first=length - 1).argmax(axis=-1)
        right += int((predicted == np.array([answer for _, answer in pairs])).all(axis=1).sum())
    return right / SUMS


def _sums(digits: int) -> list[tuple[int, int]]:
    """Pairs to add, the same ones each time."""
    least = 10 ** (digits - 1) if digits > 1 else 0
    raw = np.random.PCG64(digits).random_raw(2 * SUMS) % np.uint64(10**digits - least)
    return [(int(a) + least, int(b) + least) for a, b in raw.reshape(SUMS, 2).tolist()]


def continued(
    model: Transformer, ids: list[int], ends: frozenset[int], count: int, temperature: float = 0.0, seed: int = 0
) -> Iterator[tuple[int, F32]]:
    """At most `count` tokens after `ids`, until one of `ends`: the likeliest, or drawn at a `temperature`; with the
    logits float32 (vocabulary,) that each was chosen by."""
    cache = KvCache(len(model.config.layers))
    switches = {layer.rope.original for layer in model.config.layers if layer.rope is not None}
    bits = np.random.PCG64(seed)
    read, given = list(ids), list(ids)
    for _ in range(count):
        if cache.tokens in switches and cache.tokens:  # LongRoPE turns all tokens by other frequencies from here on
            cache.cut(0)
            given = read
        x = model.embed(np.array([given], np.int64))
        for layer in range(len(model.config.layers)):
            x = model.layer(layer, x, cache)
        logits = model.head(x[:, -1:])[0, 0]
        if temperature > 0:
            chances = np.exp((logits.astype(np.float64) - logits.max()) / temperature)
            drawn = (int(bits.random_raw(1)[0]) >> 11) * 2.0**-53
            token = int(np.searchsorted(np.cumsum(chances), drawn * chances.sum(), side="right"))
            token = min(token, len(logits) - 1)
        else:
            token = int(logits.argmax())
        yield token, logits
        if token in ends:
            return
        read.append(token)
        given = [token]
