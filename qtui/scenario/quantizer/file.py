"""A tensor of a model file, from which the Quantizer takes its numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qtui.models.files.model_file import Tensor
from qtui.models.files.open import open_model
from qtui.models.quantized.join import joined
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
