"""Stored bytes of a tensor to float32, for every dtype that safetensors, GGUF and .npy files hold.

Plain numbers are decoded here, into a buffer of the caller's; block formats by their codec in the registry.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from qtui.compute.arrays import chunks
from qtui.compute.codec import Encoded
from qtui.compute.dtypes import DTYPES
from qtui.compute.formats import Format, FormatError, get_format
from qtui.compute.ggml.formats import BY_NAME
from qtui.models.files.model_file import Tensor
from qtui.models.files.source import ModelFileError, quoted

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]

# Blocks of ggml's types for activations, which no codec of the registry makes: where the int8 codes begin after the
# scale, and the scale's type (`block_q8_1`, `block_q8_K` in ggml-common.h; sums lie between or behind, not needed).
_ACTIVATIONS = {"Q8_1": (4, "<f2"), "Q8_K": (4, "<f4")}


@dataclass(frozen=True)
class Decoder:
    """`into(raw, out)` fills float32 (n,) from uint8 (n / block_size * block_bytes,); whole blocks only."""

    block_size: int
    block_bytes: int
    into: Callable[[U8, F32], None]


def decoder_for(tensor: Tensor) -> Decoder:
    """The decoder of a tensor that is stored as it is. Raises ModelFileError where its values can't be shown."""
    decoder = _decoder(tensor.dtype, tensor.format)
    if decoder is not None:
        return decoder
    if tensor.format is None:
        raise ModelFileError(
            f"{quoted(tensor.name)} holds complex numbers ({tensor.dtype}); qtui shows real ones only"
        )
    raise ModelFileError(
        f"{quoted(tensor.name)} is stored as {tensor.dtype}, which qtui can list but not decode; try another"
    )


def require_decodable(tensor: Tensor) -> None:
    """Raise ModelFileError, in one sentence, where the tensor's values can't be shown."""
    if tensor.packing is None:
        decoder_for(tensor)
    elif tensor.packing.problem:
        raise ModelFileError(f"{quoted(tensor.name)} can't be decoded: {tensor.packing.problem}")


@lru_cache(maxsize=64)
def _decoder(dtype: str, name: str | None) -> Decoder | None:
    """The decoder of `dtype`, whose registry name is `name`; None where there is none."""
    plain = DTYPES.get(dtype)
    if dtype == "F16":
        return _lookup(np.arange(1 << 16, dtype=np.uint16).view(np.float16).astype(np.float32), np.dtype("<u2"))
    if dtype == "BF16":
        return Decoder(1, 2, _bfloat16)
    if plain is not None and plain.numpy:
        return _cast(np.dtype(f"<{plain.numpy}"))
    if dtype in _ACTIVATIONS:
        return _int8_blocks(BY_NAME[dtype], *_ACTIVATIONS[dtype])
    return None if name is None else _registered(name)


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


def _int8_blocks(kind: Format, start: int, scale_type: str) -> Decoder:
    dtype = np.dtype(scale_type)

    def into(raw: U8, out: F32) -> None:
        blocks = raw.reshape(-1, kind.block_bytes)
        scale = np.ascontiguousarray(blocks[:, : dtype.itemsize]).view(dtype).astype(np.float32)
        codes = blocks[:, start : start + kind.block_size].view(np.int8)
        with np.errstate(all="ignore"):
            np.multiply(codes, scale, out=out.reshape(-1, kind.block_size))

    return Decoder(kind.block_size, kind.block_bytes, into)


def _registered(name: str) -> Decoder | None:
    try:
        fmt = get_format(name)
    except FormatError:
        return None
    codec = fmt.codec
    if fmt.is_plain and fmt.block_size == fmt.block_bytes == 1:
        codes = np.arange(256, dtype=np.uint8)
        return _lookup(codec.decode(Encoded(codes[None], 256))[0], codes.dtype)

    def into(raw: U8, out: F32) -> None:
        blocks, values = raw.reshape(-1, fmt.block_bytes), out.reshape(-1, fmt.block_size)
        for part in chunks(len(values), fmt.block_size):  # what is decoded is copied while it is in the cache
            values[part] = codec.decode(Encoded(blocks[part], fmt.block_size))

    return Decoder(fmt.block_size, fmt.block_bytes, into)
