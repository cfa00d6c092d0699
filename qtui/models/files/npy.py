"""Headers of .npy files (numpy.lib.format), without numpy."""

from __future__ import annotations

import os
import re
from math import prod

from qtui.compute.dtypes import DTYPES
from qtui.models.files.model_file import ModelFile, Tensor
from qtui.models.files.source import LocalSource, ModelFileError, cut_short, quoted

MAGIC = b"\x93NUMPY"
HEADER_LIMIT = 10_000  # as numpy's own limit, `max_header_size`

_DTYPES = {dtype.numpy: dtype.name for dtype in DTYPES.values() if dtype.numpy}
# The parts of the header, which is Python's way of writing a dict.
_DESCR = re.compile(r"'descr': ?'([^']{1,16})'")
_ORDER = re.compile(r"'fortran_order': ?(True|False)")
_SHAPE = re.compile(r"'shape': ?\(((?:[0-9]{1,18}, ?){0,64}[0-9]{0,18})\)")
_REMEDY = "save it again with numpy.save"


def is_npy(path: str) -> bool:
    """Whether the file at `path` begins as .npy files do. Raises ModelFileError where it can't be read."""
    with LocalSource(path) as source:
        return source.read(0, min(len(MAGIC), source.size)) == MAGIC


def open_npy(path: str) -> ModelFile:
    """The one array at `path`, as a model of one tensor. Raises ModelFileError."""
    with LocalSource(path) as source:
        start, size = (10, 2) if source.read(6, 1) == b"\x01" else (12, 4)
        if source.size < start:
            raise cut_short(path, source.size)
        length = int.from_bytes(source.read(8, size), "little")
        if length > HEADER_LIMIT:
            raise ModelFileError(f"{path} is corrupt: its header claims {length:,} bytes; {_REMEDY}")
        tensor = _tensor(path, source.read(start, length), start + length, source.identity)
        if tensor.offset + tensor.nbytes > source.size:
            raise cut_short(path, source.size)
        return ModelFile(path, "npy", (path,), (tensor,), identity=source.identity)


def _tensor(path: str, header: bytes, offset: int, identity: str) -> Tensor:
    text = header.decode("latin-1")
    descr, order, sizes = _DESCR.search(text), _ORDER.search(text), _SHAPE.search(text)
    if order is None or sizes is None or (descr is None and "'descr'" not in text):
        raise ModelFileError(f"{path} is corrupt: its header is not numpy's; {_REMEDY}")
    if descr is None or descr[1][:1] not in "<|" or descr[1][1:] not in _DTYPES:
        kind = quoted(descr[1]) if descr else "records"
        raise ModelFileError(f"{path} holds {kind}, not little-endian numbers; save it as float32 with numpy.save")
    shape = tuple(int(size) for size in sizes[1].split(",") if size.strip())
    stored = "F" if order[1] == "True" and len(shape) > 1 else "C"
    if stored == "F" and len(shape) > 2:
        raise ModelFileError(
            f"{path} has {len(shape)} axes in Fortran order, of which qtui reads matrices only; "
            "save it again after numpy.ascontiguousarray"
        )
    name = os.path.splitext(os.path.basename(path))[0]
    nbytes = prod(shape) * int(descr[1][2:])
    return Tensor(name, shape, _DTYPES[descr[1][1:]], offset, nbytes, path, identity, stored)
