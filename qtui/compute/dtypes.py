"""The dtypes of model files: plain numbers under the names that safetensors headers use.

Block types of GGUF files are formats of their own (`qtui/compute/ggml/formats.py`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Dtype:
    """A number as files store it: `bits` each, those of less than a byte packed.

    `format` is the storage format of the same numbers in the registry, None for integers, booleans and complex
    numbers. `numpy` is numpy's code of the little-endian type, without its byte order; None where numpy has none.
    """

    name: str
    bits: int
    format: str | None = None
    numpy: str | None = None

    @property
    def is_wide_float(self) -> bool:
        """Whether it is a float of 16 bits or more, which needs no scale."""
        return self.format is not None and self.bits >= 16


DTYPES: dict[str, Dtype] = {
    dtype.name: dtype
    for dtype in (
        Dtype("F64", 64, "float64", "f8"),
        Dtype("F32", 32, "float32", "f4"),
        Dtype("F16", 16, "float16", "f2"),
        Dtype("BF16", 16, "bfloat16"),
        Dtype("F8_E4M3", 8, "float8_e4m3fn"),
        Dtype("F8_E5M2", 8, "float8_e5m2"),
        Dtype("F8_E8M0", 8, "float8_e8m0fnu"),
        Dtype("F8_E4M3FNUZ", 8, "float8_e4m3fnuz"),
        Dtype("F8_E5M2FNUZ", 8, "float8_e5m2fnuz"),
        Dtype("F6_E2M3", 6, "float6_e2m3fn"),
        Dtype("F6_E3M2", 6, "float6_e3m2fn"),
        Dtype("F4", 4, "float4_e2m1fn"),
        Dtype("I64", 64, None, "i8"),
        Dtype("I32", 32, None, "i4"),
        Dtype("I16", 16, None, "i2"),
        Dtype("I8", 8, None, "i1"),
        Dtype("U64", 64, None, "u8"),
        Dtype("U32", 32, None, "u4"),
        Dtype("U16", 16, None, "u2"),
        Dtype("U8", 8, None, "u1"),
        Dtype("BOOL", 8, None, "b1"),
        Dtype("C64", 64),
    )
}
