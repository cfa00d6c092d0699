"""ggml's tensor types, which GGUF files hold: id, name and cost of each, and where its codec is.

Ids are those of `enum ggml_type` (ggml.h), names and sizes those of `ggml-common.h`; the codecs in this folder write
the bytes that `ggml_quantize_chunk` writes. Read this table first, then `blocks.py`, then `legacy.py`.
"""

from qtui.compute.format import Format, FormatFamily


def _ggml(
    id: int,
    name: str,
    block_size: int,
    block_bytes: int,
    module: str,
    description: str,
    *,
    can_encode: bool = True,
    is_plain: bool = False,
) -> Format:
    """One type; its codec is the constant called `name` in `qtui/compute/ggml/{module}.py`, if `module` is given."""
    return Format(
        name,
        "ggml",
        block_size,
        block_bytes,
        description,
        f"qtui.compute.ggml.{module}:{name}" if module else "",
        can_encode=can_encode and bool(module),
        is_plain=is_plain,
        gguf_id=id,
    )


TYPES: tuple[Format, ...] = (
    _ggml(0, "F32", 1, 4, "plain", "float32 as it is", is_plain=True),
    _ggml(1, "F16", 1, 2, "plain", "IEEE half precision, rounded to nearest even", is_plain=True),
    _ggml(30, "BF16", 1, 2, "plain", "bfloat16: the upper half of a float32, rounded to nearest even", is_plain=True),
    _ggml(8, "Q8_0", 32, 34, "legacy", "32 signed bytes and one fp16 scale"),
    _ggml(2, "Q4_0", 32, 18, "legacy", "32 four-bit codes around 8 and one fp16 scale, the oldest 4-bit format"),
    _ggml(3, "Q4_1", 32, 20, "legacy", "32 four-bit codes, an fp16 scale and an fp16 minimum"),
    _ggml(6, "Q5_0", 32, 22, "legacy", "32 five-bit codes around 16 and one fp16 scale; the fifth bits stand apart"),
    _ggml(7, "Q5_1", 32, 24, "legacy", "32 five-bit codes, an fp16 scale and an fp16 minimum"),
    _ggml(10, "Q2_K", 256, 84, "kquants", "K-quant: 16 groups of 16 two-bit codes with 4-bit scales and minimums"),
    _ggml(11, "Q3_K", 256, 110, "kquants_signed", "K-quant: 16 groups of 16 three-bit codes with 6-bit scales"),
    _ggml(12, "Q4_K", 256, 144, "kquants", "K-quant: 8 groups of 32 four-bit codes with 6-bit scales and minimums"),
    _ggml(13, "Q5_K", 256, 176, "kquants", "K-quant: 8 groups of 32 five-bit codes with 6-bit scales and minimums"),
    _ggml(14, "Q6_K", 256, 210, "kquants_signed", "K-quant: 16 groups of 16 six-bit codes with 8-bit scales"),
    _ggml(20, "IQ4_NL", 32, 18, "iq4", "32 four-bit indices into a fixed table of 16 uneven values, one fp16 scale"),
    _ggml(23, "IQ4_XS", 256, 136, "iq4", "IQ4_NL's table with 6-bit scales for 8 groups of 32 under one fp16 scale"),
    _ggml(34, "TQ1_0", 256, 54, "ternary", "ternary weights, five to a byte in base 3, one fp16 scale"),
    _ggml(35, "TQ2_0", 256, 66, "ternary", "ternary weights, four to a byte, one fp16 scale"),
    _ggml(41, "Q1_0", 128, 18, "ternary", "one sign bit per weight and one fp16 scale"),
    _ggml(42, "Q2_0", 64, 18, "ternary", "two-bit codes -1, 0, 1, 2 and one fp16 scale"),
    _ggml(39, "MXFP4", 32, 17, "fp4", "32 four-bit floats (E2M1) under a power-of-two scale, as ggml rounds them"),
    _ggml(40, "NVFP4", 64, 36, "fp4", "groups of 16 four-bit floats (E2M1), each under an 8-bit float scale"),
    _ggml(19, "IQ1_S", 256, 50, "iq1", "codebook of 2048 ternary 8-vectors, 3-bit scales"),
    _ggml(29, "IQ1_M", 256, 56, "iq1", "IQ1_S's codebook with scales for groups of 16"),
    _ggml(16, "IQ2_XXS", 256, 66, "iq23", "codebook of 256 8-vectors of magnitudes, 7-bit sign words"),
    _ggml(17, "IQ2_XS", 256, 74, "iq23", "codebook of 512 8-vectors of magnitudes, 4-bit scales"),
    _ggml(22, "IQ2_S", 256, 82, "iq23", "codebook of 1024 8-vectors of magnitudes, free signs"),
    _ggml(18, "IQ3_XXS", 256, 98, "iq23", "codebook of 256 4-vectors of magnitudes, 7-bit sign words"),
    _ggml(21, "IQ3_S", 256, 110, "iq23", "codebook of 512 4-vectors of magnitudes, free signs"),
    # What qtui reads without a codec: activations and plain numbers.
    _ggml(9, "Q8_1", 32, 36, "", "32 signed bytes, an fp16 scale and an fp16 sum, for activations"),
    _ggml(15, "Q8_K", 256, 292, "", "256 signed bytes, a float32 scale and 16 sums, for activations"),
    _ggml(24, "I8", 1, 1, "", "whole numbers"),
    _ggml(25, "I16", 1, 2, "", "whole numbers"),
    _ggml(26, "I32", 1, 4, "", "whole numbers"),
    _ggml(27, "I64", 1, 8, "", "whole numbers"),
    _ggml(28, "F64", 1, 8, "", "double precision"),
)
BY_ID: dict[int, Format] = {kind.gguf_id: kind for kind in TYPES if kind.gguf_id is not None}
BY_NAME: dict[str, Format] = {kind.name: kind for kind in TYPES}

# Ids that ggml once used and no longer reads.
REMOVED: dict[int, str] = {
    4: "Q4_2",
    5: "Q4_3",
    31: "Q4_0_4_4",
    32: "Q4_0_4_8",
    33: "Q4_0_8_8",
    36: "IQ4_NL_4_4",
    37: "IQ4_NL_4_8",
    38: "IQ4_NL_8_8",
}


# Types of ik_llama.cpp, of which only the size is known here, with what each row has before its blocks: its
# `enum ggml_type` and block structs (ggml.h, ggml-common.h).
FORKED: dict[int, Format] = {
    id: Format(name, "ggml", block_size, block_bytes, "", "", row_bytes_extra=extra, can_encode=False, gguf_id=id)
    for id, name, block_size, block_bytes, extra in (
        (133, "Q6_0", 32, 26, 0),
        (137, "IQ2_K", 256, 76, 0),
        (138, "IQ3_K", 256, 110, 0),
        (139, "IQ4_K", 256, 144, 0),
        (140, "IQ5_K", 256, 176, 0),
        (141, "IQ6_K", 256, 212, 0),
        (144, "IQ4_KS", 256, 136, 4),
        (145, "IQ2_KS", 256, 70, 2),
        (146, "IQ4_KSS", 256, 128, 4),
        (152, "IQ5_KS", 256, 168, 4),
        (153, "IQ2_KT", 256, 68, 4),
        (154, "IQ3_KT", 256, 100, 4),
        (155, "IQ4_KT", 256, 128, 4),
        (156, "IQ3_KS", 256, 102, 2),
        (157, "IQ2_KL", 256, 86, 2),
        (158, "IQ1_KT", 256, 56, 4),
    )
}

FAMILY = FormatFamily("ggml", "llama.cpp's types (ggml)", tuple(kind for kind in TYPES if kind.codec_path))
