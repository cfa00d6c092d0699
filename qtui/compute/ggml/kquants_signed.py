"""K-quants without minimums, Q3_K and Q6_K: super-blocks of 256 weights in 16 groups of 16.

The groups' scales are signed codes themselves, under one fp16 number a super-block: value = d * scale code * code.

Source: `quantize_row_q3_K_ref`, `..._q6_K_ref` and the `_impl` variants with an importance vector,
`dequantize_row_*` in `ggml-quants.c`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qtui.compute.codec import F32, U8, Span
from qtui.compute.ggml.blocks import BlockCodec, BlockParts, by_blocks, half_values, put_halves, through_half
from qtui.compute.ggml.packing import pack_quarters, unpack_quarters
from qtui.compute.ggml.reduce import as_columns, nearest_int, per_block, signed_absmax, sum_in_order
from qtui.compute.ggml.search import TINY, Symmetric, importance_weights, search_symmetric, sweep_symmetric

I32 = NDArray[np.int32]


def _requantize(columns: F32, best: Symmetric, d: F32, scales: I32, middle: int) -> U8:
    """Codes uint8 (n, 256) from 0 up, for the scales as they will be read back; the search's where those became 0.

    columns float32 (16, n groups), d float32 (n,), scales int32 (16, n).
    """
    scale = (through_half(d) * scales.astype(np.float32)).T.reshape(-1)
    codes = np.clip(nearest_int(columns / scale), -middle, middle - 1)
    lost = scale == 0
    codes[:, lost] = best.codes[:, lost]
    codes += middle
    return codes.astype(np.uint8).T.reshape(-1, 256)


def _q3_scales(scales: F32) -> tuple[F32, I32]:
    """d float32 (n,) and scale codes int32 (16, n) in -32 .. 31, so that the largest scale is -32."""
    largest = signed_absmax(scales)
    steps = np.float32(-32) / largest
    codes = np.clip(nearest_int(steps * scales).astype(np.int8), -32, 31).astype(np.int32)
    empty = largest == 0
    codes[:, empty] = -32  # all bits zero
    return np.where(empty, np.float32(0), np.float32(1) / steps), codes


def _encode_q3_k(x: F32, importance: F32 | None, out: U8) -> None:
    columns = as_columns(x, 16)
    if importance is None:
        best = sweep_symmetric(columns, 4)
        d, scales = _q3_scales(per_block(best.scale, 16))
    else:
        w = importance_weights(x, importance, 2, 16)
        best = search_symmetric(columns, w, 4)
        upper = search_symmetric(per_block(best.scale, 16), per_block(sum_in_order(w), 16), 32)
        d, scales = upper.scale, upper.codes.astype(np.int32)
    put_halves(out[:, 108:], d)
    codes = _requantize(columns, best, d, scales, 4)
    out[:, :32] = np.packbits((codes >> np.uint8(2)).reshape(-1, 8, 32), axis=1, bitorder="little")[:, 0]
    out[:, 32:96] = pack_quarters(codes & np.uint8(3))
    out[:, 96:108] = _pack_q3_scales((scales + 32).astype(np.uint8)).T


def _pack_q3_scales(scales: U8) -> U8:
    """Sixteen 6-bit numbers uint8 (16, n) as 12 bytes (12, n): low nibbles, then the top two bits, four to a byte."""
    low = (scales[:8] & np.uint8(15)) | scales[8:] << np.uint8(4)
    high = scales.reshape(4, 4, -1) >> np.uint8(4)
    top = high[0] | high[1] << np.uint8(2) | high[2] << np.uint8(4) | high[3] << np.uint8(6)
    return np.concatenate([low, top])


def _unpack_q3_scales(stored: U8) -> U8:
    """Twelve bytes (n, 12) as sixteen 6-bit numbers uint8 (n, 16)."""
    low = np.concatenate([stored[:, :8] & np.uint8(15), stored[:, :8] >> np.uint8(4)], axis=1)
    shifts = np.array([0, 2, 4, 6], np.uint8)[:, None]
    top = (stored[:, None, 8:] >> shifts) & np.uint8(3)
    result: U8 = low | top.reshape(-1, 16) << np.uint8(4)
    return result


def _unpack_q3_k(stored: U8) -> BlockParts:
    """Bit k of high-bits byte l belongs to weight 32 k + l."""
    high = np.unpackbits(stored[:, None, :32], axis=1, bitorder="little").reshape(-1, 256)
    codes = unpack_quarters(stored[:, 32:96]) | high << np.uint8(2)
    scales = _unpack_q3_scales(stored[:, 96:108]).astype(np.float32) - np.float32(32)
    return BlockParts(codes, half_values(stored[:, 108:]) * scales, zero_point=4)


def _encode_q6_k(x: F32, importance: F32 | None, out: U8) -> None:
    columns = as_columns(x, 16)
    w = columns * columns if importance is None else as_columns(importance, 16)
    best = search_symmetric(columns, w, 32)
    group_scales = per_block(best.scale, 16)
    largest = signed_absmax(group_scales)
    steps = np.float32(-128) / largest
    scales = np.minimum(nearest_int(steps * group_scales), 127)
    d = np.float32(1) / steps
    put_halves(out[:, 208:], d)
    codes = _requantize(columns, best, d, scales, 32)
    halves = codes.reshape(-1, 2, 4, 32)
    low = halves & np.uint8(15)
    out[:, :128] = (low[:, :, :2] | low[:, :, 2:] << np.uint8(4)).reshape(-1, 128)
    out[:, 128:192] = pack_quarters(codes >> np.uint8(4))
    out[:, 192:208] = scales.T.astype(np.int8).view(np.uint8)
    out[np.abs(largest) < TINY] = 0


def _unpack_q6_k(stored: U8) -> BlockParts:
    """In each 128 weights, low-bits byte l holds weights l and l + 64, high-bits byte l weights l, l + 32, ..."""
    nibbles = stored[:, :128].reshape(-1, 2, 1, 64)
    low = np.concatenate([nibbles & np.uint8(15), nibbles >> np.uint8(4)], axis=2).reshape(-1, 256)
    codes = low | unpack_quarters(stored[:, 128:192]) << np.uint8(4)
    scales = stored[:, 192:208].view(np.int8).astype(np.float32)
    return BlockParts(codes, half_values(stored[:, 208:]) * scales, zero_point=32)


Q3_K = BlockCodec(
    "Q3_K",
    _unpack_q3_k,
    (Span("high bits", 0, 32), Span("codes", 32, 96), Span("scales", 96, 108), Span("scale of scales", 108, 110)),
    *by_blocks(_encode_q3_k, 256),
)
Q6_K = BlockCodec(
    "Q6_K",
    _unpack_q6_k,
    (Span("codes", 0, 128), Span("high bits", 128, 192), Span("scales", 192, 208), Span("scale of scales", 208, 210)),
    *by_blocks(_encode_q6_k, 256),
)
