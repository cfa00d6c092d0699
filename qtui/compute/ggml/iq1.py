"""IQ1_S and IQ1_M: eight ternary weights at a time from a codebook, moved up or down by an eighth.

value = scale * (code + 1/8) or scale * (code - 1/8), the choice being one bit for each 32 or 8 weights; so the
fields have a zero point of -1/8 or 1/8. Source: `quantize_row_iq1_s_impl`, `quantize_row_iq1_m_impl`,
`dequantize_row_iq1_s`, `dequantize_row_iq1_m` in `ggml-quants.c`; IQ1_M as ggml searches since 0.25, whose sums have
another order than before. What finds the codes is in `split_search.py`. Groups of weights lie as columns (size, n).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtui.compute.codec import F32, U8, Span
from qtui.compute.ggml.blocks import BlockCodec, BlockParts, by_blocks, half_values, put_halves
from qtui.compute.ggml.grids import codebook, signed_levels
from qtui.compute.ggml.neighbours import lattice
from qtui.compute.ggml.reduce import as_columns, nearest_int, sum_in_order
from qtui.compute.ggml.search import importance_weights
from qtui.compute.ggml.split_search import DELTA, SplitChoice, Splits, SplitsOfOne, SplitsOfTwo, best_split

_SHIFTS = np.array([0, 3, 6, 9], np.uint16)


def _zero_points(down: NDArray[np.bool_]) -> F32:
    return np.where(down, np.float32(0.125), np.float32(-0.125)).astype(np.float32)


def _odd_steps(scales: NDArray[np.uint16]) -> F32:
    """Three-bit scale codes s as 2 s + 1."""
    return (2 * scales + 1).astype(np.float32)


@dataclass(frozen=True)
class _ShiftedGroups:
    """What n groups hold: `index` int16 (vectors, n), `shift` intp (n,), `scale` float32 (n,)."""

    index: NDArray[np.int16]
    shift: NDArray[np.intp]
    scale: F32


def _in_order(columns: F32) -> NDArray[np.intp]:
    """Places (n, size) of each column's elements, least first, equal ones as they come."""
    bits = np.ascontiguousarray(columns.T + np.float32(0)).view(np.int32)  # -0 + 0 is +0
    bits ^= (bits >> 31) & 0x7FFFFFFF
    keys = bits.astype(np.int64) * len(columns) + np.arange(len(columns))
    keys.sort(axis=1)
    return keys % len(columns)


def _digits(order: NDArray[np.intp], split: SplitChoice, shifts: int) -> tuple[U8, NDArray[np.intp]]:
    """Levels uint8 (size, n) and shifts (n,) of a split, both turned round where its scale is negative."""
    rank = np.arange(order.shape[1])
    level = (rank >= split.first[:, None]).view(np.uint8) + (rank >= split.second[:, None])
    digits = np.empty_like(level)
    np.put_along_axis(digits, order, level, axis=1)
    negative = split.scale < 0
    digits = np.where(negative[:, None], np.uint8(2) - digits, digits)
    return np.ascontiguousarray(digits.T), np.where(negative, shifts - 1 - split.shift, split.shift)


def _levels(shift: NDArray[np.intp], shifts: int, vectors: int) -> NDArray[np.bool_]:
    """Which vectors (vectors, n) are moved down: all alike under two shifts, else by their half's bit."""
    if shifts == 2:
        return np.tile(shift == 1, (vectors, 1))
    return np.stack([shift >= 2, shift % 2 == 1])


def _meant(index: NDArray[np.int16], down: NDArray[np.bool_]) -> F32:
    """What codebook vectors mean before scaling, float32 (vectors, 8, n)."""
    values = codebook("IQ1_S").astype(np.float32)[index].transpose(0, 2, 1)
    return values + np.where(down, -DELTA, DELTA)[:, None]


def _choose(x: F32, w: F32, floor: float, shifts: int) -> _ShiftedGroups:
    """Codes of groups x with weights w, float32 (size, n); groups of magnitudes below `floor` are zeros."""
    order = _in_order(x)
    sorted_x, sorted_w = (np.ascontiguousarray(np.take_along_axis(columns.T, order, axis=1).T) for columns in (x, w))
    splits: Splits
    if shifts == 2:
        splits = SplitsOfOne(sorted_x, sorted_w)
    else:
        late = (order >= len(x) // 2).T
        splits = SplitsOfTwo(sorted_x, sorted_w, late)
    split = best_split(splits)
    digits, shift = _digits(order, split, shifts)
    nothing = (np.maximum.reduce(np.abs(x), axis=0) < floor) | (split.shift < 0)
    shift[nothing] = 0
    down = _levels(shift, shifts, len(x) // 8)
    scale = np.abs(split.scale)
    index, missing = _vectors(digits, down, x, w, scale)
    again = np.flatnonzero(missing.any(axis=0))
    if len(again):
        scale[again] = _solved(_meant(index[:, again], down[:, again]), x[:, again], w[:, again], scale[again])
    index[:, nothing] = 0
    scale[nothing] = 0
    return _ShiftedGroups(index, shift, scale)


def _vectors(
    digits: U8, down: NDArray[np.bool_], x: F32, w: F32, scale: F32
) -> tuple[NDArray[np.int16], NDArray[np.bool_]]:
    """Codebook indices (vectors, n) for levels uint8 (size, n), and which vectors were not in the codebook."""
    known, count = lattice("IQ1_S"), x.shape[1]
    points = known.points(digits.reshape(-1, 8, count)).reshape(-1)
    index = known.index.take(points)
    missing = index < 0
    vectors_x, vectors_w = _by_vector(x), _by_vector(w)
    for way, delta in ((False, DELTA), (True, -DELTA)):
        left = np.flatnonzero(missing & (down.reshape(-1) == way))
        values = np.array([-1, 0, 1], np.float32) + delta
        index[left] = known.nearest(points[left], left, vectors_x, vectors_w, scale[left % count], values)
    shape = (-1, count)
    return index.reshape(shape), missing.reshape(shape)


def _by_vector(groups: F32) -> F32:
    """Groups (size, n) with each vector as a column, float32 (8, size / 8 * n)."""
    return np.ascontiguousarray(groups.reshape(-1, 8, groups.shape[1]).transpose(1, 0, 2)).reshape(8, -1)


def _solved(q: F32, x: F32, w: F32, scale: F32) -> F32:
    """The scale of least squared error for what the codes mean, q float32 (vectors, 8, n), where there is one."""
    wq = w * q.reshape(x.shape)
    sum_qx = sum_in_order(wq * x)
    wq *= q.reshape(x.shape)
    sum_q2 = sum_in_order(wq)
    return np.where((sum_qx > 0) & (sum_q2 > 0), sum_qx / sum_q2, scale)


def _scale_codes(scales: F32) -> tuple[F32, NDArray[np.int32]]:
    """The scale of scales, float32 (n,), a 15th of the largest of (n, groups); codes 0 .. 7, 2 c + 1 of it each."""
    d = np.maximum.reduce(scales, axis=1) / np.float32(15)
    codes = nearest_int(np.float32(0.5) * (np.float32(1) / d[:, None] * scales - np.float32(1)))
    return d, np.clip(codes, 0, 7)


def _encode_iq1_s(x: F32, importance: F32 | None, out: U8) -> None:
    """For each 32 weights four index bytes, and a word of their top three bits, a 3-bit scale and the shift."""
    weights = importance_weights(x, np.ones_like(x) if importance is None else importance, 2, 32)
    chosen = _choose(as_columns(x, 32), weights, 1e-12, 2)
    index = chosen.index.T.reshape(-1, 8, 4)
    scales = chosen.scale.reshape(-1, 8)
    d, codes = _scale_codes(scales)
    codes += 8 * (chosen.shift == 1).reshape(-1, 8)
    codes[~(scales != 0).any(axis=1)] = 0
    words = np.bitwise_or.reduce((index >> 8).astype("<u2") << _SHIFTS, axis=2) | codes.astype("<u2") << np.uint16(12)
    put_halves(out[:, :2], d * np.float32(1.125))
    out[:, 2:34] = index.reshape(-1, 32) & 255
    out[:, 34:] = words.astype("<u2").view(np.uint8)


def _encode_iq1_m(x: F32, importance: F32 | None, out: U8) -> None:
    """For each 8 weights an index byte and a nibble with its top three bits and the shift; a 3-bit scale each 16.

    The scale of the scales is that of least squared error for all codes.
    """
    columns = as_columns(x, 16)
    weights = columns * columns if importance is None else importance_weights(x, importance, 2, 16)
    chosen = _choose(columns, weights, 1e-7, 4)
    scales = chosen.scale.reshape(-1, 16)
    empty = ~(scales != 0).any(axis=1)
    d, codes = _scale_codes(scales)
    d = _block_scale(columns, weights, chosen, codes, d)
    bits = np.where(empty, np.float32(0), d * np.float32(1.1125)).astype("<f2").view("<u2")
    codes[empty] = 0
    words = np.bitwise_or.reduce(codes.astype("<u2").reshape(-1, 4, 4) << _SHIFTS, axis=2)
    words |= (bits[:, None] >> np.array([0, 4, 8, 12], np.uint16) & np.uint16(15)) << np.uint16(12)
    shift = np.where(np.repeat(empty, 16), 0, chosen.shift)
    nibbles = (chosen.index >> 8).astype(np.uint8) | np.stack([shift >> 1, shift & 1]).astype(np.uint8) << np.uint8(3)
    out[:, :32] = (chosen.index.T & 255).reshape(-1, 32)
    out[:, 32:48] = (nibbles[0] | nibbles[1] << np.uint8(4)).reshape(-1, 16)
    out[:, 48:] = words.astype("<u2").view(np.uint8)


def _block_scale(x: F32, w: F32, chosen: _ShiftedGroups, codes: NDArray[np.int32], d: F32) -> F32:
    """The scale of scales, float32 (n,), of least squared error; d where there is none."""
    steps = (2 * codes + 1).astype(np.float32).reshape(-1)
    q = (_meant(chosen.index, _levels(chosen.shift, 4, 2)) * steps).reshape(x.shape)
    wq = w * q
    sum_qx, sum_q2 = (sum_in_order(_as_blocks(terms)) for terms in (wq * x, wq * q))
    return np.where(sum_q2 > 0, sum_qx / sum_q2, d)


def _as_blocks(groups: F32) -> F32:
    """Groups (16, 16 n) of n blocks as columns (256, n)."""
    return np.ascontiguousarray(groups.reshape(16, -1, 16).transpose(2, 0, 1)).reshape(256, -1)


def _unpack_iq1_s(stored: U8) -> BlockParts:
    """For each 32 weights four index bytes, and a word of their top three bits, a 3-bit scale and the shift."""
    words = np.ascontiguousarray(stored[:, 34:]).view("<u2")
    top = ((words[:, :, None] >> _SHIFTS) & np.uint16(7)).reshape(-1, 32)
    codes = codebook("IQ1_S")[stored[:, 2:34] | top << np.uint16(8)].reshape(-1, 256)
    scale = half_values(stored[:, :2]) * _odd_steps((words >> np.uint16(12)) & np.uint16(7))
    return BlockParts(codes, scale, zero_point=_zero_points(words >= 0x8000), levels=signed_levels("IQ1_S"))


def _unpack_iq1_m(stored: U8) -> BlockParts:
    """For each 8 weights an index byte and a nibble with its top three bits and the shift; a 3-bit scale each 16.

    The top nibbles of the four words of scales make the fp16 scale of the block.
    """
    nibbles = np.stack([stored[:, 32:48] & np.uint8(15), stored[:, 32:48] >> np.uint8(4)], axis=2).reshape(-1, 32)
    indices = stored[:, :32] | (nibbles & np.uint8(7)).astype(np.uint16) << np.uint16(8)
    words = np.ascontiguousarray(stored[:, 48:]).view("<u2")
    bits = np.bitwise_or.reduce((words & np.uint16(0xF000)) >> np.array([12, 8, 4, 0], np.uint16), axis=1)
    d = bits.astype("<u2").view("<f2").astype(np.float32)
    scales = ((words[:, :, None] >> _SHIFTS) & np.uint16(7)).reshape(-1, 16)
    scale = np.repeat(d[:, None] * _odd_steps(scales), 2, axis=1)
    codes = codebook("IQ1_S")[indices].reshape(-1, 256)
    return BlockParts(codes, scale, zero_point=_zero_points(nibbles >= 8), levels=signed_levels("IQ1_S"))


IQ1_S = BlockCodec(
    "IQ1_S",
    _unpack_iq1_s,
    (Span("scale of scales", 0, 2), Span("codes", 2, 34), Span("high bits, scales and shifts", 34, 50)),
    *by_blocks(_encode_iq1_s, 256),
)
IQ1_M = BlockCodec(
    "IQ1_M",
    _unpack_iq1_m,
    (Span("codes", 0, 32), Span("high bits and shifts", 32, 48), Span("scales and scale of scales", 48, 56)),
    *by_blocks(_encode_iq1_m, 256),
)
