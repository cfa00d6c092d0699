"""The codec of codebooks: each block stores its largest magnitude and, for every weight, an index into the table.

A value is scale * table[code], the scale being absmax / max|table|. A block is stored as its scale, then its codes;
of two 4-bit codes in a byte the first is the high one, as in bitsandbytes. Double quantization (QLoRA, section 3)
stores one byte per scale: scales less their mean, in blocks of 256, as codes of the dynamic 8-bit map.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtui.compute.arrays import CHUNK, as_matrix, check_bytes, chunks, finite_absmax, in_blocks, joined, read_in_parts
from qtui.compute.codebooks.tables import dynamic_map, nearest_codes, table_of
from qtui.compute.codec import F32, U8, Encoded, Fields, Span
from qtui.compute.floats.packing import pack, unpack
from qtui.compute.ints.scales import ScaleStore

SCALES_TOGETHER = 256
LEAST_SCALE = np.float32(1e-38)  # bitsandbytes divides by no less


@dataclass(frozen=True)
class DoubleScales:
    """Scales of a whole tensor, doubly quantized: value = map[code] * scale of its 256 + `offset`."""

    offset: np.float32
    scales: F32

    @classmethod
    def of(cls, scales: F32, offset: np.float32 | None = None) -> DoubleScales:
        """What the scales float32 (n,) of a tensor share; their `offset` is their mean."""
        offset = np.float32(scales.mean()) if offset is None else offset
        return cls(offset, finite_absmax(in_blocks((scales - offset)[None], SCALES_TOGETHER))[0])

    def codes(self, scales: F32, first: int) -> U8:
        """Codes uint8 (n,) of scales, the first of them being scale number `first` of the tensor."""
        above = np.repeat(self.scales, SCALES_TOGETHER)[first : first + scales.size]
        relative: F32 = np.divide(scales - self.offset, np.maximum(above, LEAST_SCALE), dtype=np.float32)
        return nearest_codes(relative, dynamic_map())

    def values(self, codes: U8, first: int = 0) -> F32:
        """Scales float32 (n,) of `codes`."""
        above = np.repeat(self.scales, SCALES_TOGETHER)[first : first + codes.size]
        return dynamic_map()[codes] * above + self.offset

    def header(self) -> U8:
        """The tensor's header, uint8 (4 + 4 * groups,): offset and scales as little-endian float32."""
        return np.concatenate([[self.offset], self.scales]).astype("<f4").view(np.uint8)


class CodebookCodec:
    """Encodes and decodes one table: "nf4", "fp4", "dynamic8", or the user's numbers as in "-1/-0.5/0/0.5/1".

    Infinities become the ends of the table and NaN what is nearest to 0; scales follow from the finite weights.
    """

    def __init__(self, table: str, block: int = 64, scale: str = "fp32", double: bool = False) -> None:
        self._table = table_of(table)
        self._top = np.float32(np.abs(self._table).max())
        self._name = "a codebook"
        self._block = block
        self._bits = max((len(self._table) - 1).bit_length(), 1)
        codes = np.arange(256)
        both = np.stack([codes >> 4, codes & 15], axis=1)  # what each byte of two codes stands for
        self._pairs = self._table[np.minimum(both, len(self._table) - 1)].view(np.uint64)[:, 0]
        self._store = ScaleStore(scale)
        self._scale_bytes = 1 if double else 4 if scale == "fp32" else 2
        self._double = double
        self._options = (table, block, scale, double)
        self._offset: np.float32 | None = None

    def for_tensor(self, x: F32) -> CodebookCodec:
        """This codec with what the tensor x float32 (rows, columns) shares, for parts of `rows_together` rows."""
        fitted = CodebookCodec(*self._options)
        fitted._offset = self._offset
        if self._double and self._offset is None and x.size:
            fitted._offset = np.float32(self._scales(x).mean())
        return fitted

    def rows_together(self, columns: int) -> int:
        """How many rows fill whole blocks of scales, where scales are stored in blocks."""
        groups = -(-columns // self._block)
        return SCALES_TOGETHER // math.gcd(SCALES_TOGETHER, groups) if self._double else 1

    def encode(self, x: F32, importance: F32 | None = None) -> Encoded:
        """Bytes of x float32 (rows, columns). `importance` changes nothing here.

        Raises ValueError where x is not two-dimensional.
        """
        x = as_matrix(x, self._name)
        rows, columns = x.shape
        groups = -(-columns // self._block)
        data = np.zeros((rows, groups * self._block_bytes), np.uint8)
        if data.size == 0:
            return Encoded(data, columns, self._empty_header())
        with np.errstate(all="ignore"):
            scales = self._scales(x)
            doubled = DoubleScales.of(scales.reshape(-1), self._offset) if self._double else None
            for part in chunks(rows, columns):
                if doubled is None:
                    stored = self._store.write(scales[part])
                    scale = self._store.read(stored)
                else:
                    # bitsandbytes makes codes with the scales as they were before they were stored.
                    stored = doubled.codes(scales[part].reshape(-1), part.start * groups).reshape(-1, groups, 1)
                    scale = scales[part]
                reciprocal = np.reciprocal(np.maximum(scale, LEAST_SCALE))
                codes = nearest_codes(in_blocks(x[part], self._block) * reciprocal[:, :, None], self._table)
                blocks = data[part].reshape(*scale.shape, self._block_bytes)
                blocks[:, :, : self._scale_bytes] = stored
                blocks[:, :, self._scale_bytes :] = self._packed(codes)
        return Encoded(data, columns, np.zeros(0, np.uint8) if doubled is None else doubled.header())

    def decode(self, encoded: Encoded) -> F32:
        """Values float32 (rows, columns)."""
        # Where scales are in blocks of their own, rows depend on where they stand in the tensor.
        return read_in_parts(encoded, self._values, len(encoded.data) * encoded.columns if self._double else CHUNK)

    def _values(self, encoded: Encoded) -> F32:
        if self._bits == 4 and self._block % 2 == 0:
            scale, stored = self._parts(encoded)
            values = np.take(self._pairs, stored, mode="clip").view(np.float32)
        else:
            scale, codes = self._read(encoded)
            values = np.take(self._table, codes)
        values *= scale[:, :, None]
        return joined(values)[:, : encoded.columns]

    @np.errstate(all="ignore")
    def fields(self, encoded: Encoded) -> Fields:
        """Codes, scales and the table."""
        scale, codes = self._read(encoded)
        layout = (Span("scale", 0, self._scale_bytes), Span("codes", self._scale_bytes, self._block_bytes))
        return Fields(joined(codes)[:, : encoded.columns], self._block, scale, table=self._table, layout=layout)

    @property
    def _block_bytes(self) -> int:
        return self._scale_bytes + -(-self._block * self._bits // 8)

    def _empty_header(self) -> U8:
        return np.zeros(4 if self._double else 0, np.uint8)

    def _scales(self, x: F32) -> F32:
        """Scales float32 (rows, groups), before they are stored."""
        scales = np.empty((len(x), -(-x.shape[1] // self._block)), np.float32)
        for part in chunks(len(x), x.shape[1]):
            blocks = in_blocks(np.asarray(x[part], np.float32), self._block)
            scales[part] = finite_absmax(blocks) / self._top
        return scales

    def _packed(self, codes: NDArray[np.uint8]) -> U8:
        """Bytes (rows, groups, k) of codes (rows, groups, block)."""
        rows, groups, size = codes.shape
        flat = codes.reshape(rows * groups, size)
        fill = -size % 8 if self._bits != 8 else 0
        flat = np.pad(flat, ((0, 0), (0, fill))) if fill else flat
        if self._bits == 4:
            words = flat.view("<u2")
            stored = (words << np.uint16(4) | words >> np.uint16(8)).astype(np.uint8)
        else:
            stored = pack(flat, self._bits)
        return stored[:, : self._block_bytes - self._scale_bytes].reshape(rows, groups, -1)

    def _unpacked(self, stored: U8) -> NDArray[np.uint8]:
        """Codes (rows, groups, block) of bytes (rows, groups, k)."""
        rows, groups, length = stored.shape
        flat = stored.reshape(rows * groups, length)
        if self._bits == 4:
            codes = np.stack([flat >> np.uint8(4), flat & np.uint8(15)], axis=2).reshape(len(flat), -1)
        else:
            fill = -length % self._bits
            flat = np.pad(flat, ((0, 0), (0, fill))) if fill else flat
            codes = unpack(flat, self._bits).astype(np.uint8)
        return np.minimum(codes[:, : self._block], len(self._table) - 1).reshape(rows, groups, self._block)

    def _read(self, encoded: Encoded) -> tuple[F32, U8]:
        """Scales (rows, groups) and codes (rows, groups, block)."""
        scale, stored = self._parts(encoded)
        return scale, self._unpacked(stored) if stored.size else np.zeros((*scale.shape, self._block), np.uint8)

    def _parts(self, encoded: Encoded) -> tuple[F32, U8]:
        """Scales (rows, groups) and the bytes of codes (rows, groups, k)."""
        groups = -(-encoded.columns // self._block)
        data = check_bytes(encoded, groups * self._block_bytes, self._name)
        header = np.ascontiguousarray(encoded.header)
        above = -(-len(data) * groups // SCALES_TOGETHER)
        if header.shape != (4 * (1 + above) if self._double else 0,):
            raise ValueError(f"{self._name} needs a header of {4 * (1 + above)} bytes, not {header.shape}")
        blocks = data.reshape(len(data), groups, self._block_bytes)
        stored, codes = blocks[:, :, : self._scale_bytes], blocks[:, :, self._scale_bytes :]
        if blocks.size == 0:
            return np.zeros(blocks.shape[:2], np.float32), codes
        if self._double:
            shared = header.view("<f4").astype(np.float32)
            scale = DoubleScales(shared[0], shared[1:]).values(stored.reshape(-1)).reshape(len(data), groups)
        else:
            scale = self._store.read(stored)
        return scale, codes
