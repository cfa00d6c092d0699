"""Stored bytes of a tensor to float32, for every dtype that safetensors, GGUF and .npy files hold.

Plain numbers are decoded here, into a buffer of the caller's; block formats by their codec in the registry.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from qtui.models.files.model_file import Tensor
from qtui.models.files.source import ModelFileError, quoted
from qtui.models.tensors.scaled import MXFP4_BLOCK, unpack_pairs

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]

_CASTS = {
    "F32": "<f4",
    "F64": "<f8",
    "BOOL": "?",
    "I8": "i1",
    "U8": "u1",
    "I16": "<i2",
    "U16": "<u2",
    "I32": "<i4",
    "U32": "<u4",
    "I64": "<i8",
    "U64": "<u8",
}
# ggml's types for activations, which no codec of the registry makes: weights in a block, its bytes, where the int8
# codes begin after the scale, and the scale's type (`block_q8_1`, `block_q8_K` in ggml-common.h; sums lie between or
# behind and are not needed).
_ACTIVATIONS = {"Q8_1": (32, 36, 4, "<f2"), "Q8_K": (256, 292, 4, "<f4")}
_FLOAT8 = ("F8_E4M3", "F8_E5M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ")


@dataclass(frozen=True)
class Decoder:
    """`into(raw, out)` fills float32 (n,) from uint8 (n / block_size * block_bytes,); whole blocks only."""

    block_size: int
    block_bytes: int
    into: Callable[[U8, F32], None]


def decoder_for(tensor: Tensor) -> Decoder:
    """The decoder of the tensor's dtype. Raises ModelFileError for one whose values can't be shown."""
    if tensor.dtype == "MXFP4" and tensor.scales:
        return Decoder(MXFP4_BLOCK, MXFP4_BLOCK // 2, unpack_pairs)
    found = _decoder(tensor.dtype, tensor.format)
    if found is not None:
        return found
    if tensor.format is None:
        raise ModelFileError(
            f"{quoted(tensor.name)} holds complex numbers ({tensor.dtype}); qtui shows real ones only"
        )
    raise ModelFileError(
        f"{quoted(tensor.name)} is stored as {tensor.dtype}, which qtui can list but not decode; try another"
    )


@lru_cache(maxsize=64)
def _decoder(dtype: str, name: str | None) -> Decoder | None:
    """The decoder of `dtype`, whose registry name is `name`; None where there is none."""
    if dtype in _CASTS:
        return _cast(np.dtype(_CASTS[dtype]))
    if dtype in _ACTIVATIONS:
        return _int8_blocks(*_ACTIVATIONS[dtype])
    if dtype == "BF16":
        return Decoder(1, 2, _bfloat16)
    if dtype == "F16":
        return _lookup(np.arange(1 << 16, dtype=np.uint16).view(np.float16).astype(np.float32), np.dtype("<u2"))
    return None if name is None else _registered(dtype, name)


def _cast(dtype: np.dtype[np.generic]) -> Decoder:
    def into(raw: U8, out: F32) -> None:
        with np.errstate(over="ignore"):  # float64 beyond float32 becomes infinity, and is counted as such
            np.copyto(out, raw.view(dtype), casting="unsafe")

    return Decoder(1, dtype.itemsize, into)


def _bfloat16(raw: U8, out: F32) -> None:
    bits = out.view(np.uint32)
    np.copyto(bits, raw.view("<u2"))
    np.left_shift(bits, 16, out=bits)


def _lookup(table: F32, dtype: np.dtype[np.generic]) -> Decoder:
    # Twice as fast as numpy's own cast from float16; "clip" spares a check of codes that can't be out of range.
    def into(raw: U8, out: F32) -> None:
        np.take(table, raw.view(dtype), out=out, mode="clip")

    return Decoder(1, dtype.itemsize, into)


def _int8_blocks(size: int, width: int, start: int, kind: str) -> Decoder:
    dtype = np.dtype(kind)

    def into(raw: U8, out: F32) -> None:
        blocks = raw.reshape(-1, width)
        scale = np.ascontiguousarray(blocks[:, : dtype.itemsize]).view(dtype).astype(np.float32)
        with np.errstate(all="ignore"):
            np.multiply(blocks[:, start : start + size].view(np.int8), scale, out=out.reshape(-1, size))

    return Decoder(size, width, into)


def _registered(dtype: str, name: str) -> Decoder | None:
    from qtui.compute.codec import Encoded
    from qtui.compute.formats import get_format

    try:
        fmt = get_format(name)
        codec = fmt.codec
    except (ValueError, ImportError, AttributeError):
        return None
    if dtype in _FLOAT8:
        codes = np.arange(256, dtype=np.uint8)
        return _lookup(codec.decode(Encoded(codes[None], 256))[0], codes.dtype)

    def into(raw: U8, out: F32) -> None:
        out[:] = codec.decode(Encoded(raw[None], out.size))[0]

    return Decoder(fmt.block_size, fmt.block_bytes, into)
