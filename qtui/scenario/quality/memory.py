"""How `--memory` is shared out: decoded weights, a window on its way, and what is kept of the baseline."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qtui.compute.lm.config import LmConfig
from qtui.compute.lm.windows import window_bytes
from qtui.scenario.base import UserError

F32 = NDArray[np.float32]
LEAST = 16 << 20
SHARE = 8  # what a window leaves: an eighth for log-probabilities, an eighth for states
MOST_KEPT = 256 << 20  # bytes of either
SOURCE = 64 << 20  # decoded weights kept beside changed ones, so that a layer is decoded once for both
LEAST_WEIGHTS = 4 << 20


@dataclass(frozen=True)
class ReadingMemory:
    """Bytes of `limit`, which is --memory.

    `weights` is for decoded weights that are used again, `source` for those that others are made from; `window` is
    what the activations and logits of one window take. `kept` is for the baseline's log-probabilities, `states` for
    what layers got. `rows` tokens get their logits at once.
    """

    limit: int
    weights: int
    source: int
    window: int
    kept: int
    states: int
    rows: int


def shared_out(
    limit: int, config: LmConfig, tokens: int, decoded: int, largest: int, cache: int = 0
) -> ReadingMemory:
    """The memory for reading `tokens` at once.

    `decoded` are the bytes of all weights in float32, `largest` those of the largest tensor, `cache` those of cached
    keys and values. Raises UserError where the tokens alone take more than there is.
    """
    rows = max(1, min(tokens, limit // 8 // (4 * config.vocabulary)))
    window = window_bytes(config, tokens, rows) + cache
    left = limit - window
    if left < LEAST_WEIGHTS:
        raise UserError(
            f"{tokens:,} tokens at once take {window / 1e6:,.0f} MB beside the weights, and --memory allows "
            f"{limit / 1e6:,.0f} MB for both; allow more, or read fewer at once"
        )
    kept = min(left // SHARE, MOST_KEPT)
    # A cache that is full holds one tensor more while it makes room: half as much again, at most.
    source = min((left - 2 * kept) // 4, max(SOURCE, 3 * largest))
    weights = left - 2 * kept - source
    return ReadingMemory(
        limit, weights if decoded <= weights else 2 * weights // 3, 2 * source // 3, window, kept, kept, rows
    )


@contextmanager
def room(shape: tuple[int, ...], memory: ReadingMemory) -> Iterator[F32]:
    """Room for log-probabilities, float32 of `shape`: memory where that much is for it, else a file."""
    if 4 * int(np.prod(shape)) <= memory.kept:
        yield np.empty(shape, np.float32)
        return
    with tempfile.TemporaryFile(prefix="qtui-") as file:
        mapped: np.memmap[Any, Any] = np.memmap(file, np.float32, "w+", shape=shape)
        yield mapped
