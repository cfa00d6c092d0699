"""Perplexity's windows, as llama-perplexity cuts and scores them.

A text's tokens are cut into windows of the context's length; the last, incomplete one is dropped. Each is read on its
own, its first token replaced by BOS where the model wants one, and its second half is scored: the tokens after the
middle one, each given all before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from qtui.compute.lm.attention import QUERIES
from qtui.compute.lm.config import LmConfig
from qtui.compute.lm.perplexity import TokenScores, token_scores
from qtui.compute.lm.threads import MOST, THREADS
from qtui.compute.lm.transformer import IDS, Transformer

F32 = NDArray[np.float32]
SCORED = 1 << 15  # logits scored at once, in float64
SCRATCH = 48  # bytes for each of these


def cut_windows(tokens: Sequence[int], context: int, bos: int | None = None) -> IDS:
    """Windows int64 (n, context) of a text's `tokens`. Raises ValueError where there is not one whole window."""
    count = len(tokens) // context
    if count < 1:
        raise ValueError(f"{len(tokens)} tokens make no window of {context}")
    windows = np.array(tokens[: count * context], np.int64).reshape(count, context)
    if bos is not None:
        windows[:, 0] = bos
    return windows


def scored(context: int) -> int:
    """Tokens scored in a window of `context`: 255 of 512."""
    return context - 1 - context // 2


def read_in_step(runs: Sequence[tuple[Transformer, IDS]], tick: Callable[[float], None]) -> Iterator[tuple[int, F32]]:
    """(run, the last layer's output float32 (n, tokens, hidden)) of each of `runs`, a model and its ids (n, tokens).

    All of them go through a layer before the next, so that what is decoded of it for the first serves the others.
    `tick(part done)` is called after each layer.
    """
    states = {at: model.embed(ids) for at, (model, ids) in enumerate(runs)}
    layers = len(runs[0][0].config.layers)
    for layer in range(layers):
        for at, (model, _) in enumerate(runs):
            states[at] = model.layer(layer, states[at])
        tick((layer + 1) / (layers + 1))
    for at in range(len(runs)):
        yield at, states.pop(at)


def logits_of(model: Transformer, x: F32, rows: int) -> Iterator[tuple[slice, F32]]:
    """(tokens, their logits float32 (at most rows, vocabulary)) of the last layer's output `x` (tokens, hidden)."""
    for start in range(0, len(x), rows):
        part = slice(start, min(start + rows, len(x)))
        yield part, model.head(x[part])


def window_bytes(config: LmConfig, tokens: int, rows: int) -> int:
    """About the most memory that `tokens` take on their way: a layer's activations and scores, or the head's `rows`
    rows of logits with what scores them; bytes."""
    heads, kv = config.heads * config.head_dim, config.kv_heads * config.head_dim
    scores = config.heads * min(MOST * QUERIES, tokens) * (3 if config.attention_cap else 2)
    attention = 5 * heads + 5 * kv + scores + 4 * config.hidden
    feed_forward = 4 * config.ffn + 4 * config.hidden
    logits = config.vocabulary * rows
    head = 4 * (logits + tokens * config.hidden) + MOST * SCRATCH * max(min(logits, SCORED), config.vocabulary)
    return max(4 * tokens * max(attention, feed_forward), head)


def targets(window: IDS) -> IDS:
    """The scored tokens of a `window` (context,)."""
    return window[len(window) // 2 + 1 :]


def log_probabilities(logits: F32) -> F32:
    """Logarithms of the softmax, float32, of `logits` (tokens, vocabulary); worked out in place."""

    def normalise(start: int) -> None:
        rows = logits[start : start + step]
        rows -= rows.max(axis=1, keepdims=True)
        rows -= np.log(np.exp(rows.astype(np.float64)).sum(axis=1, keepdims=True)).astype(np.float32)

    step = max(1, SCORED // logits.shape[1])
    THREADS.spread(normalise, range(0, len(logits), step))
    return logits


def score(base: F32, logits: F32, right: IDS) -> TokenScores:
    """Scores of `right` (tokens,) under a model's `logits` beside the log-probabilities `base` of another.

    Both are (tokens, vocabulary); as `token_scores`, in little memory.
    """
    parts: dict[int, TokenScores] = {}

    def compare(start: int) -> None:
        rows = slice(start, start + step)
        parts[start] = token_scores(base[rows], logits[rows], right[rows])

    step = max(1, SCORED // logits.shape[1])
    THREADS.spread(compare, range(0, len(right), step))
    scores = parts[0]
    for start in range(step, len(right), step):
        scores = scores.merge(parts[start])
    return scores
