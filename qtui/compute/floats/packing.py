"""Codes of any width side by side in bytes, lowest bits first, as ggml and the OCP formats pack them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]


def pack(codes: NDArray[np.unsignedinteger[Any]], bits: int) -> U8:
    """Bytes (rows, columns * bits / 8) of `codes` (rows, columns); the columns must fill whole bytes."""
    rows, columns = codes.shape
    if columns * bits % 8:
        raise ValueError(f"{columns} codes of {bits} bits do not fill whole bytes")
    if bits in (8, 16, 32, 64):
        little = np.ascontiguousarray(codes.astype(f"<u{bits // 8}"))
        return little.view(np.uint8).reshape(rows, columns * bits // 8)
    if bits == 4:
        low, high = codes[:, 0::2].astype(np.uint8), codes[:, 1::2].astype(np.uint8)
        joined: U8 = low | (high << np.uint8(4))
        return joined
    if bits == 6:
        a, b, c, d = (codes[:, i::4].astype(np.uint8) for i in range(4))
        triples = np.stack((a | (b << 6), (b >> 2) | (c << 4), (c >> 4) | (d << 2)), axis=-1)
        return triples.reshape(rows, columns * 6 // 8)
    if bits < 8 and columns % 8 == 0:
        words = np.zeros((rows, columns // 8), "<u8")  # eight codes each, of which `bits` bytes are used
        for i in range(8):
            words |= codes[:, i::8].astype(np.uint64) << np.uint64(bits * i)
        return words.view(np.uint8).reshape(rows, columns // 8, 8)[:, :, :bits].reshape(rows, columns * bits // 8)
    wide = codes.astype("<u8")[..., None] >> np.arange(bits, dtype=np.uint64)
    return np.packbits((wide & np.uint64(1)).astype(np.uint8).reshape(rows, -1), axis=1, bitorder="little")


def unpack(data: U8, bits: int) -> NDArray[np.unsignedinteger[Any]]:
    """The codes (rows, bytes * 8 / bits) that `pack` made `data` (rows, bytes) of."""
    rows = data.shape[0]
    if bits in (8, 16, 32, 64):
        return np.ascontiguousarray(data).view(f"<u{bits // 8}")
    columns = data.shape[1] * 8 // bits
    if bits == 4:
        out = np.empty((rows, columns), np.uint8)
        out[:, 0::2], out[:, 1::2] = data & 15, data >> 4
        return out
    if bits == 6:
        a, b, c = (data[:, i::3] for i in range(3))
        joined = np.stack((a & 63, (a >> 6) | ((b & 15) << 2), (b >> 4) | ((c & 3) << 4), c >> 2), axis=-1)
        return joined.reshape(rows, columns)
    if bits < 8 and data.shape[1] % bits == 0:
        words = np.zeros((rows, data.shape[1] // bits, 8), np.uint8)
        words[:, :, :bits] = data.reshape(rows, data.shape[1] // bits, bits)
        eights, mask = words.view("<u8")[:, :, 0], np.uint64((1 << bits) - 1)
        codes = np.empty((rows, columns), np.uint8)
        for i in range(8):
            codes[:, i::8] = (eights >> np.uint64(bits * i)) & mask
        return codes
    flags = np.unpackbits(data, axis=1, count=columns * bits, bitorder="little").reshape(rows, columns, bits)
    weights = np.uint64(1) << np.arange(bits, dtype=np.uint64)
    summed: NDArray[np.uint64] = (flags.astype(np.uint64) * weights).sum(axis=2, dtype=np.uint64)
    return summed
