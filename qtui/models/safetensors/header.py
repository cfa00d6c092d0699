"""Headers of safetensors files: eight bytes of length, JSON, then the tensors one after the other.

Checks as in the reference implementation (safetensors/src/tensor.rs): no overlaps, no holes, nothing past the end.
"""

from __future__ import annotations

import re
import sys
from math import prod
from operator import attrgetter
from typing import NamedTuple

from qtui.compute.dtypes import DTYPES
from qtui.models.files.json_text import Walker
from qtui.models.files.model_file import Tensor, check_extents
from qtui.models.files.source import ModelFileError, Source, cut_short, quoted

DIMENSIONS_LIMIT = 64  # numpy's; more would be absurd
TENSORS_LIMIT = 1 << 20
ENTRY_LIMIT = 4096  # characters of one tensor's description
HEADER_LIMIT = 100_000_000  # MAX_HEADER_SIZE of the reference implementation

# A tensor's member of the header as writers spell it; any other order or spacing takes the slower way.
_USUAL = re.compile(
    r'[ \n]*"([^"\\\x00-\x1f]*)": ?\{"dtype": ?"([A-Z0-9_]{1,16})", ?'
    r'"shape": ?\[((?:[0-9]{1,19}(?:, ?[0-9]{1,19}){0,63})?)\], ?'
    r'"data_offsets": ?\[([0-9]{1,19}), ?([0-9]{1,19})\]\}'
)


class SafetensorsHeader(NamedTuple):
    """Tensors in the order of their bytes, and the text values of `__metadata__`."""

    tensors: tuple[Tensor, ...]
    metadata: dict[str, str]


class _SafetensorsEntry(NamedTuple):
    dtype: str
    shape: tuple[int, ...]
    start: int
    nbytes: int


def looks_like_safetensors(head: bytes, size: int) -> bool:
    """True where the first bytes of a file of `size` bytes may begin a safetensors header."""
    if len(head) < 9:
        return False
    begins = head[8:].lstrip(b" \t\r\n")[:1] in (b"{", b"")
    return begins and 2 <= int.from_bytes(head[:8], "little") <= max(size, HEADER_LIMIT)


def read_safetensors(source: Source) -> SafetensorsHeader:
    """The header of `source`. Raises ModelFileError where it is truncated, corrupt or has an unknown dtype."""
    if source.size < 8:
        raise cut_short(source.name, source.size)
    length = int.from_bytes(source.read(0, 8), "little")
    if length > HEADER_LIMIT:
        raise ModelFileError(
            f"{source.name} is corrupt or not a safetensors file: its header claims {length:,} bytes, "
            f"and {HEADER_LIMIT:,} is the most; download it again"
        )
    if 8 + length > source.size:
        raise cut_short(source.name, source.size)
    walker = Walker(source.name, source.read(8, length))
    metadata: dict[str, str] = {}
    tensors: list[Tensor] = []
    known: dict[tuple[str, str], _SafetensorsEntry] = {}
    for name, usual in walker.members(_USUAL):
        if name == "__metadata__" and usual is None:
            metadata = _metadata(walker)
            continue
        if usual is not None:
            dtype, shape, start, size = _usual_entry(source.name, usual, known)
        else:
            dtype, shape, start, size = _checked(source.name, name, _entry(walker))
        tensors.append(Tensor(name, shape, dtype, 8 + length + start, size, source.name, source.identity))
        if len(tensors) > TENSORS_LIMIT:
            raise _corrupt(source.name, f"it claims more than {TENSORS_LIMIT:,} tensors")
    walker.end()
    tensors.sort(key=attrgetter("offset", "nbytes"))
    check_extents(source.name, source.size, tensors)
    _check_filled(source, tensors, 8 + length)
    return SafetensorsHeader(tuple(tensors), metadata)


def _usual_entry(
    file: str, usual: re.Match[str], known: dict[tuple[str, str], _SafetensorsEntry]
) -> _SafetensorsEntry:
    """The description in a match of `_USUAL`; `known` keeps one for each dtype and shape, already checked."""
    name, dtype, text, first, last = usual.groups()
    start, size = int(first), int(last) - int(first)
    like = known.get((dtype, text))
    if like is None or like.nbytes != size:
        shape = tuple(int(length) for length in text.split(",")) if text else ()
        like = known[dtype, text] = _checked(file, name, _SafetensorsEntry(sys.intern(dtype), shape, start, size))
    return _SafetensorsEntry(like.dtype, like.shape, start, size)


def _entry(walker: Walker) -> _SafetensorsEntry | None:
    """The description of one tensor, None where it is not one."""
    pairs = walker.small(ENTRY_LIMIT)
    made = dict(pairs) if isinstance(pairs, list) and all(isinstance(pair, tuple) for pair in pairs) else {}
    dtype, shape, offsets = made.get("dtype"), made.get("shape"), made.get("data_offsets")
    if (
        len(made) == 3 == len(pairs)
        and isinstance(dtype, str)
        and isinstance(shape, list)
        and isinstance(offsets, list)
        and len(offsets) == 2
        and len(shape) <= DIMENSIONS_LIMIT
        and all(type(n) is int and 0 <= n < 1 << 63 for n in (*shape, *offsets))
    ):
        return _SafetensorsEntry(dtype, tuple(shape), offsets[0], offsets[1] - offsets[0])
    return None


def _checked(name: str, tensor: str, entry: _SafetensorsEntry | None) -> _SafetensorsEntry:
    if entry is None:
        raise _corrupt(name, f"tensor {quoted(tensor)} has no proper dtype, shape and data_offsets")
    dtype = DTYPES.get(entry.dtype)
    if dtype is None:
        raise ModelFileError(
            f"{name} stores {quoted(tensor)} as {quoted(entry.dtype)}, a dtype that qtui does not know; "
            f"known are {', '.join(sorted(DTYPES))}"
        )
    if entry.nbytes < 0 or prod(entry.shape) * dtype.bits != 8 * entry.nbytes:
        raise _corrupt(
            name,
            f"tensor {quoted(tensor)} of shape {list(entry.shape)} and dtype {entry.dtype} does not fit "
            f"its offsets {entry.start:,} to {entry.start + entry.nbytes:,}",
        )
    return entry


def _metadata(walker: Walker) -> dict[str, str]:
    metadata: dict[str, str] = {}
    if walker.peek() == "n" and walker.small(4) is None:  # null is as good as nothing
        return metadata
    for key, _ in walker.members():
        if walker.peek() != '"':
            raise _corrupt(walker.name, "__metadata__ is not an object of texts")
        metadata[key] = walker.string()
    return metadata


def _check_filled(source: Source, tensors: list[Tensor], start: int) -> None:
    end = start
    for tensor in tensors:
        if tensor.offset != end:
            raise _corrupt(
                source.name, f"there is a hole of {tensor.offset - end:,} bytes before {quoted(tensor.name)}"
            )
        end += tensor.nbytes
    if end != source.size:
        raise _corrupt(source.name, f"{source.size - end:,} bytes after the last tensor belong to none of them")


def _corrupt(name: str, problem: str) -> ModelFileError:
    return ModelFileError(f"{name} is corrupt: {problem}; download or save it again")
