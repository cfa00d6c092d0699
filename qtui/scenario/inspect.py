"""What is inside a model file: its header, read without touching a weight."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from qtui.compute.ggml.formats import BY_NAME, FORKED
from qtui.compute.memory.architecture import text_parameters
from qtui.models.architecture import FileArchitecture
from qtui.models.catalogue.architecture import architecture_record
from qtui.models.catalogue.files import usable
from qtui.models.files.architecture import read_architecture
from qtui.models.files.model_file import ModelFile, Tensor
from qtui.models.files.open import open_model
from qtui.models.files.source import ModelFileError
from qtui.models.gguf.metadata import ArrayHead, file_type, with_heads
from qtui.models.quantized.join import joined
from qtui.models.tensors.names import TensorGroup, find, grouped, natural
from qtui.scenario.base import Scenario, UserError, argument, option
from qtui.scenario.progress import Progress

SORTS = ("file", "name", "size")
ARRAY_ITEMS = 64  # of a long array that are read; a tokenizer has hundreds of thousands
JSON_ITEMS = 16  # of those that JSON gives of a longer one


@dataclass(frozen=True)
class InspectScenario(Scenario):
    """Which file, which of its tensors, in which order, and how they are shown."""

    command = "inspect"
    file: str = argument("", "a GGUF, safetensors, config.json or .npy file, or a directory", metavar="FILE")
    hub: str = option(
        "", "instead of a file: a Hugging Face repository, org/repo or org/repo:file.gguf", metavar="REPO"
    )
    find: str = option("", "only tensors whose name matches these words or letters", metavar="WORDS")
    sort: str = option("file", "order of the tensors", choices=SORTS)
    each: bool = option(False, "list every tensor; else those that repeat in each layer share a row")
    stored: bool = option(False, "list codes and scales of other quantizers apart; else joined to weights")
    metadata: bool = option(False, "show the metadata alone, long texts and arrays opened further")


@dataclass(frozen=True)
class DtypeShare:
    """All tensors of one dtype: how many, the values they hold, their bytes."""

    name: str
    tensors: int
    count: int
    nbytes: int


@dataclass(frozen=True)
class QuantizedShare:
    """The weights of a checkpoint that its `quantizer` made smaller: with their scales they take `nbytes`."""

    quantizer: str
    tensors: int
    count: int
    nbytes: int


@dataclass(frozen=True)
class InspectResult:
    """A model's header: `tensors` that were asked for, in the order asked for, and what repeats of them in `groups`.

    `dtypes`, `parameters` and `nbytes` are those of the whole model, `parameters` without scales and zero points; of
    a model without weights they are those of its text model, as the architecture has them.
    `metadata` has the first items of long arrays. `quantized` is None where no quantizer's layout was recognised;
    `file_type` is the mix that a GGUF says it is, "" where it says none.
    `architecture` is None where nothing says what the model is, or what says it can't be used; `doubts` say why.
    """

    scenario: InspectScenario
    model: ModelFile
    tensors: tuple[Tensor, ...]
    groups: tuple[TensorGroup, ...]
    dtypes: tuple[DtypeShare, ...]
    metadata: Mapping[str, Any]
    parameters: int
    nbytes: int
    quantized: QuantizedShare | None = None
    file_type: str = ""
    architecture: FileArchitecture | None = None
    doubts: tuple[str, ...] = ()


def solve(scenario: InspectScenario, progress: Progress | None = None) -> InspectResult:
    """The header of the file. Raises ModelFileError or UserError with what is wrong and what to do."""
    opened = _opened(scenario)
    model = joined(opened)
    architecture, doubts = _architecture(model)
    shown = inspected(scenario, opened if scenario.stored else model)
    return replace(
        shown,
        parameters=model.parameters or _described(architecture),
        quantized=_quantized(model),
        architecture=architecture,
        doubts=(*model.notes, *_unknown_types(model), *doubts),
    )


def inspected(scenario: InspectScenario, model: ModelFile) -> InspectResult:
    """The header of `model`, without its architecture."""
    tensors = _chosen(scenario, model)
    return InspectResult(
        scenario,
        model,
        tensors,
        grouped(tensors),
        _dtypes(model),
        with_heads(model.metadata, ARRAY_ITEMS),
        model.parameters,
        model.nbytes,
        _quantized(model),
        file_type(model.metadata) if model.kind == "gguf" else "",
    )


def _unknown_types(model: ModelFile) -> tuple[str, ...]:
    """A sentence where a GGUF has tensors of which not even the size is known."""
    known = {*BY_NAME, *(kind.name for kind in FORKED.values())}
    names = sorted({tensor.dtype for tensor in model.tensors} - known) if model.kind == "gguf" else []
    if not names:
        return ()
    return (f"{', '.join(names)}: no type of ggml today; the size of such a tensor is the room that it has",)


def _quantized(model: ModelFile) -> QuantizedShare | None:
    if not model.quantizer:
        return None
    packed = [tensor for tensor in model.tensors if tensor.packing is not None]
    count, nbytes = sum(tensor.count for tensor in packed), sum(tensor.nbytes for tensor in packed)
    return QuantizedShare(model.quantizer, len(packed), count, nbytes)


def _dtypes(model: ModelFile) -> tuple[DtypeShare, ...]:
    sums: dict[str, tuple[int, int, int]] = {}
    for tensor in model.tensors:
        number, count, size = sums.get(tensor.dtype, (0, 0, 0))
        sums[tensor.dtype] = (number + 1, count + tensor.count, size + tensor.nbytes)
    return tuple(DtypeShare(name, *sums[name]) for name in sorted(sums, key=lambda name: -sums[name][2]))


def _architecture(model: ModelFile) -> tuple[FileArchitecture | None, tuple[str, ...]]:
    try:
        architecture = read_architecture(model)
    except ModelFileError as error:
        return None, (str(error),)
    return architecture, architecture.doubts if architecture else ()


def _described(architecture: FileArchitecture | None) -> int:
    return text_parameters(architecture.arch) if architecture is not None and usable(architecture.arch) else 0


def _opened(scenario: InspectScenario) -> ModelFile:
    if scenario.file and scenario.hub:
        raise UserError("inspect takes a file or --hub, not both; leave one out")
    if scenario.hub:
        from qtui.models.hub.repository import open_hub

        return open_hub(scenario.hub)
    if not scenario.file:
        raise UserError("inspect needs a model file or directory; try `qtui inspect model.gguf`")
    return open_model(scenario.file)


def _chosen(scenario: InspectScenario, model: ModelFile) -> tuple[Tensor, ...]:
    tensors = list(model.tensors)
    if scenario.find:
        by_name = {tensor.name: tensor for tensor in tensors}
        tensors = [by_name[name] for name in find(scenario.find, by_name)]
        if not tensors:
            raise UserError(f"no tensor's name matches {scenario.find!r}; `qtui inspect --each` lists them all")
    if scenario.sort == "name":
        tensors.sort(key=lambda tensor: natural(tensor.name))
    elif scenario.sort == "size":
        tensors.sort(key=lambda tensor: -tensor.nbytes)
    return tuple(tensors)


def json_object(result: InspectResult) -> dict[str, Any]:
    """The header; a long array is given by its type, count and first items."""
    model = result.model
    return {
        "path": model.path,
        "kind": model.kind,
        "files": list(model.paths),
        "quantizer": result.quantized.quantizer if result.quantized else None,
        "quantized": _quantized_json(result.quantized),
        "file_type": result.file_type or None,
        "parameters": result.parameters,
        "bytes": result.nbytes,
        "notes": list(result.doubts),
        "architecture": _architecture_json(result.architecture),
        "metadata": {key: _json_value(value) for key, value in result.metadata.items()},
        "tensors": [
            {
                "name": tensor.name,
                "shape": list(tensor.shape),
                "dtype": tensor.dtype,
                "format": tensor.format,
                "offset": tensor.offset,
                "bytes": tensor.nbytes,
                "file": os.path.basename(tensor.path),
                **({"parts": [part.name for part in tensor.packing.parts]} if tensor.packing else {}),
            }
            for tensor in result.tensors
        ],
    }


def _quantized_json(quantized: QuantizedShare | None) -> dict[str, Any] | None:
    if quantized is None:
        return None
    return {
        "tensors": quantized.tensors,
        "parameters": quantized.count,
        "bytes": quantized.nbytes,
        "bits_per_weight": 8 * quantized.nbytes / quantized.count if quantized.count else None,
    }


def _architecture_json(architecture: FileArchitecture | None) -> dict[str, Any] | None:
    if architecture is None:
        return None
    return {
        "name": architecture.name,
        "kind": architecture.kind,
        "context": architecture.context,
        **architecture_record(architecture.arch),
        "doubts": list(architecture.doubts),
    }


def _json_value(value: Any) -> Any:
    if not isinstance(value, ArrayHead):
        return value
    if value.count <= ARRAY_ITEMS:
        return list(value.first)
    return {"array_of": value.of, "count": value.count, "first": list(value.first[:JSON_ITEMS])}
