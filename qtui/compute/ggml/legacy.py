"""The first ggml types: blocks of 32 weights under one fp16 scale, some with an fp16 minimum.

Source: `quantize_row_q4_0_ref`, `..._q4_1_ref`, `..._q5_0_ref`, `..._q5_1_ref`, `..._q8_0_ref` in `ggml-quants.c`.
Codes are computed with the float32 scale, decoding uses the fp16 one. Where nibbles share a byte, byte j holds
weight j (low) and weight j + 16 (high). Arrays named `columns` are (32, n), a block in each column.
"""

from __future__ import annotations

import numpy as np

from qtui.compute.arrays import CHUNK
from qtui.compute.codec import F32, U8, Span
from qtui.compute.ggml.blocks import BlockCodec, BlockParts, half_values, put_halves
from qtui.compute.ggml.packing import pack_nibbles, unpack_nibbles
from qtui.compute.ggml.reduce import (
    absmax_of_rows,
    as_columns,
    first_minimum,
    inverse,
    round_half_away,
    signed_absmax,
)
from qtui.compute.ggml.search import importance_weights, search_affine, search_symmetric


def _fifth_bits(codes: U8) -> U8:
    """Bit 4 of codes uint8 (32, n) as little-endian uint32 bytes (n, 4), bit i for weight i."""
    bits = (codes >> np.uint8(4)).reshape(4, 8, -1)
    packed = bits[:, 0].copy()
    for i in range(1, 8):
        packed |= bits[:, i] << np.uint8(i)
    return packed.T


def _unpack_fifth_bits(stored: U8) -> U8:
    """Bytes (n, 4) as uint8 (n, 32), each 0 or 16."""
    return np.unpackbits(stored, axis=1, bitorder="little") << np.uint8(4)


def _encode_q8_0(x: F32, out: U8) -> None:
    """scale = max|x| / 127; codes round halves away from zero."""
    scale = absmax_of_rows(x) / np.float32(127)
    codes = round_half_away(x * (inverse(scale) * np.float32(2))[:, None])
    put_halves(out[:, :2], scale)
    np.copyto(out[:, 2:].view(np.int8), codes, casting="unsafe")


def _unpack_q8_0(stored: U8) -> BlockParts:
    return BlockParts(stored[:, 2:].view(np.int8), half_values(stored[:, :2]))


def _codes_around(x: F32, middle: int) -> tuple[F32, U8]:
    """Scale float32 (n,) and codes uint8 (32, n), for codes 0 .. 2 middle - 1 that stand for code - middle.

    The weight of largest magnitude gets code 0, so the scale has the opposite sign.
    """
    columns = as_columns(x, 32)
    scale = signed_absmax(columns) / np.float32(-middle)
    columns *= inverse(scale)
    columns += np.float32(middle + 0.5)
    np.clip(columns, 0, 2 * middle - 1, out=columns)
    return scale, columns.astype(np.uint8)


def _codes_above(x: F32, top: int) -> tuple[F32, F32, U8]:
    """Scale and minimum float32 (n,) and codes uint8 (32, n), for codes 0 .. top above the minimum."""
    columns = as_columns(x, 32)
    low = first_minimum(columns)
    span = np.maximum.reduce(columns, axis=0) - low + np.float32(0)  # never -0
    scale = span / np.float32(top)
    columns -= low
    columns *= inverse(scale)
    columns += np.float32(0.5)
    np.clip(columns, 0, top, out=columns)
    return scale, low, columns.astype(np.uint8)


def _encode_q4_0(x: F32, out: U8) -> None:
    _store_q4_0(*_codes_around(x, 8), out)


def _weigh_q4_0(x: F32, importance: F32, out: U8) -> None:
    _store_q4_0(*_weigh_around(x, importance, 8), out)


def _store_q4_0(scale: F32, codes: U8, out: U8) -> None:
    put_halves(out[:, :2], scale)
    out[:, 2:] = pack_nibbles(codes).T


def _unpack_q4_0(stored: U8) -> BlockParts:
    return BlockParts(unpack_nibbles(stored[:, 2:]), half_values(stored[:, :2]), zero_point=8)


def _encode_q5_0(x: F32, out: U8) -> None:
    _store_q5_0(*_codes_around(x, 16), out)


def _weigh_q5_0(x: F32, importance: F32, out: U8) -> None:
    _store_q5_0(*_weigh_around(x, importance, 16), out)


def _store_q5_0(scale: F32, codes: U8, out: U8) -> None:
    put_halves(out[:, :2], scale)
    out[:, 2:6] = _fifth_bits(codes)
    out[:, 6:] = pack_nibbles(codes & np.uint8(15)).T


def _unpack_q5_0(stored: U8) -> BlockParts:
    codes = unpack_nibbles(stored[:, 6:]) | _unpack_fifth_bits(stored[:, 2:6])
    return BlockParts(codes, half_values(stored[:, :2]), zero_point=16)


def _encode_q4_1(x: F32, out: U8) -> None:
    _store_q4_1(*_codes_above(x, 15), out)


def _weigh_q4_1(x: F32, importance: F32, out: U8) -> None:
    _store_q4_1(*_weigh_above(x, importance, 15), out)


def _store_q4_1(scale: F32, low: F32, codes: U8, out: U8) -> None:
    put_halves(out[:, :2], scale)
    put_halves(out[:, 2:4], low)
    out[:, 4:] = pack_nibbles(codes).T


def _unpack_q4_1(stored: U8) -> BlockParts:
    return BlockParts(unpack_nibbles(stored[:, 4:]), half_values(stored[:, :2]), minimum=half_values(stored[:, 2:4]))


def _encode_q5_1(x: F32, out: U8) -> None:
    _store_q5_1(*_codes_above(x, 31), out)


def _weigh_q5_1(x: F32, importance: F32, out: U8) -> None:
    _store_q5_1(*_weigh_above(x, importance, 31), out)


def _store_q5_1(scale: F32, low: F32, codes: U8, out: U8) -> None:
    put_halves(out[:, :2], scale)
    put_halves(out[:, 2:4], low)
    out[:, 4:8] = _fifth_bits(codes)
    out[:, 8:] = pack_nibbles(codes & np.uint8(15)).T


def _unpack_q5_1(stored: U8) -> BlockParts:
    codes = unpack_nibbles(stored[:, 8:]) | _unpack_fifth_bits(stored[:, 4:8])
    return BlockParts(codes, half_values(stored[:, :2]), minimum=half_values(stored[:, 2:4]))


def _weigh_around(x: F32, importance: F32, middle: int) -> tuple[F32, U8]:
    """What `_codes_around` returns, for the scale of least weighted error; the row's mean square enters the weights.

    x float32 (rows, columns), importance float32 (columns,).
    """
    best = search_symmetric(as_columns(x, 32), importance_weights(x, importance, 1, 32), middle)
    return best.scale, (best.codes + np.float32(middle)).astype(np.uint8)


def _weigh_above(x: F32, importance: F32, top: int) -> tuple[F32, F32, U8]:
    """What `_codes_above` returns, for the scale and minimum of least weighted error."""
    best = search_affine(as_columns(x, 32), importance_weights(x, importance, 1, 32), top, -0.9, 0.05, 36)
    return best.scale, -best.offset, best.codes().astype(np.uint8)


_SCALE = Span("scale", 0, 2)
_MINIMUM = Span("min", 2, 4)

Q8_0 = BlockCodec("Q8_0", _unpack_q8_0, (_SCALE, Span("codes", 2, 34)), _encode_q8_0, chunk=4 * CHUNK)
Q4_0 = BlockCodec("Q4_0", _unpack_q4_0, (_SCALE, Span("codes", 2, 18)), _encode_q4_0, _weigh_q4_0)
Q4_1 = BlockCodec("Q4_1", _unpack_q4_1, (_SCALE, _MINIMUM, Span("codes", 4, 20)), _encode_q4_1, _weigh_q4_1)
Q5_0 = BlockCodec(
    "Q5_0", _unpack_q5_0, (_SCALE, Span("high bits", 2, 6), Span("codes", 6, 22)), _encode_q5_0, _weigh_q5_0
)
Q5_1 = BlockCodec(
    "Q5_1", _unpack_q5_1, (_SCALE, _MINIMUM, Span("high bits", 4, 8), Span("codes", 8, 24)), _encode_q5_1, _weigh_q5_1
)
