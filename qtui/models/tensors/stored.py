"""Bytes of one tensor as its file holds them: by positioned reads, or from a mapping of the file."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qtui.models.files.mapping import Mapping
from qtui.models.files.model_file import Tensor
from qtui.models.files.source import LocalSource, ModelFileError, changed_since, quoted, shortened_while_read

U8 = NDArray[np.uint8]


class StoredBytes:
    """The bytes of `tensor`, read as they are asked for; `mapped` maps the file where the system can.

    Raises ModelFileError where the file can't be read or has changed since its header was read.
    """

    def __init__(self, tensor: Tensor, *, mapped: bool = False) -> None:
        self._tensor = tensor
        self._source = LocalSource(tensor.path)
        self._mapping: Mapping | None = None
        self._buffer = np.empty(0, np.uint8)
        try:
            self._check_file()
        except ModelFileError:
            self.close()
            raise
        if mapped and self._source.size:
            self._mapping = _mapping(self._source)

    @property
    def is_mapped(self) -> bool:
        """Whether what `read` gives lies in the file itself and stays there."""
        return self._mapping is not None

    def _check_file(self) -> None:
        """Raise ModelFileError unless the file is the one whose header describes the tensor."""
        tensor = self._tensor
        if tensor.identity and self._source.identity != tensor.identity:
            if self._source.size < tensor.offset + tensor.nbytes:
                raise shortened_while_read(self._source.name)
            raise changed_since(self._source.name)

    def read(self, start: int, size: int) -> U8:
        """`size` bytes from byte `start` of the tensor on, uint8 (size,); they hold until the next read."""
        start = self._place(start, size)
        if self._mapping is not None:
            return self._mapping.view(start, size)
        if self._buffer.size < size:
            self._buffer = np.empty(size, np.uint8)
        raw = self._buffer[:size]
        self._source.read_into(start, memoryview(raw))
        return raw

    def expect(self, start: int, size: int) -> None:
        """Ask the system to fetch these bytes, which will be read soon."""
        (self._mapping or self._source).expect(self._place(start, size), size)

    def _place(self, start: int, size: int) -> int:
        """Where byte `start` of the tensor is in the file."""
        if start + size > self._tensor.nbytes:
            name = quoted(self._tensor.name)
            raise ModelFileError(f"{self._tensor.path} holds too little for {name}; open it again")
        return self._tensor.offset + start

    def close(self) -> None:
        """Close the file; a mapping lasts as long as the values that lie in it."""
        self._mapping = None
        self._source.close()


def _mapping(source: LocalSource) -> Mapping | None:
    """The file mapped; None where the system can't: an odd file system, little address space, a file cut short."""
    try:
        return Mapping(source)
    except (OSError, ValueError, OverflowError):
        return None
