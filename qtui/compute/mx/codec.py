"""The MX formats: 32 elements of 8, 6 or 4 bits under one power of two.

A block is stored as its E8M0 scale, then the elements' codes, lowest bits first. Source: OCP Microscaling Formats
(MX) Specification v1.0; scale roundings as in torchao's `mx_tensor.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtui.compute.arrays import as_matrix, check_bytes, chunks, finite_absmax, in_blocks, joined, read_in_parts
from qtui.compute.codec import F32, U8, Encoded, Fields, Span
from qtui.compute.floats.arrays import decode_array, encode_array
from qtui.compute.floats.packing import pack, unpack
from qtui.compute.mx.scales import LEAST_DIVISOR, element_format, mx_scale_codes, mx_scales

BLOCK = 32
INT8_STEP = np.float32(2.0**-6)


@dataclass(frozen=True)
class Element:
    """What one code of a block stands for: a small float, or for "int8" a whole number of 1/64ths."""

    name: str

    @property
    def bits(self) -> int:
        """Bits of a code."""
        return 8 if self.name == "int8" else element_format(self.name).bits

    @property
    def mantissa(self) -> int:
        """Mantissa bits of a code; 6 fraction bits of "int8"."""
        return 6 if self.name == "int8" else element_format(self.name).mantissa

    @property
    def table(self) -> F32:
        """The value of every code, float32 (2^bits,)."""
        codes = np.arange(1 << self.bits, dtype=np.uint8)
        if self.name == "int8":
            return codes.view(np.int8).astype(np.float32) * INT8_STEP
        return decode_array(codes, element_format(self.name), np.float32).astype(np.float32)

    @property
    def largest(self) -> float:
        """The largest value; -2 in MXINT8 is not used."""
        finite = self.table[np.isfinite(self.table)]
        return float(finite.max())

    def codes(self, scaled: F32) -> NDArray[np.uint8]:
        """Codes uint8 of weights divided by their scale, float32 of any shape, which is overwritten.

        What is beyond the largest is clipped; NaN is 0 where there is no NaN.
        """
        top = np.float32(self.largest)
        np.clip(scaled, -top, top, out=scaled)
        if self.name == "int8":
            whole = np.rint(np.nan_to_num(scaled) / INT8_STEP)
            result: NDArray[np.uint8] = whole.astype(np.int8).view(np.uint8)
            return result
        fmt = element_format(self.name)
        if fmt.nan_code(False) is None:
            np.nan_to_num(scaled, copy=False)
        return encode_array(scaled, fmt, saturate=True).astype(np.uint8)


class MxCodec:
    """Encodes and decodes one element type with one rounding of the scale.

    Infinities become the largest value; the scale follows from the finite weights of its block.
    """

    def __init__(self, element: str, scale: str = "floor") -> None:
        self._element = Element(element)
        self._rounding = scale
        self._name = f"MX {element}"
        self._block_bytes = 1 + BLOCK * self._element.bits // 8

    def encode(self, x: F32, importance: F32 | None = None) -> Encoded:
        """Bytes of x float32 (rows, columns). `importance` changes nothing here.

        Raises ValueError where x is not two-dimensional.
        """
        x = as_matrix(x, self._name)
        rows, columns = x.shape
        data = np.empty((rows, self._row_bytes(columns)), np.uint8)
        with np.errstate(all="ignore"):
            for part in chunks(rows, columns):
                blocks = in_blocks(x[part], BLOCK)
                data[part] = joined(self._stored(blocks)) if blocks.size else 0
        return Encoded(data, columns)

    def decode(self, encoded: Encoded) -> F32:
        """Values float32 (rows, columns)."""
        return read_in_parts(encoded, self._values)

    def _values(self, encoded: Encoded) -> F32:
        scale, codes = self._read(encoded)
        values: F32 = np.take(self._element.table, codes) * scale[:, :, None]
        return joined(values)[:, : encoded.columns]

    @np.errstate(all="ignore")
    def fields(self, encoded: Encoded) -> Fields:
        """Codes, scales as float32, and the value of every code."""
        scale, codes = self._read(encoded)
        layout = (Span("scale", 0, 1), Span("codes", 1, self._block_bytes))
        return Fields(joined(codes)[:, : encoded.columns], BLOCK, scale, table=self._element.table, layout=layout)

    def _row_bytes(self, columns: int) -> int:
        return -(-columns // BLOCK) * self._block_bytes

    def _stored(self, blocks: F32) -> U8:
        """Bytes (rows, blocks, block_bytes) of weights (rows, blocks, 32)."""
        element = self._element
        emax = int(np.frexp(element.largest)[1]) - 1
        scale = mx_scale_codes(finite_absmax(blocks), self._rounding, element.largest, emax, element.mantissa)
        divisor = np.maximum(mx_scales(scale), LEAST_DIVISOR)
        codes = element.codes(np.divide(blocks, divisor[:, :, None], dtype=np.float32))
        packed = pack(codes.reshape(-1, BLOCK), element.bits).reshape(*scale.shape, -1)
        return np.concatenate([scale[:, :, None], packed], axis=2)

    def _read(self, encoded: Encoded) -> tuple[F32, NDArray[np.uint8]]:
        """Scales (rows, blocks) and codes (rows, blocks, 32)."""
        data = check_bytes(encoded, self._row_bytes(encoded.columns), self._name)
        blocks = data.reshape(len(data), -(-encoded.columns // BLOCK), self._block_bytes)
        if blocks.size == 0:
            return np.zeros(blocks.shape[:2], np.float32), np.zeros((*blocks.shape[:2], BLOCK), np.uint8)
        codes = unpack(blocks[:, :, 1:].reshape(-1, self._block_bytes - 1), self._element.bits)
        return mx_scales(blocks[:, :, 0]), codes.astype(np.uint8).reshape(*blocks.shape[:2], BLOCK)
