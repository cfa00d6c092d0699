"""What all ggml types share: rows are cut into blocks, and every block is stored on its own.

A type brings three things: how one block's bytes are laid out, how blocks are encoded, and how bytes come apart into
codes, scales and minimums (`BlockParts`). Decoding is then the same arithmetic for all of them, so the values that
qtui shows and the codes and scales that it shows can't disagree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qtui.compute.arrays import CHUNK, chunks
from qtui.compute.codec import F32, U8, Encoded, Fields, Span
from qtui.compute.ggml.formats import BY_NAME, FAMILY


@dataclass(frozen=True)
class BlockParts:
    """What n blocks hold. A value is `scale * (code - zero_point) + minimum`, or `scale * table[code]`.

    `codes` (n, block_size) integers; `scale` float32 (n, groups), the groups of equal size; `minimum` likewise;
    `zero_point` one number for the whole type or (n, groups); `table` float32 (codes,). `levels` as in `Fields`.
    """

    codes: NDArray[np.integer]
    scale: F32
    zero_point: int | F32 = 0
    minimum: F32 | None = None
    table: F32 | None = None
    levels: tuple[int, ...] = ()


EncodeBlocks = Callable[[F32, U8], None]
"""Writes blocks x float32 (n, block_size) into out uint8 (n, block_bytes)."""

EncodeWeighted = Callable[[F32, F32, U8], None]
"""Writes rows x float32 (rows, columns), with importance float32 (columns,), into out uint8 (blocks, block_bytes)."""


@dataclass(frozen=True)
class BlockCodec:
    """The codec of one ggml type; see `qtui.compute.codec.Codec` for what its methods promise.

    `weighted` is None where ggml, too, ignores an importance vector. `chunk` weights are encoded at a time: the fewer
    the steps, the more for calls not to cost as much as the work.
    """

    name: str
    unpack: Callable[[U8], BlockParts]
    layout: tuple[Span, ...]
    blocks: EncodeBlocks | None = None
    weighted: EncodeWeighted | None = None
    chunk: int = CHUNK

    @property
    def block_size(self) -> int:
        """Weights per block."""
        return BY_NAME[self.name].block_size

    @property
    def block_bytes(self) -> int:
        """Bytes per block."""
        return BY_NAME[self.name].block_bytes

    def encode(self, x: F32, importance: F32 | None = None) -> Encoded:
        """Bytes of x float32 (rows, columns), as `ggml_quantize_chunk` writes them.

        `importance` float32 (columns,) is what llama.cpp calls an imatrix. Raises ValueError where x is not
        two-dimensional, columns are not whole blocks, or the type can't be encoded.
        """
        if self.blocks is None:
            known = ", ".join(fmt.name for fmt in FAMILY.formats if fmt.can_encode)
            raise ValueError(f"{self.name} can be decoded but not encoded; formats that can be encoded: {known}")
        x = np.asarray(x)
        rows, columns = self._check_shape(x.shape)
        data = np.empty((rows, columns // self.block_size * self.block_bytes), np.uint8)
        weighing = None if importance is None else _check_importance(importance, columns)
        with np.errstate(all="ignore"):  # overflow to inf and inf to code 0 are what the C code means, too
            for part in chunks(rows, columns, self.chunk):
                piece = np.ascontiguousarray(x[part], np.float32)
                if weighing is None or self.weighted is None:
                    self._encode_plain(piece, data[part])
                else:
                    self.weighted(piece, weighing, data[part].reshape(-1, self.block_bytes))
        return Encoded(data, columns)

    def _encode_plain(self, x: F32, out: U8) -> None:
        """Block by block; a row longer than a chunk is cut again."""
        assert self.blocks is not None
        size, stored = self.block_size, self.block_bytes
        blocks, bytes_ = x.reshape(-1, size), out.reshape(-1, stored)
        for part in chunks(len(blocks), size, self.chunk):
            self.blocks(blocks[part], bytes_[part])

    def decode(self, encoded: Encoded) -> F32:
        """Values float32 (rows, columns), as `dequantize_row_*` gives them."""
        stored = self._stored_blocks(encoded)
        values = np.empty((len(encoded.data), encoded.columns), np.float32)
        flat = values.reshape(-1, self.block_size)
        with np.errstate(all="ignore"):
            for part in chunks(len(stored), self.block_size):
                _evaluate(self.unpack(stored[part]), flat[part])
        return values

    def fields(self, encoded: Encoded) -> Fields:
        """Codes, effective scales and minimums, and the bytes of one block by name."""
        stored = self._stored_blocks(encoded)
        rows = len(encoded.data)
        with np.errstate(all="ignore"):
            parts = self.unpack(stored)
        groups = parts.scale.shape[1]
        per_row = (rows, encoded.columns // self.block_size * groups)
        zero: NDArray[np.integer] | F32 | None
        if isinstance(parts.zero_point, int):
            zero = np.full(per_row, parts.zero_point, np.int32) if parts.zero_point else None
        else:
            zero = parts.zero_point.reshape(per_row)
        return Fields(
            codes=parts.codes.reshape(rows, encoded.columns),
            group_size=self.block_size // groups,
            scale=parts.scale.reshape(per_row),
            zero_point=zero,
            minimum=None if parts.minimum is None else parts.minimum.reshape(per_row),
            table=parts.table,
            layout=self.layout,
            levels=parts.levels,
        )

    def _check_shape(self, shape: tuple[int, ...]) -> tuple[int, int]:
        if len(shape) != 2 or shape[1] % self.block_size:
            raise ValueError(
                f"{self.name} needs a shape (rows, columns) with columns a multiple of {self.block_size}, not {shape}"
            )
        return shape[0], shape[1]

    def _stored_blocks(self, encoded: Encoded) -> U8:
        """The bytes as (blocks, block_bytes), where they are as long as the columns need."""
        rows, columns = self._check_shape((len(encoded.data), encoded.columns))
        need = (rows, columns // self.block_size * self.block_bytes)
        if encoded.data.shape != need or encoded.data.dtype != np.uint8:
            raise ValueError(
                f"{self.name} needs uint8 bytes of shape {need} for {columns} columns, "
                f"not {encoded.data.dtype} {encoded.data.shape}"
            )
        return np.ascontiguousarray(encoded.data).reshape(-1, self.block_bytes)


def by_blocks(encode: Callable[[F32, F32 | None, U8], None], size: int) -> tuple[EncodeBlocks, EncodeWeighted]:
    """Both encoders of a type whose blocks of `size` need nothing from outside them, importance or none.

    `encode` takes blocks x float32 (n, size), importance of the same shape or None, and bytes (n, block_bytes) to
    write.
    """

    def plain(x: F32, out: U8) -> None:
        encode(x, None, out)

    def weighted(x: F32, importance: F32, out: U8) -> None:
        blocks = x.reshape(-1, size)
        weighing = np.tile(importance.reshape(-1, size), (len(x), 1))
        for part in chunks(len(blocks), size):
            encode(blocks[part], weighing[part], out[part])

    return plain, weighted


def _check_importance(importance: ArrayLike, columns: int) -> F32:
    vector = np.ascontiguousarray(importance, np.float32)
    if vector.shape != (columns,):
        raise ValueError(
            f"an importance vector needs the shape ({columns},), one weight a column, not {vector.shape}"
        )
    return vector


def _evaluate(parts: BlockParts, out: F32) -> None:
    """Writes the values of n blocks into out float32 (n, block_size)."""
    count, groups = parts.scale.shape
    shape = (count, groups, out.shape[1] // groups if groups else 0)
    codes, values = parts.codes.reshape(shape), out.reshape(shape)
    if parts.table is not None:
        values[...] = parts.table[codes]
    elif isinstance(parts.zero_point, int):
        np.subtract(codes, np.float32(parts.zero_point), out=values, dtype=np.float32)
    else:
        np.subtract(codes, parts.zero_point[..., None], out=values, dtype=np.float32)
    values *= parts.scale[..., None]
    if parts.minimum is not None:
        values += parts.minimum[..., None]


def put_halves(place: U8, values: F32) -> None:
    """Writes float32 (n,) as little-endian fp16, rounded to nearest even, into bytes (n, 2)."""
    place.view("<f2")[:, 0] = values


def half_values(stored: U8) -> F32:
    """fp16 bytes (n, 2k) as float32 (n, k)."""
    return stored.view("<f2").astype(np.float32)


def through_half(values: F32) -> F32:
    """What is left of float32 after storing it as fp16."""
    return values.astype(np.float16).astype(np.float32)
