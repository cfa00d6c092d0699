"""Importance matrices of llama.cpp: for each matrix, the mean squared activation of each of its columns.

Two kinds of file: GGUF, with tensors NAME.in_sum2 and NAME.counts, and the older binary list of entries (name, calls,
values) of llama-imatrix before mid 2025.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from qtui.models.files.model_file import ModelFile, Tensor
from qtui.models.files.source import LocalSource, ModelFileError
from qtui.models.gguf.split import open_gguf

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    F32 = NDArray[np.float32]

MOST_VALUES = 1 << 22  # of one entry: columns times experts
MOST_ENTRIES = 1 << 16


def read_imatrix(path: str) -> dict[str, F32]:
    """Importance float32 (columns,), or (experts, columns), by tensor name. Raises ModelFileError."""
    import numpy as np

    with LocalSource(path) as source:
        head = source.read(0, min(4, source.size))
    importance = _from_gguf(open_gguf(path)) if head == b"GGUF" else _from_list(path)
    if not importance:
        raise ModelFileError(f"{path} holds no importance matrix; make one with llama-imatrix")
    for name, values in importance.items():
        if not np.isfinite(values).all() or (values < 0).any():
            raise ModelFileError(f"{path}: the importance of {name!r} is not finite and positive; make it again")
    return importance


def _from_gguf(model: ModelFile) -> dict[str, F32]:
    import numpy as np

    from qtui.models.tensors.values import TensorData

    by_name = {tensor.name: tensor for tensor in model.tensors}
    importance = {}
    for name, tensor in by_name.items():
        if not name.endswith(".in_sum2") or not 0 < tensor.count <= MOST_VALUES:
            continue
        stem = name.removesuffix(".in_sum2")
        counts = by_name.get(f"{stem}.counts")
        if counts is None or not 0 < counts.count <= tensor.count or tensor.count % counts.count:
            raise ModelFileError(f"{model.path}: {stem!r} has no counts; make the importance matrix again")
        with TensorData(tensor) as data, TensorData(counts) as calls:
            sums = data.values(0, tensor.count).copy().reshape(counts.count, -1)
            many = calls.values(0, counts.count).copy().reshape(-1, 1)
        # What an expert never saw is as important as anything: llama.cpp weighs it evenly.
        with np.errstate(all="ignore"):  # infinities are reported below
            means = np.where(many > 0, sums / np.maximum(many, 1), 1).astype(np.float32)
        importance[stem] = means[0] if len(means) == 1 else means
    return importance


def looks_like_imatrix(head: bytes) -> bool:
    """True where the first 64 bytes of a file may begin a list of entries."""
    if len(head) < 16:
        return False
    entries, length = struct.unpack("<ii", head[:8])
    name = head[8 : 8 + min(max(length, 0), 48)]
    return 0 < entries <= MOST_ENTRIES and 0 < length <= 1024 and all(32 < byte < 127 for byte in name)


def open_imatrix(path: str) -> ModelFile:
    """The list of entries at `path` as a model of float32 vectors, sums over the calls. Raises ModelFileError."""
    with LocalSource(path) as source:
        entries, end = _entries(source)
        tensors = tuple(
            Tensor(e.name, (e.size,), "F32", e.offset, 4 * e.size, path, source.identity) for e in entries
        )
        metadata: dict[str, object] = {"imatrix.entries": len(entries), "imatrix.calls": entries[0].calls}
        if end + 8 <= source.size:
            chunks, length = struct.unpack("<ii", source.read(end, 8))
            metadata["imatrix.chunk_count"] = chunks
            if 0 < length <= source.size - end - 8:
                metadata["imatrix.dataset"] = source.read(end + 8, min(length, 1024)).decode("utf-8", "replace")
        return ModelFile(path, "imatrix", (path,), tensors, metadata, identity=source.identity)


class _Entry(NamedTuple):
    name: str
    calls: int
    offset: int
    size: int


def _entries(source: LocalSource) -> tuple[list[_Entry], int]:
    """What the list says of each matrix, and where the list ends."""
    place = 0

    def number() -> int:
        nonlocal place
        (value,) = struct.unpack("<i", source.read(place, 4))
        place += 4
        return int(value)

    path, entries = source.name, []
    for _ in range(_within(path, number(), MOST_ENTRIES)):
        length = _within(path, number(), 1024)
        name = source.read(place, length).decode("utf-8", "replace")
        place += length
        calls = number()
        count = _within(path, number(), MOST_VALUES)
        entries.append(_Entry(name, calls, place, count))
        place += 4 * count
        if place > source.size:
            raise ModelFileError(f"{path} is truncated: the importance of {name!r} ends past it; make it again")
    return entries, place


def _from_list(path: str) -> dict[str, F32]:
    import numpy as np

    importance: dict[str, F32] = {}
    with LocalSource(path) as source:
        for name, calls, offset, count in _entries(source)[0]:
            values = np.frombuffer(source.read(offset, 4 * count), "<f4").astype(np.float32)
            with np.errstate(all="ignore"):
                importance[name] = values / np.float32(calls) if calls > 0 else values
    return importance


def _within(path: str, value: int, most: int) -> int:
    if not 0 < value <= most:
        raise ModelFileError(f"{path} is no importance matrix that qtui can read; make one with llama-imatrix")
    return value
