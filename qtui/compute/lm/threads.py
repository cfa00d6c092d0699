"""How many threads matrix products use: the program runs on one (`qtui/__main__.py`), a language model on more."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import numpy as np

T = TypeVar("T")
MOST = 4
_NAMES = ("scipy_openblas_{}_num_threads64_", "openblas_{}_num_threads64_", "openblas_{}_num_threads")


class BlasThreads:
    """OpenBLAS's number of threads, which is the process's: raised while anybody wants it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._before = 1
        self._count = 1
        self._pool: ThreadPoolExecutor | None = None  # while threads are raised: to start some takes milliseconds

    @contextmanager
    def raised(self, count: int | None = None) -> Iterator[None]:
        """Use `count` threads (as many as this machine has free, at most MOST) while the block runs.

        Another BLAS, or one whose library can't be found beside numpy, is left as it is. Blocks may overlap in
        several threads: the number before the first comes back after the last.
        """
        library = _openblas()
        with self._lock:
            if self._users == 0:
                self._count = count or free_cores()
                if library is not None:
                    get, put = library
                    self._before = get()
                    put(self._count)
            self._users += 1
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                if self._users == 0:
                    self._count, pool, self._pool = 1, self._pool, None
                    if pool is not None:
                        pool.shutdown(wait=False)
                    if library is not None:
                        library[1](self._before)

    def spread(self, work: Callable[[T], object], pieces: Iterable[T]) -> None:
        """Call `work` with each of `pieces`, in as many threads as products of matrices have now.

        numpy lets other threads run while it works on an array. Raises what `work` raises.
        """
        pieces = list(pieces)
        if self._count == 1 or len(pieces) == 1:
            for piece in pieces:
                work(piece)
            return
        with self._lock:
            pool = self._pool = self._pool or ThreadPoolExecutor(self._count)
            running = [pool.submit(work, piece) for piece in pieces]
        wait(running)  # all of them, also where one has failed: they write into the caller's arrays
        for future in running:
            future.result()


BLAS = BlasThreads()


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def free_cores() -> int:
    """Processors that others leave free, 1 to MOST: threads that wait for a core make a product slower."""
    return max(1, min(round(cores() - _busy()), MOST))


def _busy() -> float:
    """Processors that others use: those of the last minute or, where fewer, of this moment."""
    try:
        minute, _, _, now, *_ = Path("/proc/loadavg").read_text(encoding="ascii").split()
        return min(float(minute), int(now.partition("/")[0]) - 1)
    except (OSError, ValueError):  # another system
        pass
    try:
        return os.getloadavg()[0]
    except (AttributeError, OSError):  # Windows; a container without it
        return 0.0


@lru_cache(maxsize=1)
def _openblas() -> tuple[ctypes._FuncPointer, ctypes._FuncPointer] | None:
    """OpenBLAS's functions that get and set the number of threads."""
    package = Path(np.__file__).parent
    for folder in (package.parent / "numpy.libs", package / ".dylibs"):
        for path in sorted(folder.glob("*openblas*")) if folder.is_dir() else ():
            try:
                library = ctypes.CDLL(str(path))
            except OSError:
                continue
            for name in _NAMES:
                if hasattr(library, name.format("set")) and hasattr(library, name.format("get")):
                    return getattr(library, name.format("get")), getattr(library, name.format("set"))
    return None
