"""Files that the Quantizer reads: a tensor for its numbers, and what says how important its columns are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qtui.models.files.imatrix import read_imatrix
from qtui.models.files.model_file import Tensor
from qtui.models.files.npy import is_npy, open_npy
from qtui.models.files.open import open_model
from qtui.models.quantized.join import joined
from qtui.models.tensors.roles import gguf_name
from qtui.models.tensors.values import TensorData
from qtui.scenario.base import UserError

F32 = NDArray[np.float32]


def chosen_tensor(path: str, name: str) -> tuple[Tensor, tuple[str, ...]]:
    """The tensor called `name` of the file at `path`, its first matrix without a name, and the names to choose from.

    Raises UserError where there are no numbers, and ModelFileError.
    """
    model = joined(open_model(path))
    if name:
        tensor = model.tensor(name)
    else:
        usable = [t for t in model.tensors if t.format is not None or model.kind == "npy"]
        if not usable:
            raise UserError(f"{path} has no tensors of numbers; give a safetensors, GGUF or .npy file with weights")
        # The first matrix is what a model is made of; norms and biases come before it in many files.
        tensor = next((t for t in usable if len(t.shape) > 1), usable[0])
    if tensor.count == 0:
        raise UserError(f"{tensor.name!r} in {path} holds no numbers; choose another tensor")
    return tensor, tuple(t.name for t in model.tensors if t.format is not None)


def rows_of(tensor: Tensor, first: int, stop: int) -> F32:
    """The rows from `first` to before `stop`, float32 (rows, columns)."""
    with TensorData(tensor) as reader:
        return reader.rows(first, stop)


def values_of(tensor: Tensor, start: int, stop: int) -> F32:
    """The weights at flat positions from `start` to before `stop`, float32 (stop - start,)."""
    with TensorData(tensor) as reader:
        return reader.values(start, stop)


def importance_in(path: str, tensor: str) -> F32:
    """The importance vector in the file at `path`: an array, or that of the columns of `tensor` in an imatrix.

    Raises UserError where an imatrix has none for it, and ModelFileError.
    """
    return _vector(path) if is_npy(path) else _of_imatrix(path, tensor)


def _vector(path: str) -> F32:
    with TensorData(open_npy(path).tensors[0]) as reader:
        return reader.values(0, reader.count).reshape(-1)


def _of_imatrix(path: str, tensor: str) -> F32:
    """The importance of the columns of `tensor` in a file of llama-imatrix; that of its experts is averaged."""
    importance = read_imatrix(path)
    if not tensor:
        raise UserError(f"{path} has the importance of {len(importance)} matrices; name yours with --in and --tensor")
    values = importance.get(gguf_name(tensor))
    if values is None:
        raise UserError(f"{path} has no importance for {gguf_name(tensor)!r}; it was made from another model")
    return values if values.ndim == 1 else values.mean(axis=0, dtype=np.float32)
