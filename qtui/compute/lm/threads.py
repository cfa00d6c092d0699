"""The threads that run a language model: matrices in pieces, each multiplied by a BLAS of one thread.

A BLAS with threads of its own splits every product evenly and lets them spin until the last is done: on a machine
that has other work they take three times the processor time. Here whoever is free takes the next piece, decodes it,
stores it in another format and multiplies by it while it is in the cache. Only a product of few rows, such as a
generated token's, is left to BLAS's threads: it is over before a piece of it is handed to another one.
"""

from __future__ import annotations

import ctypes
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")
MOST = 4
PIECE = 1 << 20  # weights of a piece; what is done with it may cut it again
LEAST = 1 << 15  # weights of one, since to hand it over takes time as well
LEAST_ROWS = 128  # of a piece: a product with fewer takes longer for each
_NAMES = ("scipy_openblas_{}_num_threads64_", "openblas_{}_num_threads64_", "openblas_{}_num_threads")


class Threads:
    """As many threads as were asked for, while anybody wants them; elsewhere there is the caller's alone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._blas_before = 1
        self._count = 1
        self._pool: ThreadPoolExecutor | None = None  # while threads are raised: to start some takes milliseconds

    @contextmanager
    def raised(self, count: int | None = None) -> Iterator[None]:
        """Use `count` threads (as many as this machine has free, at most MOST) while the block runs.

        OpenBLAS has one for each meanwhile; another BLAS, or one whose library can't be found beside numpy, is left
        as it is. Blocks may overlap in several threads: the first one's number holds until the last has ended.
        """
        library = _openblas()
        with self._lock:
            if self._users == 0:
                self._count = count or free_cores()
                if library is not None:
                    get, put = library
                    self._blas_before = get()
                    put(1)
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
                        library[1](self._blas_before)

    def spread(self, work: Callable[[T], object], pieces: Iterable[T]) -> None:
        """Call `work` with each of `pieces`, in the order in which threads get to them; the caller's is one.

        numpy lets other threads run while it works on an array. Raises what `work` raises. `work` may spread work
        of its own.
        """
        waiting = deque(pieces)

        def share() -> None:
            try:
                while True:
                    try:
                        piece = waiting.popleft()
                    except IndexError:
                        return
                    work(piece)
            except BaseException:
                waiting.clear()
                raise

        helpers = min(self._count, len(waiting)) - 1
        if helpers < 1:
            share()
            return
        with self._lock:
            pool = self._pool = self._pool or ThreadPoolExecutor(max(self._count - 1, 1))
            running = [pool.submit(share) for _ in range(helpers)]
        try:
            share()
        finally:  # also where one has failed: they write into the caller's arrays
            wait([future for future in running if not future.cancel()])
        for future in running:
            if not future.cancelled():
                future.result()

    def over_rows(
        self, matrix: NDArray[np.float32], work: Callable[[slice, NDArray[np.float32]], object], few: bool
    ) -> None:
        """Call `work(rows, piece)` for pieces of a matrix; where it is done for `few` rows, for all of it at once."""
        rows = len(matrix)
        if not few:
            self.spread(lambda part: work(part, matrix[part]), self.row_pieces(*matrix.shape))
            return
        library = _openblas() if self._count > 1 else None
        if library is None:
            work(slice(0, rows), matrix)
            return
        put = library[1]
        put(self._count)
        try:
            work(slice(0, rows), matrix)
        finally:
            put(1)

    def row_pieces(self, rows: int, columns: int, memory: int | None = None) -> list[slice]:
        """The rows of a matrix, in pieces to be spread: those of all threads in float32 take `memory` bytes at most,
        or a row each."""
        columns, share = max(columns, 1), -(-rows // self._count)
        step = max(min(max(PIECE // columns, LEAST_ROWS), share), LEAST // columns)
        if memory is not None:
            step = min(step, memory // (4 * columns * self._count))
        step = max(step, 1)
        return [slice(start, min(start + step, rows)) for start in range(0, rows, step)]


THREADS = Threads()


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
