"""GGUF headers, versions 2 and 3 (ggml/docs/gguf.md; checks as in ggml's gguf.cpp), without reading any weights.

`read_gguf` reads one file; a model split over several ("-00001-of-00003.gguf") is put together in `split.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import NamedTuple

from qtui.compute.ggml.formats import BY_ID, FORKED, REMOVED
from qtui.models.files.cursor import Cursor
from qtui.models.files.model_file import Tensor, check_extents
from qtui.models.files.source import ModelFileError, Source, quoted
from qtui.models.gguf.metadata import Value, read_name, read_value

MAGIC = b"GGUF"
KEYS_LIMIT = 1 << 16
TENSORS_LIMIT = 1 << 18  # llama.cpp stacks experts: the largest models have some thousands
TEXTS_LIMIT = 64 << 20
DIMENSIONS_LIMIT = 4  # GGML_MAX_DIMS
DEFAULT_ALIGNMENT = 32  # GGUF_DEFAULT_ALIGNMENT


@dataclass(frozen=True)
class GgufHeader:
    """What one file's header says."""

    metadata: dict[str, Value]
    tensors: tuple[Tensor, ...]


class _GgufEntry(NamedTuple):
    """Shape (outermost first), type id, and offset within the data."""

    shape: tuple[int, ...]
    type_id: int
    offset: int


def read_gguf(source: Source, window: int = 1 << 20) -> GgufHeader:
    """The header of `source`. Raises ModelFileError where it is not GGUF, truncated, corrupt or unsupported."""
    cursor = Cursor(source, window=window)
    if cursor.take(4, "the magic number", 4) != MAGIC:
        raise ModelFileError(f"{source.name} is not a GGUF file: it does not begin with GGUF")
    _check_version(source.name, cursor.u32())
    tensor_count, key_count = cursor.u64(), cursor.u64()
    if tensor_count > TENSORS_LIMIT or key_count > KEYS_LIMIT:
        raise _corrupt(source, f"it claims {tensor_count:,} tensors and {key_count:,} metadata keys")
    metadata = _read_metadata(cursor, key_count)
    alignment = _alignment(source, metadata)
    entries = _read_entries(cursor, tensor_count)
    data_offset = -(-cursor.position // alignment) * alignment
    tensors = _placed(source, entries, data_offset, alignment)
    check_extents(source.name, source.size, tensors)
    return GgufHeader(metadata, tensors)


def _check_version(name: str, version: int) -> None:
    if version in (2, 3):
        return
    if version and version & 0xFFFF == 0:
        raise ModelFileError(
            f"{name} is a big-endian GGUF file; convert it to little-endian with gguf-py's gguf_convert_endian.py"
        )
    if version == 1:
        raise ModelFileError(
            f"{name} is GGUF version 1, of August 2023; convert the model again with a current llama.cpp"
        )
    raise ModelFileError(f"{name} says GGUF version {version}; qtui reads versions 2 and 3, so check the file")


def _read_metadata(cursor: Cursor, count: int) -> dict[str, Value]:
    metadata: dict[str, Value] = {}
    texts = 0
    for index in range(count):
        key = read_name(cursor, f"metadata key {index + 1}")
        if key in metadata:
            raise _corrupt(cursor.source, f"the metadata key {quoted(key)} appears twice")
        value = metadata[key] = read_value(cursor, key)
        texts += len(value) if isinstance(value, str) else 0
        if texts > TEXTS_LIMIT:
            raise _corrupt(cursor.source, f"its metadata holds more than {TEXTS_LIMIT:,} characters of text")
    return metadata


def _alignment(source: Source, metadata: dict[str, Value]) -> int:
    alignment = metadata.get("general.alignment", DEFAULT_ALIGNMENT)
    if isinstance(alignment, int) and 0 < alignment <= 1 << 20 and alignment & (alignment - 1) == 0:
        return alignment
    raise _corrupt(source, f"general.alignment is {quoted(str(alignment))}, not a power of two up to 1,048,576")


def _read_entries(cursor: Cursor, count: int) -> dict[str, _GgufEntry]:
    """The entries of the tensors, by name."""
    entries: dict[str, _GgufEntry] = {}
    for _ in range(count):
        name = read_name(cursor, "a tensor's name")
        if name in entries:
            raise _corrupt(cursor.source, f"the tensor {quoted(name)} appears twice")
        dimensions = cursor.u32()
        if dimensions > DIMENSIONS_LIMIT:
            raise _corrupt(cursor.source, f"tensor {quoted(name)} claims {dimensions:,} dimensions")
        shape = tuple(cursor.u64() for _ in range(dimensions))[::-1]
        entries[name] = _GgufEntry(shape, cursor.u32(), cursor.u64())
    return entries


def _placed(source: Source, entries: dict[str, _GgufEntry], data_offset: int, alignment: int) -> tuple[Tensor, ...]:
    """The tensors in the order of the header; one of a type that is not known has the room up to the next."""
    starts = sorted({entry.offset for entry in entries.values()})
    ends = dict(zip(starts, [*starts[1:], max(0, source.size - data_offset)], strict=False))
    tensors = []
    for name, entry in entries.items():
        if entry.offset % alignment:
            raise _corrupt(
                source,
                f"tensor {quoted(name)} begins at {entry.offset:,}, not at a multiple of the alignment {alignment}",
            )
        dtype, nbytes = _size(source, name, entry)
        if nbytes < 0:
            nbytes = max(0, ends[entry.offset] - entry.offset)
        tensors.append(
            Tensor(name, entry.shape, dtype, data_offset + entry.offset, nbytes, source.name, source.identity)
        )
    return tuple(tensors)


def _size(source: Source, name: str, entry: _GgufEntry) -> tuple[str, int]:
    """Name of the tensor's type and bytes of the tensor, -1 where they are not known."""
    shape, type_id, _ = entry
    kind = BY_ID.get(type_id) or FORKED.get(type_id)
    if kind is None:
        return REMOVED.get(type_id, f"type {type_id}"), -1
    columns, count = shape[-1] if shape else 1, prod(shape)
    if columns % kind.block_size:
        raise _corrupt(
            source,
            f"tensor {quoted(name)} has rows of {columns:,} weights, no multiple of {kind.name}'s {kind.block_size}",
        )
    extra = kind.row_bytes_extra * (count // columns) if columns else 0
    return kind.name, count // kind.block_size * kind.block_bytes + extra


def _corrupt(source: Source, problem: str) -> ModelFileError:
    return ModelFileError(f"{source.name} is corrupt: {problem}; download or convert it again")
