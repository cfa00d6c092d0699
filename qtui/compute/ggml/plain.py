"""F32, F16 and BF16 as GGUF files hold them: one number a weight, no blocks, no scales.

Source: `ggml_fp32_to_fp16_row`, `ggml_fp32_to_bf16_row` in `ggml.c` (NaN: quiet, sign kept).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qtui.compute.arrays import chunks
from qtui.compute.codec import Encoded, Fields, Span

Bits = NDArray[np.unsignedinteger]
Values = NDArray[np.float32]


@dataclass(frozen=True)
class PlainCodec:
    """The codec of a type without blocks; see `qtui.compute.codec.Codec`. Importance has nothing to weigh here.

    `narrow` turns float32 (n,) into stored bits of `bits_type`, `widen` turns them back.
    """

    name: str
    bits_type: type[np.uint16] | type[np.uint32]
    narrow: Callable[[Values], Bits]
    widen: Callable[[Bits], Values]

    def encode(self, x: Values, importance: Values | None = None) -> Encoded:
        """Bytes of x float32 (rows, columns), rounded to nearest even."""
        x = np.asarray(x)
        if x.ndim != 2:
            raise ValueError(f"{self.name} needs a shape (rows, columns), not {x.shape}")
        bits = np.empty(x.shape, self.bits_type)
        with np.errstate(all="ignore"):
            for part in chunks(*x.shape):
                bits[part] = self.narrow(np.ascontiguousarray(x[part], np.float32))
        return Encoded(bits.view(np.uint8).reshape(self._stored_shape(*x.shape)), x.shape[1])

    def decode(self, encoded: Encoded) -> Values:
        """Values float32 (rows, columns)."""
        return self.widen(self._bits(encoded))

    def fields(self, encoded: Encoded) -> Fields:
        """The stored bit patterns as codes."""
        layout = (Span("value", 0, np.dtype(self.bits_type).itemsize),)
        return Fields(codes=self._bits(encoded), group_size=1, layout=layout)

    def _stored_shape(self, rows: int, columns: int) -> tuple[int, int]:
        return rows, columns * np.dtype(self.bits_type).itemsize

    def _bits(self, encoded: Encoded) -> Bits:
        need = self._stored_shape(len(encoded.data), encoded.columns)
        if encoded.data.shape != need or encoded.data.dtype != np.uint8:
            raise ValueError(
                f"{self.name} needs uint8 bytes of shape {need} for {encoded.columns} columns, "
                f"not {encoded.data.dtype} {encoded.data.shape}"
            )
        bits: Bits = np.ascontiguousarray(encoded.data).view(self.bits_type)
        return bits.reshape(need[0], encoded.columns)


def _to_half(x: Values) -> Bits:
    """numpy keeps part of a NaN's payload; ggml writes 7E00 with its sign."""
    bits = x.astype(np.float16).view(np.uint16)
    nan = np.isnan(x)
    if nan.any():
        bits[nan] &= 0xFE00
    return bits


def _from_half(bits: Bits) -> Values:
    return bits.view(np.float16).astype(np.float32)


def _to_bfloat16(x: Values) -> Bits:
    """Adding 7FFF, or 8000 where the last kept bit is odd, carries into it exactly when rounding up is due."""
    bits = x.view(np.uint32)
    rounded = ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)
    nan = np.isnan(x)
    if nan.any():
        rounded[nan] = (bits[nan] >> 16) | 0x40
    return rounded


def _from_bfloat16(bits: Bits) -> Values:
    return (bits.astype(np.uint32) << np.uint32(16)).view(np.float32)


F16 = PlainCodec("F16", np.uint16, _to_half, _from_half)
BF16 = PlainCodec("BF16", np.uint16, _to_bfloat16, _from_bfloat16)
F32 = PlainCodec("F32", np.uint32, lambda x: x.view(np.uint32), lambda bits: bits.view(np.float32))
