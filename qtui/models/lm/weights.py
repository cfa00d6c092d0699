"""A language model's weights, decoded from its file when they are asked for, in memory that is bounded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from qtui.compute.cache import Cache
from qtui.models.files.model_file import Tensor
from qtui.models.files.source import ModelFileError, quoted
from qtui.models.tensors.values import TensorData

F32 = NDArray[np.float32]
IDS = NDArray[np.int64]
PIECE = 4  # a matrix above a quarter of the memory is decoded in pieces


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
        with TensorData(tensor) as data:
            values = data.values(0, data.count).reshape(tensor.shape)
        if self._offset and len(tensor.shape) == 1 and "norm" in name:
            values = values + np.float32(1)
        return values

    def rows(self, name: str, ids: IDS) -> F32:
        """Rows `ids` (n,) of a matrix, float32 (n, columns); only they are read where all would take much memory."""
        tensor = self._tensor(name)
        if name in self._kept or 4 * tensor.count * PIECE <= self.memory:
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
        count = max(1, self.memory // PIECE // (4 * tensor.shape[-1]))
        with TensorData(tensor) as data:
            for start in range(0, tensor.shape[0], count):
                yield start, data.rows(start, min(start + count, tensor.shape[0]))

    @property
    def held(self) -> int:
        """Bytes of decoded tensors that are kept."""
        return self._kept.held

    def forget(self) -> None:
        """Let go of everything that was decoded."""
        self._kept.clear()

    def _tensor(self, name: str) -> Tensor:
        tensor = self.tensors.get(name)
        if tensor is None:
            raise ModelFileError(f"{self._path} has no {quoted(name)}, without which it can't be run; check the file")
        return tensor
