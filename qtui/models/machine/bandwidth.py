"""Memory bandwidth, measured: how fast this machine reads memory that is far larger than its caches."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

import numpy as np

from qtui.compute.lm.threads import cores
from qtui.error import QtuiError

BYTES = 512 << 20  # far above any cache of a desktop
SECONDS = 1.0
MAX_THREADS = 16


@dataclass(frozen=True)
class Bandwidth:
    """Bytes per second, and how that was found."""

    bandwidth: int
    method: str


def measure(seconds: float = SECONDS, size: int = BYTES) -> Bandwidth:
    """The best rate of plain read sweeps by all threads together, within about `seconds`.

    The largest of a float32 array is taken, each thread on its own part: one pass that only reads. What a language
    model reaches when it generates is 0.6 to 0.9 of this. Raises QtuiError where there is no memory for it.
    """
    threads = min(cores(), MAX_THREADS)
    try:
        data = np.ones(size // 4, np.float32)
    except MemoryError:
        raise QtuiError(f"there is no room for {size >> 20} MiB to measure with; close something first") from None
    parts = np.array_split(data, threads)
    best, stop = 0.0, time.perf_counter() + seconds
    sweeps = 0
    while sweeps < 2 or time.perf_counter() < stop:
        best = max(best, data.nbytes / _sweep(parts))
        sweeps += 1
    crew = f"{threads} thread{'s' * (threads > 1)}"
    return Bandwidth(int(best), f"best of {sweeps} read sweeps over {size >> 20} MiB by {crew} (numpy, maximum)")


def _sweep(parts: list[np.ndarray]) -> float:
    """Seconds that all threads together need to read their parts once."""
    workers = [threading.Thread(target=part.max) for part in parts[1:]]
    start = time.perf_counter()
    for worker in workers:
        worker.start()
    parts[0].max()
    for worker in workers:
        worker.join()
    return time.perf_counter() - start
