"""The model file that is measured: opened once, its tensors chosen by name, those that can't be measured reported."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

from qtui.compute.dtypes import DTYPES
from qtui.models.files.model_file import ModelFile, Tensor
from qtui.models.files.open import open_model
from qtui.models.files.source import ModelFileError, expanded, quoted
from qtui.models.gguf.metadata import file_type
from qtui.models.quantized.join import joined
from qtui.models.tensors.decoding import require_decodable
from qtui.models.tensors.names import find
from qtui.models.tensors.tree import Branch, build_tree
from qtui.scenario.base import UserError
from qtui.scenario.inspect import InspectResult, InspectScenario, inspected

Marks = tuple[tuple[int, int, int], ...]


@dataclass(frozen=True)
class OpenedFile:
    """A model that was opened at `path`; `marks` change when one of its files does.

    `tree` and `header` are what the browse view shows beside single tensors; None until they are asked for.
    """

    path: str
    marks: Marks | None
    model: ModelFile
    tree: Branch | None = None
    header: InspectResult | None = None


def open_file(path: str) -> ModelFile:
    """The model at `path`, which holds at least one tensor, its scales joined to their codes.

    Raises ModelFileError otherwise.
    """
    model = joined(open_model(expanded(path)))
    if not model.tensors:
        raise ModelFileError(f"{path} has no tensors to measure; give a file with weights")
    return model


def title_of(model: ModelFile, name: str = "") -> str:
    """Name (else the file's), kind, and the mix or the quantizer: "model.gguf, gguf Q4_K_M"."""
    made = file_type(model.metadata) if model.kind == "gguf" else model.quantizer
    name = name or os.path.basename(os.path.normpath(model.path))
    return f"{name}, {model.kind}{made and f' {made}'}"


def opened(path: str, last: OpenedFile | None = None) -> OpenedFile:
    """The file at `path`: `last` where that is this file, unchanged on disk. Raises ModelFileError."""
    if last is not None and last.path == path and last.marks == _marks(path, last.model):
        return last
    model = open_file(path)
    return OpenedFile(path, _marks(path, model), model)


def browsable(file: OpenedFile) -> OpenedFile:
    """`file` with what the browse view shows: half a second of work for the largest models."""
    if file.tree is not None:
        return file
    header = inspected(InspectScenario(file.path), file.model)
    return replace(file, tree=build_tree(file.model.tensors), header=header)


def _marks(path: str, model: ModelFile) -> Marks | None:
    """What changes when a file of the model does; None where one can't be read."""
    try:
        stats = [os.stat(name) for name in (expanded(path), *model.paths)]
    except (OSError, ValueError):
        return None
    return tuple((stat.st_ino, stat.st_size, stat.st_mtime_ns) for stat in stats)


def chosen_tensors(model: ModelFile, wanted: str) -> tuple[Tensor, ...]:
    """The tensor called `wanted`, or those whose names match its words; all for "". Raises UserError for none."""
    if not wanted:
        return model.tensors
    by_name = {tensor.name: tensor for tensor in model.tensors}
    if wanted in by_name:
        return (by_name[wanted],)
    names = find(wanted, by_name)
    if not names:
        raise UserError(f"no tensor's name matches {wanted!r}; `qtui inspect --each` lists them all")
    return tuple(by_name[name] for name in names)


def unreadable(tensor: Tensor) -> str:
    """Why a tensor's errors can't be measured; nothing when they can."""
    if tensor.format is None:
        return f"holds {tensor.dtype}, not weights"
    if tensor.count == 0:
        return "is empty"
    try:
        require_decodable(tensor)
    except ModelFileError as error:
        reason = " ".join(str(error).split()).removeprefix(quoted(tensor.name)).removesuffix("; try another")
        return reason.strip()
    return ""


def stored_quantized(tensor: Tensor) -> str:
    """The format that a tensor is quantized in already; nothing for plain floats and integers."""
    dtype = DTYPES.get(tensor.dtype)
    plain = tensor.format is None or (dtype is not None and dtype.is_wide_float)
    return "" if plain or not tensor.count else tensor.dtype
