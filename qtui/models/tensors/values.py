"""Values of a tensor on disk as float32, chunk by chunk, in memory that does not grow with the tensor.

Bytes come by positioned reads into one small buffer, or in worker processes from a mapping of the file, where
float32 is computed on as it lies. The one is as safe as the other is quick: see `mapping`. Each thread or process
opens a `TensorData` of its own.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import TracebackType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from qtui.models.files.model_file import Packing, Tensor
from qtui.models.files.source import quoted
from qtui.models.quantized.parts import PartReader
from qtui.models.tensors.columns import ColumnOrder
from qtui.models.tensors.decoding import F32, Decoder, decoder_for, require_decodable
from qtui.models.tensors.stored import StoredBytes

CHUNK = 1 << 16  # values: their float32, and scratch of the same size, stay in a core's L2 cache


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
        require_decodable(tensor)
        self._reader = _reader(tensor, mapped)

    def values(self, start: int, stop: int, out: F32 | None = None) -> F32:
        """Values `start` to `stop` (excluded) in the order of storage, float32 (stop - start,).

        They are written into `out` where it is given and the range begins and ends at whole blocks, but for those
        that can be computed on where they lie, in a mapping: such an array can't be written to.
        """
        if not 0 <= start <= stop <= self.count:
            raise ValueError(f"{quoted(self.tensor.name)} has {self.count:,} values, not {start:,} to {stop:,}")
        if self._reader.as_it_lies:
            return self._reader.stored(start, stop).view(np.float32)
        size = self.block_size
        first, last = start // size, -(-stop // size)
        whole = min(last * size, self.count) - first * size
        exact = whole == stop - start
        into = out if exact and out is not None else np.empty(whole, np.float32)
        self._reader.into(first, last, into)
        return into if exact else into[start - first * size : stop - first * size]

    def rows(self, start: int, stop: int) -> F32:
        """Rows `start` to `stop` (excluded), float32 (stop - start, columns)."""
        return self.values(start * self.columns, stop * self.columns).reshape(stop - start, self.columns)

    def expect(self, start: int, stop: int) -> None:
        """Ask the system to fetch values `start` to `stop` (excluded), which will be read soon."""
        self._reader.expect(start // self.block_size, -(-stop // self.block_size))

    @property
    def block_size(self) -> int:
        """Weights that are decoded together."""
        return self._reader.block_size

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

    def close(self) -> None:
        """Close the file; a mapping lasts as long as the values that lie in it."""
        self._reader.close()

    def __enter__(self) -> TensorData:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _BlockReader(Protocol):
    """Decodes whole blocks of a tensor; `as_it_lies` where its bytes are float32 that stay where they are."""

    block_size: int
    as_it_lies: bool

    def into(self, first: int, last: int, out: F32) -> None: ...
    def stored(self, first: int, last: int) -> NDArray[np.uint8]: ...
    def expect(self, first: int, last: int) -> None: ...
    def close(self) -> None: ...


def _reader(tensor: Tensor, mapped: bool) -> _BlockReader:
    if tensor.packing is not None:
        return _PackedReader(tensor.packing, mapped)
    return _PlainReader(tensor, decoder_for(tensor), mapped)


class _PlainReader:
    """A tensor that is stored as one run of blocks."""

    def __init__(self, tensor: Tensor, decoder: Decoder, mapped: bool) -> None:
        self.block_size = decoder.block_size
        self._decoder = decoder
        self._bytes = StoredBytes(tensor, mapped=mapped)
        self._by_columns: ColumnOrder | None = None
        if tensor.order == "F" and len(tensor.shape) == 2:
            self._by_columns = ColumnOrder(*tensor.shape, decoder.block_bytes, self._in_order)
        plain = tensor.dtype == "F32" and sys.byteorder == "little" and tensor.offset % 4 == 0
        self.as_it_lies = plain and self._bytes.is_mapped and tensor.order == "C"

    def into(self, first: int, last: int, out: F32) -> None:
        self._decoder.into(self.stored(first, last), out)

    def stored(self, first: int, last: int) -> NDArray[np.uint8]:
        """Bytes of blocks `first` to `last` (excluded) as stored, uint8 (n,); they hold until the next read."""
        return (self._by_columns.stored if self._by_columns else self._in_order)(first, last)

    def _in_order(self, first: int, last: int) -> NDArray[np.uint8]:
        width = self._decoder.block_bytes
        return self._bytes.read(first * width, (last - first) * width)

    def expect(self, first: int, last: int) -> None:
        if self._by_columns is None:
            width = self._decoder.block_bytes
            self._bytes.expect(first * width, (last - first) * width)

    def close(self) -> None:
        self._bytes.close()


class _PackedReader:
    """A weight that is made of several stored tensors."""

    as_it_lies = False

    def __init__(self, packing: Packing, mapped: bool) -> None:
        self.block_size = packing.unit
        self._packing = packing
        self._parts = PartReader(mapped=mapped)

    def into(self, first: int, last: int, out: F32) -> None:
        with np.errstate(all="ignore"):  # scales of files may overflow: the results are counted as not finite
            out[:] = self._packing.decode(self._parts, first, last).reshape(-1)

    def stored(self, first: int, last: int) -> NDArray[np.uint8]:
        raise TypeError("a packed weight has no bytes of its own")

    def expect(self, first: int, last: int) -> None:
        """Parts lie apart: they are read when they are needed."""

    def close(self) -> None:
        self._parts.close()
