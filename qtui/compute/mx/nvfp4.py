"""NVFP4: 16 four-bit floats (E2M1) under an E4M3 scale, alone or under one float32 scale for the tensor.

A block is stored as its scale, then 8 bytes of codes, low nibble first; the header holds the tensor's scale. Sources:
torchao's `nvfp4_tensor.py`; for "four over six", Cook et al., "Four Over Six: More Accurate NVFP4 Quantization with
Adaptive Block Scaling" (2025), which stores each block with its largest weight at 6 or at 4, whichever errs less.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qtui.compute.arrays import (
    as_matrix,
    check_bytes,
    chunks,
    finite,
    finite_absmax,
    in_blocks,
    joined,
    read_in_parts,
)
from qtui.compute.codec import F32, U8, Encoded, Fields, Span
from qtui.compute.floats.arrays import decode_array, encode_array
from qtui.compute.floats.packing import pack, unpack
from qtui.compute.mx.scales import (
    E2M1_MAX,
    E4M3_MAX,
    element_format,
    nv_scale_codes,
    nv_scales,
    tensor_scale,
)

BLOCK = 16
BLOCK_BYTES = 9
FOUR = np.float32(4)
# With blocks scaled to 4 the E4M3 scales grow by half: below 256 they still fit, since 384 is an E4M3 value.
FOUR_OVER_SIX_MAX = np.float32(256)
E2M1 = element_format("float4_e2m1fn")
TABLE = decode_array(np.arange(16, dtype=np.uint8), E2M1, np.float32).astype(np.float32)


class NvCodec:
    """Encodes and decodes NVFP4; `two_level` keeps a float32 scale per tensor, `four_over_six` needs it.

    Infinities become the largest value and NaN 0; scales follow from the finite weights.
    """

    def __init__(self, two_level: bool = True, four_over_six: bool = False) -> None:
        self._two_level = two_level
        self._four_over_six = four_over_six
        self._shared: np.float32 | None = None if two_level else np.float32(1)

    def for_tensor(self, x: F32) -> NvCodec:
        """This codec with the scale of the tensor x float32 (rows, columns): encodes the tensor in parts."""
        fitted = NvCodec(self._two_level, self._four_over_six)
        fitted._shared = self._scale_of(x) if self._shared is None else self._shared
        return fitted

    def encode(self, x: F32, importance: F32 | None = None) -> Encoded:
        """Bytes of x float32 (rows, columns). `importance` changes nothing here.

        Raises ValueError where x is not two-dimensional.
        """
        x = as_matrix(x, "NVFP4")
        rows, columns = x.shape
        data = np.empty((rows, _row_bytes(columns)), np.uint8)
        with np.errstate(all="ignore"):
            shared = self._scale_of(x) if self._shared is None else self._shared
            for part in chunks(rows, columns):
                blocks = in_blocks(x[part], BLOCK)
                data[part] = joined(self._stored(blocks, shared)) if blocks.size else 0
        header = np.array([shared], "<f4").view(np.uint8) if self._two_level else np.zeros(0, np.uint8)
        return Encoded(data, columns, header)

    def decode(self, encoded: Encoded) -> F32:
        """Values float32 (rows, columns)."""
        return read_in_parts(encoded, self._values)

    def _values(self, encoded: Encoded) -> F32:
        scale, codes, shared = self._read(encoded)
        return joined(_values(codes, scale, shared))[:, : encoded.columns]

    @np.errstate(all="ignore")
    def fields(self, encoded: Encoded) -> Fields:
        """Codes, scales (the tensor's multiplied in) and the value of every code."""
        scale, codes, shared = self._read(encoded)
        layout = (Span("scale", 0, 1), Span("codes", 1, BLOCK_BYTES))
        return Fields(joined(codes)[:, : encoded.columns], BLOCK, scale * shared, table=TABLE, layout=layout)

    def _scale_of(self, x: F32) -> np.float32:
        largest = np.float32(0)
        for part in chunks(len(x), x.shape[1]):
            with np.errstate(all="ignore"):
                weights = finite(np.asarray(x[part], np.float32))
            largest = max(largest, np.float32(np.abs(weights).max(initial=0)))
        return tensor_scale(largest, FOUR_OVER_SIX_MAX if self._four_over_six else E4M3_MAX)

    def _stored(self, blocks: F32, shared: np.float32) -> U8:
        """Bytes (rows, blocks, 9) of weights (rows, blocks, 16)."""
        absmax = finite_absmax(blocks)
        scale = nv_scale_codes(absmax, shared)
        codes = _codes(blocks, scale, shared)
        if self._four_over_six:
            scale4 = nv_scale_codes(absmax, shared, FOUR)
            codes4 = _codes(blocks, scale4, shared)
            weights = finite(blocks)
            better = _squared(weights, codes4, scale4, shared) < _squared(weights, codes, scale, shared)
            scale = np.where(better, scale4, scale)
            codes = np.where(better[:, :, None], codes4, codes)
        packed = pack(codes.reshape(-1, BLOCK), 4).reshape(*scale.shape, BLOCK_BYTES - 1)
        return np.concatenate([scale[:, :, None], packed], axis=2)

    def _read(self, encoded: Encoded) -> tuple[F32, NDArray[np.uint8], np.float32]:
        """Block scales (rows, blocks), codes (rows, blocks, 16) and the tensor's scale."""
        data = check_bytes(encoded, _row_bytes(encoded.columns), "NVFP4")
        header = np.ascontiguousarray(encoded.header)
        if header.shape != (4 if self._two_level else 0,):
            raise ValueError(f"NVFP4 needs a header of {4 if self._two_level else 0} bytes, not {header.shape}")
        shared = np.float32(header.view("<f4")[0]) if self._two_level else np.float32(1)
        blocks = data.reshape(len(data), -(-encoded.columns // BLOCK), BLOCK_BYTES)
        if blocks.size == 0:
            return np.zeros(blocks.shape[:2], np.float32), np.zeros((*blocks.shape[:2], BLOCK), np.uint8), shared
        codes = unpack(blocks[:, :, 1:].reshape(-1, BLOCK_BYTES - 1), 4).astype(np.uint8)
        return nv_scales(blocks[:, :, 0]), codes.reshape(*blocks.shape[:2], BLOCK), shared


def _row_bytes(columns: int) -> int:
    return -(-columns // BLOCK) * BLOCK_BYTES


def _codes(blocks: F32, scale: U8, shared: np.float32) -> NDArray[np.uint8]:
    """E2M1 codes of weights (rows, blocks, 16), multiplied by the reciprocal of their scale as torchao does."""
    reciprocal = np.reciprocal(shared) / nv_scales(scale)
    scaled = blocks * reciprocal[:, :, None]
    np.clip(scaled, -E2M1_MAX, E2M1_MAX, out=scaled)
    np.nan_to_num(scaled, copy=False)
    return encode_array(scaled, E2M1, saturate=True).astype(np.uint8)


def _values(codes: NDArray[np.uint8], scale: F32, shared: np.float32) -> F32:
    values: F32 = np.take(TABLE, codes) * scale[:, :, None]
    return values * shared


def _squared(weights: F32, codes: NDArray[np.uint8], scale: U8, shared: np.float32) -> F32:
    """Squared error float32 (rows, blocks)."""
    error = _values(codes, nv_scales(scale), shared) - weights
    total: F32 = np.einsum("rbs,rbs->rb", error, error)
    return total
