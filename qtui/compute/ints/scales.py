"""How scales are stored: the bytes of an array of scales, and the scales that those bytes stand for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qtui.compute.floats.arrays import decode_array, encode_array
from qtui.compute.floats.table import FLOATS

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]
Floats = NDArray[np.floating[Any]]

LARGEST = {"fp32": float(np.finfo(np.float32).max), "fp16": 65504.0, "e8m0": 2.0**127, "e4m3": 448.0}
E4M3 = next(fmt for fmt in FLOATS if fmt.name == "float8_e4m3fn")


@dataclass(frozen=True)
class ScaleStore:
    """Scales kept as "fp32", "fp16", "e8m0" or "e4m3".

    Scales that are too large become the largest. E8M0 rounds up to a power of two, so that nothing clips. E4M3
    reaches from 2^-9 to 448 only, so its codes count in a float32 `unit` that the tensor stores once.
    """

    kind: str
    unit: float = 1.0

    @classmethod
    def fitting(cls, kind: str, largest: float) -> ScaleStore:
        """The store for scales up to `largest`."""
        unit = np.float32(largest / LARGEST["e4m3"]) if kind == "e4m3" else np.float32(1)
        return cls(kind, float(unit) or 1.0)

    def rounded(self, scale: Floats) -> F32:
        """`scale` as it comes back from its bytes, float32 of its shape."""
        return self.read(self.write(scale))

    def rounded_zero(self, zero: Floats) -> F32:
        """A float zero point as it comes back from its bytes, in the scale's type: float32 of its shape."""
        limit = LARGEST[self.kind]
        clipped = np.clip(zero, -limit, limit)
        return clipped.astype(np.float16).astype(np.float32) if self.kind == "fp16" else clipped.astype(np.float32)

    def write(self, scale: Floats) -> U8:
        """Bytes uint8 (..., k) of scales (...), none of them negative or NaN."""
        kept = np.minimum(scale, LARGEST[self.kind] * self.unit)
        if self.kind == "fp32":
            return _as_bytes(kept.astype("<f4"))
        if self.kind == "fp16":
            return _as_bytes(kept.astype("<f2"))
        if self.kind == "e8m0":
            fraction, exponent = np.frexp(kept)
            exponent -= fraction == 0.5  # a power of two stays what it is
            codes = np.where(kept > 0, np.clip(exponent + 127, 0, 254), 0)
            return codes.astype(np.uint8)[..., None]
        units = (kept / np.float32(self.unit)).astype(np.float32)
        return encode_array(units, E4M3, saturate=True).astype(np.uint8)[..., None]

    def read(self, stored: U8) -> F32:
        """Scales float32 (...) of bytes (..., k)."""
        stored = np.ascontiguousarray(stored)
        if self.kind == "fp32":
            return stored.view("<f4")[..., 0].astype(np.float32)
        if self.kind == "fp16":
            return stored.view("<f2")[..., 0].astype(np.float32)
        if self.kind == "e8m0":
            return np.ldexp(np.float32(1), stored[..., 0].astype(np.int32) - 127).astype(np.float32)
        return decode_array(stored[..., 0], E4M3, np.float32).astype(np.float32) * np.float32(self.unit)


def _as_bytes(values: NDArray[Any]) -> U8:
    return np.ascontiguousarray(values)[..., None].view(np.uint8)
