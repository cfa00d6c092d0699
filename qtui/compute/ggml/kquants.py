"""K-quants with minimums, Q2_K, Q4_K and Q5_K: super-blocks of 256 weights in groups of 16 or 32.

Every group has a scale and a minimum, and both are themselves stored as 4- or 6-bit codes under two fp16 numbers
per super-block: value = (d * scale code) * code - (dmin * minimum code).

Source: `quantize_row_q2_K_ref`, `..._q4_K_ref`, `..._q5_K_ref` and the `_impl` variants with an importance vector,
`get_scale_min_k4`, `dequantize_row_*` in `ggml-quants.c`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qtui.compute.codec import F32, U8, Span
from qtui.compute.ggml.blocks import BlockCodec, BlockParts, by_blocks, half_values, put_halves, through_half
from qtui.compute.ggml.packing import pack_pairs, pack_quarters, unpack_pairs, unpack_quarters
from qtui.compute.ggml.reduce import as_columns, nearest_int, per_block, sum_in_order
from qtui.compute.ggml.search import Affine, Symmetric, importance_weights, search_affine, search_positive


@dataclass(frozen=True)
class SearchConstants:
    """The constants of one type: group size, highest weight code, highest code of scales and minimums.

    `first`, `step`, `tries` are the search without importance (see `search_affine`); `absolute` its error.
    """

    group: int
    top: int
    top_scale: int
    first: float
    step: float
    tries: int
    absolute: bool = False


Q2 = SearchConstants(16, 3, 15, -0.5, 0.1, 15, absolute=True)
Q4 = SearchConstants(32, 15, 63, -1.0, 0.1, 20)
Q5 = SearchConstants(32, 31, 63, -0.5, 0.1, 15)


@dataclass(frozen=True)
class SuperBlocks:
    """n super-blocks: `d`, `dmin` float32 (n,) that fit fp16, `scales`, `minimums` uint8 (groups, n), `codes` uint8
    (n, 256)."""

    d: F32
    dmin: F32
    scales: U8
    minimums: U8
    codes: U8


def _weights(x: F32, constants: SearchConstants) -> F32:
    """What a weight's error counts for without importance, float32 (group, n): larger weights count for more."""
    magnitude = np.abs(x)
    if constants.absolute:
        return magnitude
    magnitude += np.sqrt(sum_in_order(x * x) / np.float32(constants.group))
    return magnitude


def _largest_on_top(values: F32, top: int) -> Symmetric:
    """Codes of values >= 0 float32 (groups, n) whose largest gets the code `top`."""
    largest = np.maximum(np.maximum.reduce(values, axis=0), np.float32(0))
    steps = np.where(largest > 0, np.float32(top) / largest, np.float32(0))
    codes = np.minimum(nearest_int(values * steps) & 0xFF, top).astype(np.float32)
    return Symmetric(largest / np.float32(top), codes)


def _quantize(x: F32, importance: F32 | None, constants: SearchConstants) -> SuperBlocks:
    """Super-blocks of x float32 (n, 256), importance of the same shape."""
    groups = 256 // constants.group
    columns = as_columns(x, constants.group)
    if importance is None:
        best = search_affine(
            columns,
            _weights(columns, constants),
            constants.top,
            constants.first,
            constants.step,
            constants.tries,
            constants.absolute,
        )
        scales = _largest_on_top(per_block(best.scale, groups), constants.top_scale)
        minimums = _largest_on_top(per_block(best.offset, groups), constants.top_scale)
    else:
        w = importance_weights(x, importance, 1 if constants is Q2 else 2, constants.group)
        best = search_affine(columns, w, constants.top, -0.9, 0.05, 36)
        totals = per_block(sum_in_order(w), groups)
        scales = search_positive(per_block(best.scale, groups), totals, constants.top_scale)
        minimums = search_positive(per_block(best.offset, groups), totals, constants.top_scale)
    return _requantize(best, scales, minimums)


def _requantize(best: Affine, scales: Symmetric, minimums: Symmetric) -> SuperBlocks:
    """Codes for the scales and minimums as they will be read back; the search's codes where the scale became 0."""
    d, dmin = through_half(scales.scale), through_half(minimums.scale)
    scale = (d * scales.codes).T.reshape(-1)
    offset = (dmin * minimums.codes).T.reshape(-1)
    columns = best.x
    codes = np.clip(nearest_int((columns + offset) / scale), 0, best.top).astype(np.uint8)
    lost = np.flatnonzero(scale == 0)
    if lost.size:
        codes[:, lost] = best.codes(lost)
    flat = codes.T.reshape(-1, 256)
    return SuperBlocks(d, dmin, scales.codes.astype(np.uint8), minimums.codes.astype(np.uint8), flat)


def _pack_k4(scales: U8, minimums: U8) -> U8:
    """Eight 6-bit scales and minimums uint8 (8, n) as 12 bytes (n, 12): `get_scale_min_k4` reads them back.

    Groups 0-3 have bytes 0-3 (scales) and 4-7 (minimums) to themselves, but for the top two bits, which hold those
    of groups 4-7; bytes 8-11 hold the low nibbles of groups 4-7.
    """
    packed = np.empty((scales.shape[1], 12), np.uint8)
    packed[:, 0:4] = (scales[:4] | (scales[4:] >> np.uint8(4)) << np.uint8(6)).T
    packed[:, 4:8] = (minimums[:4] | (minimums[4:] >> np.uint8(4)) << np.uint8(6)).T
    packed[:, 8:] = ((scales[4:] & np.uint8(15)) | minimums[4:] << np.uint8(4)).T
    return packed


def _unpack_k4(packed: U8) -> tuple[U8, U8]:
    """Scales and minimums uint8 (n, 8) of 12 bytes (n, 12)."""
    low, high = packed[:, 0:8] & np.uint8(63), packed[:, 0:8] >> np.uint8(6) << np.uint8(4)
    rest = packed[:, 8:]
    scales = np.concatenate([low[:, :4], (rest & np.uint8(15)) | high[:, :4]], axis=1)
    minimums = np.concatenate([low[:, 4:], (rest >> np.uint8(4)) | high[:, 4:]], axis=1)
    return scales, minimums


def _encode_q2_k(x: F32, importance: F32 | None, out: U8) -> None:
    blocks = _quantize(x, importance, Q2)
    out[:, :16] = (blocks.scales | blocks.minimums << np.uint8(4)).T
    out[:, 16:80] = pack_quarters(blocks.codes)
    put_halves(out[:, 80:82], blocks.d)
    put_halves(out[:, 82:], blocks.dmin)


def _unpack_q2_k(stored: U8) -> BlockParts:
    scale = half_values(stored[:, 80:82]) * (stored[:, :16] & np.uint8(15))
    offset = half_values(stored[:, 82:]) * (stored[:, :16] >> np.uint8(4))
    return BlockParts(unpack_quarters(stored[:, 16:80]), scale, minimum=-offset)


def _scales_of_k4(stored: U8) -> tuple[F32, F32]:
    """Effective scales and minimums float32 (n, 8) from the first 16 bytes of a Q4_K or Q5_K block."""
    scales, minimums = _unpack_k4(stored[:, 4:16])
    return half_values(stored[:, :2]) * scales, -(half_values(stored[:, 2:4]) * minimums)


def _encode_q4_k(x: F32, importance: F32 | None, out: U8) -> None:
    blocks = _quantize(x, importance, Q4)
    put_halves(out[:, :2], blocks.d)
    put_halves(out[:, 2:4], blocks.dmin)
    out[:, 4:16] = _pack_k4(blocks.scales, blocks.minimums)
    out[:, 16:] = pack_pairs(blocks.codes)


def _unpack_q4_k(stored: U8) -> BlockParts:
    scale, minimum = _scales_of_k4(stored)
    return BlockParts(unpack_pairs(stored[:, 16:]), scale, minimum=minimum)


def _encode_q5_k(x: F32, importance: F32 | None, out: U8) -> None:
    blocks = _quantize(x, importance, Q5)
    put_halves(out[:, :2], blocks.d)
    put_halves(out[:, 2:4], blocks.dmin)
    out[:, 4:16] = _pack_k4(blocks.scales, blocks.minimums)
    fifth = (blocks.codes >> np.uint8(4)).reshape(-1, 8, 32)
    out[:, 16:48] = np.packbits(fifth, axis=1, bitorder="little")[:, 0]
    out[:, 48:] = pack_pairs(blocks.codes)


def _unpack_q5_k(stored: U8) -> BlockParts:
    """Bit g of high-bits byte l belongs to weight l of group g."""
    scale, minimum = _scales_of_k4(stored)
    fifth = np.unpackbits(stored[:, None, 16:48], axis=1, bitorder="little").reshape(-1, 256)
    return BlockParts(unpack_pairs(stored[:, 48:]) | fifth << np.uint8(4), scale, minimum=minimum)


_TOP_OF_K4 = (Span("scale of scales", 0, 2), Span("scale of mins", 2, 4), Span("scales and mins", 4, 16))

Q2_K = BlockCodec(
    "Q2_K",
    _unpack_q2_k,
    (
        Span("scales and mins", 0, 16),
        Span("codes", 16, 80),
        Span("scale of scales", 80, 82),
        Span("scale of mins", 82, 84),
    ),
    *by_blocks(_encode_q2_k, 256),
)
Q4_K = BlockCodec("Q4_K", _unpack_q4_k, (*_TOP_OF_K4, Span("codes", 16, 144)), *by_blocks(_encode_q4_k, 256))
Q5_K = BlockCodec(
    "Q5_K",
    _unpack_q5_k,
    (*_TOP_OF_K4, Span("high bits", 16, 48), Span("codes", 48, 176)),
    *by_blocks(_encode_q5_k, 256),
)
