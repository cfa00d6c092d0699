"""Cutting long arrays into pieces that fit a core's cache, so that scratch memory does not grow with the input."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np

CHUNK = 1 << 16
"""Values per chunk: 256 KiB of float32, so that a handful of scratch arrays stay in a core's second-level cache."""


def chunks(total: int, unit: int = 1, target: int = CHUNK) -> Iterator[slice]:
    """Slices that cover `total` items in order, each of about `target` values where an item holds `unit` values.

    At least one item a slice, so one item longer than the target is a slice of its own.
    """
    step = max(1, target // max(1, unit))
    if total > step:
        keep_freed_scratch()
    for start in range(0, total, step):
        yield slice(start, min(start + step, total))


@cache
def keep_freed_scratch() -> None:
    """Once: lets scratch of one chunk be used again by the next, where malloc is glibc's.

    Arrays above 128 KiB are mapped afresh, page by page, until a larger one has been freed (mallopt(3), "dynamic mmap
    threshold"): one that is never touched will do. A first encoding is several times as fast for it.
    """
    np.empty(1 << 24, np.uint8)
