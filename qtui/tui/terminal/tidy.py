"""Collects garbage and returns memory to the system while the app is idle.

Collecting all garbage takes as long as ten keys. Python would do it in the middle of one.
"""

from __future__ import annotations

import asyncio
import gc

PAUSE = 0.4  # seconds without a key or an answer
ENOUGH = 10_000  # objects made and not freed that are worth a pause: a step of a lesson makes a thousand
AT_LATEST = 50_000  # objects made and not freed, after which the youngest are looked through without a pause


class Tidy:
    """Waits for a pause after the last `touch`."""

    def __init__(self) -> None:
        self._last = 0.0
        self._waiting: asyncio.TimerHandle | None = None
        self._grown = False

    def begin(self) -> None:
        """From now on; until then (see `qtui/__main__.py`) there was hardly any garbage, and what there is stays."""
        gc.freeze()
        gc.set_threshold(AT_LATEST, 20, 100)
        gc.enable()
        self.touch()

    def touch(self, grown: bool = False) -> None:
        """Something happens. `grown` says that what is there now will stay: it is not looked through again."""
        loop = asyncio.get_running_loop()
        self._last = loop.time()
        self._grown |= grown
        if self._waiting is None and gc.isenabled():
            self._waiting = loop.call_later(PAUSE, self._tidy_when_idle)

    def _tidy_when_idle(self) -> None:
        loop = asyncio.get_running_loop()
        left = self._last + PAUSE - loop.time()
        if left > 0:
            self._waiting = loop.call_later(left, self._tidy_when_idle)
            return
        self._waiting = None
        if self._grown or gc.get_count()[0] >= ENOUGH:
            gc.collect()
        if self._grown:
            self._grown = False
            gc.freeze()
        give_back_memory()


def give_back_memory() -> None:
    """Return to the system what was freed: glibc keeps the scratch of big work, some 10 MB, for ever."""
    import ctypes

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # other C libraries do without
    if trim is not None:
        trim(0)
