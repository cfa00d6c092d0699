"""Integer schemes as storage formats: int1 to int8 with options, as in "int4:asym,block=32,scale=fp16".

The grammar is in `qtui/compute/ints/scheme.py`, the rounding rules in `ints/rules.py`. "uint8" stands for
"int8:asym,rule=torchao": codes from 0, a zero point among them, and a range that reaches 0, as ONNX and PyTorch store
them. (Of their signed codes with a zero point, each is smaller by 2^(bits - 1), with the same values.)
"""

from __future__ import annotations

from qtui.compute.format import BLOCKS, Format, FormatFamily, turned
from qtui.compute.ints.scheme import IntScheme, parse_scheme

CLIPS = ("absmax", "99.9", "99", "mse", "kl")
SCALES = ("fp32", "fp16", "e8m0", "e4m3")


def _storage(scheme: IntScheme) -> Format:
    block_size, block_bytes = scheme.unit
    return Format(
        scheme.spec,
        "ints",
        block_size,
        block_bytes,
        scheme.describe(),
        "qtui.compute.ints.codec:IntCodec",
        row_bytes_extra=scheme.row_bytes,
        tensor_bytes_extra=scheme.tensor_bytes,
        codec_options=tuple(scheme._asdict().items()),
        scale_from_range=scheme.clip == "absmax" and not scheme.signs_only,
    )


def parse(spec: str) -> Format | None:
    """An integer scheme with options, or None where `spec` means something else. Raises FormatError for mistakes."""
    name, _, options = spec.partition(":")
    if name.startswith("uint") and name[4:].isdigit():
        return _storage(parse_scheme(f"{name[1:]}:asym,rule=torchao,{options}"))
    if not name.startswith("int") or not name[3:].isdigit():
        return None
    return _storage(parse_scheme(spec))


def scheme_of(fmt: Format) -> IntScheme | None:
    """The integer scheme behind `fmt`, None for a format of another family."""
    return IntScheme(**dict(fmt.codec_options)) if fmt.family == "ints" else None  # type: ignore[arg-type]


def _with_block(fmt: Format, block: int) -> str:
    """The spec of `fmt` with a scale for every `block` weights."""
    scheme = parse_scheme(fmt.name)
    # Formats in use store a block's scale as a half float; the float32 of a whole tensor is too long for a block.
    scale = scheme.scale if scheme.per == "block" or scheme.scale != "fp32" else "fp16"
    return _clippable(scheme._replace(per="block", block=block, scale=scale)).spec


def _clippable(scheme: IntScheme) -> IntScheme:
    """`scheme`, without a clip that goes by a histogram around 0 where it has none."""
    histogram = scheme.per != "block" and scheme.mode in ("sym", "symnc")
    return scheme if histogram or scheme.clip != "kl" else scheme._replace(clip="absmax")


def _turn(fmt: Format, what: str, by: int) -> str | None:
    """The spec of `fmt` with one of its options turned."""
    scheme = parse_scheme(fmt.name)
    if what == "bits":
        changed = scheme._replace(bits=min(max(scheme.bits + by, 1), 8))
    elif what == "range":
        changed = scheme._replace(mode=turned(("sym", "asym"), scheme.mode, by))
    elif what == "block":
        present = str(scheme.block) if scheme.per == "block" else scheme.per
        chosen = turned(BLOCKS, present, by)
        by_block = chosen.isdigit()
        # Blocks come with half floats in every format that is in use; a tensor's only scale is a float32.
        scale = scheme.scale
        if by_block != (scheme.per == "block") and scale in ("fp32", "fp16"):
            scale = "fp16" if by_block else "fp32"
        changed = scheme._replace(
            per="block" if by_block else chosen, block=int(chosen) if by_block else 0, scale=scale
        )
    elif what == "scale":
        changed = scheme._replace(scale=turned(SCALES, scheme.scale, by))
    elif what == "clip":
        changed = scheme._replace(clip=turned(CLIPS, scheme.clip, by))
    elif what == "rounding":
        changed = scheme._replace(rule=turned(("essay", "torchao"), scheme.rule, by), narrow=False)
    else:
        return None
    return _clippable(changed).spec


FAMILY = FormatFamily(
    "ints",
    "whole numbers with a scale (ints)",
    tuple(
        _storage(parse_scheme(spec))
        for spec in (
            *(f"int{bits}" for bits in range(8, 0, -1)),
            "int8:row",
            "int4:block=32,scale=fp16",
            "int4:asym,block=32,scale=fp16",
        )
    ),
    parse,
    _with_block,
    _turn,
)
