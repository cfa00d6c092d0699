"""Headers of .npy files (numpy.lib.format), without numpy."""

from __future__ import annotations

import ast
import os
from math import prod

from qtui.models.files import ModelFile, Tensor
from qtui.models.source import LocalSource, ModelFileError, cut_short, quoted

MAGIC = b"\x93NUMPY"
HEADER_LIMIT = 10_000  # as numpy's own limit, `max_header_size`

_DTYPES = {
    "f8": "F64",
    "f4": "F32",
    "f2": "F16",
    "i8": "I64",
    "i4": "I32",
    "i2": "I16",
    "i1": "I8",
    "u8": "U64",
    "u4": "U32",
    "u2": "U16",
    "u1": "U8",
    "b1": "BOOL",
}
_REMEDY = "save it again with numpy.save"


def open_npy(path: str) -> ModelFile:
    """The one array at `path`, as a model of one tensor. Raises ModelFileError."""
    with LocalSource(path) as source:
        start, size = (10, 2) if source.read(6, 1) == b"\x01" else (12, 4)
        if source.size < start:
            raise cut_short(path, source.size)
        length = int.from_bytes(source.read(8, size), "little")
        if length > HEADER_LIMIT:
            raise ModelFileError(f"{path} is corrupt: its header claims {length:,} bytes; {_REMEDY}")
        tensor = _tensor(path, source.read(start, length), start + length)
        if tensor.offset + tensor.nbytes > source.size:
            raise cut_short(path, source.size)
        return ModelFile(path, "npy", (path,), (tensor,), identity=source.identity)


def _tensor(path: str, header: bytes, offset: int) -> Tensor:
    if b"\\" in header:  # numpy writes none, and Python warns of odd ones
        raise ModelFileError(f"{path} is corrupt: its header is not numpy's; {_REMEDY}")
    try:
        found = ast.literal_eval(header.decode("utf-8"))
        descr, fortran, shape = found["descr"], found["fortran_order"], found["shape"]
    except (ValueError, SyntaxError, TypeError, KeyError, RecursionError, MemoryError):
        raise ModelFileError(f"{path} is corrupt: its header is not numpy's; {_REMEDY}") from None
    if not isinstance(shape, tuple) or not all(type(n) is int and 0 <= n < 1 << 63 for n in shape):
        raise ModelFileError(f"{path} is corrupt: its shape is {quoted(str(shape))}; {_REMEDY}")
    if not isinstance(descr, str) or descr[:1] not in "<|" or descr[1:] not in _DTYPES:
        raise ModelFileError(
            f"{path} holds {quoted(str(descr))}, not little-endian numbers; save it as float32 with numpy.save"
        )
    if fortran is not False and len(shape) > 1:
        raise ModelFileError(f"{path} is in Fortran order; save it again after numpy.ascontiguousarray")
    name = os.path.splitext(os.path.basename(path))[0]
    return Tensor(name, shape, _DTYPES[descr[1:]], offset, prod(shape) * _width(descr), path)


def _width(descr: str) -> int:
    return int(descr[2:])
