"""A file mapped into memory, read-only and shared: pages of the system's cache are computed on where they lie.

A mapped page that a file no longer reaches, because somebody cut it short, is a SIGBUS when it is touched, and that
ends the process. Looking at the size first makes this rare, not impossible: the file may shrink between the look and
the touch, and no call closes that gap. So only processes that may die use a mapping: a survey's workers, whose parent
turns such an end into a sentence (`qtui/scenario/errors/pool.py`). The process that a person looks at reads by
`pread` (`source.LocalSource`), into buffers of its own.

Mapped pages count as memory of the process that touched them. They are handed back every few megabytes, so a
process stays small however long the file; they remain in the system's cache for whoever needs them next.
"""

from __future__ import annotations

import mmap
import os

import numpy as np
from numpy.typing import NDArray

from qtui.models.files.source import LocalSource, shortened_while_read

U8 = NDArray[np.uint8]
KEEP = 4 << 20  # bytes that may be touched before they are handed back


class Mapping:
    """The whole of an open regular file, mapped. Raises OSError, ValueError or OverflowError where that can't be."""

    def __init__(self, source: LocalSource) -> None:
        self._source = source
        self._map = mmap.mmap(source.fileno(), source.size, access=mmap.ACCESS_READ)
        self._bytes: U8 = np.frombuffer(self._map, np.uint8)
        self._touched = (0, 0)  # from, to
        self._seen = 0

    def view(self, offset: int, size: int) -> U8:
        """The bytes from `offset` on, uint8 (size,), read-only, where they lie.

        Raises ModelFileError where the file has become too short for them.
        """
        if offset + size > os.fstat(self._source.fileno()).st_size or offset + size > self._bytes.size:
            raise shortened_while_read(self._source.name)
        if self._seen >= KEEP:
            self._hand_back()
        first, last = self._touched
        self._touched = (min(first, offset), max(last, offset + size)) if self._seen else (offset, offset + size)
        self._seen += size
        return self._bytes[offset : offset + size]

    def expect(self, offset: int, size: int) -> None:
        """Ask the system to fetch these bytes, which will be viewed soon; it does so meanwhile."""
        self._advise("MADV_WILLNEED", offset, offset + size)

    def _hand_back(self) -> None:
        # The kernel maps 16 pages around the one that is touched, hence the margin.
        around = 16 * mmap.PAGESIZE
        self._advise("MADV_DONTNEED", max(self._touched[0] - around, 0), self._touched[1] + around)
        self._seen = 0

    def _advise(self, name: str, start: int, stop: int) -> None:
        advice = getattr(mmap, name, None)  # not on Windows
        start -= start % mmap.PAGESIZE
        stop = min(stop, self._bytes.size)
        if advice is not None and start < stop:
            self._map.madvise(advice, start, stop - start)
