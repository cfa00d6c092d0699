"""IQ2 and IQ3: vectors of magnitudes from a codebook, signs, and a scale for every 16 or 32 weights.

The codes in their fields are the codebook's magnitudes with their signs. Source: `quantize_row_iq2_xxs_impl`,
`..._iq2_xs_impl`, `..._iq2_s_impl`, `..._iq3_xxs_impl`, `..._iq3_s_impl` and `dequantize_row_iq2_xxs`,
`..._iq2_xs`, `..._iq2_s`, `..._iq3_xxs`, `..._iq3_s` in `ggml-quants.c`. What chooses the vectors is in
`vector_search.py`. Groups of weights lie as columns (size, n).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtui.compute.codec import F32, U8, Span
from qtui.compute.ggml.blocks import BlockCodec, BlockParts, by_blocks, half_values, put_halves
from qtui.compute.ggml.grids import codebook, even_signs, sign_vectors, signed_levels
from qtui.compute.ggml.reduce import as_columns, nearest_int, sum_in_order
from qtui.compute.ggml.search import TINY, error_weights, importance_weights, search_positive
from qtui.compute.ggml.vector_search import Search, search_vectors, tries

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
    return np.stack([stored & np.uint8(15), stored >> np.uint8(4)], axis=2).reshape(len(stored), 2 * stored.shape[1])


def _half_steps(scales: NDArray[np.unsignedinteger]) -> F32:
    """Scale codes s as s + 1/2."""
    return np.float32(0.5) + scales.astype(np.float32)


def _magnitudes(columns: F32) -> tuple[F32, NDArray[np.bool_]]:
    """|x|, and which are negative."""
    negative = ~(columns >= 0)
    return np.where(negative, -columns, columns), negative


def _make_even(x: F32, negative: NDArray[np.bool_], w: F32) -> None:
    """Turns, in each 8 with an odd number of minuses, the sign of the weight that matters least: x < 0 then."""
    shape = (-1, 8, x.shape[1])
    flags, by_eight = negative.reshape(shape), x.reshape(shape)
    eight, group = np.nonzero(np.logical_xor.reduce(flags, axis=1))
    costs = (w * x * x).reshape(shape)[eight, :, group]
    turned = (eight, costs.argmin(axis=1), group)
    by_eight[turned] = -by_eight[turned]
    flags[turned] ^= True


@dataclass(frozen=True)
class _SignedVectors:
    """What n blocks store: `index` int16 (n, vectors), `signs` uint8 (n, 32) a bit a weight, `scales` (n, groups)."""

    index: NDArray[np.int16]
    signs: U8
    scales: F32

    def cleared(self) -> _SignedVectors:
        """With zeros for index and signs in blocks whose scales are all 0."""
        empty = ~(self.scales != 0).any(axis=1)
        index, signs = self.index.copy(), self.signs.copy()
        index[empty], signs[empty] = 0, 0
        return _SignedVectors(index, signs, self.scales)


def _choose(search: Search, x: F32, negative: NDArray[np.bool_], w: F32, top: F32, scale: F32) -> _SignedVectors:
    """Searches groups (size, n * groups); those whose `top` is 0 are stored as zeros.

    A negative scale turns all signs of its group.
    """
    fit = search_vectors(search, x, w, top, scale)
    signs = np.packbits(negative.reshape(-1, 8, x.shape[1]), axis=1, bitorder="little")[:, 0]
    signs ^= np.where(fit.scale < 0, np.uint8(255), np.uint8(0))
    index, scales = fit.index, np.abs(fit.scale)
    for array in (index, signs, scales):
        array[..., top == 0] = 0
    groups = 256 // len(x)
    return _SignedVectors(
        index.T.reshape(-1, groups * len(index)), signs.T.reshape(-1, groups * len(signs)), scales.reshape(-1, groups)
    )


def _limits(search: Search, x: F32, floor: float | np.float32) -> tuple[F32, F32]:
    """The largest magnitude of each group, 0 where below `floor`, and the scale that puts it on the highest level."""
    largest = np.maximum.reduce(x, axis=0)
    largest[largest < floor] = 0
    return largest, largest / search.numerators[len(search.numerators) // 2]


def _scale_codes(scales: F32) -> tuple[F32, U8]:
    """The scale of scales, float32 (n,), that is a 31st of the largest of scales (n, groups); and codes 0 .. 15.

    A code c stands for 2 c + 1 of it.
    """
    d = np.maximum.reduce(scales, axis=1) / np.float32(31)
    codes = nearest_int(np.float32(0.5) * (np.float32(1) / d[:, None] * scales - np.float32(1)))
    return d, np.clip(codes, 0, 15).astype(np.uint8)


def _put_nibbles(place: U8, codes: U8) -> None:
    np.bitwise_or(codes[:, ::2], codes[:, 1::2] << np.uint8(4), out=place)


_IQ2_XXS_SEARCH = Search("IQ2_XXS", tries(3, 6, 0.1), always=True, whole_group=True)


def _encode_iq2_xxs(x: F32, importance: F32 | None, out: U8) -> None:
    """For each 32 weights four indices, then a word of four 7-bit sign words and a 4-bit scale.

    The tries lie around the scale that three evenly spaced positive levels, 1 to 3 and a fourth, would have.
    """
    weights = importance_weights(x, np.ones_like(x) if importance is None else importance, 1, 32)
    magnitudes, negative = _magnitudes(as_columns(x, 32))
    _make_even(magnitudes, negative, weights)
    scale = search_positive(magnitudes, weights, 4).scale
    top = scale * np.float32(3)
    top[top <= 0] = 0
    chosen = _choose(_IQ2_XXS_SEARCH, magnitudes, negative, weights, top, scale).cleared()
    d, codes = _scale_codes(chosen.scales)
    words = out[:, 2:].reshape(len(x), 8, 8)
    put_halves(out[:, :2], d)
    words[:, :, :4] = chosen.index.reshape(-1, 8, 4)
    words[:, :, 4:] = _sign_words(chosen.signs, codes)


def _sign_words(signs: U8, codes: U8) -> U8:
    """Four times seven signs and a scale code to each word, as bytes uint8 (n, 8, 4)."""
    shifted = (signs.reshape(-1, 8, 4) & np.uint8(127)).astype("<u4") << _SIGN_SHIFTS
    words = np.bitwise_or.reduce(shifted, axis=2) | codes.astype("<u4") << np.uint32(28)
    stored: U8 = words.astype("<u4").view(np.uint8).reshape(-1, 8, 4)
    return stored


_IQ2_XS_SEARCH = Search("IQ2_XS", tries(3, 9, 0.1))


def _encode_iq2_xs(x: F32, importance: F32 | None, out: U8) -> None:
    """For each 8 weights a 9-bit index and a 7-bit sign word; 4-bit scales for each 16."""
    weights = importance_weights(x, np.ones_like(x) if importance is None else importance, 1, 16)
    magnitudes, negative = _magnitudes(as_columns(x, 16))
    _make_even(magnitudes, negative, weights)
    limits = _limits(_IQ2_XS_SEARCH, magnitudes, TINY)
    chosen = _choose(_IQ2_XS_SEARCH, magnitudes, negative, weights, *limits).cleared()
    d, codes = _scale_codes(chosen.scales)
    words = chosen.index.astype("<u2") | chosen.signs.astype("<u2") << np.uint16(9)
    put_halves(out[:, :2], d)
    out[:, 2:66] = words.view(np.uint8)
    _put_nibbles(out[:, 66:], codes)


_IQ2_S_SEARCH = Search("IQ2_S", tries(3, 9, 0.1))


def _encode_iq2_s(x: F32, importance: F32 | None, out: U8) -> None:
    """For each 8 weights a 10-bit index, its top two bits apart, and a sign byte; 4-bit scales for each 16."""
    columns = as_columns(x, 16)
    if importance is None:
        squares = columns * columns
        mean = np.float32(2) * sum_in_order(np.square(np.ascontiguousarray(x.T))) / np.float32(256)
        weights = np.repeat(np.float32(0.25) * mean, 16) + squares
    else:
        weights = importance_weights(x, importance, 2, 16)
    magnitudes, negative = _magnitudes(columns)
    chosen = _choose(_IQ2_S_SEARCH, magnitudes, negative, weights, *_limits(_IQ2_S_SEARCH, magnitudes, 1e-8))
    d, codes = _scale_codes(chosen.scales)
    put_halves(out[:, :2], d * np.float32(0.9875))
    out[:, 2:34] = chosen.index
    out[:, 34:66] = chosen.signs
    top = (chosen.index >> 8).astype(np.uint8).reshape(-1, 8, 4) << np.arange(0, 8, 2, dtype=np.uint8)
    out[:, 66:74] = np.bitwise_or.reduce(top, axis=2)
    _put_nibbles(out[:, 74:], codes)


_IQ3_XXS_SEARCH = Search("IQ3_XXS", tries(8, 15, 0.2))


def _encode_iq3_xxs(x: F32, importance: F32 | None, out: U8) -> None:
    """For each 4 weights an index; for each 32 a word of four 7-bit sign words and a 4-bit scale."""
    columns = as_columns(x, 32)
    weights = error_weights(x, columns, importance)
    magnitudes, negative = _magnitudes(columns)
    _make_even(magnitudes, negative, weights)
    limits = _limits(_IQ3_XXS_SEARCH, magnitudes, 1e-8)
    chosen = _choose(_IQ3_XXS_SEARCH, magnitudes, negative, weights, *limits).cleared()
    d, codes = _scale_codes(chosen.scales)
    put_halves(out[:, :2], d * np.float32(1.0125))
    out[:, 2:66] = chosen.index
    out[:, 66:] = _sign_words(chosen.signs, codes).reshape(-1, 32)


_IQ3_S_SEARCH = Search("IQ3_S", tries(8, 9, 0.2), whole_group=True, unfound=True)


def _encode_iq3_s(x: F32, importance: F32 | None, out: U8) -> None:
    """For each 4 weights a 9-bit index, its top bit apart; a sign byte for each 8, a 4-bit scale for each 32.

    Groups of zeros come last in the bytes of indices and signs, though not in the others: so ggml writes them.
    """
    columns = as_columns(x, 32)
    magnitudes, negative = _magnitudes(columns)
    limits = _limits(_IQ3_S_SEARCH, magnitudes, 0)
    chosen = _choose(_IQ3_S_SEARCH, magnitudes, negative, error_weights(x, columns, importance), *limits)
    d, codes = _scale_codes(chosen.scales)
    order = np.argsort((limits[0] == 0).reshape(-1, 8), axis=1, kind="stable")[:, :, None]
    put_halves(out[:, :2], d * np.float32(1.033))
    out[:, 2:66] = np.take_along_axis(chosen.index.reshape(-1, 8, 8), order, axis=1).reshape(-1, 64)
    out[:, 66:74] = np.packbits(chosen.index > 255, axis=1, bitorder="little")
    out[:, 74:106] = np.take_along_axis(chosen.signs.reshape(-1, 8, 4), order, axis=1).reshape(-1, 32)
    _put_nibbles(out[:, 106:], codes)


def _unpack_iq2_xxs(stored: U8) -> BlockParts:
    """For each 32 weights four codebook indices, then a word of four 7-bit sign words and a 4-bit scale."""
    words = _words(stored[:, 2:], "<u4").reshape(-1, 8, 2)
    indices = np.ascontiguousarray(words[:, :, 0]).view(np.uint8)
    signs = (words[:, :, 1, None] >> _SIGN_SHIFTS) & np.uint32(127)
    scale = half_values(stored[:, :2]) * _half_steps(words[:, :, 1] >> np.uint32(28)) * np.float32(0.25)
    return BlockParts(
        _signed(codebook("IQ2_XXS")[indices], even_signs()[signs]), scale, levels=signed_levels("IQ2_XXS")
    )


def _unpack_iq2_xs(stored: U8) -> BlockParts:
    """For each 8 weights a 9-bit index and a 7-bit sign word; 4-bit scales for each 16."""
    words = _words(stored[:, 2:66], "<u2")
    codes = _signed(codebook("IQ2_XS")[words & np.uint16(511)], even_signs()[words >> np.uint16(9)])
    scale = half_values(stored[:, :2]) * _half_steps(_nibbles(stored[:, 66:])) * np.float32(0.25)
    return BlockParts(codes, scale, levels=signed_levels("IQ2_XS"))


def _unpack_iq2_s(stored: U8) -> BlockParts:
    """For each 8 weights a 10-bit index, its top two bits apart, and a sign byte; 4-bit scales for each 16."""
    top = (stored[:, 66:74, None] >> np.array([0, 2, 4, 6], np.uint8)) & np.uint8(3)
    indices = stored[:, 2:34] | top.reshape(-1, 32).astype(np.uint16) << np.uint16(8)
    codes = _signed(codebook("IQ2_S")[indices], sign_vectors()[stored[:, 34:66]])
    scale = half_values(stored[:, :2]) * _half_steps(_nibbles(stored[:, 74:])) * np.float32(0.25)
    return BlockParts(codes, scale, levels=signed_levels("IQ2_S"))


def _unpack_iq3_xxs(stored: U8) -> BlockParts:
    """For each 4 weights an index; for each 32 a word of four 7-bit sign words and a 4-bit scale."""
    words = _words(stored[:, 66:], "<u4")
    signs = (words[:, :, None] >> _SIGN_SHIFTS) & np.uint32(127)
    scale = half_values(stored[:, :2]) * _half_steps(words >> np.uint32(28)) * np.float32(0.5)
    codes = _signed(codebook("IQ3_XXS")[stored[:, 2:66]], even_signs()[signs])
    return BlockParts(codes, scale, levels=signed_levels("IQ3_XXS"))


def _unpack_iq3_s(stored: U8) -> BlockParts:
    """For each 4 weights a 9-bit index, its top bit apart; a sign byte for each 8, a 4-bit scale for each 32."""
    top = np.unpackbits(stored[:, 66:74], axis=1, bitorder="little").astype(np.uint16)
    codes = _signed(codebook("IQ3_S")[stored[:, 2:66] | top << np.uint16(8)], sign_vectors()[stored[:, 74:106]])
    steps = np.float32(1) + np.float32(2) * _nibbles(stored[:, 106:]).astype(np.float32)
    return BlockParts(codes, half_values(stored[:, :2]) * steps, levels=signed_levels("IQ3_S"))


_SCALE = Span("scale of scales", 0, 2)

IQ2_XXS = BlockCodec(
    "IQ2_XXS",
    _unpack_iq2_xxs,
    (_SCALE, Span("codes, signs and scales", 2, 66)),
    *by_blocks(_encode_iq2_xxs, 256),
)
IQ2_XS = BlockCodec(
    "IQ2_XS",
    _unpack_iq2_xs,
    (_SCALE, Span("codes and signs", 2, 66), Span("scales", 66, 74)),
    *by_blocks(_encode_iq2_xs, 256),
)
IQ2_S = BlockCodec(
    "IQ2_S",
    _unpack_iq2_s,
    (_SCALE, Span("codes", 2, 34), Span("signs", 34, 66), Span("high bits", 66, 74), Span("scales", 74, 82)),
    *by_blocks(_encode_iq2_s, 256),
)
IQ3_XXS = BlockCodec(
    "IQ3_XXS",
    _unpack_iq3_xxs,
    (_SCALE, Span("codes", 2, 66), Span("signs and scales", 66, 98)),
    *by_blocks(_encode_iq3_xxs, 256),
)
IQ3_S = BlockCodec(
    "IQ3_S",
    _unpack_iq3_s,
    (_SCALE, Span("codes", 2, 66), Span("high bits", 66, 74), Span("signs", 74, 106), Span("scales", 106, 110)),
    *by_blocks(_encode_iq3_s, 256),
)
