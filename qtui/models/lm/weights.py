"""A language model's weights, decoded from its file when they are asked for, in memory that is bounded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from qtui.compute.cache import Cache
from qtui.compute.lm.threads import BLAS
from qtui.models.files.model_file import Tensor
from qtui.models.files.source import ModelFileError, quoted
from qtui.models.tensors.values import TensorData

F32 = NDArray[np.float32]
IDS = NDArray[np.int64]
PIECE = 2  # a matrix above half of the memory is decoded in pieces
AT_ONCE = 1 << 18  # weights decoded at a time: few enough for a core's cache


class FileWeights:
    """Tensors of a file by GGUF names, float32; those used last are kept within `memory` bytes.

    `offset` is added to norms, which some checkpoints store less one. Raises ModelFileError, when a tensor is asked
    for, where it is missing, can't be decoded, or the file has changed.
    """

    def __init__(self, tensors: Mapping[str, Tensor], memory: int, path: str, offset: bool = False) -> None:
        self.tensors = tensors
        self.memory = memory
        self._path = path
        self._offset = offset
        self._kept: Cache[F32] = Cache(memory, lambda values: values.nbytes)

    def __contains__(self, name: str) -> bool:
        return name in self.tensors

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a tensor."""
        return self._tensor(name).shape

    def get(self, name: str) -> F32:
        """The tensor called `name`, (rows, columns) or (n,); not to be written to."""
        return self._kept.get(name, lambda: self._decoded(name))

    def _decoded(self, name: str) -> F32:
        tensor = self._tensor(name)
        values = np.empty(tensor.shape, np.float32)
        self._decode(tensor, 0, tensor.count, values.reshape(-1))
        if self._offset and len(tensor.shape) == 1 and "norm" in name:
            values += np.float32(1)
        return values

    def _decode(self, tensor: Tensor, first: int, stop: int, into: F32) -> None:
        """Write the values `first` to `stop` (excluded) of a tensor `into` float32 (stop - first,)."""

        def part(start: int) -> None:
            end = min(start + AT_ONCE, stop)
            with TensorData(tensor) as data:
                room = into[start - first : end - first]
                values = data.values(start, end, room)
                if values is not room:
                    room[:] = values

        BLAS.spread(part, range(first, stop, AT_ONCE))

    def rows(self, name: str, ids: IDS) -> F32:
        """Rows `ids` (n,) of a matrix, float32 (n, columns); only they are read."""
        tensor = self._tensor(name)
        if name in self._kept:
            return self.get(name)[ids]
        unique, places = np.unique(ids, return_inverse=True)
        rows = np.empty((len(unique), tensor.shape[-1]), np.float32)
        with TensorData(tensor) as data:
            for at, row in enumerate(unique.tolist()):
                rows[at] = data.rows(row, row + 1)[0]
        return rows[places.reshape(-1)]

    def pieces(self, name: str) -> Iterator[tuple[int, F32]]:
        """A matrix as (first row, float32 (rows, columns)); whole where it is small beside the memory."""
        tensor = self._tensor(name)
        if name in self._kept or 4 * tensor.count * PIECE <= self.memory:
            yield 0, self.get(name)
            return
        columns = tensor.shape[-1]
        count = max(1, self.memory // PIECE // (4 * columns))
        for start in range(0, tensor.shape[0], count):
            part = np.empty((min(count, tensor.shape[0] - start), columns), np.float32)
            self._decode(tensor, start * columns, start * columns + part.size, part.reshape(-1))
            yield start, part

    @property
    def held(self) -> int:
        """Bytes of decoded tensors that are kept."""
        return self._kept.held

    def _tensor(self, name: str) -> Tensor:
        tensor = self.tensors.get(name)
        if tensor is None:
            raise ModelFileError(f"{self._path} has no {quoted(name)}, without which it can't be run; check the file")
        return tensor
