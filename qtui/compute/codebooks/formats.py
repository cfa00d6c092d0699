"""Codebooks: bitsandbytes' NF4, FP4 and dynamic 8-bit map, and a table that the user writes.

nf4                               4-bit indices, blocks of 64, a float32 absmax each (QLoRA)
nf4:double                        with one byte for an absmax: double quantization
bnb_fp4:block=128,scale=fp16      other blocks, 16-bit scales
codebook:values=-1/-0.4/-0.1/0/0.1/0.4/1,block=64
codebook:-1,-0.4,-0.1,0,0.1,0.4,1         the same
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from qtui.compute.format import BLOCKS, Format, FormatError, FormatFamily, fraction, turned, with_block_option
from qtui.error import whole_number

if TYPE_CHECKING:
    from fractions import Fraction

SCALE_BYTES = {"fp32": 4, "fp16": 2}
MIN_BLOCK, MAX_BLOCK, MAX_VALUES = 8, 4096, 256
SCALES_TOGETHER = 256
EXAMPLE = "codebook:values=-1/-0.4/0/0.4/1,block=64"

# name: table, values in it, block, description
_TABLES: dict[str, tuple[str, int, int, str]] = {
    "nf4": ("nf4", 16, 64, "NF4: 16 quantiles of a normal distribution, each block scaled by its absmax (QLoRA)"),
    "bnb_fp4": ("fp4", 16, 64, "bitsandbytes' FP4: 8 magnitudes from 0 to 1 and a sign, not the E2M1 of OCP"),
    "bnb_dynamic8": ("dynamic8", 256, 256, "bitsandbytes' dynamic 8-bit map: seven decades, finer near 1"),
}
_ALIASES = {"bnb_nf4": "nf4", "fp4_bnb": "bnb_fp4", "dynamic8": "bnb_dynamic8"}


class DoubledFormat(Format):
    """A format whose scales are stored as one byte each, with a float32 for every 256 of them in the tensor."""

    @property
    def bits_per_weight(self) -> Fraction:
        """Those of a block, and of the scales' own scales."""
        return super().bits_per_weight + fraction(32, self.block_size * SCALES_TOGETHER)

    def nbytes(self, shape: tuple[int, ...]) -> int:
        """Bytes of a tensor of `shape`: its blocks, and a float32 for every 256 scales."""
        rows = math.prod(shape[:-1])
        scales = rows * -(-(shape[-1] if shape else 1) // self.block_size)
        return super().nbytes(shape) + 4 * -(-scales // SCALES_TOGETHER)


def _storage(name: str, table: str, count: int, block: int, scale: str, double: bool, description: str) -> Format:
    bits = max((count - 1).bit_length(), 1)
    head = 1 if double else SCALE_BYTES[scale]
    return (DoubledFormat if double else Format)(
        name,
        "codebooks",
        block,
        head + -(-block * bits // 8),
        description,
        "qtui.compute.codebooks.codec:CodebookCodec",
        tensor_bytes_extra=4 if double else 0,
        codec_options=(("table", table), ("block", block), ("scale", scale), ("double", double)),
        decoding="table",
    )


def parse(spec: str) -> Format | None:
    """A codebook with options, or of the user's own values; None where `spec` means something else.

    Raises FormatError for mistakes.
    """
    name, _, rest = spec.partition(":")
    name = _ALIASES.get(name, name)
    if name not in _TABLES and name != "codebook":
        return None
    table, count, usual_block, description = _TABLES.get(name, ("", 0, 64, ""))
    if name == "codebook":
        rest = _with_values_named(rest)
    options = _options(name, rest)
    words = []
    if "values" in options:
        table, count = _values(options["values"])
        description = f"a codebook of {count} values"
        words.append(f"values={table}")
    if not table:
        raise FormatError(f"a codebook needs its values, as in {EXAMPLE}")
    block, scale, double = _block(options, usual_block), options.get("scale", "fp32"), "double" in options
    if scale not in SCALE_BYTES:
        raise FormatError(f"scale={scale} should be fp32 or fp16")
    if double and scale != "fp32":
        raise FormatError("double stores scales in a byte each: leave scale= out")
    words += [f"block={block}"] if block != usual_block else []
    words += [f"scale={scale}"] if scale != "fp32" else []
    if double:
        words.append("double")
        description += ", with doubly quantized scales"
    return _storage(name + (":" + ",".join(words) if words else ""), table, count, block, scale, double, description)


def _options(name: str, text: str) -> dict[str, str]:
    """The options in `text`, "block=64,double", with their values."""
    known = ("block", "scale", *(("values",) if name == "codebook" else ()))
    options = {}
    for word in (part.strip() for part in text.split(",")):
        option, sign, value = (part.strip() for part in word.partition("="))
        if word and not (option in known if sign else word == "double"):
            raise FormatError(f"{word!r} is no option of {name}: it takes block=64, scale=fp16, double")
        if word:
            options[option] = value
    return options


def _block(options: dict[str, str], usual: int) -> int:
    text = options.get("block", str(usual))
    block = whole_number(text)
    if block is None or not MIN_BLOCK <= block <= MAX_BLOCK:
        raise FormatError(f"block={text} should be a whole number from {MIN_BLOCK} to {MAX_BLOCK}")
    return block


def _with_values_named(rest: str) -> str:
    """The options of a codebook, numbers that stand among them put together as `values=`."""
    words = rest.split(",")
    numbers = [word.strip() for word in words if word.strip() and word.strip(" +-.0123456789eE/") == ""]
    others = [word for word in words if word.strip() not in numbers]
    return ",".join(([f"values={'/'.join(numbers)}"] if numbers else []) + others)


def _values(text: str) -> tuple[str, int]:
    """The values of a codebook, as they are written, and how many they are."""
    try:
        values = [float(value) for value in text.split("/")]
    except ValueError:
        raise FormatError(f"values={text} should be numbers between slashes, as in {EXAMPLE}") from None
    if not 2 <= len(values) <= MAX_VALUES or len(set(values)) != len(values):
        raise FormatError(
            f"a codebook has 2 to {MAX_VALUES} different values, not {len(set(values))} in {len(values)}"
        )
    if not all(math.isfinite(value) and abs(value) <= 1e30 for value in values) or max(map(abs, values)) < 1e-30:
        raise FormatError("values of a codebook should be finite, none beyond 1e30 and the largest above 1e-30")
    return "/".join(f"{value:.9g}" for value in values), len(values)


def _with_block(fmt: Format, block: int) -> str:
    """The spec of `fmt` with a scale for every `block` weights."""
    return with_block_option(fmt, block, dict(fmt.codec_options)["block"])


def _turn(fmt: Format, what: str, by: int) -> str | None:
    """The spec of `fmt` with another block or another type of scales."""
    options = dict(fmt.codec_options)
    name, _, rest = fmt.name.partition(":")
    words = [word for word in rest.split(",") if word.startswith("values=")]
    block, scale = str(options["block"]), "double" if options["double"] else str(options["scale"])
    if what == "block":
        block = turned(BLOCKS[4:], block, by)
    elif what == "scale":
        scale = turned(("fp32", "fp16", "double"), scale, by)
    else:
        return None
    words += [f"block={block}", "double" if scale == "double" else f"scale={scale}"]
    return f"{name}:{','.join(words)}"


FAMILY = FormatFamily(
    "codebooks",
    "tables of values (codebooks)",
    tuple(fmt for fmt in map(parse, ("nf4", "nf4:double", "bnb_fp4", "bnb_dynamic8")) if fmt is not None),
    parse,
    _with_block,
    _turn,
)
