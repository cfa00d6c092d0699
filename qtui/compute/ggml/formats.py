"""The ggml family: the tensor types that GGUF files hold, with what each costs.

Names and sizes are those of `ggml-common.h`; the codecs in `qtui/compute/ggml` write the bytes that
`ggml_quantize_chunk` writes. Read this table first, then `ggml/blocks.py`, then `ggml/legacy.py`.
"""

from __future__ import annotations

from qtui.compute.formats import Format


def _ggml(name: str, block_size: int, block_bytes: int, room: str, description: str) -> Format:
    """One ggml type, whose codec is the constant of the same name in `qtui/compute/ggml/{room}.py`."""
    path = f"qtui.compute.ggml.{room}:{name}"
    return Format(name, "ggml", block_size, block_bytes, description, path)


FORMATS: tuple[Format, ...] = (
    _ggml("F32", 1, 4, "plain", "float32 as it is"),
    _ggml("F16", 1, 2, "plain", "IEEE half precision, rounded to nearest even"),
    _ggml("BF16", 1, 2, "plain", "bfloat16: the upper half of a float32, rounded to nearest even"),
    _ggml("Q8_0", 32, 34, "legacy", "32 signed bytes and one fp16 scale"),
    _ggml("Q4_0", 32, 18, "legacy", "32 four-bit codes around 8 and one fp16 scale, the oldest 4-bit format"),
    _ggml("Q4_1", 32, 20, "legacy", "32 four-bit codes, an fp16 scale and an fp16 minimum"),
    _ggml("Q5_0", 32, 22, "legacy", "32 five-bit codes around 16 and one fp16 scale; the fifth bits stand apart"),
    _ggml("Q5_1", 32, 24, "legacy", "32 five-bit codes, an fp16 scale and an fp16 minimum"),
    _ggml("Q2_K", 256, 84, "kquants", "K-quant: 16 groups of 16 two-bit codes with 4-bit scales and minimums"),
    _ggml("Q3_K", 256, 110, "kquants_signed", "K-quant: 16 groups of 16 three-bit codes with 6-bit scales"),
    _ggml("Q4_K", 256, 144, "kquants", "K-quant: 8 groups of 32 four-bit codes with 6-bit scales and minimums"),
    _ggml("Q5_K", 256, 176, "kquants", "K-quant: 8 groups of 32 five-bit codes with 6-bit scales and minimums"),
    _ggml("Q6_K", 256, 210, "kquants_signed", "K-quant: 16 groups of 16 six-bit codes with 8-bit scales"),
    _ggml("IQ4_NL", 32, 18, "iq4", "32 four-bit indices into a fixed table of 16 uneven values, one fp16 scale"),
    _ggml("IQ4_XS", 256, 136, "iq4", "IQ4_NL's table with 6-bit scales for 8 groups of 32 under one fp16 scale"),
    _ggml("TQ1_0", 256, 54, "ternary", "ternary weights, five to a byte in base 3, one fp16 scale"),
    _ggml("TQ2_0", 256, 66, "ternary", "ternary weights, four to a byte, one fp16 scale"),
    _ggml("Q1_0", 128, 18, "ternary", "one sign bit per weight and one fp16 scale"),
    _ggml("Q2_0", 64, 18, "ternary", "two-bit codes -1, 0, 1, 2 and one fp16 scale"),
    _ggml("MXFP4", 32, 17, "fp4", "32 four-bit floats (E2M1) under a power-of-two scale, as ggml rounds them"),
    _ggml("NVFP4", 64, 36, "fp4", "groups of 16 four-bit floats (E2M1), each under an 8-bit float scale"),
    _ggml("IQ1_S", 256, 50, "iq1", "codebook of 2048 ternary 8-vectors, 3-bit scales"),
    _ggml("IQ1_M", 256, 56, "iq1", "IQ1_S's codebook with scales for groups of 16"),
    _ggml("IQ2_XXS", 256, 66, "iq23", "codebook of 256 8-vectors of magnitudes, 7-bit sign words"),
    _ggml("IQ2_XS", 256, 74, "iq23", "codebook of 512 8-vectors of magnitudes, 4-bit scales"),
    _ggml("IQ2_S", 256, 82, "iq23", "codebook of 1024 8-vectors of magnitudes, free signs"),
    _ggml("IQ3_XXS", 256, 98, "iq23", "codebook of 256 4-vectors of magnitudes, 7-bit sign words"),
    _ggml("IQ3_S", 256, 110, "iq23", "codebook of 512 4-vectors of magnitudes, free signs"),
)
