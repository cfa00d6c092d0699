"""Matrices that are stored column by column, as numpy saves arrays in Fortran order, read as rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]
BAND = 16 << 20  # bytes of rows that are gathered at a time: the columns' pieces are then not all too short to read


class ColumnOrder:
    """A matrix (rows, columns) of numbers of `width` bytes, its columns one after the other.

    `read(first, last)` gives the bytes of numbers `first` to `last` (excluded) as stored.
    """

    def __init__(self, rows: int, columns: int, width: int, read: Callable[[int, int], U8]) -> None:
        self._rows, self._columns, self._width = rows, columns, width
        self._read = read
        self._height = max(1, min(rows, BAND // max(columns * width, 1)))
        self._top = -1
        self._band = np.empty((0, columns, width), np.uint8)

    def stored(self, first: int, last: int) -> U8:
        """Bytes of the numbers `first` to `last` (excluded), counted row by row, uint8 (n,)."""
        out = np.empty((last - first, self._width), np.uint8)
        at = first
        while at < last:
            top = at // self._columns // self._height * self._height
            if top != self._top:
                self._gather(top)
            flat = self._band.reshape(-1, self._width)
            start = at - top * self._columns
            stop = min(start + last - at, len(flat))
            out[at - first : at - first + stop - start] = flat[start:stop]
            at += stop - start
        return out.reshape(-1)

    def _gather(self, top: int) -> None:
        """Read the band of rows that begins with row `top`."""
        height = min(self._height, self._rows - top)
        if len(self._band) != height:
            self._band = np.empty((height, self._columns, self._width), np.uint8)
        for column in range(self._columns):
            begin = column * self._rows + top
            self._band[:, column] = self._read(begin, begin + height).reshape(height, self._width)
        self._top = top
