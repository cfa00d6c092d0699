"""Headers of safetensors files: eight bytes of length, JSON, then the tensors one after the other.

Checks as in the reference implementation (safetensors/src/tensor.rs): no overlaps, no holes, nothing past the end.
"""

from __future__ import annotations

from math import prod
from typing import Any, NamedTuple

from qtui.models.files import Tensor, check_extents
from qtui.models.json_text import Pairs, is_text, parse_json
from qtui.models.source import ModelFileError, Source, cut_short

DIMENSIONS_LIMIT = 64  # numpy's; more would be absurd
HEADER_LIMIT = 100_000_000  # MAX_HEADER_SIZE of the reference implementation

# Bits of each dtype; what takes less than a byte is packed.
DTYPE_BITS: dict[str, int] = {
    "BOOL": 8,
    "U8": 8,
    "I8": 8,
    "F4": 4,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
    "F8_E5M2": 8,
    "F8_E4M3": 8,
    "F8_E8M0": 8,
    "F8_E4M3FNUZ": 8,
    "F8_E5M2FNUZ": 8,
    "I16": 16,
    "U16": 16,
    "F16": 16,
    "BF16": 16,
    "I32": 32,
    "U32": 32,
    "F32": 32,
    "C64": 64,
    "F64": 64,
    "I64": 64,
    "U64": 64,
}


class SafetensorsHeader(NamedTuple):
    """Tensors in the order of their bytes, and the text values of `__metadata__`."""

    tensors: tuple[Tensor, ...]
    metadata: dict[str, str]


class _Entry(NamedTuple):
    dtype: str
    shape: tuple[int, ...]
    start: int
    stop: int


def looks_like_safetensors(head: bytes, size: int) -> bool:
    """True where the first bytes of a file of `size` bytes may begin a safetensors header."""
    if len(head) < 9:
        return False
    return head[8:9] == b"{" and 2 <= int.from_bytes(head[:8], "little") <= max(size, HEADER_LIMIT)


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
    metadata: dict[str, str] = {}
    tensors: list[Tensor] = []
    for name, value in _pairs(source.name, source.read(8, length)):
        if name == "__metadata__":
            metadata = _metadata(source.name, value)
            continue
        entry = _checked(source.name, name, value)
        nbytes = entry.stop - entry.start
        tensors.append(Tensor(name, entry.shape, entry.dtype, 8 + length + entry.start, nbytes, source.name))
    tensors.sort(key=lambda t: (t.offset, t.nbytes))
    check_extents(source.name, source.size, tensors)
    _check_filled(source, tensors, 8 + length)
    return SafetensorsHeader(tuple(tensors), metadata)


def _pairs(name: str, raw: bytes) -> Pairs:
    """The top-level members of the header, each tensor already made into an `_Entry`."""

    def make(pairs: Pairs) -> Any:
        made = dict(pairs)
        if len(made) == len(pairs) == 3 and "data_offsets" in made:
            return _entry(made) or pairs
        return pairs

    found = parse_json(name, raw, make)
    if raw[:1] == b"{" and isinstance(found, list):
        return found
    raise _corrupt(name, "its header is not a JSON object of tensors")


def _entry(made: dict[str, Any]) -> _Entry | None:
    dtype, shape, offsets = made.get("dtype"), made.get("shape"), made["data_offsets"]
    if (
        isinstance(dtype, str)
        and isinstance(shape, list)
        and isinstance(offsets, list)
        and len(offsets) == 2
        and len(shape) <= DIMENSIONS_LIMIT
        and all(type(n) is int and 0 <= n < 1 << 63 for n in (*shape, *offsets))
    ):
        return _Entry(dtype, tuple(shape), offsets[0], offsets[1])
    return None


def _checked(name: str, tensor: str, value: Any) -> _Entry:
    if not is_text(tensor):
        raise _corrupt(name, f"the tensor name {tensor!r} is not text")
    if not isinstance(value, _Entry):
        raise _corrupt(name, f"tensor {tensor!r} has no proper dtype, shape and data_offsets")
    bits = DTYPE_BITS.get(value.dtype)
    if bits is None:
        raise ModelFileError(
            f"{name} stores {tensor!r} as {value.dtype!r}, a dtype that qtui does not know; "
            f"known are {', '.join(sorted(DTYPE_BITS))}"
        )
    total = prod(value.shape) * bits
    if value.stop < value.start or total != 8 * (value.stop - value.start):
        raise _corrupt(
            name,
            f"tensor {tensor!r} of shape {list(value.shape)} and dtype {value.dtype} does not fit "
            f"its offsets {value.start:,} to {value.stop:,}",
        )
    return value


def _metadata(name: str, value: Any) -> dict[str, str]:
    if not isinstance(value, list) or not all(
        isinstance(pair, tuple) and is_text(pair[0]) and is_text(pair[1]) for pair in value
    ):
        raise _corrupt(name, "__metadata__ is not an object of texts")
    return dict(value)


def _check_filled(source: Source, tensors: list[Tensor], start: int) -> None:
    end = start
    for tensor in tensors:
        if tensor.offset != end:
            raise _corrupt(source.name, f"there is a hole of {tensor.offset - end:,} bytes before {tensor.name!r}")
        end += tensor.nbytes
    if end != source.size:
        raise _corrupt(source.name, f"{source.size - end:,} bytes after the last tensor belong to none of them")


def _corrupt(name: str, problem: str) -> ModelFileError:
    return ModelFileError(f"{name} is corrupt: {problem}; download or save it again")
