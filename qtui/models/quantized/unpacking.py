"""Arithmetic that the layouts share: codes out of words, scales over groups."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qtui.compute.codec import Encoded
from qtui.compute.floats.packing import unpack
from qtui.compute.formats import get_format
from qtui.compute.mx.nvfp4 import TABLE
from qtui.models.files.model_file import StoredParts, Tensor
from qtui.models.files.source import ModelFileError, quoted

F32 = NDArray[np.float32]
Values = NDArray[Any]
# Both E2M1 values of a byte, float32 (256, 2), and the value of each byte as E4M3.
_PAIRS = np.stack([TABLE[np.arange(256) >> shift & 15] for shift in (0, 4)], axis=1)
_E4M3 = get_format("float8_e4m3fn").codec.decode(Encoded(np.arange(256, dtype=np.uint8)[None], 256))[0]


def codes_of(words: Values, bits: int, columns: int) -> Values:
    """Codes (rows, columns) of `bits` that lie one after the other in rows of little-endian words, lowest first."""
    raw = np.ascontiguousarray(words).view(np.uint8)
    width = -(-columns // 8) * bits  # bytes of whole eights of codes
    if raw.shape[1] < width:
        raw = np.pad(raw, ((0, 0), (0, width - raw.shape[1])))
    return unpack(raw[:, :width], bits)[:, :columns]


def codes_in_words(words: Values, bits: int, columns: int) -> Values:
    """Codes (rows, columns) of `bits`, of which each 32-bit word holds as many as fit whole."""
    shifts = np.arange(32 // bits, dtype=np.uint32) * np.uint32(bits)
    codes = words.view(np.uint32)[:, :, None] >> shifts & np.uint32((1 << bits) - 1)
    return codes.reshape(len(words), -1)[:, :columns]


def scale_values(scales: Values) -> F32:
    """Scales as float32; bytes are exponents of two with a bias of 127, of which 255 is NaN (OCP's E8M0)."""
    if scales.dtype != np.uint8:
        return scales.astype(np.float32, copy=False)
    values = np.ldexp(np.float32(1), scales.astype(np.int32) - 127).astype(np.float32)
    values[scales == 255] = np.nan
    return values


def spread(groups: Values, size: int, columns: int) -> Values:
    """One value a group (rows, groups) over `size` columns each, (rows, columns)."""
    return groups if groups.shape[1] == 1 else np.repeat(groups, size, axis=1)[:, :columns]


def scaled(codes: Values, scales: F32, zeros: Values | None, size: int) -> F32:
    """(codes - zeros) × scales in float32, codes (rows, columns), the others (rows, groups) of `size` columns."""
    values = codes.astype(np.float32)
    if zeros is not None:
        values -= spread(zeros.astype(np.float32), size, values.shape[1])
    values *= spread(scales, size, values.shape[1])
    return values


def turned_codes(
    stored: StoredParts, part: Tensor, first: int, last: int, bits: int, turned: bool = False
) -> NDArray[np.int32]:
    """Codes of rows `first` to `last` (excluded), int32 (last - first, groups), packed along the axis of the rows.

    `part` is int32 (words, groups), or `turned` (groups, words).
    """
    start = first // 32 * 32  # so many codes of any width fill whole words
    begin, end = start * bits // 32, -(-last * bits // 32)
    words = stored.columns(part, begin, end) if turned else stored.rows(part, begin, end, part.shape[0])
    codes = codes_of(words.T, bits, last - start)
    return codes[:, first - start :].T.astype(np.int32)


def rows_of_words(words: Values, bits: int, order: tuple[int, ...]) -> Values:
    """Rows (n × len(order), columns) out of words (n, columns) that hold `order` of them each."""
    shifts = np.array(order, np.uint32) * np.uint32(bits)
    codes = words.view(np.uint32)[:, None, :] >> shifts[:, None] & np.uint32((1 << bits) - 1)
    return codes.astype(np.uint8).reshape(-1, words.shape[1])


def gemv_fast_order() -> NDArray[np.intp]:
    """The column that each of 32 codes of AWQ's gemv_fast belongs to, intp (32,)."""
    pairs = np.arange(32).reshape(4, 4, 2).transpose(1, 0, 2)
    return pairs.reshape(4, 4, 2).transpose(0, 2, 1).reshape(-1)


def marlin_orders() -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Marlin's permutations: of codes (1024,), of scales (64,), and of scales where a column has one (32,)."""
    lane, tile, half, place = np.ogrid[:32, :4, :2, :4]
    row = 2 * (lane % 4 + 4 * (place // 2)) + place % 2
    codes = (16 * row + lane // 4 + 8 * half + 256 * tile).reshape(-1, 8)[:, [0, 2, 4, 6, 1, 3, 5, 7]]
    whole = np.arange(64).reshape(8, 8).T
    single = 2 * np.arange(4)[:, None] + np.array([0, 1, 8, 9, 16, 17, 24, 25])
    return codes.reshape(-1), whole.reshape(-1), single.reshape(-1)


def unswizzled(tiles: Values, columns: int) -> Values:
    """Scales (rows, columns) of rows of tiles (n, tiles × 512) in which 32 × 16 stand for 128 × 4.

    Source: cuBLAS, "1D block scaling factors layout"; torchao's `to_blocked`.
    """
    apart = tiles.reshape(len(tiles), -1, 32, 4, 4).transpose(0, 3, 2, 1, 4)
    return apart.reshape(128 * len(tiles), -1)[:, :columns]


def e2m1_pairs(raw: Values) -> F32:
    """The values (rows, 2n) of bytes (rows, n) that hold two E2M1 codes, the low half first."""
    return np.take(_PAIRS, raw, axis=0, mode="clip").reshape(len(raw), -1)


def e4m3(raw: Values) -> F32:
    """The values of bytes as E4M3 (FN), float32 of their shape."""
    return np.take(_E4M3, raw.view(np.uint8), mode="clip")


def groups_of(stored: StoredParts, part: Tensor, count: int) -> Values:
    """The group of each column, below `count`. Raises ModelFileError where one is not."""
    groups = stored.whole(part).reshape(-1)
    if groups.size and not 0 <= groups.min() <= groups.max() < count:
        raise ModelFileError(f"{quoted(part.name)} names a group that is not there; get the file again")
    return groups
