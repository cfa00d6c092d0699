"""Values of a tensor on disk as float32, chunk by chunk, in memory that does not grow with the tensor.

Bytes come by positioned reads into one small buffer. In this machine's page cache that is as fast as a shared
mapping (21 against 23 GB/s for chunks of 256 KiB, which stay in a core's cache either way), the cached pages are
shared between worker processes just the same, and a file that is truncated meanwhile is an error to report instead
of a SIGBUS that ends the process. Each thread or process opens a `TensorData` of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from qtui.models.decoding import F32, decoder_for
from qtui.models.files import Tensor
from qtui.models.scaled import MXFP4_BLOCK, scale_fp8, scale_mxfp4
from qtui.models.source import LocalSource, ModelFileError, quoted

CHUNK = 1 << 16  # values: their float32, and scratch of the same size, stay in a core's L2 cache


def _whole(tensor: Tensor) -> F32:
    """All values of a small tensor, in its shape."""
    with TensorData(tensor) as data:
        return data.values(0, data.count).reshape(tensor.shape)


class TensorData:
    """The values of `tensor`, read as they are asked for. Use as a context manager.

    The tensor is seen as `rows` × `columns`, columns being the innermost axis. Raises ModelFileError where the dtype
    can't be decoded, or the file can't be read or has changed.
    """

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor
        self.count = tensor.count
        self.columns = tensor.shape[-1] if tensor.shape else 1
        self.rows_count = self.count // self.columns if self.columns else 0
        self._decoder = decoder_for(tensor)
        self._source = LocalSource(tensor.path)
        self._raw = np.empty(0, np.uint8)
        # Scales are a small part of their weights: kept as they are, one for each block.
        self._scales = _whole(tensor.scales[0]) if tensor.scales else None

    def values(self, start: int, stop: int, out: F32 | None = None) -> F32:
        """Values `start` to `stop` (excluded) in the order of storage, float32 (stop - start,).

        They are written into `out` where it is given and the range begins and ends at whole blocks.
        """
        if not 0 <= start <= stop <= self.count:
            raise ValueError(f"{quoted(self.tensor.name)} has {self.count:,} values, not {start:,} to {stop:,}")
        size = self._decoder.block_size
        first, last = start // size, -(-stop // size)
        whole = (last - first) * size
        exact = whole == stop - start
        into = out if exact and out is not None else np.empty(whole, np.float32)
        self._decoder.into(self.stored(first, last), into)
        if self._scales is not None:
            self._scale(into, first * size, self._scales)
        return into if exact else into[start - first * size : stop - first * size]

    def _scale(self, values: F32, start: int, scales: NDArray[np.float32]) -> None:
        """Multiply `values`, those from `start` on, by their scales."""
        if self.tensor.dtype == "MXFP4":
            first = start // MXFP4_BLOCK
            exponents = scales.reshape(-1)[first : first + values.size // MXFP4_BLOCK]
            scale_mxfp4(values, exponents.astype(np.uint8))
        else:
            scale_fp8(values, start, self.columns, scales)

    def rows(self, start: int, stop: int) -> F32:
        """Rows `start` to `stop` (excluded), float32 (stop - start, columns)."""
        return self.values(start * self.columns, stop * self.columns).reshape(stop - start, self.columns)

    def stored(self, first: int, last: int) -> NDArray[np.uint8]:
        """Bytes of blocks `first` to `last` (excluded) as stored, uint8 (n,); they hold until the next read."""
        width = self._decoder.block_bytes
        start, size = first * width, (last - first) * width
        if start + size > self.tensor.nbytes:
            raise ModelFileError(f"{self.tensor.path} holds too little for {quoted(self.tensor.name)}; open it again")
        if self._raw.size < size:
            self._raw = np.empty(size, np.uint8)
        raw = self._raw[:size]
        self._source.read_into(self.tensor.offset + start, memoryview(raw))
        return raw

    @property
    def block_size(self) -> int:
        """Weights that are stored together."""
        return self._decoder.block_size

    def chunks(self, size: int = CHUNK) -> Iterator[tuple[int, F32]]:
        """All values as (start, float32 (n,)), whole blocks of about `size`, whole rows where a row is shorter.

        Each chunk is valid until the next: they share one buffer.
        """
        unit = self.columns if 0 < self.columns <= size else self.block_size
        step = max(unit, size // unit * unit)
        buffer = np.empty(min(step, max(self.count, 1)), np.float32)
        for start in range(0, self.count, step):
            stop = min(start + step, self.count)
            yield start, self.values(start, stop, buffer[: stop - start])

    def sample_starts(self, wanted: int, size: int = 1 << 12) -> list[int]:
        """Where to read `size` values each, to see about `wanted` of them spread evenly over the tensor.

        Starts are at whole blocks, without overlap, the same at every call; all of the tensor where it is small.
        """
        unit = self.block_size * max(1, size // self.block_size)
        pieces = -(-self.count // unit)
        taken = min(pieces, max(1, wanted // unit))
        return [i * pieces // taken * unit for i in range(taken)] if self.count else []

    def close(self) -> None:
        """Close the file."""
        self._source.close()

    def __enter__(self) -> TensorData:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
