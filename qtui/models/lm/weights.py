"""A language model's weights, decoded from its file when they are asked for, in memory that is bounded."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from qtui.compute.cache import Cache
from qtui.compute.lm.threads import THREADS
from qtui.compute.lm.transformer import PieceWork
from qtui.models.files.model_file import Tensor
from qtui.models.files.source import ModelFileError, quoted
from qtui.models.tensors.values import TensorData

F32 = NDArray[np.float32]
IDS = NDArray[np.int64]
PIECE = 2  # a matrix above half of the memory is not kept


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
        flat = values.reshape(-1)
        THREADS.spread(lambda part: _decode(tensor, part.start, flat[part]), THREADS.row_pieces(tensor.count, 1))
        if self._offset and len(tensor.shape) == 1 and "norm" in name:
            values += np.float32(1)
        return values

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

    def spread(self, name: str, work: PieceWork, few: bool = False) -> None:
        """Call `work(rows, piece)` for pieces float32 (rows, columns) of a matrix, in several threads.

        They are decoded on the way, and kept where the matrix is small beside the memory.
        """
        tensor = self._tensor(name)
        if name in self._kept:
            THREADS.over_rows(self.get(name), work, few)
            return
        (count, columns), keeps = tensor.shape, 4 * tensor.count * PIECE <= self.memory
        room = np.empty(tensor.shape if keeps else (0, columns), np.float32)

        def decode(rows: slice) -> None:
            piece = room[rows] if keeps else np.empty((rows.stop - rows.start, columns), np.float32)
            _decode(tensor, rows.start * columns, piece.reshape(-1))
            work(rows, piece)

        THREADS.spread(decode, THREADS.row_pieces(count, columns, self.memory // PIECE))
        if keeps:
            self._kept.get(name, lambda: room)

    @property
    def held(self) -> int:
        """Bytes of decoded tensors that are kept."""
        return self._kept.held

    def _tensor(self, name: str) -> Tensor:
        tensor = self.tensors.get(name)
        if tensor is None:
            raise ModelFileError(f"{self._path} has no {quoted(name)}, without which it can't be run; check the file")
        return tensor


def _decode(tensor: Tensor, first: int, into: F32) -> None:
    """Write the values of a tensor from `first` on `into` float32 (n,)."""
    with TensorData(tensor) as data:
        values = data.values(first, first + into.size, into)
        if values is not into:
            into[:] = values
