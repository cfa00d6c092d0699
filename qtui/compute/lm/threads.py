"""How many threads matrix products use: the program runs on one (`qtui/__main__.py`), a language model on more."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import numpy as np

MOST = 4
_NAMES = ("scipy_openblas_{}_num_threads64_", "openblas_{}_num_threads64_", "openblas_{}_num_threads")


class BlasThreads:
    """OpenBLAS's number of threads, which is the process's: raised while anybody wants it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._before = 1

    @contextmanager
    def raised(self, count: int | None = None) -> Iterator[None]:
        """Use `count` threads (as many as this machine has free, at most MOST) while the block runs.

        Another BLAS, or one whose library can't be found beside numpy, is left as it is. Blocks may overlap in
        several threads: the number before the first comes back after the last.
        """
        library = _openblas()
        if library is None:
            yield
            return
        get, put = library
        with self._lock:
            if self._users == 0:
                self._before = get()
                put(count or free_cores())
            self._users += 1
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                if self._users == 0:
                    put(self._before)


BLAS = BlasThreads()


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def free_cores() -> int:
    """Processors that others leave free, 1 to MOST: threads that wait for a core make a product slower."""
    try:
        busy = os.getloadavg()[0]
    except (AttributeError, OSError):  # Windows; a container without it
        busy = 0.0
    return max(1, min(round(cores() - busy), MOST))


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
