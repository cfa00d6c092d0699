"""Codes of a few bits into bytes and back, in the orders that ggml's types have in common."""

from __future__ import annotations

import numpy as np

from qtui.compute.codec import U8


def pack_nibbles(codes: U8) -> U8:
    """Codes uint8 (2k, ...) below 16 as bytes (k, ...): the first half low, the second half high."""
    half = len(codes) // 2
    packed: U8 = codes[half:] << np.uint8(4)
    packed |= codes[:half]
    return packed


def unpack_nibbles(stored: U8) -> U8:
    """Bytes (n, k) as codes uint8 (n, 2k), the low nibbles first."""
    return np.concatenate([stored & np.uint8(15), stored >> np.uint8(4)], axis=1)


def pack_pairs(codes: U8) -> U8:
    """Low nibbles of codes uint8 (n, 256) as (n, 128): in each 64 weights, byte l holds weights l and l + 32."""
    pairs = (codes & np.uint8(15)).reshape(-1, 4, 2, 32)
    packed: U8 = pairs[:, :, 1] << np.uint8(4)
    packed |= pairs[:, :, 0]
    return packed.reshape(-1, 128)


def unpack_pairs(stored: U8) -> U8:
    """The nibbles of bytes (n, 128) in the order of the weights, uint8 (n, 256)."""
    pairs = stored.reshape(-1, 4, 1, 32)
    return np.concatenate([pairs & np.uint8(15), pairs >> np.uint8(4)], axis=2).reshape(-1, 256)


def pack_quarters(codes: U8) -> U8:
    """Two-bit codes uint8 (n, 256) as (n, 64): in each 128 weights, byte l holds l, l + 32, l + 64, l + 96."""
    quads = codes.reshape(-1, 2, 4, 32)
    packed: U8 = quads[:, :, 0] | quads[:, :, 1] << np.uint8(2)
    packed |= quads[:, :, 2] << np.uint8(4)
    packed |= quads[:, :, 3] << np.uint8(6)
    return packed.reshape(-1, 64)


def unpack_quarters(stored: U8) -> U8:
    """The two-bit codes of bytes (n, 64) in the order of the weights, uint8 (n, 256)."""
    shifts = np.array([0, 2, 4, 6], np.uint8)[:, None]
    return ((stored.reshape(-1, 2, 1, 32) >> shifts) & np.uint8(3)).reshape(-1, 256)
