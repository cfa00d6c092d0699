"""A GGUF model, of one file or split over several as llama-gguf-split names them ("-00001-of-00003.gguf")."""

from __future__ import annotations

import os
import re

from qtui.models.files.model_file import ModelFile, Tensor
from qtui.models.files.source import LocalSource, ModelFileError, exists, quoted
from qtui.models.gguf.header import GgufHeader, read_gguf

PART = re.compile(r"^(?P<stem>.*)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf$", re.DOTALL)
PARTS_LIMIT = 4096


def open_gguf(path: str) -> ModelFile:
    """The model that the file at `path` is, or is a part of. Raises ModelFileError."""
    header, identity = _read(path)
    count = header.metadata.get("split.count", 1)
    if type(count) is not int or not 0 <= count <= PARTS_LIMIT:
        raise ModelFileError(f"{path} is corrupt: split.count is {quoted(str(count))}; download it again")
    if count <= 1:
        return ModelFile(path, "gguf", (path,), header.tensors, header.metadata, identity=identity)
    return _open_parts(path, header, identity, count)


def _read(path: str) -> tuple[GgufHeader, str]:
    with LocalSource(path) as source:
        return read_gguf(source), source.identity


def part_paths(path: str, count: int) -> tuple[str, ...]:
    """All parts of the split model that `path` is one of, in order. Raises ModelFileError for missing ones."""
    folder, name = os.path.split(path)
    part = PART.match(name)
    if part is None or int(part["count"]) != count:
        raise ModelFileError(
            f"{path} is one of {count} parts, but its name does not end in -00001-of-{count:05}.gguf, "
            "so the others can't be found; give the files their original names"
        )
    paths = tuple(os.path.join(folder, f"{part['stem']}-{i:05}-of-{count:05}.gguf") for i in range(1, count + 1))
    missing = [os.path.basename(part) for part in paths if not exists(part)]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise ModelFileError(f"{path} needs {missing[0]}{more} beside it; download what is missing")
    return paths


def _open_parts(path: str, header: GgufHeader, identity: str, count: int) -> ModelFile:
    paths = part_paths(path, count)
    return join_parts(path, paths, [(header, identity) if part == path else _read(part) for part in paths])


def join_parts(path: str, paths: tuple[str, ...], headers: list[tuple[GgufHeader, str]]) -> ModelFile:
    """One model of all its parts, with each part's header and identity. Raises ModelFileError where they disagree."""
    count = len(paths)
    tensors: list[Tensor] = []
    seen: set[str] = set()
    for number, (part, (header, _)) in enumerate(zip(paths, headers, strict=True)):
        if header.metadata.get("split.count") != count or header.metadata.get("split.no") != number:
            raise ModelFileError(
                f"{part} says it is part {quoted(str(header.metadata.get('split.no')))} of "
                f"{quoted(str(header.metadata.get('split.count')))}, where {number} of {count} was expected; "
                "don't mix files of several models"
            )
        for tensor in header.tensors:
            if tensor.name in seen:
                raise ModelFileError(
                    f"{part} repeats the tensor {quoted(tensor.name)} of another part; download the parts again"
                )
            seen.add(tensor.name)
            tensors.append(tensor)
    promised = headers[0][0].metadata.get("split.tensors.count", len(tensors))
    if promised != len(tensors):
        raise ModelFileError(
            f"{path} promises {promised} tensors, and its parts hold {len(tensors)}; download the parts again"
        )
    # The first part carries the model's metadata, the others only split.*.
    metadata = headers[0][0].metadata
    return ModelFile(path, "gguf", paths, tuple(tensors), metadata, identity="+".join(mark for _, mark in headers))
