"""Importance matrices of llama.cpp: for each matrix, the mean squared activation of each of its columns.

Two kinds of file: GGUF, with tensors NAME.in_sum2 and NAME.counts, and the older binary list of entries (name, calls,
values) of llama-imatrix before mid 2025.
"""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from qtui.models.files.model_file import ModelFile
from qtui.models.files.open import open_model
from qtui.models.files.source import LocalSource, ModelFileError
from qtui.models.tensors.values import TensorData

F32 = NDArray[np.float32]

MOST_VALUES = 1 << 22  # of one entry: columns times experts
MOST_ENTRIES = 1 << 16


def read_imatrix(path: str) -> dict[str, F32]:
    """Importance float32 (columns,), or (experts, columns), by tensor name. Raises ModelFileError."""
    with LocalSource(path) as source:
        head = source.read(0, min(4, source.size))
    importance = _from_gguf(open_model(path)) if head == b"GGUF" else _from_list(path)
    if not importance:
        raise ModelFileError(f"{path} holds no importance matrix; make one with llama-imatrix")
    for name, values in importance.items():
        if not np.isfinite(values).all() or (values < 0).any():
            raise ModelFileError(f"{path}: the importance of {name!r} is not finite and positive; make it again")
    return importance


def _from_gguf(model: ModelFile) -> dict[str, F32]:
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
        with np.errstate(all="ignore"):  # infinities are told of below
            means = np.where(many > 0, sums / np.maximum(many, 1), 1).astype(np.float32)
        importance[stem] = means[0] if len(means) == 1 else means
    return importance


def _from_list(path: str) -> dict[str, F32]:
    with LocalSource(path) as source:
        place = 0

        def number() -> int:
            nonlocal place
            (value,) = struct.unpack("<i", source.read(place, 4))
            place += 4
            return int(value)

        importance: dict[str, F32] = {}
        for _ in range(_within(path, number(), MOST_ENTRIES)):
            length = _within(path, number(), 1024)
            name = source.read(place, length).decode("utf-8", "replace")
            place += length
            calls = number()
            count = _within(path, number(), MOST_VALUES)
            values = np.frombuffer(source.read(place, 4 * count), "<f4").astype(np.float32)
            place += 4 * count
            with np.errstate(all="ignore"):
                importance[name] = values / np.float32(calls) if calls > 0 else values
    return importance


def _within(path: str, value: int, most: int) -> int:
    if not 0 < value <= most:
        raise ModelFileError(f"{path} is no importance matrix that qtui can read; make one with llama-imatrix")
    return value
