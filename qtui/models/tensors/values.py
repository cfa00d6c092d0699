"""Values of a tensor on disk as float32, chunk by chunk, in memory that does not grow with the tensor.

Bytes come by positioned reads into one small buffer, or in worker processes from a mapping of the file, where
float32 is computed on as it lies. The one is as safe as the other is quick: see `mapping`. Each thread or process
opens a `TensorData` of its own.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from qtui.models.files.mapping import Mapping
from qtui.models.files.model_file import Tensor
from qtui.models.files.source import LocalSource, ModelFileError, changed_since, quoted, shortened_while_read
from qtui.models.tensors.columns import ColumnOrder
from qtui.models.tensors.decoding import F32, decoder_for
from qtui.models.tensors.scaled import MXFP4_BLOCK, scale_fp8, scale_mxfp4

CHUNK = 1 << 16  # values: their float32, and scratch of the same size, stay in a core's L2 cache


def _whole(tensor: Tensor) -> F32:
    """All values of a small tensor, in its shape."""
    with TensorData(tensor) as data:
        return data.values(0, data.count).reshape(tensor.shape)


def _mapping(source: LocalSource) -> Mapping | None:
    """The file mapped; None where the system can't: an odd file system, little address space, a file cut short."""
    try:
        return Mapping(source)
    except (OSError, ValueError, OverflowError):
        return None


class TensorData:
    """The values of `tensor`, read as they are asked for. Use as a context manager.

    The tensor is seen as `rows` × `columns`, columns being the innermost axis. `mapped` maps the file where the
    system can: for processes that may end by a signal when the file is cut short. Raises ModelFileError where the
    dtype can't be decoded, or the file can't be read or has changed since its header was read.
    """

    def __init__(self, tensor: Tensor, *, mapped: bool = False) -> None:
        self.tensor = tensor
        self.count = tensor.count
        self.columns = tensor.shape[-1] if tensor.shape else 1
        self.rows_count = self.count // self.columns if self.columns else 0
        self._decoder = decoder_for(tensor)
        self._source = LocalSource(tensor.path)
        self._mapping: Mapping | None = None
        self._raw = np.empty(0, np.uint8)
        try:
            self._check_file()
            if mapped and self._source.size:
                self._mapping = _mapping(self._source)
            # Scales are a small part of their weights: kept as they are, one for each block.
            self._scales = _whole(tensor.scales[0]) if tensor.scales else None
        except ModelFileError:
            self.close()
            raise
        self._by_columns: ColumnOrder | None = None
        if tensor.order == "F" and len(tensor.shape) == 2:
            self._by_columns = ColumnOrder(*tensor.shape, self._decoder.block_bytes, self._as_stored)
        plain = tensor.dtype == "F32" and sys.byteorder == "little" and tensor.offset % 4 == 0
        self._as_it_lies = plain and self._mapping is not None and tensor.order == "C" and not tensor.scales

    def _check_file(self) -> None:
        """Raise ModelFileError unless the file is the one whose header describes the tensor."""
        if self.tensor.identity and self._source.identity != self.tensor.identity:
            if self._source.size < self.tensor.offset + self.tensor.nbytes:
                raise shortened_while_read(self._source.name)
            raise changed_since(self._source.name)

    def values(self, start: int, stop: int, out: F32 | None = None) -> F32:
        """Values `start` to `stop` (excluded) in the order of storage, float32 (stop - start,).

        They are written into `out` where it is given and the range begins and ends at whole blocks, but for those
        that can be computed on where they lie, in a mapping: such an array can't be written to.
        """
        if not 0 <= start <= stop <= self.count:
            raise ValueError(f"{quoted(self.tensor.name)} has {self.count:,} values, not {start:,} to {stop:,}")
        if self._as_it_lies:
            return self.stored(start, stop).view(np.float32)
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
        if self._by_columns is not None:
            return self._by_columns.stored(first, last)
        return self._as_stored(first, last)

    def _as_stored(self, first: int, last: int) -> NDArray[np.uint8]:
        start, size = self._place(first, last)
        if self._mapping is not None:
            return self._mapping.view(start, size)
        if self._raw.size < size:
            self._raw = np.empty(size, np.uint8)
        raw = self._raw[:size]
        self._source.read_into(start, memoryview(raw))
        return raw

    def _place(self, first: int, last: int) -> tuple[int, int]:
        """Where blocks `first` to `last` (excluded) are in the file, and how many bytes they take."""
        width = self._decoder.block_bytes
        start, size = first * width, (last - first) * width
        if start + size > self.tensor.nbytes:
            raise ModelFileError(f"{self.tensor.path} holds too little for {quoted(self.tensor.name)}; open it again")
        return self.tensor.offset + start, size

    def expect(self, start: int, stop: int) -> None:
        """Ask the system to fetch values `start` to `stop` (excluded), which will be read soon."""
        if self._by_columns is None:
            size = self._decoder.block_size
            (self._mapping or self._source).expect(*self._place(start // size, -(-stop // size)))

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
        """Close the file; a mapping lasts as long as the values that lie in it."""
        self._mapping = None
        self._source.close()

    def __enter__(self) -> TensorData:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
