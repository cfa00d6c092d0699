"""The first ggml types: blocks of 32 weights under one fp16 scale, some with an fp16 minimum.

Source: `quantize_row_q4_0_ref`, `..._q4_1_ref`, `..._q5_0_ref`, `..._q5_1_ref`, `..._q8_0_ref` in `ggml-quants.c`.
Codes are computed with the float32 scale, decoding uses the fp16 one. Where nibbles share a byte, byte j holds
weight j (low) and weight j + 16 (high).
"""

from __future__ import annotations

import numpy as np

from qtui.compute.codec import F32, U8, Span
from qtui.compute.ggml.blocks import BlockCodec, Parts, half_bytes, half_values
from qtui.compute.ggml.reduce import absmax, add_signed_half, first_minimum, fold, inverse, signed_absmax


def pack_nibbles(codes: U8) -> U8:
    """Codes uint8 (..., 2k) below 16 as bytes (..., k): the first half low, the second half high."""
    half = codes.shape[-1] // 2
    packed: U8 = codes[..., half:] << np.uint8(4)
    packed |= codes[..., :half]
    return packed


def unpack_nibbles(stored: U8) -> U8:
    """Bytes (..., k) as codes uint8 (..., 2k), the low nibbles first."""
    return np.concatenate([stored & 15, stored >> 4], axis=-1)


def _encode_q8_0(x: F32, out: U8) -> None:
    """scale = max|x| / 127; codes round halves away from zero."""
    scale = absmax(x) / np.float32(127)
    codes = add_signed_half(x * inverse(scale)[:, None])
    out[:, :2] = half_bytes(scale)
    np.copyto(out[:, 2:].view(np.int8), codes, casting="unsafe")


def _unpack_q8_0(stored: U8) -> Parts:
    return Parts(stored[:, 2:].view(np.int8), half_values(stored[:, :2]))


def _codes_around(x: F32, middle: int) -> tuple[F32, U8]:
    """Scale float32 (n,) and codes uint8 (n, 32), for codes 0 .. 2 middle - 1 that stand for code - middle.

    The weight of largest magnitude gets code 0, so the scale has the opposite sign.
    """
    scale = signed_absmax(x) / np.float32(-middle)
    codes = x * inverse(scale)[:, None]
    codes += np.float32(middle + 0.5)
    np.minimum(codes, np.float32(2 * middle - 1), out=codes)
    return scale, codes.astype(np.uint8)


def _codes_above(x: F32, top: int) -> tuple[F32, F32, U8]:
    """Scale and minimum float32 (n,) and codes uint8 (n, 32), for codes 0 .. top above the minimum."""
    low = first_minimum(x)
    span = fold(np.maximum, x) - low + np.float32(0)  # never -0
    scale = span / np.float32(top)
    codes = x - low[:, None]
    codes *= inverse(scale)[:, None]
    codes += np.float32(0.5)
    return scale, low, codes.astype(np.uint8)


def _encode_q4_0(x: F32, out: U8) -> None:
    scale, codes = _codes_around(x, 8)
    out[:, :2] = half_bytes(scale)
    out[:, 2:] = pack_nibbles(codes)


def _unpack_q4_0(stored: U8) -> Parts:
    return Parts(unpack_nibbles(stored[:, 2:]), half_values(stored[:, :2]), zero_point=8)


def _encode_q4_1(x: F32, out: U8) -> None:
    scale, low, codes = _codes_above(x, 15)
    out[:, :2], out[:, 2:4] = half_bytes(scale), half_bytes(low)
    out[:, 4:] = pack_nibbles(np.minimum(codes, 15))


def _unpack_q4_1(stored: U8) -> Parts:
    return Parts(unpack_nibbles(stored[:, 4:]), half_values(stored[:, :2]), minimum=half_values(stored[:, 2:4]))


_SCALE = Span("scale", 0, 2)
_MINIMUM = Span("min", 2, 4)

Q8_0 = BlockCodec("Q8_0", _unpack_q8_0, (_SCALE, Span("codes", 2, 34)), _encode_q8_0)
Q4_0 = BlockCodec("Q4_0", _unpack_q4_0, (_SCALE, Span("codes", 2, 18)), _encode_q4_0)
Q4_1 = BlockCodec("Q4_1", _unpack_q4_1, (_SCALE, _MINIMUM, Span("codes", 4, 20)), _encode_q4_1)
