"""IQ4_NL and IQ4_XS: four-bit indices into a table of 16 values that lie denser near zero.

Source: `quantize_row_iq4_nl_impl` (with its 7 tries to either side), `best_index_int8`, `kvalues_iq4nl`,
`dequantize_row_iq4_nl`, `dequantize_row_iq4_xs` in `ggml-quants.c`. Groups of 32 weights lie as columns (32, n).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qtui.compute.codec import F32, U8, Span
from qtui.compute.ggml.blocks import BlockCodec, BlockParts, by_blocks, half_values, put_halves
from qtui.compute.ggml.packing import pack_nibbles, unpack_nibbles
from qtui.compute.ggml.reduce import as_columns, inverse, nearest_int, per_block, signed_absmax, sum_in_order
from qtui.compute.ggml.search import TINY, error_weights

VALUES = np.array([-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113], np.float32)

# All limits between the values are whole halves and belong to the upper index, so the index follows from minus twice
# the number, rounded up: from -255, above the highest limit, to 256, below the lowest. A NaN falls on the first slot,
# index 15, where the C code's bisection leads it, too.
_FIRST, _LAST = -255, 256
_INDEX_OF_SLOT = np.searchsorted(VALUES[1:] + VALUES[:-1], -np.arange(_FIRST, _LAST + 1), side="right").astype(
    np.uint8
)
_VALUE_OF_SLOT = VALUES[_INDEX_OF_SLOT]


def _slots(x: F32, steps: F32, scratch: F32) -> NDArray[np.intp]:
    """Where x * steps falls in the tables above, (32, n)."""
    np.multiply(x, np.float32(-2) * steps, out=scratch)
    np.ceil(scratch, out=scratch)
    np.clip(scratch, _FIRST, _LAST, out=scratch)
    scratch -= _FIRST
    return scratch.astype(np.intp)


def _explained(x: F32, w: F32, steps: F32, scratch: F32) -> tuple[F32, F32]:
    """Sum of w * q * x and of w * q^2, float32 (n,), for the table values q nearest to x * steps."""
    q = _VALUE_OF_SLOT.take(_slots(x, steps, scratch), mode="clip")
    wq = np.multiply(w, q)
    sum_qx = sum_in_order(np.multiply(wq, x, out=scratch))
    wq *= q
    return sum_qx, sum_in_order(wq)


def _search_scale(x: F32, w: F32) -> F32:
    """Scale float32 (n,) of each group: the largest magnitude is tried on -127 and on up to 7 more or less."""
    largest = signed_absmax(x)
    scratch = np.empty_like(x)
    sum_qx, sum_q2 = _explained(x, w, np.float32(1) / (largest / np.float32(127)), scratch)
    scale = np.where(sum_q2 > 0, sum_qx / sum_q2, np.float32(0))
    best = scale * sum_qx
    for shift in range(-7, 8):
        sum_qx, sum_q2 = _explained(x, w, (np.float32(shift) + VALUES[0]) / largest, scratch)
        better = (sum_q2 > 0) & (sum_qx * sum_qx > best * sum_q2)
        scale = np.where(better, sum_qx / sum_q2, scale)
        best = np.where(better, scale * sum_qx, best)
    return np.where(np.abs(largest) < TINY, np.float32(0), scale)


def _indices(columns: F32, scale: F32) -> U8:
    """The table indices uint8 (32, n) nearest to columns / scale; index 8 (value 1) everywhere under a scale of 0."""
    slots = _slots(columns, inverse(scale), np.empty_like(columns))
    return _INDEX_OF_SLOT.take(slots, mode="clip")


def _encode_iq4_nl(x: F32, importance: F32 | None, out: U8) -> None:
    columns = as_columns(x, 32)
    scale = _search_scale(columns, error_weights(x, columns, importance))
    put_halves(out[:, :2], scale)
    out[:, 2:] = pack_nibbles(_indices(columns, scale)).T


def _unpack_iq4_nl(stored: U8) -> BlockParts:
    return BlockParts(unpack_nibbles(stored[:, 2:]), half_values(stored[:, :2]), table=VALUES)


def _encode_iq4_xs(x: F32, importance: F32 | None, out: U8) -> None:
    """The eight groups' scales become codes -32 .. 31 under one scale d that puts the largest on -32."""
    columns = as_columns(x, 32)
    scales = per_block(_search_scale(columns, error_weights(x, columns, importance)), 8)
    d = signed_absmax(scales) / np.float32(-32)
    codes = np.clip(nearest_int(inverse(d) * scales), -32, 31)
    effective = (d * codes.astype(np.float32)).T.reshape(-1)
    stored_codes = (codes + 32).astype(np.uint8).T
    shifts = np.arange(0, 16, 2, dtype=np.uint16)
    high = np.bitwise_or.reduce((stored_codes >> np.uint8(4)).astype(np.uint16) << shifts, axis=1)
    put_halves(out[:, :2], d)
    out[:, 2:4] = high.astype("<u2").view(np.uint8).reshape(-1, 2)
    out[:, 4:8] = (stored_codes[:, ::2] & np.uint8(15)) | stored_codes[:, 1::2] << np.uint8(4)
    out[:, 8:] = pack_nibbles(_indices(columns, effective)).T.reshape(-1, 128)


def _unpack_iq4_xs(stored: U8) -> BlockParts:
    high = np.ascontiguousarray(stored[:, 2:4]).view("<u2") >> np.arange(0, 16, 2, dtype=np.uint16)
    low = np.stack([stored[:, 4:8] & np.uint8(15), stored[:, 4:8] >> np.uint8(4)], axis=2).reshape(-1, 8)
    scales = (low | (high & np.uint16(3)).astype(np.uint8) << np.uint8(4)).astype(np.float32) - np.float32(32)
    codes = unpack_nibbles(stored[:, 8:].reshape(-1, 16)).reshape(-1, 256)
    return BlockParts(codes, half_values(stored[:, :2]) * scales, table=VALUES)


IQ4_NL = BlockCodec(
    "IQ4_NL", _unpack_iq4_nl, (Span("scale", 0, 2), Span("codes", 2, 18)), *by_blocks(_encode_iq4_nl, 32)
)
IQ4_XS = BlockCodec(
    "IQ4_XS",
    _unpack_iq4_xs,
    (Span("scale of scales", 0, 2), Span("scales", 2, 8), Span("codes", 8, 136)),
    *by_blocks(_encode_iq4_xs, 256),
)
