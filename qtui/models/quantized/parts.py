"""The stored tensors that a packed weight is made of, read piece by piece in bounded memory."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qtui.compute.cache import Cache
from qtui.compute.dtypes import DTYPES
from qtui.models.files.model_file import Tensor
from qtui.models.files.source import ModelFileError, quoted
from qtui.models.tensors.columns import ColumnOrder
from qtui.models.tensors.decoding import decoder_for
from qtui.models.tensors.stored import StoredBytes

Values = NDArray[Any]
TURNED = 4  # parts read by columns at a time: of one weight
KEPT = 64 << 20  # bytes of small parts


class PartReader:
    """Reads parts: integers in their own type, floats as float32. Each thread or process has one of its own."""

    def __init__(self, *, mapped: bool = False) -> None:
        self._mapped = mapped
        self._open: dict[str, StoredBytes] = {}
        self._turned: Cache[ColumnOrder] = Cache(TURNED)
        self._kept: Cache[Values] = Cache(KEPT, lambda values: values.nbytes)

    def rows(self, part: Tensor, first: int, last: int, total: int) -> Values:
        """Rows `first` to `last` (excluded) of `part` seen as `total` rows, (last - first, n)."""
        width = part.nbytes // total if total else 0
        if width * total != part.nbytes:
            raise ModelFileError(f"{quoted(part.name)} does not have {total:,} rows; get the file again")
        return _values(part, self._bytes(part).read(first * width, (last - first) * width)).reshape(last - first, -1)

    def columns(self, part: Tensor, first: int, last: int) -> Values:
        """Columns `first` to `last` (excluded) of the matrix `part`, each as a row: (last - first, n)."""
        height, count = part.shape
        size = part.nbytes // (height * count)
        order = self._turned.get(
            part.name,
            lambda: ColumnOrder(count, height, size, lambda a, b: self._bytes(part).read(a * size, (b - a) * size)),
        )
        return _values(part, order.stored(first * height, last * height)).reshape(last - first, height)

    def whole(self, part: Tensor) -> Values:
        """All values of a small part, in its shape; kept."""
        return self._kept.get(
            part.name, lambda: _values(part, self._bytes(part).read(0, part.nbytes)).reshape(part.shape)
        )

    def _bytes(self, part: Tensor) -> StoredBytes:
        if part.name not in self._open:
            self._open[part.name] = StoredBytes(part, mapped=self._mapped)
        return self._open[part.name]

    def close(self) -> None:
        """Close the files."""
        for stored in self._open.values():
            stored.close()
        self._open.clear()


def _values(part: Tensor, raw: NDArray[np.uint8]) -> Values:
    """A copy of what `raw` holds."""
    plain = DTYPES[part.dtype]
    if plain.format is None and plain.numpy:
        return raw.view(f"<{plain.numpy}").copy()
    decoder = decoder_for(part)
    out = np.empty(raw.size // decoder.block_bytes * decoder.block_size, np.float32)
    decoder.into(raw, out)
    return out
