"""The key-value pairs of a GGUF header, with arrays left in the file until they are asked for.

A tokenizer's arrays make up nearly all of a header (8 MB and half a million strings in a large one), and only a
metadata view ever reads them. Scalars are read at once; an array is a `LazyArray` that knows its type, length and
place.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qtui.models.files.cursor import Cursor
from qtui.models.files.source import LocalSource, ModelFileError, Source, cut_short, quoted

STRING, ARRAY = 8, 9
BOOL = 7

# Value types of GGUF (gguf.md, `gguf_metadata_value_type`): id -> name and layout; strings and arrays apart.
SCALARS: dict[int, tuple[str, struct.Struct]] = {
    0: ("uint8", struct.Struct("<B")),
    1: ("int8", struct.Struct("<b")),
    2: ("uint16", struct.Struct("<H")),
    3: ("int16", struct.Struct("<h")),
    4: ("uint32", struct.Struct("<I")),
    5: ("int32", struct.Struct("<i")),
    6: ("float32", struct.Struct("<f")),
    7: ("bool", struct.Struct("<B")),
    10: ("uint64", struct.Struct("<Q")),
    11: ("int64", struct.Struct("<q")),
    12: ("float64", struct.Struct("<d")),
}

KEY_LIMIT = 65_535  # gguf.md: a key is at most 2^16 - 1 bytes
TEXT_LIMIT = 16 << 20  # far above any chat template
STRINGS_LIMIT = 1 << 22  # far above any vocabulary

Scalar = str | int | float | bool


@dataclass(frozen=True)
class LazyArray:
    """An array value that is still in the file: `count` items of type `of` from byte `offset` on."""

    of: str
    count: int
    offset: int
    path: str
    type_id: int
    remote: Source | None = None  # where the items are, when not in a file of this machine

    def __len__(self) -> int:
        return self.count

    def first(self, count: int, source: Source | None = None) -> list[Scalar]:
        """The first `count` items, read now. Raises ModelFileError where the file has changed or can't be read."""
        source = source or self.remote
        if source is None:
            with LocalSource(self.path) as opened:
                return self.first(count, opened)
        count = min(count, self.count)
        cursor = Cursor(source, self.offset, window=min(1 << 20, 64 + 32 * count))
        if self.type_id == STRING:
            return [read_text(cursor, "a string of an array") for _ in range(count)]
        layout = SCALARS[self.type_id][1]
        values = [cursor.unpack(layout)[0] for _ in range(count)]
        return [bool(v) for v in values] if self.type_id == BOOL else list(values)

    def values(self) -> list[Scalar]:
        """All items, read now."""
        return self.first(self.count)


Value = Scalar | LazyArray


@dataclass(frozen=True)
class ArrayHead:
    """What is shown of an array: the type and number of its items, and the `first` of them."""

    of: str
    count: int
    first: tuple[Scalar, ...]


def with_heads(metadata: Mapping[str, Any], most: int) -> dict[str, Any]:
    """`metadata` with at most `most` items of each array that is still in the file, read now.

    Raises ModelFileError where the file has changed or can't be read.
    """
    return {
        key: ArrayHead(value.of, value.count, tuple(value.first(most))) if isinstance(value, LazyArray) else value
        for key, value in metadata.items()
    }


def read_text(cursor: Cursor, what: str) -> str:
    """A string; bytes that are not UTF-8 become U+FFFD, as vocabularies hold pieces of characters."""
    return cursor.take(cursor.u64(), what, TEXT_LIMIT).decode("utf-8", "replace")


def read_name(cursor: Cursor, what: str) -> str:
    """A key or a tensor's name. Raises ModelFileError where it is not UTF-8 or absurdly long."""
    raw = cursor.take(cursor.u64(), what, KEY_LIMIT)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise ModelFileError(
            f"{cursor.source.name} is corrupt: {what} is not UTF-8 text; download it again"
        ) from None


def read_value(cursor: Cursor, key: str) -> Value:
    """The value of `key`; an array is stepped over and returned as a LazyArray."""
    type_id = cursor.u32()
    if type_id == STRING:
        return read_text(cursor, f"the value of {quoted(key)}")
    if type_id == ARRAY:
        return _read_array(cursor, key)
    if type_id not in SCALARS:
        raise _corrupt(cursor, f"{quoted(key)} has the unknown value type {type_id}")
    value = cursor.unpack(SCALARS[type_id][1])[0]
    return bool(value) if type_id == BOOL else value


def _read_array(cursor: Cursor, key: str) -> LazyArray:
    of, count = cursor.u32(), cursor.u64()
    remote = None if isinstance(cursor.source, LocalSource) else cursor.source
    array = LazyArray(_type_name(of), count, cursor.position, cursor.source.name, of, remote)
    if of == STRING:
        if count > STRINGS_LIMIT:
            raise _corrupt(cursor, f"{quoted(key)} claims {count:,} strings")
        if 8 * count > cursor.source.size:
            raise cut_short(cursor.source.name, cursor.source.size)
        cursor.skip_strings(count)
    elif of in SCALARS:
        cursor.skip(count * SCALARS[of][1].size)
    elif of == ARRAY:
        raise _corrupt(cursor, f"{quoted(key)} is an array of arrays, which llama.cpp does not read either")
    else:
        raise _corrupt(cursor, f"{quoted(key)} is an array of the unknown value type {of}")
    return array


def _type_name(type_id: int) -> str:
    if type_id == STRING:
        return "string"
    return SCALARS[type_id][0] if type_id in SCALARS else f"type {type_id}"


def _corrupt(cursor: Cursor, problem: str) -> ModelFileError:
    return ModelFileError(f"{cursor.source.name} is corrupt: {problem}; download or convert it again")


# general.file_type (`llama_ftype` of llama.cpp's include/llama.h).
_FILE_TYPES = {
    0: "F32",
    1: "F16",
    2: "Q4_0",
    3: "Q4_1",
    7: "Q8_0",
    8: "Q5_0",
    9: "Q5_1",
    10: "Q2_K",
    11: "Q3_K_S",
    12: "Q3_K_M",
    13: "Q3_K_L",
    14: "Q4_K_S",
    15: "Q4_K_M",
    16: "Q5_K_S",
    17: "Q5_K_M",
    18: "Q6_K",
    19: "IQ2_XXS",
    20: "IQ2_XS",
    21: "Q2_K_S",
    22: "IQ3_XS",
    23: "IQ3_XXS",
    24: "IQ1_S",
    25: "IQ4_NL",
    26: "IQ3_S",
    27: "IQ3_M",
    28: "IQ2_S",
    29: "IQ2_M",
    30: "IQ4_XS",
    31: "IQ1_M",
    32: "BF16",
    36: "TQ1_0",
    37: "TQ2_0",
    38: "MXFP4_MOE",
    39: "NVFP4",
    40: "Q1_0",
}
_GUESSED = 1024  # LLAMA_FTYPE_GUESSED: added where the file did not say it


def file_type(metadata: Mapping[str, Any]) -> str:
    """The mix that a GGUF says it was quantized to: "Q4_K_M"; "" where it says none that is known."""
    value = metadata.get("general.file_type")
    return _FILE_TYPES.get(value & ~_GUESSED, "") if type(value) is int else ""
