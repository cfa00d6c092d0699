"""Model files: `open_model` lists the tensors and reads one at a time."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtui.error import check_type
from qtui.models.files import open as files
from qtui.models.files.model_file import ModelFile
from qtui.models.quantized.join import joined
from qtui.models.tensors.values import TensorData


@dataclass(frozen=True)
class TensorInfo:
    """One tensor of a file: `shape` with the outermost axis first, `dtype` the file's own word ("BF16", "Q4_K"),
    `bytes` that it takes in the file."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    bytes: int


@dataclass(frozen=True, eq=False)
class OpenModel:
    """A model on disk, known by its headers; made by `open_model`.

    path: what was opened. kind: "gguf", "safetensors", "config" or "npy".
    tensors: a TensorInfo for each tensor, in the file's order.
    """

    path: str
    kind: str
    tensors: tuple[TensorInfo, ...]
    _file: ModelFile

    def read(self, name: str) -> NDArray[np.float32]:
        """The values of the tensor called `name`, float32 of its shape, dequantized; scales beside it are applied.

        Raises QtuiError where there is no such tensor, its dtype has no real numbers, or the file has changed.
        """
        check_type(name, str, "name", "the name of a tensor")
        tensor = self._file.tensor(name)
        with TensorData(tensor) as data:
            return data.values(0, data.count).reshape(tensor.shape)


def open_model(path: str | os.PathLike[str]) -> OpenModel:
    """Open a GGUF or safetensors file (split ones by any part), a directory of them, a config.json or a .npy file.

    Only headers are read; nothing is loaded until `read`. Codes, scales and zero points of a quantizer's
    checkpoint (AWQ, GPTQ, bitsandbytes, ...) are joined to the weights that they stand for, as in the Errors pane.

    Raises QtuiError for what is not there, is no model file, or is corrupt.
    Sources: the GGUF specification of ggml, the safetensors format, numpy's .npy format.
    """
    check_type(path, (str, os.PathLike), "path", "the path of a file or directory")
    file = joined(files.open_model(os.path.expanduser(os.fspath(path))))
    tensors = tuple(TensorInfo(t.name, t.shape, t.dtype, t.nbytes) for t in file.tensors)
    return OpenModel(file.path, file.kind, tensors, file)
