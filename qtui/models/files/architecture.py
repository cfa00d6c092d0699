"""The architecture of whatever was opened: a GGUF by its metadata, safetensors by the config.json beside it."""

from __future__ import annotations

from dataclasses import replace

from qtui.compute.dtypes import DTYPES
from qtui.compute.memory.architecture import extras, text_parameters
from qtui.models.architecture import FileArchitecture
from qtui.models.config.reader import architecture_of, read_config
from qtui.models.files.model_file import ModelFile
from qtui.models.gguf.architecture import architecture_of_gguf

# Floats of 16 bits and more, which parameters are counted in; integers are buffers.
_PLAIN = {dtype.name: dtype.format for dtype in DTYPES.values() if dtype.is_wide_float}


def read_architecture(model: ModelFile) -> FileArchitecture | None:
    """The architecture of `model`, None where nothing beside its tensors says what it is.

    Raises ModelFileError where what says it is corrupt.
    """
    if model.kind == "gguf":
        return architecture_of_gguf(model)
    if model.kind == "config":
        return architecture_of(model.metadata, model.path)
    if model.config is not None:
        return _checked(architecture_of(model.config, f"{model.path}'s config.json"), model)
    return _checked(read_config(model.config_path), model) if model.config_path else None


def _checked(architecture: FileArchitecture, model: ModelFile) -> FileArchitecture:
    """With the dtype that the tensors have, and a doubt where they hold another number of parameters."""
    sums: dict[str, int] = {}
    for tensor in model.tensors:
        sums[tensor.dtype] = sums.get(tensor.dtype, 0) + tensor.count
    main = max(sums, key=lambda name: sums[name], default="")
    if architecture.dtype is None or len(sums) == 1:
        architecture = replace(architecture, dtype=_PLAIN.get(main, architecture.dtype))
    counted = text_parameters(architecture.arch) + sum(extras(architecture.arch).values())
    held = sum(count for dtype, count in sums.items() if dtype in _PLAIN)
    if main in _PLAIN and counted != held:
        doubt = f"the tensors hold {held:,} parameters, and the config's arithmetic gives {counted:,}"
        return replace(architecture, doubts=(*architecture.doubts, doubt))
    return architecture
