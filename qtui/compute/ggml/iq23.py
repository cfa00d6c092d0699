"""IQ2 and IQ3, decoding: vectors of magnitudes from a codebook, signs, and a scale for every 16 or 32 weights.

The codes in their fields are the codebook's magnitudes with their signs. Finding the best vectors is a search of
its own that qtui does not do. Source: `dequantize_row_iq2_xxs`, `..._iq2_xs`, `..._iq2_s`, `..._iq3_xxs`,
`..._iq3_s` in `ggml-quants.c`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qtui.compute.codec import F32, U8, Span
from qtui.compute.ggml.blocks import BlockCodec, Parts, half_values
from qtui.compute.ggml.grids import codebook, even_signs, sign_vectors

_SIGN_SHIFTS = np.array([0, 7, 14, 21], np.uint32)


def _signed(magnitudes: NDArray[np.int8], signs: NDArray[np.int8]) -> NDArray[np.int8]:
    """Codes int8 (n, 256) of magnitudes and signs, both with n * 256 entries in the order of the weights."""
    return magnitudes.reshape(-1, 256) * signs.reshape(-1, 256)


def _words(stored: U8, kind: str) -> NDArray[np.unsignedinteger]:
    """Little-endian unsigned words of bytes (n, k)."""
    words: NDArray[np.unsignedinteger] = np.ascontiguousarray(stored).view(kind)
    return words


def _nibbles(stored: U8) -> U8:
    """Nibbles of bytes (n, k) as (n, 2k), low then high of each byte."""
    return np.stack([stored & np.uint8(15), stored >> np.uint8(4)], axis=2).reshape(len(stored), -1)


def _half_steps(scales: NDArray[np.unsignedinteger]) -> F32:
    """Scale codes s as s + 1/2."""
    return np.float32(0.5) + scales.astype(np.float32)


def _unpack_iq2_xxs(stored: U8) -> Parts:
    """For each 32 weights four codebook indices, then a word of four 7-bit sign words and a 4-bit scale."""
    words = _words(stored[:, 2:], "<u4").reshape(-1, 8, 2)
    indices = np.ascontiguousarray(words[:, :, 0]).view(np.uint8)
    signs = (words[:, :, 1, None] >> _SIGN_SHIFTS) & np.uint32(127)
    scale = half_values(stored[:, :2]) * _half_steps(words[:, :, 1] >> np.uint32(28)) * np.float32(0.25)
    return Parts(_signed(codebook("IQ2_XXS")[indices], even_signs()[signs]), scale)


def _unpack_iq2_xs(stored: U8) -> Parts:
    """For each 8 weights a 9-bit index and a 7-bit sign word; 4-bit scales for each 16."""
    words = _words(stored[:, 2:66], "<u2")
    codes = _signed(codebook("IQ2_XS")[words & np.uint16(511)], even_signs()[words >> np.uint16(9)])
    scale = half_values(stored[:, :2]) * _half_steps(_nibbles(stored[:, 66:])) * np.float32(0.25)
    return Parts(codes, scale)


def _unpack_iq2_s(stored: U8) -> Parts:
    """For each 8 weights a 10-bit index, its top two bits apart, and a sign byte; 4-bit scales for each 16."""
    top = (stored[:, 66:74, None] >> np.array([0, 2, 4, 6], np.uint8)) & np.uint8(3)
    indices = stored[:, 2:34] | top.reshape(-1, 32).astype(np.uint16) << np.uint16(8)
    codes = _signed(codebook("IQ2_S")[indices], sign_vectors()[stored[:, 34:66]])
    scale = half_values(stored[:, :2]) * _half_steps(_nibbles(stored[:, 74:])) * np.float32(0.25)
    return Parts(codes, scale)


def _unpack_iq3_xxs(stored: U8) -> Parts:
    """For each 4 weights an index; for each 32 a word of four 7-bit sign words and a 4-bit scale."""
    words = _words(stored[:, 66:], "<u4")
    signs = (words[:, :, None] >> _SIGN_SHIFTS) & np.uint32(127)
    scale = half_values(stored[:, :2]) * _half_steps(words >> np.uint32(28)) * np.float32(0.5)
    return Parts(_signed(codebook("IQ3_XXS")[stored[:, 2:66]], even_signs()[signs]), scale)


def _unpack_iq3_s(stored: U8) -> Parts:
    """For each 4 weights a 9-bit index, its top bit apart; a sign byte for each 8, a 4-bit scale for each 32."""
    top = np.unpackbits(stored[:, 66:74], axis=1, bitorder="little").astype(np.uint16)
    codes = _signed(codebook("IQ3_S")[stored[:, 2:66] | top << np.uint16(8)], sign_vectors()[stored[:, 74:106]])
    steps = np.float32(1) + np.float32(2) * _nibbles(stored[:, 106:]).astype(np.float32)
    return Parts(codes, half_values(stored[:, :2]) * steps)


_SCALE = Span("scale of scales", 0, 2)

IQ2_XXS = BlockCodec("IQ2_XXS", _unpack_iq2_xxs, (_SCALE, Span("codes, signs and scales", 2, 66)))
IQ2_XS = BlockCodec("IQ2_XS", _unpack_iq2_xs, (_SCALE, Span("codes and signs", 2, 66), Span("scales", 66, 74)))
IQ2_S = BlockCodec(
    "IQ2_S",
    _unpack_iq2_s,
    (_SCALE, Span("codes", 2, 34), Span("signs", 34, 66), Span("high bits", 66, 74), Span("scales", 74, 82)),
)
IQ3_XXS = BlockCodec("IQ3_XXS", _unpack_iq3_xxs, (_SCALE, Span("codes", 2, 66), Span("signs and scales", 66, 98)))
IQ3_S = BlockCodec(
    "IQ3_S",
    _unpack_iq3_s,
    (_SCALE, Span("codes", 2, 66), Span("high bits", 66, 74), Span("signs", 74, 106), Span("scales", 106, 110)),
)
