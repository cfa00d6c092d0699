"""The floats that have a name, as data: what storing them costs is asked far more often than what their codes mean.

Widths, biases and special codes: IEEE 754-2019; OCP 8-bit floating point (OFP8) and Microscaling (MX) 1.0; ml_dtypes
for the fnuz and b11 variants; NVIDIA's PTX manual for tf32.
"""

from __future__ import annotations

ROUNDINGS = ("nearest-even", "nearest-away", "toward-zero", "up", "down", "stochastic")

# By name, the further fields of `layout.FloatFormat`: exponent bits, mantissa bits, bias, special codes, sign bits,
# whether it has a zero, description, and the bits it is stored in where those are more than its own.
NAMED: dict[str, tuple[int, int, int, str, int, bool, str, int]] = {
    "float64": (11, 52, 1023, "ieee", 1, True, "double precision", 0),
    "float32": (8, 23, 127, "ieee", 1, True, "single precision", 0),
    "tf32": (8, 10, 127, "ieee", 1, True, "NVIDIA TensorFloat-32: 19 bits in a 32-bit box", 32),
    "bfloat16": (8, 7, 127, "ieee", 1, True, "brain float: the range of float32", 0),
    "float16": (5, 10, 15, "ieee", 1, True, "half precision", 0),
    "float8_e5m2": (5, 2, 15, "ieee", 1, True, "OCP E5M2: gradients", 0),
    "float8_e4m3fn": (4, 3, 7, "fn", 1, True, "OCP E4M3: weights, activations; no infinity", 0),
    "float8_e4m3": (4, 3, 7, "ieee", 1, True, "E4M3 by the IEEE rules, with infinity", 0),
    "float8_e3m4": (3, 4, 3, "ieee", 1, True, "E3M4 by the IEEE rules", 0),
    "float8_e4m3fnuz": (4, 3, 8, "fnuz", 1, True, "E4M3 of AMD MI300 and Graphcore", 0),
    "float8_e5m2fnuz": (5, 2, 16, "fnuz", 1, True, "E5M2 of AMD MI300 and Graphcore", 0),
    "float8_e4m3b11fnuz": (4, 3, 11, "fnuz", 1, True, "E4M3 with bias 11, of TPU research", 0),
    "float8_e8m0fnu": (8, 0, 127, "fn", 0, False, "E8M0: the scale of MX blocks", 0),
    "float8_ue4m3": (4, 3, 7, "fn", 0, True, "unsigned E4M3: the scale of NVFP4", 8),
    "float6_e3m2fn": (3, 2, 3, "none", 1, True, "OCP MXFP6 element, wider range", 0),
    "float6_e2m3fn": (2, 3, 1, "none", 1, True, "OCP MXFP6 element, finer", 0),
    "float4_e2m1fn": (2, 1, 1, "none", 1, True, "OCP MXFP4 and NVFP4 element", 0),
    "float4_e2m1": (2, 1, 1, "ieee", 1, True, "E2M1 by the IEEE rules: infinity and NaN, up to 3", 0),
}

ALIASES = {
    "fp64": "float64",
    "f64": "float64",
    "double": "float64",
    "fp32": "float32",
    "f32": "float32",
    "float": "float32",
    "single": "float32",
    "tensorfloat32": "tf32",
    "bf16": "bfloat16",
    "fp16": "float16",
    "f16": "float16",
    "half": "float16",
    "e5m2": "float8_e5m2",
    "fp8_e5m2": "float8_e5m2",
    "e4m3": "float8_e4m3fn",
    "e4m3fn": "float8_e4m3fn",
    "fp8": "float8_e4m3fn",
    "float8": "float8_e4m3fn",
    "fp8_e4m3": "float8_e4m3fn",
    "e3m4": "float8_e3m4",
    "e4m3fnuz": "float8_e4m3fnuz",
    "e5m2fnuz": "float8_e5m2fnuz",
    "e8m0": "float8_e8m0fnu",
    "e8m0fnu": "float8_e8m0fnu",
    "float8_e8m0": "float8_e8m0fnu",
    "ue4m3": "float8_ue4m3",
    "e3m2": "float6_e3m2fn",
    "fp6_e3m2": "float6_e3m2fn",
    "float6_e3m2": "float6_e3m2fn",
    "e2m3": "float6_e2m3fn",
    "fp6_e2m3": "float6_e2m3fn",
    "float6_e2m3": "float6_e2m3fn",
    "e2m1": "float4_e2m1fn",
    "e2m1fn": "float4_e2m1fn",
    "fp4": "float4_e2m1fn",
    "fp4_e2m1": "float4_e2m1fn",
    "float4": "float4_e2m1",
    "float4_ieee": "float4_e2m1",
    "float128": "float:e=15,m=112",
    "binary128": "float:e=15,m=112",
}


def usual_name(name: str) -> str:
    """The name of a format; that of the float where `name` is another one for it, such as ggml's."""
    return ALIASES.get(name.lower(), name)


def stored_bits(name: str) -> int:
    """Bits that the float of that name, one of `NAMED`, is stored in."""
    exponent, mantissa, _, _, sign, _, _, box = NAMED[name]
    return box or sign + exponent + mantissa
