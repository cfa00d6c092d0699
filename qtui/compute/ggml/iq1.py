"""IQ1_S and IQ1_M, decoding: eight ternary weights at a time from a codebook, moved up or down by an eighth.

value = scale * (code + 1/8) or scale * (code - 1/8), the choice being one bit for each 32 or 8 weights; so the
fields have a zero point of -1/8 or 1/8. Source: `dequantize_row_iq1_s`, `dequantize_row_iq1_m` in `ggml-quants.c`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qtui.compute.codec import F32, U8, Span
from qtui.compute.ggml.blocks import BlockCodec, Parts, half_values
from qtui.compute.ggml.grids import codebook

_SHIFTS = np.array([0, 3, 6, 9], np.uint16)


def _zero_points(down: NDArray[np.bool_]) -> F32:
    return np.where(down, np.float32(0.125), np.float32(-0.125)).astype(np.float32)


def _odd_steps(scales: NDArray[np.uint16]) -> F32:
    """Three-bit scale codes s as 2 s + 1."""
    return (2 * scales + 1).astype(np.float32)


def _unpack_iq1_s(stored: U8) -> Parts:
    """For each 32 weights four index bytes, and a word of their top three bits, a 3-bit scale and the shift."""
    words = np.ascontiguousarray(stored[:, 34:]).view("<u2")
    top = ((words[:, :, None] >> _SHIFTS) & np.uint16(7)).reshape(-1, 32)
    codes = codebook("IQ1_S")[stored[:, 2:34] | top << np.uint16(8)].reshape(-1, 256)
    scale = half_values(stored[:, :2]) * _odd_steps((words >> np.uint16(12)) & np.uint16(7))
    return Parts(codes, scale, zero_point=_zero_points(words >= 0x8000))


def _unpack_iq1_m(stored: U8) -> Parts:
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
    return Parts(codebook("IQ1_S")[indices].reshape(-1, 256), scale, zero_point=_zero_points(nibbles >= 8))


IQ1_S = BlockCodec(
    "IQ1_S",
    _unpack_iq1_s,
    (Span("scale of scales", 0, 2), Span("codes", 2, 34), Span("high bits, scales and shifts", 34, 50)),
)
IQ1_M = BlockCodec(
    "IQ1_M",
    _unpack_iq1_m,
    (Span("codes", 0, 32), Span("high bits and shifts", 32, 48), Span("scales and scale of scales", 48, 56)),
)
