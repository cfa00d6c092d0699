"""Perplexity's windows, as llama-perplexity cuts and scores them.

A text's tokens are cut into windows of the context's length; the last, incomplete one is dropped. Each is read on its
own, its first token replaced by BOS where the model wants one, and its second half is scored: the tokens after the
middle one, each given all before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from qtui.compute.lm.perplexity import TokenScores, token_scores
from qtui.compute.lm.transformer import IDS, Transformer

F32 = NDArray[np.float32]
ROWS = 32  # tokens scored at once, in float64


def cut_windows(tokens: Sequence[int], context: int, bos: int | None = None) -> IDS:
    """Windows int64 (n, context) of a text's `tokens`. Raises ValueError where there is not one whole window."""
    count = len(tokens) // context
    if count < 1:
        raise ValueError(f"the text has {len(tokens)} tokens, and a window takes {context}; give a longer text")
    windows = np.array(tokens[: count * context], np.int64).reshape(count, context)
    if bos is not None:
        windows[:, 0] = bos
    return windows


def scored(context: int) -> int:
    """Tokens scored in a window of `context`: 255 of 512."""
    return context - 1 - context // 2


def run_windows(
    model: Transformer, windows: IDS, tick: Callable[[float], None], *, together: bool = False
) -> Iterator[tuple[int, F32]]:
    """(window, logits float32 (scored, vocabulary) before each of its scored tokens) of `windows` (n, context).

    `tick(windows done)` is called after each layer. `together` takes all windows through a layer before the next one,
    for weights that have to be decoded anew each time.
    """
    layers = len(model.config.layers)
    groups = [range(len(windows))] if together else [range(i, i + 1) for i in range(len(windows))]
    for group in groups:
        states = {i: model.embed(windows[i : i + 1, :-1]) for i in group}
        for layer in range(layers):
            for i in group:
                states[i] = model.layer(layer, states[i])
            tick(group[0] + len(group) * (layer + 1) / (layers + 1))
        for i in group:
            yield i, model.head(states.pop(i)[:, windows.shape[1] // 2 :])[0]


def targets(window: IDS) -> IDS:
    """The scored tokens of a `window` (context,)."""
    return window[len(window) // 2 + 1 :]


def log_probabilities(logits: F32) -> F32:
    """Logarithms of the softmax, float32, of `logits` (tokens, vocabulary); worked out in place."""
    for start in range(0, len(logits), ROWS):
        rows = logits[start : start + ROWS]
        rows -= rows.max(axis=1, keepdims=True)
        rows -= np.log(np.exp(rows.astype(np.float64)).sum(axis=1, keepdims=True)).astype(np.float32)
    return logits


def score(base: F32, logits: F32, right: IDS) -> TokenScores:
    """Scores of `right` (tokens,) under a model's `logits` beside the log-probabilities `base` of another.

    Both are (tokens, vocabulary); as `token_scores`, in little memory.
    """
    parts = [
        token_scores(base[start : start + ROWS], logits[start : start + ROWS], right[start : start + ROWS])
        for start in range(0, len(right), ROWS)
    ]
    scores = parts[0]
    for part in parts[1:]:
        scores = scores.merge(part)
    return scores
