"""Attention: every token looks back at those before it, by rotary positions, grouped heads, windows and soft caps."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from qtui.compute.lm.config import LmConfig, Rope
from qtui.compute.lm.threads import THREADS

F32 = NDArray[np.float32]
QUERIES = 128  # rows of scores worked on at once: they stay in the cache, and later keys are never read


@lru_cache(maxsize=16)
def _angles(turns: tuple[float, ...], scale: float, positions: int) -> tuple[F32, F32]:
    """cos and sin, float32 (positions, pairs)."""
    angle = np.arange(positions)[:, None] * np.array(turns)
    return (np.cos(angle) * scale).astype(np.float32), (np.sin(angle) * scale).astype(np.float32)


def rotate(x: F32, rope: Rope, first: int) -> F32:
    """Turn `x` float32 (heads, tokens, head_dim), whose tokens are at positions `first` on."""
    count = x.shape[1]
    room = 1 << max(first + count - 1, 511).bit_length()  # few different tables, whatever is asked
    angles = _angles(rope.turns(first + count), rope.scale, room)
    cos, sin = (table[first : first + count] for table in angles)
    pairs = len(rope.frequencies)
    out = x.copy()
    if rope.interleaved:
        a, b = slice(0, 2 * pairs, 2), slice(1, 2 * pairs, 2)
    else:
        a, b = slice(0, pairs), slice(pairs, 2 * pairs)
    out[..., a] = x[..., a] * cos - x[..., b] * sin
    out[..., b] = x[..., a] * sin + x[..., b] * cos
    return out


def attend(q: F32, k: F32, v: F32, scale: float, window: int = 0, cap: float = 0.0) -> F32:
    """What each query gathers: float32 (heads, tokens, head_dim) of queries of that shape.

    `k` and `v` are (kv_heads, keys, head_dim), each for as many heads of `q` in a row; several sequences may lie one
    after the other along the heads. The last query stands at the last key and sees nothing behind itself,
    nor, with a `window`, more than that many keys up to its own.
    """
    heads, count, width = q.shape
    kv_heads, keys, _ = k.shape
    first = keys - count  # position of the first query
    grouped = q.reshape(kv_heads, heads // kv_heads, count, width)
    out = np.empty_like(grouped)

    def gather(start: int) -> None:
        rows = min(QUERIES, count - start)
        stop = first + start + rows
        least = max(0, first + start - window + 1) if window else 0
        queries = np.ascontiguousarray(grouped[:, :, start : start + rows]) * np.float32(scale)
        reached = k[:, least:stop].transpose(0, 2, 1)
        scores: F32 = np.matmul(queries.reshape(kv_heads, -1, width), reached, dtype=np.float32)
        if cap:
            scores = np.multiply(np.tanh(scores / np.float32(cap)), np.float32(cap), dtype=np.float32)
        scores = scores.reshape(kv_heads, -1, rows, stop - least)
        _hide(scores, window)
        scores -= scores.max(axis=-1, keepdims=True)
        np.exp(scores, out=scores)
        total = scores.sum(axis=-1, keepdims=True)
        mixed = scores.reshape(kv_heads, -1, stop - least) @ v[:, least:stop]
        out[:, :, start : start + rows] = mixed.reshape(kv_heads, -1, rows, v.shape[-1]) / total

    THREADS.spread(gather, reversed(range(0, count, QUERIES)))  # the last have the most keys: they go first
    return out.reshape(heads, count, width)


def _hide(scores: F32, window: int) -> None:
    """Set scores (..., rows, keys) of keys that a query may not see to -inf; the last row's own key is the last."""
    rows, keys = scores.shape[-2:]
    if rows > 1:
        scores[..., keys - rows :] += _ahead(rows)
    if window and keys > window:
        own = np.arange(keys - rows, keys)[:, None]
        too_far = np.where(np.arange(keys - window) <= own - window, np.float32(-np.inf), np.float32(0))
        scores[..., : keys - window] += too_far


@lru_cache(maxsize=32)
def _ahead(rows: int) -> F32:
    """-inf above the diagonal, 0 elsewhere, float32 (rows, rows)."""
    return np.triu(np.full((rows, rows), -np.inf, np.float32), 1)


def cache_bytes(config: LmConfig, tokens: int) -> int:
    """The most that a KvCache takes for `tokens`: it grows to twice as many, and holds what it was meanwhile."""
    return 4 * 3 * tokens * 2 * config.kv_heads * config.head_dim * len(config.layers)


class KvCache:
    """Keys and values of the tokens so far, layer by layer, float32 (kv_heads, tokens, head_dim) each."""

    def __init__(self, layers: int) -> None:
        self._kept: list[tuple[F32, F32] | None] = [None] * layers
        self._used = [0] * layers

    @property
    def tokens(self) -> int:
        """How many tokens every layer holds."""
        return min(self._used)

    def extend(self, layer: int, k: F32, v: F32) -> tuple[F32, F32]:
        """Add keys and values of new tokens to `layer`; all of them, old and new."""
        used, added = self._used[layer], k.shape[1]
        kept = self._kept[layer]
        if kept is None or kept[0].shape[1] < used + added:
            kept = (_grown(kept and kept[0], k, used), _grown(kept and kept[1], v, used))
            self._kept[layer] = kept
        for room, new in zip(kept, (k, v), strict=True):
            room[:, used : used + added] = new
        self._used[layer] = used + added
        return kept[0][:, : used + added], kept[1][:, : used + added]

    def cut(self, tokens: int) -> None:
        """Forget all but the first `tokens`."""
        self._used = [min(used, tokens) for used in self._used]


def _grown(old: F32 | None, new: F32, used: int) -> F32:
    """Room for `used` tokens, the new ones, and as many again."""
    heads, added, width = new.shape
    room = np.empty((heads, 2 * (used + added), width), np.float32)
    if old is not None:
        room[:, :used] = old[:, :used]
    return room
