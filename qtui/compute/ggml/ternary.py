"""Types of about one and two bits a weight: ternary TQ1_0 and TQ2_0, one-bit Q1_0, two-bit Q2_0.

Source: `quantize_row_tq1_0_ref`, `..._tq2_0_ref`, `..._q1_0_ref`, `..._q2_0_ref` in `ggml-quants.c`. Arrays named
`columns` are (block_size, n), a block in each column.
"""

from __future__ import annotations

import numpy as np

from qtui.compute.codec import F32, U8, Span
from qtui.compute.ggml.blocks import BlockCodec, BlockParts, half_values, put_halves
from qtui.compute.ggml.reduce import absmax, as_columns, inverse, round_half_away, sum_in_order

_POWERS_OF_3 = np.array([1, 3, 9, 27, 81], np.uint8)
# TQ1_0 packs weights m, m + stride, m + 2 stride, ... into one byte: (stride, how many, first weight, first byte).
_TRIT_RUNS = ((32, 5, 0, 0), (16, 5, 160, 32), (4, 4, 240, 48))


def _rounded_codes(columns: F32) -> tuple[F32, U8]:
    """scale = max|x| float32 (n,), and 1 + x / scale rounded, halves away from zero, uint8 (block_size, n)."""
    scale = absmax(columns)
    columns *= inverse(scale) * np.float32(2)
    return scale, (round_half_away(columns) + np.int16(1)).astype(np.uint8)


def _encode_tq1_0(x: F32, out: U8) -> None:
    """Five trits are a number below 3^5 = 243, stored as its fraction of 243 in 256ths, rounded up."""
    scale, trits = _rounded_codes(as_columns(x, 256))
    for stride, count, weight, byte in _TRIT_RUNS:
        number = np.zeros((stride, len(x)), np.uint16)
        for digit in trits[weight : weight + stride * count].reshape(count, stride, -1):
            number = number * np.uint16(3) + digit
        number *= np.uint16(3 ** (5 - count))
        out[:, byte : byte + stride] = ((number * np.uint16(256) + np.uint16(242)) // np.uint16(243)).T
    put_halves(out[:, 52:], scale)


def _unpack_tq1_0(stored: U8) -> BlockParts:
    """Multiplying the fraction by 3^k leaves digit k as the next third: it is the carry of one more factor 3."""
    codes = np.empty((len(stored), 256), np.uint8)
    for stride, count, weight, byte in _TRIT_RUNS:
        fraction = stored[:, None, byte : byte + stride] * _POWERS_OF_3[:count, None]  # wraps at 256, as it should
        digits = (fraction.astype(np.uint16) * np.uint16(3)) >> np.uint16(8)
        codes[:, weight : weight + stride * count] = digits.reshape(len(stored), stride * count)
    return BlockParts(codes, half_values(stored[:, 52:]), zero_point=1)


def _encode_tq2_0(x: F32, out: U8) -> None:
    """Byte m of each half block holds weights m, m + 32, m + 64, m + 96."""
    scale, codes = _rounded_codes(as_columns(x, 256))
    quads = codes.reshape(2, 4, 32, -1)
    packed = quads[:, 0] | quads[:, 1] << np.uint8(2) | quads[:, 2] << np.uint8(4) | quads[:, 3] << np.uint8(6)
    out[:, :64] = packed.reshape(64, -1).T
    put_halves(out[:, 64:], scale)


def _unpack_tq2_0(stored: U8) -> BlockParts:
    bytes_ = stored[:, :64].reshape(-1, 2, 1, 32)
    shifts = np.array([0, 2, 4, 6], np.uint8)[:, None]
    codes = (bytes_ >> shifts) & np.uint8(3)
    return BlockParts(codes.reshape(-1, 256), half_values(stored[:, 64:]), zero_point=1)


def _encode_q1_0(x: F32, out: U8) -> None:
    """scale = mean |x|; a bit is set where x >= 0."""
    columns = as_columns(x, 128)
    put_halves(out[:, :2], sum_in_order(np.abs(columns)) / np.float32(128))
    out[:, 2:] = np.packbits(x >= 0, axis=1, bitorder="little")


def _unpack_q1_0(stored: U8) -> BlockParts:
    """Bit 0 is -scale, bit 1 is +scale: a table of two."""
    codes = np.unpackbits(stored[:, 2:], axis=1, bitorder="little")
    return BlockParts(codes, half_values(stored[:, :2]), table=np.array([-1, 1], np.float32))


def _encode_q2_0(x: F32, out: U8) -> None:
    """scale = max|x|; four consecutive weights to a byte, the first lowest. Code 3 (2 scale) is never written."""
    scale, codes = _rounded_codes(as_columns(x, 64))
    quads = codes.reshape(16, 4, -1)
    packed = quads[:, 0] | quads[:, 1] << np.uint8(2) | quads[:, 2] << np.uint8(4) | quads[:, 3] << np.uint8(6)
    put_halves(out[:, :2], scale)
    out[:, 2:] = packed.T


def _unpack_q2_0(stored: U8) -> BlockParts:
    codes = (stored[:, 2:, None] >> np.array([0, 2, 4, 6], np.uint8)) & np.uint8(3)
    return BlockParts(codes.reshape(-1, 64), half_values(stored[:, :2]), zero_point=1)


TQ1_0 = BlockCodec("TQ1_0", _unpack_tq1_0, (Span("codes", 0, 52), Span("scale", 52, 54)), _encode_tq1_0)
TQ2_0 = BlockCodec("TQ2_0", _unpack_tq2_0, (Span("codes", 0, 64), Span("scale", 64, 66)), _encode_tq2_0)
Q1_0 = BlockCodec("Q1_0", _unpack_q1_0, (Span("scale", 0, 2), Span("signs", 2, 18)), _encode_q1_0)
Q2_0 = BlockCodec("Q2_0", _unpack_q2_0, (Span("scale", 0, 2), Span("codes", 2, 18)), _encode_q2_0)
